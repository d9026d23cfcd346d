"""Messages of the protocol: Topics and ringbuffers."""

from .row import Row

# fmt: off
ROWS: dict[str, Row] = {
    "Topic.publish": Row(0x040100, "name: String, message: Data", ""),
    "Topic.addMessageListener": Row(0x040200, "name: String, local_only: boolean", "response: UUID", events={"Topic": "item: Data, publish_time: long, uuid: UUID"}),
    "Topic.removeMessageListener": Row(0x040300, "name: String, registration_id: UUID", "response: boolean", retryable=True),
    "Topic.publishAll": Row(0x040400, "name: String, messages: List_Data", ""),
    "Ringbuffer.size": Row(0x170100, "name: String", "response: long", retryable=True),
    "Ringbuffer.tailSequence": Row(0x170200, "name: String", "response: long", retryable=True),
    "Ringbuffer.headSequence": Row(0x170300, "name: String", "response: long", retryable=True),
    "Ringbuffer.capacity": Row(0x170400, "name: String", "response: long", retryable=True),
    "Ringbuffer.remainingCapacity": Row(0x170500, "name: String", "response: long", retryable=True),
    "Ringbuffer.add": Row(0x170600, "name: String, overflow_policy: int, value: Data", "response: long"),
    "Ringbuffer.readOne": Row(0x170700, "name: String, sequence: long", "response: Data?", retryable=True),
    "Ringbuffer.addAll": Row(0x170800, "name: String, value_list: List_Data, overflow_policy: int", "response: long"),
    "Ringbuffer.readMany": Row(0x170900, "name: String, start_sequence: long, min_count: int, max_count: int, filter: Data?", "read_count: int, items: List_Data, item_seqs: longArray?, next_seq: long", retryable=True),
}
