"""The map's everyday operations, on a real member."""

from __future__ import annotations

import asyncio
import pickle
import threading
import time
from typing import Any

import pandas as pd
import pytest

import hzdata
from hzdata import Client, LocalCluster
from hzdata.core.core import HazelcastJsonValue
from hzdata.core.errors import HazelcastSerializationError
from hzdata.core.future import Future
from hzdata.core.proxy.base import EntryEvent, EntryEventType
from hzdata.core.proxy.map import Map


@pytest.fixture
def a_map(client: Client, unique_name: str) -> Map:
    return client.get_map(unique_name)


def test_keys_of_bytes_are_keys_of_dicts_and_items_of_sets(client: Client, unique_name: str) -> None:
    m = client.get_map(unique_name).blocking()
    m.put(b"a", b"\x00\xff")
    assert dict(m.entry_set()) == {b"a": b"\x00\xff"}
    assert set(m.key_set()) == {b"a"}
    # They can be put again, as what they are, and be pickled in a dict.
    m.put(*m.entry_set()[0])
    [key] = m.key_set()
    assert (key, repr(key)) == (b"a", "bytearray(b'a')")
    assert pickle.loads(pickle.dumps({key})) == {b"a"}
    m.put("as values", dict(m.entry_set()))
    assert m.get("as values") == {b"a": b"\x00\xff"}


def test_an_entry_is_put_read_replaced_and_removed(a_map: Map) -> None:
    m = a_map.blocking()
    assert m.put("k", 1) is None
    assert m.get("k") == 1
    assert m.put("k", 2) == 1
    assert m.set("k", 3) is None
    assert m.replace("k", 4) == 3
    assert m.replace("other", 4) is None
    assert m.replace_if_same("k", 3, 5) is False
    assert m.replace_if_same("k", 4, 5) is True
    assert m.put_if_absent("k", 6) == 5
    assert m.contains_key("k")
    assert not m.contains_key("other")
    assert m.contains_value(5)
    assert m.remove_if_same("k", 4) is False
    assert m.remove("k") == 5
    assert m.remove("k") is None
    assert m.get("k") is None
    m.set("k", 1)
    m.delete("k")
    assert m.size() == 0
    assert m.is_empty()


def test_many_entries_go_and_come_in_one_call(a_map: Map) -> None:
    m = a_map.blocking()
    entries = {i: f"value {i}" for i in range(1000)}
    m.put_all(entries)
    assert m.size() == 1000
    assert m.get_all(range(990, 1010)) == {i: entries[i] for i in range(990, 1000)}
    assert m.get_all([]) == {}
    assert dict(m.entry_set()) == entries
    assert sorted(m.key_set()) == list(range(1000))
    assert sorted(m.values()) == sorted(entries.values())
    m.clear()
    assert m.entry_set() == []


def test_many_entries_of_several_types_go_and_come_in_one_call(a_map: Map) -> None:
    m = a_map.blocking()
    entries = {1: "one", "two": 2, 2.5: None, (3, "x"): [True]}
    with pytest.raises(AssertionError, match="The value cannot be None"):
        m.put_all(entries)
    entries[2.5] = "some"
    m.put_all(entries)
    m.put_all({})
    assert m.get_all(entries) == entries
    assert m.get_all([2.5, "none", 1]) == {2.5: "some", 1: "one"}
    with pytest.raises(AssertionError, match="The key cannot be None"):
        m.get_all([1, None])
    with pytest.raises(HazelcastSerializationError, match="int"):
        m.put_all({1: 1, 2: 1 << 40})


def test_one_operation_is_called_in_three_ways(a_map: Map) -> None:
    async def main() -> Any:
        await a_map.put("k", "awaited")
        return await a_map.get("k")

    a_map.put("k", "result").result()
    assert a_map.get("k").result() == "result"
    assert asyncio.run(main()) == "awaited"
    assert a_map.blocking().get("k") == "awaited"


def test_a_callback_may_block_on_the_client_that_calls_it(a_map: Map) -> None:
    outcome: Future[Any] = Future()

    def inside(done: Future[Any]) -> None:
        a_map.put("inner", done.result()).result(5)
        outcome.set_result(a_map.blocking().get("inner"))

    a_map.put("outer", 1).result()
    a_map.get("outer").add_done_callback(inside)
    assert outcome.result(10) == 1


def test_an_entry_goes_when_its_time_is_over(a_map: Map) -> None:
    m = a_map.blocking()
    m.put("ttl", 1, ttl=1)
    m.put("idle", 1, max_idle=1)
    m.put("stays", 1)
    view = m.get_entry_view("ttl")
    assert (view.key, view.value, view.ttl) == ("ttl", 1, 1000)
    time.sleep(2.1)
    assert [m.get(k) for k in ("ttl", "idle", "stays")] == [None, None, 1]
    m.set_ttl("stays", 1)
    time.sleep(2.1)
    assert m.get("stays") is None


