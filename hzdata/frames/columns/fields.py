"""Writing one column of values: Arrow array -> pieces of `Rows`, by Compact field kind.

`FIXED` and `WRITERS` are the table: a kind whose items are equally wide is an Arrow array turned into a NumPy array of
its bytes on the wire; any other kind adds its own pieces. All numbers are big endian. A null adds nothing; where the
null is noted is the affair of whoever lays out the record.

See: https://docs.hazelcast.com/hazelcast/latest/serialization/compact-binary-specification
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from hzdata.core.protocol.field_kinds import FieldKind

from .. import kernels
from .rows import Rows, as_binary, binary_lengths, validity

__all__ = ["FIXED", "WRITERS", "offset_bytes", "write_string"]

Items = npt.NDArray[Any]

_DATE = [("year", ">i4"), ("month", "u1"), ("day", "u1")]
_TIME = [("hour", "u1"), ("minute", "u1"), ("second", "u1"), ("nano", ">i4")]

DATE = np.dtype(_DATE)
TIME = np.dtype(_TIME)
TIMESTAMP = np.dtype([*_DATE, *_TIME])
TIMESTAMP_WITH_TIMEZONE = np.dtype([*_DATE, *_TIME, ("offset", ">i4")])

UNITS_PER_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}


def raw(array: pa.Array, dtype: str) -> npt.NDArray[Any]:
    """Return the values of a fixed-width array as they lie in its buffer, whatever lies where a value is null."""
    data = array.buffers()[1]
    if data is None:
        return np.zeros(len(array), dtype=dtype)
    return np.frombuffer(data, dtype=dtype)[array.offset : array.offset + len(array)]


def _numbers(dtype: str) -> Callable[[pa.Array], Items]:
    def items(array: pa.Array) -> Items:
        return raw(array, "<" + dtype).astype(">" + dtype)

    return items


def _booleans(array: pa.Array) -> Items:
    values: Items = pc.fill_null(array, False).to_numpy(zero_copy_only=False).view(np.uint8)
    return values


def _dates(array: pa.Array) -> Items:
    return kernels.active.calendar(raw(array, "<i4").astype(np.int64), 1, DATE)


def _moments(dtype: np.dtype[Any]) -> Callable[[pa.Array], Items]:
    def items(array: pa.Array) -> Items:
        return kernels.active.calendar(raw(array, "<i8"), UNITS_PER_SECOND[array.type.unit], dtype)

    return items


FIXED: dict[FieldKind, Callable[[pa.Array], Items]] = {
    FieldKind.NULLABLE_BOOLEAN: _booleans,
    FieldKind.NULLABLE_INT8: _numbers("i1"),
    FieldKind.NULLABLE_INT16: _numbers("i2"),
    FieldKind.NULLABLE_INT32: _numbers("i4"),
    FieldKind.NULLABLE_INT64: _numbers("i8"),
    FieldKind.NULLABLE_FLOAT32: _numbers("f4"),
    FieldKind.NULLABLE_FLOAT64: _numbers("f8"),
    FieldKind.DATE: _dates,
    FieldKind.TIME: _moments(TIME),
    FieldKind.TIMESTAMP: _moments(TIMESTAMP),
    FieldKind.TIMESTAMP_WITH_TIMEZONE: _moments(TIMESTAMP_WITH_TIMEZONE),
}
"""Kinds whose items are equally wide: Arrow array -> ndarray whose bytes are those on the wire."""


def _write_fixed(items: Callable[[pa.Array], Items], rows: Rows, array: pa.Array) -> None:
    rows.numbers(items(array), array.is_valid() if array.null_count else None)


def write_string(rows: Rows, array: pa.Array) -> None:
    """Add strings, or byte arrays: int32 count of bytes, bytes."""
    data = as_binary(array)
    rows.numbers(binary_lengths(data).astype(">i4"), array.is_valid() if array.null_count else None)
    rows.ragged(data)


def _write_decimal(rows: Rows, array: pa.Array) -> None:
    """Add decimals: the unscaled value as a byte array, as short as two's complement allows, and int32 scale."""
    valid = array.is_valid() if array.null_count else None
    width: int = array.type.byte_width
    little = raw(array, f"V{width}").view(np.uint8).reshape(len(array), width)
    digits = np.ascontiguousarray(little[:, ::-1])
    if valid is not None:
        digits[~valid.to_numpy(zero_copy_only=False)] = 0
    sign = np.where(digits[:, 0] & 0x80, 0xFF, 0).astype(np.uint8)
    # A leading byte is superfluous when it, and the top bit of the next, only repeat the sign.
    repeats = (digits[:, :-1] == sign[:, None]) & ((digits[:, 1:] ^ sign[:, None]) < 0x80)
    superfluous = np.logical_and.accumulate(repeats, axis=1).sum(axis=1)
    size = width - superfluous
    keep = np.arange(width) >= superfluous[:, None]
    offsets = np.concatenate(([0], np.cumsum(size))).astype(np.int32)
    buffers = [validity(array), pa.py_buffer(offsets), pa.py_buffer(digits[keep])]
    rows.numbers(size.astype(">i4"), valid)
    rows.ragged(pa.Array.from_buffers(pa.binary(), len(array), buffers))
    rows.numbers(np.full(len(array), array.type.scale, dtype=">i4"), valid)


