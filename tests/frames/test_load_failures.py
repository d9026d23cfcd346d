"""Members are killed, frozen and refuse, users interrupt: every row of a load is in the map, or reported."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from hzdata import read_sql, to_hz_map
from hzdata.core.errors import HazelcastError
from hzdata.frames.load import LoadError, LoadReport
from hzdata.local import LocalCluster
from hzdata.session import Client

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

MILLION = 1_000_000


def million() -> pd.DataFrame:
    ids = np.arange(MILLION)
    return pd.DataFrame({"id": ids, "square": ids * ids, "text": pd.Series(ids).astype("str"), "half": ids / 2})


def as_stream(frame: pd.DataFrame, at: int, act: Any) -> pa.RecordBatchReader:
    """The frame as a stream that does `act` when row `at` is asked for."""
    table = pa.Table.from_pandas(frame, preserve_index=False)

    def batches() -> Iterator[pa.RecordBatch]:
        done = False
        for first in range(0, len(frame), 10_000):
            if first >= at and not done:
                act()
                done = True
            yield from table.slice(first, 10_000).to_batches()

    return pa.RecordBatchReader.from_batches(table.schema, batches())


def in_the_map(client: Client, name: str) -> pd.DataFrame:
    """What SQL reads from the map, as soon as the cluster that lost a member can answer."""
    deadline = time.monotonic() + 90
    while True:
        try:
            return read_sql(f"SELECT * FROM {name}", client=client).sort_values("id", ignore_index=True)
        except HazelcastError:
            if time.monotonic() > deadline:
                raise
            time.sleep(1)


def every_row_is_accounted_for(found: pd.DataFrame, report: LoadReport, given: pd.DataFrame) -> None:
    missing = np.setdiff1d(given["id"], found["id"])
    reported = np.concatenate([np.asarray(part["id"], dtype=np.int64) for part in (report.unknown, report.not_placed)])
    assert np.isin(missing, reported).all()
    assert report.rows_placed + report.rows_unknown + report.rows_not_placed == len(given)
    same = given.set_index("id").loc[found["id"].astype("int64")].reset_index()
    for column in given:
        assert (found[column].to_numpy() == same[column].to_numpy()).all(), column


@pytest.mark.parametrize("percent", [10, 50, 90])
def test_a_killed_member_loses_no_row_of_a_load(percent: int) -> None:
    frame = million()
    with LocalCluster(members=3, cluster_name=f"kill-{percent}") as cluster:
        client = cluster.client
        stream = as_stream(frame, MILLION * percent // 100, lambda: cluster.kill_member(1))
        try:
            report = to_hz_map(stream, "numbers", "id", client=client)
        except LoadError as error:
            report = error.report
        found = in_the_map(client, "numbers")
        every_row_is_accounted_for(found, report, frame)
        assert report.complete, report
        assert len(found) == MILLION


def test_a_frozen_member_ends_a_load_in_time_and_every_row_is_accounted_for() -> None:
    frame = million().head(400_000)
    with LocalCluster(members=3, cluster_name="freeze") as cluster:
        client = cluster.connect(invocation_timeout=4, heartbeat_timeout=3, heartbeat_interval=1)
        stream = as_stream(frame, 100_000, lambda: cluster.pause_member(1))
        began = time.monotonic()
        with pytest.raises(LoadError, match=r"invocation_timeout=4.*loading those again is safe") as caught:
            to_hz_map(stream, "numbers", "id", client=client)
        assert time.monotonic() - began < 60
        cluster.resume_member(1)
        report = caught.value.report
        read = report.rows_placed + report.rows_unknown + report.rows_not_placed
        every_row_is_accounted_for(in_the_map(client, "numbers"), report, frame.head(read))
        again = to_hz_map(report.unknown, "numbers", "id", client=client, if_exists="append")
        assert again.complete


def test_what_a_map_can_not_take_or_keep_is_said() -> None:
    config = {
        "split-brain-protection": {"two": {"enabled": True, "minimum-cluster-size": 2, "protect-on": "WRITE"}},
        "map": {
            "guarded": {"split-brain-protection-ref": "two"},
            "small": {"eviction": {"eviction-policy": "LRU", "max-size-policy": "PER_PARTITION", "size": 1}},
        },
    }
    with LocalCluster(config=config, cluster_name="guarded") as cluster:
        frame = pd.DataFrame({"id": range(100_000)}, index=range(100, 100_100))
        with pytest.raises(LoadError, match="refused entries of partition") as caught:
            frame.to_hz_map("guarded", "id", client=cluster.client)
        report = caught.value.report
        assert report.rows_placed == 0
        assert report.rows_unknown > 0
        both = pd.concat([report.unknown, report.not_placed]).sort_index()
        pd.testing.assert_frame_equal(both, frame)
        assert "incomplete" in repr(report)
        assert cluster.client.get_map("other").blocking().put("usable", 1) is None

        for data in (frame.head(5000), pa.table(frame.head(5000)).to_reader()):
            report = to_hz_map(data, "small", "id", client=cluster.client, if_exists="replace")
            assert report.rows_placed == 5000
            assert report.entries is not None
            assert report.entries < 5000
            assert f"{5000 - report.entries:,} of the rows placed are no entry of the map now" in repr(report)


def test_a_client_shut_down_in_the_middle_ends_the_load(cluster: LocalCluster, unique_name: str) -> None:
    client = cluster.connect()
    frame = million().head(200_000)
    with pytest.raises(LoadError, match="the client was shut down") as caught:
        to_hz_map(as_stream(frame, 100_000, client.shutdown), unique_name, "id", client=client)
    report = caught.value.report
    read = report.rows_placed + report.rows_unknown + report.rows_not_placed
    every_row_is_accounted_for(in_the_map(cluster.client, unique_name), report, frame.head(read))


LOADING = """
    import sys, time
    import numpy as np, pandas as pd, hzdata
    from hzdata.frames.load import LoadInterrupted

    client = hzdata.connect(sys.argv[1], cluster_name=sys.argv[2])
    ids = np.arange(4_000_000)
    frame = pd.DataFrame({"id": ids, "square": ids * ids, "text": "some text"})
    print("loading", flush=True)
    try:
        frame.to_hz_map(sys.argv[3], "id")
    except LoadInterrupted as interrupt:
        stopped = time.time()
        report = interrupt.report
        print(stopped, report.rows_placed, report.rows_unknown, report.rows_not_placed, flush=True)
        assert isinstance(interrupt, KeyboardInterrupt)
        assert len(report.unknown) == report.rows_unknown
        assert len(report.not_placed) == report.rows_not_placed
        lost = set(report.unknown["id"]) | set(report.not_placed["id"])
        placed = np.setdiff1d(ids, np.fromiter(lost, np.int64))
        assert len(placed) == report.rows_placed
        client.get_map(sys.argv[3] + "_usable").blocking().put("still", "usable")
        again = frame.head(10).to_hz_map(sys.argv[3], "id", if_exists="append")
        assert again.complete
        np.save(sys.argv[4], placed)
        client.shutdown()
