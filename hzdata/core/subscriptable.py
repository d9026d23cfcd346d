"""Classes of which annotations say what is in them, such as ``Map[str, int]``."""

from __future__ import annotations

from types import GenericAlias
from typing import Any


class Subscriptable:
    """Base of a class that takes types in brackets, and makes nothing of them."""

    __slots__ = ()

    def __class_getitem__(cls, items: Any) -> GenericAlias:
        return GenericAlias(cls, items)
