"""A local cluster boots, grows, shrinks, and says what runs."""

from __future__ import annotations

import re
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from hzdata import default_client
from hzdata.local import LocalCluster, LocalClusterError
from hzdata.session import Client
from tests.conftest import QUICK_START, VERSION


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCluster]:
    """Two members that tests here may add to, kill, stop, pause: each leaves them as many and running."""
    classes = tmp_path_factory.mktemp("classes")
    with LocalCluster(
        members=2,
        version=VERSION,
        cluster_name="pair",
        classpath=[classes],
        jvm_args=QUICK_START,
        config={"properties": {"hazelcast.partition.count": "31"}, "map": {"default": {"backup-count": 0}}},
    ) as pair:
        yield pair


@pytest.fixture
def pair_client(pair: LocalCluster) -> Iterator[Client]:
    client = pair.connect()
    yield client
    client.shutdown()


def test_members_see_each_other_before_the_cluster_is_handed_over(cluster3: LocalCluster, client3: Client) -> None:
    members = client3.cluster_service.get_members()
    assert sorted(f"{m.address.host}:{m.address.port}" for m in members) == sorted(cluster3.addresses)
    assert len(cluster3.addresses) == 3


def test_members_listen_on_the_loopback_interface_only(cluster: LocalCluster) -> None:
    process = psutil.Process(cluster.members[0].pid)
    listening = {c.laddr for c in process.net_connections("inet") if c.status == psutil.CONN_LISTEN}
    assert {f"{address.ip}:{address.port}" for address in listening} == set(cluster.addresses)


def test_text_and_html_say_what_runs(cluster: LocalCluster) -> None:
    for face in (repr(cluster), cluster._repr_html_()):
        for fact in (cluster.version, str(cluster.java), cluster.addresses[0], "running", "one"):
            assert fact in face


def test_the_logs_of_a_member_are_at_hand(cluster: LocalCluster) -> None:
    assert f"{cluster.addresses[0].partition(':')[2]} is STARTED" in cluster.logs(0)


def test_the_configuration_of_the_user_reaches_the_members(pair_client: Client) -> None:
    assert pair_client.partition_service.get_partition_count() == 31


def test_a_configuration_may_be_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Members would take this over their configuration.
    monkeypatch.setenv("HZ_CLUSTERNAME", "from-the-environment")
    path = tmp_path / "hazelcast.yaml"
    path.write_text("hazelcast:\n  cluster-name: from-a-file\n")
    with LocalCluster(version=VERSION, config=path, jvm_args=QUICK_START) as cluster:
        assert cluster.cluster_name == "from-a-file"
        assert cluster.client.cluster_service.get_members()


def test_the_class_path_of_the_user_reaches_the_members(pair: LocalCluster) -> None:
    command = psutil.Process(pair.members[0].pid).cmdline()
    entries = command[command.index("-cp") + 1].split(":")
    assert Path(entries[-1]).name.startswith("classes")


def test_an_added_member_joins(pair: LocalCluster, pair_client: Client) -> None:
    member = pair.add_member()
    try:
        assert member.address in pair.addresses
        assert len(pair_client.cluster_service.get_members()) == 3
    finally:
        pair.stop_member(member.index)
    assert len(pair.addresses) == 2


def test_a_stopped_member_hands_its_data_over(pair: LocalCluster, pair_client: Client, unique_name: str) -> None:
    entries = {i: i for i in range(1000)}
    without_backups = pair_client.get_map(unique_name).blocking()
    without_backups.put_all(entries)
    pair.stop_member(0)
    try:
        assert pair.members[0].state == "stopped"
        assert dict(without_backups.entry_set()) == entries
    finally:
        pair.start_member(0)


def test_a_killed_member_comes_back_at_its_address(pair: LocalCluster) -> None:
    address, pid = pair.members[1].address, pair.members[1].pid
    pair.kill_member(1)
    assert pair.members[1].state == "killed"
    assert not psutil.pid_exists(pid)
    assert address not in pair.addresses
    pair.start_member(1)
    assert pair.members[1].state == "running"
    assert address in pair.addresses


