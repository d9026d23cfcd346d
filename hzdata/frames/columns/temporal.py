"""Columns of dates and times: DATE, TIME, TIMESTAMP, TIMESTAMP WITH TIME ZONE.

On the wire they are fixed-size items of broken-down fields (year, month, day, hour, …); Arrow counts days or parts of a
second since 1970. The calendar is the proleptic Gregorian one, for years below 1 too, as java.time's is.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from hzdata.core.protocol.page import SqlPage

from .. import kernels
from ..errors import ColumnValueError
from .fixed import Items, read_items

__all__ = ["DateCodec", "TimeCodec", "TimestampCodec"]

_DATE = [("year", "<i4"), ("month", "i1"), ("day", "i1")]
_TIME = [("hour", "i1"), ("minute", "i1"), ("second", "i1"), ("nano", "<i4")]

DATE = np.dtype(_DATE)
TIME = np.dtype(_TIME)
TIMESTAMP = np.dtype(_DATE + _TIME)
TIMESTAMP_WITH_TIME_ZONE = np.dtype([*_DATE, *_TIME, ("offset", "<i4")])

_PER_SECOND = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}
_COARSER = {"ns": "us", "us": "ms", "ms": "s"}

Int64Array = npt.NDArray[np.int64]


class DateCodec:
    """DATE as date32: days in an int32, which reaches 5.8 million years in either direction."""

    def __init__(self, name: str) -> None:
        self.name = name

    def read(self, page: SqlPage, column: int, first_row: int) -> pa.Array:
        return self.convert(read_items(page, column, DATE), first_row)

    def convert(self, items: Items, first_row: int) -> pa.Array:
        days, _ = kernels.active.epoch(items.values)
        narrow = days.astype(np.int32)
        wrong = np.flatnonzero(narrow != days)
        if len(wrong):
            raise ColumnValueError(
                self.name,
                first_row + items.row_of(wrong[0]),
                f"the date {_iso(items.values[wrong[0]])} is beyond what Arrow's date32 can hold",
                "CAST it to VARCHAR in the query",
            )
        return items.with_values(narrow).to_arrow(pa.date32())


class TimeCodec:
    """TIME as time64[ns]."""

    def read(self, page: SqlPage, column: int, first_row: int) -> pa.Array:
        return self.convert(read_items(page, column, TIME), first_row)

    def convert(self, items: Items, first_row: int) -> pa.Array:
        nanos, rest = kernels.active.epoch(items.values)
        nanos *= 1_000_000_000
        nanos += rest
        return items.with_values(nanos).to_arrow(pa.time64("ns"))


class TimestampCodec:
    """TIMESTAMP, and TIMESTAMP WITH TIME ZONE as instants in UTC, in any of Arrow's units.

    Parameters
    ----------
    name
        Of the column, for errors.
    arrow
        A ``pa.timestamp``; it says unit and time zone.
    truncate
        Drop what is finer than the unit (towards the past) instead of refusing it.
    """

    def __init__(self, name: str, arrow: pa.DataType, truncate: bool) -> None:
        self.name = name
        self.arrow = arrow
        self.truncate = truncate
        self.fields = TIMESTAMP if arrow.tz is None else TIMESTAMP_WITH_TIME_ZONE
        self.per_second = _PER_SECOND[arrow.unit]

    def read(self, page: SqlPage, column: int, first_row: int) -> pa.Array:
        return self.convert(read_items(page, column, self.fields), first_row)

    def convert(self, items: Items, first_row: int) -> pa.Array:
        seconds, nanos = kernels.active.epoch(items.values)
        parts = nanos.astype(np.int64)
        if self.per_second != 1_000_000_000:
            parts = self._coarsen(parts, items, first_row)
        self._check_range(seconds, parts, items, first_row)
        seconds *= self.per_second  # may wrap below the smallest int64; adding the parts wraps it back
        seconds += parts
        return items.with_values(seconds).to_arrow(self.arrow)

    def _coarsen(self, nanos: Int64Array, items: Items, first_row: int) -> Int64Array:
        nanos_a_part = 1_000_000_000 // self.per_second
        parts, rest = np.divmod(nanos, nanos_a_part)
        if not self.truncate and rest.any():
            wrong = np.flatnonzero(rest)[0]
            raise ColumnValueError(
                self.name,
                first_row + items.row_of(wrong),
                f"{_iso(items.values[wrong])} is finer than timestamp_unit={self.arrow.unit!r}",
                "pass truncate_timestamps=True to drop the rest, or a finer timestamp_unit",
            )
        return parts

    def _check_range(self, seconds: Int64Array, parts: Int64Array, items: Items, first_row: int) -> None:
        if not len(seconds):
            return
        limit = 2**63 - 1  # -2^63 itself is NaT to NumPy and pandas
        high, high_parts = divmod(limit, self.per_second)
        low, low_parts = divmod(-limit, self.per_second)
        if seconds.min() > low and seconds.max() < high:
            return
        wrong = np.flatnonzero(
            (seconds > high)
            | ((seconds == high) & (parts > high_parts))
            | (seconds < low)
            | ((seconds == low) & (parts < low_parts))
        )
        if not len(wrong):
            return
        unit = self.arrow.unit
        remedy = "CAST it to VARCHAR in the query"
        if unit in _COARSER:
            remedy = f'pass timestamp_unit="{_COARSER[unit]}", which reaches further'
        raise ColumnValueError(
            self.name,
            first_row + items.row_of(wrong[0]),
            f"{_iso(items.values[wrong[0]])} is beyond what 64 bits of {unit} can hold",
            remedy,
        )


def _iso(item: Any) -> str:
    """Write a date or timestamp as ISO 8601 does, years of any size included."""
    text = f"{item['year']:04d}-{item['month']:02d}-{item['day']:02d}"
    names = item.dtype.names
    if "hour" in names:
        text += f"T{item['hour']:02d}:{item['minute']:02d}:{item['second']:02d}"
        if item["nano"]:
            text += f".{item['nano']:09d}"
    if "offset" in names:
        sign = "-" if item["offset"] < 0 else "+"
        hours, rest = divmod(abs(int(item["offset"])), 3600)
        text += f"{sign}{hours:02d}:{rest // 60:02d}"
    return text
