"""The client for asyncio: every operation is a coroutine, over the same structures."""

from __future__ import annotations

import asyncio
import inspect
import threading
import time
from collections.abc import Awaitable, Callable
from typing import Any

import hazelcast.asyncio
import pytest

import hzdata.core.asyncio
from hzdata import LocalCluster
from hzdata.core.asyncio import HazelcastClient, Map, ReliableMessageListener, _Facade
from hzdata.core.client import _KINDS
from hzdata.core.errors import HazelcastClientNotActiveError, UnsupportedOperationError
from hzdata.core.proxy.cp.atomic_long import AtomicLong
from hzdata.core.proxy.cp.atomic_reference import AtomicReference
from hzdata.core.proxy.cp.count_down_latch import CountDownLatch
from hzdata.core.proxy.cp.fenced_lock import FencedLock
from hzdata.core.proxy.cp.semaphore import Semaphore
from hzdata.core.serialization.api import CompactReader, CompactSerializer, CompactWriter
from hzdata.core.vector import IndexConfig, Metric
from tests.conftest import QUICK_START, VERSION
from tests.waiting import until

PROXIES = {
    kind.__name__: kind for kind in (*_KINDS, AtomicLong, AtomicReference, CountDownLatch, FencedLock, Semaphore)
}


def run(cluster: LocalCluster, work: Callable[[HazelcastClient], Awaitable[Any]]) -> Any:
    async def main() -> Any:
        async with await HazelcastClient.create_and_start(
            cluster_members=cluster.addresses, cluster_name=cluster.cluster_name
        ) as client:
            return await work(client)

    return asyncio.run(main())


def test_operations_are_coroutines(cluster: LocalCluster, unique_name: str) -> None:
    async def work(client: HazelcastClient) -> None:
        m = await client.get_map(unique_name)
        assert isinstance(m, Map)
        assert await client.get_map(unique_name) is m
        assert m.name == unique_name
        assert asyncio.iscoroutine(coroutine := m.put("a", 1))
        assert await coroutine is None
        await asyncio.create_task(m.put("b", 2))
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(m.get(key)) for key in ("a", "b", "c")]
        assert [task.result() for task in tasks] == [1, 2, None]
        assert sorted(await m.entry_set()) == [("a", 1), ("b", 2)]
        heard: list[Any] = []
        registration = await m.add_entry_listener(added_func=heard.append)
        await m.put("c", 3)
        while not heard:
            await asyncio.sleep(0.01)
        assert await m.remove_entry_listener(registration)
        assert await m.destroy()
        assert client.lifecycle_service.is_running()
        assert len(client.cluster_service.get_members()) == 1

    run(cluster, work)


def test_every_structure_is_there(cluster: LocalCluster, unique_name: str) -> None:
    async def work(client: HazelcastClient) -> None:
        queue = await client.get_queue(unique_name)
        taking = asyncio.create_task(queue.take())
        await asyncio.sleep(0.1)
        await queue.offer("item")
        assert await taking == "item"
        assert await (await client.get_set(unique_name)).add(1)
        assert await (await client.get_list(unique_name)).add(1)
        assert await (await client.get_multi_map(unique_name)).put(1, 1)
        assert await (await client.get_replicated_map(unique_name)).put(1, 1) is None
        assert await (await client.get_ringbuffer(unique_name)).add(1) == 0
        assert await (await client.get_pn_counter(unique_name)).add_and_get(2) == 2
        assert await (await client.get_flake_id_generator(unique_name)).new_id() > 0
        assert not await (await client.get_executor(unique_name)).is_shutdown()
        await (await client.get_topic(unique_name)).publish("m")
        await (await client.get_reliable_topic(unique_name)).publish("m")

    run(cluster, work)


