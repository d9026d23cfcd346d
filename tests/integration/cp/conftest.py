"""Three members that agree by Raft: of 5.4, the newest community version that has the CP Subsystem."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from hzdata import Client, LocalCluster
from hzdata.local.versions import NEWEST_WITH_CP
from tests import java_classes as java
from tests.conftest import QUICK_START

CONFIG = {
    **java.MEMBER_CONFIG,
    "cp-subsystem": {
        "session-time-to-live-seconds": 5,
        "session-heartbeat-interval-seconds": 1,
        "missing-cp-member-auto-removal-seconds": 14400,
        "semaphores": {"sessionless": {"jdk-compatible": True}},
        "locks": {"twice": {"lock-acquire-limit": 2}, "once": {"lock-acquire-limit": 1}},
    },
}


@pytest.fixture(scope="package")
def cp_cluster() -> Iterator[LocalCluster]:
    """Leave it as it is: a test that kills members boots its own."""
    with LocalCluster(
        3,
        version=NEWEST_WITH_CP,
        cp_members=3,
        cluster_name="cp",
        config=CONFIG,
        classpath=[java.compiled(NEWEST_WITH_CP)],
        jvm_args=QUICK_START,
    ) as cluster:
        yield cluster


@pytest.fixture
def cp(cp_cluster: LocalCluster) -> Client:
    """The shared client of the cluster."""
    return cp_cluster.client
