"""Queues, lists and sets on a real member."""

from __future__ import annotations

import asyncio
import threading
import time
from contextlib import suppress
from typing import Any

import pytest

from hzdata import Client
from hzdata.core.errors import IllegalStateError, IndexOutOfBoundsError
from hzdata.core.proxy.base import ItemEvent, ItemEventType
from tests.waiting import until


def structures(client: Client, name: str) -> dict[str, Any]:
    return {"queue": client.get_queue(name), "list": client.get_list(name), "set": client.get_set(name)}


@pytest.mark.parametrize("kind", ["queue", "list", "set"])
def test_items_come_and_go(client: Client, unique_name: str, kind: str) -> None:
    items = structures(client, unique_name)[kind].blocking()
    assert items.is_empty()
    assert items.add("a")
    assert items.add_all(item for item in ["b", "c", "d"])
    assert (items.size(), items.is_empty()) == (4, False)
    assert (items.contains("b"), items.contains("z")) == (True, False)
    assert (items.contains_all(["a", "d"]), items.contains_all(["a", "z"])) == (True, False)
    assert (items.remove("a"), items.remove("a")) == (True, False)
    assert items.remove_all(["b", "z"])
    assert items.retain_all(["c", "z"])
    left = items.iterator() if kind == "queue" else items.get_all()
    assert left == ["c"]
    items.clear()
    assert items.size() == 0
    with pytest.raises(AssertionError, match="cannot be None"):
        items.add(None)
    with pytest.raises(AssertionError, match="cannot be None"):
        items.add_all(None)


@pytest.mark.parametrize("kind", ["queue", "list", "set"])
def test_a_listener_hears_of_items(client: Client, unique_name: str, kind: str) -> None:
    structure = structures(client, unique_name)[kind]
    events: list[ItemEvent] = []
    silent: list[ItemEvent] = []
    both = {"item_added_func": events.append, "item_removed_func": events.append}
    added = structure.add_listener(include_value=True, **both).result()
    without = structure.add_listener(item_added_func=silent.append).result()
    structure.add("a").result()
    structure.remove("a").result()
    until(lambda: len(events) == 2 and len(silent) == 1)
    assert [(e.name, e.item, e.event_type) for e in events] == [
        (unique_name, "a", ItemEventType.ADDED),
        (unique_name, "a", ItemEventType.REMOVED),
    ]
    assert events[0].member == client.cluster_service.get_members()[0]
    assert silent[0].item is None
    assert structure.remove_listener(added).result()
    assert structure.remove_listener(without).result()
    assert not structure.remove_listener(without).result()
    structure.add("b").result()
    structure.remove("b").result()
    assert len(events) == 2


def test_each_structure_is_called_in_three_ways(client: Client, unique_name: str) -> None:
    for structure in structures(client, unique_name).values():
        assert structure.add(1).result()
        assert structure.blocking().contains(1)

        async def size(structure: Any = structure) -> int:
            found: int = await structure.size()
            return found

        assert asyncio.run(size()) == 1


def test_a_queue_is_first_in_first_out(client: Client, unique_name: str) -> None:
    queue = client.get_queue(unique_name).blocking()
    assert queue.offer(1)
    queue.put(2)
    assert queue.add(3)
    assert (queue.peek(), queue.poll(), queue.take()) == (1, 1, 2)
    assert queue.iterator() == [3]
    assert queue.remaining_capacity() == 2**31 - 2
    drained: list[int] = [0]
    queue.add_all([4, 5, 6])
    assert queue.drain_to(drained, 2) == 2
    assert queue.drain_to(drained) == 2
    assert drained == [0, 3, 4, 5, 6]
    assert queue.poll() is None
    started = time.monotonic()
    assert queue.poll(0.5) is None
    assert 0.4 < time.monotonic() - started < 5


class _Slow:
    """It is only read once another thread reads it, too, if there is one."""

    both = threading.Barrier(2)

    def __reduce__(self) -> Any:
        return _Slow._read, ()

    @staticmethod
    def _read() -> str:
        with suppress(threading.BrokenBarrierError):
            _Slow.both.wait(0.3)
        return "item"


def test_items_are_drained_once_however_many_want_to_know(client: Client, unique_name: str) -> None:
    queue, drained = client.get_queue(unique_name), list[str]()
    queue.put(_Slow()).result()
    moved = queue.drain_to(drained)
    other = threading.Thread(target=moved.result)
    other.start()
    assert moved.result() == 1
    other.join()
    assert drained == ["item"]


def test_taking_waits_for_an_item_of_another_thread(client: Client, unique_name: str) -> None:
    queue = client.get_queue(unique_name)
    taken = queue.take()
    assert not taken.done()
    threading.Timer(0.3, lambda: queue.offer("late")).start()
    assert taken.result(30) == "late"


def test_a_full_queue_says_so() -> None:
    from hzdata import LocalCluster
    from tests.conftest import QUICK_START, VERSION

    config = {"queue": {"small": {"max-size": 2}}}
    with LocalCluster(version=VERSION, jvm_args=QUICK_START, config=config) as cluster:
        queue = cluster.client.get_queue("small").blocking()
        queue.add_all([1, 2])
        assert queue.remaining_capacity() == 0
        assert not queue.offer(3)
        assert not queue.offer(3, 0.2)
        with pytest.raises(IllegalStateError, match="full"):
            queue.add(3)


def test_a_list_keeps_positions(client: Client, unique_name: str) -> None:
    items = client.get_list(unique_name).blocking()
    items.add_all(["a", "b", "a"])
    items.add_at(1, "x")
    assert items.add_all_at(0, ["y", "z"])
    assert items.get_all() == items.iterator() == ["y", "z", "a", "x", "b", "a"]
    assert (items.get(2), items.index_of("a"), items.last_index_of("a"), items.index_of("?")) == ("a", 2, 5, -1)
    assert items.set_at(0, "w") == "y"
    assert items.remove_at(1) == "z"
    assert items.sub_list(1, 3) == ["a", "x"]
    assert items.list_iterator(3) == ["b", "a"]
    with pytest.raises(IndexOutOfBoundsError):
        items.get(99)


def test_items_that_need_a_schema_are_found_again(client: Client, unique_name: str) -> None:
    from hzdata.core.core import HazelcastJsonValue

    items = client.get_set(unique_name).blocking()
    assert items.add(HazelcastJsonValue({"a": 1}))
    assert items.contains(HazelcastJsonValue({"a": 1}))
    assert items.get_all()[0].loads() == {"a": 1}


def test_a_destroyed_structure_is_empty(client: Client, unique_name: str) -> None:
    items = client.get_list(unique_name)
    items.add(1).result()
    assert ("hz:impl:listService", unique_name) in {(o.service_name, o.name) for o in client.get_distributed_objects()}
    assert items.destroy()
    assert client.get_list(unique_name).size().result() == 0
