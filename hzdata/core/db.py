"""Hazelcast SQL through Python's DB-API 2.0.

    with connect(host="10.0.0.5", cluster_name="prod") as connection, connection.cursor() as cursor:
        cursor.execute("SELECT name, age FROM people WHERE age > ?", (30,))
        print(cursor.fetchall())

See: https://peps.python.org/pep-0249. There are no transactions: every statement takes effect by itself, and ``commit``
does nothing.
"""

from __future__ import annotations

import enum
import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import date, datetime, time
from functools import partial
from typing import Any, NamedTuple, TypeVar
from urllib.parse import parse_qsl, unquote, urlsplit

from .client import HazelcastClient
from .config import Config
from .errors import HazelcastError, HazelcastSerializationError, InvalidConfigurationError
from .protocol.sql_types import SQL_TYPE_NAMES
from .query import HazelcastSqlError, SqlColumnMetadata, SqlExpectedResultType
from .sql import SqlResult, SqlRow

apilevel = "2.0"
threadsafety = 2
"""Threads may share the module and connections."""
paramstyle = "qmark"

_T = TypeVar("_T")


class Error(Exception):
    """Any failure.

    Examples
    --------
    >>> for kind in (InternalError, OperationalError, ProgrammingError, IntegrityError, DataError, NotSupportedError):
    ...     assert issubclass(kind, DatabaseError)
    >>> issubclass(DatabaseError, Error), issubclass(InterfaceError, Error)
    (True, True)
    """


class Warning(Exception):
    """Never raised.

    Examples
    --------
    >>> issubclass(Warning, Error)
    False
    """


class InterfaceError(Error):
    """The interface was used wrongly."""


class DatabaseError(Error):
    """The cluster refused, or failed."""


class InternalError(DatabaseError):
    """The cluster is in no state to answer."""


class OperationalError(DatabaseError):
    """Something outside of the statement failed: the connection, a time limit."""


class ProgrammingError(DatabaseError):
    """The statement is wrong, or the cursor closed."""


class IntegrityError(DatabaseError):
    """Never raised: there are no constraints."""


class DataError(DatabaseError):
    """A value is not what the statement can work with."""


class NotSupportedError(DatabaseError):
    """What was asked for, Hazelcast does not offer."""


class Type(enum.Enum):
    """Types of columns.

    Examples
    --------
    >>> Type.INTEGER == NUMBER, Type.STRING == STRING, Type.JSON == STRING
    (True, True, False)
    """

    NULL = 0
    STRING = 1
    BOOLEAN = 2
    DATE = 3
    TIME = 4
    DATETIME = 5
    INTEGER = 6
    FLOAT = 7
    DECIMAL = 8
    JSON = 9
    OBJECT = 10


class _TypeGroup(frozenset[Type]):
    """One of PEP 249's type objects: equal to each of its types."""

    def __eq__(self, other: object) -> bool:
        return other in self

    __hash__ = frozenset.__hash__


STRING = _TypeGroup({Type.STRING})
BINARY = _TypeGroup()
NUMBER = _TypeGroup({Type.INTEGER, Type.FLOAT, Type.DECIMAL})
DATETIME = _TypeGroup({Type.DATE, Type.TIME, Type.DATETIME})
ROWID = _TypeGroup()

Date, Time, Timestamp, Binary = date, time, datetime, bytes


def DateFromTicks(ticks: float) -> date:
    """Return the local date of a time in seconds since the epoch.

    Examples
    --------
    >>> DateFromTicks(43_200)
    datetime.date(1970, 1, 1)
    """
    return date.fromtimestamp(ticks)


def TimeFromTicks(ticks: float) -> time:
    """Return the local time of day of a time in seconds since the epoch.

    Examples
    --------
    >>> TimeFromTicks(0.5).microsecond
    500000
    """
    return datetime.fromtimestamp(ticks).time()


def TimestampFromTicks(ticks: float) -> datetime:
    """Return the local date and time of a time in seconds since the epoch.

    Examples
    --------
    >>> TimestampFromTicks(0.5).microsecond
    500000
    """
    return datetime.fromtimestamp(ticks)


# SQL's names of types, where they are not ours too.
_TYPES = {
    "VARCHAR": Type.STRING,
    **dict.fromkeys(("TINYINT", "SMALLINT", "BIGINT"), Type.INTEGER),
    **dict.fromkeys(("REAL", "DOUBLE"), Type.FLOAT),
    **dict.fromkeys(("TIMESTAMP", "TIMESTAMP_WITH_TIME_ZONE"), Type.DATETIME),
}

