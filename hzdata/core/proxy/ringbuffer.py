"""The distributed ringbuffer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from ..future import Future, ImmediateFuture
from ..util import check_not_negative, check_true
from .base import PartitionSpecificProxy, listed

OVERFLOW_POLICY_OVERWRITE = 0
"""An item that has no room takes the place of the oldest, even if that has not lived its time yet."""
OVERFLOW_POLICY_FAIL = 1
"""An item that has no room is not added; the answer is -1."""
MAX_BATCH_SIZE = 1000
"""How many items one request may add or read, at most."""


class ReadResult(Sequence[Any]):
    """The items that one ``read_many`` has read.

    Parameters
    ----------
    read_count : int
        Items that were read, those that the filter did not accept included.
    next_seq : int
        Where to read on.
    item_seqs : sequence of int or None
        The sequence of each item.
    items : sequence

    Attributes
    ----------
    read_count : int
        How many items were read, those that the filter did not accept included.
    next_sequence_to_read_from : int
        The sequence after the last item that was read; -1 from members that do not tell it.

    Examples
    --------
    >>> ring = client.get_ringbuffer("letters").blocking()
    >>> ring.add_all(["a", "b", "c"])
    2
    >>> result = ring.read_many(0, min_count=1, max_count=10)
    >>> list(result), result.read_count, result.next_sequence_to_read_from
    (['a', 'b', 'c'], 3, 3)
    """

    SEQUENCE_UNAVAILABLE = -1

    def __init__(self, read_count: int, next_seq: int, item_seqs: Sequence[int] | None, items: Sequence[Any]) -> None:
        self.read_count = read_count
        self.next_sequence_to_read_from = next_seq
        self._item_seqs = item_seqs
        self._items = items

    @property
    def size(self) -> int:
        """How many items there are here.

        Examples
        --------
        >>> result.size
        3
        """
        return len(self._items)

    def get_sequence(self, index: int) -> int:
        """Return the sequence of the item at a position; -1 from members that do not tell it.

        Examples
        --------
        >>> result.get_sequence(1)
        1
        """
        return self.SEQUENCE_UNAVAILABLE if self._item_seqs is None else self._item_seqs[index]

    def __getitem__(self, index: int | slice) -> Any:
        return self._items[index]

    def __len__(self) -> int:
        return len(self._items)

    def __eq__(self, other: object) -> bool:
        # Newer clients take it for a list of the items.
        return list(self._items) == (list(other) if isinstance(other, ReadResult) else other)

    def __repr__(self) -> str:
        return f"ReadResult({list(self._items)!r}, next_sequence_to_read_from={self.next_sequence_to_read_from})"


class Ringbuffer(PartitionSpecificProxy, service="hz:impl:ringbufferService"):
    """A ring of so many items, each with a sequence that only grows. Reading takes nothing away.

    Examples
    --------
    >>> ring = client.get_ringbuffer("temperatures").blocking()
    >>> sequence = ring.add(21.5)
    >>> ring.read_one(sequence)
    21.5
    """

    _capacity: int | None = None

    def capacity(self) -> Future[int]:
        """Return for how many items there is room.

        Examples
        --------
        >>> ring.capacity()
        10000
        """
        if self._capacity is not None:
            return ImmediateFuture(self._capacity)

        def keep(done: Future[int]) -> int:
            self._capacity = done.result()
            return self._capacity

        return self._ask("capacity").then(keep)

    def size(self) -> Future[int]:
        """Return the number of items.

        Examples
        --------
        >>> ring.size()
        1
        """
        return self._ask("size")

    def tail_sequence(self) -> Future[int]:
        """Return the sequence of the newest item; -1 when there was never one.

        Examples
        --------
        >>> ring.tail_sequence() == sequence
        True
        """
        return self._ask("tailSequence")

    def head_sequence(self) -> Future[int]:
        """Return the sequence of the oldest item that is there; of an empty ring, that of the next.

        Examples
        --------
        >>> ring.head_sequence()
        0
        """
        return self._ask("headSequence")

    def remaining_capacity(self) -> Future[int]:
        """Return for how many items there is room before one that lives its time would be overwritten.

        Examples
        --------
        >>> ring.remaining_capacity()
        10000
        """
        return self._ask("remainingCapacity")

    def add(self, item: Any, overflow_policy: int = OVERFLOW_POLICY_OVERWRITE) -> Future[int]:
        """Add an item and return its sequence; -1 when there was no room and the policy is ``OVERFLOW_POLICY_FAIL``."""
        return self._ask("add", overflow_policy, item)

    def add_all(self, items: Iterable[Any], overflow_policy: int = OVERFLOW_POLICY_OVERWRITE) -> Future[int]:
        """Add up to 1,000 items, all or none, and return the sequence of the last; -1 as of ``add``.

        Examples
        --------
        >>> ring.add_all([22.0, 22.5], OVERFLOW_POLICY_FAIL)
        2
        """
        wanted = listed(items)
        check_true(0 < len(wanted) <= MAX_BATCH_SIZE, f"The number of items must be between 1 and {MAX_BATCH_SIZE}")
        return self._ask("addAll", wanted, overflow_policy)

    def read_one(self, sequence: int) -> Future[Any]:
        """Return the item of a sequence, waiting for as long as it is the next one.

        Raises
        ------
        StaleSequenceError
            From the future: it is there no more.
        """
        check_not_negative(sequence, "Sequence cannot be smaller than 0")
        return self._ask("readOne", sequence)

    def read_many(self, start_sequence: int, min_count: int, max_count: int, filter: Any = None) -> Future[ReadResult]:
        """Return items from a sequence on, waiting until there are enough.

        Parameters
        ----------
        start_sequence
            When it is there no more, reading begins with the oldest item.
        min_count
            How many to wait for; 0 waits for none.
        max_count
            How many at most, up to 1,000.
        filter
            An object whose Java class, on the members, is an ``IFunction`` that says which items are wanted.

        Returns
        -------
        Future of ReadResult

        Examples
        --------
        >>> list(ring.read_many(1, min_count=2, max_count=100))
        [22.0, 22.5]
        """
        check_not_negative(start_sequence, "Start sequence cannot be smaller than 0")
        check_not_negative(min_count, "Min count cannot be smaller than 0")
        check_true(max_count >= min_count, "Max count must be greater than or equal to min count")
        check_true(max_count <= MAX_BATCH_SIZE, f"Max count cannot be greater than {MAX_BATCH_SIZE}")

        def read(capacity: Future[int]) -> Future[ReadResult]:
            room = capacity.result()
            check_true(max_count <= room, f"Max count must be smaller than or equal to the capacity, {room}")
            return self._ask("readMany", start_sequence, min_count, max_count, filter).map(result)

        def result(response: Any) -> ReadResult:
            items = [self._to_object(item) for item in response.items]
            return ReadResult(response.read_count, response.next_seq, response.item_seqs, items)

        return self.capacity().then(read)
