"""How the value of a field of each kind lies in bytes, both ways.

Fields of fixed size have a format of `struct`. All others are packed on their own, found by an offset, and may be
null. An array of numbers is ``int32 count`` and the numbers; of booleans ``int32 count`` and bits from bit 0; of
anything else ``int32 data length``, ``int32 count``, the items, and their offsets counted from the first item.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from struct import Struct, pack, unpack_from
from typing import Any, NamedTuple

from ...protocol.byte_order import ByteOrder
from ...protocol.field_kinds import ARRAY_OF, NULLABLE, NUMBER_CODES, FieldKind
from ...protocol.java_math import pack_decimal, unpack_decimal
from ...protocol.java_time import DATE, TIME, TIMESTAMP, TIMESTAMP_WITH_TIMEZONE, JavaTime

Pack = Callable[[Any], bytes]
Unpack = Callable[[bytes, int], Any]


class FieldCodec(NamedTuple):
    """The value of a field that has an offset and is not null, to bytes and from those at an offset of a buffer."""

    pack: Pack
    unpack: Unpack


# An offset is one byte as long as the data is shorter than 255 bytes, two below 65535, else four. All ones is null.
_NULL_OFFSETS = {"B": 0xFF, "H": 0xFFFF, "i": -1}


def _offset_code(data_length: int) -> str:
    return "B" if data_length < 0xFF else "H" if data_length < 0xFFFF else "i"


@lru_cache(maxsize=1024)
def _offset_format(prefix: str, count: int, code: str) -> Struct:
    return Struct(f"{prefix}{count}{code}")


def pack_offsets(order: ByteOrder, data_length: int, offsets: Sequence[int | None]) -> bytes:
    """The offsets that follow the data; None for null."""
    code = _offset_code(data_length)
    if None in offsets:
        null = _NULL_OFFSETS[code]
        offsets = [null if offset is None else offset for offset in offsets]
    return _offset_format(order.prefix, len(offsets), code).pack(*offsets)


def unpack_offsets(
    order: ByteOrder, data_length: int, count: int, buffer: bytes, at: int
) -> tuple[Sequence[int | None], int]:
    """The offsets that follow the data, None for null, and the offset of the byte after them."""
    code = _offset_code(data_length)
    format = _offset_format(order.prefix, count, code)
    offsets: Sequence[int | None] = format.unpack_from(buffer, at)
    null = _NULL_OFFSETS[code]
    if null in offsets:
        offsets = [None if offset == null else offset for offset in offsets]
    return offsets, at + format.size


def field_codecs(order: ByteOrder, compact: FieldCodec) -> dict[int, FieldCodec]:
    """The codecs of every kind that has an offset.

    Parameters
    ----------
    order : ByteOrder
    compact : FieldCodec
        Of a nested Compact value: its schema id and body.
    """
    number = {kind: _number(Struct(order.prefix + code)) for kind, code in NUMBER_CODES.items()}
    item = {
        FieldKind.STRING: _string(order),
        FieldKind.DECIMAL: FieldCodec(
            lambda value: pack_decimal(order, value), lambda buffer, at: unpack_decimal(order, buffer, at)[0]
        ),
        FieldKind.TIME: _of_time(order, TIME),
        FieldKind.DATE: _of_time(order, DATE),
        FieldKind.TIMESTAMP: _of_time(order, TIMESTAMP),
        FieldKind.TIMESTAMP_WITH_TIMEZONE: _of_time(order, TIMESTAMP_WITH_TIMEZONE),
        FieldKind.COMPACT: compact,
    }
    boolean = FieldCodec(lambda value: b"\1" if value else b"\0", lambda buffer, at: buffer[at] != 0)

    codecs: dict[int, FieldCodec] = {FieldKind.ARRAY_OF_BOOLEAN: _array_of_booleans(order)}
    for kind, code in NUMBER_CODES.items():
        codecs[ARRAY_OF[kind]] = _array_of_numbers(order, code)
    for kind, codec in (number | {FieldKind.BOOLEAN: boolean}).items():
        codecs[NULLABLE[kind]] = codec
        codecs[ARRAY_OF[NULLABLE[kind]]] = _array_of_items(order, codec)
    for kind, codec in item.items():
        codecs[kind] = codec
        codecs[ARRAY_OF[kind]] = _array_of_items(order, codec)
    return codecs


def _number(format: Struct) -> FieldCodec:
    unpack_from = format.unpack_from
    return FieldCodec(format.pack, lambda buffer, at: unpack_from(buffer, at)[0])


def _string(order: ByteOrder) -> FieldCodec:
    pack_length = order.int.pack
    unpack_length = order.int.unpack_from

    def pack_string(value: str) -> bytes:
        encoded = value.encode()
        return pack_length(len(encoded)) + encoded

    def unpack_string(buffer: bytes, at: int) -> str:
        start = at + 4
        end = start + unpack_length(buffer, at)[0]
        if not start <= end <= len(buffer):
            raise EOFError(f"a string at byte {at} that ends at {end} of {len(buffer)}")
        return str(buffer[start:end], "utf-8")

    return FieldCodec(pack_string, unpack_string)


def _of_time(order: ByteOrder, type: JavaTime) -> FieldCodec:
    return FieldCodec(partial(type.pack, order), partial(type.unpack, order))


def _array_of_numbers(order: ByteOrder, code: str) -> FieldCodec:
    def pack_numbers(values: Sequence[float]) -> bytes:
        return pack(f"{order.prefix}i{len(values)}{code}", len(values), *values)

    def unpack_numbers(buffer: bytes, at: int) -> list[Any]:
        count = _count(order, buffer, at)
        return list(unpack_from(f"{order.prefix}{count}{code}", buffer, at + 4))

    return FieldCodec(pack_numbers, unpack_numbers)


def _array_of_booleans(order: ByteOrder) -> FieldCodec:
    def pack_booleans(values: Sequence[bool]) -> bytes:
        bits = 0
        for position, value in enumerate(values):
            if value is None:
                raise ValueError("an item is None; write_array_of_nullable_boolean takes it")
            if value:
                bits |= 1 << position
        return order.int.pack(len(values)) + bits.to_bytes((len(values) + 7) // 8, "little")

    def unpack_booleans(buffer: bytes, at: int) -> list[bool]:
        count = _count(order, buffer, at)
        start = at + 4
        end = start + (count + 7) // 8
        if end > len(buffer):
            raise EOFError(f"{count} booleans at byte {at} of {len(buffer)}")
        return [buffer[start + (position >> 3)] >> (position & 7) & 1 == 1 for position in range(count)]

    return FieldCodec(pack_booleans, unpack_booleans)


def _array_of_items(order: ByteOrder, item: FieldCodec) -> FieldCodec:
    two_ints = Struct(order.prefix + "ii")

    def pack_items(values: Sequence[Any]) -> bytes:
        items = bytearray()
        offsets: list[int | None] = []
        for value in values:
            if value is None:
                offsets.append(None)
            else:
                offsets.append(len(items))
                items += item.pack(value)
        return b"".join((two_ints.pack(len(items), len(values)), items, pack_offsets(order, len(items), offsets)))

    def unpack_items(buffer: bytes, at: int) -> list[Any]:
        length, count = two_ints.unpack_from(buffer, at)
        start = at + 8
        offsets, _ = unpack_offsets(order, length, _checked(count, at), buffer, start + length)
        return [None if offset is None else item.unpack(buffer, start + offset) for offset in offsets]

    return FieldCodec(pack_items, unpack_items)


def _count(order: ByteOrder, buffer: bytes, at: int) -> int:
    return _checked(order.int.unpack_from(buffer, at)[0], at)


def _checked(count: int, at: int) -> int:
    if count < 0:
        raise ValueError(f"an array of {count} items at byte {at}")
    return count
