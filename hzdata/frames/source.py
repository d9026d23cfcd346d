"""Where the rows of a load come from: pandas, Arrow, polars, or a stream; all become Arrow record batches.

A `Source` knows its columns before its rows. Sources that lie in memory know how many rows they have and can be gone
through more than once, so that a load checks every value before it sends the first; a stream can not.
"""

from __future__ import annotations

import sys
from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from .errors import ColumnTypeError

__all__ = ["Source", "StreamSource", "source_of", "take_rows"]

MAX_BATCH_BYTES = 1 << 25
"""Rows are laid out in pieces no larger than this, however wide they are."""


class Source(ABC):
    """The rows of a load.

    Attributes
    ----------
    schema : pyarrow.Schema
        The columns.
    index : pyarrow.Schema
        What the rows are labelled with, where that is no column: the levels of a pandas index, or the row number.
    row_count : int or None
        None for a stream.
    has_row_numbers : bool
        Whether the index is nothing but the row number.
    table, index_table : pyarrow.Table or None
        All rows and their index, of a source that lies in memory; row numbers lie nowhere.
    """

    schema: pa.Schema
    index: pa.Schema
    row_count: int | None
    has_row_numbers: bool
    table: pa.Table | None = None
    index_table: pa.Table | None = None

    @abstractmethod
    def batches(self, rows: int) -> Iterator[tuple[pa.RecordBatch, pa.RecordBatch]]:
        """Yield the columns and the index, `rows` rows at a time."""

    @abstractmethod
    def take(self, positions: npt.NDArray[np.int64], pieces: list[pa.RecordBatch]) -> Any:
        """Return some rows in the type they were given in.

        Parameters
        ----------
        positions : ndarray of int64
            Their numbers.
        pieces : list of pyarrow.RecordBatch
            The rows themselves, for a source that is gone.
        """


class _InMemory(Source):
    table: pa.Table

    def __init__(self, table: pa.Table, index: pa.Table | None) -> None:
        self.table = table
        self.index_table = index
        self.schema = table.schema
        self.has_row_numbers = index is None
        self.index = _ROW_NUMBER if index is None else index.schema
        self.row_count = table.num_rows

    def batches(self, rows: int) -> Iterator[tuple[pa.RecordBatch, pa.RecordBatch]]:
        count = self.table.num_rows
        for start in range(0, count, rows):
            for first, batch in _small_enough(start, _batch(self.table.slice(start, rows))):
                index = self.index_table
                if index is None:
                    yield batch, _row_numbers(first, len(batch))
                else:
                    yield batch, _batch(index.slice(first, len(batch)))


class TableSource(_InMemory):
    """A pyarrow table."""

    def __init__(self, table: pa.Table) -> None:
        super().__init__(table, None)

    def take(self, positions: npt.NDArray[np.int64], pieces: list[pa.RecordBatch]) -> Any:
        return _take(self.table, positions)


class PolarsSource(_InMemory):
    """A polars DataFrame."""

    def __init__(self, frame: Any) -> None:
        super().__init__(pa.table(frame), None)
        self._frame = frame

    def take(self, positions: npt.NDArray[np.int64], pieces: list[pa.RecordBatch]) -> Any:
        return self._frame[positions]


class PandasSource(_InMemory):
    """A pandas DataFrame. NaN in a NumPy column is null, as pandas itself has it."""

    def __init__(self, frame: Any) -> None:
        import pandas as pd

        from .inference import to_arrow

        self._frame = frame
        _check_names(list(frame.columns))
        table = pa.table({name: to_arrow(name, column) for name, column in frame.items()})
        labels = frame.index
        if isinstance(labels, pd.RangeIndex) and labels.start == 0 and labels.step == 1 and labels.name is None:
            super().__init__(table, None)
            return
        levels = range(labels.nlevels)
        names = [_level_name(labels, level) for level in levels]
        index = pa.table([to_arrow(name, labels.get_level_values(i)) for i, name in enumerate(names)], names=names)
        super().__init__(table, index)

    def take(self, positions: npt.NDArray[np.int64], pieces: list[pa.RecordBatch]) -> Any:
        # Most reports are of nothing, which costs less like this.
        return self._frame.iloc[positions] if len(positions) else self._frame.iloc[:0].copy()


class StreamSource(Source):
    """Record batches that come one after another, once."""

    def __init__(self, reader: pa.RecordBatchReader) -> None:
        self._reader = reader
        self.schema = reader.schema
        self.index = _ROW_NUMBER
        self.has_row_numbers = True
        self.row_count = None
        self._waiting: list[pa.RecordBatch] = []
        self._waiting_rows = self._waiting_bytes = 0

    def batches(self, rows: int) -> Iterator[tuple[pa.RecordBatch, pa.RecordBatch]]:
        first = 0
        for batch in self._regrouped(rows):
            for _, small in _small_enough(first, batch):
                yield small, _row_numbers(first, len(small))
                first += len(small)

    def _regrouped(self, rows: int) -> Iterator[pa.RecordBatch]:
        for batch in self._reader:
            self._waiting.append(batch)
            self._waiting_rows += len(batch)
            self._waiting_bytes += batch.nbytes
            while self._waiting_rows >= rows or self._waiting_bytes >= MAX_BATCH_BYTES:
                yield self._next(min(rows, self._waiting_rows))
        if self._waiting_rows:
            yield self._next(self._waiting_rows)

    def _next(self, rows: int) -> pa.RecordBatch:
        table = pa.Table.from_batches(self._waiting, self.schema)
        rest = table.slice(rows)
        self._waiting = rest.to_batches()
        self._waiting_rows, self._waiting_bytes = rest.num_rows, rest.nbytes
        return _batch(table.slice(0, rows))

    def left_over(self) -> list[pa.RecordBatch]:
        """Return what was read and not yielded."""
        return self._waiting

    def take(self, positions: npt.NDArray[np.int64], pieces: list[pa.RecordBatch]) -> Any:
        return pa.Table.from_batches(pieces, pieces[0].schema if pieces else self.schema)


