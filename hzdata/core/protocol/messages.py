"""The messages of the protocol, compiled from the rows of the table: ``message("Map.get")``."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from .codec import compile_decoder, compile_encoder
from .framing import Message
from .table import MESSAGES, Row


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
        self.events = {
            self.event_types[event]: compile_decoder(parameters, event=True) for event, parameters in row.events.items()
        }

    def __repr__(self) -> str:
        return f"<MessageType {self.name} 0x{self.type:06x}>"


@cache
def message(name: str) -> MessageType:
    """Return the compiled message of that name, such as ``Map.get``."""
    return MessageType(name, MESSAGES[name])
