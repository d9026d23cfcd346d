"""Reading Compact values: where each field lies is worked out once a schema, and read when it is asked for."""

# The bodies of the methods that read a kind come from one function, at the end.
# mypy: disable-error-code="empty-body"

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal
from struct import Struct
from typing import Any

from ...errors import HazelcastSerializationError
from ...protocol.byte_order import BIG_ENDIAN
from ...protocol.field_kinds import ARRAY_OF, NULLABLE, NUMBER_CODES, FieldKind
from ..builtin import Reader
from ..io import ObjectDataInput, fill_in
from .fields import CODECS, KINDS, read_offsets
from .schema import FieldLayout, Schema


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
    A serializer is given one. This one hands it on, to show what each method returns:

    >>> import datetime, decimal
    >>> from hzdata.core import HazelcastClient
    >>> from hzdata.core.serialization.api import CompactSerializer
    >>> from hzdata.core.serialization.compact.record import GenericRecord
    >>> class Everything(CompactSerializer):
    ...     def get_class(self):
    ...         return CompactReader
    ...
    ...     def get_type_name(self):
    ...         return "everything"
    ...
    ...     def write(self, writer, obj):
    ...         raise NotImplementedError
    ...
    ...     def read(self, reader):
    ...         return reader
    >>> noon = datetime.datetime(2026, 6, 1, 12, tzinfo=datetime.UTC)
    >>> values = {
    ...     "boolean": True, "int8": -1, "int16": 2, "int32": 3, "int64": 4, "float32": 0.5, "float64": 0.1,
    ...     "string": "Ada", "decimal": decimal.Decimal("9.90"), "time": noon.time(), "date": noon.date(),
    ...     "timestamp": noon.replace(tzinfo=None), "timestamp_with_timezone": noon, "compact": None,
    ... }
    >>> values |= {f"array_of_{kind}": [value] for kind, value in values.items()}
    >>> kinds = [(kind, FieldKind[kind.upper()]) for kind in values]
    >>> with HazelcastClient(compact_serializers=[Everything()], **options) as writing:
    ...     things = writing.get_map("read compacts").blocking()
    ...     things.set(1, GenericRecord(Schema("everything", kinds), values))
    ...     reader = things.get(1)
    >>> reader.read_boolean("boolean"), reader.read_string("string"), reader.read_compact("compact")
    (True, 'Ada', None)
    >>> reader.read_int8("int8"), reader.read_int16("int16"), reader.read_int32("int32"), reader.read_int64("int64")
    (-1, 2, 3, 4)
    >>> reader.read_float32("float32"), reader.read_float64("float64"), reader.read_decimal("decimal")
    (0.5, 0.1, Decimal('9.90'))
    >>> reader.read_time("time"), reader.read_date("date"), reader.read_timestamp("timestamp")
    (datetime.time(12, 0), datetime.date(2026, 6, 1), datetime.datetime(2026, 6, 1, 12, 0))
    >>> reader.read_timestamp_with_timezone("timestamp_with_timezone")
    datetime.datetime(2026, 6, 1, 12, 0, tzinfo=datetime.timezone.utc)

    A field that may be null is read by the method of its nullable twin, which reads either:

    >>> reader.read_nullable_boolean("boolean"), reader.read_nullable_int8("int8"), reader.read_nullable_int16("int16")
    (True, -1, 2)
    >>> reader.read_nullable_int32("int32"), reader.read_nullable_int64("int64")
    (3, 4)
    >>> reader.read_nullable_float32("float32"), reader.read_nullable_float64("float64")
    (0.5, 0.1)

    Arrays are lists:

    >>> reader.read_array_of_boolean("array_of_boolean"), reader.read_array_of_nullable_boolean("array_of_boolean")
    ([True], [True])
    >>> reader.read_array_of_int8("array_of_int8"), reader.read_array_of_nullable_int8("array_of_int8")
    ([-1], [-1])
    >>> reader.read_array_of_int16("array_of_int16"), reader.read_array_of_nullable_int16("array_of_int16")
    ([2], [2])
    >>> reader.read_array_of_int32("array_of_int32"), reader.read_array_of_nullable_int32("array_of_int32")
    ([3], [3])
    >>> reader.read_array_of_int64("array_of_int64"), reader.read_array_of_nullable_int64("array_of_int64")
    ([4], [4])
    >>> reader.read_array_of_float32("array_of_float32"), reader.read_array_of_nullable_float32("array_of_float32")
    ([0.5], [0.5])
    >>> reader.read_array_of_float64("array_of_float64"), reader.read_array_of_nullable_float64("array_of_float64")
    ([0.1], [0.1])
    >>> reader.read_array_of_string("array_of_string"), reader.read_array_of_decimal("array_of_decimal")
    (['Ada'], [Decimal('9.90')])
    >>> reader.read_array_of_time("array_of_time"), reader.read_array_of_date("array_of_date")
    ([datetime.time(12, 0)], [datetime.date(2026, 6, 1)])
    >>> reader.read_array_of_timestamp("array_of_timestamp"), reader.read_array_of_compact("array_of_compact")
    ([datetime.datetime(2026, 6, 1, 12, 0)], [None])
    >>> reader.read_array_of_timestamp_with_timezone("array_of_timestamp_with_timezone")[0] == noon
    True

    A field that older values do not have:

    >>> reader.get_field_kind("email")
    <FieldKind.NOT_AVAILABLE: 0>
    """

    __slots__ = ("_layout", "_schema", "big", "buffer", "end", "inp", "offsets", "start")

    def __init__(self, schema: Schema, inp: ObjectDataInput) -> None:
        self._schema = schema
        self._layout = schema.layout
        self.inp = inp
        self.big = inp.order is BIG_ENDIAN
        self.buffer = inp.buffer
        count = schema.variable_size_count
        length = inp.read_int() if count else schema.fixed_size_length
        self.start = inp.at
        inp.at += length
        self.offsets = read_offsets(inp, length, count) if count else ()
        self.end = inp.at

    def get_field_kind(self, field_name: str) -> FieldKind:
        """Return the kind of a field, ``FieldKind.NOT_AVAILABLE`` when there is none of that name."""
        place = self._layout.get(field_name)
        return FieldKind.NOT_AVAILABLE if place is None else place.kind

    def values(self) -> dict[str, Any]:
        """Every field by name."""
        return {name: _GETTERS[place.kind](self, place) for name, place in self._layout.items()}

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


_Getter = Callable[[CompactReader, FieldLayout], Any]


def _boolean(reader: CompactReader, place: FieldLayout) -> bool:
    return bool(reader.buffer[reader.start + place.offset] >> place.bit & 1)


def _number(code: str) -> _Getter:
    big, little = Struct(">" + code).unpack_from, Struct("<" + code).unpack_from
    return lambda reader, place: (big if reader.big else little)(reader.buffer, reader.start + place.offset)[0]


def _variable(read: Reader) -> _Getter:
    def get(reader: CompactReader, place: FieldLayout) -> Any:
        found = reader.offsets[place.offset_index]
        if found is None:
            return None
        reader.inp.at = reader.start + found
        return read(reader.inp)

    return get


_GETTERS: dict[int, _Getter] = {
    **{kind: _variable(codec.read) for kind, codec in CODECS.items()},
    **{kind: _number(code) for kind, code in NUMBER_CODES.items()},
    FieldKind.BOOLEAN: _boolean,
}
_TWINS: dict[int, int] = {**NULLABLE, **{twin: kind for kind, twin in NULLABLE.items()}}


def _reading(kind: FieldKind) -> Callable[[CompactReader, str], Any]:
    """The method that reads fields of a kind, and of its twin that is null where this is not, or the other way."""
    twin = _TWINS.get(kind)
    get = _GETTERS[kind]
    is_array = kind in ARRAY_OF.values()

    def read(self: CompactReader, field_name: str) -> Any:
        place = self._layout.get(field_name)
        if place is not None and place.kind is kind:
            return get(self, place)
        of_type = f"of Compact type {self._schema.type_name!r}"
        if place is None:
            raise HazelcastSerializationError(
                f"No field with the name {field_name!r} is in the schema that this value {of_type} was written with; "
                f"it has {', '.join(self._layout) or 'none'}. get_field_kind() tells beforehand."
            )
        if place.kind != twin:
            raise HazelcastSerializationError(
                f"Mismatched field types: field {field_name!r} {of_type} is {place.kind.name}, not {kind.name}; "
                f"read it with read_{place.kind.name.lower()}()."
            )
        value = _GETTERS[twin](self, place)
        if kind in NULLABLE and (None in (value or ()) if is_array else value is None):
            null = "`None` item" if is_array else "'None' value"
            raise HazelcastSerializationError(
                f"A {null} cannot be read as {kind.name}, and field {field_name!r} {of_type} has one; "
                f"read it with read_{NULLABLE[kind].name.lower()}()."
            )
        return value

    return read


def _defaulting(kind: FieldKind) -> Callable[[CompactReader, str, Any], Any]:
    """The method that programs know as ``read_..._or_default``, though the documentation does not."""
    read = _reading(kind)

    def read_or_default(self: CompactReader, field_name: str, default: Any) -> Any:
        return read(self, field_name) if self.get_field_kind(field_name) == kind else default

    return read_or_default


fill_in(CompactReader, "read_", KINDS, _reading)
for _name, _kind in KINDS.items():
    setattr(CompactReader, f"read_{_name}_or_default", _defaulting(_kind))
