"""The rows of one running query in pieces of one size, as DataFrames or record batches."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pyarrow as pa

from .query import Query, closed_on_error

if TYPE_CHECKING:
    import pandas as pd

    from .dataframe import FrameMaker

__all__ = ["BatchChunks", "FrameChunks"]


class FrameChunks(Iterator["pd.DataFrame"]):
    """DataFrames of equal numbers of rows, the last one fewer. An iterator and a context manager.

    Closing it, or dropping it, ends the query on the cluster. A query without rows gives one empty DataFrame, for its
    columns and dtypes.
    """

    def __init__(self, query: Query, rows: int, maker: FrameMaker) -> None:
        self._query = query
        self._pieces = _cut(query, rows)
        self._maker = maker
        self._rows = 0
        self._begun = False

    def __next__(self) -> pd.DataFrame:
        with closed_on_error(self._query):
            pieces = next(self._pieces, None)
            if pieces is None:
                if self._begun:
                    raise StopIteration
                pieces = []
            self._begun = True
            frame = self._maker.frame(pieces, self._rows)
            self._rows += len(frame)
            return frame

    def close(self) -> None:
        """End the query. May be called again."""
        self._begun = True
        self._pieces = iter(())
        self._query.close()

    def __enter__(self) -> FrameChunks:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<FrameChunks of {', '.join(self._query.schema.names)}; {self._rows:,} rows so far>"


class BatchChunks(Iterator[pa.RecordBatch]):
    """Record batches of equal numbers of rows, the last one fewer."""

    def __init__(self, query: Query, rows: int) -> None:
        self._query = query
        self._pieces = _cut(query, rows)

    def __next__(self) -> pa.RecordBatch:
        with closed_on_error(self._query):
            pieces = next(self._pieces)
            if len(pieces) == 1:
                return pieces[0]
            return pa.Table.from_batches(pieces).combine_chunks().to_batches()[0]


def _cut(batches: Iterator[pa.RecordBatch], rows: int) -> Iterator[list[pa.RecordBatch]]:
    """Yield the same rows in lists of batches that have `rows` rows together, the last one fewer."""
    pieces: list[pa.RecordBatch] = []
    missing = rows
    for batch in batches:
        start = 0
        while batch.num_rows - start >= missing:
            pieces.append(batch.slice(start, missing))
            start += missing
            yield pieces
            pieces, missing = [], rows
        if start < batch.num_rows:
            pieces.append(batch.slice(start))
            missing -= batch.num_rows - start
    if pieces:
        yield pieces
