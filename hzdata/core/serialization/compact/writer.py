"""Writing Compact values: what a serializer writes is noted down, then laid out in one go.

The names and kinds that were noted are the schema. The plan of a schema (one format for the numbers, which value goes
where) is made once, for the first value that needs it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from operator import itemgetter
from struct import Struct
from typing import Any

from ...errors import HazelcastSerializationError
from ...protocol.byte_order import ByteOrder
from ...protocol.field_kinds import NULLABLE, NUMBER_CODES, FieldKind
from ..io import ObjectDataOutput, fill_in
from .fields import CODECS, KINDS, pack_booleans, write_offsets
from .schema import Schema


class CompactWriter:
    """Writes the fields of a Compact value by name.

    Each method takes the ``field_name`` and the ``value``. The fields written, their kinds and the type name are the
    schema; an object that writes other fields than the last one has another schema of the same type.

    Raises
    ------
    HazelcastSerializationError
        When a field is written twice, or a value is not of the kind or out of its range. Some of it is noticed only
        when all fields are written.

    Examples
    --------
    A serializer is given one. What each method takes:

    >>> import datetime, decimal
    >>> noon = datetime.datetime(2026, 6, 1, 12)
    >>> writer = CompactWriter("everything")
    >>> writer.write_boolean("on", True); writer.write_nullable_boolean("open", None)
    >>> writer.write_int8("level", -1); writer.write_nullable_int8("old_level", None)
    >>> writer.write_int16("year", 2026); writer.write_nullable_int16("old_year", None)
    >>> writer.write_int32("id", 1); writer.write_nullable_int32("old_id", None)
    >>> writer.write_int64("count", 2**40); writer.write_nullable_int64("old_count", None)
    >>> writer.write_float32("share", 0.5); writer.write_nullable_float32("old_share", None)
    >>> writer.write_float64("mass", 0.1); writer.write_nullable_float64("old_mass", None)
    >>> writer.write_string("name", "Ada"); writer.write_decimal("price", decimal.Decimal("9.90"))
    >>> writer.write_time("opens", noon.time()); writer.write_date("day", noon.date())
    >>> writer.write_timestamp("made", noon)
    >>> writer.write_timestamp_with_timezone("seen", noon.replace(tzinfo=datetime.UTC))
    >>> writer.write_compact("owner", None)  # or an object of a class that has a serializer

    Arrays are of one kind; what a nullable twin writes, and anything but numbers and booleans, may be None in them:

    >>> writer.write_array_of_boolean("bits", [True]); writer.write_array_of_nullable_boolean("answers", [None])
    >>> writer.write_array_of_int8("bytes", b"ab"); writer.write_array_of_nullable_int8("levels", [1, None])
    >>> writer.write_array_of_int16("years", [1]); writer.write_array_of_nullable_int16("old_years", [1, None])
    >>> writer.write_array_of_int32("ids", [1]); writer.write_array_of_nullable_int32("old_ids", [1, None])
    >>> writer.write_array_of_int64("counts", [1]); writer.write_array_of_nullable_int64("old_counts", [1, None])
    >>> writer.write_array_of_float32("shares", [1.5]); writer.write_array_of_nullable_float32("old_shares", [None])
    >>> writer.write_array_of_float64("masses", [0.1]); writer.write_array_of_nullable_float64("old_masses", [None])
    >>> writer.write_array_of_string("names", ["Ada", None]); writer.write_array_of_decimal("prices", [None])
    >>> writer.write_array_of_time("hours", [noon.time(), None]); writer.write_array_of_date("days", [None])
    >>> writer.write_array_of_timestamp("times", [noon]); writer.write_array_of_timestamp_with_timezone("seens", None)
    >>> writer.write_array_of_compact("owners", [])
    >>> writer.shape[:5]
    ['everything', 'on', 1, 'open', 33]

    Attributes
    ----------
    shape : list
        The type name, then name and kind of each field, flat: as a tuple it is the key of the `WritePlan`.
    values : list
        The value of each field, in the same order.
    """

    __slots__ = ("shape", "values")

    def __init__(self, type_name: str) -> None:
        self.shape: list[str | int] = [type_name]
        self.values: list[Any] = []

    def write_boolean(self, field_name: str, value: bool) -> None:
        """Write a boolean."""

    def write_nullable_boolean(self, field_name: str, value: bool | None) -> None:
        """Write a boolean or None."""

    def write_int8(self, field_name: str, value: int) -> None:
        """Write a signed 8-bit integer."""

    def write_nullable_int8(self, field_name: str, value: int | None) -> None:
        """Write a signed 8-bit integer or None."""

    def write_int16(self, field_name: str, value: int) -> None:
        """Write a signed 16-bit integer."""

    def write_nullable_int16(self, field_name: str, value: int | None) -> None:
        """Write a signed 16-bit integer or None."""

    def write_int32(self, field_name: str, value: int) -> None:
        """Write a signed 32-bit integer."""

    def write_nullable_int32(self, field_name: str, value: int | None) -> None:
        """Write a signed 32-bit integer or None."""

    def write_int64(self, field_name: str, value: int) -> None:
        """Write a signed 64-bit integer."""

    def write_nullable_int64(self, field_name: str, value: int | None) -> None:
        """Write a signed 64-bit integer or None."""

    def write_float32(self, field_name: str, value: float) -> None:
        """Write a 32-bit float."""

    def write_nullable_float32(self, field_name: str, value: float | None) -> None:
        """Write a 32-bit float or None."""

    def write_float64(self, field_name: str, value: float) -> None:
        """Write a 64-bit float."""

    def write_nullable_float64(self, field_name: str, value: float | None) -> None:
        """Write a 64-bit float or None."""

    def write_string(self, field_name: str, value: str | None) -> None:
        """Write a string or None."""

    def write_decimal(self, field_name: str, value: Decimal | None) -> None:
        """Write a decimal of any precision or None."""

    def write_time(self, field_name: str, value: time | None) -> None:
        """Write a time of day or None."""

    def write_date(self, field_name: str, value: date | None) -> None:
        """Write a date or None."""

    def write_timestamp(self, field_name: str, value: datetime | None) -> None:
        """Write a date and time without time zone or None."""

    def write_timestamp_with_timezone(self, field_name: str, value: datetime | None) -> None:
        """Write a date and time with its offset from UTC or None."""

    def write_compact(self, field_name: str, value: Any) -> None:
        """Write a value that has a Compact serializer itself or None."""

    def write_array_of_boolean(self, field_name: str, value: Sequence[bool] | None) -> None:
        """Write an array of booleans."""

    def write_array_of_nullable_boolean(self, field_name: str, value: Sequence[bool | None] | None) -> None:
        """Write an array of booleans, any of which may be None."""

    def write_array_of_int8(self, field_name: str, value: Sequence[int] | None) -> None:
        """Write an array of signed 8-bit integers."""

    def write_array_of_nullable_int8(self, field_name: str, value: Sequence[int | None] | None) -> None:
        """Write an array of signed 8-bit integers, any of which may be None."""

    def write_array_of_int16(self, field_name: str, value: Sequence[int] | None) -> None:
        """Write an array of signed 16-bit integers."""

    def write_array_of_nullable_int16(self, field_name: str, value: Sequence[int | None] | None) -> None:
        """Write an array of signed 16-bit integers, any of which may be None."""

    def write_array_of_int32(self, field_name: str, value: Sequence[int] | None) -> None:
        """Write an array of signed 32-bit integers."""

    def write_array_of_nullable_int32(self, field_name: str, value: Sequence[int | None] | None) -> None:
        """Write an array of signed 32-bit integers, any of which may be None."""

    def write_array_of_int64(self, field_name: str, value: Sequence[int] | None) -> None:
        """Write an array of signed 64-bit integers."""

    def write_array_of_nullable_int64(self, field_name: str, value: Sequence[int | None] | None) -> None:
        """Write an array of signed 64-bit integers, any of which may be None."""

    def write_array_of_float32(self, field_name: str, value: Sequence[float] | None) -> None:
        """Write an array of 32-bit floats."""

    def write_array_of_nullable_float32(self, field_name: str, value: Sequence[float | None] | None) -> None:
        """Write an array of 32-bit floats, any of which may be None."""

    def write_array_of_float64(self, field_name: str, value: Sequence[float] | None) -> None:
        """Write an array of 64-bit floats."""

    def write_array_of_nullable_float64(self, field_name: str, value: Sequence[float | None] | None) -> None:
        """Write an array of 64-bit floats, any of which may be None."""

    def write_array_of_string(self, field_name: str, value: Sequence[str | None] | None) -> None:
        """Write an array of strings, any of which may be None."""

    def write_array_of_decimal(self, field_name: str, value: Sequence[Decimal | None] | None) -> None:
        """Write an array of decimals, any of which may be None."""

    def write_array_of_time(self, field_name: str, value: Sequence[time | None] | None) -> None:
        """Write an array of times of day, any of which may be None."""

    def write_array_of_date(self, field_name: str, value: Sequence[date | None] | None) -> None:
        """Write an array of dates, any of which may be None."""

    def write_array_of_timestamp(self, field_name: str, value: Sequence[datetime | None] | None) -> None:
        """Write an array of dates and times without time zone, any of which may be None."""

    def write_array_of_timestamp_with_timezone(self, field_name: str, value: Sequence[datetime | None] | None) -> None:
        """Write an array of dates and times with offsets from UTC, any of which may be None."""

    def write_array_of_compact(self, field_name: str, value: Sequence[Any] | None) -> None:
        """Write an array of Compact values of one type, any of which may be None."""


def _noting(kind: FieldKind) -> Callable[[CompactWriter, str, Any], None]:
    plain = int(kind)  # because the hash of an enum's member is computed in Python each time

    def write(self: CompactWriter, field_name: str, value: Any) -> None:
        self.shape += (field_name, plain)
        self.values.append(value)

    return write


fill_in(CompactWriter, "write_", KINDS, _noting)


class WritePlan:
    """Lays out values that were noted in one shape.

    Parameters
    ----------
    shape : sequence
        As in `CompactWriter`.
    order : ByteOrder

    Raises
    ------
    HazelcastSerializationError
        When a field was written twice.
    """

    def __init__(self, shape: Sequence[Any], order: ByteOrder) -> None:
        type_name, *flat = shape
        self._fields = fields = list(zip(flat[::2], flat[1::2], strict=True))
        self.schema = Schema(type_name, fields)
        layout = self.schema.layout
        position = {name: index for index, (name, _) in enumerate(fields)}
        numbers = sorted((place.offset, name) for name, place in layout.items() if place.kind in NUMBER_CODES)
        codes = "".join(NUMBER_CODES[layout[name].kind] for _, name in numbers)
        # The schema id; room for the length of the data, which only those with offsets have; the numbers.
        self._numbers = Struct(f"{order.prefix}q{'4x' if self.schema.variable_size_count else ''}{codes}")
        picked = [position[name] for _, name in numbers]
        # One item alone would not come as a tuple.
        self._pick: Callable[[list[Any]], Sequence[Any]] = (
            itemgetter(*picked) if len(picked) > 1 else lambda values: [values[index] for index in picked]
        )
        self._booleans = [position[name] for name, place in layout.items() if place.bit >= 0]
        # In the order of writing, as other clients do, so that equal keys are equal bytes everywhere.
        self._variable = [
            (index, CODECS[kind].write, layout[name].offset_index)
            for index, (name, kind) in enumerate(fields)
            if layout[name].offset_index >= 0
        ]

    def write(self, out: ObjectDataOutput, values: list[Any]) -> None:
        """Write the schema id and the body of a value.

        Raises
        ------
        HazelcastSerializationError
            When a value is not of the kind of its field; the message names the field.
        SchemaNotReplicatedError
            When a nested value needs a schema that the members do not have.
        """
        buffer = out.buffer
        start = len(buffer) + 12
        try:
            buffer += self._numbers.pack(self.schema.schema_id, *self._pick(values))
            if self._booleans:
                buffer += pack_booleans([values[index] for index in self._booleans])
            if not self._variable:
                return
            offsets: list[int | None] = [None] * len(self._variable)
            for index, write, offset_index in self._variable:
                value = values[index]
                if value is not None:
                    offsets[offset_index] = len(buffer) - start
                    write(out, value)
        except HazelcastSerializationError:
            raise
        except Exception as error:
            raise self._named(out, values, error) from error
        length = len(buffer) - start
        out.order.int.pack_into(buffer, start - 4, length)
        write_offsets(out, length, offsets)

    def _named(self, out: ObjectDataOutput, values: list[Any], error: Exception) -> HazelcastSerializationError:
        """Find the field that could not be written, for the message."""
        for (name, kind), value in zip(self._fields, values, strict=True):
            try:
                if value is not None:
                    CODECS[kind].write(ObjectDataOutput(out.service, out.order), value)
                elif self.schema.layout[name].offset >= 0:
                    raise ValueError("it is of fixed size")
            except HazelcastSerializationError:
                continue  # of a nested value, which would have been raised as it is
            except Exception as reason:
                has_null = value is None or (isinstance(value, list | tuple) and None in value)
                remedy = f"; write_{NULLABLE[kind].name.lower()} takes None" if has_null and kind in NULLABLE else ""
                return HazelcastSerializationError(
                    f"Field {name!r} of Compact type {self.schema.type_name!r} is {FieldKind(kind).name} "
                    f"and cannot hold {value!r}: {reason}{remedy}"
                )
        return HazelcastSerializationError(
            f"A value of Compact type {self.schema.type_name!r} cannot be written: {error}"
        )
