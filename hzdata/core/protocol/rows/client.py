"""Messages of the protocol: The client itself, and what members tell of themselves."""

from .row import Row

# fmt: off
ROWS: dict[str, Row] = {
    "Client.authentication": Row(0x000100, "cluster_name: String, username: String?, password: String?, uuid: UUID?, client_type: String, serialization_version: byte, client_hazelcast_version: String, client_name: String, labels: List_String, routing_mode: byte, cp_direct_to_leader_routing: boolean", "status: byte, address: Address?, member_uuid: UUID?, serialization_version: byte, server_hazelcast_version: String?, partition_count: int, cluster_id: UUID, failover_supported: boolean, tpc_ports: List_Integer?, tpc_token: byteArray?, member_list_version: int, member_infos: List_MemberInfo?, partition_list_version: int, partitions: EntryList_UUID_List_Integer?, key_value_pairs: Map_String_String?", retryable=True),
    "Client.authenticationCustom": Row(0x000200, "cluster_name: String, credentials: byteArray, uuid: UUID?, client_type: String, serialization_version: byte, client_hazelcast_version: String, client_name: String, labels: List_String, routing_mode: byte, cp_direct_to_leader_routing: boolean", "status: byte, address: Address?, member_uuid: UUID?, serialization_version: byte, server_hazelcast_version: String?, partition_count: int, cluster_id: UUID, failover_supported: boolean, tpc_ports: List_Integer?, tpc_token: byteArray?, member_list_version: int, member_infos: List_MemberInfo?, partition_list_version: int, partitions: EntryList_UUID_List_Integer?, key_value_pairs: Map_String_String?", retryable=True),
    "Client.addClusterViewListener": Row(0x000300, "", "", events={"MembersView": "version: int, member_infos: List_MemberInfo", "PartitionsView": "version: int, partitions: EntryList_UUID_List_Integer", "MemberGroupsView": "version: int, member_groups: List_List_UUID", "ClusterVersion": "version: Version"}),
    "Client.createProxy": Row(0x000400, "name: String, service_name: String", "", retryable=True),  # Creating what exists is nothing.
    "Client.destroyProxy": Row(0x000500, "name: String, service_name: String", ""),
    "Client.getDistributedObjects": Row(0x000800, "", "response: List_DistributedObjectInfo"),
    "Client.addDistributedObjectListener": Row(0x000900, "local_only: boolean", "response: UUID", events={"DistributedObject": "name: String, service_name: String, event_type: String, source: UUID"}),
    "Client.removeDistributedObjectListener": Row(0x000A00, "registration_id: UUID", "response: boolean", retryable=True),
    "Client.ping": Row(0x000B00, "", "", retryable=True),
    "Client.statistics": Row(0x000C00, "timestamp: long, client_attributes: String, metrics_blob: byteArray", ""),
    "Client.localBackupListener": Row(0x000F00, "", "response: UUID", events={"backup": "source_invocation_correlation_id: long"}),
    "Client.triggerPartitionAssignment": Row(0x001000, "", "", retryable=True),
    "Client.sendSchema": Row(0x001300, "schema: Schema", "replicated_members: Set_UUID", retryable=True),
    "Client.fetchSchema": Row(0x001400, "schema_id: long", "schema: Schema?", retryable=True),
    "Client.sendAllSchemas": Row(0x001500, "schemas: List_Schema", "", retryable=True),
    "MC.readMetrics": Row(0x200100, "uuid: UUID, from_sequence: long", "elements: EntryList_Long_byteArray, next_sequence: long", retryable=True),
}
