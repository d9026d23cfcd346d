"""Keys and values as short text, whatever they are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from itertools import islice
from typing import Any

from hzdata.core.core import HazelcastJsonValue

__all__ = ["Unreadable", "abbreviate"]

LIMIT = 80
"""Characters of a value that are shown."""

_ITEMS = 6  # items of a collection that are looked at
_DEPTH = 3  # collections within collections


class Unreadable:
    """Stands for a value that cannot be deserialized here, and says why."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def __repr__(self) -> str:
        return f"<cannot be read: {self._error}>"


def abbreviate(value: Any, limit: int = LIMIT) -> str:
    """Return ``value`` as Python writes it, on one line, cut to ``limit`` characters.

    Of large values only the beginning is looked at, so this is quick whatever the size. A value whose ``repr`` fails
    is shown by its type.

    Examples
    --------
    >>> abbreviate("Ada")
    "'Ada'"
    >>> abbreviate(list(range(1000)))
    '[0, 1, 2, 3, 4, 5, …]'
    >>> abbreviate("x" * 1000, limit=10)
    "'xxxxxxxx…"
    """
    try:
        text = _text(value, limit, _DEPTH)
    except Exception as error:
        text = f"<{type(value).__name__}: {type(error).__name__} in its repr>"
    if len(text) > limit:
        text = text[: limit - 1] + "…"
    return text


def _text(value: Any, limit: int, depth: int) -> str:
    kind = type(value)
    if kind is HazelcastJsonValue:
        return value.to_string()[: limit + 1]  # type: ignore[no-any-return]
    if kind in (str, bytes, bytearray):
        return repr(value[: limit + 1])
    if kind in _BRACKETS and value:
        opening, closing = _BRACKETS[kind]
        if depth == 0:
            return f"{opening}…{closing}"
        comma = "," if kind is tuple and len(value) == 1 else ""
        return f"{opening}{', '.join(_items(value, limit, depth - 1))}{comma}{closing}"
    return " ".join(repr(value)[: 4 * limit].split())


_BRACKETS: dict[type, tuple[str, str]] = {
    dict: ("{", "}"),
    list: ("[", "]"),
    tuple: ("(", ")"),
    set: ("{", "}"),
    frozenset: ("frozenset({", "})"),
}


def _items(value: Mapping[Any, Any] | Iterable[Any] | Set[Any], limit: int, depth: int) -> list[str]:
    if isinstance(value, Mapping):
        shown = [
            f"{_text(key, limit, depth)}: {_text(item, limit, depth)}" for key, item in islice(value.items(), _ITEMS)
        ]
    else:
        shown = [_text(item, limit, depth) for item in islice(value, _ITEMS)]
    if len(value) > _ITEMS:  # type: ignore[arg-type]
        shown.append("…")
    return shown
