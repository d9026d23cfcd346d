"""SQL: statements sent to the cluster, rows that come back.

``SqlService.execute`` is the row API: each row an object. ``SqlService.open_cursor`` hands out the same pages
undecoded, for whoever wants columns.

What a value of each type is in Python: BOOLEAN ``bool``; TINYINT to BIGINT ``int``; DECIMAL ``decimal.Decimal``; REAL,
DOUBLE ``float``; VARCHAR ``str``; DATE, TIME, TIMESTAMP ``datetime.date``, ``time``, ``datetime`` (to the microsecond,
which is as fine as they go); TIMESTAMP WITH TIME ZONE an aware ``datetime``; JSON ``HazelcastJsonValue``; OBJECT
whatever its serializer makes of it; null ``None``.
"""

from __future__ import annotations

import uuid
from collections import deque
from collections.abc import AsyncIterator, Iterable, Iterator
from typing import TYPE_CHECKING, Any
from uuid import UUID

from .errors import HazelcastError, TargetDisconnectedError
from .future import Future, ImmediateExceptionFuture, ImmediateFuture
from .network.bulk import BulkConnection
from .network.connection import Connection
from .protocol.framing import Message
from .protocol.messages import message
from .protocol.page import SqlPage
from .protocol.sql_types import SQL_TYPE_NAMES, SqlColumnType
from .protocol.types import SqlQueryId
from .protocol.values import decode_column
from .serialization.compact.schema import SchemaNotReplicatedError
from .util import to_millis

if TYPE_CHECKING:
    from .proxy.base import ProxyContext

__all__ = [
    "HazelcastSqlError",
    "SqlColumnMetadata",
    "SqlColumnType",
    "SqlCursor",
    "SqlExpectedResultType",
    "SqlResult",
    "SqlRow",
    "SqlRowMetadata",
    "SqlService",
]

_EXECUTE = message("Sql.execute")
_FETCH = message("Sql.fetch")
_CLOSE = message("Sql.close")

_MASK64 = (1 << 64) - 1
_CLOSE_TIMEOUT = 1.0
_GENERIC_ERROR = -1
_CONNECTION_LOST = 1001


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
        """Return the column at ``index``; IndexError when there is none."""
        return self._columns[index]

    def find_column(self, column_name: str) -> int:
        """Return the index of a column, or ``COLUMN_NOT_FOUND``."""
        return self._index.get(column_name, self.COLUMN_NOT_FOUND)

    def __repr__(self) -> str:
        return f"[{', '.join(map(repr, self._columns))}]"


class SqlRow:
    """A row of a result: ``row["name"]``, ``row[0]``, or iterated."""

    __slots__ = ("_metadata", "_values")

    def __init__(self, row_metadata: SqlRowMetadata, row: Any) -> None:
        self._metadata = row_metadata
        self._values = row

    def get_object(self, column_name: str) -> Any:
        """Return the value of a column.

        Raises
        ------
        ValueError
            When there is no such column.
        """
        index = self._metadata.find_column(column_name)
        if index == SqlRowMetadata.COLUMN_NOT_FOUND:
            names = ", ".join(column.name for column in self._metadata.columns)
            raise ValueError(f"there is no column {column_name!r} in this row; its columns are {names}")
        return self._values[index]

    def get_object_with_index(self, column_index: int) -> Any:
        """Return the value of the column at an index; IndexError when there is none."""
        return self._values[column_index]

    @property
    def metadata(self) -> SqlRowMetadata:
        return self._metadata

    def __getitem__(self, item: str | int) -> Any:
        return self.get_object_with_index(item) if isinstance(item, int) else self.get_object(item)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        fields = (f"{c.name}={v!r}" for c, v in zip(self._metadata.columns, self._values, strict=True))
        return f"SqlRow({', '.join(fields)})"


