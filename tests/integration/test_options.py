"""What an option changes, as a member sees it, or a wire in front of one."""

from __future__ import annotations

import itertools
import json
import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

import hzdata
from hzdata import Client, LocalCluster
from hzdata.core import HazelcastClient
from hzdata.core.core import Address, EndpointQualifier, MemberInfo
from hzdata.core.errors import (
    ClientOfflineError,
    HazelcastError,
    HazelcastSerializationError,
    IllegalStateError,
    IndeterminateOperationStateError,
    OperationTimeoutError,
    TargetDisconnectedError,
)
from hzdata.core.lifecycle import LifecycleState
from hzdata.core.protocol.framing import BACKUP_AWARE, BACKUP_EVENT, Message
from hzdata.core.protocol.messages import MessageType
from hzdata.core.protocol.table import Row
from hzdata.core.security import TokenProvider
from hzdata.core.serialization.api import StreamSerializer
from hzdata.core.serialization.portable.classdef import ClassDefinitionBuilder
from hzdata.core.util import LoadBalancer
from tests.waiting import until
from tests.wire import Line, Wire, cutting, error, fields, name_of, unchanged, wire_to, with_members

MEMBER_STATE = MessageType("MC.getTimedMemberState", Row(0x200B00, "", "json: String?", False, {}))
TARGET_NOT_MEMBER = 53
SECRET = "s3cret-0f-ada"


@pytest.fixture
def wire(cluster: LocalCluster) -> Iterator[Wire]:
    with wire_to(cluster.addresses[0]) as wire:
        yield wire


def through(wire: Wire, **options: Any) -> Client:
    return hzdata.connect(wire.address, cluster_name="one", **options)


def clients_of(client: Client, member: MemberInfo) -> dict[str, Any]:
    """What a member says of its clients, by their names."""
    state = client.invocation_service.invoke(MEMBER_STATE, member_uuid=member.uuid).result()
    clients = json.loads(state)["timedMemberState"]["memberState"]["clients"]
    return {each["name"]: each for each in clients}


class Refuser:
    """Closes every connection at once, and notes when."""

    def __init__(self, calls: list[tuple[float, int]]) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._calls = calls
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            self._calls.append((time.monotonic(), self.port))
            sock.close()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


@contextmanager
def refusers(count: int) -> Iterator[tuple[list[int], list[tuple[float, int]]]]:
    """Ports at which nobody is let in, and the calls there."""
    calls: list[tuple[float, int]] = []
    peers = [Refuser(calls) for _ in range(count)]
    try:
        yield [peer.port for peer in peers], calls
    finally:
        for peer in peers:
            peer.close()


def refused(ports: list[int], timeout: float, **options: Any) -> None:
    with pytest.raises(IllegalStateError, match=r"^Unable to connect to any cluster .*cluster_connect_timeout"):
        HazelcastClient(
            cluster_members=[f"127.0.0.1:{port}" for port in ports], cluster_connect_timeout=timeout, **options
        )


# --- Who the client says it is ------------------------------------------------------------------------------------


def test_a_member_knows_a_client_by_its_name_and_labels(cluster: LocalCluster) -> None:
    with cluster.connect(client_name="ada", labels=["etl", "nightly"]) as client, cluster.connect() as nameless:
        member = client.cluster_service.get_members()[0]
        until(lambda: {"ada", nameless.name} <= set(clients_of(client, member)))
        seen = clients_of(client, member)
        assert (set(seen["ada"]["labels"]), seen["ada"]["clientType"]) == ({"etl", "nightly"}, "PYH")
        assert seen[nameless.name]["labels"] == []
        assert nameless.name.startswith("hz.client_")


def test_name_and_password_go_to_the_member(wire: Wire) -> None:
    # A community member takes none, and says so when it is given some.
    with pytest.raises(HazelcastError):
        through(wire, creds_username="ada", creds_password=SECRET)
    asked = fields(wire.asked("Client.authentication")[0])
    assert asked[:3] == ("one", "ada", SECRET)


def test_a_token_is_asked_for_at_every_connection_and_goes_to_the_member(wire: Wire) -> None:
    class Counting(TokenProvider):
        addresses: list[Address | None]

        def token(self, address: Address | None = None) -> bytes:
            self.addresses.append(address)
            return b"token %d" % len(self.addresses)

    provider = Counting()
    provider.addresses = []
    for _ in range(2):
        with pytest.raises(HazelcastError):
            through(wire, token_provider=provider)
    tokens = [fields(asked)[1] for asked in wire.asked("Client.authenticationCustom")]
    assert tokens == [b"token 1", b"token 2"]
    host, _, port = wire.address.partition(":")
    assert provider.addresses == [Address(host, int(port))] * 2


