"""Rows of bytes, put together column by column.

A serialized entry is a row of pieces: constant bytes, numbers of a fixed width, and values whose width differs from row
to row. `Rows` takes each piece for all rows at once. Neighbouring pieces that are equally wide in every row become one
byte matrix, filled a column at a time; matrices and ragged pieces are then joined row by row by one Arrow kernel
(``binary_join_element_wise``, about 10 ns a row and piece). No step of this is a Python step a value.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

__all__ = ["Lengths", "Rows", "Slot", "as_binary", "binary_lengths"]

Bytes: TypeAlias = npt.NDArray[np.uint8]
Lengths: TypeAlias = int | npt.NDArray[np.int64]
"""Bytes of each row, or one number when all rows are equally long."""


class _Run:
    """Pieces equally wide in all rows: a template of constant bytes, and arrays that go over it."""

    def __init__(self) -> None:
        self.template = bytearray()
        self.fills: list[tuple[int, npt.NDArray[Any]]] = []

    def matrix(self, count: int) -> Bytes:
        matrix = np.empty((count, len(self.template)), dtype=np.uint8)
        matrix[:] = np.frombuffer(self.template, dtype=np.uint8)
        for offset, values in self.fills:
            cell = matrix[:, offset : offset + values.dtype.itemsize]
            cell.view(values.dtype)[:, 0] = values
        return matrix

    def array(self, count: int) -> pa.Array:
        return _matrix_as_binary(self.matrix(count))


class Slot:
    """Room in every row for numbers that are known later, such as a length that precedes what it counts."""

    def __init__(self, run: _Run, offset: int) -> None:
        self._run = run
        self._offset = offset

    def fill(self, values: Lengths, dtype: str) -> None:
        """Put `values`, as `dtype`, where the room was left."""
        if isinstance(values, int):
            data = np.array(values, dtype=dtype).tobytes()
            self._run.template[self._offset : self._offset + len(data)] = data
        else:
            self._run.fills.append((self._offset, values.astype(dtype)))


class Rows:
    """`count` rows of bytes that grow by a piece at a time.

    Attributes
    ----------
    count : int
        How many rows there are.
    length : int or ndarray of int64
        Bytes of each row so far.
    """

    def __init__(self, count: int) -> None:
        self.count = count
        self.length: Lengths = 0
        self._pieces: list[_Run | pa.Array] = []

    def constant(self, data: bytes) -> None:
        """Add the same bytes to every row."""
        run = self._run()
        run.template += data
        self.length = self.length + len(data)

    def slot(self, size: int) -> Slot:
        """Add `size` bytes to every row that are filled later."""
        run = self._run()
        slot = Slot(run, len(run.template))
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
        size = values.dtype.itemsize
        if valid is None:
            run = self._run()
            run.fills.append((len(run.template), values))
            run.template += bytes(size)
            self.length = self.length + size
            return
        items = _matrix_as_binary(np.ascontiguousarray(values).view(np.uint8).reshape(self.count, size), valid)
        self._ragged(items, valid.to_numpy(zero_copy_only=False) * np.int64(size))

    def ragged(self, items: pa.Array) -> None:
        """Add a piece whose width differs from row to row: a binary array; null adds nothing."""
        self._ragged(items, binary_lengths(items))

    def join(self) -> pa.Array:
        """Return the rows: a binary array without nulls."""
        arrays = [p.array(self.count) if isinstance(p, _Run) else p for p in self._pieces]
        if not arrays:
            return _matrix_as_binary(np.empty((self.count, 0), dtype=np.uint8))
        if len(arrays) == 1 and not arrays[0].null_count:
            return arrays[0]
        nothing = pa.scalar(b"", pa.binary())
        return pc.binary_join_element_wise(*arrays, nothing, null_handling="replace", null_replacement=b"")

    def _ragged(self, items: pa.Array, lengths: npt.NDArray[np.int64]) -> None:
        self._pieces.append(items)
        self.length = self.length + lengths

    def _run(self) -> _Run:
        if not self._pieces or not isinstance(self._pieces[-1], _Run):
            self._pieces.append(_Run())
        run = self._pieces[-1]
        assert isinstance(run, _Run)
        return run


def binary_lengths(items: pa.Array) -> npt.NDArray[np.int64]:
    """Return the bytes of each item of a binary array; a null has none."""
    offsets = np.frombuffer(items.buffers()[1], dtype=np.int32)[items.offset : items.offset + len(items) + 1]
    lengths = np.diff(offsets).astype(np.int64)
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


def _matrix_as_binary(matrix: Bytes, valid: pa.Array | None = None) -> pa.Array:
    count, width = matrix.shape
    offsets = np.arange(0, (count + 1) * width, width, dtype=np.int32) if width else np.zeros(count + 1, np.int32)
    buffers = [None if valid is None else _bitmap(valid), pa.py_buffer(offsets), pa.py_buffer(matrix)]
    return pa.Array.from_buffers(pa.binary(), count, buffers)
