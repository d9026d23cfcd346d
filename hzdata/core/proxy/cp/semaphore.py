"""The semaphore of the CP Subsystem."""

from __future__ import annotations

import time
import uuid
from collections.abc import Generator
from typing import Any, NoReturn

from ...cp_sessions import NO_SESSION
from ...errors import HazelcastError, IllegalStateError, SessionExpiredError, WaitKeyCancelledError
from ...future import Future
from ...util import check_not_negative, check_true, thread_id, to_millis
from . import BaseCPProxy, SessionAwareCPProxy, nothing

__all__ = ["Semaphore", "SessionAwareSemaphore", "SessionlessSemaphore"]

_MOST_DRAINED = 1024
_WITHOUT_END = -1


class Semaphore(BaseCPProxy):
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

    SERVICE = "hz:raft:semaphoreService"
    _PREFIX = "Semaphore"

    def init(self, permits: int) -> Future[bool]:
        """Set the number of permits, if that was not done before; True when it was not."""
        check_not_negative(permits, "Permits must be non-negative")
        return self._ask("init", permits)

    def acquire(self, permits: int = 1) -> Future[None]:
        """Acquire permits, waiting until there are so many."""
        check_true(permits > 0, "Permits must be positive")
        return self._steps(self._acquire(thread_id(), permits, None)).then(nothing)

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
        return self._steps(self._change(thread_id(), delta)) if delta else self.available_permits().then(nothing)

    def _acquire(self, local: int, permits: int, timeout: float | None) -> Generator[Future[Any], Any, bool]:
        raise NotImplementedError

    def _release(self, local: int, permits: int) -> Generator[Future[Any], Any, None]:
        raise NotImplementedError

    def _drain(self, local: int) -> Generator[Future[Any], Any, int]:
        raise NotImplementedError

    def _change(self, local: int, delta: int) -> Generator[Future[Any], Any, None]:
        raise NotImplementedError

    def _cancelled(self, error: HazelcastError) -> NoReturn:
        raise IllegalStateError(
            f"Semaphore({self.name}) was not acquired: its wait was cancelled, possibly by another call of the same "
            "thread of which nothing was heard",
            error,
        ) from error


class SessionAwareSemaphore(Semaphore, SessionAwareCPProxy):
    """A semaphore whose permits belong to the session of the client that acquired them."""

    def _acquire(self, local: int, permits: int, timeout: float | None) -> Generator[Future[Any], Any, bool]:
        sessions, group = self._context.cp_sessions, self._group_id
        thread = yield sessions.thread_id(group, local)
        invocation_uid = uuid.uuid4()
        started = time.monotonic()
        while True:
            session = yield sessions.acquire(group, permits)
            left = _WITHOUT_END if timeout is None else to_millis(max(0.0, timeout - (time.monotonic() - started)))
            try:
                acquired: bool = yield self._ask("acquire", session, thread, invocation_uid, permits, left)
            except SessionExpiredError:
                sessions.invalidate(group, session)
                if timeout is not None and time.monotonic() - started >= timeout:
                    return False
                continue
            except WaitKeyCancelledError as error:
                sessions.release(group, session, permits)
                if timeout is None:
                    self._cancelled(error)
                return False
            except BaseException:
                sessions.release(group, session, permits)
                raise
            if not acquired:
                sessions.release(group, session, permits)
            return acquired

    def _release(self, local: int, permits: int) -> Generator[Future[Any], Any, None]:
        sessions, group = self._context.cp_sessions, self._group_id
        session = sessions.current(group)
        if session == NO_SESSION:
            raise IllegalStateError("No valid session!")
        thread = yield sessions.thread_id(group, local)
        try:
            yield self._ask("release", session, thread, uuid.uuid4(), permits)
        except SessionExpiredError as error:
            sessions.invalidate(group, session)
            raise IllegalStateError("No valid session!", error) from error
        sessions.release(group, session, permits)

    def _drain(self, local: int) -> Generator[Future[Any], Any, int]:
        sessions, group = self._context.cp_sessions, self._group_id
        thread = yield sessions.thread_id(group, local)
        invocation_uid = uuid.uuid4()
        while True:
            # The session must outlive what is drained, of which the number is not known yet.
            session = yield sessions.acquire(group, _MOST_DRAINED)
            try:
                drained: int = yield self._ask("drain", session, thread, invocation_uid)
            except SessionExpiredError:
                sessions.invalidate(group, session)
                continue
            except BaseException:
                sessions.release(group, session, _MOST_DRAINED)
                raise
            sessions.release(group, session, _MOST_DRAINED - drained)
            return drained

    def _change(self, local: int, delta: int) -> Generator[Future[Any], Any, None]:
        sessions, group = self._context.cp_sessions, self._group_id
        thread = yield sessions.thread_id(group, local)
        session = yield sessions.acquire(group)
        try:
            yield self._ask("change", session, thread, uuid.uuid4(), delta)
        except SessionExpiredError as error:
            sessions.invalidate(group, session)
            raise IllegalStateError("No valid session!", error) from error
        finally:
            sessions.release(group, session)


class SessionlessSemaphore(Semaphore):
    """A semaphore whose permits belong to nobody: anyone may release them; those of a client that dies are lost."""

    def _acquire(self, local: int, permits: int, timeout: float | None) -> Generator[Future[Any], Any, bool]:
        thread = yield self._context.cp_sessions.thread_id(self._group_id, local)
        millis = _WITHOUT_END if timeout is None else to_millis(timeout)
        try:
            acquired: bool = yield self._ask("acquire", NO_SESSION, thread, uuid.uuid4(), permits, millis)
        except WaitKeyCancelledError as error:
            if timeout is None:
                self._cancelled(error)
            return False
        return acquired

    def _release(self, local: int, permits: int) -> Generator[Future[Any], Any, None]:
        thread = yield self._context.cp_sessions.thread_id(self._group_id, local)
        yield self._ask("release", NO_SESSION, thread, uuid.uuid4(), permits)

    def _drain(self, local: int) -> Generator[Future[Any], Any, int]:
        thread = yield self._context.cp_sessions.thread_id(self._group_id, local)
        drained: int = yield self._ask("drain", NO_SESSION, thread, uuid.uuid4())
        return drained

    def _change(self, local: int, delta: int) -> Generator[Future[Any], Any, None]:
        thread = yield self._context.cp_sessions.thread_id(self._group_id, local)
        yield self._ask("change", NO_SESSION, thread, uuid.uuid4(), delta)
