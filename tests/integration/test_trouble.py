"""Members die, hang and come back; the client goes on, or says why it does not."""

from __future__ import annotations

import contextlib
import ctypes
import linecache
import logging
import os
import socket
import struct
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from types import FrameType
from typing import Any

import pytest

import hzdata
from hzdata import Client, LocalCluster
from hzdata.bulk import open_cursor
from hzdata.core import HazelcastClient
from hzdata.core.errors import (
    ClientOfflineError,
    HazelcastClientNotActiveError,
    HazelcastError,
    IllegalStateError,
    IndeterminateOperationStateError,
    InvalidConfigurationError,
    TargetDisconnectedError,
)
from hzdata.core.lifecycle import LifecycleState
from hzdata.core.network.connection import Connection
from hzdata.core.network.reactor import Reactor
from hzdata.core.security import TokenProvider
from hzdata.core.sql import HazelcastSqlError
from tests.conftest import QUICK_START, VERSION
from tests.waiting import until


def boot(members: int = 1, **options: Any) -> LocalCluster:
    return LocalCluster(members=members, version=VERSION, jvm_args=QUICK_START, **options)


def key_owned_by(client: Client, i: int) -> int:
    member = client.cluster_service.get_members()[i]
    service = client.partition_service
    return next(k for k in range(10_000) if service.get_partition_owner(service.get_partition_id(k)) == member.uuid)


def test_every_call_ends_and_listeners_go_on_when_a_member_is_killed() -> None:
    with boot(members=3) as cluster:
        client = cluster.connect(invocation_timeout=60.0)
        left: list[Any] = []
        client.cluster_service.add_listener(member_removed=left.append)
        m = client.get_map("m").blocking()
        m.put_all(dict.fromkeys(range(1000), 0))
        added: list[int] = []
        m.add_entry_listener(added_func=lambda event: added.append(event.key))
        stop = threading.Event()
        outcomes: dict[str, int] = {}

        def work(worker: int) -> None:
            i = 0
            while not stop.is_set():
                i += 1
                try:
                    m.get(i % 1000) if i % 2 else m.set(i % 1000, worker)
                    outcome = "done"
                except HazelcastError as error:
                    outcome = type(error).__name__
                outcomes[outcome] = outcomes.get(outcome, 0) + 1

        threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
        for thread in threads:
            thread.start()
        time.sleep(0.5)
        cluster.kill_member(1)
        until(lambda: len(left) == 1)
        time.sleep(1)
        stop.set()
        for thread in threads:
            thread.join(timeout=60)
        assert not any(thread.is_alive() for thread in threads)
        # A get is repeated; a set whose connection was lost may or may not have been done, and says so.
        assert set(outcomes) <= {"done", "TargetDisconnectedError"}
        assert m.size() == 1000
        for k in range(2000, 2200):
            m.put(k, k)
        until(lambda: len(added) >= 200)
        time.sleep(0.3)
        assert sorted(added) == list(range(2000, 2200))


def test_a_cluster_that_comes_back_finds_its_client_again() -> None:
    with boot() as cluster:
        states: list[str] = []
        client = cluster.connect(lifecycle_listeners=[states.append], retry_initial_backoff=0.1)
        m = client.get_map("m").blocking()
        heard: list[int] = []
        m.add_entry_listener(added_func=lambda event: heard.append(event.key))
        m.put(1, "before")
        until(lambda: heard == [1])
        before = client.cluster_service.get_members()
        client.get_list("unused")
        cluster.kill_member(0)
        until(lambda: LifecycleState.DISCONNECTED in states)
        waiting = client.get_map("m").get(1)
        asked = [client.sql.execute("SELECT 1 AS a"), client.sql.execute("SELECT 2 AS a")]
        # Longer than a first connection is tried for.
        time.sleep(12)
        assert waiting.running()
        assert asked[0].running()
        assert client.lifecycle_service.is_running()
        assert "out of reach" in repr(client.dashboard())
        cluster.start_member(0)
        assert waiting.result(60) is None  # Another run of the member: its memory is empty.
        assert [row["a"] for future in asked for row in future.result(60)] == [1, 2]
        # It is another cluster now, and has what the client had: proxies, listeners.
        with cluster.connect() as stranger:
            assert {each.name for each in stranger.get_distributed_objects()} >= {"m", "unused"}
        m.put(2, "after")
        until(lambda: heard == [1, 2])
        assert states == [
            LifecycleState.STARTING,
            LifecycleState.STARTED,
            LifecycleState.CONNECTED,
            LifecycleState.DISCONNECTED,
            LifecycleState.CONNECTED,
        ]
        after = client.cluster_service.get_members()
        assert len(after) == 1
        assert after[0].uuid != before[0].uuid
        assert next(iter(client.sql.execute("SELECT 1 AS a").result()))["a"] == 1
        client.shutdown()
        until(lambda: states[-1] == LifecycleState.SHUTDOWN)
        assert states[5:] == [LifecycleState.SHUTTING_DOWN, LifecycleState.DISCONNECTED, LifecycleState.SHUTDOWN]


