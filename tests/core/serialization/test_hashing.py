from __future__ import annotations

import random

from hazelcast.hash import murmur_hash3_x86_32
from hazelcast.serialization.data import Data as DocumentedData

from hzdata.core.serialization.data import Data
from hzdata.core.serialization.hashing import hash_of, murmur3, partition_of, partitions_of


def test_three_thousand_keys_of_every_length_lie_where_the_documented_client_puts_them() -> None:
    draw = random.Random(3)
    for length in range(3000):
        data = bytes(8) + draw.randbytes(length % 90 if length < 2900 else length)
        assert murmur3(data, 8) == murmur_hash3_x86_32(data)
        expected = DocumentedData(data).get_partition_hash()
        assert partition_of(Data(data), 271) == abs(expected) % 271


def test_many_keys_hashed_at_once_lie_where_each_alone_does() -> None:
    draw = random.Random(4)
    keys = [bytes(8) + draw.randbytes(draw.randrange(70)) for _ in range(3000)]
    keys += [bytes([hash_byte, 0, 0, 0]) + bytes(4) + draw.randbytes(4) for hash_byte in (0, 1, 128, 255)]

    assert partitions_of(keys, 271) == [partition_of(key, 271) for key in keys]


def test_a_stored_hash_comes_before_that_of_the_bytes() -> None:
    data = Data((12345).to_bytes(4, "big") + b"\xff\xff\xff\xf9" + bytes(4))

    assert hash_of(data) == data.partition_hash == 12345
    assert partition_of(data, 271) == 12345 % 271


def test_the_smallest_hash_lies_in_partition_zero() -> None:
    # Its absolute value does not exist in 32 bits.
    data = Data((-(2**31)).to_bytes(4, "big", signed=True) + bytes(8))

    assert partition_of(data, 271) == 0
