"""The two halves of what is known of a type: how its values are written, under which id, and how they are read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeAlias

from .io import ObjectDataInput, ObjectDataOutput


class Writer(NamedTuple):
    """Writes payloads of one type id."""

    type_id: int
    write: Callable[[ObjectDataOutput, Any], None]


Reader: TypeAlias = Callable[[ObjectDataInput], Any]
"""Reads payloads of one type id."""

Choice: TypeAlias = Callable[[Any], Writer]
"""Picks the writer of a value, for types whose values are not all written the same way."""


def always(writer: Writer) -> Choice:
    """The choice of a type whose values all are."""
    return lambda value: writer
