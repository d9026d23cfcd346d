"""Writes the fields of a Portable, and finds out what they are when its class is written for the first time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from ...errors import HazelcastSerializationError
from ..api.portable import Portable, PortableWriter
from ..io import NULL_LENGTH, ByteOrder, DataInput, DataOutput
from .classdef import ClassDefinition, ClassDefinitionBuilder, FieldDefinition
from .fields import KINDS, PORTABLE, PORTABLE_ARRAY, TYPE_NAMES, Kind, write_items

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
        self._heads = definition.heads(out.order)
        self._written: set[str] = set()
        self._raw = False
        self._begin = len(out.buffer)
        out.write_int(0)
        out.write_int(len(self._heads))
        self._positions = len(out.buffer)
        out.buffer += bytes(4 * (len(self._heads) + 1))

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
            self._set_position(len(self._heads))
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
                f"Invalid field name: {field_name!r} for {self._definition.label}. Another version of a class says so "
                "by get_class_version()."
            )
        if field.field_type != type:
            raise HazelcastSerializationError(
                f"Field {field_name!r} of {self._definition.label} is of type {TYPE_NAMES[field.field_type]}, and "
                f"cannot be written as {TYPE_NAMES[type]}."
            )
        if field_name in self._written:
            raise HazelcastSerializationError(f"Field {field_name!r} has already been written!")
        self._written.add(field_name)
        self._set_position(field.index)
        self._out.buffer += self._heads[field.index]
        return field

    def _set_position(self, index: int) -> None:
        self._out.order.int.pack_into(self._out.buffer, self._positions + 4 * index, len(self._out.buffer))

    def end(self) -> None:
        """Note where the body ends."""
        missing = self._definition.field_defs.keys() - self._written
        if missing:
            # Who reads one of them would read whatever lies at the start of the buffer.
            raise HazelcastSerializationError(
                f"Fields {sorted(missing)} of {self._definition.label} were not written; write None or zero."
            )
        self._out.order.int.pack_into(self._out.buffer, self._begin, len(self._out.buffer))


class _NoObjects:
    """Writes no object: raw data is no field."""

    def write_object(self, out: DataOutput, obj: Any) -> None:
        pass

    def read_object(self, inp: DataInput) -> Any:
        pass


class FieldRecorder:
    """A ``PortableWriter`` that writes nothing, and notes the fields.

    Parameters
    ----------
    serializer, builder, order
    met : ClassDefinition or None
        Of the same class, from a stored object: it tells what a field that is null can hold.
    """

    def __init__(
        self,
        serializer: PortableSerializer,
        builder: ClassDefinitionBuilder,
        order: ByteOrder,
        met: ClassDefinition | None,
    ) -> None:
        self._serializer = serializer
        self._builder = builder
        self._order = order
        self._met = met

    def _write(self, kind: Kind, field_name: str, value: Any) -> None:
        self._builder.add(field_name, kind.type)

    def write_portable(self, field_name: str, portable: Portable | None) -> None:
        if portable is None:
            self._add_empty(field_name, PORTABLE, "null portable")
        else:
            self._builder.add_portable_field(field_name, self._serializer.definition_of(portable, self._order))

    def write_null_portable(self, field_name: str, factory_id: int, class_id: int) -> None:
        self._builder.add_portable_field(field_name, self._serializer.any_definition(factory_id, class_id))

    def write_portable_array(self, field_name: str, values: Sequence[Portable] | None) -> None:
        if not values:
            self._add_empty(field_name, PORTABLE_ARRAY, "null or empty portable array")
        elif len({item.get_class_id() for item in values}) > 1:
            raise ValueError("Detected different class-ids in portable array!")
        else:
            definition = self._serializer.definition_of(values[0], self._order)
            self._builder.add_portable_array_field(field_name, definition)

    def _add_empty(self, field_name: str, type: int, what: str) -> None:
        field = None if self._met is None else self._met.field_defs.get(field_name)
        if field is None or field.field_type != type:
            raise HazelcastSerializationError(
                f"Cannot write {what} without explicitly registering class definition! What field {field_name!r} can "
                "hold is not known: add the definition to the option class_definitions."
            )
        self._builder.add(field_name, type, field.version, field.factory_id, field.class_id)

    def get_raw_data_output(self) -> DataOutput:
        return DataOutput(_NoObjects(), self._order)


def _writes(kind: Kind) -> Callable[[Any, str, Any], None]:
    return lambda self, field_name, value: self._write(kind, field_name, value)


for _kind in KINDS.values():
    for _class in (FieldWriter, FieldRecorder):
        for _name in {_kind.name, _kind.name.replace("string", "utf")}:
            setattr(_class, f"write_{_name}", _writes(_kind))
# Their methods come from the table, so that they cannot be subclasses; they are writers all the same.
PortableWriter.register(FieldWriter)
PortableWriter.register(FieldRecorder)
