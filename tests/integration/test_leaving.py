"""What a client costs while it idles, and that nothing of it is left when it has ended."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import threading
import time
import weakref
from typing import Any

import pytest

import hzdata
from hzdata import LocalCluster, bulk
from hzdata.core import HazelcastClient
from hzdata.core.errors import InvalidConfigurationError
from hzdata.core.lifecycle import LifecycleState
from tests.waiting import until
from tests.wire import Wire, name_of, wire_to


def test_no_thread_socket_or_timer_is_left(cluster3: LocalCluster) -> None:
    def held() -> tuple[set[threading.Thread], int]:
        return set(threading.enumerate()), len(os.listdir("/dev/fd"))

    before = held()
    client = HazelcastClient(cluster_name="three", cluster_members=cluster3.addresses, heartbeat_interval=0.05)
    m = client.get_map("leaving")
    m.add_entry_listener(added_func=print).result()
    m.put(1, 1).result()
    with bulk.of(client).open() as open_bulk:
        calls = [m.get(1) for _ in range(100)]
        client.shutdown()
        assert not open_bulk.alive
    assert all(call.done() for call in calls)
    assert held() == before
    # Who held a timer of the client would hold the client.
    gone = weakref.ref(client)
    del client, m, calls, open_bulk
    gc.collect()
    assert gone() is None


def test_a_thousand_clients_that_come_and_go_leave_memory_flat(cluster: LocalCluster) -> None:
    script = """
import gc
import psutil
from hzdata.core import HazelcastClient
from hzdata.core.lifecycle import LifecycleState

def rounds(count):
    for _ in range(count):
        with HazelcastClient(cluster_name=name, cluster_members=addresses) as client:
            client.get_map("m").size().result()
    gc.collect()
    return psutil.Process().memory_info().rss

first = rounds(100)
print(rounds(900) - first)
"""
    assert int(run(script, cluster, timeout=120)) < 2_000_000


def test_a_client_that_could_not_start_leaves_nothing() -> None:
    before = set(threading.enumerate())
    for _ in range(5):
        with pytest.raises(hzdata.core.errors.IllegalStateError):
            HazelcastClient(cluster_members=["127.0.0.1:1"], cluster_connect_timeout=0)
    assert set(threading.enumerate()) == before


def test_a_client_whose_options_are_wrong_leaves_no_socket() -> None:
    before = len(os.listdir("/dev/fd"))
    errors: list[pytest.ExceptionInfo[InvalidConfigurationError]] = []
    for _ in range(5):
        # The error holds the frames, and these the client: no garbage collection hides what it has open.
        with pytest.raises(InvalidConfigurationError) as error:
            HazelcastClient(ssl_enabled=True, ssl_cafile="/nowhere/ca.pem")
        errors.append(error)
    assert len(os.listdir("/dev/fd")) == before


def test_listeners_that_come_and_go_leave_none_on_the_member(cluster: LocalCluster, unique_name: str) -> None:
    events: list[int] = []

    def count(line: Any, told: Any) -> bytes:
        if told.flags & 0x200:
            events.append(told.type)
        return bytes(told.buffer)

    with wire_to(cluster.addresses[0]) as wire, hzdata.connect(wire.address, cluster_name="one") as client:
        wire.on_answer = count
        m = client.get_map(unique_name)
        registered = [m.add_entry_listener(added_func=print, include_value=True) for _ in range(1000)]
        ids = [each.result() for each in registered]
        _put_and_see(cluster, unique_name, 1)
        until(lambda: len(events) >= 1000)
        assert all(removed.result() for removed in [m.remove_entry_listener(each) for each in ids])
        events.clear()
        _put_and_see(cluster, unique_name, 2)
        # Events come in order: none of the map's came before that of a listener that is there.
        heard = threading.Event()
        m.add_entry_listener(added_func=lambda _: heard.set()).result()
        _put_and_see(cluster, unique_name, 3)
        assert heard.wait(30)
        assert len(events) == 1
        _nothing_is_kept(client, wire)


def _put_and_see(cluster: LocalCluster, name: str, key: int) -> None:
    cluster.client.get_map(name).put(key, key).result()


def _nothing_is_kept(client: Any, wire: Wire) -> None:
    """Of a thousand listeners the client keeps what it keeps of one."""
    assert len(client._context.listeners._listeners) == 1
    handlers = {name_of(request) for _, request in wire.requests if request.correlation_id in
                client.invocation_service._event_handlers}  # fmt: skip
    assert handlers == {"Client.localBackupListener", "Client.addClusterViewListener", "Map.addEntryListener"}
    assert len(client.invocation_service._event_handlers) == 3


def run(script: str, cluster: LocalCluster, timeout: float = 60) -> str:
    """Run a program that has ``addresses`` and ``name`` of a cluster; return what it prints."""
    given = f"addresses, name = {cluster.addresses!r}, {cluster.cluster_name!r}\n"
    done = subprocess.run([sys.executable, "-c", given + script], capture_output=True, text=True, timeout=timeout)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_an_idle_client_costs_next_to_nothing(cluster3: LocalCluster) -> None:
    script = """
import time
from hzdata.core import HazelcastClient
from hzdata.core.lifecycle import LifecycleState
client = HazelcastClient(cluster_members=addresses, cluster_name=name)
client.get_map("m").add_entry_listener(added_func=print).result()
time.sleep(0.5)
started, spent = time.monotonic(), time.process_time()
time.sleep(6)
print((time.process_time() - spent) / (time.monotonic() - started))
client.shutdown()
"""
    assert float(run(script, cluster3)) < 0.005


@pytest.mark.parametrize(
    "busy",
    [
        "",
        "m.add_entry_listener(added_func=print).result()",
        "calls = [m.get(i) for i in range(1000)]",
        "m.lock('k').result(); waiting = m.try_lock('k', timeout=100)",
        "rows = client.sql.execute('SELECT * FROM TABLE(generate_stream(10))').result(); next(iter(rows))",
        "import threading; m.get(1).add_done_callback(lambda _: threading.Event().wait())",
    ],
)
def test_a_program_that_forgets_to_shut_down_ends(cluster: LocalCluster, busy: str) -> None:
    script = f"""
import hzdata
client = hzdata.connect(*addresses, cluster_name=name)
m = client.get_map("forgotten")
{busy}
print("done")
"""
    assert run(script, cluster) == "done\n"


def test_a_client_that_is_shut_down_while_it_connects_ends_in_order(cluster: LocalCluster) -> None:
    before = len(os.listdir("/dev/fd"))
    clients: list[HazelcastClient] = []
    begun = (LifecycleState.STARTING, LifecycleState.STARTED)
    orders = {
        (*begun, LifecycleState.SHUTTING_DOWN, LifecycleState.SHUTDOWN),
        (*begun, LifecycleState.CONNECTED, LifecycleState.SHUTTING_DOWN, LifecycleState.DISCONNECTED,
         LifecycleState.SHUTDOWN),
    }  # fmt: skip
    for i in range(150):
        states: list[str] = []
        client = HazelcastClient(
            cluster_name="one", cluster_members=cluster.addresses, async_start=True, lifecycle_listeners=[states.append]
        )
        time.sleep(i * 0.0001)  # Another moment each time.
        client.shutdown()
        clients.append(client)
        assert tuple(states) in orders
    assert len(os.listdir("/dev/fd")) == before
