"""Predicates as SQL conditions, where both have one meaning."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from hzdata.core.member_object import MemberObject
from hzdata.core.predicate import Predicate, true

from .mapping import identifier
from .types import sql_type

__all__ = ["Untranslatable", "sql_condition"]

_BETWEEN, _EQUAL, _ORDERED, _LIKE, _IN, _NOT, _NOT_EQUAL, _FALSE, _TRUE = 2, 3, 4, 5, 7, 10, 9, 13, 14
_JOINED = {1: " AND ", 11: " OR "}


class Untranslatable(Exception):
    """A predicate has no SQL condition that certainly means the same."""


def sql_condition(predicate: Predicate, types: Mapping[str, str]) -> tuple[str, list[Any]]:
    """Return a condition and its parameters. It is never unknown, so that NOT means of nulls what it means to members.

    Parameters
    ----------
    predicate
    types
        SQL type of each column that there is.

    Raises
    ------
    Untranslatable
        A predicate turns its value into the attribute's type, and may lose something of it, where SQL widens the
        column: only values that lie in the column's own type are taken.
    """
    if not isinstance(predicate, MemberObject) or predicate.get_factory_id() != _PREDICATES:
        raise Untranslatable
    kind, parts = predicate.get_class_id(), [value for _, value in predicate.parts]
    if kind in (_TRUE, _FALSE):
        return ("TRUE" if kind == _TRUE else "FALSE"), []
    if kind in _JOINED or kind == _NOT:
        each = [sql_condition(part, types) for part in (parts if kind == _NOT else parts[1:])]
        if not each:
            return ("TRUE" if _JOINED[kind] == " AND " else "FALSE"), []
        joined = f"NOT {each[0][0]}" if kind == _NOT else _JOINED[kind].join(condition for condition, _ in each)
        return f"({joined})", [parameter for _, parameters in each for parameter in parameters]
    if kind not in (_BETWEEN, _EQUAL, _ORDERED, _LIKE, _IN, _NOT_EQUAL):
        raise Untranslatable
    return _of_column(kind, parts, types)


def _of_column(kind: int, parts: list[Any], types: Mapping[str, str]) -> tuple[str, list[Any]]:
    attribute, *values = parts
    if attribute not in types:
        raise Untranslatable
    column, sql = identifier(attribute), types[attribute]
    if kind == _IN:
        each = [_of_column(_EQUAL, [attribute, value], types) for value in values[1:]]
        condition = " OR ".join(one for one, _ in each) or "FALSE"
        return f"({condition})", [parameter for _, parameters in each for parameter in parameters]
    if kind in (_EQUAL, _NOT_EQUAL) and values[0] is None:
        return f"({column} IS {'NOT ' if kind == _NOT_EQUAL else ''}NULL)", []
    if kind == _LIKE and (sql != "VARCHAR" or values[0] is None or "\\" in values[0]):
        raise Untranslatable
    operands = values[:1] if kind == _ORDERED else values
    written = [_literal(value, sql) for value in operands]
    if kind == _BETWEEN:
        to, from_ = (text for text, _ in written)
        written.reverse()
        test = f"{column} BETWEEN {from_} AND {to}"
    elif kind == _ORDERED:
        or_equal, less = values[1:]
        test = f"{column} {'<' if less else '>'}{'=' if or_equal else ''} {written[0][0]}"
    else:
        test = f"{column} {'LIKE' if kind == _LIKE else '='} {written[0][0]}"
    known = f"({column} IS NOT NULL AND {test})"
    return f"(NOT {known})" if kind == _NOT_EQUAL else known, [p for _, parameters in written for p in parameters]


def _literal(value: Any, sql: str) -> tuple[str, list[Any]]:
    """A value as SQL: a number as it is written, so that no type is guessed for it; text as a parameter."""
    if sql == "VARCHAR" and isinstance(value, str):
        return "?", [value]
    if sql == "BOOLEAN" and isinstance(value, bool):
        return str(value).upper(), []
    if isinstance(value, int) and not isinstance(value, bool):
        arrow = sql_type(sql).arrow
        if pa.types.is_integer(arrow) and -(2 ** (arrow.bit_width - 1)) < value < 2 ** (arrow.bit_width - 1):
            return str(value), []
        if sql == "DOUBLE" and abs(value) <= 2**53:
            return f"{value}e0", []
    if sql == "DOUBLE" and isinstance(value, float) and math.isfinite(value):
        return f"{value!r}" if "e" in repr(value) else f"{value!r}e0", []
    raise Untranslatable


_PREDICATES = true().get_factory_id()  # type: ignore[attr-defined]
