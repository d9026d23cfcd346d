"""Listeners on data structures: registered with the members, again whenever a connection comes, removed everywhere."""

from __future__ import annotations

import logging
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias
from uuid import UUID

from .errors import HazelcastClientNotActiveError, HazelcastError, HazelcastInstanceNotActiveError, is_retryable_error
from .future import Future, ImmediateFuture, combine_futures
from .network.connection import Connection
from .protocol.framing import Message
from .protocol.messages import MessageType, message
from .util import check_not_none

if TYPE_CHECKING:
    from .context import Context

_logger = logging.getLogger(__name__)

# Takes the type and the fields of an event.
Taker: TypeAlias = Callable[[int, tuple[Any, ...]], None]


@dataclass(eq=False)
class _Listener:
    add: MessageType
    remove: MessageType
    parameters: tuple[Any, ...]
    handler: Callable[[Message], None]
    # The id that each member gave it, and the correlation id of its events.
    registered: dict[Connection, tuple[UUID, int]] = field(default_factory=dict)


class ListenerService:
    """Keeps every listener registered on every connection (or, with one connection only, on that one)."""

    def __init__(self, context: Context) -> None:
        self._invocations = context.invocations
        self._dispatcher = context.dispatcher
        # What a registration asks of the member: with a connection to each, only the events of its own partitions.
        self._local_only = context.config.smart_routing
        self._lock = threading.Lock()
        self._listeners: dict[str, _Listener] = {}
        self._connections: list[Connection] = []

    def add(
        self, add: MessageType, remove: MessageType, parameters: tuple[Any, ...], on_event: Taker, at_once: bool = False
    ) -> Future[str]:
        """Register a listener.

        Parameters
        ----------
        add, remove
            The messages that register it and remove it.
        parameters
            Of the former, but ``local_only``, which comes last. The latter has the first, a name, if there is one, and
            the id that the member gave.
        on_event
            Called on the dispatcher with the type and the fields of each event.
        at_once
            Call it on the I/O thread: it must be quick, and must not block.

        Returns
        -------
        Future of str
            Registration id. It is done when the members have the listener.
        """
        run = self._dispatcher.run if at_once else self._dispatcher.submit

        def handler(event: Message) -> None:
            decode = add.events.get(event.type)
            if decode is not None:
                run(lambda: on_event(event.type, decode(event)))

        listener = _Listener(add, remove, parameters, handler)
        registration_id = str(uuid.uuid4())
        with self._lock:
            self._listeners[registration_id] = listener
            connections = list(self._connections)

        def registered(done: Future[list[None]]) -> str:
            try:
                done.result()
                self._invocations.check_active()  # Without a connection nobody else says so.
            except Exception:
                self.remove(registration_id)
                raise
            return registration_id

        return combine_futures(self._register(listener, connection) for connection in connections).then(registered)

    def add_of_objects(self, on_event: Taker, at_once: bool = False) -> Future[str]:
        """As ``add``, of data structures that are created and destroyed."""
        add, remove = message("Client.addDistributedObjectListener"), message("Client.removeDistributedObjectListener")
        return self.add(add, remove, (), on_event, at_once)

    def remove(self, registration_id: str) -> Future[bool]:
        """Remove a listener from all members; False when there is none of that id."""
        check_not_none(registration_id, "None user_registration_id is not allowed!")
        with self._lock:
            listener = self._listeners.pop(registration_id, None)
        if listener is None:
            return ImmediateFuture(False)
        registered, listener.registered = listener.registered, {}
        removals = [self._unregister(listener, connection, ids) for connection, ids in registered.items()]

        def removed(done: Future[Any]) -> bool:
            try:
                done.result()
            except HazelcastError as error:
                # A lost connection took its registrations with it.
                _logger.debug("a listener was not removed everywhere: %s", error)
            return True

        return combine_futures(removals).then(removed)

    def connections(self) -> list[Connection]:
        """Return the connections by which members tell of events."""
        return self._connections.copy()

    def connection_added(self, connection: Connection) -> Future[Any]:
        """Register every listener on a new connection."""
        with self._lock:
            self._connections.append(connection)
            listeners = list(self._listeners.values())

        def registered(done: Future[None]) -> None:
            try:
                done.result()
            except HazelcastError as error:
                is_ending = isinstance(error, HazelcastClientNotActiveError | HazelcastInstanceNotActiveError)
                if is_ending or is_retryable_error(error):
                    raise
                # Everything else of the client can go on without it.
                _logger.warning("a listener was refused by %s: %s", connection.remote_address, error)

        return combine_futures([self._register(listener, connection).then(registered) for listener in listeners])

    def connection_removed(self, connection: Connection) -> None:
        with self._lock:
            if connection in self._connections:
                self._connections.remove(connection)
            for listener in self._listeners.values():
                listener.registered.pop(connection, None)

    def _register(self, listener: _Listener, connection: Connection) -> Future[None]:
        # The member's id comes with the answer, the correlation id with the request: both are needed for the removal.
        def ids_in(answer: Message) -> tuple[UUID, int]:
            return listener.add.decode(answer), answer.correlation_id

        add, parameters, handler = listener.add, (*listener.parameters, self._local_only), listener.handler
        answered = self._invocations.invoke(add, *parameters, connection=connection, decode=ids_in, on_event=handler)

        def keep(done: Future[tuple[UUID, int]]) -> None:
            try:
                ids = done.result()
            except HazelcastError as error:
                if connection.alive or isinstance(error, HazelcastClientNotActiveError):
                    raise
                return  # The member went meanwhile: should it come back, it is told then.
            with self._lock:
                if connection in self._connections and listener in self._listeners.values():
                    listener.registered[connection] = ids
                    return
            self._unregister(listener, connection, ids)  # Removed while it was being registered.

        return answered.then(keep)

    def _unregister(self, listener: _Listener, connection: Connection, ids: tuple[UUID, int]) -> Future[Any]:
        server_id, correlation_id = ids
        self._invocations.forget_events(correlation_id)
        return self._invocations.invoke(listener.remove, *listener.parameters[:1], server_id, connection=connection)
