"""The maps that are in the cluster: their names, as it lists them and tells of new ones, and their sizes."""

from __future__ import annotations

import functools
import logging
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

from hzdata.core.core import DistributedObjectEvent, DistributedObjectEventType
from hzdata.core.protocol.messages import message
from hzdata.core.proxy.map import Map

from .answers import answered
from .feed import EventFeed

__all__ = ["MapCatalog"]

_logger = logging.getLogger(__name__)

_LIST = message("Client.getDistributedObjects")
_SIZE = message("Map.size")
PERIOD = 1.0
"""Seconds between two questions for the size of a map."""


class MapCatalog:
    """Knows the cluster's maps, Hazelcast's own ones excepted.

    Parameters
    ----------
    client : HazelcastClient
    feed : EventFeed
        Told when a map is created or destroyed.
    clock : callable
        Tells the time, in seconds, from any moment on.
    """

    def __init__(self, client: Any, feed: EventFeed, clock: Callable[[], float] = time.monotonic) -> None:
        self._client = client
        self._feed = feed
        self._clock = clock
        self._lock = threading.Lock()
        self._names: set[str] = set()
        self._sizes: dict[str, int] = {}
        self._asked: dict[str, float] = {}
        self._under_way: set[str] = set()
        self._closed = False
        self._registration = client.add_distributed_object_listener(self._object_event)

    @property
    def names(self) -> list[str]:
        """Names of the maps, in order."""
        with self._lock:
            return sorted(self._names)

    def list(self, wait: float = 0.0) -> None:
        """Ask the cluster for its maps anew.

        Parameters
        ----------
        wait : float
            Seconds to wait for the answer. If it comes later it is taken all the same.
        """
        listing = self._client.invocation_service.invoke(_LIST)
        listing.add_done_callback(self._take)
        for _, done in answered([("", listing)], wait):
            self._take(done)

    @property
    def sizes(self) -> dict[str, int]:
        """Entries in each map, as far as they are known."""
        with self._lock:
            return {name: size for name, size in self._sizes.items() if name in self._names}

    def ask_sizes(self, names: Iterable[str], wait: float = 0.0) -> None:
        """Ask for the number of entries of those maps that are there, and were not asked for lately.

        Parameters
        ----------
        names : iterable of str
        wait : float
            Seconds to wait for the answers. Those that come later are taken all the same.
        """
        now = self._clock()
        with self._lock:
            due = [name for name in names if name in self._names and self._is_due(name, now)]
            self._under_way.update(due)
            self._asked.update(dict.fromkeys(due, now))
        questions = [(name, self._client.invocation_service.invoke(_SIZE, name)) for name in due]
        for name, question in questions:
            question.add_done_callback(functools.partial(self._take_size, name))
        for name, question in answered(questions, wait):
            self._take_size(name, question)

    def _is_due(self, name: str, now: float) -> bool:
        return name not in self._under_way and now - self._asked.get(name, now - PERIOD) >= PERIOD

    def close(self) -> None:
        """Remove the listener. Waits for no answer."""
        self._closed = True
        # Also when it is still under way: the removal follows the registration.
        self._registration.add_done_callback(self._remove)

    def _take(self, listing: Any) -> None:
        try:
            objects = listing.result()
        except Exception:
            _logger.debug("the cluster's maps are not known", exc_info=True)
            return
        with self._lock:
            self._names = {o.name for o in objects if _is_users_map(o.service_name, o.name)}

    def _take_size(self, name: str, answer: Any) -> None:
        error = answer.exception()
        with self._lock:
            self._under_way.discard(name)
            if error is None:
                self._sizes[name] = answer.result()

    def _remove(self, registration: Any) -> None:
        if registration.exception() is None:
            self._client.remove_distributed_object_listener(registration.result())

    def _object_event(self, event: DistributedObjectEvent) -> None:
        if self._closed or not _is_users_map(event.service_name, event.name):
            return
        created = event.event_type == DistributedObjectEventType.CREATED
        with self._lock:
            if created == (event.name in self._names):
                return  # every member tells of it
            (self._names.add if created else self._names.discard)(event.name)
        self._feed.add("map created" if created else "map destroyed", event.name, event.name)


def _is_users_map(service_name: str, name: str) -> bool:
    return service_name == Map.SERVICE and not name.startswith("__")
