"""Portable objects by column: Arrow columns -> the bytes of one object a row, for members that know no Compact.

The layout is that of `hzdata.core.serialization.portable`: factory, class, version, end, field count, the position of
each field and of raw data (0: none), then for each field its head, by which readers know it, and its value. Positions
count from the start of the Data. No number or boolean is null, and years have 16 bits: columns are checked before.

See: https://docs.hazelcast.com/hazelcast/latest/serialization/implementing-portable-serialization
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from hzdata.core.protocol.field_kinds import FieldKind
from hzdata.core.serialization.data import TypeId
from hzdata.core.serialization.portable.classdef import FieldType as T

from .fields import FIXED, WRITERS
from .rows import Rows, as_binary, binary_lengths

__all__ = ["PORTABLE_TYPES", "PortableClass", "PortableValue"]

PORTABLE_TYPES: dict[FieldKind, int] = {
    FieldKind.NULLABLE_INT8: T.BYTE,
    FieldKind.NULLABLE_BOOLEAN: T.BOOLEAN,
    FieldKind.NULLABLE_INT16: T.SHORT,
    FieldKind.NULLABLE_INT32: T.INT,
    FieldKind.NULLABLE_INT64: T.LONG,
    FieldKind.NULLABLE_FLOAT32: T.FLOAT,
    FieldKind.NULLABLE_FLOAT64: T.DOUBLE,
    FieldKind.STRING: T.STRING,
    FieldKind.DECIMAL: T.DECIMAL,
    FieldKind.TIME: T.TIME,
    FieldKind.DATE: T.DATE,
    FieldKind.TIMESTAMP: T.TIMESTAMP,
    FieldKind.TIMESTAMP_WITH_TIMEZONE: T.TIMESTAMP_WITH_TIMEZONE,
}
"""As what a column is written that would be a Compact field of a kind."""

_HEADER = struct.pack(">ii", 0, TypeId.PORTABLE)


@dataclass(frozen=True)
class PortableClass:
    """The ids of a class."""

    factory_id: int
    class_id: int
    version: int


@dataclass(frozen=True)
class PortableValue:
    """Serializes each row as a Portable object."""

    ids: PortableClass
    fields: Sequence[tuple[str, FieldKind]]

    @property
    def header(self) -> bytes:
        return _HEADER

    def write(self, rows: Rows, columns: Mapping[str, pa.Array]) -> None:
        """Add its serialized value, header included, to every row."""
        rows.constant(_HEADER)
        self.write_payload(rows, columns)

    def write_payload(self, rows: Rows, columns: Mapping[str, pa.Array]) -> None:
        """Add to every row what follows the header."""
        begin = rows.length - len(_HEADER)
        rows.constant(struct.pack(">iii", self.ids.factory_id, self.ids.class_id, self.ids.version))
        end = rows.slot(4)
        rows.constant(struct.pack(">i", len(self.fields)))
        positions = [rows.slot(4) for _ in self.fields]
        rows.constant(bytes(4))
        for (name, kind), position in zip(self.fields, positions, strict=True):
            position.fill(rows.length - begin, ">i4")
            encoded = name.encode("latin-1")
            rows.constant(struct.pack(">h", len(encoded)) + encoded + bytes([PORTABLE_TYPES[kind]]))
            _write_field(kind, rows, columns[name])
        end.fill(rows.length - begin, ">i4")


def _write_field(kind: FieldKind, rows: Rows, array: pa.Array) -> None:
    if kind is FieldKind.STRING:
        data = as_binary(array)
        sizes = binary_lengths(data)
        if array.null_count:
            sizes[array.is_null().to_numpy(zero_copy_only=False)] = -1
        rows.numbers(sizes.astype(">i4"))
        rows.ragged(data)
        return
    if PORTABLE_TYPES[kind] < T.STRING:
        rows.numbers(FIXED[kind](array))
        return
    valid = array.is_valid() if array.null_count else None
    rows.numbers(np.zeros(len(array), np.uint8) if valid is None else array.is_null().to_numpy(zero_copy_only=False))
    if kind is FieldKind.DECIMAL:
        WRITERS[kind](rows, array)
        return
    items = FIXED[kind](array)
    short = [(name, ">i2" if name == "year" else items.dtype[name]) for name in items.dtype.names or ()]
    rows.numbers(items.astype(np.dtype(short)), valid)
