"""Frames go into maps, and SQL gives the same frames back: on a real member."""

from __future__ import annotations

import datetime as dt
import itertools
import time
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from pandas.testing import assert_frame_equal

import hzdata
from hzdata import read_arrow, read_sql, to_hz_map
from hzdata.core.core import HazelcastJsonValue
from hzdata.session import Client

from .arrow_columns import TEXT

pytestmark = pytest.mark.usefixtures("both_kernels")

NS = 10**9
DECIMAL = pd.ArrowDtype(pa.decimal128(38, 18))
DATE = pd.ArrowDtype(pa.date32())
TIME = pd.ArrowDtype(pa.time64("ns"))

nanoseconds = st.integers(-(2**63) + 1, 2**63 - 1)
PANDAS_COLUMNS: dict[Any, st.SearchStrategy[Any]] = {
    "boolean": st.booleans(),
    "Int8": st.integers(-128, 127),
    "Int16": st.integers(-(2**15), 2**15 - 1),
    "Int32": st.integers(-(2**31), 2**31 - 1),
    "Int64": st.integers(-(2**63), 2**63 - 1),
    "float32": st.floats(width=32, allow_nan=False),
    "float64": st.floats(allow_nan=False),
    "str": TEXT,
    "datetime64[ns]": nanoseconds.map(pd.Timestamp),
    "datetime64[ns, UTC]": nanoseconds.map(lambda n: pd.Timestamp(n, tz="UTC")),
    DATE: st.dates(),
    TIME: st.integers(0, 86_400 * NS - 1),
    DECIMAL: st.decimals(-(10**20) + 1, 10**20 - 1, places=18, allow_nan=False),
}
"""The dtypes that `read_sql` gives (decimals with `coerce_float=False`), and values of each."""


@st.composite
def frames(draw: st.DrawFn) -> pd.DataFrame:
    rows = draw(st.integers(0, 6))
    names = draw(st.lists(st.text("abÉ_ \U0001f600", min_size=1, max_size=4), max_size=7, unique=True))
    frame = pd.DataFrame({"id": pd.array(range(rows), dtype="Int64")})
    for name in names:
        dtype = draw(st.sampled_from(list(PANDAS_COLUMNS)))
        values = draw(st.lists(st.none() | PANDAS_COLUMNS[dtype], min_size=rows, max_size=rows))
        if dtype == TIME:
            frame[name] = pd.array(pa.array(values, pa.int64()).cast(pa.time64("ns")), dtype=TIME)
        else:
            frame[name] = pd.array(values, dtype=dtype) if rows else pd.array([], dtype=dtype)
    return frame


numbers = itertools.count()


@given(frames())
@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_sql_gives_back_the_frame_that_was_loaded(client: Client, frame: pd.DataFrame) -> None:
    name = f"round_trip_{next(numbers)}"
    report = frame.to_hz_map(name, key="id")
    assert (report.rows_placed, report.entries, report.complete) == (len(frame), len(frame), True)
    back = read_sql(f"SELECT * FROM {name} ORDER BY id", coerce_float=False)
    assert_frame_equal(back, frame)


@given(frames())
@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_sql_gives_back_the_frame_that_was_loaded_as_json(client: Client, frame: pd.DataFrame) -> None:
    name = f"json_round_trip_{next(numbers)}"
    frame.to_hz_map(name, key="id", format="json")
    back = read_sql(f"SELECT * FROM {name} ORDER BY id", coerce_float=False)
    assert_frame_equal(back, frame)


@pytest.fixture
def orders() -> pd.DataFrame:
    return pd.DataFrame({"id": [3, 1, 2], "item": ["c", "a", None], "price": [3.5, float("nan"), 2.5]})


# --- keys ---


def test_the_key_column_is_the_key_and_stays_a_column(client: Client, unique_name: str, orders: pd.DataFrame) -> None:
    orders.to_hz_map(unique_name, key="id")
    assert read_sql(f"SELECT * FROM {unique_name} WHERE __key = 3").values.tolist() == [[3, "c", 3.5]]
    assert read_sql(f"SELECT __key FROM {unique_name} ORDER BY 1")["__key"].tolist() == [1, 2, 3]
    client_map = client.get_map(unique_name).blocking()
    assert sorted(client_map.key_set()) == [1, 2, 3]


