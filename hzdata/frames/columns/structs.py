"""Compact values of one schema as an Arrow struct: each field of all values at once.

Every function here works on *places*: where in one run of bytes the value of each row begins, and which rows have one.
A field of a value is other places in the same bytes; an item of an array, places of their own; a nested value, a value.

See: https://docs.hazelcast.com/hazelcast/latest/serialization/compact-binary-specification
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from hzdata.core.protocol.field_kinds import ARRAY_OF, FIXED_SIZES, NULLABLE, FieldKind
from hzdata.core.protocol.sql_types import SqlColumnType
from hzdata.core.serialization.compact.schema import FieldLayout, Schema
from hzdata.core.serialization.data import HEADER_SIZE, TypeId

from .. import kernels
from ..errors import ColumnValueError
from ..types import ReadPolicy
from .decimal import DecimalCodec, DecimalFloatCodec, Decimals
from .fixed import BooleanCodec, Items
from .temporal import DateCodec, TimeCodec, TimestampCodec
from .varlen import TextCodec, gather_bytes

__all__ = ["Places", "StructReader"]

Int64Array = npt.NDArray[np.int64]

_DATE = [("year", "i4"), ("month", "i1"), ("day", "i1")]
_TIME = [("hour", "i1"), ("minute", "i1"), ("second", "i1"), ("nano", "i4")]

# What a value of a kind lies in bytes as; the byte order is the cluster's.
_DTYPES: dict[FieldKind, Any] = {
    FieldKind.BOOLEAN: np.bool_,
    FieldKind.INT8: "i1",
    FieldKind.INT16: "i2",
    FieldKind.INT32: "i4",
    FieldKind.INT64: "i8",
    FieldKind.FLOAT32: "f4",
    FieldKind.FLOAT64: "f8",
    FieldKind.DATE: _DATE,
    FieldKind.TIME: _TIME,
    FieldKind.TIMESTAMP: [*_DATE, *_TIME],
    FieldKind.TIMESTAMP_WITH_TIMEZONE: [*_DATE, *_TIME, ("offset", "i4")],
}
_ARROW: dict[FieldKind, pa.DataType] = {
    FieldKind.INT8: pa.int8(),
    FieldKind.INT16: pa.int16(),
    FieldKind.INT32: pa.int32(),
    FieldKind.INT64: pa.int64(),
    FieldKind.FLOAT32: pa.float32(),
    FieldKind.FLOAT64: pa.float64(),
}
_NOT_NULL = {nullable: FieldKind(plain) for plain, nullable in NULLABLE.items()}
_ITEM_OF = {array: FieldKind(item) for item, array in ARRAY_OF.items()}

_SCHEMA_ID_SIZE = 8


class _MixedError(Exception):
    """Nested values of one field have different schemas: no struct holds them."""


@dataclass(frozen=True)
class Places:
    """Where the values of some rows begin.

    Attributes
    ----------
    bytes : numpy.ndarray of uint8
    at : numpy.ndarray of int64
        One for each row that has a value.
    present : numpy.ndarray of bool
        One for each row.
    """

    bytes: npt.NDArray[np.uint8]
    at: Int64Array
    present: npt.NDArray[np.bool_]

    def read(self, at: Int64Array, dtype: Any) -> npt.NDArray[Any]:
        return kernels.active.gather(self.bytes, at, dtype)

    def moved(self, at: Int64Array) -> Places:
        return Places(self.bytes, at, self.present)

    def some(self, at: Int64Array, there: npt.NDArray[np.bool_]) -> Places:
        """The same rows, of which those not `there` (one flag for each value) have no value any more."""
        present = self.present.copy()
        present[present] = there
        return Places(self.bytes, at[there], present)

    def items(self, values: npt.NDArray[Any]) -> Items:
        validity = None if self.present.all() else np.packbits(self.present, bitorder="little")
        return Items(values, len(self.present), validity)


class StructReader:
    """Reads Compact values of one schema as structs.

    Parameters
    ----------
    schema_of
        Returns the schema of an id.
    policy
        What the caller chose where a type has more than one Arrow type.
    big_endian
        Byte order of values.
    """

    def __init__(self, schema_of: Callable[[int], Schema], policy: ReadPolicy, big_endian: bool) -> None:
        self._schema_of = schema_of
        self._policy = policy
        # What is nested stays as exact as it is.
        self.nested = self
        if policy.decimals_as_float:
            self.nested = StructReader(schema_of, replace(policy, decimals_as_float=False), big_endian)
        self._order = ">" if big_endian else "<"
        self._int = np.dtype(self._order + "i4")
        self._long = np.dtype(self._order + "i8")
        self._dtypes = {kind: np.dtype(dtype).newbyteorder(self._order) for kind, dtype in _DTYPES.items()}

    def read(self, name: str, values: pa.Array) -> pa.StructArray | None:
        """Return serialized values as structs; None unless all are Compact of one schema, and there is one at all.

        Parameters
        ----------
        name
            Of their column, for errors.
        values
            A large binary array; each value with the header of its Data.
        """
        rows = len(values)
        _, offsets, data = values.buffers()
        if values.null_count == rows or data is None:
            return None
        present = values.is_valid().to_numpy(zero_copy_only=False)
        starts = np.frombuffer(offsets, np.int64, rows, values.offset * 8)[present]
        places = Places(np.frombuffer(data, np.uint8), starts, present)
        if (places.read(starts + HEADER_SIZE // 2, ">i4") != TypeId.COMPACT).any():
            return None
        try:
            return self._nested(name, places.moved(starts + HEADER_SIZE))
        except _MixedError:
            return None

    def _nested(self, name: str, places: Places) -> pa.Array:
        schema_ids = np.unique(places.read(places.at, self._long))
        if not len(schema_ids):
            return pa.nulls(len(places.present))
        if len(schema_ids) > 1:
            raise _MixedError
        schema = self._schema_of(int(schema_ids[0]))
        children = self.nested._fields(f"{name}.", places, schema, schema.layout)
        if not children:
            return pa.array([{} if there else None for there in places.present], pa.struct([]))
        mask = None if places.present.all() else pa.array(~places.present)
        return pa.StructArray.from_arrays(children, names=list(schema.layout), mask=mask)

    def fields(
        self, prefix: str, content: npt.NDArray[np.uint8], at: Int64Array, schema: Schema, names: Iterable[str]
    ) -> list[pa.Array]:
        """Return fields of values of one schema, each as an array.

        Parameters
        ----------
        prefix
            Of the names, for errors.
        content
            The bytes.
        at
            Where each value begins: its schema id.
        schema
        names
            The fields that are wanted.
        """
        return self._fields(prefix, Places(content, at, np.ones(len(at), np.bool_)), schema, names)

    def sizes(self, kind: FieldKind, content: npt.NDArray[np.uint8], at: Int64Array) -> Int64Array:
        """Return how many bytes values of a kind have, arrays of numbers among them."""
        kind = _NOT_NULL.get(kind, kind) if kind not in _ITEM_OF else kind
        if kind in self._dtypes:
            return np.full(len(at), self._dtypes[kind].itemsize)
        counts = kernels.active.gather(content, at, self._int).astype(np.int64)
        if kind in _ITEM_OF:
            return self._int.itemsize + counts * FIXED_SIZES[_ITEM_OF[kind]]
        scale = self._int.itemsize if kind is FieldKind.DECIMAL else 0
        return self._int.itemsize + counts + scale

    def _fields(self, prefix: str, places: Places, schema: Schema, names: Iterable[str]) -> list[pa.Array]:
        body, table = kernels.active.compact(places.bytes, places.at, self._order == ">", schema.variable_size_count)
        offsets = list(table)
        return [self._field(prefix + name, schema.layout[name], places.moved(body), offsets) for name in names]

    def _field(self, name: str, layout: FieldLayout, body: Places, offsets: list[Int64Array]) -> pa.Array:
        if layout.bit >= 0:
            bits = (body.bytes[body.at + layout.offset] >> np.uint8(layout.bit)) & np.uint8(1)
            return BooleanCodec().convert(body.items(bits.view(np.bool_)), 0)
        if layout.offset >= 0:
            return self.value(name, layout.kind, body.moved(body.at + layout.offset))
        at = offsets[layout.offset_index]
        return self.value(name, layout.kind, body.some(at, at >= 0))

    def _offsets(self, places: Places, table: Int64Array, length: Int64Array, index: Int64Array) -> Int64Array:
        """Return offsets `index` of the tables of offsets that begin at `table`; -1 for null."""
        found = np.empty(len(index), np.int64)
        width = kernels.offset_width(length)
        for size in (1, 2, 4):
            chosen = width == size
            if chosen.any():
                values = places.read(table[chosen] + index[chosen] * size, f"{self._order}i{size}")
                # All ones is null; below four bytes the others are unsigned.
                unsigned = values if size == 4 else values.view(f"{self._order}u{size}")
                found[chosen] = np.where(values == -1, np.int64(-1), unsigned.astype(np.int64))
        return found

    def value(self, name: str, kind: FieldKind, places: Places, short_years: bool = False) -> pa.Array:
        """Return values of a kind that begin at places; `short_years`: dates have years of 16 bits, as in Portable."""
        kind = _NOT_NULL.get(kind, kind) if kind not in _ITEM_OF else kind
        if kind is FieldKind.ARRAY_OF_INT8:
            return self._counted(places, TextCodec(name, self._policy.string).bytes)
        if kind in _ITEM_OF:
            return self._array(name, kind, places)
        if kind is FieldKind.COMPACT:
            return self._nested(name, places)
        if kind is FieldKind.STRING:
            return self._text(name, places)
        if kind is FieldKind.DECIMAL:
            return self._decimals(name, places)
        dtype = self._dtypes[kind]
        if short_years and dtype.names and "year" in dtype.names:
            short = [(n, f"{self._order}i2" if n == "year" else dtype[n]) for n in dtype.names]
            values = places.read(places.at, np.dtype(short)).astype(dtype)
        else:
            values = places.read(places.at, dtype)
        if kind in FIXED_SIZES:
            arrow = _ARROW[kind]
            return places.items(values.astype(values.dtype.newbyteorder("="))).to_arrow(arrow)
        items = places.items(values)
        if kind is FieldKind.BOOLEAN:
            return BooleanCodec().convert(items, 0)
        if kind is FieldKind.DATE:
            return DateCodec(name).convert(items, 0)
        if kind is FieldKind.TIME:
            return TimeCodec().convert(items, 0)
        sql = SqlColumnType.TIMESTAMP if kind is FieldKind.TIMESTAMP else SqlColumnType.TIMESTAMP_WITH_TIME_ZONE
        arrow = self._policy.arrow_type(name, sql)
        return TimestampCodec(name, arrow, self._policy.truncate_timestamps).convert(items, 0)

    def _text(self, name: str, places: Places) -> pa.Array:
        codec = TextCodec(name, self._policy.string)
        return codec.text(self._counted(places, codec.bytes), 0)

    def _counted(self, places: Places, arrow: pa.DataType) -> pa.Array:
        """Bytes that lie behind their number."""
        rows = len(places.present)
        starts, sizes = np.zeros(rows, np.int64), np.zeros(rows, np.int64)
        starts[places.present] = places.at + self._int.itemsize
        sizes[places.present] = places.read(places.at, self._int)
        return gather_bytes(places.bytes, starts, sizes, arrow, places.present)

    def _decimals(self, name: str, places: Places) -> pa.Array:
        sizes = places.read(places.at, self._int).astype(np.int64)
        starts = places.at + self._int.itemsize
        scales = places.read(starts + sizes, self._int).astype(np.int64)
        values = Decimals(places.bytes, np.flatnonzero(places.present), starts, sizes, scales)
        arrow = self._policy.arrow_type(name, SqlColumnType.DECIMAL)
        codec = DecimalFloatCodec(name) if pa.types.is_floating(arrow) else DecimalCodec(name, arrow)
        return codec.convert(values, places.present, 0)

    def _array(self, name: str, kind: FieldKind, places: Places) -> pa.Array:
        item = _ITEM_OF[kind]
        plain = item in FIXED_SIZES or item is FieldKind.BOOLEAN
        counts_at = places.at if plain else places.at + self._int.itemsize
        counts = places.read(counts_at, self._int).astype(np.int64)
        first = np.cumsum(counts) - counts
        owner = np.repeat(np.arange(len(counts)), counts)
        index = np.arange(int(counts.sum())) - first[owner]
        start = (counts_at + self._int.itemsize)[owner]
        everything = Places(places.bytes, start, np.ones(len(owner), np.bool_))
        try:
            if item is FieldKind.BOOLEAN:
                bits = places.bytes[start + index // 8] >> (index % 8).astype(np.uint8) & np.uint8(1)
                values = BooleanCodec().convert(everything.items(bits.view(np.bool_)), 0)
            elif plain:
                values = self.nested.value(name, item, everything.moved(start + index * FIXED_SIZES[item]))
            else:
                length = places.read(places.at, self._int).astype(np.int64)[owner]
                offset = self._offsets(places, start + length, length, index)
                values = self.nested.value(name, item, everything.some(start + offset, offset >= 0))
        except ColumnValueError as error:
            row = int(np.flatnonzero(places.present)[owner[error.row]])
            raise ColumnValueError(error.column, row, error.problem, error.remedy) from None
        ends = np.zeros(len(places.present) + 1, np.int32)
        sizes = np.zeros(len(places.present), np.int64)
        sizes[places.present] = counts
        ends[1:] = np.cumsum(sizes)
        mask = None if places.present.all() else pa.array(~places.present)
        return pa.ListArray.from_arrays(pa.array(ends), values, mask=mask)
