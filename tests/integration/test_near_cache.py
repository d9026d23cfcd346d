"""Maps with a near cache: what is read twice is asked for once, and is never older than what the members have told."""

from __future__ import annotations

import asyncio
import copy
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pandas as pd
import pytest

from hzdata import Client, LocalCluster, to_hz_map
from hzdata.core import asyncio as asyncio_api, listener, near_caches, predicate
from hzdata.core.config import EvictionPolicy, InMemoryFormat, NearCacheConfig
from hzdata.core.errors import TargetDisconnectedError
from hzdata.core.future import ImmediateExceptionFuture
from hzdata.core.lifecycle import LifecycleState
from hzdata.core.listener import ListenerService
from hzdata.core.near_cache import NearCache
from tests import java_classes as java
from tests.conftest import QUICK_START, VERSION
from tests.interrupts import interrupted
from tests.waiting import until

# Members gather invalidations for up to ten seconds, or a hundred of them.
AT_ONCE = {"properties": {"hazelcast.map.invalidation.batch.enabled": "false"}}


@pytest.fixture(scope="module")
def prompt_cluster() -> Iterator[LocalCluster]:
    """Two members that tell of each change at once, and have the classes of tests/java."""
    with LocalCluster(
        2, version=VERSION, classpath=[java.compiled(VERSION)], config=java.MEMBER_CONFIG | AT_ONCE,
        jvm_args=QUICK_START, cluster_name="near",
    ) as cluster:  # fmt: skip
        yield cluster


class Reader:
    """A client with a near cache on one map, and another client that changes it."""

    def __init__(self, cluster: LocalCluster, name: str, **options: Any) -> None:
        self.others = cluster.client.get_map(name).blocking()
        self.client = cluster.connect(near_caches={name: options})
        self.future_map = self.client.get_map(name)
        self.map = self.future_map.blocking()

    @property
    def near(self) -> NearCache:
        return self.client.near_caches.all()[self.map.name]

    def told(self, entries: dict[Any, Any]) -> None:
        """Have others put entries, and wait until the near cache was told of each."""
        wanted = self.near.counts["invalidationRequests"] + len(entries)
        self.others.put_all(entries)
        until(lambda: self.near.counts["invalidationRequests"] == wanted)


@pytest.fixture
def open_reader(prompt_cluster: LocalCluster, unique_name: str) -> Iterator[Callable[..., Reader]]:
    opened: list[Reader] = []

    def open_one(name: str = unique_name, **options: Any) -> Reader:
        opened.append(Reader(prompt_cluster, name, **options))
        return opened[-1]

    yield open_one
    for reader in opened:
        reader.client.shutdown()


@pytest.fixture
def reader(open_reader: Callable[..., Reader]) -> Reader:
    return open_reader()


def hits(reader: Reader, read: Callable[[], object]) -> int:
    """How many values a read takes from the near cache."""
    before = reader.near.counts["hits"]
    read()
    return reader.near.counts["hits"] - before


# --- Reading ---------------------------------------------------------------------------------------------------------


def test_what_is_read_twice_is_asked_for_once(reader: Reader) -> None:
    reader.told({1: "one", 2: "two"})
    assert reader.map.get(1) == "one"
    assert hits(reader, lambda: reader.map.get(1)) == 1
    assert reader.map.get(1) == "one"
    assert hits(reader, lambda: reader.map.contains_key(1)) == 1
    assert reader.map.contains_key(1)
    # What is not there is remembered, too.
    assert reader.map.get(3) is None
    assert not reader.map.contains_key(3)
    assert hits(reader, lambda: reader.map.get(3)) == 1
    # An answer without a value is not.
    assert reader.map.contains_key(2)
    assert hits(reader, lambda: reader.map.get(2)) == 0


def test_keys_of_bytes_are_read_together(reader: Reader) -> None:
    reader.map.put(b"a", 1)
    assert reader.map.get_all([b"a", b"b"]) == reader.map.get_all([b"a"]) == {b"a": 1}


def test_many_are_read_from_both(reader: Reader) -> None:
    entries = {i: str(i) for i in range(20)}
    reader.told(entries)
    assert reader.map.get_all(range(5)) == {i: str(i) for i in range(5)}
    assert hits(reader, lambda: reader.map.get_all(range(5))) == 5
    assert reader.map.get_all(range(25)) == entries
    assert hits(reader, lambda: reader.map.get_all(range(25))) == 25
    assert reader.map.get_all(range(25)) == entries
    assert reader.map.get_all([]) == {}


