"""The distributed set."""

from __future__ import annotations

from typing import Any

from ..future import Future
from .collection import Collection


class Set(Collection, service="hz:impl:setService"):
    """A set of items, none of them twice, kept in one partition.

    Examples
    --------
    >>> s = client.get_set("callers").blocking()
    >>> s.add("a"), s.add("a")
    (True, False)
    """

    def get_all(self) -> Future[list[Any]]:
        """Return all items, in no order.

        Examples
        --------
        >>> s.get_all()
        ['a']
        """
        return self._ask("getAll")