# --- Connecting ---------------------------------------------------------------------------------------------------


def test_a_member_that_accepts_and_says_nothing_is_left(wire: Wire) -> None:
    wire.on_answer = lambda line, message: None
    started = time.monotonic()
    with pytest.raises(HazelcastError, match="timed out"):
        through(wire, connection_timeout=0.3, cluster_connect_timeout=0)
    assert 0.3 <= time.monotonic() - started < 4


@pytest.mark.parametrize(("options", "end"), [([], "end"), ([(1, 13)], "ConnectionResetError")])
def test_socket_options_are_set(wire: Wire, options: list[Any], end: str) -> None:
    # A socket that does not linger ends its connection by a reset.
    options = [(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)) for _ in options]
    through(wire, socket_options=options).shutdown()
    until(lambda: all(line.ended_by != "nobody" for line in wire.lines))
    assert {line.ended_by for line in wire.lines} == {end}


def test_addresses_are_tried_in_any_order_or_in_the_one_they_were_given_in() -> None:
    with refusers(4) as (ports, calls):
        refused(ports, 0, shuffle_member_list=False)
        assert [port for _, port in calls] == ports
        orders = set()
        for _ in range(10):
            calls.clear()
            refused(ports, 0)
            orders.add(tuple(port for _, port in calls))
        assert len(orders) > 1
        assert {tuple(sorted(order)) for order in orders} == {tuple(sorted(ports))}


def test_pauses_between_attempts_grow_to_their_limit() -> None:
    with refusers(1) as (ports, calls):
        refused(ports, 1.4, retry_initial_backoff=0.05, retry_multiplier=2, retry_max_backoff=0.4)
        times = [when for when, _ in calls]
    pauses = [b - a for a, b in itertools.pairwise(times)]
    # 0.05, 0.1, 0.2, 0.4, 0.4 and what is left; on a busy machine calls are noted late.
    assert 4 <= len(pauses) <= 6
    assert all(pause > due - 0.05 for pause, due in zip(pauses[:4], [0.05, 0.1, 0.2, 0.4], strict=True))


def test_jitter_makes_pauses_shorter_and_longer() -> None:
    with refusers(1) as (ports, calls):
        refused(ports, 1, retry_initial_backoff=0.05, retry_multiplier=1, retry_jitter=0.8)
        times = [when for when, _ in calls]
    pauses = [b - a for a, b in itertools.pairwise(times)]
    assert min(pauses[:-1]) < 0.05 < max(pauses)


def test_a_lost_cluster_is_waited_for_no_longer_than_was_said(wire: Wire) -> None:
    states: list[str] = []
    # There is no other way to the member.
    host, _, port = wire.address.partition(":")
    wire.on_answer = with_members(lambda member: setattr(member, "address", Address(host, int(port))))
    client = through(wire, cluster_connect_timeout=0.5, retry_initial_backoff=0.1, lifecycle_listeners=[states.append])
    wire.close()
    until(lambda: states[-1:] == [LifecycleState.SHUTDOWN])
    assert states[-3:] == [LifecycleState.DISCONNECTED, LifecycleState.SHUTTING_DOWN, LifecycleState.SHUTDOWN]
    assert not client.lifecycle_service.is_running()


def test_an_async_start_needs_no_cluster_and_calls_say_so_meanwhile(cluster: LocalCluster) -> None:
    with refusers(1) as (ports, calls):
        client = HazelcastClient(cluster_members=[f"127.0.0.1:{ports[0]}"], async_start=True)
        until(lambda: calls)
        assert client.lifecycle_service.is_running()
        with pytest.raises(ClientOfflineError):
            client.get_distributed_objects()
        client.shutdown()


@pytest.mark.parametrize(("smart", "connected"), [(True, 3), (False, 1)])
def test_a_client_connects_to_each_member_or_to_one(cluster3: LocalCluster, smart: bool, connected: int) -> None:
    watcher = cluster3.client
    with cluster3.connect(smart_routing=smart) as client:
        members = watcher.cluster_service.get_members()
        until(lambda: sum(client.name in clients_of(watcher, member) for member in members) == connected)
        m = client.get_map("smart").blocking()
        m.put_all({i: i for i in range(100)})
        assert m.size() == 100