@pytest.mark.parametrize(
    "keys",
    [
        pd.array([1, 2], dtype="Int8"),
        pd.array([1, 2], dtype="Int16"),
        pd.array([1, 2], dtype="Int32"),
        pd.array([1, 2], dtype="UInt32"),
        pd.array([True, False], dtype="boolean"),
        pd.array([1.5, -0.0], dtype="float64"),
        pd.array([1.5, 2.5], dtype="float32"),
        pd.array(["é", ""], dtype="str"),
        pd.Categorical(["x", "y"]),
        pd.array([dt.date(1, 1, 1), dt.date(9999, 12, 31)], dtype=DATE),
        pd.array([dt.time(0), dt.time(23, 59, 59, 999_999)], dtype=TIME),
        pd.array([Decimal("1.5"), Decimal("-2")], dtype=DECIMAL),
        pd.to_datetime(["2020-01-01T00:00:00.123456789", "1900-01-01"], format="ISO8601"),
        pd.to_datetime(["2020-01-01T00:00:00.123456789Z", "1900-01-01T00:00:00Z"], format="ISO8601"),
    ],
    ids=lambda keys: str(keys.dtype),
)
def test_sql_finds_an_entry_by_a_key_of_every_type(client: Client, unique_name: str, keys: Any) -> None:
    pd.DataFrame({"k": keys, "x": [1, 2]}).to_hz_map(unique_name, key="k")
    found = read_sql(f"SELECT b.x FROM {unique_name} a JOIN {unique_name} b ON b.__key = a.k WHERE a.x = 2")
    assert found["x"].tolist() == [2]
    assert read_sql(f"SELECT count(*) AS n FROM {unique_name} WHERE __key = k")["n"].tolist() == [2]


def test_without_a_key_the_index_is_the_key_and_no_column(client: Client, unique_name: str) -> None:
    frame = pd.DataFrame({"x": [1, 2]}, index=pd.Index(["a", "b"], name="label"))
    report = frame.to_hz_map(unique_name)
    assert report.key == "the index (label)"
    back = read_sql(f"SELECT __key, * FROM {unique_name} ORDER BY 1", index_col="__key")
    assert_frame_equal(back.rename_axis("label"), frame.astype("Int64"))
    assert list(read_sql(f"SELECT * FROM {unique_name}").columns) == ["x"]


def test_without_a_key_and_an_index_rows_are_numbered(client: Client, unique_name: str, orders: pd.DataFrame) -> None:
    orders.to_hz_map(unique_name)
    assert read_sql(f"SELECT __key, id FROM {unique_name} ORDER BY 1").values.tolist() == [[0, 3], [1, 1], [2, 2]]


@pytest.mark.parametrize("format", ["compact", "json"])
def test_several_key_columns_are_one_key(client: Client, unique_name: str, format: Any) -> None:
    frame = pd.DataFrame({"a": [1, 1, 2], "b": ["x", "y", "x"], "v": [1, 2, 3]})
    report = frame.to_hz_map(unique_name, key=["a", "b"], format=format)
    assert (report.key, report.entries) == ("a, b", 3)
    found = read_sql(f"SELECT * FROM {unique_name} WHERE a = 1 AND b = 'y'")
    assert found.values.tolist() == [[1, "y", 2]]
    assert list(found.columns) == ["a", "b", "v"]


@pytest.mark.parametrize("format", ["compact", "json"])
def test_the_levels_of_a_multiindex_are_columns_in_sql(client: Client, unique_name: str, format: Any) -> None:
    index = pd.MultiIndex.from_tuples([(1, "x"), (1, "y")], names=["a", None])
    pd.DataFrame({"v": [1, 2]}, index=index).to_hz_map(unique_name, format=format)
    found = read_sql(f"SELECT a, level_1, v FROM {unique_name} ORDER BY v")
    assert found.values.tolist() == [[1, "x", 1], [1, "y", 2]]


