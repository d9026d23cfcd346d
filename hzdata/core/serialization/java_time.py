"""Dates and times as ``java.time`` lays them out, both ways.

Java keeps nanoseconds and years beyond 9999; Python's objects do not. Reading cuts to microseconds, as the documented
client does, and refuses a year that Python has no date for.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta, timezone
from struct import Struct

from .io import ByteOrder

__all__ = [
    "DATE_SIZE",
    "TIMESTAMP_SIZE",
    "TIMESTAMP_WITH_TIMEZONE_SIZE",
    "TIME_SIZE",
    "layout_of",
    "pack_date",
    "pack_time",
    "pack_timestamp",
    "pack_timestamp_with_timezone",
    "unpack_date",
    "unpack_time",
    "unpack_timestamp",
    "unpack_timestamp_with_timezone",
]

Layout = Mapping[str, Struct]
"""By the prefix of a byte order, the numbers that a date or time is."""


def layout_of(numbers: str) -> Layout:
    """Return the layout of numbers, in the letters of `struct`."""
    return {prefix: Struct(prefix + numbers) for prefix in "<>"}


# LocalDate: int year, byte month, byte day. LocalTime: bytes hour, minute, second, int nanosecond.
# LocalDateTime: both. OffsetDateTime: and int offset from UTC in seconds.
_DATE = layout_of("ibb")
_TIME = layout_of("bbbi")
_TIMESTAMP = layout_of("ibbbbbi")
_TIMESTAMP_WITH_TIMEZONE = layout_of("ibbbbbii")

DATE_SIZE = _DATE[">"].size
TIME_SIZE = _TIME[">"].size
TIMESTAMP_SIZE = _TIMESTAMP[">"].size
TIMESTAMP_WITH_TIMEZONE_SIZE = _TIMESTAMP_WITH_TIMEZONE[">"].size

_MAX_OFFSET = 18 * 3600
"""Of ``java.time.ZoneOffset``, in seconds."""


def pack_date(order: ByteOrder, value: date, layout: Layout = _DATE) -> bytes:
    """A ``LocalDate``.

    Raises
    ------
    ValueError
        When the value has a time of day, which a ``LocalDate`` cannot keep.
    """
    if isinstance(value, datetime):
        raise ValueError(f"{value!r} has a time of day, which would be lost; use .date()")
    return layout[order.prefix].pack(value.year, value.month, value.day)


def unpack_date(order: ByteOrder, buffer: bytes, at: int, layout: Layout = _DATE) -> date:
    return date(*layout[order.prefix].unpack_from(buffer, at))


def pack_time(order: ByteOrder, value: time, layout: Layout = _TIME) -> bytes:
    """A ``LocalTime``.

    Raises
    ------
    ValueError
        When the time has a time zone, which a ``LocalTime`` cannot keep.
    """
    if value.tzinfo is not None:
        raise ValueError(f"{value!r} has a time zone, which would be lost; use .replace(tzinfo=None)")
    return layout[order.prefix].pack(value.hour, value.minute, value.second, value.microsecond * 1000)


def unpack_time(order: ByteOrder, buffer: bytes, at: int, layout: Layout = _TIME) -> time:
    hour, minute, second, nanosecond = layout[order.prefix].unpack_from(buffer, at)
    return time(hour, minute, second, nanosecond // 1000)


def pack_timestamp(order: ByteOrder, value: datetime, layout: Layout = _TIMESTAMP) -> bytes:
    """A ``LocalDateTime``.

    Raises
    ------
    ValueError
        When the value has a time zone, which a ``LocalDateTime`` cannot keep.
    """
    if value.tzinfo is not None:
        raise ValueError(
            f"{value!r} has a time zone, which would be lost; "
            "write it as a timestamp with time zone, or use .replace(tzinfo=None)"
        )
    return layout[order.prefix].pack(
        value.year,
        value.month,
        value.day,
        value.hour,
        value.minute,
        value.second,
        value.microsecond * 1000,
    )


def unpack_timestamp(order: ByteOrder, buffer: bytes, at: int, layout: Layout = _TIMESTAMP) -> datetime:
    year, month, day, hour, minute, second, nanosecond = layout[order.prefix].unpack_from(buffer, at)
    return datetime(year, month, day, hour, minute, second, nanosecond // 1000)


def pack_timestamp_with_timezone(order: ByteOrder, value: datetime, layout: Layout = _TIMESTAMP_WITH_TIMEZONE) -> bytes:
    """An ``OffsetDateTime``: the time zone becomes its offset from UTC at that time; a naive value is taken as UTC.

    Raises
    ------
    ValueError
        When the offset is not whole seconds or beyond 18 hours, which Java does not know.
    """
    offset = value.utcoffset() or timedelta()
    seconds = offset // timedelta(seconds=1)
    if offset.microseconds or not -_MAX_OFFSET <= seconds <= _MAX_OFFSET:
        raise ValueError(f"{value!r} has an offset from UTC that Java does not know: {offset}")
    return layout[order.prefix].pack(
        value.year,
        value.month,
        value.day,
        value.hour,
        value.minute,
        value.second,
        value.microsecond * 1000,
        seconds,
    )


def unpack_timestamp_with_timezone(
    order: ByteOrder, buffer: bytes, at: int, layout: Layout = _TIMESTAMP_WITH_TIMEZONE
) -> datetime:
    fields = layout[order.prefix].unpack_from(buffer, at)
    year, month, day, hour, minute, second, nanosecond, seconds = fields
    zone = timezone(timedelta(seconds=seconds)) if seconds else UTC
    return datetime(year, month, day, hour, minute, second, nanosecond // 1000, zone)
