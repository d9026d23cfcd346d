"""The structures of the protocol that have a name in Python; what is in them is told by ``custom_types.txt``.

See: https://github.com/hazelcast/hazelcast-client-protocol
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable
from typing import Any

from ..core import Address, EndpointQualifier, HazelcastJsonValue, MemberInfo, MemberVersion, SimpleEntryView
from ..vector import Document, SearchResult, Type, Vector

ErrorHolder = namedtuple("ErrorHolder", "error_code class_name message stack_trace_elements")
SqlQueryId = namedtuple("SqlQueryId", "member_id_high member_id_low local_id_high local_id_low")
RaftGroupId = namedtuple("RaftGroupId", "name seed id")
BitmapIndexOptionsHolder = namedtuple("BitmapIndexOptionsHolder", "unique_key unique_key_transformation")
IndexConfigHolder = namedtuple("IndexConfigHolder", "name type attributes bitmap_index_options")
AnchorDataListHolder = namedtuple("AnchorDataListHolder", "anchor_page_list anchor_data_list")
PagingPredicateHolder = namedtuple(
    "PagingPredicateHolder",
    "anchor_data_list_holder predicate_data comparator_data page_size page iteration_type_id partition_key_data "
    "partition_keys_data",
    defaults=[None, None],
)

# They are called here as there.
_NAMED = (Address, EndpointQualifier, ErrorHolder, HazelcastJsonValue, MemberVersion, RaftGroupId, SimpleEntryView)

FACTORIES: dict[str, Callable[..., Any]] = {
    **{factory.__name__: factory for factory in _NAMED},
    "MemberInfo": lambda address, uuid, attributes, lite, version, addresses: MemberInfo(
        address, uuid, attributes, lite, version, None, addresses
    ),
    "VectorDocument": Document,
    "VectorPair": lambda name, type, vector: Vector(name, Type(type), vector or []),
    "VectorSearchResult": SearchResult,
}
"""What is made of the fields of a type that is read, where it is no named tuple of them."""
