"""The replicated map."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

from ..future import Future
from ..util import check_not_none, to_millis
from .base import Context, EntryFunction, Proxy, operation


class ReplicatedMap(Proxy, service="hz:impl:replicatedMapService"):
    """A map that every member has whole. A change reaches the other members a little later.

    Examples
    --------
    >>> rates = client.get_replicated_map("rates").blocking()
    >>> rates.put("EUR", 1.08)
    """

    def __init__(self, service_name: str, name: str, context: Context) -> None:
        super().__init__(service_name, name, context)
        # Any member can answer for the whole map: which one is by chance, and then always the same.
        self._partition_id = random.randrange(context.partitions.count)

    def add_entry_listener(
        self,
        key: Any = None,
        predicate: Any = None,
        added_func: EntryFunction = None,
        removed_func: EntryFunction = None,
        updated_func: EntryFunction = None,
        evicted_func: EntryFunction = None,
        clear_all_func: EntryFunction = None,
    ) -> Future[str]:
        """Call functions with the ``EntryEvent`` of each change: of one key, or of the entries a predicate accepts.

        Returns
        -------
        Future of str
            Registration id, for ``remove_entry_listener``.

        Examples
        --------
        >>> from queue import SimpleQueue
        >>> heard = SimpleQueue()
        >>> listener = rates.add_entry_listener(key="GBP", added_func=heard.put)
        >>> rates.put("GBP", 1.25)
        >>> heard.get(timeout=10).value
        1.25
        """
        functions = {
            "ADDED": added_func, "REMOVED": removed_func, "UPDATED": updated_func, "EVICTED": evicted_func,
            "CLEAR_ALL": clear_all_func,
        }  # fmt: skip
        return self._listen_to_entries(key, predicate, (), functions)

    def remove_entry_listener(self, registration_id: str) -> Future[bool]:
        """Forget a listener; False when there is none of that id.

        Examples
        --------
        >>> rates.remove_entry_listener(listener)
        True
        """
        return self._context.listeners.remove(registration_id)

    def get(self, key: Any) -> Future[Any]:
        """Return the value of ``key``, or None.

        Examples
        --------
        >>> rates.get("EUR")
        1.08
        """
        return self._ask("get", key)

    def put(self, key: Any, value: Any, ttl: float = 0) -> Future[Any]:
        """Set the value of ``key`` and return the one before, or None; ``ttl`` is seconds to live, 0 for ever.

        Examples
        --------
        >>> rates.put("EUR", 1.09)
        1.08
        """
        _check_key(key)
        return self._ask("put", key, value, to_millis(ttl))

    @operation
    def put_all(self, source: Mapping[Any, Any]) -> Future[None]:
        """Put all entries of a mapping; not atomic.

        Examples
        --------
        >>> rates.put_all({"JPY": 0.007, "USD": 1.0})
        """
        check_not_none(source, "The source map cannot be None")
        for key in source:
            _check_key(key)
        return self._ask("putAll", [(self._key(key), self._value(value)) for key, value in source.items()])

    def remove(self, key: Any) -> Future[Any]:
        """Remove the entry of ``key`` and return its value, or None.

        Examples
        --------
        >>> rates.remove("GBP")
        1.25
        """
        return self._ask("remove", key)

    def contains_key(self, key: Any) -> Future[bool]:
        """Whether there is an entry of ``key``.

        Examples
        --------
        >>> rates.contains_key("EUR")
        True
        """
        return self._ask("containsKey", key)

    def contains_value(self, value: Any) -> Future[bool]:
        """Whether some entry has this value.

        Examples
        --------
        >>> rates.contains_value(1.08)
        False
        """
        return self._ask("containsValue", value)

    def key_set(self) -> Future[list[Any]]:
        """Return all keys, as the member that is asked has them now.

        Examples
        --------
        >>> "EUR" in rates.key_set()
        True
        """
        return self._ask("keySet")

    def values(self) -> Future[list[Any]]:
        """Return all values, as the member that is asked has them now.

        Examples
        --------
        >>> 1.09 in rates.values()
        True
        """
        return self._ask("values")

    def entry_set(self) -> Future[list[tuple[Any, Any]]]:
        """Return all (key, value) pairs, as the member that is asked has them now.

        Examples
        --------
        >>> ("EUR", 1.09) in rates.entry_set()
        True
        """
        return self._ask("entrySet")

    def size(self) -> Future[int]:
        """Return the number of entries.

        Examples
        --------
        >>> rates.size() > 0
        True
        """
        return self._ask("size")

    def is_empty(self) -> Future[bool]:
        """Whether there are no entries.

        Examples
        --------
        >>> rates.is_empty()
        False
        """
        return self._ask("isEmpty")

    def clear(self) -> Future[None]:
        """Remove all entries, on all members.

        Examples
        --------
        >>> rates.clear()
        """
        return self._ask("clear")


def _check_key(key: Any) -> None:
    if isinstance(key, bytes | bytearray):
        raise TypeError("a replicated map never finds a byte[] again, as no two are equal in Java: use a str, or a Map")
