"""DataFrames in and out, beside the vendor's client and the floor: ``python -m benchmarks.frames``.

Three jobs, `read_sql`, `read_map` and `to_hz_map`, for frames of several shapes and sizes. All sides of a job take
turns in one process, against one member on the same machine: hzdata with its compiled kernels, with their NumPy twins,
the vendor's client, and the floor, which is the same bytes on one bare socket with nothing made of them. Ten million
rows: ``--rows 10000000 --vendor-rounds 0 --heap 12g``.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

import hzdata
from hzdata.frames import kernels
from hzdata.frames.scan import MapScan

from . import floor, memory, vendor
from .measure import Side, machine, medians, plot_ratios, report, run_rounds, say, table
from .rows import SHAPES, make_rows

NAME = "bench"
WRITTEN = "bench_written"
PLOT = Path("docs/frames.png")


def main() -> None:
    """Measure, print tables, write JSON and a plot."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.frames", description=__doc__)
    parser.add_argument("--rows", type=_numbers, default=[10_000, 100_000, 1_000_000], help="such as 10000,1000000")
    parser.add_argument("--shapes", type=lambda text: text.split(","), default=list(SHAPES))
    parser.add_argument("--rounds", type=int, default=7, help="counted rounds")
    parser.add_argument("--vendor-rounds", type=int, default=1, help="of them, those the vendor's client takes part in")
    parser.add_argument("--shape-rows", type=int, default=100_000, help="beyond so many, only mixed frames")
    parser.add_argument("--heap", default="4g", help="of the member")
    parser.add_argument("--json", type=Path, default=Path("benchmarks/results/frames.json"))
    arguments = parser.parse_args()

    results: dict[str, Any] = {"rounds": arguments.rounds, **machine(), "cases": []}
    with hzdata.LocalCluster(heap=arguments.heap) as cluster:
        say(repr(cluster))
        results["hazelcast"] = cluster.version
        theirs = vendor.connect(cluster.addresses, cluster.cluster_name, default_int_type="LONG")
        for rows in arguments.rows:
            for shape in arguments.shapes:
                if rows <= arguments.shape_rows or shape == "mixed":
                    case = _Case(cluster.client, theirs if arguments.vendor_rounds else None, shape, rows, arguments)
                    results["cases"] += case.measure()
        theirs.shutdown()
        results["streamed"] = memory.measure(cluster, make_rows(max(arguments.rows)))
    report(arguments.json, results, tables)
    plot_ratios(PLOT, results)


def _numbers(text: str) -> list[int]:
    return [int(part) for part in text.split(",")]


