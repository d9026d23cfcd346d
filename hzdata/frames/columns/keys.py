"""Keys by column: Arrow columns -> serialized keys, their hashes and partitions, as arrays.

One key column is serialized as the plain value of its type, several as one Compact record with a field each. A member
finds the partition of a key by MurmurHash3 over the bytes behind the key's 8-byte header; here the same is computed for
all rows at once.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from hzdata.core.protocol.field_kinds import FieldKind
from hzdata.core.serialization.compact.schema import Schema

from .compact import write_records
from .fields import WRITERS
from .rows import Rows, binary_lengths

__all__ = ["KEY_TYPE_IDS", "CompactKey", "Key", "PlainKey", "murmur3", "partitions"]

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
    hashes = murmur3(payloads).view(np.int32).astype(np.int64)
    found = np.abs(hashes) % partition_count
    # Java's abs of the smallest int is itself; members take partition 0 then.
    found[hashes == -(1 << 31)] = 0
    return found.astype(np.int32)


def murmur3(items: pa.Array, seed: int = MURMUR_SEED) -> npt.NDArray[np.uint32]:
    """Return MurmurHash3 (x86, 32 bits) of every item of a binary array without nulls.

    See: https://github.com/aappleby/smhasher/blob/master/src/MurmurHash3.cpp
    """
    lengths = binary_lengths(items)
    if not len(lengths):
        return np.empty(0, dtype=np.uint32)
    _, offset_buffer, data = items.buffers()
    starts = np.frombuffer(offset_buffer, dtype=np.int32)[items.offset : items.offset + len(items)]
    bytes_ = np.zeros(0, np.uint8) if data is None else np.frombuffer(data, dtype=np.uint8)
    longest = int(lengths.max())
    if longest == lengths.min():
        first = int(starts[0])
        matrix = bytes_[first : first + longest * len(items)].reshape(len(items), longest)
        return _finish(_hash_matrix(matrix, seed), lengths)
    return _hash_ragged(bytes_, starts.astype(np.int64), lengths, seed)


def _hash_matrix(matrix: npt.NDArray[np.uint8], seed: int) -> npt.NDArray[np.uint32]:
    count, length = matrix.shape
    hashes = np.full(count, seed, dtype=np.uint32)
    whole = length - length % 4
    for at in range(0, whole, 4):
        _mix_block(hashes, matrix[:, at : at + 4].view("<u4")[:, 0])
    if whole < length:
        tail = np.zeros(count, dtype=np.uint32)
        for shift, at in enumerate(range(whole, length)):
            tail |= matrix[:, at].astype(np.uint32) << np.uint32(8 * shift)
        hashes ^= _scramble(tail)
    return hashes


def _hash_ragged(
    data: npt.NDArray[np.uint8], starts: npt.NDArray[np.int64], lengths: npt.NDArray[np.int64], seed: int
) -> npt.NDArray[np.uint32]:
    # Longest first, so that the rows with a block to mix are always the first ones.
    longest = int(lengths.max())
    # NumPy sorts 16-bit numbers by radix, four times as fast.
    order = np.argsort((longest - lengths).astype(np.uint16 if longest < 1 << 16 else np.int64), kind="stable")
    starts, sizes = starts[order], lengths[order]
    padded = np.concatenate((data, np.zeros(4, np.uint8)))
    words: npt.NDArray[Any] = np.ndarray(len(padded) - 3, dtype="<u4", buffer=padded, strides=(1,))
    hashes = np.full(len(order), seed, dtype=np.uint32)
    blocks = sizes // 4
    for block in range(int(blocks[0])):
        active = len(order) - int(np.searchsorted(blocks[::-1], block, side="right"))
        _mix_block(hashes[:active], words[starts[:active] + 4 * block])
    tail_size = (sizes % 4).astype(np.uint32)
    tail = words[starts + 4 * blocks] & ((np.uint32(1) << (8 * tail_size)) - np.uint32(1))
    hashes ^= _scramble(tail)
    mixed = np.empty_like(hashes)
    mixed[order] = hashes
    return _finish(mixed, lengths)


def _mix_block(hashes: npt.NDArray[np.uint32], block: npt.NDArray[np.uint32]) -> None:
    hashes ^= _scramble(block)
    rotated = (hashes << np.uint32(13)) | (hashes >> np.uint32(19))
    np.multiply(rotated, np.uint32(5), out=hashes)
    hashes += np.uint32(0xE6546B64)


def _scramble(block: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint32]:
    mixed = block * np.uint32(0xCC9E2D51)
    mixed = (mixed << np.uint32(15)) | (mixed >> np.uint32(17))
    return mixed * np.uint32(0x1B873593)


def _finish(hashes: npt.NDArray[np.uint32], lengths: npt.NDArray[np.int64]) -> npt.NDArray[np.uint32]:
    hashes = hashes ^ lengths.astype(np.uint32)
    hashes ^= hashes >> np.uint32(16)
    hashes *= np.uint32(0x85EBCA6B)
    hashes ^= hashes >> np.uint32(13)
    hashes *= np.uint32(0xC2B2AE35)
    hashes ^= hashes >> np.uint32(16)
    return hashes
