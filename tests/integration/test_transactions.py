"""Transactions on a real member."""

from __future__ import annotations

import signal
import threading
import time
from typing import Any

import pytest

import hzdata
from hzdata import Client, LocalCluster
from hzdata.core import predicate
from hzdata.core.errors import TransactionError
from hzdata.core.protocol.framing import Message
from hzdata.core.protocol.messages import message
from hzdata.core.transaction import ONE_PHASE, TWO_PHASE
from tests.wire import Line, wire_to


@pytest.mark.parametrize("kind", [ONE_PHASE, TWO_PHASE])
def test_a_commit_lets_all_take_effect_together(client: Client, unique_name: str, kind: int) -> None:
    transaction = client.new_transaction(timeout=30, durability=1, type=kind)
    assert (transaction.state, transaction.id) == ("not_started", None)
    transaction.begin()
    assert transaction.state == "active"
    assert transaction.id is not None
    assert transaction.thread_id == threading.get_ident()
    assert abs((transaction.start_time or 0) - time.time()) < 30
    transaction.get_map(unique_name).put("a", 1)
    transaction.get_list(unique_name).add("item")
    assert client.get_map(unique_name).size().result() == 0
    transaction.commit()
    assert transaction.state == "committed"
    assert client.get_map(unique_name).get("a").result() == 1
    assert client.get_list(unique_name).get_all().result() == ["item"]


def test_a_rollback_leaves_nothing(client: Client, unique_name: str) -> None:
    transaction = client.new_transaction()
    transaction.begin()
    transaction.get_map(unique_name).put("a", 1)
    transaction.rollback()
    assert transaction.state == "rolled_back"
    assert client.get_map(unique_name).size().result() == 0
    with pytest.raises(TransactionError, match="not active"):
        transaction.commit()
    with pytest.raises(TransactionError, match="already been started"):
        transaction.begin()
    with pytest.raises(TransactionError, match="not in active state"):
        transaction.get_map(unique_name)


def test_a_block_commits_at_its_end_and_rolls_back_on_an_error(client: Client, unique_name: str) -> None:
    with client.new_transaction() as transaction:
        transaction.get_set(unique_name).add("kept")

    def failing() -> None:
        with client.new_transaction() as transaction:
            transaction.get_set(unique_name).add("lost")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        failing()
    assert client.get_set(unique_name).get_all().result() == ["kept"]
    with client.new_transaction() as transaction:
        transaction.rollback()


def test_a_map_in_a_transaction(client: Client, unique_name: str) -> None:
    outside = client.get_map(unique_name).blocking()
    outside.put_all({i: i for i in range(5)})
    with client.new_transaction() as transaction:
        m = transaction.get_map(unique_name)
        assert transaction.get_map(unique_name) is m
        assert (m.contains_key(1), m.get(1), m.get_for_update(2), m.size(), m.is_empty()) == (True, 1, 2, 5, False)
        assert m.put(1, 10) == 1
        assert m.put_if_absent(1, 11) == 10
        assert m.put_if_absent(9, 9) is None
        m.set(2, 20)
        assert m.replace(3, 30) == 3
        assert m.replace(99, 1) is None
        assert (m.replace_if_same(3, 30, 31), m.replace_if_same(3, 77, 32)) == (True, False)
        assert m.remove(4) == 4
        assert (m.remove_if_same(0, 9), m.remove_if_same(0, 0)) == (False, True)
        m.delete(3)
        assert sorted(m.key_set()) == [1, 2, 9]
        assert sorted(m.values()) == [9, 10, 20]
        assert m.values(predicate.greater("this", 10)) == [20]
        assert m.key_set(predicate.equal("this", 20)) == [2]
        with pytest.raises(NotImplementedError):
            m.values(predicate.paging(None, 1))
        m.put("short", 1, ttl=60)
    assert dict(outside.entry_set()) == {1: 10, 2: 20, 9: 9, "short": 1}


def test_the_other_structures_in_a_transaction(client: Client, unique_name: str) -> None:
    client.get_queue(unique_name).add_all(["x", "y"]).result()
    with client.new_transaction() as transaction:
        # Names of their own: within a transaction members (5.7.0) take one name for one kind of collection.
        queue = transaction.get_queue(unique_name)
        items, unique = transaction.get_list(unique_name + "l"), transaction.get_set(unique_name + "s")
        multi = transaction.get_multi_map(unique_name)
        assert queue.offer("z")
        assert (queue.peek(), queue.poll(), queue.take(), queue.size()) == ("x", "x", "y", 1)
        assert queue.poll() == "z"
        assert queue.poll(0.1) is None
        assert (items.add("a"), items.add("a"), items.remove("a"), items.size()) == (True, True, True, 1)
        assert (unique.add("a"), unique.add("a"), unique.remove("b"), unique.size()) == (True, False, False, 1)
        assert (multi.put("k", 1), multi.put("k", 2), multi.put("l", 3)) == (True, True, True)
        assert (sorted(multi.get("k")), multi.value_count("k"), multi.size()) == ([1, 2], 2, 3)
        assert multi.remove("k", 1)
        assert multi.remove_all("l") == [3]
    assert client.get_multi_map(unique_name).entry_set().result() == [("k", 2)]
    assert client.get_list(unique_name + "l").get_all().result() == ["a"]
    assert client.get_queue(unique_name).is_empty().result()


