"""Messages as structures use them: what lies in them as ``Data`` is an object here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..protocol.framing import Message
from ..protocol.messages import MESSAGES, message
from ..protocol.types import parse_parameters
from ..serialization.data import Data

__all__ = ["Call"]

ToData = Callable[[Any], Data | None]
Read = Callable[[Message], Any]
ToObject = Callable[[Any], Any]


def _one(name: str, to_data: ToData) -> Callable[[Any], Data]:
    text = f"The {name.replace('_', ' ')} cannot be None"

    def serialize(value: Any) -> Data:
        data = to_data(value)
        if data is None:
            raise AssertionError(text)
        return data

    return serialize


def _many(name: str, to_data: ToData) -> Callable[[list[Any]], list[Data]]:
    one = _one("item", to_data)
    return lambda values: [one(value) for value in values]


def _object(read: Read, to_object: ToObject) -> Read:
    return lambda answer: to_object(read(answer))


def _objects(read: Read, to_object: ToObject) -> Read:
    return lambda answer: [to_object(data) for data in read(answer)]


def _pairs(read: Read, to_object: ToObject) -> Read:
    return lambda answer: [(to_object(key), to_object(value)) for key, value in read(answer)]


_SERIALIZERS: dict[str, Callable[[str, ToData], Callable[[Any], Any]]] = {
    "Data": _one,
    "Data?": lambda name, to_data: to_data,
    "List_Data": _many,
}
_DESERIALIZERS: dict[str, Callable[[Read, ToObject], Read]] = {
    "Data?": _object,
    "List_Data": _objects,
    "ListCN_Data": _objects,
    "EntryList_Data_Data": _pairs,
}


class Call:
    """A message of the table, with objects where that says ``Data``.

    Attributes
    ----------
    row : MessageType
    key : int or None
        Which of its parameters is a key: it goes to the owner of that.
    decode : callable
        Makes objects of an answer.
    """

    def __init__(self, name: str, to_data: ToData, to_object: ToObject) -> None:
        self.row = message(name)
        request, answer = MESSAGES[name].request, parse_parameters(MESSAGES[name].response)
        self.key: int | None = None
        self._serializers: list[tuple[int, Callable[[Any], Any]]] = []
        for i, parameter in enumerate(parse_parameters(request)):
            if parameter.name == "key":
                self.key = i
            if parameter.type in _SERIALIZERS:
                self._serializers.append((i, _SERIALIZERS[parameter.type](parameter.name, to_data)))
        deserializer = _DESERIALIZERS.get(answer[0].type) if len(answer) == 1 else None
        self.decode = deserializer(self.row.decode, to_object) if deserializer else self.row.decode

    def serialize(self, values: list[Any]) -> list[Any]:
        """Make of objects what the message takes, in their place, and return the list.

        Raises
        ------
        AssertionError
            When one is None that must not be.
        SchemaNotReplicatedError
            When members lack a Compact schema of one.
        """
        for i, serialize in self._serializers:
            values[i] = serialize(values[i])
        return values
