"""`read_sql` and `read_arrow` on a real member: every SQL type, and what users of ``pandas.read_sql`` know."""

from __future__ import annotations

import datetime as dt
import gc
import pickle
import time
import uuid
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import hzdata
from hzdata import bulk
from hzdata.core.protocol.field_kinds import FieldKind
from hzdata.core.serialization.compact.record import GenericRecord
from hzdata.core.serialization.compact.schema import Schema
from hzdata.frames.errors import ColumnValueError
from hzdata.frames.types import SQL_TYPES
from hzdata.session import Client

ROWS = 21
UTC = dt.UTC

# A SQL expression of every type over v = 0 … 20, and what it is in Arrow.
EXPRESSIONS: dict[str, tuple[str, Any]] = {
    "BOOLEAN": ("MOD(v, 3) = 0", lambda v: v % 3 == 0),
    "TINYINT": ("CAST(v - 10 AS TINYINT)", lambda v: v - 10),
    "SMALLINT": ("CAST(v * -1000 AS SMALLINT)", lambda v: v * -1000),
    "INTEGER": ("CAST(v * 100000000 AS INTEGER)", lambda v: v * 100_000_000),
    "BIGINT": ("CAST(v * 400000000000000000 AS BIGINT)", lambda v: v * 4 * 10**17),
    "DECIMAL": ("CAST(v AS DECIMAL) / 8", lambda v: Decimal(v) / 8),
    "REAL": ("CAST(v AS REAL) / 4", lambda v: v / 4),
    "DOUBLE": ("CAST(v AS DOUBLE) / 3", lambda v: v / 3),
    "VARCHAR": ("'naïve ' || CAST(v AS VARCHAR)", lambda v: f"naïve {v}"),
    "DATE": (
        "CAST(CAST(1900 + v * 10 AS VARCHAR) || '-02-28' AS DATE)",
        lambda v: dt.date(1900 + v * 10, 2, 28),
    ),
    "TIME": ("CAST('12:34:' || CAST(10 + v AS VARCHAR) AS TIME)", lambda v: dt.time(12, 34, 10 + v)),
    "TIMESTAMP": (
        "CAST('2020-02-29T12:34:' || CAST(10 + v AS VARCHAR) || '.000001' AS TIMESTAMP)",
        lambda v: pd.Timestamp(2020, 2, 29, 12, 34, 10 + v, 1),
    ),
    "TIMESTAMP WITH TIME ZONE": (
        "CAST('2020-02-29T12:34:' || CAST(10 + v AS VARCHAR) || '+02:00' AS TIMESTAMP WITH TIME ZONE)",
        lambda v: pd.Timestamp(2020, 2, 29, 10, 34, 10 + v, tz="UTC"),
    ),
    "JSON": ("CAST('{\"v\":' || CAST(v AS VARCHAR) || '}' AS JSON)", lambda v: f'{{"v":{v}}}'),
    "NULL": ("NULL", lambda v: None),
}
# Which rows are null: none, all, each third, all but each third, the ends, the middle.
NULLS = {
    "none": "FALSE",
    "all": "TRUE",
    "some": "MOD(v, 3) = 1",
    "most": "MOD(v, 3) <> 1",
    "ends": "v IN (0, 20)",
    "middle": "v BETWEEN 8 AND 15",
}
IS_NULL: dict[str, Callable[[int], bool]] = {
    "none": lambda v: False,
    "all": lambda v: True,
    "some": lambda v: v % 3 == 1,
    "most": lambda v: v % 3 != 1,
    "ends": lambda v: v in (0, 20),
    "middle": lambda v: 8 <= v <= 15,
}


def query_of(name: str, nulls: str) -> str:
    expression, _ = EXPRESSIONS[name]
    column = "NULL" if name == "NULL" else f"CASE WHEN {NULLS[nulls]} THEN NULL ELSE {expression} END"
    return f"SELECT {column} AS c FROM TABLE(generate_series(0, {ROWS - 1})) AS s(v) ORDER BY v"


def values_of(name: str, nulls: str) -> list[Any]:
    _, value = EXPRESSIONS[name]
    return [None if IS_NULL[nulls](v) else value(v) for v in range(ROWS)]


