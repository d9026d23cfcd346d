"""The near caches of a client: told of changes by the members, and compared with what these have told."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from uuid import UUID

from .errors import HazelcastError
from .future import Future, ImmediateFuture, Steps, steps
from .near_cache import NearCache
from .protocol.messages import message
from .proxy import MAP_SERVICE
from .proxy.events import EntryEventType

if TYPE_CHECKING:
    from .context import Context

_LISTEN = message("Map.addNearCacheInvalidationListener")

# Seconds after which a lost invalidation does no harm any more. Members gather invalidations for up to ten, which a
# repair in between takes for lost.
REPAIR_PERIOD = 60.0
_MOMENT = 1.0
_NONE_YET = ""


class NearCaches:
    """Opens near caches and keeps them from being stale."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._lock = threading.Lock()
        self._open: dict[str, NearCache] = {}
        # None while it is under way.
        self._registrations: dict[str, str | None] = {}
        if context.config.near_caches:
            context.reactor.call_every(REPAIR_PERIOD, self._every_period)

    def open(self, name: str) -> NearCache:
        """Return the near cache of a map that is configured to have one."""

        def begin(_: Future[None]) -> Future[None]:
            cache = NearCache(self._context.config.near_caches[name], self._context.partition_of)
            self._open[name] = cache
            if cache.is_watched:
                self._registrations[name] = _NONE_YET
            return self._listen(name)

        with self._lock:
            if name not in self._open:
                if not self._open:
                    self._context.listeners.add_of_objects(self._on_object, at_once=True).result()
                self._uninterrupted(begin).result()
            return self._open[name]

    def _uninterrupted(self, do: Callable[[Future[None]], Future[None]]) -> Future[None]:
        """Do it on the I/O thread, where no interrupt leaves it half done."""
        return self._context.after(0).then(do)

    def all(self) -> dict[str, NearCache]:
        """Return the near caches by the names of their maps."""
        return self._open.copy()

    def drop(self, name: str) -> None:
        """Forget what was read of a map, as this client has changed it."""
        if name in self._open:
            self._open[name].invalidate(None)

    def _on_object(self, _: int, fields: tuple[str, str, str, UUID]) -> None:
        name, service_name, what, _source = fields
        if what == "DESTROYED" and service_name == MAP_SERVICE and name in self._registrations:
            # Members forget who listens to a map a moment after they have told that it is destroyed, or long after.
            for delay in (_MOMENT, REPAIR_PERIOD):
                self._context.reactor.call_later(delay, lambda: self._listen(name))

    def listen(self, name: str) -> Future[None]:
        """Listen to a map; once more to one that was destroyed. It is tried until members take it."""
        return self._uninterrupted(lambda _: self._listen(name))

    def _listen(self, name: str) -> Future[None]:
        registration = self._registrations.get(name)
        if registration is None:
            return ImmediateFuture(None)  # It is not to be watched, or this is under way.
        self._registrations[name] = None
        self._context.listeners.remove(registration)
        cache = self._open[name]

        def on_event(event_type: int, fields: tuple[Any, ...]) -> None:
            keys, _, numberings, sequences = fields
            if event_type == _LISTEN.event_types["IMapInvalidation"]:
                cache.on_invalidation(keys, numberings, sequences)
            else:
                for invalidation in zip(keys, numberings, sequences, strict=True):
                    cache.on_invalidation(*invalidation)

        def listening(done: Future[str]) -> Future[None] | None:
            try:
                self._registrations[name] = done.result()
            except HazelcastError:
                self._registrations[name] = _NONE_YET
                self._context.reactor.call_later(_MOMENT, lambda: self._listen(name))
                return None
            cache.start_over()
            return self.repair()

        of_map = (name, EntryEventType.INVALIDATION)
        remove = message("Map.removeEntryListener")
        return self._context.listeners.add(_LISTEN, remove, of_map, on_event, at_once=True).then(listening)

    def connection_lost(self) -> None:
        """What its member would have told is not known; but without any, what was read is all there is.

        Which of the two it is shows a moment later: members may be lost one after the other.
        """

        def decide() -> None:
            if self._context.listeners.connections():
                self.start_over()

        self._context.reactor.call_later(_MOMENT, decide)

    def start_over(self) -> None:
        """A connection came, or was lost: what its member has told, or would have, is not known."""
        for cache in self.all().values():
            cache.start_over()
        self.repair()

    def _every_period(self) -> None:
        for cache in self.all().values():
            cache.expire()
        self.repair()

    def repair(self) -> Future[None]:
        """Ask all members for what they have told, and drop what was not heard of; done when it is dropped."""
        return steps(self._context.dispatcher, self._repair())

    def _repair(self) -> Steps[None]:
        context = self._context
        caches = {name: cache for name, cache in self.all().items() if cache.is_watched}
        all_members = [member.uuid for member in context.cluster.get_members()]
        asked = [
            context.ask("Map.fetchNearCacheInvalidationMetadata", list(caches), member_uuid, connection=connection)
            for connection in (context.listeners.connections() if caches else ())
            for member_uuid in ([connection.member_uuid] if context.config.smart_routing else all_members)
        ]
        numberings: dict[int, UUID] = {}
        sequences: dict[str, dict[int, int]] = {name: {} for name in caches}
        for answered in asked:
            try:
                answer = yield answered
            except HazelcastError:
                continue  # What that member alone can vouch for is dropped.
            numberings.update(answer.partition_uuid_list)
            for name, of_partitions in answer.name_partition_sequence_list:
                sequences[name].update(of_partitions)
        for name, cache in caches.items():
            cache.repair(numberings, sequences[name])
