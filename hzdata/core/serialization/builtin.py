"""The types that every client and member knows by an id of their own: a table, and what Python value takes which id.

Members know more types than Python values are written as: all of them are read.
"""

from __future__ import annotations

import datetime
import sys
import uuid
from array import array
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from types import NoneType
from typing import Any

from ..core import HazelcastJsonValue
from ..errors import HazelcastSerializationError
from ..protocol.byte_order import ByteOrder
from ..protocol.java_math import pack_big_integer, pack_decimal, unpack_big_integer, unpack_decimal
from ..protocol.java_time import DATE, TIME, TIMESTAMP, TIMESTAMP_WITH_TIMEZONE, JavaTime
from .data import IntType, TypeId
from .io import ObjectDataInput, ObjectDataOutput
from .serializer import Choice, Reader, Writer, always

_64_BITS = (1 << 64) - 1
_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)

# Reading: every id.


def _read_none(inp: ObjectDataInput) -> None:
    return None


def _read_uuid(inp: ObjectDataInput) -> uuid.UUID:
    most, least = inp.read_long(), inp.read_long()
    return uuid.UUID(int=(most & _64_BITS) << 64 | (least & _64_BITS))


def _read_number(unpack: Callable[[ByteOrder, bytes, int], tuple[Any, int]], inp: ObjectDataInput) -> Any:
    value, end = unpack(inp.order, inp.buffer, inp.position())
    inp.go_to(end)
    return value


read_decimal: Reader = partial(_read_number, unpack_decimal)


def read_time(type: JavaTime, inp: ObjectDataInput) -> Any:
    return type.unpack(inp.order, inp.buffer, inp.take(type.size))


def _read_java_date(inp: ObjectDataInput) -> datetime.datetime:
    return _EPOCH + datetime.timedelta(milliseconds=inp.read_long())


def _read_json(inp: ObjectDataInput) -> HazelcastJsonValue:
    return HazelcastJsonValue(inp.read_string())


def _read_list(inp: ObjectDataInput) -> list[Any] | None:
    return inp.read_list(inp.read_object)


def _read_set(inp: ObjectDataInput) -> set[Any]:
    return set(inp.read_list(inp.read_object) or ())


def _read_entry(inp: ObjectDataInput) -> tuple[Any, Any]:
    return inp.read_object(), inp.read_object()


def _read_map(inp: ObjectDataInput) -> dict[Any, Any]:
    return dict(inp.read_list(lambda: _read_entry(inp)) or ())


def _read_optional(inp: ObjectDataInput) -> Any:
    return inp.read_object() if inp.read_boolean() else None


def _sorted(read: Reader) -> Reader:
    """Of a collection that has its comparator, an object or None, before its items."""

    def read_sorted(inp: ObjectDataInput) -> Any:
        inp.read_object()
        return read(inp)

    return read_sorted


