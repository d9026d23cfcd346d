"""What is asked of a client while a member goes, before the first has come, and after the last."""

from __future__ import annotations

import contextlib
import errno
import os
import signal
import socket
import struct
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

import hzdata
import hzdata.core.predicate
from hzdata import LocalCluster
from hzdata.core import HazelcastClient
from hzdata.core.core import Address, MemberInfo
from hzdata.core.errors import ClientOfflineError, HazelcastClientNotActiveError
from hzdata.core.lifecycle import LifecycleState
from hzdata.core.protocol.framing import FINAL, RESPONSE_FIXED_OFFSET, Message
from hzdata.core.protocol.messages import message
from hzdata.core.security import TokenProvider
from tests.waiting import until
from tests.wire import Line, cutting, error, name_of, unchanged, wire_to, with_members


def test_a_listener_is_added_although_a_member_goes_meanwhile(cluster3: LocalCluster, unique_name: str) -> None:
    with (
        wire_to(cluster3.addresses[0]) as wire,
        hzdata.connect(wire.address, cluster_name="three") as client,
    ):
        m = client.get_map(unique_name)
        wire.on_request = cutting("Map.addEntryListener", 1)
        added: set[int] = set()
        m.add_entry_listener(added_func=lambda event: added.add(event.key)).result()
        # The member is connected to again, by its own address, and told of the listener.
        until(lambda: len(client._context.connections.connections()) == 3)
        m.put_all({k: k for k in range(100)}).result()
        until(lambda: len(added) == 100)


def test_a_structure_is_got_although_a_member_goes_meanwhile(cluster: LocalCluster, unique_name: str) -> None:
    with wire_to(cluster.addresses[0]) as wire, hzdata.connect(wire.address, cluster_name="one") as client:
        wire.on_request = cutting("Client.createProxy", 1)
        assert client.get_map(unique_name).size().result() == 0


def test_which_partition_a_key_is_in_is_not_known_before_the_first_connection() -> None:
    options = {"cluster_members": ["127.0.0.1:1"], "async_start": True}
    with HazelcastClient(**options) as client, pytest.raises(ClientOfflineError):
        client.partition_service.get_partition_id(1)


def test_what_cannot_be_understood_keeps_nothing_that_comes_with_it(
    cluster: LocalCluster, caplog: pytest.LogCaptureFixture
) -> None:
    told = {message("Client.addClusterViewListener").event_types["MembersView"]}

    def garbled_first(_: Line, passing: Message) -> bytes:
        whole = bytes(passing.buffer)
        if passing.type not in told:
            return whole
        told.clear()
        (length,) = struct.unpack_from("<i", whole)
        return whole[: length - 6] + struct.pack("<iH", 6, FINAL) + whole  # Its first frame is too short, and alone.

    with wire_to(cluster.addresses[0]) as wire:
        wire.on_answer = garbled_first
        with hzdata.connect(wire.address, cluster_name="one", smart_routing=False) as client:
            assert client.get_map("m").size().result() == 0
    assert not told
    assert "could not be taken" in caplog.text


def test_a_transaction_waits_for_the_cluster_as_other_calls_do(cluster: LocalCluster, unique_name: str) -> None:
    refused = threading.Event()

    def refuse(line: Line, asked: Message) -> bytes | None:
        if not refused.is_set():
            return unchanged(line, asked)
        line.cut()
        return None

    def transact() -> None:
        with client.new_transaction() as transaction:
            transaction.get_map(unique_name).put("k", "v")

    with wire_to(cluster.addresses[0]) as wire, ThreadPoolExecutor() as pool:
        host, port = wire.address.split(":")
        wire.on_request = refuse
        wire.on_answer = with_members(lambda member: setattr(member, "address", Address(host, int(port))))
        client = HazelcastClient(cluster_name="one", cluster_members=[wire.address], retry_max_backoff=0.1)
        refused.set()
        wire.lines[0].cut()
        until(lambda: not client._context.connections.connections())
        transaction = pool.submit(transact)
        pending = client.invocation_service._pending
        until(lambda: any(call.sent_on is None for call in list(pending.values())) or transaction.done())
        refused.clear()
        transaction.result(30)
        assert client.get_map(unique_name).get("k").result() == "v"
        client.shutdown()
        with pytest.raises(HazelcastClientNotActiveError):
            transact()


def test_no_listener_is_added_after_shutdown(cluster: LocalCluster, unique_name: str) -> None:
    with HazelcastClient(cluster_name="one", cluster_members=cluster.addresses) as client:
        m = client.get_map(unique_name)
    for adding in (client.add_distributed_object_listener(print), m.add_entry_listener(added_func=print)):
        with pytest.raises(HazelcastClientNotActiveError):
            adding.result(10)