def test_a_paused_member_stands_still_until_it_is_resumed(pair: LocalCluster) -> None:
    process = psutil.Process(pair.members[1].pid)
    pair.pause_member(1)
    try:
        assert pair.members[1].state == "paused"
        assert process.status() == psutil.STATUS_STOPPED
    finally:
        pair.resume_member(1)
    assert pair.members[1].state == "running"
    assert process.status() != psutil.STATUS_STOPPED


def test_a_member_that_ends_by_itself_is_seen_to_have_died(pair: LocalCluster) -> None:
    member = pair.members[0]
    process = psutil.Process(member.pid)
    process.send_signal(signal.SIGKILL)
    psutil.wait_procs([process], timeout=10)
    try:
        assert member.state == "died"
        assert "died" in repr(pair)
    finally:
        pair.start_member(0)


def test_what_a_member_cannot_do_now_is_refused_by_its_state(pair: LocalCluster) -> None:
    with pytest.raises(LocalClusterError, match=r"member 0 .* is running: only .* paused can be resumed"):
        pair.resume_member(0)
    with pytest.raises(LocalClusterError, match=r"member 0 .* is running: only .* can be started"):
        pair.start_member(0)
    assert pair.members[0].state == "running"
    with pytest.raises(LocalClusterError, match="no member 7"):
        pair.kill_member(7)


def test_closing_ends_the_members_and_shuts_down_the_clients() -> None:
    cluster = LocalCluster(version=VERSION, jvm_args=QUICK_START)
    client, pid, directory = cluster.client, cluster.members[0].pid, cluster.members[0].log.path.parent
    assert default_client.resolve(client) is client
    cluster.close()
    cluster.close()
    assert not client.lifecycle_service.is_running()
    assert not psutil.pid_exists(pid)
    assert not directory.exists()
    assert cluster.addresses == []
    assert "closed" in repr(cluster)
    assert "closed" in cluster._repr_html_()
    for action in (cluster.connect, cluster.add_member, lambda: cluster.kill_member(0), lambda: cluster.logs(0)):
        with pytest.raises(LocalClusterError):
            action()


def test_no_member_is_started_when_the_only_others_are_paused(pair: LocalCluster) -> None:
    pair.kill_member(0)
    pair.pause_member(1)
    try:
        with pytest.raises(LocalClusterError, match=r"call resume_member\(1\) first"):
            pair.start_member(0)
    finally:
        pair.resume_member(1)
        pair.start_member(0)


@pytest.mark.slow
def test_the_cp_subsystem_of_three_members_is_ready(unique_name: str) -> None:
    with LocalCluster(members=3, version="5.4.0", cp_members=3, jvm_args=QUICK_START) as cluster:
        ready = [member for member in cluster.members if member.log.has_cp()]
        assert len(ready) == 3


@pytest.mark.slow
@pytest.mark.parametrize("version", ["4.2.8", "5.0.5"])
def test_an_older_version_forms_a_cluster(version: str) -> None:
    with LocalCluster(members=2, version=version, jvm_args=QUICK_START) as cluster:
        assert cluster.version == version
        assert {len(member.log.view()) for member in cluster.members} == {2}


@pytest.mark.slow
def test_a_member_given_up_by_the_others_finds_them_again() -> None:
    impatient = {"hazelcast.max.no.heartbeat.seconds": "5", "hazelcast.heartbeat.interval.seconds": "1"}
    with LocalCluster(members=2, version=VERSION, config={"properties": impatient}, jvm_args=QUICK_START) as cluster:
        cluster.pause_member(0)
        while len(cluster.members[1].log.view()) == 2:
            time.sleep(0.02)
        cluster.resume_member(0)
        added = cluster.add_member()
        assert {len(member.log.view()) for member in cluster.members} == {3}
        # It was not launched before they had: who joins during a merge may fail to start.
        assert re.findall(r"Members \{size:(\d+)", added.log.text()) == ["3"]
