"""What a SQL statement sends and what its answers say, whichever way its rows are read."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any
from uuid import UUID

from .errors import HazelcastError
from .protocol.custom_types import SqlQueryId
from .protocol.messages import message
from .protocol.sql_types import SQL_TYPE_NAMES
from .util import check_is_int, check_true, to_millis

if TYPE_CHECKING:
    from .proxy.base import ProxyContext

__all__ = [
    "HazelcastSqlError",
    "SqlColumnMetadata",
    "SqlExpectedResultType",
    "SqlRowMetadata",
    "Statement",
    "metadata_of",
    "new_query_id",
    "raise_if_failed",
]

EXECUTE = message("Sql.execute")
FETCH = message("Sql.fetch")
CLOSE = message("Sql.close")

CANCELLED = 1003
CONNECTION_LOST = 1001
GENERIC_ERROR = -1

_MASK64 = (1 << 64) - 1


class SqlExpectedResultType:
    """What a statement is expected to produce."""

    ANY = 0
    ROWS = 1
    """Rows; a statement that produces an update count fails."""
    UPDATE_COUNT = 2
    """An update count; a statement that produces rows fails."""


class HazelcastSqlError(HazelcastError):
    """A SQL statement failed.

    Parameters
    ----------
    originating_member_uuid : uuid.UUID or None
        The member where it failed.
    code : int
        Error code of Hazelcast SQL, such as 1003 cancelled, 1008 parse error, 2000 data error; -1 for any other.
    message : str or None
    cause : BaseException or None
    suggestion : str or None
        A statement that would help, when the member knows one.
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
        self._originating_member_uuid = originating_member_uuid
        self.code = code
        self._suggestion = suggestion

    @property
    def originating_member_uuid(self) -> UUID | None:
        """The member where the statement failed."""
        return self._originating_member_uuid

    @property
    def suggestion(self) -> str | None:
        """A statement that would help, when the member knows one."""
        return self._suggestion


class SqlColumnMetadata:
    """Name and type of a column of a result."""

    __slots__ = ("_name", "_nullable", "_type")

    def __init__(self, name: str, column_type: int, nullable: bool, is_nullable_exists: bool = True) -> None:
        self._name = name
        self._type = column_type
        self._nullable = nullable or not is_nullable_exists

    @property
    def name(self) -> str:
        return self._name

    @property
    def type(self) -> int:
        """A ``SqlColumnType``."""
        return self._type

    @property
    def nullable(self) -> bool:
        """What the member says; it has been seen to say False of columns with nulls."""
        return self._nullable

    def __repr__(self) -> str:
        return f"{self._name} {SQL_TYPE_NAMES.get(self._type, self._type)}"


class SqlRowMetadata:
    """The columns of a result."""

    COLUMN_NOT_FOUND = -1

    __slots__ = ("_columns", "_index")

    def __init__(self, columns: Iterable[SqlColumnMetadata]) -> None:
        self._columns = list(columns)
        self._index = {column.name: i for i, column in enumerate(self._columns)}

    @property
    def columns(self) -> list[SqlColumnMetadata]:
        return self._columns

    @property
    def column_count(self) -> int:
        return len(self._columns)

    def get_column(self, index: int) -> SqlColumnMetadata:
        """Return the column at ``index``; IndexError when there is none, AssertionError when it is no int."""
        check_is_int(index, "the index of a column is an int")
        return self._columns[index]

    def find_column(self, column_name: str) -> int:
        """Return the index of a column, or ``COLUMN_NOT_FOUND``; AssertionError when it is no str."""
        check_true(isinstance(column_name, str), "the name of a column is a str")
        return self._index.get(column_name, self.COLUMN_NOT_FOUND)

    def __repr__(self) -> str:
        return f"[{', '.join(map(repr, self._columns))}]"


class Statement:
    """The parameters of an execute message, but for the query id, which names the member asked."""

    def __init__(
        self, context: ProxyContext, sql: str, params: tuple[Any, ...], buffer_size: int, timeout: float,
        expected_result_type: int, schema: str | None,
    ) -> None:  # fmt: skip
        check_true(isinstance(sql, str), "SQL must be a str")
        if not sql.strip():
            raise ValueError("sql must be a statement: a str with something in it")
        if not isinstance(buffer_size, int) or not 0 < buffer_size < 1 << 31:
            raise ValueError(f"cursor_buffer_size must be a number of rows above 0, not {buffer_size!r}")
        if not isinstance(timeout, int | float) or (timeout < 0 and timeout != -1):
            raise ValueError(f"timeout must be seconds, 0 for none, or -1 for the member's default, not {timeout!r}")
        if schema is not None and not isinstance(schema, str):
            raise TypeError(f"schema must be a name or None, not {schema!r}")
        if isinstance(expected_result_type, str):
            expected_result_type = getattr(SqlExpectedResultType, expected_result_type, -1)
        if expected_result_type not in (0, 1, 2):
            raise TypeError("expected_result_type must be SqlExpectedResultType.ANY, ROWS or UPDATE_COUNT")
        self.buffer_size = buffer_size
        self._before = (
            sql,
            [context.serialization.to_parameter(value) for value in params],
            -1 if timeout == -1 else to_millis(timeout),
            buffer_size,
            schema,
            expected_result_type,
        )

    def parameters(self, query_id: SqlQueryId) -> tuple[Any, ...]:
        return (*self._before, query_id, False)


def new_query_id(member_uuid: UUID) -> SqlQueryId:
    local = uuid.uuid4()
    return SqlQueryId(
        _signed(member_uuid.int >> 64), _signed(member_uuid.int & _MASK64),
        _signed(local.int >> 64), _signed(local.int & _MASK64),
    )  # fmt: skip


def _signed(value: int) -> int:
    return value - (1 << 64) if value >> 63 else value


_EXPECTED_LINES = 10


def raise_if_failed(error: Any) -> None:
    if error is not None:
        # A parser's list of all that might have come instead buries what came.
        message, _, expected = error.message.partition("\nWas expecting one of:")
        if expected.count("\n") <= _EXPECTED_LINES:
            message = error.message
        raise HazelcastSqlError(error.originating_member_id, error.code, message, None, error.suggestion)


def metadata_of(response: Any) -> SqlRowMetadata | None:
    if response.row_metadata is None:
        return None
    return SqlRowMetadata(SqlColumnMetadata(c.name, c.type, c.nullable) for c in response.row_metadata)
