"""The maps that are in the cluster, by name: as it lists them, and as it tells of new ones."""

from __future__ import annotations

import logging
import threading
from typing import Any

from hzdata.core.core import DistributedObjectEvent, DistributedObjectEventType
from hzdata.core.protocol.messages import message

from .feed import EventFeed

__all__ = ["MapCatalog"]

_logger = logging.getLogger(__name__)

_LIST = message("Client.getDistributedObjects")
_MAP_SERVICE = "hz:impl:mapService"


class MapCatalog:
    """Knows the names of the cluster's maps, Hazelcast's own ones excepted.

    Parameters
    ----------
    client : HazelcastClient
    feed : EventFeed
        Told when a map is created or destroyed.
    """

    def __init__(self, client: Any, feed: EventFeed) -> None:
        self._client = client
        self._feed = feed
        self._lock = threading.Lock()
        self._names: set[str] = set()
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
        if wait:
            try:
                listing.result(wait)
            except Exception:
                return  # the callback says why
            self._take(listing)

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
    return service_name == _MAP_SERVICE and not name.startswith("__")