READERS: dict[int, Reader] = {
    TypeId.NULL: _read_none,
    TypeId.BYTE: ObjectDataInput.read_byte,
    TypeId.BOOLEAN: ObjectDataInput.read_boolean,
    TypeId.CHAR: ObjectDataInput.read_char,
    TypeId.SHORT: ObjectDataInput.read_short,
    TypeId.INTEGER: ObjectDataInput.read_int,
    TypeId.LONG: ObjectDataInput.read_long,
    TypeId.FLOAT: ObjectDataInput.read_float,
    TypeId.DOUBLE: ObjectDataInput.read_double,
    TypeId.STRING: ObjectDataInput.read_string,
    TypeId.BYTE_ARRAY: ObjectDataInput.read_byte_array,
    TypeId.BOOLEAN_ARRAY: ObjectDataInput.read_boolean_array,
    TypeId.CHAR_ARRAY: ObjectDataInput.read_char_array,
    TypeId.SHORT_ARRAY: ObjectDataInput.read_short_array,
    TypeId.INTEGER_ARRAY: ObjectDataInput.read_int_array,
    TypeId.LONG_ARRAY: ObjectDataInput.read_long_array,
    TypeId.FLOAT_ARRAY: ObjectDataInput.read_float_array,
    TypeId.DOUBLE_ARRAY: ObjectDataInput.read_double_array,
    TypeId.STRING_ARRAY: ObjectDataInput.read_string_array,
    TypeId.UUID: _read_uuid,
    TypeId.SIMPLE_ENTRY: _read_entry,
    TypeId.SIMPLE_IMMUTABLE_ENTRY: _read_entry,
    TypeId.JAVA_CLASS: ObjectDataInput.read_string,
    TypeId.JAVA_DATE: _read_java_date,
    TypeId.BIG_INTEGER: partial(_read_number, unpack_big_integer),
    TypeId.BIG_DECIMAL: read_decimal,
    TypeId.OBJECT_ARRAY: _read_list,
    TypeId.ARRAY_LIST: _read_list,
    TypeId.LINKED_LIST: _read_list,
    TypeId.COPY_ON_WRITE_ARRAY_LIST: _read_list,
    TypeId.HASH_MAP: _read_map,
    TypeId.CONCURRENT_SKIP_LIST_MAP: _sorted(_read_map),
    TypeId.CONCURRENT_HASH_MAP: _read_map,
    TypeId.LINKED_HASH_MAP: _read_map,
    TypeId.TREE_MAP: _sorted(_read_map),
    TypeId.HASH_SET: _read_set,
    TypeId.TREE_SET: _sorted(_read_set),
    TypeId.LINKED_HASH_SET: _read_set,
    TypeId.COPY_ON_WRITE_ARRAY_SET: _read_set,
    TypeId.CONCURRENT_SKIP_LIST_SET: _sorted(_read_set),
    TypeId.ARRAY_DEQUE: _read_list,
    TypeId.LINKED_BLOCKING_QUEUE: _read_list,
    TypeId.ARRAY_BLOCKING_QUEUE: _read_list,
    TypeId.PRIORITY_BLOCKING_QUEUE: _sorted(_read_list),
    TypeId.DELAY_QUEUE: _read_list,
    TypeId.SYNCHRONOUS_QUEUE: _read_list,
    TypeId.LINKED_TRANSFER_QUEUE: _read_list,
    TypeId.PRIORITY_QUEUE: _sorted(_read_list),
    TypeId.OPTIONAL: _read_optional,
    TypeId.LOCAL_DATE: partial(read_time, DATE),
    TypeId.LOCAL_TIME: partial(read_time, TIME),
    TypeId.LOCAL_DATE_TIME: partial(read_time, TIMESTAMP),
    TypeId.OFFSET_DATE_TIME: partial(read_time, TIMESTAMP_WITH_TIMEZONE),
    TypeId.JSON: _read_json,
}
"""By type id, every type that needs neither a class nor a schema to be read."""


# Writing: the types of Python's that have a counterpart.


def _write_nothing(out: ObjectDataOutput, value: None) -> None:
    pass


def _write_uuid(out: ObjectDataOutput, value: uuid.UUID) -> None:
    for half in (value.int >> 64, value.int & _64_BITS):
        out.write_long(half - (1 << 64) if half >> 63 else half)


def write_packed(pack: Callable[[ByteOrder, Any], bytes], out: ObjectDataOutput, value: Any) -> None:
    out.buffer += pack(out.order, value)


def _write_json(out: ObjectDataOutput, value: HazelcastJsonValue) -> None:
    out.write_string(value.to_string())


def _write_list(out: ObjectDataOutput, values: list[Any]) -> None:
    out.write_count(values)
    for value in values:
        out.write_object(value)


def _write_array(out: ObjectDataOutput, values: array[Any]) -> None:
    out.write_count(values)
    if (sys.byteorder == "big") != (out.order.prefix == ">"):
        values = array(values.typecode, values)
        values.byteswap()
    out.buffer += values.tobytes()


_INT_WRITERS: dict[int, Writer] = {
    IntType.BYTE: Writer(TypeId.BYTE, ObjectDataOutput.write_byte),
    IntType.SHORT: Writer(TypeId.SHORT, ObjectDataOutput.write_short),
    IntType.INT: Writer(TypeId.INTEGER, ObjectDataOutput.write_int),
    IntType.LONG: Writer(TypeId.LONG, ObjectDataOutput.write_long),
    IntType.BIG_INT: Writer(TypeId.BIG_INTEGER, partial(write_packed, pack_big_integer)),
}
_INT_BITS: dict[int, int] = {IntType.BYTE: 8, IntType.SHORT: 16, IntType.INT: 32, IntType.LONG: 64}
_INT_NAMES = {value: name for name, value in vars(IntType).items() if isinstance(value, int)}


