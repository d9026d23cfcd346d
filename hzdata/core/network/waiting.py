"""Waiting for sockets, whatever the numbers of their descriptors: ``select.select`` takes none from 1024 on."""

from __future__ import annotations

import selectors
from collections.abc import Iterable
from typing import Protocol

# Not epoll, which would take a descriptor of its own for each wait. Windows has none of the two, and no limit either.
_Selector = getattr(selectors, "PollSelector", selectors.SelectSelector)


class HasFileno(Protocol):
    """A socket."""

    def fileno(self) -> int: ...


def wait_for(
    reading: Iterable[int | HasFileno] = (), writing: Iterable[int | HasFileno] = (), timeout: float | None = None
) -> set[int]:
    """Return the descriptors of which something can be read or written, or that are at their end.

    Parameters
    ----------
    reading, writing
        Sockets or descriptors.
    timeout
        Seconds to wait for the first of them; None for ever.

    Raises
    ------
    OSError, ValueError
        When one of them is closed.
    """
    with _Selector() as selector:
        for file in reading:
            selector.register(file, selectors.EVENT_READ)
        for file in writing:
            selector.register(file, selectors.EVENT_WRITE)
        return {key.fd for key, _ in selector.select(timeout)}
