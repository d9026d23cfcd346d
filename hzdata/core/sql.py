"""SQL: statements sent to the cluster, rows that come back.

What a value of each type is in Python: BOOLEAN ``bool``; TINYINT to BIGINT ``int``; DECIMAL ``decimal.Decimal``; REAL,
DOUBLE ``float``; VARCHAR ``str``; DATE, TIME, TIMESTAMP ``datetime.date``, ``time``, ``datetime`` (to the microsecond,
which is as fine as they go); TIMESTAMP WITH TIME ZONE an aware ``datetime``; JSON ``HazelcastJsonValue``; OBJECT
whatever its serializer makes of it; null ``None``.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import AbstractAsyncContextManager, AbstractContextManager, suppress
from functools import partial
from typing import Any
from uuid import UUID

from . import query
from .context import Context
from .errors import HazelcastError, HazelcastSerializationError, TargetDisconnectedError
from .future import Future, ImmediateExceptionFuture, ImmediateFuture, Incomplete, once
from .network.connection import Connection
from .protocol.custom_types import SqlQueryId
from .protocol.framing import Message
from .protocol.page import SqlPage
from .protocol.sql_types import SqlColumnType as SqlColumnType
from .protocol.values import decode_column
from .query import (
    HazelcastSqlError as HazelcastSqlError,
    SqlColumnMetadata as SqlColumnMetadata,
    SqlExpectedResultType as SqlExpectedResultType,
    SqlRowMetadata as SqlRowMetadata,
)
from .util import check_is_int


class SqlRow:
    """A row of a result: ``row["name"]``, ``row[0]``, or iterated.

    Attributes
    ----------
    metadata : SqlRowMetadata
        The columns.

    Examples
    --------
    >>> row = next(iter(client.sql.execute("SELECT 'Ada' AS name, 36 AS age").result()))
    >>> row["name"], row[1], list(row), row
    ('Ada', 36, ['Ada', 36], SqlRow(name='Ada', age=36))
    """

    __slots__ = ("_values", "metadata")

    def __init__(self, row_metadata: SqlRowMetadata, row: Any) -> None:
        self.metadata = row_metadata
        self._values = row

    def get_object(self, column_name: str) -> Any:
        """Return the value of a column.

        Raises
        ------
        ValueError
            When there is no such column.
        AssertionError
            When ``column_name`` is no str.

        Examples
        --------
        >>> row.get_object("age")
        36
        """
        index = self.metadata.find_column(column_name)
        if index == SqlRowMetadata.COLUMN_NOT_FOUND:
            names = ", ".join(column.name for column in self.metadata.columns)
            raise ValueError(f"there is no column {column_name!r} in this row; its columns are {names}")
        return self._values[index]

    def get_object_with_index(self, column_index: int) -> Any:
        """Return the value of the column at an index; IndexError when there is none, AssertionError for no int.

        Examples
        --------
        >>> row.get_object_with_index(0)
        'Ada'
        """
        check_is_int(column_index, "the index of a column is an int")
        return self._values[column_index]

    def __getitem__(self, item: str | int) -> Any:
        return self.get_object_with_index(item) if isinstance(item, int) else self.get_object(item)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        fields = (f"{c.name}={v!r}" for c, v in zip(self.metadata.columns, self._values, strict=True))
        return f"SqlRow({', '.join(fields)})"


class SqlResult(Iterable[SqlRow], AbstractContextManager["SqlResult"], AbstractAsyncContextManager["SqlResult"]):
    """The result of a statement: rows, or an update count.

    Iterate over it, once: ``for row in result``; or ``async for row in result``. Within ``with result:`` it is closed
    at the end. Rows that were not asked for yet are still in the cluster.

    Examples
    --------
    >>> result = client.sql.execute("SELECT v FROM TABLE(generate_series(1, 3)) ORDER BY v").result()
    >>> [row["v"] for row in result]
    [1, 2, 3]
    """

    def __init__(
        self,
        sql_service: SqlService,
        connection: Connection,
        query_id: SqlQueryId,
        cursor_buffer_size: int,
        execute_response: Any,
    ) -> None:
        self._to_object = sql_service.context.to_object
        self._invoke = partial(sql_service.context.invocations.invoke, connection=connection)
        self._explain = partial(_explain, connection.member_uuid)
        self._query_id = query_id
        self._buffer_size = cursor_buffer_size
        self._metadata = query.metadata_of(execute_response)
        self._update_count: int = execute_response.update_count
        self._ended = True
        self._closed = False
        page: SqlPage | None = execute_response.row_page
        # Decoded now: what is wrong with the first rows is told by the one call that every program looks at.
        self._rows = None if page is None else _Rows(self, page)

    def is_row_set(self) -> bool:
        """Whether there are rows, not an update count.

        Examples
        --------
        >>> result.is_row_set()
        True
        """
        return self._metadata is not None

    def update_count(self) -> int:
        """Return how many rows the statement changed, 0 when that is not known, -1 when it produced rows.

        Examples
        --------
        >>> result.update_count()
        -1
        """
        return self._update_count

    def get_row_metadata(self) -> SqlRowMetadata:
        """Return the columns.

        Raises
        ------
        ValueError
            When there is an update count only.

        Examples
        --------
        >>> result.get_row_metadata()
        [v INTEGER]
        """
        if self._metadata is None:
            raise ValueError("this result is an update count: it has no rows")
        return self._metadata

    def iterator(self) -> _Rows:
        """Return an iterator of the futures of the rows. Take the next one when the one before is done; the one
        after the last row fails with StopIteration. With ``async for`` it gives the rows themselves.

        Raises
        ------
        ValueError
            When there is an update count only, or the rows were asked for already.

        Examples
        --------
        >>> endless = client.sql.execute("SELECT v FROM TABLE(generate_stream(1000))").result()
        >>> next(endless.iterator()).result()["v"] >= 0
        True
        """
        self.get_row_metadata()
        rows, self._rows = self._rows, None
        if rows is None:
            raise ValueError("the rows of a result can be iterated over once only")
        return rows

    def __iter__(self) -> Iterator[SqlRow]:
        return self.iterator().each()

    def __aiter__(self) -> AsyncIterator[SqlRow]:
        return self.iterator()

    def close(self) -> Future[None]:
        """Let the cluster forget the query, cancelling what still runs of it.

        Examples
        --------
        >>> endless.close().result()
        """
        if self._closed or self._ended:
            return ImmediateFuture(None)
        self._closed = True
        return self._invoke(query.CLOSE, self._query_id).map_error(self._explain)

    def __exit__(self, *exc: object) -> None:
        self.close().result()

    async def __aexit__(self, *exc: object) -> None:
        await self.close()

    def __repr__(self) -> str:
        said = f"{self._update_count} updated" if self._metadata is None else repr(self._metadata)
        return f"<SqlResult {said}>"


class _Rows(Iterator[Future[SqlRow]], AsyncIterator[SqlRow]):
    """Turns pages into rows, asking for the next page when one is used up. Iterates over futures, or in a loop."""

    def __init__(self, result: SqlResult, first_page: SqlPage) -> None:
        self._result = result
        self.ready: deque[SqlRow] = deque()
        self._told_end = False
        self._lock = threading.RLock()
        self._asked: Future[bool] | None = None
        self._take(first_page)

    def more(self) -> Future[bool]:
        """Fill ``ready``; False when there are no more rows."""
        result = self._result
        with self._lock:
            if self.ready:  # Another thread has filled it.
                return ImmediateFuture(True)
            if self._asked is None:
                if result._ended:
                    return ImmediateFuture(False)
                if result._closed:
                    closed = HazelcastSqlError(None, query.CANCELLED, "the result was closed", None)
                    return ImmediateExceptionFuture(closed)
                asked = result._invoke(query.FETCH, result._query_id, result._buffer_size, decode=once(self._fetched))
                # Kept until it is taken: who asked may have given up waiting.
                self._asked = asked.map_error(result._explain)
            return self._asked

    def _fetched(self, answer: Message) -> bool:
        response = query.FETCH.decode(answer)
        if response.error is not None:
            self._result._closed = True  # There is no more to come, and yet not all has.
            query.raise_if_failed(response.error)
        return self._take(response.row_page)

    def _take(self, page: SqlPage) -> bool:
        result = self._result
        result._ended = page.last
        try:
            columns = [decode_column(page, i, result._to_object) for i in range(len(page.columns))]
        except Incomplete:
            raise
        except Exception as error:
            result.close()
            why = f"Failed to deserialize query result value: {error}"
            raise HazelcastSqlError(None, query.DATA_ERROR, why, error) from error
        metadata = result.get_row_metadata()
        with self._lock:
            self.ready.extend(SqlRow(metadata, values) for values in zip(*columns, strict=True))
            self._asked = None
        # A page may have no rows and yet not be the last one.
        return bool(self.ready) or not page.last

    def __next__(self) -> Future[SqlRow]:
        with suppress(IndexError):  # There is none, or another thread has it.
            return ImmediateFuture(self.ready.popleft())
        if self._told_end:
            raise StopIteration
        return self.more().then(self._first)

    def each(self) -> Iterator[SqlRow]:
        """Yield the rows, waiting for them."""
        while self.ready or self.more().result():
            if self.ready:
                yield self.ready.popleft()

    def _first(self, filled: Future[bool]) -> Any:
        if not filled.result():
            # The documented way to tell the end to a callback.
            self._told_end = True
            raise StopIteration
        return next(self)

    async def __anext__(self) -> SqlRow:
        while not self.ready:
            if not await self.more():
                raise StopAsyncIteration
        return self.ready.popleft()


class SqlService:
    """Executes SQL statements.

    Examples
    --------
    >>> sql = client.sql
    """

    def __init__(self, internal_sql_service: Context) -> None:
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

        Examples
        --------
        >>> with sql.execute("SELECT v FROM TABLE(generate_series(1, 9)) WHERE v > ? ORDER BY v", 7).result() as result:
        ...     [row["v"] for row in result]
        [8, 9]
        """
        context = self.context

        def go() -> Future[SqlResult]:
            statement = query.prepared(context, sql, params, cursor_buffer_size, timeout, expected_result_type, schema)
            try:
                connection = context.connections.pick_for_sql()
            except HazelcastError:
                return context.when_connected().then(lambda done: done.result() or context.with_schemas(go))
            query_id = query.new_query_id(connection.member_uuid)

            def decode(answer: Message) -> SqlResult:
                response = query.EXECUTE.decode(answer)
                query.raise_if_failed(response.error)
                return SqlResult(self, connection, query_id, cursor_buffer_size, response)

            invoke = partial(context.invocations.invoke, query.EXECUTE, connection=connection, decode=once(decode))
            return invoke(*statement, query_id, False).map_error(partial(_explain, connection.member_uuid))

        try:
            asked = context.with_schemas(go)
        except HazelcastSerializationError as error:
            asked = ImmediateExceptionFuture(error)
        return asked.map_error(partial(_explain, None))


_CODES = {TargetDisconnectedError: query.CONNECTION_LOST, HazelcastSerializationError: query.DATA_ERROR}


def _explain(member_uuid: UUID | None, error: Exception) -> None:
    """Make a failure on the way a ``HazelcastSqlError``, as all failures of statements are."""
    if isinstance(error, HazelcastError) and not isinstance(error, HazelcastSqlError):
        code = next((code for kind, code in _CODES.items() if isinstance(error, kind)), query.GENERIC_ERROR)
        raise HazelcastSqlError(member_uuid, code, str(error), error) from error
