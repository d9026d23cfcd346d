"""A near cache: what was read from a map, kept in this process until it changes, expires, or has to make room.

An invalidation may come while the value that it is about is being read. So a read takes a token first, and what it has
read is kept only when no key of the same partition was invalidated since.

The members number the invalidations of each partition, and give the numbering an id. A cache that has not got all of
them, or only those of another numbering, drops what it has of that partition.
"""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from operator import attrgetter
from typing import Any, Final
from uuid import UUID

from .config import EvictionPolicy, InMemoryFormat, NearCacheConfig
from .serialization.data import Data

MISSING: Final[Any] = object()
"""What ``NearCache.read`` returns for a key that is not kept; None stands for a key that has no value."""

_ALL = -1


class _Record:
    __slots__ = ("accessed", "created", "hits", "key", "partition_id", "place", "value")

    def __init__(self, key: Data, value: Any, partition_id: int, now: float, place: int) -> None:
        self.key = key
        self.value = value
        self.partition_id = partition_id
        self.created = self.accessed = now
        self.hits = 0
        self.place = place


_WORTH: dict[int, Callable[[_Record], float]] = {
    EvictionPolicy.LRU: attrgetter("accessed"),
    EvictionPolicy.LFU: attrgetter("hits"),
    EvictionPolicy.RANDOM: lambda _: random.random(),
}
"""By policy: the record of the least worth goes first."""


class _Numbering:
    """The invalidations of one partition, counted from ``first``. They may come in any order."""

    __slots__ = ("count", "first", "last")

    def __init__(self, first: int) -> None:
        self.first = self.last = first
        self.count = 0

    def came(self, sequence: int) -> None:
        if sequence > self.first:
            self.count += 1
            self.last = max(self.last, sequence)

    def is_complete(self, sequence: int) -> bool:
        """Whether all up to that one have come, and all before the last that came; one below the first begins anew."""
        return self.first <= sequence and max(self.last, sequence) - self.first <= self.count


