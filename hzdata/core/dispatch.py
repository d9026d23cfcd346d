"""The thread on which callbacks and listeners run, one after another, in order.

Nothing that the client needs to go on - answers, heartbeats, reconnection - ever waits for it, so a slow callback
delays other callbacks only.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable

__all__ = ["Dispatcher"]

_logger = logging.getLogger(__name__)


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
        self._thread: threading.Thread | None = None
        self._stopped = False

    def submit(self, task: Callable[[], object]) -> None:
        """Run ``task`` after those submitted before; after ``stop()`` it runs at once, on the caller's thread."""
        with self._ready:
            if not self._stopped:
                self._tasks.append(task)
                if self._thread is None:
                    self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
                    self._thread.start()
                self._ready.notify()
                return
        self._call(task)

    def is_current(self) -> bool:
        """Whether the caller runs on this dispatcher's thread."""
        return threading.current_thread() is self._thread

    def run_one(self, timeout: float) -> None:
        """On the dispatcher's own thread: run the next task while the one that called this waits for something."""
        with self._ready:
            if not self._tasks:
                self._ready.wait(timeout)
            task = self._tasks.popleft() if self._tasks else None
        if task is not None:
            self._call(task)

    def stop(self) -> None:
        """Run what was submitted, then end the thread."""
        with self._ready:
            self._stopped = True
            self._ready.notify_all()
        if self._thread is not None and not self.is_current():
            self._thread.join(timeout=5)

    def _run(self) -> None:
        while True:
            with self._ready:
                while not self._tasks:
                    if self._stopped:
                        return
                    self._ready.wait()
                task = self._tasks.popleft()
            self._call(task)

    def _call(self, task: Callable[[], object]) -> None:
        try:
            task()
        except Exception:
            _logger.exception("a callback failed")
