"""The I/O thread: waits for sockets and timers, and calls whoever they belong to."""

from __future__ import annotations

import heapq
import itertools
import logging
import selectors
import socket
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Protocol

from ..dispatch import this_thread

_logger = logging.getLogger(__name__)

_LONGEST_SELECT = 86_400.0
"""Seconds; a selector refuses more than 24 days, and a timer may be set for years."""


class Channel(Protocol):
    """What the reactor watches."""

    def fileno(self) -> int: ...

    def on_readable(self) -> None: ...

    def on_writable(self) -> None: ...


class Timer:
    """A call that is to come; ``cancel()`` forgets it."""

    __slots__ = ("callback",)

    def __init__(self, callback: Callable[[], object]) -> None:
        self.callback: Callable[[], object] | None = callback

    def cancel(self) -> None:
        self.callback = None


class Reactor:
    """One thread that reads and writes all sockets of a client and keeps its timers.

    Whatever is called here must be quick and must not block. Its methods may be called from any thread.
    """

    def __init__(self, name: str) -> None:
        self._soon: deque[Callable[[], object]] = deque()
        self._timers: list[tuple[float, int, Timer]] = []
        self._order = itertools.count()
        self._running = False
        self._wake_sent = True  # There is nobody to wake yet.
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        # Only now: a client whose options turn out to be wrong has nothing to close.
        self._selector = selectors.DefaultSelector()
        self._waker, self._woken = socket.socketpair()
        self._waker.setblocking(False)
        self._woken.setblocking(False)
        self._selector.register(self._woken, selectors.EVENT_READ, None)
        self._wake_sent = False
        self._running = True
        self._thread.start()

    def stop(self) -> None:
        """End the thread; sockets are left to their owners."""
        if not self._running:
            return
        self._running = False
        self._wake()
        if not self.is_current():
            self._thread.join(timeout=5)

    def is_current(self) -> bool:
        """Whether the caller runs on the I/O thread."""
        return threading.current_thread() is self._thread

    def call_soon(self, callback: Callable[[], object]) -> None:
        """Run ``callback`` on the I/O thread."""
        self._soon.append(callback)
        if not self._wake_sent:
            self._wake()

    def call_later(self, delay: float, callback: Callable[[], object]) -> Timer:
        """Run ``callback`` on the I/O thread in ``delay`` seconds."""
        timer = Timer(callback)
        due = (time.monotonic() + delay, next(self._order), timer)
        self.call_soon(lambda: heapq.heappush(self._timers, due))
        return timer

    def call_every(self, period: float, callback: Callable[[], object]) -> Timer:
        """Run ``callback`` on the I/O thread every ``period`` seconds, until the timer is cancelled."""
        timer = Timer(callback)

        def tick() -> None:
            if timer.callback is not None:
                self.call_later(period, tick)
                timer.callback()

        self.call_later(period, tick)
        return timer

    def watch(self, channel: Channel, *, writes: bool = False) -> None:
        """Call the channel when its socket is readable, and writable if that is asked for. On the I/O thread only."""
        events = selectors.EVENT_READ | (selectors.EVENT_WRITE if writes else 0)
        try:
            self._selector.modify(channel.fileno(), events, channel)
        except KeyError:
            self._selector.register(channel.fileno(), events, channel)

    def unwatch(self, fileno: int) -> None:
        """Forget a socket. On the I/O thread only, before the socket is closed."""
        try:
            self._selector.unregister(fileno)
        except (KeyError, ValueError):
            pass

    def _wake(self) -> None:
        self._wake_sent = True
        try:
            self._waker.send(b"\0")
        except (BlockingIOError, OSError):
            pass  # Awake already, or gone.

    def _run(self) -> None:
        # Whoever waits for an answer gets the interpreter when this thread waits again: keep what comes between short.
        this_thread.is_io = True
        select = self._selector.select
        soon = self._soon
        timers = self._timers
        timeout: float | None = 0
        while self._running:
            for key, events in select(timeout):
                channel = key.data
                if channel is None:
                    # In this order: a wake-up sent between the two would be drained, and no other would follow.
                    self._drain_waker()
                    self._wake_sent = False
                    continue
                try:
                    if events & selectors.EVENT_READ:
                        channel.on_readable()
                    if events & selectors.EVENT_WRITE:
                        channel.on_writable()
                except Exception:
                    _logger.exception("an I/O callback failed")
            for _ in range(len(soon)):
                self._call(soon.popleft())
            timeout = self._run_due() if timers else None
            if soon:
                timeout = 0
        while soon:
            # What came before stop(): connections that are to be closed.
            self._call(soon.popleft())
        self._selector.close()
        self._waker.close()
        self._woken.close()

    def _run_due(self) -> float | None:
        """Run the timers that are due; return the seconds until the next one."""
        now = time.monotonic()
        while self._timers and self._timers[0][0] <= now:
            timer = heapq.heappop(self._timers)[2]
            if timer.callback is not None:
                self._call(timer.callback)
        return min(self._timers[0][0] - now, _LONGEST_SELECT) if self._timers else None

    def _drain_waker(self) -> None:
        try:
            while self._woken.recv(4096):
                pass
        except BlockingIOError:
            pass

    def _call(self, callback: Callable[[], object]) -> None:
        try:
            callback()
        except Exception:
            _logger.exception("an I/O callback failed")
