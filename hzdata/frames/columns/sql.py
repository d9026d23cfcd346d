"""From a SQL page to Arrow: one codec a type, looked up once a column, called once a column and page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import pyarrow as pa

from hzdata.core.protocol.page import SqlPage
from hzdata.core.protocol.sql_types import SqlColumnType

from ..types import ReadPolicy
from .decimal import DecimalCodec, DecimalFloatCodec
from .fixed import BooleanCodec, NumberCodec
from .temporal import DateCodec, TimeCodec, TimestampCodec
from .varlen import BytesCodec, JsonCodec, TextCodec

__all__ = ["ColumnCodec", "PageReader"]


class ColumnCodec(Protocol):
    """Reads one column of a result."""

    def read(self, page: SqlPage, column: int, first_row: int) -> pa.Array:
        """Return a column of a page; `first_row`, the rows of the pages before, is for errors."""


class NullCodec:
    """NULL: as many nulls as the page has rows."""

    def read(self, page: SqlPage, column: int, first_row: int) -> pa.Array:
        return pa.nulls(page.row_count)


def _number(dtype: str) -> Callable[[str, pa.DataType, ReadPolicy], ColumnCodec]:
    return lambda name, arrow, policy: NumberCodec(dtype, arrow)


def _decimal(name: str, arrow: pa.DataType, policy: ReadPolicy) -> ColumnCodec:
    return DecimalFloatCodec(name) if pa.types.is_floating(arrow) else DecimalCodec(name, arrow)


def _timestamp(name: str, arrow: pa.DataType, policy: ReadPolicy) -> ColumnCodec:
    return TimestampCodec(name, arrow, policy.truncate_timestamps)


_CODECS: dict[int, Callable[[str, pa.DataType, ReadPolicy], ColumnCodec]] = {
    SqlColumnType.BOOLEAN: lambda name, arrow, policy: BooleanCodec(),
    SqlColumnType.TINYINT: _number("i1"),
    SqlColumnType.SMALLINT: _number("<i2"),
    SqlColumnType.INTEGER: _number("<i4"),
    SqlColumnType.BIGINT: _number("<i8"),
    SqlColumnType.REAL: _number("<f4"),
    SqlColumnType.DOUBLE: _number("<f8"),
    SqlColumnType.DECIMAL: _decimal,
    SqlColumnType.DATE: lambda name, arrow, policy: DateCodec(name),
    SqlColumnType.TIME: lambda name, arrow, policy: TimeCodec(),
    SqlColumnType.TIMESTAMP: _timestamp,
    SqlColumnType.TIMESTAMP_WITH_TIME_ZONE: _timestamp,
    SqlColumnType.VARCHAR: lambda name, arrow, policy: TextCodec(name, arrow),
    SqlColumnType.JSON: lambda name, arrow, policy: JsonCodec(name, arrow),
    SqlColumnType.OBJECT: lambda name, arrow, policy: BytesCodec(arrow),
    SqlColumnType.NULL: lambda name, arrow, policy: NullCodec(),
}


class PageReader:
    """Reads the pages of one result, in order.

    Parameters
    ----------
    names
        Of the columns; they may repeat.
    type_ids
        The ``SqlColumnType`` of each.
    policy
        What the caller chose where a type has more than one Arrow type.

    Attributes
    ----------
    schema : pyarrow.Schema
        Of every batch: it follows from the declared types, not from the values.
    rows : int
        Read so far.
    """

    def __init__(self, names: Sequence[str], type_ids: Sequence[int], policy: ReadPolicy) -> None:
        self.schema = policy.schema(names, type_ids)
        self.rows = 0
        self._codecs = [
            _CODECS[type_id](field.name, field.type, policy)
            for type_id, field in zip(type_ids, self.schema, strict=True)
        ]

    def read(self, page: SqlPage) -> pa.RecordBatch:
        """Return the rows of the next page; nothing of them refers to the page any more.

        Raises
        ------
        ColumnValueError
            When a value does not fit the type of its column; names column, row and remedy.
        """
        arrays = [codec.read(page, column, self.rows) for column, codec in enumerate(self._codecs)]
        self.rows += page.row_count
        return pa.RecordBatch.from_arrays(arrays, schema=self.schema)