@pytest.mark.parametrize("nulls", NULLS)
@pytest.mark.parametrize("row", [r for r in SQL_TYPES if r.name in EXPRESSIONS], ids=lambda r: r.name)
def test_a_column_of_every_type_keeps_values_and_nulls(client: Client, row: Any, nulls: str) -> None:
    query, wanted = query_of(row.name, nulls), values_of(row.name, nulls)
    column = hzdata.read_arrow(query).column("c")
    assert column.type == row.arrow
    assert column.to_pylist() == wanted
    for backend in (None, "numpy_nullable", "pyarrow"):
        series = hzdata.read_sql(query, dtype_backend=backend)["c"]
        expected = row.pandas if backend is None else row.numpy_nullable
        assert str(series.dtype) == (f"{row.arrow}[pyarrow]" if backend == "pyarrow" else expected)
        assert series.isna().tolist() == [value is None for value in wanted]
        assert [v for v in series if not pd.isna(v)] == [v for v in wanted if v is not None]


def test_no_rows_keep_names_and_dtypes(client: Client) -> None:
    columns = ", ".join(f'{e} AS "{n}"' for n, (e, _) in EXPRESSIONS.items())
    sql = f"SELECT {columns} FROM TABLE(generate_series(0, 5)) AS s(v)"
    full, empty = hzdata.read_sql(sql), hzdata.read_sql(f"{sql} WHERE v > 100")
    assert len(empty) == 0
    pd.testing.assert_series_equal(empty.dtypes, full.dtypes)
    assert empty.index.equals(pd.RangeIndex(0))
    assert hzdata.read_arrow(f"{sql} WHERE v > 100").schema == hzdata.read_arrow(sql).schema
    (chunk,) = hzdata.read_sql(f"{sql} WHERE v > 100", chunksize=10)
    pd.testing.assert_frame_equal(chunk, empty)


def test_duplicate_column_names_are_kept_as_pandas_keeps_them(client: Client) -> None:
    frame = hzdata.read_sql("SELECT v AS a, v + 1 AS a, 'x' AS b FROM TABLE(generate_series(1, 1))")
    assert list(frame.columns) == ["a", "a", "b"]
    assert frame.iloc[0].tolist() == [1, 2, "x"]
    assert hzdata.read_arrow("SELECT v AS a, v AS a FROM TABLE(generate_series(1, 1))").column_names == ["a", "a"]


# --- time and number, at their limits ---


def test_nanoseconds_are_kept(client: Client) -> None:
    frame = hzdata.read_sql(
        # A parameter, because the member cuts literals of type TIME to seconds.
        "SELECT CAST(CAST(? AS VARCHAR) AS TIME) AS t, CAST('1969-12-31T23:59:59.999999999' AS TIMESTAMP) AS ts, "
        "CAST('2020-01-01T00:00:00.000000001-18:00' AS TIMESTAMP WITH TIME ZONE) AS tz",
        ["23:59:59.123456789"],
    )
    assert frame["t"].astype(pd.ArrowDtype(pa.int64())).tolist() == [86_399_123_456_789]
    assert frame["ts"][0] == pd.Timestamp("1969-12-31T23:59:59.999999999")
    assert frame["tz"][0] == pd.Timestamp("2020-01-01T18:00:00.000000001Z")


def test_a_timestamp_beyond_nanoseconds_is_refused_with_the_remedy_and_microseconds_hold_it(client: Client) -> None:
    sql = "SELECT CAST('9999-12-31T00:00:00' AS TIMESTAMP) AS until"
    with pytest.raises(ColumnValueError, match=r"column 'until', row 0: .*timestamp_unit=\"us\""):
        hzdata.read_sql(sql)
    frame = hzdata.read_sql(sql, timestamp_unit="us")
    assert str(frame["until"].dtype) == "datetime64[us]"
    assert frame["until"][0] == pd.Timestamp("9999-12-31").as_unit("us")


def test_microseconds_refuse_nanoseconds_unless_told_to_drop_them(client: Client) -> None:
    sql = "SELECT CAST('2020-01-01T00:00:00.123456789' AS TIMESTAMP) AS ts"
    with pytest.raises(ColumnValueError, match="truncate_timestamps=True"):
        hzdata.read_sql(sql, timestamp_unit="us")
    frame = hzdata.read_sql(sql, timestamp_unit="us", truncate_timestamps=True)
    assert frame["ts"][0] == pd.Timestamp("2020-01-01T00:00:00.123456")


