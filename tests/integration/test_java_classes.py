"""What runs on members, with real classes: entry processors, interceptors, stores, comparators, filters, tasks."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from hzdata import Client, LocalCluster
from hzdata.core import predicate
from hzdata.core.errors import HazelcastError
from tests import java_classes as java
from tests.conftest import QUICK_START, VERSION
from tests.waiting import until


@pytest.fixture(scope="module")
def cluster() -> Iterator[LocalCluster]:
    """Two members that have the classes."""
    classes = java.compiled(VERSION)
    with LocalCluster(
        2, version=VERSION, classpath=[classes], config=java.MEMBER_CONFIG, jvm_args=QUICK_START, cluster_name="java"
    ) as cluster:
        yield cluster


def test_an_entry_processor_runs_where_entries_are(client: Client, unique_name: str) -> None:
    m = client.get_map(unique_name).blocking()
    m.put_all({i: f"v{i}" for i in range(10)})
    assert m.execute_on_key(1, java.SetValue("one")) == "v1"
    assert m.get(1) == "one"
    assert sorted(m.execute_on_keys((k for k in (2, 3)), java.SetValue("some"))) == [(2, "v2"), (3, "v3")]
    assert m.execute_on_keys([], java.SetValue("none")) == []
    changed = m.execute_on_entries(java.SetValue("chosen"), predicate.equal("this", "some"))
    assert sorted(changed) == [(2, "some"), (3, "some")]
    assert len(m.execute_on_entries(java.SetValue("all"))) == 10
    assert set(m.values()) == {"all"}


def test_an_interceptor_sees_what_goes_out(client: Client, unique_name: str) -> None:
    m = client.get_map(unique_name).blocking()
    m.put(1, "quiet")
    registration = m.add_interceptor(java.UpperCase())
    assert m.get(1) == "QUIET"
    assert m.remove_interceptor(registration)
    assert m.get(1) == "quiet"


def test_entries_are_loaded_from_a_store(client: Client) -> None:
    m = client.get_map("squares").blocking()
    assert (m.get(2), m.get(9)) == (4, None)
    m.clear()
    m.load_all([1, 3])
    until(lambda: m.size() == 2)
    m.load_all()
    until(lambda: m.size() == 3)
    m.set(2, 0)
    m.load_all([2], replace_existing_values=False)
    assert m.get(2) == 0
    m.load_all([2])
    until(lambda: m.get(2) == 4)
    m.put_transient(8, 64)
    assert m.get(8) == 64
    m.evict(2)
    m.flush()


def test_pages_are_in_the_order_of_a_comparator(client: Client, unique_name: str) -> None:
    m = client.get_map(unique_name).blocking()
    m.put_all({i: i for i in range(10)})
    paging = predicate.paging(predicate.true(), 4, java.ByValueDescending())
    assert m.values(paging) == [9, 8, 7, 6]
    paging.next_page()
    assert m.entry_set(paging) == [(5, 5), (4, 4), (3, 3), (2, 2)]
    paging.next_page()
    assert m.key_set(paging) == [1, 0]


def test_a_ringbuffer_is_read_through_a_filter(client: Client, unique_name: str) -> None:
    ring = client.get_ringbuffer(unique_name).blocking()
    ring.add_all(["apple", "bean", "avocado", "corn"])
    result = ring.read_many(0, 1, 4, java.StartsWith("a"))
    assert list(result) == ["apple", "avocado"]
    assert (result.read_count, result.next_sequence_to_read_from) == (4, 4)
    assert [result.get_sequence(i) for i in range(2)] == [0, 2]


def test_a_task_runs_on_the_member_that_it_is_given_to(client: Client, unique_name: str) -> None:
    executor = client.get_executor(unique_name).blocking()
    members = client.cluster_service.get_members()
    owner = client.partition_service.get_partition_owner(client.partition_service.get_partition_id("k"))
    assert executor.execute_on_key_owner("k", java.Echo("hi")) == f"hi {owner}"
    for member in members:
        assert executor.execute_on_member(member, java.Echo("hi")) == f"hi {member.uuid}"
    assert executor.execute_on_members(members[:1], java.Echo("hi")) == [f"hi {members[0].uuid}"]
    assert executor.execute_on_all_members(java.Echo("hi")) == [f"hi {member.uuid}" for member in members]
    with pytest.raises(HazelcastError, match="nothing to echo"):
        executor.execute_on_key_owner("k", java.Echo())
    assert not executor.is_shutdown()
    executor.shutdown()
    until(executor.is_shutdown)
