"""The thread on which callbacks and listeners run, one after another, in order.

Nothing that the client needs to go on - answers, heartbeats, reconnection - ever waits for it, so a slow callback
delays other callbacks only.

A callback may wait for a future. What it waits for may be another callback's to bring: when it takes long, those after
it run meanwhile, on a spare thread. Still one at a time: it goes on when the one that runs has ended, or waits itself.
"""

from __future__ import annotations

import logging
import threading
from _thread import LockType
from collections import deque
from collections.abc import Awaitable, Callable, Generator, Iterator
from contextlib import contextmanager
from typing import Any

_logger = logging.getLogger(__name__)

# Seconds that a callback waits before others run: an answer takes less. Doubled for every callback that waits already
# when these are many, so that however many there are, and whatever is wrong with the cluster, spare threads are a few.
_PATIENCE = 0.05
_MANY = 16

_SETTLED_AFTER = 1.0


class _ThisThread(threading.local):
    """What the thread that looks is to a client."""

    # Of the class: looking for what is not there costs more than the rest of a small request's encoding.
    dispatcher: Dispatcher | None = None
    is_io = False
    aside = 0
    acts_as = 0  # The thread that it goes on for, see ``util.acting_as``.


this_thread = _ThisThread()


class Dispatcher:
    """Runs tasks one after another on a thread of its own, which starts with the first task.

    Parameters
    ----------
    name
        Name of the thread.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._tasks: deque[Callable[[], object]] = deque()
        self._ready = threading.Condition()
        self._threads: list[threading.Thread] = []
        self._running = False
        self._waiting = 0
        self._resuming = 0
        self._stopped = False

    def submit(self, task: Callable[[], object]) -> None:
        """Run ``task`` after those submitted before; after ``stop()`` it runs at once, on the caller's thread."""
        with self._ready:
            if not self._stopped:
                self._tasks.append(task)
                if not self._threads:
                    self._start()
                self._ready.notify_all()
                return
        self.run(task)

    def settle(self) -> None:
        """Wait until what was submitted has run, but not for long: something of it may wait for the caller."""
        if self._threads and this_thread.dispatcher is not self:
            self._wait_for_submitted()

    def _wait_for_submitted(self) -> None:
        done = threading.Event()
        self.submit(done.set)
        done.wait(_SETTLED_AFTER)

    def wait(self, waiter: LockType, timeout: float) -> bool:
        """On a thread of the dispatcher's: acquire ``waiter``, as a callback that waits does."""
        patience = _PATIENCE * 2 ** max(0, self._waiting - _MANY)
        if 0 <= timeout <= patience:
            return waiter.acquire(timeout=timeout)
        if waiter.acquire(timeout=patience):
            return True
        with self.aside():
            return waiter.acquire(timeout=-1 if timeout < 0 else timeout - patience)

    @contextmanager
    def aside(self) -> Iterator[None]:
        """On a thread of the dispatcher's: other callbacks run meanwhile. One thread may be so several times, as an
        event loop in a callback is when tasks of it await.
        """
        this_thread.aside += 1
        if this_thread.aside == 1:
            with self._ready:
                self._running = False
                self._waiting += 1
                if len(self._threads) == self._waiting:
                    self._start()
                self._ready.notify_all()
        try:
            yield
        finally:
            this_thread.aside -= 1
            if this_thread.aside == 0:
                with self._ready:
                    self._waiting -= 1
                    self._resuming += 1
                    while self._running:
                        self._ready.wait()
                    self._resuming -= 1
                    self._running = True

    def await_aside(self, waiter: Awaitable[None]) -> Generator[Any, None, None]:
        """As ``waiter.__await__``, on a loop in a callback: what it awaits may be another callback's to bring."""
        with self.aside():
            yield from waiter.__await__()

    def stop(self) -> None:
        """Run what was submitted, then end the thread."""
        with self._ready:
            self._stopped = True
            self._ready.notify_all()
            threads = list(self._threads)
        if this_thread.dispatcher is not self:
            for thread in threads:
                thread.join(timeout=5)

    def _start(self) -> None:
        thread = threading.Thread(target=self._run, name=self._name, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _run(self) -> None:
        this_thread.dispatcher = self
        first = self._threads[0]
        while True:
            with self._ready:
                while self._running or self._resuming or not self._tasks:
                    # The first thread stays: what belongs to a thread, such as a lock, is that of most callbacks.
                    is_too_many = len(self._threads) > self._waiting + 1 and threading.current_thread() is not first
                    if is_too_many or (self._stopped and not self._tasks):
                        self._threads.remove(threading.current_thread())
                        return
                    self._ready.wait()
                self._running = True
                task = self._tasks.popleft()
            self.run(task)
            with self._ready:
                self._running = False
                self._ready.notify_all()

    def run(self, task: Callable[[], object]) -> None:
        """Run ``task`` now, on the caller's thread; its errors are logged."""
        try:
            task()
        except BaseException:
            # SystemExit too: no other callback must be lost by it.
            _logger.exception("a callback failed")
