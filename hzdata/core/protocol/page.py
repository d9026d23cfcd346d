"""A page of SQL rows as it lies on the wire: columns, not rows, and not decoded.

Whoever wants the values takes them from here: ``hzdata.core.sql`` as Python objects, ``hzdata.frames`` as Arrow arrays.
The layout is described in ``docs/wire.md``.
"""

from __future__ import annotations

import struct

from .framing import HEADER_SIZE, Message
from .sql_types import FIXED_SIZES, SqlColumnType

# How a fixed-size column says which of its items are there.
ALL_NULL, NO_NULLS, MIXED = 1, 2, 3

KIND_AND_COUNT = struct.Struct("<Bi")


class SqlPage:
    """Where the columns of one page lie in its message.

    Attributes
    ----------
    message : Message
        What the page was part of.
    last : bool
        No page comes after this one.
    row_count : int
    column_types : tuple of int
        A ``SqlColumnType`` for each column.
    columns : tuple of (int, int)
        For each column the half-open range of frames it takes in ``message.frames``. A fixed-size column, or one of
        type NULL, is one frame; any other is a list, its begin and end frames included.
    stop : int
        Index of the frame after the page.
    """

    __slots__ = ("column_types", "columns", "last", "message", "row_count", "stop")

    def __init__(self, message: Message, first_frame: int) -> None:
        """Read the page whose begin frame is ``message.frames[first_frame]``."""
        buffer, frames = message.buffer, message.frames
        self.message = message
        self.last = buffer[frames[first_frame + 1] + HEADER_SIZE] != 0
        at = frames[first_frame + 2] + HEADER_SIZE
        count = (frames[first_frame + 3] - at) // 4
        self.column_types: tuple[int, ...] = struct.unpack_from(f"<{count}i", buffer, at)
        columns: list[tuple[int, int]] = []
        frame = first_frame + 3
        self.row_count = 0
        for column_type in self.column_types:
            end = frame
            if column_type in FIXED_SIZES:
                self.row_count = KIND_AND_COUNT.unpack_from(buffer, frames[frame] + HEADER_SIZE)[1]
            elif column_type == SqlColumnType.NULL:
                (self.row_count,) = struct.unpack_from("<i", buffer, frames[frame] + HEADER_SIZE)
            else:
                end, self.row_count = message.list_end(frame)
            columns.append((frame, end + 1))
            frame = end + 1
        self.columns = tuple(columns)
        self.stop = frame + 1

    def __repr__(self) -> str:
        return f"<SqlPage {self.row_count} rows x {len(self.columns)} columns{', last' if self.last else ''}>"
