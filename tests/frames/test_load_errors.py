"""What can not be loaded is refused before anything is changed, by one error that names it and the remedy."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from hzdata import LocalCluster, connect, default_client, read_map, to_hz_map
from hzdata.core.protocol.framing import Message
from hzdata.default_client import NoDefaultClientError
from hzdata.frames.errors import ColumnTypeError, ColumnValueError
from hzdata.frames.load import LoadError
from hzdata.session import Client
from tests.wire import Line, fields, name_of, unchanged, wire_to


def nothing_happened(client: Client, name: str) -> bool:
    found = client.sql.execute("SELECT * FROM information_schema.mappings WHERE table_name = ?", name).result()
    return not list(found) and client.get_map(name).blocking().size() == 0


IDS = [1, 2, 3]
MOMENT = dt.datetime(2020, 1, 1, 5)


@pytest.mark.parametrize(
    ("data", "key", "error", "message"),
    [
        # names
        (pd.DataFrame({"id": IDS, 5: IDS}), "id", ColumnTypeError, "column 5: its name is a int, not text; rename it"),
        (pd.DataFrame({"id": IDS, "a.b": IDS}), "id", ColumnTypeError, "column 'a.b': its name has a dot.*'a_b'"),
        (pd.DataFrame({"id": IDS, "": IDS}), "id", ColumnTypeError, "column '': its name is empty"),
        (pd.DataFrame({"id": IDS, "this": IDS}), "id", ColumnTypeError, "column 'this': this is what SQL calls"),
        (pd.DataFrame({"id": IDS, "__key": IDS}), "id", ColumnTypeError, "column '__key': this is what SQL calls"),
        (
            pd.DataFrame([[1, 2]], columns=["a", "a"]),
            None,
            ColumnTypeError,
            "column 'a': another column has the same name; rename one",
        ),
        (pd.DataFrame(index=IDS), None, ValueError, "the frame has no columns"),
        (
            pd.DataFrame({"x": IDS}, index=pd.Index(IDS, name="a.b")),
            None,
            ColumnTypeError,
            "column 'a.b': an index level is named by text without dots",
        ),
        (pa.table([[1], [2]], names=["a", "a"]), "a", ColumnTypeError, "column 'a': another column has the same name"),
        # types
        (
            pd.DataFrame({"id": IDS, "x": pd.to_timedelta(IDS)}),
            "id",
            ColumnTypeError,
            r"column 'x': duration\[ns\]: a timedelta has no SQL type; store a number",
        ),
        (
            pd.DataFrame({"id": IDS, "x": pd.period_range("2020", periods=3)}),
            "id",
            ColumnTypeError,
            "column 'x': .*Period.* have no SQL type; convert it",
        ),
        (pd.DataFrame({"id": IDS, "x": [{"a": 1}] * 3}), "id", ColumnTypeError, "column 'x': struct.*nested values"),
        (
            pd.DataFrame({"id": IDS, "x": [1, "a", None]}),
            "id",
            ColumnTypeError,
            "column 'x': its values have no common",
        ),
        (pd.DataFrame({"id": IDS, "x": [1j] * 3}), "id", ColumnTypeError, "column 'x': its values have no common"),
        (
            pd.DataFrame({"id": IDS, "x": [object()] * 3}),
            "id",
            ColumnTypeError,
            "column 'x': its values have no common",
        ),
        (pd.DataFrame({"id": IDS, "x": [[[1]]] * 3}), "id", ColumnTypeError, "column 'x': .* array of arrays"),
        (
            pa.table({"id": IDS, "x": pa.array([[("a", 1)]] * 3, pa.map_(pa.string(), pa.int64()))}),
            "id",
            ColumnTypeError,
            "column 'x': map.*a column of maps",
        ),
        (pl.DataFrame({"id": IDS, "x": [dt.timedelta(1)] * 3}), "id", ColumnTypeError, "column 'x': duration"),
        # Python objects, of which Arrow would lose a part without a word
        (
            pd.DataFrame({"id": IDS, "x": [dt.date(2020, 1, 1), None, dt.datetime(2020, 1, 1, 5)]}, dtype=object),
            "id",
            ColumnValueError,
            r"column 'x', row 2: datetime.datetime\(2020, 1, 1, 5, 0\) is no date: its time of day would be lost",
        ),
        (
            pd.DataFrame({"id": IDS, "x": [MOMENT, None, MOMENT.replace(tzinfo=dt.UTC)]}, dtype=object),
            "id",
            ColumnValueError,
            "column 'x', row 2: .* has a time zone, and others have none",
        ),
        (
            pd.DataFrame({"id": IDS, "x": [MOMENT.replace(tzinfo=dt.UTC), None, MOMENT]}, dtype=object),
            "id",
            ColumnValueError,
            "column 'x', row 2: .* has no time zone, and others have one",
        ),
        (
            pd.DataFrame({"id": IDS, "x": [dt.time(1), None, dt.time(1, tzinfo=dt.UTC)]}, dtype=object),
            "id",
            ColumnValueError,
            "column 'x', row 2: .* has a time zone, which TIME has not",
        ),
        (
            pd.DataFrame({"id": IDS, "x": [b"a", None, "b"]}, dtype=object),
            "id",
            ColumnValueError,
            "column 'x', row 2: 'b' is text among bytes",
        ),
        (
            pd.DataFrame({"id": IDS, "x": [[], None, [dt.date(2020, 1, 1), dt.datetime(2020, 1, 1, 5)]]}, dtype=object),
            "id",
            ColumnValueError,
            "column 'x', row 2: .* is no date",
        ),
        (
            pd.DataFrame({"id": IDS, "x": [dt.datetime(9999, 1, 1), None, pd.Timestamp(1)]}, dtype=object),
            "id",
            ColumnValueError,
            "column 'x', row 0: .* does not fit nanoseconds, which row 2 has",
        ),
        (
            pd.DataFrame({"id": IDS, "x": [1, None, 2**70]}, dtype=object),
            "id",
            ColumnTypeError,
            "column 'x': its values have no common Arrow type: row 2 is 1180591620717411303424",
        ),
        (
            pd.DataFrame({"id": IDS, "x": [1, None, "a"]}, dtype=object),
            "id",
            ColumnTypeError,
            "column 'x': its values have no common Arrow type: row 2 is 'a'",
        ),
        # values
        (
            pd.DataFrame({"id": IDS, "x": np.array([1, 2, 2**63], np.uint64)}),
            "id",
            ColumnValueError,
            r"column 'x', row 2: 9223372036854775808 \(uint64\) does not fit BIGINT; cast the column",
        ),
        (
            pa.table({"id": IDS, "x": pa.array([0, 1, 86_400_000], pa.int64()).cast(pa.date64(), safe=False)}),
            "id",
            ColumnValueError,
            r"column 'x', row 1: .* \(date64.*\) does not fit DATE",
        ),
        (
            pa.table({"id": IDS, "x": pa.array([0, 1, 10**17], pa.int64()).cast(pa.timestamp("s"))}),
            "id",
            ColumnValueError,
            "column 'x', row 2: .* does not fit TIMESTAMP",
        ),
        (
            pa.table({"id": IDS, "x": pa.array([0, -1, 1], pa.int64()).view(pa.time64("ns"))}),
            "id",
            ColumnValueError,
            "column 'x', row 1: .* does not fit TIME",
        ),
        (
            pa.table({"id": IDS, "x": pa.chunked_array([[[1]], [[2], [2**63]]], pa.list_(pa.uint64()))}),
            "id",
            ColumnValueError,
            "column 'x', row 2: .* does not fit",
        ),
        # keys
        (pd.DataFrame({"id": IDS}), "idd", KeyError, "key='idd': the frame has no such column; did you mean 'id'"),
        (pd.DataFrame({"id": IDS}), "zz", KeyError, "key='zz': the frame has no such column; there are id"),
        (pd.DataFrame({"id": IDS}), ["id", "b"], KeyError, "key='b': the frame has no such column"),
        (pd.DataFrame({"id": IDS}), [], ValueError, r"key=\[\] names no column"),
        (pd.DataFrame({"id": IDS}), ["id", "id"], ValueError, "names a column twice"),
        (
            pd.DataFrame({"x": IDS}, index=pd.Index(IDS, name="id")),
            "id",
            KeyError,
            "it is a level of the index: key=None makes keys of that, reset_index",
        ),
        (
            pd.DataFrame({"id": pd.array([1, None, 3], dtype="Int64")}),
            "id",
            ColumnValueError,
            "column 'id', row 1: it is part of the key and null here; drop such rows",
        ),
        (pd.DataFrame({"id": [1.0, 2.0, np.nan]}), "id", ColumnValueError, "column 'id', row 2: .*null here"),
        (
            pa.table({"id": [1.0, float("nan"), 2.0]}),
            "id",
            ColumnValueError,
            "column 'id', row 1: it is part of the key and null here",
        ),
        (
            pd.DataFrame({"a": IDS, "b": ["x", None, "y"]}),
            ["a", "b"],
            ColumnValueError,
            "column 'b', row 1: .*null here",
        ),
        (pd.DataFrame({"x": IDS}, index=[1.0, np.nan, 2.0]), None, ColumnValueError, "column 'index', row 1: .*null"),
        (
            pd.DataFrame({"id": [7, 8, 7]}),
            "id",
            ColumnValueError,
            "row 2: the key id=7 is also that of row 0; rows whose key came before, in all: 1.*drop_duplicates",
        ),
        (
            pd.DataFrame({"a": [1, 1, 1], "b": ["x", "y", "y"]}),
            ["a", "b"],
            ColumnValueError,
            "column 'a, b', row 2: the key a=1, b='y' is also that of row 1",
        ),
        (pd.DataFrame({"x": IDS}, index=["a", "b", "a"]), None, ColumnValueError, "column 'index', row 2: .*row 0"),
        (pd.DataFrame({"id": [[1], [2], [3]]}), "id", ColumnTypeError, "column 'id': list.* can not be a key"),
        (pd.DataFrame({"id": [b"1", b"2", b"3"]}), "id", ColumnTypeError, "column 'id': binary can not be a key"),
        # what is no frame
        ([1, 2, 3], "id", TypeError, "not list; pandas.DataFrame"),
        (pd.Series(IDS), "id", TypeError, "not Series"),
        ("id", "id", TypeError, "not str"),
    ],
)
def test_bad_input_is_refused_before_anything_happens(
    client: Client, unique_name: str, data: Any, key: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        to_hz_map(data, unique_name, key)
    assert nothing_happened(client, unique_name)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"format": "jsn"}, "format='jsn': did you mean 'json'"),
        ({"format": "xml"}, "format='xml': it is one of 'compact', 'json', 'portable'"),
        ({"if_exists": "apend"}, "if_exists='apend': did you mean 'append'"),
        ({"ttl": 0}, "ttl=0: pass a number of seconds above 0"),
        ({"ttl": dt.timedelta(seconds=-1)}, "ttl=.*pass a number of seconds above 0"),
        ({"batch_size": 0}, "batch_size=0: pass a whole number of rows"),
        ({"name": ""}, "name='': a map is named by text"),
        ({"name": None}, "name=None: a map is named by text"),
    ],
)
def test_a_bad_option_is_refused_by_name(
    client: Client, unique_name: str, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        to_hz_map(pd.DataFrame({"id": IDS}), **({"name": unique_name, "key": "id"} | options))


def test_json_has_no_bytes(client: Client, unique_name: str) -> None:
    with pytest.raises(ColumnTypeError, match=r"column 'x': .*JSON has no bytes; write them as text"):
        to_hz_map(pa.table({"id": [1], "x": [b"a"]}), unique_name, "id", format="json")


def test_json_refuses_years_that_have_no_text(client: Client, unique_name: str) -> None:
    days = pa.array([0, 10**8], pa.int32()).cast(pa.date32())
    with pytest.raises(ColumnValueError, match=r"column 'x', row 1: .* does not fit DATE as JSON text"):
        to_hz_map(pa.table({"id": [1, 2], "x": days}), unique_name, "id", format="json")


def test_a_frame_of_lists_alone_has_no_mapping(client: Client, unique_name: str) -> None:
    table = pa.table({"x": [[1], [2]]})
    with pytest.raises(ValueError, match=r"no column of the frame has a SQL type .*pass mapping=False"):
        to_hz_map(table, unique_name)
    assert to_hz_map(table, unique_name, mapping=False).rows_placed == 2


def test_a_column_whose_name_sql_cannot_say_is_known_before_a_row_is_sent(client: Client, unique_name: str) -> None:
    for name in ("x" * 129, "line\nbreak"):
        with pytest.raises(ValueError, match=r"SQL takes .*mapping=False"):
            to_hz_map(pd.DataFrame({"id": IDS, name: IDS}), unique_name, "id")
    assert client.get_map(unique_name).blocking().size() == 0


def test_rows_are_appended_by_the_key_that_is_there(client: Client, unique_name: str) -> None:
    first = pd.DataFrame({"id": [0, 1, 2], "v": [1, 2, 3]})
    to_hz_map(first, unique_name, "id")
    with pytest.raises(ValueError, match=r"not keyed by 'v': one with __key \d has v \d"):
        to_hz_map(pd.DataFrame({"id": [14], "v": [1]}), unique_name, "v", if_exists="append")
    assert to_hz_map(pd.DataFrame({"id": [14], "v": [1]}), unique_name, "id", if_exists="append").entries == 4


@pytest.mark.parametrize("statement", ["SELECT", "CREATE"])
def test_a_member_that_goes_while_a_load_is_prepared_is_asked_again(
    cluster: LocalCluster, client: Client, unique_name: str, statement: str
) -> None:
    lost = []

    def cut(line: Line, request: Message) -> bytes | None:
        if name_of(request) != "Sql.execute" or not fields(request)[0].startswith(statement):
            return unchanged(line, request)
        lost.append(statement)
        line.cut()
        return None

    with wire_to(cluster.addresses[0]) as wire, connect(wire.address, cluster_name="one") as through:
        wire.on_request = cut
        to_hz_map(pa.table({"id": IDS}), unique_name, "id", client=through)
        assert lost
    assert client.read_sql(f"SELECT COUNT(*) AS n FROM {unique_name}")["n"].tolist() == [3]


def test_without_a_client_the_error_says_how_to_get_one(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, nothing in {"_alive": [], "_offers": [], "_chosen": None}.items():
        monkeypatch.setattr(default_client, name, nothing)
    with pytest.raises(NoDefaultClientError, match=r"hzdata\.connect"):
        pd.DataFrame({"id": IDS}).to_hz_map("x", "id")


def test_a_stream_that_fails_hands_back_what_was_read_and_not_placed(client: Client, unique_name: str) -> None:
    schema = pa.schema({"id": pa.int64()})

    def batches() -> Any:
        yield pa.record_batch([pa.array(range(100))], schema)
        raise OSError("the disk is gone")

    reader = pa.RecordBatchReader.from_batches(schema, batches())
    with pytest.raises(LoadError, match=r"the disk is gone.* 0 rows placed.*100 not placed") as caught:
        to_hz_map(reader, unique_name, "id", batch_size=1000)
    report = caught.value.report
    assert report.not_placed["id"].to_pylist() == list(range(100))
    assert not report.complete


def test_a_null_key_in_a_stream_ends_the_load_and_every_row_is_accounted_for(client: Client, unique_name: str) -> None:
    ids = [*range(2500), None, *range(2501, 5000)]
    reader = pa.table({"id": pa.array(ids, pa.int64())}).to_reader(max_chunksize=1000)
    with pytest.raises(LoadError, match="column 'id', row 2500: it is part of the key and null") as caught:
        to_hz_map(reader, unique_name, "id", batch_size=1000)
    report = caught.value.report
    placed = set(client.get_map(unique_name).blocking().key_set())
    unknown = set(report.unknown["id"].to_pylist())
    not_placed = report.not_placed["id"].to_pylist()
    assert report.rows_placed + len(unknown) == 2000
    assert placed | unknown == set(range(2000))
    assert not_placed == [*range(2000, 2500), None, *range(2501, 3000)]
    rest = reader.read_all()["id"].to_pylist()
    assert rest == ids[3000:]


def test_rows_with_columns_of_arrow_views_are_handed_back_too(client: Client, unique_name: str) -> None:
    schema = pa.schema(
        {
            "id": pa.int64(),
            "s": pa.string_view(),
            "b": pa.binary_view(),
            "c": pa.dictionary(pa.int8(), pa.string_view()),
        }
    )

    def batches() -> Any:
        words = pa.array(["a", None], pa.string_view())
        category = pa.DictionaryArray.from_arrays(pa.array([0, 0], pa.int8()), words)
        yield pa.record_batch([pa.array([1, 2]), words, pa.array([b"x", None], pa.binary_view()), category], schema)
        raise OSError("the disk is gone")

    reader = pa.RecordBatchReader.from_batches(schema, batches())
    with pytest.raises(LoadError, match="the disk is gone") as caught:
        to_hz_map(reader, unique_name, "id", batch_size=2)
    rows = [caught.value.report.unknown, caught.value.report.not_placed]
    back = [row for table in rows if table is not None for row in table.to_pylist()]
    placed = client.get_map(unique_name).blocking().key_set()
    assert {row["id"] for row in back} | set(placed) == {1, 2}
    assert all(
        row in [{"id": 1, "s": "a", "b": b"x", "c": "a"}, {"id": 2, "s": None, "b": None, "c": "a"}] for row in back
    )


WORDS = pa.array(["a", "b", None])


@pytest.mark.parametrize(
    "column",
    [
        WORDS,
        WORDS.cast(pa.string_view()),
        WORDS.cast(pa.binary()).cast(pa.binary_view()),
        pa.DictionaryArray.from_arrays(pa.array([0, 1, None], pa.int8()), WORDS.cast(pa.string_view())),
        pc.run_end_encode(WORDS),
    ],
    ids=lambda column: str(column.type),
)
def test_a_report_takes_rows_of_any_arrow_type(column: pa.Array) -> None:
    from hzdata.frames.source import source_of

    source = source_of(pa.table({"x": pa.chunked_array([column, column.slice(1)])}))
    for rows in ([0, 1, 3], [2], [], [4, 0]):
        found = source.take(np.array(rows, np.int64), [])["x"]
        assert found.type == column.type
        assert found.to_pylist() == [[*column, *column.slice(1)][row].as_py() for row in rows]


def test_a_run_end_encoded_column_is_loaded_and_accounted_for(client: Client, unique_name: str) -> None:
    table = pa.table({"id": [0, 1, 2], "v": pc.run_end_encode(pa.array(["a", "a", "b"]))})
    assert to_hz_map(table, unique_name, key="id").rows_placed == 3
    assert read_map(unique_name, key=False).sort_values("id")["v"].tolist() == ["a", "a", "b"]
