"""What a client tells of itself, read back from the member that it told."""

from __future__ import annotations

import importlib
import re
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from hzdata import Client, LocalCluster
from hzdata.core.protocol.messages import message
from hzdata.core.protocol.metrics import Metric
from hzdata.widgets.metrics import decode_metrics
from tests import java_classes as java
from tests.conftest import QUICK_START, VERSION
from tests.waiting import until

NAME = "a map,with=all\\that.is escaped"
PROCESS = {
    "os.totalPhysicalMemorySize", "os.freePhysicalMemorySize", "os.committedVirtualMemorySize",
    "os.totalSwapSpaceSize", "os.freeSwapSpaceSize", "os.systemLoadAverage", "os.openFileDescriptorCount",
    "os.maxFileDescriptorCount", "os.processCpuTime", "runtime.availableProcessors", "runtime.usedMemory",
    "runtime.uptime",
}  # fmt: skip


@pytest.fixture(scope="module")
def measured_cluster() -> Iterator[LocalCluster]:
    """A member that has the classes of tests/java and looks every second at what its clients have told."""
    config = java.MEMBER_CONFIG | {"metrics": {"collection-frequency-seconds": 1}}
    with LocalCluster(
        version=VERSION, classpath=[java.compiled(VERSION)], config=config, jvm_args=QUICK_START, cluster_name="told"
    ) as cluster:
        yield cluster


@pytest.fixture
def connect(measured_cluster: LocalCluster) -> Iterator[Callable[..., Client]]:
    connected: list[Client] = []

    def one(**options: Any) -> Client:
        connected.append(measured_cluster.connect(**{"statistics_enabled": True, "statistics_period": 0.2} | options))
        return connected[-1]

    yield one
    for client in connected:
        client.shutdown()


def text_of(client: Client) -> dict[str, str]:
    """What the member has of the client as text; nothing when it was not told yet."""
    executor = client.get_executor("e").blocking()
    text = executor.execute_on_key_owner("k", java.StatisticsOf(str(client._context.connections.client_uuid)))
    return {} if text is None else dict(re.split(r"(?<!\\)=", pair) for pair in re.split(r"(?<!\\),", text))


def metrics_of(client: Client) -> dict[tuple[str, str | None], Metric]:
    """What the member has measured last, as far as this client has told it."""
    [member] = client.cluster_service.get_members()
    ask = client.invocation_service.invoke
    blobs = ask(message("MC.readMetrics"), member.uuid, 0, member_uuid=member.uuid).result().elements
    metrics = decode_metrics(blobs[-1][1]) if blobs else []
    uuid = str(client._context.connections.client_uuid)
    return {(metric.name, metric.subject): metric for metric in metrics if metric.client == uuid}


def test_a_client_says_who_it_is(connect: Callable[..., Client]) -> None:
    before = int(time.time() * 1000)
    client = connect(client_name="reporter")
    until(lambda: text_of(client))
    text = text_of(client)
    assert text["clientName"] == "reporter"
    assert text["clientType"] == "PYH"
    assert text["enterprise"] == "false"
    [connection] = client._context.connections.connections()
    assert text["clientAddress"] == f"127.0.0.1:{connection.local_address.port}"
    connected, told = int(text["clusterConnectionTimestamp"]), int(text["lastStatisticsCollectionTime"])
    assert before <= connected <= told <= time.time() * 1000
    # And again every period.
    until(lambda: int(text_of(client)["lastStatisticsCollectionTime"]) > told)


def test_a_near_cache_is_told_of(connect: Callable[..., Client]) -> None:
    client = connect(near_caches={NAME: {"eviction_max_size": 3, "invalidate_on_change": False}})
    m = client.get_map(NAME).blocking()
    for key in (1, 2, 3, 4, 4, 4):
        m.get(key)
    m.set(4, "new")
    wanted = {
        "hits": 2, "misses": 4, "evictions": 1, "expirations": 0, "invalidations": 1, "invalidationRequests": 1,
        "ownedEntryCount": 2, "ownedEntryMemoryCost": 24,
    }  # fmt: skip
    prefix = r"nc.a map\,with\=all\\that\.is escaped."
    until(lambda: text_of(client).get(prefix + "invalidations") == "1")
    text = text_of(client)
    assert {name: int(text[prefix + name]) for name in wanted} == wanted
    created = int(text[prefix + "creationTime"])
    assert abs(created - time.time() * 1000) < 120_000

    def measured() -> dict[str, float]:
        found = {name: metrics_of(client).get((f"nearcache.{name}", NAME)) for name in wanted}
        return {name: metric.value for name, metric in found.items() if metric is not None}

    until(lambda: measured() == wanted)


def test_process_and_machine_are_told_of_when_psutil_is_there(connect: Callable[..., Client]) -> None:
    client = connect()
    until(lambda: text_of(client))
    text = text_of(client)
    wanted = PROCESS if sys.platform == "linux" else {name for name in PROCESS if "FileDescriptor" not in name}
    assert wanted <= text.keys()
    assert int(text["os.totalPhysicalMemorySize"]) > int(text["runtime.usedMemory"]) > 1_000_000
    assert 0 < int(text["runtime.availableProcessors"]) < 10_000
    assert 0 < int(text["runtime.uptime"]) < 1e9
    until(lambda: ("os.systemLoadAverage", None) in metrics_of(client))
    assert {name for name, _ in metrics_of(client)} >= wanted


def test_without_psutil_the_rest_is_told(connect: Callable[..., Client], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psutil", None)
    with pytest.raises(ImportError):
        importlib.import_module("psutil")
    client = connect(near_caches={"n": {}})
    client.get_map("n")
    until(lambda: "nc.n.hits" in text_of(client))
    assert not PROCESS & text_of(client).keys()
    until(lambda: ("nearcache.hits", "n") in metrics_of(client))


def test_nothing_is_told_unless_asked_for(connect: Callable[..., Client]) -> None:
    told, silent = connect(), connect(statistics_enabled=False)
    until(lambda: text_of(told))
    assert text_of(silent) == {}


def test_a_client_that_lost_its_connection_goes_on_telling(connect: Callable[..., Client]) -> None:
    client = connect()
    until(lambda: text_of(client))
    [connection] = client._context.connections.connections()
    connection.close(ConnectionError("pulled"))
    port = f":{connection.local_address.port}"
    until(lambda: text_of(client) and not text_of(client)["clientAddress"].endswith(port))
