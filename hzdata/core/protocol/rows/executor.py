"""Messages of the protocol: Executors."""

from .row import Row

# fmt: off
ROWS: dict[str, Row] = {
    "ExecutorService.shutdown": Row(0x080100, "name: String", ""),
    "ExecutorService.isShutdown": Row(0x080200, "name: String", "response: boolean"),
    "ExecutorService.submitToPartition": Row(0x080500, "name: String, uuid: UUID, callable: Data", "response: Data?"),
    "ExecutorService.submitToMember": Row(0x080600, "name: String, uuid: UUID, callable: Data, member_uUID: UUID", "response: Data?"),
}
