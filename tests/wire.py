"""A wire between a client and a real member: it notes what passes; a test may cut it, hold back, change."""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from hzdata.core.core import MemberInfo
from hzdata.core.protocol.custom_types import ErrorHolder
from hzdata.core.protocol.framing import EVENT, UNFRAGMENTED, Message, MessageAssembler
from hzdata.core.protocol.messages import compile_decoder, compile_encoder, message
from hzdata.core.protocol.table import MESSAGES

_NAMES = {row.type: name for name, row in MESSAGES.items()}
_PREAMBLE = 3

Change = Callable[["Line", Message], bytes | None]
"""Given a message and the line it came by, returns the bytes that are to pass; None for nothing."""


def unchanged(_: Line, passing: Message) -> bytes:
    return bytes(passing.buffer)


def name_of(request: Message) -> str:
    """Such as ``Map.get``."""
    return _NAMES.get(request.type, hex(request.type))


def fields(request: Message) -> Any:
    """What a request says."""
    # A request and an event have their values in the same place.
    return compile_decoder(MESSAGES[name_of(request)].request, event=True)(request)


def with_members(change: Callable[[MemberInfo], Any]) -> Change:
    """Change every member of the lists that a member sends."""
    view = message("Client.addClusterViewListener")
    members_view = view.event_types["MembersView"]
    encode = compile_encoder(members_view, "version: int, member_infos: List_MemberInfo")

    def change_list(_: Line, told: Message) -> bytes:
        if told.type != members_view:
            return bytes(told.buffer)
        version, members = view.events[told.type](told)
        for member in members:
            change(member)
        encoded = encode(version, members)
        encoded[6:22] = told.buffer[6:22]
        encoded[5] |= EVENT >> 8
        return bytes(encoded)

    return change_list


def cutting(name: str, times: int) -> Change:
    """Cut the line when a request of that name comes, so many times; the member does not get it."""
    left = [times]

    def change(line: Line, request: Message) -> bytes | None:
        if name_of(request) == name and left[0]:
            left[0] -= 1
            line.cut()
            return None
        return bytes(request.buffer)

    return change


def error(request: Message, code: int, text: str) -> bytes:
    """An error as the answer to a request."""
    encoded = compile_encoder(0, "errors: List_ErrorHolder")([ErrorHolder(code, "a.Class", text, [])])
    # In an answer, one byte, the backups to wait for, stands where a request has its partition.
    head = struct.pack("<iHi", 19, UNFRAGMENTED, 0) + request.buffer[10:18] + b"\0"
    return head + bytes(encoded[22:])


class Line:
    """One connection through the wire.

    Attributes
    ----------
    ended_by : str
        How the client's side ended: "nobody", when it has not, "end", or the name of an error.
    """

    def __init__(self, wire: Wire, client: socket.socket, member: socket.socket) -> None:
        self.client = client
        self.member = member
        self.ended_by = "nobody"
        for run in (self._carry_requests, self._carry_answers):
            threading.Thread(target=run, args=(wire,), daemon=True).start()

    def _carry_requests(self, wire: Wire) -> None:
        assembler = MessageAssembler()
        try:
            self.member.sendall(_exactly(self.client, _PREAMBLE))
            while received := self.client.recv(65536):
                for request in assembler.feed(received):
                    wire.requests.append((time.monotonic(), request))
                    if passing := wire.on_request(self, request):
                        self.member.sendall(passing)
            self.ended_by = "end"
        except OSError as error:
            self.ended_by = type(error).__name__
        self.cut()

    def _carry_answers(self, wire: Wire) -> None:
        assembler = MessageAssembler()
        try:
            while received := self.member.recv(65536):
                for answer in assembler.feed(received):
                    if passing := wire.on_answer(self, answer):
                        self.client.sendall(passing)
        except OSError:
            pass
        self.cut()

    def cut(self) -> None:
        for sock in (self.client, self.member):
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)


class Wire:
    """Listens in front of a member.

    Attributes
    ----------
    address : str
        Where clients reach it.
    requests : list of (float, Message)
        All that they have asked, and when.
    lines : list of Line
    on_request, on_answer : Change
        What is made of each message on its way. Events are answers.
    """

    def __init__(self, member: str) -> None:
        host, _, port = member.partition(":")
        self._member = (host, int(port))
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"
        self.requests: list[tuple[float, Message]] = []
        self.lines: list[Line] = []
        self.on_request: Change = unchanged
        self.on_answer: Change = unchanged
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
                self.lines.append(Line(self, client, socket.create_connection(self._member)))
            except OSError:
                return

    def asked(self, name: str) -> list[Message]:
        """All requests of that name."""
        return [request for _, request in list(self.requests) if name_of(request) == name]

    def times(self, name: str) -> list[float]:
        """When requests of that name came."""
        return [when for when, request in list(self.requests) if name_of(request) == name]

    def close(self) -> None:
        # Who waits to accept is not woken by closing alone.
        with suppress(OSError):  # Closed before.
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for line in self.lines:
            line.cut()


@contextmanager
def wire_to(member: str) -> Iterator[Wire]:
    wire = Wire(member)
    try:
        yield wire
    finally:
        wire.close()


def _exactly(sock: socket.socket, size: int) -> bytes:
    received = b""
    while len(received) < size:
        chunk = sock.recv(size - len(received))
        if not chunk:
            raise ConnectionError("ended")
        received += chunk
    return received