def test_a_member_that_hangs_is_left_and_its_calls_end() -> None:
    with boot(members=3) as cluster:
        client = cluster.connect(heartbeat_interval=0.5, heartbeat_timeout=2.0, invocation_timeout=5.0)
        m = client.get_map("m").blocking()
        addresses = [f"{m.address.host}:{m.address.port}" for m in client.cluster_service.get_members()]
        key = key_owned_by(client, 2)
        m.put(key, 1)
        victim = next(i for i, member in enumerate(cluster.members) if member.address == addresses[2])
        cluster.pause_member(victim)
        started = time.monotonic()
        with pytest.raises(HazelcastError):
            m.put(key, 2)
        assert time.monotonic() - started < 30
        cluster.resume_member(victim)
        until(lambda: _succeeds(lambda: m.put(key, 3)))
        assert m.get(key) == 3


def test_members_that_nobody_listened_to_have_not_been_silent(cluster: LocalCluster) -> None:
    states: list[str] = []
    client = cluster.connect(heartbeat_interval=0.2, heartbeat_timeout=1.0, lifecycle_listeners=[states.append])
    # It keeps the interpreter to itself, as a long call into C does; a process that was stopped is no different.
    ctypes.PyDLL(None).sleep(3)
    time.sleep(1)
    client.shutdown()
    assert states.count(LifecycleState.DISCONNECTED) == 1, states  # By the shutdown.


def _succeeds(call: Callable[[], object]) -> bool:
    try:
        call()
    except HazelcastError:
        return False
    return True


def test_reconnect_mode_says_what_happens_without_a_cluster() -> None:
    with boot() as cluster:
        off = cluster.connect(reconnect_mode="OFF")
        offline = cluster.connect(reconnect_mode="ASYNC")
        maps = [c.get_map("m") for c in (off, offline)]
        cluster.kill_member(0)
        until(lambda: not off.lifecycle_service.is_running())
        with pytest.raises(HazelcastClientNotActiveError):
            maps[0].get(1).result()
        with pytest.raises(ClientOfflineError):
            maps[1].get(1).result()
        assert offline.lifecycle_service.is_running()
        offline.shutdown()


def test_a_member_that_joins_is_connected_to_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "hzdata"), boot() as cluster:
        client = cluster.connect()
        joined: list[Any] = []
        client.cluster_service.add_listener(joined.append, fire_for_existing=True)
        cluster.add_member()
        until(lambda: len(joined) == 2)
        newcomer = joined[1]
        until(
            lambda: any(
                client.partition_service.get_partition_owner(p) == newcomer.uuid
                for p in range(client.partition_service.get_partition_count())
            )
        )
        key = key_owned_by(client, 1)
        client.get_map("m").put(key, "there").result()
        assert client.get_map("m").get(key).result() == "there"
        blocks = [record.message for record in caplog.records if "Members [" in record.message]
        assert [block.split()[1] for block in blocks] == ["[1]", "[2]"]
        assert str(newcomer) in blocks[1]


def test_an_async_start_returns_at_once_and_connects_later() -> None:
    with boot() as cluster:
        client = cluster.connect(async_start=True, invocation_timeout=30)
        until(lambda: bool(client.cluster_service.get_members()))
        until(lambda: _succeeds(lambda: client.get_map("m").put(1, 1).result()))


