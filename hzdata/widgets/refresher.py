"""Calls a function again when something has changed, but not too often, on a thread of its own.

The kernel's main thread may be busy with a cell for minutes, and the client's dispatcher must never wait for a
browser: so the live face of a dashboard is drawn by neither. However many changes come, there are at most ``rate``
calls a second.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

__all__ = ["Refresher"]

_logger = logging.getLogger(__name__)

_LAST_WORDS = 0.5


class Refresher:
    """Calls ``paint()`` after changes, at most ``rate`` times a second, and now and then without any.

    Parameters
    ----------
    paint : callable
        What it raises is logged, once in a row, and ends nothing.
    rate : float
        Calls a second, at most.
    idle : float
        Seconds between two calls when nothing changes.
    """

    def __init__(self, paint: Callable[[], object], rate: float = 5.0, idle: float = 1.0) -> None:
        self._paint = paint
        self._pause = 1 / rate
        self._idle = idle
        self._changed = threading.Event()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="hzdata-dashboard", daemon=True)

    def start(self) -> None:
        """Begin. A refresher that was stopped does not begin again."""
        self._thread.start()

    def wake(self) -> None:
        """Say that something has changed. Quick, and callable from any thread, also before the start."""
        if not self._changed.is_set():
            self._changed.set()

    def stop(self, timeout: float = 2.0) -> None:
        """End, and wait for a call that is under way, at most ``timeout`` seconds."""
        self._stopped.set()
        self._changed.set()
        if self._thread.is_alive() and threading.current_thread() is not self._thread:
            self._thread.join(timeout)

    @property
    def running(self) -> bool:
        """Whether it has begun and not ended."""
        return self._thread.is_alive()

    def _run(self) -> None:
        failing = False
        while not self._stopped.is_set():
            self._changed.wait(self._idle)
            if self._stopped.is_set():
                return
            # Cleared before painting: what changes meanwhile is painted next time.
            self._changed.clear()
            try:
                self._paint()
                failing = False
            except Exception:
                if not failing:
                    _logger.exception("the dashboard could not be drawn")
                failing = True
            if self._stopped.is_set():
                # The kernel sends what a thread says when the thread's own pipe wakes it: the pipe of one that ends at
                # once is closed before, and its last words lie there until something else is said.
                time.sleep(_LAST_WORDS)
            self._stopped.wait(self._pause)
