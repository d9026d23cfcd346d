"""A near cache by itself: what it keeps, what it drops, and when."""

from __future__ import annotations

import random
from typing import Any
from uuid import UUID, uuid4

import pytest

from hzdata.core.config import NearCacheConfig
from hzdata.core.near_cache import MISSING, NearCache
from hzdata.core.serialization.data import Data

PARTITIONS = 4


def key(number: int) -> Data:
    return Data(number.to_bytes(12, "big"))


def partition_of(data: Data) -> int:
    return int.from_bytes(data, "big") % PARTITIONS


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def near_cache(clock: Clock | None = None, **options: Any) -> NearCache:
    return NearCache(NearCacheConfig.from_dict(options), partition_of, clock or Clock())


def keep(cache: NearCache, *numbers: int) -> None:
    for number in numbers:
        cache.keep(key(number), b"v", cache.token(key(number)))


def kept(cache: NearCache, *numbers: int) -> set[int]:
    return {number for number in numbers if cache.read(key(number)) is not MISSING}


def test_what_is_kept_is_read_until_it_is_invalidated() -> None:
    cache = near_cache()
    assert cache.read(key(1)) is MISSING
    keep(cache, 1, 2, 5)
    assert kept(cache, 1, 2, 5) == {1, 2, 5}
    cache.invalidate([key(1), key(9)])
    assert kept(cache, 1, 2, 5) == {2, 5}
    cache.invalidate(None)
    assert len(cache) == 0
    assert cache.counts == {"hits": 5, "misses": 2, "invalidations": 3, "invalidationRequests": 3}


def test_a_key_without_a_value_is_kept_too() -> None:
    cache = near_cache()
    cache.keep(key(1), None, cache.token(key(1)))
    assert cache.read(key(1)) is None


def test_what_is_read_again_takes_the_place_of_the_old() -> None:
    cache = near_cache()
    cache.keep(key(1), b"old", cache.token(key(1)))
    cache.keep(key(1), b"new", cache.token(key(1)))
    assert cache.read(key(1)) == b"new"
    assert len(cache) == 1


@pytest.mark.parametrize("keys", [[key(1)], [key(1 + PARTITIONS)], None])
def test_what_was_read_while_an_invalidation_came_is_not_kept(keys: list[Data] | None) -> None:
    cache = near_cache()
    token = cache.token(key(1))
    other = cache.token(key(2))
    cache.invalidate(keys)
    cache.keep(key(1), b"old", token)
    cache.keep(key(2), b"old", other)
    # That of another partition does no harm.
    assert kept(cache, 1, 2) == (set() if keys is None else {2})


def test_an_entry_lives_for_its_time_however_often_it_is_read() -> None:
    clock = Clock()
    cache = near_cache(clock, time_to_live=10)
    keep(cache, 1)
    for clock.now in (4.0, 8.0, 9.9):
        assert kept(cache, 1)
    clock.now = 10.0
    assert not kept(cache, 1)
    assert cache.counts["expirations"] == 1


def test_an_idle_entry_goes_and_one_that_is_read_stays() -> None:
    clock = Clock()
    cache = near_cache(clock, max_idle=5)
    keep(cache, 1, 2)
    for clock.now in (4.0, 8.0):
        assert kept(cache, 1)
    assert kept(cache, 1, 2) == {1}


def test_without_limits_an_entry_stays() -> None:
    clock = Clock()
    cache = near_cache(clock)
    keep(cache, 1)
    clock.now = 1e9
    assert kept(cache, 1)


def test_what_is_expired_can_be_swept_out() -> None:
    clock = Clock()
    cache = near_cache(clock, time_to_live=1, eviction_policy="NONE")
    keep(cache, 1, 2)
    clock.now = 0.5
    keep(cache, 3)
    clock.now = 1.2
    cache.expire()
    assert len(cache) == 1
    assert cache.counts["expirations"] == 2


def test_no_more_is_kept_than_asked_for() -> None:
    cache = near_cache(eviction_max_size=20)
    keep(cache, *range(100))
    assert len(cache) == 20
    assert cache.counts["evictions"] == 80
    assert 99 in kept(cache, *range(100))


def test_without_a_policy_nothing_makes_room() -> None:
    cache = near_cache(eviction_max_size=20, eviction_policy="NONE")
    keep(cache, *range(100))
    assert len(cache) == 100


def test_each_policy_chooses_who_goes() -> None:
    left = {}
    for policy in ("LRU", "LFU", "RANDOM"):
        clock = Clock()
        # Everything is sampled, so there is no chance in it, but that of RANDOM.
        cache = near_cache(clock, eviction_max_size=100, eviction_sampling_count=100, eviction_policy=policy)
        keep(cache, *range(100))
        clock.now = 1.0
        for _ in range(3):
            kept(cache, *range(50))
        clock.now = 2.0
        kept(cache, *range(50, 100))
        random.seed(5)
        for number in range(100, 130):
            keep(cache, number)
            kept(cache, *[number] * 9)
        left[policy] = kept(cache, *range(100))
    assert left["LRU"] >= set(range(50, 100))
    assert left["LFU"] >= set(range(50))
    assert left["RANDOM"] not in (left["LRU"], left["LFU"])


