"""The distributed map."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from uuid import UUID

from ..core import SimpleEntryView
from ..future import Future, ImmediateFuture, combine_futures
from ..protocol.framing import Message
from ..protocol.messages import message
from ..serialization.hashing import partitions_of
from ..util import check_not_none, thread_id, to_millis
from .base import EntryEvent, ProxyContext, get_entry_listener_flags, operation
from .map_queries import MapQueries

__all__ = ["Map", "create_map_proxy"]

_GET = message("Map.get")
_PUT = message("Map.put")
_PUT_MAX_IDLE = message("Map.putWithMaxIdle")
_SET = message("Map.set")
_SET_MAX_IDLE = message("Map.setWithMaxIdle")
_PUT_IF_ABSENT = message("Map.putIfAbsent")
_PUT_IF_ABSENT_MAX_IDLE = message("Map.putIfAbsentWithMaxIdle")
_REPLACE = message("Map.replace")
_REPLACE_IF_SAME = message("Map.replaceIfSame")
_REMOVE = message("Map.remove")
_REMOVE_IF_SAME = message("Map.removeIfSame")
_DELETE = message("Map.delete")
_CONTAINS_KEY = message("Map.containsKey")
_EVICT = message("Map.evict")
_EVICT_ALL = message("Map.evictAll")
_CLEAR = message("Map.clear")
_SIZE = message("Map.size")
_IS_EMPTY = message("Map.isEmpty")
_SET_TTL = message("Map.setTtl")
_GET_ENTRY_VIEW = message("Map.getEntryView")
_GET_ALL = message("Map.getAll")
_PUT_ALL = message("Map.putAll")

EntryFunction = Callable[[EntryEvent], Any]


class Map(MapQueries):
    """A map whose entries are spread over the cluster's members, each kept with its backups.

    Operations return a ``Future``; ``blocking()`` gives the same operations with plain results. Keys are compared by
    their serialized form. Neither keys nor values can be None.

    Examples
    --------
    >>> m = client.get_map("capitals")
    >>> m.put("France", "Paris").result()
    >>> m.blocking().get("France")
    'Paris'
    """

    SERVICE = "hz:impl:mapService"

    def __init__(self, service_name: str, name: str, context: ProxyContext) -> None:
        super().__init__(service_name, name, context)
        self._decoders = {
            id(row): self._object(row)
            for row in (_GET, _PUT, _PUT_MAX_IDLE, _PUT_IF_ABSENT, _PUT_IF_ABSENT_MAX_IDLE, _REPLACE, _REMOVE)
        }

    # --- One entry ---------------------------------------------------------------------------------------------------

    @operation
    def get(self, key: Any) -> Future[Any]:
        """Return the value of ``key``, or None. The value is a copy: changing it changes nothing in the map."""
        return self._ask_owner(_GET, self._key(key), thread_id(), decode=self._decoders[id(_GET)])

    @operation
    def put(self, key: Any, value: Any, ttl: float | None = None, max_idle: float | None = None) -> Future[Any]:
        """Set the value of ``key`` and return the one before, or None.

        Parameters
        ----------
        key, value
        ttl
            Seconds after which the entry goes; 0 for never; None for what the map is configured for.
        max_idle
            Seconds without access after which the entry goes; None for what the map is configured for.
        """
        return self._store(_PUT, _PUT_MAX_IDLE, key, value, ttl, max_idle)

    @operation
    def set(self, key: Any, value: Any, ttl: float | None = None, max_idle: float | None = None) -> Future[None]:
        """As ``put``, without sending the old value back."""
        return self._store(_SET, _SET_MAX_IDLE, key, value, ttl, max_idle)

    @operation
    def put_if_absent(
        self, key: Any, value: Any, ttl: float | None = None, max_idle: float | None = None
    ) -> Future[Any]:
        """Set the value of ``key`` when it has none; return the one it has, or None when it was set."""
        return self._store(_PUT_IF_ABSENT, _PUT_IF_ABSENT_MAX_IDLE, key, value, ttl, max_idle)

    def _store(
        self, plain: Any, with_max_idle: Any, key: Any, value: Any, ttl: float | None, max_idle: float | None
    ) -> Future[Any]:
        key_data, value_data = self._key(key), self._value(value)
        row, extra = (plain, ()) if max_idle is None else (with_max_idle, (to_millis(max_idle),))
        return self._ask_owner(
            row, key_data, value_data, thread_id(), to_millis(ttl), *extra, decode=self._decoders.get(id(row))
        )

    @operation
    def replace(self, key: Any, value: Any) -> Future[Any]:
        """Set the value of ``key`` only when it has one; return the one before, or None when nothing was done."""
        return self._ask_owner(
            _REPLACE, self._key(key), self._value(value), thread_id(), decode=self._decoders[id(_REPLACE)]
        )

    @operation
    def replace_if_same(self, key: Any, old_value: Any, new_value: Any) -> Future[bool]:
        """Set the value of ``key`` only when it is ``old_value``; True when it was."""
        return self._ask_owner(
            _REPLACE_IF_SAME, self._key(key), self._value(old_value), self._value(new_value), thread_id()
        )

    @operation
    def remove(self, key: Any) -> Future[Any]:
        """Remove the entry of ``key`` and return its value, or None."""
        return self._ask_owner(_REMOVE, self._key(key), thread_id(), decode=self._decoders[id(_REMOVE)])

    @operation
    def remove_if_same(self, key: Any, value: Any) -> Future[bool]:
        """Remove the entry of ``key`` only when its value is ``value``; True when it was."""
        return self._ask_owner(_REMOVE_IF_SAME, self._key(key), self._value(value), thread_id())

    @operation
    def delete(self, key: Any) -> Future[bool | None]:
        """As ``remove``, without sending the value back; True when there was one, None from members that do not say."""
        return self._ask_owner(_DELETE, self._key(key), thread_id())

    @operation
    def contains_key(self, key: Any) -> Future[bool]:
        """Whether there is an entry of ``key``."""
        return self._ask_owner(_CONTAINS_KEY, self._key(key), thread_id())

    @operation
    def put_transient(
        self, key: Any, value: Any, ttl: float | None = None, max_idle: float | None = None
    ) -> Future[None]:
        """As ``set``, but a map store behind the map does not hear of it."""
        row, with_max_idle = self._row("putTransient"), self._row("putTransientWithMaxIdle")
        return self._store(row, with_max_idle, key, value, ttl, max_idle)

    @operation
    def try_put(self, key: Any, value: Any, timeout: float = 0) -> Future[bool]:
        """Set the value of ``key`` if that is possible within so many seconds; False when it stayed locked."""
        key_data, value_data = self._key(key), self._value(value)
        return self._ask_owner(self._row("tryPut"), key_data, value_data, thread_id(), to_millis(timeout))

    @operation
    def try_remove(self, key: Any, timeout: float = 0) -> Future[bool]:
        """Remove the entry of ``key`` if that is possible within so many seconds; False when it stayed locked."""
        return self._ask_owner(self._row("tryRemove"), self._key(key), thread_id(), to_millis(timeout))

    @operation
    def evict(self, key: Any) -> Future[bool]:
        """Drop the entry of ``key`` from memory, not from a map store behind it; True when there was one."""
        return self._ask_owner(_EVICT, self._key(key), thread_id())

    @operation
    def set_ttl(self, key: Any, ttl: float) -> Future[None]:
        """Change the seconds to live of the entry of ``key``, counted from now; 0 for ever."""
        check_not_none(ttl, "ttl can't be None")
        return self._ask_owner(_SET_TTL, self._key(key), to_millis(ttl), decode=lambda _: None)

    @operation
    def get_entry_view(self, key: Any) -> Future[SimpleEntryView | None]:
        """Return the entry of ``key`` with what the member knows about it, or None."""

        def decode(answer: Message) -> SimpleEntryView | None:
            view, max_idle = _GET_ENTRY_VIEW.decode(answer)
            if view is None:
                return None
            found: SimpleEntryView = view._replace(
                key=self._to_object(view.key), value=self._to_object(view.value), max_idle=max_idle
            )
            return found

        return self._ask_owner(_GET_ENTRY_VIEW, self._key(key), thread_id(), decode=decode)

    # --- Many entries ------------------------------------------------------------------------------------------------

    @operation
    def put_all(self, map: Mapping[Any, Any]) -> Future[None]:
        """Put all entries of a mapping; faster than one by one, not atomic."""
        check_not_none(map, "The map cannot be None")
        keys = self._keys(map)
        # Keys and values by turns: a tuple for each entry would be work for the garbage collector, too.
        by_partition: dict[int, list[bytes]] = defaultdict(list)
        partitions = partitions_of(keys, self._context.partitions.count)
        for key, value, partition_id in zip(keys, self._values(map.values()), partitions, strict=True):
            by_partition[partition_id] += key, value
        puts = [
            self._invoke_service(
                _PUT_ALL, self.name, list(zip(some[::2], some[1::2], strict=True)), True, partition_id=partition_id
            )
            for partition_id, some in by_partition.items()
        ]
        return combine_futures(puts).then(_nothing)

    def get_all(self, keys: Iterable[Any]) -> Future[dict[Any, Any]]:
        """Return the entries of those of the ``keys`` that have one."""
        check_not_none(keys, "The keys cannot be None")
        # A list, because the operation runs again when a schema had to be sent first, and a generator would be spent.
        return self._get_all(list(keys))

    @operation
    def _get_all(self, keys: list[Any]) -> Future[dict[Any, Any]]:
        if not keys:
            return ImmediateFuture({})
        given: dict[bytes, Any] = dict(zip(self._keys(keys), keys, strict=True))
        wanted = list(given)
        by_partition: dict[int, list[bytes]] = defaultdict(list)
        for data, partition_id in zip(wanted, partitions_of(wanted, self._context.partitions.count), strict=True):
            by_partition[partition_id].append(data)
        to_objects = self._context.serialization.all_to_objects

        def decode(answer: Message) -> dict[Any, Any]:
            entries = _GET_ALL.decode(answer)
            values = to_objects([value for _, value in entries])
            return dict(zip([given[key] for key, _ in entries], values, strict=True))

        parts = combine_futures(
            [
                self._invoke_service(_GET_ALL, self.name, some, partition_id=partition_id, decode=decode)
                for partition_id, some in by_partition.items()
            ]
        )
        return parts.map(_merged)

    def size(self) -> Future[int]:
        """Return the number of entries."""
        return self._ask(_SIZE)

    def is_empty(self) -> Future[bool]:
        """Whether there are no entries."""
        return self._ask(_IS_EMPTY)

    def clear(self) -> Future[None]:
        """Remove all entries."""
        return self._ask(_CLEAR)

    def evict_all(self) -> Future[None]:
        """Drop all entries from memory, but those that are locked; a map store behind the map keeps them."""
        return self._ask(_EVICT_ALL)

    def flush(self) -> Future[None]:
        """Write what waits to be written to a map store behind the map, now."""
        return self._ask(self._row("flush"))

    def load_all(self, keys: Iterable[Any] | None = None, replace_existing_values: bool = True) -> Future[None]:
        """Load entries from a map store behind the map.

        Parameters
        ----------
        keys
            Of the entries; None for all that the store has.
        replace_existing_values
            Load also what the map has already.
        """
        return self._load_all(None if keys is None else list(keys), replace_existing_values)

    @operation
    def _load_all(self, keys: list[Any] | None, replace: bool) -> Future[None]:
        if keys is None:
            return self._ask(self._row("loadAll"), replace)
        if not keys:
            return ImmediateFuture(None)
        return self._ask(self._row("loadGivenKeys"), self._keys(keys), replace)

    @operation
    def add_interceptor(self, interceptor: Any) -> Future[str]:
        """Let an object, whose Java class on the members is a ``MapInterceptor``, see and change what goes in and out.

        Returns
        -------
        Future of str
            Registration id, for ``remove_interceptor``.
        """
        check_not_none(interceptor, "Interceptor cannot be None")
        return self._ask(self._row("addInterceptor"), self._to_data(interceptor))

    def remove_interceptor(self, registration_id: str) -> Future[bool]:
        """Forget an interceptor; False when there is none of that id."""
        check_not_none(registration_id, "Interceptor registration id cannot be None")
        return self._ask(self._row("removeInterceptor"), registration_id)

    # --- Listening ---------------------------------------------------------------------------------------------------

    @operation
    def add_entry_listener(
        self,
        include_value: bool = False,
        key: Any = None,
        predicate: Any = None,
        added_func: EntryFunction | None = None,
        removed_func: EntryFunction | None = None,
        updated_func: EntryFunction | None = None,
        evicted_func: EntryFunction | None = None,
        evict_all_func: EntryFunction | None = None,
        clear_all_func: EntryFunction | None = None,
        merged_func: EntryFunction | None = None,
        expired_func: EntryFunction | None = None,
        loaded_func: EntryFunction | None = None,
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
        """  # noqa: E501
        functions = {
            "ADDED": added_func, "REMOVED": removed_func, "UPDATED": updated_func, "EVICTED": evicted_func,
            "EXPIRED": expired_func, "EVICT_ALL": evict_all_func, "CLEAR_ALL": clear_all_func, "MERGED": merged_func,
            "LOADED": loaded_func,
        }  # fmt: skip
        return self._listen_to_entries(
            key, predicate, (include_value, get_entry_listener_flags(**functions)), functions
        )

    def remove_entry_listener(self, registration_id: str) -> Future[bool]:
        """Forget a listener; False when there is none of that id."""
        return self._forget_listener(registration_id)


def _merged(parts: list[dict[Any, Any]]) -> dict[Any, Any]:
    merged = {}
    for part in parts:
        merged.update(part)
    return merged


def _nothing(done: Future[list[UUID | None]]) -> None:
    done.result()


def create_map_proxy(service_name: str, name: str, context: ProxyContext) -> Map:
    """Return a new ``Map``, for code that makes proxies by itself; ``client.get_map`` is what others want."""
    if name not in context.config.near_caches:
        return Map(service_name, name, context)
    from .near_cached_map import NearCachedMap

    return NearCachedMap(service_name, name, context)
