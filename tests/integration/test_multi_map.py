"""Multi-maps and replicated maps on a real member."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from hzdata import Client
from hzdata.core.errors import IllegalMonitorStateError
from hzdata.core.proxy.base import EntryEventType
from tests.waiting import until


def test_a_key_has_many_values(client: Client, unique_name: str) -> None:
    m = client.get_multi_map(unique_name).blocking()
    assert m.put("k", 1)
    assert m.put("k", 2)
    assert not m.put("k", 2)
    m.put_all({"k": (v for v in [3]), "l": [4, 5]})
    assert sorted(m.get("k")) == [1, 2, 3]
    assert m.get("none") == []
    assert sorted(m.key_set()) == ["k", "l"]
    assert sorted(m.values()) == [1, 2, 3, 4, 5]
    assert sorted(m.entry_set()) == [("k", 1), ("k", 2), ("k", 3), ("l", 4), ("l", 5)]
    assert (m.size(), m.value_count("k")) == (5, 3)
    assert m.contains_key("k")
    assert m.contains_value(4)
    assert m.contains_entry("l", 5)
    assert not m.contains_entry("k", 5)
    assert m.remove("k", 1)
    assert not m.remove("k", 1)
    assert sorted(m.remove_all("l")) == [4, 5]
    m.clear()
    assert m.size() == 0
    with pytest.raises(AssertionError, match="key cannot be None"):
        m.put(None, 1)
    with pytest.raises(AssertionError, match="values cannot be None"):
        m.put_all({1: None})


def test_entries_of_a_multi_map_are_heard_of(client: Client, unique_name: str) -> None:
    m = client.get_multi_map(unique_name)
    heard: list[tuple[int, Any, Any, Any]] = []
    of_key: list[Any] = []

    def listen(event: Any) -> None:
        heard.append((event.event_type, event.key, event.value, event.old_value))

    everything = m.add_entry_listener(True, added_func=listen, removed_func=listen, clear_all_func=listen).result()
    m.add_entry_listener(key="k", added_func=lambda event: of_key.append(event.key)).result()
    m.put("k", 1).result()
    m.put("l", 2).result()
    m.remove("k", 1).result()
    m.clear().result()
    until(lambda: len(heard) == 4 and of_key)
    assert heard[0] == (EntryEventType.ADDED, "k", 1, None)
    assert heard[2] == (EntryEventType.REMOVED, "k", None, 1)
    assert heard[3][0] == EntryEventType.CLEAR_ALL
    assert of_key == ["k"]
    assert m.remove_entry_listener(everything).result()


@pytest.mark.parametrize("kind", ["get_map", "get_multi_map"])
def test_a_lock_belongs_to_its_thread(client: Client, unique_name: str, kind: str) -> None:
    m = getattr(client, kind)(unique_name).blocking()
    m.lock("k")
    m.lock("k")
    assert m.is_locked("k")
    outcome: dict[str, Any] = {}

    def other() -> None:
        outcome["tried"] = m.try_lock("k", timeout=0.2)
        try:
            m.unlock("k")
        except IllegalMonitorStateError as error:
            outcome["unlock"] = error
        outcome["put"] = client.get_map("elsewhere").put(1, 1).result()
        m.lock("k")
        outcome["locked"] = True
        m.unlock("k")

    thread = threading.Thread(target=other)
    thread.start()
    until(lambda: "put" in outcome)
    assert outcome["tried"] is False
    assert isinstance(outcome["unlock"], IllegalMonitorStateError)
    m.unlock("k")
    assert "locked" not in outcome
    m.unlock("k")
    thread.join(30)
    assert outcome["locked"]
    assert m.try_lock("k", lease_time=0.5)
    until(lambda: not m.is_locked("k"))
    m.lock("l")
    m.force_unlock("l")
    assert not m.is_locked("l")


def test_a_replicated_map_refuses_keys_that_it_would_never_find(client: Client, unique_name: str) -> None:
    m = client.get_replicated_map(unique_name).blocking()
    for put in (lambda: m.put(bytearray(b"k"), 1), lambda: m.put_all({"a": 1, b"k": 2})):
        with pytest.raises(TypeError, match="never finds"):
            put()
    assert m.size() == 0


def test_a_replicated_map_is_a_map(client: Client, unique_name: str) -> None:
    m = client.get_replicated_map(unique_name).blocking()
    assert m.put("a", 1) is None
    assert m.put("a", 2) == 1
    m.put_all({"b": 3, "c": 4})
    assert (m.get("a"), m.get("none")) == (2, None)
    until(lambda: m.size() == 3)
    assert sorted(m.key_set()) == ["a", "b", "c"]
    assert sorted(m.values()) == [2, 3, 4]
    assert sorted(m.entry_set()) == [("a", 2), ("b", 3), ("c", 4)]
    assert (m.contains_key("a"), m.contains_value(4), m.is_empty()) == (True, True, False)
    assert m.remove("a") == 2
    m.put("short", 1, ttl=0.3)
    until(lambda: not m.contains_key("short"))
    m.clear()
    until(m.is_empty)


def test_entries_of_a_replicated_map_are_heard_of(client: Client, unique_name: str) -> None:
    m = client.get_replicated_map(unique_name)
    heard: list[tuple[int, Any, Any]] = []

    def listen(event: Any) -> None:
        heard.append((event.event_type, event.key, event.value))

    registration = m.add_entry_listener(
        added_func=listen, removed_func=listen, updated_func=listen, evicted_func=listen, clear_all_func=listen
    ).result()
    m.put("a", 1).result()
    m.put("a", 2).result()
    m.remove("a").result()
    m.put("b", 1, ttl=0.5).result()
    m.clear().result()
    until(lambda: len(heard) >= 5)
    # The member keeps the order of one key's events, and says nothing of two keys'.
    assert [(kind, value) for kind, key, value in heard if key == "a"][:2] == [
        (EntryEventType.ADDED, 1),
        (EntryEventType.UPDATED, 2),
    ]
    assert [kind for kind, key, _ in heard if key == "a"][2] == EntryEventType.REMOVED
    assert next(kind for kind, key, _ in heard if key == "b") == EntryEventType.ADDED
    assert m.remove_entry_listener(registration).result()


def test_a_replicated_map_is_on_every_member(client3: Client, unique_name: str) -> None:
    for _ in range(3):
        m = client3.get_replicated_map(unique_name).blocking()
        m.put("k", "v")
        until(lambda m=m: m.values() == ["v"])  # type: ignore[misc]
        client3._context.proxies.clear()  # another proxy asks another member, maybe
