"""Messages as structures use them: what lies in them as ``Data`` is an object here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..protocol.framing import Message
from ..protocol.messages import message
from ..protocol.table import MESSAGES, parse_parameters
from ..serialization.data import Data
from ..serialization.service import SerializationService

Read = Callable[[Message], Any]


def serializer(name: str, service: SerializationService) -> Callable[[Any], Data]:
    """Return what makes Data of the parameter of that name, which cannot be None."""
    to_data, text = service.to_data, f"The {name.replace('_', ' ')} cannot be None"

    def serialize(value: Any) -> Data:
        data = to_data(value)
        if data is None:
            raise AssertionError(text)
        return data

    return serialize


def _many(name: str, service: SerializationService) -> Callable[[list[Any]], list[bytes]]:
    to_datas, one = service.all_to_data, serializer("item", service)
    return lambda values: to_datas(values, one)


def _object(read: Read, service: SerializationService) -> Read:
    to_object = service.to_object
    return lambda answer: to_object(read(answer))


def _objects(read: Read, service: SerializationService) -> Read:
    to_objects = service.all_to_objects
    return lambda answer: to_objects(read(answer))


def _pairs(read: Read, service: SerializationService) -> Read:
    to_object = service.to_object
    return lambda answer: [(to_object(key), to_object(value)) for key, value in read(answer)]


_SERIALIZERS: dict[str, Callable[[str, SerializationService], Callable[[Any], Any]]] = {
    "Data": serializer,
    "Data?": lambda name, service: service.to_data,
    "List_Data": _many,
}
_DESERIALIZERS: dict[str, Callable[[Read, SerializationService], Read]] = {
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

    def __init__(self, name: str, service: SerializationService) -> None:
        self.row = message(name)
        request, answer = MESSAGES[name].request, parse_parameters(MESSAGES[name].response)
        self.key: int | None = None
        self._serializers: list[tuple[int, Callable[[Any], Any]]] = []
        for i, parameter in enumerate(parse_parameters(request)):
            if parameter.name == "key":
                self.key = i
            if parameter.type in _SERIALIZERS:
                self._serializers.append((i, _SERIALIZERS[parameter.type](parameter.name, service)))
        deserializer = _DESERIALIZERS.get(answer[0].type) if len(answer) == 1 else None
        self.decode = deserializer(self.row.decode, service) if deserializer else self.row.decode

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
