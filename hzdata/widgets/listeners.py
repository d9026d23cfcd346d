"""The listeners of a dashboard: registered on a client, filling a feed, gone when the dashboard is closed.

Their callbacks run on the client's dispatcher thread, between those of others, so they are quick and never raise.
"""

from __future__ import annotations

import functools
import logging
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

from hzdata.core.core import MemberInfo

from .cluster_state import LIFECYCLE_WORDS, ClusterState, endpoint
from .feed import EventFeed
from .values import Unreadable, abbreviate

__all__ = ["Listeners"]

_logger = logging.getLogger(__name__)

FLOOD = 2_000
"""Events of a map within a second, of which more are a flood."""

REGISTRATION_TIMEOUT = 5.0
"""Seconds to wait for a listener to be in place. It may take longer, then nobody waits for it."""


def _shown(event: Any, part: str) -> str | None:
    """Return a key or value of an event as short text, None if it has none; it is deserialized here."""
    try:
        value = getattr(event, part)
    except Exception as error:
        return abbreviate(Unreadable(error))
    return None if value is None else abbreviate(value)


def _value(event: Any) -> str:
    value = _shown(event, "value")
    return "" if value is None else f" = {value}"


def _change(event: Any) -> str:
    value, old = _shown(event, "value"), _shown(event, "old_value")
    if value is None:
        return ""
    return f" = {value}" if old is None else f" = {old} → {value}"


def _loss(event: Any) -> str:
    old = _shown(event, "old_value")
    return "" if old is None else f" was {old}"


# The events of an entry: parameter of Map.add_entry_listener, name in the feed, what is said of the values.
_ENTRY_EVENTS: tuple[tuple[str, str, Callable[[Any], str]], ...] = (
    ("added_func", "added", _value),
    ("updated_func", "updated", _change),
    ("removed_func", "removed", _loss),
    ("evicted_func", "evicted", _loss),
    ("expired_func", "expired", _loss),
    ("merged_func", "merged", _change),
    ("loaded_func", "loaded", _value),
)

# The events of a whole map: they say how many entries.
_MAP_EVENTS = (("evict_all_func", "evicted all"), ("clear_all_func", "cleared"))


def _guarded(callback: Callable[..., None]) -> Callable[..., None]:
    """Return ``callback`` such that it never raises."""

    @functools.wraps(callback)
    def call(*args: Any) -> None:
        try:
            callback(*args)
        except Exception:
            _logger.exception("the dashboard could not take an event")

    return call


