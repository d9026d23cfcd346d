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
from ..serialization.data import Data
from ..serialization.hashing import partition_of
from ..util import check_not_none, thread_id, to_millis
from .base import EntryEvent, EntryEventType, Proxy, ProxyContext, get_entry_listener_flags, operation

__all__ = ["Map"]

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
_CONTAINS_VALUE = message("Map.containsValue")
_EVICT = message("Map.evict")
_EVICT_ALL = message("Map.evictAll")
_CLEAR = message("Map.clear")
_SIZE = message("Map.size")
_IS_EMPTY = message("Map.isEmpty")
_SET_TTL = message("Map.setTtl")
_GET_ENTRY_VIEW = message("Map.getEntryView")
_GET_ALL = message("Map.getAll")
_PUT_ALL = message("Map.putAll")
_KEY_SET = message("Map.keySet")
_KEY_SET_WITH_PREDICATE = message("Map.keySetWithPredicate")
_VALUES = message("Map.values")
_VALUES_WITH_PREDICATE = message("Map.valuesWithPredicate")
_ENTRY_SET = message("Map.entrySet")
_ENTRIES_WITH_PREDICATE = message("Map.entriesWithPredicate")
_REMOVE_LISTENER = message("Map.removeEntryListener")
_ADD_LISTENER = {
    # (for one key, with a predicate)
    (False, False): message("Map.addEntryListener"),
    (False, True): message("Map.addEntryListenerWithPredicate"),
    (True, False): message("Map.addEntryListenerToKey"),
    (True, True): message("Map.addEntryListenerToKeyWithPredicate"),
}

EntryFunction = Callable[[EntryEvent], Any]


