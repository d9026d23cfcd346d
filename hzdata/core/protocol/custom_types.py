"""Custom types of the protocol: structures with fields of their own.

See: https://github.com/hazelcast/hazelcast-client-protocol
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple
from uuid import UUID

from ..core import Address, EndpointQualifier, MemberInfo, MemberVersion, SimpleEntryView

__all__ = [
    "CUSTOM_TYPES",
    "DistributedObjectInfo",
    "ErrorHolder",
    "FieldDescriptorHolder",
    "SchemaHolder",
    "SqlQueryId",
]


class StackTraceElement(NamedTuple):
    class_name: str
    method_name: str
    file_name: str | None
    line_number: int


class ErrorHolder(NamedTuple):
    error_code: int
    class_name: str
    message: str | None
    stack_trace_elements: list[StackTraceElement]


class FieldDescriptorHolder(NamedTuple):
    name: str
    kind: int


class SchemaHolder(NamedTuple):
    type_name: str
    fields: list[FieldDescriptorHolder]


class SqlQueryId(NamedTuple):
    member_id_high: int
    member_id_low: int
    local_id_high: int
    local_id_low: int


class SqlErrorHolder(NamedTuple):
    code: int
    message: str | None
    originating_member_id: UUID
    suggestion: str | None
    cause_stack_trace: str | None


class SqlColumnHolder(NamedTuple):
    name: str
    type: int
    nullable: bool


class DistributedObjectInfo(NamedTuple):
    name: str
    service_name: str


class Version(NamedTuple):
    major: int
    minor: int


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


class VectorPair(NamedTuple):
    name: str
    type: int
    vector: list[float] | None


class VectorDocumentHolder(NamedTuple):
    value: bytes
    vectors: list[VectorPair]


class VectorSearchOptionsHolder(NamedTuple):
    include_value: bool
    include_vectors: bool
    limit: int
    hints: dict[str, str] | None


class VectorSearchResultHolder(NamedTuple):
    key: bytes
    value: bytes | None
    score: float
    vectors: list[VectorPair] | None


class VectorIndexConfigHolder(NamedTuple):
    name: str | None
    metric: int
    dimension: int
    max_degree: int
    ef_construction: int
    use_deduplication: bool


def _member(
    address: Address,
    uuid: UUID,
    attributes: dict[str, str],
    lite_member: bool,
    version: MemberVersion,
    address_map: dict[EndpointQualifier, Address] | None,
) -> MemberInfo:
    return MemberInfo(address, uuid, attributes, lite_member, version, None, address_map)


CUSTOM_TYPES: dict[str, tuple[str, Callable[..., Any]]] = {
    "Address": ("host: String, port: int", Address),
    "AnchorDataListHolder": (
        "anchor_page_list: List_Integer, anchor_data_list: EntryList_Data_Data",
        AnchorDataListHolder,
    ),
    "BitmapIndexOptions": ("unique_key: String, unique_key_transformation: int", BitmapIndexOptionsHolder),
    "DistributedObjectInfo": (
        "service_name: String, name: String",
        lambda service, name: DistributedObjectInfo(name, service),
    ),
    "EndpointQualifier": ("protocol_type: int, identifier: String?", EndpointQualifier),
    "ErrorHolder": (
        "error_code: int, class_name: String, message: String?, stack_trace_elements: List_StackTraceElement",
        ErrorHolder,
    ),
    "FieldDescriptor": ("name: String, kind: int", FieldDescriptorHolder),
    "HazelcastJsonValue": ("value: String", str),
    "IndexConfig": (
        # Members of 5.3 and later take a configuration of their disk-backed index after these, and do without.
        "name: String?, type: int, attributes: List_String, bitmap_index_options: BitmapIndexOptions?",
        IndexConfigHolder,
    ),
    "MemberInfo": (
        "address: Address, uuid: UUID, attributes: Map_String_String, lite_member: boolean, version: MemberVersion, "
        "address_map: Map_EndpointQualifier_Address",
        _member,
    ),
    "MemberVersion": ("major: byte, minor: byte, patch: byte", MemberVersion),
    "PagingPredicateHolder": (
        "anchor_data_list_holder: AnchorDataListHolder, predicate_data: Data?, comparator_data: Data?, page_size: int, "
        "page: int, iteration_type_id: byte, partition_key_data: Data?, partition_keys_data: List_Data?",
        PagingPredicateHolder,
    ),
    "RaftGroupId": ("name: String, seed: long, id: long", RaftGroupId),
    "Schema": ("type_name: String, fields: List_FieldDescriptor", SchemaHolder),
    "SimpleEntryView": (
        "key: Data, value: Data, cost: long, creation_time: long, expiration_time: long, hits: long, "
        "last_access_time: long, last_stored_time: long, last_update_time: long, version: long, ttl: long, "
        "max_idle: long",
        SimpleEntryView,
    ),
    "SqlColumnMetadata": ("name: String, type: int, nullable: boolean", SqlColumnHolder),
    "SqlError": (
        "code: int, message: String?, originating_member_id: UUID, suggestion: String?, cause_stack_trace: String?",
        SqlErrorHolder,
    ),
    "SqlQueryId": ("member_id_high: long, member_id_low: long, local_id_high: long, local_id_low: long", SqlQueryId),
    "StackTraceElement": (
        "class_name: String, method_name: String, file_name: String?, line_number: int",
        StackTraceElement,
    ),
    "VectorDocument": ("value: Data, vectors: List_VectorPair", VectorDocumentHolder),
    "VectorIndexConfig": (
        "name: String?, metric: int, dimension: int, max_degree: int, ef_construction: int, use_deduplication: boolean",
        VectorIndexConfigHolder,
    ),
    "VectorPair": ("name: String, type: byte, vector: floatArray?", VectorPair),
    "VectorSearchOptions": (
        "include_value: boolean, include_vectors: boolean, limit: int, hints: Map_String_String?",
        VectorSearchOptionsHolder,
    ),
    "VectorSearchResult": (
        "key: Data, value: Data?, score: float, vectors: List_VectorPair?",
        VectorSearchResultHolder,
    ),
    "Version": ("major: byte, minor: byte", Version),
}
"""Custom types: their fields in the order of the protocol, and what a value becomes.

A value to be written has the fields as attributes of the same names.
"""
