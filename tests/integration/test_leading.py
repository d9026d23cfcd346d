"""A blocking call reads its own answer when nothing else is under way: what else may come then, or come instead."""

from __future__ import annotations

import os
import selectors
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import pytest

import hzdata
from hzdata import LocalCluster
from hzdata.core import HazelcastClient
from hzdata.core.errors import HazelcastClientNotActiveError, TargetDisconnectedError
from hzdata.core.network.connection import Connection
from hzdata.core.network.invocation import Invocation
from hzdata.core.protocol.framing import (
    BEGIN_FRAGMENT,
    END_FRAGMENT,
    EVENT,
    FINAL,
    FLAGS_HIGH_BYTE,
    FRAME_HEADER,
    Message,
)
from hzdata.core.protocol.messages import message
from tests.interrupts import interrupted
from tests.waiting import until
from tests.wire import Line, error, wire_to

_ANSWER = message("Map.get").type + 1
_NOT_ACTIVE = 19  # The code of an error after which a request is sent again.

# What is not read goes on being so until a heartbeat: here none comes before a test is over.
_NO_HEARTBEAT = {"heartbeat_interval": 300.0, "heartbeat_timeout": 600.0}


def _in_two_pieces(line: Line, answer: Message, event: Message) -> bytes:
    line.client.sendall(bytes(event.buffer) + bytes(answer.buffer[:-1]))
    time.sleep(0.005)
    return bytes(answer.buffer[-1:])


def _amid_fragments(line: Line, answer: Message, event: Message) -> bytes:
    rest = event.frames[1]
    first = bytearray(event.buffer[:rest])
    first[FLAGS_HIGH_BYTE] |= FINAL >> 8
    begin, end = (FRAME_HEADER.pack(14, flags) + bytes(8) for flags in (BEGIN_FRAGMENT, END_FRAGMENT))
    line.client.sendall(begin + first + bytes(answer.buffer))
    time.sleep(0.005)
    return end + bytes(event.buffer[rest:])


def _after_an_event(line: Line, answer: Message, event: Message) -> bytes:
    line.client.sendall(bytes(event.buffer))
    time.sleep(0.005)
    return bytes(answer.buffer)


def _slowly(line: Line, answer: Message, event: Message) -> bytes:
    line.client.sendall(bytes(event.buffer))
    time.sleep(0.1)
    return bytes(answer.buffer)


def _cut_off(line: Line, answer: Message, event: Message) -> bytes:
    line.client.sendall(bytes(event.buffer) + bytes(answer.buffer[:-1]))
    line.cut()
    return b""


_WAYS: list[Callable[[Line, Message, Message], bytes]] = [
    lambda line, answer, event: bytes(event.buffer) + bytes(answer.buffer),
    lambda line, answer, event: bytes(answer.buffer) + bytes(event.buffer),
    lambda line, answer, event: bytes(event.buffer) + error(answer, _NOT_ACTIVE, "not now"),
    _in_two_pieces,
    _amid_fragments,
    _after_an_event,
    _slowly,
    _cut_off,
]


@pytest.mark.parametrize("way", _WAYS)
def test_an_answer_comes_however_it_comes_and_events_beside_it(
    cluster: LocalCluster, unique_name: str, way: Callable[[Line, Message, Message], bytes]
) -> None:
    heard: list[Any] = []
    held: list[Message] = []
    answers = [0]

    def on_answer(line: Line, answer: Message) -> bytes | None:
        if answer.flags & EVENT and answer.correlation_id == registration.correlation_id:
            held.append(answer)
            return None
        if answer.type == _ANSWER and held:
            answers[0] += 1
            return way(line, answer, held.pop())
        return bytes(answer.buffer)

    with (
        wire_to(cluster.addresses[0]) as wire,
        hzdata.connect(wire.address, cluster_name="one", smart_routing=False, **_NO_HEARTBEAT) as client,
    ):
        m = client.get_map(unique_name)
        m.put("k", "v").result()
        invoked: list[Invocation] = []
        invoke = client.invocation_service.invoke

        def noted(*args: Any, **kwargs: Any) -> Invocation:
            invoked.append(invoke(*args, **kwargs))
            return invoked[-1]

        client.invocation_service.invoke = noted  # type: ignore[method-assign]
        m.add_entry_listener(added_func=lambda event: heard.append(event.key)).result()
        (registration,) = (one for one in invoked if one.on_event is not None)
        wire.on_answer = on_answer
        cluster.client.get_map(unique_name).put("new", 1).result()
        until(lambda: held)
        assert m.blocking().get("k") == "v"
        assert answers == [1]
        assert m.blocking().get("k") == "v"
        until(lambda: heard == ["new"])