def _fits(value: int, bits: int) -> bool:
    return -1 << bits - 1 <= value < 1 << bits - 1


def _choose_int(int_type: int) -> Choice:
    """How ints are written with the option ``default_int_type``."""

    def smallest(value: int) -> Writer:
        for candidate, bits in _INT_BITS.items():
            if _fits(value, bits):
                return _INT_WRITERS[candidate]
        return _INT_WRITERS[IntType.BIG_INT]

    def within_range(value: int) -> Writer:
        if not _fits(value, bits):
            raise HazelcastSerializationError(
                f"{value} does not fit into {bits} bits, which default_int_type={_INT_NAMES[int_type]} gives an int. "
                f"Use {_wider(value)} for all of them, or VAR for the smallest that holds each."
            )
        return writer

    if int_type == IntType.VAR:
        return smallest
    writer = _INT_WRITERS[int_type]
    if int_type == IntType.BIG_INT:
        return always(writer)
    bits = _INT_BITS[int_type]
    return within_range


def _wider(value: int) -> str:
    return next((_INT_NAMES[kind] for kind, bits in _INT_BITS.items() if _fits(value, bits)), "BIG_INT")


def _choose_datetime(value: datetime.datetime) -> Writer:
    return _NAIVE if value.tzinfo is None else _AWARE


_NAIVE = Writer(TypeId.LOCAL_DATE_TIME, partial(write_packed, TIMESTAMP.pack))
_AWARE = Writer(TypeId.OFFSET_DATE_TIME, partial(write_packed, TIMESTAMP_WITH_TIMEZONE.pack))


def _choose_array(value: array[Any]) -> Writer:
    signed = value.typecode in "bhilqB"
    type_id = _INT_ARRAYS.get(value.itemsize) if signed else _FLOAT_ARRAYS.get(value.typecode)
    if type_id is None:
        raise HazelcastSerializationError(
            f"An array of typecode {value.typecode!r} has no counterpart in Java, which has no unsigned numbers; "
            "use a wider signed typecode or a list."
        )
    return Writer(type_id, _write_array)


_INT_ARRAYS = {1: TypeId.BYTE_ARRAY, 2: TypeId.SHORT_ARRAY, 4: TypeId.INTEGER_ARRAY, 8: TypeId.LONG_ARRAY}
_FLOAT_ARRAYS = {"f": TypeId.FLOAT_ARRAY, "d": TypeId.DOUBLE_ARRAY}


def choices(int_type: int) -> dict[type, Choice]:
    """How values of each built-in Python type are written.

    Parameters
    ----------
    int_type : int
        Of `IntType`: what an int becomes.
    """
    return {
        NoneType: always(Writer(TypeId.NULL, _write_nothing)),
        bool: always(Writer(TypeId.BOOLEAN, ObjectDataOutput.write_boolean)),
        int: _choose_int(int_type),
        float: always(Writer(TypeId.DOUBLE, ObjectDataOutput.write_double)),
        str: always(Writer(TypeId.STRING, ObjectDataOutput.write_string)),
        bytes: always(Writer(TypeId.BYTE_ARRAY, ObjectDataOutput.write_byte_array)),
        bytearray: always(Writer(TypeId.BYTE_ARRAY, ObjectDataOutput.write_byte_array)),
        uuid.UUID: always(Writer(TypeId.UUID, _write_uuid)),
        Decimal: always(Writer(TypeId.BIG_DECIMAL, partial(write_packed, pack_decimal))),
        datetime.date: always(Writer(TypeId.LOCAL_DATE, partial(write_packed, DATE.pack))),
        datetime.time: always(Writer(TypeId.LOCAL_TIME, partial(write_packed, TIME.pack))),
        datetime.datetime: _choose_datetime,
        list: always(Writer(TypeId.ARRAY_LIST, _write_list)),
        array: _choose_array,
        HazelcastJsonValue: always(Writer(TypeId.JSON, _write_json)),
    }
