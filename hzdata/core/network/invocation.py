"""Invocations: a request sent to the right member, its answer matched by correlation id, retried where that is safe.

What is retried, within ``invocation_timeout``:

- what was certainly not run: no connection to the target, a member that says so with a retryable error;
- what may have run but does no harm twice, when its connection is lost: messages the protocol calls retryable, and all
  of them with ``redo_operation``.

Everything here that is not called by a user's thread runs on the I/O thread.
"""

from __future__ import annotations

import itertools
import logging
import os
import time
import weakref
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from uuid import UUID

from .. import errors
from ..dispatch import this_thread
from ..future import Future
from ..protocol.framing import (
    BACKUP_AWARE,
    BACKUP_EVENT,
    EVENT,
    EXCEPTION_TYPE,
    FLAGS_HIGH_BYTE,
    PARTITION_ID_OFFSET,
    Message,
    route,
)
from ..protocol.messages import MessageType
from .connection import Connection

if TYPE_CHECKING:
    from ..context import Context
    from .connections import ConnectionManager

_logger = logging.getLogger(__name__)

_BACKUP_AWARE_BIT = BACKUP_AWARE >> 8
_ANY_EVENT = EVENT | BACKUP_EVENT
_IMMEDIATE_RETRIES = 5
_SENT = bytearray()
_SHUT_DOWN = "the client was shut down"
_FORKED = "this client is of the process that was forked: connect anew here, or use multiprocessing's 'spawn'"

_in_this_process: weakref.WeakSet[InvocationService] = weakref.WeakSet()


def _after_fork() -> None:
    # This is a copy in a child process, whose parent has the threads and reads the sockets.
    for service in list(_in_this_process):
        service.refuse(_FORKED)
        for invocation in list(service._pending.values()):
            invocation.sent_on = None


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


class Invocation(Future[Any]):
    """A request on its way, and the future of its answer.

    Attributes
    ----------
    message_type : MessageType
    request : bytearray
    decode : callable
        Turns the answer into the result.
    partition_id : int
        Whose owner it goes to; -1 for any member.
    member_uuid : UUID or None
        The member it goes to and to no other.
    connection : Connection or None
        The connection it goes by and by no other.
    on_event : callable or None
        Takes the events that carry this invocation's correlation id.
    """

    message_type: MessageType
    request: bytearray
    decode: Callable[[Message], Any]
    deadline: float
    partition_id: int
    member_uuid: UUID | None
    connection: Connection | None
    on_event: Callable[[Message], None] | None
    sent_on: Connection | None = None
    correlation_id = attempts = 0
    acks_due = acks_seen = 0
    answer: Message | None = None
    acks_deadline = 0.0

    def is_answer(self, message: Message) -> bool:
        """Whether this completes by the message, and that is all: it is no event, it is no error, after which it may be
        sent again, and nobody else is to be told, whom an interrupt would leave waiting."""
        is_result = message.type != EXCEPTION_TYPE and not message.flags & _ANY_EVENT and not self._callbacks
        return bool(is_result and message.correlation_id == self.correlation_id)

    def _wait(self, timeout: float | None) -> None:
        connection = self.sent_on
        is_users = this_thread.dispatcher is None and not this_thread.is_io
        if timeout is None and is_users and connection is not None and connection.sent - connection.answered <= 1:
            connection.lead(self)
        super()._wait(timeout)

    def answered(self, answer: Message) -> None:
        """Complete; whoever keeps the future does not keep what was sent."""
        self.request = _SENT
        self.set_raw(answer, self.decode)