def test_calls_that_wait_for_the_cluster_end_when_the_client_is_shut_down() -> None:
    with boot() as cluster:
        states: list[str] = []
        client = cluster.connect(lifecycle_listeners=[states.append])
        m = client.get_map("m")
        cluster.kill_member(0)
        until(lambda: LifecycleState.DISCONNECTED in states)
        calls = [m.get(1) for _ in range(20)]
        client.shutdown()
        for call in calls:
            with pytest.raises(HazelcastClientNotActiveError):
                call.result(10)


def test_a_client_that_is_shut_down_leaves_nothing_behind(cluster: LocalCluster) -> None:
    before = set(threading.enumerate())
    client = hzdata.connect(*cluster.addresses, cluster_name="one", client_name="leaving")
    client.get_map("m").add_entry_listener(added_func=print).result()
    waiting = open_cursor(client, "SELECT * FROM TABLE(generate_stream(1))")
    client.shutdown()
    client.shutdown()
    with pytest.raises(HazelcastSqlError, match="shut down"):
        client.sql.execute("SELECT 1").result()
    assert {t.name for t in set(threading.enumerate()) - before if t.name.startswith("leaving")} == set()
    with pytest.raises(HazelcastClientNotActiveError):
        client.get_map("m").get(1).result()
    with pytest.raises(HazelcastError):
        list(waiting)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"cluster_name": "another"}, "cluster_name='another'"),
        ({"cluster_name": "one", "creds_username": "ada", "creds_password": "s3cret"}, "creds_username"),
    ],
)
def test_a_refused_client_says_what_to_check(
    cluster: LocalCluster, options: dict[str, Any], said: str, capfd: pytest.CaptureFixture[str]
) -> None:
    started = time.monotonic()
    with pytest.raises(HazelcastError, match=said) as refused:
        hzdata.connect(*cluster.addresses, **options)
    assert "s3cret" not in str(refused.value)
    assert "LocalCluster" not in str(refused.value)
    assert time.monotonic() - started < 8  # It is not tried again: a name does not become right.
    assert capfd.readouterr().err == ""


def test_no_member_at_an_address_is_one_clear_error() -> None:
    with pytest.raises(HazelcastError, match=r"could not connect to 127\.0\.0\.1:1: .*LocalCluster"):
        hzdata.connect("127.0.0.1:1", cluster_connect_timeout=0.1)


def test_an_unknown_option_is_refused_by_name(cluster: LocalCluster) -> None:
    with pytest.raises(InvalidConfigurationError, match="did you mean cluster_name"):
        hzdata.connect(*cluster.addresses, clustername="one")


