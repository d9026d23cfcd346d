"""SQL by rows, on a real member."""

from __future__ import annotations

import asyncio
import datetime as dt
import threading
from contextlib import suppress
from decimal import Decimal
from typing import Any

import pytest

from hzdata import Client, HazelcastSqlError
from hzdata.bulk import open_cursor
from hzdata.core.client import HazelcastClient
from hzdata.core.core import HazelcastJsonValue
from hzdata.core.errors import HazelcastClientNotActiveError
from hzdata.core.future import Future
from hzdata.core.sql import SqlColumnType, SqlExpectedResultType, SqlResult, SqlRow
from hzdata.local import LocalCluster
from tests.waiting import until

VALUES: list[tuple[str, int, Any]] = [
    ("CAST('text ü' AS VARCHAR)", SqlColumnType.VARCHAR, "text ü"),
    ("true", SqlColumnType.BOOLEAN, True),
    ("CAST(-5 AS TINYINT)", SqlColumnType.TINYINT, -5),
    ("CAST(-500 AS SMALLINT)", SqlColumnType.SMALLINT, -500),
    ("CAST(-70000 AS INTEGER)", SqlColumnType.INTEGER, -70000),
    ("CAST(9223372036854775807 AS BIGINT)", SqlColumnType.BIGINT, 2**63 - 1),
    (
        "CAST(12345678901234567890.0123456789 AS DECIMAL)",
        SqlColumnType.DECIMAL,
        Decimal("12345678901234567890.0123456789"),
    ),
    ("CAST(-0.001 AS DECIMAL)", SqlColumnType.DECIMAL, Decimal("-0.001")),
    ("CAST(1.5 AS REAL)", SqlColumnType.REAL, 1.5),
    ("CAST(-2.25 AS DOUBLE)", SqlColumnType.DOUBLE, -2.25),
    ("CAST('2024-02-29' AS DATE)", SqlColumnType.DATE, dt.date(2024, 2, 29)),
    ("CAST('23:59:58' AS TIME)", SqlColumnType.TIME, dt.time(23, 59, 58)),
    ("CAST('2024-02-29T01:02:03.5' AS TIMESTAMP)", SqlColumnType.TIMESTAMP, dt.datetime(2024, 2, 29, 1, 2, 3, 500000)),
    (
        "CAST('2024-02-29T01:02:03+02:00' AS TIMESTAMP WITH TIME ZONE)",
        SqlColumnType.TIMESTAMP_WITH_TIME_ZONE,
        dt.datetime(2024, 2, 29, 1, 2, 3, tzinfo=dt.timezone(dt.timedelta(hours=2))),
    ),
    ("CAST('{\"a\":1}' AS JSON)", SqlColumnType.JSON, HazelcastJsonValue('{"a":1}')),
]


@pytest.mark.parametrize(("expression", "column_type", "value"), VALUES, ids=[v[0] for v in VALUES])
def test_a_value_of_every_type_arrives_with_nulls_around_it(
    client: Client, expression: str, column_type: int, value: Any
) -> None:
    sql = f"SELECT CASE WHEN MOD(v, 3) = 1 THEN {expression} END AS x, v FROM TABLE(generate_series(1, 20)) ORDER BY v"
    result = client.sql.execute(sql).result()
    assert result.get_row_metadata().get_column(0).type == column_type
    assert [row["x"] for row in result] == [value if v % 3 == 1 else None for v in range(1, 21)]


def test_columns_that_are_null_or_full_throughout(client: Client) -> None:
    sql = "SELECT NULL AS n, v, CAST(NULL AS VARCHAR) s FROM TABLE(generate_series(1,3)) ORDER BY v"
    rows = list(client.sql.execute(sql).result())
    assert [list(row) for row in rows] == [[None, 1, None], [None, 2, None], [None, 3, None]]


