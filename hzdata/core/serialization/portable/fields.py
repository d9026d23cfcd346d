"""The types of fields of Portable objects, and how a value of each lies in the bytes. One table, ``KINDS``.

See: https://docs.hazelcast.com/hazelcast/latest/serialization/implementing-portable-serialization
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from ...errors import HazelcastSerializationError
from ...protocol.java_math import pack_decimal
from ...protocol.java_time import DATE, TIME, TIMESTAMP, TIMESTAMP_WITH_TIMEZONE, JavaTime
from ..builtin import read_decimal, read_time, write_packed
from ..io import ObjectDataInput, ObjectDataOutput


class Kind(NamedTuple):
    """A type of fields.

    Attributes
    ----------
    name : str
        As in ``write_int``, ``read_int_array``.
    type : int
        Its number in the bytes.
    zero : object
        What a field reads as that the stored version lacks.
    write, read : callable
    """

    name: str
    type: int
    zero: Any
    write: Callable[[ObjectDataOutput, Any], None]
    read: Callable[[ObjectDataInput], Any]


def _of_time(name: str, type: int, of: JavaTime) -> Kind:
    # A year is a short here, other than in a date of its own.
    short = JavaTime(of.numbers.replace("ibb", "hbb", 1), of.parts, of.make)
    return Kind(name, type, None, partial(write_packed, short.pack), partial(read_time, short))


def _nullable(kind: Kind) -> Kind:
    def write(out: ObjectDataOutput, value: Any) -> None:
        out.write_boolean(value is None)
        if value is not None:
            kind.write(out, value)

    return kind._replace(write=write, read=lambda inp: None if inp.read_boolean() else kind.read(inp))


def write_items(out: ObjectDataOutput, items: Sequence[Any], write: Callable[[ObjectDataOutput, Any], None]) -> None:
    """Write items of no fixed size, after the position of each."""
    table = len(out.buffer)
    out.buffer += bytes(4 * len(items))
    for i, item in enumerate(items):
        if item is None:
            raise HazelcastSerializationError("Array items can not be None")
        out.order.int.pack_into(out.buffer, table + 4 * i, len(out.buffer))
        write(out, item)


def _array_of(kind: Kind) -> Kind:
    def write(out: ObjectDataOutput, items: Sequence[Any] | None) -> None:
        out.write_count(items)
        write_items(out, items or (), kind.write)

    def read(inp: ObjectDataInput) -> list[Any] | None:
        count = inp.read_count()
        if count is None:
            return None
        inp.take(4 * count)
        return [kind.read(inp) for _ in range(count)]

    return Kind(kind.name + "_array", kind.type + 1, None, write, read)


def _stream(name: str, type: int, zero: Any) -> Kind:
    return Kind(name, type, zero, getattr(ObjectDataOutput, f"write_{name}"), getattr(ObjectDataInput, f"read_{name}"))


PORTABLE, PORTABLE_ARRAY = 0, 10

_NUMBERS = (
    ("byte", 1, 0), ("boolean", 2, False), ("char", 3, "\0"), ("short", 4, 0), ("int", 5, 0), ("long", 6, 0),
    ("float", 7, 0.0), ("double", 8, 0.0), ("string", 9, None),
)  # fmt: skip
_OBJECTS = (
    Kind("decimal", 20, None, partial(write_packed, pack_decimal), read_decimal),
    _of_time("time", 22, TIME),
    _of_time("date", 24, DATE),
    _of_time("timestamp", 26, TIMESTAMP),
    _of_time("timestamp_with_timezone", 28, TIMESTAMP_WITH_TIMEZONE),
)

KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        *(_stream(name, type, zero) for name, type, zero in _NUMBERS),
        *(_stream(f"{name}_array", type + 10, None) for name, type, _ in _NUMBERS),
        *map(_nullable, _OBJECTS),
        *map(_array_of, _OBJECTS),
    )
}
"""All types but Portable itself, by name."""

BY_TYPE = {kind.type: kind for kind in KINDS.values()}

TYPE_NAMES = {
    PORTABLE: "portable",
    PORTABLE_ARRAY: "portable_array",
    **{type: kind.name for type, kind in BY_TYPE.items()},
}

WIDENED: Mapping[str, tuple[str, ...]] = {
    "short": ("byte",),
    "int": ("byte", "short", "char"),
    "long": ("byte", "short", "char", "int"),
    "float": ("byte", "short", "char", "int"),
    "double": ("byte", "short", "char", "int", "long", "float"),
}
"""As what else a field may have been stored by another version of its class."""