class InvocationService:
    """Sends requests and matches answers to them."""

    def __init__(self, context: Context) -> None:
        self._config = config = context.config
        self._reactor = context.reactor
        self._dispatcher = context.dispatcher
        self._backup_acks = config.smart_routing and config.backup_ack_to_client_enabled
        self._timeout = config.invocation_timeout
        self.connections: ConnectionManager  # It says so itself: each needs the other.
        # Unique over all connections: an ack of a backup comes by the backup member's connection.
        self._next_id = itertools.count(1).__next__
        # Also those that pause before they are sent again, by numbers for which no answer comes.
        self._pending: dict[int, Invocation] = {}
        self._event_handlers: dict[int, tuple[Connection, Callable[[Message], None]]] = {}
        self._why_not = ""  # The reason that nothing can be sent any more.
        _in_this_process.add(self)
        if self._backup_acks:
            self._reactor.call_every(1.0, self._give_up_waiting_for_backups)

    def invoke(
        self,
        message_type: MessageType,
        *parameters: Any,
        partition_id: int = -1,
        member_uuid: UUID | None = None,
        connection: Connection | None = None,
        decode: Callable[[Message], Any] | None = None,
        on_event: Callable[[Message], None] | None = None,
    ) -> Invocation:
        """Send a request.

        Parameters
        ----------
        message_type
            Which message.
        *parameters
            Its parameters, in the order of the table.
        partition_id
            Send it to the owner of this partition.
        member_uuid, connection
            Send it to this member, or by this connection, and to no other. The latter may be one that no other request
            takes yet.
        decode
            Turns the answer into the result; by default the message's own decoder. Runs on the thread that wants it.
        on_event
            Called on the I/O thread with each event that belongs to this request. It is in place before the request
            leaves, as events may come before the answer.

        Returns
        -------
        Invocation
            The future of the answer.
        """
        invocation = Invocation(self._dispatcher)
        invocation.message_type = message_type
        invocation.request = message_type.encode(*parameters)
        invocation.decode = decode or message_type.decode
        invocation.deadline = time.monotonic() + self._timeout
        invocation.partition_id = partition_id
        invocation.member_uuid = member_uuid
        invocation.connection = connection
        invocation.on_event = on_event
        self._send(invocation)
        return invocation

    def check_active(self) -> None:
        """Raise ``HazelcastClientNotActiveError`` when nothing can be sent any more."""
        if self._why_not:
            raise errors.HazelcastClientNotActiveError(self._why_not)

    def _send(self, invocation: Invocation) -> None:
        if self._why_not:
            invocation.set_exception(errors.HazelcastClientNotActiveError(self._why_not))
            return
        invocation.attempts += 1
        try:
            connection = invocation.connection or self.connections.pick(invocation.partition_id, invocation.member_uuid)
        except errors.HazelcastError as error:
            self._failed(invocation, error, was_sent=False)
            return
        except Exception as error:
            # A load balancer of someone's own failed.
            invocation.set_exception(error)
            return
        correlation_id = invocation.correlation_id = self._next_id()
        request = invocation.request
        if invocation.attempts > 1:
            # The bytes of the first attempt may still lie in an outbox.
            request = invocation.request = bytearray(request)
        route(request, correlation_id, invocation.partition_id)
        if self._backup_acks:
            request[FLAGS_HIGH_BYTE] |= _BACKUP_AWARE_BIT
        invocation.sent_on = connection
        if invocation.on_event is not None:
            self._event_handlers[correlation_id] = (connection, invocation.on_event)
        self._pending[correlation_id] = invocation
        try:
            connection.send(request)
        except errors.TargetDisconnectedError as error:
            if self._pending.pop(correlation_id, None) is not None:
                self.forget_events(correlation_id)
                self._failed(invocation, error, was_sent=False)

    @property
    def is_open(self) -> bool:
        """Whether calls are taken: the client was not shut down, and is of this process."""
        return not self._why_not

    def refuse(self, why: str) -> None:
        """Send nothing any more."""
        self._why_not = self._why_not or why

    def forget_events(self, correlation_id: int) -> None:
        """Stop handing events to the handler of that request."""
        self._event_handlers.pop(correlation_id, None)

    def shutdown(self) -> None:
        """Fail what is under way and refuse what comes."""
        self.refuse(_SHUT_DOWN)
        for correlation_id in list(self._pending):
            self._give_up(correlation_id)
        self._event_handlers.clear()

    # --- On the I/O thread -------------------------------------------------------------------------------------------

    def on_message(self, connection: Connection, message: Message) -> None:
        """Take an answer or an event."""
        correlation_id = message.correlation_id
        if message.flags & _ANY_EVENT:
            handler = self._event_handlers.get(correlation_id)
            if handler is not None:
                handler[1](message)
            return
        if connection.answered < connection.sent:  # After an interrupt it may be counted once more.
            connection.answered += 1
        invocation = self._pending.get(correlation_id)
        if invocation is None:
            return  # Given up meanwhile.
        if message.type == EXCEPTION_TYPE:
            self._pending.pop(correlation_id, None)
            self.forget_events(correlation_id)
            self._failed(invocation, errors.create_error_from_message(message), was_sent=True)
            return
        acks = message.buffer[PARTITION_ID_OFFSET] if self._backup_acks else 0
        if acks > invocation.acks_seen:
            invocation.acks_due = acks
            invocation.acks_deadline = time.monotonic() + self._config.operation_backup_timeout
            invocation.answer = message
            # Looked at once more: the thread that counts them may be another one, which sees the answer, or is seen.
            if acks > invocation.acks_seen:
                return
        # In this order: an interrupt between the two has it answered twice, not never.
        invocation.answered(message)
        self._pending.pop(correlation_id, None)

    def on_backup_ack(self, source_correlation_id: int) -> None:
        """A backup of that request has arrived at its member; the answer may not have come yet."""
        invocation = self._pending.get(source_correlation_id)
        if invocation is None:
            return
        invocation.acks_seen += 1
        if invocation.answer is not None and invocation.acks_seen >= invocation.acks_due:
            self._pending.pop(source_correlation_id, None)
            invocation.answered(invocation.answer)

    def _give_up_waiting_for_backups(self) -> None:
        now = time.monotonic()
        for correlation_id, invocation in list(self._pending.items()):
            if invocation.answer is not None and invocation.acks_deadline < now:
                self._pending.pop(correlation_id, None)
                if self._config.fail_on_indeterminate_operation_state:
                    silent = invocation.acks_due - invocation.acks_seen
                    text = f"{invocation.message_type.name} was done, but {silent} backups did not say so in time"
                    invocation.set_exception(errors.IndeterminateOperationStateError(text))
                else:
                    invocation.answered(invocation.answer)

    def on_connection_lost(self, connection: Connection, reason: Exception) -> None:
        """Fail, or send again, whatever was under way on a connection that is closed."""
        for correlation_id, invocation in list(self._pending.items()):
            if invocation.sent_on is connection and self._pending.pop(correlation_id, None) is not None:
                # Also what was answered, but not by its backups: the member that did it is lost, and it may be with it.
                self._failed(invocation, reason, was_sent=True)
        for correlation_id, (source, _) in list(self._event_handlers.items()):
            if source is connection:
                self.forget_events(correlation_id)

    def _failed(self, invocation: Invocation, error: Exception, *, was_sent: bool) -> None:
        name = invocation.message_type.name
        left = invocation.deadline - time.monotonic()
        if self._why_not:
            error = errors.HazelcastClientNotActiveError(self._why_not, error)
        elif not self._may_retry(invocation, error, was_sent):
            was_lost = was_sent and isinstance(error, errors.TargetDisconnectedError)
            if was_lost and self._config.fail_on_indeterminate_operation_state:
                error = errors.IndeterminateOperationStateError(f"{name} may or may not have been done", error)
        elif left <= 0:
            tried = f"{name} has failed {invocation.attempts} times"
            text = f"{tried}, and is not tried again after invocation_timeout={self._timeout} s"
            error = errors.OperationTimeoutError(text, error)
        else:
            self._send_later(invocation, error, left, 0.0 if was_sent else 0.001)
            return
        invocation.set_exception(error)

    def _send_later(self, invocation: Invocation, error: Exception, left: float, least: float) -> None:
        retry = invocation.attempts - _IMMEDIATE_RETRIES
        delay = least if retry < 0 else min(0.001 * (1 << min(retry, 20)), self._config.invocation_retry_pause)
        _logger.debug("%s is tried again in %g s: %s", invocation.message_type.name, delay, error)
        pause = self._next_id()
        invocation.sent_on = invocation.answer = None
        invocation.acks_due = invocation.acks_seen = 0
        self._pending[pause] = invocation
        self._reactor.call_later(min(max(delay, least), left), lambda: self._send_again(pause))
        if self._why_not:
            # Meanwhile: the timer may never fire, and shutdown() may not have seen it.
            self._give_up(pause)

    def _send_again(self, pause: int) -> None:
        invocation = self._pending.pop(pause, None)
        if invocation is not None:
            self._send(invocation)

    def _give_up(self, correlation_id: int) -> None:
        # Unless it was answered, is sent again, or was given up by another thread.
        invocation = self._pending.pop(correlation_id, None)
        if invocation is not None:
            invocation.set_exception(errors.HazelcastClientNotActiveError(_SHUT_DOWN))

    def _may_retry(self, invocation: Invocation, error: Exception, was_sent: bool) -> bool:
        is_lost = invocation.member_uuid is not None and isinstance(error, errors.TargetNotMemberError)
        if is_lost or invocation.connection is not None:
            return False
        if not was_sent:
            return self.connections.may_come_back(error)
        if isinstance(error, errors.TargetDisconnectedError):
            return invocation.message_type.retryable or self._config.redo_operation
        says_so = errors.is_retryable_error(error) or isinstance(error, errors.HazelcastInstanceNotActiveError)
        return says_so and not isinstance(error.__cause__, errors.AuthenticationError)