# --- what is given ---


def test_polars_arrow_and_streams_are_taken_as_pandas_is(client: Client, unique_name: str) -> None:
    table = pa.table({"id": [1, 2, 3], "text": ["a", None, "c"], "when": pa.array([1, 2, None], pa.timestamp("ms"))})
    batch = table.to_batches()[0]

    class Stream:
        def __arrow_c_stream__(self, requested_schema: object = None) -> object:
            return table.__arrow_c_stream__(requested_schema)

    class Array:
        def __arrow_c_array__(self, requested_schema: object = None) -> object:
            return batch.__arrow_c_array__(requested_schema)

    given = [table, batch, table.to_reader(), pl.from_arrow(table), Stream(), Array(), table.to_pandas()]
    for number, data in enumerate(given):
        name = f"{unique_name}_{number}"
        assert to_hz_map(data, name, "id").rows_placed == 3, type(data)
        back = read_arrow(f"SELECT * FROM {name} ORDER BY id")
        assert back.to_pylist() == [
            {"id": 1, "text": "a", "when": dt.datetime(1970, 1, 1, 0, 0, 0, 1000)},
            {"id": 2, "text": None, "when": dt.datetime(1970, 1, 1, 0, 0, 0, 2000)},
            {"id": 3, "text": "c", "when": None},
        ], type(data)


def test_a_stream_of_many_small_and_some_large_batches_loses_no_row(client: Client, unique_name: str) -> None:
    schema = pa.schema({"id": pa.int64(), "text": pa.string()})

    def batches() -> Any:
        first = 0
        for size in (1, 0, 10, 5000, 1, 1, 12_345, 0, 7):
            ids = range(first, first + size)
            yield pa.record_batch([pa.array(ids, pa.int64()), pa.array([str(i) for i in ids], pa.string())], schema)
            first += size

    report = to_hz_map(pa.RecordBatchReader.from_batches(schema, batches()), unique_name, "id", batch_size=1000)
    assert (report.rows_placed, report.entries, report.duplicate_keys) == (17_365, 17_365, 0)
    sums = read_sql(f"SELECT count(*) AS n, sum(id) AS s, sum(CAST(text AS BIGINT)) AS t FROM {unique_name}")
    assert [int(x) for x in sums.values[0]] == [17_365, sum(range(17_365)), sum(range(17_365))]


def test_a_stream_says_how_many_rows_had_a_key_that_came_before(client: Client, unique_name: str) -> None:
    reader = pa.table({"id": [1, 2, 1, 1], "v": [1, 2, 3, 4]}).to_reader()
    report = to_hz_map(reader, unique_name, "id")
    assert (report.rows_placed, report.entries, report.duplicate_keys) == (4, 2, 2)
    assert "2 of the rows placed are no entry of the map now: their keys came again later" in repr(report)


@pytest.mark.parametrize(
    ("column", "sql", "expected"),
    [
        (pd.Series([1, 255], dtype="uint8"), "SMALLINT", [1, 255]),
        (pd.Series([1, 65_535], dtype="uint16"), "INTEGER", [1, 65_535]),
        (pd.Series([1, 2**32 - 1], dtype="uint32"), "BIGINT", [1, 2**32 - 1]),
        (pd.Series([1, 2**63 - 1], dtype="uint64"), "BIGINT", [1, 2**63 - 1]),
        (pd.Series([1.5, 2.5], dtype="float16"), "REAL", [1.5, 2.5]),
        (pd.Categorical(["a", None]), "VARCHAR", ["a", None]),
        (pd.Series([Decimal("1.5"), Decimal("12345678901234567890.25")]), "DECIMAL", None),
        (pd.Series([None, None], dtype=object), "VARCHAR", [None, None]),
        (pd.Series([dt.date(2020, 1, 1), None], dtype=object), "DATE", [dt.date(2020, 1, 1), None]),
        (pd.Series([dt.time(1, 2), None], dtype=object), "TIME", [dt.time(1, 2), None]),
        (pd.Series(["a", None], dtype=object), "VARCHAR", ["a", None]),
        (pd.Series([True, None], dtype=object), "BOOLEAN", [True, None]),
        (pd.Series([1, 2], dtype="int64").astype("datetime64[s]"), "TIMESTAMP", None),
    ],
    ids=str,
)
def test_a_type_without_a_twin_in_sql_goes_into_the_next_that_holds_it(
    client: Client, unique_name: str, column: Any, sql: str, expected: list[Any] | None
) -> None:
    frame = pd.DataFrame({"id": [1, 2], "x": column})
    frame.to_hz_map(unique_name, "id")
    declared = read_sql(
        "SELECT data_type AS t FROM information_schema.columns WHERE table_name = ? AND column_name = 'x'",
        [unique_name],
    )
    assert declared["t"].tolist() == [sql]
    if expected is not None:
        assert read_arrow(f"SELECT x FROM {unique_name} ORDER BY id")["x"].to_pylist() == expected


