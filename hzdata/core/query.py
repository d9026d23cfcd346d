"""What a SQL statement sends and what its answers say."""

from __future__ import annotations

import struct
import uuid
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from .context import Context
from .errors import HazelcastError
from .protocol.custom_types import SqlQueryId
from .protocol.messages import message
from .protocol.sql_types import SQL_TYPE_NAMES
from .util import check_is_int, check_is_number, check_true, to_millis

EXECUTE = message("Sql.execute")
FETCH = message("Sql.fetch")
CLOSE = message("Sql.close")

CANCELLED = 1003
CONNECTION_LOST = 1001
DATA_ERROR = 2000
GENERIC_ERROR = -1

_EXPECTED_LINES = 10


class SqlExpectedResultType:
    """What a statement is expected to produce.

    Examples
    --------
    >>> client.sql.execute("SELECT 1", expected_result_type=SqlExpectedResultType.UPDATE_COUNT).result()
    Traceback (most recent call last):
    ...
    hzdata.core.query.HazelcastSqlError: ...
    """

    ANY = 0
    ROWS = 1
    """Rows; a statement that produces an update count fails."""
    UPDATE_COUNT = 2
    """An update count; a statement that produces rows fails."""


class HazelcastSqlError(HazelcastError):
    """A SQL statement failed.

    Attributes
    ----------
    originating_member_uuid : uuid.UUID or None
        The member where it failed.
    code : int
        Error code of Hazelcast SQL, such as 1003 cancelled, 1008 parse error, 2000 data error; -1 for any other.
    suggestion : str or None
        A statement that would help, when the member knows one.

    Examples
    --------
    >>> try:
    ...     client.sql.execute("SELECT nonsense").result()
    ... except HazelcastSqlError as error:
    ...     print(error.code, error.originating_member_uuid in {m.uuid for m in client.cluster_service.get_members()})
    1008 True
    """

    def __init__(
        self,
        originating_member_uuid: UUID | None,
        code: int,
        message: str | None,
        cause: BaseException | None,
        suggestion: str | None = None,
    ) -> None:
        super().__init__(message, cause)
        self.originating_member_uuid = originating_member_uuid
        self.code = code
        self.suggestion = suggestion


class SqlColumnMetadata:
    """A column of a result.

    Attributes
    ----------
    name : str
    type : int
        A ``SqlColumnType``.
    nullable : bool
        What the member says; it has been seen to say False of columns with nulls.

    Examples
    --------
    >>> column = SqlColumnMetadata("age", 4, True)
    >>> column.name, column.type, column.nullable, column
    ('age', 4, True, age INTEGER)
    """

    def __init__(self, name: str, column_type: int, nullable: bool, is_nullable_exists: bool = True) -> None:
        self.name = name
        self.type = column_type
        self.nullable = nullable or not is_nullable_exists

    def __repr__(self) -> str:
        return f"{self.name} {SQL_TYPE_NAMES.get(self.type, self.type)}"


class SqlRowMetadata:
    """The columns of a result.

    Attributes
    ----------
    columns : list of SqlColumnMetadata
    column_count : int

    Examples
    --------
    >>> metadata = client.sql.execute("SELECT 'Ada' AS name, 36 AS age").result().get_row_metadata()
    >>> metadata, metadata.column_count
    ([name VARCHAR, age TINYINT], 2)
    """

    COLUMN_NOT_FOUND = -1

    def __init__(self, columns: Iterable[SqlColumnMetadata]) -> None:
        self.columns = list(columns)
        self.column_count = len(self.columns)
        self._index = {column.name: i for i, column in enumerate(self.columns)}

    def get_column(self, index: int) -> SqlColumnMetadata:
        """Return the column at ``index``; IndexError when there is none, AssertionError when it is no int.

        Examples
        --------
        >>> metadata.get_column(1).name
        'age'
        """
        check_is_int(index, "the index of a column is an int")
        return self.columns[index]

    def find_column(self, column_name: str) -> int:
        """Return the index of a column, or ``COLUMN_NOT_FOUND``; AssertionError when it is no str.

        Examples
        --------
        >>> metadata.find_column("age"), metadata.find_column("height") == SqlRowMetadata.COLUMN_NOT_FOUND
        (1, True)
        """
        check_true(isinstance(column_name, str), "the name of a column is a str")
        return self._index.get(column_name, self.COLUMN_NOT_FOUND)

    def __repr__(self) -> str:
        return f"[{', '.join(map(repr, self.columns))}]"


def prepared(
    context: Context, sql: str, params: tuple[Any, ...], buffer_size: int, timeout: float,
    expected_result_type: int, schema: str | None,
) -> tuple[Any, ...]:  # fmt: skip
    """The parameters of an execute message, but for the query id, which names the member asked, and what follows it."""
    check_true(isinstance(sql, str), "SQL must be a str")
    if not sql.strip():
        raise ValueError("sql must be a statement: a str with something in it")
    check_is_int(buffer_size, "cursor_buffer_size must be an int")
    if not 0 < buffer_size < 1 << 31:
        raise ValueError(f"cursor_buffer_size must be a number of rows above 0, not {buffer_size!r}")
    check_is_number(timeout, "timeout must be a number of seconds")
    if timeout < 0 and timeout != -1:
        raise ValueError(f"timeout must be seconds, 0 for none, or -1 for the member's default, not {timeout!r}")
    check_true(schema is None or isinstance(schema, str), "schema must be a name or None")
    if isinstance(expected_result_type, str):
        expected_result_type = getattr(SqlExpectedResultType, expected_result_type, -1)
    if expected_result_type not in (0, 1, 2):
        raise TypeError("expected_result_type must be SqlExpectedResultType.ANY, ROWS or UPDATE_COUNT")
    values = [context.serialization.to_parameter(value) for value in params]
    return sql, values, -1 if timeout == -1 else to_millis(timeout), buffer_size, schema, expected_result_type


def new_query_id(member_uuid: UUID) -> SqlQueryId:
    return SqlQueryId(*struct.unpack(">qqqq", member_uuid.bytes + uuid.uuid4().bytes))


def raise_if_failed(error: Any) -> None:
    if error is not None:
        # A parser's list of all that might have come instead buries what came.
        message, _, expected = error.message.partition("\nWas expecting one of:")
        if expected.count("\n") <= _EXPECTED_LINES:
            message = error.message
        raise HazelcastSqlError(error.originating_member_id, error.code, message, None, error.suggestion)


def metadata_of(response: Any) -> SqlRowMetadata | None:
    columns = response.row_metadata
    return None if columns is None else SqlRowMetadata(SqlColumnMetadata(c.name, c.type, c.nullable) for c in columns)
