"""Real members for every test: one cluster of one member, one of three, and clients of them."""

from __future__ import annotations

import itertools
import os
import re
import signal
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from hzdata import default_client
from hzdata.local import LocalCluster
from hzdata.local.versions import DEFAULT_VERSION

if TYPE_CHECKING:
    from hzdata.session import Client

pytest_plugins = ["tests.surface.recorder"]

VERSION = os.environ.get("HZDATA_TEST_VERSION", DEFAULT_VERSION)

# A runner that ignores SIGINT, as shells make background jobs do, hands that down: interrupts are part of the tests.
signal.signal(signal.SIGINT, signal.default_int_handler)

# How long an example takes says more about the machine than about the code.
settings.register_profile("hzdata", deadline=None)
settings.load_profile("hzdata")

# Members of tests live for seconds: without the optimizing compiler one takes half the CPU to start.
QUICK_START = ("-XX:TieredStopAtLevel=1",)

_numbers = itertools.count(1)
_names: set[str] = set()
_shared: list[LocalCluster] = []


@pytest.fixture(scope="session")
def cluster() -> Iterator[LocalCluster]:
    """One member. Leave it as it is: it is everyone's."""
    with LocalCluster(version=VERSION, cluster_name="one", jvm_args=QUICK_START) as cluster:
        _shared.append(cluster)
        yield cluster
        _shared.remove(cluster)


@pytest.fixture(scope="session")
def cluster3() -> Iterator[LocalCluster]:
    """Three members. Leave them as they are: a test that kills members boots its own."""
    with LocalCluster(members=3, version=VERSION, cluster_name="three", jvm_args=QUICK_START) as cluster:
        _shared.append(cluster)
        yield cluster
        _shared.remove(cluster)


@pytest.fixture
def client(cluster: LocalCluster) -> Client:
    """The shared client of ``cluster``, chosen as the default."""
    default_client.choose(cluster.client)
    return cluster.client


@pytest.fixture
def client3(cluster3: LocalCluster) -> Client:
    """The shared client of ``cluster3``, chosen as the default."""
    default_client.choose(cluster3.client)
    return cluster3.client


@pytest.fixture
def unique_name(request: pytest.FixtureRequest) -> str:
    """A name that no other test uses, good as a SQL identifier too."""
    test = re.sub(r"\W+", "_", request.node.name)[:40].strip("_")
    name = f"{test}_{next(_numbers)}"
    _names.add(name)
    return name


@pytest.fixture(scope="module", autouse=True)
def _nothing_is_left_on_members() -> Iterator[None]:
    """Destroy what the tests of a module made under their names: a member whose heap is full crawls."""
    yield
    for cluster in _shared:
        for thing in cluster.client.get_distributed_objects():
            if thing.name in _names:
                thing.destroy()
    _names.clear()
