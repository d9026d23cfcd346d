"""Reading Compact values: where each field lies is worked out once a schema, and read when it is asked for."""

from __future__ import annotations

import abc
from collections.abc import Callable, Sequence
from struct import Struct
from typing import Any, NamedTuple

from ...errors import HazelcastSerializationError
from ...protocol.field_kinds import ARRAY_OF, COMPACT_KINDS, NULLABLE, FieldKind
from ..api.compact import CompactReader
from ..io import ByteOrder
from .fields import NUMBER_CODES, FieldCodec, unpack_offsets
from .schema import FieldLayout, Schema

__all__ = ["FieldReader", "ReadPlan"]


class ReadPlan:
    """Where the fields of a schema lie, and how each is read."""

    __slots__ = ("fields", "order", "schema")

    def __init__(self, schema: Schema, order: ByteOrder, codecs: dict[int, FieldCodec]) -> None:
        self.schema = schema
        self.order = order
        self.fields = {
            name: Field(int(place.kind), _getter(place, order, codecs)) for name, place in schema.layout.items()
        }


class FieldReader(CompactReader):
    """The reader that serializers are given: one value's bytes, and the plan of its schema.

    Parameters
    ----------
    plan : ReadPlan
    buffer : bytes
    at : int
        Where the body begins: the byte after the schema id.
    """

    __slots__ = ("_fields", "_schema", "buffer", "end", "offsets", "start")

    def __init__(self, plan: ReadPlan, buffer: bytes, at: int) -> None:
        self._schema = plan.schema
        self._fields = plan.fields
        self.buffer = buffer
        self.offsets: Sequence[int | None] = ()
        if plan.schema.variable_size_count:
            length: int = plan.order.int.unpack_from(buffer, at)[0]
            self.start = at + 4
            self.offsets, self.end = unpack_offsets(
                plan.order, length, plan.schema.variable_size_count, buffer, self.start + length
            )
        else:
            self.start = at
            self.end = at + plan.schema.fixed_size_length

    def get_field_kind(self, field_name: str) -> FieldKind:
        return self._schema.field_kind(field_name)

    def values(self) -> dict[str, Any]:
        """Every field by name."""
        return {name: field.get(self) for name, field in self._fields.items()}

    def field(self, name: str) -> Field:
        """The field of that name.

        Raises
        ------
        HazelcastSerializationError
            When there is none.
        """
        try:
            return self._fields[name]
        except KeyError:
            raise HazelcastSerializationError(
                f"Compact type {self._schema.type_name!r} has no field {name!r} in the schema that this value was "
                f"written with; it has {', '.join(self._fields) or 'none'}. get_field_kind() tells beforehand."
            ) from None

    def mismatch(self, name: str, wanted: FieldKind) -> HazelcastSerializationError:
        """What to raise when a field is of another kind than the one asked for."""
        kind = FieldKind(self._fields[name].kind).name
        return HazelcastSerializationError(
            f"Field {name!r} of Compact type {self._schema.type_name!r} is {kind}, not {wanted.name}; "
            f"read it with read_{kind.lower()}()."
        )

    def null(self, name: str, wanted: FieldKind) -> HazelcastSerializationError:
        """What to raise when a field, or an item of it, is null and must not be."""
        return HazelcastSerializationError(
            f"Field {name!r} of Compact type {self._schema.type_name!r} is null or has a null in it, which "
            f"{wanted.name} cannot be; read it with read_{NULLABLE[wanted].name.lower()}()."
        )


class Field(NamedTuple):
    """Kind of a field, and what gets its value."""

    kind: int
    get: Callable[[FieldReader], Any]


def _getter(place: FieldLayout, order: ByteOrder, codecs: dict[int, FieldCodec]) -> Callable[[FieldReader], Any]:
    offset, bit, offset_index = place.offset, place.bit, place.offset_index

    def boolean(reader: FieldReader) -> bool:
        return bool(reader.buffer[reader.start + offset] >> bit & 1)

    def number(reader: FieldReader) -> Any:
        return unpack_number(reader.buffer, reader.start + offset)[0]

    def variable(reader: FieldReader) -> Any:
        found = reader.offsets[offset_index]
        return None if found is None else unpack(reader.buffer, reader.start + found)

    if bit >= 0:
        return boolean
    if offset >= 0:
        unpack_number = Struct(order.prefix + NUMBER_CODES[place.kind]).unpack_from
        return number
    unpack = codecs[place.kind].unpack
    return variable


def _reading(kind: FieldKind) -> Callable[[FieldReader, str], Any]:
    """The method that reads fields of a kind, and of its twin that is null where this is not, or the other way."""
    plain = int(kind)

    def read(self: FieldReader, field_name: str) -> Any:
        field = self.field(field_name)
        if field.kind != plain:
            raise self.mismatch(field_name, kind)
        return field.get(self)

    def read_nullable(self: FieldReader, field_name: str) -> Any:
        field = self.field(field_name)
        if field.kind not in (plain, twin):
            raise self.mismatch(field_name, kind)
        return field.get(self)

    def read_not_null(self: FieldReader, field_name: str) -> Any:
        field = self.field(field_name)
        if field.kind == plain:
            return field.get(self)
        if field.kind != twin:
            raise self.mismatch(field_name, kind)
        value = field.get(self)
        if (value is not None and None in value) if is_array else value is None:
            raise self.null(field_name, kind)
        return value

    is_array = kind in ARRAY_OF.values()
    if kind in NULLABLE:
        twin = int(NULLABLE[kind])
        return read_not_null
    if kind in _NOT_NULL:
        twin = int(_NOT_NULL[kind])
        return read_nullable
    return read


_NOT_NULL = {twin: FieldKind(kind) for kind, twin in NULLABLE.items()}

# The methods of CompactReader are named after the kinds, one each.
for _kind in COMPACT_KINDS:
    setattr(FieldReader, f"read_{_kind.name.lower()}", _reading(_kind))
abc.update_abstractmethods(FieldReader)  # type: ignore[type-abstract]
