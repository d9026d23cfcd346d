"""Portable serialization, as a user sees it: an object names its fields, its class has two ids and a version."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from datetime import date, datetime, time
from decimal import Decimal

from .streams import ObjectDataInput, ObjectDataOutput

__all__ = ["Portable", "PortableReader", "PortableWriter"]


class Portable:
    """An object whose fields members can query without having its class."""

    def write_portable(self, writer: PortableWriter) -> None:
        """Write the fields."""
        raise NotImplementedError(f"{type(self).__name__} has no write_portable()")

    def read_portable(self, reader: PortableReader) -> None:
        """Read the fields."""
        raise NotImplementedError(f"{type(self).__name__} has no read_portable()")

    def get_factory_id(self) -> int:
        """Return the id of the factory that makes objects of this class."""
        raise NotImplementedError(f"{type(self).__name__} has no get_factory_id()")

    def get_class_id(self) -> int:
        """Return the id of this class within its factory."""
        raise NotImplementedError(f"{type(self).__name__} has no get_class_id()")


class PortableReader(ABC):
    """Reads the fields of a Portable by name; one that the stored version lacks reads as None or zero."""

    @abstractmethod
    def get_version(self) -> int:
        """Return the version of the class that the data was written with."""

    @abstractmethod
    def has_field(self, field_name: str) -> bool:
        """Return whether the stored version has the field."""

    @abstractmethod
    def get_field_names(self) -> set[str]:
        """Return the names of the fields of the stored version."""

    @abstractmethod
    def get_field_type(self, field_name: str) -> int:
        """Return the type of a field."""

    @abstractmethod
    def get_field_class_id(self, field_name: str) -> int:
        """Return the class id of a field that holds a Portable."""

    @abstractmethod
    def read_int(self, field_name: str) -> int:
        """Read a signed 32-bit integer."""

    @abstractmethod
    def read_long(self, field_name: str) -> int:
        """Read a signed 64-bit integer."""

    @abstractmethod
    def read_string(self, field_name: str) -> str | None:
        """Read a string."""

    @abstractmethod
    def read_utf(self, field_name: str) -> str | None:
        """Read a string; the older name of `read_string`."""

    @abstractmethod
    def read_boolean(self, field_name: str) -> bool:
        """Read a boolean."""

    @abstractmethod
    def read_byte(self, field_name: str) -> int:
        """Read a signed byte."""

    @abstractmethod
    def read_char(self, field_name: str) -> str:
        """Read a character: one UTF-16 code unit."""

    @abstractmethod
    def read_double(self, field_name: str) -> float:
        """Read a 64-bit float."""

    @abstractmethod
    def read_float(self, field_name: str) -> float:
        """Read a 32-bit float."""

    @abstractmethod
    def read_short(self, field_name: str) -> int:
        """Read a signed 16-bit integer."""

    @abstractmethod
    def read_portable(self, field_name: str) -> Portable | None:
        """Read a nested Portable."""

    @abstractmethod
    def read_decimal(self, field_name: str) -> Decimal | None:
        """Read a decimal of any precision."""

    @abstractmethod
    def read_time(self, field_name: str) -> time | None:
        """Read a time of day."""

    @abstractmethod
    def read_date(self, field_name: str) -> date | None:
        """Read a date."""

    @abstractmethod
    def read_timestamp(self, field_name: str) -> datetime | None:
        """Read a date and time without time zone."""

    @abstractmethod
    def read_timestamp_with_timezone(self, field_name: str) -> datetime | None:
        """Read a date and time with its offset from UTC."""

    @abstractmethod
    def read_byte_array(self, field_name: str) -> bytearray | None:
        """Read an array of bytes."""

    @abstractmethod
    def read_boolean_array(self, field_name: str) -> list[bool] | None:
        """Read an array of booleans."""

    @abstractmethod
    def read_char_array(self, field_name: str) -> list[str] | None:
        """Read an array of characters."""

    @abstractmethod
    def read_int_array(self, field_name: str) -> list[int] | None:
        """Read an array of signed 32-bit integers."""

    @abstractmethod
    def read_long_array(self, field_name: str) -> list[int] | None:
        """Read an array of signed 64-bit integers."""

    @abstractmethod
    def read_double_array(self, field_name: str) -> list[float] | None:
        """Read an array of 64-bit floats."""

    @abstractmethod
    def read_float_array(self, field_name: str) -> list[float] | None:
        """Read an array of 32-bit floats."""

    @abstractmethod
    def read_short_array(self, field_name: str) -> list[int] | None:
        """Read an array of signed 16-bit integers."""

    @abstractmethod
    def read_string_array(self, field_name: str) -> list[str | None] | None:
        """Read an array of strings."""

    @abstractmethod
    def read_utf_array(self, field_name: str) -> list[str | None] | None:
        """Read an array of strings; the older name of `read_string_array`."""

    @abstractmethod
    def read_decimal_array(self, field_name: str) -> list[Decimal | None] | None:
        """Read an array of decimals."""

    @abstractmethod
    def read_time_array(self, field_name: str) -> list[time | None] | None:
        """Read an array of times of day."""

    @abstractmethod
    def read_date_array(self, field_name: str) -> list[date | None] | None:
        """Read an array of dates."""

    @abstractmethod
    def read_timestamp_array(self, field_name: str) -> list[datetime | None] | None:
        """Read an array of dates and times without time zone."""

    @abstractmethod
    def read_timestamp_with_timezone_array(self, field_name: str) -> list[datetime | None] | None:
        """Read an array of dates and times with offsets from UTC."""

    @abstractmethod
    def read_portable_array(self, field_name: str) -> list[Portable] | None:
        """Read an array of Portables of one class."""

    @abstractmethod
    def get_raw_data_input(self) -> ObjectDataInput:
        """Return what reads the bytes after the last field; no field can be read afterwards."""


class PortableWriter(ABC):
    """Writes the fields of a Portable by name."""

    @abstractmethod
    def write_int(self, field_name: str, value: int) -> None:
        """Write a signed 32-bit integer."""

    @abstractmethod
    def write_long(self, field_name: str, value: int) -> None:
        """Write a signed 64-bit integer."""

    @abstractmethod
    def write_string(self, field_name: str, value: str | None) -> None:
        """Write a string."""

    @abstractmethod
    def write_utf(self, field_name: str, value: str | None) -> None:
        """Write a string; the older name of `write_string`."""

    @abstractmethod
    def write_boolean(self, field_name: str, value: bool) -> None:
        """Write a boolean."""

    @abstractmethod
    def write_byte(self, field_name: str, value: int) -> None:
        """Write a signed byte."""

    @abstractmethod
    def write_char(self, field_name: str, value: str) -> None:
        """Write a character: one UTF-16 code unit."""

    @abstractmethod
    def write_double(self, field_name: str, value: float) -> None:
        """Write a 64-bit float."""

    @abstractmethod
    def write_float(self, field_name: str, value: float) -> None:
        """Write a 32-bit float."""

    @abstractmethod
    def write_short(self, field_name: str, value: int) -> None:
        """Write a signed 16-bit integer."""

    @abstractmethod
    def write_portable(self, field_name: str, portable: Portable | None) -> None:
        """Write a nested Portable."""

    @abstractmethod
    def write_null_portable(self, field_name: str, factory_id: int, class_id: int) -> None:
        """Write None where a Portable of that class could be."""

    @abstractmethod
    def write_decimal(self, field_name: str, value: Decimal | None) -> None:
        """Write a decimal of any precision."""

    @abstractmethod
    def write_time(self, field_name: str, value: time | None) -> None:
        """Write a time of day."""

    @abstractmethod
    def write_date(self, field_name: str, value: date | None) -> None:
        """Write a date."""

    @abstractmethod
    def write_timestamp(self, field_name: str, value: datetime | None) -> None:
        """Write a date and time without time zone."""

    @abstractmethod
    def write_timestamp_with_timezone(self, field_name: str, value: datetime | None) -> None:
        """Write a date and time with its offset from UTC."""

    @abstractmethod
    def write_byte_array(self, field_name: str, values: bytes | bytearray | None) -> None:
        """Write an array of bytes."""

    @abstractmethod
    def write_boolean_array(self, field_name: str, values: Sequence[bool] | None) -> None:
        """Write an array of booleans."""

    @abstractmethod
    def write_char_array(self, field_name: str, values: Sequence[str] | None) -> None:
        """Write an array of characters."""

    @abstractmethod
    def write_int_array(self, field_name: str, values: Sequence[int] | None) -> None:
        """Write an array of signed 32-bit integers."""

    @abstractmethod
    def write_long_array(self, field_name: str, values: Sequence[int] | None) -> None:
        """Write an array of signed 64-bit integers."""

    @abstractmethod
    def write_double_array(self, field_name: str, values: Sequence[float] | None) -> None:
        """Write an array of 64-bit floats."""

    @abstractmethod
    def write_float_array(self, field_name: str, values: Sequence[float] | None) -> None:
        """Write an array of 32-bit floats."""

    @abstractmethod
    def write_short_array(self, field_name: str, values: Sequence[int] | None) -> None:
        """Write an array of signed 16-bit integers."""

    @abstractmethod
    def write_string_array(self, field_name: str, values: Sequence[str | None] | None) -> None:
        """Write an array of strings."""

    @abstractmethod
    def write_utf_array(self, field_name: str, values: Sequence[str | None] | None) -> None:
        """Write an array of strings; the older name of `write_string_array`."""

    @abstractmethod
    def write_decimal_array(self, field_name: str, values: Sequence[Decimal | None] | None) -> None:
        """Write an array of decimals."""

    @abstractmethod
    def write_time_array(self, field_name: str, values: Sequence[time | None] | None) -> None:
        """Write an array of times of day."""

    @abstractmethod
    def write_date_array(self, field_name: str, values: Sequence[date | None] | None) -> None:
        """Write an array of dates."""

    @abstractmethod
    def write_timestamp_array(self, field_name: str, values: Sequence[datetime | None] | None) -> None:
        """Write an array of dates and times without time zone."""

    @abstractmethod
    def write_timestamp_with_timezone_array(self, field_name: str, values: Sequence[datetime | None] | None) -> None:
        """Write an array of dates and times with offsets from UTC."""

    @abstractmethod
    def write_portable_array(self, field_name: str, values: Sequence[Portable] | None) -> None:
        """Write an array of Portables of one class."""

    @abstractmethod
    def get_raw_data_output(self) -> ObjectDataOutput:
        """Return what writes bytes after the last field; no field can be written afterwards."""