class _Case:
    """All jobs with one frame."""

    def __init__(self, client: Any, theirs: Any, shape: str, rows: int, arguments: argparse.Namespace) -> None:
        self._client, self._theirs, self._shape, self._rows = client, theirs, shape, rows
        self._rounds = arguments.rounds
        self._every = max(1, arguments.rounds // max(1, arguments.vendor_rounds))
        self._frame = make_rows(rows, shape)
        self._sql = f"SELECT {', '.join(chr(34) + name + chr(34) for name in SHAPES[shape])} FROM {NAME}"

    def measure(self) -> Iterator[dict[str, Any]]:
        yield self._write()
        self._drop(WRITTEN)
        self._frame.to_hz_map(
            NAME, key="id", type_name=vendor.type_name(self._shape), if_exists="replace", progress=False
        )
        yield self._read_sql()
        yield self._read_map()
        self._drop(NAME)

    def _write(self) -> dict[str, Any]:
        def load() -> int:
            return self._frame.to_hz_map(WRITTEN, key="id", progress=False).rows_placed

        self._drop(WRITTEN)
        with floor.record_sent(self._client) as messages:
            load()
        size = sum(map(len, messages))
        return self._job(
            "to_hz_map",
            size,
            lambda: floor.replay(self._client, messages) and self._rows,
            load,
            lambda: vendor.put_all(self._theirs, self._frame, WRITTEN, self._shape),
            lambda: self._drop(WRITTEN),
        )

    def _read_sql(self) -> dict[str, Any]:
        pages = floor.page_rows(self._client, self._sql)
        size = floor.drain_query(self._client, self._sql, *pages)
        self._hold_against(hzdata.read_sql(self._sql, progress=False))
        return self._job(
            "read_sql",
            size,
            lambda: floor.drain_query(self._client, self._sql, *pages) and self._rows,
            lambda: len(hzdata.read_sql(self._sql, progress=False)),
            lambda: len(vendor.read_sql(self._theirs, self._sql)),
        )

    def _read_map(self) -> dict[str, Any]:
        # Large maps are asked for by several requests a partition, which go on where the one before ended.
        with floor.record_sent(self._client) as requests:
            size = sum(len(entries.buffer) for partition in MapScan(self._client, NAME) for entries in partition)
        self._hold_against(hzdata.read_map(NAME, key=False, progress=False))
        return self._job(
            "read_map",
            size,
            lambda: floor.drain_scan(self._client, requests, size) and self._rows,
            lambda: len(hzdata.read_map(NAME, progress=False)),
            lambda: len(vendor.read_map(self._theirs, NAME)),
        )

    def _job(
        self,
        job: str,
        size: int,
        of_floor: Callable[[], int],
        ours: Callable[[], int],
        of_vendor: Callable[[], int],
        prepare: Callable[[], object] = lambda: None,
    ) -> dict[str, Any]:
        say(f"{job}: {self._rows:,} rows, {self._shape}")

        def prepared(name: str) -> Callable[[], None]:
            chosen = kernels.choose(name)

            def ready() -> None:
                kernels.active = chosen
                prepare()

            return ready

        sides = [
            Side("floor", of_floor, prepare),
            Side("hzdata", ours, prepared("compiled")),
            Side("NumPy kernels", ours, prepared("numpy")),
        ]
        if self._theirs is not None:
            sides.append(Side("vendor's", of_vendor, prepare, self._every))
        run_rounds(sides, self._rounds)
        prepared("compiled")()
        for side in sides:
            if set(side.results) != {self._rows}:
                raise AssertionError(f"{job}: {side.name} moved {side.results} rows")
        return {
            "job": job,
            "shape": self._shape,
            "rows": self._rows,
            "columns": len(SHAPES[self._shape]),
            "bytes": size,
            "sides": {side.name: _figures(side) for side in sides},
        }

    def _drop(self, name: str) -> None:
        self._client.sql.execute(f"DROP MAPPING IF EXISTS {name}").result()
        self._client.get_map(name).blocking().clear()

    def _hold_against(self, read: pd.DataFrame) -> None:
        """Make sure that what is measured is right: the frame that was loaded comes back."""
        read = read.sort_values("id", ignore_index=True)
        pd.testing.assert_frame_equal(read[list(SHAPES[self._shape])], self._frame.astype(read.dtypes.to_dict()))


def _figures(side: Side) -> dict[str, Any]:
    wall, cpu = medians(side)
    return {"wall": wall, "cpu": cpu, "walls": side.wall, "cpus": side.cpu}


FLOORS = {
    "read_sql": "the same pages, received on one socket and dropped",
    "read_map": "the same answers of a scan, received on one socket and dropped",
    "to_hz_map": "the same messages, ready-made, 256 in flight, answers awaited",
}


def tables(results: Mapping[str, Any]) -> Iterator[str]:
    """Yield what was measured as Markdown, from what the JSON file holds."""
    cases = results["cases"]
    largest = max(case["rows"] for case in cases)
    for job, floor_text in FLOORS.items():
        for case in cases:
            if (case["job"], case["shape"], case["rows"]) == (job, "mixed", largest):
                yield _job_table(case, floor_text, results["rounds"])
    yield table(
        "Every shape: wall time over the floor's, and how many times faster than the vendor's client. "
        f"Medians of {results['rounds']} rounds (vendor's: 1).",
        ("", "rows", *(f"{job} / floor" for job in FLOORS), *(f"{job} x vendor's" for job in FLOORS)),
        [
            (
                f"{shape}, {columns} columns",
                f"{rows:,}",
                *_ratios(cases, shape, rows, "floor"),
                *_ratios(cases, shape, rows, "vendor's"),
            )
            for rows, shape, columns in dict.fromkeys((c["rows"], c["shape"], c["columns"]) for c in cases)
        ],
    )
    yield memory.table_of(results["streamed"])


def _ratios(cases: Sequence[Mapping[str, Any]], shape: str, rows: int, base: str) -> Iterator[str]:
    for job in FLOORS:
        sides = next(c["sides"] for c in cases if (c["job"], c["shape"], c["rows"]) == (job, shape, rows))
        if base not in sides:
            yield ""
        elif base == "floor":
            yield f"{sides['hzdata']['wall'] / sides[base]['wall']:.2f}"
        else:
            yield f"{sides[base]['wall'] / sides['hzdata']['wall']:.1f}"


def _job_table(case: Mapping[str, Any], floor_text: str, rounds: int) -> str:
    sides, rows = case["sides"], case["rows"]
    theirs = sides.get("vendor's")
    base = sides["floor"]["wall"]
    counts = f"medians of {rounds} rounds" + (f" (vendor's: {len(theirs['walls'])})" if theirs else "")
    return table(
        f"`{case['job']}`: {rows:,} rows x {case['columns']} columns, {case['bytes'] / 1e6:.0f} MB, {counts}. "
        f"Floor: {floor_text}.",
        ("", "wall s", "client CPU s", "rows/s", "wall / floor", "faster than vendor's", "CPU of vendor's"),
        [
            (
                name,
                f"{side['wall']:.2f}",
                f"{side['cpu']:.2f}",
                f"{rows / side['wall']:,.0f}",
                f"{side['wall'] / base:.2f}",
                f"{theirs['wall'] / side['wall']:.1f} x" if theirs else "",
                f"1/{theirs['cpu'] / side['cpu']:.0f}" if theirs else "",
            )
            for name, side in sides.items()
        ],
    )


if __name__ == "__main__":
    main()
