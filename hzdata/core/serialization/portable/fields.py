"""The types of fields of Portable objects, and how a value of each lies in the bytes. One table, ``KINDS``.

See: https://docs.hazelcast.com/hazelcast/latest/serialization/implementing-portable-serialization
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time, timedelta, timezone
from typing import Any, NamedTuple

from ...errors import HazelcastSerializationError
from ..io import DataInput, DataOutput
from ..java_math import pack_decimal, unpack_decimal

__all__ = ["BY_TYPE", "KINDS", "PORTABLE", "PORTABLE_ARRAY", "WIDENED", "Kind"]

NULL_LENGTH = -1


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
    write: Callable[[DataOutput, Any], None]
    read: Callable[[DataInput], Any]


# A date's year is a short here, other than in a LocalDate of its own.


def _write_date(out: DataOutput, value: date) -> None:
    out.write_short(value.year)
    out.write_byte(value.month)
    out.write_byte(value.day)


def _read_date(inp: DataInput) -> date:
    return date(inp.read_short(), inp.read_byte(), inp.read_byte())


def _write_time(out: DataOutput, value: time | datetime) -> None:
    for part in (value.hour, value.minute, value.second):
        out.write_byte(part)
    out.write_int(value.microsecond * 1000)


def _read_time(inp: DataInput) -> time:
    hour, minute, second = inp.read_byte(), inp.read_byte(), inp.read_byte()
    return time(hour, minute, second, inp.read_int() // 1000)


def _write_timestamp(out: DataOutput, value: datetime) -> None:
    _write_date(out, value)
    _write_time(out, value)


def _read_timestamp(inp: DataInput) -> datetime:
    return datetime.combine(_read_date(inp), _read_time(inp))


def _write_zoned(out: DataOutput, value: datetime) -> None:
    _write_timestamp(out, value)
    offset = value.utcoffset() or timedelta(0)
    out.write_int(int(offset.total_seconds()))


def _read_zoned(inp: DataInput) -> datetime:
    moment = _read_timestamp(inp)
    return moment.replace(tzinfo=timezone(timedelta(seconds=inp.read_int())))


def _write_decimal(out: DataOutput, value: Any) -> None:
    out.buffer += pack_decimal(out.order, value)


def _read_decimal(inp: DataInput) -> Any:
    value, end = unpack_decimal(inp.order, inp.buffer, inp.position())
    inp.take(end - inp.position())
    return value


def _nullable(kind: Kind) -> Kind:
    def write(out: DataOutput, value: Any) -> None:
        out.write_boolean(value is None)
        if value is not None:
            kind.write(out, value)

    return kind._replace(write=write, read=lambda inp: None if inp.read_boolean() else kind.read(inp))


def write_items(out: DataOutput, items: Sequence[Any], write: Callable[[DataOutput, Any], None]) -> None:
    """Write items of no fixed size, after the position of each."""
    table = len(out.buffer)
    out.buffer += bytes(4 * len(items))
    for i, item in enumerate(items):
        if item is None:
            raise HazelcastSerializationError("Array items can not be None")
        out.order.int.pack_into(out.buffer, table + 4 * i, len(out.buffer))
        write(out, item)


def _array_of(kind: Kind) -> Kind:
    def write(out: DataOutput, items: Sequence[Any] | None) -> None:
        out.write_int(NULL_LENGTH if items is None else len(items))
        write_items(out, items or (), kind.write)

    def read(inp: DataInput) -> list[Any] | None:
        count = inp.read_int()
        if count == NULL_LENGTH:
            return None
        inp.take(4 * count)
        return [kind.read(inp) for _ in range(count)]

    return Kind(kind.name + "_array", kind.type + 1, None, write, read)


def _stream(name: str, type: int, zero: Any) -> Kind:
    return Kind(name, type, zero, getattr(DataOutput, f"write_{name}"), getattr(DataInput, f"read_{name}"))


PORTABLE, PORTABLE_ARRAY = 0, 10

_NUMBERS = (
    ("byte", 1, 0), ("boolean", 2, False), ("char", 3, "\0"), ("short", 4, 0), ("int", 5, 0), ("long", 6, 0),
    ("float", 7, 0.0), ("double", 8, 0.0), ("string", 9, None),
)  # fmt: skip
_OBJECTS = (
    Kind("decimal", 20, None, _write_decimal, _read_decimal),
    Kind("time", 22, None, _write_time, _read_time),
    Kind("date", 24, None, _write_date, _read_date),
    Kind("timestamp", 26, None, _write_timestamp, _read_timestamp),
    Kind("timestamp_with_timezone", 28, None, _write_zoned, _read_zoned),
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

WIDENED: Mapping[str, tuple[str, ...]] = {
    "short": ("byte",),
    "int": ("byte", "short", "char"),
    "long": ("byte", "short", "char", "int"),
    "float": ("byte", "short", "char", "int"),
    "double": ("byte", "short", "char", "int", "long", "float"),
}
"""As what else a field may have been stored by another version of its class."""
