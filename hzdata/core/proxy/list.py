"""The distributed list."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..future import Future
from .base import listed
from .collection import Collection


class List(Collection, service="hz:impl:listService"):
    """A list of items in one partition. Positions count from 0; one that there is not is an ``IndexOutOfBoundsError``.

    Examples
    --------
    >>> steps = client.get_list("steps").blocking()
    >>> steps.add_all(["boil", "pour"])
    True
    >>> steps.get(1)
    'pour'
    """

    def add_at(self, index: int, item: Any) -> Future[None]:
        """Insert an item at a position; those from there on move up.

        Examples
        --------
        >>> steps.add_at(1, "wait")
        """
        return self._ask("addWithIndex", index, item)

    def add_all_at(self, index: int, items: Iterable[Any]) -> Future[bool]:
        """Insert items at a position; True when the list has changed by it.

        Examples
        --------
        >>> steps.add_all_at(3, ["stir", "wait"])
        True
        """
        return self._ask("addAllWithIndex", index, listed(items))

    def get(self, index: int) -> Future[Any]:
        """Return the item at a position.

        Examples
        --------
        >>> steps.get(1)
        'wait'
        """
        return self._ask("get", index)

    def get_all(self) -> Future[list[Any]]:
        """Return all items in their order.

        Examples
        --------
        >>> steps.get_all()
        ['boil', 'wait', 'pour', 'stir', 'wait']
        """
        return self._ask("getAll")

    def iterator(self) -> Future[list[Any]]:
        """Return all items in their order, to be iterated over: the list as it is now.

        Examples
        --------
        >>> [step.upper() for step in steps.iterator()][0]
        'BOIL'
        """
        return self._ask("iterator")

    def list_iterator(self, index: int = 0) -> Future[list[Any]]:
        """Return the items from a position on.

        Examples
        --------
        >>> steps.list_iterator(3)
        ['stir', 'wait']
        """
        return self._ask("listIterator", index)

    def sub_list(self, from_index: int, to_index: int) -> Future[list[Any]]:
        """Return the items from one position up to, and without, another.

        Examples
        --------
        >>> steps.sub_list(1, 3)
        ['wait', 'pour']
        """
        return self._ask("sub", from_index, to_index)

    def index_of(self, item: Any) -> Future[int]:
        """Return the first position of an item, or -1.

        Examples
        --------
        >>> steps.index_of("wait")
        1
        """
        return self._ask("indexOf", item)

    def last_index_of(self, item: Any) -> Future[int]:
        """Return the last position of an item, or -1.

        Examples
        --------
        >>> steps.last_index_of("wait")
        4
        """
        return self._ask("lastIndexOf", item)

    def remove_at(self, index: int) -> Future[Any]:
        """Remove the item at a position and return it; those after it move down.

        Examples
        --------
        >>> steps.remove_at(4)
        'wait'
        """
        return self._ask("removeWithIndex", index)

    def set_at(self, index: int, item: Any) -> Future[Any]:
        """Put an item in the place of the one at a position, and return that.

        Examples
        --------
        >>> steps.set_at(3, "drink")
        'stir'
        """
        return self._ask("set", index, item)