class _Statement:
    """The parameters of an execute message, but for the query id, which names the member asked."""

    def __init__(
        self, context: ProxyContext, sql: str, params: tuple[Any, ...], buffer_size: int, timeout: float,
        expected_result_type: int, schema: str | None,
    ) -> None:  # fmt: skip
        if not isinstance(sql, str) or not sql.strip():
            raise ValueError("sql must be a statement: a str with something in it")
        if buffer_size <= 0:
            raise ValueError(f"cursor_buffer_size must be a number of rows above 0, not {buffer_size}")
        if timeout < 0 and timeout != -1:
            raise ValueError(f"timeout must be seconds, 0 for none, or -1 for the member's default, not {timeout}")
        self.buffer_size = buffer_size
        self._before = (
            sql,
            [context.to_data(value) for value in params],
            -1 if timeout == -1 else to_millis(timeout),
            buffer_size,
            schema,
            expected_result_type,
        )

    def parameters(self, query_id: SqlQueryId) -> tuple[Any, ...]:
        return (*self._before, query_id, False)


def _new_query_id(member_uuid: UUID) -> SqlQueryId:
    local = uuid.uuid4()
    return SqlQueryId(
        _signed(member_uuid.int >> 64), _signed(member_uuid.int & _MASK64),
        _signed(local.int >> 64), _signed(local.int & _MASK64),
    )  # fmt: skip


def _signed(value: int) -> int:
    return value - (1 << 64) if value >> 63 else value


def _raise_if_failed(error: Any) -> None:
    if error is not None:
        raise HazelcastSqlError(error.originating_member_id, error.code, error.message, None, error.suggestion)


def _metadata_of(response: Any) -> SqlRowMetadata | None:
    if response.row_metadata is None:
        return None
    return SqlRowMetadata(SqlColumnMetadata(c.name, c.type, c.nullable) for c in response.row_metadata)


class SqlResult:
    """The result of a statement: rows, or an update count.

    Iterate over it, once: ``for row in result``; or ``async for row in result``. Within ``with result:`` it is closed
    at the end. Rows that were not asked for yet are still in the cluster.
    """

    def __init__(
        self,
        sql_service: SqlService,
        connection: Connection,
        query_id: SqlQueryId,
        cursor_buffer_size: int,
        execute_response: Any,
    ) -> None:
        self._service = sql_service
        self._connection = connection
        self._query_id = query_id
        self._buffer_size = cursor_buffer_size
        self._metadata = _metadata_of(execute_response)
        self._update_count: int = execute_response.update_count
        self._first_page: SqlPage | None = execute_response.row_page
        self._ended = self._first_page is None or self._first_page.last
        self._closed = False
        self._iterated = False

    def is_row_set(self) -> bool:
        """Whether there are rows, not an update count."""
        return self._metadata is not None

    def update_count(self) -> int:
        """Return how many rows the statement changed, 0 when that is not known, -1 when it produced rows."""
        return self._update_count

    def get_row_metadata(self) -> SqlRowMetadata:
        """Return the columns.

        Raises
        ------
        ValueError
            When there is an update count only.
        """
        if self._metadata is None:
            raise ValueError("this result is an update count: it has no rows")
        return self._metadata

    def iterator(self) -> Iterator[Future[SqlRow]]:
        """Return an iterator of the futures of the rows. Take the next one when the one before is done.

        Raises
        ------
        ValueError
            When there is an update count only, or the rows were asked for already.
        """
        return _FutureRows(self._claim())

    def __iter__(self) -> Iterator[SqlRow]:
        rows = self._claim()
        while True:
            while rows.ready:
                yield rows.ready.popleft()
            if not rows.more().result():
                return

    def __aiter__(self) -> AsyncIterator[SqlRow]:
        return self._rows_in_loop(self._claim())

    async def _rows_in_loop(self, rows: _Rows) -> AsyncIterator[SqlRow]:
        while True:
            while rows.ready:
                yield rows.ready.popleft()
            if not await rows.more():
                return

    def _claim(self) -> _Rows:
        metadata = self.get_row_metadata()
        if self._iterated:
            raise ValueError("the rows of a result can be iterated over once only")
        self._iterated = True
        return _Rows(self, metadata)

    def close(self) -> Future[None]:
        """Let the cluster forget the query, cancelling what still runs of it."""
        if self._closed or self._ended:
            self._closed = True
            return ImmediateFuture(None)
        self._closed = True
        return self._service.context.invocations.invoke(_CLOSE, self._query_id, connection=self._connection)

    def __enter__(self) -> SqlResult:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close().result()

    def __repr__(self) -> str:
        said = f"{self._update_count} updated" if self._metadata is None else repr(self._metadata)
        return f"<SqlResult {said}>"


