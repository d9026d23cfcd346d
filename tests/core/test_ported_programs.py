"""What programs written for the documented client rely on, beyond the names."""

from __future__ import annotations

import copy
import pickle
import typing
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from unittest.mock import MagicMock

import pytest

from hzdata.core import asyncio, client, predicate, proxy
from hzdata.core.aggregator import Aggregator
from hzdata.core.client import HazelcastClient
from hzdata.core.core import Address, MapEntry, MemberInfo, MemberVersion
from hzdata.core.errors import HazelcastError
from hzdata.core.future import Future, ImmediateExceptionFuture, ImmediateFuture
from hzdata.core.projection import Projection
from hzdata.core.protocol.custom_types import RaftGroupId
from hzdata.core.protocol.field_kinds import FieldKind
from hzdata.core.proxy import (
    List,
    MultiMap,
    Queue,
    ReliableTopic,
    ReplicatedMap,
    Ringbuffer,
    Set,
    Topic,
    map as maps,
)
from hzdata.core.proxy.base import EntryEvent, EntryEventType, ItemEvent, Proxy, TopicMessage
from hzdata.core.proxy.cp.atomic_long import AtomicLong
from hzdata.core.proxy.cp.atomic_reference import AtomicReference
from hzdata.core.proxy.map import BlockingMap, Map
from hzdata.core.proxy.queue import BlockingQueue
from hzdata.core.proxy.reliable_topic import ReliableMessageListener
from hzdata.core.proxy.transactional_map import TransactionalMap
from hzdata.core.serialization.compact.record import GenericRecord
from hzdata.core.serialization.compact.schema import Schema
from hzdata.core.types import KeyType, ValueType
from hzdata.core.util import (
    AtomicInteger,
    RoundRobinLB,
    calculate_version,
    member_of_larger_same_version_group,
)


def test_the_types_of_entry_events_are_also_where_programs_import_them_from() -> None:
    assert maps.EntryEventType is EntryEventType


def test_services_are_known_by_the_names_that_programs_call_them() -> None:
    named = {value for name, value in vars(proxy).items() if name.endswith("_SERVICE")}
    assert named == {kind.SERVICE for kind in client._KINDS}


def test_threads_that_count_with_a_number_lose_nothing() -> None:
    counter = AtomicInteger()
    with ThreadPoolExecutor(8) as threads:
        seen = list(threads.map(lambda _: counter.get_and_increment(), range(1000)))
    assert (sorted(seen), counter.get()) == (list(range(1000)), 1000)


def test_predicates_say_what_they_are() -> None:
    said = [
        predicate.and_(predicate.equal("this", "v"), predicate.true()),
        predicate.or_(),
        predicate.in_("this", 1, "b"),
        predicate.regex("this", ".*"),
        predicate.ilike("this", "v%"),
    ]
    assert list(map(str, said)) == [
        "AndPredicate(EqualPredicate(attribute='this', value=v), TruePredicate())",
        "OrPredicate()",
        "InPredicate(attribute='this', 1,b)",
        "RegexPredicate(attribute='this', pattern='.*')",
        "ILikePredicate(attribute='this', expression='v%')",
    ]


def test_a_load_balancer_takes_turns_from_the_first_member() -> None:
    class Cluster:
        def add_listener(self, *listeners: Any) -> None:
            listeners[0](None)

        def get_members(self) -> list[int]:
            return [0, 1, 2]

    balancer = RoundRobinLB()
    balancer.init(Cluster())  # type: ignore[arg-type]
    assert [balancer.next() for _ in range(5)] == [0, 1, 2, 0, 1]


def test_a_version_with_a_word_for_a_number_is_none() -> None:
    assert [calculate_version(text) for text in ("10.99.RC1", "10.99-RC1", "3.7.2")] == [-1, 109900, 30702]


def test_a_cluster_has_two_versions_at_most() -> None:
    members = [MemberInfo(Address("a", 1), None, version=MemberVersion(5, minor, 0)) for minor in (1, 2, 3)]
    assert member_of_larger_same_version_group(members[:2]) == members[1]
    with pytest.raises(ValueError, match="More than 2 distinct member versions"):
        member_of_larger_same_version_group(members)


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda record: pickle.loads(pickle.dumps(record))])
def test_a_record_can_be_copied(copied: Any) -> None:
    schema = Schema("point", [("x", FieldKind.INT32), ("of", FieldKind.COMPACT)])
    point = GenericRecord(schema, {"x": 1, "of": GenericRecord(Schema("p", [("y", FieldKind.INT32)]), {"y": 2})})
    # What reads a record is of its client, and can not be copied.
    read = GenericRecord(schema, dict(point), origin=lambda: None, encoded=b"x")
    assert copied(read) == point
    assert copied(read).encoded == b""


@pytest.mark.parametrize("kind", [AtomicLong, AtomicReference])
@pytest.mark.parametrize("method", ["alter", "alter_and_get", "get_and_alter", "apply"])
def test_a_function_that_is_none_is_refused_before_a_cluster_is_asked(kind: Any, method: str) -> None:
    atomic = kind(MagicMock(), RaftGroupId("group", 0, 1), kind.SERVICE, "name", "name")
    with pytest.raises(AssertionError, match="Function cannot be None"):
        getattr(atomic, method)(None)


def test_a_future_that_was_never_waited_for_is_of_a_kind_of_its_own() -> None:
    done, failed = ImmediateFuture(1), ImmediateExceptionFuture(ValueError("no"))
    assert [isinstance(done, ImmediateFuture), isinstance(failed, ImmediateExceptionFuture)] == [True, True]
    assert [isinstance(future, Future) for future in (done, failed)] == [True, True]


def test_members_are_pinged_more_often_than_they_may_be_silent() -> None:
    with HazelcastClient(
        cluster_members=["127.0.0.1:1"], async_start=True, heartbeat_interval=5, heartbeat_timeout=2
    ) as client:
        assert client.config.heartbeat_interval == 1


@pytest.mark.parametrize(
    "kind",
    [
        Aggregator, AtomicReference, BlockingMap, BlockingQueue, EntryEvent, ItemEvent, List, Map, MapEntry, MultiMap,
        Projection, Queue, ReliableTopic, ReplicatedMap, Ringbuffer, Set, Topic, TopicMessage, TransactionalMap,
        *(asyncio.Map, asyncio.Queue),
    ],
)  # fmt: skip
def test_annotations_say_what_is_in_a_structure(kind: Any) -> None:
    assert typing.get_origin(kind[KeyType, ValueType]) is kind


def test_a_listener_says_what_messages_it_takes() -> None:
    class Listener(ReliableMessageListener[str]):  # type: ignore[misc]
        pass

    assert Listener.__mro__[1] is ReliableMessageListener


def test_a_structure_that_waits_is_what_annotations_call_it() -> None:
    assert isinstance(Proxy("hz:impl:mapService", "people", MagicMock()).blocking(), BlockingMap)


@pytest.mark.parametrize("base", [maps.Map, HazelcastError])
def test_a_class_of_ones_own_may_have_more_bases(base: Any) -> None:
    tagged = {}

    class Tagged:
        def __init_subclass__(cls, tag: str) -> None:
            tagged[tag] = cls

    class Own(base, Tagged, tag="own"):  # type: ignore[misc]
        pass

    assert tagged == {"own": Own}