def test_rows_come_by_name_by_index_and_in_order_of_pages(client: Client) -> None:
    sql = "SELECT v, v * 2 AS twice FROM TABLE(generate_series(1, 1000)) ORDER BY v"
    result = client.sql.execute(sql, cursor_buffer_size=64).result()
    rows = list(result)
    assert [row.get_object("v") for row in rows] == list(range(1, 1001))
    assert rows[9][1] == rows[9]["twice"] == rows[9].get_object_with_index(1) == 20
    with pytest.raises(ValueError, match="no column 'thrice' in this row; its columns are v, twice"):
        rows[0]["thrice"]
    with pytest.raises(ValueError, match="once only"):
        iter(result)


def test_parameters_stand_for_values_of_every_type(client: Client) -> None:
    parameters = [
        5,
        "text",
        2.5,
        True,
        None,
        Decimal("1.10"),
        dt.date(2020, 1, 2),
        dt.time(3, 4, 5, 6),
        dt.datetime(2020, 1, 2, 3),
    ]
    types = ["BIGINT", "VARCHAR", "DOUBLE", "BOOLEAN", "VARCHAR", "DECIMAL", "DATE", "TIME", "TIMESTAMP"]
    sql = "SELECT " + ", ".join(f"CAST(? AS {t})" for t in types)
    (row,) = client.sql.execute(sql, *parameters).result()
    assert list(row) == parameters


def test_a_mapping_is_written_to_and_read_from(client: Client, unique_name: str) -> None:
    execute = client.sql.execute
    created = execute(
        f"CREATE MAPPING {unique_name} TYPE IMap OPTIONS ('keyFormat'='int', 'valueFormat'='varchar')"
    ).result()
    assert (created.is_row_set(), created.update_count()) == (False, 0)
    with pytest.raises(ValueError, match="update count"):
        created.get_row_metadata()
    execute(f"SINK INTO {unique_name} VALUES (1, 'one'), (2, 'two')").result()
    assert client.get_map(unique_name).get(2).result() == "two"
    (row,) = execute(f"SELECT this FROM {unique_name} WHERE __key = ?", 1).result()
    assert row["this"] == "one"


@pytest.mark.parametrize(
    ("sql", "options", "code", "said"),
    [
        ("SELECT FROM WHERE", {}, 1008, "syntax"),
        ("SELECT * FROM nowhere", {}, 1010, "nowhere"),
        ("SELECT CAST('x' AS INTEGER)", {}, None, "x"),
        ("SELECT 1", {"expected_result_type": SqlExpectedResultType.UPDATE_COUNT}, -1, "update count"),
    ],
)
def test_a_statement_that_fails_says_why(
    client: Client, sql: str, options: dict[str, Any], code: int | None, said: str
) -> None:
    with pytest.raises(HazelcastSqlError) as failed:
        list(client.sql.execute(sql, **options).result())
    if code is not None:
        assert failed.value.code == code
    assert said in str(failed.value)
    assert len(str(failed.value)) < 300  # not the hundred words that a parser would have taken instead
    assert failed.value.originating_member_uuid in {m.uuid for m in client.cluster_service.get_members()}


