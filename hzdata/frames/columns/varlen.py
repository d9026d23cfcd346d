"""Columns of values that take a frame each: VARCHAR, JSON, OBJECT; and where the frames of such a column lie.

A column is a list: a begin frame, a frame a value (flagged null where there is none), an end frame. What a frame holds
lies right behind its header of six bytes, so that a column's values are one region of the page with headers between.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from hzdata.core.protocol.framing import BEGIN_DATA_STRUCTURE, END_DATA_STRUCTURE, HEADER_SIZE, NULL
from hzdata.core.protocol.page import SqlPage

from .. import kernels
from ..errors import ColumnValueError

__all__ = ["BytesCodec", "JsonCodec", "TextCodec", "ValueFrames", "gather_bytes", "read_value_frames"]

# The flags of the frames that matter here are in the high byte of the flags, the last byte of the header.
_FLAGS = HEADER_SIZE - 1
_BEGIN, _END, _NULL = BEGIN_DATA_STRUCTURE >> 8, END_DATA_STRUCTURE >> 8, NULL >> 8

Int64Array = npt.NDArray[np.int64]


class ValueFrames(NamedTuple):
    """The frames that hold the values of a column.

    Attributes
    ----------
    bytes : numpy.ndarray of uint8
        The message.
    offsets : numpy.ndarray of int64, shape (rows + 1,)
        Where each frame begins in `bytes`, its header included, and where the last one ends.
    present : numpy.ndarray of bool, shape (rows,)
        The value is not null.
    """

    bytes: npt.NDArray[np.uint8]
    offsets: Int64Array
    present: npt.NDArray[np.bool_]

    def validity(self) -> pa.Buffer | None:
        if self.present.all():
            return None
        return pa.py_buffer(np.packbits(self.present, bitorder="little"))


def read_value_frames(page: SqlPage, column: int) -> ValueFrames:
    """Return the frames of the values of a column in which each takes one."""
    start, stop = page.columns[column]
    content = np.frombuffer(page.message.buffer, np.uint8)
    offsets = np.array(page.message.frames[start + 1 : stop], np.int64)
    return ValueFrames(content, offsets, (content[offsets[:-1] + _FLAGS] & _NULL) == 0)


def _binary(frames: ValueFrames, arrow: pa.DataType) -> pa.Array:
    """Gather what the frames hold into one array of type `arrow` (binary or large binary)."""
    offsets = frames.offsets
    starts = offsets[:-1] + HEADER_SIZE
    return gather_bytes(frames.bytes, starts, offsets[1:] - starts, arrow, frames.present)


class BytesCodec:
    """OBJECT as the serialized bytes, header of the Data included."""

    def __init__(self, arrow: pa.DataType) -> None:
        self.arrow = arrow

    def read(self, page: SqlPage, column: int, first_row: int) -> pa.Array:
        return _binary(read_value_frames(page, column), self.arrow)


class TextCodec:
    """VARCHAR as string or large string."""

    def __init__(self, name: str, arrow: pa.DataType) -> None:
        self.name = name
        self.arrow = arrow
        self.bytes = pa.large_binary() if pa.types.is_large_string(arrow) else pa.binary()

    def read(self, page: SqlPage, column: int, first_row: int) -> pa.Array:
        return self.text(_binary(read_value_frames(page, column), self.bytes), first_row)

    def text(self, values: pa.Array, first_row: int) -> pa.Array:
        try:
            return values.cast(self.arrow)  # no copy, but looks at every byte
        except pa.ArrowInvalid:
            row, problem = _not_utf8(values)
            raise ColumnValueError(
                self.name,
                first_row + row,
                f"the member sent text that is not UTF-8 ({problem})",
                "CAST it in the query",
            ) from None


class JsonCodec(TextCodec):
    """JSON as its text. Each value is a structure: a begin frame, the text, an end frame."""

    def read(self, page: SqlPage, column: int, first_row: int) -> pa.Array:
        start, stop = page.columns[column]
        content = np.frombuffer(page.message.buffer, np.uint8)
        offsets = np.array(page.message.frames[start + 1 : stop], np.int64)
        flags = content[offsets[:-1] + _FLAGS]
        begins = (flags & _BEGIN) != 0
        depth = np.cumsum(begins) - np.cumsum((flags & _END) != 0)
        # The text follows the begin frame; newer members may add frames behind it.
        text = np.flatnonzero(begins) + 1
        nulls = np.flatnonzero(((flags & _NULL) != 0) & (depth == 0))
        rows = np.sort(np.concatenate([text, nulls]))
        present = (flags[rows] & _NULL) == 0
        sizes = np.where(present, offsets[rows + 1] - offsets[rows] - HEADER_SIZE, 0)
        values = gather_bytes(content, offsets[rows] + HEADER_SIZE, sizes, self.bytes, present)
        return self.text(values, first_row)


def gather_bytes(
    content: npt.NDArray[np.uint8],
    starts: Int64Array,
    sizes: Int64Array,
    arrow: pa.DataType,
    present: npt.NDArray[np.bool_],
) -> pa.Array:
    """Gather `sizes` bytes from each of `starts`, which need not lie side by side, into one array."""
    ends = np.zeros(len(sizes) + 1, np.int64)
    np.cumsum(sizes, out=ends[1:])
    data = kernels.active.gather_ragged(content, starts, ends)
    offsets = ends if pa.types.is_large_binary(arrow) else ends.astype(np.int32)
    validity = None if present.all() else pa.py_buffer(np.packbits(present, bitorder="little"))
    return pa.Array.from_buffers(arrow, len(sizes), [validity, pa.py_buffer(offsets), pa.py_buffer(data)])


def _not_utf8(values: pa.Array) -> tuple[int, str]:
    for row, value in enumerate(values):
        try:
            if value.is_valid:
                value.as_py().decode()
        except UnicodeDecodeError as error:
            return row, error.reason
    return 0, "unknown"