def test_calls_and_events_go_on_while_another_thread_waits_for_long(cluster: LocalCluster, unique_name: str) -> None:
    with cluster.connect(**_NO_HEARTBEAT) as client, ThreadPoolExecutor() as pool:
        m, queue = client.get_map(unique_name).blocking(), client.get_queue(unique_name).blocking()
        heard: list[Any] = []
        m.add_entry_listener(added_func=lambda event: heard.append(event.key))
        for i in range(20):
            taken = pool.submit(queue.take)
            m.set(i, i)
            until(lambda: len(heard) == i + 1)  # noqa: B023
            assert m.get(i) == i
            cluster.client.get_queue(unique_name).put(i).result()
            assert taken.result(30) == i
        taken = pool.submit(queue.take)
        assert not taken.done()
        client.shutdown()
        with pytest.raises(HazelcastClientNotActiveError):
            taken.result(30)


def test_threads_that_call_at_the_same_time_leave_the_client_idle(cluster: LocalCluster, unique_name: str) -> None:
    with cluster.connect(**_NO_HEARTBEAT) as client, ThreadPoolExecutor(4) as pool:
        m = client.get_map(unique_name).blocking()

        def call(thread: int) -> list[Any]:
            return [m.put((thread, i), i) or m.get((thread, i)) for i in range(200)]

        assert list(pool.map(call, range(4))) == [list(range(200))] * 4
        before = time.process_time()
        time.sleep(0.3)
        # Of all threads: one that spins takes all of the time.
        assert time.process_time() - before < 0.15


