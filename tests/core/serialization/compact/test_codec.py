from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

import pytest
from hazelcast.serialization.compact import SchemaNotReplicatedError as DocumentedNotReplicated
from hypothesis import given, settings

from hzdata.core.errors import HazelcastSerializationError, IllegalArgumentError
from hzdata.core.protocol.field_kinds import ARRAY_OF, COMPACT_KINDS, NULLABLE, FieldKind
from hzdata.core.serialization.api import CompactReader, CompactSerializer, CompactWriter
from hzdata.core.serialization.compact.record import GenericRecord
from hzdata.core.serialization.compact.schema import Schema, SchemaNotFoundError, SchemaNotReplicatedError
from hzdata.core.serialization.service import SerializationService

from ..conftest import DocumentedService, new_service
from . import java_values
from .rows import DOCUMENTED_SERIALIZERS, ROWS, SERIALIZERS, Item, Row, RowSerializer, replicated

IN_BOTH_ORDERS = pytest.mark.parametrize("big", [True, False], ids=["big-endian", "little-endian"])


def documented_bytes(documented: DocumentedService, row: Row) -> bytes:
    while True:
        try:
            return documented.to_bytes(row)
        except DocumentedNotReplicated as needed:
            compact = documented.service.compact_stream_serializer
            compact.register_schema_to_id(needed.schema)
            compact.register_schema_to_type(needed.schema, needed.clazz)


def teach(documented: DocumentedService, service: SerializationService) -> None:
    """Give the documented client the schemas that ours knows."""
    from hazelcast.serialization.compact import FieldDescriptor, Schema

    for schema in service.schemas.all():
        fields = [FieldDescriptor(name, kind) for name, kind in schema.fields]
        documented.service.compact_stream_serializer.register_schema_to_id(Schema(schema.type_name, fields))


@IN_BOTH_ORDERS
@settings(max_examples=200)
@given(ROWS)
def test_bytes_are_those_of_the_documented_client_and_each_reads_the_other(big: bool, row: Row) -> None:
    service = new_service(is_big_endian=big, compact_serializers=SERIALIZERS)
    documented = DocumentedService(is_big_endian=big, compact_serializers=DOCUMENTED_SERIALIZERS)
    mine, theirs = replicated(service, row), documented_bytes(documented, row)

    assert mine == theirs
    assert service.to_object(theirs) == row
    fresh = DocumentedService(is_big_endian=big, compact_serializers=DOCUMENTED_SERIALIZERS)
    teach(fresh, service)
    assert fresh.to_object(mine) == row


# What is in an offset of one byte ends below 255 bytes of data, of two below 65535.
@pytest.mark.parametrize("length", [*range(240, 262), *range(65524, 65540)])
@pytest.mark.parametrize("kind", [FieldKind.STRING, FieldKind.ARRAY_OF_STRING, FieldKind.ARRAY_OF_COMPACT])
def test_offsets_widen_where_the_documented_client_widens_them(kind: FieldKind, length: int) -> None:
    text = "x" * length
    value: Any = text
    if kind is FieldKind.ARRAY_OF_STRING:
        value = [None, text, "end"]
    elif kind is FieldKind.ARRAY_OF_COMPACT:
        value = [Item(("t", FieldKind.STRING, text)), None, Item(("t", FieldKind.STRING, "end"))]
    row = Row(("a", FieldKind.STRING, None), ("text", kind, value), ("z", FieldKind.STRING, "end"))
    service = new_service(compact_serializers=SERIALIZERS)
    documented = DocumentedService(compact_serializers=DOCUMENTED_SERIALIZERS)
    data = replicated(service, row)

    assert data == documented_bytes(documented, row)
    assert service.to_object(data) == row


def every_kind(values: Mapping[str, Any]) -> Row:
    """The row of every kind, in the order of names, as Java writes it."""

    def nested(value: Any) -> Any:
        if isinstance(value, dict):
            return Item(("id", FieldKind.INT32, value["id"]), ("s", FieldKind.STRING, value["s"]))
        return [nested(item) for item in value] if isinstance(value, list) else value

    return Row(*((name, FieldKind[name.upper()], nested(values[name])) for name in sorted(values)))


def java_service(big: bool = True) -> SerializationService:
    return new_service(
        is_big_endian=big,
        compact_serializers=[RowSerializer(type_name="every kind"), RowSerializer(Item, "nested")],
    )