def test_polars_categories_views_and_decimals_are_taken(client: Client, unique_name: str) -> None:
    frame = pl.DataFrame(
        {
            "id": pl.Series(["x", "y"], dtype=pl.Categorical),
            "level": pl.Series(["low", None], dtype=pl.Enum(["high", "low"])),
            "amount": pl.Series(["1.5", None]).cast(pl.Decimal(10, 2)),
            "at": [dt.time(1), None],
        }
    )
    frame.pipe(to_hz_map, unique_name, "id")
    assert read_arrow(f"SELECT * FROM {unique_name} ORDER BY id").to_pylist() == frame.to_dicts()


def test_python_objects_keep_all_they_have(client: Client, unique_name: str) -> None:
    moments = [pd.Timestamp(1_577_836_800_000_000_001), dt.datetime(2020, 1, 1), None]
    zones = [pd.Timestamp(1, tz="Asia/Tokyo"), dt.datetime(2020, 1, 1, tzinfo=dt.UTC), None]
    frame = pd.DataFrame({"id": [1, 2, 3], "moment": moments, "zone": zones, "text": ["a", "b", None]}, dtype=object)
    frame.to_hz_map(unique_name, "id")
    back = read_sql(f"SELECT * FROM {unique_name} ORDER BY id")
    assert back["moment"].astype("int64").tolist()[:2] == [1_577_836_800_000_000_001, 1_577_836_800_000_000_000]
    assert back["zone"].astype("int64").tolist()[:2] == [1, 1_577_836_800_000_000_000]


def test_a_sparse_column_is_written_in_full(client: Client, unique_name: str) -> None:
    sparse = pd.arrays.SparseArray([0, 0, 7], fill_value=0)
    pd.DataFrame({"id": [1, 2, 3], "x": sparse}).to_hz_map(unique_name, "id")
    assert read_sql(f"SELECT x FROM {unique_name} ORDER BY id")["x"].tolist() == [0, 0, 7]


def test_nan_is_null_in_numpy_columns_and_nan_in_arrow_columns(client: Client, unique_name: str) -> None:
    nan = float("nan")
    arrow = pd.array(pa.array([nan, None]), dtype=pd.ArrowDtype(pa.float64()))
    pd.DataFrame({"id": [1, 2], "numpy": [nan, 1.0], "arrow": arrow}).to_hz_map(unique_name, "id")
    back = read_arrow(f"SELECT * FROM {unique_name} ORDER BY id").to_pylist()
    assert back[0]["numpy"] is None
    assert np.isnan(back[0]["arrow"])
    assert back[1]["arrow"] is None


def test_lists_and_bytes_are_in_the_values_and_the_report_says_that_sql_does_not_show_them(
    client: Client, unique_name: str
) -> None:
    table = pa.table({"id": [1], "list": [[1, None]], "bytes": [b"\x00\xff"], "x": ["y"]})
    report = to_hz_map(table, unique_name, "id")
    assert "list, bytes" in repr(report)
    assert list(read_sql(f"SELECT * FROM {unique_name}").columns) == ["id", "x"]
    (value,) = client.get_map(unique_name).blocking().values()
    assert dict(value) == {"id": 1, "list": [1, None], "bytes": [0, -1], "x": "y"}