class _Rows:
    """Turns pages into rows, asking for the next page when one is used up."""

    def __init__(self, result: SqlResult, metadata: SqlRowMetadata) -> None:
        self._result = result
        self._metadata = metadata
        self._page = result._first_page
        self.ready: deque[SqlRow] = deque()

    def more(self) -> Future[bool]:
        """Fill ``ready``; False when there are no more rows."""
        result = self._result
        if self._page is not None:
            page, self._page = self._page, None
            future: Future[bool] = Future(result._service.context.dispatcher)
            future.set_raw(page, self._take)
            return future
        if result._ended:
            return ImmediateFuture(False)
        if result._closed:
            return ImmediateExceptionFuture(HazelcastSqlError(None, 1003, "the result was closed", None))
        return result._service.context.invocations.invoke(
            _FETCH,
            result._query_id,
            result._buffer_size,
            connection=result._connection,
            decode=lambda answer: self._take(self._fetched(answer)),
        )

    def _fetched(self, answer: Message) -> SqlPage:
        response = _FETCH.decode(answer)
        if response.error is not None:
            self._result._ended = True
            _raise_if_failed(response.error)
        page: SqlPage = response.row_page
        return page

    def _take(self, page: SqlPage) -> bool:
        to_object = self._result._service.context.to_object
        columns = [decode_column(page, i, to_object) for i in range(len(page.columns))]
        metadata = self._metadata
        self.ready.extend(SqlRow(metadata, values) for values in zip(*columns, strict=True))
        self._result._ended = page.last
        # A page may have no rows and yet not be the last one.
        return bool(self.ready) or not page.last


class _FutureRows:
    def __init__(self, rows: _Rows) -> None:
        self._rows = rows

    def __iter__(self) -> Iterator[Future[SqlRow]]:
        return self

    def __next__(self) -> Future[SqlRow]:
        rows = self._rows
        if rows.ready:
            return ImmediateFuture(rows.ready.popleft())
        if rows._page is None and rows._result._ended:
            raise StopIteration
        return rows.more().then(self._first)

    def _first(self, filled: Future[bool]) -> Any:
        if not filled.result():
            # The documented way to tell the end to a callback.
            raise StopIteration
        if self._rows.ready:
            return self._rows.ready.popleft()
        return self._rows.more().then(self._first)


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
        self, context: ProxyContext, connection: BulkConnection, query_id: SqlQueryId, buffer_size: int
    ) -> None:
        self._context = context
        self.metadata: SqlRowMetadata | None = None
        self.update_count = -1
        self._connection = connection
        self._query_id = query_id
        self._buffer_size = buffer_size
        self._page: SqlPage | None = None
        self._asked = 0
        self._ended = False

    def _execute(self, statement: _Statement) -> None:
        try:
            response = _EXECUTE.decode(self._ask(_EXECUTE, *statement.parameters(self._query_id)))
            _raise_if_failed(response.error)
        except BaseException:
            self.close()
            raise
        self.metadata = _metadata_of(response)
        self.update_count = response.update_count
        self._page = response.row_page
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
                    self._asked = self._connection.request(_FETCH, self._query_id, self._buffer_size)
                yield page
                page = self._next_page() if not page.last else None
        except BaseException:  # GeneratorExit and KeyboardInterrupt included
            self.close()
            raise

    def _next_page(self) -> SqlPage:
        if self._ended:
            raise HazelcastSqlError(None, 1003, "the cursor was closed", None)
        response = _FETCH.decode(self._await_answer())
        _raise_if_failed(response.error)
        page: SqlPage = response.row_page
        return page

    def _ask(self, message_type: Any, *parameters: Any) -> Message:
        self._asked = self._connection.request(message_type, *parameters)
        return self._await_answer()

    def _await_answer(self) -> Message:
        while True:
            try:
                answer = self._connection.receive()
            except TargetDisconnectedError as error:
                raise HazelcastSqlError(
                    self._connection.member_uuid,
                    _CONNECTION_LOST,
                    f"the member that runs the query was lost, and the rest of its rows with it: {error}",
                    error,
                ) from error
            if answer.correlation_id == self._asked:
                failed = answer.error()
                if failed is not None:
                    raise HazelcastSqlError(self._connection.member_uuid, _GENERIC_ERROR, str(failed), failed)
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
            self._context.invocations.invoke(_CLOSE, self._query_id, member_uuid=self._connection.member_uuid).result(
                _CLOSE_TIMEOUT
            )
        except (HazelcastError, TimeoutError):
            pass  # The member is lost, and the query with it.

    def __enter__(self) -> SqlCursor:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


