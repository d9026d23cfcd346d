"""Compact serialization as a whole: objects of registered classes and records to bytes, and back."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ...errors import HazelcastSerializationError, IllegalArgumentError
from ...protocol.byte_order import ByteOrder
from ...protocol.field_kinds import FieldKind
from ..api import CompactSerializer
from ..io import ObjectDataInput, ObjectDataOutput
from .reader import CompactReader
from .record import GenericRecord
from .schema import SchemaNotFoundError, SchemaNotReplicatedError, Schemas
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
        self.classes = frozenset((*self._by_class, GenericRecord))
        self._write_plans: dict[tuple[str | int, ...], WritePlan] = {}

    def write(self, out: ObjectDataOutput, obj: Any) -> None:
        """Write the schema id and the body of an object.

        Raises
        ------
        HazelcastSerializationError
            When no serializer is registered for its class, or the object cannot be written with it.
        SchemaNotReplicatedError
            When the object, or one nested in it, needs a schema that the members do not have.
        """
        if type(obj) is GenericRecord:
            if obj.origin is self:
                self._require_replicated(obj)
                out.buffer += obj.encoded
                return
            writer = CompactWriter(obj.type_name)
            for name, kind in obj.fields:
                writer.shape += (name, int(kind))
                writer.values.append(obj[name])
        else:
            serializer = self._by_class.get(type(obj))
            if serializer is None:
                raise HazelcastSerializationError(
                    f"No Compact serializer is registered for class {type(obj).__name__}; "
                    "add one to the option compact_serializers."
                )
            writer = CompactWriter(serializer.get_type_name())
            serializer.write(writer, obj)
        shape = tuple(writer.shape)
        plan = self._write_plans.get(shape)
        if plan is None:
            plan = WritePlan(shape, self._order)
            self._schemas.put(plan.schema)
            self._write_plans[shape] = plan
        if not self._schemas.is_replicated(plan.schema.schema_id):
            raise SchemaNotReplicatedError(plan.schema)
        plan.write(out, writer.values)

    def read(self, inp: ObjectDataInput) -> Any:
        """Read the object whose schema id is next.

        Raises
        ------
        SchemaNotFoundError
            When the object, or one nested in it, has a schema not seen yet.
        """
        begin = inp.take(8)
        schema_id: int = self._order.long.unpack_from(inp.buffer, begin)[0]
        schema = self._schemas.get(schema_id)
        if schema is None:
            raise SchemaNotFoundError(schema_id, self._schemas)
        reader = CompactReader(schema, inp)
        serializer = self._by_type_name.get(schema.type_name)
        if serializer is not None:
            obj = serializer.read(reader)
        else:
            obj = GenericRecord(schema, reader.values(), self, bytes(inp.buffer[begin : reader.end]))
        inp.go_to(reader.end)
        return obj

    def _require_replicated(self, record: GenericRecord) -> None:
        """Raise unless the members have the schemas of a record and of those nested in it."""
        if not self._schemas.is_replicated(record.schema.schema_id):
            raise SchemaNotReplicatedError(record.schema)
        for name, kind in record.fields:
            if kind in (FieldKind.COMPACT, FieldKind.ARRAY_OF_COMPACT):
                value = record[name]
                for item in value if isinstance(value, list) else (value,):
                    if type(item) is GenericRecord:
                        self._require_replicated(item)
