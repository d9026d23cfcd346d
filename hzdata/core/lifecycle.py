"""The states a client goes through, and listening to them."""

from __future__ import annotations

import logging
import threading
import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .context import Context

_logger = logging.getLogger(__name__)


class LifecycleState:
    """States of a client.

    Examples
    --------
    >>> client.lifecycle_service.state == LifecycleState.CONNECTED
    True
    """

    STARTING = "STARTING"
    STARTED = "STARTED"
    CONNECTED = "CONNECTED"
    """Connected to a cluster, its members known."""
    SHUTTING_DOWN = "SHUTTING_DOWN"
    DISCONNECTED = "DISCONNECTED"
    """No connection to the cluster is left."""
    SHUTDOWN = "SHUTDOWN"


class LifecycleService:
    """Tells whether the client runs, and who wants to know of its states.

    Attributes
    ----------
    state : str
        The ``LifecycleState`` that the client is in.

    Examples
    --------
    >>> lifecycle = client.lifecycle_service
    """

    def __init__(self, internal_lifecycle_service: Context) -> None:
        self._context = internal_lifecycle_service
        self.running = False
        self.state = ""
        self._lock = threading.Lock()
        self._listeners: dict[str, Callable[[str], Any]] = {}

    def is_running(self) -> bool:
        """Whether the client has started, was not shut down, and is not a copy in a forked process.

        Examples
        --------
        >>> lifecycle.is_running()
        True
        """
        return self.running and self._context.invocations.is_open

    def add_listener(self, on_state_change: Callable[[str], Any]) -> str:
        """Call ``on_state_change(state)`` at every change, on the client's dispatcher thread.

        Returns
        -------
        str
            Registration id, for ``remove_listener``.

        Examples
        --------
        >>> listener = lifecycle.add_listener(lambda state: print("the client is", state))
        """
        registration_id = str(uuid.uuid4())
        with self._lock:
            self._listeners[registration_id] = on_state_change
        return registration_id

    def remove_listener(self, registration_id: str) -> bool:
        """Forget a listener; False when there is none of that id.

        Examples
        --------
        >>> lifecycle.remove_listener(listener)
        True
        """
        with self._lock:
            return self._listeners.pop(registration_id, None) is not None

    def enter(self, state: str) -> str:
        """Go to a state, tell the listeners, and return the state before. Who ends does not get connected any more."""
        with self._lock:
            before = self.state
            if state == before or (state == LifecycleState.CONNECTED and not self.running):
                return before
            self.state = state
            _logger.info("%s is %s", self._context.client_name, state)
            # With the lock held, so that the listeners hear of the states in their order.
            for listener in self._listeners.values():
                self._context.dispatcher.submit(lambda listener=listener: listener(state))  # type: ignore[misc]
        return before
