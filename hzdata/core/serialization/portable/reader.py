"""Reads the fields of a Portable by name, as they were stored by this or another version of its class."""

# The bodies of the methods that read a kind come from one function, at the end.
# mypy: disable-error-code="empty-body"

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from ...errors import HazelcastSerializationError
from ..io import ObjectDataInput, fill_in
from .classdef import FIELD_TYPES, TYPE_NAMES, ClassKey, FieldType
from .fields import READERS, WIDENED, ZEROS

if TYPE_CHECKING:
    from ..api import Portable


class PortableReader:
    """Reads the fields of a Portable by name; one that the stored version lacks reads as None or zero.

    Examples
    --------
    A Portable is given one. This one keeps it, to show what each method returns:

    >>> import datetime, decimal
    >>> from hzdata.core import HazelcastClient
    >>> from hzdata.core.serialization.api import Portable
    >>> from hzdata.core.serialization.portable.classdef import FieldType
    >>> noon = datetime.datetime(2026, 6, 1, 12, tzinfo=datetime.UTC)
    >>> values = {
    ...     "boolean": True, "byte": -1, "short": 2, "int": 3, "long": 4, "float": 0.5, "double": 0.1, "char": "A",
    ...     "string": "Ada", "decimal": decimal.Decimal("9.90"), "time": noon.time(), "date": noon.date(),
    ...     "timestamp": noon.replace(tzinfo=None), "timestamp_with_timezone": noon,
    ... }
    >>> values |= {f"{kind}_array": [value] for kind, value in values.items()} | {"byte_array": b"ab"}
    >>> class Empty(Portable):
    ...     def get_factory_id(self):
    ...         return 23
    ...
    ...     def get_class_id(self):
    ...         return 1
    ...
    ...     def write_portable(self, writer):
    ...         pass
    ...
    ...     def read_portable(self, reader):
    ...         self.reader = reader
    >>> class Everything(Empty):
    ...     def get_class_id(self):
    ...         return 2
    ...
    ...     def write_portable(self, writer):
    ...         for kind, value in values.items():
    ...             getattr(writer, f"write_{kind}")(kind, value)
    ...         writer.write_portable("part", Empty())
    ...         writer.write_portable_array("parts", [Empty(), Empty()])
    ...         writer.get_raw_data_output().write_string("what has no name")
    >>> with HazelcastClient(portable_factories={23: {1: Empty, 2: Everything}}, **options) as reading:
    ...     things = reading.get_map("read portables").blocking()
    ...     things.set(1, Everything())
    ...     reader = things.get(1).reader
    >>> reader.get_version(), len(reader.get_field_names()), reader.has_field("byte"), reader.has_field("email")
    (0, 30, True, False)
    >>> reader.get_field_type("byte") == FieldType.BYTE, reader.get_field_class_id("part")
    (True, 1)
    >>> reader.read_boolean("boolean"), reader.read_byte("byte"), reader.read_short("short"), reader.read_int("int")
    (True, -1, 2, 3)
    >>> reader.read_long("long"), reader.read_float("float"), reader.read_double("double"), reader.read_char("char")
    (4, 0.5, 0.1, 'A')
    >>> reader.read_string("string"), reader.read_utf("string"), reader.read_decimal("decimal")
    ('Ada', 'Ada', Decimal('9.90'))
    >>> reader.read_time("time"), reader.read_date("date"), reader.read_timestamp("timestamp")
    (datetime.time(12, 0), datetime.date(2026, 6, 1), datetime.datetime(2026, 6, 1, 12, 0))
    >>> reader.read_timestamp_with_timezone("timestamp_with_timezone") == noon
    True
    >>> reader.read_boolean_array("boolean_array"), reader.read_byte_array("byte_array")
    ([True], bytearray(b'ab'))
    >>> reader.read_short_array("short_array"), reader.read_int_array("int_array"), reader.read_long_array("long_array")
    ([2], [3], [4])
    >>> reader.read_float_array("float_array"), reader.read_double_array("double_array")
    ([0.5], [0.1])
    >>> reader.read_char_array("char_array"), reader.read_string_array("string_array")
    (['A'], ['Ada'])
    >>> reader.read_utf_array("string_array"), reader.read_decimal_array("decimal_array")
    (['Ada'], [Decimal('9.90')])
    >>> reader.read_time_array("time_array"), reader.read_date_array("date_array")
    ([datetime.time(12, 0)], [datetime.date(2026, 6, 1)])
    >>> reader.read_timestamp_array("timestamp_array")
    [datetime.datetime(2026, 6, 1, 12, 0)]
    >>> reader.read_timestamp_with_timezone_array("timestamp_with_timezone_array") == [noon]
    True
    >>> reader.read_portable("part").get_class_id(), len(reader.read_portable_array("parts"))
    (1, 2)
    >>> reader.get_raw_data_input().read_string()
    'what has no name'

    Parameters
    ----------
    inp
        At the body.
    key
        Of the version that was stored.
    evolved : bool
        The class has another version here: a field that is not there reads as None or zero, and a number may have been
        of a smaller type.

    Attributes
    ----------
    end : int
        Where the body ends.
    """

    def __init__(self, inp: ObjectDataInput, key: ClassKey, evolved: bool) -> None:
        self._inp = inp
        self._evolved = evolved
        self._raw = False
        self.end = inp.read_int()
        # Of the fields, and of the raw data.
        self._positions = inp.read_numbers("i", (inp.read_count() or 0) + 1)
        self._definition = inp.service.portable.stored_definition(inp, self._positions, key)
        self._heads = self._definition.heads(inp.order)

    def get_version(self) -> int:
        """Return the version of the class that the data was written with."""
        return self._definition.version

    def has_field(self, field_name: str) -> bool:
        """Return whether the stored version has the field."""
        return self._definition.has_field(field_name)

    def get_field_names(self) -> set[str]:
        """Return the names of the fields of the stored version."""
        return set(self._definition.get_field_names())

    def get_field_type(self, field_name: str) -> int:
        """Return the type of a field."""
        return self._definition.get_field_type(field_name)

    def get_field_class_id(self, field_name: str) -> int:
        """Return the class id of a field that holds a Portable."""
        return self._definition.get_field_class_id(field_name)

    def read_int(self, field_name: str) -> int:
        """Read a signed 32-bit integer."""

    def read_long(self, field_name: str) -> int:
        """Read a signed 64-bit integer."""

    def read_string(self, field_name: str) -> str | None:
        """Read a string."""

    def read_utf(self, field_name: str) -> str | None:
        """Read a string; the older name of `read_string`."""

    def read_boolean(self, field_name: str) -> bool:
        """Read a boolean."""

    def read_byte(self, field_name: str) -> int:
        """Read a signed byte."""

    def read_char(self, field_name: str) -> str:
        """Read a character: one UTF-16 code unit."""

    def read_double(self, field_name: str) -> float:
        """Read a 64-bit float."""

    def read_float(self, field_name: str) -> float:
        """Read a 32-bit float."""

    def read_short(self, field_name: str) -> int:
        """Read a signed 16-bit integer."""

    def read_decimal(self, field_name: str) -> Decimal | None:
        """Read a decimal of any precision."""

    def read_time(self, field_name: str) -> time | None:
        """Read a time of day."""

    def read_date(self, field_name: str) -> date | None:
        """Read a date."""

    def read_timestamp(self, field_name: str) -> datetime | None:
        """Read a date and time without time zone."""

    def read_timestamp_with_timezone(self, field_name: str) -> datetime | None:
        """Read a date and time with its offset from UTC."""

    def read_byte_array(self, field_name: str) -> bytearray | None:
        """Read an array of bytes."""

    def read_boolean_array(self, field_name: str) -> list[bool] | None:
        """Read an array of booleans."""

    def read_char_array(self, field_name: str) -> list[str] | None:
        """Read an array of characters."""

    def read_int_array(self, field_name: str) -> list[int] | None:
        """Read an array of signed 32-bit integers."""

    def read_long_array(self, field_name: str) -> list[int] | None:
        """Read an array of signed 64-bit integers."""

    def read_double_array(self, field_name: str) -> list[float] | None:
        """Read an array of 64-bit floats."""

    def read_float_array(self, field_name: str) -> list[float] | None:
        """Read an array of 32-bit floats."""

    def read_short_array(self, field_name: str) -> list[int] | None:
        """Read an array of signed 16-bit integers."""

    def read_string_array(self, field_name: str) -> list[str | None] | None:
        """Read an array of strings."""

    def read_utf_array(self, field_name: str) -> list[str | None] | None:
        """Read an array of strings; the older name of `read_string_array`."""

    def read_decimal_array(self, field_name: str) -> list[Decimal | None] | None:
        """Read an array of decimals."""

    def read_time_array(self, field_name: str) -> list[time | None] | None:
        """Read an array of times of day."""

    def read_date_array(self, field_name: str) -> list[date | None] | None:
        """Read an array of dates."""

    def read_timestamp_array(self, field_name: str) -> list[datetime | None] | None:
        """Read an array of dates and times without time zone."""

    def read_timestamp_with_timezone_array(self, field_name: str) -> list[datetime | None] | None:
        """Read an array of dates and times with offsets from UTC."""

    def read_portable(self, field_name: str) -> Portable | None:
        """Read a nested Portable."""

    def read_portable_array(self, field_name: str) -> list[Portable] | None:
        """Read an array of Portables of one class."""

    def _read(self, field_name: str, type: int) -> Any:
        if "." in field_name and field_name not in self._definition.field_defs:
            outer, _, inner = field_name.partition(".")
            if self._go_to(outer, FieldType.PORTABLE) is None:
                return ZEROS.get(type)
            if self._inp.read_boolean():
                raise HazelcastSerializationError(f"Field {outer!r} is null: it has no fields of its own")
            key = self._inp.read_int(), self._inp.read_int(), self._inp.read_int()
            return PortableReader(self._inp, key, self._evolved)._read(inner, type)
        stored = self._go_to(field_name, type)
        if stored is None:
            return ZEROS.get(type)
        value = READERS[stored](self._inp)
        if stored == type:
            return value
        value = ord(value) if stored == FieldType.CHAR else value
        return float(value) if type in (FieldType.FLOAT, FieldType.DOUBLE) else value

    def get_raw_data_input(self) -> ObjectDataInput:
        """Return what reads the bytes after the last field; no field can be read afterwards."""
        if not self._raw:
            self._raw = True
            if not self._positions[-1]:
                raise HazelcastSerializationError(f"There is no raw data in this object of {self._definition.label}")
            self._inp.go_to(self._positions[-1])
        return self._inp

    def _go_to(self, field_name: str, type: int) -> int | None:
        """Go to the value of a field and return its type, or None when another version lacks it."""
        field = self._definition.field_defs.get(field_name)
        if field is None:
            if self._evolved:
                return None
            raise HazelcastSerializationError(f"Unknown field name: {field_name!r} for {self._definition.label}")
        stored = field.field_type
        if stored != type and not (self._evolved and stored in WIDENED.get(type, ())):
            message = (
                f"Field {field_name!r} of {self._definition.label} was stored as {TYPE_NAMES[stored]} and cannot be "
                f"read as {TYPE_NAMES[type]}"
            )
            raise TypeError(message) if self._evolved else HazelcastSerializationError(message)
        if self._raw:
            raise HazelcastSerializationError("Cannot read Portable fields after get_raw_data_input() is called!")
        self._inp.go_to(self._positions[field.index] + len(self._heads[field.index]))
        return stored


fill_in(PortableReader, "read_", FIELD_TYPES, lambda type: lambda self, field_name: self._read(field_name, type))
