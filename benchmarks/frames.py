"""read_sql and to_hz_map beside the vendor's client and the floor: ``python -m benchmarks.frames``.

The floor of reading is the same query, its pages received on one bare socket and dropped; the floor of writing is the
same messages, encoded before the time starts, sent with 256 in flight and their answers awaited. The member sets
that pace: what is above the floor is the client's own doing.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import psutil

import hzdata

from . import floor, vendor
from .measure import Side, machine, medians, report, run_rounds, say, table
from .rows import COLUMNS, make_rows

READ, WRITTEN = "bench_read", "bench_written"
SQL = f"SELECT {', '.join(chr(34) + name + chr(34) for name in COLUMNS)} FROM {READ}"
PAGE_ROWS = 16_384
SAMPLE_SECONDS = 0.02


def main() -> None:
    """Measure, print tables, write JSON."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.frames", description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5, help="counted rounds of hzdata and of the floor")
    parser.add_argument("--vendor-rounds", type=int, default=2, help="of them, those the vendor's client takes part in")
    parser.add_argument("--heap", default="3g", help="of the member")
    parser.add_argument("--json", type=Path, default=Path("benchmarks/results/frames.json"))
    arguments = parser.parse_args()

    frame = make_rows(arguments.rows)
    with hzdata.LocalCluster(heap=arguments.heap) as cluster:
        say(repr(cluster))
        client = cluster.client
        theirs = vendor.connect(cluster.addresses, cluster.cluster_name, default_int_type="LONG")
        every = max(1, arguments.rounds // max(1, arguments.vendor_rounds))
        results: dict[str, Any] = {
            "rows": arguments.rows,
            "columns": COLUMNS,
            "rounds": arguments.rounds,
            "hazelcast": cluster.version,
            **machine(),
        }
        results["to_hz_map"] = _measure_writing(client, theirs, frame, arguments.rounds, every)
        results["read_sql"] = _measure_reading(client, theirs, frame, arguments.rounds, every)
        theirs.shutdown()
        results["streamed"] = _measure_memory(client, cluster, frame)
    report(arguments.json, results, tables)


def _measure_writing(client: Any, theirs: Any, frame: pd.DataFrame, rounds: int, every: int) -> dict[str, Any]:
    say(f"to_hz_map: {len(frame):,} rows")
    target = client.get_map(WRITTEN).blocking()

    def clear() -> None:
        client.sql.execute(f"DROP MAPPING IF EXISTS {WRITTEN}").result()
        target.clear()

    def check(rows: int) -> int:
        if target.size() != len(frame):
            raise AssertionError(f"{target.size():,} entries in the map, not {len(frame):,}")
        return rows

    clear()
    with floor.record_sent(client) as messages:
        frame.to_hz_map(WRITTEN, key="id", client=client, progress=False)
    sides = [
        Side("floor", lambda: floor.replay(client, messages), clear),
        Side(
            "hzdata",
            lambda: frame.to_hz_map(WRITTEN, key="id", client=client, progress=False).rows_placed,
            clear,
        ),
        Side("vendor's put_all", lambda: vendor.put_all(theirs, frame, WRITTEN), clear, every),
    ]
    for side in sides:
        work = side.work
        side.work = lambda work=work: check(work())
    run_rounds(sides, rounds)
    clear()
    sent = sum(map(len, messages))
    return {"messages": len(messages), "bytes": sent, **_figures(sides, len(frame))}


def _measure_reading(client: Any, theirs: Any, frame: pd.DataFrame, rounds: int, every: int) -> dict[str, Any]:
    say(f"read_sql: {len(frame):,} rows")
    frame.to_hz_map(READ, key="id", client=client, progress=False, if_exists="replace")
    _hold_against(frame, hzdata.read_sql(SQL, client=client))
    received: list[int] = []
    sides = [
        Side("floor", lambda: received.append(floor.drain_query(client, SQL, PAGE_ROWS))),
        Side("hzdata", lambda: len(hzdata.read_sql(SQL, client=client, progress=False))),
        Side("vendor's client", lambda: len(vendor.read_sql(theirs, SQL)), None, every),
    ]
    run_rounds(sides, rounds)
    for side in sides[1:]:
        if set(side.results) != {len(frame)}:
            raise AssertionError(f"{side.name} read {side.results} rows")
    return {"bytes": received[-1], **_figures(sides, len(frame))}


def _hold_against(frame: pd.DataFrame, read: pd.DataFrame) -> None:
    """Make sure that what is measured is right: the frame that was loaded comes back."""
    read = read.sort_values("id", ignore_index=True)
    pd.testing.assert_frame_equal(read, frame.astype(read.dtypes.to_dict()))


def _figures(sides: list[Side], rows: int) -> dict[str, Any]:
    figures = {}
    base, _ = medians(sides[0])
    vendor_wall, vendor_cpu = medians(sides[-1])
    for side in sides:
        wall, cpu = medians(side)
        figures[side.name] = {
            "wall": wall,
            "cpu": cpu,
            "rows_per_second": rows / wall,
            "wall_over_floor": wall / base,
            "faster_than_vendor": vendor_wall / wall,
            "cpu_of_vendor": cpu / vendor_cpu,
            "walls": side.wall,
            "cpus": side.cpu,
        }
    return {"sides": figures}


def _measure_memory(client: Any, cluster: hzdata.LocalCluster, frame: pd.DataFrame) -> dict[str, Any]:
    """Stream the rows from a Parquet file into a map, and from a map into a file, each in a process of its own."""
    with tempfile.TemporaryDirectory(prefix="hzdata-bench-") as directory:
        file = Path(directory, "rows.parquet")
        frame.to_parquet(file, row_group_size=65_536)
        figures = {}
        for job in ("write", "read"):
            client.sql.execute(f"DROP MAPPING IF EXISTS {WRITTEN}").result()
            client.get_map(WRITTEN).blocking().clear()
            command = [
                sys.executable,
                "-m",
                "benchmarks.streaming",
                job,
                cluster.addresses[0],
                cluster.cluster_name,
                str(file),
            ]
            say(f"streamed {job}: peak memory of a process of its own")
            figures[job] = _sampled_peak(command) | {"rows": len(frame)}
    return figures


def _sampled_peak(command: list[str]) -> dict[str, Any]:
    started = time.perf_counter()
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
    return {
        "peak_rss": peak,
        "rss_before": int(before),
        "seconds": seconds,
        "samples": samples,
        "process_seconds": time.perf_counter() - started,
    }


FLOORS = {
    "read_sql": "the same pages, received on one socket and dropped",
    "to_hz_map": "the same messages, ready-made, 256 in flight, answers awaited",
}
STREAMED = {"read": "map -> `read_arrow(chunksize=)` -> Parquet", "write": "Parquet -> `to_hz_map`"}


def tables(results: Mapping[str, Any]) -> Iterator[str]:
    """Yield what was measured as Markdown, from what the JSON file holds."""
    rows = results["rows"]
    for job, floor_text in FLOORS.items():
        figures = results[job]
        theirs = min(len(side["walls"]) for side in figures["sides"].values())
        yield table(
            f"`{job}`: {rows:,} rows x {len(results['columns'])} columns, {figures['bytes'] / 1e6:.0f} MB, medians of "
            f"{results['rounds']} rounds (vendor's: {theirs}). Floor: {floor_text}.",
            ("", "wall s", "client CPU s", "rows/s", "wall / floor", "faster than vendor's", "CPU of vendor's"),
            [
                (
                    name,
                    f"{side['wall']:.2f}",
                    f"{side['cpu']:.2f}",
                    f"{side['rows_per_second']:,.0f}",
                    f"{side['wall_over_floor']:.2f}",
                    f"{side['faster_than_vendor']:.1f} x",
                    f"1/{1 / side['cpu_of_vendor']:.0f}",
                )
                for name, side in figures["sides"].items()
            ],
        )
    yield table(
        f"Streamed, {rows:,} rows: resident memory of the process, sampled every {SAMPLE_SECONDS * 1000:.0f} ms.",
        ("", "peak", "before the first row", "wall s"),
        [
            (
                STREAMED[job],
                f"{figures['peak_rss'] / 1e6:.0f} MB",
                f"{figures['rss_before'] / 1e6:.0f} MB",
                f"{figures['seconds']:.2f}",
            )
            for job, figures in results["streamed"].items()
        ],
    )


if __name__ == "__main__":
    main()
