"""Compact serialization, as a user sees it: a serializer names the fields of a class and their kinds, once."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, Generic, TypeVar

from ...protocol.field_kinds import FieldKind

__all__ = ["CompactReader", "CompactSerializableType", "CompactSerializer", "CompactWriter"]

CompactSerializableType = TypeVar("CompactSerializableType")
"""The class that a `CompactSerializer` is for."""


class CompactReader(ABC):
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

    @abstractmethod
    def get_field_kind(self, field_name: str) -> FieldKind:
        """Return the kind of a field, ``FieldKind.NOT_AVAILABLE`` when there is none of that name."""

    @abstractmethod
    def read_boolean(self, field_name: str) -> bool:
        """Read a boolean."""

    @abstractmethod
    def read_nullable_boolean(self, field_name: str) -> bool | None:
        """Read a boolean or None."""

    @abstractmethod
    def read_int8(self, field_name: str) -> int:
        """Read a signed 8-bit integer."""

    @abstractmethod
    def read_nullable_int8(self, field_name: str) -> int | None:
        """Read a signed 8-bit integer or None."""

    @abstractmethod
    def read_int16(self, field_name: str) -> int:
        """Read a signed 16-bit integer."""

    @abstractmethod
    def read_nullable_int16(self, field_name: str) -> int | None:
        """Read a signed 16-bit integer or None."""

    @abstractmethod
    def read_int32(self, field_name: str) -> int:
        """Read a signed 32-bit integer."""

    @abstractmethod
    def read_nullable_int32(self, field_name: str) -> int | None:
        """Read a signed 32-bit integer or None."""

    @abstractmethod
    def read_int64(self, field_name: str) -> int:
        """Read a signed 64-bit integer."""

    @abstractmethod
    def read_nullable_int64(self, field_name: str) -> int | None:
        """Read a signed 64-bit integer or None."""

    @abstractmethod
    def read_float32(self, field_name: str) -> float:
        """Read a 32-bit float."""

    @abstractmethod
    def read_nullable_float32(self, field_name: str) -> float | None:
        """Read a 32-bit float or None."""

    @abstractmethod
    def read_float64(self, field_name: str) -> float:
        """Read a 64-bit float."""

    @abstractmethod
    def read_nullable_float64(self, field_name: str) -> float | None:
        """Read a 64-bit float or None."""

    @abstractmethod
    def read_string(self, field_name: str) -> str | None:
        """Read a string or None."""

    @abstractmethod
    def read_decimal(self, field_name: str) -> Decimal | None:
        """Read a decimal of any precision or None."""

    @abstractmethod
    def read_time(self, field_name: str) -> time | None:
        """Read a time of day or None."""

    @abstractmethod
    def read_date(self, field_name: str) -> date | None:
        """Read a date or None."""

    @abstractmethod
    def read_timestamp(self, field_name: str) -> datetime | None:
        """Read a date and time without time zone or None."""

    @abstractmethod
    def read_timestamp_with_timezone(self, field_name: str) -> datetime | None:
        """Read a date and time with its offset from UTC or None."""

    @abstractmethod
    def read_compact(self, field_name: str) -> Any:
        """Read a value that has a Compact serializer itself or None."""

    @abstractmethod
    def read_array_of_boolean(self, field_name: str) -> list[bool] | None:
        """Read an array of booleans."""

    @abstractmethod
    def read_array_of_nullable_boolean(self, field_name: str) -> list[bool | None] | None:
        """Read an array of booleans, any of which may be None."""

    @abstractmethod
    def read_array_of_int8(self, field_name: str) -> list[int] | None:
        """Read an array of signed 8-bit integers."""

    @abstractmethod
    def read_array_of_nullable_int8(self, field_name: str) -> list[int | None] | None:
        """Read an array of signed 8-bit integers, any of which may be None."""

    @abstractmethod
    def read_array_of_int16(self, field_name: str) -> list[int] | None:
        """Read an array of signed 16-bit integers."""

    @abstractmethod
    def read_array_of_nullable_int16(self, field_name: str) -> list[int | None] | None:
        """Read an array of signed 16-bit integers, any of which may be None."""

    @abstractmethod
    def read_array_of_int32(self, field_name: str) -> list[int] | None:
        """Read an array of signed 32-bit integers."""

    @abstractmethod
    def read_array_of_nullable_int32(self, field_name: str) -> list[int | None] | None:
        """Read an array of signed 32-bit integers, any of which may be None."""

    @abstractmethod
    def read_array_of_int64(self, field_name: str) -> list[int] | None:
        """Read an array of signed 64-bit integers."""

    @abstractmethod
    def read_array_of_nullable_int64(self, field_name: str) -> list[int | None] | None:
        """Read an array of signed 64-bit integers, any of which may be None."""

    @abstractmethod
    def read_array_of_float32(self, field_name: str) -> list[float] | None:
        """Read an array of 32-bit floats."""

    @abstractmethod
    def read_array_of_nullable_float32(self, field_name: str) -> list[float | None] | None:
        """Read an array of 32-bit floats, any of which may be None."""

    @abstractmethod
    def read_array_of_float64(self, field_name: str) -> list[float] | None:
        """Read an array of 64-bit floats."""

    @abstractmethod
    def read_array_of_nullable_float64(self, field_name: str) -> list[float | None] | None:
        """Read an array of 64-bit floats, any of which may be None."""

    @abstractmethod
    def read_array_of_string(self, field_name: str) -> list[str | None] | None:
        """Read an array of strings, any of which may be None."""

    @abstractmethod
    def read_array_of_decimal(self, field_name: str) -> list[Decimal | None] | None:
        """Read an array of decimals, any of which may be None."""

    @abstractmethod
    def read_array_of_time(self, field_name: str) -> list[time | None] | None:
        """Read an array of times of day, any of which may be None."""

    @abstractmethod
    def read_array_of_date(self, field_name: str) -> list[date | None] | None:
        """Read an array of dates, any of which may be None."""

    @abstractmethod
    def read_array_of_timestamp(self, field_name: str) -> list[datetime | None] | None:
        """Read an array of dates and times without time zone, any of which may be None."""

    @abstractmethod
    def read_array_of_timestamp_with_timezone(self, field_name: str) -> list[datetime | None] | None:
        """Read an array of dates and times with offsets from UTC, any of which may be None."""

    @abstractmethod
    def read_array_of_compact(self, field_name: str) -> list[Any] | None:
        """Read an array of Compact values of one type, any of which may be None."""


class CompactWriter(ABC):
    """Writes the fields of a Compact value by name.

    Each method takes the ``field_name`` and the ``value``. The fields written, their kinds and the type name are the
    schema; an object that writes other fields than the last one has another schema of the same type.

    Raises
    ------
    HazelcastSerializationError
        When a field is written twice, or a value is not of the kind or out of its range. Some of it is noticed only
        when all fields are written.
    """

    @abstractmethod
    def write_boolean(self, field_name: str, value: bool) -> None:
        """Write a boolean."""

    @abstractmethod
    def write_nullable_boolean(self, field_name: str, value: bool | None) -> None:
        """Write a boolean or None."""

    @abstractmethod
    def write_int8(self, field_name: str, value: int) -> None:
        """Write a signed 8-bit integer."""

    @abstractmethod
    def write_nullable_int8(self, field_name: str, value: int | None) -> None:
        """Write a signed 8-bit integer or None."""

    @abstractmethod
    def write_int16(self, field_name: str, value: int) -> None:
        """Write a signed 16-bit integer."""

    @abstractmethod
    def write_nullable_int16(self, field_name: str, value: int | None) -> None:
        """Write a signed 16-bit integer or None."""

    @abstractmethod
    def write_int32(self, field_name: str, value: int) -> None:
        """Write a signed 32-bit integer."""

    @abstractmethod
    def write_nullable_int32(self, field_name: str, value: int | None) -> None:
        """Write a signed 32-bit integer or None."""

    @abstractmethod
    def write_int64(self, field_name: str, value: int) -> None:
        """Write a signed 64-bit integer."""

    @abstractmethod
    def write_nullable_int64(self, field_name: str, value: int | None) -> None:
        """Write a signed 64-bit integer or None."""

    @abstractmethod
    def write_float32(self, field_name: str, value: float) -> None:
        """Write a 32-bit float."""

    @abstractmethod
    def write_nullable_float32(self, field_name: str, value: float | None) -> None:
        """Write a 32-bit float or None."""

    @abstractmethod
    def write_float64(self, field_name: str, value: float) -> None:
        """Write a 64-bit float."""

    @abstractmethod
    def write_nullable_float64(self, field_name: str, value: float | None) -> None:
        """Write a 64-bit float or None."""

    @abstractmethod
    def write_string(self, field_name: str, value: str | None) -> None:
        """Write a string or None."""

    @abstractmethod
    def write_decimal(self, field_name: str, value: Decimal | None) -> None:
        """Write a decimal of any precision or None."""

    @abstractmethod
    def write_time(self, field_name: str, value: time | None) -> None:
        """Write a time of day or None."""

    @abstractmethod
    def write_date(self, field_name: str, value: date | None) -> None:
        """Write a date or None."""

    @abstractmethod
    def write_timestamp(self, field_name: str, value: datetime | None) -> None:
        """Write a date and time without time zone or None."""

    @abstractmethod
    def write_timestamp_with_timezone(self, field_name: str, value: datetime | None) -> None:
        """Write a date and time with its offset from UTC or None."""

    @abstractmethod
    def write_compact(self, field_name: str, value: Any) -> None:
        """Write a value that has a Compact serializer itself or None."""

    @abstractmethod
    def write_array_of_boolean(self, field_name: str, value: Sequence[bool] | None) -> None:
        """Write an array of booleans."""

    @abstractmethod
    def write_array_of_nullable_boolean(self, field_name: str, value: Sequence[bool | None] | None) -> None:
        """Write an array of booleans, any of which may be None."""

    @abstractmethod
    def write_array_of_int8(self, field_name: str, value: Sequence[int] | None) -> None:
        """Write an array of signed 8-bit integers."""

    @abstractmethod
    def write_array_of_nullable_int8(self, field_name: str, value: Sequence[int | None] | None) -> None:
        """Write an array of signed 8-bit integers, any of which may be None."""

    @abstractmethod
    def write_array_of_int16(self, field_name: str, value: Sequence[int] | None) -> None:
        """Write an array of signed 16-bit integers."""

    @abstractmethod
    def write_array_of_nullable_int16(self, field_name: str, value: Sequence[int | None] | None) -> None:
        """Write an array of signed 16-bit integers, any of which may be None."""

    @abstractmethod
    def write_array_of_int32(self, field_name: str, value: Sequence[int] | None) -> None:
        """Write an array of signed 32-bit integers."""

    @abstractmethod
    def write_array_of_nullable_int32(self, field_name: str, value: Sequence[int | None] | None) -> None:
        """Write an array of signed 32-bit integers, any of which may be None."""

    @abstractmethod
    def write_array_of_int64(self, field_name: str, value: Sequence[int] | None) -> None:
        """Write an array of signed 64-bit integers."""

    @abstractmethod
    def write_array_of_nullable_int64(self, field_name: str, value: Sequence[int | None] | None) -> None:
        """Write an array of signed 64-bit integers, any of which may be None."""

    @abstractmethod
    def write_array_of_float32(self, field_name: str, value: Sequence[float] | None) -> None:
        """Write an array of 32-bit floats."""

    @abstractmethod
    def write_array_of_nullable_float32(self, field_name: str, value: Sequence[float | None] | None) -> None:
        """Write an array of 32-bit floats, any of which may be None."""

    @abstractmethod
    def write_array_of_float64(self, field_name: str, value: Sequence[float] | None) -> None:
        """Write an array of 64-bit floats."""

    @abstractmethod
    def write_array_of_nullable_float64(self, field_name: str, value: Sequence[float | None] | None) -> None:
        """Write an array of 64-bit floats, any of which may be None."""

    @abstractmethod
    def write_array_of_string(self, field_name: str, value: Sequence[str | None] | None) -> None:
        """Write an array of strings, any of which may be None."""

    @abstractmethod
    def write_array_of_decimal(self, field_name: str, value: Sequence[Decimal | None] | None) -> None:
        """Write an array of decimals, any of which may be None."""

    @abstractmethod
    def write_array_of_time(self, field_name: str, value: Sequence[time | None] | None) -> None:
        """Write an array of times of day, any of which may be None."""

    @abstractmethod
    def write_array_of_date(self, field_name: str, value: Sequence[date | None] | None) -> None:
        """Write an array of dates, any of which may be None."""

    @abstractmethod
    def write_array_of_timestamp(self, field_name: str, value: Sequence[datetime | None] | None) -> None:
        """Write an array of dates and times without time zone, any of which may be None."""

    @abstractmethod
    def write_array_of_timestamp_with_timezone(self, field_name: str, value: Sequence[datetime | None] | None) -> None:
        """Write an array of dates and times with offsets from UTC, any of which may be None."""

    @abstractmethod
    def write_array_of_compact(self, field_name: str, value: Sequence[Any] | None) -> None:
        """Write an array of Compact values of one type, any of which may be None."""


class CompactSerializer(ABC, Generic[CompactSerializableType]):
    """How objects of a class become Compact values. Register an instance in ``compact_serializers``.

    Members can query the fields of a Compact value without having its class, and values of older and newer versions of
    the class live side by side.

    Examples
    --------
    >>> class Point:
    ...     def __init__(self, x: int, y: int) -> None:
    ...         self.x, self.y = x, y
    >>> class PointSerializer(CompactSerializer[Point]):
    ...     def read(self, reader: CompactReader) -> Point:
    ...         return Point(reader.read_int32("x"), reader.read_int32("y"))
    ...
    ...     def write(self, writer: CompactWriter, obj: Point) -> None:
    ...         writer.write_int32("x", obj.x)
    ...         writer.write_int32("y", obj.y)
    ...
    ...     def get_class(self) -> type[Point]:
    ...         return Point
    ...
    ...     def get_type_name(self) -> str:
    ...         return "point"
    """

    @abstractmethod
    def read(self, reader: CompactReader) -> CompactSerializableType:
        """Make an object from the fields."""

    @abstractmethod
    def write(self, writer: CompactWriter, obj: CompactSerializableType) -> None:
        """Write the fields of an object."""

    @abstractmethod
    def get_class(self) -> type[CompactSerializableType]:
        """Return the class that this is the serializer of; subclasses of it are not included."""

    @abstractmethod
    def get_type_name(self) -> str:
        """Return what the type is called in the cluster, the same for every version of the class."""
