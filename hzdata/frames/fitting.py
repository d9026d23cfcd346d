"""Making columns fit: each array of a frame is cast to what its column is in the map, or refused by column and row.

The type table says what a column becomes; a value that does not survive that, or that no member can hold, is an error
that names it. Nothing is rounded, wrapped or cut.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hzdata.core.serialization.portable.classdef import FieldType

from .columns.portable import PORTABLE_TYPES
from .errors import ColumnTypeError, ColumnValueError
from .types import Home, home_of

__all__ = ["Column", "ValueFormat", "cast"]

ValueFormat = Literal["compact", "json", "portable"]

UNITS_PER_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
SECONDS_PER_DAY = 86_400
INT64_MAX = (1 << 63) - 1

MEMBER_SECONDS = (-31_557_014_167_219_200, 31_556_889_864_403_199)
"""The years -999,999,999 to 999,999,999, which is what Java's dates have, as seconds since 1970."""

SHORT_SECONDS = (
    int(np.datetime64("-32767-01-01", "s").astype(np.int64)),
    int(np.datetime64("32767-12-31T23:59:59", "s").astype(np.int64)),
)
"""The years that Arrow writes as text, and that Portable's 16 bits hold."""


@dataclass(frozen=True)
class Column:
    """A column on its way into a map.

    Attributes
    ----------
    name : str
    arrow : pyarrow.DataType
        As it is given.
    home : Home
        What it becomes.
    format : {"compact", "json", "portable"}
        As what it is written: JSON text has not all dates, Portable no nulls for numbers.
    """

    name: str
    arrow: pa.DataType
    home: Home
    format: ValueFormat = "compact"

    @classmethod
    def of(cls, field: pa.Field, format: ValueFormat = "compact") -> Column:
        """Return what becomes of a column.

        Raises
        ------
        ColumnTypeError
            When its type has no home in a map.
        """
        home = home_of(field.name, field.type)
        if format == "portable" and home.field_kind not in PORTABLE_TYPES:
            raise ColumnTypeError(
                field.name,
                f"{field.type}: lists and bytes are not written as Portable",
                'use format="compact" or "json"',
            )
        if format == "portable" and not field.name.isascii():
            raise ColumnTypeError(
                field.name,
                "Portable has names of ASCII characters only",
                'rename it, or use format="compact" or "json"',
            )
        if format == "json" and (pa.types.is_binary(home.arrow) or pa.types.is_large_binary(home.arrow)):
            raise ColumnTypeError(
                field.name, f"{field.type}: JSON has no bytes", 'write them as text (base64), or use format="compact"'
            )
        column = cls(field.name, field.type, home, format)
        try:
            cast(pa.nulls(0, field.type), home.arrow)
        except (pa.ArrowException, NotImplementedError) as error:
            raise ColumnTypeError(
                field.name, f"Arrow can not turn {field.type} into {home.arrow}", f"cast it to {home.arrow}"
            ) from error
        return column

    @property
    def can_fail(self) -> bool:
        """Whether there may be values of the given type that do not fit."""
        return self.arrow != self.home.arrow or self._limits() is not None or self._is_never_null

    def fit(self, array: pa.Array, first_row: int) -> pa.Array:
        """Return `array` as the type that is written.

        Raises
        ------
        ColumnValueError
            When a value does not fit. Its row is counted from `first_row`.
        """
        if array.type != self.home.arrow:
            try:
                array = cast(array, self.home.arrow)
            except pa.ArrowException as error:
                raise self._misfit(array, _first_failure(array, self.home.arrow), first_row) from error
        if self._is_never_null and array.null_count:
            row = pc.index(array.is_null(), True).as_py()
            raise ColumnValueError(
                self.name,
                first_row + row,
                f"it is null, and Portable has no null for {self.home.sql}",
                'fill it (`fillna`), or use format="json" (5.2 and later: "compact")',
            )
        limits = self._limits()
        if limits is not None and len(array):
            low, high = limits
            values = array.view(pa.int32() if pa.types.is_date32(array.type) else pa.int64())
            outside = pc.or_(pc.less(values, low), pc.greater(values, high))
            row = pc.index(outside, True).as_py()
            if row >= 0:
                raise self._misfit(array, row, first_row)
        return array

    def _misfit(self, array: pa.Array, row: int, first_row: int) -> ColumnValueError:
        value = array[row]
        try:
            shown = repr(value.as_py())
        except (ValueError, OverflowError):
            shown = f"the number {value.value}"  # Python's dates end with the year 9999.
        kind = str(self.home.arrow) if self.home.sql == "OBJECT" else self.home.sql
        kind += {"json": " as JSON text", "portable": " as Portable"}.get(self.format, "")
        return ColumnValueError(
            self.name,
            first_row + row,
            f"{shown} ({self.arrow}) does not fit {kind}",
            "cast the column to a type that holds all its values, or to text",
        )

    @property
    def _is_never_null(self) -> bool:
        return self.format == "portable" and PORTABLE_TYPES[self.home.field_kind] < FieldType.STRING

    def _limits(self) -> tuple[int, int] | None:
        """Smallest and largest number that a value may be in its Arrow buffer; None where all are allowed."""
        arrow = self.home.arrow
        if pa.types.is_time64(arrow):
            return 0, SECONDS_PER_DAY * UNITS_PER_SECOND["ns"] - 1
        has_short_years = self.format != "compact"
        low, high = SHORT_SECONDS if has_short_years else MEMBER_SECONDS
        if pa.types.is_date32(arrow) and has_short_years:
            return low // SECONDS_PER_DAY, high // SECONDS_PER_DAY
        if pa.types.is_timestamp(arrow):
            per_second = UNITS_PER_SECOND[arrow.unit]
            if high * per_second < INT64_MAX:
                return low * per_second, high * per_second + per_second - 1
        return None


def cast(array: pa.Array, arrow: pa.DataType) -> pa.Array:
    """Return an array as another type, values of extensions, dictionaries and run-ends included.

    Raises
    ------
    pyarrow.ArrowException
        When a value does not survive it.
    """
    if isinstance(array.type, pa.BaseExtensionType):
        array = array.storage
    if pa.types.is_run_end_encoded(array.type):
        array = pc.run_end_decode(array)
    if pa.types.is_dictionary(array.type):
        # The dictionary is cast, not the items: few values, and of a type that Arrow can take items of.
        return cast(array.dictionary, arrow).take(array.indices)
    if array.type == arrow:
        return array
    if pa.types.is_nested(array.type):
        # A cast of a slice would cast the items of all lists, those outside the slice too.
        array = array.take(pa.array(np.arange(len(array))))
    return array.cast(arrow)


def _first_failure(array: pa.Array, arrow: pa.DataType) -> int:
    """The first row whose value the cast refuses, by halving."""
    low, high = 0, len(array)
    while high - low > 1:
        middle = (low + high) // 2
        try:
            cast(array.slice(low, middle - low), arrow)
            low = middle
        except pa.ArrowException:
            high = middle
    return low