def source_of(data: Any) -> Source:
    """Return the source of the rows of `data`.

    Parameters
    ----------
    data
        A pandas or polars DataFrame, a pyarrow Table, RecordBatch or RecordBatchReader, or anything that speaks the
        Arrow PyCapsule interface.

    Raises
    ------
    TypeError
        When it is nothing of the kind.
    ColumnError
        When a column has no name that a map takes, or no Arrow type.
    """
    if _is_frame_of(data, "pandas"):
        return PandasSource(data)
    if _is_frame_of(data, "polars"):
        source: Source = PolarsSource(data)
    elif isinstance(data, pa.Table):
        source = TableSource(data)
    elif isinstance(data, pa.RecordBatch):
        source = TableSource(pa.Table.from_batches([data]))
    elif isinstance(data, pa.RecordBatchReader):
        source = StreamSource(data)
    elif hasattr(data, "__arrow_c_stream__"):
        source = StreamSource(_reader(data))
    elif hasattr(data, "__arrow_c_array__"):
        source = TableSource(pa.Table.from_batches([pa.record_batch(data)]))
    else:
        raise _no_frame(data)
    _check_names(source.schema.names)
    return source


def _reader(data: Any) -> pa.RecordBatchReader:
    try:
        return pa.RecordBatchReader.from_stream(data)
    except pa.ArrowInvalid as error:
        raise _no_frame(data) from error  # A single column: a Series, a ChunkedArray.


def _no_frame(data: Any) -> TypeError:
    return TypeError(
        f"to_hz_map takes a pandas or polars DataFrame, an Arrow table or stream, not {type(data).__name__}; "
        "pandas.DataFrame(...) makes one of most things"
    )


_ROW_NUMBER = pa.schema([pa.field("__row__", pa.int64())])


def _is_frame_of(data: Any, library: str) -> bool:
    module = sys.modules.get(library)
    return module is not None and isinstance(data, module.DataFrame)


def _check_names(names: list[Any]) -> None:
    """Refuse column names that can not be fields of a value in a map."""
    if not names:
        raise ValueError("the frame has no columns: an entry needs a value")
    seen: set[str] = set()
    for name in names:
        if not isinstance(name, str):
            problem, remedy = f"its name is a {type(name).__name__}, not text", "rename it: df.columns.map(str)"
        elif not name:
            problem, remedy = "its name is empty", "rename it"
        elif "." in name:
            problem, remedy = "its name has a dot, which the members refuse", f"rename it: {name.replace('.', '_')!r}"
        elif name in ("__key", "this"):
            problem, remedy = "this is what SQL calls the key and the value of an entry", "rename it"
        elif name in seen:
            problem, remedy = "another column has the same name", "rename one of them"
        else:
            seen.add(name)
            continue
        raise ColumnTypeError(name, problem, remedy)


def _level_name(labels: Any, level: int) -> str:
    name = labels.names[level]
    if name is None:
        return "index" if labels.nlevels == 1 else f"level_{level}"
    if not isinstance(name, str) or "." in name or not name:
        raise ColumnTypeError(name, "an index level is named by text without dots", "rename it: df.index.set_names")
    return name


def take_rows(rows: pa.RecordBatch, positions: npt.NDArray[np.int64]) -> pa.RecordBatch:
    """Return some rows of a batch."""
    return _batch(_take(pa.Table.from_batches([rows]), positions))


def _take(table: pa.Table, positions: npt.NDArray[np.int64]) -> pa.Table:
    return pa.table([_items(column, positions) for column in table.columns], schema=table.schema)


def _items(column: pa.ChunkedArray, positions: npt.NDArray[np.int64]) -> pa.ChunkedArray | pa.Array:
    try:
        return column.take(pa.array(positions))
    except pa.ArrowNotImplementedError:
        # Arrow takes no items of views and run-ends, and has slices of every type.
        runs = np.split(positions, np.flatnonzero(np.diff(positions) != 1) + 1)
        slices = [piece for run in runs if len(run) for piece in column.slice(run[0], len(run)).chunks]
        return pa.chunked_array(slices, column.type).combine_chunks()


def _batch(table: pa.Table) -> pa.RecordBatch:
    """Return a table as one record batch; columns are copied only where they lie in pieces."""
    if not table.num_rows:
        return pa.RecordBatch.from_pylist([], schema=table.schema)
    (batch,) = table.combine_chunks().to_batches()
    return batch


def _small_enough(first: int, batch: pa.RecordBatch) -> Iterator[tuple[int, pa.RecordBatch]]:
    """Yield `batch` in pieces of at most MAX_BATCH_BYTES, with the number of each one's first row."""
    if batch.nbytes <= MAX_BATCH_BYTES or len(batch) == 1:
        yield first, batch
        return
    half = len(batch) // 2
    yield from _small_enough(first, batch.slice(0, half))
    yield from _small_enough(first + half, batch.slice(half))


def _row_numbers(first: int, count: int) -> pa.RecordBatch:
    return pa.record_batch([pa.array(np.arange(first, first + count, dtype=np.int64))], schema=_ROW_NUMBER)
