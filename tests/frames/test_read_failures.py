"""Users interrupt and members are killed in the middle of a read: it ends, it says how, and the client can go on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time

import numpy as np
import pandas as pd
import pytest

import hzdata
from hzdata import HazelcastSqlError, LocalCluster, bulk
from hzdata.core.errors import HazelcastError
from hzdata.core.protocol.custom_types import SqlQueryId
from hzdata.core.query import FETCH
from hzdata.session import Client

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

# Each reads without end; the first line that a child prints is the id of its query at the member, the second that it
# is in the middle, the third when it was interrupted.
READING = """
    import sys, time
    import hzdata

    client = hzdata.connect(sys.argv[1], cluster_name=sys.argv[2])
    from hzdata.bulk import cursor
    new_query_id = cursor.new_query_id

    def told(member_uuid):
        query_id = new_query_id(member_uuid)
        print(*query_id, member_uuid, flush=True)
        return query_id

    cursor.new_query_id = told
    sql = "SELECT v, CAST(v AS VARCHAR) AS s FROM TABLE(generate_stream({rate})) AS t(v) WHERE v >= {first}"
    try:
        {read}
    except KeyboardInterrupt:
        print(time.time(), flush=True)
    assert hzdata.read_sql("SELECT 1 AS a")["a"].tolist() == [1]
    client.get_map("usable").blocking().put("still", "usable")
    client.shutdown()
"""
READS = {
    "a whole result, in the middle of its rows": (100_000, 0, "hzdata.read_sql(sql)"),
    "a whole result, before its first row": (1, 10**9, "hzdata.read_sql(sql)"),
    "a table": (100_000, 0, "hzdata.read_arrow(sql)"),
    "chunks": (100_000, 0, "for chunk in hzdata.read_sql(sql, chunksize=100): pass"),
    "a reader": (100_000, 0, "hzdata.read_arrow(sql, chunksize=100).read_all()"),
}


@pytest.mark.parametrize("what", READS)
def test_ctrl_c_stops_a_read_within_a_second_and_the_member_forgets_the_query(client: Client, what: str) -> None:
    rate, first, read = READS[what]
    script = textwrap.dedent(READING).format(rate=rate, first=first, read=read)
    [member] = client.cluster_service.get_members()
    arguments = [f"{member.address.host}:{member.address.port}", client.config.cluster_name]
    child = subprocess.Popen(
        [sys.executable, "-c", script, *arguments], stdout=subprocess.PIPE, text=True, env=os.environ
    )
    try:
        assert child.stdout is not None
        *query, _ = child.stdout.readline().split()
        query_id = SqlQueryId(*map(int, query))
        time.sleep(2)
        assert child.poll() is None
        if not first:  # A question about a query without rows would wait on the member, and keep one of its threads.
            assert is_known(client, query_id)
        interrupted = time.time()
        child.send_signal(signal.SIGINT)
        stopped = float(child.stdout.readline())
        known = is_known(client, query_id)
        assert child.wait(60) == 0
    finally:
        child.kill()
        child.wait()
    assert not known
    assert stopped - interrupted < 1.0


def is_known(client: Client, query_id: SqlQueryId) -> bool:
    """Whether the member knows a query: it is asked for the next page, for which it would wait."""
    answer = client.invocation_service.invoke(FETCH, query_id, 1)
    try:
        response = answer.result(1)
    except TimeoutError:
        return True
    assert response.error is None or "not found" in response.error.message
    return response.error is None


ROWS = 300_000


@pytest.mark.parametrize(
    ("percent", "runs_the_query"), [(10, False), (50, True), (90, False)], ids=["10 %", "50 %, its own", "90 %"]
)
def test_a_killed_member_ends_a_read_with_the_whole_answer_or_a_named_error(percent: int, runs_the_query: bool) -> None:
    ids = np.arange(ROWS)
    given = pd.DataFrame({"id": ids, "text": pd.Series(ids).astype("str")})
    with LocalCluster(members=3, cluster_name=f"killed-{percent}") as cluster:
        client = cluster.client
        hzdata.to_hz_map(given, "numbers", "id", client=client)
        received = []
        rows = 0
        error: HazelcastSqlError | None = None
        try:
            for chunk in hzdata.read_sql(
                "SELECT id FROM numbers", client=client, chunksize=1000, cursor_buffer_size=1000
            ):
                if rows < ROWS * percent // 100 <= rows + len(chunk):
                    [reading] = [f"{b.address.host}:{b.address.port}" for b in bulk.of(client)._open if b.alive]
                    victims = [
                        index
                        for index, member in enumerate(cluster.members)
                        if (member.address == reading) is runs_the_query
                    ]
                    cluster.kill_member(victims[0])
                received.append(chunk)
                rows += len(chunk)
        except HazelcastSqlError as failure:
            error = failure
        if error is None:
            assert pd.concat(received)["id"].sort_values().tolist() == ids.tolist()
        else:
            assert any("rows had arrived" in note for note in error.__notes__)
        assert error is not None or not runs_the_query
        assert client.get_map("other").blocking().put("usable", 1) is None
        _until_all_rows_are_there(client)


def _until_all_rows_are_there(client: Client) -> None:
    """Wait until the cluster that lost a member answers again, with every row."""
    deadline = time.monotonic() + 120
    while True:
        try:
            if len(hzdata.read_sql("SELECT id FROM numbers", client=client)) == ROWS:
                return
        except HazelcastError:
            pass
        assert time.monotonic() < deadline
        time.sleep(1)
