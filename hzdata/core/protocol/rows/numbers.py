"""Messages of the protocol: Generators of numbers: flake ids and PN counters."""

from .row import Row

# fmt: off
ROWS: dict[str, Row] = {
    "FlakeIdGenerator.newIdBatch": Row(0x1C0100, "name: String, batch_size: int", "base: long, increment: long, batch_size: int", retryable=True),
    "PNCounter.get": Row(0x1D0100, "name: String, replica_timestamps: EntryList_UUID_Long, target_replica_uUID: UUID", "value: long, replica_timestamps: EntryList_UUID_Long, replica_count: int", retryable=True),
    "PNCounter.add": Row(0x1D0200, "name: String, delta: long, get_before_update: boolean, replica_timestamps: EntryList_UUID_Long, target_replica_uUID: UUID", "value: long, replica_timestamps: EntryList_UUID_Long, replica_count: int"),
    "PNCounter.getConfiguredReplicaCount": Row(0x1D0300, "name: String", "response: int", retryable=True),
}
