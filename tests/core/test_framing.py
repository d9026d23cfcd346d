"""Bytes come in any portions; whole messages come out."""

from __future__ import annotations

import socket
import struct
from uuid import uuid4

import pytest
from hypothesis import given, strategies as st

from hzdata.bulk import BulkConnection
from hzdata.core.config import Config
from hzdata.core.core import Address
from hzdata.core.protocol.framing import (
    BEGIN_DATA_STRUCTURE,
    BEGIN_FRAGMENT,
    END_DATA_STRUCTURE,
    END_FRAGMENT,
    FINAL,
    FRAME_HEADER,
    UNFRAGMENTED,
    FramingError,
    Message,
    MessageAssembler,
)


def frame(payload: bytes, flags: int = 0) -> bytes:
    return FRAME_HEADER.pack(6 + len(payload), flags) + payload


def head(correlation_id: int, flags: int = UNFRAGMENTED) -> bytes:
    return frame(struct.pack("<iqi", 0x010100, correlation_id, -1), flags)


def message(correlation_id: int, payloads: list[bytes]) -> bytes:
    frames = [head(correlation_id), *(frame(p) for p in payloads)]
    last = bytearray(frames[-1])
    last[5] |= FINAL >> 8
    return b"".join([*frames[:-1], bytes(last)])


payload_lists = st.lists(st.binary(max_size=40), max_size=5)


@given(st.lists(payload_lists, min_size=1, max_size=5), st.data())
def test_messages_are_whole_however_their_bytes_were_cut(contents: list[list[bytes]], data: st.DataObject) -> None:
    sent = [message(i, payloads) for i, payloads in enumerate(contents)]
    stream = b"".join(sent)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=8)))
    assembler = MessageAssembler()
    received = [
        m for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True) if b > a for m in assembler.feed(stream[a:b])
    ]
    assert [bytes(m.buffer) for m in received] == sent
    assert [m.correlation_id for m in received] == list(range(len(sent)))


@given(payload_lists)
def test_a_message_tells_where_its_frames_lie(payloads: list[bytes]) -> None:
    whole = Message(message(7, payloads))
    frames = whole.frames
    assert len(frames) == len(payloads) + 2
    assert [bytes(whole.buffer[frames[i] + 6 : frames[i + 1]]) for i in range(1, len(payloads) + 1)] == payloads


def test_a_message_tells_which_frames_begin_or_end_a_structure() -> None:
    raw = b"".join(
        [head(1), frame(b"", BEGIN_DATA_STRUCTURE), frame(b"x"), frame(b"", END_DATA_STRUCTURE), frame(b"y", FINAL)]
    )
    assert Message(raw).marks == [1, 3]


@given(st.lists(st.binary(max_size=20), min_size=2, max_size=6), st.integers(1, 5))
def test_fragments_are_put_together(payloads: list[bytes], at: int) -> None:
    at = min(at, len(payloads) - 1)
    fragment_id = struct.pack("<q", 99)
    first = frame(fragment_id, BEGIN_FRAGMENT) + head(3) + b"".join(frame(p) for p in payloads[: at - 1])
    first += frame(payloads[at - 1], FINAL)
    second = frame(fragment_id, END_FRAGMENT) + b"".join(frame(p) for p in payloads[at:-1]) + frame(payloads[-1], FINAL)
    between = message(4, [b"another"])
    received = MessageAssembler().feed(first + between + second)
    assert [m.correlation_id for m in received] == [4, 3]
    assert bytes(received[1].buffer) == message(3, payloads)


def test_bytes_that_are_no_frame_are_refused() -> None:
    with pytest.raises(FramingError, match="length 3"):
        MessageAssembler().feed(struct.pack("<iH", 3, 0))


def test_fragments_are_put_together_on_a_bulk_connection_too() -> None:
    ours, members = socket.socketpair()
    fragment_id = struct.pack("<q", 99)
    fragments = (
        frame(fragment_id, BEGIN_FRAGMENT) + head(3) + frame(b"first", FINAL),
        frame(fragment_id, END_FRAGMENT) + frame(b"last", FINAL),
    )
    with members, BulkConnection(ours, uuid4(), Address("member", 5701), Config()) as connection:
        for sent in (fragments[0], message(4, [b"another"]), fragments[1]):
            members.sendall(sent)
        received = [connection.receive(5) for _ in range(2)]
    assert [bytes(m.buffer) for m in received] == [message(4, [b"another"]), message(3, [b"first", b"last"])]