@pytest.mark.parametrize(
    ("big", "data"),
    [(True, java_values.EVERY_KIND_DATA), (False, java_values.EVERY_KIND_LITTLE_ENDIAN_DATA)],
)
def test_every_kind_is_written_and_read_as_java_does(big: bool, data: str) -> None:
    assert {name.upper() for name in java_values.EVERY_KIND} == {kind.name for kind in COMPACT_KINDS}
    service, row = java_service(big), every_kind(java_values.EVERY_KIND)

    assert replicated(service, row) == bytes.fromhex(data)
    assert service.to_object(bytes.fromhex(data)) == row


def test_every_null_is_written_and_read_as_java_does() -> None:
    never = {kind.name.lower() for kind in NULLABLE} - {kind.name.lower() for kind in ARRAY_OF.values()}
    values = {name: value if name in never else None for name, value in java_values.EVERY_KIND.items()}
    service, row = java_service(), every_kind(values)

    assert replicated(service, row) == bytes.fromhex(java_values.ALL_NULL_DATA)
    assert service.to_object(bytes.fromhex(java_values.ALL_NULL_DATA)) == row


def test_names_outside_the_basic_plane_lie_where_java_puts_them() -> None:
    numbers = [("😀", FieldKind.INT32, 2), ("\uffee", FieldKind.INT32, 1), ("a", FieldKind.INT32, 3)]
    texts = [("s😀", FieldKind.STRING, "y"), ("s\uffee", FieldKind.STRING, "x")]
    booleans = [(f"b{number}", FieldKind.BOOLEAN, number % 3 == 0) for number in range(20)]
    service = new_service(compact_serializers=[RowSerializer(type_name="😀")])
    row = Row(*numbers, *texts, *booleans)

    assert replicated(service, row) == bytes.fromhex(java_values.UTF16_DATA)
    assert service.to_object(bytes.fromhex(java_values.UTF16_DATA)) == row


def test_an_unknown_schema_is_asked_for_once_it_is_needed() -> None:
    service = java_service()
    with pytest.raises(SchemaNotFoundError) as needed:
        service.to_object(bytes.fromhex(java_values.NESTED_DATA))
    assert needed.value.schema_id == java_values.NESTED_ID

    service.schemas.put(java_values.NESTED)

    assert service.to_object(bytes.fromhex(java_values.NESTED_DATA)) == Item(
        ("id", FieldKind.INT32, 7), ("s", FieldKind.STRING, "né7")
    )


def test_nothing_is_written_before_the_members_have_every_schema_of_it() -> None:
    service = new_service(compact_serializers=SERIALIZERS)
    row = Row(("item", FieldKind.ARRAY_OF_COMPACT, [None, Item(("n", FieldKind.INT8, 1))]))
    asked = []
    for _ in range(2):
        with pytest.raises(SchemaNotReplicatedError) as needed:
            service.to_data([row])
        asked.append(needed.value.schema)
        service.schemas.mark_replicated(needed.value.schema)

    assert {schema.type_name for schema in asked} == {"row", "item"}
    assert service.to_object(service.to_data([row])) == [row]


def test_objects_of_one_class_may_have_different_fields() -> None:
    service = new_service(compact_serializers=SERIALIZERS)
    one, other = Row(("a", FieldKind.INT32, 1)), Row(("a", FieldKind.INT32, 1), ("b", FieldKind.STRING, "x"))

    assert service.to_object(replicated(service, one)) == one
    assert service.to_object(replicated(service, other)) == other
    assert len(service.schemas.all()) == 2


# Reading a field as another kind.


class Probe:
    """Reads one field of a row with one method, and says which kind the reader told."""

    def __init__(self, row: Row) -> None:
        self._service = new_service(compact_serializers=SERIALIZERS)
        self._data = replicated(self._service, row)

    def read(self, kind: FieldKind, name: str = "a", *default: Any) -> Any:
        class Serializer(RowSerializer):
            def read(self, reader: CompactReader) -> Any:
                return getattr(reader, f"read_{kind.name.lower()}" + "_or_default" * len(default))(name, *default)

        service = new_service(compact_serializers=[Serializer(), RowSerializer(Item, "item")])
        for schema in self._service.schemas.all():
            service.schemas.put(schema)
        return service.to_object(self._data)


SAMPLES = {FieldKind[name.upper()]: value for name, value in java_values.EVERY_KIND.items() if "compact" not in name}


@pytest.mark.parametrize("kind", sorted(SAMPLES), ids=lambda kind: kind.name)
def test_a_field_is_read_by_its_own_kind_and_its_nullable_twin_only(kind: FieldKind) -> None:
    probe = Probe(Row(("a", kind, SAMPLES[kind])))
    twins = {kind, NULLABLE.get(kind), *(plain for plain, twin in NULLABLE.items() if twin is kind)}
    for wanted in COMPACT_KINDS:
        has_null = isinstance(SAMPLES[kind], list) and None in SAMPLES[kind] and wanted in NULLABLE
        if wanted in twins and not has_null:
            assert probe.read(wanted) == SAMPLES[kind]
        else:
            with pytest.raises(HazelcastSerializationError, match=f"^Mismatched field types: .*'a'.*{kind.name}|None"):
                probe.read(wanted)


