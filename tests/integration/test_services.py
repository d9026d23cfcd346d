"""The services of a client, its futures and its listeners, with a real member behind them."""

from __future__ import annotations

import copy
import pickle
import threading
import time
from typing import Any

import pytest

import hzdata
from hzdata import Client, HazelcastSqlError, LocalCluster
from hzdata.core import HazelcastClient
from hzdata.core.cluster import ClusterService
from hzdata.core.config import FlakeIdGeneratorConfig, IndexConfig, NearCacheConfig, ReliableTopicConfig
from hzdata.core.core import DistributedObjectEventType, MemberInfo
from hzdata.core.errors import HazelcastClientNotActiveError, HazelcastError
from hzdata.core.future import combine_futures
from hzdata.core.lifecycle import LifecycleState
from hzdata.core.partition import string_partition_strategy
from hzdata.core.proxy.base import EntryEventType, get_entry_listener_flags
from hzdata.core.proxy.map import Map, create_map_proxy
from hzdata.core.proxy.ringbuffer import Ringbuffer
from hzdata.core.security import BasicTokenProvider
from hzdata.core.util import LoadBalancer, RandomLB, RoundRobinLB
from hzdata.core.vector import Document, Type, Vector
from hzdata.frames.errors import ColumnValueError
from tests.waiting import until


def test_structures_that_come_and_go_are_heard_of(client: Client, unique_name: str) -> None:
    heard: list[Any] = []
    registration = client.add_distributed_object_listener(heard.append).result()
    client.get_queue(unique_name).destroy()
    mine = [event for event in heard if event.name == unique_name]
    until(lambda: len([event for event in heard if event.name == unique_name]) == 2)
    mine = [event for event in heard if event.name == unique_name]
    assert [event.event_type for event in mine] == [
        DistributedObjectEventType.CREATED,
        DistributedObjectEventType.DESTROYED,
    ]
    assert {event.service_name for event in mine} == {"hz:impl:queueService"}
    assert client.remove_distributed_object_listener(registration).result()
    assert not client.remove_distributed_object_listener(registration).result()


def test_members_and_states_are_listened_to(cluster: LocalCluster) -> None:
    client = cluster.connect()
    members: list[Any] = []
    states: list[str] = []
    membership = client.cluster_service.add_listener(member_added=members.append, fire_for_existing=True)
    lifecycle = client.lifecycle_service.add_listener(states.append)
    dropped = client.lifecycle_service.add_listener(lambda _: pytest.fail("it was removed"))
    assert members == client.cluster_service.get_members()
    assert client.cluster_service.get_members(lambda member: member.lite_member) == []
    assert client.cluster_service.remove_listener(membership)
    assert not client.cluster_service.remove_listener(membership)
    assert client.lifecycle_service.remove_listener(dropped)
    client.shutdown()
    until(lambda: states == [LifecycleState.SHUTTING_DOWN, LifecycleState.DISCONNECTED, LifecycleState.SHUTDOWN])
    assert client.lifecycle_service.remove_listener(lifecycle)


def test_a_listener_may_remove_itself_also_after_the_end(cluster: LocalCluster) -> None:
    with cluster.connect() as client:
        service = client.cluster_service
    removed: list[bool] = []
    # Nothing runs listeners any more but the thread that adds this one.
    listener = (lambda _: removed.append(service.remove_listener("")), None, True)
    adding = threading.Thread(target=service.add_listener, args=listener, daemon=True)
    adding.start()
    adding.join(10)
    assert removed == [False]


def test_a_listener_that_is_none_does_no_harm(cluster: LocalCluster) -> None:
    client = HazelcastClient(cluster_name="one", cluster_members=cluster.addresses)
    client.lifecycle_service.add_listener(None)  # type: ignore[arg-type]
    client.shutdown()
    with pytest.raises(HazelcastClientNotActiveError):
        client.get_map("m").size().result()


def test_a_structure_may_have_no_name(client: Client, unique_name: str) -> None:
    nameless = client.get_map("").blocking()
    nameless.put(unique_name, 1)
    assert nameless.get(unique_name) == 1
    assert "" in hzdata.maps(client=client)["name"].tolist()
    nameless.destroy()


