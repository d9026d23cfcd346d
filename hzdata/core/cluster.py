"""The members of the cluster, as the cluster tells of them, and listening to who comes and goes."""

from __future__ import annotations

import logging
import threading
import uuid
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any
from uuid import UUID

from .core import MemberInfo
from .dispatch import Dispatcher

_logger = logging.getLogger(__name__)

MemberListener = Callable[[MemberInfo], Any]


class ClusterView:
    """The member list, replaced whole whenever the cluster sends a newer one."""

    def __init__(self, dispatcher: Dispatcher) -> None:
        self.dispatcher = dispatcher
        self._members: dict[UUID, MemberInfo] = {}
        self._version = -1
        self.known = threading.Event()
        """Set once the cluster that the client has joined has told its members."""
        self.lock = threading.Lock()
        self.listeners: dict[str, tuple[MemberListener | None, MemberListener | None]] = {}
        """Of joining and of leaving, by registration id."""

    def members(self) -> list[MemberInfo]:
        return list(self._members.values())

    def get(self, member_uuid: UUID) -> MemberInfo | None:
        return self._members.get(member_uuid)

    def update(self, version: int, members: Iterable[MemberInfo]) -> list[MemberInfo]:
        """Take a newer list, tell the listeners, return the members that left."""
        with self.lock:
            if version <= self._version:
                return []
            self._version = version
            old, self._members = self._members, {member.uuid: member for member in members}
            removed = [member for member in old.values() if member.uuid not in self._members]
            added = [member for member in self._members.values() if member.uuid not in old]
            if removed or added:
                lines = "\n".join(f"\t{member}" for member in self._members.values())
                _logger.info("\n\nMembers [%d] {\n%s\n}\n", len(self._members), lines)
            for member_added, member_removed in self.listeners.values():
                self.tell(member_removed, removed)
                self.tell(member_added, added)
        self.known.set()
        return removed

    def start_over(self) -> None:
        """The client is about to join a cluster that counts its lists anew; the members are kept until it has told its
        own.
        """
        with self.lock:
            self._version = -1
            self.known.clear()

    def tell(self, listener: MemberListener | None, members: Iterable[MemberInfo]) -> None:
        """Call a listener with members. With the lock held: each hears of the changes in their order."""
        if listener is not None:
            for member in members:
                self.dispatcher.submit(partial(listener, member))


class ClusterService:
    """The members of the cluster that the client is connected to.

    Examples
    --------
    >>> cluster = client.cluster_service
    """

    def __init__(self, internal_cluster_service: ClusterView) -> None:
        self._view = internal_cluster_service

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
        with self._view.lock:
            self._view.listeners[registration_id] = (member_added, member_removed)
            if fire_for_existing:
                self._view.tell(member_added, self._view.members())
        if fire_for_existing:
            self._view.dispatcher.settle()
        return registration_id

    def remove_listener(self, registration_id: str) -> bool:
        """Forget a listener; False when there is none of that id.

        Examples
        --------
        >>> cluster.remove_listener(listener)
        True
        """
        with self._view.lock:
            return self._view.listeners.pop(registration_id, None) is not None

    def get_members(self, member_selector: Callable[[MemberInfo], bool] | None = None) -> list[MemberInfo]:
        """Return the members, oldest first, or those of them that the selector accepts.

        Examples
        --------
        >>> len(cluster.get_members()), cluster.get_members(lambda member: member.lite_member)
        (1, [])
        """
        members = self._view.members()
        return members if member_selector is None else [m for m in members if member_selector(m)]
