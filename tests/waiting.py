"""Waiting for what another thread, or the cluster, is about to do."""

from __future__ import annotations

import time
from collections.abc import Callable


def until(condition: Callable[[], object], timeout: float = 30.0) -> None:
    """Return when ``condition()`` is true; fail when it does not become true in time."""
    end = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)