_DSN_OPTIONS = {
    "cluster.name": "cluster_name",
    "cloud.token": "cloud_discovery_token",
    "smart": "smart_routing",
    "ssl": "ssl_enabled",
    "ssl.ca.path": "ssl_cafile",
    "ssl.cert.path": "ssl_certfile",
    "ssl.key.path": "ssl_keyfile",
    "ssl.key.password": "ssl_password",
}
_SWITCHES = ("smart", "ssl")

# Codes of HazelcastSqlError that say whose fault it was.
_KINDS: dict[int, type[DatabaseError]] = {
    **dict.fromkeys((1001, 1003, 1004), OperationalError),  # connection lost, cancelled, timeout
    1008: ProgrammingError,  # parsing
    2000: DataError,
}


class ColumnDescription(NamedTuple):
    """A column of a result.

    Examples
    --------
    >>> column = ColumnDescription("age", Type.INTEGER, None, None, None, None, True)
    >>> column.name, column.type == NUMBER
    ('age', True)
    """

    name: str
    type: Type
    display_size: None
    internal_size: None
    precision: None
    scale: None
    null_ok: bool


class Cursor(Iterator[SqlRow], AbstractContextManager["Cursor"]):
    """Executes statements, one at a time, and fetches their rows. An iterator and a context manager.

    Attributes
    ----------
    arraysize : int
        Rows that ``fetchmany`` fetches when it is not told how many.
    connection : Connection
        The connection that made the cursor.
    description : list of ColumnDescription or None
        The columns of the result; None when there are no rows.
    rowcount : int
        Rows that the statement changed, where the members tell it; else -1.
    rownumber : int or None
        Position of the next row in the result; None when there is none.

    Examples
    --------
    >>> cursor = connect(client.config).cursor()
    """

    def __init__(self, conn: Connection) -> None:
        self.connection = conn
        self.arraysize = 1
        self._closed = False
        self._result: SqlResult | None = None
        self._drop()

    def _drop(self) -> None:
        if self._result is not None:
            self._result.close()
        self._result = None
        self._rows: Iterator[SqlRow] | None = None
        self.description: list[ColumnDescription] | None = None
        self.rownumber: int | None = None
        self.rowcount = -1

    def close(self) -> None:
        """Let the cluster forget the statement. The cursor can be used no more.

        Examples
        --------
        >>> with cursor.connection.cursor() as another:  # which closes it
        ...     another.close()  # as this does
        """
        self._drop()
        self._closed = True

    def execute(self, operation: str, params: Sequence[Any] | None = None) -> None:
        """Execute a statement.

        Parameters
        ----------
        operation
            The statement; ``?`` stands for a parameter.
        params
            A tuple or list with the values of the parameters.

        Examples
        --------
        >>> cursor.execute("SELECT v, 'no. ' || v AS s FROM TABLE(generate_series(1, 9)) WHERE v > ? ORDER BY v", (3,))
        >>> [(column.name, column.type) for column in cursor.description]
        [('v', <Type.INTEGER: 6>), ('s', <Type.STRING: 1>)]
        """
        values = _checked(params)
        client = self._open_client()
        self._drop()
        result = _translated(lambda: client.sql.execute(operation, *values).result())
        if not result.is_row_set():
            # Members do not tell how many rows a statement changed, but for 0.
            self.rowcount = result.update_count() or -1
            return
        self._result = result
        self._rows = iter(result)
        self.rownumber = 0
        self.description = [_described(column) for column in result.get_row_metadata().columns]

    def executemany(self, operation: str, seq_of_params: Iterable[Sequence[Any]]) -> None:
        """Execute a statement that returns no rows, once with each of the parameters.

        Examples
        --------
        >>> with cursor.connection.cursor() as another:
        ...     another.execute("CREATE OR REPLACE MAPPING ages_of_db (__key VARCHAR, this INTEGER) TYPE IMap "
        ...                     "OPTIONS ('keyFormat' = 'varchar', 'valueFormat' = 'int')")
        ...     another.executemany("SINK INTO ages_of_db VALUES (?, ?)", [("Ada", 36), ("Alan", 41)])
        >>> client.get_map("ages_of_db").get("Ada").result()
        36
        """
        if not isinstance(seq_of_params, Iterable):
            raise InterfaceError(f"seq_of_params must be a tuple or list for each execution, not {seq_of_params!r}")
        client = self._open_client()
        self._drop()
        execute = partial(client.sql.execute, operation, expected_result_type=SqlExpectedResultType.UPDATE_COUNT)
        under_way = [_translated(partial(execute, *_checked(params))) for params in seq_of_params]
        for future in under_way:
            _translated(future.result)

    def fetchone(self) -> SqlRow | None:
        """Return the next row; None when there is none left.

        Examples
        --------
        >>> cursor.fetchone()
        SqlRow(v=4, s='no. 4')
        """
        return next(self, None)

    def fetchmany(self, size: int | None = None) -> list[SqlRow]:
        """Return the next rows, ``size`` or ``arraysize`` of them at most.

        Examples
        --------
        >>> [row["v"] for row in cursor.fetchmany(2)], cursor.rownumber
        ([5, 6], 3)
        """
        return self._fetch(self.arraysize if size is None else size)

    def fetchall(self) -> list[SqlRow]:
        """Return all rows that are left.

        Examples
        --------
        >>> [row["v"] for row in cursor.fetchall()], cursor.fetchone()
        ([7, 8, 9], None)
        """
        return self._fetch(None)

    def next(self) -> SqlRow:
        """Return the next row.

        Raises
        ------
        StopIteration
            When there is none left.

        Examples
        --------
        >>> cursor.execute("SELECT v FROM TABLE(generate_series(1, 3)) ORDER BY v")
        >>> cursor.next(), [row["v"] for row in cursor]
        (SqlRow(v=1), [2, 3])
        """
        return next(iter(self.fetchmany(1)))

    def setinputsizes(self, sizes: Any) -> None:
        """Do nothing: sizes need not be known.

        Examples
        --------
        >>> cursor.setinputsizes([100])
        """

    def setoutputsize(self, size: Any = None, column: Any = None) -> None:
        """Do nothing: sizes need not be known.

        Examples
        --------
        >>> cursor.setoutputsize(100)
        >>> cursor.connection.close()
        """

    def _fetch(self, count: int | None) -> list[SqlRow]:
        self._open_client()
        rows = self._rows
        if rows is None or self.rownumber is None:
            raise InterfaceError("there are no rows: execute a statement that returns some first")
        self._rows = None  # What an error ended has no end of its rows.
        found = _translated(lambda: list(itertools.islice(rows, count)))
        self._rows = rows
        self.rownumber += len(found)
        return found

    def _open_client(self) -> HazelcastClient:
        if self._closed:
            raise ProgrammingError("the cursor is closed")
        return self.connection._open_client()

    __next__ = next

    def __exit__(self, *exc: object) -> None:
        self.close()


