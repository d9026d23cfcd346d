"""The structures of the CP Subsystem, on members that agree by Raft."""

from __future__ import annotations

import asyncio
import importlib
import threading
import time
from typing import Any

import pytest

from hzdata import Client, LocalCluster
from hzdata.core import cp_sessions
from hzdata.core.asyncio import HazelcastClient
from hzdata.core.errors import (
    DistributedObjectDestroyedError,
    HazelcastError,
    IllegalMonitorStateError,
    IllegalStateError,
    LockAcquireLimitReachedError,
    LockOwnershipLostError,
    UnsupportedOperationError,
)
from hzdata.core.future import Future
from hzdata.core.proxy.cp.fenced_lock import FencedLock
from hzdata.local.versions import NEWEST_WITH_CP
from tests import examples, java_classes as java
from tests.conftest import QUICK_START
from tests.interrupts import interrupted
from tests.waiting import until


def in_thread(call: Any) -> Any:
    """What a call returns or raises on another thread."""
    outcome: list[Any] = []

    def run() -> None:
        try:
            outcome.append(call())
        except HazelcastError as error:
            outcome.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(60)
    return outcome[0]


def test_an_atomic_long(cp: Client, unique_name: str) -> None:
    n = cp.cp_subsystem.get_atomic_long(unique_name).blocking()
    assert n.get() == 0
    assert n.set(5) is None
    assert (n.add_and_get(2), n.get_and_add(3), n.get_and_set(1)) == (7, 7, 10)
    assert (n.increment_and_get(), n.get_and_increment(), n.decrement_and_get(), n.get_and_decrement()) == (2, 2, 2, 2)
    assert (n.compare_and_set(1, 8), n.compare_and_set(1, 9)) == (True, False)
    assert n.alter(java.Multiply("2")) is None
    assert (n.alter_and_get(java.Multiply("2")), n.get_and_alter(java.Multiply("10"))) == (32, 32)
    assert (n.apply(java.Multiply("2")), n.get()) == (640, 320)
    with pytest.raises(AssertionError):
        n.set("text")


def test_an_atomic_reference(cp: Client, unique_name: str) -> None:
    r = cp.cp_subsystem.get_atomic_reference(unique_name).blocking()
    assert (r.get(), r.is_none()) == (None, True)
    assert r.set("a") is None
    assert r.get_and_set("b") == "a"
    assert (r.compare_and_set("b", "c"), r.compare_and_set("b", "d")) == (True, False)
    assert (r.contains("c"), r.contains("d"), r.is_none()) == (True, False, False)
    assert r.alter(java.Append("1")) is None
    assert (r.alter_and_get(java.Append("2")), r.get_and_alter(java.Append("3"))) == ("c12", "c12")
    assert (r.apply(java.Append("!")), r.get()) == ("c123!", "c123")
    r.clear()
    assert r.get() is None


def test_a_count_down_latch(cp: Client, unique_name: str) -> None:
    latch = cp.cp_subsystem.get_count_down_latch(unique_name)
    assert latch.try_set_count(2).result()
    assert not latch.try_set_count(3).result()
    assert not latch.await_latch(0.1).result()
    waiting = latch.await_latch(60)
    latch.count_down().result()
    assert latch.get_count().result() == 1
    assert not waiting.done()
    latch.count_down().result()
    assert waiting.result(30)
    assert latch.blocking().get_count() == 0
    with pytest.raises(AssertionError, match="positive"):
        latch.try_set_count(0)


def test_a_lock_is_reentrant_and_its_fences_grow(cp: Client, unique_name: str) -> None:
    lock = cp.cp_subsystem.get_lock(unique_name).blocking()
    fence = lock.lock()
    assert fence > FencedLock.INVALID_FENCE
    assert lock.lock() == fence
    assert (lock.is_locked(), lock.is_locked_by_current_thread(), lock.get_lock_count()) == (True, True, 2)
    assert in_thread(lock.is_locked_by_current_thread) is False
    assert in_thread(lock.try_lock) == FencedLock.INVALID_FENCE
    assert in_thread(lambda: lock.try_lock(0.3)) == FencedLock.INVALID_FENCE
    assert isinstance(in_thread(lock.unlock), IllegalMonitorStateError)
    lock.unlock()
    lock.unlock()
    assert not lock.is_locked()
    assert lock.try_lock() > fence
    lock.unlock()
    with pytest.raises(IllegalMonitorStateError):
        lock.unlock()


