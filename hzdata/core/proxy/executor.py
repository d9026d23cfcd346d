"""The distributed executor."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

from ..core import MemberInfo
from ..future import Future, combine_futures
from ..util import check_not_none
from .base import Proxy, operation


class Executor(Proxy, service="hz:impl:executorService", messages="ExecutorService"):
    """Runs tasks on members. A task is an object whose Java class, a ``Callable`` or ``Runnable``, the members have.

    Examples
    --------
    >>> executor = client.get_executor("tasks").blocking()
    >>> member, *others = client.cluster_service.get_members()
    """

    @operation
    def execute_on_key_owner(self, key: Any, task: Any) -> Future[Any]:
        """Run a task on the member that owns a key, and return what it returns.

        Examples
        --------
        >>> executor.execute_on_key_owner("customer-7", MyTask())  # doctest: +SKIP
        'done'
        """
        partition_id = self._context.partition_of(self._key(key))
        return self._ask("submitToPartition", uuid.uuid4(), task, partition_id=partition_id)

    def execute_on_member(self, member: MemberInfo, task: Any) -> Future[Any]:
        """Run a task on a member, and return what it returns.

        Examples
        --------
        >>> executor.execute_on_member(member, MyTask())  # doctest: +SKIP
        'done'
        """
        check_not_none(member, "Member cannot be None")
        route = member.uuid if self._context.connections.is_smart else None
        return self._ask("submitToMember", uuid.uuid4(), task, member.uuid, member_uuid=route)

    def execute_on_members(self, members: Iterable[MemberInfo], task: Any) -> Future[list[Any]]:
        """Run a task on each of the members, and return what it returns there, in their order.

        Examples
        --------
        >>> executor.execute_on_members([member], MyTask())  # doctest: +SKIP
        ['done']
        """
        return combine_futures([self.execute_on_member(member, task) for member in members])

    def execute_on_all_members(self, task: Any) -> Future[list[Any]]:
        """Run a task on every member, and return what it returns there.

        Examples
        --------
        >>> executor.execute_on_all_members(MyTask())  # doctest: +SKIP
        ['done', 'done', 'done']
        """
        return self.execute_on_members(self._context.cluster.get_members(), task)

    def is_shutdown(self) -> Future[bool]:
        """Whether it was shut down.

        Examples
        --------
        >>> executor.is_shutdown()
        False
        """
        return self._ask("isShutdown")

    def shutdown(self) -> Future[None]:
        """Tell every member that it is shut down; tasks that were taken are done.

        Examples
        --------
        >>> executor.shutdown()
        >>> executor.is_shutdown()
        True
        """
        if not self._context.connections.is_smart:
            return self._ask("shutdown")
        # A member that is told tells no other (seen on 5.7.0).
        told = [self._ask("shutdown", member_uuid=member.uuid) for member in self._context.cluster.get_members()]
        return combine_futures(told).map(lambda _: None)
