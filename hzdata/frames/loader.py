"""The sending of a load: many chunks under way to every member, and what a lost member held is sent again.

`Loader.run` takes batches of chunks and returns when all are placed. One thread does everything, over one bulk
connection to each member. The loader knows bytes and row numbers: no columns, no frames.

What became of a row follows from the state of its delivery, which is set before its bytes leave and again when the
answer is here: an interrupt at any point between leaves a true account.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any
from uuid import UUID

from hzdata import bulk
from hzdata.bulk import BulkConnection
from hzdata.core.errors import (
    HazelcastClientNotActiveError,
    HazelcastError,
    HazelcastInstanceNotActiveError,
    HazelcastOverloadError,
    IndeterminateOperationStateError,
    OperationTimeoutError,
    TargetDisconnectedError,
    is_retryable_error,
)
from hzdata.core.network.waiting import wait_for
from hzdata.core.protocol.framing import Message

from .columns.entries import Chunk

__all__ = ["Batch", "Delivery", "LoadStoppedError", "Loader", "State"]

WINDOW_BYTES = 8 << 20
"""With less under way to every member the next batch is laid out: enough that they have work meanwhile."""

SEND_BYTES = 1 << 18
"""Chunks are sent together up to this size: fewer system calls."""

TICK_SECONDS = 0.25
"""How often a loader that waits looks whether a member left, or time is over."""

LAST_ANSWERS_SECONDS = 0.3
"""How long a load that stops listens for answers that are on their way, so that less is unknown."""

# Answers after which the entries are sent again, whether they took effect or not: put twice is the same map.
_REPEATED = (
    HazelcastInstanceNotActiveError,
    HazelcastOverloadError,
    IndeterminateOperationStateError,
    OperationTimeoutError,
)


class LoadStoppedError(HazelcastError):
    """A load could not go on."""


class State(Enum):
    """What is known of the entries of a chunk."""

    NOT_PLACED = "not placed"
    """They never left."""
    UNKNOWN = "unknown"
    """They left, and no answer came, or one that does not tell."""
    PLACED = "placed"
    """Acknowledged, after the backups had them."""


@dataclass(slots=True, eq=False)
class Delivery:
    """A chunk on its way."""

    chunk: Chunk
    batch: Batch
    size: int
    state: State = State.NOT_PLACED
    first_tried: float | None = None
    answers_left: int = 0
    refusal: Exception | None = None


@dataclass(eq=False)
class Batch:
    """Rows that were laid out together.

    Attributes
    ----------
    first_row : int
        Number of the first row in the whole load.
    row_count : int
    content : object
        What the rows can be handed back from.
    """

    first_row: int
    row_count: int
    chunks: Sequence[Chunk]
    content: Any = None
    deliveries: list[Delivery] = field(init=False)
    pending: int = field(init=False)

    def __post_init__(self) -> None:
        self.deliveries = [Delivery(chunk, self, chunk.size) for chunk in self.chunks]
        self.chunks = ()
        self.pending = len(self.deliveries)


class _Lane:
    """What is under way on the bulk connection to one member."""

    def __init__(self, connection: BulkConnection) -> None:
        self.connection = connection
        self.in_flight: dict[int, Delivery] = {}
        self.bytes = 0
        self.heard = time.monotonic()
        self._outbox: list[Delivery] = []
        self._outbox_bytes = 0

    def add(self, delivery: Delivery) -> None:
        if not self.in_flight:
            self.heard = time.monotonic()
        delivery.answers_left = delivery.chunk.answers
        delivery.refusal = None
        self.in_flight[delivery.chunk.correlation_id] = delivery
        self.bytes += delivery.size
        self._outbox.append(delivery)
        self._outbox_bytes += delivery.size
        if self._outbox_bytes >= SEND_BYTES:
            self.flush()

    def flush(self) -> None:
        if not self._outbox:
            return
        deliveries, self._outbox, self._outbox_bytes = self._outbox, [], 0
        buffers: list[bytes | memoryview] = []
        for delivery in deliveries:
            delivery.state = State.UNKNOWN
            buffers += delivery.chunk.buffers
        self.connection.send(*buffers)


class Loader:
    """Sends batches of chunks to the owners of their partitions until every chunk is placed.

    Parameters
    ----------
    client : HazelcastClient
    on_placed : callable, optional
        Called with a number of rows when so many more were acknowledged.

    Attributes
    ----------
    open : dict of int to Batch
        Batches that are not yet placed as a whole, by first row.
    stop_row : int
        Behind the last row that was taken so far.
    bytes_placed : int
        What was sent for the chunks that are placed.
    """

    def __init__(self, client: Any, on_placed: Callable[[int], object] | None = None) -> None:
        self._client = client
        self._config = client.config
        self.on_placed = on_placed
        self._lanes: dict[UUID | None, _Lane] = {}
        self._ready: list[Delivery] = []
        self._again: list[tuple[float, Delivery]] = []
        self._unreachable: dict[UUID | None, tuple[float, HazelcastError]] = {}
        self.open: dict[int, Batch] = {}
        self.stop_row = 0
        self.bytes_placed = 0

    def run(self, batches: Iterable[Batch]) -> None:
        """Send all batches, and return when every entry is acknowledged.

        Raises
        ------
        LoadStoppedError
            When a member refuses entries, or they can not be placed within ``invocation_timeout``.
        """
        try:
            for batch in batches:
                if not batch.deliveries:
                    continue
                self.open[batch.first_row] = batch
                self.stop_row = batch.first_row + batch.row_count
                self._ready += batch.deliveries
                self._step(0)
                while self._is_full():
                    self._step(TICK_SECONDS)
            while self.open:
                self._step(TICK_SECONDS)
        except BaseException:
            self._take_last_answers()
            raise
        finally:
            for lane in self._lanes.values():
                lane.connection.close()

    def rows(self, state: State) -> Iterator[tuple[Batch, list[Any]]]:
        """Yield each batch with the positions within it, as arrays, of its rows whose entries are in `state`."""
        for batch in list(self.open.values()):
            positions = [delivery.chunk.rows for delivery in batch.deliveries if delivery.state is state]
            if positions:
                yield batch, positions

    def _is_full(self) -> bool:
        waiting = sum(delivery.size for _, delivery in self._again)
        return waiting > WINDOW_BYTES or any(lane.bytes > WINDOW_BYTES for lane in self._lanes.values())

    def _step(self, wait: float) -> None:
        """Send what can be sent, take the answers that come within `wait` seconds, see to what failed."""
        self._send_ready()
        for owner, lane in list(self._lanes.items()):
            try:
                lane.flush()
            except HazelcastError as error:
                self._lost(owner, error)
        self._listen(wait)
        self._leave_the_silent()
        now = time.monotonic()
        self._ready += [delivery for due, delivery in self._again if due <= now]
        self._again = [(due, delivery) for due, delivery in self._again if due > now]

    # --- sending ---

    def _send_ready(self) -> None:
        """Hand to the lanes of their owners what is to be sent."""
        ready, self._ready = self._ready, []
        owner_of = self._client.partition_service.get_partition_owner
        for delivery in ready:
            if delivery.first_tried is None:
                delivery.first_tried = time.monotonic()
            # Without an owner any member will do: they pass on what is not theirs.
            owner = owner_of(delivery.chunk.partition)
            lane = self._lanes.get(owner)
            try:
                (lane or self._open_lane(owner)).add(delivery)
            except LoadStoppedError:
                raise
            except HazelcastError as error:
                if owner in self._lanes:
                    self._lost(owner, error)
                else:
                    self._send_later(delivery, error)

    def _open_lane(self, owner: UUID | None) -> _Lane:
        until, error = self._unreachable.get(owner, (0.0, None))
        if error is not None and time.monotonic() < until:
            raise error
        try:
            lane = self._lanes[owner] = _Lane(bulk.of(self._client).open(owner))
        except HazelcastClientNotActiveError as error:
            raise LoadStoppedError("the client was shut down in the middle of the load", error) from error
        except HazelcastError as error:
            self._unreachable[owner] = time.monotonic() + self._config.invocation_retry_pause, error
            raise
        return lane

    def _send_later(self, delivery: Delivery, error: Exception) -> None:
        assert delivery.first_tried is not None
        now = time.monotonic()
        if now - delivery.first_tried > self._config.invocation_timeout:
            raise LoadStoppedError(
                f"entries of partition {delivery.chunk.partition} could not be placed within "
                f"invocation_timeout={self._config.invocation_timeout} s; the last failure was: {error}",
                error,
            ) from error
        self._again.append((now + self._config.invocation_retry_pause, delivery))

    # --- listening ---

    def _listen(self, wait: float) -> None:
        """Take the answers that are here, or the first that come within `wait` seconds."""
        lanes = {
            lane.connection.fileno(): (owner, lane)
            for owner, lane in self._lanes.items()
            if lane.in_flight and lane.connection.alive
        }
        if not lanes:
            time.sleep(wait)
            return
        buffered = {number for number, (_, lane) in lanes.items() if lane.connection.has_buffered()}
        readable = wait_for(lanes, timeout=0 if buffered else wait)
        for number in buffered.union(readable):
            owner, lane = lanes[number]
            try:
                # A refusal may end the load: what was placed meanwhile is known before.
                for answer in sorted(lane.connection.arrived(), key=Message.is_error):
                    self._take(lane, answer)
            except LoadStoppedError:
                raise
            except HazelcastError as error:
                self._lost(owner, error)

    def _take(self, lane: _Lane, answer: Message) -> None:
        lane.heard = time.monotonic()
        delivery = lane.in_flight.get(answer.correlation_id)
        if delivery is None:
            return
        delivery.refusal = answer.error() or delivery.refusal
        delivery.answers_left -= 1
        if delivery.answers_left:
            return
        del lane.in_flight[answer.correlation_id]
        lane.bytes -= delivery.size
        refusal = delivery.refusal
        if refusal is None:
            self._placed(delivery)
        elif is_retryable_error(refusal) or isinstance(refusal, _REPEATED):
            self._send_later(delivery, refusal)
        else:
            raise LoadStoppedError(
                f"the member at {lane.connection.address} refused entries of partition {delivery.chunk.partition}: "
                f"{refusal}",
                refusal,
            ) from refusal

    def _placed(self, delivery: Delivery) -> None:
        delivery.state = State.PLACED
        batch = delivery.batch
        batch.pending -= 1
        self.bytes_placed += delivery.size
        if not batch.pending:
            # Its bytes and rows are let go here; until then the whole batch is held. It and its deliveries know each
            # other: left to the garbage collector, 200 MB of them wait for it.
            self.open.pop(batch.first_row, None)
            batch.deliveries.clear()
        if self.on_placed is not None:
            self.on_placed(len(delivery.chunk.rows))

    def _leave_the_silent(self) -> None:
        """Give up members that left the cluster, or have not answered for ``heartbeat_timeout``."""
        now = time.monotonic()
        for owner, lane in list(self._lanes.items()):
            silence = now - lane.heard if lane.in_flight else 0.0
            if silence > self._config.heartbeat_timeout:
                self._lost(
                    owner, TargetDisconnectedError(f"{lane.connection.address} did not answer for {silence:.0f} s")
                )
            elif silence > TICK_SECONDS and owner is not None and not self._is_member(owner):
                self._lost(owner, TargetDisconnectedError(f"{lane.connection.address} left the cluster"))

    def _is_member(self, uuid: UUID) -> bool:
        return any(member.uuid == uuid for member in self._client.cluster_service.get_members())

    def _lost(self, owner: UUID | None, error: Exception) -> None:
        lane = self._lanes.pop(owner)
        lane.connection.close()
        for delivery in lane.in_flight.values():
            self._send_later(delivery, error)

    def _take_last_answers(self) -> None:
        until = time.monotonic() + LAST_ANSWERS_SECONDS
        try:
            while any(lane.in_flight and lane.connection.alive for lane in self._lanes.values()):
                if (left := until - time.monotonic()) <= 0:
                    return
                self._listen(left)
        except HazelcastError:
            return  # What stopped the load is what the caller hears of.
