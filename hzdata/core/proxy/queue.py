"""The distributed queue."""

from __future__ import annotations

from typing import Any

from ..errors import IllegalStateError
from ..future import Future, once
from ..util import to_millis
from .base import BlockingProxy
from .collection import Collection


class Queue(Collection, service="hz:impl:queueService"):
    """A queue of items in one partition, bounded if the members are configured so.

    Examples
    --------
    >>> jobs = client.get_queue("jobs").blocking()
    >>> jobs.offer("first")
    True
    >>> jobs.take()
    'first'
    """

    def add(self, item: Any) -> Future[bool]:
        """Add an item at the tail.

        Raises
        ------
        IllegalStateError
            From the future: the queue is full.

        Examples
        --------
        >>> jobs.add("second")
        True
        """

        def added(done: Future[bool]) -> bool:
            if not done.result():
                raise IllegalStateError("Queue is full!")
            return True

        return self.offer(item).then(added)

    def offer(self, item: Any, timeout: float = 0) -> Future[bool]:
        """Add an item at the tail, if there is room within so many seconds; False when there was none.

        Examples
        --------
        >>> jobs.offer("third", timeout=1)
        True
        """
        return self._ask("offer", item, to_millis(timeout))

    def put(self, item: Any) -> Future[None]:
        """Add an item at the tail, waiting for as long as there is no room.

        Examples
        --------
        >>> jobs.put("fourth")
        """
        return self._ask("put", item)

    def take(self) -> Future[Any]:
        """Remove the item at the head and return it, waiting for as long as there is none.

        Who stops waiting - a task that is cancelled, ``result(timeout)`` - does not stop the member: the next item is
        removed for it and lost. ``poll(timeout)`` ends on the member, too.

        Examples
        --------
        >>> jobs.take()
        'second'
        """
        return self._ask("take")

    def poll(self, timeout: float = 0) -> Future[Any]:
        """Remove the item at the head and return it; None when there was none within so many seconds.

        Examples
        --------
        >>> jobs.poll(timeout=1)
        'third'
        """
        return self._ask("poll", to_millis(timeout))

    def peek(self) -> Future[Any]:
        """Return the item at the head and leave it there; None when there is none.

        Examples
        --------
        >>> jobs.peek()
        'fourth'
        """
        return self._ask("peek")

    def drain_to(self, target_list: list[Any], max_size: int = -1) -> Future[int]:
        """Move items from the head into a list.

        Parameters
        ----------
        target_list
            They are appended to it when the future's result is taken.
        max_size
            How many at most; below 0 for all.

        Returns
        -------
        Future of int
            How many were moved.

        Examples
        --------
        >>> mine = []
        >>> jobs.drain_to(mine, max_size=10), mine
        (1, ['fourth'])
        """
        drained = self._ask("drainTo") if max_size < 0 else self._ask("drainToMaxSize", max_size)

        def moved(items: list[Any]) -> int:
            target_list.extend(items)
            return len(items)

        return drained.map(once(moved))

    def iterator(self) -> Future[list[Any]]:
        """Return all items from head to tail, to be iterated over: the queue as it is now.

        Examples
        --------
        >>> jobs.iterator()
        []
        """
        return self._ask("iterator")

    def remaining_capacity(self) -> Future[int]:
        """Return how many more items there is room for; 2³¹-1 without a bound.

        Examples
        --------
        >>> jobs.remaining_capacity()
        2147483647
        """
        return self._ask("remainingCapacity")


BlockingQueue = BlockingProxy
"""What annotations call one that waits."""