def test_a_binary_cache_hands_out_copies_and_one_of_objects_the_same_object(
    open_reader: Callable[..., Reader],
) -> None:
    for in_memory_format, same in ((InMemoryFormat.BINARY, False), ("OBJECT", True)):
        reader = open_reader(in_memory_format=in_memory_format)
        reader.told({"list": ["a"]})
        first = reader.map.get("list")
        assert first == ["a"]
        assert (reader.map.get("list") is first) is same
        assert (reader.map.get_all(["list"])["list"] is first) is same
        first.append("b")
        assert reader.map.get("list") == (["a", "b"] if same else ["a"])
        assert (reader.near.memory_cost > 0) is not same


def test_it_serves_coroutines_too(prompt_cluster: LocalCluster, unique_name: str) -> None:
    async def main() -> None:
        config = prompt_cluster.client.config
        async with await asyncio_api.HazelcastClient.create_and_start(
            cluster_members=config.cluster_members, cluster_name=config.cluster_name,
            near_caches={unique_name: {"invalidate_on_change": False}},
        ) as client:  # fmt: skip
            m = await client.get_map(unique_name)
            others = prompt_cluster.client.get_map(unique_name)
            await others.put(1, "old")
            assert await m.get(1) == "old"
            await others.put(1, "new")
            assert await m.get(1) == "old"
            await m.put(2, "mine")
            assert await m.get_all([1, 2]) == {1: "old", 2: "mine"}

    asyncio.run(main())


