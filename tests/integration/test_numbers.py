"""Flake ids and PN counters on real members."""

from __future__ import annotations

import threading
import time

import pytest

from hzdata import Client, LocalCluster
from hzdata.core.client import HazelcastClient
from hzdata.core.errors import ConsistencyLostError, TargetDisconnectedError
from hzdata.core.protocol.messages import message
from tests.conftest import QUICK_START, VERSION
from tests.waiting import until
from tests.wire import unchanged, wire_to


def test_flake_ids_are_unique_over_threads_and_clients(cluster: LocalCluster, unique_name: str) -> None:
    clients = [
        cluster.connect(flake_id_generators={unique_name: {"prefetch_count": 7, "prefetch_validity": 600}}),
        cluster.connect(),
    ]
    ids: list[int] = []

    def work(client: Client) -> None:
        generator = client.get_flake_id_generator(unique_name).blocking()
        ids.extend([generator.new_id() for _ in range(100)])

    threads = [threading.Thread(target=work, args=(client,)) for client in clients for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(ids)) == len(ids) == 600
    for client in clients:
        client.shutdown()


def test_a_batch_of_flake_ids_is_used_no_longer_than_it_is_valid(cluster: LocalCluster, unique_name: str) -> None:
    client = cluster.connect(flake_id_generators={unique_name: {"prefetch_count": 1000, "prefetch_validity": 0.2}})
    generator = client.get_flake_id_generator(unique_name).blocking()
    first, second = generator.new_id(), generator.new_id()
    step = second - first
    time.sleep(0.3)
    assert generator.new_id() - second > step * 100  # A new batch, of a later time.
    client.shutdown()


def test_a_counter_counts(client: Client, unique_name: str) -> None:
    counter = client.get_pn_counter(unique_name).blocking()
    assert counter.get() == 0
    assert counter.add_and_get(5) == 5
    assert counter.get_and_add(2) == 5
    assert counter.subtract_and_get(3) == 4
    assert counter.get_and_subtract(1) == 4
    assert counter.increment_and_get() == 4
    assert counter.get_and_increment() == 4
    assert counter.decrement_and_get() == 4
    assert counter.get_and_decrement() == 4
    assert counter.get() == 3
    counter.reset()
    assert counter.get() == 3


def test_a_counter_outlives_its_replica() -> None:
    with LocalCluster(members=3, version=VERSION, jvm_args=QUICK_START) as cluster:
        client = cluster.connect()
        counter = client.get_pn_counter("c")
        assert counter.add_and_get(5).result() == 5
        target = counter._target
        others = cluster.connect().get_pn_counter("c")
        until(lambda: others.get().result() == 5)
        time.sleep(2)  # Replicas tell each other once a second.
        address = next(m.address for m in client.cluster_service.get_members() if m.uuid == target)
        cluster.kill_member(next(i for i, m in enumerate(cluster.members) if m.address.endswith(f":{address.port}")))
        until(lambda: len(client.cluster_service.get_members()) == 2)
        assert counter.add_and_get(1).result(60) == 6
        assert counter._target != target


def test_what_may_have_been_counted_is_not_counted_again(cluster3: LocalCluster, unique_name: str) -> None:
    with wire_to(cluster3.addresses[0]) as wire:
        options = {"cluster_name": cluster3.cluster_name, "cluster_members": [wire.address], "smart_routing": False}
        with HazelcastClient(**options) as client:
            counter = client.get_pn_counter(unique_name)
            added = message("PNCounter.add").type + 1
            wire.on_answer = lambda line, answer: line.cut() if answer.type == added else unchanged(line, answer)
            with pytest.raises(TargetDisconnectedError):
                counter.increment_and_get().result(30)
            assert counter.get().result(30) == 1


def test_a_counter_whose_writes_are_lost_says_so_until_it_is_reset() -> None:
    config = {"pn-counter": {"default": {"replica-count": 1}}}
    with LocalCluster(members=2, version=VERSION, jvm_args=QUICK_START, config=config) as cluster:
        client = cluster.connect()
        counter = client.get_pn_counter("c").blocking()
        counter.add_and_get(5)
        cluster.kill_member(0)
        until(lambda: len(client.cluster_service.get_members()) == 1)
        with pytest.raises(ConsistencyLostError):
            counter.get()
        counter.reset()
        assert counter.add_and_get(1) == 1
