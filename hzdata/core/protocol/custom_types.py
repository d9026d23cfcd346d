"""What the structures of the protocol become that are no mere named tuples. Their fields are in ``custom_types.txt``.

See: https://github.com/hazelcast/hazelcast-client-protocol
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from ..core import Address, EndpointQualifier, HazelcastJsonValue, MemberInfo, MemberVersion, SimpleEntryView
from ..vector import Document, SearchResult, Type, Vector


class ErrorHolder(NamedTuple):
    error_code: int
    class_name: str
    message: str | None
    stack_trace_elements: list[Any]


class SqlQueryId(NamedTuple):
    member_id_high: int
    member_id_low: int
    local_id_high: int
    local_id_low: int


class RaftGroupId(NamedTuple):
    name: str
    seed: int
    id: int


class BitmapIndexOptionsHolder(NamedTuple):
    unique_key: str
    unique_key_transformation: int


class IndexConfigHolder(NamedTuple):
    name: str | None
    type: int
    attributes: list[str]
    bitmap_index_options: BitmapIndexOptionsHolder | None


class AnchorDataListHolder(NamedTuple):
    anchor_page_list: list[int]
    anchor_data_list: list[tuple[bytes, bytes]]


class PagingPredicateHolder(NamedTuple):
    anchor_data_list_holder: AnchorDataListHolder
    predicate_data: bytes | None
    comparator_data: bytes | None
    page_size: int
    page: int
    iteration_type_id: int
    partition_key_data: bytes | None
    partition_keys_data: list[bytes] | None = None


FACTORIES: dict[str, Callable[..., Any]] = {
    "Address": Address,
    "EndpointQualifier": EndpointQualifier,
    "ErrorHolder": ErrorHolder,
    "HazelcastJsonValue": HazelcastJsonValue,
    "MemberInfo": lambda address, uuid, attributes, lite, version, addresses: MemberInfo(
        address, uuid, attributes, lite, version, None, addresses
    ),
    "MemberVersion": MemberVersion,
    "RaftGroupId": RaftGroupId,
    "SimpleEntryView": SimpleEntryView,
    "VectorDocument": Document,
    "VectorPair": lambda name, type, vector: Vector(name, Type(type), vector or []),
    "VectorSearchResult": SearchResult,
}
"""What is made of the fields of a type that is read, where it is no named tuple of them."""
