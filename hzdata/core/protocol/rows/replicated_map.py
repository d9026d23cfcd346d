"""Messages of the protocol: Replicated maps."""

from .row import Row

_ENTRY = "key: Data?, value: Data?, old_value: Data?, merging_value: Data?, event_type: int, uuid: UUID, number_of_affected_entries: int"

# fmt: off
ROWS: dict[str, Row] = {
    "ReplicatedMap.put": Row(0x0D0100, "name: String, key: Data, value: Data, ttl: long", "response: Data?"),
    "ReplicatedMap.size": Row(0x0D0200, "name: String", "response: int", retryable=True),
    "ReplicatedMap.isEmpty": Row(0x0D0300, "name: String", "response: boolean", retryable=True),
    "ReplicatedMap.containsKey": Row(0x0D0400, "name: String, key: Data", "response: boolean", retryable=True),
    "ReplicatedMap.containsValue": Row(0x0D0500, "name: String, value: Data", "response: boolean", retryable=True),
    "ReplicatedMap.get": Row(0x0D0600, "name: String, key: Data", "response: Data?", retryable=True),
    "ReplicatedMap.remove": Row(0x0D0700, "name: String, key: Data", "response: Data?"),
    "ReplicatedMap.putAll": Row(0x0D0800, "name: String, entries: EntryList_Data_Data", ""),
    "ReplicatedMap.clear": Row(0x0D0900, "name: String", ""),
    "ReplicatedMap.addEntryListenerToKeyWithPredicate": Row(0x0D0A00, "name: String, key: Data, predicate: Data, local_only: boolean", "response: UUID", events={"Entry": _ENTRY}),
    "ReplicatedMap.addEntryListenerWithPredicate": Row(0x0D0B00, "name: String, predicate: Data, local_only: boolean", "response: UUID", events={"Entry": _ENTRY}),
    "ReplicatedMap.addEntryListenerToKey": Row(0x0D0C00, "name: String, key: Data, local_only: boolean", "response: UUID", events={"Entry": _ENTRY}),
    "ReplicatedMap.addEntryListener": Row(0x0D0D00, "name: String, local_only: boolean", "response: UUID", events={"Entry": _ENTRY}),
    "ReplicatedMap.removeEntryListener": Row(0x0D0E00, "name: String, registration_id: UUID", "response: boolean", retryable=True),
    "ReplicatedMap.keySet": Row(0x0D0F00, "name: String", "response: List_Data", retryable=True),
    "ReplicatedMap.values": Row(0x0D1000, "name: String", "response: List_Data", retryable=True),
    "ReplicatedMap.entrySet": Row(0x0D1100, "name: String", "response: EntryList_Data_Data", retryable=True),
}
