"""IdentifiedDataSerializable: objects that write themselves, and factories that know their classes by two numbers.

The members' own classes that clients read are here too: messages of reliable topics, results of aggregations.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..core import Address, MapEntry
from ..errors import HazelcastSerializationError
from .api import IdentifiedDataSerializable, ObjectDataInput, ObjectDataOutput
from .builtin import Reader
from .data import TypeId

Factories = Mapping[int, Mapping[int, Callable[[], IdentifiedDataSerializable]]]
"""By factory id and class id, what makes an empty object."""


class ReliableTopicMessage(IdentifiedDataSerializable):
    """What lies in the ringbuffer of a reliable topic.

    Attributes
    ----------
    publish_time : int
        Milliseconds since the epoch.
    publisher_address : Address or None
        The member that published it; None for a client.
    payload : bytes
        The message, serialized.
    """

    def __init__(self, publish_time: int = 0, payload: bytes = b"") -> None:
        self.publish_time = publish_time
        self.publisher_address: Address | None = None
        self.payload = payload

    def get_factory_id(self) -> int:
        return -9

    def get_class_id(self) -> int:
        return 2

    def write_data(self, object_data_output: ObjectDataOutput) -> None:
        object_data_output.write_long(self.publish_time)
        object_data_output.write_object(None)
        object_data_output.write_byte_array(self.payload)

    def read_data(self, object_data_input: ObjectDataInput) -> None:
        self.publish_time = object_data_input.read_long()
        member = object_data_input.read_object()
        self.publisher_address = member.address if member is not None else None
        self.payload = bytes(object_data_input.read_byte_array() or b"")


class _MemberAddress(IdentifiedDataSerializable):
    address: Address

    def read_data(self, object_data_input: ObjectDataInput) -> None:
        port = object_data_input.read_int()
        object_data_input.read_byte()  # IPv4 or IPv6
        self.address = Address(object_data_input.read_string() or "", port)


class _Distinct(set[Any], IdentifiedDataSerializable):
    """What ``aggregator.distinct`` returns."""

    def read_data(self, object_data_input: ObjectDataInput) -> None:
        self.update(object_data_input.read_object() for _ in range(object_data_input.read_int()))


class _Entry(MapEntry, IdentifiedDataSerializable):
    """What ``projection.identity``, and aggregators by an attribute, return."""

    def read_data(self, object_data_input: ObjectDataInput) -> None:
        self.key = object_data_input.read_object()
        self.value = object_data_input.read_object()


# Members' own ids are not above 0, users' are above.
_INTERNAL: Factories = {-29: {19: _Distinct}, -9: {2: ReliableTopicMessage}, -4: {120: _Entry}, 0: {1: _MemberAddress}}


def write_identified(out: ObjectDataOutput, value: IdentifiedDataSerializable) -> None:
    out.write_int(TypeId.IDENTIFIED_DATA_SERIALIZABLE)
    out.write_boolean(True)  # False is Java's DataSerializable, which names its class
    out.write_int(value.get_factory_id())
    out.write_int(value.get_class_id())
    value.write_data(out)


def identified_reader(factories: Factories) -> Reader:
    """What reads objects of the classes that the factories know, and of the members' own."""
    known = {**_INTERNAL, **factories}

    def read(inp: ObjectDataInput) -> Any:
        if not inp.read_boolean():
            raise HazelcastSerializationError(
                f"An object of the Java class {inp.read_string()} is DataSerializable, which only Java can read; "
                "make it IdentifiedDataSerializable."
            )
        factory_id, class_id = inp.read_int(), inp.read_int()
        make = known.get(factory_id, {}).get(class_id)
        if make is None:
            raise HazelcastSerializationError(
                f"No class is registered for class id {class_id} of factory {factory_id}; "
                f"add it to the option data_serializable_factories: {{{factory_id}: {{{class_id}: TheClass}}}}."
            )
        value = make()
        value.read_data(inp)
        return value

    return read
