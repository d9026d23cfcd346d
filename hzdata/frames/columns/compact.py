"""Compact records by column: Arrow columns -> the bytes of one record a row.

A record is ``int64 schema id, int32 data length, values, offsets``, big endian. Every column becomes a field of a kind
that may be null, so all fields are found through offsets, and the schema depends on the columns' types only, never on
their values. The values lie in order of name, as in the records that a member itself writes, so that equal rows are
equal bytes. A null takes no room but its offset.

See: https://docs.hazelcast.com/hazelcast/latest/serialization/compact-binary-specification
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from hzdata.core.serialization.compact.schema import Schema

from .. import kernels
from .fields import WRITERS, offset_bytes
from .rows import Lengths, Rows

__all__ = ["CompactValue", "write_records"]

COMPACT_TYPE_ID = -55


@dataclass(frozen=True)
class CompactValue:
    """Serializes each row as a Compact record."""

    schema: Schema

    def write(self, rows: Rows, columns: Mapping[str, pa.Array]) -> None:
        """Add its serialized value, header included, to every row."""
        rows.constant(struct.pack(">ii", 0, COMPACT_TYPE_ID))
        write_records(rows, self.schema, columns)


def write_records(rows: Rows, schema: Schema, columns: Mapping[str, pa.Array]) -> None:
    """Add a Compact record to every row.

    Parameters
    ----------
    rows : Rows
        What the records are added to.
    schema : Schema
        Of fields that have an offset, all of them.
    columns : mapping of str to pyarrow.Array
        A column for each field, of the Arrow type that the type table casts it to.
    """
    rows.constant(struct.pack(">q", schema.schema_id))
    data_length = rows.slot(4)
    begin = rows.length
    positions: list[tuple[Lengths, pa.Array]] = []
    for name, kind in schema.fields:
        positions.append((rows.length - begin, columns[name]))
        WRITERS[kind](rows, columns[name])
    length = rows.length - begin
    data_length.fill(length, ">i4")
    _write_offsets(rows, positions, length)


def _write_offsets(rows: Rows, positions: list[tuple[Lengths, pa.Array]], data_length: Lengths) -> None:
    lengths = np.atleast_1d(data_length)
    shortest, longest = (lengths.min(), lengths.max()) if len(lengths) else (0, 0)
    width = int(kernels.offset_width(longest))
    if width == kernels.offset_width(shortest):
        offsets = np.empty((rows.count, len(positions)), dtype=f">i{width}" if width == 4 else f">u{width}")
        for index, (position, column) in enumerate(positions):
            offsets[:, index] = position
            if column.null_count:
                offsets[_nulls(column), index] = -1 if width == 4 else (1 << 8 * width) - 1
        record = np.dtype((np.void, offsets.dtype.itemsize * len(positions)))
        rows.numbers(np.ascontiguousarray(offsets).view(record)[:, 0])
        return
    # Short and long records in one batch: their offsets differ in width.
    widths = kernels.offset_width(lengths)
    wide = np.empty((rows.count, len(positions)), dtype=np.int64)
    for index, (position, column) in enumerate(positions):
        wide[:, index] = position
        if column.null_count:
            wide[_nulls(column), index] = -1
    data = offset_bytes(wide.ravel(), np.repeat(widths, len(positions)))
    ends = np.concatenate(([0], np.cumsum(widths * len(positions)))).astype(np.int32)
    rows.ragged(pa.Array.from_buffers(pa.binary(), rows.count, [None, pa.py_buffer(ends), pa.py_buffer(data)]))


def _nulls(column: pa.Array) -> npt.NDArray[np.bool_]:
    nulls: npt.NDArray[np.bool_] = column.is_null().to_numpy(zero_copy_only=False)
    return nulls