def test_equal_rows_are_equal_bytes_as_the_member_writes_them(client: Client, unique_name: str) -> None:
    frame = pd.DataFrame({"id": [1], "b": ["x"], "a": pd.array([None], dtype="Int32"), "c": [dt.datetime(2020, 1, 1)]})
    frame.to_hz_map(unique_name, "id")
    client.sql.execute(
        f"INSERT INTO {unique_name} (__key, id, b, c) VALUES (2, 1, 'x', CAST('2020-01-01T00:00:00' AS TIMESTAMP))"
    ).result()
    entries = dict(client.get_map(unique_name).blocking().entry_set())
    assert entries[1] == entries[2]
    assert entries[1].encoded == entries[2].encoded
    assert client.get_map(unique_name).blocking().contains_value(entries[1])


def test_a_map_loaded_as_json_holds_json(client: Client, unique_name: str, orders: pd.DataFrame) -> None:
    orders.to_hz_map(unique_name, "id", format="json")
    value = dict(client.get_map(unique_name).blocking().entry_set())[1]
    assert isinstance(value, HazelcastJsonValue)
    assert value.loads() == {"id": 1, "item": "a", "price": None}


def test_names_that_sql_must_quote_are_quoted(client: Client, unique_name: str) -> None:
    name = f'{unique_name} "é" x.y'
    frame = pd.DataFrame({"select": [1], 'quo"te': ["a"], "Ünï": [2], "x y": [True]})
    frame.to_hz_map(name, "select", type_name="it's")
    quoted = name.replace('"', '""')
    assert_frame_equal(
        read_sql(f'SELECT * FROM "{quoted}"'), frame.astype({"select": "Int64", "Ünï": "Int64", "x y": "boolean"})
    )


# --- time to live ---


def test_entries_with_a_time_to_live_go_when_it_is_over(client: Client, unique_name: str) -> None:
    frame = pd.DataFrame({"id": [str(i) for i in range(3000)], "x": "y"})
    report = frame.to_hz_map(unique_name, "id", ttl=4)
    assert report.rows_placed == 3000
    blocking = client.get_map(unique_name).blocking()
    assert blocking.get("0")["x"] == "y"
    assert blocking.get_entry_view("0").ttl == 4000
    deadline = time.monotonic() + 20
    while blocking.contains_key("0") or blocking.contains_key("2999"):
        assert time.monotonic() < deadline
        time.sleep(0.2)


# --- a name that is taken ---


def test_a_map_with_entries_is_not_touched_unless_asked(client: Client, unique_name: str, orders: pd.DataFrame) -> None:
    orders.to_hz_map(unique_name, "id")
    with pytest.raises(ValueError, match=r"3 entries exists.*append.*replace"):
        orders.to_hz_map(unique_name, "id")
    client.get_map(unique_name).blocking().clear()
    with pytest.raises(ValueError, match=r"a mapping .* exists"):
        orders.to_hz_map(unique_name, "id")
    assert client.get_map(unique_name).blocking().size() == 0


def test_append_adds_rows_and_takes_the_place_of_those_with_the_same_key(
    client: Client, unique_name: str, orders: pd.DataFrame
) -> None:
    orders.to_hz_map(unique_name, "id")
    more = pd.DataFrame({"price": [9.0, 8.0], "item": ["new", "other"], "id": [4, 1]})
    report = more.to_hz_map(unique_name, "id", if_exists="append")
    assert (report.rows_placed, report.entries) == (2, 4)
    back = read_sql(f"SELECT * FROM {unique_name} ORDER BY id")
    assert back["item"].tolist()[:1] + back["item"].tolist()[-1:] == ["other", "new"]


