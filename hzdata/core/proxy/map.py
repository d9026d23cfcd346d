"""The distributed map."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import reduce
from operator import ior
from typing import Any

from ..core import SimpleEntryView
from ..future import Future, ImmediateFuture, combine_futures
from ..protocol.framing import Message
from ..serialization.hashing import partitions_of
from ..util import check_not_none, thread_id, to_millis
from .base import BlockingProxy, Context, EntryFunction, get_entry_listener_flags, listed, operation
from .events import EntryEventType as EntryEventType
from .map_queries import MapQueries


class Map(MapQueries, service="hz:impl:mapService"):
    """A map whose entries are spread over the cluster's members, each kept with its backups.

    Operations return a ``Future``; ``blocking()`` gives the same operations with plain results. Keys are compared by
    their serialized form. Neither keys nor values can be None.

    Examples
    --------
    >>> m = client.get_map("capitals")
    >>> m.put("France", "Paris").result()
    >>> capitals = m.blocking()
    >>> capitals.get("France")
    'Paris'
    """

    # --- One entry ---------------------------------------------------------------------------------------------------

    def get(self, key: Any) -> Future[Any]:
        """Return the value of ``key``, or None. The value is a copy: changing it changes nothing in the map."""
        return self._ask("get", key, thread_id())

    def put(self, key: Any, value: Any, ttl: float | None = None, max_idle: float | None = None) -> Future[Any]:
        """Set the value of ``key`` and return the one before, or None.

        Parameters
        ----------
        key, value
        ttl
            Seconds after which the entry goes; 0 for never; None for what the map is configured for.
        max_idle
            Seconds without access after which the entry goes; None for what the map is configured for.

        Examples
        --------
        >>> capitals.put("Spain", "Toledo"), capitals.put("Spain", "Madrid")
        (None, 'Toledo')
        """
        return self._store("put", key, value, ttl, max_idle)

    def set(self, key: Any, value: Any, ttl: float | None = None, max_idle: float | None = None) -> Future[None]:
        """As ``put``, without sending the old value back.

        Examples
        --------
        >>> capitals.set("Atlantis", "Poseidonis", ttl=60)
        """
        return self._store("set", key, value, ttl, max_idle)

    def put_if_absent(
        self, key: Any, value: Any, ttl: float | None = None, max_idle: float | None = None
    ) -> Future[Any]:
        """Set the value of ``key`` when it has none; return the one it has, or None when it was set.

        Examples
        --------
        >>> capitals.put_if_absent("Spain", "Sevilla")
        'Madrid'
        """
        return self._store("putIfAbsent", key, value, ttl, max_idle)

    def _store(self, method: str, key: Any, value: Any, ttl: float | None, max_idle: float | None) -> Future[Any]:
        if max_idle is None:
            return self._ask(method, key, value, thread_id(), to_millis(ttl))
        return self._ask(f"{method}WithMaxIdle", key, value, thread_id(), to_millis(ttl), to_millis(max_idle))

    def replace(self, key: Any, value: Any) -> Future[Any]:
        """Set the value of ``key`` only when it has one; return the one before, or None when nothing was done.

        Examples
        --------
        >>> capitals.replace("Lemuria", "?") is None
        True
        """
        return self._ask("replace", key, value, thread_id())

    def replace_if_same(self, key: Any, old_value: Any, new_value: Any) -> Future[bool]:
        """Set the value of ``key`` only when it is ``old_value``; True when it was.

        Examples
        --------
        >>> capitals.replace_if_same("Atlantis", "Ys", "Thule")
        False
        """
        return self._ask("replaceIfSame", key, old_value, new_value, thread_id())

    def remove(self, key: Any) -> Future[Any]:
        """Remove the entry of ``key`` and return its value, or None.

        Examples
        --------
        >>> capitals.remove("Atlantis")
        'Poseidonis'
        """
        return self._ask("remove", key, thread_id())

    def remove_if_same(self, key: Any, value: Any) -> Future[bool]:
        """Remove the entry of ``key`` only when its value is ``value``; True when it was.

        Examples
        --------
        >>> capitals.remove_if_same("Spain", "Toledo")
        False
        """
        return self._ask("removeIfSame", key, value, thread_id())

    def delete(self, key: Any) -> Future[bool | None]:
        """As ``remove``, without sending the value back; True when there was one, None from members that do not say.

        Examples
        --------
        >>> capitals.delete("Spain")
        True
        """
        return self._ask("delete", key, thread_id())

    def contains_key(self, key: Any) -> Future[bool]:
        """Whether there is an entry of ``key``.

        Examples
        --------
        >>> capitals.contains_key("Spain")
        False
        """
        return self._ask("containsKey", key, thread_id())

    def put_transient(
        self, key: Any, value: Any, ttl: float | None = None, max_idle: float | None = None
    ) -> Future[None]:
        """As ``set``, but a map store behind the map does not hear of it.

        Examples
        --------
        >>> capitals.put_transient("Italy", "Roma")
        """
        return self._store("putTransient", key, value, ttl, max_idle)

    def try_put(self, key: Any, value: Any, timeout: float = 0) -> Future[bool]:
        """Set the value of ``key`` if that is possible within so many seconds; False when it stayed locked.

        Examples
        --------
        >>> capitals.try_put("Norway", "Oslo", timeout=1)
        True
        """
        return self._ask("tryPut", key, value, thread_id(), to_millis(timeout))

    def try_remove(self, key: Any, timeout: float = 0) -> Future[bool]:
        """Remove the entry of ``key`` if that is possible within so many seconds; False when it stayed locked.

        Examples
        --------
        >>> capitals.try_remove("Norway", timeout=1)
        True
        """
        return self._ask("tryRemove", key, thread_id(), to_millis(timeout))

    def evict(self, key: Any) -> Future[bool]:
        """Drop the entry of ``key`` from memory, not from a map store behind it; True when there was one.

        Examples
        --------
        >>> capitals.evict("Norway")
        False
        """
        return self._ask("evict", key, thread_id())

    def set_ttl(self, key: Any, ttl: float) -> Future[None]:
        """Change the seconds to live of the entry of ``key``, counted from now; 0 for ever.

        Examples
        --------
        >>> capitals.set_ttl("Italy", 3600)
        """
        check_not_none(ttl, "ttl can't be None")
        return self._ask("setTtl", key, to_millis(ttl)).map(lambda _: None)

    def get_entry_view(self, key: Any) -> Future[SimpleEntryView | None]:
        """Return the entry of ``key`` with what the member knows about it, or None.

        Examples
        --------
        >>> view = capitals.get_entry_view("Italy")
        >>> view.value, view.ttl
        ('Roma', 3600000)
        """

        def shown(answer: Any) -> Any:
            view, max_idle = answer
            if view is None:
                return None
            key, value = self._to_object(view.key), self._to_object(view.value)
            return view._replace(key=key, value=value, max_idle=max_idle)

        return self._ask("getEntryView", key, thread_id()).map(shown)

    # --- Many entries ------------------------------------------------------------------------------------------------

    @operation
    def put_all(self, map: Mapping[Any, Any]) -> Future[None]:
        """Put all entries of a mapping; faster than one by one, not atomic.

        Examples
        --------
        >>> capitals.put_all({"Japan": "Tokyo", "Kenya": "Nairobi"})
        """
        check_not_none(map, "The map cannot be None")
        return self._put_by_partition(self._keys(map), self._values(map.values()), True)

    def get_all(self, keys: Iterable[Any]) -> Future[dict[Any, Any]]:
        """Return the entries of those of the ``keys`` that have one.

        Examples
        --------
        >>> capitals.get_all(["Kenya", "Lemuria"])
        {'Kenya': 'Nairobi'}
        """
        return self._get_all(listed(keys, "The keys cannot be None"))

    @operation
    def _get_all(self, keys: list[Any]) -> Future[dict[Any, Any]]:
        given: dict[bytes, Any] = dict(zip(self._keys(keys), keys, strict=True))
        wanted = list(given)
        by_partition: dict[int, list[bytes]] = defaultdict(list)
        for data, partition_id in zip(wanted, partitions_of(wanted, self._context.partitions.count), strict=True):
            by_partition[partition_id].append(data)
        row, to_objects = self._row("getAll"), self._context.serialization.all_to_objects

        def decode(answer: Message) -> dict[Any, Any]:
            entries = row.decode(answer)
            values = to_objects([value for _, value in entries])
            return dict(zip([given[key] for key, _ in entries], values, strict=True))

        return combine_futures(
            self._invoke_service(row, self.name, some, partition_id=partition_id, decode=decode)
            for partition_id, some in by_partition.items()
        ).map(lambda parts: reduce(ior, parts, {}))

    def size(self) -> Future[int]:
        """Return the number of entries.

        Examples
        --------
        >>> capitals.size()
        4
        """
        return self._ask("size")

    def is_empty(self) -> Future[bool]:
        """Whether there are no entries.

        Examples
        --------
        >>> capitals.is_empty()
        False
        """
        return self._ask("isEmpty")

    def clear(self) -> Future[None]:
        """Remove all entries.

        Examples
        --------
        >>> capitals.clear()
        """
        return self._ask("clear")

    def evict_all(self) -> Future[None]:
        """Drop all entries from memory, but those that are locked; a map store behind the map keeps them.

        Examples
        --------
        >>> capitals.evict_all()
        """
        return self._ask("evictAll")

    def flush(self) -> Future[None]:
        """Write what waits to be written to a map store behind the map, now.

        Examples
        --------
        >>> capitals.flush()
        """
        return self._ask("flush")

    def load_all(self, keys: Iterable[Any] | None = None, replace_existing_values: bool = True) -> Future[None]:
        """Load entries from a map store behind the map.

        Parameters
        ----------
        keys
            Of the entries; None for all that the store has.
        replace_existing_values
            Load also what the map has already.

        Examples
        --------
        >>> capitals.load_all(["Peru", "Chile"])  # doctest: +SKIP
        """
        if keys is None:
            return self._ask("loadAll", replace_existing_values)
        wanted = list(keys)
        return self._ask("loadGivenKeys", wanted, replace_existing_values) if wanted else ImmediateFuture(None)

    def add_interceptor(self, interceptor: Any) -> Future[str]:
        """Let an object, whose Java class on the members is a ``MapInterceptor``, see and change what goes in and out.

        Returns
        -------
        Future of str
            Registration id, for ``remove_interceptor``.

        Examples
        --------
        >>> registration_id = capitals.add_interceptor(UpperCase())  # doctest: +SKIP
        """
        return self._ask("addInterceptor", interceptor)

    def remove_interceptor(self, registration_id: str) -> Future[bool]:
        """Forget an interceptor; False when there is none of that id.

        Examples
        --------
        >>> capitals.remove_interceptor(registration_id)  # doctest: +SKIP
        True
        """
        check_not_none(registration_id, "Interceptor registration id cannot be None")
        return self._ask("removeInterceptor", registration_id)

    # --- Listening ---------------------------------------------------------------------------------------------------

    def add_entry_listener(
        self,
        include_value: bool = False,
        key: Any = None,
        predicate: Any = None,
        added_func: EntryFunction = None,
        removed_func: EntryFunction = None,
        updated_func: EntryFunction = None,
        evicted_func: EntryFunction = None,
        evict_all_func: EntryFunction = None,
        clear_all_func: EntryFunction = None,
        merged_func: EntryFunction = None,
        expired_func: EntryFunction = None,
        loaded_func: EntryFunction = None,
    ) -> Future[str]:
        """Call functions with the ``EntryEvent`` of each change. The listener survives reconnection.

        Parameters
        ----------
        include_value
            Whether events carry the values.
        key
            Only events of this key.
        predicate
            Only events of entries that it accepts.
        added_func, removed_func, updated_func, evicted_func, evict_all_func, clear_all_func, merged_func, expired_func, loaded_func
            Called on the client's dispatcher thread, one after another; None for an event that is of no interest.

        Returns
        -------
        Future of str
            Registration id, for ``remove_entry_listener``.

        Examples
        --------
        >>> from queue import SimpleQueue
        >>> heard = SimpleQueue()
        >>> listener = capitals.add_entry_listener(include_value=True, added_func=heard.put)
        >>> capitals.set("Peru", "Lima")
        >>> event = heard.get(timeout=10)
        >>> event.key, event.value
        ('Peru', 'Lima')
        """  # noqa: E501
        functions = {
            "ADDED": added_func, "REMOVED": removed_func, "UPDATED": updated_func, "EVICTED": evicted_func,
            "EXPIRED": expired_func, "EVICT_ALL": evict_all_func, "CLEAR_ALL": clear_all_func, "MERGED": merged_func,
            "LOADED": loaded_func,
        }  # fmt: skip
        flags = get_entry_listener_flags(**functions)
        return self._listen_to_entries(key, predicate, (include_value, flags), functions)

    def remove_entry_listener(self, registration_id: str) -> Future[bool]:
        """Forget a listener; False when there is none of that id.

        Examples
        --------
        >>> capitals.remove_entry_listener(listener)
        True
        """
        return self._context.listeners.remove(registration_id)


def create_map_proxy(service_name: str, name: str, context: Context) -> Map:
    """Return a new ``Map``, for code that makes proxies by itself; ``client.get_map`` is what others want.

    Examples
    --------
    >>> create_map_proxy(Map.SERVICE, "capitals", client.get_map("capitals")._context)
    Map(name="capitals")
    """
    if name not in context.config.near_caches:
        return Map(service_name, name, context)
    from .near_cached_map import NearCachedMap

    return NearCachedMap(service_name, name, context)


BlockingMap = BlockingProxy
"""What annotations call one that waits."""
