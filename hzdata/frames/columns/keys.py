"""Keys by column: Arrow columns -> serialized keys, their hashes and partitions, as arrays.

One key column is serialized as the plain value of its type, several as one Compact record with a field each. A member
finds the partition of a key by MurmurHash3 over the bytes behind the key's 8-byte header; here the same is computed for
all rows at once.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from hzdata.core.protocol.field_kinds import FieldKind
from hzdata.core.serialization.compact.schema import Schema

from .. import kernels
from .compact import write_records
from .fields import WRITERS
from .rows import Rows

__all__ = ["KEY_TYPE_IDS", "CompactKey", "Key", "PlainKey", "partitions"]

KEY_TYPE_IDS: dict[FieldKind, int] = {
    FieldKind.NULLABLE_INT8: -3,
    FieldKind.NULLABLE_BOOLEAN: -4,
    FieldKind.NULLABLE_INT16: -6,
    FieldKind.NULLABLE_INT32: -7,
    FieldKind.NULLABLE_INT64: -8,
    FieldKind.NULLABLE_FLOAT32: -9,
    FieldKind.NULLABLE_FLOAT64: -10,
    FieldKind.STRING: -11,
    FieldKind.DECIMAL: -27,
    FieldKind.DATE: -51,
    FieldKind.TIME: -52,
    FieldKind.TIMESTAMP: -53,
    FieldKind.TIMESTAMP_WITH_TIMEZONE: -54,
}
"""What a value of each kind is serialized as when it is a key of its own. The bytes behind the header are those that a
Compact field of the kind has."""

COMPACT_TYPE_ID = -55
DATA_HEADER_SIZE = 8
MURMUR_SEED = 0x01000193

_HEADER = struct.Struct(">ii")
"""Partition hash (0: computed by the member) and type id."""


class Key(Protocol):
    """Serializes the keys of entries."""

    @property
    def header(self) -> bytes:
        """The eight bytes that every key begins with."""

    def write_payload(self, rows: Rows, columns: Mapping[str, pa.Array]) -> None:
        """Add to every row what follows the header of its key; no key is null."""


@dataclass(frozen=True)
class PlainKey:
    """One column is the key."""

    column: str
    kind: FieldKind

    @property
    def header(self) -> bytes:
        return _HEADER.pack(0, KEY_TYPE_IDS[self.kind])

    def write_payload(self, rows: Rows, columns: Mapping[str, pa.Array]) -> None:
        """Add to every row what follows the header of its key; no key is null."""
        WRITERS[self.kind](rows, columns[self.column])


@dataclass(frozen=True)
class CompactKey:
    """Several columns are the key: the fields of a Compact record."""

    schema: Schema

    @property
    def header(self) -> bytes:
        return _HEADER.pack(0, COMPACT_TYPE_ID)

    def write_payload(self, rows: Rows, columns: Mapping[str, pa.Array]) -> None:
        """Add to every row what follows the header of its key."""
        write_records(rows, self.schema, columns)


def partitions(payloads: pa.Array, partition_count: int) -> npt.NDArray[np.int32]:
    """Return the partition of every key.

    Parameters
    ----------
    payloads : pyarrow.BinaryArray
        The serialized keys without their headers.
    partition_count : int
        How many partitions the cluster has.
    """
    _, offsets, data = payloads.buffers()
    ends = np.frombuffer(offsets, np.int32)[payloads.offset : payloads.offset + len(payloads) + 1]
    content = np.frombuffer(data if data is not None else b"", np.uint8)
    # Java's abs of the smallest int is itself; members take partition 0 then.
    hashes = np.abs(kernels.active.murmur3(content, ends, MURMUR_SEED).view(np.int32)).view(np.uint32)
    hashes[hashes == 1 << 31] = 0
    # The remainder of a division by one number, which NumPy makes of multiplications.
    count = np.uint32(partition_count)
    return (hashes - hashes // count * count).view(np.int32)