def test_a_lock_is_waited_for(cp_cluster: LocalCluster, cp: Client, unique_name: str) -> None:
    lock = cp.cp_subsystem.get_lock(unique_name)
    fence = lock.lock().result()
    other = cp_cluster.connect()
    waiting = other.cp_subsystem.get_lock(unique_name).lock()
    time.sleep(0.5)
    assert not waiting.done()
    lock.unlock().result()
    assert waiting.result(30) > fence
    other.shutdown()
    # Its session was closed with it, and the lock is free.
    until(lambda: not lock.is_locked().result())


def test_a_lock_lives_longer_than_a_session_without_heartbeats(cp: Client, unique_name: str) -> None:
    lock = cp.cp_subsystem.get_lock(unique_name).blocking()
    lock.lock()
    time.sleep(8)
    assert lock.is_locked_by_current_thread()
    lock.unlock()


def test_who_comes_while_a_session_is_asked_for_shares_it(
    cp: Client, unique_name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    group = cp.cp_subsystem.get_lock(f"lock@{unique_name}").get_group_id()
    sessions, ask = cp._context.cp_sessions, cp._context.ask
    met = list[int]()
    comer = threading.Thread(target=lambda: met.append(sessions.acquire(group).result()))

    def ask_and_be_met(name: str, *parameters: Any, **route: Any) -> Future[Any]:
        if name == "CPSession.createSession":
            comer.start()  # Which it does once only.
        return ask(name, *parameters, **route)

    monkeypatch.setattr(cp._context, "ask", ask_and_be_met)
    session = sessions.acquire(group).result()
    comer.join(20)
    assert met == [session] == [sessions.current(group)]
    sessions.release(group, session, 2)


def test_wherever_a_session_is_interrupted_as_it_is_asked_for_the_next_one_comes(cp: Client, unique_name: str) -> None:
    group = cp.cp_subsystem.get_lock(unique_name).get_group_id()
    sessions = cp._context.cp_sessions
    place = 0
    while place == 0 or interrupted(lambda: sessions.acquire(group), place, cp_sessions.__file__):
        sessions.invalidate(group, sessions.acquire(group).result(20))
        place += 1
    assert place > 5


def test_who_lost_a_lock_is_told(cp: Client, unique_name: str) -> None:
    lock = cp.cp_subsystem.get_lock(unique_name).blocking()
    group = cp.cp_subsystem.get_lock(unique_name).get_group_id()
    lock.lock()
    from hzdata.core.protocol.messages import message

    session = cp._context.cp_sessions.current(group)
    assert cp.invocation_service.invoke(message("CPSession.closeSession"), group, session).result()
    with pytest.raises(LockOwnershipLostError, match="closed"):
        lock.unlock()
    assert lock.lock()
    lock.unlock()


def test_a_lock_is_entered_no_deeper_than_the_members_allow(cp: Client) -> None:
    lock = cp.cp_subsystem.get_lock("once").blocking()
    lock.lock()
    with pytest.raises(LockAcquireLimitReachedError):
        lock.lock()
    assert lock.try_lock() == FencedLock.INVALID_FENCE
    lock.unlock()


@pytest.mark.parametrize("name", ["semaphore", "sessionless"])
def test_a_semaphore_of_either_kind(cp: Client, name: str) -> None:
    semaphore = cp.cp_subsystem.get_semaphore(name).blocking()
    assert semaphore.init(5)
    assert not semaphore.init(7)
    semaphore.acquire()
    semaphore.acquire(2)
    assert semaphore.available_permits() == 2
    assert semaphore.try_acquire(2)
    assert not semaphore.try_acquire(1, 0.2)
    semaphore.release(3)
    assert semaphore.drain_permits() == 3
    semaphore.increase_permits(4)
    semaphore.reduce_permits(1)
    semaphore.reduce_permits(0)
    assert semaphore.available_permits() == 3
    semaphore.release(2)
    assert semaphore.available_permits() == 5
    waiting = cp.cp_subsystem.get_semaphore(name).acquire(6)
    assert not waiting.done()
    in_thread(lambda: semaphore.increase_permits(1))  # By the same thread it would cancel the wait.
    waiting.result(30)
    for call in (lambda: semaphore.acquire(0), lambda: semaphore.release(-1), lambda: semaphore.init(-1)):
        with pytest.raises(AssertionError):
            call()


def test_permits_of_a_session_are_free_with_it(cp_cluster: LocalCluster, cp: Client, unique_name: str) -> None:
    semaphore = cp.cp_subsystem.get_semaphore(unique_name).blocking()
    semaphore.init(1)
    other = cp_cluster.connect()
    other.cp_subsystem.get_semaphore(unique_name).acquire().result()
    with pytest.raises(IllegalStateError):
        semaphore.release()
    assert not semaphore.try_acquire()
    other.shutdown()
    assert semaphore.try_acquire(timeout=20)
    semaphore.release()


def test_a_group_is_named_after_the_at_sign(cp: Client, unique_name: str) -> None:
    here = cp.cp_subsystem.get_atomic_long(unique_name)
    there = cp.cp_subsystem.get_atomic_long(f"{unique_name}@other")
    here.set(1).result()
    assert there.get().result() == 0
    assert cp.cp_subsystem.get_atomic_long(f" {unique_name}@default ").get().result() == 1
    for name, said in (("a@b@c", "at most once"), ("a@metadata", "METADATA"), ("@g", "empty"), ("a@", "empty")):
        with pytest.raises(AssertionError, match=said):
            cp.cp_subsystem.get_atomic_long(name)


def test_what_was_destroyed_stays_so(cp: Client, unique_name: str) -> None:
    n = cp.cp_subsystem.get_atomic_long(unique_name)
    n.set(1).result()
    n.destroy().result()
    lock = cp.cp_subsystem.get_lock(unique_name)
    lock.lock().result()
    lock.destroy().result()
    with pytest.raises(DistributedObjectDestroyedError):
        lock.lock().result()
    with pytest.raises(DistributedObjectDestroyedError):
        n.get().result()
    with pytest.raises(DistributedObjectDestroyedError):
        cp.cp_subsystem.get_atomic_long(unique_name).get().result()


def test_it_can_be_awaited(cp: Client, unique_name: str) -> None:
    async def work() -> int:
        lock = cp.cp_subsystem.get_lock(unique_name)
        await lock.lock()
        found: int = await cp.cp_subsystem.get_atomic_long(unique_name).add_and_get(3)
        await lock.unlock()
        return found

    assert asyncio.run(work()) == 3


def test_a_lock_of_asyncio_belongs_to_a_task(cp_cluster: LocalCluster, unique_name: str) -> None:
    async def work() -> list[Any]:
        async with await HazelcastClient.create_and_start(
            cluster_members=cp_cluster.addresses, cluster_name=cp_cluster.cluster_name
        ) as client:
            lock = await client.cp_subsystem.get_lock(unique_name)
            fence = await lock.lock()
            mine = await lock.is_locked_by_current_task()
            of_another = await asyncio.create_task(lock.is_locked_by_current_task())
            refused = await asyncio.create_task(lock.try_lock())
            await lock.unlock()
            after = await (await client.cp_subsystem.get_atomic_long(unique_name)).add_and_get(3)
            return [fence > 0, mine, of_another, refused, await lock.is_locked(), lock.get_group_id().name, after]

    assert asyncio.run(work()) == [True, True, False, FencedLock.INVALID_FENCE, False, "default", 3]


def test_the_ids_of_tasks_that_have_ended_are_not_kept(
    cp_cluster: LocalCluster, unique_name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cp_sessions, "_MOST_IDS", 10)

    async def work() -> int:
        async with await HazelcastClient.create_and_start(
            cluster_members=cp_cluster.addresses, cluster_name=cp_cluster.cluster_name
        ) as client:
            lock = await client.cp_subsystem.get_lock(unique_name)

            async def use() -> None:
                await lock.lock()
                assert await lock.is_locked_by_current_task()
                await lock.unlock()

            for _ in range(5):
                await asyncio.gather(*(use() for _ in range(8)))
            return len(client._wrapped._context.cp_sessions._thread_ids)

    assert asyncio.run(work()) <= 10 + 8


def test_all_goes_on_when_a_cp_member_dies() -> None:
    with LocalCluster(3, version=NEWEST_WITH_CP, cp_members=3, jvm_args=QUICK_START) as cluster:
        client = cluster.connect()
        lock = client.cp_subsystem.get_lock("l")
        n = client.cp_subsystem.get_atomic_long("n")
        fence = lock.lock().result()
        n.set(41).result()
        cluster.kill_member(2)
        assert n.get().result(90) == 41
        assert lock.blocking().is_locked_by_current_thread()
        lock.unlock().result(90)
        assert lock.lock().result(90) > fence
        assert n.compare_and_set(41, 42).result(90)


def test_members_without_the_subsystem_say_so(client: Client) -> None:
    with pytest.raises(UnsupportedOperationError):
        client.cp_subsystem.get_atomic_long("n")


@pytest.mark.parametrize(
    "module",
    [
        "cp",
        *(
            f"proxy.cp.{kind}"
            for kind in ("atomic_long", "atomic_reference", "count_down_latch", "fenced_lock", "semaphore")
        ),
    ],
)
def test_docstrings_show_what_happens(cp: Client, module: str) -> None:
    examples.run(examples.in_docstrings(importlib.import_module(f"hzdata.core.{module}"), client=cp))
