"""Entry events say what happened, also when a part of them cannot be read here."""

from __future__ import annotations

import copy
import pickle
import threading
from typing import Any
from uuid import UUID

import pytest

from hzdata.core.errors import HazelcastSerializationError
from hzdata.core.proxy.base import EntryEvent, EntryEventType, ItemEvent, ItemEventType
from hzdata.session import Client
from tests.foreign import Foreign
from tests.waiting import until


def test_an_event_with_a_value_that_cannot_be_read_is_heard_and_tells_its_key(client: Client, unique_name: str) -> None:
    events: list[EntryEvent] = []
    heard = threading.Semaphore(0)

    def hear(event: EntryEvent) -> None:
        events.append(event)
        heard.release()

    m = client.get_map(unique_name)
    m.add_entry_listener(include_value=True, added_func=hear).result()
    m.blocking().put(1, Foreign())
    assert heard.acquire(timeout=20)
    [event] = events
    assert (event.key, event.old_value, event.event_type) == (1, None, EntryEventType.ADDED)
    assert event.uuid == client.cluster_service.get_members()[0].uuid
    with pytest.raises(HazelcastSerializationError, match="class id 1 of factory 77"):
        print(event.value)
    assert "key=1" in repr(event)
    assert "cannot be read" in repr(event)


def test_two_events_of_the_same_change_are_equal() -> None:
    values = (1, ["new"], "old", None, EntryEventType.UPDATED, None, 1)
    event = EntryEvent(*values)  # type: ignore[arg-type]
    assert event == EntryEvent(*values)  # type: ignore[arg-type]
    assert event != EntryEvent(2, *values[1:])  # type: ignore[arg-type]
    assert len({event, EntryEvent(*values)}) == 1  # type: ignore[arg-type]


def test_an_event_says_what_happened() -> None:
    assert "event_type=EVICTED" in repr(EntryEvent(1, 2, None, None, EntryEventType.EVICTED, UUID(int=1), 1))
    assert "event_type=REMOVED" in repr(ItemEvent("queue", 1, ItemEventType.REMOVED, None))
    assert "event_type=4096" in repr(EntryEvent(1, 2, None, None, 4096, UUID(int=1), 1))


def test_events_go_to_other_processes(client: Client, unique_name: str) -> None:
    heard: list[Any] = []
    m, queue, topic = (getattr(client, f"get_{kind}")(unique_name).blocking() for kind in ("map", "queue", "topic"))
    m.add_entry_listener(include_value=True, added_func=heard.append)
    queue.add_listener(include_value=True, item_added_func=heard.append)
    topic.add_listener(heard.append)
    m.put("k", ["v"])
    queue.put("item")
    topic.publish("message")
    until(lambda: len(heard) == 3)
    for event in heard:
        assert repr(pickle.loads(pickle.dumps(event))) == repr(copy.deepcopy(event)) == repr(event)
