"""What cannot boot is refused in one sentence that says what to do."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import psutil
import pytest

from hzdata.local import LocalCluster, LocalClusterError
from tests.conftest import QUICK_START, VERSION

REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"members": 0}, r"members=0: pass a whole number from 1 on"),
    ({"version": "5.7"}, r"version='5.7' is no Hazelcast version: .*'5.7.0'"),
    ({"version": "3.12.0"}, r"3.12.0 speaks an older client protocol: pass a version from 4.0 on"),
    ({"heap": "lots"}, r"heap='lots' is no heap size: .*'512m'"),
    ({"heap": "1m"}, r"heap='1m' is too small for a member: pass at least"),
    ({"heap": "4000g"}, r"more than the \d+ MB of this machine: pass a smaller heap="),
    ({"port": 0}, r"port=0: pass a whole number from 1"),
    ({"port": 65535, "members": 2}, r"port=65535: pass a whole number from 1 to 65534"),
    ({"cp_members": 2, "members": 3}, r"cp_members=2: pass at least 3"),
    ({"cp_members": 3}, r"cp_members=3 of 1 members: pass members=3 or more"),
    ({"cp_members": 3, "members": 3, "version": "5.7.0"}, r"no CP Subsystem: pass version='5.4.0'"),
    ({"classpath": ["/nowhere/x.jar"]}, r"/nowhere/x.jar does not exist"),
    ({"java": "/nowhere/java"}, r"no Java 17 or later was found .*pass the path of another java"),
    ({"config": "/nowhere/hazelcast.yaml"}, r"cannot be read"),
    ({"config": "hazelcast.xml"}, r"no YAML file: pass a hazelcast.yaml, or a dict"),
    ({"config": ["map"]}, r"is no mapping: pass what stands below `hazelcast:`"),
    ({"config": {"network": {"port": 5701}}}, r"config sets network.port, .*: leave it out"),
    (
        {"config": {"network": {"join": {"multicast": {"enabled": True}}}}},
        r"config sets network.join, .*never by multicast",
    ),
    ({"config": {"properties": {"hazelcast.logging.type": "none"}}}, r"config sets properties.hazelcast.logging.type"),
]


@pytest.mark.parametrize(("options", "message"), REFUSED, ids=lambda value: str(value)[:40])
def test_nonsense_is_refused_before_anything_starts(options: dict[str, Any], message: str) -> None:
    before = set(psutil.Process().children(recursive=True))
    with pytest.raises(LocalClusterError, match=message) as refusal:
        LocalCluster(**options)
    assert "\n" not in str(refusal.value)
    assert set(psutil.Process().children(recursive=True)) <= before


def test_a_port_in_use_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(LocalClusterError, match=rf"port {port} on 127.0.0.1 .*pass another port="):
            LocalCluster(version=VERSION, port=port)


def test_a_port_asked_for_is_the_one_that_is_used() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with LocalCluster(version=VERSION, port=port, jvm_args=QUICK_START) as cluster:
        assert cluster.addresses == [f"127.0.0.1:{port}"]
        cluster.client.get_map("m").blocking().put(1, 2)
    # Connections of the first linger; the port can be had again all the same.
    with LocalCluster(version=VERSION, port=port, jvm_args=QUICK_START) as cluster:
        assert cluster.addresses == [f"127.0.0.1:{port}"]


DYING: list[tuple[dict[str, Any], str]] = [
    (
        {"config": {"netwrok": {}}},
        r"extraneous key \[netwrok\] is not permitted, location: #/hazelcast.*: mend config=",
    ),
    ({"config": {"map": {"m": {"backup-count": 9}}}}, r"9 is not less or equal to 6, .*/map/m/backup-count"),
    ({"config": {"security": {"enabled": True}}}, r"Security requires Hazelcast Enterprise"),
    ({"jvm_args": ["-XX:+NoSuchFlag"]}, r"Unrecognized VM option 'NoSuchFlag'.*: mend jvm_args="),
    ({"jvm_args": ["-Xms2g"]}, r"Initial heap size set to a larger value"),
]


@pytest.mark.parametrize(("options", "message"), DYING, ids=lambda value: str(value)[:40])
def test_a_member_that_dies_at_boot_is_quoted(options: dict[str, Any], message: str) -> None:
    with pytest.raises(LocalClusterError, match=message) as death:
        LocalCluster(version="5.7.0", **options)
    assert "member 0" in str(death.value)
    assert "\n" not in str(death.value)
    assert death.value.log


def test_a_cluster_that_cannot_boot_leaves_no_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with pytest.raises(LocalClusterError):
        LocalCluster(version=VERSION, config={"netwrok": {}})
    assert list(tmp_path.iterdir()) == []


def test_a_member_that_is_too_slow_is_told_with_its_last_words() -> None:
    with pytest.raises(LocalClusterError, match=r"has not started within 0.2 s.*pass a larger timeout="):
        LocalCluster(version=VERSION, timeout=0.2)
