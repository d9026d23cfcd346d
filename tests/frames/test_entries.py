"""Entries laid out by column are, byte for byte, what the client serializes value by value."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings, strategies as st

from hzdata.core.config import Config
from hzdata.core.protocol.field_kinds import FieldKind
from hzdata.core.protocol.framing import Message, MessageAssembler
from hzdata.core.protocol.table import MESSAGES
from hzdata.core.serialization.compact.record import GenericRecord
from hzdata.core.serialization.compact.schema import Schema
from hzdata.core.serialization.hashing import partition_of
from hzdata.core.serialization.service import SerializationService
from hzdata.frames.columns.compact import CompactValue
from hzdata.frames.columns.entries import MAX_CHUNK_BYTES, Chunk, EntryWriter
from hzdata.frames.columns.keys import CompactKey, PlainKey
from hzdata.frames.types import home_of

from .arrow_columns import SCALARS, columns, tables

pytestmark = pytest.mark.usefixtures("both_kernels")

PARTITIONS = 271


def schema_of(table: pa.Table, type_name: str = "row") -> Schema:
    return Schema(type_name, [(f.name, home_of(f.name, f.type).field_kind) for f in table.schema])


def arrays_of(table: pa.Table) -> dict[str, pa.Array]:
    return {f.name: table[f.name].combine_chunks().cast(home_of(f.name, f.type).arrow) for f in table.schema}


def service(*schemas: Schema) -> SerializationService:
    made = SerializationService(Config.from_dict({"default_int_type": "LONG"}))
    for schema in schemas:
        made.schemas.mark_replicated(schema)
    return made


def python_values(array: pa.Array) -> list[Any]:
    """The values as the client takes them: bytes are lists of signed numbers there."""
    values = array.to_pylist()
    if pa.types.is_large_binary(array.type):
        return [None if v is None else np.frombuffer(v, np.int8).tolist() for v in values]
    return values


def messages(chunk: Chunk) -> list[Message]:
    return list(MessageAssembler().feed(b"".join(chunk.buffers)))


def payload(message: Message, frame: int) -> bytes:
    return bytes(message.buffer[message.frames[frame] + 6 : message.frames[frame + 1]])


def entries(chunk: Chunk) -> list[tuple[bytes, bytes]]:
    """Keys and values of a chunk's putAll."""
    (message,) = messages(chunk)
    assert message.type == MESSAGES["Map.putAll"].type
    assert message.correlation_id == chunk.correlation_id
    frames = [payload(message, i) for i in range(3, len(message.frames) - 2)]
    return list(zip(frames[::2], frames[1::2], strict=True))


@given(tables())
@settings(deadline=None)
def test_records_are_the_bytes_that_the_client_writes_row_by_row(table: pa.Table) -> None:
    schema = schema_of(table)
    arrays = arrays_of(table)
    ids = pa.array(range(table.num_rows), pa.int64())
    writer = EntryWriter("m", PlainKey("id", FieldKind.NULLABLE_INT64), CompactValue(schema), PARTITIONS)
    written = {}
    for chunk in writer.write(table.num_rows, {"id": ids}, arrays):
        written.update(zip(chunk.rows, entries(chunk), strict=True))
    client = service(schema)
    rows = {name: python_values(array) for name, array in arrays.items()}
    assert len(written) == table.num_rows
    for row in range(table.num_rows):
        key, value = written[row]
        assert key == client.to_data(row)
        expected = GenericRecord(schema, {name: values[row] for name, values in rows.items()})
        assert value == client.to_data(expected)
        assert client.to_object(value) == expected


