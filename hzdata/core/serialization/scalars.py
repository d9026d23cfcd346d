"""The values that most keys are, numbers and short texts, to and from `Data` in one step.

What the streams of `io` would do in several; a blocking ``get`` spends a few microseconds on all of its Python, and two
of them would be these. Whatever does not fit here raises, and the general way says what is wrong with it.
"""

from __future__ import annotations

from collections.abc import Callable
from struct import Struct
from typing import Any

from ..protocol.byte_order import ByteOrder
from .data import HEADER_SIZE, IntType, TypeId

_INTS: dict[int, tuple[int, str]] = {
    IntType.BYTE: (TypeId.BYTE, "b"),
    IntType.SHORT: (TypeId.SHORT, "h"),
    IntType.INT: (TypeId.INTEGER, "i"),
    IntType.LONG: (TypeId.LONG, "q"),
}

_NUMBERS: dict[int, str] = {**dict(_INTS.values()), TypeId.BOOLEAN: "?", TypeId.FLOAT: "f", TypeId.DOUBLE: "d"}


_pack_header = Struct(">ii").pack


def scalar_encoders(order: ByteOrder, int_type: int) -> dict[type, Callable[[Any], bytes]]:
    """By Python type, what makes the bytes of a whole `Data` of a value.

    An int out of the range of ``int_type`` raises `struct.error`, a text that is no UTF-8 `UnicodeEncodeError`.
    """

    def number(type_id: int) -> Callable[[Any], bytes]:
        header, pack = _pack_header(0, type_id), Struct(order.prefix + _NUMBERS[type_id]).pack
        return lambda value: header + pack(value)

    def text(value: str) -> bytes:
        encoded = value.encode()
        return text_header + pack_length(len(encoded)) + encoded

    text_header, pack_length = _pack_header(0, TypeId.STRING), order.int.pack
    encoders = {bool: number(TypeId.BOOLEAN), float: number(TypeId.DOUBLE), str: text}
    return encoders | ({int: number(_INTS[int_type][0])} if int_type in _INTS else {})


def scalar_decoders(order: ByteOrder) -> dict[int, Callable[[bytes], Any]]:
    """By type id, what gets the value out of a whole `Data`."""

    def number(code: str) -> Callable[[bytes], Any]:
        unpack = Struct(f"{order.prefix}{HEADER_SIZE}x{code}").unpack_from
        return lambda data: unpack(data)[0]

    def text(data: bytes) -> str | None:
        length = unpack_length(data)[0]
        if length == len(data) - start:
            return str(data[start:], "utf-8")
        if length == -1:
            return None
        raise EOFError(f"a text of {length} bytes in {len(data) - start}")

    unpack_length = Struct(f"{order.prefix}{HEADER_SIZE}xi").unpack_from
    start = HEADER_SIZE + 4
    return {**{type_id: number(code) for type_id, code in _NUMBERS.items()}, TypeId.STRING: text}
