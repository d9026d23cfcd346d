"""Waiting a little for answers that are taken whenever they come."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

__all__ = ["answered"]

K = TypeVar("K")


def answered(questions: Iterable[tuple[K, Any]], wait: float) -> Iterator[tuple[K, Any]]:
    """Yield those of the questions that are answered, and not by an error, within ``wait`` seconds in all.

    Parameters
    ----------
    questions : iterable of (key, Future)
    wait : float
        0 waits for none, and yields none.
    """
    until = time.monotonic() + wait
    for key, question in questions if wait else ():
        try:
            question.result(max(until - time.monotonic(), 0))
        except Exception:
            continue  # Whoever is called back with it says why.
        yield key, question
