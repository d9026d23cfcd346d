"""Messages as structures use them: what lies in them as ``Data`` is an object here."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from ..protocol.messages import message
from ..protocol.table import MESSAGES, parse_parameters
from ..serialization.data import Data
from ..serialization.service import SerializationService


def serializer(name: str, service: SerializationService) -> Callable[[Any], Data]:
    """Return what makes Data of the parameter of that name, which cannot be None."""
    to_data, text = service.to_data, f"The {name.replace('_', ' ')} cannot be None"

    def serialize(value: Any) -> Data:
        data = to_data(value)
        if data is None:
            raise AssertionError(text)
        return data

    return serialize


_SERIALIZERS: dict[str, Callable[[str, SerializationService], Callable[[Any], Any]]] = {
    "Data": serializer,
    "Data?": lambda name, service: service.to_data,
    "List_Data": lambda name, service: partial(service.all_to_data, one=serializer("item", service)),
}
_DESERIALIZERS: dict[str, Callable[[SerializationService], Callable[[Any], Any]]] = {
    "Data?": lambda service: service.to_object,
    "List_Data": lambda service: service.all_to_objects,
    "ListCN_Data": lambda service: service.all_to_objects,
    "EntryList_Data_Data": lambda service: lambda entries: [tuple(map(service.to_object, entry)) for entry in entries],
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
        self.decode = read = self.row.decode
        if len(answer) == 1 and answer[0].type in _DESERIALIZERS:
            to_objects = _DESERIALIZERS[answer[0].type](service)
            self.decode = lambda message: to_objects(read(message))

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