@pytest.mark.parametrize(("public", "hosts"), [(True, {"127.0.0.1", "localhost"}), (False, {"127.0.0.1"})])
def test_members_are_reached_at_their_public_addresses(cluster3: LocalCluster, public: bool, hosts: set[str]) -> None:
    def make_public(member: MemberInfo) -> None:
        member.address_map[EndpointQualifier(1, "public")] = Address("localhost", member.address.port)

    with wire_to(cluster3.addresses[0]) as wire:
        wire.on_answer = with_members(make_public)
        with hzdata.connect(wire.address, cluster_name="three", use_public_ip=public) as client:
            reached = client._context.connections.connections()
            assert len(reached) == 3
            assert {connection.remote_address.host for connection in reached} == hosts


# --- Calls --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({}, TargetDisconnectedError),
        ({"fail_on_indeterminate_operation_state": True}, IndeterminateOperationStateError),
        ({"redo_operation": True}, None),
    ],
)
def test_what_may_have_been_done_is_done_again_only_if_that_is_allowed(
    wire: Wire, unique_name: str, options: dict[str, Any], error: type[Exception] | None
) -> None:
    with through(wire, retry_initial_backoff=0.05, **options) as client:
        m = client.get_map(unique_name).blocking()
        wire.on_request = cutting("Map.put", 1)
        if error is None:
            assert m.put("k", 1) is None
        else:
            with pytest.raises(error):
                m.put("k", 1)
        wire.on_request = cutting("Map.get", 1)
        assert m.get("k") == (1 if error is None else None)


@pytest.mark.parametrize("enabled", [True, False])
def test_backups_tell_the_client_or_the_member(wire: Wire, unique_name: str, enabled: bool) -> None:
    with through(wire, backup_ack_to_client_enabled=enabled) as client:
        client.get_map(unique_name).put("k", 1).result()
    assert bool(wire.asked("Map.put")[0].flags & BACKUP_AWARE) is enabled
    assert bool(wire.asked("Client.localBackupListener")) is enabled


@pytest.mark.parametrize("failing", [True, False])
def test_a_backup_that_stays_silent_is_waited_for_as_long_as_was_said(
    cluster3: LocalCluster, unique_name: str, failing: bool
) -> None:
    options = {"operation_backup_timeout": 0.3, "fail_on_indeterminate_operation_state": failing}
    with wire_to(cluster3.addresses[0]) as wire:
        wire.on_answer = lambda line, told: None if told.flags & BACKUP_EVENT else bytes(told.buffer)
        with hzdata.connect(wire.address, cluster_name="three", **options) as client:
            m = client.get_map(unique_name)
            puts = [m.put(i, i) for i in range(30)]
            errors = [put.exception() for put in puts if not put.is_success()] if _all_done(puts) else []
            # A third of the entries have their backup at that member. All of them are there.
            assert m.size().result() == 30
            assert {type(each) for each in errors} == ({IndeterminateOperationStateError} if failing else set())
            assert len(errors) < 30


def _all_done(futures: list[Any]) -> bool:
    until(lambda: all(future.done() for future in futures))
    return True


def test_a_quiet_connection_is_pinged_and_one_that_does_not_answer_is_left(wire: Wire) -> None:
    with through(wire, heartbeat_interval=0.1, heartbeat_timeout=2.0) as client:
        until(lambda: len(wire.asked("Client.ping")) >= 5)
        assert wire.times("Client.ping")[4] - wire.times("Client.ping")[0] >= 0.25
        first = wire.lines[0]
        assert first.ended_by == "nobody"
        wire.on_answer = lambda line, message: None if line is first else unchanged(line, message)
        until(lambda: first.ended_by == "end")
        assert client.get_map("m").size().result() >= 0  # By another connection.


