"""Messages of the protocol: Vector collections."""

from .row import Row

# fmt: off
ROWS: dict[str, Row] = {
    "DynamicConfig.addVectorCollectionConfig": Row(0x1B1400, "name: String, index_configs: List_VectorIndexConfig, backup_count: int, async_backup_count: int, split_brain_protection_name: String?, merge_policy: String, merge_batch_size: int, user_code_namespace: String?", ""),
    "VectorCollection.put": Row(0x240100, "name: String, key: Data, value: VectorDocument", "value: VectorDocument?"),
    "VectorCollection.putIfAbsent": Row(0x240200, "name: String, key: Data, value: VectorDocument", "value: VectorDocument?"),
    "VectorCollection.putAll": Row(0x240300, "name: String, entries: EntryList_Data_VectorDocument", ""),
    "VectorCollection.get": Row(0x240400, "name: String, key: Data", "value: VectorDocument?", retryable=True),
    "VectorCollection.remove": Row(0x240500, "name: String, key: Data", "value: VectorDocument?"),
    "VectorCollection.set": Row(0x240600, "name: String, key: Data, value: VectorDocument", ""),
    "VectorCollection.delete": Row(0x240700, "name: String, key: Data", ""),
    "VectorCollection.searchNearVector": Row(0x240800, "name: String, vectors: List_VectorPair, options: VectorSearchOptions", "result: List_VectorSearchResult?", retryable=True),
    "VectorCollection.optimize": Row(0x240900, "name: String, index_name: String?, uuid: UUID?", "", retryable=True),
    "VectorCollection.clear": Row(0x240A00, "name: String", ""),
    "VectorCollection.size": Row(0x240B00, "name: String", "response: long", retryable=True),
}