def test_structures_are_copied(client: Client, unique_name: str) -> None:
    queue = client.get_queue(unique_name).blocking()
    copy.copy(queue).offer(1)
    assert queue.poll() == 1


def test_a_blocking_structure_is_one_of_its_class(client: Client, unique_name: str) -> None:
    for made in (client.get_map(unique_name), client.get_ringbuffer(unique_name)):
        blocking = made.blocking()
        assert isinstance(blocking, type(made))
    assert not isinstance(client.get_map(unique_name).blocking(), Ringbuffer)


def test_a_client_and_its_structures_say_that_they_do_not_go_to_another_process(client: Client) -> None:
    m = client.get_map("m")
    for thing in (client, m, m.blocking(), client.sql, client.get_pn_counter("c").blocking()):
        with pytest.raises(TypeError, match="connect anew there"):
            pickle.dumps(thing)


def test_errors_go_from_process_to_process(client: Client) -> None:
    with pytest.raises(HazelcastSqlError) as failed:
        client.sql.execute("SELECT nothing").result()
    for error in (failed.value, ColumnValueError("age", 5, "it is too large", "make it smaller")):
        again = pickle.loads(pickle.dumps(error))
        assert (type(again), str(again), vars(again)) == (type(error), str(error), vars(error))


def test_listeners_have_heard_of_what_is(cluster: LocalCluster, unique_name: str) -> None:
    members: list[Any] = []
    states: list[str] = []
    client = cluster.connect(
        membership_listeners=[(members.append, None)],
        lifecycle_listeners=[lambda state: states.append(state) or time.sleep(0.05)],
    )
    assert states == [LifecycleState.STARTING, LifecycleState.STARTED, LifecycleState.CONNECTED]
    assert members == client.cluster_service.get_members()
    others: list[Any] = []
    busy = threading.Event()
    client.get_map(unique_name).size().add_done_callback(lambda _: busy.set() or time.sleep(0.05))
    assert busy.wait(10)
    client.cluster_service.add_listener(others.append, fire_for_existing=True)
    assert others == members
    client.shutdown()


def test_a_future_says_what_became_of_it(client: Client, unique_name: str) -> None:
    m = client.get_map(unique_name)
    good, bad = m.put("a", 1), m.replace_if_same("a", 1, 2)
    assert combine_futures([good, bad]).result() == [None, True]
    assert (good.done(), good.running(), good.is_success(), good.exception(), good.traceback()) == (
        True, False, True, None, None,
    )  # fmt: skip
    failing = client.get_list(unique_name).get(99)
    with pytest.raises(HazelcastError):
        failing.result()
    assert not failing.is_success()
    assert isinstance(failing.exception(), HazelcastError)
    called: list[Any] = []
    m.get("a").add_done_callback(lambda future: called.append(future.result()))
    until(lambda: called == [2])
    assert m.get("a").continue_with(lambda future, more: future.result() + more, 40).result() == 42


@pytest.mark.newer
@pytest.mark.parametrize("kind", [RoundRobinLB, RandomLB])
def test_a_load_balancer_knows_the_members(cluster3: LocalCluster, kind: type[LoadBalancer]) -> None:
    balancer = kind()
    assert balancer.next() is None
    with cluster3.connect(load_balancer=balancer) as client:
        members = {member.uuid for member in client.cluster_service.get_members()}
        until(lambda: {balancer.next().uuid for _ in range(60)} == members)
        if kind is RoundRobinLB:
            turns = [balancer.next().uuid for _ in range(6)]
            assert turns[:3] == turns[3:]
            assert set(turns) == members
        assert client.sql.execute("SELECT 1").result().is_row_set()


@pytest.mark.newer
def test_a_load_balancer_of_ones_own_is_asked(cluster3: LocalCluster) -> None:
    class Oldest(LoadBalancer):
        asked = 0

        def init(self, cluster_service: ClusterService) -> None:
            self.members = cluster_service.get_members

        def next(self) -> MemberInfo:
            self.asked += 1
            return self.members()[0]

    oldest = Oldest()
    with cluster3.connect(load_balancer=oldest) as client:
        asked = oldest.asked
        for _ in range(5):
            connection = client._context.connections.pick()
            assert connection.member_uuid == client.cluster_service.get_members()[0].uuid
        assert oldest.asked >= asked + 5


