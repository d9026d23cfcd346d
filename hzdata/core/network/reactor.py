"""The I/O thread: waits for sockets and timers, and calls whoever they belong to."""

from __future__ import annotations

import heapq
import itertools
import logging
import os
import select
import selectors
import socket
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from ..dispatch import this_thread

if TYPE_CHECKING:
    from .connection import Connection

_logger = logging.getLogger(__name__)

# Seconds; a selector refuses more than 24 days, and a timer may be set for years.
_LONGEST_SELECT = 86_400.0


class Reactor:
    """One thread that reads and writes all sockets of a client and keeps its timers.

    Whatever is called here must be quick and must not block. Its methods may be called from any thread.
    """

    def __init__(self, name: str) -> None:
        self._soon: deque[Callable[[], object]] = deque()
        self._timers: list[tuple[float, int, Callable[[], object]]] = []
        self._order = itertools.count()
        self.epoll: Any = None
        self._running = False
        self._wake_sent = True  # There is nobody to wake yet.
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        # Only now: a client whose options turn out to be wrong has nothing to close.
        self._selector = selectors.DefaultSelector()
        # The same once more, where there is one: for any thread, as each call is one step, whenever an interrupt comes.
        if isinstance(self._selector, getattr(selectors, "EpollSelector", ())):
            self.epoll = select.epoll.fromfd(os.dup(self._selector.fileno()))
        self._waker, self._woken = socket.socketpair()
        self._waker.setblocking(False)
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
        if threading.current_thread() is not self._thread:
            self._thread.join(timeout=5)

    def call_soon(self, callback: Callable[[], object]) -> None:
        """Run ``callback`` on the I/O thread."""
        self._soon.append(callback)
        if not self._wake_sent:
            self._wake()

    def call_later(self, delay: float, callback: Callable[[], object]) -> None:
        """Run ``callback`` on the I/O thread in ``delay`` seconds."""
        due = (time.monotonic() + delay, next(self._order), callback)
        self.call_soon(lambda: heapq.heappush(self._timers, due))

    def call_every(self, period: float, callback: Callable[[], object]) -> None:
        """Run ``callback`` on the I/O thread every ``period`` seconds."""

        def tick() -> None:
            self.call_later(period, tick)
            callback()

        self.call_later(period, tick)

    def watch(self, connection: Connection, *, writes: bool = False) -> None:
        """Tell a connection when its socket is readable, and writable if that is asked for. On the I/O thread only."""
        events = selectors.EVENT_READ | (selectors.EVENT_WRITE if writes else 0)
        try:
            self._selector.modify(connection, events, connection)
        except KeyError:
            self._selector.register(connection, events, connection)

    def unwatch(self, fileno: int) -> None:
        """Forget a socket. On the I/O thread only, before the socket is closed."""
        with suppress(KeyError, ValueError):
            self._selector.unregister(fileno)

    def _wake(self) -> None:
        try:
            # Said and done with no call between, after which an interrupt could come.
            self._wake_sent = True
            self._waker.send(b"\0")
        except OSError:
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
                connection = key.data
                if connection is None:
                    self._woken.recv(4096)
                    continue
                if events & selectors.EVENT_READ:
                    self._call(connection.on_readable)
                if events & selectors.EVENT_WRITE:
                    self._call(connection.flush)
            # After it was received, or no other would follow; and if none came, as who was to send it was interrupted.
            self._wake_sent = False
            for _ in range(len(soon)):
                self._call(soon.popleft())
            now = time.monotonic()
            while timers and timers[0][0] <= now:
                self._call(heapq.heappop(timers)[2])
            timeout = 0 if soon else min(timers[0][0] - now, _LONGEST_SELECT) if timers else None
        while soon:
            # What came before stop(): connections that are to be closed.
            self._call(soon.popleft())
        self._selector.close()
        if self.epoll is not None:
            self.epoll.close()
        self._waker.close()
        self._woken.close()

    def _call(self, callback: Callable[[], object]) -> None:
        try:
            callback()
        except Exception:
            _logger.exception("an I/O callback failed")
