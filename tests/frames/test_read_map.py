"""Whole maps as DataFrames: what was loaded comes back, whatever it is, and whoever dies meanwhile."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import hzdata
from hzdata import Client, LocalCluster
from hzdata.core.core import HazelcastJsonValue
from hzdata.core.errors import HazelcastClientNotActiveError
from hzdata.core.predicate import and_, equal, greater, instance_of, not_equal, paging, sql, true
from hzdata.frames.errors import ColumnTypeError, ColumnValueError

pytestmark = pytest.mark.usefixtures("both_kernels")

ROWS = 3_000
FRAME = pd.DataFrame(
    {
        "id": np.arange(ROWS),
        "number": pd.array([None if i % 7 == 0 else i for i in range(ROWS)], dtype="Int32"),
        "text": pd.array([None if i % 5 == 0 else f"täxt {i}" * (i % 40) for i in range(ROWS)], dtype="str"),
        "when": pd.date_range("2020-01-01", periods=ROWS, freq="37min"),
        "day": pd.array([date(2020, 1, 1 + i % 28) for i in range(ROWS)], dtype=pd.ArrowDtype(pa.date32())),
        "flag": pd.array([i % 3 == 0 for i in range(ROWS)], dtype="boolean"),
        "x": np.linspace(-1, 1, ROWS),
    }
).astype({"id": "Int64", "when": "datetime64[ns]"})


@pytest.fixture(scope="module")
def loaded(cluster: LocalCluster) -> str:
    FRAME.to_hz_map("read_map", key="id", client=cluster.client)
    return "read_map"


def by_id(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.sort_values("id", ignore_index=True)


def test_a_loaded_frame_comes_back_as_it_was(client: Client, loaded: str) -> None:
    frame = hzdata.read_map(loaded)
    assert list(frame.columns) == ["__key", *FRAME.columns]
    assert (frame["__key"] == frame["id"]).all()
    pd.testing.assert_frame_equal(by_id(frame).drop(columns="__key"), FRAME)
    pd.testing.assert_frame_equal(by_id(frame).drop(columns="__key"), by_id(hzdata.read_sql(f"SELECT * FROM {loaded}")))
    pd.testing.assert_frame_equal(by_id(client.read_map(loaded, key=False)), FRAME)


def test_columns_are_those_asked_for_in_their_order(client: Client, loaded: str) -> None:
    frame = hzdata.read_map(loaded, columns=["x", "id"], key=False)
    pd.testing.assert_frame_equal(by_id(frame), FRAME[["x", "id"]])
    assert list(hzdata.read_map(loaded, columns=[]).columns) == ["__key"]
    with pytest.raises(KeyError, match="no value of the map has a field 'nope'"):
        hzdata.read_map(loaded, columns=["id", "nope"])
    with pytest.raises(TypeError, match=r"pass a list of names, such as \['id'\]"):
        hzdata.read_map(loaded, columns="id")


@pytest.mark.parametrize("value", [{"a": 1, "b": [1]}, "[1]", 7])
def test_no_columns_are_rows_without_any(client: Client, loaded: str, unique_name: str, value: Any) -> None:
    value = HazelcastJsonValue(value) if value != 7 else value
    client.get_map(unique_name).blocking().put_all({1: value, 2: "text", 3: HazelcastJsonValue({})})
    for name, rows in ((unique_name, 3), (loaded, ROWS)):
        for where in (None, true()):
            assert hzdata.read_map(name, [], where, key=False).shape == (rows, 0)
            table = hzdata.scan_map(name, [], where, key=False).read_all()
            assert (table.num_rows, table.column_names) == (rows, [])


def test_a_nested_column_can_be_alone(client: Client, unique_name: str) -> None:
    client.get_map(unique_name).blocking().put(1, HazelcastJsonValue({"a": 1, "b": [1]}))
    assert hzdata.read_map(unique_name, ["b"], key=False)["b"].map(list).to_list() == [[1]]


def test_a_predicate_is_evaluated_on_the_members(client: Client, loaded: str) -> None:
    frame = hzdata.read_map(loaded, where=and_(greater("x", 0.5), equal("flag", True)))
    expected = FRAME[(FRAME.x > 0.5) & FRAME.flag].reset_index(drop=True)
    pd.testing.assert_frame_equal(by_id(frame).drop(columns="__key"), expected)
    assert (by_id(frame)["__key"] == expected["id"]).all()
    some = hzdata.read_map(loaded, ["text"], sql("id < 10"), key=False)
    assert list(some.columns) == ["text"]
    assert len(some) == 10
    assert len(hzdata.read_map(loaded, where=equal("id", -1))) == 0
    with pytest.raises(TypeError, match="no page"):
        hzdata.read_map(loaded, where=paging(None, 5))


def test_dtype_backends(client: Client, loaded: str) -> None:
    frame = hzdata.read_map(loaded, dtype_backend="pyarrow")
    assert all(isinstance(dtype, pd.ArrowDtype) for dtype in frame.dtypes)
    nullable = hzdata.read_map(loaded, dtype_backend="numpy_nullable")
    assert str(nullable.dtypes["x"]) == "Float64"


def test_a_scan_streams_batches(client: Client, loaded: str) -> None:
    with hzdata.scan_map(loaded, key=False) as reader:
        assert reader.schema.names == list(FRAME.columns)
        table = reader.read_all()
    assert table.num_rows == ROWS
    assert table.sort_by("id")["text"].to_pylist() == [None if pd.isna(v) else v for v in FRAME["text"]]
    schema = pa.schema({"id": pa.float64(), "new": pa.string()})
    table = hzdata.scan_map(loaded, ["id"], key=False, schema=schema).read_all()
    assert table.schema == schema
    assert table["new"].null_count == ROWS


@pytest.mark.parametrize(
    ("entries", "key_type", "value_type"),
    [
        ({1: "a", 2: "b"}, "Int32", "str"),
        ({"k": 1.5, "l": -2.0}, "str", "float64"),
        ({"k": True, "l": False}, "str", "boolean"),
        ({1: 5, 2: 6}, "Int32", "Int32"),
    ],
)
def test_plain_values_are_one_column(
    client: Client, unique_name: str, entries: dict[Any, Any], key_type: str, value_type: str
) -> None:
    client.get_map(unique_name).put_all(entries).result()
    frame = hzdata.read_map(unique_name)
    assert [str(dtype) for dtype in frame.dtypes] == [key_type, value_type]
    assert dict(zip(frame["__key"], frame["this"], strict=True)) == entries
    assert len(hzdata.read_map(unique_name, where=equal("this", next(iter(entries.values()))))) == 1


def test_json_values_are_columns_by_field(client: Client, unique_name: str) -> None:
    m = client.get_map(unique_name).blocking()
    m.put("a", HazelcastJsonValue({"n": 1, "t": "x\n", "nested": {"y": [1, 2]}}))
    m.put("b", HazelcastJsonValue('{"n": null,\n "more": 2.5}'))
    frame = hzdata.read_map(unique_name).set_index("__key").sort_index()
    assert frame["n"].tolist() == [1, pd.NA]
    assert frame.loc["a", "t"] == "x\n"
    assert frame.loc["a", "nested"] == {"y": [1, 2]}
    assert frame.loc["b", "more"] == 2.5
    m.put("c", HazelcastJsonValue("[1, 2]"))
    assert set(hzdata.read_map(unique_name, key=False)["this"]) >= {"[1, 2]"}


def test_schemas_that_differ_are_unified(client: Client, unique_name: str) -> None:
    pd.DataFrame({"id": [1, 2], "a": pd.array([1, 2], dtype="Int32"), "old": ["x", "y"]}).to_hz_map(
        unique_name, key="id", mapping=False
    )
    pd.DataFrame({"id": [3], "a": pd.array([2**40], dtype="Int64"), "new": [0.5]}).to_hz_map(
        unique_name, key="id", mapping=False, if_exists="append"
    )
    frame = by_id(hzdata.read_map(unique_name, key=False))
    assert frame["a"].tolist() == [1, 2, 2**40]
    assert str(frame.dtypes["a"]) == "Int64"
    assert frame["old"].tolist()[:2] == ["x", "y"]
    assert pd.isna(frame["old"][2])
    assert pd.isna(frame["new"][0])


def test_compound_keys_decimals_lists_and_bytes(client: Client, unique_name: str) -> None:
    table = pa.table(
        {
            "a": pa.array([1, 2], pa.int32()),
            "b": ["x", "y"],
            "amount": pa.array([Decimal("1.50"), None], pa.decimal128(10, 2)),
            "items": [[1, 2], None],
            "raw": [b"\0\1", b""],
        }
    )
    hzdata.to_hz_map(table, unique_name, key=["a", "b"])
    frame = hzdata.read_map(unique_name, coerce_float=False).sort_values("a", ignore_index=True)
    assert frame["__key.a"].tolist() == [1, 2]
    assert frame["__key.b"].tolist() == ["x", "y"]
    assert frame["amount"].tolist()[0] == Decimal("1.5")
    assert list(frame["items"][0]) == [1, 2]
    assert frame["items"].isna().tolist() == [False, True]
    assert hzdata.read_map(unique_name).sort_values("a")["amount"].tolist()[0] == 1.5


def test_a_map_that_is_not_there_is_warned_of_and_stays_away(client: Client, loaded: str) -> None:
    for read in (hzdata.read_map, hzdata.scan_map):
        with pytest.warns(UserWarning, match="there is no map 'raed_map': did you mean 'read_map'"):
            read("raed_map")
        with pytest.warns(UserWarning, match=r"there is no map '☃': hzdata.maps\(\)"):
            read("☃")
    assert not {"raed_map", "☃"} & set(hzdata.maps()["name"])


@pytest.mark.parametrize("look", [hzdata.head, hzdata.describe])
def test_a_look_at_a_map_that_is_not_there_warns_and_creates_none(client: Client, loaded: str, look: Any) -> None:
    with pytest.warns(UserWarning, match=f"there is no map 'reed_map': did you mean '{loaded}'") as caught:
        assert look("reed_map").empty
    assert caught[0].filename == __file__
    assert "reed_map" not in hzdata.maps()["name"].tolist()


def test_keys_can_be_named_among_the_columns(client: Client, loaded: str, unique_name: str) -> None:
    FRAME.head(9).to_hz_map(unique_name, key=["id", "flag"], mapping=False)
    for key in (True, False):
        assert list(hzdata.read_map(loaded, ["__key"], key=key).columns) == ["__key"]
        assert list(hzdata.read_map(loaded, ["x", "__key"], key=key).columns) == ["__key", "x"]
        for name in ("__key", "__key.id"):
            assert set(hzdata.read_map(unique_name, [name, "x"], key=key)) == {"__key.id", "__key.flag", "x"}
            assert set(hzdata.scan_map(unique_name, [name], key=key).schema.names) == {"__key.id", "__key.flag"}
    with pytest.raises(KeyError, match="__key\\.nope"):
        hzdata.read_map(unique_name, ["__key.nope"])


@pytest.mark.filterwarnings("ignore:there is no map")
def test_an_empty_map_is_an_empty_frame(client: Client, unique_name: str) -> None:
    assert len(hzdata.read_map(unique_name)) == 0
    assert hzdata.scan_map(unique_name).read_all().num_rows == 0
    pd.DataFrame({"id": [1]}).head(0).to_hz_map(unique_name, key="id")
    assert len(hzdata.read_map(unique_name, columns=["id"])) == 0


def test_what_is_no_column_is_refused_with_the_way_out(client: Client, unique_name: str) -> None:
    m = client.get_map(unique_name).blocking()
    m.set(1, {1, 2})
    with pytest.raises(ColumnTypeError, match=r"is no column.*entry_set"):
        hzdata.read_map(unique_name)


def test_a_scan_ends_with_its_client(cluster: LocalCluster, loaded: str) -> None:
    client = cluster.connect()
    client.shutdown()
    with pytest.raises(HazelcastClientNotActiveError):
        client.read_map(loaded)


def test_maps_are_listed_with_their_sizes(client: Client, loaded: str, unique_name: str) -> None:
    client.get_map(unique_name).put(1, 1).result()
    listed = hzdata.maps().set_index("name")
    assert listed.loc[loaded, "entries"] == ROWS
    assert listed.loc[[loaded, unique_name], "mapping"].tolist() == [True, False]


def test_a_map_is_described_by_a_look_at_it(client: Client, loaded: str, unique_name: str) -> None:
    described = hzdata.describe(loaded).set_index("column")
    assert described.loc["__key"].tolist() == ["key", "bigint", "BIGINT", "Int64"]
    assert described.loc["when"].tolist() == ["value", "compact", "TIMESTAMP", "datetime64[ns]"]
    assert hzdata.describe(loaded).attrs == {"entries": ROWS, "type_names": [loaded]}
    assert len(hzdata.head(loaded, 7)) == 7
    assert list(hzdata.head(loaded).columns) == ["__key", *FRAME.columns]
    with pytest.warns(UserWarning, match="there is no map"):
        assert len(hzdata.describe(unique_name)) == 0
    with pytest.raises(ValueError, match="n=0"):
        hzdata.head(loaded, 0)


MIXED: dict[str, dict[Any, Any]] = {
    "int (3), varchar (1)": {1: 7, 2: 8, 3: 9, 4: "x"},
    "boolean (1), int (1)": {1: True, 2: 7},
    "date (1), varchar (2)": {1: date(2024, 2, 29), 2: "x", 3: "y"},
    "pickle (1), int (2)": {1: {5}, 2: 7, 3: 8},
}


@pytest.mark.parametrize("kinds", MIXED)
def test_what_does_not_go_together_is_described_and_shown_as_text(client: Client, unique_name: str, kinds: str) -> None:
    entries = MIXED[kinds]
    client.get_map(unique_name).put_all(entries).result()
    described = hzdata.describe(unique_name).set_index("column")
    assert sorted(described.loc["this", "kind"].split(", ")) == sorted(kinds.replace("int", "integer").split(", "))
    assert described.loc["this", "type":].tolist() == ["VARCHAR", "str"]
    shown = hzdata.head(unique_name).set_index("__key")["this"].to_dict()
    assert shown == {key: "<pickle>" if isinstance(value, set) else str(value) for key, value in entries.items()}
    with pytest.raises(ColumnTypeError, match="'this'"):
        hzdata.read_map(unique_name)


def test_values_of_several_kinds_are_refused_with_a_remedy_that_works(client: Client, unique_name: str) -> None:
    client.get_map(unique_name).put_all({1: 7, "k": "x"}).result()
    with pytest.raises(ColumnTypeError, match=r"'this': .*where=instance_of\('java.lang.String'\)"):
        hzdata.read_map(unique_name, key=False)
    assert hzdata.read_map(unique_name, where=instance_of("java.lang.String"))["this"].tolist() == ["x"]
    assert hzdata.read_map(unique_name, where=instance_of("java.lang.Integer"))["this"].tolist() == [7]
    client.get_map(unique_name).put("k", 8).result()
    with pytest.raises(ColumnTypeError, match=r"'__key': .* string and int32; pass key=False"):
        hzdata.read_map(unique_name)
    assert sorted(hzdata.read_map(unique_name, key=False)["this"]) == [7, 8]


def test_integers_that_no_float_holds_are_refused_beside_floats(client: Client, unique_name: str) -> None:
    for name, value, dtype in ((1, 2**60 + 1, "Int64"), (2, 0.5, "Float64")):
        frame = pd.DataFrame({"id": [name], "a": pd.array([value], dtype=dtype)})
        frame.to_hz_map(unique_name, key="id", mapping=False, if_exists="append")
    with pytest.raises(ColumnTypeError, match=r"'a': integers beyond 2\*\*53 lie beside floats.*where="):
        hzdata.read_map(unique_name)
    assert hzdata.read_map(unique_name, ["id"], key=False)["id"].sum() == 3
    assert sorted(hzdata.head(unique_name)["a"]) == ["0.5", str(2**60 + 1)]


def test_what_is_too_wide_to_be_read_by_default_is_described_all_the_same(client: Client, unique_name: str) -> None:
    m = client.get_map(unique_name).blocking()
    m.put_all({1: datetime(9999, 12, 31, 1, 2, 3), 2: datetime(1, 1, 1)})
    assert hzdata.describe(unique_name)["dtype"].tolist() == ["Int32", "datetime64[us]"]
    assert hzdata.head(unique_name)["this"].max() == datetime(9999, 12, 31, 1, 2, 3)
    m.put_all({1: Decimal(10**30), 2: Decimal("0.5")})
    assert hzdata.describe(unique_name)["type"].tolist() == ["INTEGER", "DECIMAL"]
    assert hzdata.head(unique_name)["this"].max() == 1e30


def test_uuids_are_text(client: Client, unique_name: str) -> None:
    entries = {uuid.uuid4(): uuid.UUID(int=i << 120 | i) for i in range(40)}
    client.get_map(unique_name).put_all(entries).result()
    for where in (None, true()):
        frame = hzdata.read_map(unique_name, where=where)
        assert {uuid.UUID(key): uuid.UUID(value) for key, value in frame.itertuples(index=False)} == entries
    assert frame.dtypes.astype(str).tolist() == ["str", "str"]
    assert hzdata.describe(unique_name)["kind"].tolist() == ["uuid", "uuid"]


@pytest.mark.parametrize("format", ["compact", "json"])
def test_a_mapping_is_inferred(client: Client, unique_name: str, format: Any) -> None:
    FRAME.head(20).to_hz_map(unique_name, key="id", mapping=False, format=format)
    statement = hzdata.create_mapping(unique_name)
    assert statement.startswith("CREATE MAPPING")
    found = hzdata.read_sql(f'SELECT id, text, x FROM "{unique_name}" WHERE __key < 5 ORDER BY id')
    assert found["id"].tolist() == [0, 1, 2, 3, 4]
    with pytest.raises(ValueError, match="already"):
        hzdata.create_mapping(unique_name)


def test_a_mapping_of_plain_values_is_inferred(client: Client, unique_name: str) -> None:
    client.get_map(unique_name).put_all({"a": 1, "b": 2}).result()
    hzdata.create_mapping(unique_name)
    assert hzdata.read_sql(f'SELECT __key, this FROM "{unique_name}" ORDER BY this')["__key"].tolist() == ["a", "b"]
    with pytest.raises(ValueError, match="is empty"):
        hzdata.create_mapping(unique_name + "_empty")
    client.get_map(unique_name + "_mixed").put_all({"a": 1, "b": "x"}).result()
    with pytest.raises(ValueError, match="several kinds"):
        hzdata.create_mapping(unique_name + "_mixed")


def test_no_mapping_is_made_that_sql_could_not_read_by(client: Client, unique_name: str) -> None:
    for i, arrow in enumerate((pa.int64(), pa.float64())):
        table = pa.table({"id": [i], "x": pa.array([1], arrow)})
        hzdata.to_hz_map(table, unique_name, key="id", mapping=False, if_exists="append")
    with pytest.raises(ValueError, match=rf"{unique_name}.*several kinds.*'x' is FLOAT64 and INT64"):
        hzdata.create_mapping(unique_name)
    m = client.get_map(unique_name + "_json").blocking()
    for text, field in (
        ("[1]", "'this'"),
        ('{"": 1, "a": 2}', "''"),
        ('{"a.b": 1}', "'a.b'"),
        ('{"a\\n": 1}', r"'a\\n'"),
    ):
        m.set(1, HazelcastJsonValue(text))
        with pytest.raises(ValueError, match=rf"map '{unique_name}_json'.*{field}"):
            hzdata.create_mapping(unique_name + "_json")


def test_decimals_have_the_precision_that_is_asked_for(client: Client, unique_name: str) -> None:
    digits = [Decimal("9" * 22), Decimal("0." + "9" * 38)]
    columns = {"big": pa.array(digits[:1], pa.decimal128(38, 0)), "fine": pa.array(digits[1:], pa.decimal128(38, 38))}
    hzdata.to_hz_map(pa.table({"id": [1], **columns}), unique_name, key="id")
    types = {"big": (38, 0), "fine": (38, 38)}
    frame = hzdata.read_map(unique_name, list(types), key=False, decimals=types)
    assert frame.loc[0].tolist() == digits
    schema = pa.schema([(name, column.type) for name, column in columns.items()])
    for options in ({"decimals": types}, {"schema": schema}):
        assert hzdata.scan_map(unique_name, list(types), key=False, **options).read_all() == pa.table(columns)
    with pytest.raises(ColumnValueError, match=r"'big', row 0: .*pass decimals="):
        hzdata.scan_map(unique_name)
    with pytest.raises(TypeError, match="decimals must map"):
        hzdata.read_map(unique_name, decimals={"big": 38})


def test_large_decimals_are_appended_to_and_mapped(client: Client, unique_name: str) -> None:
    big = pa.table({"id": [1, 2], "big": pa.array([Decimal("9" * 22)] * 2, pa.decimal128(38, 0))})
    hzdata.to_hz_map(big, unique_name, key="id", mapping=False)
    with pytest.raises(ValueError, match="are not keyed by 'big'"):
        hzdata.to_hz_map(big.slice(0, 1), unique_name, key="big", mapping=False, if_exists="append")
    assert '"big" DECIMAL' in hzdata.create_mapping(unique_name)


def test_a_stream_has_the_columns_of_the_mapping_from_its_first_batch(client: Client, unique_name: str) -> None:
    client.sql.execute(
        f'CREATE MAPPING {unique_name} (__key INT, "day" DATE, n INTEGER, late VARCHAR) TYPE IMap '
        "OPTIONS ('keyFormat' = 'int', 'valueFormat' = 'json-flat')"
    ).result()
    declared = [("day", pa.date32()), ("n", pa.int32()), ("late", pa.string())]
    empty = hzdata.scan_map(unique_name).read_all()
    assert [(field.name, field.type) for field in empty.schema] == [("__key", pa.int32()), *declared]
    m = client.get_map(unique_name).blocking()
    m.set(1, HazelcastJsonValue({"n": 5, "day": "2024-02-29", "more": [1]}))
    found = hzdata.scan_map(unique_name, key=False).read_all()
    # What is declared comes as it is declared; what is not, after it.
    assert {field.name: field.type for field in found.schema} == dict(declared) | {"more": pa.list_(pa.int64())}
    assert found.to_pylist() == [{"day": date(2024, 2, 29), "n": 5, "more": [1], "late": None}]
    assert hzdata.scan_map(unique_name, ["late", "n"], key=False).read_all().to_pylist() == [{"n": 5, "late": None}]
    assert hzdata.read_map(unique_name, ["late", "n"], key=False).isna().values.tolist() == [[True, False]]


PLAIN = {
    "date": [date(2024, 2, 29), date(1, 1, 1)],
    "time": [time(23, 59, 1, 5), time(0)],
    "datetime": [datetime(2024, 2, 29, 1, 2, 3, 4), datetime(1700, 1, 1)],
    "zoned": [datetime(2024, 2, 29, 1, 2, 3, 4, UTC), datetime(1700, 1, 1, tzinfo=UTC)],
    "decimal": [Decimal("-12.50"), Decimal(7)],
    "text": ["", "längst"],
    "number": [1.5, -0.0],
    "boolean": [True, False],
}


@pytest.mark.parametrize("kind", PLAIN)
def test_keys_and_values_of_every_plain_kind_are_columns(client: Client, unique_name: str, kind: str) -> None:
    m = client.get_map(unique_name).blocking()
    for key, value in zip(PLAIN[kind], reversed(PLAIN[kind]), strict=True):
        m.set(key, value)
    for where in (None, true()):
        rows = hzdata.scan_map(unique_name, where=where).read_all().to_pylist()
        assert sorted((row["__key"], row["this"]) for row in rows) == sorted(
            zip(PLAIN[kind], reversed(PLAIN[kind]), strict=True)
        )
    hzdata.create_mapping(unique_name)
    by_sql = hzdata.read_sql(f"SELECT __key, this FROM {unique_name} ORDER BY __key")
    by_scan = hzdata.read_map(unique_name).sort_values("__key", ignore_index=True)
    pd.testing.assert_frame_equal(by_scan, by_sql)


@pytest.mark.parametrize("dtype", ["int16", "int32", "int64", "float32", "float64"])
def test_keys_of_any_width_are_columns(client: Client, unique_name: str, dtype: str) -> None:
    frame = pd.DataFrame({"id": [1, 2, 3], "key": pd.Series([5, 6, 7], dtype=dtype)})
    frame.to_hz_map(unique_name, key="key")
    assert sorted(hzdata.read_map(unique_name)["__key"]) == [5, 6, 7]


def test_bytes_are_bytes(client: Client, unique_name: str) -> None:
    m = client.get_map(unique_name).blocking()
    m.set(1, bytearray(b"\1\2\xff"))
    m.set(2, bytearray())
    rows = hzdata.scan_map(unique_name).read_all().sort_by("__key").to_pylist()
    assert [row["this"] for row in rows] == [b"\1\2\xff", b""]
    frame = pd.DataFrame({"id": [1, 2], "b": [b"abc", b"\xff"]})
    frame.to_hz_map(unique_name, key="id", if_exists="replace", mapping=False)
    assert by_id(hzdata.read_map(unique_name))["b"].tolist() == frame["b"].tolist()


def test_json_text_that_looks_like_a_moment_is_text(client: Client, unique_name: str) -> None:
    texts = ["2024-01-01", "2024-01-01T05:00:00+02:00"]
    m = client.get_map(unique_name).blocking()
    for i, text in enumerate(texts):
        m.set(i, HazelcastJsonValue({"s": text, "deep": {"t": [text]}}))
    table = hzdata.scan_map(unique_name).read_all().sort_by("__key")
    assert table["s"].to_pylist() == texts
    assert table["deep"].to_pylist() == [{"t": [text]} for text in texts]
    hzdata.create_mapping(unique_name)
    assert hzdata.read_sql(f"SELECT s FROM {unique_name} ORDER BY __key")["s"].tolist() == texts


def test_a_frame_loaded_as_json_comes_back_as_by_sql(client: Client, unique_name: str) -> None:
    table = pa.table(
        {
            "id": [1, 2, 3],
            "f": [1.5, float("inf"), float("nan")],
            "t": pa.array([1, 2, None], pa.time64("ns")),
            "d": pa.array([Decimal("1.50"), None, Decimal(2)]),
            "day": pa.array([date(2024, 1, 1), None, date(1, 1, 1)]),
            "at": pa.array([datetime(2024, 1, 1, 2), None, datetime(1970, 1, 1)], pa.timestamp("ns")),
            "zoned": pa.array([datetime(2024, 1, 1, 2), None, datetime(1970, 1, 1)], pa.timestamp("ns", "UTC")),
            "s": ["2024-01-01", "x", None],
        }
    )
    hzdata.to_hz_map(table, unique_name, "id", format="json")
    by_sql = by_id(hzdata.read_sql(f"SELECT * FROM {unique_name}"))
    pd.testing.assert_frame_equal(by_id(hzdata.read_map(unique_name, key=False)), by_sql)
    # Whatever order the rows come in, and whichever are asked for.
    assert sorted(hzdata.read_map(unique_name, ["id"], key=False)["id"]) == [1, 2, 3]
    by_scan = hzdata.scan_map(unique_name, key=False).read_all().sort_by("id").drop(["f"])  # NaN equals nothing
    by_arrow = hzdata.read_arrow(f"SELECT * FROM {unique_name} ORDER BY id").drop(["f"])
    assert by_scan.equals(by_arrow.cast(by_scan.schema))


def test_a_result_without_rows_has_the_columns_of_one_with_rows(client: Client, loaded: str, unique_name: str) -> None:
    nothing = hzdata.read_map(loaded, where=equal("id", -1))
    pd.testing.assert_frame_equal(nothing, hzdata.read_map(loaded).head(0), check_index_type=False)
    client.get_map(unique_name).put(1, HazelcastJsonValue({"y": 1})).result()
    assert list(hzdata.read_map(unique_name, ["y"], where=equal("y", 2), key=False).columns) == ["y"]


def test_large_values_are_read_in_bounded_pieces(client: Client, unique_name: str) -> None:
    m = client.get_map(unique_name).blocking()
    m.put_all(dict.fromkeys(range(400), "x" * 100000))
    batches = list(hzdata.scan_map(unique_name))
    assert sum(batch.num_rows for batch in batches) == 400
    assert max(batch.nbytes for batch in batches) < 20 << 20


def test_a_field_named_like_the_key_hides_it_nowhere(client: Client, unique_name: str) -> None:
    client.get_map(unique_name).blocking().put(1, HazelcastJsonValue('{"__key": 6, "a": 2}'))
    for read in (hzdata.read_map, hzdata.scan_map):
        with pytest.raises(ColumnTypeError, match=r"'__key': the keys and a field .* key=False .* columns="):
            read(unique_name)
    with pytest.raises(ColumnTypeError, match="the keys and a field"):
        hzdata.read_map(unique_name, where=true())
    assert hzdata.read_map(unique_name, ["a"]).to_dict("list") == {"__key": [1], "a": [2]}
    assert hzdata.read_map(unique_name, key=False).to_dict("list") == {"__key": [6], "a": [2]}
    assert hzdata.head(unique_name).to_dict("list") == {"__key": [1], "this.__key": [6], "a": [2]}
    with pytest.raises(KeyError, match=r"no column 'this\.__key'"):
        hzdata.aggregate(unique_name, {"a": "sum"}, by="this.__key")


@pytest.mark.parametrize("broken", ["{broken", ""])
def test_a_broken_document_is_named_by_its_key_and_shown(client: Client, unique_name: str, broken: str) -> None:
    entries = {"good": HazelcastJsonValue({"a": 1}), "bad": HazelcastJsonValue(broken)}
    client.get_map(unique_name).blocking().put_all(entries)
    error = f"'{broken}' is no JSON, in the entry of map '{unique_name}' whose key is 'bad'; put or remove"
    for read in (hzdata.read_map, hzdata.scan_map, hzdata.create_mapping):
        with pytest.raises(ColumnValueError, match=error):
            read(unique_name)
    with pytest.raises(ColumnValueError, match=error):
        hzdata.read_map(unique_name, where=true(), key=False)
    assert hzdata.read_map(unique_name, where=not_equal("__key", "bad"))["a"].tolist() == [1]
    shown = hzdata.head(unique_name).set_index("__key")
    assert shown.at["bad", "this"] == broken
    assert shown.at["good", "a"] == 1
    assert hzdata.describe(unique_name)["column"].tolist() == ["__key", *shown.columns]


def test_a_broken_key_is_named_and_shown(client: Client, unique_name: str) -> None:
    client.get_map(unique_name).blocking().put(HazelcastJsonValue("{"), 7)
    with pytest.raises(ColumnValueError, match=r"'__key', row 0: '\{' is no JSON"):
        hzdata.read_map(unique_name)
    assert hzdata.head(unique_name).to_dict("list") == {"__key": ["{"], "this": [7]}
