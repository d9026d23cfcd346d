"""The client's connections: to every member (or to one), made, kept alive, and made again when they are lost.

Connecting blocks, so it has a thread of its own. Everything else here either runs on the I/O thread or only looks.
"""

from __future__ import annotations

import itertools
import logging
import queue
import random
import socket
import ssl
import threading
import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

from .. import errors
from ..config import ReconnectMode
from ..core import Address
from ..lifecycle import LifecycleState
from ..protocol.framing import Message
from ..protocol.messages import message
from ..util import member_of_larger_same_version_group
from .connection import AnySocket, Connection, open_authenticated
from .discovery import Discovery
from .handshake import Authentication
from .tls import tls_context

if TYPE_CHECKING:
    from ..context import Context

_logger = logging.getLogger(__name__)

_CLUSTER_VIEW = message("Client.addClusterViewListener")
_BACKUP_LISTENER = message("Client.localBackupListener")

_FIRST_VIEW_TIMEOUT = 30.0
_ASSIGNMENT_PATIENCE = 2.0
_PERIOD = 1.0


class ConnectionManager:
    """Makes and keeps connections, and picks one for each request."""

    def __init__(self, context: Context) -> None:
        self.config = context.config
        self.client_name = context.client_name
        self.reactor = context.reactor
        self.invocations = context.invocations
        self.cluster = context.cluster
        self.partitions = context.partitions
        self.lifecycle = context.lifecycle
        self.invocations.connections = self
        self.is_smart: bool = self.config.smart_routing
        """Whether there is a connection to each member, or one for all."""
        self.client_uuid = uuid.uuid4()
        self._tls = tls_context(self.config)
        self.discovery = Discovery(self.config)
        self._by_member: dict[UUID, Connection] = {}
        # Found by partition before: looking UUIDs up costs three times as much. Left for another at every change.
        self._by_partition: dict[int, Connection] = {}
        self._turn = 0
        self._view_connection: Connection | None = None
        self._opening: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._jobs: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run_jobs, name=f"{self.client_name}.connect", daemon=True)
        self._stopping = threading.Event()
        self._unreachable: set[UUID] = set()
        self._last_heartbeat = self._listening_since = time.monotonic()
        self.cluster_id: UUID | None = None
        self.on_connected: Callable[[Connection, float | None], Any] = lambda connection, timeout: None
        """Called on the connecting thread with each connection, before the first request takes it."""
        self.on_other_cluster: Callable[[Connection, float | None], Any] = lambda connection, timeout: None
        """Called on the connecting thread when the cluster is another than before, with none of the client's state."""
        self.on_lost: Callable[[Connection], Any] = lambda connection: None
        """Called on the I/O thread with each connection that is closed."""
        self.on_give_up: Callable[[], Any] = lambda: None
        """Called when there is no cluster and none is waited for any more."""

    # --- Starting and stopping ---------------------------------------------------------------------------------------

    def start(self, timeout: float | None = None) -> None:
        """Connect to the cluster; returns when its members are known and connected, or at once with ``async_start``.

        Parameters
        ----------
        timeout
            Seconds that this may take; it is given up sooner when members are reached and all refuse the client. None:
            ``cluster_connect_timeout``, and a refusal may be another one's, or change.
        """
        self._thread.start()
        self.reactor.call_every(self.config.heartbeat_interval, self._heartbeat)
        self.reactor.call_every(_PERIOD, self._see_to_connections)
        if self.config.async_start:
            self._jobs.put(self._connect_or_give_up)
        else:
            self._connect_to_cluster(timeout)

    def stop(self) -> None:
        self._stopping.set()
        self._jobs.put(None)
        with self._lock:
            # One that is being made sees that it is too late.
            connections = self.connections()
            for sock in self._opening:
                with suppress(OSError):  # Not connecting yet, or closed by the member.
                    sock.shutdown(socket.SHUT_RDWR)
        for connection in connections:
            connection.close(errors.HazelcastClientNotActiveError("the client was shut down"))

    def join(self) -> None:
        """Wait for the connecting thread, which nothing holds any more once invocations are shut down too."""
        if threading.current_thread() is not self._thread and self._thread.is_alive():
            self._thread.join(timeout=5)

    def connections(self) -> list[Connection]:
        return list(self._by_member.values())

    # --- Picking -----------------------------------------------------------------------------------------------------

    def pick(self, partition_id: int = -1, member_uuid: UUID | None = None) -> Connection:
        """Return the connection that a request should take.

        Raises
        ------
        HazelcastIOError, ClientOfflineError
            When there is none at the moment.
        """
        by_partition = self._by_partition
        if member_uuid is None and partition_id in by_partition:
            return by_partition[partition_id]
        target = member_uuid
        if target is None and self.is_smart:
            if partition_id >= 0:
                target = self.partitions.owner(partition_id)
            elif self.config.load_balancer is not None and self._by_member:
                member = self.config.load_balancer.next()
                target = None if member is None else member.uuid
        connection = None if target is None else self._by_member.get(target)
        if connection is not None:
            if partition_id >= 0 and member_uuid is None:
                by_partition[partition_id] = connection
            return connection
        if member_uuid is not None and self.cluster.get(member_uuid) is None:
            raise errors.TargetNotMemberError(f"{member_uuid} is no member of the cluster")
        connections = self.connections()
        if connections:
            if member_uuid is not None:
                raise errors.HazelcastIOError(f"there is no connection to member {member_uuid}")
            self._turn = turn = self._turn + 1
            return connections[turn % len(connections)]
        if self.config.reconnect_mode == ReconnectMode.ASYNC or (self.config.async_start and self.cluster_id is None):
            raise errors.ClientOfflineError("the client is not connected to a cluster at the moment")
        raise errors.HazelcastIOError("the client is not connected to a cluster at the moment")

    def pick_for_sql(self) -> Connection:
        """As ``pick``, but a member with data if there is one: others run no statements before 5.5."""
        member = member_of_larger_same_version_group(m for m in self.cluster.get_members() if m.uuid in self._by_member)
        return self.pick(member_uuid=None if member is None else member.uuid)

    def may_come_back(self, error: Exception) -> bool:
        """Whether a request that found no connection should wait for one."""
        if isinstance(error, errors.ClientOfflineError) or self._stopping.is_set():
            return False
        return bool(self._by_member) or self.config.reconnect_mode != ReconnectMode.OFF

    # --- Connecting --------------------------------------------------------------------------------------------------

    def _run_jobs(self) -> None:
        for job in iter(self._jobs.get, None):
            try:
                job()
            except Exception:
                if not self._stopping.is_set():
                    _logger.exception("connecting failed")

    def _connect_or_give_up(self) -> None:
        try:
            self._connect_to_cluster()
        except Exception as error:
            if not self._stopping.is_set():
                _logger.error("%s", error)
                self.on_give_up()

    def _connect_to_cluster(self, start_timeout: float | None = None) -> None:
        """Try all addresses, again and again with growing pauses, until one lets the client in."""
        config = self.config
        started = time.monotonic()
        timeout = config.cluster_connect_timeout if start_timeout is None else start_timeout
        # Who waits for the first connection gets the reasons with the error; nobody sees those of a reconnection.
        level = logging.WARNING if threading.current_thread() is self._thread else logging.INFO
        pause = config.retry_initial_backoff
        for attempt in itertools.count(1):
            failures: dict[object, Exception] = {}
            try:
                self.discovery.refresh()
            except Exception as error:
                failures["the cloud"] = error
                _logger.log(level, "%s", error)
            for address in self.discovery.candidates(self.cluster.get_members()):
                if self._stopping.is_set():
                    raise errors.HazelcastClientNotActiveError("the client was shut down while it was connecting")
                try:
                    self._joined(self._connect(address))
                    return
                except errors.ClientNotAllowedInClusterError:
                    raise
                except Exception as error:
                    # Whatever it was, a token provider that failed or a peer that talks nonsense: there is a next time.
                    failures[address] = error
                    told = level if attempt == 1 and not self._stopping.is_set() else logging.INFO
                    _logger.log(told, "no connection to %s: %s", address, error)
            for failure in failures.values() if start_timeout is not None else ():
                if isinstance(failure, errors.AuthenticationError):
                    raise failure
                if isinstance(failure, ssl.SSLError | errors.HazelcastCertificationError):
                    timeout = 0  # A certificate does not become right.
            left = float("inf") if timeout == -1 else timeout - (time.monotonic() - started)
            if left <= 0:
                reasons = "; ".join(f"{address}: {error}" for address, error in failures.items())
                raise errors.IllegalStateError(
                    # The first words are the documented client's: programs look for them.
                    f"Unable to connect to any cluster within cluster_connect_timeout={timeout} s ({reasons}). Check "
                    f"that a member listens there and that its cluster name is {config.cluster_name!r}."
                )
            jittered = pause * (1 + random.uniform(-config.retry_jitter, config.retry_jitter))
            _logger.info("attempt %d to connect to the cluster failed; next in %.2f s", attempt, jittered)
            self._stopping.wait(max(0.0, min(jittered, left)))
            pause = min(pause * config.retry_multiplier, config.retry_max_backoff)

    def _joined(self, connection: Connection) -> None:
        deadline = time.monotonic() + _FIRST_VIEW_TIMEOUT
        while not self.cluster.known.wait(0.2):
            if not connection.alive or time.monotonic() > deadline:
                raise errors.HazelcastIOError(f"{connection.remote_address} did not send the member list")
        self._connect_to_missing()
        self._assign_partitions()
        self.lifecycle.enter(LifecycleState.CONNECTED)
        if not self._by_member:
            self._lost_the_cluster()

    def _assign_partitions(self) -> None:
        """See that partitions have owners, or go on without: those of a fresh cluster have none until someone asks."""
        if self.partitions.is_assigned() or all(member.lite_member for member in self.cluster.get_members()):
            return
        self.invocations.invoke(message("Client.triggerPartitionAssignment"))
        deadline = time.monotonic() + _ASSIGNMENT_PATIENCE
        while not self.partitions.is_assigned() and time.monotonic() < deadline and not self._stopping.is_set():
            time.sleep(0.01)

    def _connect(self, address: Address) -> Connection:
        """Connect to one address and make the connection ready for use."""
        _logger.info("connecting to %s", address)
        sock, peer = self.open_socket(address)
        present = self._by_member.get(peer.member_uuid)
        if present is not None and present.alive:
            sock.close()
            return present
        other_cluster = self.cluster_id is not None and peer.cluster_id != self.cluster_id
        if other_cluster and self._by_member:
            sock.close()
            raise errors.HazelcastIOError(f"{address} belongs to another cluster than the members connected to")
        on_message = self.invocations.on_message
        connection = Connection(peer.member_uuid, address, sock, self.reactor, on_message, self._on_close)
        try:
            self._make_ready(connection, peer, other_cluster)
        except Exception as error:
            connection.close(errors.TargetDisconnectedError(f"{address} could not be made ready: {error}", error))
            raise
        text = "authenticated with %s, server version %s, local address %s"
        _logger.info(text, address, peer.server_version, connection.local_address)
        return connection

    def _make_ready(self, connection: Connection, peer: Authentication, other_cluster: bool) -> None:
        timeout = self.config.connection_timeout or None
        if self.partitions.count not in (0, peer.partition_count):
            # Structures and calls that wait are of partitions as they were counted: there they were lost, or astray.
            counts = f"{peer.partition_count} partitions, not {self.partitions.count}: connect a client of its own"
            raise errors.ClientNotAllowedInClusterError(f"the cluster at {connection.remote_address} has {counts}")
        self.partitions.count = peer.partition_count
        if other_cluster:
            _logger.warning("the cluster is another one than before (%s)", peer.cluster_id)
            self.partitions.forget()
            self.on_other_cluster(connection, timeout)
        if self.cluster_id != peer.cluster_id or not self._by_member:
            self.cluster.start_over()
        self.cluster_id = peer.cluster_id
        if self.is_smart and self.config.backup_ack_to_client_enabled:
            self.invocations.invoke(_BACKUP_LISTENER, connection=connection, on_event=self._on_backup).result(timeout)
        self.on_connected(connection, timeout)
        with self._lock:
            if not connection.alive or self._stopping.is_set():
                raise errors.HazelcastIOError(f"the connection to {connection.remote_address} was closed")
            self._by_member[connection.member_uuid] = connection
            self._by_partition = {}
            needs_view = self._view_connection is None
            self._view_connection = self._view_connection or connection
        if needs_view:
            self._register_view(connection).result(timeout)

    def open_socket(self, address: Address) -> tuple[AnySocket, Authentication]:
        """Connect and authenticate; the socket is the caller's. ``stop()`` breaks it off."""
        copies: list[socket.socket] = []

        def begun(sock: socket.socket) -> None:
            with self._lock:
                if self._stopping.is_set():
                    raise ConnectionAbortedError("the client was shut down")
                # Whatever TLS makes of the socket, a copy still ends its connection.
                copies.append(sock.dup())
                self._opening.add(copies[-1])

        try:
            return open_authenticated(self.config, address, self.client_uuid, self.client_name, self._tls, begun)
        finally:
            with self._lock:
                self._opening.difference_update(copies)
            for copy in copies:
                copy.close()

    def _connect_to_missing(self) -> None:
        if not self.is_smart:
            return
        for member in self.cluster.get_members():
            if member.uuid not in self._by_member and not self._stopping.is_set():
                try:
                    self._connect(self.discovery.address_of(member))
                    self._unreachable.discard(member.uuid)
                except Exception as error:
                    # It is tried every second: once is enough for who reads the log.
                    is_news = member.uuid not in self._unreachable and not self._stopping.is_set()
                    level = logging.WARNING if is_news else logging.DEBUG
                    self._unreachable.add(member.uuid)
                    _logger.log(level, "no connection to %s: %s", member, error)

    def _see_to_connections(self) -> None:
        for connection in self.connections():
            # A thread that reads for itself may be held up, as by a signal handler. One that is not is left alone.
            if time.monotonic() - connection.last_read > _PERIOD:
                connection.take_back()
        self._look_for_missing()

    def _look_for_missing(self) -> None:
        # While the cluster is being joined the joining itself connects to its members.
        # A round may take many seconds, and who reconnects waits behind those that were asked for: one is enough.
        is_looking = self.is_smart and self.lifecycle.state == LifecycleState.CONNECTED and self._jobs.empty()
        if is_looking and any(member.uuid not in self._by_member for member in self.cluster.get_members()):
            self._jobs.put(self._connect_to_missing)

    # --- On the I/O thread -------------------------------------------------------------------------------------------

    def _register_view(self, teller: Connection) -> Any:
        self.partitions.start_over()
        return self.invocations.invoke(_CLUSTER_VIEW, connection=teller, on_event=partial(self._on_view, teller))

    def _on_view(self, connection: Connection, event: Message) -> None:
        if connection is not self._view_connection:
            return
        if event.type == _CLUSTER_VIEW.event_types["MembersView"]:
            version, members = _CLUSTER_VIEW.events[event.type](event)
            for member in self.cluster.update(version, members):
                gone = self._by_member.get(member.uuid)
                if gone is not None:
                    gone.close(errors.TargetDisconnectedError(f"{member} left the cluster"))
            self._look_for_missing()
        elif event.type == _CLUSTER_VIEW.event_types["PartitionsView"]:
            self.partitions.update(*_CLUSTER_VIEW.events[event.type](event))
            self._by_partition = {}

    def _on_backup(self, event: Message) -> None:
        for decode in _BACKUP_LISTENER.events.values():
            self.invocations.on_backup_ack(decode(event)[0])

    def _on_close(self, connection: Connection, reason: Exception) -> None:
        with self._lock:
            was_ready = self._by_member.get(connection.member_uuid) is connection
            if was_ready:
                del self._by_member[connection.member_uuid]
                self._by_partition = {}
            next_view: Connection | None = None
            if self._view_connection is connection:
                next_view = self._view_connection = next(iter(self._by_member.values()), None)
        if was_ready:
            level = logging.INFO if self._stopping.is_set() else logging.WARNING
            _logger.log(level, "connection to %s closed: %s", connection.remote_address, reason)
        self.on_lost(connection)
        if was_ready and not self._by_member and not self._stopping.is_set():
            self._lost_the_cluster()
        elif next_view is not None:
            self._register_view(next_view)
        self.invocations.on_connection_lost(connection, reason)

    def _lost_the_cluster(self) -> None:
        # While the first round of connecting is under way its own loop goes on.
        connected = LifecycleState.CONNECTED
        if self.lifecycle.state != connected or self.lifecycle.enter(LifecycleState.DISCONNECTED) != connected:
            return
        if self.config.reconnect_mode == ReconnectMode.OFF:
            _logger.info("the cluster is lost and reconnect_mode is OFF: shutting down")
            threading.Thread(target=self.on_give_up, name=f"{self.client_name}.shutdown", daemon=True).start()
        else:
            self._jobs.put(self._connect_or_give_up)

    def _heartbeat(self) -> None:
        now = time.monotonic()
        if now - self._last_heartbeat > 2 * self.config.heartbeat_interval:
            # This process was stopped, or its interpreter taken: nobody was asked, and nobody heard.
            self._listening_since = now
        self._last_heartbeat = now
        for connection in self.connections():
            if now - max(connection.last_read, self._listening_since) > self.config.heartbeat_timeout:
                silence = f"was silent for heartbeat_timeout={self.config.heartbeat_timeout} s"
                connection.close(errors.TargetDisconnectedError(f"{connection.remote_address} {silence}"))
            elif now - min(connection.last_read, connection.last_write) > self.config.heartbeat_interval:
                self.invocations.invoke(message("Client.ping"), connection=connection)
