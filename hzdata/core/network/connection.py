"""A connection to one member: a socket that the I/O thread reads, and that any thread may write to."""

from __future__ import annotations

import logging
import select
import socket
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias
from uuid import UUID

from ..config import Config
from ..core import Address
from ..dispatch import this_thread
from ..errors import HazelcastIOError, TargetDisconnectedError
from ..options import SOCKET_MOST
from ..protocol.framing import FramingError, Message, MessageAssembler
from .handshake import PROTOCOL_PREAMBLE, Authentication, authentication_request, read_authentication
from .tls import TlsSocket

if TYPE_CHECKING:
    from .invocation import Invocation
    from .reactor import Reactor

_logger = logging.getLogger(__name__)

_RECEIVE_SIZE = 1 << 18
# Milliseconds that a thread reads for its own answer: one that takes longer is not late by a hand-over.
_LEAD = 50
_TO_BE_TAKEN_BACK = -1

AnySocket: TypeAlias = socket.socket | TlsSocket
_Begun: TypeAlias = Callable[[socket.socket], None]


def open_authenticated(
    config: Config, address: Address, client_uuid: UUID, client_name: str, tls: ssl.SSLContext | None, begun: _Begun
) -> tuple[AnySocket, Authentication]:
    """Connect to a member and authenticate; the socket is blocking and has no timeout.

    ``begun`` is called with each socket before it connects, and may refuse it by an ``OSError``.

    Raises
    ------
    OSError
        When there is no connection, or no answer within ``connection_timeout``.
    AuthenticationError, ClientNotAllowedInClusterError
        When the member refuses.
    """
    deadline = time.monotonic() + (config.connection_timeout or SOCKET_MOST)
    plain = _connect(address, deadline, begun)
    sock: AnySocket = plain
    try:
        plain.settimeout(_left(deadline))
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for option in config.socket_options:
            plain.setsockopt(*option)
        if tls is not None:
            sock = TlsSocket(plain, tls, address.host)
        sock.sendall(PROTOCOL_PREAMBLE + authentication_request(config, address, client_uuid, client_name))
        assembler = MessageAssembler()
        answers: list[Message] = []
        while not answers:
            sock.settimeout(_left(deadline))
            received = sock.recv(_RECEIVE_SIZE)
            if not received:
                raise ConnectionError(f"{address} closed the connection before it answered")
            answers = assembler.feed(received)
        sock.settimeout(None)
        return sock, read_authentication(answers[0], config, address)
    except BaseException as error:
        sock.close()
        if isinstance(error, FramingError):
            raise HazelcastIOError(f"{address} is no Hazelcast member: {error}") from error
        raise


def _left(deadline: float) -> float:
    """Return the seconds until then; TimeoutError when it is over."""
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError("timed out")
    return left


def _connect(address: Address, deadline: float, begun: _Begun) -> socket.socket:
    """As ``socket.create_connection``, which shows its sockets only when they are connected."""
    failure = OSError(f"{address} has no address")
    places = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)
    for i, (family, kind, protocol, _, place) in enumerate(places):
        sock = None
        try:
            sock = socket.socket(family, kind, protocol)
            begun(sock)
            # One that does not answer leaves time for the others.
            sock.settimeout(_left(deadline) / (len(places) - i))
            sock.connect(place)
            return sock
        except BaseException as error:
            if sock is not None:  # The system may not know the family.
                sock.close()
            if not isinstance(error, OSError):
                raise
            failure = error
    raise failure


