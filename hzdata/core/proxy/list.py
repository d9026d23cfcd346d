"""The distributed list."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..future import Future
from .base import operation
from .collection import Collection

__all__ = ["List"]


class List(Collection):
    """A list of items in one partition. Positions count from 0; one that there is not is an ``IndexOutOfBoundsError``.

    Examples
    --------
    >>> steps = client.get_list("steps").blocking()
    >>> steps.add_all(["boil", "pour"])
    True
    >>> steps.get(1)
    'pour'
    """

    SERVICE = "hz:impl:listService"
    _PREFIX = "List"

    @operation
    def add_at(self, index: int, item: Any) -> Future[None]:
        """Insert an item at a position; those from there on move up."""
        return self._ask(self._row("addWithIndex"), index, self._value(item))

    def add_all_at(self, index: int, items: Iterable[Any]) -> Future[bool]:
        """Insert items at a position; True when the list has changed by it."""
        return self._insert(index, list(items))

    @operation
    def _insert(self, index: int, items: list[Any]) -> Future[bool]:
        return self._ask(self._row("addAllWithIndex"), index, self._values(items))

    def get(self, index: int) -> Future[Any]:
        """Return the item at a position."""
        row = self._row("get")
        return self._ask(row, index, decode=self._object(row))

    def get_all(self) -> Future[list[Any]]:
        """Return all items in their order."""
        return self._items("getAll")

    def iterator(self) -> Future[list[Any]]:
        """Return all items in their order, to be iterated over: the list as it is now."""
        return self._items("iterator")

    def list_iterator(self, index: int = 0) -> Future[list[Any]]:
        """Return the items from a position on."""
        return self._items("listIterator", index)

    def sub_list(self, from_index: int, to_index: int) -> Future[list[Any]]:
        """Return the items from one position up to, and without, another."""
        return self._items("sub", from_index, to_index)

    def _items(self, method: str, *positions: int) -> Future[list[Any]]:
        row = self._row(method)
        return self._ask(row, *positions, decode=self._objects(row))

    @operation
    def index_of(self, item: Any) -> Future[int]:
        """Return the first position of an item, or -1."""
        return self._ask(self._row("indexOf"), self._value(item))

    @operation
    def last_index_of(self, item: Any) -> Future[int]:
        """Return the last position of an item, or -1."""
        return self._ask(self._row("lastIndexOf"), self._value(item))

    def remove_at(self, index: int) -> Future[Any]:
        """Remove the item at a position and return it; those after it move down."""
        row = self._row("removeWithIndex")
        return self._ask(row, index, decode=self._object(row))

    @operation
    def set_at(self, index: int, item: Any) -> Future[Any]:
        """Put an item in the place of the one at a position, and return that."""
        row = self._row("set")
        return self._ask(row, index, self._value(item), decode=self._object(row))
