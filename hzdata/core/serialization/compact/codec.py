"""Compact serialization as a whole: objects of registered classes and records to bytes, and back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from ...errors import HazelcastSerializationError, IllegalArgumentError
from ...protocol.byte_order import ByteOrder
from ...protocol.field_kinds import FieldKind
from ..api import CompactSerializer
from ..io import ObjectDataInput
from .fields import FieldCodec, field_codecs
from .reader import CompactReader, ReadPlan
from .record import GenericRecord
from .schema import Schema, SchemaNotFoundError, SchemaNotReplicatedError, Schemas
from .writer import CompactWriter, WritePlan


class CompactCodec:
    """Writes and reads Compact values with the serializers that are registered.

    Parameters
    ----------
    serializers : iterable of CompactSerializer
    schemas : Schemas
        What is known of schemas, and which of them the members have.
    order : ByteOrder

    Raises
    ------
    IllegalArgumentError
        When two serializers are for one class or one type name.
    """

    def __init__(self, serializers: Iterable[CompactSerializer[Any]], schemas: Schemas, order: ByteOrder) -> None:
        self._schemas = schemas
        self._order = order
        self._by_class: dict[type, CompactSerializer[Any]] = {}
        self._by_type_name: dict[str, CompactSerializer[Any]] = {}
        for serializer in serializers:
            clazz, type_name = serializer.get_class(), serializer.get_type_name()
            if self._by_class.setdefault(clazz, serializer) is not serializer:
                raise IllegalArgumentError(f"Two Compact serializers are registered for class {clazz.__name__}.")
            if self._by_type_name.setdefault(type_name, serializer) is not serializer:
                raise IllegalArgumentError(f"Two Compact serializers are registered for type name {type_name!r}.")
        self._write_plans: dict[tuple[str | int, ...], WritePlan] = {}
        self._read_plans: dict[int, ReadPlan] = {}
        self._codecs = field_codecs(order, FieldCodec(self.encode, self.decode))
        array = self._codecs[FieldKind.ARRAY_OF_COMPACT]
        self._codecs[FieldKind.ARRAY_OF_COMPACT] = FieldCodec(
            lambda items: array.pack(_of_one_type(items)), array.unpack
        )

    @property
    def classes(self) -> frozenset[type]:
        """The classes whose objects are written as Compact values."""
        return frozenset((*self._by_class, GenericRecord))

    def encode(self, obj: Any) -> bytes:
        """The schema id and the body of an object.

        Raises
        ------
        HazelcastSerializationError
            When no serializer is registered for its class, or the object cannot be written with it.
        SchemaNotReplicatedError
            When the object, or one nested in it, needs a schema that the members do not have.
        """
        if type(obj) is GenericRecord:
            return self._encode_record(obj)
        serializer = self._by_class.get(type(obj))
        if serializer is None:
            raise HazelcastSerializationError(
                f"No Compact serializer is registered for class {type(obj).__name__}; "
                "add one to the option compact_serializers."
            )
        writer = CompactWriter(serializer.get_type_name())
        serializer.write(writer, obj)
        return self._write_plan(tuple(writer.shape)).encode(writer.values)

    def read(self, inp: ObjectDataInput) -> Any:
        """The object that is next in a stream; raises as `decode`."""
        obj, end = self._decode(inp.buffer, inp.position())
        inp.take(end - inp.position())
        return obj

    def decode(self, buffer: bytes, at: int) -> Any:
        """The object whose schema id begins at an offset.

        Raises
        ------
        SchemaNotFoundError
            When the object, or one nested in it, has a schema not seen yet.
        """
        return self._decode(buffer, at)[0]

    def _decode(self, buffer: bytes, at: int) -> tuple[Any, int]:
        schema_id: int = self._order.long.unpack_from(buffer, at)[0]
        plan = self._read_plans.get(schema_id) or self._read_plan(schema_id)
        reader = CompactReader(plan, buffer, at + 8)
        serializer = self._by_type_name.get(plan.schema.type_name)
        if serializer is not None:
            return serializer.read(reader), reader.end
        record = GenericRecord(plan.schema, reader.values(), self, bytes(buffer[at : reader.end]))
        return record, reader.end

    def _read_plan(self, schema_id: int) -> ReadPlan:
        schema = self._schemas.get(schema_id)
        if schema is None:
            raise SchemaNotFoundError(schema_id, self._schemas)
        plan = self._read_plans[schema_id] = ReadPlan(schema, self._order, self._codecs)
        return plan

    def _encode_record(self, record: GenericRecord) -> bytes:
        if record.origin is self:
            self._require_replicated(record.schema)
            for nested in _nested_records(record):
                self._require_replicated(nested.schema)
            return record.encoded
        shape: list[str | int] = [record.type_name]
        for name, kind in record.fields:
            shape += (name, int(kind))
        return self._write_plan(tuple(shape)).encode(list(record.values()))

    def _write_plan(self, shape: tuple[str | int, ...]) -> WritePlan:
        plan = self._write_plans.get(shape)
        if plan is None:
            plan = WritePlan(shape, self._order, self._codecs)
            self._schemas.put(plan.schema)
            self._write_plans[shape] = plan
        self._require_replicated(plan.schema)
        return plan

    def _require_replicated(self, schema: Schema) -> None:
        if not self._schemas.is_replicated(schema.schema_id):
            raise SchemaNotReplicatedError(schema)


def _nested_records(record: GenericRecord) -> Iterator[GenericRecord]:
    for name, kind in record.fields:
        if kind is FieldKind.COMPACT:
            items = [record[name]]
        elif kind is FieldKind.ARRAY_OF_COMPACT:
            items = record[name] or []
        else:
            continue
        for item in items:
            if type(item) is GenericRecord:
                yield item
                yield from _nested_records(item)


def _of_one_type(items: Sequence[Any]) -> Sequence[Any]:
    types = {item.type_name if type(item) is GenericRecord else type(item) for item in items if item is not None}
    if len(types) > 1:
        names = sorted(each if isinstance(each, str) else each.__name__ for each in types)
        raise ValueError(f"an array of Compact values holds one type, not {' and '.join(names)}")
    return items