def test_expired_ones_of_the_sample_go_first() -> None:
    went = {}
    for count in (1, 50):
        clock = Clock()
        cache = near_cache(clock, eviction_max_size=50, time_to_live=10, eviction_sampling_count=count)
        keep(cache, 0)
        clock.now = 9.0
        keep(cache, *range(1, 50))
        clock.now = 10.0
        random.seed(5)
        keep(cache, 100)
        went[count] = dict(cache.counts)
    assert went[1] == {"expirations": 0, "evictions": 1}
    assert went[50] == {"expirations": 1}


def test_a_larger_pool_finds_better_candidates() -> None:
    old_ones = {}
    for size in (1, 64):
        clock = Clock()
        cache = near_cache(clock, eviction_max_size=1000, eviction_sampling_count=8, eviction_sampling_pool_size=size)
        for clock.now in range(1000):
            keep(cache, int(clock.now))
        random.seed(5)
        keep(cache, *range(1000, 1300))
        old_ones[size] = len(kept(cache, *range(300)))
    assert old_ones[64] < old_ones[1] / 2


def test_a_candidate_that_is_gone_is_no_candidate() -> None:
    cache = near_cache(eviction_max_size=10, eviction_sampling_count=10)
    keep(cache, *range(11))
    cache.invalidate(None)
    keep(cache, *range(30))
    assert len(cache) == 10
    assert len(kept(cache, *range(30))) == 10


# --- Repair ----------------------------------------------------------------------------------------------------------


def watched() -> tuple[NearCache, dict[int, UUID]]:
    """A cache that knows the numberings, with an entry in each partition."""
    cache = near_cache()
    numberings = {partition_id: uuid4() for partition_id in range(PARTITIONS)}
    cache.repair(numberings, {1: 7})
    keep(cache, *range(PARTITIONS))
    return cache, numberings


EVERYTHING = set(range(PARTITIONS))


def test_before_the_first_repair_nothing_is_known_to_be_complete() -> None:
    cache = near_cache()
    keep(cache, *range(PARTITIONS))
    cache.repair({partition_id: uuid4() for partition_id in range(PARTITIONS)}, {})
    assert kept(cache, *EVERYTHING) == set()


def test_a_repair_finds_nothing_when_all_invalidations_have_come() -> None:
    cache, numberings = watched()
    # In any order, and some that the member had told before.
    for sequence in (9, 8, 7, 10):
        cache.on_invalidation(key(1 + PARTITIONS), numberings[1], sequence)
    cache.repair(numberings, {1: 10})
    assert kept(cache, *EVERYTHING) == EVERYTHING


@pytest.mark.parametrize("came", [(8, 9), (8, 10), (10,), ()])
def test_a_lost_invalidation_drops_what_is_kept_of_its_partition(came: tuple[int, ...]) -> None:
    cache, numberings = watched()
    for sequence in came:
        cache.on_invalidation(key(1 + PARTITIONS), numberings[1], sequence)
    cache.repair(numberings, {1: 10})
    assert kept(cache, *EVERYTHING) == EVERYTHING - {1}
    # Which is counted anew from there.
    keep(cache, 1)
    cache.on_invalidation(key(1 + PARTITIONS), numberings[1], 11)
    cache.repair(numberings, {1: 11})
    assert kept(cache, 1) == {1}


def test_a_loss_is_seen_though_later_ones_came_while_the_member_answered() -> None:
    cache, numberings = watched()
    for sequence in (8, 10, 11):
        cache.on_invalidation(key(1 + PARTITIONS), numberings[1], sequence)
    cache.repair(numberings, {1: 10})
    assert kept(cache, 1) == set()


def test_another_numbering_drops_what_is_kept_of_its_partition() -> None:
    cache, numberings = watched()
    numberings[2] = uuid4()
    cache.repair(numberings, {1: 7})
    assert kept(cache, *EVERYTHING) == EVERYTHING - {2}


def test_a_numbering_that_begins_again_drops_what_is_kept_of_its_partition() -> None:
    cache, numberings = watched()
    cache.repair(numberings, {1: 3})
    assert kept(cache, *EVERYTHING) == EVERYTHING - {1}


def test_what_no_member_speaks_of_is_dropped() -> None:
    cache, numberings = watched()
    del numberings[3]
    cache.repair(numberings, {1: 7})
    assert kept(cache, *EVERYTHING) == EVERYTHING - {3}


def test_what_was_read_while_a_repair_came_is_not_kept() -> None:
    cache, numberings = watched()
    token = cache.token(key(5))
    cache.repair(numberings, {1: 8})
    cache.keep(key(5), b"old", token)
    assert kept(cache, 5) == set()
