"""The CP Subsystem: structures that stay consistent through failures, by agreement among its members.

See: https://raft.github.io. Members of the community edition have it up to 5.4.
"""

from __future__ import annotations

from typing import TypeVar

from .context import Context
from .protocol.custom_types import RaftGroupId
from .proxy.cp import BaseCPProxy
from .proxy.cp.atomic_long import AtomicLong as AtomicLong
from .proxy.cp.atomic_reference import AtomicReference as AtomicReference
from .proxy.cp.count_down_latch import CountDownLatch as CountDownLatch
from .proxy.cp.fenced_lock import FencedLock as FencedLock
from .proxy.cp.semaphore import Semaphore as Semaphore, SessionAwareSemaphore, SessionlessSemaphore
from .util import check_not_none, check_true

_P = TypeVar("_P", bound=BaseCPProxy)


class CPSubsystem:
    """Gives the structures of the CP Subsystem.

    A structure lies in a group of CP members, which its name says after an ``@``, such as ``"orders@shop"``; without
    it, in the group ``default``. A group is made when it is first named.

    Examples
    --------
    >>> cp = client.cp_subsystem
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._locks: dict[tuple[str, RaftGroupId], FencedLock] = {}

    def get_atomic_long(self, name: str) -> AtomicLong:
        """Return the AtomicLong of that name.

        Examples
        --------
        >>> cp.get_atomic_long("orders")
        AtomicLong(name="orders")
        """
        return self._proxy(AtomicLong, name)

    def get_atomic_reference(self, name: str) -> AtomicReference:
        """Return the AtomicReference of that name.

        Examples
        --------
        >>> cp.get_atomic_reference("leader@default")
        AtomicReference(name="leader")
        """
        return self._proxy(AtomicReference, name)

    def get_count_down_latch(self, name: str) -> CountDownLatch:
        """Return the CountDownLatch of that name.

        Examples
        --------
        >>> cp.get_count_down_latch("ready")
        CountDownLatch(name="ready")
        """
        return self._proxy(CountDownLatch, name)

    def get_lock(self, name: str) -> FencedLock:
        """Return the FencedLock of that name: always the same, as it knows which threads hold it.

        Examples
        --------
        >>> cp.get_lock("invoices") is cp.get_lock("invoices")
        True
        """
        lock = self._proxy(FencedLock, name)
        # By the group's id, too: one that was made anew knows nothing of the old lock.
        return self._locks.setdefault((lock.name, lock.get_group_id()), lock)

    def get_semaphore(self, name: str) -> Semaphore:
        """Return the Semaphore of that name, of the kind that the members are configured for.

        Examples
        --------
        >>> cp.get_semaphore("workers")
        SessionAwareSemaphore(name="workers")
        """
        is_sessionless = self._context.ask("Semaphore.getSemaphoreType", _normalized(name)[0]).result()
        return self._proxy(SessionlessSemaphore if is_sessionless else SessionAwareSemaphore, name)

    def _proxy(self, kind: type[_P], name: str) -> _P:
        proxy_name, object_name = _normalized(name)
        group: RaftGroupId = self._context.ask("CPGroup.createCPGroup", proxy_name).result()
        return kind(self._context, group, kind.SERVICE, proxy_name, object_name)


def _normalized(name: str) -> tuple[str, str]:
    """Return the name without the default group, and what it says before the group."""
    check_not_none(name, "Name cannot be None")
    object_name, separator, group = (part.strip() for part in name.partition("@"))
    check_true(bool(object_name), "Object name cannot be empty string")
    if not separator:
        return object_name, object_name
    check_true("@" not in group, "Custom group name must be specified at most once")
    check_true(bool(group), "Custom CP group name cannot be empty string")
    check_true(group.lower() != "metadata", "CP data structures cannot run on the METADATA CP group!")
    return (object_name if group.lower() == "default" else f"{object_name}@{group}"), object_name
