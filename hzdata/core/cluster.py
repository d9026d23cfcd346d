"""The members of the cluster, as the cluster tells of them, and listening to who comes and goes."""

from __future__ import annotations

import logging
import threading
import uuid
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any
from uuid import UUID

from .core import MemberInfo

if TYPE_CHECKING:
    from .context import Context

_logger = logging.getLogger(__name__)

MemberListener = Callable[[MemberInfo], Any]


class ClusterService:
    """The members of the cluster that the client is connected to.

    Examples
    --------
    >>> cluster = client.cluster_service
    """

    def __init__(self, internal_cluster_service: Context) -> None:
        self._context = internal_cluster_service
        self._members: dict[UUID, MemberInfo] = {}
        self._version = -1
        self.known = threading.Event()
        """Set once the cluster that the client has joined has told its members."""
        self._lock = threading.RLock()  # After the end, who adds a listener calls it, which may remove it.
        self._listeners: dict[str, tuple[MemberListener | None, MemberListener | None]] = {}

    def add_listener(
        self,
        member_added: MemberListener | None = None,
        member_removed: MemberListener | None = None,
        fire_for_existing: bool = False,
    ) -> str:
        """Call functions with the ``MemberInfo`` of each member that joins or leaves.

        Parameters
        ----------
        member_added, member_removed
            Called on the client's dispatcher thread, in the order of the changes.
        fire_for_existing
            Also call ``member_added`` for the members that are there now, before this returns.

        Returns
        -------
        str
            Registration id, for ``remove_listener``.

        Examples
        --------
        >>> joined = []
        >>> listener = cluster.add_listener(member_added=joined.append)
        """
        registration_id = str(uuid.uuid4())
        with self._lock:
            self._listeners[registration_id] = (member_added, member_removed)
            if fire_for_existing:
                self._tell(member_added, self.get_members())
        if fire_for_existing:
            self._context.dispatcher.settle()
        return registration_id

    def remove_listener(self, registration_id: str) -> bool:
        """Forget a listener; False when there is none of that id.

        Examples
        --------
        >>> cluster.remove_listener(listener)
        True
        """
        with self._lock:
            return self._listeners.pop(registration_id, None) is not None

    def get_members(self, member_selector: Callable[[MemberInfo], bool] | None = None) -> list[MemberInfo]:
        """Return the members, oldest first, or those of them that the selector accepts.

        Examples
        --------
        >>> len(cluster.get_members()), cluster.get_members(lambda member: member.lite_member)
        (1, [])
        """
        members = list(self._members.values())
        return members if member_selector is None else [m for m in members if member_selector(m)]

    def get(self, member_uuid: UUID) -> MemberInfo | None:
        """Return the member of that uuid, if it is one."""
        return self._members.get(member_uuid)

    # --- What the cluster tells --------------------------------------------------------------------------------------

    def update(self, version: int, members: Iterable[MemberInfo]) -> list[MemberInfo]:
        """Take a newer list, tell the listeners, return the members that left."""
        with self._lock:
            if version <= self._version:
                return []
            self._version = version
            old, self._members = self._members, {member.uuid: member for member in members}
            removed = [member for member in old.values() if member.uuid not in self._members]
            added = [member for member in self._members.values() if member.uuid not in old]
            if removed or added:
                lines = "\n".join(f"\t{member}" for member in self._members.values())
                _logger.info("\n\nMembers [%d] {\n%s\n}\n", len(self._members), lines)
            for member_added, member_removed in self._listeners.values():
                self._tell(member_removed, removed)
                self._tell(member_added, added)
        self.known.set()
        return removed

    def start_over(self) -> None:
        """The client is about to join a cluster that counts its lists anew; the members are kept until it has told its
        own.
        """
        with self._lock:
            self._version = -1
            self.known.clear()

    def _tell(self, listener: MemberListener | None, members: Iterable[MemberInfo]) -> None:
        """Call a listener with members. With the lock held: each hears of the changes in their order."""
        if listener is not None:
            for member in members:
                self._context.dispatcher.submit(lambda member=member: listener(member))  # type: ignore[misc]
