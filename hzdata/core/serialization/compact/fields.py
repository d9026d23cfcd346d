"""How the value of a field of each kind lies in bytes, both ways.

Fields of fixed size have a format of `struct`. All others are written on their own, found by an offset, and may be
null. An array of numbers is ``int32 count`` and the numbers; of booleans ``int32 count`` and bits from bit 0; of
anything else ``int32 data length``, ``int32 count``, the items, and their offsets counted from the first item.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from struct import Struct
from typing import Any

from ...protocol.field_kinds import ARRAY_OF, COMPACT_KINDS, NULLABLE, NUMBER_CODES, FieldKind
from ...protocol.java_time import DATE, TIME, TIMESTAMP, TIMESTAMP_WITH_TIMEZONE
from ..builtin import DECIMAL, Codec, of_time, streamed
from ..io import NUMBERS, ObjectDataInput, ObjectDataOutput
from .record import GenericRecord


@lru_cache(maxsize=1024)
def _format(prefix: str, count: int, code: str) -> Struct:
    return Struct(f"{prefix}{count}{code}")


# An offset is one byte as long as the data is shorter than 255, two below 65535, else four. All ones is null.
def _offset_code(data_length: int) -> tuple[str, int]:
    return ("B", 0xFF) if data_length < 0xFF else ("H", 0xFFFF) if data_length < 0xFFFF else ("i", -1)


def write_offsets(out: ObjectDataOutput, data_length: int, offsets: Sequence[int | None]) -> None:
    """Write the offsets that follow the data; None for null."""
    code, null = _offset_code(data_length)
    if None in offsets:
        offsets = [null if offset is None else offset for offset in offsets]
    out.buffer += _format(out.order.prefix, len(offsets), code).pack(*offsets)


def read_offsets(inp: ObjectDataInput, data_length: int, count: int) -> Sequence[int | None]:
    """Read the offsets that follow the data; None for null."""
    code, null = _offset_code(data_length)
    form = _format(inp.order.prefix, count, code)
    offsets = form.unpack_from(inp.buffer, inp.at)
    inp.at += form.size
    return [None if offset == null else offset for offset in offsets] if null in offsets else offsets


def pack_booleans(values: Sequence[bool]) -> bytes:
    """Eight to a byte, from bit 0."""
    bits = 0
    for position, value in enumerate(values):
        if value is None:
            raise ValueError("None is no boolean")
        if value:
            bits |= 1 << position
    return bits.to_bytes((len(values) + 7) // 8, "little")


def _write_booleans(out: ObjectDataOutput, values: Sequence[bool]) -> None:
    out.write_count(values)
    out.buffer += pack_booleans(values)


def _read_booleans(inp: ObjectDataInput) -> list[bool]:
    count = inp.read_count() or 0
    start = inp.take((count + 7) // 8)
    return [inp.buffer[start + (position >> 3)] >> (position & 7) & 1 == 1 for position in range(count)]


def _numbers(code: str) -> Codec:
    return Codec(lambda out, values: out.write_array(code, values), lambda inp: inp.read_array(code))


def _array_of(item: Codec) -> Codec:
    """The codec of arrays of what has no fixed size, or may be null."""
    write_item, read_item = item

    def write(out: ObjectDataOutput, values: Sequence[Any]) -> None:
        buffer = out.buffer
        start = len(buffer) + 8
        buffer += bytes(8)
        offsets: list[int | None] = []
        for value in values:
            if value is None:
                offsets.append(None)
            else:
                offsets.append(len(buffer) - start)
                write_item(out, value)
        length = len(buffer) - start
        _format(out.order.prefix, 2, "i").pack_into(buffer, start - 8, length, len(values))
        write_offsets(out, length, offsets)

    def read(inp: ObjectDataInput) -> list[Any]:
        length, count = inp.read_count() or 0, inp.read_count() or 0
        start = inp.take(length)
        offsets = read_offsets(inp, length, count)
        items: list[Any] = [None] * len(offsets)
        for position, offset in enumerate(offsets):
            if offset is not None:
                inp.at = start + offset
                items[position] = read_item(inp)
        return items

    return Codec(write, read)


_ITEMS: dict[int, Codec] = {
    FieldKind.BOOLEAN: streamed("boolean"),
    **{kind: streamed(NUMBERS[code]) for kind, code in NUMBER_CODES.items()},
    # Signed only, other than a byte of the stream.
    FieldKind.INT8: Codec(lambda out, value: out.write_numbers("b", (value,)), ObjectDataInput.read_byte),
    FieldKind.STRING: streamed("string"),
    FieldKind.DECIMAL: DECIMAL,
    FieldKind.TIME: of_time(TIME),
    FieldKind.DATE: of_time(DATE),
    FieldKind.TIMESTAMP: of_time(TIMESTAMP),
    FieldKind.TIMESTAMP_WITH_TIMEZONE: of_time(TIMESTAMP_WITH_TIMEZONE),
    FieldKind.COMPACT: Codec(
        lambda out, value: out.service.compact.write(out, value), lambda inp: inp.service.compact.read(inp)
    ),
}
_COMPACTS = _array_of(_ITEMS[FieldKind.COMPACT])


def _write_compacts(out: ObjectDataOutput, values: Sequence[Any]) -> None:
    types = {item.type_name if type(item) is GenericRecord else type(item) for item in values if item is not None}
    if len(types) > 1:
        names = sorted(each if isinstance(each, str) else each.__name__ for each in types)
        raise ValueError(f"an array of Compact values holds one type, not {' and '.join(names)}")
    _COMPACTS.write(out, values)


CODECS: dict[int, Codec] = {
    **_ITEMS,
    **{NULLABLE.get(kind, kind): item for kind, item in _ITEMS.items()},
    **{ARRAY_OF[NULLABLE.get(kind, kind)]: _array_of(item) for kind, item in _ITEMS.items()},
    **{ARRAY_OF[kind]: _numbers(code) for kind, code in NUMBER_CODES.items()},
    FieldKind.ARRAY_OF_BOOLEAN: Codec(_write_booleans, _read_booleans),
    FieldKind.ARRAY_OF_COMPACT: Codec(_write_compacts, _COMPACTS.read),
}
"""Of every kind that a field can be."""

KINDS = {kind.name.lower(): kind for kind in COMPACT_KINDS}
"""By name, as in ``write_int32`` and ``read_array_of_string``."""
