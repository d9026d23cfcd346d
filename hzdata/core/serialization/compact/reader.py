"""Reading Compact values: where each field lies is worked out once a schema, and read when it is asked for."""

# The bodies of the methods that read a kind come from one function, at the end.
# mypy: disable-error-code="empty-body"

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from functools import wraps
from struct import Struct
from typing import Any, NamedTuple

from ...errors import HazelcastSerializationError
from ...protocol.byte_order import ByteOrder
from ...protocol.field_kinds import ARRAY_OF, COMPACT_KINDS, NULLABLE, NUMBER_CODES, FieldKind
from .fields import FieldCodec, unpack_offsets
from .schema import FieldLayout, Schema

__all__ = ["CompactReader", "ReadPlan"]


class ReadPlan:
    """Where the fields of a schema lie, and how each is read."""

    __slots__ = ("fields", "order", "schema")

    def __init__(self, schema: Schema, order: ByteOrder, codecs: dict[int, FieldCodec]) -> None:
        self.schema = schema
        self.order = order
        self.fields = {
            name: Field(int(place.kind), _getter(place, order, codecs)) for name, place in schema.layout.items()
        }


class CompactReader:
    """Reads the fields of a Compact value by name.

    Each method takes the ``field_name`` and returns the value of that field, None where the field is nullable and
    null. Where a kind has a nullable twin, the methods of both read both; the one that is not nullable refuses a null.

    Raises
    ------
    HazelcastSerializationError
        When there is no field of that name, when it is of another kind, or when it is null and must not be.

    Notes
    -----
    Times and timestamps are cut to microseconds, which is all that Python's hold.

    Examples
    --------
    A field that older values do not have:

    >>> def read(reader: CompactReader) -> tuple[int, str]:
    ...     known = reader.get_field_kind("name") == FieldKind.STRING
    ...     return reader.read_int32("id"), reader.read_string("name") if known else ""
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
        """Return the kind of a field, ``FieldKind.NOT_AVAILABLE`` when there is none of that name."""
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

    def read_boolean(self, field_name: str) -> bool:
        """Read a boolean."""

    def read_nullable_boolean(self, field_name: str) -> bool | None:
        """Read a boolean or None."""

    def read_int8(self, field_name: str) -> int:
        """Read a signed 8-bit integer."""

    def read_nullable_int8(self, field_name: str) -> int | None:
        """Read a signed 8-bit integer or None."""

    def read_int16(self, field_name: str) -> int:
        """Read a signed 16-bit integer."""

    def read_nullable_int16(self, field_name: str) -> int | None:
        """Read a signed 16-bit integer or None."""

    def read_int32(self, field_name: str) -> int:
        """Read a signed 32-bit integer."""

    def read_nullable_int32(self, field_name: str) -> int | None:
        """Read a signed 32-bit integer or None."""

    def read_int64(self, field_name: str) -> int:
        """Read a signed 64-bit integer."""

    def read_nullable_int64(self, field_name: str) -> int | None:
        """Read a signed 64-bit integer or None."""

    def read_float32(self, field_name: str) -> float:
        """Read a 32-bit float."""

    def read_nullable_float32(self, field_name: str) -> float | None:
        """Read a 32-bit float or None."""

    def read_float64(self, field_name: str) -> float:
        """Read a 64-bit float."""

    def read_nullable_float64(self, field_name: str) -> float | None:
        """Read a 64-bit float or None."""

    def read_string(self, field_name: str) -> str | None:
        """Read a string or None."""

    def read_decimal(self, field_name: str) -> Decimal | None:
        """Read a decimal of any precision or None."""

    def read_time(self, field_name: str) -> time | None:
        """Read a time of day or None."""

    def read_date(self, field_name: str) -> date | None:
        """Read a date or None."""

    def read_timestamp(self, field_name: str) -> datetime | None:
        """Read a date and time without time zone or None."""

    def read_timestamp_with_timezone(self, field_name: str) -> datetime | None:
        """Read a date and time with its offset from UTC or None."""

    def read_compact(self, field_name: str) -> Any:
        """Read a value that has a Compact serializer itself or None."""

    def read_array_of_boolean(self, field_name: str) -> list[bool] | None:
        """Read an array of booleans."""

    def read_array_of_nullable_boolean(self, field_name: str) -> list[bool | None] | None:
        """Read an array of booleans, any of which may be None."""

    def read_array_of_int8(self, field_name: str) -> list[int] | None:
        """Read an array of signed 8-bit integers."""

    def read_array_of_nullable_int8(self, field_name: str) -> list[int | None] | None:
        """Read an array of signed 8-bit integers, any of which may be None."""

    def read_array_of_int16(self, field_name: str) -> list[int] | None:
        """Read an array of signed 16-bit integers."""

    def read_array_of_nullable_int16(self, field_name: str) -> list[int | None] | None:
        """Read an array of signed 16-bit integers, any of which may be None."""

    def read_array_of_int32(self, field_name: str) -> list[int] | None:
        """Read an array of signed 32-bit integers."""

    def read_array_of_nullable_int32(self, field_name: str) -> list[int | None] | None:
        """Read an array of signed 32-bit integers, any of which may be None."""

    def read_array_of_int64(self, field_name: str) -> list[int] | None:
        """Read an array of signed 64-bit integers."""

    def read_array_of_nullable_int64(self, field_name: str) -> list[int | None] | None:
        """Read an array of signed 64-bit integers, any of which may be None."""

    def read_array_of_float32(self, field_name: str) -> list[float] | None:
        """Read an array of 32-bit floats."""

    def read_array_of_nullable_float32(self, field_name: str) -> list[float | None] | None:
        """Read an array of 32-bit floats, any of which may be None."""

    def read_array_of_float64(self, field_name: str) -> list[float] | None:
        """Read an array of 64-bit floats."""

    def read_array_of_nullable_float64(self, field_name: str) -> list[float | None] | None:
        """Read an array of 64-bit floats, any of which may be None."""

    def read_array_of_string(self, field_name: str) -> list[str | None] | None:
        """Read an array of strings, any of which may be None."""

    def read_array_of_decimal(self, field_name: str) -> list[Decimal | None] | None:
        """Read an array of decimals, any of which may be None."""

    def read_array_of_time(self, field_name: str) -> list[time | None] | None:
        """Read an array of times of day, any of which may be None."""

    def read_array_of_date(self, field_name: str) -> list[date | None] | None:
        """Read an array of dates, any of which may be None."""

    def read_array_of_timestamp(self, field_name: str) -> list[datetime | None] | None:
        """Read an array of dates and times without time zone, any of which may be None."""

    def read_array_of_timestamp_with_timezone(self, field_name: str) -> list[datetime | None] | None:
        """Read an array of dates and times with offsets from UTC, any of which may be None."""

    def read_array_of_compact(self, field_name: str) -> list[Any] | None:
        """Read an array of Compact values of one type, any of which may be None."""


class Field(NamedTuple):
    """Kind of a field, and what gets its value."""

    kind: int
    get: Callable[[CompactReader], Any]


def _getter(place: FieldLayout, order: ByteOrder, codecs: dict[int, FieldCodec]) -> Callable[[CompactReader], Any]:
    offset, bit, offset_index = place.offset, place.bit, place.offset_index

    def boolean(reader: CompactReader) -> bool:
        return bool(reader.buffer[reader.start + offset] >> bit & 1)

    def number(reader: CompactReader) -> Any:
        return unpack_number(reader.buffer, reader.start + offset)[0]

    def variable(reader: CompactReader) -> Any:
        found = reader.offsets[offset_index]
        return None if found is None else unpack(reader.buffer, reader.start + found)

    if bit >= 0:
        return boolean
    if offset >= 0:
        unpack_number = Struct(order.prefix + NUMBER_CODES[place.kind]).unpack_from
        return number
    unpack = codecs[place.kind].unpack
    return variable


_NOT_NULL = {twin: FieldKind(kind) for kind, twin in NULLABLE.items()}


def _reading(kind: FieldKind) -> Callable[[CompactReader, str], Any]:
    """The method that reads fields of a kind, and of its twin that is null where this is not, or the other way."""
    # Plain ints, because the comparison of an enum's member takes longer.
    plain, twin = int(kind), int(NULLABLE.get(kind) or _NOT_NULL.get(kind) or -1)
    is_array = kind in ARRAY_OF.values()

    def read(self: CompactReader, field_name: str) -> Any:
        field = self.field(field_name)
        if field.kind == plain:
            return field.get(self)
        if field.kind != twin:
            raise self.mismatch(field_name, kind)
        value = field.get(self)
        if kind in NULLABLE and (None in (value or ()) if is_array else value is None):
            raise self.null(field_name, kind)
        return value

    return read


for _kind in COMPACT_KINDS:
    _name = f"read_{_kind.name.lower()}"
    setattr(CompactReader, _name, wraps(getattr(CompactReader, _name))(_reading(_kind)))