def ends_soon(client: HazelcastClient) -> bool:
    """Shut it down, see whether that took no time and left no thread."""
    started = time.monotonic()
    client.shutdown()
    took = time.monotonic() - started
    # A join that was interrupted takes its thread for ended, and the next one does not wait (CPython before 3.13).
    until(lambda: not any(t.name.startswith(client.name) for t in threading.enumerate()), timeout=4)
    return took < 4


@pytest.mark.parametrize("options", [{"connection_timeout": 30}, {"connection_timeout": 0}, {"ssl_enabled": True}])
def test_shutdown_does_not_wait_for_a_member_that_does_not_let_it_in(options: dict[str, Any]) -> None:
    # What a frozen member is like: the system accepts for it, and nobody answers.
    with socket.create_server(("127.0.0.1", 0)) as frozen:
        address = f"127.0.0.1:{frozen.getsockname()[1]}"
        options = {"connection_timeout": 30, **options}
        client = HazelcastClient(cluster_members=[address], async_start=True, client_name="hurried", **options)
        with frozen.accept()[0] as accepted:
            assert accepted.recv(1)  # It waits for the answer.
            assert ends_soon(client)


def test_shutdown_does_not_wait_for_a_connection_that_is_being_made_ready(cluster: LocalCluster) -> None:
    ready = "Client.localBackupListener"
    with wire_to(cluster.addresses[0]) as wire:
        wire.on_request = lambda line, asked: None if name_of(asked) == ready else unchanged(line, asked)
        client = HazelcastClient(
            cluster_name="one",
            cluster_members=[wire.address],
            async_start=True,
            connection_timeout=30,
            client_name="unready",
        )
        until(lambda: wire.asked(ready))
        assert ends_soon(client)


def test_a_shutdown_that_was_interrupted_is_finished_by_the_next() -> None:
    asked, ending, released = threading.Event(), threading.Event(), threading.Event()

    class Slow(TokenProvider):
        def token(self, address: Any = None) -> bytes:
            asked.set()
            ending.wait(30)
            os.kill(os.getpid(), signal.SIGINT)
            released.wait(30)
            return b""

    with socket.create_server(("127.0.0.1", 0)) as nobody:
        client = HazelcastClient(
            cluster_members=[f"127.0.0.1:{nobody.getsockname()[1]}"],
            async_start=True,
            token_provider=Slow(),
            client_name="interrupted",
            lifecycle_listeners=[lambda state: state == LifecycleState.SHUTTING_DOWN and ending.set()],
        )
        assert asked.wait(30)  # The connecting thread is held now, and with it the shutdown that waits for it.
        with pytest.raises(KeyboardInterrupt):
            client.shutdown()
        released.set()
        assert ends_soon(client)
        assert client.lifecycle_service.state == LifecycleState.SHUTDOWN


def test_a_cluster_of_other_partitions_does_not_take_the_calls_meant_for_the_first(cluster: LocalCluster) -> None:
    partition_count = RESPONSE_FIXED_OFFSET + struct.calcsize("<b17sb")

    def at_the_wire(member: MemberInfo) -> None:
        member.address = Address("127.0.0.1", int(wire.address.split(":")[1]))

    def of_31_partitions(_: Line, answer: Message) -> bytes:
        told = bytearray(answer.buffer)
        if answer.type == message("Client.authentication").type + 1:
            struct.pack_into("<i", told, partition_count, 31)
        return bytes(told)

    with wire_to(cluster.addresses[0]) as wire:
        wire.on_answer = with_members(at_the_wire)
        client = HazelcastClient(cluster_name="one", cluster_members=[wire.address])
        wire.on_answer = of_31_partitions
        wire.lines[0].cut()
        # What it asks, and its structures, are of partitions that the other has not, or that hold other keys there.
        until(lambda: not client.lifecycle_service.is_running())


def test_a_member_that_is_not_reached_is_looked_for_once_at_a_time(cluster3: LocalCluster) -> None:
    def unreachable(member: MemberInfo) -> None:
        if member.address.port != port:
            member.address = Address("127.0.0.1", 1)

    port = int(cluster3.addresses[0].split(":")[1])
    with wire_to(cluster3.addresses[0]) as wire:
        wire.on_answer = with_members(unreachable)
        with HazelcastClient(cluster_name="three", cluster_members=[wire.address]) as client:
            connections, done = client._context.connections, threading.Event()
            connections._jobs.put(done.wait)
            until(connections._jobs.empty)
            for _ in range(9):  # Seconds, of which connecting may take many.
                connections._look_for_missing()
            waiting = connections._jobs.qsize()
            done.set()
        assert waiting == 1


