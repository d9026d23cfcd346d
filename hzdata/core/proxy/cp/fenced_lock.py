"""The lock of the CP Subsystem."""

from __future__ import annotations

import uuid
from typing import Any
from uuid import UUID

from ... import errors
from ...cp_sessions import NO_SESSION
from ...future import Future, Steps
from ...protocol.custom_types import RaftGroupId
from ...util import thread_id
from ..base import Context
from . import SessionAwareCPProxy


class FencedLock(SessionAwareCPProxy, service="hz:raft:lockService"):
    """A re-entrant lock of a thread of a client. Each time it is newly locked its fence, a number, grows.

    Give the fence along with what is done under the lock: who has seen a greater one can refuse a late comer that has
    lost the lock without knowing. A lock whose session ends, because its client died or could not be heard of, is free.

    Examples
    --------
    >>> lock = client.cp_subsystem.get_lock("invoices").blocking()
    >>> fence = lock.lock()
    >>> lock.unlock()
    """

    _CANCELLED = errors.IllegalMonitorStateError

    INVALID_FENCE = 0

    def __init__(
        self, context: Context, group_id: RaftGroupId, service_name: str, proxy_name: str, object_name: str
    ) -> None:
        super().__init__(context, group_id, service_name, proxy_name, object_name)
        # The session in which each thread holds the lock, by the thread's id in this client.
        self._held: dict[int, int] = {}

    def lock(self) -> Future[int]:
        """Lock, waiting for as long as another thread has it; return the fence.

        Raises
        ------
        LockOwnershipLostError
            From the future: this thread had it, and its session ended meanwhile.
        LockAcquireLimitReachedError
            From the future: the members allow no deeper re-entrance.
        """
        return self._steps(self._acquire(thread_id(), None))

    def try_lock(self, timeout: float = 0) -> Future[int]:
        """As ``lock``, but wait for ``timeout`` seconds at most; ``INVALID_FENCE`` when another thread had it.

        Examples
        --------
        >>> lock.try_lock(timeout=1) > fence
        True
        """
        return self._steps(self._acquire(thread_id(), max(0.0, timeout)))

    def unlock(self) -> Future[None]:
        """Unlock once.

        Raises
        ------
        IllegalMonitorStateError
            From the future: this thread does not have it.
        LockOwnershipLostError
            From the future: this thread had it, and its session ended meanwhile.
        """
        return self._steps(self._release(thread_id()))

    def is_locked(self) -> Future[bool]:
        """Whether some thread has it.

        Examples
        --------
        >>> lock.is_locked()
        True
        """
        return self._steps(self._look(thread_id(), lambda state, _: state.fence != self.INVALID_FENCE))

    def is_locked_by_current_thread(self) -> Future[bool]:
        """Whether this thread has it.

        Examples
        --------
        >>> lock.is_locked_by_current_thread()
        True
        """
        return self._steps(self._look(thread_id(), lambda _, mine: mine))

    def get_lock_count(self) -> Future[int]:
        """Return how often it is locked by the thread that has it; 0 when none has.

        Examples
        --------
        >>> lock.get_lock_count()
        1
        """
        return self._steps(self._look(thread_id(), lambda state, _: state.lock_count))

    def destroy(self) -> Future[None]:
        """Remove the lock from the cluster for good.

        Examples
        --------
        >>> lock.destroy()
        """
        self._held.clear()
        return super().destroy()

    def _acquire(self, local: int, timeout: float | None) -> Steps[int]:
        def request(session: int, thread: int, invocation_uid: UUID, left: int) -> Future[int]:
            self._check_held(local, session)
            if timeout is None:
                return self._ask("lock", session, thread, invocation_uid)
            return self._ask("tryLock", session, thread, invocation_uid, left)

        session, fence = yield from self._wait_in_session(local, 1, timeout, request)
        if fence != self.INVALID_FENCE:
            self._held[local] = session
        else:
            self._context.cp_sessions.release(self._group_id, session)
            if timeout is None:
                raise errors.LockAcquireLimitReachedError(f"Lock({self.name}) reentrant lock limit is already reached!")
        return int(fence)

    def _release(self, local: int) -> Steps[None]:
        sessions, group = self._context.cp_sessions, self._group_id
        thread, session = yield from self._present(local)
        if session == NO_SESSION:
            raise errors.IllegalMonitorStateError("Current thread is not owner of the lock!")
        try:
            still_held = yield self._ask("unlock", session, thread, uuid.uuid4())
        except errors.SessionExpiredError as error:
            sessions.invalidate(group, session)
            self._held.pop(local, None)
            raise self._ownership_lost(session) from error
        except errors.IllegalMonitorStateError:
            self._held.pop(local, None)
            raise
        if still_held:
            self._held[local] = session
        else:
            self._held.pop(local, None)
        sessions.release(group, session)

    def _look(self, local: int, answer: Any) -> Steps[Any]:
        thread, session = yield from self._present(local)
        state = yield self._ask("getLockOwnership")
        mine = state.session_id == session and state.thread_id == thread
        if mine:
            self._held[local] = session
        elif self._held.pop(local, None) is not None:
            raise self._ownership_lost(session)
        return answer(state, mine)

    def _present(self, local: int) -> Steps[tuple[int, int]]:
        """Return a thread's id in the group, and the session that there is: if it has the lock, in that."""
        thread = yield self._context.cp_sessions.thread_id(self._group_id, local)
        session = self._context.cp_sessions.current(self._group_id)
        self._check_held(local, session)
        return thread, session

    def _check_held(self, local: int, session: int) -> None:
        """A thread that holds the lock in another session than the present one has lost it."""
        held_in = self._held.get(local, session)
        if held_in != session:
            del self._held[local]
            raise self._ownership_lost(held_in)

    def _ownership_lost(self, session: int) -> errors.LockOwnershipLostError:
        lost = f"Current thread is not the owner of the Lock[{self.name}]: the members closed its session {session}"
        return errors.LockOwnershipLostError(lost)
