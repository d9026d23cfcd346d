"""A whole map, partition by partition, over bulk connections: entries undecoded, each exactly once.

A partition is held until it is complete. When its member is lost, or it moves, it is read again from the start, so that
no entry is lost or doubled. Entries that others change meanwhile may be seen as they were or as they are.

One thread does everything, over one connection to each member with several partitions under way.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import numpy as np
import numpy.typing as npt

from hzdata import bulk
from hzdata.bulk import BulkConnection
from hzdata.core.errors import (
    HazelcastClientNotActiveError,
    HazelcastError,
    HazelcastInstanceNotActiveError,
    HazelcastTimeoutError,
    OperationTimeoutError,
    TargetDisconnectedError,
    is_retryable_error,
)
from hzdata.core.network.waiting import wait_for
from hzdata.core.protocol.framing import HEADER_SIZE, Message, route
from hzdata.core.protocol.messages import MessageType, message

from . import kernels

__all__ = ["BEGIN", "FETCH_ENTRIES", "Entries", "MapScan", "read_answer"]

FETCH_ENTRIES = message("Map.fetchEntries")
FETCH_WITH_QUERY = message("Map.fetchWithQuery")

BATCH_ENTRIES = 8_000
"""Entries asked for at a time: members allocate by it, and 4,000 to 10,000 drain fastest."""

BATCH_BYTES = 4 << 20
"""The most that is asked for at a time, once it is known how large the entries are."""

IN_FLIGHT = 8
"""Partitions under way to one member: enough that it always has work."""

SMALL_IN_FLIGHT = 32
SMALL_ANSWER = 128 << 10
"""More of them where answers have fewer bytes than this: what counts then is how many are sent and received at once."""

BEGIN = [(2**31 - 1, -1)]
"""Where a partition is read from, at first."""

_TICK = 0.25

Int64Array = npt.NDArray[np.int64]


@dataclass
class Entries:
    """Entries of a partition, as they came.

    Attributes
    ----------
    buffer : bytes-like
        A whole message.
    starts : numpy.ndarray of int64
        Where in it the Data begin: of keys and values by turns, or of results of a query.
    """

    buffer: bytes | bytearray
    starts: Int64Array


@dataclass
class _Partition:
    id: int
    first_tried: float = 0.0
    pointers: list[tuple[int, int]] = field(default_factory=lambda: list(BEGIN))
    parts: list[Entries] = field(default_factory=list)

    def start_over(self) -> None:
        self.pointers = list(BEGIN)
        self.parts = []


class _Lane:
    def __init__(self, connection: BulkConnection) -> None:
        self.connection = connection
        self.in_flight: dict[int, _Partition] = {}
        self.outbox: list[bytes | bytearray] = []
        self.heard = time.monotonic()


class MapScan:
    """Reads every partition of a map once. An iterator of lists of `Entries`, a partition each that has some.

    Parameters
    ----------
    client
    name : str
        Of the map.
    projection, predicate : Data, optional
        Read with a query instead: what is wanted of which entries.
    partitions : collection of int, optional
        Read no others.

    Attributes
    ----------
    left : set of int
        The partitions that were not given out yet.
    """

    def __init__(
        self,
        client: Any,
        name: str,
        projection: Any = None,
        predicate: Any = None,
        partitions: Collection[int] | None = None,
    ) -> None:
        self._client = client
        self._name = name
        self._query = (projection, predicate)
        self._row: MessageType = FETCH_ENTRIES if projection is None else FETCH_WITH_QUERY
        self.left = set(range(client.partition_service.get_partition_count()) if partitions is None else partitions)
        self._waiting = deque(map(_Partition, sorted(self.left)))
        self._again: list[tuple[float, _Partition]] = []
        self._lanes: dict[UUID | None, _Lane] = {}
        self._timeout = client.config.invocation_timeout
        self._pause = client.config.invocation_retry_pause
        self._entry_bytes = 1.0
        self._first_request = (0, b"")
        self._answers = self._answered_bytes = 0
        self._looked_for_silence = 0.0

    def __iter__(self) -> Iterator[list[Entries]]:
        try:
            while self.left:
                self._send()
                for partition in self._listen():
                    self.left.remove(partition.id)
                    if partition.parts:
                        yield partition.parts
        finally:
            self.close()

    def close(self) -> None:
        """Close the connections; the members forget what was asked."""
        for lane in self._lanes.values():
            lane.connection.close()
        self._lanes.clear()

    # --- Sending -----------------------------------------------------------------------------------------------------

    def _send(self) -> None:
        depth = SMALL_IN_FLIGHT if self._answered_bytes < SMALL_ANSWER * self._answers else IN_FLIGHT
        lanes = self._lanes.values()
        if lanes and not self._again and all(2 * len(lane.in_flight) > depth and not lane.outbox for lane in lanes):
            return
        now = time.monotonic()
        self._waiting.extend(partition for due, partition in self._again if due <= now)
        self._again = [(due, partition) for due, partition in self._again if due > now]
        members = sum(not member.lite_member for member in self._client.cluster_service.get_members())
        kept: list[_Partition] = []
        # Until every member has as much to do as it may.
        while self._waiting and (len(lanes) < members or any(len(lane.in_flight) < depth for lane in lanes)):
            partition = self._waiting.popleft()
            owner = self._client.partition_service.get_partition_owner(partition.id)
            lane = self._lanes.get(owner)
            if lane is not None and len(lane.in_flight) >= depth:
                kept.append(partition)
                continue
            partition.first_tried = partition.first_tried or now
            try:
                if lane is None:
                    lane = self._lanes[owner] = _Lane(bulk.of(self._client).open(owner, kernels.active.walker))
            except HazelcastClientNotActiveError:
                raise
            except HazelcastError as error:
                self._later(partition, error)
                continue
            self._ask(lane, partition)
        self._waiting.extendleft(reversed(kept))
        for owner, lane in list(self._lanes.items()):
            if lane.outbox:
                requests, lane.outbox = b"".join(lane.outbox), []
                try:
                    lane.connection.send(requests)
                except HazelcastClientNotActiveError:
                    raise
                except HazelcastError as error:
                    self._lost(owner, error)

    def _ask(self, lane: _Lane, partition: _Partition) -> None:
        request = self._request(partition.pointers)
        # A partition has one request under way: its number is what the answer is known by.
        route(request, partition.id + 1, partition.id)
        lane.in_flight[partition.id + 1] = partition
        lane.outbox.append(request)

    def _request(self, pointers: list[tuple[int, int]]) -> bytearray:
        entries = max(1, min(BATCH_ENTRIES, int(BATCH_BYTES / self._entry_bytes)))
        if pointers == BEGIN and self._first_request[0] == entries:
            return bytearray(self._first_request[1])  # most are the same, but for where they go
        parameters = [self._name, pointers, entries]
        if self._row is FETCH_WITH_QUERY:
            parameters += self._query
        request = self._row.encode(*parameters)
        if pointers == BEGIN:
            self._first_request = entries, bytes(request)
        return request

    def _later(self, partition: _Partition, error: Exception) -> None:
        """Read a partition again, from its start."""
        partition.start_over()
        now = time.monotonic()
        if now - partition.first_tried > self._timeout:
            raise OperationTimeoutError(
                f"partition {partition.id} of map {self._name!r} could not be read within invocation_timeout="
                f"{self._timeout} s; the last failure was: {error}",
                error,
            ) from error
        self._again.append((now + self._pause, partition))

    def _lost(self, owner: UUID | None, error: Exception) -> None:
        lane = self._lanes.pop(owner)
        lane.connection.close()
        for partition in lane.in_flight.values():
            self._later(partition, error)

    # --- Listening ---------------------------------------------------------------------------------------------------

    def _listen(self) -> Iterator[_Partition]:
        """Take the answers that are here, or the first that come; yield the partitions that are complete with them."""
        lanes = {lane.connection.fileno(): (owner, lane) for owner, lane in self._lanes.items() if lane.in_flight}
        if not lanes:
            time.sleep(min(_TICK, self._pause) if self._again else 0)
            return
        buffered = {number for number, (_, lane) in lanes.items() if lane.connection.has_buffered()}
        readable = wait_for(lanes, timeout=0 if buffered else _TICK)
        for number in buffered.union(readable):
            owner, lane = lanes[number]
            # What is here already, but so that the member has work while it is decoded.
            for _ in range((len(lane.in_flight) + 1) // 2):
                try:
                    complete = self._take(lane)
                except HazelcastTimeoutError:
                    break
                except TargetDisconnectedError as error:
                    self._lost(owner, error)
                    break
                if complete is not None:
                    yield complete
                if not lane.connection.has_buffered():
                    break
        self._leave_the_silent()

    def _take(self, lane: _Lane) -> _Partition | None:
        answer = lane.connection.receive(timeout=0)
        lane.heard = time.monotonic()
        partition = lane.in_flight.pop(answer.correlation_id, None)
        if partition is None:
            return None
        refusal = answer.error()
        if refusal is not None:
            if not (is_retryable_error(refusal) or isinstance(refusal, HazelcastInstanceNotActiveError)):
                raise refusal
            self._later(partition, refusal)
            return None
        entries, pointers = read_answer(answer, self._row)
        self._answers += 1
        self._answered_bytes += len(entries.buffer)
        if len(entries.starts):
            partition.parts.append(entries)
            self._entry_bytes = max(self._entry_bytes, 2 * len(entries.buffer) / len(entries.starts))
        if pointers and pointers[-1][0] >= 0:
            partition.pointers = pointers
            self._ask(lane, partition)
            return None
        return partition

    def _leave_the_silent(self) -> None:
        now = time.monotonic()
        if now - self._looked_for_silence < _TICK:
            return
        self._looked_for_silence = now
        members = {member.uuid for member in self._client.cluster_service.get_members()}
        for owner, lane in list(self._lanes.items()):
            silence = now - lane.heard if lane.in_flight else 0.0
            if silence > self._client.config.heartbeat_timeout or (
                silence > _TICK and owner is not None and owner not in members
            ):
                self._lost(owner, TargetDisconnectedError(f"{lane.connection.address} left the cluster, or is silent"))


def read_answer(answer: Message, row: MessageType) -> tuple[Entries, list[tuple[int, int]]]:
    """Find the Data of an answer, and where the partition goes on."""
    frames, buffer = answer.frames, answer.buffer
    # Frames: the head; pointers and a list of Data, in the order of the message; each list has a begin and an end.
    first = 1 if row is FETCH_ENTRIES else len(frames) - 2
    at, end = frames[first], frames[first + 1]
    numbers = np.frombuffer(buffer, "<i4", (end - at - HEADER_SIZE) // 4, at + HEADER_SIZE).reshape(-1, 2)
    begin, stop = (3, len(frames) - 2) if row is FETCH_ENTRIES else (2, len(frames) - 3)
    starts = np.asarray(frames[begin:stop], np.int64) + HEADER_SIZE
    return Entries(buffer, starts), [(int(index), int(size)) for index, size in numbers]
