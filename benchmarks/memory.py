"""The memory of a streamed load and of a streamed query, each in a process of its own, watched from outside."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import psutil

import hzdata

from .measure import say, table

__all__ = ["measure", "table_of"]

NAME = "bench_streamed"
SAMPLE_SECONDS = 0.02

STREAMED = {
    "write": "Parquet -> `to_hz_map`",
    "read": "`read_arrow(chunksize=)` -> Parquet",
    "scan": "`scan_map` -> Parquet",
}


def measure(cluster: hzdata.LocalCluster, frame: pd.DataFrame) -> dict[str, Any]:
    """Stream the rows from a Parquet file into a map, and from the map into a file."""
    with tempfile.TemporaryDirectory(prefix="hzdata-bench-") as directory:
        file = Path(directory, "rows.parquet")
        frame.to_parquet(file, row_group_size=65_536)
        figures = {}
        for job in STREAMED:
            say(f"streamed {job}: peak memory of a process of its own")
            arguments = [job, cluster.addresses[0], cluster.cluster_name, str(file)]
            figures[job] = _sampled_peak([sys.executable, "-m", "benchmarks.streaming", *arguments])
    return {"rows": len(frame), "jobs": figures}


def _sampled_peak(command: list[str]) -> dict[str, Any]:
    process = psutil.Popen(command, stdout=subprocess.PIPE, text=True)
    peak = samples = 0
    while process.poll() is None:
        try:
            peak = max(peak, process.memory_info().rss)
            samples += 1
        except psutil.NoSuchProcess:
            break
        time.sleep(SAMPLE_SECONDS)
    said = process.communicate()[0]
    if process.returncode:
        raise RuntimeError(f"{command} ended with {process.returncode}")
    before, seconds = map(float, said.split())
    return {"peak_rss": peak, "rss_before": int(before), "seconds": seconds, "samples": samples}


def table_of(streamed: Mapping[str, Any]) -> str:
    """Return what was measured as Markdown."""
    return table(
        f"Streamed, {streamed['rows']:,} rows: resident memory of the process, sampled every "
        f"{SAMPLE_SECONDS * 1000:.0f} ms.",
        ("", "peak", "before the first row", "wall s"),
        [
            (
                STREAMED[job],
                f"{figures['peak_rss'] / 1e6:.0f} MB",
                f"{figures['rss_before'] / 1e6:.0f} MB",
                f"{figures['seconds']:.2f}",
            )
            for job, figures in streamed["jobs"].items()
        ],
    )
