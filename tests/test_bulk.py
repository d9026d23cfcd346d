"""What a bulk connection does with pieces: a peer that takes and sends them as it likes stands for the network."""

from __future__ import annotations

import ctypes
import select
import socket
import struct
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from types import FrameType
from typing import Any
from weakref import WeakSet

import pytest

from hzdata import LocalCluster, bulk
from hzdata.bulk import BulkConnection
from hzdata.core.config import Config
from hzdata.core.core import Address
from hzdata.core.errors import TargetDisconnectedError
from hzdata.core.network.waiting import wait_for
from hzdata.core.protocol.framing import BEGIN_FRAGMENT, END_FRAGMENT, FINAL, UNFRAGMENTED
from hzdata.core.protocol.messages import message
from hzdata.core.sql import HazelcastSqlError
from tests.waiting import until
from tests.wire import wire_to


def frame(payload: bytes, flags: int = 0) -> bytes:
    return struct.pack("<iH", 6 + len(payload), flags) + payload


def head(correlation_id: int, flags: int = 0, message_type: int = 1) -> bytes:
    return frame(struct.pack("<iq", message_type, correlation_id), flags)


def answer(correlation_id: int, message_type: int = 1) -> bytes:
    return head(correlation_id, UNFRAGMENTED | FINAL, message_type)


@pytest.fixture
def ends() -> Iterator[tuple[BulkConnection, socket.socket]]:
    ours, peer = socket.socketpair()
    ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    with BulkConnection(ours, uuid.uuid4(), Address("peer", 1), Config()) as connection, peer:
        yield connection, peer


def test_many_buffers_arrive_whole_and_in_order_however_little_is_taken_at_a_time(
    ends: tuple[BulkConnection, socket.socket],
) -> None:
    connection, peer = ends
    buffers = [bytes([i % 251]) * (i * 37 % 3001) for i in range(1500)]
    expected = b"".join(buffers)
    sender = threading.Thread(target=connection.send, args=buffers)
    sender.start()
    received = bytearray()
    while len(received) < len(expected):
        received += peer.recv(5000)
    sender.join()
    assert received == expected


def test_all_that_has_arrived_is_handed_out_and_nothing_is_waited_for(
    ends: tuple[BulkConnection, socket.socket],
) -> None:
    connection, peer = ends
    assert list(connection.arrived()) == []
    pong = answer(0, message("Client.ping").type + 1)
    peer.sendall(answer(1) + pong + answer(2) + answer(3)[:10])
    assert [found.correlation_id for found in connection.arrived()] == [1, 2]
    fragments = frame(bytes(8), BEGIN_FRAGMENT) + head(4, FINAL) + frame(bytes(8), END_FRAGMENT) + frame(b"", FINAL)
    peer.sendall(answer(3)[10:] + fragments)
    assert [found.correlation_id for found in connection.arrived()] == [3, 4]


def test_what_arrived_behind_a_message_that_was_waited_for_comes_next(
    ends: tuple[BulkConnection, socket.socket],
) -> None:
    connection, peer = ends
    peer.sendall(answer(1) + answer(2))
    assert connection.receive().correlation_id == 1
    peer.sendall(answer(3))
    assert [found.correlation_id for found in connection.arrived()] == [2, 3]
    peer.sendall(answer(4))
    assert connection.receive().correlation_id == 4


def test_a_peer_that_sends_no_frames_is_left(ends: tuple[BulkConnection, socket.socket]) -> None:
    connection, peer = ends
    peer.sendall(bytes(100))
    with pytest.raises(TargetDisconnectedError, match="sent what is no message"):
        list(connection.arrived())
    assert not connection.alive


def impatient(sock: socket.socket) -> BulkConnection:
    options = {"heartbeat_interval": 0.1, "heartbeat_timeout": 0.5}
    return BulkConnection(sock, uuid.uuid4(), Address("peer", 1), Config.from_dict(options))


def test_a_peer_that_takes_its_time_over_a_large_message_is_not_taken_for_frozen() -> None:
    ours, peer = socket.socketpair()
    ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    with impatient(ours) as connection, peer:
        sent = bytes(500_000)
        sender = threading.Thread(target=connection.send, args=(sent,))
        sender.start()
        received = 0
        while received < len(sent) and connection.alive:
            received += len(peer.recv(50_000))
            time.sleep(0.02 if received < 400_000 else 0)
        sender.join()
        assert received == len(sent)


def test_a_peer_that_nobody_listened_to_has_not_been_silent() -> None:
    ours, peer = socket.socketpair()
    with impatient(ours) as connection, peer, ThreadPoolExecutor() as pool:
        waiting = pool.submit(connection.receive)
        assert peer.recv(1)  # A ping.
        # It keeps the interpreter to itself, as a long call into C does; a process that was stopped is no different.
        ctypes.PyDLL(None).usleep(900_000)
        peer.sendall(answer(7))
        assert waiting.result(10).correlation_id == 7


def test_connections_are_closed_while_others_are_opened(cluster: LocalCluster) -> None:
    opening: list[Future[BulkConnection]] = []

    def trace(frame: FrameType, event: str, _: object) -> Any:
        # In the middle of going through those that are open, when there is time for it.
        if event == "return" and frame.f_code is WeakSet.__iter__.__code__ and not opening:
            opening.append(pool.submit(service.open))
            wait(opening, 0.3)
        return trace

    with cluster.connect() as client, ThreadPoolExecutor() as pool:
        service = bulk.of(client)
        opened = [service.open() for _ in range(3)]
        before = sys.gettrace()
        sys.settrace(trace)
        try:
            service.shutdown()
        finally:
            sys.settrace(before)
        assert not any(connection.alive for connection in opened)
        assert opening[0].result(10).alive


def test_a_query_whose_member_is_lost_between_two_pages_says_so(cluster: LocalCluster) -> None:
    with wire_to(cluster.addresses[0]) as wire, cluster.connect() as client:
        at_the_wire = Address("127.0.0.1", int(wire.address.split(":")[1]))
        of_bulk = bulk.of(client)
        of_bulk._address = lambda _: at_the_wire  # type: ignore[method-assign]
        pages = iter(bulk.open_cursor(client, "SELECT v FROM TABLE(generate_series(1, 100))", cursor_buffer_size=10))
        next(pages)
        (connection,) = of_bulk._open
        wait_for([connection])  # The second page is here.
        line = wire.lines[-1]
        line.cut()
        until(lambda: line.ended_by != "nobody")
        line.client.close()
        until(lambda: is_reset(connection))
        with pytest.raises(HazelcastSqlError, match="was lost"):
            next(pages)


def is_reset(connection: BulkConnection) -> bool:
    """Whether the system has heard that there is nobody any more: it is told when something is sent."""
    connection.ping()
    return bool(select.POLLERR & dict(polled(connection)).get(connection.fileno(), 0))


def polled(connection: BulkConnection) -> list[tuple[int, int]]:
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    return poll.poll(0)
