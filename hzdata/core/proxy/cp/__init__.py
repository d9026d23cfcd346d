"""What the structures of the CP Subsystem share."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from typing import Any, ClassVar, TypeVar
from uuid import UUID

from ...cp_sessions import NO_SESSION
from ...errors import HazelcastError, SessionExpiredError, WaitKeyCancelledError
from ...future import Future, Steps, steps
from ...protocol.custom_types import RaftGroupId
from ...util import check_not_none, to_millis
from ..base import Context, Structure

Request = Callable[[int, int, UUID], Future[Any]]
_T = TypeVar("_T")


class BaseCPProxy(Structure):
    """A structure of the CP Subsystem.

    Attributes
    ----------
    name : str
        With its group, where it is not the default one.
    service_name : str
    """

    _CANCELLED: ClassVar[type[HazelcastError]]
    """What a wait without end that the members cancelled ends with."""

    def __init__(
        self, context: Context, group_id: RaftGroupId, service_name: str, proxy_name: str, object_name: str
    ) -> None:
        self._context = context
        self._group_id = group_id
        self.service_name = service_name
        self.name = proxy_name
        self._object_name = object_name

    def destroy(self) -> Future[None]:
        """Remove the structure from the cluster for good: no proxy of it, nor a new one of its name, works again."""
        return self._context.ask("CPGroup.destroyCPObject", self._group_id, self.service_name, self._object_name)

    def _ask(self, method: str, *parameters: Any) -> Future[Any]:
        return self._context.ask(f"{self._PREFIX}.{method}", self._group_id, self._object_name, *parameters)

    def _ask_by(self, method: str, function: Any, *parameters: Any) -> Future[Any]:
        check_not_none(function, "Function cannot be None")
        return self._ask(method, function, *parameters)

    def _steps(self, generator: Steps[_T]) -> Future[_T]:
        return steps(self._context.dispatcher, generator)

    def _in_session(self, local: int, count: int, request: Request) -> Steps[tuple[int, Any]]:
        """Ask for a thread within a session, and within a new one when it has expired; return its id and the answer.

        When it is answered ``count`` more is held in the session, which the caller releases as far as it is not so.
        The request is made of the ids of the session, of the thread, and of the call itself: by that one that is sent
        again after a failure is known to be the same.
        """
        sessions, group = self._context.cp_sessions, self._group_id
        invocation_uid = uuid.uuid4()
        while True:
            session = yield sessions.acquire(group, count)
            try:
                thread = yield sessions.thread_id(group, local)  # Not forgotten any more: something is held.
                return session, (yield request(session, thread, invocation_uid))
            except SessionExpiredError:
                sessions.invalidate(group, session)
            except BaseException:
                sessions.release(group, session, count)
                raise

    def _wait_in_session(
        self, local: int, count: int, timeout: float | None, request: Callable[..., Future[Any]]
    ) -> Steps[tuple[int, Any]]:
        """As ``_in_session``, of what is waited for: the request is given the milliseconds that are left, too, -1
        for no end. The answer is 0 when the members gave up before.
        """
        started = time.monotonic()

        def ask(*ids: Any) -> Future[Any]:
            left = None if timeout is None else max(0.0, timeout - (time.monotonic() - started))
            return request(*ids, to_millis(left))

        try:
            return (yield from self._in_session(local, count, ask))
        except WaitKeyCancelledError as error:
            if timeout is not None:
                return NO_SESSION, 0
            why = f"{self} was not acquired: its wait was cancelled, possibly by an unheard call of the same thread"
            raise self._CANCELLED(why, error) from error


class SessionAwareCPProxy(BaseCPProxy):
    """A structure that gives things to the client for as long as its session lives."""

    def get_group_id(self) -> RaftGroupId:
        """Return the id of the group that it lies in."""
        return self._group_id
