"""Columns of fixed-size items: BOOLEAN, TINYINT … BIGINT, REAL, DOUBLE; and how any fixed-size column lies in a page.

Such a column is one frame: ``uint8 kind``, ``int32 count``, then by kind

- `ALL_NULL`: nothing more;
- `NO_NULLS`: the items, one after the other;
- `MIXED`: groups of up to eight items, each a ``uint8 mask`` (bit i: item i is there) and only the items that are
  there. The masks, put side by side, are the validity bitmap that Arrow wants.
"""

from __future__ import annotations

import struct
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from hzdata.core.protocol.framing import HEADER_SIZE
from hzdata.core.protocol.page import ALL_NULL, MIXED, NO_NULLS, SqlPage

from .. import kernels

__all__ = ["BooleanCodec", "Items", "NumberCodec", "read_items"]

_KIND_AND_COUNT = struct.Struct("<Bi")


class Items(NamedTuple):
    """The items of a fixed-size column that are there, and where they go.

    Attributes
    ----------
    values : numpy.ndarray
        Only the items that are there; owns its memory, so that it does not keep the page.
    rows : int
        Rows of the column, null ones included.
    validity : numpy.ndarray of uint8, or None
        Bit i of it: row i is there. None: all are.
    """

    values: npt.NDArray[Any]
    rows: int
    validity: npt.NDArray[np.uint8] | None

    def row_of(self, item: int) -> int:
        """Return the row of the item with that position in `values`."""
        if self.validity is None:
            return item
        return int(np.flatnonzero(np.unpackbits(self.validity, count=self.rows, bitorder="little"))[item])

    def with_values(self, values: npt.NDArray[Any]) -> Items:
        """Return other values of the same rows."""
        return Items(values, self.rows, self.validity)

    def spread(self) -> npt.NDArray[Any]:
        """Return `values` with every item at its row, zeros where there is none."""
        if self.validity is None:
            return self.values
        spread = np.zeros(self.rows, self.values.dtype)
        if len(self.values):
            spread[np.unpackbits(self.validity, count=self.rows, bitorder="little").view(bool)] = self.values
        return spread

    def to_arrow(self, arrow: pa.DataType) -> pa.Array:
        """Return the column; `values` must have the layout that a buffer of type `arrow` has."""
        return pa.Array.from_buffers(
            arrow,
            self.rows,
            [
                None if self.validity is None else pa.py_buffer(self.validity),
                pa.py_buffer(self.spread()),
            ],
        )


def read_items(page: SqlPage, column: int, dtype: np.dtype[Any]) -> Items:
    """Return the items of a fixed-size column of a page."""
    buffer = page.message.buffer
    frame, _ = page.columns[column]
    start = page.message.frames[frame] + HEADER_SIZE
    kind, count = _KIND_AND_COUNT.unpack_from(buffer, start)
    start += _KIND_AND_COUNT.size
    if kind == NO_NULLS:
        return Items(np.frombuffer(buffer, dtype, count, start).copy(), count, None)
    if kind == ALL_NULL:
        return Items(np.empty(0, dtype), count, np.zeros((count + 7) // 8, np.uint8))
    if kind != MIXED:
        raise ValueError(f"a fixed-size column of kind {kind}: this version of the protocol is not known")
    content = np.frombuffer(buffer, np.uint8)
    values, validity = kernels.active.groups(content, start, count, dtype)
    return Items(values, count, validity)


class NumberCodec:
    """TINYINT, SMALLINT, INTEGER, BIGINT, REAL and DOUBLE: the items are what Arrow holds."""

    def __init__(self, dtype: str, arrow: pa.DataType) -> None:
        self.dtype = np.dtype(dtype)
        self.arrow = arrow

    def read(self, page: SqlPage, column: int, first_row: int) -> pa.Array:
        return read_items(page, column, self.dtype).to_arrow(self.arrow)


class BooleanCodec:
    """BOOLEAN: a byte an item becomes a bit."""

    def read(self, page: SqlPage, column: int, first_row: int) -> pa.Array:
        return self.convert(read_items(page, column, np.dtype(np.bool_)), first_row)

    def convert(self, items: Items, first_row: int) -> pa.Array:
        bits = np.packbits(items.spread(), bitorder="little")
        validity = None if items.validity is None else pa.py_buffer(items.validity)
        return pa.Array.from_buffers(pa.bool_(), items.rows, [validity, pa.py_buffer(bits)])