class Connection(AbstractContextManager["Connection"]):
    """A connection to a cluster. ``connect`` makes one; a context manager that closes it.

    Examples
    --------
    >>> connection = Connection(client.config)
    >>> for kind in (connection.ProgrammingError, connection.DataError, connection.OperationalError,
    ...              connection.InternalError, connection.IntegrityError, connection.NotSupportedError):
    ...     assert issubclass(kind, connection.DatabaseError)
    >>> connection.Error, connection.InterfaceError is InterfaceError, connection.Warning is Warning
    (<class 'hzdata.core.db.Error'>, True, True)
    """

    Error = Error
    Warning = Warning
    InterfaceError = InterfaceError
    DatabaseError = DatabaseError
    InternalError = InternalError
    OperationalError = OperationalError
    ProgrammingError = ProgrammingError
    IntegrityError = IntegrityError
    DataError = DataError
    NotSupportedError = NotSupportedError

    def __init__(self, config: Config) -> None:
        self._client: HazelcastClient | None = _translated(lambda: HazelcastClient(config))

    def close(self) -> None:
        """Close the connection; its cursors can be used no more.

        Raises
        ------
        InterfaceError
            When it is closed already.

        Examples
        --------
        >>> another = Connection(client.config)
        >>> another.close()
        """
        client = self._open_client()
        self._client = None
        client.shutdown()

    def commit(self) -> None:
        """Do nothing: every statement takes effect by itself.

        Examples
        --------
        >>> connection.commit()
        """
        self._open_client()

    def cursor(self) -> Cursor:
        """Return a new cursor.

        Examples
        --------
        >>> with connection.cursor() as cursor:
        ...     cursor.execute("SELECT 1 + 1")
        ...     cursor.fetchone()[0]
        2
        >>> connection.close()
        """
        self._open_client()
        return Cursor(self)

    def _open_client(self) -> HazelcastClient:
        client = self._client
        if client is None:
            raise InterfaceError("the connection is closed already")
        return client

    def __exit__(self, *exc: object) -> None:
        if self._client is not None:
            self.close()


