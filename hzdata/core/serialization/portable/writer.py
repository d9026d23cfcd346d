"""Writes the fields of a Portable, and finds out what they are when its class is written for the first time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from ...errors import HazelcastSerializationError
from ..api.portable import Portable, PortableWriter
from ..io import DataOutput
from .classdef import ClassDefinition, ClassDefinitionBuilder, FieldDefinition
from .fields import KINDS, NULL_LENGTH, PORTABLE, PORTABLE_ARRAY, Kind, write_items

if TYPE_CHECKING:
    from .serializer import PortableSerializer

__all__ = ["FieldRecorder", "FieldWriter"]


class FieldWriter:
    """A ``PortableWriter`` that writes into a stream, by a class definition.

    A body is: its end, the number of fields, the position of each and of the raw data, then the fields. Positions
    count from the start of the stream's buffer.
    """

    def __init__(self, serializer: PortableSerializer, out: DataOutput, definition: ClassDefinition) -> None:
        self._serializer = serializer
        self._out = out
        self._definition = definition
        self._written: set[str] = set()
        self._raw = False
        self._begin = len(out.buffer)
        out.write_int(0)
        out.write_int(definition.get_field_count())
        self._positions = len(out.buffer)
        out.buffer += bytes(4 * (definition.get_field_count() + 1))

    def _write(self, kind: Kind, field_name: str, value: Any) -> None:
        self._begin_field(field_name, kind.type)
        kind.write(self._out, value)

    def write_portable(self, field_name: str, portable: Portable | None) -> None:
        field = self._begin_field(field_name, PORTABLE)
        self._out.write_boolean(portable is None)
        self._out.write_int(field.factory_id)
        self._out.write_int(field.class_id)
        if portable is not None:
            self._write_item(field, portable)

    def write_null_portable(self, field_name: str, factory_id: int, class_id: int) -> None:
        self.write_portable(field_name, None)

    def write_portable_array(self, field_name: str, values: Sequence[Portable] | None) -> None:
        field = self._begin_field(field_name, PORTABLE_ARRAY)
        self._out.write_int(NULL_LENGTH if values is None else len(values))
        self._out.write_int(field.factory_id)
        self._out.write_int(field.class_id)
        write_items(self._out, values or (), lambda _, item: self._write_item(field, item))

    def get_raw_data_output(self) -> DataOutput:
        if not self._raw:
            self._raw = True
            self._set_position(self._definition.get_field_count())
        return self._out

    def _write_item(self, field: FieldDefinition, portable: Portable) -> None:
        if (portable.get_factory_id(), portable.get_class_id()) != (field.factory_id, field.class_id):
            raise HazelcastSerializationError(
                f"Wrong Portable type! Field {field.field_name!r} holds Portables of factory-id {field.factory_id} and "
                f"class-id {field.class_id}, not of {portable.get_factory_id()} and {portable.get_class_id()}"
            )
        self._serializer.write_body(self._out, portable)

    def _begin_field(self, field_name: str, type: int) -> FieldDefinition:
        if self._raw:
            raise HazelcastSerializationError("Cannot write Portable fields after get_raw_data_output() is called!")
        field = self._definition.field_defs.get(field_name)
        if field is None:
            raise HazelcastSerializationError(
                f"Invalid field name: {field_name!r} for ClassDefinition(id: {self._definition.class_id}, version: "
                f"{self._definition.version})"
            )
        if field_name in self._written:
            raise HazelcastSerializationError(f"Field {field_name!r} has already been written!")
        self._written.add(field_name)
        self._set_position(field.index)
        name = field_name.encode()
        self._out.write_short(len(name))
        self._out.buffer += name
        self._out.write_byte(type)
        return field

    def _set_position(self, index: int) -> None:
        self._out.order.int.pack_into(self._out.buffer, self._positions + 4 * index, len(self._out.buffer))

    def end(self) -> None:
        """Note where the body ends."""
        self._out.order.int.pack_into(self._out.buffer, self._begin, len(self._out.buffer))


class FieldRecorder:
    """A ``PortableWriter`` that writes nothing, and notes the fields."""

    def __init__(self, serializer: PortableSerializer, builder: ClassDefinitionBuilder, scratch: DataOutput) -> None:
        self._serializer = serializer
        self._builder = builder
        self._scratch = scratch

    def _write(self, kind: Kind, field_name: str, value: Any) -> None:
        self._builder.add(field_name, kind.type)

    def write_portable(self, field_name: str, portable: Portable | None) -> None:
        if portable is None:
            raise HazelcastSerializationError(
                "Cannot write null portable without explicitly registering class definition!"
            )
        self._builder.add_portable_field(field_name, self._serializer.definition_of(portable))

    def write_null_portable(self, field_name: str, factory_id: int, class_id: int) -> None:
        self._builder.add_portable_field(field_name, self._serializer.any_definition(factory_id, class_id))

    def write_portable_array(self, field_name: str, values: Sequence[Portable] | None) -> None:
        if not values:
            raise HazelcastSerializationError(
                "Cannot write null or empty portable array without explicitly registering class definition!"
            )
        if len({item.get_class_id() for item in values}) > 1:
            raise ValueError("Detected different class-ids in portable array!")
        self._builder.add_portable_array_field(field_name, self._serializer.definition_of(values[0]))

    def get_raw_data_output(self) -> DataOutput:
        return self._scratch


def _writes(kind: Kind) -> Callable[[Any, str, Any], None]:
    return lambda self, field_name, value: self._write(kind, field_name, value)


for _kind in KINDS.values():
    for _class in (FieldWriter, FieldRecorder):
        for _name in {_kind.name, _kind.name.replace("string", "utf")}:
            setattr(_class, f"write_{_name}", _writes(_kind))
# Their methods come from the table, so that they cannot be subclasses; they are writers all the same.
PortableWriter.register(FieldWriter)
PortableWriter.register(FieldRecorder)
