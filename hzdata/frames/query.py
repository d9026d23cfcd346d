"""One running query as a stream of record batches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa

from hzdata.bulk import open_cursor
from hzdata.core.errors import HazelcastError
from hzdata.core.sql import HazelcastSqlError, SqlExpectedResultType

from . import kernels
from .columns.sql import PageReader
from .progress import Progress
from .types import ReadPolicy

__all__ = ["Query", "closed_on_error"]

FIRST_PAGE_ROWS = 4_096
PAGE_BYTES = 2 << 20
"""How large the pages after the first are: enough that asking for one costs little beside it, little enough to hold."""

_GENERIC_ERROR = -1
_NO_ROWS = "doesn't produce rows"
# What a member says of a query whose time is over.
_CANCELLED = "CANCEL_FORCEFUL"
_NOT_COMPARABLE = "cannot be cast to class java.lang.Comparable"


class Query:
    """The rows of one SQL query, a record batch a page. An iterator and a context manager.

    Whatever ends it, an error, a KeyboardInterrupt or being dropped, closes its cursor: the member forgets the query.

    Parameters
    ----------
    client
        Whose cluster runs it.
    sql, params, timeout, schema
        As of ``client.sql.execute``.
    cursor_buffer_size
        Rows a page; None for pages of `PAGE_BYTES`, whatever the rows are wide.
    policy
        What the caller chose where a SQL type has more than one Arrow type.
    progress
        As of `Progress`.

    Attributes
    ----------
    schema : pyarrow.Schema
        Of every batch.
    type_ids : tuple of int
        The ``SqlColumnType`` of each column.
    rows : int
        Received so far.
    """

    def __init__(
        self,
        client: Any,
        sql: str,
        params: Sequence[Any],
        policy: ReadPolicy,
        *,
        timeout: float | None = None,
        schema: str | None = None,
        cursor_buffer_size: int | None,
        progress: bool | None = None,
    ) -> None:
        self._cursor: Any = None
        self.rows = 0
        self._timeout = timeout
        self._progress = Progress("reading", show=progress)
        try:
            self._cursor = open_cursor(
                client,
                sql,
                *params,
                cursor_buffer_size=FIRST_PAGE_ROWS if cursor_buffer_size is None else cursor_buffer_size,
                page_bytes=PAGE_BYTES if cursor_buffer_size is None else None,
                timeout=-1 if timeout is None else timeout,
                schema=schema,
                expected_result_type=SqlExpectedResultType.ROWS,
                walker=kernels.active.walker,
            )
            columns = self._cursor.metadata.columns
            self.type_ids = tuple(column.type for column in columns)
            self._reader = PageReader([column.name for column in columns], self.type_ids, policy)
            self._pages = iter(self._cursor)
        except HazelcastSqlError as error:
            self.close()
            if error.code == _GENERIC_ERROR and _NO_ROWS in str(error):
                raise HazelcastSqlError(
                    error.originating_member_uuid,
                    error.code,
                    "this statement does not return rows, and was not executed: use client.sql.execute() for it",
                    error,
                ) from error
            self._explain(error)
            raise
        except BaseException:
            self.close()
            raise
        self.schema: pa.Schema = self._reader.schema

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        return self

    def __next__(self) -> pa.RecordBatch:
        try:
            batch = self._reader.read(next(self._pages))
            self.rows += batch.num_rows
            self._progress.advance(batch.num_rows)
            return batch
        except StopIteration:
            self.close()
            raise
        except BaseException as error:
            self.close()
            self._explain(error)
            raise

    def _explain(self, error: BaseException) -> None:
        """Say of a failure what the member does not know."""
        if not isinstance(error, HazelcastError):
            return
        error.add_note(f"{self.rows:,} rows had arrived")
        if isinstance(error, HazelcastSqlError) and self._timeout and _CANCELLED in str(error):
            raise HazelcastSqlError(
                error.originating_member_uuid,
                error.code,
                f"the query did not end within timeout={self._timeout} s, and the member cancelled it; "
                f"{self.rows:,} rows had arrived",
                error,
            ) from error
        if _NOT_COMPARABLE in str(error):
            error.add_note(
                "values that are objects cannot be ordered or compared: with a compound key, use the columns that it "
                "is made of, which the values have too"
            )

    def close(self) -> None:
        """Let the member forget the query, cancelling it when it still runs. May be called again."""
        cursor, self._cursor = self._cursor, None
        self._progress.close()
        if cursor is not None:
            cursor.close()

    def __enter__(self) -> Query:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def __del__(self) -> None:
        self.close()


class closed_on_error:
    """A context manager: what is raised inside of it, KeyboardInterrupt too, closes the query first."""

    def __init__(self, query: Query) -> None:
        self._query = query

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        if kind is not None:
            self._query.close()
