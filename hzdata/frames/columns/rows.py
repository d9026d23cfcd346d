"""Rows of bytes, put together column by column.

A serialized entry is a row of pieces: constant bytes, numbers of a fixed width, and values whose width differs from row
to row. `Rows` takes each piece for all rows at once; a kernel then lays the rows out, in any order.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from .. import kernels
from ..kernels import Piece

__all__ = ["Lengths", "Rows", "Slot", "as_binary", "binary_lengths"]

Lengths: TypeAlias = int | npt.NDArray[np.int32]
"""Bytes of each row, or one number when all rows are equally long."""


class Slot:
    """Room in every row for numbers that are known later, such as a length that precedes what it counts."""

    def __init__(self, pieces: list[Piece]) -> None:
        self._pieces = pieces
        self._index = len(pieces)

    def fill(self, values: int | npt.NDArray[Any], dtype: str) -> None:
        """Put `values`, as `dtype`, where the room was left."""
        self._pieces[self._index] = Piece(np.atleast_1d(values).astype(dtype))


class Rows:
    """`count` rows of bytes that grow by a piece at a time.

    Attributes
    ----------
    count : int
        How many rows there are.
    length : int or ndarray of int32
        Bytes of each row so far.
    """

    def __init__(self, count: int) -> None:
        self.count = count
        self.length: Lengths = 0
        self._pieces: list[Piece] = []

    def constant(self, data: bytes) -> None:
        """Add the same bytes to every row."""
        self._pieces.append(_shared(data))
        self.length = self.length + len(data)

    def slot(self, size: int) -> Slot:
        """Add `size` bytes to every row that are filled later."""
        slot = Slot(self._pieces)
        self.constant(bytes(size))
        return slot

    def numbers(self, values: npt.NDArray[Any], valid: pa.Array | None = None) -> None:
        """Add one item of a fixed width to every row.

        Parameters
        ----------
        values : ndarray, shape (count,)
            The items; the dtype, which may be a structured one, says width and byte order.
        valid : pyarrow.BooleanArray, optional
            Which rows have the item; the others get no byte of it. None: all.
        """
        there = None if valid is None else valid.to_numpy(zero_copy_only=False)
        self._pieces.append(Piece(values, None, there))
        self.length = self.length + (values.itemsize if there is None else there * np.int32(values.itemsize))

    def ragged(self, items: pa.Array) -> None:
        """Add a piece whose width differs from row to row: a binary array; null adds nothing."""
        _, offsets, data = items.buffers()
        content = np.frombuffer(data if data is not None else b"", np.uint8)
        ends = np.frombuffer(offsets, np.int32)[items.offset : items.offset + len(items) + 1]
        there = items.is_valid().to_numpy(zero_copy_only=False) if items.null_count else None
        self._pieces.append(Piece(content, ends, there))
        self.length = self.length + binary_lengths(items)

    def bounds(self, order: npt.NDArray[np.int64] | None = None) -> npt.NDArray[np.int64]:
        """Return where each row begins when they are laid out in an order, and where the last one ends."""
        if isinstance(self.length, int):
            return np.arange(self.count + 1) * self.length
        ends = np.zeros(self.count + 1, np.int64)
        np.cumsum(self.length if order is None else self.length[order], out=ends[1:])
        return ends

    def laid_out(self, order: npt.NDArray[np.int64], bounds: npt.NDArray[np.int64]) -> npt.NDArray[np.uint8]:
        """Return the bytes of the rows, in an order, one row after the other."""
        return kernels.active.join(_merged(self._pieces), order, bounds)

    def join(self) -> pa.Array:
        """Return the rows: a binary array without nulls."""
        ends = self.bounds()
        (piece,) = self._pieces if len(self._pieces) == 1 else (None,)
        if piece is not None and piece.offsets is None and piece.there is None and len(piece.data) == self.count:
            data = piece.data.view(np.uint8)  # They lie like this already.
        else:
            data = self.laid_out(np.arange(self.count), ends)
        buffers = [None, pa.py_buffer(ends.astype(np.int32)), pa.py_buffer(data)]
        return pa.Array.from_buffers(pa.binary(), self.count, buffers)


def _shared(data: bytes) -> Piece:
    return Piece(np.frombuffer(data, np.dtype((np.void, len(data))))[:1])


def _is_shared(piece: Piece) -> bool:
    return piece.offsets is None and piece.there is None and len(piece.data) == 1


def _merged(pieces: list[Piece]) -> list[Piece]:
    """Make neighbours that all rows share one piece."""
    merged: list[Piece] = []
    for piece in pieces:
        if merged and _is_shared(piece) and _is_shared(merged[-1]):
            merged[-1] = _shared(merged[-1].data.tobytes() + piece.data.tobytes())
        else:
            merged.append(piece)
    return merged


def binary_lengths(items: pa.Array) -> npt.NDArray[np.int32]:
    """Return the bytes of each item of a binary array; a null has none."""
    offsets = np.frombuffer(items.buffers()[1], dtype=np.int32)[items.offset : items.offset + len(items) + 1]
    lengths = np.diff(offsets)
    if items.null_count:
        lengths *= items.is_valid().to_numpy(zero_copy_only=False)
    return lengths


def as_binary(array: pa.Array) -> pa.Array:
    """Return a string or binary array, large or not, as a binary array, without copying its bytes."""
    large = pa.types.is_large_string(array.type) or pa.types.is_large_binary(array.type)
    _, offset_buffer, data = array.buffers()
    first, count = array.offset, len(array)
    if not count:
        return pa.array([], pa.binary())
    offsets = np.frombuffer(offset_buffer, dtype=np.int64 if large else np.int32)[first : first + count + 1]
    start, stop = int(offsets[0]), int(offsets[-1])
    data = pa.py_buffer(b"") if data is None else data.slice(start, stop - start)
    near = pa.py_buffer((offsets - offsets[0]).astype(np.int32))
    return pa.Array.from_buffers(pa.binary(), count, [validity(array), near, data])


def validity(array: pa.Array) -> pa.Buffer | None:
    """Return the validity bitmap of an array, beginning at its first item; None when nothing is null."""
    if not array.null_count:
        return None
    return _bitmap(array.is_valid())


def _bitmap(flags: pa.Array) -> pa.Buffer:
    if flags.offset:
        return pa.py_buffer(np.packbits(flags.to_numpy(zero_copy_only=False), bitorder="little"))
    return flags.buffers()[1]