"""


@pytest.fixture
def roomy_cluster() -> Iterator[LocalCluster]:
    """A member that could hold the whole load, were it not interrupted."""
    with LocalCluster(heap="2g", cluster_name="roomy") as cluster:
        yield cluster


def test_ctrl_c_stops_a_load_within_a_second_and_the_client_still_works(
    roomy_cluster: LocalCluster, unique_name: str, tmp_path: Any
) -> None:
    cluster = roomy_cluster
    file = tmp_path / "placed.npy"
    under_way = threading.Event()
    # An event and no question: a member that is loaded answers some questions only when the load is over.
    watcher = cluster.connect(default_int_type="LONG")
    watcher.get_map(unique_name).blocking().add_entry_listener(key=200_000, added_func=lambda _: under_way.set())
    arguments = [cluster.addresses[0], cluster.cluster_name, unique_name, str(file)]
    child = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(LOADING), *arguments], stdout=subprocess.PIPE, text=True, env=os.environ
    )
    try:
        assert child.stdout is not None
        assert child.stdout.readline() == "loading\n"
        assert under_way.wait(60)
        interrupted = time.time()
        child.send_signal(signal.SIGINT)
        stopped, placed, unknown, not_placed = child.stdout.readline().split()
        assert child.wait(60) == 0
    finally:
        child.kill()
    assert float(stopped) - interrupted < 1.0
    assert int(placed) + int(unknown) + int(not_placed) == 4_000_000
    assert 0 < int(placed) < 4_000_000
    keys = read_sql(f"SELECT __key AS k FROM {unique_name}", client=cluster.client)["k"].to_numpy(np.int64)
    assert np.isin(np.load(file), keys).all()
