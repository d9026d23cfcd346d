"""Entries by column: Arrow columns -> keys and values as messages, grouped by partition, ready to send.

`EntryWriter.write` lays out all entries of a batch, orders them by partition and cuts the bytes into chunks. A chunk is
one ``Map.putAll`` for one partition. ``putAll`` has no time to live: with one, a chunk is a ``Map.set`` for each entry,
all under the chunk's correlation id, and is done when as many answers have come.

A message is a run of frames, ``int32 length, uint16 flags, payload``, little endian: `hzdata.core.protocol.framing`.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from hzdata.core.protocol.framing import (
    BEGIN_FRAME,
    END_DATA_STRUCTURE,
    FINAL,
    FRAME_HEADER,
    HEADER_SIZE,
    UNFRAGMENTED,
)
from hzdata.core.protocol.table import MESSAGES

from .keys import Key, partitions
from .rows import Rows, Slot

__all__ = ["Chunk", "EntryWriter", "ValueWriter"]

MAX_CHUNK_BYTES = 1 << 20
"""The thread of a partition does nothing else while it takes a chunk."""

_HEAD = struct.Struct("<iqi")
"""Message type, correlation id, partition id."""


class ValueWriter(Protocol):
    """Serializes the values of entries."""

    def write(self, rows: Rows, columns: Mapping[str, pa.Array]) -> None:
        """Add its serialized value, header included, to every row."""


@dataclass(slots=True, eq=False)
class Chunk:
    """Entries of one partition as bytes to send.

    Attributes
    ----------
    correlation_id : int
        Of every message in `buffers`.
    partition : int
    answers : int
        How many answers tell that all entries are placed.
    rows : ndarray of int
        Which rows of the batch the entries are.
    buffers : tuple of bytes-like
        Whole messages.
    """

    correlation_id: int
    partition: int
    answers: int
    rows: npt.NDArray[np.int64]
    buffers: tuple[bytes | memoryview, ...]

    @property
    def size(self) -> int:
        """Bytes to send."""
        return sum(map(len, self.buffers))


class _PutAll:
    """One message a chunk, the entries between the frames that begin and end a list."""

    entry_flags = 0
    _END = FRAME_HEADER.pack(HEADER_SIZE, END_DATA_STRUCTURE | FINAL)
    # The last byte is triggerMapLoader: what the map's store holds is not loaded to be overwritten.
    _FIRST = struct.Struct("<iHiqib")

    def __init__(self, map_name: str) -> None:
        self._type = MESSAGES["Map.putAll"].type
        self._begin = _frame(map_name.encode()) + BEGIN_FRAME

    def begin(self, rows: Rows, partition: npt.NDArray[Any]) -> Slot | None:
        """Add what precedes each entry; return the place of its correlation id, if it has one."""
        return None

    def buffers(self, correlation_id: int, partition: int, body: memoryview) -> tuple[bytes | memoryview, ...]:
        """Return the entries `body` as whole messages."""
        first = self._FIRST.pack(self._FIRST.size, UNFRAGMENTED, self._type, correlation_id, partition, 0)
        return first + self._begin, body, self._END


class _Set:
    """One message an entry."""

    entry_flags = FINAL
    # Locks belong to threads, and no thread of ours that could hold one has this id.
    _THREAD_ID = 0

    def __init__(self, map_name: str, ttl: int) -> None:
        self._name = _frame(map_name.encode())
        self._ttl = ttl

    def begin(self, rows: Rows, partition: npt.NDArray[Any]) -> Slot | None:
        """Add what precedes each entry; return the place of its correlation id, if it has one."""
        fixed = struct.pack("<qq", self._THREAD_ID, self._ttl)
        rows.constant(FRAME_HEADER.pack(HEADER_SIZE + _HEAD.size + len(fixed), UNFRAGMENTED))
        rows.constant(struct.pack("<i", MESSAGES["Map.set"].type))
        correlation_id = rows.slot(8)
        rows.numbers(partition.astype("<i4"))
        rows.constant(fixed + self._name)
        return correlation_id

    def buffers(self, correlation_id: int, partition: int, body: memoryview) -> tuple[bytes | memoryview, ...]:
        """Return the entries `body` as whole messages."""
        return (body,)


@dataclass(eq=False)
class EntryWriter:
    """Writes the rows of batches as entries of a map.

    Parameters
    ----------
    map_name : str
    key : Key
    value : ValueWriter
    partition_count : int
        How many partitions the cluster has.
    ttl : int, optional
        Time to live of the entries in milliseconds. None leaves it to the map's configuration.
    """

    map_name: str
    key: Key
    value: ValueWriter
    partition_count: int
    ttl: int | None = None

    def __post_init__(self) -> None:
        self._next_id = 1
        self._form = _PutAll(self.map_name) if self.ttl is None else _Set(self.map_name, self.ttl)

    def write(self, count: int, keys: Mapping[str, pa.Array], values: Mapping[str, pa.Array]) -> list[Chunk]:
        """Return the entries of `count` rows, ordered by partition.

        Parameters
        ----------
        count : int
            How many rows there are.
        keys, values : mapping of str to pyarrow.Array
            The columns of the keys, without nulls, and of the values, of the Arrow types that the type table casts
            them to.
        """
        if not count:
            return []
        payloads = Rows(count)
        self.key.write_payload(payloads, keys)
        # NumPy sorts 16-bit numbers by radix.
        partition = partitions(payloads.join(), self.partition_count).astype(np.min_scalar_type(self.partition_count))
        order = np.argsort(partition, kind="stable")

        rows = Rows(count)
        correlation = self._form.begin(rows, partition)
        with _frame_in(rows):
            rows.constant(self.key.header)
            self.key.write_payload(rows, keys)
        with _frame_in(rows, self._form.entry_flags):
            self.value.write(rows, values)

        partition = partition[order]
        bounds = rows.bounds(order)
        cuts = _cuts(partition, bounds[1:])
        ids = range(self._next_id, self._next_id + len(cuts))
        self._next_id = ids.stop
        if correlation is not None:
            of_row = np.empty(count, dtype=np.int64)
            of_row[order] = np.repeat(ids, np.diff(cuts, prepend=0))
            correlation.fill(of_row, "<i8")
        body = rows.laid_out(order, bounds).data
        chunks = []
        start, begin = 0, 0
        owned = partition[cuts - 1].tolist()
        for id_, group, stop, end in zip(ids, owned, cuts.tolist(), bounds[cuts].tolist(), strict=True):
            buffers = self._form.buffers(id_, group, body[begin:end])
            answers = 1 if self.ttl is None else stop - start
            chunks.append(Chunk(id_, group, answers, order[start:stop], buffers))
            start, begin = stop, end
        return chunks


def _cuts(partition: npt.NDArray[Any], ends: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Where chunks of sorted entries end: behind each partition's last entry, and within one that is too large."""
    stops = np.append(np.flatnonzero(partition[1:] != partition[:-1]) + 1, len(partition))
    sizes = np.diff(ends[stops - 1], prepend=0)
    extra = []
    for group in np.flatnonzero(sizes > MAX_CHUNK_BYTES).tolist():
        start, stop = int(stops[group - 1]) if group else 0, int(stops[group])
        while start < stop:
            limit = (int(ends[start - 1]) if start else 0) + MAX_CHUNK_BYTES
            start = max(start + 1, int(np.searchsorted(ends[:stop], limit, side="right")))
            extra.append(start)
    return np.union1d(stops, np.array(extra, dtype=np.int64))


@contextmanager
def _frame_in(rows: Rows, flags: int = 0) -> Iterator[None]:
    """Make what is added within a frame of every row."""
    begin = rows.length
    length = rows.slot(4)
    rows.constant(struct.pack("<H", flags))
    yield
    length.fill(rows.length - begin, "<i4")


def _frame(payload: bytes, flags: int = 0) -> bytes:
    return FRAME_HEADER.pack(HEADER_SIZE + len(payload), flags) + payload
