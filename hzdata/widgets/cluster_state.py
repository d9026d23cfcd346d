"""The cluster as it is at a moment, taken from a client: plain values that any face can show.

What the client knows by itself (members, who owns which partition) is read when a snapshot is taken; what it does not
keep (when a member came, which one went) is noted from its events.
"""

from __future__ import annotations

import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from hzdata.core.core import MemberInfo
from hzdata.core.lifecycle import LifecycleState

from .vitals import MemberVitals

__all__ = [
    "LEFT",
    "LIFECYCLE_WORDS",
    "OUT_OF_REACH",
    "UP",
    "ClusterSnapshot",
    "ClusterState",
    "MemberState",
    "endpoint",
]

# States of a member, as they are shown.
UP = "up"
OUT_OF_REACH = "out of reach"
LEFT = "left"

LIFECYCLE_WORDS = {
    LifecycleState.STARTING: "starting",
    LifecycleState.STARTED: "started",
    LifecycleState.CONNECTED: "connected",
    LifecycleState.DISCONNECTED: "disconnected",
    LifecycleState.SHUTTING_DOWN: "shutting down",
    LifecycleState.SHUTDOWN: "shut down",
}
"""The states of a client, as they are shown."""

_REMEMBERED = 5  # members that have left, shown until
_FORGOTTEN_AFTER = 300.0  # seconds


class MemberState(NamedTuple):
    """A member, as it is or as it was when it left.

    Parameters
    ----------
    address, uuid, version : str
    lite : bool
        It holds no data.
    state : str
        `UP`, `LEFT`, or `OUT_OF_REACH`: it was up when the client last heard of the cluster.
    since : float or None
        Since when, seconds since the epoch; None when it was up before anybody looked and does not say.
    partitions : int
        Partitions it owns.
    vitals : MemberVitals or None
        Memory and CPU, when the member tells.
    """

    address: str
    uuid: str
    version: str
    lite: bool
    state: str
    since: float | None
    partitions: int
    vitals: MemberVitals | None


class ClusterSnapshot(NamedTuple):
    """The cluster at a moment.

    Parameters
    ----------
    cluster_name : str
    lifecycle : str
        A ``LifecycleState`` of the client.
    since : float or None
        Since when the client is in that state.
    members : tuple of MemberState
        Those in the cluster, oldest first, then those that left lately, latest first.
    partition_count : int
        0 when not known yet.
    """

    cluster_name: str
    lifecycle: str
    since: float | None
    members: tuple[MemberState, ...]
    partition_count: int

    @property
    def member_count(self) -> int:
        """Members that are in the cluster, as far as is known."""
        return sum(member.state != LEFT for member in self.members)


def endpoint(member: MemberInfo) -> str:
    """Return where a member listens, as ``host:port``."""
    host, port = member.address.host, member.address.port
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


class ClusterState:
    """Follows a cluster through a client.

    Parameters
    ----------
    client : HazelcastClient
    vitals_of : callable
        Tells the vitals of a member by its uuid.
    clock : callable
        Tells the time, in seconds since the epoch.
    """

    def __init__(
        self,
        client: Any,
        vitals_of: Callable[[Any], MemberVitals | None] = lambda uuid: None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._client = client
        self._vitals_of = vitals_of
        self._clock = clock
        self._lock = threading.Lock()
        self._joined: dict[Any, float] = {}
        self._left: deque[MemberState] = deque(maxlen=_REMEMBERED)
        self._last: dict[Any, MemberState] = {}
        self._lifecycle: str = client.lifecycle_service.state
        self._since: float | None = None
        self.connected_at: float | None = None
        """When the client was connected last, if it was while this follows the cluster."""

    def member_added(self, member: MemberInfo) -> None:
        """Note that a member came."""
        with self._lock:
            self._joined[member.uuid] = self._clock()

    def member_removed(self, member: MemberInfo) -> None:
        """Note that a member went."""
        with self._lock:
            last = self._last.pop(member.uuid, None) or self._member(member, 0)
            self._joined.pop(member.uuid, None)
            self._left.appendleft(last._replace(state=LEFT, since=self._clock(), partitions=0, vitals=None))

    def lifecycle_changed(self, state: str) -> None:
        """Note the client's new state."""
        with self._lock:
            self._lifecycle, self._since = state, self._clock()
            if state == LifecycleState.CONNECTED:
                self.connected_at = self._since

    def snapshot(self) -> ClusterSnapshot:
        """Return the cluster as it is now. Asks nothing over the network."""
        members: Iterable[MemberInfo] = self._client.cluster_service.get_members()
        partition_count, owned = self._ownership()
        now = self._clock()
        with self._lock:
            up = {member.uuid: self._member(member, owned[member.uuid]) for member in members}
            self._last = up
            left = [m for m in self._left if m.since is not None and now - m.since < _FORGOTTEN_AFTER]
            return ClusterSnapshot(
                cluster_name=self._client.config.cluster_name,
                lifecycle=self._lifecycle,
                since=self._since,
                members=(*up.values(), *left),
                partition_count=partition_count,
            )

    def _member(self, member: MemberInfo, partitions: int) -> MemberState:
        connected = self._lifecycle == LifecycleState.CONNECTED
        vitals = self._vitals_of(member.uuid) if connected else None
        since = vitals.up_since if vitals else self._joined.get(member.uuid)
        return MemberState(
            address=endpoint(member),
            uuid=str(member.uuid),
            version=str(member.version) if member.version else "",
            lite=member.lite_member,
            state=UP if connected else OUT_OF_REACH,
            since=since if connected else self._since,
            partitions=partitions,
            vitals=vitals,
        )

    def _ownership(self) -> tuple[int, Counter[Any]]:
        """Return how many partitions there are, and how many of them each member owns, by uuid."""
        service = self._client.partition_service
        partition_count = service.get_partition_count()
        return partition_count, Counter(map(service.get_partition_owner, range(partition_count)))
