"""Python's DB-API 2.0 over a real member, with PEP 249 as the measure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import pytest

from hzdata import LocalCluster
from hzdata.core import db
from hzdata.core.config import Config


@pytest.fixture(scope="module")
def connection(cluster: LocalCluster) -> Iterator[db.Connection]:
    host, port = cluster.addresses[0].split(":")
    with db.connect(host=host, port=int(port), cluster_name=cluster.cluster_name) as connection:
        yield connection


@pytest.fixture
def people(connection: db.Connection, unique_name: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(
            f'CREATE MAPPING "{unique_name}" (__key INT, name VARCHAR, age INT) TYPE IMap '
            "OPTIONS ('keyFormat'='int', 'valueFormat'='json-flat')"
        )
        cursor.executemany(f'INSERT INTO "{unique_name}" VALUES (?, ?, ?)', [(i, f"p{i}", i * 10) for i in range(25)])
    return f'"{unique_name}"'


def test_the_module_says_what_pep_249_asks() -> None:
    assert (db.apilevel, db.threadsafety, db.paramstyle) == ("2.0", 2, "qmark")
    assert issubclass(db.Warning, Exception)
    assert issubclass(db.InterfaceError, db.Error)
    for error in (
        db.DataError, db.OperationalError, db.IntegrityError, db.InternalError, db.ProgrammingError,
        db.NotSupportedError,
    ):  # fmt: skip
        assert issubclass(error, db.DatabaseError)
    assert db.Date(2024, 2, 29) == date(2024, 2, 29)
    assert db.Time(1, 2, 3) == time(1, 2, 3)
    assert db.Timestamp(2024, 2, 29, 1, 2, 3) == datetime(2024, 2, 29, 1, 2, 3)
    assert db.TimestampFromTicks(0) == datetime.fromtimestamp(0)
    assert db.DateFromTicks(0) == date.fromtimestamp(0)
    assert db.TimeFromTicks(0) == datetime.fromtimestamp(0).time()
    assert db.Binary(b"x") == b"x"


def test_rows_are_fetched_one_by_one_some_and_all(connection: db.Connection, people: str) -> None:
    cursor = connection.cursor()
    assert (cursor.connection, cursor.description, cursor.rowcount, cursor.rownumber) == (connection, None, -1, None)
    cursor.execute(f"SELECT __key, name FROM {people} WHERE age >= ? ORDER BY age", (50,))
    assert [(c.name, c.type) for c in cursor.description or []] == [
        ("__key", db.Type.INTEGER),
        ("name", db.Type.STRING),
    ]
    assert len((cursor.description or [])[0]) == 7
    assert cursor.rownumber == 0
    first = cursor.fetchone()
    assert first is not None
    assert (first[0], first["name"]) == (5, "p5")
    assert len(cursor.fetchmany()) == 1
    cursor.arraysize = 3
    assert [row[0] for row in cursor.fetchmany()] == [7, 8, 9]
    assert [row[0] for row in cursor.fetchmany(2)] == [10, 11]
    assert cursor.rownumber == 7
    assert [row[0] for row in cursor] == list(range(12, 25))
    assert (cursor.fetchone(), cursor.fetchmany(5), cursor.fetchall()) == (None, [], [])
    with pytest.raises(StopIteration):
        cursor.next()
    cursor.execute(f"SELECT COUNT(*) FROM {people}")
    assert cursor.fetchall()[0][0] == 25
    cursor.setinputsizes([1])
    cursor.setoutputsize(1, 1)
    cursor.close()
    cursor.close()


def test_every_type_has_its_type_object(connection: db.Connection) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT CAST('x' AS VARCHAR) s, TRUE b, CAST(1 AS TINYINT) i, CAST(1.5 AS DECIMAL) d, "
            "CAST(1.5 AS DOUBLE) f, "
            "CAST('2024-02-29' AS DATE) dt, CAST('01:02:03' AS TIME) t, CAST('2024-02-29T01:02:03' AS TIMESTAMP) ts, "
            "CAST('{}' AS JSON) j, NULL n"
        )
        types = [column.type for column in cursor.description or []]
        [row] = cursor.fetchall()
    assert types == [
        db.Type.STRING, db.Type.BOOLEAN, db.Type.INTEGER, db.Type.DECIMAL, db.Type.FLOAT, db.Type.DATE, db.Type.TIME,
        db.Type.DATETIME, db.Type.JSON, db.Type.NULL,
    ]  # fmt: skip
    assert [kind == db.STRING for kind in types] == [kind is db.Type.STRING for kind in types]  # JSON is no str
    assert (types[2] == db.NUMBER, types[3] == db.NUMBER) == (True, True)
    assert (types[5] == db.DATETIME, types[0] == db.NUMBER, types[0] == db.BINARY) == (True, False, False)
    assert (row["d"], row["dt"], row["n"]) == (Decimal("1.5"), date(2024, 2, 29), None)


def test_failures_are_errors_of_the_dbapi(connection: db.Connection, people: str) -> None:
    cursor = connection.cursor()
    with pytest.raises(db.InterfaceError, match="no rows"):
        cursor.fetchone()
    with pytest.raises(db.InterfaceError, match="tuple or list"):
        cursor.execute("SELECT ?", "text")
    with pytest.raises(db.ProgrammingError):
        cursor.execute("SELEKT 1")
    with pytest.raises(db.ProgrammingError, match="must be a str"):
        cursor.execute(None)  # type: ignore[arg-type]

    def failing() -> None:
        cursor.execute(f"SELECT CAST(name AS INT) FROM {people}")
        cursor.fetchall()

    with pytest.raises(db.DataError, match="INTEGER"):
        failing()
    with pytest.raises(db.DatabaseError):
        cursor.executemany(f"SELECT * FROM {people} WHERE age > ?", [(1,)])
    with pytest.raises(db.InterfaceError, match="for each execution, not 5"):
        cursor.executemany("SELECT 1", 5)  # type: ignore[arg-type]
    cursor.execute(f"DELETE FROM {people} WHERE __key = 1")
    assert (cursor.description, cursor.rowcount) == (None, -1)
    cursor.close()
    for call in (cursor.fetchall, lambda: cursor.execute("SELECT 1")):
        with pytest.raises(connection.ProgrammingError, match="closed"):
            call()


def test_ways_to_connect(cluster: LocalCluster) -> None:
    address, name = cluster.addresses[0], cluster.cluster_name
    with db.connect(dsn=f"hz://{address}?cluster.name={name}") as connection:
        connection.commit()
        assert connection.cursor().connection is connection
    for call in (connection.cursor, connection.commit):
        with pytest.raises(db.InterfaceError, match="closed"):
            call()
    with pytest.raises(db.InterfaceError, match="closed already"):
        connection.close()
    config = Config()
    config.cluster_members, config.cluster_name = [address], name
    db.connect(config).close()


def test_a_dsn_says_all_that_a_connection_needs(cluster: LocalCluster) -> None:
    config = db._read_dsn("hz://ada:s3%40t@one:1,two?cluster.name=prod&smart=false")
    assert (config.cluster_members, config.cluster_name, config.smart_routing) == (["one:1", "two:5701"], "prod", False)
    assert (config.creds_username, config.creds_password) == ("ada", "s3@t")
    with db.connect(dsn=f"hz://{cluster.addresses[0]}?cluster.name={cluster.cluster_name}&smart=false") as connection:
        cursor = connection.cursor()
        cursor.execute("SELECT 1")
        assert cursor.fetchone()[0] == 1


@pytest.mark.parametrize(
    ("given", "members"),
    [
        ("", ["localhost:5701"]),
        (":1", ["localhost:1"]),
        ("[::1],[::1]:2", ["[::1]:5701", "[::1]:2"]),
        ("?cloud.token=t", []),
        ("one?cloud.token=t", ["one:5701"]),
    ],
)
def test_what_a_dsn_does_not_say_of_an_address_is_the_default(given: str, members: list[str]) -> None:
    assert db._read_dsn(f"hz://{given}").cluster_members == members


def test_what_an_error_ended_has_no_end_of_its_rows(connection: db.Connection) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT CAST(CASE v WHEN 2 THEN 'x' ELSE '1' END AS INT) FROM TABLE(generate_stream(100))")
        with pytest.raises(db.DataError):
            cursor.fetchall()
        with pytest.raises(db.InterfaceError, match="no rows"):
            cursor.fetchone()


def test_the_host_may_be_an_address_of_version_6(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(db, "Connection", lambda config: config.cluster_members)
    found = [db.connect(host=host, port=2) for host in ("::1", "[::1]", "one")]
    assert found == [["[::1]:2"], ["[::1]:2"], ["one:2"]]  # type: ignore[comparison-overlap]


def test_with_its_connection_a_cursor_ends_too(cluster: LocalCluster) -> None:
    connection = db.connect(dsn=f"hz://{cluster.addresses[0]}?cluster.name={cluster.cluster_name}")
    cursor = connection.cursor()
    cursor.execute("SELECT * FROM TABLE(generate_stream(1000))")
    assert len(cursor.fetchmany(3)) == 3
    connection.close()
    for call in (cursor.fetchone, cursor.fetchall, lambda: cursor.execute("SELECT 1")):
        with pytest.raises(db.Error, match="closed"):
            call()
    cursor.close()


def test_no_connection_is_an_operational_error() -> None:
    config = Config()
    config.cluster_members, config.cluster_connect_timeout = ["127.0.0.1:1"], 0
    with pytest.raises(db.OperationalError, match="refused"):
        db.connect(config)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"config": Config(), "host": "h"}, "host"),
        ({"dsn": "hz://h", "port": 1}, "port"),
        ({"dsn": "http://h"}, "hz://"),
        ({"dsn": "hz://h?name=x"}, "cluster.name"),
        ({"dsn": "hz://h?smart=perhaps"}, "smart_routing"),
        ({"dsn": "hz://h:port"}, "no address"),
        ({"user": 5, "host": "h"}, "creds_username"),
        ({"config": {"cluster_name": "dev"}}, "must be a Config"),
    ],
)
def test_arguments_that_exclude_each_other_are_named(options: dict[str, Any], said: str) -> None:
    with pytest.raises(db.InterfaceError, match=said):
        db.connect(**options)


def test_a_parameter_that_cannot_be_sent_is_an_error_of_the_data(connection: db.Connection) -> None:
    with connection.cursor() as cursor, pytest.raises(db.DataError, match=str(2**70)):
        cursor.execute("SELECT CAST(? AS BIGINT)", (2**70,))
