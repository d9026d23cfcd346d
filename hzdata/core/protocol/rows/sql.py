"""Messages of the protocol: SQL."""

from .row import Row

# fmt: off
ROWS: dict[str, Row] = {
    "Sql.close": Row(0x210300, "query_id: SqlQueryId", ""),
    "Sql.execute": Row(0x210400, "sql: String, parameters: ListCN_Data, timeout_millis: long, cursor_buffer_size: int, schema: String?, expected_result_type: byte, query_id: SqlQueryId, skip_update_statistics: boolean", "row_metadata: List_SqlColumnMetadata?, row_page: SqlPage?, update_count: long, error: SqlError?, is_infinite_rows: boolean, partition_argument_index: int"),
    "Sql.fetch": Row(0x210500, "query_id: SqlQueryId, cursor_buffer_size: int", "row_page: SqlPage?, error: SqlError?"),
}