def test_an_answer_that_came_before_the_connection_was_closed_is_one(
    cluster: LocalCluster, unique_name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hzdata.core.network.connection._LEAD", 20_000)

    def on_answer(_: Line, answer: Message) -> bytes:
        if answer.type != message("Map.put").type + 1:
            return bytes(answer.buffer)
        until(lambda: connection._leader)
        client._context.reactor.call_soon(lambda: held.set() or released.wait(20))
        assert held.wait(20)
        connection.close(TargetDisconnectedError("its member left, says another one"))
        return bytes(answer.buffer) * 2  # With anything beside it, it is the I/O thread's.

    with (
        ThreadPoolExecutor() as pool,
        wire_to(cluster.addresses[0]) as wire,
        hzdata.connect(wire.address, cluster_name="one", smart_routing=False, **_NO_HEARTBEAT) as client,
    ):
        m = client.get_map(unique_name).blocking()
        (connection,) = client._context.connections.connections()
        held, released = threading.Event(), threading.Event()
        wire.on_answer = on_answer
        answer = pool.submit(m.put, "k", "v")
        until(lambda: connection._received and connection._leader < 0)
        released.set()
        assert answer.result(20) is None


@pytest.mark.parametrize("is_alone", [True, False])
def test_wherever_a_call_is_interrupted_while_it_reads_its_answer_comes(
    cluster: LocalCluster, unique_name: str, is_alone: bool
) -> None:
    reached: set[str] = set()

    def on_answer(_: Line, answer: Message) -> bytes:
        if answer.type == _ANSWER:
            time.sleep(0.003)  # Noting calls is slow: the I/O thread would read it.
        return bytes(answer.buffer)

    with (
        wire_to(cluster.addresses[0]) as wire,
        hzdata.connect(wire.address, cluster_name="one", smart_routing=False, **_NO_HEARTBEAT) as client,
        ThreadPoolExecutor() as other,
    ):
        wire.on_answer = on_answer
        m = client.get_map(unique_name)
        m.set(1, "v").result()
        place, whole = 1, 0
        while whole < 10:  # The I/O thread may have read the answer after all.
            called = m.get(1)
            is_told = threading.Event()
            if not is_alone:
                called.add_done_callback(lambda _: is_told.set())  # noqa: B023
            function = interrupted(called.result, place)
            if function is None:
                whole += 1
            else:
                place, whole = place + 1, 0
                reached.add(function)
            assert called.result(20) == "v"
            assert other.submit(lambda: m.get(1).result()).result(20) == "v"
            assert is_alone or is_told.wait(20)
    assert {"lead", "_read_answer", "_follow"} <= reached
    # Whoever else is told of the answer is told by the I/O thread, which no interrupt reaches.
    assert is_alone == ({"on_message", "answered"} <= reached)


def test_a_signal_handler_that_takes_its_time_holds_up_no_other_thread(
    cluster: LocalCluster, unique_name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hzdata.core.network.connection._LEAD", 700)
    monkeypatch.setattr("hzdata.core.network.connections._PERIOD", 0.2)
    with cluster.connect(**_NO_HEARTBEAT) as client, ThreadPoolExecutor() as other:
        queue = client.get_queue(unique_name)
        taken = queue.take()
        (connection,) = client._context.connections.connections()

        def interrupt() -> None:
            with suppress(AssertionError):  # It was there for a moment.
                until(lambda: connection._leader, 5)
            os.kill(os.getpid(), signal.SIGINT)

        # It waits for what the other thread waits for.
        before = signal.signal(signal.SIGINT, lambda *_: other.submit(queue.offer, 1).result(20).result(20))
        try:
            interrupted = other.submit(interrupt)
            assert taken.result() == 1
            interrupted.result(20)
        finally:
            signal.signal(signal.SIGINT, before)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_child_does_not_read_what_its_parent_waits_for(cluster: LocalCluster, unique_name: str) -> None:
    with cluster.connect(**_NO_HEARTBEAT) as client:
        taken = client.get_queue(unique_name).take()
        child = os.fork()
        if not child:
            signal.signal(signal.SIGALRM, signal.SIG_DFL)
            signal.setitimer(signal.ITIMER_REAL, 0.3)
            taken.result()
            os._exit(0)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGALRM
        cluster.client.get_queue(unique_name).put("v").result()
        assert taken.result(20) == "v"


def test_a_client_works_where_the_system_has_no_epoll(
    cluster: LocalCluster, unique_name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(selectors, "DefaultSelector", selectors.SelectSelector)
    monkeypatch.delattr(selectors, "EpollSelector", raising=False)
    with HazelcastClient(cluster_name="one", cluster_members=cluster.addresses) as client:
        m = client.get_map(unique_name).blocking()
        assert [m.put(1, "v"), m.get(1)] == [None, "v"]


def test_a_connection_is_waited_on_before_the_io_thread_has_come_to_it(
    cluster: LocalCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin = Connection.__post_init__

    def begin_late(connection: Connection) -> None:
        connection._reactor.call_soon(lambda: time.sleep(0.02))
        begin(connection)

    monkeypatch.setattr(Connection, "__post_init__", begin_late)
    # Without a timeout who connects waits as a user does; and it is tried once.
    options = {"connection_timeout": 0, "cluster_connect_timeout": 0, **_NO_HEARTBEAT}
    HazelcastClient(cluster_name="one", cluster_members=cluster.addresses, **options).shutdown()