def _write_array(kind: FieldKind, rows: Rows, array: pa.Array) -> None:
    """Add arrays: int32 bytes of the items, int32 count, the items that are not null, an offset for every item."""
    bounds, items = _flatten(array)
    valid = array.is_valid() if array.null_count else None
    body = Rows(len(items))
    WRITERS[kind](body, items)
    data = body.join()
    starts = np.concatenate(([0], np.cumsum(binary_lengths(data))))
    sizes = np.diff(starts[bounds])
    rows.numbers(sizes.astype(">i4"), valid)
    rows.numbers(np.diff(bounds).astype(">i4"), valid)
    # Items lie one after another, so a whole list is a slice of the same bytes.
    rows.ragged(_slices(starts[bounds], data.buffers()[2], array))
    counts = np.diff(bounds)
    offsets = starts[:-1] - np.repeat(starts[bounds[:-1]], counts)
    if items.null_count:
        offsets[~items.is_valid().to_numpy(zero_copy_only=False)] = -1
    widths = np.repeat(kernels.offset_width(sizes), counts)
    ends = np.concatenate(([0], np.cumsum(widths)))
    rows.ragged(_slices(ends[bounds], pa.py_buffer(offset_bytes(offsets, widths)), array))


def _flatten(array: pa.Array) -> tuple[npt.NDArray[np.int64], pa.Array]:
    """Where each list of a large list array begins and ends among the items, and those items; a null has none."""
    if array.null_count:
        lengths = pc.fill_null(pc.list_value_length(array), 0).to_numpy()
        bounds = np.concatenate(([0], np.cumsum(lengths)))
        return bounds, array.flatten()
    offsets = raw_offsets(array)
    return offsets - offsets[0], array.values.slice(int(offsets[0]), int(offsets[-1] - offsets[0]))


def raw_offsets(array: pa.Array) -> npt.NDArray[np.int64]:
    """Return the offsets of a large list array."""
    return np.frombuffer(array.buffers()[1], dtype=np.int64)[array.offset : array.offset + len(array) + 1]


def _slices(bounds: npt.NDArray[np.int64], data: pa.Buffer | None, like: pa.Array) -> pa.Array:
    data = pa.py_buffer(b"") if data is None else data
    buffers = [validity(like), pa.py_buffer(bounds.astype(np.int32)), data]
    return pa.Array.from_buffers(pa.binary(), len(like), buffers)


def offset_bytes(offsets: npt.NDArray[np.int64], widths: npt.NDArray[np.int64]) -> npt.NDArray[np.uint8]:
    """Return `offsets` one after another, each in the last `widths` of its big-endian bytes; -1 is all ones."""
    whole = offsets.astype(">i4").view(np.uint8).reshape(-1, 4)
    return whole[np.arange(4) >= 4 - widths[:, None]]


WRITERS: dict[FieldKind, Callable[[Rows, pa.Array], None]] = {
    **{kind: partial(_write_fixed, items) for kind, items in FIXED.items()},
    FieldKind.STRING: write_string,
    FieldKind.ARRAY_OF_INT8: write_string,
    FieldKind.DECIMAL: _write_decimal,
}
"""What adds a column of each kind to `Rows`."""

WRITERS |= {FieldKind(kind + 1): partial(_write_array, kind) for kind in (*FIXED, FieldKind.STRING, FieldKind.DECIMAL)}