def test_a_member_whose_address_is_none_does_not_keep_the_client_from_the_others(cluster3: LocalCluster) -> None:
    def misnamed(member: MemberInfo) -> None:
        if member.address.port == port:
            member.address = Address("no..host", port)  # What it was configured to call itself.

    port = int(cluster3.addresses[1].split(":")[1])
    with wire_to(cluster3.addresses[0]) as wire:
        wire.on_answer = with_members(misnamed)
        options = {"cluster_members": [wire.address], "cluster_connect_timeout": 0}
        with HazelcastClient(cluster_name="three", **options) as client:
            assert len(client._context.connections.connections()) == 2


def test_a_member_of_a_cluster_that_is_lost_is_asked_as_offline_as_any(cluster: LocalCluster, unique_name: str) -> None:
    with wire_to(cluster.addresses[0]) as wire:
        host, port = wire.address.split(":")
        wire.on_answer = with_members(lambda member: setattr(member, "address", Address(host, int(port))))
        options = {"cluster_members": [wire.address], "reconnect_mode": "ASYNC"}
        with HazelcastClient(cluster_name="one", **options) as client:
            executor = client.get_executor(unique_name)
            wire.close()
            until(lambda: not client._context.connections.connections())
            with pytest.raises(ClientOfflineError):
                executor.shutdown().result(10)  # It goes to each member.


def test_a_system_without_ipv6_reaches_a_member_whose_name_has_such_an_address_too(
    cluster: LocalCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    make = socket.socket

    def of_ipv4(family: int = -1, *more: Any) -> socket.socket:
        if family == socket.AF_INET6:
            raise OSError(errno.EAFNOSUPPORT, os.strerror(errno.EAFNOSUPPORT))
        return make(family, *more)

    def both(_: str, port: int, **__: Any) -> list[Any]:
        families = (socket.AF_INET6, ("::1", port, 0, 0)), (socket.AF_INET, ("127.0.0.1", port))
        return [(family, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", place) for family, place in families]

    monkeypatch.setattr(socket, "socket", of_ipv4)
    monkeypatch.setattr(socket, "getaddrinfo", both)
    with HazelcastClient(cluster_name="one", cluster_members=cluster.addresses, cluster_connect_timeout=0) as client:
        assert len(client.cluster_service.get_members()) == 1


def test_an_address_of_a_member_that_does_not_answer_leaves_time_for_the_next(
    cluster: LocalCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    member = ("127.0.0.1", int(cluster.addresses[0].split(":")[1]))
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full, contextlib.ExitStack() as filling:
        for _ in range(3):  # From then on the system lets a connection wait.
            sock = filling.enter_context(socket.socket())
            sock.setblocking(False)
            sock.connect_ex(full.getsockname())

        def both(*_: object, **__: object) -> list[Any]:
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", place) for place in (full.getsockname(), member)]

        monkeypatch.setattr(socket, "getaddrinfo", both)
        options = {"cluster_members": ["a.host"], "connection_timeout": 1, "cluster_connect_timeout": 0}
        with HazelcastClient(cluster_name="one", **options) as client:
            assert len(client.cluster_service.get_members()) == 1


def test_a_listener_that_a_member_refuses_does_not_keep_the_client_from_it(
    cluster: LocalCluster, unique_name: str, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(line: Line, asked: Message) -> bytes | None:
        if name_of(asked) != "Map.addEntryListenerWithPredicate":
            return unchanged(line, asked)
        line.client.sendall(error(asked, 49, "who knows that predicate"))
        return None

    with wire_to(cluster.addresses[0]) as wire:
        host, port = wire.address.split(":")
        wire.on_answer = with_members(lambda member: setattr(member, "address", Address(host, int(port))))
        with HazelcastClient(cluster_name="one", cluster_members=[wire.address]) as client:
            m = client.get_map(unique_name)
            heard: list[Any] = []
            m.add_entry_listener(added_func=heard.append).result()
            m.add_entry_listener(added_func=heard.append, predicate=hzdata.core.predicate.true()).result()
            wire.on_request = refuse
            wire.lines[0].cut()
            until(lambda: len(wire.asked("Map.addEntryListenerWithPredicate")) > 1)
            m.put(1, 1).result(10)
            until(lambda: [event.key for event in heard] == [1])
    assert "who knows that predicate" in caplog.text
