"""TLS: the context that the options describe, and a socket that two threads may use at once."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable
from typing import TypeVar

from ..config import Config, SSLProtocol
from ..errors import InvalidConfigurationError
from .waiting import wait_for

_T = TypeVar("_T")

_VERSIONS = {number: ssl.TLSVersion[name] for name, number in vars(SSLProtocol).items() if name.startswith("TLS")}


def tls_context(config: Config) -> ssl.SSLContext | None:
    """Return the context of the options ``ssl_*``; None without ``ssl_enabled``.

    Raises
    ------
    InvalidConfigurationError
        When a file cannot be read, or does not hold what it should; it names the option.
    """
    if not config.ssl_enabled:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # It requires a certificate of the member.
    context.check_hostname = config.ssl_check_hostname
    version = _VERSIONS.get(config.ssl_protocol)
    if version is None:
        raise InvalidConfigurationError("ssl_protocol: SSLv2 and SSLv3 are broken, not offered: use TLSv1_2 or later")
    context.minimum_version = context.maximum_version = version
    if config.ssl_cafile is None:
        context.load_default_certs()
    else:
        try:
            context.load_verify_locations(config.ssl_cafile)
        except OSError as error:  # SSLError is one
            raise InvalidConfigurationError(f"ssl_cafile={config.ssl_cafile!r} cannot be used: {error}") from error
    if config.ssl_certfile is not None:
        try:
            context.load_cert_chain(config.ssl_certfile, config.ssl_keyfile, config.ssl_password)
        except (OSError, ValueError) as error:
            # Which of the three is to blame, OpenSSL does not always tell; the password itself is not shown.
            files = f"ssl_certfile={config.ssl_certfile!r}, ssl_keyfile={config.ssl_keyfile!r}"
            raise InvalidConfigurationError(f"{files} cannot be used with the given ssl_password: {error}") from error
    if config.ssl_ciphers is not None:
        try:
            context.set_ciphers(config.ssl_ciphers)
        except ssl.SSLError as error:
            raise InvalidConfigurationError(f"ssl_ciphers={config.ssl_ciphers!r}: {error}") from error
    return context


class TlsSocket:
    """A TLS connection with what the client uses of a socket.

    OpenSSL must not read and write one connection in two threads at once, and a blocking read would keep a writer
    waiting. So the connection below never blocks, is used under a lock, and whoever wants to block waits outside.
    ``recv`` returns all that is decrypted: what lies in OpenSSL's buffers no selector sees.
    """

    def __init__(self, sock: socket.socket, context: ssl.SSLContext, host: str) -> None:
        self._socket = context.wrap_socket(sock, server_hostname=host)
        self._timeout = sock.gettimeout()
        self._socket.setblocking(False)
        self._lock = threading.Lock()
        self.getsockname = self._socket.getsockname
        self.fileno = self._socket.fileno
        self.shutdown = self._socket.shutdown
        self.close = self._socket.close

    def settimeout(self, timeout: float | None) -> None:
        self._timeout = timeout

    def recv(self, size: int) -> bytes:
        """Return what has come, more than ``size`` maybe."""

        def receive() -> bytes:
            received = self._socket.recv(size)
            pending = self._socket.pending()
            return received + self._socket.recv(pending) if pending and received else received

        return self._when_ready(receive)

    def send(self, data: bytes | bytearray | memoryview) -> int:
        try:
            return self._when_ready(lambda: self._socket.send(data))
        except BaseException as error:
            if not isinstance(error, OSError):
                self.shutdown(socket.SHUT_RDWR)  # Interrupted: who knows what was sent.
            raise

    def sendall(self, data: bytes | bytearray | memoryview) -> None:
        view = memoryview(data).cast("B")
        while view:
            view = view[self.send(view) :]

    def _when_ready(self, work: Callable[[], _T]) -> _T:
        deadline = None if self._timeout is None else time.monotonic() + self._timeout
        while True:
            try:
                with self._lock:
                    return work()
            except (ssl.SSLWantReadError, ssl.SSLWantWriteError) as wanted:
                if self._timeout == 0:
                    raise BlockingIOError from None
                left = None if deadline is None else max(0.0, deadline - time.monotonic())
                watched = [self._socket]
                reads = isinstance(wanted, ssl.SSLWantReadError)
                if not (wait_for(watched, (), left) if reads else wait_for((), watched, left)):
                    raise TimeoutError("timed out") from None