def test_an_average_of_integers_is_a_float_or_a_rounded_decimal(client: Client) -> None:
    sql = (
        "SELECT AVG(v) AS a FROM TABLE(generate_series(1, 3)) AS s(v) WHERE v < 3 "
        "UNION ALL SELECT CAST(1 AS DECIMAL) / 3"
    )
    frame = hzdata.read_sql(sql)
    assert frame["a"].dtype == np.float64
    assert sorted(frame["a"]) == [1 / 3, 1.5]
    for exact in (hzdata.read_sql(sql, coerce_float=False), hzdata.read_sql(sql, dtype_backend="pyarrow")):
        assert str(exact["a"].dtype) == "decimal128(38, 18)[pyarrow]"
        assert sorted(exact["a"]) == [Decimal("0.333333333333333333"), Decimal("1.5")]


def test_decimals_chooses_precision_and_scale(client: Client) -> None:
    sql = "SELECT CAST('123456789012345678901234.125' AS DECIMAL) AS big"
    with pytest.raises(ColumnValueError, match="more than the 20 digits before the point"):
        hzdata.read_arrow(sql)
    table = hzdata.read_arrow(sql, decimals={"big": (38, 2)})
    assert table.column("big").to_pylist() == [Decimal("123456789012345678901234.12")]
    frame = hzdata.read_sql(sql, decimals={"big": (50, 3)})
    assert frame["big"][0] == Decimal("123456789012345678901234.125")


def test_decimals_of_what_is_no_decimal_are_refused(client: Client) -> None:
    with pytest.raises(ValueError, match="decimals: column 'a' is INTEGER, not DECIMAL"):
        hzdata.read_sql("SELECT CAST(1 AS INTEGER) AS a", decimals={"a": (10, 2)})
    with pytest.raises(KeyError, match="decimals: the result has no column 'b'"):
        hzdata.read_arrow("SELECT CAST(1 AS DECIMAL) AS a", decimals={"b": (10, 2)})
    with pytest.raises(TypeError, match=r"\(precision, scale\)"):
        hzdata.read_arrow("SELECT CAST(1 AS DECIMAL) AS a", decimals={"a": 10})  # type: ignore[dict-item]


def test_the_largest_and_the_smallest_of_each_integer(client: Client) -> None:
    frame = hzdata.read_sql(
        "SELECT CAST(-128 AS TINYINT) a, CAST(127 AS TINYINT) b, CAST(9223372036854775807 AS BIGINT) c, "
        "-9223372036854775807 - 1 AS d"
    )
    assert frame.iloc[0].tolist() == [-128, 127, 2**63 - 1, -(2**63)]


# --- what users of pandas.read_sql know ---


def test_parameters_in_order_with_numpy_and_pandas_scalars(client: Client) -> None:
    params = [np.int64(5_000_000_000), np.float64(0.5), "é", None, np.bool_(True), pd.Timestamp("2020-02-29T01:02:03")]
    frame = hzdata.read_sql(
        "SELECT CAST(? AS BIGINT) a, CAST(? AS DOUBLE) b, CAST(? AS VARCHAR) c, CAST(? AS INT) d, "
        "CAST(? AS BOOLEAN) e, CAST(? AS TIMESTAMP) f",
        params,
    )
    assert frame.iloc[0].tolist()[:3] == [5_000_000_000, 0.5, "é"]
    assert frame["d"].isna()[0]
    assert frame.iloc[0].tolist()[4:] == [True, pd.Timestamp("2020-02-29T01:02:03")]


@pytest.mark.parametrize(
    ("params", "error"),
    [
        ({"a": 1}, "no named parameters"),
        (5, r"pass params=\[5\]"),
        ("abc", r"pass params=\['abc'\]"),
    ],
)
def test_parameters_of_another_shape_are_refused_with_the_remedy(client: Client, params: Any, error: str) -> None:
    with pytest.raises(TypeError, match=error):
        hzdata.read_sql("SELECT CAST(? AS INT)", params)


