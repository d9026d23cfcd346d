"""SQL results by pages, undecoded: for who wants columns."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from hzdata.core.client import HazelcastClient
from hzdata.core.errors import HazelcastError, TargetDisconnectedError
from hzdata.core.future import ImmediateFuture
from hzdata.core.protocol.framing import FrameWalker, Message
from hzdata.core.protocol.messages import MessageType
from hzdata.core.protocol.page import SqlPage
from hzdata.core.query import (
    CANCELLED,
    CLOSE,
    CONNECTION_LOST,
    EXECUTE,
    FETCH,
    GENERIC_ERROR,
    HazelcastSqlError,
    SqlExpectedResultType,
    metadata_of,
    new_query_id,
    prepared,
    raise_if_failed,
)

from .connection import BulkConnection
from .service import of

_CLOSE_TIMEOUT = 1.0
_MAX_PAGE_ROWS = 1 << 17


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
        client: HazelcastClient,
        connection: BulkConnection,
        statement: tuple[Any, ...],
        buffer_size: int,
        page_bytes: int | None = None,
    ) -> None:
        self._client = client
        self._page_bytes = page_bytes
        self._connection = connection
        self._query_id = new_query_id(connection.member_uuid)
        self._buffer_size = buffer_size
        self._ended = False
        try:
            self._ask(EXECUTE, *statement, self._query_id, False)
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
                    self._ask(FETCH, self._query_id, self._buffer_size)
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

    def _ask(self, message_type: MessageType, *parameters: Any) -> None:
        try:
            self._asked = self._connection.request(message_type, *parameters)
        except TargetDisconnectedError as error:
            raise self._lost(error) from error

    def _lost(self, error: TargetDisconnectedError) -> HazelcastSqlError:
        text = f"the member that runs the query was lost, and the rest of its rows with it: {error}"
        return HazelcastSqlError(self._connection.member_uuid, CONNECTION_LOST, text, error)

    def _await_answer(self) -> Message:
        while True:
            try:
                answer = self._connection.receive()
            except TargetDisconnectedError as error:
                raise self._lost(error) from error
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
            self._client.invocation_service.invoke(
                CLOSE, self._query_id, member_uuid=self._connection.member_uuid
            ).result(_CLOSE_TIMEOUT)
        except (HazelcastError, TimeoutError):
            pass  # The member is lost, and the query with it.

    def __enter__(self) -> SqlCursor:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


def open_cursor(
    client: HazelcastClient,
    sql: str,
    *params: Any,
    cursor_buffer_size: int = 4096,
    timeout: float = -1,
    expected_result_type: int = SqlExpectedResultType.ANY,
    schema: str | None = None,
    page_bytes: int | None = None,
    walker: Callable[[], FrameWalker] = FrameWalker,
) -> SqlCursor:
    """Execute a statement and return its pages undecoded. Blocks; parameters and errors as of ``client.sql.execute``.

    Parameters
    ----------
    page_bytes
        About how large the pages after the first are to be, however many rows that is.
    walker
        Makes what finds the frames of an answer, for who has a faster one.

    Returns
    -------
    SqlCursor
    """
    context = client.sql.context
    asked = sql, params, cursor_buffer_size, timeout, expected_result_type, schema
    statement = context.with_schemas(lambda: ImmediateFuture(prepared(context, *asked))).result()
    try:
        if not context.connections.connections():
            context.when_connected().result()
        connection = of(client).open(walker=walker)
    except HazelcastError as error:
        raise HazelcastSqlError(None, CONNECTION_LOST, str(error), error) from error
    return SqlCursor(client, connection, statement, cursor_buffer_size, page_bytes)
