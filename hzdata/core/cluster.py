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

    def __init__(
        self, dispatcher: Dispatcher, listeners: Iterable[tuple[MemberListener | None, MemberListener | None]]
    ) -> None:
        self._dispatcher = dispatcher
        self._lock = threading.Lock()
        self._members: dict[UUID, MemberInfo] = {}
        self._listeners: dict[str, tuple[MemberListener | None, MemberListener | None]] = {}
        self._version = -1
        self.known = threading.Event()
        """Set once the cluster that the client has joined has told its members."""
        for member_added, member_removed in listeners:
            self.add_listener(member_added, member_removed, True)

    def members(self) -> list[MemberInfo]:
        return list(self._members.values())

    def get(self, member_uuid: UUID) -> MemberInfo | None:
        return self._members.get(member_uuid)

    def update(self, version: int, members: Iterable[MemberInfo]) -> list[MemberInfo]:
        """Take a newer list, tell the listeners, return the members that left."""
        with self._lock:
            if version <= self._version:
                return []
            self._version = version
            old, new = self._members, {member.uuid: member for member in members}
            self._members = new
            removed, added = _left(old, new), _left(new, old)
            if removed or added:
                self._log(new)
            # With the lock held, so that every listener hears of the changes in their order.
            for member_added, member_removed in self._listeners.values():
                _tell(member_removed, removed, self._dispatcher.submit)
                _tell(member_added, added, self._dispatcher.submit)
        self.known.set()
        return removed

    def start_over(self) -> None:
        """The client is about to join a cluster that counts its lists anew; the members are kept until it has told its
        own.
        """
        with self._lock:
            self._version = -1
            self.known.clear()

    def add_listener(
        self, member_added: MemberListener | None, member_removed: MemberListener | None, fire_for_existing: bool
    ) -> str:
        registration_id = str(uuid.uuid4())
        told: dict[UUID, MemberInfo] = {}
        while True:
            with self._lock:
                members = self._members
                if not fire_for_existing or members is told:
                    self._listeners[registration_id] = (member_added, member_removed)
                    return registration_id
            # By the caller, and again as long as the members change meanwhile: they come before the changes after them.
            _tell(member_removed, _left(told, members), self._dispatcher.run)
            _tell(member_added, _left(members, told), self._dispatcher.run)
            told = members

    def remove_listener(self, registration_id: str) -> bool:
        with self._lock:
            return self._listeners.pop(registration_id, None) is not None

    def _log(self, members: dict[UUID, MemberInfo]) -> None:
        lines = "\n".join(f"\t{member}" for member in members.values())
        _logger.info("\n\nMembers [%d] {\n%s\n}\n", len(members), lines)


def _left(old: dict[UUID, MemberInfo], new: dict[UUID, MemberInfo]) -> list[MemberInfo]:
    return [member for member_uuid, member in old.items() if member_uuid not in new]


def _tell(listener: MemberListener | None, members: list[MemberInfo], run: Callable[[Callable[[], Any]], None]) -> None:
    if listener is not None:
        for member in members:
            run(partial(listener, member))


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
        return self._view.add_listener(member_added, member_removed, fire_for_existing)

    def remove_listener(self, registration_id: str) -> bool:
        """Forget a listener; False when there is none of that id.

        Examples
        --------
        >>> cluster.remove_listener(listener)
        True
        """
        return self._view.remove_listener(registration_id)

    def get_members(self, member_selector: Callable[[MemberInfo], bool] | None = None) -> list[MemberInfo]:
        """Return the members, oldest first, or those of them that the selector accepts.

        Examples
        --------
        >>> len(cluster.get_members()), cluster.get_members(lambda member: member.lite_member)
        (1, [])
        """
        members = self._view.members()
        return members if member_selector is None else [m for m in members if member_selector(m)]
