"""A member of its own for what shows a whole cluster: in everyone's, the maps of all other tests are shown too."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from hzdata.local import LocalCluster

from ..conftest import QUICK_START, VERSION


@pytest.fixture(scope="package")
def cluster() -> Iterator[LocalCluster]:
    """One member. Leave it as it is: it is that of all tests of widgets."""
    with LocalCluster(version=VERSION, cluster_name="one", jvm_args=QUICK_START) as cluster:
        yield cluster