@pytest.mark.parametrize("plain", sorted(NULLABLE), ids=lambda kind: FieldKind(kind).name)
def test_a_null_cannot_be_read_as_a_kind_that_has_none(plain: FieldKind) -> None:
    is_array = plain in ARRAY_OF.values()
    probe = Probe(Row(("a", NULLABLE[plain], [None] if is_array else None)))

    refused = "`None` item" if is_array else "'None' value"
    said = rf"^A {refused} cannot be read .*'a'.*read_{NULLABLE[plain].name.lower()}\(\)"
    with pytest.raises(HazelcastSerializationError, match=said):
        probe.read(FieldKind(plain))


def test_an_array_that_is_null_is_none_whatever_its_items_may_be() -> None:
    assert Probe(Row(("a", FieldKind.ARRAY_OF_NULLABLE_INT32, None))).read(FieldKind.ARRAY_OF_INT32) is None


def test_a_missing_field_is_an_error_that_names_those_there_are() -> None:
    probe = Probe(Row(("a", FieldKind.INT8, 1), ("b", FieldKind.INT8, 1)))

    with pytest.raises(HazelcastSerializationError, match=r"^No field with the name 'c'.*a, b.*get_field_kind"):
        probe.read(FieldKind.INT8, "c")


@pytest.mark.parametrize("kind", sorted(SAMPLES), ids=lambda kind: kind.name)
def test_a_default_stands_for_a_field_that_is_not_there_or_of_another_kind(kind: FieldKind) -> None:
    probe = Probe(Row(("a", kind, SAMPLES[kind]), ("b", FieldKind.COMPACT, None)))
    assert [probe.read(kind, name, "default") for name in "abc"] == [SAMPLES[kind], "default", "default"]


# Writing what does not fit.


@pytest.mark.parametrize(
    ("kind", "value", "why"),
    [
        (FieldKind.INT8, 128, "'a' of Compact type 'row' is INT8 and cannot hold 128"),
        (FieldKind.INT64, 1 << 63, "INT64"),
        (FieldKind.INT32, None, "write_nullable_int32 takes None"),
        (FieldKind.BOOLEAN, None, "write_nullable_boolean takes None"),
        (FieldKind.INT32, 1.5, "INT32 and cannot hold 1.5"),
        (FieldKind.FLOAT32, 1e300, "FLOAT32"),
        (FieldKind.STRING, 5, "STRING and cannot hold 5"),
        (FieldKind.NULLABLE_INT16, 1 << 15, "NULLABLE_INT16"),
        (FieldKind.DATE, datetime.datetime(2024, 1, 1), r"\.date\(\)"),
        (FieldKind.TIMESTAMP, datetime.datetime(2024, 1, 1, tzinfo=datetime.UTC), "time zone"),
        (FieldKind.ARRAY_OF_INT8, [1, 300], "ARRAY_OF_INT8"),
        (FieldKind.ARRAY_OF_BOOLEAN, [None], "array_of_nullable_boolean"),
        (FieldKind.ARRAY_OF_COMPACT, [Item(), Row()], "one type, not Item and Row"),
        (FieldKind.COMPACT, 5, "No Compact serializer is registered for class int"),
    ],
)
def test_a_value_that_does_not_fit_names_the_field_and_the_remedy(kind: FieldKind, value: Any, why: str) -> None:
    service = new_service(compact_serializers=SERIALIZERS)
    fine = ("fine", FieldKind.STRING, "fine")

    with pytest.raises(HazelcastSerializationError, match=why):
        replicated(service, Row(fine, ("a", kind, value), ("item", FieldKind.COMPACT, Item())))


def test_a_field_written_twice_is_refused() -> None:
    service = new_service(compact_serializers=SERIALIZERS)

    with pytest.raises(HazelcastSerializationError, match="field 'a' twice"):
        service.to_data(Row(("a", FieldKind.INT8, 1), ("a", FieldKind.INT8, 1)))


def test_two_serializers_for_one_class_or_type_name_are_refused() -> None:
    with pytest.raises(IllegalArgumentError, match="class Row"):
        new_service(compact_serializers=[RowSerializer(), RowSerializer(type_name="other")])
    with pytest.raises(IllegalArgumentError, match="type name 'row'"):
        new_service(compact_serializers=[RowSerializer(), RowSerializer(Item)])