def test_listeners_run_on_the_loop(cluster: LocalCluster, unique_name: str) -> None:
    async def main() -> list[str]:
        told: list[str] = []

        def tell(event: Any) -> None:
            asyncio.get_running_loop()
            told.append(event if isinstance(event, str) else type(event).__name__)

        def tell_of_entry(event: Any) -> None:
            tell(event)
            heard.set()

        heard = asyncio.Event()
        async with await HazelcastClient.create_and_start(
            cluster_members=cluster.addresses, cluster_name=cluster.cluster_name, lifecycle_listeners=[tell]
        ) as client:
            client.cluster_service.add_listener(tell, fire_for_existing=True)
            assert told == ["STARTING", "STARTED", "CONNECTED", "MemberInfo"]
            m = await client.get_map(unique_name)
            await m.add_entry_listener(added_func=tell_of_entry)
            await m.put("k", "v")
            await asyncio.wait_for(heard.wait(), 10)
        return told[4:]

    assert asyncio.run(main()) == ["EntryEvent", "SHUTTING_DOWN", "DISCONNECTED", "SHUTDOWN"]


def test_a_listener_outlives_its_loop(cluster: LocalCluster, unique_name: str) -> None:
    heard = threading.Event()
    kept: list[HazelcastClient] = []

    async def main() -> None:
        client = await HazelcastClient.create_and_start(
            cluster_members=cluster.addresses, cluster_name=cluster.cluster_name
        )
        kept.append(client)
        await (await client.get_map(unique_name)).add_entry_listener(added_func=lambda _: heard.set())

    asyncio.run(main())
    cluster.client.get_map(unique_name).put("k", "v").result()
    assert heard.wait(10)
    asyncio.run(kept[0].shutdown())


@pytest.mark.newer
def test_the_partition_of_a_key_is_awaited(cluster: LocalCluster) -> None:
    class PointSerializer(CompactSerializer[complex]):
        def read(self, reader: CompactReader) -> complex:
            raise NotImplementedError

        def write(self, writer: CompactWriter, obj: complex) -> None:
            writer.write_float64("asyncio_x", obj.real)

        def get_type_name(self) -> str:
            return "asyncio-point"

        def get_class(self) -> type[complex]:
            return complex

    async def main() -> list[int]:
        async with await HazelcastClient.create_and_start(
            cluster_members=cluster.addresses,
            cluster_name=cluster.cluster_name,
            compact_serializers=[PointSerializer()],
        ) as client:
            partitions = client.partition_service
            found = [await partitions.get_partition_id(key) for key in ("Ada", 1j)]
            assert partitions.get_partition_owner(found[0]) in {m.uuid for m in client.cluster_service.get_members()}
            assert 0 <= found[1] < partitions.get_partition_count()
            with pytest.raises(AssertionError):
                await partitions.get_partition_id(None)
        return found[:1]

    assert asyncio.run(main()) == [cluster.client.partition_service.get_partition_id("Ada")]


def test_a_start_that_nobody_waits_for_ends(unique_name: str) -> None:
    async def main() -> None:
        start = HazelcastClient.create_and_start(cluster_members=["127.0.0.1:1"], client_name=unique_name)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(start, 0.2)
        until(lambda: not any(thread.name.startswith(unique_name) for thread in threading.enumerate()))

    asyncio.new_event_loop().run_until_complete(main())


@pytest.mark.parametrize("name", hazelcast.asyncio.__all__)
def test_every_name_of_the_vendors_is_there(name: str) -> None:
    vendors, ours = getattr(hazelcast.asyncio, name), getattr(hzdata.core.asyncio, name)
    assert name in hzdata.core.asyncio.__all__
    if not isinstance(vendors, type) or ours is ReliableMessageListener:
        return
    assert {member for member in dir(vendors) if not member.startswith("_")} <= {*dir(ours), *dir(PROXIES.get(name))}
    constants = {member: value for member, value in vars(vendors).items() if member.isupper() and member[0] != "_"}
    assert constants == {member: getattr(ours, member) for member in constants}
    for member, function in vars(vendors).items():
        # What is a coroutine there is one here; getattr of a facade decides, so of one that wraps nothing.
        if not member.startswith("_") and callable(function) and issubclass(ours, _Facade) and name in PROXIES:
            operation = getattr(ours(PROXIES[name].__new__(PROXIES[name])), member)
            assert inspect.iscoroutinefunction(operation) == inspect.iscoroutinefunction(function), member


