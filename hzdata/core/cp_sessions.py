"""Sessions of the CP Subsystem: as long as one lives, what the client holds in its group (locks, permits) is its own.

There is one session a group. It is made when it is first needed, kept alive by heartbeats while something is held, and
closed with the client.
"""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING

from .errors import CPGroupDestroyedError, HazelcastClientNotActiveError, HazelcastError, SessionExpiredError
from .future import Future, ImmediateExceptionFuture, ImmediateFuture, combine_futures
from .protocol.custom_types import RaftGroupId

if TYPE_CHECKING:
    from .context import Context

_logger = logging.getLogger(__name__)


NO_SESSION = -1
_CLOSE_TIMEOUT = 2.0

# Ids of threads that are remembered although nothing is held: each task of asyncio has one of its own.
_MOST_IDS = 1000


class _Session:
    def __init__(self, session_id: int, ttl: float) -> None:
        self.id = session_id
        self.held = 0
        self._until = time.monotonic() + ttl

    def is_usable(self) -> bool:
        """Kept alive while something is held; else it may have expired."""
        return self.held > 0 or time.monotonic() < self._until


class CPSessions:
    """The client's sessions, by group."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._lock = threading.RLock()
        self._sessions: dict[RaftGroupId, _Session] = {}
        self._coming: dict[RaftGroupId, Future[None]] = {}
        self._thread_ids: dict[tuple[RaftGroupId, int], int] = {}
        self._beating = False
        self._closed = False

    def current(self, group: RaftGroupId) -> int:
        """Return the id of the group's session; -1 when there is none."""
        session = self._sessions.get(group)
        return NO_SESSION if session is None else session.id

    def acquire(self, group: RaftGroupId, count: int = 1) -> Future[int]:
        """Return the id of a session that lives until what is held in it, ``count`` more now, is released."""
        with self._lock:
            if self._closed:
                return ImmediateExceptionFuture(HazelcastClientNotActiveError("the client was shut down"))
            session = self._sessions.get(group)
            if session is not None and session.is_usable():
                session.held += count
                return ImmediateFuture(session.id)
            coming = self._coming.get(group)
            if coming is None or coming.done():
                # Only one that was asked for is known: an interrupt before that leaves nothing to wait for.
                coming = self._coming[group] = self._create(group)
        return coming.then(lambda done: done.result() or self.acquire(group, count))

    def _create(self, group: RaftGroupId) -> Future[None]:
        def created(done: Future[tuple[int, int, int]]) -> None:
            with self._lock:
                session_id, ttl_millis, heartbeat_millis = done.result()
                self._sessions[group] = _Session(session_id, ttl_millis / 1000)
                first, self._beating = not self._beating, True
            if first:
                self._context.reactor.call_every(heartbeat_millis / 1000, self._beat)

        return self._context.ask("CPSession.createSession", group, self._context.client_name).then(created)

    def release(self, group: RaftGroupId, session_id: int, count: int = 1) -> None:
        """Say that so much less is held."""
        with self._lock:
            session = self._sessions.get(group)
            if session is not None and session.id == session_id:
                session.held -= count
                if session.held == 0 and len(self._thread_ids) > _MOST_IDS:
                    self._thread_ids = {known: id for known, id in self._thread_ids.items() if known[0] != group}

    def invalidate(self, group: RaftGroupId, session_id: int) -> None:
        """Forget a session that the group does not know any more."""
        with self._lock:
            if self.current(group) == session_id:
                del self._sessions[group]

    def thread_id(self, group: RaftGroupId, local: int) -> Future[int]:
        """Return the id, unique among all clients, by which a group knows a thread of this client."""
        known = self._thread_ids.get((group, local))
        if known is not None:
            return ImmediateFuture(known)
        asked = self._context.ask("CPSession.generateThreadId", group)
        return asked.then(lambda done: self._thread_ids.setdefault((group, local), done.result()))

    def _beat(self) -> None:
        for group, session in list(self._sessions.items()):
            if session.held > 0:

                def answered(done: Future[None], group: RaftGroupId = group, session_id: int = session.id) -> None:
                    error = done.exception()
                    if isinstance(error, SessionExpiredError | CPGroupDestroyedError):
                        self.invalidate(group, session_id)
                    elif error is not None:
                        _logger.debug("no heartbeat of session %s: %s", session_id, error)

                self._context.ask("CPSession.heartbeatSession", group, session.id).then(answered)

    def shutdown(self) -> None:
        """Close all sessions: what is held in them is free at once."""
        with self._lock:
            self._closed = True
            ended, self._sessions = self._sessions, {}
        closing = [self._context.ask("CPSession.closeSession", group, session.id) for group, session in ended.items()]
        try:
            combine_futures(closing).result(_CLOSE_TIMEOUT)
        except (HazelcastError, TimeoutError) as error:
            _logger.debug("sessions were not closed, and end by themselves: %s", error)
