"""The types of fields of Portable objects, and how a value of each lies in the bytes.

See: https://docs.hazelcast.com/hazelcast/latest/serialization/implementing-portable-serialization
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ...errors import HazelcastSerializationError
from ...protocol.java_time import DATE, TIME, TIMESTAMP, TIMESTAMP_WITH_TIMEZONE, JavaTime
from ..builtin import DECIMAL, Codec, Reader, of_time, streamed
from ..io import ObjectDataInput, ObjectDataOutput
from .classdef import SIMPLE_TYPES, FieldType as T


def write_items(out: ObjectDataOutput, items: Sequence[Any], write: Callable[[ObjectDataOutput, Any], None]) -> None:
    """Write items of no fixed size, after the position of each; they follow one another."""
    table = len(out.buffer)
    out.buffer += bytes(4 * len(items))
    for i, item in enumerate(items):
        if item is None:
            raise HazelcastSerializationError("Array items can not be None")
        out.order.int.pack_into(out.buffer, table + 4 * i, len(out.buffer))
        write(out, item)


def _array_of(item: Codec) -> Codec:
    def write(out: ObjectDataOutput, items: Sequence[Any] | None) -> None:
        out.write_count(items)
        write_items(out, items or (), item.write)

    def read(inp: ObjectDataInput) -> list[Any] | None:
        count = inp.read_count()
        if count is None:
            return None
        inp.take(4 * count)
        return [item.read(inp) for _ in range(count)]

    return Codec(write, read)


def _nullable(codec: Codec) -> Codec:
    def write(out: ObjectDataOutput, value: Any) -> None:
        out.write_boolean(value is None)
        if value is not None:
            codec.write(out, value)

    return Codec(write, lambda inp: None if inp.read_boolean() else codec.read(inp))


def _of_time(type: JavaTime) -> Codec:
    # A year is a short here, other than in a date of its own.
    return of_time(JavaTime(type.numbers.replace("ibb", "hbb", 1), type.parts, type.make))


def _read_portables(inp: ObjectDataInput) -> list[Any] | None:
    count, factory_id, class_id = inp.read_count(), inp.read_int(), inp.read_int()
    if count is None:
        return None
    inp.take(4 * count)
    return [inp.service.portable.read_body(inp, factory_id, class_id) for _ in range(count)]


_OBJECTS = {
    T.DECIMAL: DECIMAL,
    T.TIME: _of_time(TIME),
    T.DATE: _of_time(DATE),
    T.TIMESTAMP: _of_time(TIMESTAMP),
    T.TIMESTAMP_WITH_TIMEZONE: _of_time(TIMESTAMP_WITH_TIMEZONE),
}

CODECS: dict[int, Codec] = {
    # The streams have the other types, by the same names.
    **{type: streamed(name) for name, type in SIMPLE_TYPES.items() if type < T.DECIMAL},
    **{type: _nullable(codec) for type, codec in _OBJECTS.items()},
    **{type + 1: _array_of(codec) for type, codec in _OBJECTS.items()},
}
"""Of all types but Portable itself, which is written by what its field says."""

READERS: dict[int, Reader] = {
    T.PORTABLE: lambda inp: None if inp.read_boolean() else inp.service.portable.read(inp),
    T.PORTABLE_ARRAY: _read_portables,
    **{type: codec.read for type, codec in CODECS.items()},
}

ZEROS: dict[int, Any] = {
    **dict.fromkeys((T.BYTE, T.SHORT, T.INT, T.LONG), 0),
    **dict.fromkeys((T.FLOAT, T.DOUBLE), 0.0),
    T.BOOLEAN: False,
    T.CHAR: "\0",
}
"""As what a field reads that the stored version lacks, where not as None."""

WIDENED: dict[int, tuple[int, ...]] = {
    T.SHORT: (T.BYTE,),
    T.INT: (T.BYTE, T.SHORT, T.CHAR),
    T.LONG: (T.BYTE, T.SHORT, T.CHAR, T.INT),
    T.FLOAT: (T.BYTE, T.SHORT, T.CHAR, T.INT),
    T.DOUBLE: (T.BYTE, T.SHORT, T.CHAR, T.INT, T.LONG, T.FLOAT),
}
"""As what else a field may have been stored by another version of its class."""
