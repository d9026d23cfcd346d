"""A scan whose members die has every entry, once."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from hzdata import Client, LocalCluster
from tests.conftest import QUICK_START, VERSION

pytestmark = pytest.mark.slow

ROWS = 200_000


@pytest.fixture
def cluster3_of_its_own() -> Iterator[tuple[LocalCluster, Client]]:
    # A cluster for each death: two in a row can take both copies of a partition along.
    frame = pd.DataFrame({"id": np.arange(ROWS), "text": [f"text {i}" for i in range(ROWS)]})
    with LocalCluster(3, version=VERSION, jvm_args=QUICK_START) as cluster:
        client = cluster.connect()
        frame.to_hz_map("m", key="id", client=client)
        yield cluster, client


def test_one_that_dies_between_two_batches(cluster3_of_its_own: tuple[LocalCluster, Client]) -> None:
    cluster, client = cluster3_of_its_own
    reader = client.scan_map("m")
    first = next(iter(reader))
    cluster.kill_member(2)
    table = pa.Table.from_batches([first, *reader])
    assert sorted(table["id"].to_pylist()) == list(range(ROWS))


def test_one_that_dies_while_entries_are_on_their_way(cluster3_of_its_own: tuple[LocalCluster, Client]) -> None:
    cluster, client = cluster3_of_its_own
    timer = threading.Timer(0.05, cluster.kill_member, (1,))
    timer.start()
    frame = client.read_map("m", ["id"], key=False)
    timer.join()
    assert sorted(frame["id"]) == list(range(ROWS))
