"""The floor: the same bytes on one bare socket, with nothing made of them.

No client can be faster than the member answers and the kernel carries. The connection is made by hzdata's own
handshake; from there on only the socket is used.
"""

from __future__ import annotations

import contextlib
import itertools
import socket
import time
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

from hzdata import bulk
from hzdata.bulk import BulkConnection, open_cursor
from hzdata.core.protocol.framing import FrameWalker, MessageAssembler
from hzdata.core.protocol.messages import message
from hzdata.core.query import SqlExpectedResultType, new_query_id
from hzdata.frames.query import FIRST_PAGE_ROWS, PAGE_BYTES
from hzdata.frames.scan import IN_FLIGHT
from hzdata.session import Client

__all__ = ["BareExchange", "bare_socket", "drain_query", "drain_scan", "page_rows", "record_sent", "replay"]

_EXECUTE, _FETCH = message("Sql.execute"), message("Sql.fetch")

# Both answers of a query end with "error", which is null: a frame of its own, and the final one.
_END_OF_ANSWER = b"\x06\x00\x00\x00\x00\x24"
_EMPTY_ANSWER_SIZE = 19
_GROUP = 32


@contextlib.contextmanager
def bare_socket(client: Client) -> Iterator[tuple[socket.socket, UUID]]:
    """Yield an authenticated blocking socket to a member, and the member's uuid."""
    # Not bulk.of(client).open(): the client pings what it opened there, in the middle of what is sent and counted here.
    service = bulk.of(client)
    sock, authentication = service._connections.open_socket(service._address(None))
    with sock:
        sock.setblocking(True)
        yield sock, authentication.member_uuid


def page_rows(client: Client, sql: str) -> tuple[int, int]:
    """Return how many rows hzdata asks for by the first page of a query, and by those after it."""
    with open_cursor(client, sql, cursor_buffer_size=FIRST_PAGE_ROWS, page_bytes=PAGE_BYTES) as cursor:
        pages = [page.row_count for page in itertools.islice(cursor, 2)]
    return FIRST_PAGE_ROWS, pages[-1]


def drain_query(client: Client, sql: str, first_rows: int, more_rows: int) -> int:
    """Run a query, receive all its pages and drop them; return how many bytes came."""
    with bare_socket(client) as (sock, member):
        query_id = new_query_id(member)
        execute = _EXECUTE.encode(sql, [], -1, first_rows, None, SqlExpectedResultType.ROWS, query_id, False)
        fetch = bytes(_FETCH.encode(query_id, more_rows))
        buffer = bytearray(1 << 20)
        sock.sendall(execute)
        first = _receive_answer(sock, buffer)
        total = len(first)
        walker = FrameWalker()
        walker.walk(first, len(first))
        # The frame of the flag "last" is the only one of seven bytes.
        last = next(first[at + 6] for at in walker.frames if first[at : at + 4] == b"\x07\x00\x00\x00")
        while not last:
            sock.sendall(fetch)
            size, last = _drop_answer(sock, buffer)
            total += size
        return total


def drain_scan(client: Client, requests: list[bytes], total: int) -> int:
    """Send the requests of a scan, eight at a time, receive `total` bytes of answers and drop them."""
    count = len(requests)
    buffer = bytearray(1 << 20)
    received = sent = 0
    with bare_socket(client) as (sock, _):
        while received < total:
            # Answers are of about one size: by it is known how many have come.
            while sent < count and sent - received * count // total < IN_FLIGHT:
                sock.sendall(requests[sent])
                sent += 1
            received += _receive(sock, buffer)
    return received


def _receive_answer(sock: socket.socket, buffer: bytearray) -> bytearray:
    answer = bytearray()
    while not answer.endswith(_END_OF_ANSWER):
        answer += memoryview(buffer)[: _receive(sock, buffer)]
    return answer


def _drop_answer(sock: socket.socket, buffer: bytearray) -> tuple[int, int]:
    """Receive an answer to a fetch; return its size and whether its page is the last."""
    # The head of the message, the frame that begins the page, then one of one byte: the flag "last".
    head = bytearray()
    while len(head) < 4 or len(head) <= (place := int.from_bytes(head[:4], "little") + 12):
        head += memoryview(buffer)[: _receive(sock, buffer)]
    last = head[place]
    size, tail = len(head), bytes(head[-6:])
    while tail != _END_OF_ANSWER:
        count = _receive(sock, buffer)
        size += count
        tail = (tail + buffer[max(0, count - 6) : count])[-6:]
    return size, last