def test_who_waits_for_a_cluster_that_is_away_keeps_nobody_from_ending() -> None:
    async def work(cluster: LocalCluster) -> tuple[list[Any], float]:
        client = await HazelcastClient.create_and_start(cluster_members=list(cluster.addresses))
        cluster.kill_member(0)
        names = [asyncio.wait_for(client.get_map(f"map {i}"), 0.2) for i in range(40)]  # More than a pool has threads.
        given_up = await asyncio.gather(*names, return_exceptions=True)
        await asyncio.wait_for(client.shutdown(), 20)
        return given_up, time.monotonic()

    with LocalCluster(version=VERSION, jvm_args=QUICK_START) as cluster:
        given_up, ended = asyncio.run(work(cluster))
        assert [type(each) for each in given_up] == [TimeoutError] * 40
        assert time.monotonic() - ended < 20  # The loop, too.


def test_nothing_here_waits_but_by_await() -> None:
    assert not hasattr(hzdata.core.asyncio.Map, "blocking")


def test_what_need_not_be_awaited_there_need_not_here(cluster: LocalCluster, unique_name: str) -> None:
    async def work(client: HazelcastClient) -> int:
        counter = await client.get_pn_counter(unique_name)
        await counter.add_and_get(2)
        resetting = counter.reset()
        assert not asyncio.iscoroutine(resetting)
        await resetting
        return await counter.get()

    assert run(cluster, work) == 2


def test_a_member_without_the_licence_refuses_a_vector_collection(cluster: LocalCluster, unique_name: str) -> None:
    async def work(client: HazelcastClient) -> None:
        await client.create_vector_collection_config(unique_name, [IndexConfig("", Metric.COSINE, 2)])

    with pytest.raises(UnsupportedOperationError):
        run(cluster, work)


@pytest.mark.newer
def test_rows_of_a_query_are_iterated_over(cluster: LocalCluster) -> None:
    async def work(client: HazelcastClient) -> list[int]:
        result = await client.sql.execute("SELECT v FROM TABLE(generate_series(1, 5))")
        found = [row["v"] async for row in result]
        pages = await client.sql.execute("SELECT v FROM TABLE(generate_series(6, 9))", cursor_buffer_size=2)
        rows = pages.iterator()
        found.append((await anext(rows))["v"])
        found += [row["v"] async for row in rows]
        with pytest.raises(StopAsyncIteration):
            await anext(rows)
        async with await client.sql.execute("SELECT v FROM TABLE(generate_stream(10))") as endless:
            async for row in endless:
                found.append(row["v"])
                break
        return found

    assert run(cluster, work) == [1, 2, 3, 4, 5, 6, 7, 8, 9, 0]


def test_a_lock_belongs_to_a_task(cluster: LocalCluster, unique_name: str) -> None:
    async def work(client: HazelcastClient) -> list[str]:
        m = await client.get_map(unique_name)
        order: list[str] = []

        async def critical(name: str) -> None:
            async with m.lock_context("k"):
                order.append(name)
                await asyncio.sleep(0.05)
                order.append(name)

        await asyncio.gather(critical("one"), critical("two"))
        return order

    first, again, second, last = run(cluster, work)
    assert (first, second) == (again, last)


def test_after_shutdown_operations_fail(cluster: LocalCluster, unique_name: str) -> None:
    kept: list[Any] = []

    async def work(client: HazelcastClient) -> None:
        kept.append(await client.get_map(unique_name))

    run(cluster, work)
    with pytest.raises(HazelcastClientNotActiveError):
        asyncio.run(kept[0].get(1))


def test_structures_show_their_coroutines_before_there_is_a_client() -> None:
    for kind, names in (
        (Map, ("get", "put_all", "lock")),
        (hzdata.core.asyncio.Ringbuffer, ("read_many",)),
        (hzdata.core.asyncio.FencedLock, ("unlock",)),
    ):
        for name in names:
            assert name in dir(kind)
            assert inspect.iscoroutinefunction(getattr(kind, name))
            assert inspect.getdoc(getattr(kind, name))
    assert list(inspect.signature(Map.replace_if_same).parameters) == ["self", "key", "old_value", "new_value"]