def test_a_registration_that_fails_is_tried_again(
    open_reader: Callable[..., Reader], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(near_caches, "_MOMENT", 0.2)
    refusals = [TargetDisconnectedError("pulled")]
    add = ListenerService.add

    def add_or_refuse(service: ListenerService, row: Any, *arguments: Any, **how: Any) -> Any:
        if row.name == "Map.addNearCacheInvalidationListener" and refusals:
            return ImmediateExceptionFuture(refusals.pop())
        return add(service, row, *arguments, **how)

    monkeypatch.setattr(ListenerService, "add", add_or_refuse)
    reader = open_reader()
    assert refusals == []
    reader.others.put(1, "old")
    reader.map.get(1)
    reader.others.put(1, "new")
    until(lambda: reader.map.get(1) == "new")


def test_a_near_cache_may_be_configured_by_an_object(prompt_cluster: LocalCluster, unique_name: str) -> None:
    near = NearCacheConfig()
    near.eviction_policy = EvictionPolicy.LFU
    config = copy.copy(prompt_cluster.client.config)
    config.near_caches = {unique_name: near}
    with Client(config) as client:
        m = client.get_map(unique_name).blocking()
        m.put(1, "one")
        assert m.get(1) == "one"
        assert client.get_map(unique_name + "_other").blocking().get(1) is None
        assert list(client.near_caches.all()) == [unique_name]


# --- Changes ---------------------------------------------------------------------------------------------------------


def test_what_another_client_changes_is_seen_soon(reader: Reader) -> None:
    reader.others.put(1, "old")
    changes: list[tuple[Callable[[], object], object]] = [
        (lambda: reader.others.put(1, "new"), "new"),
        (lambda: reader.others.remove(1), None),
        (lambda: reader.others.put(1, "back"), "back"),
        (lambda: reader.others.clear(), None),
        (lambda: reader.others.put_all({1: "again"}), "again"),
        (lambda: reader.others.evict_all(), None),
    ]
    for change, seen in changes:
        reader.map.get(1)
        change()
        until(lambda seen=seen: reader.map.get(1) == seen, timeout=5)


def test_a_callback_that_takes_its_time_makes_nothing_stale(reader: Reader) -> None:
    entered, release = threading.Event(), threading.Event()
    reader.map.add_entry_listener(updated_func=lambda _: (entered.set(), release.wait(60)))
    reader.map.put(1, "old")
    try:
        reader.others.put(1, "newer")
        assert entered.wait(30)
        reader.map.get(1)
        reader.others.put(1, "newest")
        until(lambda: reader.map.get(1) == "newest")
    finally:
        release.set()


def test_what_a_member_gathers_comes_too(cluster: LocalCluster, unique_name: str) -> None:
    reader = Reader(cluster, unique_name)
    with reader.client:
        reader.others.put_all(dict.fromkeys(range(150), "old"))
        assert set(reader.map.get_all(range(150)).values()) == {"old"}
        reader.others.put_all(dict.fromkeys(range(150), "new"))
        # A hundred at a time.
        until(lambda: list(reader.map.get_all(range(150)).values()).count("new") >= 100)


def test_a_map_that_another_client_destroys_is_watched_when_it_comes_again(reader: Reader, unique_name: str) -> None:
    reader.others.put(1, "old")
    assert reader.map.get(1) == "old"
    reader.others.destroy()
    until(lambda: reader.map.get(1) is None)
    for value in ("new", "newer"):
        reader.others.put(1, value)
        until(lambda value=value: reader.map.get(1) == value)


def test_a_map_that_was_destroyed_here_is_empty_at_once_and_watched(reader: Reader, unique_name: str) -> None:
    reader.map.put(1, "old")
    assert reader.map.get(1) == "old"
    assert reader.map.destroy()
    again = reader.client.get_map(unique_name).blocking()
    assert again.get(1) is None
    for value in ("new", "newer"):
        reader.others.put(1, value)
        until(lambda value=value: again.get(1) == value)


def test_wherever_a_near_cache_is_interrupted_as_it_opens_it_is_told_of_changes(
    prompt_cluster: LocalCluster, unique_name: str
) -> None:
    files = near_caches.__file__, listener.__file__

    def is_told(name: str) -> bool:
        prompt_cluster.client.get_map(name).set(1, 1).result()
        return client.near_caches.all()[name].counts["invalidationRequests"] > 0

    names = [f"{unique_name}-{place}" for place in range(100)]
    with prompt_cluster.connect(near_caches={name: {} for name in names}) as client:
        # The first one also listens for maps that are destroyed.
        client.get_map(names[0])
        for place, name in enumerate(names[1:], 1):
            was_interrupted = interrupted(partial(client.get_map, name), place, *files)
            client.get_map(name)
            until(lambda name=name: is_told(name), 10)  # type: ignore[misc]
            if not was_interrupted:
                break
        assert 3 < place < 99


def test_with_invalidation_off_changes_of_others_are_not_seen(open_reader: Callable[..., Reader]) -> None:
    watching = open_reader()
    reader = open_reader(invalidate_on_change=False)
    reader.others.put(1, "old")
    assert watching.map.get(1) == reader.map.get(1) == "old"
    watching.told({1: "new"})
    assert watching.map.get(1) == "new"
    assert reader.map.get(1) == "old"
    # One's own are.
    reader.map.put(1, "mine")
    assert reader.map.get(1) == "mine"


WRITES: dict[str, tuple[Callable[[Any], object], Any]] = {
    "put": (lambda m: m.put(1, "new"), "new"),
    "put with max_idle": (lambda m: m.put(1, "new", max_idle=60), "new"),
    "set": (lambda m: m.set(1, "new"), "new"),
    "set with max_idle": (lambda m: m.set(1, "new", max_idle=60), "new"),
    "put_transient": (lambda m: m.put_transient(1, "new"), "new"),
    "put_transient with max_idle": (lambda m: m.put_transient(1, "new", max_idle=60), "new"),
    "try_put": (lambda m: m.try_put(1, "new", 5), "new"),
    "replace": (lambda m: m.replace(1, "new"), "new"),
    "replace_if_same": (lambda m: m.replace_if_same(1, "old", "new"), "new"),
    "put_all": (lambda m: m.put_all({1: "new", 2: "new"}), "new"),
    "execute_on_key": (lambda m: m.execute_on_key(1, java.SetValue("new")), "new"),
    "execute_on_keys": (lambda m: m.execute_on_keys([1, 2], java.SetValue("new")), "new"),
    "execute_on_entries": (lambda m: m.execute_on_entries(java.SetValue("new")), "new"),
    "execute_on_entries of a predicate": (
        lambda m: m.execute_on_entries(java.SetValue("new"), predicate.equal("this", "old")), "new",
    ),
    "remove": (lambda m: m.remove(1), None),
    "remove_if_same": (lambda m: m.remove_if_same(1, "old"), None),
    "delete": (lambda m: m.delete(1), None),
    "try_remove": (lambda m: m.try_remove(1, 5), None),
    "remove_all": (lambda m: m.remove_all(predicate.equal("this", "old")), None),
    "evict": (lambda m: m.evict(1), None),
    "evict_all": (lambda m: m.evict_all(), None),
    "clear": (lambda m: m.clear(), None),
}  # fmt: skip


def test_a_client_reads_its_own_writes(open_reader: Callable[..., Reader]) -> None:
    # Nothing but the writes themselves may tell of them.
    reader = open_reader(invalidate_on_change=False)
    for name, (write, seen) in WRITES.items():
        reader.map.put(1, "old")
        assert reader.map.get(1) == reader.map.get(1) == "old"
        write(reader.map)
        assert reader.map.get(1) == seen, name
    for write in (lambda m: m.put_if_absent(9, "new"), lambda m: m.put_if_absent(10, "new", max_idle=60)):
        assert reader.map.get_all([9, 10]).keys() <= {9}
        write(reader.map)
    assert reader.map.get_all([9, 10]) == {9: "new", 10: "new"}


def test_what_a_transaction_or_a_load_of_this_client_writes_is_seen(
    open_reader: Callable[..., Reader], unique_name: str
) -> None:
    reader = open_reader(invalidate_on_change=False)
    assert reader.map.get(1) is None
    with reader.client.new_transaction() as transaction:
        transaction.get_map(unique_name).put(1, "new")
        assert reader.map.get(1) is None
    assert reader.map.get(1) == "new"
    frame = pd.DataFrame({"id": pd.array([2], dtype="Int32"), "city": ["Lima"]})
    assert reader.map.get(2) is None
    to_hz_map(frame, unique_name, "id", client=reader.client, if_exists="append", mapping=False)
    assert reader.map.contains_key(2)


def test_a_changed_time_to_live_is_seen(open_reader: Callable[..., Reader]) -> None:
    reader = open_reader(invalidate_on_change=False)
    reader.map.put(1, "old")
    assert reader.map.get(1) == "old"
    reader.map.set_ttl(1, 1)
    assert hits(reader, lambda: reader.map.get(1)) == 0


def test_what_is_loaded_here_is_seen(open_reader: Callable[..., Reader]) -> None:
    reader = open_reader("squares", invalidate_on_change=False)
    for load in (reader.map.load_all, lambda: reader.map.load_all([3])):
        reader.map.put_transient(3, "none")
        assert reader.map.get(3) == "none"
        load()
        until(lambda: reader.others.get(3) != "none")
        assert reader.map.get(3) == reader.others.get(3)


def test_a_write_that_fails_may_have_been_done_all_the_same(open_reader: Callable[..., Reader]) -> None:
    reader = open_reader(invalidate_on_change=False)
    reader.map.put(1, "old")
    assert reader.map.get(1) == "old"
    with pytest.raises(Exception, match="cannot be cast"):
        reader.map.execute_on_key(1, "no entry processor")
    assert hits(reader, lambda: reader.map.get(1)) == 0


def test_a_read_that_an_invalidation_overtakes_is_not_kept(reader: Reader) -> None:
    reader.others.put(1, "old")
    reading = reader.future_map.get(1)
    until(reading.done)
    # Its answer is there and not looked at yet.
    reader.told({1: "new"})
    assert reading.result() == "old"
    assert reader.map.get(1) == "new"


def test_readers_and_writers_at_once_end_with_what_was_written_last(reader: Reader) -> None:
    stop = threading.Event()

    def read() -> None:
        while not stop.is_set():
            reader.map.get(1)
            reader.map.get_all([1, 2, 3])

    threads = [threading.Thread(target=read) for _ in range(3)]
    for thread in threads:
        thread.start()
    for i in range(20):
        reader.others.put(1, i)
        reader.map.put(2, i)
        assert reader.map.get(2) == i
    stop.set()
    for thread in threads:
        thread.join()
    until(lambda: reader.map.get_all([1, 2]) == {1: 19, 2: 19}, timeout=5)


# --- Room and time ---------------------------------------------------------------------------------------------------


def test_no_more_is_kept_than_asked_for(open_reader: Callable[..., Reader]) -> None:
    for policy in ("LRU", "LFU", "RANDOM", "NONE"):
        reader = open_reader(
            eviction_policy=policy, eviction_max_size=10, eviction_sampling_count=4, eviction_sampling_pool_size=4
        )
        for i in range(30):
            reader.map.get(i)
        assert len(reader.near) == (30 if policy == "NONE" else 10)


def test_entries_live_for_their_time(open_reader: Callable[..., Reader]) -> None:
    for options in ({"time_to_live": 0.3}, {"max_idle": 0.3}):
        reader = open_reader(invalidate_on_change=False, **options)
        reader.others.put(1, "old")
        assert reader.map.get(1) == "old"
        started = time.monotonic()
        reader.others.put(1, "new")
        while time.monotonic() - started < 0.4:
            time.sleep(0.05)
            if "time_to_live" in options:
                reader.map.get(1)
        assert reader.map.get(1) == "new"
        assert reader.near.counts["expirations"] == 1


# --- What gets lost --------------------------------------------------------------------------------------------------


def lose(reader: Reader, key: object) -> None:
    """Have others change what the reader has, and not let it know."""
    reader.told({key: "old"})
    assert reader.map.get(key) == "old"
    lost: list[object] = []
    with pytest.MonkeyPatch.context() as deaf:
        deaf.setattr(NearCache, "on_invalidation", lambda *event: lost.append(event))
        reader.others.put(key, "new")
        until(lambda: lost)


def test_a_lost_invalidation_is_made_good_by_a_repair(reader: Reader) -> None:
    lose(reader, 1)
    # Others of the same partition do not hide it.
    partition_id_of = reader.client.partition_service.get_partition_id
    reader.told({next(key for key in range(2, 9999) if partition_id_of(key) == partition_id_of(1)): "another"})
    assert reader.map.get(1) == "old"
    reader.client.near_caches.repair().result()
    assert reader.map.get(1) == "new"


def test_repairs_come_by_themselves(open_reader: Callable[..., Reader], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(near_caches, "REPAIR_PERIOD", 0.3)
    reader = open_reader()
    lose(reader, 1)
    until(lambda: reader.map.get(1) == "new")


def test_what_a_lost_connection_would_have_told_is_dropped(reader: Reader) -> None:
    lose(reader, 1)
    for connection in reader.client._context.connections.connections():
        connection.close(ConnectionError("pulled"))
    until(lambda: reader.map.get(1) == "new")


def test_without_any_member_what_was_read_is_all_there_is(reader: Reader) -> None:
    reader.told({1: "old"})
    assert reader.map.get(1) == "old"
    connections = reader.client._context.connections
    reader.client.config.retry_initial_backoff = 0.02

    def refuse(address: object) -> None:
        raise ConnectionRefusedError

    with pytest.MonkeyPatch.context() as cut:
        cut.setattr(connections, "_connect", refuse)
        for connection in connections.connections():
            connection.close(ConnectionError("cut"))
        until(lambda: reader.client.lifecycle_service.state == LifecycleState.DISCONNECTED)
        reader.others.put(1, "new")
        assert reader.map.get(1) == "old"
    until(lambda: reader.map.get(1) == "new")


def test_a_repair_leaves_what_is_not_stale(reader: Reader) -> None:
    reader.told(dict.fromkeys(range(50), "old"))
    reader.client.near_caches.repair().result()
    reader.told({1: "new"})
    assert len(reader.map.get_all(range(50))) == 50
    reader.client.near_caches.repair().result()
    assert hits(reader, lambda: reader.map.get_all(range(50))) == 50


def test_a_member_that_is_killed_leaves_nothing_stale() -> None:
    with LocalCluster(2, version=VERSION, jvm_args=QUICK_START, config=AT_ONCE) as cluster:
        others = cluster.client.get_map("m").blocking()
        clients = [cluster.connect(near_caches={"m": {}}, smart_routing=smart) for smart in (True, False)]
        maps = [client.get_map("m").blocking() for client in clients]

        def all_see(value: str) -> bool:
            return all(set(m.get_all(range(100)).values()) == {value} for m in maps)

        others.put_all(dict.fromkeys(range(100), "old"))
        assert all_see("old")
        cluster.kill_member(1)
        # A put_all under way to the one that is killed would fail: it may have taken effect, or not.
        until(lambda: len(cluster.client._context.connections.connections()) == 1)
        others.put_all(dict.fromkeys(range(100), "new"))
        until(lambda: all_see("new"))
        # And they are told of what changes after, by the one that comes, too.
        cluster.add_member()
        until(lambda: all(len(client.cluster_service.get_members()) == 2 for client in clients))
        for value in ("newer", "newest"):
            others.put_all(dict.fromkeys(range(100), value))
            until(lambda value=value: all_see(value))


def test_a_cluster_that_comes_back_empty_is_seen_so() -> None:
    with LocalCluster(version=VERSION, jvm_args=QUICK_START, config=AT_ONCE) as cluster:
        client = cluster.connect(near_caches={"m": {}})
        m = client.get_map("m").blocking()
        m.put(1, "old")
        assert m.get(1) == "old"
        cluster.kill_member(0)
        cluster.start_member(0)
        until(lambda: m.get(1) is None)
        cluster.client.get_map("m").blocking().put(1, "new")
        until(lambda: m.get(1) == "new")
