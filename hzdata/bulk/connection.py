"""One connection for bulk traffic: a socket, read by the thread that consumes what comes."""

from __future__ import annotations

import itertools
import socket
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from hzdata.core.config import Config
from hzdata.core.core import Address
from hzdata.core.errors import HazelcastTimeoutError, TargetDisconnectedError
from hzdata.core.network.connection import AnySocket
from hzdata.core.network.waiting import wait_for
from hzdata.core.protocol.framing import (
    FRAME_HEADER,
    UNFRAGMENTED,
    FrameWalker,
    FramingError,
    Message,
    MessageAssembler,
    route,
)
from hzdata.core.protocol.messages import MessageType, message

_PING = message("Client.ping")
_PING_ANSWER = _PING.type + 1
_PING_CORRELATION_ID = 0
_RECEIVE_SIZE = 1 << 18
_FIRST_RECEIVE_SIZE = 1 << 16
_SENT_AT_ONCE = 512
"""Buffers; operating systems take 1024 at least."""


class BulkConnection:
    """An authenticated socket to one member that belongs to the one who opened it.

    Use it from one thread; ``close()`` may be called from any. A context manager.

    Attributes
    ----------
    member_uuid : UUID
    address : Address
    alive : bool
        Whether it can be used. An interrupted ``send`` leaves half a message behind and closes it.
    """

    def __init__(
        self,
        sock: AnySocket,
        member_uuid: UUID,
        address: Address,
        config: Config,
        walker: Callable[[], FrameWalker] = FrameWalker,
    ) -> None:
        self.member_uuid = member_uuid
        self.address = address
        self.alive = True
        self._socket = sock
        # A frozen member takes nothing once the buffers between are full: sending has to end as waiting does.
        sock.settimeout(config.heartbeat_timeout)
        self._interval = config.heartbeat_interval
        self._patience = config.heartbeat_timeout
        self._send_lock = threading.Lock()
        self._last_read = self._last_write = time.monotonic()
        self._next_id = itertools.count(1).__next__
        self._walker = walker
        # What was received after the end of the last message that was handed out, and how far it was looked at.
        self._buffer = bytearray()
        self._walk = walker()
        self._walked = 0
        self._fragments = MessageAssembler()

    def fileno(self) -> int:
        return self._socket.fileno()

    def has_buffered(self) -> bool:
        """Whether a message may lie here that was received already, so that waiting for the socket is in vain."""
        return len(self._buffer) > self._walked

    def send(self, *buffers: bytes | bytearray | memoryview) -> None:
        """Send whole messages; returns when the operating system has them all.

        Raises
        ------
        TargetDisconnectedError
            When the connection is closed or lost, or the member takes nothing for ``heartbeat_timeout``; how much was
            sent is unknown.
        """
        if not self.alive:
            raise self._lost(None)
        with self._send_lock:
            done = False
            try:
                self._send_all(buffers)
                done = True
            except OSError as error:
                raise self._lost(error) from error
            finally:
                if not done:
                    self.close()
            self._last_write = time.monotonic()

    def _send_all(self, buffers: Sequence[bytes | bytearray | memoryview]) -> None:
        # Many small buffers go out in one call, without a copy of them; TLS, and Windows, have no such call.
        send_some = getattr(self._socket, "sendmsg", None)
        # In parts: the timeout of sendall() would be one for all of them, however steadily they are taken.
        if send_some is None:
            self._socket.sendall(b"".join(buffers))
            return
        for first in range(0, len(buffers), _SENT_AT_ONCE):
            left = list(buffers[first : first + _SENT_AT_ONCE])
            while left:
                sent = send_some(left)
                if sent == sum(map(len, left)):
                    break
                while sent >= len(left[0]):
                    sent -= len(left.pop(0))
                left[0] = memoryview(left[0])[sent:]

    def request(self, message_type: MessageType, *parameters: Any) -> int:
        """Encode and send one request that belongs to no partition; return its correlation id."""
        request = message_type.encode(*parameters)
        correlation_id = self._next_id()
        route(request, correlation_id)
        self.send(request)
        return correlation_id

    def receive(self, timeout: float | None = None) -> Message:
        """Wait for the next whole message, whatever it answers.

        Parameters
        ----------
        timeout
            Seconds; None waits for as long as the member is alive: one that is silent, also to pings, for
            ``heartbeat_timeout`` is left.

        Raises
        ------
        HazelcastTimeoutError
            When the time is over; the connection can still be used.
        TargetDisconnectedError
            When the connection is closed or lost.
        """
        deadline = None if timeout is None else time.monotonic() + timeout
        while True:
            for received in self._receive_one(deadline):
                if received.type != _PING_ANSWER:
                    return received

    def _receive_one(self, deadline: float | None) -> list[Message]:
        """Return the next message, or nothing when what came is a part of one."""
        # Both go on where the last call left them, if its time was over in the middle of a message.
        buffer, walker = self._buffer, self._walk
        try:
            while not walker.walk(buffer, len(buffer)):
                self._walked = len(buffer)
                # A large message is about to come whole: read into one growing buffer, in growing steps.
                self._await_bytes(deadline)
                buffer += self._recv(max(_FIRST_RECEIVE_SIZE, min(len(buffer), _RECEIVE_SIZE)))
        except FramingError as error:
            raise self._garbled(error) from error
        except HazelcastTimeoutError:
            raise
        except BaseException:
            # KeyboardInterrupt, in the middle of a walk maybe: the next call walks this message from its start.
            self._walk, self._walked = self._walker(), 0
            raise
        stop = walker.position
        self._buffer, self._walk, self._walked = buffer[stop:], self._walker(), 0
        del buffer[stop:]
        if FRAME_HEADER.unpack_from(buffer)[1] & UNFRAGMENTED != UNFRAGMENTED:
            return self._fragments.join(bytes(buffer))  # Not seen from members up to 5.7.
        return [walker.message(buffer)]

    def arrived(self) -> list[Message]:
        """Return the messages that are here, without waiting: cheaper than `receive` when they are many and small.

        Raises
        ------
        TargetDisconnectedError
            When the connection is closed or lost.
        """
        received = bytes(self._buffer)
        try:
            self._await_bytes(time.monotonic())
            received += self._recv(_RECEIVE_SIZE)
        except HazelcastTimeoutError:
            pass
        try:
            messages = self._fragments.feed(received)
        except FramingError as error:
            raise self._garbled(error) from error
        self._buffer, self._walk, self._walked = self._fragments.rest(), self._walker(), 0
        return [message for message in messages if message.type != _PING_ANSWER]

    def _garbled(self, error: FramingError) -> TargetDisconnectedError:
        self.close()
        return TargetDisconnectedError(f"{self.address} sent what is no message: {error}", error)

    def _recv(self, size: int) -> bytes:
        try:
            chunk = self._socket.recv(size)
        except OSError as error:
            raise self._lost(error) from error
        if not chunk:
            self.close()
            raise self._lost(None)
        self._last_read = time.monotonic()
        return chunk

    def _await_bytes(self, deadline: float | None) -> None:
        """Return when the socket has something; ping a member that is silent, leave one that stays so."""
        while True:
            if not self.alive:
                raise self._lost(None)
            now = time.monotonic()
            wait = self._interval if deadline is None else max(0.0, min(self._interval, deadline - now))
            try:
                if wait_for([self._socket], timeout=wait):
                    return
            except (OSError, ValueError) as error:
                raise self._lost(error) from error
            asked, now = now, time.monotonic()
            if now - asked > 2 * self._interval:
                self._last_read = now  # This process was stopped, or its interpreter taken: nobody heard.
            if deadline is not None and now >= deadline:
                raise HazelcastTimeoutError(f"{self.address} sent nothing in time")
            if now - max(self._last_read, self._last_write) > self._patience:
                self.close()
                raise TargetDisconnectedError(f"{self.address} was silent for heartbeat_timeout={self._patience} s")
            self.ping()

    def ping(self) -> None:
        """Tell the member that this connection is wanted, unless something is being sent anyway. From any thread."""
        if not self.alive or not self._send_lock.acquire(blocking=False):
            return
        try:
            if wait_for(writing=[self._socket], timeout=0):
                self._socket.send(_PING.encode())
        except (OSError, ValueError):
            pass  # The one who uses the connection will see.
        finally:
            self._send_lock.release()

    def close(self) -> None:
        """Close the socket. The member forgets what was asked over it."""
        self.alive = False
        try:
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self._socket.close()

    def _lost(self, error: Exception | None) -> TargetDisconnectedError:
        self.alive = False
        reason = "was closed" if error is None else f"was lost: {error}"
        return TargetDisconnectedError(f"the bulk connection to {self.address} {reason}", error)

    def __enter__(self) -> BulkConnection:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<BulkConnection to {self.address}{'' if self.alive else ', closed'}>"