def test_a_client_in_the_place_of_parameters_is_pointed_out(client: Client) -> None:
    with pytest.raises(TypeError, match="pass a client as client="):
        hzdata.read_sql("SELECT 1", client)  # type: ignore[call-overload, unused-ignore]


def test_a_parameter_with_nanoseconds_is_refused_before_they_are_lost(client: Client) -> None:
    with pytest.raises(ValueError, match=r"parameter 1, .* has nanoseconds"):
        hzdata.read_sql("SELECT CAST(? AS TIMESTAMP)", [pd.Timestamp("2020-01-01T00:00:00.000000001")])


def test_index_col_of_one_and_of_many(client: Client) -> None:
    sql = "SELECT v AS a, v + 1 AS b, v + 2 AS c FROM TABLE(generate_series(1, 3)) AS s(v) ORDER BY v"
    assert hzdata.read_sql(sql, index_col="a").index.tolist() == [1, 2, 3]
    frame = hzdata.read_sql(sql, index_col=["a", "b"])
    assert frame.index.names == ["a", "b"]
    assert list(frame.columns) == ["c"]
    with pytest.raises(KeyError, match="index_col: the result has no column 'aa'; did you mean 'a'"):
        hzdata.read_sql(sql, index_col="aa")


def test_dtype_is_applied_to_one_column_or_all(client: Client) -> None:
    sql = "SELECT v AS a, v AS b FROM TABLE(generate_series(1, 3)) AS s(v)"
    assert hzdata.read_sql(sql, dtype={"a": "float32"}).dtypes.astype(str).tolist() == ["float32", "Int32"]
    assert hzdata.read_sql(sql, dtype="int64").dtypes.astype(str).tolist() == ["int64", "int64"]
    with pytest.raises(KeyError, match="dtype: the result has no column 'zz'"):
        hzdata.read_sql(sql, dtype={"zz": "int"})


def test_parse_dates_by_name_format_and_unit(client: Client) -> None:
    sql = "SELECT '2020-02-29' AS a, '29/02/2020' AS b, 86400 AS c, 'no date' AS d, CAST('2020-02-29' AS DATE) AS e"
    day = pd.Timestamp("2020-02-29")
    assert hzdata.read_sql(sql, parse_dates=["a"])["a"][0] == day
    assert hzdata.read_sql(sql, parse_dates={"b": "%d/%m/%Y"})["b"][0] == day
    assert hzdata.read_sql(sql, parse_dates=["c"])["c"][0] == pd.Timestamp("1970-01-02")
    assert hzdata.read_sql(sql, parse_dates={"c": "ms"})["c"][0] == pd.Timestamp("1970-01-01T00:01:26.4")
    assert hzdata.read_sql(sql, parse_dates=["e"])["e"][0] == day
    assert hzdata.read_sql(sql, parse_dates={"d": {"errors": "coerce"}})["d"].isna()[0]
    with pytest.raises(ValueError, match="no date"):
        hzdata.read_sql(sql, parse_dates=["d"])


def test_options_that_make_no_sense_are_refused_before_the_query_runs(client: Client) -> None:
    for options, error in (
        ({"chunksize": 0}, "chunksize"),
        ({"timestamp_unit": "min"}, "timestamp_unit"),
        ({"dtype_backend": "numpy"}, "dtype_backend"),
    ):
        with pytest.raises(ValueError, match=error):
            hzdata.read_sql("SELECT * FROM not_there", **options)
    with pytest.raises(TypeError, match="sql must be a str"):
        hzdata.read_sql(None)  # type: ignore[call-overload]


# --- chunks ---

MANY = "SELECT v, CASE WHEN MOD(v, 5) = 0 THEN NULL ELSE CAST(v AS VARCHAR) END AS s FROM TABLE(generate_series(1, {}))"