def test_append_to_what_is_not_there_creates_it(client: Client, unique_name: str, orders: pd.DataFrame) -> None:
    orders.to_hz_map(unique_name, "id", if_exists="append")
    assert len(read_sql(f"SELECT * FROM {unique_name}")) == 3


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"id": "id", "item": "item"}, "the frame has no column 'price'"),
        ({"id": "id", "item": "item", "price": "price", "extra": "id"}, "the mapping has no column 'extra'"),
        (
            {"id": "id", "item": "price", "price": "price"},
            "column 'item' is DOUBLE in the frame and VARCHAR in the mapping",
        ),
    ],
)
def test_append_refuses_a_frame_that_does_not_fit_the_mapping(
    client: Client, unique_name: str, orders: pd.DataFrame, change: dict[str, str], message: str
) -> None:
    orders.to_hz_map(unique_name, "id")
    other = pd.DataFrame({new: orders[old] for new, old in change.items()})
    with pytest.raises(ValueError, match=message):
        other.to_hz_map(unique_name, "id", if_exists="append")
    assert client.get_map(unique_name).blocking().size() == 3


def test_append_refuses_keys_and_formats_that_the_mapping_has_not(
    client: Client, unique_name: str, orders: pd.DataFrame
) -> None:
    orders.to_hz_map(unique_name, "id")
    with pytest.raises(ValueError, match="keyFormat is 'varchar' for the frame and 'bigint' in the mapping"):
        orders.dropna().to_hz_map(unique_name, "item", if_exists="append")
    with pytest.raises(ValueError, match="valueFormat is 'json-flat' for the frame and 'compact' in the mapping"):
        orders.to_hz_map(unique_name, "id", if_exists="append", format="json")


def test_append_takes_the_type_name_from_the_mapping(client: Client, unique_name: str, orders: pd.DataFrame) -> None:
    orders.to_hz_map(unique_name, "id", type_name="order")
    orders.assign(id=[4, 5, 6]).to_hz_map(unique_name, "id", if_exists="append")
    values = client.get_map(unique_name).blocking().values()
    assert {value.type_name for value in values} == {"order"}


def test_append_lets_a_column_without_values_be_of_any_type(
    client: Client, unique_name: str, orders: pd.DataFrame
) -> None:
    orders.to_hz_map(unique_name, "id")
    empty = pd.DataFrame({"id": [9], "item": ["z"], "price": pd.Series([None], dtype=object)})
    assert empty.to_hz_map(unique_name, "id", if_exists="append").rows_placed == 1
    assert read_sql(f"SELECT price FROM {unique_name} WHERE id = 9")["price"].isna().tolist() == [True]


def test_append_does_not_let_row_numbers_replace_what_is_there(
    client: Client, unique_name: str, orders: pd.DataFrame
) -> None:
    orders.to_hz_map(unique_name)
    with pytest.raises(ValueError, match="row numbers would replace"):
        orders.to_hz_map(unique_name, if_exists="append")


def test_replace_leaves_nothing_of_what_was_there(client: Client, unique_name: str, orders: pd.DataFrame) -> None:
    orders.to_hz_map(unique_name, "id")
    report = pd.DataFrame({"k": ["a"], "v": [1]}).to_hz_map(unique_name, "k", if_exists="replace")
    assert report.entries == 1
    assert read_sql(f"SELECT * FROM {unique_name}").values.tolist() == [["a", 1]]


def test_replace_clears_nothing_when_the_frame_can_not_be_loaded(
    client: Client, unique_name: str, orders: pd.DataFrame
) -> None:
    orders.to_hz_map(unique_name, "id")
    with pytest.raises(hzdata.frames.errors.ColumnError):
        orders.assign(id=1).to_hz_map(unique_name, "id", if_exists="replace")
    with pytest.raises(hzdata.frames.errors.ColumnError):
        orders.assign(price=pd.Timedelta(1)).to_hz_map(unique_name, "id", if_exists="replace")
    assert client.get_map(unique_name).blocking().size() == 3


def test_without_a_mapping_sql_is_left_alone(client: Client, unique_name: str, orders: pd.DataFrame) -> None:
    report = orders.to_hz_map(unique_name, "id", mapping=False)
    assert report.entries == 3
    assert "SELECT" not in repr(report)
    found = read_sql("SELECT count(*) AS n FROM information_schema.mappings WHERE table_name = ?", [unique_name])
    assert found["n"].tolist() == [0]


