"""The event feed: what happened lately, bounded, safe to fill from any thread.

Events arrive on the client's dispatcher thread, thousands a second when a map is being loaded, and are read by
whoever draws them. Three rules keep both sides at ease:

- Adding costs a few dictionary steps and never waits for a reader.
- A burst folds: from the 11th event of one kind on one subject within a second on, they share a line that counts
  them, until the burst is over. So a million puts take one line, and do not push a lost member out of sight.
- The oldest lines fall out of a full feed, and are counted.

No event is lost from the account: ``total == sum(event.times for event in feed.newest()) + dropped``.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from itertools import count, islice
from typing import NamedTuple

__all__ = ["Event", "EventFeed"]


class Event(NamedTuple):
    """A line of the feed: one event, or a burst of the same kind on the same subject.

    Parameters
    ----------
    kind : str
        What happened, such as ``"entry added"``.
    subject : str
        To what: the name of a map, the address of a member.
    text : str
        The event in words.
    time, since : float
        When the last and the first event of the line happened, seconds since the epoch.
    times : int
        How many events the line stands for.
    """

    kind: str
    subject: str
    text: str
    time: float
    since: float
    times: int = 1


class _Pace:
    """How fast events of one kind and subject come, second by second."""

    __slots__ = ("count", "folding", "second")

    def __init__(self, now: float) -> None:
        self.second = now  # when the second that is being counted began
        self.count = 0
        self.folding: int | None = None  # the line that takes the burst


class EventFeed:
    """A bounded feed of events.

    Parameters
    ----------
    capacity : int
        Lines kept.
    burst : int
        Events of one kind and subject within a second that get a line each; those beyond share one.
    clock : callable
        Tells the time, in seconds since the epoch.
    on_change : callable, optional
        Called after each event, on the thread that added it; must be quick and must not raise.

    Examples
    --------
    >>> feed = EventFeed()
    >>> feed.add("member joined", "127.0.0.1:5701", "127.0.0.1:5701")
    >>> [event.kind for event in feed.newest()]
    ['member joined']
    """

    def __init__(
        self,
        capacity: int = 200,
        burst: int = 10,
        clock: Callable[[], float] = time.time,
        on_change: Callable[[], None] | None = None,
    ) -> None:
        if capacity < 1:
            raise ValueError(f"capacity is {capacity}: a feed keeps at least one line")
        self._capacity = capacity
        self._burst = burst
        self._clock = clock
        self._on_change = on_change
        self._lock = threading.Lock()
        self._lines: dict[int, Event] = {}  # by line number, oldest first
        self._numbers = count()
        self._paces: dict[tuple[str, str], _Pace] = {}
        self._total = 0
        self._dropped = 0

    @property
    def total(self) -> int:
        """Events added since the feed began."""
        return self._total

    @property
    def dropped(self) -> int:
        """Events whose lines fell out of the full feed."""
        return self._dropped

    def __len__(self) -> int:
        return len(self._lines)

    def __iter__(self) -> Iterator[Event]:
        return iter(self.newest())

    def newest(self, limit: int | None = None) -> list[Event]:
        """Return the lines, newest first, at most ``limit``."""
        with self._lock:
            return list(islice(reversed(self._lines.values()), limit))

    def add(self, kind: str, subject: str, text: str | Callable[[], str]) -> None:
        """Add an event.

        Parameters
        ----------
        kind, subject : str
            See `Event`.
        text : str or callable
            The event in words. A callable is asked only when the event gets a line of its own, and outside the
            feed's lock: it may run code of the user's, such as the ``__repr__`` of a value.
        """
        now = self._clock()
        with self._lock:
            self._total += 1
            folded = self._fold(kind, subject, now)
        if not folded:
            event = Event(kind, subject, text if isinstance(text, str) else text(), now, now)
            with self._lock:
                self._put(next(self._numbers), event)
        if self._on_change is not None:
            self._on_change()

    def _fold(self, kind: str, subject: str, now: float) -> bool:
        """Count the event; put it on the line of its burst, if there is one, and say so."""
        pace = self._paces.get((kind, subject))
        if pace is None:
            pace = self._paces[kind, subject] = _Pace(now)
        elapsed = now - pace.second
        if elapsed >= 1 or elapsed < 0:  # below 0: the clock was set back
            if pace.count <= self._burst or elapsed >= 2:
                pace.folding = None
            pace.second, pace.count = now, 0
        pace.count += 1
        if pace.count <= self._burst and pace.folding is None:
            return False
        if pace.folding is None:
            pace.folding = next(self._numbers)
        line = self._lines.pop(pace.folding, None)
        if line is None:
            line = Event(kind, subject, "", now, now, 0)
        many = line.times + 1
        took = now - line.since
        rate = f", {many / took:,.0f} a second" if took >= 1 else ""
        text = f"{subject}: {many:,} more in {took:.1f} s{rate}"
        self._put(pace.folding, line._replace(times=many, time=now, text=text))
        return True

    def _put(self, number: int, event: Event) -> None:
        """Set a line as the newest, and let the oldest fall out when there are too many."""
        self._lines[number] = event
        if len(self._lines) > self._capacity:
            oldest = next(iter(self._lines))
            self._dropped += self._lines.pop(oldest).times
