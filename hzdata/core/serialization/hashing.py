"""Which partition a key lies in: MurmurHash3 of its bytes.

See: https://github.com/aappleby/smhasher/blob/master/src/MurmurHash3.cpp, ``MurmurHash3_x86_32``
"""

from __future__ import annotations

from struct import Struct, unpack_from

from .data import HEADER_SIZE

__all__ = ["hash_of", "murmur3", "partition_of"]

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
    h = hash_of(data)
    # Java's abs of the smallest integer is negative, and the members then take partition 0.
    return 0 if h == -0x80000000 else abs(h) % partition_count
