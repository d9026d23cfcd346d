"""The columns of a SQL page as lists of Python objects. ``hzdata.frames`` decodes the same columns to Arrow arrays.

See: ``docs/wire.md``, "A SQL page"
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from typing import Any

from .byte_order import LITTLE_ENDIAN
from .framing import HEADER_SIZE
from .java_math import unpack_decimal
from .page import ALL_NULL, KIND_AND_COUNT, NO_NULLS, SqlPage
from .sql_types import FIXED_FORMATS, TIMES, SqlColumnType
from .types import Cursor, codec

_LAYOUTS = {type: struct.Struct("<" + numbers) for type, numbers in FIXED_FORMATS.items()}
_MAKE = {type: time.make for type, time in TIMES.items()}
"""What is made of the numbers of an item; no entry where the one number is the value."""

_DECODE: dict[int, Callable[[bytes], Any]] = {
    SqlColumnType.VARCHAR: bytes.decode,
    SqlColumnType.DECIMAL: lambda raw: unpack_decimal(LITTLE_ENDIAN, raw, 0)[0],
}


def decode_column(page: SqlPage, index: int, to_object: Callable[[bytes], Any]) -> list[Any]:
    """Return the values of a column of a page, None for null.

    Parameters
    ----------
    page
    index
        Which column, from 0.
    to_object
        Deserializes the values of an OBJECT column.

    Raises
    ------
    ValueError
        For a date that Python's ``datetime`` cannot hold (years outside 1 to 9999).
    """
    column_type = page.column_types[index]
    start = page.columns[index][0]
    buffer, frames = page.message.buffer, page.message.frames
    if column_type == SqlColumnType.NULL:
        return [None] * page.row_count
    if column_type in FIXED_FORMATS:
        return list(_fixed_items(buffer, frames[start] + HEADER_SIZE, frames[start + 1], column_type))
    cursor = Cursor(page.message, frames[start])
    if column_type == SqlColumnType.JSON:
        return list(codec("ListCN_HazelcastJsonValue").read(cursor))
    decode = _DECODE.get(column_type, to_object)
    return [None if raw is None else decode(raw) for raw in codec("ListCN_byteArray").read(cursor)]


def _fixed_items(buffer: bytes | bytearray, start: int, stop: int, column_type: int) -> Iterator[Any]:
    kind, count = KIND_AND_COUNT.unpack_from(buffer, start)
    start += KIND_AND_COUNT.size
    item, make = _LAYOUTS[column_type], _MAKE.get(column_type)
    if kind == ALL_NULL:
        yield from [None] * count
    elif kind == NO_NULLS:
        for parts in item.iter_unpack(memoryview(buffer)[start : start + count * item.size]):
            yield parts[0] if make is None else make(*parts)
    else:
        for left in range(count, 0, -8):
            mask = buffer[start]
            start += 1
            for bit in range(min(8, left)):
                if mask >> bit & 1:
                    parts = item.unpack_from(buffer, start)
                    start += item.size
                    yield parts[0] if make is None else make(*parts)
                else:
                    yield None
