"""Reads arguments; an error names the argument, the value and what it may be."""

from __future__ import annotations

import datetime
import difflib
import math
import numbers
import operator
from collections.abc import Mapping
from typing import Any, get_args

__all__ = ["Decimals", "date_arguments", "map_name", "millis", "one_of", "precisions", "rows"]

Decimals = Mapping[str, tuple[int, int]]
"""Precision and scale of columns."""

_UNITS = ("D", "d", "h", "m", "s", "ms", "us", "ns")


def rows(option: str, value: Any) -> int:
    """Return a number of rows, checked."""
    try:
        count = None if isinstance(value, bool) else operator.index(value)
    except TypeError:
        count = None
    if count is None or count < 1:
        raise ValueError(f"{option}={value!r}: pass a whole number of rows above 0")
    return count


def map_name(name: Any) -> str:
    """Return the name of a map, checked."""
    if not isinstance(name, str) or not name:
        raise ValueError(f"name={name!r}: a map is named by text")
    return name


def one_of(option: str, value: Any, choices: Any) -> None:
    """Check that a value is one of a ``Literal``'s, or say which is nearest."""
    allowed: tuple[str, ...] = get_args(choices)
    if value not in allowed:
        near = difflib.get_close_matches(str(value), allowed, 1)
        hint = f"did you mean {near[0]!r}?" if near else "it is one of " + ", ".join(map(repr, allowed))
        raise ValueError(f"{option}={value!r}: {hint}")


def millis(option: str, value: float | datetime.timedelta) -> int:
    """Return a duration above 0, in seconds or as a timedelta, in milliseconds."""
    seconds = value.total_seconds() if isinstance(value, datetime.timedelta) else value
    if (
        isinstance(seconds, bool)
        or not isinstance(seconds, numbers.Real)
        or not math.isfinite(seconds)
        or seconds < 0.001
    ):
        raise ValueError(f"{option}={value!r}: pass a number of seconds above 0, or None for the map's own")
    return round(seconds * 1000)


def precisions(decimals: Any) -> Decimals:
    """Return ``decimals=``, checked."""
    if decimals is None:
        return {}
    if isinstance(decimals, Mapping) and all(isinstance(pair, tuple) and len(pair) == 2 for pair in decimals.values()):
        return decimals
    raise TypeError(f"decimals must map names of columns to (precision, scale), not be {decimals!r}")


def date_arguments(parse_dates: Any) -> dict[str, dict[str, Any]]:
    """Return the keyword arguments of ``pandas.to_datetime`` for each column that it is to convert."""
    if parse_dates is None or isinstance(parse_dates, bool):
        return {}
    if isinstance(parse_dates, str):
        return {parse_dates: {}}
    if not isinstance(parse_dates, Mapping):
        return {name: {} for name in parse_dates}
    arguments: dict[str, dict[str, Any]] = {}
    for name, how in parse_dates.items():
        if isinstance(how, Mapping):
            arguments[name] = dict(how)
        elif how in _UNITS:
            arguments[name] = {"unit": how}
        else:
            arguments[name] = {} if how is None else {"format": how}
    return arguments
