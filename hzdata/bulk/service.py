"""The bulk connections of a client: opened, kept alive while idle, closed with it."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable
from uuid import UUID

from hzdata.core.client import HazelcastClient
from hzdata.core.core import Address
from hzdata.core.errors import HazelcastClientNotActiveError, HazelcastIOError
from hzdata.core.protocol.framing import FrameWalker

from .connection import BulkConnection

_attaching = threading.Lock()


class BulkService:
    """Opens bulk connections, keeps idle ones alive, closes what is left at shutdown."""

    def __init__(self, client: HazelcastClient) -> None:
        context = client.sql.context
        self._config = config = context.config
        self._connections = context.connections
        self._cluster = context.cluster
        self._open: weakref.WeakSet[BulkConnection] = weakref.WeakSet()
        self._lock = threading.Lock()
        self._lifecycle = client.lifecycle_service
        # A consumer may take its time over a page; members close connections that say nothing for minutes.
        context.reactor.call_every(max(config.heartbeat_interval, 1.0), self._ping_all)

    def open(self, member_uuid: UUID | None = None, walker: Callable[[], FrameWalker] = FrameWalker) -> BulkConnection:
        """Open a connection to a member, by default to any that holds data.

        Parameters
        ----------
        member_uuid
        walker
            Makes what finds the frames of a message, for who has a faster one.

        Raises
        ------
        HazelcastIOError
            When the member is not known or not reached.
        HazelcastClientNotActiveError
            When the client was shut down.
        """
        if not self._lifecycle.is_running():
            raise HazelcastClientNotActiveError("the client was shut down")
        address = self._address(member_uuid)
        try:
            sock, authentication = self._connections.open_socket(address)
        except OSError as error:
            raise HazelcastIOError(f"no connection to {address}: {error}", error) from error
        if member_uuid is not None and authentication.member_uuid != member_uuid:
            sock.close()
            raise HazelcastIOError(f"at {address} there is another member now than {member_uuid}")
        connection = BulkConnection(sock, authentication.member_uuid, address, self._config, walker)
        with self._lock:
            self._open.add(connection)
        if not self._lifecycle.is_running():
            connection.close()  # Opened while the others were closed.
        return connection

    def _address(self, member_uuid: UUID | None) -> Address:
        if member_uuid is None:
            return self._connections.pick_for_sql().remote_address
        for connection in self._connections.connections():
            if connection.member_uuid == member_uuid:
                return connection.remote_address
        member = self._cluster.get(member_uuid)
        if member is None:
            raise HazelcastIOError(f"member {member_uuid} is not in the cluster")
        return self._connections.discovery.address_of(member)

    def _all(self) -> list[BulkConnection]:
        with self._lock:
            return list(self._open)

    def _ping_all(self) -> None:
        for connection in self._all():
            connection.ping()

    def shutdown(self) -> None:
        for connection in self._all():
            connection.close()


def of(client: HazelcastClient) -> BulkService:
    """Return what opens bulk connections for a client, and closes them when that is shut down."""
    with _attaching:
        service = client.extensions.get(BulkService)
        if service is None:
            service = client.extensions[BulkService] = BulkService(client)
        return service
