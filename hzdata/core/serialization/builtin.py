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
from math import inf
from types import NoneType
from typing import Any, NamedTuple, TypeAlias

from ..core import HazelcastJsonValue
from ..errors import HazelcastSerializationError
from ..protocol.byte_order import ByteOrder
from ..protocol.java_math import pack_big_integer, pack_decimal, unpack_big_integer, unpack_decimal
from ..protocol.java_time import DATE, TIME, TIMESTAMP, TIMESTAMP_WITH_TIMEZONE, JavaTime
from .data import IntType, TypeId as T
from .io import ObjectDataInput, ObjectDataOutput

Reader: TypeAlias = Callable[[ObjectDataInput], Any]
"""Reads the payload of one type id."""

Writer: TypeAlias = Callable[[ObjectDataOutput, Any], None]
"""Writes a payload, or the type id before it as well."""

_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)

# Reading: every id.


class _ByteArray(bytearray):
    """What a member has as ``byte[]``: to be found in a set or dict by the ``bytes`` that were written."""

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(bytes(self))

    def __repr__(self) -> str:
        return repr(bytearray(self))

    def __reduce_ex__(self, protocol: Any) -> tuple[Any, ...]:
        return bytes, (bytes(self),)


def _read_uuid(inp: ObjectDataInput) -> uuid.UUID:
    most, least = inp.read_numbers("Q", 2)
    return uuid.UUID(int=most << 64 | least)


def _read_number(unpack: Callable[[ByteOrder, bytes, int], tuple[Any, int]], inp: ObjectDataInput) -> Any:
    value, inp.at = unpack(inp.order, inp.buffer, inp.at)
    return value


def _write_packed(pack: Callable[[ByteOrder, Any], bytes], out: ObjectDataOutput, value: Any) -> None:
    out.buffer += pack(out.order, value)


class Codec(NamedTuple):
    """Writes and reads payloads of one type."""

    write: Writer
    read: Reader


def streamed(name: str) -> Codec:
    """Of what the streams write and read by methods of that name."""
    return Codec(getattr(ObjectDataOutput, f"write_{name}"), getattr(ObjectDataInput, f"read_{name}"))


def of_time(type: JavaTime) -> Codec:
    return Codec(partial(_write_packed, type.pack), lambda inp: type.unpack(inp.order, inp.buffer, inp.take(type.size)))


DECIMAL = Codec(partial(_write_packed, pack_decimal), partial(_read_number, unpack_decimal))
_BIG_INTEGER = Codec(partial(_write_packed, pack_big_integer), partial(_read_number, unpack_big_integer))
_DATE, _TIME = of_time(DATE), of_time(TIME)
_NAIVE, _AWARE = of_time(TIMESTAMP), of_time(TIMESTAMP_WITH_TIMEZONE)


def _read_list(inp: ObjectDataInput) -> list[Any] | None:
    return inp.read_list(inp.read_object)


def _read_set(inp: ObjectDataInput) -> set[Any]:
    return set(inp.read_list(inp.read_object) or ())


def _read_entry(inp: ObjectDataInput) -> tuple[Any, Any]:
    return inp.read_object(), inp.read_object()


def _read_map(inp: ObjectDataInput) -> dict[Any, Any]:
    return dict(inp.read_list(lambda: _read_entry(inp)) or ())


def _sorted(read: Reader) -> Reader:
    """Of a collection that has its comparator, an object or None, before its items."""

    def read_sorted(inp: ObjectDataInput) -> Any:
        inp.read_object()
        return read(inp)

    return read_sorted


# What the streams read by a method of the name, and arrays of it, in order of their ids.
_STREAMED = ("byte", "boolean", "char", "short", "int", "long", "float", "double", "string")

READERS: dict[int, Reader] = {
    T.NULL: lambda inp: None,
    **{T.BYTE - i: streamed(name).read for i, name in enumerate(_STREAMED)},
    **{T.BYTE_ARRAY - i: streamed(f"{name}_array").read for i, name in enumerate(_STREAMED)},
    T.BYTE_ARRAY: lambda inp: None if (read := inp.read_byte_array()) is None else _ByteArray(read),
    T.UUID: _read_uuid,
    **dict.fromkeys((T.SIMPLE_ENTRY, T.SIMPLE_IMMUTABLE_ENTRY), _read_entry),
    T.JAVA_CLASS: ObjectDataInput.read_string,
    T.JAVA_DATE: lambda inp: _EPOCH + datetime.timedelta(milliseconds=inp.read_long()),
    T.BIG_INTEGER: _BIG_INTEGER.read,
    T.BIG_DECIMAL: DECIMAL.read,
    **dict.fromkeys((T.OBJECT_ARRAY, T.ARRAY_LIST, T.LINKED_LIST, T.COPY_ON_WRITE_ARRAY_LIST), _read_list),
    **dict.fromkeys((T.LINKED_BLOCKING_QUEUE, T.ARRAY_BLOCKING_QUEUE, T.LINKED_TRANSFER_QUEUE), _read_list),
    **dict.fromkeys((T.ARRAY_DEQUE, T.DELAY_QUEUE, T.SYNCHRONOUS_QUEUE), _read_list),
    **dict.fromkeys((T.PRIORITY_QUEUE, T.PRIORITY_BLOCKING_QUEUE), _sorted(_read_list)),
    **dict.fromkeys((T.HASH_MAP, T.CONCURRENT_HASH_MAP, T.LINKED_HASH_MAP), _read_map),
    **dict.fromkeys((T.TREE_MAP, T.CONCURRENT_SKIP_LIST_MAP), _sorted(_read_map)),
    **dict.fromkeys((T.HASH_SET, T.LINKED_HASH_SET, T.COPY_ON_WRITE_ARRAY_SET), _read_set),
    **dict.fromkeys((T.TREE_SET, T.CONCURRENT_SKIP_LIST_SET), _sorted(_read_set)),
    T.OPTIONAL: lambda inp: inp.read_object() if inp.read_boolean() else None,
    T.LOCAL_DATE: _DATE.read,
    T.LOCAL_TIME: _TIME.read,
    T.LOCAL_DATE_TIME: _NAIVE.read,
    T.OFFSET_DATE_TIME: _AWARE.read,
    T.JSON: lambda inp: HazelcastJsonValue(inp.read_string()),
}
"""By type id, every type that needs neither a class nor a schema to be read."""