@pytest.mark.parametrize("call", ["put", "set", "get", "remove", "contains_key"])
def test_a_key_or_value_of_none_is_refused(a_map: Map, call: str) -> None:
    arguments = (None, 1) if call in ("put", "set") else (None,)
    with pytest.raises(AssertionError, match="key cannot be None"):
        getattr(a_map, call)(*arguments)
    if call in ("put", "set"):
        with pytest.raises(AssertionError, match="value cannot be None"):
            getattr(a_map, call)("k", None)


def test_json_values_come_back_as_they_were(a_map: Map) -> None:
    value = HazelcastJsonValue({"name": "Ada", "tags": [1, None, "ü"]})
    a_map.put("k", value).result()
    assert a_map.get("k").result() == value


def test_a_large_value_and_a_large_key_pass(a_map: Map) -> None:
    large = "x" * 5_000_000
    m = a_map.blocking()
    m.put("large", large)
    assert m.get("large") == large
    m.put(large[:100_000], 1)
    assert m.get(large[:100_000]) == 1


def test_a_listener_hears_what_happens_to_entries(a_map: Map) -> None:
    m = a_map.blocking()
    heard: list[EntryEvent] = []
    five = threading.Event()

    def hear(event: EntryEvent) -> None:
        heard.append(event)
        if len(heard) == 5:
            five.set()

    registration = m.add_entry_listener(
        include_value=True,
        added_func=hear,
        updated_func=hear,
        removed_func=hear,
        clear_all_func=hear,
        evicted_func=hear,
    )
    m.put("k", 1)
    m.put("k", 2)
    m.remove("k")
    m.put("l", 3)
    m.clear()
    assert five.wait(10)
    # Members send the events of one partition in order, those of different partitions in any.
    assert [(e.event_type, e.value, e.old_value) for e in heard if e.key == "k"] == [
        (EntryEventType.ADDED, 1, None),
        (EntryEventType.UPDATED, 2, 1),
        (EntryEventType.REMOVED, None, 2),
    ]
    assert [(e.event_type, e.value, e.old_value) for e in heard if e.key == "l"] == [(EntryEventType.ADDED, 3, None)]
    (cleared,) = [e for e in heard if e.event_type == EntryEventType.CLEAR_ALL]
    assert cleared.number_of_affected_entries == 1
    assert m.remove_entry_listener(registration) is True
    assert m.remove_entry_listener(registration) is False
    m.put("silent", 1)
    time.sleep(0.3)
    assert len(heard) == 5


def test_a_listener_of_one_key_hears_of_that_key_only(client3: Client, unique_name: str) -> None:
    m = client3.get_map(unique_name).blocking()
    heard: list[Any] = []
    m.add_entry_listener(key=7, added_func=lambda event: heard.append(event.key))
    for i in range(50):
        m.put(i, i)
    deadline = time.monotonic() + 10
    while not heard and time.monotonic() < deadline:
        time.sleep(0.02)
    time.sleep(0.3)
    assert heard == [7]


def test_every_member_holds_its_part_and_is_asked_for_it(client3: Client, unique_name: str) -> None:
    m = client3.get_map(unique_name).blocking()
    m.put_all({i: i for i in range(3000)})
    assert m.size() == 3000
    assert all(m.get(i) == i for i in range(0, 3000, 7))
    owners = {
        client3.partition_service.get_partition_owner(client3.partition_service.get_partition_id(i)) for i in range(300)
    }
    assert owners == {member.uuid for member in client3.cluster_service.get_members()}


def test_threads_share_one_client(client3: Client, unique_name: str) -> None:
    m = client3.get_map(unique_name).blocking()
    failures: list[BaseException] = []

    def work(worker: int) -> None:
        try:
            for i in range(200):
                m.put((worker * 1000) + i, i)
                assert m.get((worker * 1000) + i) == i
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(worker,)) for worker in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert m.size() == 1600


def test_a_destroyed_map_is_empty_when_it_is_asked_for_again(client: Client, unique_name: str) -> None:
    m = client.get_map(unique_name)
    m.put(1, 1).result()
    assert m.destroy() is True
    assert m.destroy() is False
    assert client.get_map(unique_name).size().result() == 0


@pytest.mark.newer
def test_entries_of_a_frame_are_reached_by_python_ints_as_longs(cluster: LocalCluster, unique_name: str) -> None:
    client = cluster.connect(default_int_type="LONG")
    frame = pd.DataFrame({"id": [1, 2], "city": ["Lima", "Oslo"]})
    hzdata.to_hz_map(frame, unique_name, "id", client=client, progress=False)
    assert client.get_map(unique_name).get(2).result()["city"] == "Oslo"
    client.shutdown()
