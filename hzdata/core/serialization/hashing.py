"""Which partition a key lies in: MurmurHash3 of its bytes.

See: https://github.com/aappleby/smhasher/blob/master/src/MurmurHash3.cpp, ``MurmurHash3_x86_32``
"""

from __future__ import annotations

import sys
from array import array
from collections import defaultdict
from collections.abc import Sequence
from struct import Struct, unpack_from

from .data import HEADER_SIZE

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
    h = _stored_hash(data)[0] or murmur3(data, HEADER_SIZE)
    # Java's abs of the smallest integer is negative, and the members then take partition 0.
    return 0 if h == -0x80000000 else abs(h) % partition_count


def partitions_of(datas: Sequence[bytes], partition_count: int) -> list[int]:
    """The partition of each of many keys: those of one length are hashed at once, in a fraction of the time."""
    by_length: dict[int, list[int]] = defaultdict(list)
    for place, length in enumerate(map(len, datas)):
        by_length[length].append(place)
    if len(by_length) == 1:
        return _partitions_of_one_length(datas, partition_count)
    found = [0] * len(datas)
    for places in by_length.values():
        partitions = _partitions_of_one_length([datas[place] for place in places], partition_count)
        for place, partition in zip(places, partitions, strict=True):
            found[place] = partition
    return found


def _partitions_of_one_length(datas: Sequence[bytes], partition_count: int) -> list[int]:
    """What `partition_of` says of each data.

    Each has a lane of 64 bits in one long integer, whose arithmetic is then that of all. What leaves the lower half of
    its lane, by a product or by a shift into the lane below, is masked before it can do harm.
    """
    length = len(datas[0]) - HEADER_SIZE
    padding = bytes(-length & 3)
    words = array("I", b"".join([data + padding for data in datas] if padding else datas))
    step = len(words) // len(datas)
    if any(words[::step]):  # a stored hash
        return [partition_of(data, partition_count) for data in datas]
    if sys.byteorder == "big":
        words.byteswap()
    ones = _lanes(array("I", [1]) * len(datas))
    mask = ones * _MASK
    h = ones * _SEED
    for i in range(step - HEADER_SIZE // 4):
        k = _lanes(words[i + HEADER_SIZE // 4 :: step]) * 0xCC9E2D51 & mask
        h ^= ((k << 15 | k >> 17) & mask) * 0x1B873593 & mask
        if i < length >> 2:  # not of the tail
            h = ((h << 13 | h >> 19) & mask) * 5 + ones * 0xE6546B64 & mask
    h ^= ones * length
    h = ((h ^ h >> 16) & mask) * 0x85EBCA6B & mask
    h = ((h ^ h >> 13) & mask) * 0xC2B2AE35 & mask
    h = (h ^ h >> 16) & mask
    hashes = array("Q", h.to_bytes(8 * len(datas), sys.byteorder))
    # As in `partition_of`: the absolute value of a signed hash, and 0 of the smallest.
    return [
        h % partition_count if h < 0x80000000 else (0x100000000 - h) % partition_count if h > 0x80000000 else 0
        for h in hashes
    ]


def _lanes(words: array[int]) -> int:
    return int.from_bytes(array("Q", words).tobytes(), sys.byteorder)