# Writing: the types of Python's that have a counterpart.


def typed(type_id: int, write: Writer) -> Writer:
    """What writes a type id before what ``write`` writes."""

    def write_typed(out: ObjectDataOutput, value: Any) -> None:
        out.buffer += out.order.int.pack(type_id)
        write(out, value)

    return write_typed


def _write_uuid(out: ObjectDataOutput, value: uuid.UUID) -> None:
    out.write_numbers("Q", (value.int >> 64, value.int & (1 << 64) - 1))


def _write_list(out: ObjectDataOutput, values: list[Any]) -> None:
    out.write_count(values)
    for value in values:
        out.write_object(value)


# By IntType, in order of width: name, bits, and what writes one.
_INTS: dict[int, tuple[str, float, Writer]] = {
    IntType.BYTE: ("BYTE", 8, typed(T.BYTE, ObjectDataOutput.write_byte)),
    IntType.SHORT: ("SHORT", 16, typed(T.SHORT, ObjectDataOutput.write_short)),
    IntType.INT: ("INT", 32, typed(T.INTEGER, ObjectDataOutput.write_int)),
    IntType.LONG: ("LONG", 64, typed(T.LONG, ObjectDataOutput.write_long)),
    IntType.BIG_INT: ("BIG_INT", inf, typed(T.BIG_INTEGER, _BIG_INTEGER.write)),
}


def _int_writer(int_type: int) -> Writer:
    """What writes ints with the option ``default_int_type``."""
    name, bits, write_as_told = _INTS.get(int_type, ("VAR", 0, ObjectDataOutput.write_byte))

    def write(out: ObjectDataOutput, value: int) -> None:
        # The bits of its two's complement but the sign.
        needed = (value if value >= 0 else ~value).bit_length()
        if needed < bits:
            return write_as_told(out, value)
        fitting, _, write_as_fits = next(each for each in _INTS.values() if needed < each[1])
        if int_type != IntType.VAR:
            raise HazelcastSerializationError(
                f"{value} does not fit into {bits} bits, which default_int_type={name} gives an int. "
                f"Use {fitting} for all of them, or VAR for the smallest that holds each."
            )
        return write_as_fits(out, value)

    return write


_write_naive, _write_aware = typed(T.LOCAL_DATE_TIME, _NAIVE.write), typed(T.OFFSET_DATE_TIME, _AWARE.write)

_INT_ARRAYS = {1: T.BYTE_ARRAY, 2: T.SHORT_ARRAY, 4: T.INTEGER_ARRAY, 8: T.LONG_ARRAY}
_FLOAT_ARRAYS = {"f": T.FLOAT_ARRAY, "d": T.DOUBLE_ARRAY}


def _write_array(out: ObjectDataOutput, values: array[Any]) -> None:
    signed = values.typecode in "bhilqB"
    type_id = _INT_ARRAYS.get(values.itemsize) if signed else _FLOAT_ARRAYS.get(values.typecode)
    if type_id is None:
        raise HazelcastSerializationError(
            f"An array of typecode {values.typecode!r} has no counterpart in Java, which has no unsigned numbers; "
            "use a wider signed typecode or a list."
        )
    out.write_int(type_id)
    out.write_count(values)
    if (sys.byteorder == "big") != (out.order.prefix == ">"):
        values = array(values.typecode, values)
        values.byteswap()
    out.buffer += values.tobytes()


def writers(int_type: int) -> dict[type, Writer]:
    """What writes values of each built-in Python type.

    Parameters
    ----------
    int_type : int
        Of `IntType`: what an int becomes.
    """
    return {
        NoneType: typed(T.NULL, lambda out, value: None),
        bool: typed(T.BOOLEAN, ObjectDataOutput.write_boolean),
        int: _int_writer(int_type),
        float: typed(T.DOUBLE, ObjectDataOutput.write_double),
        str: typed(T.STRING, ObjectDataOutput.write_string),
        **dict.fromkeys((bytes, bytearray), typed(T.BYTE_ARRAY, ObjectDataOutput.write_byte_array)),
        uuid.UUID: typed(T.UUID, _write_uuid),
        Decimal: typed(T.BIG_DECIMAL, DECIMAL.write),
        datetime.date: typed(T.LOCAL_DATE, _DATE.write),
        datetime.time: typed(T.LOCAL_TIME, _TIME.write),
        datetime.datetime: lambda out, value: (_write_naive if value.tzinfo is None else _write_aware)(out, value),
        list: typed(T.ARRAY_LIST, _write_list),
        array: _write_array,
        HazelcastJsonValue: typed(T.JSON, lambda out, value: out.write_string(value.to_string())),
    }
