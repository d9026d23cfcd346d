"""Loopback ports for members, held until a member listens on them."""

from __future__ import annotations

import socket
import sys

from .errors import LocalClusterError

__all__ = ["HOST", "LAST_PORT", "PortReservation", "reserve_port"]

HOST = "127.0.0.1"
LAST_PORT = 65535


class PortReservation:
    """A loopback port that nobody else gets.

    Between choosing a port and a member listening on it lie seconds in which any process may take it. So the socket
    that found it stays bound, not listening, and set to share its address: Linux then lets the member, which sets
    SO_REUSEADDR too, bind and listen beside it, and gives the port to no one who does not ask for it by number.
    Elsewhere that sharing is refused, so the socket is closed as soon as the port is known.
    """

    def __init__(self, holder: socket.socket) -> None:
        self.port: int = holder.getsockname()[1]
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._holder = holder
        if sys.platform != "linux":
            self.release()

    def release(self) -> None:
        self._holder.close()


def reserve_port(port: int | None = None) -> PortReservation:
    """Reserve ``port``, or a free one when it is None.

    Raises
    ------
    LocalClusterError
        When ``port`` is in use.
    """
    holder = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        if port is not None:
            # A port asked for may have belonged to a cluster closed a moment ago: connections in TIME_WAIT do
            # not matter. One that somebody listens on is refused all the same.
            holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        holder.bind((HOST, port or 0))
    except OSError as error:
        holder.close()
        raise LocalClusterError(
            f"port {port} on {HOST} cannot be had ({error.strerror}): pass another port=, or leave it out "
            "to get free ones."
        ) from error
    return PortReservation(holder)
