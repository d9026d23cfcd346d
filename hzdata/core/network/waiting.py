"""Waiting for sockets, whatever the numbers of their descriptors: ``select.select`` takes none from 1024 on."""

from __future__ import annotations

import math
import select
from collections.abc import Iterable
from typing import Protocol


class HasDescriptor(Protocol):
    """A socket."""

    def fileno(self) -> int: ...


def wait_for(
    reading: Iterable[int | HasDescriptor] = (),
    writing: Iterable[int | HasDescriptor] = (),
    timeout: float | None = None,
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
    if not hasattr(select, "poll"):  # Windows, which has no limit there
        readable, writable, _ = select.select(list(reading), list(writing), [], timeout)
        return {file if isinstance(file, int) else file.fileno() for file in (*readable, *writable)}
    poll = select.poll()
    for file in reading:
        poll.register(file, select.POLLIN)
    for file in writing:
        poll.register(file, select.POLLOUT)
    return {descriptor for descriptor, _ in poll.poll(None if timeout is None else math.ceil(timeout * 1000))}