@pytest.mark.parametrize("chunksize", [1, 7, 4096, 10_000, 10_001])
def test_chunks_have_exactly_the_size_asked_for_and_together_all_rows(client: Client, chunksize: int) -> None:
    rows = 10_000 if chunksize > 7 else 50
    sql = MANY.format(rows) + " AS t(v) ORDER BY v"
    whole = hzdata.read_sql(sql)
    chunks = list(hzdata.read_sql(sql, chunksize=chunksize, cursor_buffer_size=1000))
    assert {len(chunk) for chunk in chunks[:-1]} <= {chunksize}
    assert 1 <= len(chunks[-1]) <= chunksize
    assert all(chunk.index[0] == 0 for chunk in chunks)
    pd.testing.assert_frame_equal(pd.concat(chunks, ignore_index=True), whole)
    reader = hzdata.read_arrow(sql, chunksize=chunksize)
    batches = list(reader)
    assert [len(batch) for batch in batches] == [len(chunk) for chunk in chunks]
    assert pa.Table.from_batches(batches).equals(hzdata.read_arrow(sql))


def open_cursors(client: Client) -> int:
    return sum(connection.alive for connection in bulk.of(client)._open)


ENDLESS = "SELECT v FROM TABLE(generate_stream(100000))"


@pytest.mark.parametrize("end", ["close", "with", "drop"])
def test_an_endless_query_ends_with_its_chunks(client: Client, end: str) -> None:
    before = open_cursors(client)
    chunks: Any = hzdata.read_sql(ENDLESS, chunksize=1000)
    assert len(next(chunks)) == 1000
    assert open_cursors(client) == before + 1
    if end == "close":
        chunks.close()
        assert list(chunks) == []
    elif end == "with":
        with chunks:
            next(chunks)
    else:
        del chunks
        gc.collect()
    assert open_cursors(client) == before


def test_a_value_that_does_not_fit_ends_an_endless_query(client: Client) -> None:
    before = open_cursors(client)
    sql = (
        "SELECT CASE WHEN v < 5000 THEN NULL ELSE CAST('9999-12-31T00:00:00' AS TIMESTAMP) END AS until "
        "FROM TABLE(generate_stream(100000)) AS s(v)"
    )
    with pytest.raises(ColumnValueError, match="column 'until', row 5000:"):
        hzdata.read_sql(sql, cursor_buffer_size=1000)
    assert open_cursors(client) == before


def test_an_endless_query_ends_with_its_record_batch_reader(client: Client) -> None:
    before = open_cursors(client)
    reader = hzdata.read_arrow(ENDLESS, chunksize=1000)
    assert reader.read_next_batch().num_rows == 1000
    assert open_cursors(client) == before + 1
    del reader
    gc.collect()
    assert open_cursors(client) == before


# --- objects ---

PERSON = Schema(
    "person",
    [("name", FieldKind.STRING), ("age", FieldKind.NULLABLE_INT32), ("tags", FieldKind.ARRAY_OF_STRING)],
)


def test_objects_of_one_compact_schema_are_structs_in_arrow_and_records_in_pandas(
    client: Client, unique_name: str
) -> None:
    people = client.get_map(unique_name).blocking()
    for key, (name, age) in enumerate([("Ada", 36), ("Bob", None)]):
        people.put(key, GenericRecord(PERSON, {"name": name, "age": age, "tags": ["x", None]}))
    client.sql.execute(
        f"CREATE MAPPING {unique_name} (__key INT, this OBJECT) TYPE IMap "
        "OPTIONS ('keyFormat'='int', 'valueFormat'='java', 'valueJavaClass'='java.lang.Object')"
    ).result()
    sql = f"SELECT this FROM {unique_name} ORDER BY __key"
    wanted: list[dict[str, Any]] = [
        {"name": "Ada", "age": 36, "tags": ["x", None]},
        {"name": "Bob", "age": None, "tags": ["x", None]},
    ]
    column = hzdata.read_arrow(sql).column("this")
    assert pa.types.is_struct(column.type)
    assert [{name: row[name] for name in ("name", "age", "tags")} for row in column.to_pylist()] == wanted
    frame = hzdata.read_sql(sql)
    assert frame["this"].dtype == object
    assert [dict(record) for record in frame["this"]] == [dict(sorted(row.items())) for row in wanted]
    assert str(hzdata.read_sql(sql, dtype_backend="pyarrow")["this"].dtype).startswith("struct<")
    # A stream's schema comes before its values.
    assert hzdata.read_arrow(sql, chunksize=1).schema.field("this").type == pa.binary()


class Explosive:
    """Unpickling it would run code."""

    def __reduce__(self) -> Any:
        return (pytest.fail, ("a value was unpickled",))


