"""Custom types of the protocol: their fields, in its order. A value to be written has them as attributes."""

# fmt: off
CUSTOM_TYPES: dict[str, str] = {
    "Address": "host: String, port: int",
    "AnchorDataListHolder": "anchor_page_list: List_Integer, anchor_data_list: EntryList_Data_Data",
    "BitmapIndexOptions": "unique_key: String, unique_key_transformation: int",
    "DistributedObjectInfo": "service_name: String, name: String",
    "EndpointQualifier": "protocol_type: int, identifier: String?",
    "ErrorHolder": "error_code: int, class_name: String, message: String?, stack_trace_elements: List_StackTraceElement",
    "FieldDescriptor": "name: String, kind: int",
    "HazelcastJsonValue": "value: String",
    "IndexConfig": "name: String?, type: int, attributes: List_String, bitmap_index_options: BitmapIndexOptions?",  # Members of 5.3 and later take a configuration of their disk-backed index after these, and do without.
    "MemberInfo": "address: Address, uuid: UUID, attributes: Map_String_String, lite_member: boolean, version: MemberVersion, address_map: Map_EndpointQualifier_Address",
    "MemberVersion": "major: byte, minor: byte, patch: byte",
    "PagingPredicateHolder": "anchor_data_list_holder: AnchorDataListHolder, predicate_data: Data?, comparator_data: Data?, page_size: int, page: int, iteration_type_id: byte, partition_key_data: Data?, partition_keys_data: List_Data?",
    "RaftGroupId": "name: String, seed: long, id: long",
    "Schema": "type_name: String, fields: List_FieldDescriptor",
    "SimpleEntryView": "key: Data, value: Data, cost: long, creation_time: long, expiration_time: long, hits: long, last_access_time: long, last_stored_time: long, last_update_time: long, version: long, ttl: long, max_idle: long",
    "SqlColumnMetadata": "name: String, type: int, nullable: boolean",
    "SqlError": "code: int, message: String?, originating_member_id: UUID, suggestion: String?, cause_stack_trace: String?",
    "SqlQueryId": "member_id_high: long, member_id_low: long, local_id_high: long, local_id_low: long",
    "StackTraceElement": "class_name: String, method_name: String, file_name: String?, line_number: int",
    "VectorDocument": "value: Data, vectors: List_VectorPair",
    "VectorIndexConfig": "name: String?, metric: int, dimension: int, max_degree: int, ef_construction: int, use_deduplication: boolean",
    "VectorPair": "name: String, type: byte, vector: floatArray?",
    "VectorSearchOptions": "include_value: boolean, include_vectors: boolean, limit: int, hints: Map_String_String?",
    "VectorSearchResult": "key: Data, value: Data?, score: float, vectors: List_VectorPair?",
    "Version": "major: byte, minor: byte",
}
