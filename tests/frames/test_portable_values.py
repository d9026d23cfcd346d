"""Frames loaded as Portable objects: for members that know no Compact."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings

import hzdata
from hzdata import Client
from hzdata.core.config import Config
from hzdata.core.serialization.api import Portable
from hzdata.core.serialization.service import SerializationService
from hzdata.frames.columns.entries import EntryWriter
from hzdata.frames.columns.keys import PlainKey
from hzdata.frames.columns.portable import PORTABLE_TYPES, PortableClass, PortableValue
from hzdata.frames.errors import ColumnTypeError, ColumnValueError
from hzdata.frames.types import home_of

from .arrow_columns import tables
from .test_entries import arrays_of, messages, payload, python_values

pytestmark = pytest.mark.usefixtures("both_kernels")

DATE = pd.ArrowDtype(pa.date32())
FRAME = pd.DataFrame(
    {
        "id": pd.array(range(500), dtype="Int64"),
        "text": pd.Series([None if i % 7 == 0 else f"text {i}" for i in range(500)], dtype="str"),
        "when": pd.to_datetime(["2020-01-01"] * 500) + pd.to_timedelta(np.arange(500) * 1_000_001),
        "day": pd.array([None if i % 5 == 0 else date(2020, 1, 1 + i % 28) for i in range(500)], dtype=DATE),
        "flag": pd.array([i % 3 == 0 for i in range(500)], dtype="boolean"),
        "x": np.linspace(-1, 1, 500),
    }
).astype({"when": "datetime64[ns]"})  # fmt: skip

_METHODS = {
    1: "byte", 2: "boolean", 4: "short", 5: "int", 6: "long", 7: "float", 8: "double", 9: "string", 20: "decimal",
    22: "time", 24: "date", 26: "timestamp", 28: "timestamp_with_timezone",
}  # fmt: skip


def is_portable(table: pa.Table) -> bool:
    for field in table.schema:
        if not field.name.isascii():
            return False
        kind = home_of(field.name, field.type).field_kind
        if kind not in PORTABLE_TYPES or (PORTABLE_TYPES[kind] < 9 and table[field.name].null_count):
            return False
    return True


@given(table=tables())
@settings(suppress_health_check=[HealthCheck.filter_too_much], max_examples=60)
def test_the_bytes_are_those_that_the_client_writes(table: pa.Table) -> None:
    table = table.select([name for name in table.column_names if is_portable(table.select([name]))])
    arrays = arrays_of(table)
    fields = [(f.name, home_of(f.name, f.type).field_kind) for f in table.schema]
    count = table.num_rows
    keys = {"k": pa.array(range(count), pa.int64())}
    key = PlainKey("k", home_of("k", pa.int64()).field_kind)
    chunks = EntryWriter("m", key, PortableValue(PortableClass(3, 4, 5), fields), 271).write(count, keys, arrays)

    class Row(Portable):
        def __init__(self, row: int) -> None:
            self.row = row

        def write_portable(self, writer: Any) -> None:
            for name, kind in fields:
                getattr(writer, f"write_{_METHODS[PORTABLE_TYPES[kind]]}")(name, values[name][self.row])

        def get_factory_id(self) -> int:
            return 3

        def get_class_id(self) -> int:
            return 4

        def get_class_version(self) -> int:
            return 5

    values = {name: python_values(array) for name, array in arrays.items()}
    service = SerializationService(Config())
    for chunk in chunks:
        (message,) = messages(chunk)
        for i, row in enumerate(chunk.rows.tolist()):
            assert payload(message, 4 + 2 * i) == bytes(service.to_data(Row(row)))  # type: ignore[arg-type]


def by_id(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.sort_values("id", ignore_index=True)


def test_a_frame_comes_back_by_sql_and_by_scan(client: Client, unique_name: str) -> None:
    report = FRAME.to_hz_map(unique_name, key="id", format="portable")
    assert report.rows_placed == 500
    pd.testing.assert_frame_equal(by_id(hzdata.read_sql(f"SELECT * FROM {unique_name}")), FRAME)
    pd.testing.assert_frame_equal(by_id(hzdata.read_map(unique_name, key=False)), FRAME)
    assert hzdata.read_sql(f"SELECT id FROM {unique_name} WHERE __key = 7")["id"].tolist() == [7]


def test_rows_are_appended_in_the_class_that_is_there(client: Client, unique_name: str) -> None:
    FRAME.head(100).to_hz_map(unique_name, key="id", format="portable", type_name="7:8:9")
    FRAME.tail(400).to_hz_map(unique_name, key="id", format="portable", if_exists="append")
    assert hzdata.describe(unique_name).attrs["type_names"] == ["7:8:9"]
    pd.testing.assert_frame_equal(by_id(hzdata.read_map(unique_name, key=False)), FRAME)


def test_a_key_of_several_columns(client: Client, unique_name: str) -> None:
    frame = FRAME.dropna()
    frame.to_hz_map(unique_name, key=["id", "text"], format="portable")
    read = by_id(hzdata.read_map(unique_name))
    assert read["__key.text"].tolist() == frame["text"].tolist()
    assert hzdata.read_sql(f'SELECT "text" FROM {unique_name} WHERE id = 8')["text"].tolist() == ["text 8"]


def test_what_portable_has_no_room_for_is_refused_before_the_first_row(client: Client, unique_name: str) -> None:
    with pytest.raises(ColumnValueError, match="column 'n', row 1: it is null, and Portable has no null for BIGINT"):
        pd.DataFrame({"n": pd.array([1, None], "Int64")}).to_hz_map(unique_name, format="portable")
    with pytest.raises(ColumnTypeError, match=r"column 'items': .*lists and bytes are not written as Portable"):
        hzdata.to_hz_map(pa.table({"id": [1], "items": [[1]]}), unique_name, "id", format="portable")
    with pytest.raises(ColumnTypeError, match="ASCII"):
        pd.DataFrame({"größe": [1]}).to_hz_map(unique_name, format="portable")
    with pytest.raises(ColumnValueError, match="does not fit DATE as Portable"):
        hzdata.to_hz_map(pa.table({"d": pa.array([2**30], pa.date32())}), unique_name, format="portable")
    with pytest.raises(ValueError, match=r'type_name=.*"factory:class"'):
        FRAME.to_hz_map(unique_name, key="id", format="portable", type_name="rows")
    assert client.get_map(unique_name).blocking().size() == 0
