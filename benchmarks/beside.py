"""Point operations beside a scan or a load: ``python -m benchmarks.beside``.

Blocking `get` of a small value, alone and while another thread of the same process, by the same client, reads a whole
map or loads a frame over and over.
"""

from __future__ import annotations

import argparse
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from statistics import median
from typing import Any

import hzdata

from .measure import machine, report, say, table
from .rows import make_rows

SCANNED, LOADED, POINTS = "beside_scanned", "beside_loaded", "beside_points"


def main() -> None:
    """Measure, print the table, write JSON."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.beside", description=__doc__)
    parser.add_argument("--rows", type=int, default=300_000)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=2.0, help="of calls in each round")
    parser.add_argument("--json", type=Path, default=Path("benchmarks/results/beside.json"))
    arguments = parser.parse_args()

    frame = make_rows(arguments.rows)
    with hzdata.LocalCluster(heap="3g") as cluster:
        say(repr(cluster))
        client = cluster.client
        frame.to_hz_map(SCANNED, key="id", progress=False)
        points = client.get_map(POINTS).blocking()
        points.set("k", "value")
        jobs: dict[str, Callable[[], object]] = {
            "alone": lambda: time.sleep(0.1),
            "read_map": lambda: hzdata.read_map(SCANNED, progress=False),
            "read_sql": lambda: hzdata.read_sql(f"SELECT * FROM {SCANNED}", progress=False),
            "to_hz_map": lambda: frame.to_hz_map(LOADED, key="id", if_exists="replace", progress=False),
        }
        rounds: dict[str, list[dict[str, float]]] = {name: [] for name in jobs}
        for number in range(arguments.rounds + 1):
            for name, job in jobs.items():
                figures = _beside(job, lambda: points.get("k"), arguments.seconds)
                say(f"  {'warm-up' if not number else f'round {number}'}  {name:<10} p50 {figures['p50']:7.0f} µs")
                if number:
                    rounds[name].append(figures)
        results = {
            "rows": arguments.rows,
            "rounds": arguments.rounds,
            "hazelcast": cluster.version,
            **machine(),
            "beside": {
                name: {key: median(r[key] for r in found) for key in found[0]} for name, found in rounds.items()
            },
        }
    report(arguments.json, results, tables)


def _beside(job: Callable[[], object], call: Callable[[], object], seconds: float) -> dict[str, float]:
    over = threading.Event()
    done = [0]

    def again_and_again() -> None:
        while not over.is_set():
            job()
            done[0] += 1

    thread = threading.Thread(target=again_and_again)
    thread.start()
    times = []
    clock = time.perf_counter
    until = clock() + seconds
    while (start := clock()) < until:
        call()
        times.append(clock() - start)
    over.set()
    thread.join()
    times.sort()
    return {"p50": times[len(times) // 2] * 1e6, "p99": times[len(times) * 99 // 100] * 1e6, "calls": float(len(times))}


def tables(results: Mapping[str, Any]) -> Iterator[str]:
    """Yield what was measured as Markdown, from what the JSON file holds."""
    beside = results["beside"]
    yield table(
        f"Blocking `get` beside bulk work of the same process and client, maps of {results['rows']:,} rows, medians of "
        f"{results['rounds']} rounds.",
        ("beside", "p50 µs", "p99 µs", "p50 / alone"),
        [
            (name, f"{f['p50']:.0f}", f"{f['p99']:.0f}", f"{f['p50'] / beside['alone']['p50']:.2f}")
            for name, f in beside.items()
        ],
    )


if __name__ == "__main__":
    main()
