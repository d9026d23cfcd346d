"""Which partition a key lies in: MurmurHash3 of its bytes.

See: https://github.com/aappleby/smhasher/blob/master/src/MurmurHash3.cpp, ``MurmurHash3_x86_32``
"""

from __future__ import annotations

import sys
from array import array
from collections import defaultdict
from collections.abc import Iterable, Sequence
from struct import Struct, unpack_from

from .data import HEADER_SIZE

__all__ = ["hash_of", "murmur3", "partition_of", "partitions_of"]

_SEED = 0x01000193
_MASK = 0xFFFFFFFF
# Keys are short: the formats of up to 15 blocks are ready, longer ones are compiled when met.
_BLOCKS = tuple(Struct(f"<{count}I").unpack_from for count in range(16))
_stored_hash = Struct(">i").unpack_from


def murmur3(data: bytes, offset: int = 0) -> int:
    """The 32-bit MurmurHash3 of ``data[offset:]`` with the seed that Hazelcast uses, signed."""
    length = len(data) - offset
    blocks = length >> 2
    h = _SEED
    # All whole blocks come out of one unpack; only the last one to three bytes are taken singly.
    for k in _BLOCKS[blocks](data, offset) if blocks < 16 else unpack_from(f"<{blocks}I", data, offset):
        k = k * 0xCC9E2D51 & _MASK
        h ^= (k << 15 | k >> 17) * 0x1B873593 & _MASK
        h = (h << 13 | h >> 19) * 5 + 0xE6546B64 & _MASK
    tail = length & 3
    if tail:
        k = int.from_bytes(data[-tail:], "little") * 0xCC9E2D51 & _MASK
        h ^= (k << 15 | k >> 17) * 0x1B873593 & _MASK
    h ^= length
    h = (h ^ h >> 16) * 0x85EBCA6B & _MASK
    h = (h ^ h >> 13) * 0xC2B2AE35 & _MASK
    h ^= h >> 16
    return h - 0x100000000 if h & 0x80000000 else h


def hash_of(data: bytes) -> int:
    """The partition hash of a `Data`: the one stored in it, else that of its payload."""
    stored: int = _stored_hash(data)[0]
    return stored or murmur3(data, HEADER_SIZE)


def partition_of(data: bytes, partition_count: int) -> int:
    """The partition that a key, given as `Data`, lies in: ``abs(hash) % partition_count``."""
    return _partition(_stored_hash(data)[0] or murmur3(data, HEADER_SIZE), partition_count)


def partitions_of(datas: Sequence[bytes], partition_count: int) -> list[int]:
    """The partitions of many keys, ten times as fast as one by one: those of one length are hashed at once."""
    partitions = [0] * len(datas)
    by_length: dict[int, list[int]] = defaultdict(list)
    for i, data in enumerate(datas):
        stored = _stored_hash(data)[0]
        if stored:
            partitions[i] = _partition(stored, partition_count)
        else:
            by_length[len(data) - HEADER_SIZE].append(i)
    for length, places in by_length.items():
        hashes = _murmur3_of_many([datas[i][HEADER_SIZE:] for i in places], length)
        for i, h in zip(places, hashes, strict=True):
            partitions[i] = _partition(h - 0x100000000 if h & 0x80000000 else h, partition_count)
    return partitions


def _murmur3_of_many(payloads: list[bytes], length: int) -> Iterable[int]:
    """The unsigned hashes of payloads of one length, as `murmur3` computes them.

    Each has a lane of 64 bits in one long integer, whose arithmetic is then that of all. What leaves the lower half of
    its lane, by a product or by a shift into the lane below, is masked before it can do harm.
    """
    ones = _lanes(array("I", [1]) * len(payloads))
    mask = ones * _MASK
    words = array("I", b"".join(payload.ljust(length + 3 & ~3, b"\0") for payload in payloads))
    if sys.byteorder == "big":
        words.byteswap()
    h = ones * _SEED
    step = len(words) // len(payloads)
    for i in range(step):
        k = _lanes(words[i::step]) * 0xCC9E2D51 & mask
        h ^= ((k << 15 | k >> 17) & mask) * 0x1B873593 & mask
        if i < length >> 2:  # not of the tail
            h = ((h << 13 | h >> 19) & mask) * 5 + ones * 0xE6546B64 & mask
    h ^= ones * length
    h = ((h ^ h >> 16) & mask) * 0x85EBCA6B & mask
    h = ((h ^ h >> 13) & mask) * 0xC2B2AE35 & mask
    h = (h ^ h >> 16) & mask
    return array("Q", h.to_bytes(8 * len(payloads), sys.byteorder))


def _lanes(words: array[int]) -> int:
    return int.from_bytes(array("Q", words).tobytes(), sys.byteorder)


def _partition(h: int, partition_count: int) -> int:
    # Java's abs of the smallest integer is negative, and the members then take partition 0.
    return 0 if h == -0x80000000 else abs(h) % partition_count
