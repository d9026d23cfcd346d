"""Columns that grow in place, so that a result is in memory once: not as pieces, and then as a whole made of them.

Freed pieces do not help: those of one column lie between those of the others, and the memory stays with the process.
A large block that grows is moved by remapping its pages, without copying what is in it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

__all__ = ["GrowingColumn"]

_GROWTH = 1.125
"""NumPy writes zeros into all that it adds, so that room to grow is memory in use: little room, often added."""


class _GrowingArray:
    """One NumPy array that grows at its end."""

    def __init__(self, dtype: npt.DTypeLike, room: int = 0) -> None:
        self.length = 0
        self._array: npt.NDArray[Any] = np.empty(room, dtype)

    def extend(self, count: int) -> npt.NDArray[Any]:
        """Return the next `count` items, to be written; the view must be dropped before the array grows again."""
        start, self.length = self.length, self.length + count
        if self.length > len(self._array):
            self._array.resize(max(self.length, int(len(self._array) * _GROWTH)), refcheck=False)
        return self._array[start : self.length]

    def finish(self) -> npt.NDArray[Any]:
        """Return the array; it can not grow any more."""
        self._array.resize(self.length, refcheck=False)
        return self._array


class GrowingColumn:
    """A column of one Arrow type that takes arrays, and ends as NumPy or as Arrow.

    Parameters
    ----------
    arrow
        A type of fixed width, or string, binary or their large forms, or null.
    rows
        How many there will be, if that is known.
    """

    def __init__(self, arrow: pa.DataType, rows: int = 0) -> None:
        self._arrow = arrow
        self._room = rows
        self._full: list[pa.Array] = []
        self._append_values = self._append_fixed
        if pa.types.is_null(arrow):
            self._append_values = self._append_nothing
            self._width = 0
        elif pa.types.is_boolean(arrow):
            self._append_values = self._append_bits
            self._width = 1
        elif _is_text_or_bytes(arrow):
            self._append_values = self._append_bytes
            large = pa.types.is_large_string(arrow) or pa.types.is_large_binary(arrow)
            self._offset = np.dtype(np.int64 if large else np.int32)
            self._reach = 2 ** (8 * self._offset.itemsize - 1) - 1
        else:
            self._width = arrow.bit_width // 8
        self._begin()

    def _begin(self) -> None:
        self._rows = 0
        self._null: _GrowingArray | None = None
        if _is_text_or_bytes(self._arrow):
            self._data = _GrowingArray(np.uint8)
            self._offsets = _GrowingArray(self._offset, self._room + 1)
            self._offsets.extend(1)[:] = 0
        else:
            self._data = _GrowingArray(np.uint8, self._room * self._width)

    def append(self, array: pa.Array) -> None:
        """Copy an array of the column's type to the end."""
        if not len(array):
            return
        self._append_values(array, len(array))
        if array.null_count and not pa.types.is_null(self._arrow):
            if self._null is None:
                self._null = _GrowingArray(np.bool_, self._room)
            self._null.extend(self._rows - self._null.length)[:] = False
            np.logical_not(_bits(array.buffers()[0], array.offset, len(array)), out=self._null.extend(len(array)))
        self._rows += len(array)

    def _append_nothing(self, array: pa.Array, rows: int) -> None:
        pass

    def _append_fixed(self, array: pa.Array, rows: int) -> None:
        size = rows * self._width
        self._data.extend(size)[:] = np.frombuffer(array.buffers()[1], np.uint8, size, array.offset * self._width)

    def _append_bits(self, array: pa.Array, rows: int) -> None:
        self._data.extend(rows)[:] = _bits(array.buffers()[1], array.offset, rows)

    def _append_bytes(self, array: pa.Array, rows: int) -> None:
        _, offsets, data = array.buffers()
        ends = np.frombuffer(offsets, self._offset, rows + 1, array.offset * self._offset.itemsize)
        first, last = int(ends[0]), int(ends[-1])
        if self._data.length + last - first > self._reach:
            self._full.append(self._array())
            self._begin()
        self._offsets.extend(rows)[:] = ends[1:] + (self._data.length - first)
        if last > first:
            self._data.extend(last - first)[:] = np.frombuffer(data, np.uint8, last - first, first)

    def numpy(self, dtype: np.dtype[Any]) -> tuple[npt.NDArray[Any], npt.NDArray[np.bool_]]:
        """Return values of fixed width, as `dtype`, and which of them are null. Ends the column."""
        return self._data.finish().view(dtype), self._nulls()

    def arrow(self) -> pa.ChunkedArray:
        """Return the column: one chunk, unless its text is more than offsets of 32 bits reach. Ends the column."""
        return pa.chunked_array([*self._full, self._array()], self._arrow)

    def _array(self) -> pa.Array:
        if pa.types.is_null(self._arrow):
            return pa.nulls(self._rows)
        data = self._data.finish()
        buffers = [None if self._null is None else pa.py_buffer(np.packbits(~self._nulls(), bitorder="little"))]
        if _is_text_or_bytes(self._arrow):
            buffers.append(pa.py_buffer(self._offsets.finish()))
        elif pa.types.is_boolean(self._arrow):
            data = np.packbits(data, bitorder="little")
        return pa.Array.from_buffers(self._arrow, self._rows, [*buffers, pa.py_buffer(data)])

    def _nulls(self) -> npt.NDArray[np.bool_]:
        if self._null is None:
            return np.zeros(self._rows, np.bool_)
        self._null.extend(self._rows - self._null.length)[:] = False
        return self._null.finish()


def _is_text_or_bytes(arrow: pa.DataType) -> bool:
    return any(
        test(arrow)
        for test in (pa.types.is_string, pa.types.is_binary, pa.types.is_large_string, pa.types.is_large_binary)
    )


def _bits(buffer: Any, offset: int, count: int) -> npt.NDArray[np.bool_]:
    first = offset // 8
    packed = np.frombuffer(buffer, np.uint8, (offset + count + 7) // 8 - first, first)
    return np.unpackbits(packed, count=offset % 8 + count, bitorder="little")[offset % 8 :].view(np.bool_)
