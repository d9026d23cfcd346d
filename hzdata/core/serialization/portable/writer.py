"""Writes the fields of a Portable, and finds out what they are when its class is written for the first time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from ...errors import HazelcastSerializationError
from ..io import ObjectDataOutput, fill_in
from .classdef import SIMPLE_TYPES, TYPE_NAMES, ClassDefinition, ClassDefinitionBuilder, FieldDefinition, FieldType
from .fields import CODECS, write_items

if TYPE_CHECKING:
    from ..api import Portable


class PortableWriter:
    """Writes the fields of a Portable by name.

    Examples
    --------
    A Portable is given one. What each method takes:

    >>> import datetime, decimal
    >>> from hzdata.core.serialization.api import Portable
    >>> noon = datetime.datetime(2026, 6, 1, 12)
    >>> class Empty(Portable):
    ...     def get_factory_id(self):
    ...         return 22
    ...
    ...     def get_class_id(self):
    ...         return 1
    ...
    ...     def write_portable(self, writer):
    ...         pass
    >>> class Everything(Empty):
    ...     def get_class_id(self):
    ...         return 2
    ...
    ...     def write_portable(self, writer):
    ...         writer.write_boolean("on", True)
    ...         writer.write_byte("level", -1)
    ...         writer.write_short("year", 2026)
    ...         writer.write_int("id", 1)
    ...         writer.write_long("count", 2**40)
    ...         writer.write_float("share", 0.5)
    ...         writer.write_double("mass", 0.1)
    ...         writer.write_char("initial", "A")
    ...         writer.write_string("name", "Ada")
    ...         writer.write_utf("old_name", None)
    ...         writer.write_decimal("price", decimal.Decimal("9.90"))
    ...         writer.write_time("opens", noon.time())
    ...         writer.write_date("day", noon.date())
    ...         writer.write_timestamp("made", noon)
    ...         writer.write_timestamp_with_timezone("seen", noon.replace(tzinfo=datetime.UTC))
    ...         writer.write_boolean_array("bits", [True])
    ...         writer.write_byte_array("bytes", b"ab")
    ...         writer.write_short_array("years", [2025, 2026])
    ...         writer.write_int_array("ids", [1, 2])
    ...         writer.write_long_array("counts", None)
    ...         writer.write_float_array("shares", [0.5])
    ...         writer.write_double_array("masses", [0.1])
    ...         writer.write_char_array("initials", "AB")
    ...         writer.write_string_array("names", ["Ada", None])
    ...         writer.write_utf_array("old_names", [])
    ...         writer.write_decimal_array("prices", [decimal.Decimal(1)])
    ...         writer.write_time_array("hours", [noon.time()])
    ...         writer.write_date_array("days", [noon.date()])
    ...         writer.write_timestamp_array("times", [noon])
    ...         writer.write_timestamp_with_timezone_array("seens", None)
    ...         writer.write_portable("part", Empty())
    ...         writer.write_null_portable("no_part", 22, 1)
    ...         writer.write_portable_array("parts", [Empty(), Empty()])
    ...         writer.get_raw_data_output().write_string("what has no name")

    Members find objects by what was written, without their class:

    >>> from hzdata.core.predicate import equal
    >>> things = client.get_map("written portables").blocking()
    >>> things.set(1, Everything())
    >>> things.key_set(equal("name", "Ada"))
    [1]

    Notes
    -----
    A body is: its end, the number of fields, the position of each and of the raw data, then the fields. Positions
    count from the start of the stream's buffer.
    """

    def __init__(self, out: ObjectDataOutput, definition: ClassDefinition) -> None:
        self._out = out
        self._definition = definition
        self._heads = definition.heads(out.order)
        self._written: set[str] = set()
        self._raw = False
        self._positions = len(out.buffer) + 8
        out.write_int(0)  # where the body ends
        out.write_int(len(self._heads))
        out.buffer += bytes(4 * (len(self._heads) + 1))

    def write_int(self, field_name: str, value: int) -> None:
        """Write a signed 32-bit integer."""

    def write_long(self, field_name: str, value: int) -> None:
        """Write a signed 64-bit integer."""

    def write_string(self, field_name: str, value: str | None) -> None:
        """Write a string."""

    def write_utf(self, field_name: str, value: str | None) -> None:
        """Write a string; the older name of `write_string`."""

    def write_boolean(self, field_name: str, value: bool) -> None:
        """Write a boolean."""

    def write_byte(self, field_name: str, value: int) -> None:
        """Write a signed byte."""

    def write_char(self, field_name: str, value: str) -> None:
        """Write a character: one UTF-16 code unit."""

    def write_double(self, field_name: str, value: float) -> None:
        """Write a 64-bit float."""

    def write_float(self, field_name: str, value: float) -> None:
        """Write a 32-bit float."""

    def write_short(self, field_name: str, value: int) -> None:
        """Write a signed 16-bit integer."""

    def write_decimal(self, field_name: str, value: Decimal | None) -> None:
        """Write a decimal of any precision."""

    def write_time(self, field_name: str, value: time | None) -> None:
        """Write a time of day."""

    def write_date(self, field_name: str, value: date | None) -> None:
        """Write a date."""

    def write_timestamp(self, field_name: str, value: datetime | None) -> None:
        """Write a date and time without time zone."""

    def write_timestamp_with_timezone(self, field_name: str, value: datetime | None) -> None:
        """Write a date and time with its offset from UTC."""

    def write_byte_array(self, field_name: str, values: bytes | bytearray | None) -> None:
        """Write an array of bytes."""

    def write_boolean_array(self, field_name: str, values: Sequence[bool] | None) -> None:
        """Write an array of booleans."""

    def write_char_array(self, field_name: str, values: Sequence[str] | None) -> None:
        """Write an array of characters."""

    def write_int_array(self, field_name: str, values: Sequence[int] | None) -> None:
        """Write an array of signed 32-bit integers."""

    def write_long_array(self, field_name: str, values: Sequence[int] | None) -> None:
        """Write an array of signed 64-bit integers."""

    def write_double_array(self, field_name: str, values: Sequence[float] | None) -> None:
        """Write an array of 64-bit floats."""

    def write_float_array(self, field_name: str, values: Sequence[float] | None) -> None:
        """Write an array of 32-bit floats."""

    def write_short_array(self, field_name: str, values: Sequence[int] | None) -> None:
        """Write an array of signed 16-bit integers."""

    def write_string_array(self, field_name: str, values: Sequence[str | None] | None) -> None:
        """Write an array of strings."""

    def write_utf_array(self, field_name: str, values: Sequence[str | None] | None) -> None:
        """Write an array of strings; the older name of `write_string_array`."""

    def write_decimal_array(self, field_name: str, values: Sequence[Decimal | None] | None) -> None:
        """Write an array of decimals."""

    def write_time_array(self, field_name: str, values: Sequence[time | None] | None) -> None:
        """Write an array of times of day."""

    def write_date_array(self, field_name: str, values: Sequence[date | None] | None) -> None:
        """Write an array of dates."""

    def write_timestamp_array(self, field_name: str, values: Sequence[datetime | None] | None) -> None:
        """Write an array of dates and times without time zone."""

    def write_timestamp_with_timezone_array(self, field_name: str, values: Sequence[datetime | None] | None) -> None:
        """Write an array of dates and times with offsets from UTC."""

    def write_portable(self, field_name: str, portable: Portable | None) -> None:
        """Write a nested Portable."""
        field = self._begin_field(field_name, FieldType.PORTABLE, () if portable is None else (portable,))
        self._out.write_boolean(portable is None)
        self._out.write_int(field.factory_id)
        self._out.write_int(field.class_id)
        if portable is not None:
            self._write_item(field, portable)

    def write_null_portable(self, field_name: str, factory_id: int, class_id: int) -> None:
        """Write None where a Portable of that class could be."""
        self.write_portable(field_name, None)

    def write_portable_array(self, field_name: str, values: Sequence[Portable] | None) -> None:
        """Write an array of Portables of one class."""
        field = self._begin_field(field_name, FieldType.PORTABLE_ARRAY, values or ())
        self._out.write_count(values)
        self._out.write_int(field.factory_id)
        self._out.write_int(field.class_id)
        write_items(self._out, values or (), lambda _, item: self._write_item(field, item))

    def get_raw_data_output(self) -> ObjectDataOutput:
        """Return what writes bytes after the last field; no field can be written afterwards."""
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
        self._out.service.portable.write_body(self._out, portable)

    def _begin_field(self, field_name: str, type: int, portables: Sequence[Portable] = ()) -> FieldDefinition:
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
        self._set_position(-2)


class FieldRecorder(PortableWriter):
    """Writes to nowhere, and notes the fields.

    Parameters
    ----------
    out
        Which is to be written to.
    key
        A ``ClassKey``.
    """

    def __init__(self, out: ObjectDataOutput, key: tuple[int, int, int]) -> None:
        self.builder = ClassDefinitionBuilder(*key)
        super().__init__(ObjectDataOutput(out.service, out.order), self.builder.definition)

    def write_null_portable(self, field_name: str, factory_id: int, class_id: int) -> None:
        self.builder.add_portable_field(field_name, self._out.service.portable.any_definition(factory_id, class_id))

    def _begin_field(self, field_name: str, type: int, portables: Sequence[Portable] = ()) -> FieldDefinition:
        if type in CODECS:
            self.builder.add(field_name, type)
        elif portables:
            if len({portable.get_class_id() for portable in portables}) > 1:
                raise ValueError("Detected different class-ids in portable array!")
            self.builder.add(field_name, type, self._out.service.portable.definition_of(portables[0], self._out))
        else:
            # A stored object of the class tells what a field that is null can hold.
            met = self._out.service.portable.met.get(self._definition.key)
            field = None if met is None else met.field_defs.get(field_name)
            if field is None or field.field_type != type:
                raise HazelcastSerializationError(
                    f"Cannot write null or empty {TYPE_NAMES[type]} without explicitly registering class definition! "
                    f"What field {field_name!r} can hold is not known: add the definition to the option "
                    "class_definitions."
                )
            self.builder.add(field_name, type, field)
        return self._definition.field_defs[field_name]


def _writing(type: int) -> Callable[[PortableWriter, str, Any], None]:
    write_value = CODECS[type].write

    def write(self: PortableWriter, field_name: str, value: Any) -> None:
        self._begin_field(field_name, type)
        write_value(self._out, value)

    return write


fill_in(PortableWriter, "write_", SIMPLE_TYPES, _writing)