@dataclass(repr=False, eq=False)
class Connection:
    """A socket to one member.

    Parameters
    ----------
    member_uuid
        The member's, as it said.
    remote_address
        Where the client connected to.
    _socket
        Connected and authenticated.
    _reactor
        Reads the socket.
    _on_message
        Called on the I/O thread with each whole message.
    _on_close
        Called once, on the I/O thread, with why the connection closed.
    """

    member_uuid: UUID
    remote_address: Address
    _socket: AnySocket
    _reactor: Reactor
    _on_message: Callable[[Connection, Message], None]
    _on_close: Callable[[Connection, Exception], None]

    def __post_init__(self) -> None:
        self.local_address = Address(*self._socket.getsockname()[:2])
        self.since = time.time()
        # Two counters, so that neither has two writers: senders hold the lock, who reads the other one.
        self.sent = 0
        self.answered = 0
        self.last_read = self.last_write = time.monotonic()
        self.alive = True
        self._fileno = self._socket.fileno()
        self._assembler = MessageAssembler()
        # Held by who reads, and by who changes who does: the thread that leads, or the I/O thread when none does.
        self._reading = threading.Lock()
        self._leader = 0
        self._may_be_led = False
        self._received: list[bytes] = []  # By who leads; what is still there then, the I/O thread takes.
        self._lock = threading.Lock()
        self._outbox: list[bytes | bytearray | memoryview] = []
        # A message while it is sent at once, and how much of it was: it stays when the sender is interrupted.
        self._sending: tuple[bytes | bytearray | memoryview, list[int]] | None = None
        self._flush_asked = False
        self._awaits_writable = False
        self._socket.settimeout(0)
        self._reactor.call_soon(self._begin)

    def fileno(self) -> int:
        return self._fileno

    def send(self, message: bytes | bytearray) -> None:
        """Send a message: at once when nothing is in flight, else together with others, on the I/O thread.

        The first saves a hand-over between threads for a lone blocking call; the second saves a system call a message
        when many are under way.

        Raises
        ------
        TargetDisconnectedError
            When the connection is closed; nothing was sent.
        """
        try:
            with self._lock:
                if self._sending is not None:
                    self._keep_rest(*self._sending)
                if not self.alive:
                    raise TargetDisconnectedError(f"the connection to {self.remote_address} is closed")
                if self.sent <= self.answered and not self._outbox:
                    self._send_now(message, 1)
                else:
                    self._outbox.append(message)
                    self.sent += 1
                if not self._outbox or self._flush_asked:
                    return
                self._flush_asked = True
            self._reactor.call_soon(self.flush)
        except BaseException:
            # An interrupt may have come before it was asked for, and others rely on it.
            self._reactor.call_soon(self.flush)
            raise

    def _send_now(self, message: bytes | bytearray | memoryview, uncounted: int = 0) -> None:
        """Send what the socket takes, and keep the rest: nothing when the connection is lost."""
        sent: list[int] = []
        self._sending = message, sent
        self.sent += uncounted  # From here on it will be sent, interrupt or not; its answer must not come before.
        try:
            # Sent and noted in one step of the interpreter: an interrupt may come between any two.
            sent.extend(map(self._socket.send, (message,)))
        except (BlockingIOError, InterruptedError):
            pass
        except OSError as error:
            self.close(self._lost(error))
            sent.append(len(message))
        self.last_write = time.monotonic()
        self._keep_rest(message, sent)

    def _keep_rest(self, message: bytes | bytearray | memoryview, sent: list[int]) -> None:
        """Keep what is left of a message that was sent alone. It may be interrupted, and repeated."""
        if sum(sent) < len(message):
            self._outbox[:] = [memoryview(message)[sum(sent) :]]
        self._sending = None

    # --- On a thread that waits --------------------------------------------------------------------------------------

    def lead(self, invocation: Invocation) -> None:
        """Read the answer on the thread that waits for it, which saves a hand-over: one leads, others follow.

        Whatever else comes, and whatever takes its time, is left to the I/O thread: then it is not done yet. An
        interrupt may come after any call; what is done twice because of it does no harm.

        See: Schmidt et al., "Leader/Followers", Pattern Languages of Program Design 4
        """
        try:
            with self._reading:
                is_taken = self._leader or self._assembler.buffer or self._awaits_writable
                is_answered = invocation.done() or invocation.answer is not None
                if is_taken or is_answered or not (self._may_be_led and self.alive):
                    return
                self._leader = threading.get_ident()
                self._reactor.epoll.modify(self._fileno, 0)
            poll = select.poll()
            poll.register(self._fileno, select.POLLIN)
            if poll.poll(_LEAD):
                with self._reading:
                    if self._leader == threading.get_ident():
                        self._read_answer(invocation)
        finally:
            try:
                self._follow()
            finally:
                self._follow()

    def _read_answer(self, invocation: Invocation) -> None:
        try:
            # Received and kept in one step.
            self._received.extend(map(self._socket.recv, (_RECEIVE_SIZE,)))
            messages = MessageAssembler().feed(self._received[0])
        except (OSError, FramingError):
            return
        is_all = len(messages) == 1 and len(messages[0].buffer) == len(self._received[0])
        if is_all and invocation.is_answer(messages[0]):
            self.last_read = time.monotonic()
            try:
                this_thread.is_io = True
                self._on_message(self, messages[0])
                self._received.clear()
            finally:
                this_thread.is_io = False

    def _follow(self) -> None:
        """Lead no more."""
        with self._reading:
            if self._leader == threading.get_ident():
                if self._received:
                    self._reactor.call_soon(self.take_back)
                    self._leader = _TO_BE_TAKEN_BACK
                else:
                    self._resume()

    def _resume(self) -> None:
        if self.alive and self._leader:
            self._reactor.epoll.modify(self._fileno, select.EPOLLIN | select.EPOLLOUT * self._awaits_writable)
        self._leader = 0

    def close(self, reason: Exception) -> None:
        """Close; ``on_close`` follows on the I/O thread."""
        if self.alive:
            # In this order: an interrupt between the two has it closed twice, not never.
            self._reactor.call_soon(lambda: self._closed(reason))
            self.alive = False

    # --- On the I/O thread -------------------------------------------------------------------------------------------

    def _begin(self) -> None:
        self._reactor.watch(self)
        # Only what is watched can be taken out of the I/O thread's hands.
        self._may_be_led = self._reactor.epoll is not None and not isinstance(self._socket, TlsSocket)

    def take_back(self) -> None:
        """Read here again: what a thread has received, and what comes."""
        with self._reading:
            self._resume()
            if self._received:
                self._read()

    def on_readable(self) -> None:
        with self._reading:
            if not self._leader:
                self._read()

    def _read(self) -> None:
        try:
            received = self._received.pop() if self._received else self._socket.recv(_RECEIVE_SIZE)
            messages = self._assembler.feed(received)
        except (BlockingIOError, InterruptedError):
            return
        except (OSError, FramingError) as error:
            self.close(self._lost(error))
            return
        if not received:
            self.close(TargetDisconnectedError(f"{self.remote_address} closed the connection"))
            self._reactor.unwatch(self._fileno)
            return
        self.last_read = time.monotonic()
        for message in messages:
            try:
                self._on_message(self, message)
            except Exception:  # What came with it goes on.
                _logger.exception("%r of %s could not be taken", message, self.remote_address)

    def flush(self) -> None:
        with self._lock:
            self._flush_asked = False
            outbox = self._outbox
            if not outbox or not self.alive:
                return
            waiting: bytes | bytearray | memoryview = outbox[0] if len(outbox) == 1 else b"".join(outbox)
            outbox.clear()
            self._send_now(waiting)
            self._flush_asked = is_left = bool(outbox)
        if is_left != self._awaits_writable:
            with self._reading:
                self._awaits_writable = is_left
                self._reactor.watch(self, writes=is_left)

    def _closed(self, reason: Exception) -> None:
        if self._socket.fileno() < 0:
            return
        self.alive = False
        self.take_back()  # From here on nobody leads, and an answer that came before is one.
        self._reactor.unwatch(self._fileno)
        self._socket.close()
        self._on_close(self, reason)

    def _lost(self, error: Exception) -> TargetDisconnectedError:
        return TargetDisconnectedError(f"the connection to {self.remote_address} was lost: {error}", error)

    def __repr__(self) -> str:
        return f"<Connection to {self.remote_address}{'' if self.alive else ', closed'}>"
