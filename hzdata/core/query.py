"""What a SQL statement sends and what its answers say, and its result by pages: undecoded, for who wants columns."""

from __future__ import annotations

import struct
import uuid
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any
from uuid import UUID

from .errors import HazelcastError, TargetDisconnectedError
from .network.bulk import BulkConnection
from .protocol.custom_types import SqlQueryId
from .protocol.framing import Message
from .protocol.messages import message
from .protocol.page import SqlPage
from .protocol.sql_types import SQL_TYPE_NAMES
from .util import check_is_int, check_true, to_millis

if TYPE_CHECKING:
    from .proxy.base import ProxyContext

__all__ = [
    "HazelcastSqlError",
    "SqlColumnMetadata",
    "SqlCursor",
    "SqlExpectedResultType",
    "SqlRowMetadata",
    "metadata_of",
    "new_query_id",
    "prepared",
    "raise_if_failed",
]

EXECUTE = message("Sql.execute")
FETCH = message("Sql.fetch")
CLOSE = message("Sql.close")

CANCELLED = 1003
CONNECTION_LOST = 1001
GENERIC_ERROR = -1

_CLOSE_TIMEOUT = 1.0
_MAX_PAGE_ROWS = 1 << 17
_EXPECTED_LINES = 10


class SqlExpectedResultType:
    """What a statement is expected to produce."""

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
    """

    COLUMN_NOT_FOUND = -1

    def __init__(self, columns: Iterable[SqlColumnMetadata]) -> None:
        self.columns = list(columns)
        self.column_count = len(self.columns)
        self._index = {column.name: i for i, column in enumerate(self.columns)}

    def get_column(self, index: int) -> SqlColumnMetadata:
        """Return the column at ``index``; IndexError when there is none, AssertionError when it is no int."""
        check_is_int(index, "the index of a column is an int")
        return self.columns[index]

    def find_column(self, column_name: str) -> int:
        """Return the index of a column, or ``COLUMN_NOT_FOUND``; AssertionError when it is no str."""
        check_true(isinstance(column_name, str), "the name of a column is a str")
        return self._index.get(column_name, self.COLUMN_NOT_FOUND)

    def __repr__(self) -> str:
        return f"[{', '.join(map(repr, self.columns))}]"


def prepared(
    context: ProxyContext, sql: str, params: tuple[Any, ...], buffer_size: int, timeout: float,
    expected_result_type: int, schema: str | None,
) -> tuple[Any, ...]:  # fmt: skip
    """The parameters of an execute message, but for the query id, which names the member asked, and what follows it."""
    if not isinstance(sql, str) or not sql.strip():
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
    if response.row_metadata is None:
        return None
    return SqlRowMetadata(SqlColumnMetadata(c.name, c.type, c.nullable) for c in response.row_metadata)


class SqlCursor:
    """The pages of a query, undecoded, read by the calling thread from a bulk connection of its own.

    The page after the one handed out is under way while that one is decoded. A context manager.

    Attributes
    ----------
    metadata : SqlRowMetadata or None
        None when the statement produced an update count.
    update_count : int
        -1 when the statement produced rows.
    """

    def __init__(
        self,
        context: ProxyContext,
        connection: BulkConnection,
        statement: tuple[Any, ...],
        buffer_size: int,
        page_bytes: int | None = None,
    ) -> None:
        self._context = context
        self._page_bytes = page_bytes
        self._connection = connection
        self._query_id = new_query_id(connection.member_uuid)
        self._buffer_size = buffer_size
        self._ended = False
        try:
            self._asked = connection.request(EXECUTE, *statement, self._query_id, False)
            response = EXECUTE.decode(self._await_answer())
            raise_if_failed(response.error)
        except BaseException:
            self.close()  # A failure leaves nothing behind.
            raise
        self.metadata = metadata_of(response)
        self.update_count: int = response.update_count
        self._page: SqlPage | None = response.row_page
        if self._page is None or self._page.last:
            self._finish()

    def __iter__(self) -> Iterator[SqlPage]:
        try:
            page = self._page
            self._page = None
            while page is not None:
                if page.last:
                    self._finish()
                else:
                    self._resize(page)
                    self._asked = self._connection.request(FETCH, self._query_id, self._buffer_size)
                yield page
                page = self._next_page() if not page.last else None
        except BaseException:  # GeneratorExit and KeyboardInterrupt included
            self.close()
            raise

    def _resize(self, page: SqlPage) -> None:
        """Ask for as many rows as make a page of the size that is wanted, if they are as wide as those of this one."""
        if self._page_bytes is not None and page.row_count:
            width = len(page.message.buffer) // page.row_count + 1
            self._buffer_size = max(1, min(_MAX_PAGE_ROWS, self._page_bytes // width))

    def _next_page(self) -> SqlPage:
        if self._ended:
            raise HazelcastSqlError(None, CANCELLED, "the cursor was closed", None)
        response = FETCH.decode(self._await_answer())
        raise_if_failed(response.error)
        page: SqlPage = response.row_page
        return page

    def _await_answer(self) -> Message:
        while True:
            try:
                answer = self._connection.receive()
            except TargetDisconnectedError as error:
                raise HazelcastSqlError(
                    self._connection.member_uuid,
                    CONNECTION_LOST,
                    f"the member that runs the query was lost, and the rest of its rows with it: {error}",
                    error,
                ) from error
            if answer.correlation_id == self._asked:
                failed = answer.error()
                if failed is not None:
                    raise HazelcastSqlError(self._connection.member_uuid, GENERIC_ERROR, str(failed), failed)
                return answer

    def _finish(self) -> None:
        """The query is at its end: the member has forgotten it already."""
        self._ended = True
        self._connection.close()

    def close(self) -> None:
        """Let the member forget the query, cancelling it if it still runs. May be called again."""
        if self._ended:
            return
        self._ended = True
        self._connection.close()
        try:
            # By the ordinary connection: this one may be in the middle of a page, or of a request that was interrupted.
            self._context.invocations.invoke(CLOSE, self._query_id, member_uuid=self._connection.member_uuid).result(
                _CLOSE_TIMEOUT
            )
        except (HazelcastError, TimeoutError):
            pass  # The member is lost, and the query with it.

    def __enter__(self) -> SqlCursor:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()