def connect(
    config: Config | None = None,
    *,
    dsn: str = "",
    user: str | None = None,
    password: str | None = None,
    host: str | None = None,
    port: int | None = None,
    cluster_name: str | None = None,
) -> Connection:
    """Connect to a cluster.

    Parameters
    ----------
    config
        All options of the client; give either this or the others.
    dsn
        ``hz://user:password@host:port,host:port?cluster.name=prod``; give either this or the others. A host or a port
        that is not said is the default's. Its options are
        ``cluster.name``, ``cloud.token``, ``smart`` and ``ssl`` (``true`` or ``false``), ``ssl.ca.path``,
        ``ssl.cert.path``, ``ssl.key.path``, ``ssl.key.password``.
    user, password
        Credentials.
    host, port
        Of a member; ``localhost`` and 5701 by default.
    cluster_name
        ``dev`` by default.

    Raises
    ------
    InterfaceError
        When arguments exclude each other, or make no sense.
    OperationalError
        When there is no connection.

    Examples
    --------
    >>> prod = connect(dsn="hz://ada:s3cret@10.0.0.5:5701?cluster.name=prod&ssl=true")  # doctest: +SKIP
    >>> with connect(client.config) as connection, connection.cursor() as cursor:
    ...     cursor.execute("SELECT 'Ada' AS name")
    ...     cursor.fetchall()
    [SqlRow(name='Ada')]
    """
    single = {"user": user, "password": password, "host": host, "port": port, "cluster_name": cluster_name}
    ways = {"config": config, "dsn": dsn or None, **single}
    given = [name for name, value in ways.items() if value is not None]
    if len(given) > 1 and given[0] in ("config", "dsn"):
        raise InterfaceError(f"give config, or dsn, or the single arguments, not {' and '.join(given)}")
    if config is not None and not isinstance(config, Config):
        raise InterfaceError(f"config must be a Config, not {config!r}")
    try:
        if dsn:
            config = _read_dsn(dsn)
        elif config is None:
            name = f"[{host.strip('[]')}]" if host and ":" in host else host or "localhost"
            options = {"cluster_members": [f"{name}:{port or 5701}"], "cluster_name": cluster_name}
            config = Config.from_dict({**options, "creds_username": user, "creds_password": password})
    except InvalidConfigurationError as error:
        raise InterfaceError(str(error)) from error
    return Connection(config)


def _read_dsn(dsn: str) -> Config:
    url = urlsplit(dsn)
    if url.scheme != "hz":
        raise InterfaceError(f"a dsn begins with hz://, not with {url.scheme or dsn!r}")
    who, _, addresses = url.netloc.rpartition("@")
    user, _, password = who.partition(":")
    credentials = {"creds_username": unquote(user) or None, "creds_password": unquote(password) or None}
    config = Config.from_dict(credentials)
    for option, value in parse_qsl(url.query, keep_blank_values=True):
        name = _DSN_OPTIONS.get(option)
        if name is None:
            raise InterfaceError(f"{option!r} is no option of a dsn; there are {', '.join(_DSN_OPTIONS)}")
        try:
            setattr(config, name, {"true": True, "false": False}.get(value, value) if option in _SWITCHES else value)
        except InvalidConfigurationError as error:
            raise InterfaceError(f"{option} of the dsn: {error}") from error
    if addresses or config.cloud_discovery_token is None:
        config.cluster_members = [_completed(address) for address in addresses.split(",")]
    return config


def _completed(address: str) -> str:
    """With the host and the port that ``connect`` takes when it is given none."""
    # Colons within brackets are those of an IPv6 address.
    host, _, port = address.rpartition(":") if ":" in address.rpartition("]")[2] else (address, "", "")
    return f"{host or 'localhost'}:{port or 5701}"


def _checked(params: Any) -> Sequence[Any]:
    if not isinstance(params, tuple | list | None):
        raise InterfaceError(f"params must be a tuple or list, with one value for each ?, not {params!r}")
    return params or ()


def _described(column: SqlColumnMetadata) -> ColumnDescription:
    name = SQL_TYPE_NAMES[column.type]
    return ColumnDescription(column.name, _TYPES.get(name) or Type[name], None, None, None, None, column.nullable)


def _translated(call: Callable[[], _T]) -> _T:
    """Raise the client's errors as those of the DB-API."""
    try:
        return call()
    except HazelcastSqlError as error:
        raise _KINDS.get(error.code, DatabaseError)(str(error)) from error
    except HazelcastSerializationError as error:
        raise DataError(str(error)) from error
    except HazelcastError as error:
        raise OperationalError(str(error)) from error
    except (ValueError, TypeError, AssertionError) as error:
        raise ProgrammingError(str(error)) from error