def _receive(sock: socket.socket, buffer: bytearray) -> int:
    count = sock.recv_into(buffer)
    if not count:
        raise ConnectionError("the member closed the connection")
    return count


@contextlib.contextmanager
def record_sent(client: Client) -> Iterator[list[bytes]]:
    """Yield a list that fills with every message sent over bulk connections, each whole."""
    messages: list[bytes] = []
    service: Any = bulk.of(client)
    open_really = service.open

    def open_recorded(*args: Any) -> BulkConnection:
        connection: Any = open_really(*args)
        send = connection.send

        def send_recorded(*buffers: Any) -> None:
            messages.extend(_cut(b"".join(buffers)))
            send(*buffers)

        connection.send = send_recorded
        return connection  # type: ignore[no-any-return]

    service.open = open_recorded
    try:
        yield messages
    finally:
        del service.open


def _cut(sent: bytes) -> Iterator[bytes]:
    start = 0
    while start < len(sent):
        walker = FrameWalker()
        walker.position = start
        walker.walk(sent, len(sent))
        yield sent[start : walker.position]
        start = walker.position


def replay(client: Client, messages: list[bytes], in_flight: int = 256) -> int:
    """Send messages, ready as they are, so many at a time unanswered; await every answer; return the bytes sent."""
    groups = [messages[i : i + _GROUP] for i in range(0, len(messages), _GROUP)]
    buffer = bytearray(1 << 16)
    total = sent = received = 0
    with bare_socket(client) as (sock, _):
        for group in groups:
            while sent - received // _EMPTY_ANSWER_SIZE > in_flight - _GROUP:
                received += _receive(sock, buffer)
            joined = b"".join(group)
            sock.sendall(joined)
            sent += len(group)
            total += len(joined)
        while received < sent * _EMPTY_ANSWER_SIZE:
            received += _receive(sock, buffer)
    if received != sent * _EMPTY_ANSWER_SIZE:
        raise ValueError("the answers are no plain acknowledgements")
    return total


class BareExchange:
    """What some calls of a client exchange, on a bare socket: the requests are ready, answers are counted and dropped.

    Parameters
    ----------
    sock : socket.socket
        To the only member of the client's cluster.
    client : Client
    calls : callable
        Makes the calls; is run once, and its requests are recorded.
    """

    def __init__(self, sock: socket.socket, client: Client, calls: Callable[[], object]) -> None:
        self._sock = sock
        self._buffer = bytearray(1 << 20)
        requests: list[bytes] = []
        connections: list[Any] = bulk.of(client)._connections.connections()
        for connection in connections:
            send = connection.send
            connection.send = lambda request, send=send: requests.append(bytes(request)) or send(request)
        calls()
        for connection in connections:
            del connection.send
        self._requests = b"".join(requests)
        sock.sendall(self._requests)
        assembler, answers, self._size = MessageAssembler(), 0, 0
        while answers < len(requests):
            received = sock.recv(1 << 20)
            self._size += len(received)
            answers += len(assembler.feed(received))

    def once(self) -> None:
        """Send all requests, receive all answers."""
        self._sock.sendall(self._requests)
        left = self._size
        while left:
            left -= _receive(self._sock, self._buffer)

    def one_by_one(self, count: int) -> list[float]:
        """Exchange again and again; return the seconds of each time."""
        exchange, clock, times = self.once, time.perf_counter, []
        for _ in range(count):
            start = clock()
            exchange()
            times.append(clock() - start)
        return times

    def pipelined(self, count: int, in_flight: int) -> None:
        """Exchange with so many under way."""
        send, receive, buffer, request = self._sock.sendall, self._sock.recv_into, self._buffer, self._requests
        size = self._size
        send(request * in_flight)
        sent, received = in_flight, 0
        while received < count * size:
            before = received // size
            received += receive(buffer)
            free = min(received // size - before, count - sent)
            if free:
                send(request * free)
                sent += free