# Values of a type that no serializer is registered for.


@IN_BOTH_ORDERS
@settings(max_examples=100)
@given(ROWS)
def test_a_value_of_an_unknown_type_is_a_record_that_is_written_back_byte_for_byte(big: bool, row: Row) -> None:
    writer = new_service(is_big_endian=big, compact_serializers=SERIALIZERS)
    data = replicated(writer, row)
    service = new_service(is_big_endian=big)
    for schema in writer.schemas.all():
        service.schemas.put(schema)
    record = service.to_object(data)

    assert type(record) is GenericRecord
    assert record.type_name == "row"
    assert set(record) == {name for name, *_ in row.fields}
    for name, kind, value in row.fields:
        if kind not in (FieldKind.COMPACT, FieldKind.ARRAY_OF_COMPACT):
            assert record[name] == value
    with pytest.raises(SchemaNotReplicatedError):
        service.to_data(record)
    assert replicated(service, record) == data


def test_a_record_keeps_the_nanoseconds_that_python_has_no_room_for() -> None:
    service = new_service()
    service.schemas.mark_replicated(Schema("nanos", [("t", FieldKind.TIME), ("ts", FieldKind.TIMESTAMP)]))
    record = service.to_object(bytes.fromhex(java_values.NANOSECONDS_DATA))

    assert record["t"] == datetime.time(1, 2, 3, 123456)
    assert service.to_data(record) == bytes.fromhex(java_values.NANOSECONDS_DATA)


def test_a_record_is_a_mapping_that_shows_itself() -> None:
    schema = Schema("point", [("y", FieldKind.INT32), ("x", FieldKind.ARRAY_OF_INT32)])
    record = GenericRecord(schema, {"x": [1], "y": 2})

    assert repr(record) == "<point: x=[1], y=2>"
    assert dict(record) == {"x": [1], "y": 2}
    assert record == GenericRecord(schema, {"x": [1], "y": 2})
    assert record != GenericRecord(schema, {"x": [1], "y": 3})
    assert hash(record) == hash(GenericRecord(schema, {"x": [1], "y": 2}))
    assert [(name, kind.name) for name, kind in record.fields] == [("x", "ARRAY_OF_INT32"), ("y", "INT32")]
    with pytest.raises(KeyError):
        record["z"]


def test_a_record_made_by_hand_or_read_by_another_client_can_be_written() -> None:
    schema = Schema("point", [("y", FieldKind.INT32), ("x", FieldKind.STRING)])
    record = GenericRecord(schema, {"x": "é", "y": 2})
    one, other = new_service(), new_service()
    data = replicated(one, record)

    assert one.to_object(data) == record
    assert replicated(other, one.to_object(data)) == data


def test_a_registered_type_within_an_unknown_one_is_an_object() -> None:
    writer = new_service(compact_serializers=SERIALIZERS)
    item = Item(("n", FieldKind.INT8, 1))
    data = replicated(writer, Row(("item", FieldKind.COMPACT, item)))
    service = new_service(compact_serializers=[RowSerializer(Item, "item")])
    for schema in writer.schemas.all():
        service.schemas.put(schema)

    assert service.to_object(data)["item"] == item
    assert replicated(service, service.to_object(data)) == data


def test_an_older_client_reads_newer_values_and_the_other_way_round() -> None:
    class Person:
        def __init__(self, name: str, age: int | None = None) -> None:
            self.name, self.age = name, age

    class Old(CompactSerializer[Person]):
        def read(self, reader: CompactReader) -> Person:
            return Person(reader.read_string("name") or "")

        def write(self, writer: CompactWriter, obj: Person) -> None:
            writer.write_string("name", obj.name)

        def get_class(self) -> type[Person]:
            return Person

        def get_type_name(self) -> str:
            return "person"

    class New(Old):
        def read(self, reader: CompactReader) -> Person:
            known = reader.get_field_kind("age") is FieldKind.INT32
            return Person(reader.read_string("name") or "", reader.read_int32("age") if known else None)

        def write(self, writer: CompactWriter, obj: Person) -> None:
            super().write(writer, obj)
            writer.write_int32("age", obj.age or 0)

    old, new = new_service(compact_serializers=[Old()]), new_service(compact_serializers=[New()])
    older, newer = replicated(old, Person("Ada")), replicated(new, Person("Ada", 36))
    for schema in [*old.schemas.all(), *new.schemas.all()]:
        old.schemas.put(schema)
        new.schemas.put(schema)

    assert old.to_object(newer).name == "Ada"
    assert (new.to_object(older).name, new.to_object(older).age) == ("Ada", None)
    assert new.to_object(newer).age == 36