def test_the_environment_says_where_the_cluster_is(cluster: LocalCluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HZDATA_ADDRESS", cluster.addresses[0])
    monkeypatch.setenv("HZDATA_CLUSTER_NAME", "one")
    client = hzdata.connect()
    assert [f"{m.address.host}:{m.address.port}" for m in client.cluster_service.get_members()] == cluster.addresses
    client.shutdown()


@pytest.mark.parametrize(
    "address", ["http://10.0.0.5:5701/", "10.0.0.5 :5701", "10.0.0.5:70000", "a,b", "10.0.0.5:5701/x"]
)
def test_what_is_no_address_is_refused_by_its_name(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InvalidConfigurationError, match="is no address: write host or host:port"):
        hzdata.connect(address)
    if "," not in address:
        monkeypatch.setenv("HZDATA_ADDRESS", f"{address},")
        with pytest.raises(InvalidConfigurationError, match=r"HZDATA_ADDRESS: .* is no address"):
            hzdata.connect()


def test_partitions_are_known_whichever_member_tells_of_them() -> None:
    with boot(members=3) as cluster:
        client = cluster.connect()
        service = client.partition_service
        by_address = {member.address: i for i, member in enumerate(cluster.members)}
        for left in (2, 1):
            # The one that tells the client of changes: the next one counts its versions on its own.
            teller = client._context.connections._view_connection
            assert teller is not None
            cluster.kill_member(by_address[f"{teller.remote_address.host}:{teller.remote_address.port}"])
            until(lambda left=left: len(client.cluster_service.get_members()) == left)  # type: ignore[misc]
            members = {member.uuid for member in client.cluster_service.get_members()}
            until(lambda members=members: {service.get_partition_owner(p) for p in range(271)} == members)  # type: ignore[misc]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_child_is_told_that_the_client_is_not_its_own(cluster: LocalCluster) -> None:
    client = cluster.connect(near_caches={"forked near": {}})
    m = client.get_map("forked").blocking()
    # Neither what is kept here of a map, nor ids that were fetched ahead, are given to two processes.
    near, ids = client.get_map("forked near").blocking(), client.get_flake_id_generator("forked").blocking()
    m.put(1, "parent")
    near.put(1, "parent")
    calls = [lambda: m.get(1), lambda: near.get(1), ids.new_id]
    for call in calls:
        call()
    child = os.fork()
    if not child:
        refused = 0
        for call in calls:
            try:
                call()
            except HazelcastClientNotActiveError as error:
                refused += "forked" in str(error)
        os._exit(40 + refused if not client.lifecycle_service.is_running() else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 40 + len(calls)
    assert m.get(1) == near.get(1) == "parent"
    assert client.lifecycle_service.is_running()
    client.shutdown()


class _FailsOnce(TokenProvider):
    def __init__(self) -> None:
        self.asked = 0

    def token(self, address: Any = None) -> bytes:
        self.asked += 1
        if self.asked == 1:
            raise RuntimeError("the ticket server is away")
        return b""


def test_a_token_provider_that_fails_is_asked_again(cluster: LocalCluster) -> None:
    provider = _FailsOnce()
    client = HazelcastClient(
        cluster_name="one",
        cluster_members=cluster.addresses,
        token_provider=provider,
        async_start=True,
        retry_initial_backoff=0.05,
    )
    until(lambda: provider.asked > 1)
    client.shutdown()


def test_wherever_a_call_is_interrupted_the_next_ones_go_on(cluster: LocalCluster, unique_name: str) -> None:
    traced = {Connection.send.__code__, Connection._send_now.__code__}
    left = [0]

    def trace(frame: FrameType, event: str, _: object) -> Any:
        # No interrupt comes on the way out of a lock.
        if event == "line" and "with self._lock" not in linecache.getline(frame.f_code.co_filename, frame.f_lineno):
            left[0] -= 1
            if left[0] == 0:
                raise KeyboardInterrupt
        return trace if frame.f_code in traced else None

    def is_interrupted(call: Callable[[], object], line: int) -> bool:
        left[0], before = line, sys.gettrace()
        sys.settrace(trace)
        try:
            call()
        except KeyboardInterrupt:
            return True
        finally:
            sys.settrace(before)
        return False

    with cluster.connect() as client:
        m = client.get_map(unique_name)
        values = {letter * 3_000_000 for letter in "ab"}  # More than a socket takes at once.
        for waiting in (None, client.get_queue(unique_name)):
            if waiting is not None:
                waiting.take()  # Not alone, requests are gathered.
            for value in values:
                line = 1
                while is_interrupted(lambda value=value: m.set(1, value), line):  # type: ignore[misc]
                    assert m.get(1).result(20) in {None, *values}
                    line += 1
                assert line > 5


def _interrupted_before_call_soon_of(caller: str, call: Callable[[], object], meanwhile: Callable[[], object]) -> None:
    def profile(frame: FrameType, event: str, _: object) -> None:
        is_called = event == "call" and frame.f_code is Reactor.call_soon.__code__
        if is_called and frame.f_back is not None and frame.f_back.f_code.co_name == caller:
            sys.setprofile(None)
            meanwhile()
            raise KeyboardInterrupt

    sys.setprofile(profile)
    try:
        with pytest.raises(KeyboardInterrupt):
            call()
    finally:
        sys.setprofile(None)


def test_a_call_that_goes_out_with_an_interrupted_one_goes_out(cluster: LocalCluster, unique_name: str) -> None:
    with (
        cluster.connect(heartbeat_interval=300.0, heartbeat_timeout=600.0) as client,
        ThreadPoolExecutor() as other,
    ):
        m = client.get_map(unique_name)
        client.get_queue(unique_name).take()  # Not alone, requests are gathered.
        gathered: list[Any] = []
        _interrupted_before_call_soon_of(
            "send", lambda: m.get(1), lambda: gathered.append(other.submit(m.set, 1, "v").result())
        )
        assert gathered[0].result(20) is None


def test_a_connection_that_an_interrupted_call_found_lost_is_made_again(
    cluster: LocalCluster, unique_name: str
) -> None:
    with cluster.connect(smart_routing=False, invocation_timeout=20) as client:
        m = client.get_map(unique_name)
        held, released = threading.Event(), threading.Event()
        client._context.reactor.call_soon(lambda: held.set() or released.wait(20))  # It would find out first.
        assert held.wait(20)
        (connection,) = client._context.connections.connections()
        connection._socket.shutdown(socket.SHUT_RDWR)
        _interrupted_before_call_soon_of("close", lambda: m.get(1), lambda: None)
        released.set()
        assert m.get(1).result() is None


class _Broken:
    def init(self, cluster_service: Any) -> None:
        pass

    def next(self) -> Any:
        raise IndexError("no member of the group is left")


def test_a_load_balancer_that_fails_ends_the_call_with_its_error(cluster: LocalCluster) -> None:
    client = cluster.connect(load_balancer=_Broken())
    with pytest.raises(IndexError, match="no member of the group is left"):
        client.get_map("any").size().result()
    client.shutdown()
    offline = HazelcastClient(cluster_members=["127.0.0.1:1"], async_start=True, load_balancer=_Broken())
    with pytest.raises(ClientOfflineError):
        offline.get_map("any")
    offline.shutdown()


def test_a_peer_that_trickles_does_not_hold_up_the_connection_for_longer_than_its_timeout() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def trickle() -> None:
            with contextlib.suppress(OSError):
                peer, _ = server.accept()
                with peer:
                    for byte in struct.pack("<iH", 100, 0xC000) + bytes(90):
                        peer.send(bytes([byte]))
                        time.sleep(0.2)

        threading.Thread(target=trickle, daemon=True).start()
        started = time.monotonic()
        with pytest.raises(IllegalStateError, match="timed out"):
            HazelcastClient(
                cluster_members=[f"127.0.0.1:{server.getsockname()[1]}"],
                connection_timeout=1,
                cluster_connect_timeout=1,
            )
        assert time.monotonic() - started < 10


def test_a_change_whose_member_dies_before_its_backup_said_so_is_not_taken_for_done() -> None:
    with LocalCluster(2, version=VERSION, jvm_args=QUICK_START) as cluster:
        strict = cluster.connect(fail_on_indeterminate_operation_state=True, operation_backup_timeout=100)
        client = cluster.connect(operation_backup_timeout=100)
        repeating = cluster.connect(
            operation_backup_timeout=4, redo_operation=True, heartbeat_interval=0.2, heartbeat_timeout=1
        )
        maps = [each.get_map("indeterminate") for each in (strict, client, repeating)]
        for m in maps:
            m.put("warm", 1).result()
        by_port = {member.address.port: i for i, member in enumerate(client.cluster_service.get_members())}
        key = key_owned_by(client, by_port[int(cluster.addresses[0].rpartition(":")[2])])
        m.put(key, "old").result()
        cluster.pause_member(1)
        changes = [m.put(key, "new") for m in maps]
        time.sleep(1.5)  # The last client has given the silent member up.
        assert not any(change.done() for change in changes)
        cluster.kill_member(0)
        with pytest.raises(IndeterminateOperationStateError, match="may or may not have been done"):
            changes[0].result(30)
        with pytest.raises(TargetDisconnectedError):
            changes[1].result(30)
        time.sleep(4)  # Backups are not waited for any more; the change is, for as long as any other.
        assert not changes[2].done()
        cluster.resume_member(1)
        changes[2].result(60)
        assert m.get(key).result() == "new"
        for each in (strict, client, repeating):
            each.shutdown()
