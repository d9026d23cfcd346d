"""Every message the client sends or takes, one row each.

A type is ``0xSSMM00``: service, method; the response is the type + 1, the events of a listener follow from + 2 in the order
of their row. Parameters are in the order of the protocol, each ``name: Type``; ``?`` means nullable. Adding a message is
adding a row; ``message()`` compiles it when it is first asked for.

See: https://github.com/hazelcast/hazelcast-client-protocol
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from .codec import compile_decoder, compile_encoder
from .framing import Message

__all__ = ["MESSAGES", "MessageType", "message"]


class Row(NamedTuple):
    """One message of the protocol."""

    type: int
    request: str
    response: str
    retryable: bool = False
    """A second run does no harm: it may be sent again when it is not known whether the first one arrived."""
    events: Mapping[str, str] = {}


MESSAGES: dict[str, Row] = {
    "Client.authentication": Row(
        0x000100,
        "cluster_name: String, username: String?, password: String?, uuid: UUID?, client_type: String, serialization_version: byte, client_hazelcast_version: String, client_name: String, labels: List_String, routing_mode: byte, cp_direct_to_leader_routing: boolean",
        "status: byte, address: Address?, member_uuid: UUID?, serialization_version: byte, server_hazelcast_version: String?, partition_count: int, cluster_id: UUID, failover_supported: boolean, tpc_ports: List_Integer?, tpc_token: byteArray?, member_list_version: int, member_infos: List_MemberInfo?, partition_list_version: int, partitions: EntryList_UUID_List_Integer?, key_value_pairs: Map_String_String?",
        retryable=True,
    ),
    "Client.authenticationCustom": Row(
        0x000200,
        "cluster_name: String, credentials: byteArray, uuid: UUID?, client_type: String, serialization_version: byte, client_hazelcast_version: String, client_name: String, labels: List_String, routing_mode: byte, cp_direct_to_leader_routing: boolean",
        "status: byte, address: Address?, member_uuid: UUID?, serialization_version: byte, server_hazelcast_version: String?, partition_count: int, cluster_id: UUID, failover_supported: boolean, tpc_ports: List_Integer?, tpc_token: byteArray?, member_list_version: int, member_infos: List_MemberInfo?, partition_list_version: int, partitions: EntryList_UUID_List_Integer?, key_value_pairs: Map_String_String?",
        retryable=True,
    ),
    "Client.addClusterViewListener": Row(
        0x000300,
        "",
        "",
        events={
            "MembersView": "version: int, member_infos: List_MemberInfo",
            "PartitionsView": "version: int, partitions: EntryList_UUID_List_Integer",
            "MemberGroupsView": "version: int, member_groups: List_List_UUID",
            "ClusterVersion": "version: Version",
        },
    ),
    "Client.createProxy": Row(0x000400, "name: String, service_name: String", ""),
    "Client.destroyProxy": Row(0x000500, "name: String, service_name: String", ""),
    "Client.getDistributedObjects": Row(0x000800, "", "response: List_DistributedObjectInfo"),
    "Client.addDistributedObjectListener": Row(
        0x000900,
        "local_only: boolean",
        "response: UUID",
        events={"DistributedObject": "name: String, service_name: String, event_type: String, source: UUID"},
    ),
    "Client.removeDistributedObjectListener": Row(
        0x000A00, "registration_id: UUID", "response: boolean", retryable=True
    ),
    "Client.ping": Row(0x000B00, "", "", retryable=True),
    "Client.localBackupListener": Row(
        0x000F00, "", "response: UUID", events={"backup": "source_invocation_correlation_id: long"}
    ),
    "Client.triggerPartitionAssignment": Row(0x001000, "", "", retryable=True),
    "Client.sendSchema": Row(0x001300, "schema: Schema", "replicated_members: Set_UUID", retryable=True),
    "Client.fetchSchema": Row(0x001400, "schema_id: long", "schema: Schema?", retryable=True),
    "Client.sendAllSchemas": Row(0x001500, "schemas: List_Schema", "", retryable=True),
    "Map.put": Row(0x010100, "name: String, key: Data, value: Data, thread_id: long, ttl: long", "response: Data?"),
    "Map.get": Row(0x010200, "name: String, key: Data, thread_id: long", "response: Data?", retryable=True),
    "Map.remove": Row(0x010300, "name: String, key: Data, thread_id: long", "response: Data?"),
    "Map.replace": Row(0x010400, "name: String, key: Data, value: Data, thread_id: long", "response: Data?"),
    "Map.replaceIfSame": Row(
        0x010500, "name: String, key: Data, test_value: Data, value: Data, thread_id: long", "response: boolean"
    ),
    "Map.containsKey": Row(0x010600, "name: String, key: Data, thread_id: long", "response: boolean", retryable=True),
    "Map.containsValue": Row(0x010700, "name: String, value: Data", "response: boolean", retryable=True),
    "Map.removeIfSame": Row(0x010800, "name: String, key: Data, value: Data, thread_id: long", "response: boolean"),
    "Map.delete": Row(0x010900, "name: String, key: Data, thread_id: long", "response: boolean"),
    "Map.putIfAbsent": Row(
        0x010E00, "name: String, key: Data, value: Data, thread_id: long, ttl: long", "response: Data?"
    ),
    "Map.set": Row(0x010F00, "name: String, key: Data, value: Data, thread_id: long, ttl: long", ""),
    "Map.addEntryListenerToKeyWithPredicate": Row(
        0x011600,
        "name: String, key: Data, predicate: Data, include_value: boolean, listener_flags: int, local_only: boolean",
        "response: UUID",
        events={
            "Entry": "key: Data?, value: Data?, old_value: Data?, merging_value: Data?, event_type: int, uuid: UUID, number_of_affected_entries: int"
        },
    ),
    "Map.addEntryListenerWithPredicate": Row(
        0x011700,
        "name: String, predicate: Data, include_value: boolean, listener_flags: int, local_only: boolean",
        "response: UUID",
        events={
            "Entry": "key: Data?, value: Data?, old_value: Data?, merging_value: Data?, event_type: int, uuid: UUID, number_of_affected_entries: int"
        },
    ),
    "Map.addEntryListenerToKey": Row(
        0x011800,
        "name: String, key: Data, include_value: boolean, listener_flags: int, local_only: boolean",
        "response: UUID",
        events={
            "Entry": "key: Data?, value: Data?, old_value: Data?, merging_value: Data?, event_type: int, uuid: UUID, number_of_affected_entries: int"
        },
    ),
    "Map.addEntryListener": Row(
        0x011900,
        "name: String, include_value: boolean, listener_flags: int, local_only: boolean",
        "response: UUID",
        events={
            "Entry": "key: Data?, value: Data?, old_value: Data?, merging_value: Data?, event_type: int, uuid: UUID, number_of_affected_entries: int"
        },
    ),
    "Map.removeEntryListener": Row(
        0x011A00, "name: String, registration_id: UUID", "response: boolean", retryable=True
    ),
    "Map.evict": Row(0x011E00, "name: String, key: Data, thread_id: long", "response: boolean"),
    "Map.evictAll": Row(0x011F00, "name: String", ""),
    "Map.keySet": Row(0x012200, "name: String", "response: List_Data", retryable=True),
    "Map.getAll": Row(0x012300, "name: String, keys: List_Data", "response: EntryList_Data_Data"),
    "Map.values": Row(0x012400, "name: String", "response: List_Data", retryable=True),
    "Map.entrySet": Row(0x012500, "name: String", "response: EntryList_Data_Data", retryable=True),
    "Map.keySetWithPredicate": Row(0x012600, "name: String, predicate: Data", "response: List_Data", retryable=True),
    "Map.valuesWithPredicate": Row(0x012700, "name: String, predicate: Data", "response: List_Data", retryable=True),
    "Map.entriesWithPredicate": Row(
        0x012800, "name: String, predicate: Data", "response: EntryList_Data_Data", retryable=True
    ),
    "Map.size": Row(0x012A00, "name: String", "response: int", retryable=True),
    "Map.isEmpty": Row(0x012B00, "name: String", "response: boolean", retryable=True),
    "Map.putAll": Row(0x012C00, "name: String, entries: EntryList_Data_Data, trigger_map_loader: boolean", ""),
    "Map.clear": Row(0x012D00, "name: String", ""),
    "Map.setTtl": Row(0x014300, "name: String, key: Data, ttl: long", "response: boolean"),
    "Map.putWithMaxIdle": Row(
        0x014400, "name: String, key: Data, value: Data, thread_id: long, ttl: long, max_idle: long", "response: Data?"
    ),
    "Map.putIfAbsentWithMaxIdle": Row(
        0x014600, "name: String, key: Data, value: Data, thread_id: long, ttl: long, max_idle: long", "response: Data?"
    ),
    "Map.setWithMaxIdle": Row(
        0x014700, "name: String, key: Data, value: Data, thread_id: long, ttl: long, max_idle: long", "response: Data?"
    ),
    "Map.getEntryView": Row(
        0x011D00,
        "name: String, key: Data, thread_id: long",
        "response: SimpleEntryView?, max_idle: long",
        retryable=True,
    ),
    "Sql.close": Row(0x210300, "query_id: SqlQueryId", ""),
    "Sql.execute": Row(
        0x210400,
        "sql: String, parameters: ListCN_Data, timeout_millis: long, cursor_buffer_size: int, schema: String?, expected_result_type: byte, query_id: SqlQueryId, skip_update_statistics: boolean",
        "row_metadata: List_SqlColumnMetadata?, row_page: SqlPage?, update_count: long, error: SqlError?, is_infinite_rows: boolean, partition_argument_index: int",
    ),
    "Sql.fetch": Row(0x210500, "query_id: SqlQueryId, cursor_buffer_size: int", "row_page: SqlPage?, error: SqlError?"),
    "MC.readMetrics": Row(
        0x200100,
        "uuid: UUID, from_sequence: long",
        "elements: EntryList_Long_byteArray, next_sequence: long",
        retryable=True,
    ),
}


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

    __slots__ = ("decode", "encode", "event_types", "events", "name", "retryable", "type")

    def __init__(self, name: str, row: Row) -> None:
        self.name = name
        self.type = row.type
        self.retryable = row.retryable
        self.encode: Callable[..., bytearray] = compile_encoder(row.type, row.request)
        self.decode: Callable[[Message], Any] = compile_decoder(name.rpartition(".")[2], row.response)
        self.event_types = {event: row.type + 2 + i for i, event in enumerate(row.events)}
        self.events = {
            self.event_types[event]: compile_decoder(event, parameters, event=True)
            for event, parameters in row.events.items()
        }

    def __repr__(self) -> str:
        return f"<MessageType {self.name} 0x{self.type:06x}>"


_compiled: dict[str, MessageType] = {}


def message(name: str) -> MessageType:
    """Return the compiled message of that name, such as ``Map.get``."""
    found = _compiled.get(name)
    if found is None:
        found = _compiled[name] = MessageType(name, MESSAGES[name])
    return found