def test_a_transaction_belongs_to_its_thread(client: Client, unique_name: str) -> None:
    transaction = client.new_transaction()
    transaction.begin()
    m = transaction.get_map(unique_name)
    refused: list[Any] = []

    def other() -> None:
        for call in (transaction.commit, transaction.rollback, lambda: m.put(1, 1)):
            try:
                call()
            except TransactionError as error:
                refused.append(str(error))
        with client.new_transaction() as own:
            own.get_map(unique_name).put("own", 1)

    thread = threading.Thread(target=other)
    thread.start()
    thread.join(30)
    assert refused == ["Transaction cannot span multiple threads."] * 3
    with pytest.raises(TransactionError, match="Nested"):
        client.new_transaction().begin()
    transaction.commit()
    assert client.get_map(unique_name).key_set().result() == ["own"]


@pytest.mark.parametrize(("kind", "left"), [(TWO_PHASE, []), (ONE_PHASE, ["kept"])])
def test_a_conflict_is_found_before_anything_is_written_in_two_phases(
    client: Client, unique_name: str, kind: int, left: list[str]
) -> None:
    m, queue = client.get_map(unique_name).blocking(), client.get_queue(unique_name).blocking()
    queue.put("job")

    def commit_without_a_lock() -> None:
        with client.new_transaction(type=kind) as transaction:
            transaction.get_map(unique_name).put("kept", 1)
            transaction.get_map(unique_name).put("taken", 1)
            assert transaction.get_queue(unique_name).poll() == "job"
            m.force_unlock("taken")
            thief = threading.Thread(target=m.lock, args=("taken",))
            thief.start()
            thief.join()

    with pytest.raises(TransactionError, match=r"[Ll]ock"):
        commit_without_a_lock()
    assert m.key_set() == left
    # Nor is anything kept from others.
    assert queue.size() == (not left)
    assert not m.is_locked("kept")
    m.force_unlock("taken")


def test_a_transaction_whose_time_is_over_is_not_committed(client: Client, unique_name: str) -> None:
    queue = client.get_queue(unique_name).blocking()
    queue.put("job")
    transaction = client.new_transaction(timeout=0.2)
    transaction.begin()
    transaction.get_map(unique_name).put(1, 1)
    assert transaction.get_queue(unique_name).poll() == "job"
    time.sleep(0.4)
    with pytest.raises(TransactionError, match="timed out"):
        transaction.commit()
    assert transaction.state == "rolling_back"
    assert queue.iterator() == ["job"]
    transaction.rollback()
    assert client.get_map(unique_name).size().result() == 0
    with client.new_transaction() as after:  # The thread is free again.
        after.get_map(unique_name).put(2, 2)


@pytest.mark.skipif(not hasattr(signal, "pthread_kill"), reason="no signal can be sent to a thread")
@pytest.mark.parametrize("method", ["poll", "commit"])
def test_an_interrupted_transaction_is_rolled_back_when_the_member_is_done_with_it(
    cluster: LocalCluster, unique_name: str, method: str
) -> None:
    passed: list[str] = []
    poll = message("TransactionalQueue.poll").type
    commit, rollback = message("Transaction.commit").type, message("Transaction.rollback").type
    names = {poll: "poll", commit: "commit", rollback: "rollback"}

    def on_request(_: Line, request: Message) -> bytes:
        if request.type == rollback:
            passed.append("rollback asked")
        return bytes(request.buffer)

    def on_answer(_: Line, answer: Message) -> bytes:
        name = names.get(answer.type - 1)
        if name == method:
            time.sleep(0.05)  # It waits by now.
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGALRM)
            time.sleep(0.1)
        if name is not None:
            passed.append(name)
        return bytes(answer.buffer)

    queue = cluster.client.get_queue(unique_name).blocking()
    queue.put("item")
    before = signal.signal(signal.SIGALRM, signal.default_int_handler)
    try:
        with (
            wire_to(cluster.addresses[0]) as wire,
            hzdata.connect(wire.address, cluster_name="one", smart_routing=False) as client,
        ):
            wire.on_request, wire.on_answer = on_request, on_answer
            with pytest.raises(KeyboardInterrupt), client.new_transaction() as transaction:
                transaction.get_queue(unique_name).poll()
    finally:
        signal.signal(signal.SIGALRM, before)
    assert passed.index(method) < passed.index("rollback asked")
    assert queue.size() == (1 if method == "poll" else 0)
