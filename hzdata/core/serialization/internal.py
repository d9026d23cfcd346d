"""Objects of the members' own classes that clients read: messages of reliable topics, results of aggregations."""

from __future__ import annotations

from typing import Any

from ..core import Address, MapEntry
from .api import IdentifiedDataSerializable, ObjectDataInput, ObjectDataOutput


class _Internal(IdentifiedDataSerializable):
    FACTORY_ID: int
    CLASS_ID: int

    def get_factory_id(self) -> int:
        return self.FACTORY_ID

    def get_class_id(self) -> int:
        return self.CLASS_ID


class ReliableTopicMessage(_Internal):
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

    FACTORY_ID = -9
    CLASS_ID = 2

    def __init__(self, publish_time: int = 0, payload: bytes = b"") -> None:
        self.publish_time = publish_time
        self.publisher_address: Address | None = None
        self.payload = payload

    def write_data(self, object_data_output: ObjectDataOutput) -> None:
        object_data_output.write_long(self.publish_time)
        object_data_output.write_object(None)
        object_data_output.write_byte_array(self.payload)

    def read_data(self, object_data_input: ObjectDataInput) -> None:
        self.publish_time = object_data_input.read_long()
        member = object_data_input.read_object()
        self.publisher_address = member.address if member is not None else None
        self.payload = bytes(object_data_input.read_byte_array() or b"")


class _MemberAddress(_Internal):
    FACTORY_ID = 0
    CLASS_ID = 1

    address: Address

    def read_data(self, object_data_input: ObjectDataInput) -> None:
        port = object_data_input.read_int()
        object_data_input.read_byte()  # IPv4 or IPv6
        self.address = Address(object_data_input.read_string() or "", port)


class _Distinct(set[Any], _Internal):
    """What ``aggregator.distinct`` returns."""

    FACTORY_ID = -29
    CLASS_ID = 19

    def read_data(self, object_data_input: ObjectDataInput) -> None:
        self.update(object_data_input.read_object() for _ in range(object_data_input.read_int()))


class _Entry(MapEntry, _Internal):
    """What ``projection.identity``, and aggregators by an attribute, return."""

    FACTORY_ID = -4
    CLASS_ID = 120

    def read_data(self, object_data_input: ObjectDataInput) -> None:
        self.key = object_data_input.read_object()
        self.value = object_data_input.read_object()


INTERNAL_FACTORIES: dict[int, dict[int, Any]] = {
    kind.FACTORY_ID: {kind.CLASS_ID: kind} for kind in (ReliableTopicMessage, _MemberAddress, _Distinct, _Entry)
}
"""By factory id and class id; members' own ids are not above 0, users' are above."""
