"""Memory and CPU, as the members measure them.

Members publish their metrics every five seconds for Hazelcast's Management Center; a client may read them too
(``MC.readMetrics``). Asking is asynchronous: a member that does not answer costs its own figures, and nobody's time.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from hzdata.core.protocol.messages import message
from hzdata.core.protocol.metrics import Metric

from .answers import answered
from .metrics import decode_metrics

__all__ = ["MemberVitals", "VitalsReader"]

_logger = logging.getLogger(__name__)

_READ_METRICS = message("MC.readMetrics")
_OLDEST = 0  # the sequence to read from: a member keeps the blobs of some seconds

PERIOD = 5.0
"""Seconds between two questions to a member: it measures no more often."""


class MemberVitals(NamedTuple):
    """What a member says of itself.

    Parameters
    ----------
    heap_used, heap_max : int
        Bytes of the Java heap.
    cpu : float or None
        Share of the machine's CPU time that its process took lately, 0 to 1.
    up_since : float
        When its process started, seconds since the epoch.
    """

    heap_used: int
    heap_max: int
    cpu: float | None
    up_since: float


def vitals_of(metrics: Sequence[Metric], now: float) -> MemberVitals | None:
    """Return the vitals in a member's metrics, or None when they are not there."""
    own = {metric.name: metric.value for metric in metrics if metric.subject is metric.client is None}
    try:
        cpu = own.get("os.processCpuLoad", -1)
        return MemberVitals(
            heap_used=int(own["runtime.usedMemory"]),
            heap_max=int(own["runtime.maxMemory"]),
            cpu=cpu / 100 if cpu >= 0 else None,  # a percentage; negative when the Java runtime does not know
            up_since=now - own["runtime.uptime"] / 1000,
        )
    except KeyError:
        return None


def map_memory_of(metrics: Sequence[Metric]) -> dict[str, int]:
    """Return the bytes that the entries of each map take on a member, backups not counted, by the map's name."""
    return {m.subject: int(m.value) for m in metrics if m.name == "map.ownedEntryMemoryCost" and m.subject}


class VitalsReader:
    """Asks the members for their metrics, and keeps the last answer of each.

    Parameters
    ----------
    client : HazelcastClient
    clock : callable
        Tells the time, in seconds since the epoch.
    """

    def __init__(self, client: Any, clock: Callable[[], float] = time.time) -> None:
        self._client = client
        self._clock = clock
        self._lock = threading.Lock()
        self._members: frozenset[Any] = frozenset()
        self._settled = 0.0  # from when on what members measure of maps adds up
        self._asked: dict[Any, float] = {}
        self._vitals: dict[Any, MemberVitals] = {}
        self._map_memory: dict[Any, dict[str, int]] = {}

    def of(self, member_uuid: Any) -> MemberVitals | None:
        """Return what the member said last, or None."""
        return self._vitals.get(member_uuid)

    def map_memory(self) -> dict[str, int]:
        """Return the bytes that each map takes, backups not counted; nothing while a member's part is missing."""
        total: Counter[str] = Counter()
        with self._lock:
            if self._map_memory.keys() == self._members:
                for part in self._map_memory.values():
                    total.update(part)
        return total

    def ask(self, wait: float = 0.0) -> None:
        """Ask every member that was not asked lately.

        Parameters
        ----------
        wait : float
            Seconds to wait for the answers. Those that come later are taken all the same.
        """
        now = self._clock()
        with self._lock:
            self._note_members(now)
            due = [uuid for uuid in self._members if now - self._asked.get(uuid, 0) >= PERIOD]
            self._asked.update(dict.fromkeys(due, now))
        questions: list[tuple[Any, Any]] = []
        for uuid in due:
            try:
                question = self._client.invocation_service.invoke(_READ_METRICS, uuid, _OLDEST, member_uuid=uuid)
            except Exception:
                _logger.debug("cannot ask member %s for its metrics", uuid, exc_info=True)
                continue
            question.add_done_callback(lambda answer, uuid=uuid: self._take(uuid, answer))
            questions.append((uuid, question))
        for uuid, question in answered(questions, wait):
            self._take(uuid, question)

    def _note_members(self, now: float) -> None:
        """Forget who has left. When anyone came or went, partitions move: what was measured of maps before is void."""
        members = frozenset(member.uuid for member in self._client.cluster_service.get_members())
        if members == self._members:
            return
        if self._members:
            self._map_memory.clear()
            self._settled = now + PERIOD
            # Asked again then, they answer with what they measured after the change.
            self._asked = dict.fromkeys(members & self._asked.keys(), now)
        for gone in self._vitals.keys() - members:
            del self._vitals[gone]
        self._members = members

    def _take(self, uuid: Any, answer: Any) -> None:
        try:
            blobs, _ = answer.result()
            if not blobs:
                return  # nothing measured yet
            metrics = decode_metrics(blobs[-1][1])
        except Exception:
            _logger.debug("no metrics of member %s", uuid, exc_info=True)
            return
        now = self._clock()
        vitals = vitals_of(metrics, now)
        with self._lock:
            if uuid not in self._members:
                return  # it has left meanwhile
            if now >= self._settled:
                self._map_memory[uuid] = map_memory_of(metrics)
            if vitals is not None:
                # The start of a process does not move, only the two clocks do.
                before = self._vitals.get(uuid)
                self._vitals[uuid] = vitals._replace(up_since=before.up_since) if before else vitals
