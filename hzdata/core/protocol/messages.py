"""The messages of the protocol, compiled from the rows of the table: ``message("Map.get")``."""

from __future__ import annotations

import struct
from collections import namedtuple
from collections.abc import Callable
from functools import cache
from operator import itemgetter
from typing import Any

from . import framing
from .framing import FINAL, FLAGS_HIGH_BYTE, HEADER_SIZE, NULL, UNFRAGMENTED, Message, unpack_header
from .table import MESSAGES, Row
from .types import Cursor, Fields

_FINAL_BIT = FINAL >> 8


def compile_encoder(message_type: int, parameters_text: str) -> Callable[..., bytearray]:
    """Return ``encode(*values) -> bytearray`` for a request.

    The message has correlation id 0 and partition id -1: the invocation writes both into their place.
    """
    fields = Fields(parameters_text)
    fixed, variable = fields.fixed, fields.variable
    head = struct.Struct("<iHiqi" + fields.layout.format)
    # Mostly they follow one another, and a slice takes them. Both ways give a tuple.
    first, stop = (fixed[0], fixed[-1] + 1) if fixed else (0, 0)
    take = itemgetter(slice(first, stop)) if stop - first == len(fixed) else itemgetter(*fixed)
    flatten, pack, size = fields.layout.flatten, head.pack, head.size

    def encode_head(values: tuple[Any, ...], flags: int) -> bytearray:
        plain = take(values)
        return bytearray(pack(size, flags, message_type, 0, -1, *(flatten(plain) if flatten else plain)))

    if not variable:
        return lambda *values: encode_head(values, UNFRAGMENTED | FINAL)

    last, last_codec = variable.pop()
    writers = [(i, codec_.write) for i, codec_ in variable]
    write_last = last_codec.write
    ends_with_its_frame = last_codec.is_frame

    def encode(*values: Any) -> bytearray:
        message = encode_head(values, UNFRAGMENTED)
        put = message.extend
        for i, write in writers:
            write(put, values[i])
        start = len(message)
        write_last(put, values[last])
        # A null frame in the place of several has no payload either.
        final = start if ends_with_its_frame else len(message) - HEADER_SIZE
        message[final + FLAGS_HIGH_BYTE] |= _FINAL_BIT
        return message

    return encode


def compile_decoder(parameters_text: str, *, event: bool = False) -> Callable[[Message], Any]:
    """Return ``decode(message)`` for a response or an event.

    A response without parameters decodes to None, one with a single parameter to its value, one with several to a named
    tuple; an event always to a plain tuple, which is handed to its handler. What an older member leaves out is
    None.
    """
    fields = Fields(parameters_text)
    offset = framing.REQUEST_FIXED_OFFSET if event else framing.RESPONSE_FIXED_OFFSET
    count = len(fields.names)
    make: Callable[..., Any] = (lambda *values: values) if event else namedtuple("Answer", fields.names)

    def decode(message: Message) -> Any:
        first = unpack_header(message.buffer, 0)[0]
        return make(*fields.read(Cursor(message, first), offset, first))

    def decode_data(message: Message) -> bytes | bytearray | None:
        buffer = message.buffer
        start = unpack_header(buffer, 0)[0]
        if start + HEADER_SIZE > len(buffer):
            return None
        length, flags = unpack_header(buffer, start)
        return None if flags & NULL else buffer[start + HEADER_SIZE : start + length]

    def decode_one(message: Message) -> Any:
        cursor = Cursor(message, unpack_header(message.buffer, 0)[0])
        return None if cursor.ends() else fields.variable[0][1].read(cursor)

    if event or count > 1:
        return decode
    if count == 0:
        return lambda message: None
    if fields.fixed:
        return lambda message: fields.layout.unpack(message.buffer, offset, unpack_header(message.buffer, 0)[0])[0]
    # What most calls of maps are answered with.
    return decode_data if parameters_text.rstrip("?").endswith(": Data") else decode_one


class MessageType:
    """A message, compiled: how to write its request, how to read its response and events.

    Attributes
    ----------
    name : str
        Service and method, such as ``Map.get``.
    encode : callable
        ``encode(*parameters) -> bytearray``, the request without correlation id and partition.
    decode : callable
        ``decode(message)``: the response's value, named tuple of values, or None.
    events : dict of int to callable
        For each event type, ``decode(message) -> tuple``.
    """

    def __init__(self, name: str, row: Row) -> None:
        self.name = name
        self.type = row.type
        self.retryable = row.retryable
        self.encode: Callable[..., bytearray] = compile_encoder(row.type, row.request)
        self.decode: Callable[[Message], Any] = compile_decoder(row.response)
        self.event_types = {event: row.type + 2 + i for i, event in enumerate(row.events)}
        self.events = {type: compile_decoder(row.events[event], event=True) for event, type in self.event_types.items()}

    def __repr__(self) -> str:
        return f"<MessageType {self.name} 0x{self.type:06x}>"


@cache
def message(name: str) -> MessageType:
    """Return the compiled message of that name, such as ``Map.get``."""
    return MessageType(name, MESSAGES[name])