def test_a_statement_is_run_by_a_member_with_data(client3: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    with_data, *others = client3.cluster_service.get_members()
    for member in others:
        monkeypatch.setattr(member, "lite_member", True)
    for _ in range(3):
        with pytest.raises(HazelcastSqlError) as failed:
            client3.sql.execute("SELECT FROM").result()
        assert failed.value.originating_member_uuid == with_data.uuid


def test_a_map_without_a_mapping_is_answered_with_the_statement_that_makes_one(
    client: Client, unique_name: str
) -> None:
    client.get_map(unique_name).put(1, "x").result()
    with pytest.raises(HazelcastSqlError) as failed:
        client.sql.execute(f"SELECT * FROM {unique_name}").result()
    assert failed.value.suggestion is not None
    client.sql.execute(failed.value.suggestion).result()
    assert [row["this"] for row in client.sql.execute(f"SELECT * FROM {unique_name}").result()] == ["x"]


ENDLESS = "SELECT * FROM TABLE(generate_stream(100))"


def test_a_query_runs_no_longer_than_its_timeout(client: Client) -> None:
    result = client.sql.execute("SELECT COUNT(*) FROM TABLE(generate_series(1, 2000000000))", timeout=1)
    with pytest.raises(HazelcastSqlError, match=r"CANCEL|timeout"):
        list(result.result())


def test_closing_early_ends_a_query_that_would_never_end(client: Client) -> None:
    with client.sql.execute(ENDLESS).result() as result:
        rows = iter(result)
        assert [next(rows)[0] for _ in range(5)] == [0, 1, 2, 3, 4]
    with pytest.raises(HazelcastSqlError):
        list(rows)


def test_rows_are_iterated_over_in_an_event_loop(client: Client) -> None:
    async def main() -> list[int]:
        result = await client.sql.execute(
            "SELECT v FROM TABLE(generate_series(1, 300)) ORDER BY v", cursor_buffer_size=100
        )
        return [row["v"] async for row in result]

    assert asyncio.run(main()) == list(range(1, 301))


def test_rows_are_taken_one_future_after_the_other(client: Client) -> None:
    rows = (
        client.sql.execute("SELECT v FROM TABLE(generate_series(1, 5)) ORDER BY v", cursor_buffer_size=2)
        .result()
        .iterator()
    )
    seen: list[int] = []
    ended = threading.Event()

    def on_row(future: Future[SqlRow]) -> None:
        try:
            seen.append(future.result()["v"])
            next(rows).add_done_callback(on_row)
        except StopIteration:
            ended.set()

    next(rows).add_done_callback(on_row)
    assert ended.wait(10)
    assert seen == [1, 2, 3, 4, 5]


def test_the_end_of_rows_is_told_by_a_future_first(client: Client) -> None:
    rows = client.sql.execute("SELECT 1").result().iterator()
    assert next(rows).result()[0] == 1
    end = next(rows)
    for ask in (end.result, lambda: next(rows)):
        with pytest.raises(StopIteration):
            ask()


def test_a_cursor_hands_out_every_page_and_forgets_the_query(client: Client) -> None:
    with open_cursor(client, "SELECT v FROM TABLE(generate_series(1, 100000))", cursor_buffer_size=1000) as cursor:
        assert cursor.metadata is not None
        pages = list(cursor)
    assert sum(page.row_count for page in pages) == 100000
    assert [page.last for page in pages[-2:]] == [False, True]


def test_a_cursor_that_is_dropped_early_leaves_the_client_usable(client: Client) -> None:
    for _ in range(20):
        with open_cursor(client, ENDLESS, cursor_buffer_size=1) as cursor:
            next(iter(cursor))
    assert next(iter(client.sql.execute("SELECT 1 AS a").result()))["a"] == 1


def test_years_that_python_cannot_hold_are_an_error_that_says_so(client: Client) -> None:
    with pytest.raises(HazelcastSqlError, match="year") as failed:
        client.sql.execute("SELECT CAST('0000-01-01' AS DATE)").result()
    assert failed.value.code == 2000


YEARS = "SELECT CAST(CASE WHEN v < 3 THEN '2000-01-01' ELSE '0000-01-01' END AS DATE) FROM TABLE(generate_stream(100))"


def test_nothing_follows_a_row_that_cannot_be_read(client: Client) -> None:
    rows = client.sql.execute(YEARS, cursor_buffer_size=1).result().iterator()
    assert [next(rows).result()[0].year for _ in range(3)] == [2000] * 3
    for _ in range(2):
        with pytest.raises(HazelcastSqlError, match=r"Failed to deserialize query result value: .*year"):
            next(rows).result()


def test_threads_that_take_a_result_at_once_take_the_same(client: Client) -> None:
    for _ in range(60):
        asked = client.sql.execute("SELECT v FROM TABLE(generate_series(1, 20000))")
        taken: list[SqlResult] = []
        asked.add_done_callback(lambda done, taken=taken: taken.append(done.result()))  # type: ignore[misc]
        result = asked.result()
        until(lambda taken=taken: taken)  # type: ignore[misc]
        assert taken == [result]
        assert sum(1 for _ in result) == 20000


def test_who_gives_up_waiting_for_a_row_gets_it_the_next_time(client: Client) -> None:
    async def impatiently() -> list[int]:
        found: list[int] = []
        slowly = "SELECT v FROM TABLE(generate_stream(10))"
        async with await client.sql.execute(slowly, cursor_buffer_size=1) as rows:
            row = aiter(rows)
            while len(found) < 5:
                with suppress(TimeoutError):
                    found.append((await asyncio.wait_for(anext(row), 0.03))["v"])
        return found

    assert asyncio.run(impatiently()) == [0, 1, 2, 3, 4]


def test_a_result_closed_while_rows_are_waited_for_has_no_end_but_an_error(client: Client) -> None:
    result = client.sql.execute("SELECT v FROM TABLE(generate_stream(3))", cursor_buffer_size=1).result()
    rows = result.iterator()
    next(rows).result()
    waited_for = next(rows)  # which comes, if the machine stands still just here
    result.close().result()
    for asked in ([waited_for, next(rows)], [next(rows)]):
        with pytest.raises(HazelcastSqlError) as failed:
            [row.result() for row in asked]
        assert failed.value.code == 1003


def test_what_fails_on_the_way_is_an_error_of_the_statement(cluster: LocalCluster) -> None:
    client = HazelcastClient(cluster_name="one", cluster_members=cluster.addresses)
    result = client.sql.execute(ENDLESS, cursor_buffer_size=1).result()
    rows = iter(result)
    next(rows)
    client.shutdown()
    for ask in (lambda: list(rows), lambda: result.close().result(), lambda: client.sql.execute("SELECT 1").result()):
        with pytest.raises(HazelcastSqlError) as failed:
            ask()
        assert isinstance(failed.value.__cause__, HazelcastClientNotActiveError)


@pytest.mark.parametrize(
    ("options", "kind"),
    [
        ({"cursor_buffer_size": "x"}, AssertionError),
        ({"cursor_buffer_size": 1.5}, AssertionError),
        ({"cursor_buffer_size": 2**31}, ValueError),
        ({"cursor_buffer_size": 0}, ValueError),
        ({"timeout": "x"}, AssertionError),
        ({"timeout": -2}, ValueError),
        ({"schema": 5}, AssertionError),
        ({"expected_result_type": 9}, TypeError),
        ({"expected_result_type": "ROW"}, TypeError),
    ],
)
def test_an_option_that_is_none_is_refused_by_name(
    client: Client, options: dict[str, Any], kind: type[Exception]
) -> None:
    with pytest.raises(kind, match=next(iter(options))):
        client.sql.execute("SELECT 1", **options)


def test_an_expected_result_is_said_by_name_too(client: Client) -> None:
    assert client.sql.execute("SELECT 1", expected_result_type="ROWS").result().is_row_set()  # type: ignore[arg-type]


def test_times_below_a_millisecond_are_not_for_ever(client: Client, unique_name: str) -> None:
    with pytest.raises(HazelcastSqlError):
        list(client.sql.execute(ENDLESS, cursor_buffer_size=1, timeout=0.0005).result())
    m = client.get_map(unique_name).blocking()
    m.put(1, 1, ttl=0.0005)
    until(lambda: m.get(1) is None)


def test_a_parameter_is_as_wide_as_its_value(client: Client) -> None:
    for value in (2**31, -(2**63)):
        result = client.sql.execute("SELECT CAST(? AS BIGINT) AS n", value).result()
        assert [row["n"] for row in result] == [value]
    with pytest.raises(HazelcastSqlError, match="does not fit"):
        client.sql.execute("SELECT CAST(? AS BIGINT)", 2**63).result()


def test_columns_and_rows_refuse_what_is_no_name_or_index(client: Client) -> None:
    result = client.sql.execute("SELECT 1 AS n").result()
    row, metadata = next(iter(result)), result.get_row_metadata()
    for ask in (row.get_object, row.__getitem__, metadata.find_column):
        with pytest.raises(AssertionError, match="is a str"):
            ask(None)  # type: ignore[arg-type]
    for at in (row.get_object_with_index, metadata.get_column):
        with pytest.raises(AssertionError, match="is an int"):
            at("one")  # type: ignore[arg-type]
