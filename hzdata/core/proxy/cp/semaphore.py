"""The semaphore of the CP Subsystem."""

from __future__ import annotations

import uuid
from typing import Any
from uuid import UUID

from ...cp_sessions import NO_SESSION
from ...errors import IllegalStateError, SessionExpiredError
from ...future import Future, Steps
from ...util import check_not_negative, check_true, thread_id
from . import BaseCPProxy, Request, SessionAwareCPProxy

_MOST_DRAINED = 1024


class Semaphore(BaseCPProxy, service="hz:raft:semaphoreService"):
    """A number of permits that threads acquire and release.

    There are two kinds, and the members' configuration says which: by default permits belong to the client's session,
    and are free when that ends; without sessions (``jdk-compatible``) they belong to nobody, and anyone may release
    them.

    Examples
    --------
    >>> workers = client.cp_subsystem.get_semaphore("workers").blocking()
    >>> workers.init(3)
    True
    >>> workers.acquire()
    >>> workers.release()
    """

    _CANCELLED = IllegalStateError

    def init(self, permits: int) -> Future[bool]:
        """Set the number of permits, if that was not done before; True when it was not."""
        check_not_negative(permits, "Permits must be non-negative")
        return self._ask("init", permits)

    def acquire(self, permits: int = 1) -> Future[None]:
        """Acquire permits, waiting until there are so many."""
        check_true(permits > 0, "Permits must be positive")
        return self._steps(self._acquire(thread_id(), permits, None)).map(lambda _: None)

    def try_acquire(self, permits: int = 1, timeout: float = 0) -> Future[bool]:
        """Acquire permits if there are so many within ``timeout`` seconds; False when there were not.

        Examples
        --------
        >>> workers.try_acquire(2, timeout=1), workers.try_acquire(2)
        (True, False)
        """
        check_true(permits > 0, "Permits must be positive")
        return self._steps(self._acquire(thread_id(), permits, max(0.0, timeout)))

    def release(self, permits: int = 1) -> Future[None]:
        """Give permits back.

        Raises
        ------
        IllegalStateError
            From the future: with sessions, the client does not have so many.
        """
        check_true(permits > 0, "Permits must be positive")
        return self._steps(self._release(thread_id(), permits))

    def drain_permits(self) -> Future[int]:
        """Acquire all permits that there are, and return how many.

        Examples
        --------
        >>> workers.drain_permits()
        1
        """
        return self._steps(self._drain(thread_id()))

    def available_permits(self) -> Future[int]:
        """Return how many permits there are to be acquired.

        Examples
        --------
        >>> workers.available_permits()
        0
        """
        return self._ask("availablePermits")

    def reduce_permits(self, reduction: int) -> Future[None]:
        """Take so many permits away, waiting for none: there may be fewer than 0 after.

        Examples
        --------
        >>> workers.reduce_permits(1)
        """
        check_not_negative(reduction, "Reduction must be non-negative")
        return self._changed(-reduction)

    def increase_permits(self, increase: int) -> Future[None]:
        """Add so many permits.

        Examples
        --------
        >>> workers.increase_permits(3)
        >>> workers.available_permits()
        2
        """
        check_not_negative(increase, "Increase must be non-negative")
        return self._changed(increase)

    def _changed(self, delta: int) -> Future[None]:
        # The members know no change by 0.
        return self._steps(self._change(thread_id(), delta)) if delta else self.available_permits().map(lambda _: None)

    def _acquire(self, local: int, permits: int, timeout: float | None) -> Steps[bool]:
        def request(session: int, thread: int, invocation_uid: UUID, left: int) -> Future[bool]:
            return self._ask("acquire", session, thread, invocation_uid, permits, left)

        session, acquired = yield from self._wait_in_session(local, permits, timeout, request)
        if not acquired:
            self._context.cp_sessions.release(self._group_id, session, permits)
        return bool(acquired)

    def _release(self, local: int, permits: int) -> Steps[None]:
        sessions, group = self._context.cp_sessions, self._group_id
        session = self._held_in()
        thread = yield sessions.thread_id(group, local)
        try:
            yield self._ask("release", session, thread, uuid.uuid4(), permits)
        except SessionExpiredError as error:
            sessions.invalidate(group, session)
            raise IllegalStateError("No valid session!", error) from error
        sessions.release(group, session, permits)

    def _held_in(self) -> int:
        session = self._context.cp_sessions.current(self._group_id)
        if session == NO_SESSION:
            raise IllegalStateError("No valid session!")
        return session

    def _drain(self, local: int) -> Steps[int]:
        # The session must outlive what is drained, of which the number is not known yet.
        session, drained = yield from self._in_session(local, _MOST_DRAINED, lambda *ids: self._ask("drain", *ids))
        self._context.cp_sessions.release(self._group_id, session, _MOST_DRAINED - drained)
        return int(drained)

    def _change(self, local: int, delta: int) -> Steps[None]:
        session, _ = yield from self._in_session(local, 1, lambda *ids: self._ask("change", *ids, delta))
        self._context.cp_sessions.release(self._group_id, session)


class SessionAwareSemaphore(Semaphore, SessionAwareCPProxy):
    """A semaphore whose permits belong to the session of the client that acquired them."""


class SessionlessSemaphore(Semaphore):
    """A semaphore whose permits belong to nobody: anyone may release them; those of a client that dies are lost."""

    def _in_session(self, local: int, count: int, request: Request) -> Steps[tuple[int, Any]]:
        thread = yield self._context.cp_sessions.thread_id(self._group_id, local)
        return NO_SESSION, (yield request(NO_SESSION, thread, uuid.uuid4()))

    def _held_in(self) -> int:
        return NO_SESSION