def test_keys_of_a_name_lie_together(client: Client, unique_name: str) -> None:
    service = client.partition_service
    assert string_partition_strategy("orders@customer") == "customer"
    assert service.get_partition_count() == 271
    partition = service.get_partition_id("customer")
    assert 0 <= partition < 271
    assert service.get_partition_owner(partition) in {m.uuid for m in client.cluster_service.get_members()}
    queue = client.get_queue("orders@customer")
    queue.offer(1).result()
    assert queue._partition_id == partition
    queue.destroy()


def test_what_remains_of_a_map(client: Client, unique_name: str) -> None:
    m = client.get_map(unique_name).blocking()
    assert m.try_put("a", 1)
    assert m.try_put("b", 2, timeout=1)
    assert m.try_remove("a")
    m.evict_all()
    assert m.size() == 0
    m.lock("locked")
    outcome: list[bool] = []
    thread = threading.Thread(target=lambda: outcome.extend([m.try_put("locked", 1, 0.1), m.try_remove("locked", 0.1)]))
    thread.start()
    thread.join()
    m.unlock("locked")
    assert outcome == [False, False]
    assert get_entry_listener_flags(ADDED=print, REMOVED=None, EVICTED=print) == (
        EntryEventType.ADDED | EntryEventType.EVICTED
    )
    same = create_map_proxy(Map.SERVICE, unique_name, client._context)
    assert same.size().result() == 0
    config = IndexConfig.from_dict({"name": "by_n", "type": "HASH"})
    config.add_attribute("n")
    client.get_map(unique_name).add_index(config.attributes, config.type, config.name).result()


def test_topics_can_be_used_blocking(client: Client, unique_name: str) -> None:
    assert client.get_topic(unique_name).blocking().publish("m") is None
    assert client.get_reliable_topic(unique_name).blocking().publish("m") is None


def test_options_of_structures_are_made_of_dicts(cluster: LocalCluster, unique_name: str) -> None:
    assert NearCacheConfig.from_dict({"time_to_live": 5, "eviction_policy": "LFU"}).eviction_policy == 2
    topics = {unique_name: ReliableTopicConfig.from_dict({"overload_policy": "ERROR"})}
    ids = {unique_name: FlakeIdGeneratorConfig.from_dict({"prefetch_count": 3})}
    client = cluster.connect(reliable_topics=topics, flake_id_generators=ids)
    assert client.config.reliable_topics[unique_name].overload_policy == 3
    assert client.get_flake_id_generator(unique_name).new_id().result() > 0
    client.shutdown()


def test_a_token_goes_to_the_member(cluster: LocalCluster) -> None:
    # A community member takes no token; that it says so shows that it got one.
    with pytest.raises(HazelcastError):
        cluster.connect(token_provider=BasicTokenProvider("secret"), cluster_connect_timeout=0)


def test_operations_of_a_vector_collection_are_sent(client: Client, unique_name: str) -> None:
    from hzdata.core.proxy.vector_collection import VectorCollection

    # Members without the licence know no such structure; each operation is one they were asked for, and refused.
    vectors = VectorCollection(VectorCollection.SERVICE, unique_name, client._context).blocking()
    vector = Vector("", Type.DENSE, [0.1, 0.2])
    document = Document("value", vector)
    for call in (
        lambda: vectors.get(1), lambda: vectors.set(1, document), lambda: vectors.put(1, document),
        lambda: vectors.put_if_absent(1, document), lambda: vectors.put_all({1: document}),
        lambda: vectors.search_near_vector(vector), lambda: vectors.remove(1), lambda: vectors.delete(1),
        lambda: vectors.optimize(), lambda: vectors.clear(), lambda: vectors.size(),
    ):  # fmt: skip
        with pytest.raises(HazelcastError):
            call()