def test_objects_of_several_kinds_are_python_objects_and_pickles_stay_bytes(client: Client, unique_name: str) -> None:
    values = client.get_map(unique_name).blocking()
    some_id = uuid.uuid4()
    values.put(1, ["a", 1])
    values.put(2, some_id)
    values.put(3, Explosive())
    client.sql.execute(
        f"CREATE MAPPING {unique_name} (__key INT, this OBJECT) TYPE IMap "
        "OPTIONS ('keyFormat'='int', 'valueFormat'='java', 'valueJavaClass'='java.lang.Object')"
    ).result()
    sql = f"SELECT this FROM {unique_name} WHERE __key <= ? ORDER BY __key"
    assert hzdata.read_sql(sql, [2])["this"].tolist() == [["a", 1], some_id]
    assert hzdata.read_arrow(sql, [2]).column("this").type == pa.binary()
    pickled = client.sql.execute(f"SELECT COUNT(*) FROM {unique_name}").result()
    assert next(iter(pickled))[0] == 3


def test_whole_rows_of_maps_are_read_by_their_mapping(client: Client, unique_name: str) -> None:
    client.sql.execute(
        f"CREATE MAPPING {unique_name} (__key BIGINT, name VARCHAR, price DECIMAL) TYPE IMap "
        f"OPTIONS ('keyFormat'='bigint', 'valueFormat'='compact', 'valueCompactTypeName'='{unique_name}')"
    ).result()
    client.sql.execute(f"INSERT INTO {unique_name} VALUES (1, 'tea', 2.50), (2, NULL, NULL)").result()
    frame = hzdata.read_sql(f"SELECT * FROM {unique_name} ORDER BY __key", index_col="__key")
    assert frame["name"].tolist()[0] == "tea"
    assert frame["name"].isna().tolist() == [False, True]
    assert frame["price"].tolist()[0] == 2.5


# --- failures ---


def test_a_statement_without_rows_is_refused_before_it_does_anything(client: Client, unique_name: str) -> None:
    values = client.get_map(unique_name).blocking()
    values.put("a", "b")
    create = f"CREATE MAPPING {unique_name} TYPE IMap OPTIONS ('keyFormat'='varchar', 'valueFormat'='varchar')"
    client.sql.execute(create).result()
    for statement in (f"DELETE FROM {unique_name}", f"DROP MAPPING {unique_name}"):
        with pytest.raises(hzdata.HazelcastSqlError, match=r"does not return rows.*client\.sql\.execute"):
            hzdata.read_sql(statement)
    assert len(hzdata.read_sql(f"SELECT * FROM {unique_name}")) == 1


def test_an_error_on_the_member_in_the_middle_says_how_many_rows_had_arrived(client: Client) -> None:
    with pytest.raises(hzdata.HazelcastSqlError) as caught:
        for _ in hzdata.read_sql(
            "SELECT 1000000 / (50000 - v) FROM TABLE(generate_stream(100000)) AS s(v)",
            chunksize=100,
            cursor_buffer_size=100,
        ):
            pass
    assert any("rows had arrived" in note for note in caught.value.__notes__)
    assert hzdata.read_sql("SELECT 1 AS a")["a"][0] == 1


def test_a_timeout_ends_the_query_with_an_error(client: Client) -> None:
    started = time.monotonic()
    with pytest.raises(hzdata.HazelcastSqlError, match="timeout=1 s"):
        hzdata.read_sql("SELECT v FROM TABLE(generate_stream(1)) AS s(v) WHERE v > 1000000", timeout=1)
    assert time.monotonic() - started < 30


def test_a_query_that_is_wrong_says_what_the_member_says(client: Client) -> None:
    with pytest.raises(hzdata.HazelcastSqlError, match="nosuch"):
        hzdata.read_sql("SELECT * FROM nosuch")


def test_pickled_values_reach_frames_as_their_bytes(client: Client) -> None:
    from hzdata.frames.objects import ObjectReader
    from hzdata.frames.types import ReadPolicy

    data = client.serialization_service.to_data(Explosive())
    assert data is not None
    value = ObjectReader(client, ReadPolicy()).read("c", 0, bytes(data))
    assert isinstance(value, bytes)
    with pytest.raises(pytest.fail.Exception, match="was unpickled"):
        pickle.loads(value)
