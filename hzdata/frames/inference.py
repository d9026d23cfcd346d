"""pandas columns -> Arrow arrays, with a second look at columns of Python objects.

What a column of objects is has to be found from its values. Arrow finds it, but takes a datetime for a date, a zone for
none and text for bytes when they come mixed, and loses a part of them without a word. Here that is an error that names
the row.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pandas as pd
import pyarrow as pa

from .errors import ColumnTypeError, ColumnValueError

__all__ = ["to_arrow"]

_FAILURES = (pa.ArrowException, TypeError, ValueError, OverflowError)

Items = Sequence[tuple[int, Any]]
"""Values with the row of each."""


def to_arrow(name: str, values: Any) -> pa.Array | pa.ChunkedArray:
    """Return a column, or a level of an index, as an Arrow array. NaN in a NumPy column becomes null.

    Parameters
    ----------
    name : str
        For errors.
    values : pandas.Series or pandas.Index

    Raises
    ------
    ColumnTypeError
        When its values have no common Arrow type.
    ColumnValueError
        When an object among others would lose a part of itself.
    """
    if isinstance(values.dtype, pd.SparseDtype):
        values = pd.Series(values.to_numpy())
    if isinstance(values.dtype, pd.CategoricalDtype) and values.dtype.categories.dtype == object:
        values = pd.Series(values).astype(object)
    array = _convert(name, values)
    if values.dtype != object:
        return array
    finer = _look_again(name, pd.Series(values), array.type)
    return array if finer is None else _convert(name, values, finer)


def _convert(name: str, values: Any, arrow: pa.DataType | None = None) -> pa.Array | pa.ChunkedArray:
    try:
        return pa.array(values, arrow, from_pandas=True)
    except _FAILURES as error:
        row = _first_failure(values, arrow)
        reason = str(error).splitlines()[0].rstrip(".")
        where = "" if row is None else f"row {row} is {pd.Series(values).iloc[row]!r}: "
        raise ColumnTypeError(
            name,
            f"its values have no common Arrow type: {where}{reason}",
            f"convert it: df[{name!r}].astype(...)",
        ) from error


def _first_failure(values: Any, arrow: pa.DataType | None) -> int | None:
    """The row up to which the values can be converted; None when it is not one row that is to blame."""
    low, high = 0, len(values)
    if not high:
        return None
    while high - low > 1:
        middle = (low + high) // 2
        try:
            pa.array(values[:middle], arrow, from_pandas=True)
            low = middle
        except _FAILURES:
            high = middle
    return low


def _look_again(name: str, values: pd.Series[Any], arrow: pa.DataType) -> pa.DataType | None:
    """Refuse objects that `arrow` does not hold as they are; return a finer type, when that holds them."""
    leaf = arrow.value_type if pa.types.is_list(arrow) else arrow
    problems = next((problems for test, problems in _CHECKS if test(leaf)), None)
    if problems is None:
        return None
    items = [(row, value) for row, (value, null) in enumerate(zip(values, values.isna(), strict=True)) if not null]
    if leaf is not arrow:
        items = [(row, item) for row, listed in items for item in listed if item is not None]
    for row, problem in problems(items):
        raise ColumnValueError(name, row, problem, "make all values of the column of one kind")
    if not (pa.types.is_timestamp(leaf) and any(getattr(item, "nanosecond", 0) for _, item in items)):
        return None
    _check_nanoseconds(name, items)
    finer = pa.timestamp("ns", leaf.tz)
    return finer if leaf is arrow else pa.list_(finer)


def _not_dates(items: Items) -> Iterator[tuple[int, str]]:
    for row, item in items:
        if isinstance(item, datetime.datetime):
            yield row, f"{item!r} is no date: its time of day would be lost"


def _zoned_times(items: Items) -> Iterator[tuple[int, str]]:
    for row, item in items:
        if item.tzinfo is not None:
            yield row, f"{item!r} has a time zone, which TIME has not"


def _mixed_zones(items: Items) -> Iterator[tuple[int, str]]:
    first = None
    for row, item in items:
        zoned = getattr(item, "tzinfo", None) is not None
        first = zoned if first is None else first
        if zoned and not first:
            yield row, f"{item!r} has a time zone, and others have none"
        if first and not zoned:
            yield row, f"{item!r} has no time zone, and others have one"


def _texts(items: Items) -> Iterator[tuple[int, str]]:
    for row, item in items:
        if isinstance(item, str):
            yield row, f"{item!r} is text among bytes"


_CHECKS: tuple[tuple[Callable[[pa.DataType], bool], Callable[[Items], Iterator[tuple[int, str]]]], ...] = (
    (pa.types.is_date, _not_dates),
    (pa.types.is_time, _zoned_times),
    (pa.types.is_timestamp, _mixed_zones),
    (pa.types.is_binary, _texts),
)
"""What can be wrong with the objects that Arrow took for values of a type: rows and problems."""


def _check_nanoseconds(name: str, items: Items) -> None:
    """Refuse what does not fit nanoseconds in a column where some value needs them."""
    fine = next(row for row, item in items if getattr(item, "nanosecond", 0))
    for row, item in items:
        try:
            pd.Timestamp(item).as_unit("ns")
        except pd.errors.OutOfBoundsDatetime:
            raise ColumnValueError(
                name,
                row,
                f"{item!r} does not fit nanoseconds, which row {fine} has",
                "round the others to microseconds",
            ) from None