@pytest.mark.parametrize("arrow", [t for t in SCALARS if t not in (pa.float32(), pa.int8(), pa.int16(), pa.int32())])
@given(data=st.data())
@settings(deadline=None, max_examples=20)
def test_a_key_is_what_the_client_serializes_and_lies_in_the_partition_it_says(arrow: pa.DataType, data: Any) -> None:
    values = data.draw(st.lists(SCALARS[arrow], min_size=1, max_size=20))
    keys = pa.array(values, arrow)
    kind = home_of("k", arrow).field_kind
    value = pa.table({"x": pa.array([None] * len(values), pa.string())})
    writer = EntryWriter("m", PlainKey("k", kind), CompactValue(schema_of(value)), PARTITIONS)
    client = service()
    found = 0
    for chunk in writer.write(len(values), {"k": keys}, arrays_of(value)):
        for row, (key, _) in zip(chunk.rows, entries(chunk), strict=True):
            expected = client.to_data(keys[int(row)].as_py())
            assert key == expected
            assert chunk.partition == partition_of(expected, PARTITIONS)
            found += 1
    assert found == len(values)


@pytest.mark.parametrize(
    ("arrow", "type_id"), [(pa.int8(), -3), (pa.int16(), -6), (pa.int32(), -7), (pa.float32(), -9)]
)
def test_a_narrow_key_keeps_its_width(arrow: pa.DataType, type_id: int) -> None:
    value = pa.table({"x": pa.array([1], pa.int64())})
    writer = EntryWriter("m", PlainKey("k", home_of("k", arrow).field_kind), CompactValue(schema_of(value)), PARTITIONS)
    (chunk,) = writer.write(1, {"k": pa.array([7], arrow)}, arrays_of(value))
    ((key, _),) = entries(chunk)
    assert int.from_bytes(key[4:8], "big", signed=True) == type_id
    assert service().to_object(key) == 7


@given(st.data())
@settings(deadline=None, max_examples=50)
def test_several_key_columns_are_one_compact_key(data: Any) -> None:
    table = pa.table({n: data.draw(columns(4, lists=False, nulls=False)) for n in ("b", "a")})
    schema = schema_of(table, "row.key")
    value = pa.table({"x": pa.array([1, 2, 3, 4], pa.int64())})
    writer = EntryWriter("m", CompactKey(schema), CompactValue(schema_of(value)), PARTITIONS)
    client = service(schema)
    for chunk in writer.write(4, arrays_of(table), arrays_of(value)):
        for row, (key, _) in zip(chunk.rows, entries(chunk), strict=True):
            expected = GenericRecord(schema, {n: python_values(a)[row] for n, a in arrays_of(table).items()})
            assert key == client.to_data(expected)
            assert chunk.partition == partition_of(key, PARTITIONS)


def test_years_that_python_has_no_dates_for_and_nanoseconds_are_kept() -> None:
    table = pa.table(
        {
            "date": pa.array([-719_529, 2_932_897, -400_000_000], pa.int32()).cast(pa.date32()),
            "ns": pa.array([-1, 1, 86_399_999_999_999], pa.int64()).cast(pa.timestamp("ns")),
            "s": pa.array([-62_167_219_201, 253_402_300_800, 0], pa.int64()).cast(pa.timestamp("s")),
        }
    )
    schema = schema_of(table)
    writer = EntryWriter("m", PlainKey("id", FieldKind.NULLABLE_INT64), CompactValue(schema), 1)
    (chunk,) = writer.write(3, {"id": pa.array([0, 1, 2])}, arrays_of(table))
    bodies = [value[20:] for _, value in entries(chunk)]

    def date(body: bytes, at: int) -> tuple[int, int, int]:
        return int.from_bytes(body[at : at + 4], "big", signed=True), body[at + 4], body[at + 5]

    # Fields in order of name: date (6 bytes), ns (13), s (13).
    assert [date(b, 0) for b in bodies] == [(-1, 12, 31), (10_000, 1, 1), (-1_093_193, 3, 14)]
    assert [date(b, 6) for b in bodies] == [(1969, 12, 31), (1970, 1, 1), (1970, 1, 1)]
    assert [int.from_bytes(b[15:19], "big") for b in bodies] == [999_999_999, 1, 999_999_999]
    assert [date(b, 19) for b in bodies] == [(-1, 12, 31), (10_000, 1, 1), (1970, 1, 1)]


