"""What an aggregation asks for: functions of columns, and groups; and what can be asked of which types."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Literal, NamedTuple

from .arguments import one_of
from .errors import ColumnTypeError

__all__ = [
    "COUNTS",
    "INTEGERS",
    "SUMMABLE",
    "TIMES",
    "Asked",
    "Spec",
    "asked_of",
    "check_columns",
    "check_type",
    "keys_of",
    "sum_type",
]

Function = Literal["count", "size", "nunique", "sum", "mean", "min", "max", "std", "var"]
Spec = Mapping[str, str | Sequence[str]]

COUNTS = ("count", "size", "nunique")
INTEGERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT")
SUMMABLE = (*INTEGERS, "DECIMAL", "REAL", "DOUBLE", "BOOLEAN")
TIMES = ("TIME", "TIMESTAMP", "TIMESTAMP WITH TIME ZONE")


class Asked(NamedTuple):
    """One function of one column, and the name of its result."""

    column: str
    function: str
    label: str


def asked_of(spec: Spec | None, named: Mapping[str, tuple[str, str]], grouped: bool) -> tuple[list[Asked], int]:
    """What is asked for, and how many levels the names of the columns have."""
    if (spec is None) == (not named):
        raise ValueError("pass either a spec, such as {'dep_delay': ['mean', 'max']}, or name=(column, function)")
    if spec is None:
        for label, pair in named.items():
            if not isinstance(pair, tuple) or len(pair) != 2:
                raise TypeError(f"{label}={pair!r}: pass (column, function)")
        asked, levels = [Asked(*pair, label) for label, pair in named.items()], 1
    elif not isinstance(spec, Mapping):
        raise TypeError(f"spec={spec!r}: pass a dict of columns and their functions")
    else:
        levels = 1 if all(isinstance(functions, str) for functions in spec.values()) else 2
        asked = [
            Asked(column, function, column if grouped and levels == 1 else function)
            for column, functions in spec.items()
            for function in (
                functions if isinstance(functions, Sequence) and not isinstance(functions, str) else [functions]
            )
        ]
    if not asked:
        raise ValueError(f"spec={spec!r}: it names no function")
    for _, function, _ in asked:
        if not isinstance(function, str):
            raise TypeError(f"{function!r}: functions are named, such as 'max': they run on the members")
        if function in ("first", "last"):
            raise ValueError(
                f"{function!r}: the entries of a map have no order; min and max of a column that has one do"
            )
        one_of("function", function, Function)
    if len(set(asked)) < len(asked):
        raise ValueError(f"spec={spec!r}: it names a function of a column twice")
    return asked, levels


def keys_of(by: str | Sequence[str] | None) -> list[str]:
    keys = [by] if isinstance(by, str) else list(by or ())
    if by is not None and (not keys or len(set(keys)) < len(keys)):
        raise ValueError(f"by={by!r}: pass one name, or several that differ")
    return keys


def check_columns(name: str, columns: Iterable[str], known: Collection[str]) -> None:
    for column in columns:
        if column not in known:
            near = difflib.get_close_matches(str(column), list(known), 1)
            hint = f"did you mean {near[0]!r}?" if near else f"its columns are {', '.join(known)}"
            raise KeyError(f"the map {name!r} has no column {column!r}; {hint}")


def check_type(asked: Asked, sql: str) -> None:
    """Refuse a function that is not for a type."""
    column, function, _ = asked
    if function in ("sum", "mean", "std", "var") and sql not in SUMMABLE:
        raise ColumnTypeError(column, f"{function} is not for {sql}", "count, nunique, min and max may be")
    if function in ("min", "max", "nunique") and sql in ("OBJECT", "JSON"):
        raise ColumnTypeError(column, f"{sql} is neither ordered nor compared", "count is for every type")


def sum_type(sql: str) -> str:
    return "BIGINT" if sql in (*INTEGERS, "BOOLEAN") else sql