class NearCache:
    """Values by serialized key. It may be used from any thread.

    Parameters
    ----------
    options
        How much is kept, for how long, and what goes first.
    partition_of
        The partition of a key.
    clock
        Seconds that only grow.

    Attributes
    ----------
    keeps_objects : bool
        What is kept: objects, or Data.
    counts : Counter
        Of hits, misses, evictions, expirations, invalidations, and invalidationRequests, which also counts those of
        keys that were not kept.
    memory_cost : int
        Bytes of the keys and values that are kept as Data.
    created : float
        In seconds since the epoch.
    """

    def __init__(
        self, options: NearCacheConfig, partition_of: Callable[[Data], int], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.keeps_objects = options.in_memory_format == InMemoryFormat.OBJECT
        self.is_watched: bool = options.invalidate_on_change
        self.counts: Counter[str] = Counter()
        self.memory_cost = 0
        self.created = time.time()
        self._partition_of = partition_of
        self._clock = clock
        self._time_to_live = float("inf") if options.time_to_live is None else options.time_to_live
        self._max_idle = float("inf") if options.max_idle is None else options.max_idle
        self._policy: int = options.eviction_policy
        self._max_size: float = float("inf") if self._policy == EvictionPolicy.NONE else options.eviction_max_size
        self._sample_size: int = options.eviction_sampling_count
        self._pool_size: int = options.eviction_sampling_pool_size
        self._lock = threading.Lock()
        self._records: dict[Data, _Record] = {}
        self._places: list[_Record] = []
        # Who may go next: what was sampled before and is worth little.
        self._pool: list[_Record] = []
        # How often each partition was invalidated, and all of them together.
        self._changes: Counter[int] = Counter()
        self._numberings: dict[UUID, _Numbering] = {}

    def __len__(self) -> int:
        return len(self._records)

    # --- Reading -----------------------------------------------------------------------------------------------------

    def read(self, key: Data) -> Any:
        """Return what is kept of a key, or ``MISSING``."""
        with self._lock:
            record = self._records.get(key)
            now = self._clock()
            if record is not None and self._is_expired(record, now):
                self._drop([record], "expirations")
                record = None
            if record is None:
                self.counts["misses"] += 1
                return MISSING
            record.accessed = now
            record.hits += 1
            self.counts["hits"] += 1
            return record.value

    def token(self, key: Data) -> tuple[int, int]:
        """Return what ``keep`` wants to know, before the value is read from the cluster."""
        partition_id = self._partition_of(key)
        # Both only grow: the sum is the same as long as neither does.
        return partition_id, self._changes[partition_id] + self._changes[_ALL]

    def keep(self, key: Data, value: Any, token: tuple[int, int]) -> None:
        """Keep what was read, unless it may have changed since the token was taken."""
        with self._lock:
            if self.token(key) != token:
                return
            now = self._clock()
            if key in self._records:
                self._remove(self._records[key])
            elif len(self._records) >= self._max_size:
                self._make_room(now)
            record = _Record(key, value, token[0], now, len(self._places))
            self._records[key] = record
            self._places.append(record)
            self.memory_cost += self._cost(record)

    # --- Making room -------------------------------------------------------------------------------------------------

    def _make_room(self, now: float) -> None:
        sample = random.sample(self._places, min(self._sample_size, len(self._places)))
        expired = [record for record in sample if self._is_expired(record, now)]
        self._drop(expired, "expirations")
        if expired:
            return
        still_there = [record for record in self._pool if self._records.get(record.key) is record]
        pool = sorted(dict.fromkeys(still_there + sample), key=_WORTH[self._policy])
        self._remove(pool[0])
        self._pool = pool[1 : self._pool_size]
        self.counts["evictions"] += 1

    def _is_expired(self, record: _Record, now: float) -> bool:
        return now - record.created >= self._time_to_live or now - record.accessed >= self._max_idle

    def expire(self) -> None:
        """Drop what is expired: nobody may ever read it."""
        with self._lock:
            now = self._clock()
            self._drop([record for record in self._places if self._is_expired(record, now)], "expirations")

    def _remove(self, record: _Record) -> None:
        del self._records[record.key]
        # The last one takes its place, so that the list has no holes: samples are taken from it.
        last = self._places.pop()
        if last is not record:
            self._places[record.place] = last
            last.place = record.place
        self.memory_cost -= self._cost(record)

    def _cost(self, record: _Record) -> int:
        return 0 if self.keeps_objects else len(record.key) + len(record.value or b"")

    # --- Invalidation ------------------------------------------------------------------------------------------------

    def invalidate(self, keys: Iterable[Data] | None) -> None:
        """Drop what is kept of keys, or of all when None."""
        with self._lock:
            if keys is None:
                self.counts["invalidationRequests"] += 1
                self._drop_all()
                return
            for key in keys:
                self._changes[self._partition_of(key)] += 1
                self.counts["invalidationRequests"] += 1
                if key in self._records:
                    self._drop([self._records[key]])

    def start_over(self) -> None:
        """Drop all, and take nothing that comes for complete until the next repair."""
        with self._lock:
            self._numberings = {}
            self._drop_all()

    def _drop_all(self) -> None:
        self._changes[_ALL] += 1
        self._drop(list(self._places))

    def _drop(self, records: list[_Record], counted_as: str = "invalidations") -> None:
        for record in records:
            self._remove(record)
        self.counts[counted_as] += len(records)

    def on_invalidation(self, key: Data | None, partition_uuid: UUID, sequence: int) -> None:
        """Take an invalidation that a member has sent: of a key, or of all when None."""
        self.invalidate(None if key is None else (key,))
        numbering = self._numberings.get(partition_uuid)
        if numbering is not None:
            numbering.came(sequence)

    def repair(self, numberings: Mapping[int, UUID], sequences: Mapping[int, int]) -> None:
        """Drop what may have changed without this cache having been told.

        Parameters
        ----------
        numberings
            The id of each partition's numbering, as the members say now. What is kept of a partition that none speaks
            of is dropped, too. As it is after a ``clear``, which counts in every partition and is told once.
        sequences
            The last number of each partition that had invalidations.
        """
        with self._lock:
            complete: dict[int, _Numbering] = {}
            for partition_id, uuid in numberings.items():
                numbering = self._numberings.get(uuid)
                if numbering is not None and numbering.is_complete(sequences.get(partition_id, 0)):
                    complete[partition_id] = numbering
            # Reads under way may have begun before what was lost.
            self._changes[_ALL] += 1
            self._drop([record for record in self._places if record.partition_id not in complete])
            self._numberings = {
                uuid: complete.get(partition_id) or _Numbering(sequences.get(partition_id, 0))
                for partition_id, uuid in numberings.items()
            }
