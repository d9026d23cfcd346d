"""The replicated map."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from typing import Any

from ..future import Future
from ..util import check_not_none, to_millis
from .base import EntryEvent, Proxy, ProxyContext, operation

__all__ = ["ReplicatedMap"]


class ReplicatedMap(Proxy):
    """A map that every member has whole. A change reaches the other members a little later.

    Examples
    --------
    >>> rates = client.get_replicated_map("rates").blocking()
    >>> rates.put("EUR", 1.08)
    """

    SERVICE = "hz:impl:replicatedMapService"
    _PREFIX = "ReplicatedMap"

    def __init__(self, service_name: str, name: str, context: ProxyContext) -> None:
        super().__init__(service_name, name, context)
        # Any member can answer for the whole map: which one is by chance, and then always the same.
        self._partition_id = random.randrange(context.partitions.count)

    def add_entry_listener(
        self,
        key: Any = None,
        predicate: Any = None,
        added_func: Callable[[EntryEvent], Any] | None = None,
        removed_func: Callable[[EntryEvent], Any] | None = None,
        updated_func: Callable[[EntryEvent], Any] | None = None,
        evicted_func: Callable[[EntryEvent], Any] | None = None,
        clear_all_func: Callable[[EntryEvent], Any] | None = None,
    ) -> Future[str]:
        """Call functions with the ``EntryEvent`` of each change: of one key, or of the entries a predicate accepts.

        Returns
        -------
        Future of str
            Registration id, for ``remove_entry_listener``.
        """
        functions = {
            "ADDED": added_func, "REMOVED": removed_func, "UPDATED": updated_func, "EVICTED": evicted_func,
            "CLEAR_ALL": clear_all_func,
        }  # fmt: skip
        return self._add_entry_listener(key, predicate, functions)

    @operation
    def _add_entry_listener(self, key: Any, predicate: Any, functions: dict[str, Any]) -> Future[str]:
        return self._listen_to_entries(key, predicate, (), functions)

    def remove_entry_listener(self, registration_id: str) -> Future[bool]:
        """Forget a listener; False when there is none of that id."""
        return self._forget_listener(registration_id)

    @operation
    def get(self, key: Any) -> Future[Any]:
        """Return the value of ``key``, or None."""
        row = self._row("get")
        return self._ask_owner(row, self._key(key), decode=self._object(row))

    @operation
    def put(self, key: Any, value: Any, ttl: float = 0) -> Future[Any]:
        """Set the value of ``key`` and return the one before, or None; ``ttl`` is seconds to live, 0 for ever."""
        row = self._row("put")
        return self._ask_owner(row, self._key(key), self._value(value), to_millis(ttl), decode=self._object(row))

    @operation
    def put_all(self, source: Mapping[Any, Any]) -> Future[None]:
        """Put all entries of a mapping; not atomic."""
        check_not_none(source, "The source map cannot be None")
        entries = [(self._key(key), self._value(value)) for key, value in source.items()]
        return self._invoke_service(self._row("putAll"), self.name, entries)

    @operation
    def remove(self, key: Any) -> Future[Any]:
        """Remove the entry of ``key`` and return its value, or None."""
        row = self._row("remove")
        return self._ask_owner(row, self._key(key), decode=self._object(row))

    @operation
    def contains_key(self, key: Any) -> Future[bool]:
        """Whether there is an entry of ``key``."""
        return self._ask_owner(self._row("containsKey"), self._key(key))

    @operation
    def contains_value(self, value: Any) -> Future[bool]:
        """Whether some entry has this value."""
        return self._ask(self._row("containsValue"), self._value(value))

    def key_set(self) -> Future[list[Any]]:
        """Return all keys, as the member that is asked has them now."""
        row = self._row("keySet")
        return self._ask(row, decode=self._objects(row))

    def values(self) -> Future[list[Any]]:
        """Return all values, as the member that is asked has them now."""
        row = self._row("values")
        return self._ask(row, decode=self._objects(row))

    def entry_set(self) -> Future[list[tuple[Any, Any]]]:
        """Return all (key, value) pairs, as the member that is asked has them now."""
        row = self._row("entrySet")
        return self._ask(row, decode=self._pairs(row))

    def size(self) -> Future[int]:
        """Return the number of entries."""
        return self._ask(self._row("size"))

    def is_empty(self) -> Future[bool]:
        """Whether there are no entries."""
        return self._ask(self._row("isEmpty"))

    def clear(self) -> Future[None]:
        """Remove all entries, on all members."""
        return self._invoke_service(self._row("clear"), self.name)