# --- the report ---


def test_the_report_says_the_same_as_text_and_as_html(client: Client, unique_name: str, orders: pd.DataFrame) -> None:
    report = orders.to_hz_map(unique_name, "id")
    assert report.seconds > 0
    assert report.bytes_sent > 0
    for label, text in report.facts():
        assert label in repr(report)
        assert text in repr(report)
        assert label in report._repr_html_()
    assert f"SELECT * FROM &quot;{unique_name}&quot;" in report._repr_html_()
    assert len(report.not_placed) == len(report.unknown) == 0


def test_progress_is_shown_when_asked_for(client: Client, unique_name: str, capsys: pytest.CaptureFixture[str]) -> None:
    pd.DataFrame({"id": range(1000)}).to_hz_map(unique_name, "id", progress=True)
    assert "1.00k/1.00k" in capsys.readouterr().err
    pd.DataFrame({"id": range(1000)}).to_hz_map(unique_name + "_quiet", "id", progress=None)
    assert capsys.readouterr().err == ""


# --- other clients ---


def test_the_documented_client_reads_what_was_loaded(client: Client, unique_name: str) -> None:
    import hazelcast
    from hazelcast.serialization.api import CompactSerializer

    class Row:
        pass

    class RowSerializer(CompactSerializer[Row]):
        def read(self, reader: Any) -> Row:
            row = Row()
            row.__dict__ = {
                "id": reader.read_nullable_int64("id"),
                "flag": reader.read_nullable_boolean("flag"),
                "small": reader.read_nullable_int8("small"),
                "real": reader.read_nullable_float32("real"),
                "text": reader.read_string("text"),
                "amount": reader.read_decimal("amount"),
                "day": reader.read_date("day"),
                "clock": reader.read_time("clock"),
                "moment": reader.read_timestamp("moment"),
                "instant": reader.read_timestamp_with_timezone("instant"),
                "words": reader.read_array_of_string("words"),
                "numbers": reader.read_array_of_nullable_int64("numbers"),
                "blob": reader.read_array_of_int8("blob"),
            }
            return row

        def write(self, writer: Any, obj: Row) -> None:
            raise NotImplementedError

        def get_type_name(self) -> str:
            return unique_name

        def get_class(self) -> type[Row]:
            return Row

    rows: list[dict[str, Any]] = [
        {
            "id": 1,
            "flag": True,
            "small": -5,
            "real": 1.5,
            "text": "é\U0001f600",
            "amount": Decimal("-123456789012345678901.25"),
            "day": dt.date(2024, 2, 29),
            "clock": dt.time(23, 59, 59, 123_456),
            "moment": dt.datetime(1969, 12, 31, 23, 59, 59, 999_999),
            "instant": dt.datetime(2020, 1, 1, tzinfo=dt.UTC),
            "words": ["a", None, ""],
            "numbers": [1, None, -(2**63)],
            "blob": b"\x00\x7f",
        },
        {"id": 2},
    ]
    schema = pa.schema(
        {
            "id": pa.int64(),
            "flag": pa.bool_(),
            "small": pa.int8(),
            "real": pa.float32(),
            "text": pa.string(),
            "amount": pa.decimal128(38, 2),
            "day": pa.date32(),
            "clock": pa.time64("us"),
            "moment": pa.timestamp("us"),
            "instant": pa.timestamp("us", "UTC"),
            "words": pa.list_(pa.string()),
            "numbers": pa.list_(pa.int64()),
            "blob": pa.binary(),
        }
    )
    to_hz_map(pa.Table.from_pylist(rows, schema), unique_name, "id")
    config = client.config
    other = hazelcast.HazelcastClient(
        cluster_name=config.cluster_name,
        cluster_members=config.cluster_members,
        default_int_type="LONG",
        compact_serializers=[RowSerializer()],
    )
    try:
        found = other.get_map(unique_name).blocking()
        assert found.get(1).__dict__ == rows[0] | {"blob": [0, 127]}
        assert found.get(2).__dict__ == dict.fromkeys(rows[0]) | {"id": 2}
    finally:
        other.shutdown()
