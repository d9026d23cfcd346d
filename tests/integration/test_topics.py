"""Topics, ringbuffers and reliable topics on a real member."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from hzdata import Client, LocalCluster
from hzdata.core.errors import (
    HazelcastClientNotActiveError,
    InvalidConfigurationError,
    StaleSequenceError,
    TopicOverloadError,
)
from hzdata.core.proxy.reliable_topic import ReliableMessageListener
from hzdata.core.proxy.ringbuffer import OVERFLOW_POLICY_FAIL, OVERFLOW_POLICY_OVERWRITE
from tests.conftest import QUICK_START, VERSION
from tests.waiting import until


@pytest.fixture(scope="module")
def small() -> Iterator[LocalCluster]:
    """A member whose ringbuffers have room for ten items, which live for a minute."""
    config = {"ringbuffer": {"default": {"capacity": 10, "time-to-live-seconds": 60}}}
    with LocalCluster(version=VERSION, jvm_args=QUICK_START, config=config) as cluster:
        yield cluster


def test_a_topic_reaches_who_listens(client: Client, unique_name: str) -> None:
    topic = client.get_topic(unique_name)
    heard: list[Any] = []
    registration = topic.add_listener(heard.append).result()
    topic.publish("one").result()
    topic.publish_all(text for text in ["two", "three"]).result()
    until(lambda: len(heard) == 3)
    assert [(event.name, event.message) for event in heard] == [(unique_name, t) for t in ("one", "two", "three")]
    assert heard[0].member == client.cluster_service.get_members()[0]
    assert abs(heard[0].publish_time - __import__("time").time()) < 60
    assert topic.remove_listener(registration).result()
    topic.publish("four").result()
    assert len(heard) == 3
    with pytest.raises(AssertionError, match="cannot be None"):
        topic.publish(None)


def test_a_message_that_waits_for_room_waits_no_longer_than_its_client(small: LocalCluster, unique_name: str) -> None:
    with small.connect() as client:
        topic = client.get_reliable_topic(unique_name)
        topic.publish_all(range(10)).result()
        waiting = topic.publish("one more")
        until(lambda: not client.invocation_service._pending)  # It pauses before it tries again.
    with pytest.raises(HazelcastClientNotActiveError):
        waiting.result(10)


def test_a_ringbuffer_is_read_again_and_again(small: LocalCluster, unique_name: str) -> None:
    ring = small.client.get_ringbuffer(unique_name).blocking()
    assert (ring.capacity(), ring.size(), ring.tail_sequence(), ring.head_sequence()) == (10, 0, -1, 0)
    assert ring.add("a") == 0
    assert ring.add_all(["b", "c"]) == 2
    assert (ring.read_one(1), ring.read_one(1)) == ("b", "b")
    assert ring.remaining_capacity() == 7
    result = ring.read_many(0, 1, 10)
    assert list(result) == ["a", "b", "c"]
    assert (result.read_count, result.size, len(result), result.next_sequence_to_read_from) == (3, 3, 3, 3)
    assert [result.get_sequence(i) for i in range(3)] == [0, 1, 2]
    assert (result[0], result[1:]) == ("a", ["b", "c"])
    assert list(ring.read_many(1, 0, 1)) == ["b"]
    assert list(ring.read_many(3, 0, 5)) == []


def test_a_full_ringbuffer_overwrites_or_refuses(small: LocalCluster, unique_name: str) -> None:
    ring = small.client.get_ringbuffer(unique_name).blocking()
    ring.add_all(range(10))
    assert ring.add("no", OVERFLOW_POLICY_FAIL) == -1
    assert ring.add_all(["no"], OVERFLOW_POLICY_FAIL) == -1
    assert ring.add("yes", OVERFLOW_POLICY_OVERWRITE) == 10
    assert ring.head_sequence() == 1
    with pytest.raises(StaleSequenceError):
        ring.read_one(0)


def test_reading_waits_for_enough_items(small: LocalCluster, unique_name: str) -> None:
    ring = small.client.get_ringbuffer(unique_name)
    reading = ring.read_many(0, 3, 10)
    ring.add_all([1, 2]).result()
    assert not reading.done()
    threading.Timer(0.3, lambda: ring.add(3)).start()
    assert list(reading.result(30)) == [1, 2, 3]
    assert ring.blocking().read_one(2) == 3


@pytest.mark.parametrize(
    ("arguments", "said"),
    [((-1, 0, 1), "smaller than 0"), ((0, 5, 1), "greater than or equal"), ((0, 0, 1001), "1000"), ((0, 1, 11), "10")],
)
def test_what_cannot_be_read_is_refused(small: LocalCluster, arguments: tuple[int, int, int], said: str) -> None:
    ring = small.client.get_ringbuffer("refusing").blocking()
    with pytest.raises(AssertionError, match=said):
        ring.read_many(*arguments)


class Durable(ReliableMessageListener):
    def __init__(self, first: int = -1, tolerant: bool = False, ends_on: object = None) -> None:
        self.first, self.tolerant, self.ends_on = first, tolerant, ends_on
        self.heard: list[Any] = []
        self.stored: list[int] = []
        self.cancelled = threading.Event()

    def on_message(self, message: Any) -> None:
        self.heard.append(message.message)
        if message.message == self.ends_on:
            raise ValueError("enough")

    def retrieve_initial_sequence(self) -> int:
        return self.first

    def store_sequence(self, sequence: int) -> None:
        self.stored.append(sequence)

    def is_loss_tolerant(self) -> bool:
        return self.tolerant

    def is_terminal(self, error: Exception) -> bool:
        return self.ends_on is not None

    def on_cancel(self) -> None:
        self.cancelled.set()


def test_a_reliable_topic_is_heard_in_order(small: LocalCluster, unique_name: str) -> None:
    topic = small.client.get_reliable_topic(unique_name)
    heard: list[Any] = []
    registration = topic.add_listener(heard.append).result()
    topic.publish("one").result()
    topic.publish_all(["two", {"three": 3}]).result()
    until(lambda: len(heard) == 3)
    assert [event.message for event in heard] == ["one", "two", {"three": 3}]
    assert heard[0].name == unique_name
    assert abs(heard[0].publish_time - __import__("time").time()) < 60
    assert topic.remove_listener(registration).result()
    assert not topic.remove_listener(registration).result()


def test_a_durable_listener_goes_on_where_it_was(small: LocalCluster, unique_name: str) -> None:
    topic = small.client.get_reliable_topic(unique_name)
    topic.publish_all(["a", "b", "c"]).result()
    first = Durable(0)
    registration = topic.add_listener(first).result()
    until(lambda: len(first.heard) == 3)
    assert first.stored == [0, 1, 2]
    topic.remove_listener(registration).result()
    assert first.cancelled.wait(10)
    topic.publish("d").result()
    second = Durable(first.stored[-1] + 1)
    topic.add_listener(second).result()
    until(lambda: second.heard == ["d"])


def test_what_is_there_when_a_listener_comes_is_heard_on_the_thread_of_listeners(
    small: LocalCluster, unique_name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    topic, here = small.client.get_reliable_topic(unique_name), threading.current_thread()
    topic.publish("early").result()
    ask, heard_on = topic._ringbuffer._ask, list[threading.Thread]()

    def ask_and_be_answered(*parameters: Any) -> Any:
        asked = ask(*parameters)
        if threading.current_thread() is here:
            until(asked.done)
        return asked

    class FromTheStart(ReliableMessageListener):
        def retrieve_initial_sequence(self) -> int:
            return 0

        def on_message(self, message: Any) -> None:
            heard_on.append(threading.current_thread())

    monkeypatch.setattr(topic._ringbuffer, "_ask", ask_and_be_answered)
    topic.add_listener(FromTheStart()).result()
    until(lambda: heard_on)
    assert heard_on[0] is not here


def test_a_removed_listener_has_heard_that_it_ends(small: LocalCluster, unique_name: str) -> None:
    topic = small.client.get_reliable_topic(unique_name)
    removed, removing_itself = Durable(), Durable()
    busy, heard = threading.Event(), threading.Event()
    registration = topic.add_listener(removed).result()
    own_registration = topic.add_listener(removing_itself).result()
    small.client.get_map(unique_name).size().add_done_callback(lambda _: busy.set() or time.sleep(0.05))
    assert busy.wait(10)
    assert topic.remove_listener(registration).result()
    assert removed.cancelled.is_set()

    def remove(_: Any) -> None:
        assert topic.remove_listener(own_registration).result()
        assert removing_itself.cancelled.is_set()
        heard.set()

    topic.add_listener(remove).result()
    topic.publish("over").result()
    assert heard.wait(10)


def test_a_listener_that_lost_messages_ends_unless_it_tolerates_that(small: LocalCluster, unique_name: str) -> None:
    ring = small.client.get_reliable_topic(unique_name)
    other = small.connect(reliable_topics={unique_name: {"overload_policy": "DISCARD_OLDEST"}})
    for i in range(4):
        other.get_reliable_topic(unique_name).publish_all(range(i * 10, i * 10 + 5)).result()
    strict, tolerant = Durable(0), Durable(0, tolerant=True)
    ring.add_listener(strict).result()
    ring.add_listener(tolerant).result()
    assert strict.cancelled.wait(20)
    until(lambda: len(tolerant.heard) == 10)
    assert tolerant.heard == [20, 21, 22, 23, 24, 30, 31, 32, 33, 34]
    assert not tolerant.cancelled.is_set()


def test_a_listener_of_what_is_not_there_yet_has_lost_messages_too(
    small: LocalCluster, unique_name: str, caplog: pytest.LogCaptureFixture
) -> None:
    topic = small.client.get_reliable_topic(unique_name)
    topic.publish("a").result()
    strict, tolerant = Durable(100), Durable(100, tolerant=True)
    topic.add_listener(strict).result()
    topic.add_listener(tolerant).result()
    # A listener that comes too late for one waits for the next.
    until(lambda: topic.publish("b").result() or (strict.cancelled.is_set() and tolerant.heard))
    assert set(tolerant.heard) == {"b"}
    assert strict.heard == []
    assert "ends: the ringbuffer is a new one" in caplog.text


def test_an_error_ends_a_listener_that_says_so(small: LocalCluster, unique_name: str) -> None:
    topic = small.client.get_reliable_topic(unique_name)
    ending, going_on = Durable(ends_on=2), Durable()
    topic.add_listener(ending).result()
    topic.add_listener(going_on).result()
    topic.publish_all([1, 2, 3]).result()
    until(lambda: going_on.heard == [1, 2, 3])
    assert ending.cancelled.wait(20)
    assert ending.heard == [1, 2]


@pytest.mark.parametrize(("policy", "kept"), [("DISCARD_OLDEST", 10), ("DISCARD_NEWEST", 10), ("ERROR", 10)])
def test_what_happens_without_room_is_configured(small: LocalCluster, unique_name: str, policy: str, kept: int) -> None:
    topics = {unique_name: {"overload_policy": policy, "read_batch_size": 3}}
    topic = small.connect(reliable_topics=topics).get_reliable_topic(unique_name)
    topic.publish_all(range(10)).result()
    if policy == "ERROR":
        with pytest.raises(TopicOverloadError, match=unique_name):
            topic.publish("more").result()
    else:
        topic.publish("more").result()
    listener = Durable(1)
    topic.add_listener(listener).result()
    last = "more" if policy == "DISCARD_OLDEST" else 9
    until(lambda: bool(listener.heard) and listener.heard[-1] == last)
    assert len(listener.heard) == (kept if policy == "DISCARD_OLDEST" else kept - 1)


def test_a_blocked_publisher_goes_on_when_there_is_room() -> None:
    config = {"ringbuffer": {"default": {"capacity": 4, "time-to-live-seconds": 2}}}
    with LocalCluster(version=VERSION, jvm_args=QUICK_START, config=config) as cluster:
        topic = cluster.client.get_reliable_topic("t")
        topic.publish_all([1, 2, 3, 4]).result()
        publishing = topic.publish(5)
        assert not publishing.done()
        publishing.result(30)


def test_a_destroyed_reliable_topic_ends_its_listeners(small: LocalCluster, unique_name: str) -> None:
    topic = small.client.get_reliable_topic(unique_name)
    listener = Durable()
    topic.add_listener(listener).result()
    topic.publish(1).result()
    until(lambda: listener.heard == [1])
    topic.destroy()
    assert listener.cancelled.wait(10)
    assert small.client.get_ringbuffer("_hz_rb_" + unique_name).size().result() == 0


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"reliable_topics": {"t": {"overload_policy": "DROP"}}}, r"overload_policy must be one of .*BLOCK"),
        ({"reliable_topics": {"t": {"batch": 1}}}, "'batch' is not an option"),
        ({"flake_id_generators": {"f": {"prefetch_count": 0}}}, "prefetch_count must be a whole number"),
    ],
)
def test_a_wrong_option_of_a_structure_is_named(options: dict[str, Any], said: str) -> None:
    from hzdata.core.config import Config

    with pytest.raises(InvalidConfigurationError, match=said):
        Config.from_dict(options)


def test_what_a_listener_cannot_do_without_is_asked_for(client: Client, unique_name: str) -> None:
    with pytest.raises(AssertionError, match="on_message"):
        client.get_topic(unique_name).add_listener()
    for remove in (client.get_map(unique_name).remove_entry_listener, client.get_topic(unique_name).remove_listener):
        with pytest.raises(AssertionError, match="None user_registration_id is not allowed!"):
            remove(None)  # type: ignore[arg-type]