class Map(Proxy):
    """A map whose entries are spread over the cluster's members, each kept with its backups.

    Operations return a ``Future``; ``blocking()`` gives the same operations with plain results. Keys are compared by
    their serialized form. Neither keys nor values can be None.

    Examples
    --------
    >>> m = client.get_map("capitals")                          # doctest: +SKIP
    >>> m.put("France", "Paris").result()                       # doctest: +SKIP
    >>> m.blocking().get("France")                              # doctest: +SKIP
    'Paris'
    """

    service_name = "hz:impl:mapService"

    def __init__(self, name: str, context: ProxyContext) -> None:
        super().__init__(name, context)
        self._decoders = {
            id(row): self._object_decoder(row.decode)
            for row in (_GET, _PUT, _PUT_MAX_IDLE, _PUT_IF_ABSENT, _PUT_IF_ABSENT_MAX_IDLE, _REPLACE, _REMOVE)
        }

    def _object_decoder(self, decode: Callable[[Message], Any]) -> Callable[[Message], Any]:
        to_object = self._to_object
        return lambda answer: to_object(decode(answer))

    # --- One entry ---------------------------------------------------------------------------------------------------

    @operation
    def get(self, key: Any) -> Future[Any]:
        """Return the value of ``key``, or None. The value is a copy: changing it changes nothing in the map."""
        return self._invoke_on_key(_GET, self._key(key), thread_id(), decode=self._decoders[id(_GET)])

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
        return self._invoke_on_key(
            row, key_data, value_data, thread_id(), to_millis(ttl), *extra, decode=self._decoders.get(id(row))
        )

    @operation
    def replace(self, key: Any, value: Any) -> Future[Any]:
        """Set the value of ``key`` only when it has one; return the one before, or None when nothing was done."""
        return self._invoke_on_key(
            _REPLACE, self._key(key), self._value(value), thread_id(), decode=self._decoders[id(_REPLACE)]
        )

    @operation
    def replace_if_same(self, key: Any, old_value: Any, new_value: Any) -> Future[bool]:
        """Set the value of ``key`` only when it is ``old_value``; True when it was."""
        return self._invoke_on_key(
            _REPLACE_IF_SAME, self._key(key), self._value(old_value), self._value(new_value), thread_id()
        )

    @operation
    def remove(self, key: Any) -> Future[Any]:
        """Remove the entry of ``key`` and return its value, or None."""
        return self._invoke_on_key(_REMOVE, self._key(key), thread_id(), decode=self._decoders[id(_REMOVE)])

    @operation
    def remove_if_same(self, key: Any, value: Any) -> Future[bool]:
        """Remove the entry of ``key`` only when its value is ``value``; True when it was."""
        return self._invoke_on_key(_REMOVE_IF_SAME, self._key(key), self._value(value), thread_id())

    @operation
    def delete(self, key: Any) -> Future[bool | None]:
        """As ``remove``, without sending the value back; True when there was one, None from members that do not say."""
        return self._invoke_on_key(_DELETE, self._key(key), thread_id())

    @operation
    def contains_key(self, key: Any) -> Future[bool]:
        """Whether there is an entry of ``key``."""
        return self._invoke_on_key(_CONTAINS_KEY, self._key(key), thread_id())

    @operation
    def evict(self, key: Any) -> Future[bool]:
        """Drop the entry of ``key`` from memory, not from a map store behind it; True when there was one."""
        return self._invoke_on_key(_EVICT, self._key(key), thread_id())

    @operation
    def set_ttl(self, key: Any, ttl: float) -> Future[None]:
        """Change the seconds to live of the entry of ``key``, counted from now; 0 for ever."""
        check_not_none(ttl, "ttl can't be None")
        return self._invoke_on_key(_SET_TTL, self._key(key), to_millis(ttl), decode=lambda _: None)

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

        return self._invoke_on_key(_GET_ENTRY_VIEW, self._key(key), thread_id(), decode=decode)

    # --- Many entries ------------------------------------------------------------------------------------------------

    @operation
    def put_all(self, map: Mapping[Any, Any]) -> Future[None]:
        """Put all entries of a mapping; faster than one by one, not atomic."""
        check_not_none(map, "The map cannot be None")
        by_partition: dict[int, list[tuple[Data, Data]]] = defaultdict(list)
        count = self._context.partitions.count
        for key, value in map.items():
            key_data = self._key(key)
            by_partition[partition_of(key_data, count)].append((key_data, self._value(value)))
        puts = [
            self._invoke_service(_PUT_ALL, self.name, entries, True, partition_id=partition_id)
            for partition_id, entries in by_partition.items()
        ]
        return combine_futures(puts).then(_nothing)

    def get_all(self, keys: Iterable[Any]) -> Future[dict[Any, Any]]:
        """Return the entries of those of the ``keys`` that have one."""
        check_not_none(keys, "The keys cannot be None")
        # A list, because the operation runs again when a schema had to be sent first, and a generator would be spent.
        return self._get_all(list(keys))

    @operation
    def _get_all(self, keys: list[Any]) -> Future[dict[Any, Any]]:
        by_partition: dict[int, list[Data]] = defaultdict(list)
        count = self._context.partitions.count
        for key in keys:
            key_data = self._key(key)
            by_partition[partition_of(key_data, count)].append(key_data)
        if not by_partition:
            return ImmediateFuture({})
        to_object = self._to_object

        def decode(answer: Message) -> list[tuple[Any, Any]]:
            return [(to_object(key), to_object(value)) for key, value in _GET_ALL.decode(answer)]

        parts = combine_futures(
            [
                self._invoke_service(_GET_ALL, self.name, wanted, partition_id=partition_id, decode=decode)
                for partition_id, wanted in by_partition.items()
            ]
        )
        return parts.map(lambda lists: {key: value for entries in lists for key, value in entries})

    @operation
    def key_set(self, predicate: Any = None) -> Future[list[Any]]:
        """Return the keys, or those of the entries that a predicate accepts, as they are now.

        Everything comes in one answer: for a large map, scan it instead.
        """
        return self._query(_KEY_SET, _KEY_SET_WITH_PREDICATE, predicate, self._objects)

    @operation
    def values(self, predicate: Any = None) -> Future[list[Any]]:
        """Return the values, or those of the entries that a predicate accepts, as they are now."""
        return self._query(_VALUES, _VALUES_WITH_PREDICATE, predicate, self._objects)

    @operation
    def entry_set(self, predicate: Any = None) -> Future[list[tuple[Any, Any]]]:
        """Return the (key, value) pairs, or those that a predicate accepts, as they are now."""
        return self._query(_ENTRY_SET, _ENTRIES_WITH_PREDICATE, predicate, self._pairs)

    def _query(
        self, plain: Any, with_predicate: Any, predicate: Any, make: Callable[[list[Any]], list[Any]]
    ) -> Future[list[Any]]:
        if predicate is None:
            return self._invoke(plain, self.name, decode=lambda answer: make(plain.decode(answer)))
        data = self._to_data(predicate)
        return self._invoke(with_predicate, self.name, data, decode=lambda answer: make(with_predicate.decode(answer)))

    def _objects(self, items: list[Data]) -> list[Any]:
        to_object = self._to_object
        return [to_object(item) for item in items]

    def _pairs(self, entries: list[tuple[Data, Data]]) -> list[tuple[Any, Any]]:
        to_object = self._to_object
        return [(to_object(key), to_object(value)) for key, value in entries]

    @operation
    def contains_value(self, value: Any) -> Future[bool]:
        """Whether some entry has this value. Every value is looked at."""
        return self._invoke(_CONTAINS_VALUE, self.name, self._value(value))

    def size(self) -> Future[int]:
        """Return the number of entries."""
        return self._invoke(_SIZE, self.name)

    def is_empty(self) -> Future[bool]:
        """Whether there are no entries."""
        return self._invoke(_IS_EMPTY, self.name)

    def clear(self) -> Future[None]:
        """Remove all entries."""
        return self._invoke(_CLEAR, self.name)

    def evict_all(self) -> Future[None]:
        """Drop all entries from memory, but those that are locked; a map store behind the map keeps them."""
        return self._invoke(_EVICT_ALL, self.name)

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
        flags = get_entry_listener_flags(**functions)
        by_type = {getattr(EntryEventType, name): function for name, function in functions.items()}
        # A key-specific registration must go to every member, as partitions move; those without the key stay silent.
        row = _ADD_LISTENER[(key is not None, predicate is not None)]
        filters = [self._to_data(part) for part in (key, predicate) if part is not None]

        def on_event(_: int, fields: tuple[Any, ...]) -> None:
            key_data, value, old_value, merging_value, event_type, member_uuid, affected = fields
            function = by_type.get(event_type)
            if function is not None:
                function(
                    EntryEvent(
                        self._later(key_data),
                        self._later(value),
                        self._later(old_value),
                        self._later(merging_value),
                        event_type,
                        member_uuid,
                        affected,
                    )
                )

        return self._context.listeners.add(
            row,
            (self.name, *filters, include_value, flags),
            _REMOVE_LISTENER,
            lambda server_id: (self.name, server_id),
            on_event,
        )

    def remove_entry_listener(self, registration_id: str) -> Future[bool]:
        """Forget a listener; False when there is none of that id."""
        return self._context.listeners.remove(registration_id)

    def _later(self, data: Data | None) -> Future[Any] | None:
        """Deserialize when the value is asked for; whoever does waits while a Compact schema is fetched."""
        if data is None:
            return None
        future: Future[Any] = Future(self._context.dispatcher)
        future.set_raw(data, self._to_object)
        return future


def _nothing(done: Future[list[UUID | None]]) -> None:
    done.result()
