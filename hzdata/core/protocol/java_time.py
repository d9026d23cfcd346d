"""Dates and times as ``java.time`` lays them out, both ways, in serialized values and in SQL pages.

Java keeps nanoseconds and years beyond 9999; Python's objects do not. Reading cuts to microseconds, as the documented
client does, and refuses a year that Python has no date for.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta, timezone
from struct import Struct
from typing import Any

from .byte_order import ByteOrder

_MAX_OFFSET = 18 * 3600
"""Of ``java.time.ZoneOffset``, in seconds."""


class JavaTime:
    """A type of ``java.time``.

    Parameters
    ----------
    numbers : str
        That a value is, in the letters of `struct`.
    parts : callable
        Takes a value apart into them; ValueError when something of it would be lost.
    make : callable
        Makes a value of them.
    """

    def __init__(self, numbers: str, parts: Callable[[Any], tuple[int, ...]], make: Callable[..., Any]) -> None:
        self.numbers = numbers
        self.parts = parts
        self.make = make
        self.layouts = {prefix: Struct(prefix + numbers) for prefix in "<>"}
        self.size = self.layouts["<"].size

    def pack(self, order: ByteOrder, value: Any) -> bytes:
        return self.layouts[order.prefix].pack(*self.parts(value))

    def unpack(self, order: ByteOrder, buffer: bytes, at: int) -> Any:
        return self.make(*self.layouts[order.prefix].unpack_from(buffer, at))


def _parts_of_date(value: date) -> tuple[int, ...]:
    if isinstance(value, datetime):
        raise ValueError(f"{value!r} has a time of day, which would be lost; use .date()")
    return value.year, value.month, value.day


def _parts_of_time(value: time | datetime) -> tuple[int, ...]:
    return value.hour, value.minute, value.second, value.microsecond * 1000


def _parts_of_local_time(value: time) -> tuple[int, ...]:
    if value.tzinfo is not None:
        raise ValueError(f"{value!r} has a time zone, which would be lost; use .replace(tzinfo=None)")
    return _parts_of_time(value)


def _parts_of_timestamp(value: datetime) -> tuple[int, ...]:
    if value.tzinfo is not None:
        raise ValueError(
            f"{value!r} has a time zone, which would be lost; "
            "write it as a timestamp with time zone, or use .replace(tzinfo=None)"
        )
    return (value.year, value.month, value.day, *_parts_of_time(value))


def _parts_of_timestamp_with_timezone(value: datetime) -> tuple[int, ...]:
    offset = value.utcoffset() or timedelta()
    seconds = offset // timedelta(seconds=1)
    if offset.microseconds or not -_MAX_OFFSET <= seconds <= _MAX_OFFSET:
        raise ValueError(f"{value!r} has an offset from UTC that Java does not know: {offset}")
    return (value.year, value.month, value.day, *_parts_of_time(value), seconds)


def _time(hour: int, minute: int, second: int, nano: int) -> time:
    return time(hour, minute, second, nano // 1000)


def _timestamp(
    year: int, month: int, day: int, hour: int, minute: int, second: int, nano: int, offset: int | None = None
) -> datetime:
    zone = None if offset is None else timezone(timedelta(seconds=offset))
    return datetime(year, month, day, hour, minute, second, nano // 1000, zone)


DATE = JavaTime("ibb", _parts_of_date, date)
"""``LocalDate``: year, month, day."""
TIME = JavaTime("bbbi", _parts_of_local_time, _time)
"""``LocalTime``: hour, minute, second, nanosecond."""
TIMESTAMP = JavaTime("ibbbbbi", _parts_of_timestamp, _timestamp)
"""``LocalDateTime``: both."""
TIMESTAMP_WITH_TIMEZONE = JavaTime("ibbbbbii", _parts_of_timestamp_with_timezone, _timestamp)
"""``OffsetDateTime``: both, and the offset from UTC in seconds. A naive value is taken as UTC."""
