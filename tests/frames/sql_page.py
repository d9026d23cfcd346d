"""Writes SQL pages as a member does, so that decoding can be tried on values that no query gives on demand."""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from typing import Any

from hzdata.core.protocol.framing import BEGIN_FRAME, END_FRAME, FINAL, FRAME_HEADER, NULL_FRAME, UNFRAGMENTED
from hzdata.core.protocol.page import SqlPage
from hzdata.core.protocol.sql_types import FIXED_SIZES, SqlColumnType
from hzdata.frames import kernels

_PACK_ITEM: dict[int, Callable[[Any], bytes]] = {
    SqlColumnType.BOOLEAN: struct.Struct("<?").pack,
    SqlColumnType.TINYINT: struct.Struct("<b").pack,
    SqlColumnType.SMALLINT: struct.Struct("<h").pack,
    SqlColumnType.INTEGER: struct.Struct("<i").pack,
    SqlColumnType.BIGINT: struct.Struct("<q").pack,
    SqlColumnType.REAL: struct.Struct("<f").pack,
    SqlColumnType.DOUBLE: struct.Struct("<d").pack,
    # Dates and times are tuples of their fields: (year, month, day), (hour, minute, second, nano), offset in seconds.
    SqlColumnType.DATE: lambda v: struct.pack("<ibb", *v),
    SqlColumnType.TIME: lambda v: struct.pack("<bbbi", *v),
    SqlColumnType.TIMESTAMP: lambda v: struct.pack("<ibbbbbi", *v),
    SqlColumnType.TIMESTAMP_WITH_TIME_ZONE: lambda v: struct.pack("<ibbbbbii", *v),
}


def frame(payload: bytes, flags: int = 0) -> bytes:
    return FRAME_HEADER.pack(FRAME_HEADER.size + len(payload), flags) + payload


def decimal_bytes(unscaled: int, scale: int) -> bytes:
    size = (unscaled + (unscaled < 0)).bit_length() // 8 + 1  # as Java's BigInteger.toByteArray
    return struct.pack("<i", size) + unscaled.to_bytes(size, "big", signed=True) + struct.pack("<i", scale)


_FRAMES_OF_VALUE: dict[int, Callable[[Any], bytes]] = {
    SqlColumnType.VARCHAR: lambda v: frame(v.encode()),
    SqlColumnType.DECIMAL: lambda v: frame(decimal_bytes(*v)),
    SqlColumnType.OBJECT: frame,
    SqlColumnType.JSON: lambda v: BEGIN_FRAME + frame(v.encode()) + END_FRAME,
}


def column(type_id: int, values: Sequence[Any]) -> bytes:
    """The frames of a column; None is null."""
    if type_id == SqlColumnType.NULL:
        return frame(struct.pack("<i", len(values)))
    if type_id in FIXED_SIZES:
        return frame(_fixed_size_column(_PACK_ITEM[type_id], values))
    write = _FRAMES_OF_VALUE[type_id]
    return BEGIN_FRAME + b"".join(NULL_FRAME if v is None else write(v) for v in values) + END_FRAME


def _fixed_size_column(pack: Callable[[Any], bytes], values: Sequence[Any]) -> bytes:
    nulls = sum(v is None for v in values)
    if nulls == len(values):
        return struct.pack("<Bi", 1, len(values))
    if nulls == 0:
        return struct.pack("<Bi", 2, len(values)) + b"".join(map(pack, values))
    groups = [struct.pack("<Bi", 3, len(values))]
    for start in range(0, len(values), 8):
        group = values[start : start + 8]
        groups.append(bytes([sum(1 << i for i, v in enumerate(group) if v is not None)]))
        groups += [pack(v) for v in group if v is not None]
    return b"".join(groups)


def sql_page(*columns: tuple[int, Sequence[Any]], last: bool = True) -> SqlPage:
    """A page with these columns, each a type and its values, inside a message."""
    head = frame(struct.pack("<iqB", 0x210401, 7, 0), UNFRAGMENTED)
    types = struct.pack(f"<{len(columns)}i", *(type_id for type_id, _ in columns))
    body = BEGIN_FRAME + frame(bytes([last])) + frame(types)
    body += b"".join(column(type_id, values) for type_id, values in columns)
    raw = bytearray(head + body + END_FRAME)
    raw[-1] |= FINAL >> 8
    walker = kernels.active.walker()
    walker.walk(raw, len(raw))
    return SqlPage(walker.message(raw), 1)
