"""The counter that replicates without agreement: a conflict-free replicated data type.

See: https://hal.inria.fr/inria-00555588, section 3.1.3, of which the members keep the state; a client keeps the vector
clock of what it has seen, so that it reads its own writes, and never reads backwards.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Collection
from typing import Any
from uuid import UUID

from .. import errors
from ..future import Future, Steps, steps
from .base import Context, Proxy


class PNCounter(Proxy, service="hz:impl:PNCounterService"):
    """A counter that goes up and down, on replicas that need not reach each other.

    Within one proxy, reads are monotonic and see its writes: they go to one replica, and to another only if that has
    seen as much. When none has, every operation raises ``ConsistencyLostError``, until ``reset()``.

    Examples
    --------
    >>> likes = client.get_pn_counter("likes").blocking()
    >>> likes.increment_and_get()
    1
    """

    def __init__(self, service_name: str, name: str, context: Context) -> None:
        super().__init__(service_name, name, context)
        self._lock = threading.Lock()
        self._clock: dict[UUID, int] = {}
        self._replicas: int | None = None
        self._target: UUID | None = None

    def get(self) -> Future[int]:
        """Return the value.

        Examples
        --------
        >>> likes.get()
        1
        """
        return self._on_replica("get")

    def get_and_add(self, delta: int) -> Future[int]:
        """Add ``delta`` and return the value before.

        Examples
        --------
        >>> likes.get_and_add(2)
        1
        """
        return self._add(delta, True)

    def add_and_get(self, delta: int) -> Future[int]:
        """Add ``delta`` and return the value after.

        Examples
        --------
        >>> likes.add_and_get(2)
        5
        """
        return self._add(delta, False)

    def get_and_subtract(self, delta: int) -> Future[int]:
        """Subtract ``delta`` and return the value before.

        Examples
        --------
        >>> likes.get_and_subtract(1)
        5
        """
        return self._add(-delta, True)

    def subtract_and_get(self, delta: int) -> Future[int]:
        """Subtract ``delta`` and return the value after.

        Examples
        --------
        >>> likes.subtract_and_get(2)
        2
        """
        return self._add(-delta, False)

    def get_and_decrement(self) -> Future[int]:
        """Subtract 1 and return the value before.

        Examples
        --------
        >>> likes.get_and_decrement()
        2
        """
        return self._add(-1, True)

    def decrement_and_get(self) -> Future[int]:
        """Subtract 1 and return the value after.

        Examples
        --------
        >>> likes.decrement_and_get()
        0
        """
        return self._add(-1, False)

    def get_and_increment(self) -> Future[int]:
        """Add 1 and return the value before.

        Examples
        --------
        >>> likes.get_and_increment()
        0
        """
        return self._add(1, True)

    def increment_and_get(self) -> Future[int]:
        """Add 1 and return the value after."""
        return self._add(1, False)

    def reset(self) -> Future[None]:
        """Forget what was seen: after a ``ConsistencyLostError``, operations go on with what a replica has.

        Examples
        --------
        >>> likes.reset()
        """
        self._clock = {}
        return steps(self._context.dispatcher, self._count_replicas())

    def _add(self, delta: int, before: bool) -> Future[int]:
        return self._on_replica("add", delta, before)

    def _count_replicas(self) -> Steps[None]:
        self._replicas = yield self._ask("getConfiguredReplicaCount")

    def _on_replica(self, method: str, *parameters: Any) -> Future[int]:
        return steps(self._context.dispatcher, self._asked(method, *parameters))

    def _asked(self, method: str, *parameters: Any) -> Steps[int]:
        if self._replicas is None:
            yield from self._count_replicas()
        failed: dict[UUID, errors.HazelcastError] = {}
        while target := self._choose(failed):
            clock = list(self._clock.items())
            route = target if self._context.connections.is_smart else None
            try:
                return self._observe((yield self._ask(method, *parameters, clock, target, member_uuid=route)))
            except (errors.IndeterminateOperationStateError, errors.TargetDisconnectedError):
                raise  # It may have been counted.
            except errors.HazelcastError as error:
                failed[target] = error
        none = errors.NoDataMemberInClusterError("the cluster has no member that holds data, which the counter needs")
        raise list(failed.values())[-1] if failed else none

    def _choose(self, failed: Collection[UUID]) -> UUID | None:
        """Return the replica that is asked: always the same, as long as it answers."""
        holders = [m.uuid for m in self._context.cluster.get_members() if not m.lite_member][: self._replicas]
        usable = [member_uuid for member_uuid in holders if member_uuid not in failed]
        with self._lock:
            if self._target not in usable:
                self._target = random.choice(usable) if usable else None
            return self._target

    def _observe(self, response: Any) -> int:
        newer = dict(response.replica_timestamps)
        with self._lock:
            if all(newer.get(replica, 0) >= seen for replica, seen in self._clock.items()):
                self._clock = newer
        self._replicas = response.replica_count
        return int(response.value)
