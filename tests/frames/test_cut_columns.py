"""Columns of wide entries are cut out on the members, and are what a scan of whole entries makes of them."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

import hzdata
from hzdata import Client, LocalCluster
from hzdata.core.predicate import less, not_equal
from hzdata.frames import projected, tables

pytestmark = [pytest.mark.usefixtures("both_kernels"), pytest.mark.newer]

ROWS = 120
KINDS: dict[str, tuple[pa.DataType, Any]] = {
    "flag": (pa.bool_(), True),
    "byte": (pa.int8(), -7),
    "short": (pa.int16(), 300),
    "int": (pa.int32(), 2**31 - 1),
    "long": (pa.int64(), 2**62),
    "single": (pa.float32(), 0.1),
    "double": (pa.float64(), 0.1),
    "money": (pa.decimal128(20, 2), Decimal("-12.50")),
    "text": (pa.string(), "längst"),
    "day": (pa.date32(), date(2024, 2, 29)),
    "clock": (pa.time64("ns"), time(23, 59, 1, 5)),
    "when": (pa.timestamp("ns"), datetime(2024, 2, 29, 1, 2, 3, 4)),
    "instant": (pa.timestamp("ns", "UTC"), datetime(2024, 2, 29, 1, 2, 3, 4, UTC)),
}


def some(numbers: range, **types: pa.DataType) -> pa.Table:
    """Every third value is null, and a whole column; each row is wide."""
    columns = {
        name: pa.array([None if i % 3 == 1 else value for i in numbers], arrow)
        for name, (arrow, value) in KINDS.items()
    }
    columns |= {"id": pa.array(numbers), "nothing": pa.nulls(len(numbers), pa.int16())}
    return pa.table(columns | {"lists": [[1]] * len(numbers), "filling": ["x" * 6_000] * len(numbers)})


@pytest.fixture(scope="module")
def wide(cluster: LocalCluster) -> str:
    hzdata.to_hz_map(some(range(ROWS)), "wide", "id", client=cluster.client)
    return "wide"


@pytest.fixture
def cut(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """What was cut out, by each scan."""
    found: list[list[str]] = []

    def noted(*arguments: Any) -> list[str]:
        found.append(projected.worth_cutting(*arguments))
        return found[-1]

    monkeypatch.setattr(tables, "worth_cutting", noted)
    return found


def whole(monkeypatch: pytest.MonkeyPatch, *arguments: Any, **options: Any) -> tuple[pd.DataFrame, pa.Table]:
    with monkeypatch.context() as patch:
        patch.setattr(tables, "worth_cutting", lambda *_: [])
        return both(*arguments, **options)


def both(*arguments: Any, **options: Any) -> tuple[pd.DataFrame, pa.Table]:
    frame = hzdata.read_map(*arguments, **options).sort_values("id", ignore_index=True)
    return frame, hzdata.scan_map(*arguments, **options).read_all().sort_by("id")


@pytest.mark.parametrize("options", [{}, {"key": False}, {"where": less("id", 50)}, {"timestamp_unit": "us"}], ids=str)
def test_all_kinds_of_columns_are_those_of_a_scan(
    client: Client, wide: str, options: dict[str, Any], cut: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    columns = ["id", *KINDS, "nothing"]
    frame, table = both(wide, columns, **options)
    assert cut == [[*(["__key"] if options.get("key", True) else []), *columns]] * 2
    expected, expected_table = whole(monkeypatch, wide, columns, **options)
    pd.testing.assert_frame_equal(frame, expected)
    assert table.equals(expected_table)
    assert len(frame) == (50 if "where" in options else ROWS)


def test_fields_that_some_schemas_lack_or_have_wider_are_those_of_a_scan(
    client: Client, unique_name: str, cut: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    table = some(range(60))
    hzdata.to_hz_map(table, unique_name, "id")
    place = table.column_names.index("int")
    wider = some(range(60, 99)).set_column(place, "int", pa.array([2**31 - 1] * 39, pa.int64())).drop(["text"])
    hzdata.to_hz_map(wider, unique_name, "id", mapping=False, if_exists="append")
    columns = ["text", "int", "id", "day"]
    frame, table = both(unique_name, columns)
    assert all(cut[-2:])
    expected, expected_table = whole(monkeypatch, unique_name, columns)
    pd.testing.assert_frame_equal(frame, expected)
    assert table.equals(expected_table)


@pytest.mark.parametrize("options", [{}, {"where": not_equal("__key", -1)}], ids=["all", "where"])
def test_a_later_value_that_has_no_fields_is_read_all_the_same(
    client: Client, unique_name: str, options: Any, cut: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    hzdata.to_hz_map(some(range(ROWS)), unique_name, "id")
    count = client.partition_service.get_partition_count()
    key = next(i for i in itertools.count(1) if client.partition_service.get_partition_id(f"k{i}") == count - 1)
    client.get_map(unique_name).set(f"k{key}", "text").result()
    monkeypatch.setattr("hzdata.frames.tables.BATCH_BYTES", 1)
    frame = hzdata.read_map(unique_name, ["id", "day"], key=False, **options)
    assert cut[-1] == ["id", "day"]
    assert set(frame["id"].dropna()) == {*range(ROWS)}
    assert len(frame) == ROWS + 1
    assert frame["id"].isna().sum() == 1


@pytest.mark.parametrize("columns", [["id", "lists"], ["id", "filling"], ["id", "nope"]], ids=str)
def test_what_cannot_be_told_or_saves_nothing_is_not_cut(
    client: Client, wide: str, columns: list[str], cut: list[list[str]]
) -> None:
    if "nope" in columns:
        with pytest.raises(KeyError, match="'nope'"):
            hzdata.read_map(wide, columns)
    else:
        assert list(hzdata.read_map(wide, columns, key=False).columns) == columns
    assert cut == [[]]


def test_narrow_entries_and_maps_without_a_mapping_are_read_whole(
    client: Client, unique_name: str, cut: list[list[str]]
) -> None:
    hzdata.to_hz_map(some(range(9)).drop(["filling"]), unique_name, "id")
    hzdata.to_hz_map(some(range(9)), unique_name + "_bare", "id", mapping=False)
    for name in (unique_name, unique_name + "_bare"):
        assert len(hzdata.read_map(name, ["id", "day"])) == 9
    assert cut == [[], []]


def test_aggregates_read_no_more_than_they_need(client: Client, wide: str, cut: list[list[str]]) -> None:
    found = hzdata.aggregate(wide, {"int": ["count"]}, less("money", Decimal(0)), "day")
    assert found["int", "count"].tolist() == [ROWS * 2 // 3]
    assert cut[-1] == ["day", "int"]