def test_decimals_are_as_short_as_the_number_is() -> None:
    numbers = [0, 1, -1, 127, 128, -128, -129, 255, 256, 32_767, 32_768, 10**37, -(10**37)]
    table = pa.table({"d": pa.array([Decimal(n).scaleb(-2) for n in numbers], pa.decimal128(38, 2))})
    schema = schema_of(table)
    writer = EntryWriter("m", PlainKey("id", FieldKind.NULLABLE_INT64), CompactValue(schema), 1)
    (chunk,) = writer.write(len(numbers), {"id": pa.array(range(len(numbers)))}, arrays_of(table))
    for number, (_, value) in zip(numbers, entries(chunk), strict=True):
        size = int.from_bytes(value[20:24], "big")
        assert size == (number if number >= 0 else ~number).bit_length() // 8 + 1
        assert int.from_bytes(value[24 : 24 + size], "big", signed=True) == number


def test_with_a_time_to_live_every_entry_is_a_message_of_its_own_under_the_id_of_its_chunk() -> None:
    table = pa.table({"x": pa.array(range(1000))})
    writer = EntryWriter(
        "m", PlainKey("x", FieldKind.NULLABLE_INT64), CompactValue(schema_of(table)), PARTITIONS, ttl=1500
    )
    seen: list[int] = []
    ids = []
    for chunk in writer.write(1000, arrays_of(table), arrays_of(table)):
        parts = messages(chunk)
        assert len(parts) == chunk.answers == len(chunk.rows)
        ids.append(chunk.correlation_id)
        for row, message in zip(chunk.rows, parts, strict=True):
            assert (message.type, message.correlation_id) == (MESSAGES["Map.set"].type, chunk.correlation_id)
            fixed = payload(message, 0)
            assert int.from_bytes(fixed[12:16], "little") == chunk.partition
            assert int.from_bytes(fixed[24:32], "little") == 1500
            assert payload(message, 1) == b"m"
            assert payload(message, 2) == service().to_data(int(row))
            seen.append(int(row))
    assert sorted(seen) == list(range(1000))
    assert len(set(ids)) == len(ids)


def test_no_chunk_holds_up_a_partition_for_more_than_a_megabyte() -> None:
    table = pa.table({"text": pa.array(["x" * 100_000] * 50), "id": pa.array(range(50))})
    writer = EntryWriter("m", PlainKey("id", FieldKind.NULLABLE_INT64), CompactValue(schema_of(table)), 1)
    chunks = writer.write(50, arrays_of(table), arrays_of(table))
    assert len(chunks) > 1
    assert sorted(row for chunk in chunks for row in chunk.rows) == list(range(50))
    assert all(chunk.size < MAX_CHUNK_BYTES + 100 for chunk in chunks)
    assert sum(len(entries(chunk)) for chunk in chunks) == 50


def test_an_entry_larger_than_a_chunk_travels_alone() -> None:
    table = pa.table({"text": pa.array(["a", "x" * (2 << 20), "b"]), "id": pa.array([1, 2, 3])})
    writer = EntryWriter("m", PlainKey("id", FieldKind.NULLABLE_INT64), CompactValue(schema_of(table)), 1)
    chunks = writer.write(3, arrays_of(table), arrays_of(table))
    assert [chunk.rows.tolist() for chunk in chunks] == [[0], [1], [2]]


def test_a_slice_of_a_larger_table_is_written_as_if_it_stood_alone() -> None:
    whole = pa.table(
        {
            "s": pa.array(["a", None, "ccc", "dddd"], pa.large_string()),
            "l": pa.array([[1], None, [None, 3], []], pa.large_list(pa.int64())),
            "b": pa.array([True, None, False, True]),
            "d": pa.array([dt.date(2020, 1, i + 1) for i in range(4)]),
            "n": pa.array([Decimal(i) for i in range(4)], pa.decimal128(5, 1)),
            "id": pa.array([10, 11, 12, 13]),
        }
    )
    part = whole.slice(1, 3)
    alone = pa.Table.from_pylist(part.to_pylist(), schema=whole.schema)
    writer = EntryWriter("m", PlainKey("id", FieldKind.NULLABLE_INT64), CompactValue(schema_of(whole)), 1)
    (one,), (other,) = (writer.write(3, arrays_of(t), arrays_of(t)) for t in (part, alone))
    assert entries(one) == entries(other)