class SqlService:
    """Executes SQL statements."""

    def __init__(self, internal_sql_service: ProxyContext) -> None:
        self.context = internal_sql_service

    def execute(
        self,
        sql: str,
        *params: Any,
        cursor_buffer_size: int = 4096,
        timeout: float = -1,
        expected_result_type: int = SqlExpectedResultType.ANY,
        schema: str | None = None,
    ) -> Future[SqlResult]:
        """Execute a statement.

        Parameters
        ----------
        sql
            The statement; ``?`` stands for a parameter.
        *params
            Values of the parameters, in order.
        cursor_buffer_size
            Rows that a page holds.
        timeout
            Seconds that the statement may run; 0 for any time, -1 for what the member is configured for.
        expected_result_type
            A ``SqlExpectedResultType``.
        schema
            Where names without a schema are looked for first.

        Returns
        -------
        Future of SqlResult

        Raises
        ------
        HazelcastSqlError
            From the future: the statement failed.
        """
        context = self.context

        def go() -> Future[SqlResult]:
            statement = _Statement(context, sql, params, cursor_buffer_size, timeout, expected_result_type, schema)
            try:
                connection = context.connections.pick()
            except HazelcastError as error:
                return ImmediateExceptionFuture(HazelcastSqlError(None, _CONNECTION_LOST, str(error), error))
            query_id = _new_query_id(connection.member_uuid)

            def decode(answer: Message) -> SqlResult:
                response = _EXECUTE.decode(answer)
                _raise_if_failed(response.error)
                return SqlResult(self, connection, query_id, cursor_buffer_size, response)

            return context.invocations.invoke(
                _EXECUTE, *statement.parameters(query_id), connection=connection, decode=decode
            ).then(lambda done: _named(done, connection.member_uuid))

        return context.with_schemas(go)

    def open_cursor(
        self,
        sql: str,
        *params: Any,
        cursor_buffer_size: int = 4096,
        timeout: float = -1,
        expected_result_type: int = SqlExpectedResultType.ANY,
        schema: str | None = None,
    ) -> SqlCursor:
        """Execute a statement and return its pages undecoded. Blocks; parameters and errors as of ``execute``.

        Returns
        -------
        SqlCursor
        """
        while True:
            try:
                statement = _Statement(
                    self.context, sql, params, cursor_buffer_size, timeout, expected_result_type, schema
                )
                break
            except SchemaNotReplicatedError as missing:
                self.context.schemas.replicate(missing.schema).result()
        try:
            connection = self.context.bulk.open()
        except HazelcastError as error:
            raise HazelcastSqlError(None, _CONNECTION_LOST, str(error), error) from error
        cursor = SqlCursor(self.context, connection, _new_query_id(connection.member_uuid), cursor_buffer_size)
        cursor._execute(statement)
        return cursor


def _named(done: Future[SqlResult], member_uuid: UUID) -> Any:
    """Make a failure of the connection or the member a ``HazelcastSqlError``, as all failures of statements are."""
    error = done.exception()
    if error is None or isinstance(error, HazelcastSqlError):
        return done
    if isinstance(error, HazelcastError):
        code = _CONNECTION_LOST if isinstance(error, TargetDisconnectedError) else _GENERIC_ERROR
        raise HazelcastSqlError(member_uuid, code, str(error), error) from error
    return done
