"""Messages of the protocol: Multi-maps."""

from .row import Row

_ENTRY = "key: Data?, value: Data?, old_value: Data?, merging_value: Data?, event_type: int, uuid: UUID, number_of_affected_entries: int"

# fmt: off
ROWS: dict[str, Row] = {
    "MultiMap.put": Row(0x020100, "name: String, key: Data, value: Data, thread_id: long", "response: boolean"),
    "MultiMap.get": Row(0x020200, "name: String, key: Data, thread_id: long", "response: List_Data", retryable=True),
    "MultiMap.remove": Row(0x020300, "name: String, key: Data, thread_id: long", "response: List_Data"),
    "MultiMap.keySet": Row(0x020400, "name: String", "response: List_Data", retryable=True),
    "MultiMap.values": Row(0x020500, "name: String", "response: List_Data", retryable=True),
    "MultiMap.entrySet": Row(0x020600, "name: String", "response: EntryList_Data_Data", retryable=True),
    "MultiMap.containsKey": Row(0x020700, "name: String, key: Data, thread_id: long", "response: boolean", retryable=True),
    "MultiMap.containsValue": Row(0x020800, "name: String, value: Data", "response: boolean", retryable=True),
    "MultiMap.containsEntry": Row(0x020900, "name: String, key: Data, value: Data, thread_id: long", "response: boolean", retryable=True),
    "MultiMap.size": Row(0x020A00, "name: String", "response: int", retryable=True),
    "MultiMap.clear": Row(0x020B00, "name: String", ""),
    "MultiMap.valueCount": Row(0x020C00, "name: String, key: Data, thread_id: long", "response: int", retryable=True),
    "MultiMap.addEntryListenerToKey": Row(0x020D00, "name: String, key: Data, include_value: boolean, local_only: boolean", "response: UUID", events={"Entry": _ENTRY}),
    "MultiMap.addEntryListener": Row(0x020E00, "name: String, include_value: boolean, local_only: boolean", "response: UUID", events={"Entry": _ENTRY}),
    "MultiMap.removeEntryListener": Row(0x020F00, "name: String, registration_id: UUID", "response: boolean", retryable=True),
    "MultiMap.lock": Row(0x021000, "name: String, key: Data, thread_id: long, ttl: long, reference_id: long", "", retryable=True),
    "MultiMap.tryLock": Row(0x021100, "name: String, key: Data, thread_id: long, lease: long, timeout: long, reference_id: long", "response: boolean", retryable=True),
    "MultiMap.isLocked": Row(0x021200, "name: String, key: Data", "response: boolean", retryable=True),
    "MultiMap.unlock": Row(0x021300, "name: String, key: Data, thread_id: long, reference_id: long", "", retryable=True),
    "MultiMap.forceUnlock": Row(0x021400, "name: String, key: Data, reference_id: long", "", retryable=True),
    "MultiMap.removeEntry": Row(0x021500, "name: String, key: Data, value: Data, thread_id: long", "response: boolean"),
    "MultiMap.putAll": Row(0x021700, "name: String, entries: EntryList_Data_List_Data", ""),
}
