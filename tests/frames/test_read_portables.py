"""Maps of Portable values by column: what the client reads value by value, as a DataFrame."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC
from typing import Any

import pandas as pd
import pytest

import hzdata
from hzdata import Client, LocalCluster
from hzdata.core.predicate import greater
from hzdata.core.serialization.api import Portable
from hzdata.core.serialization.portable.classdef import ClassDefinitionBuilder
from tests.core.serialization.test_portable import ARRAYS, NULLABLE, VALUES, ZONED, OurEverything, OurInner

pytestmark = pytest.mark.usefixtures("both_kernels")


class Versioned(Portable):
    """One class, written by programs of two ages."""

    def __init__(self, version: int = 1, **values: Any) -> None:
        self.version, self.values = version, values

    def write_portable(self, writer: Any) -> None:
        writer.write_string("name", self.values["name"])
        if self.version == 1:
            writer.write_int("age", self.values["age"])
        else:
            writer.write_double("age", self.values["age"])
            writer.write_boolean("is_new", True)

    def get_factory_id(self) -> int:
        return 1

    def get_class_id(self) -> int:
        return 3

    def get_class_version(self) -> int:
        return self.version


@pytest.fixture(scope="module", params=[True, False], ids=["big endian", "little endian"])
def writer(request: pytest.FixtureRequest, cluster: LocalCluster) -> Iterator[Client]:
    inner = ClassDefinitionBuilder(1, 2).add_int_field("number").build()
    client = cluster.connect(class_definitions=[inner], is_big_endian=request.param)
    yield client
    client.shutdown()


def test_every_type_of_field_is_a_column(writer: Client, unique_name: str) -> None:
    nothing = {**VALUES, **ARRAYS} | dict.fromkeys((*NULLABLE, *ARRAYS))
    m = writer.get_map(unique_name).blocking()
    m.set(1, OurEverything({**VALUES, **ARRAYS}, OurInner(5)))
    m.set(2, OurEverything(nothing, None))
    empty: dict[str, Any] = {
        **{key: [] for key in ARRAYS},
        "byte_array": bytearray(),
        "string_array": ["", "a", "längst"],
    }
    m.set(3, OurEverything({**VALUES, **empty, "string": ""}, OurInner(-1)))
    table = hzdata.scan_map(unique_name, client=writer).read_all().sort_by("__key")
    first, second, third = table.to_pylist()
    for name, value in {**VALUES, "timestamp_with_timezone": ZONED.astimezone(UTC)}.items():
        assert first[f"a_{name}"] == value, name
        assert second[f"a_{name}"] == (None if name in NULLABLE else value), name
        items: Any = bytes(ARRAYS["byte_array"]) if name == "byte" else [value, value]
        assert first[f"a_{name}_array"] == items, name
        assert second[f"a_{name}_array"] is None
        assert third[f"a_{name}_array"] == {"string": ["", "a", "längst"], "byte": b""}.get(name, []), name
    assert [row["inner"] for row in (first, second, third)] == [{"number": 5}, None, {"number": -1}]
    assert first["inners"] == [{"number": 1}, {"number": 2}]
    frame = hzdata.read_map(unique_name, ["a_long", "a_date", "inner"], client=writer)
    assert [str(dtype) for dtype in frame.dtypes] == [
        "Int32", "Int64", "date32[day][pyarrow]", "struct<number: int32>[pyarrow]",
    ]  # fmt: skip


def test_versions_of_a_class_lie_below_each_other(writer: Client, unique_name: str) -> None:
    m = writer.get_map(unique_name).blocking()
    for i in range(40):
        m.set(i, Versioned(1 + i % 2, name=f"n{i}", age=i))
    frame = hzdata.read_map(unique_name, client=writer).sort_values("__key", ignore_index=True)
    assert frame["name"].tolist() == [f"n{i}" for i in range(40)]
    assert frame["age"].tolist() == [float(i) for i in range(40)]
    assert frame["is_new"].isna().tolist() == [i % 2 == 0 for i in range(40)]


def test_a_predicate_is_evaluated_on_the_members(client: Client, unique_name: str) -> None:
    m = client.get_map(unique_name).blocking()
    for i in range(40):
        m.set(Versioned(1, name=f"k{i}", age=i), Versioned(1, name=f"n{i}", age=i))
    frame = hzdata.read_map(unique_name, where=greater("age", 30)).sort_values("age", ignore_index=True)
    assert frame["name"].tolist() == [f"n{i}" for i in range(31, 40)]
    assert frame["__key.name"].tolist() == [f"k{i}" for i in range(31, 40)]
    pd.testing.assert_frame_equal(
        frame,
        hzdata.read_map(unique_name).query("age > 30").sort_values("age", ignore_index=True)[list(frame.columns)],
    )


def test_sql_reads_and_writes_them_through_an_inferred_mapping(client: Client, unique_name: str) -> None:
    m = client.get_map(unique_name).blocking()
    m.set(1, Versioned(1, name="a", age=5))
    described = hzdata.describe(unique_name).set_index("column")
    assert described.loc["name"].tolist() == ["value", "portable", "VARCHAR", "str"]
    assert hzdata.describe(unique_name).attrs["type_names"] == ["1:3:1"]
    hzdata.create_mapping(unique_name)
    # SQL writes the fields in another order than the class: of the mapping's columns.
    client.sql.execute(f"INSERT INTO {unique_name} (__key, age, name) VALUES (2, 6, 'b')").result()
    expected = pd.DataFrame({"name": ["a", "b"], "age": pd.array([5, 6], "Int32")})
    by_sql = hzdata.read_sql(f"SELECT name, age FROM {unique_name} ORDER BY __key")
    pd.testing.assert_frame_equal(by_sql, expected.astype({"name": "str"}))
    by_scan = hzdata.read_map(unique_name, ["name", "age"]).sort_values("__key", ignore_index=True)
    pd.testing.assert_frame_equal(by_scan.drop(columns="__key"), by_sql)