class Listeners:
    """Registers listeners on a client, and removes each of them when closed.

    Parameters
    ----------
    client : HazelcastClient
    state : ClusterState
        Told of members and lifecycle.
    feed : EventFeed
        Told of everything.
    on_flood : callable, optional
        Called with the name of a map that was not asked for by name and has more events than anyone reads: a map that
        is being loaded. Each costs time on the way here, and delays what comes after it.
    """

    def __init__(
        self, client: Any, state: ClusterState, feed: EventFeed, on_flood: Callable[[str], object] = lambda name: None
    ) -> None:
        self._client = client
        self._on_flood = on_flood
        self._state = state
        self._feed = feed
        self._lock = threading.Lock()
        self._closed = False
        self._maps: dict[str, _MapListener] = {}
        self._membership = client.cluster_service.add_listener(
            _guarded(self._member_added), _guarded(self._member_removed)
        )
        self._lifecycle = client.lifecycle_service.add_listener(_guarded(self._lifecycle_changed))

    @property
    def maps(self) -> dict[str, bool]:
        """The maps whose entry events are taken (were taken, when closed), and whether with their values."""
        with self._lock:
            return {name: listener.include_value for name, listener in self._maps.items()}

    def watch(self, names: Iterable[str], include_value: bool = True, wait: bool = True) -> None:
        """Take the entry events of maps.

        Parameters
        ----------
        names : iterable of str
        include_value : bool
            Whether the members send the values, too.
        wait : bool
            Return when the listeners are in place, so that no event after that is missed. When the cluster does not
            answer within a few seconds it returns all the same, and they are in place as soon as the cluster does.
        """
        added = []
        for name in names:
            with self._lock:
                if self._closed or name in self._maps:
                    continue
                on_flood = None if include_value else self._on_flood
                self._maps[name] = listener = _MapListener(name, include_value, self._feed, on_flood)
            added.append(listener)
            listener.register(self._client)
        if wait:
            for listener in added:
                listener.wait()

    def unwatch(self, name: str) -> None:
        """Take no more entry events of a map."""
        with self._lock:
            listener = self._maps.pop(name, None)
        if listener is not None:
            listener.close()

    def close(self) -> None:
        """Remove every listener. Waits for no answer; later events do not reach the feed."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            listeners = list(self._maps.values())
        self._client.cluster_service.remove_listener(self._membership)
        self._client.lifecycle_service.remove_listener(self._lifecycle)
        for listener in listeners:
            listener.close()

    def _member_added(self, member: MemberInfo) -> None:
        if not self._closed:
            self._state.member_added(member)
            self._feed.add("member joined", endpoint(member), endpoint(member))

    def _member_removed(self, member: MemberInfo) -> None:
        if not self._closed:
            self._state.member_removed(member)
            self._feed.add("member left", endpoint(member), endpoint(member))

    def _lifecycle_changed(self, state: str) -> None:
        if not self._closed:
            self._state.lifecycle_changed(state)
            self._feed.add("client", state, LIFECYCLE_WORDS.get(state, state))


class _MapListener:
    """Takes the events of one map, from ``register`` to ``close``."""

    def __init__(
        self, name: str, include_value: bool, feed: EventFeed, on_flood: Callable[[str], object] | None
    ) -> None:
        self.include_value = include_value
        self._name = name
        self._feed = feed
        self._closed = False
        self._on_flood = on_flood
        self._second = self._events = 0
        self._map: Any = None
        self._registration: Any = None

    def register(self, client: Any) -> None:
        callbacks = {
            parameter: _guarded(functools.partial(self._entry_event, f"entry {what}", detail))
            for parameter, what, detail in _ENTRY_EVENTS
        }
        callbacks |= {
            parameter: _guarded(functools.partial(self._map_event, f"map {what}")) for parameter, what in _MAP_EVENTS
        }
        try:
            self._map = client.get_map(self._name)
            self._registration = self._map.add_entry_listener(include_value=self.include_value, **callbacks)
        except Exception as error:
            self._failed(error)
            return
        self._registration.add_done_callback(self._registered)
        if self._closed:  # meanwhile, by another thread
            self.close()

    def wait(self) -> None:
        if self._registration is not None:
            try:
                self._registration.result(REGISTRATION_TIMEOUT)
            except Exception:
                _logger.debug("no entry listener on map %r yet", self._name, exc_info=True)

    def close(self) -> None:
        self._closed = True
        if self._registration is not None:
            # Also when it is still under way: the removal follows the registration.
            self._registration.add_done_callback(self._remove)

    @_guarded
    def _registered(self, registration: Any) -> None:
        error = registration.exception()
        if error is not None:
            self._failed(error)

    @_guarded
    def _remove(self, registration: Any) -> None:
        if registration.exception() is None:
            self._map.remove_entry_listener(registration.result())

    def _failed(self, error: BaseException) -> None:
        if not self._closed:
            text = f"{self._name}: its events are not shown: {abbreviate(error)}"
            self._feed.add("error", self._name, text)

    def _entry_event(self, kind: str, detail: Callable[[Any], str], event: Any) -> None:
        if not self._closed and not self._floods():
            self._feed.add(kind, self._name, lambda: f"{self._name}[{_shown(event, 'key')}]{detail(event)}")

    def _floods(self) -> bool:
        """Whether there are too many events; it is told once, and no more of them are taken."""
        if self._on_flood is None:
            return False
        second = int(time.monotonic())
        if second != self._second:
            self._second, self._events = second, 0
        self._events += 1
        if self._events <= FLOOD:
            return False
        text = (
            f"{self._name}: over {FLOOD:,} events a second, shown no more; dashboard.watch({self._name!r}) shows them"
        )
        self._feed.add("flood", self._name, text)
        self._closed = True
        self._on_flood(self._name)
        return True

    def _map_event(self, kind: str, event: Any) -> None:
        if not self._closed:
            entries = event.number_of_affected_entries
            self._feed.add(kind, self._name, f"{self._name}: {entries:,} {'entry' if entries == 1 else 'entries'}")
