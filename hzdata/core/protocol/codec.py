"""From a row of the message table to functions that write requests and read responses and events."""

from __future__ import annotations

import struct
from collections import namedtuple
from collections.abc import Callable
from operator import itemgetter
from typing import Any

from .framing import (
    FINAL,
    FRAME_HEADER,
    HEADER_SIZE,
    NULL,
    REQUEST_FIXED_OFFSET,
    RESPONSE_FIXED_OFFSET,
    UNFRAGMENTED,
    Message,
)
from .table import parse_parameters
from .types import Cursor, LastFrame, codec, fixed_layout

_header = FRAME_HEADER.unpack_from
_FLAGS_HIGH_BYTE = 5
_FINAL_BIT = FINAL >> 8


def compile_encoder(message_type: int, parameters_text: str) -> Callable[..., bytearray]:
    """Return ``encode(*values) -> bytearray`` for a request.

    The message has correlation id 0 and partition id -1: the invocation writes both into their place.
    """
    parameters = parse_parameters(parameters_text)
    layout = fixed_layout([p.type for p in parameters if p.is_fixed])
    head = struct.Struct("<iHiqi" + layout.format)
    fixed = [i for i, p in enumerate(parameters) if p.is_fixed]
    variable = [(i, codec(p.type)) for i, p in enumerate(parameters) if not p.is_fixed]
    # Mostly they follow one another, and a slice takes them. Both ways give a tuple.
    first, stop = (fixed[0], fixed[-1] + 1) if fixed else (0, 0)
    take = itemgetter(slice(first, stop)) if stop - first == len(fixed) else itemgetter(*fixed)
    flatten, pack, size = layout.flatten, head.pack, head.size

    def encode_head(values: tuple[Any, ...], flags: int) -> bytearray:
        plain = take(values)
        return bytearray(pack(size, flags, message_type, 0, -1, *(flatten(plain) if flatten else plain)))

    if not variable:
        return lambda *values: encode_head(values, UNFRAGMENTED | FINAL)

    last, last_codec = variable.pop()
    writers = [(i, codec_.write) for i, codec_ in variable]
    write_last = last_codec.write
    ends_with_its_frame = last_codec.last_frame is LastFrame.ONLY
    assert last_codec.last_frame is not LastFrame.KEYS, "its last frame would have to be searched for"

    def encode(*values: Any) -> bytearray:
        message = encode_head(values, UNFRAGMENTED)
        put = message.extend
        for i, write in writers:
            write(put, values[i])
        start = len(message)
        write_last(put, values[last])
        # A null frame in the place of several has no payload either.
        final = start if ends_with_its_frame else len(message) - HEADER_SIZE
        message[final + _FLAGS_HIGH_BYTE] |= _FINAL_BIT
        return message

    return encode


def compile_decoder(parameters_text: str, *, event: bool = False) -> Callable[[Message], Any]:
    """Return ``decode(message)`` for a response or an event.

    A response without parameters decodes to None, one with a single parameter to its value, one with several to a named
    tuple; an event always to a plain tuple, which is handed to its handler. What an older member leaves out is
    None.
    """
    parameters = parse_parameters(parameters_text)
    offset = REQUEST_FIXED_OFFSET if event else RESPONSE_FIXED_OFFSET
    layout = fixed_layout([p.type for p in parameters if p.is_fixed])
    fixed = [i for i, p in enumerate(parameters) if p.is_fixed]
    readers = [(i, codec(p.type).read) for i, p in enumerate(parameters) if not p.is_fixed]
    count = len(parameters)
    make: Callable[..., Any]
    make = (lambda *values: values) if event else namedtuple("Answer", [p.name for p in parameters])

    def decode(message: Message) -> Any:
        buffer = message.buffer
        first = _header(buffer, 0)[0]
        values: list[Any] = [None] * count
        if fixed:
            for i, value in zip(fixed, layout.unpack(buffer, offset, first), strict=True):
                values[i] = value
        if readers:
            cursor = Cursor(message, first)
            size = len(buffer)
            for i, read in readers:
                if cursor.position + HEADER_SIZE > size:
                    break
                values[i] = read(cursor)
        return make(*values)

    def decode_nothing(message: Message) -> None:
        return None

    def decode_one_fixed(message: Message) -> Any:
        return layout.unpack(message.buffer, offset, _header(message.buffer, 0)[0])[0]

    def decode_data(message: Message) -> bytes | bytearray | None:
        buffer = message.buffer
        start = _header(buffer, 0)[0]
        if start + HEADER_SIZE > len(buffer):
            return None
        length, flags = _header(buffer, start)
        return None if flags & NULL else buffer[start + HEADER_SIZE : start + length]

    def decode_one(message: Message) -> Any:
        cursor = Cursor(message, _header(message.buffer, 0)[0])
        return readers[0][1](cursor) if cursor.position + HEADER_SIZE <= len(message.buffer) else None

    if event or count > 1:
        return decode
    if count == 0:
        return decode_nothing
    if fixed:
        return decode_one_fixed
    # What most calls of maps are answered with.
    return decode_data if parameters[0].type in ("Data", "Data?") else decode_one