def test_a_call_that_no_member_does_is_tried_again_with_pauses_until_its_time_is_over(wire: Wire) -> None:
    pauses = {}
    for pause in (0.02, 0.3):
        wire.on_request = unchanged
        with through(wire, invocation_timeout=1.5, invocation_retry_pause=pause) as client:
            wire.requests.clear()
            wire.on_request = lambda line, asked: _refused(line, asked, "Map.size")
            started = time.monotonic()
            with pytest.raises(OperationTimeoutError, match=r"invocation_timeout=1\.5") as failed:
                client.get_map("m").size().result()
            assert 1.4 < time.monotonic() - started < 10
            assert "not here" in str(failed.value.__cause__)
        times = wire.times("Map.size")
        pauses[pause] = [b - a for a, b in itertools.pairwise(times)]
    # The first repetitions come at once, the later ones with growing pauses.
    assert len(pauses[0.02]) > 15 + len(pauses[0.3]) / 2
    assert max(pauses[0.3]) > 0.25


def _refused(line: Line, asked: Message, name: str) -> bytes | None:
    if name_of(asked) != name:
        return bytes(asked.buffer)
    line.client.sendall(error(asked, TARGET_NOT_MEMBER, "not here"))
    return None


# --- Who does what no partition does; who is told ------------------------------------------------------------------


def test_a_load_balancer_chooses_the_member(cluster3: LocalCluster) -> None:
    class Chosen(LoadBalancer):
        member: MemberInfo | None = None

        def init(self, cluster_service: Any) -> None:
            pass

        def next(self) -> MemberInfo | None:
            return self.member

    balancer = Chosen()
    with (
        wire_to(cluster3.addresses[0]) as wire,
        hzdata.connect(wire.address, cluster_name="three", load_balancer=balancer) as client,
    ):
        for balancer.member in client.cluster_service.get_members():
            is_wired = f"{balancer.member.address.host}:{balancer.member.address.port}" == cluster3.addresses[0]
            wire.requests.clear()
            for _ in range(3):
                client.get_distributed_objects()
            assert len(wire.asked("Client.getDistributedObjects")) == (3 if is_wired else 0)


def test_membership_listeners_hear_of_the_members_that_are_there(cluster3: LocalCluster) -> None:
    added: list[MemberInfo] = []
    with cluster3.connect(membership_listeners=[(added.append, None), (None, print)]) as client:
        until(lambda: len(added) == 3)
        assert added == client.cluster_service.get_members()
        oldest = added[0]
        assert client.cluster_service.get_members(lambda member: member == oldest) == [oldest]


# --- What values become --------------------------------------------------------------------------------------------


class Celsius:
    def __init__(self, degrees: float) -> None:
        self.degrees = degrees


class CelsiusSerializer(StreamSerializer):
    def get_type_id(self) -> int:
        return 77

    def write(self, out: Any, obj: Any) -> None:
        out.write_string(f"{obj.degrees:.1f} C")

    def read(self, inp: Any) -> Any:
        return Celsius(float(inp.read_string().removesuffix(" C")))

    def destroy(self) -> None:
        pass


@pytest.mark.parametrize("options", [{"global_serializer": CelsiusSerializer}, {}])
def test_a_global_serializer_writes_what_nothing_else_does(
    client: Client, cluster: LocalCluster, unique_name: str, options: dict[str, Any]
) -> None:
    with cluster.connect(**options) as writer:
        writer.get_map(unique_name).put("k", Celsius(21.5)).result()
        assert writer.get_map(unique_name).get("k").result().degrees == 21.5
    stored = client.get_map(unique_name).get("k")
    if options:
        # To a client without the serializer it is of a type that nobody told it.
        with pytest.raises(HazelcastSerializationError, match="77"):
            stored.result()
    else:
        assert stored.result().degrees == 21.5  # pickled


def test_pickled_values_are_read_only_by_who_allows_it(cluster: LocalCluster, unique_name: str) -> None:
    with cluster.connect() as trusting, cluster.connect(allow_unpickling=False) as wary:
        trusting.get_map(unique_name).put("k", Celsius(3)).result()
        assert trusting.get_map(unique_name).get("k").result().degrees == 3
        with pytest.raises(HazelcastSerializationError, match="allow_unpickling=False"):
            wary.get_map(unique_name).get("k").result()


def test_class_definitions_are_checked_unless_told_otherwise(cluster: LocalCluster) -> None:
    inner = ClassDefinitionBuilder(1, 2).add_int_field("i").build()
    outer = ClassDefinitionBuilder(1, 1).add_portable_field("inner", inner).build()
    with pytest.raises(HazelcastSerializationError):
        cluster.connect(class_definitions=[outer])
    cluster.connect(class_definitions=[outer], check_class_definition_errors=False).shutdown()
    cluster.connect(class_definitions=[outer, inner]).shutdown()
