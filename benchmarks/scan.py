"""read_map beside read_sql, the vendor's client and the floor: ``python -m benchmarks.scan``.

The floor is the same answers, one for each partition, eight under way on one bare socket, received and dropped. The
vendor's client gets the whole map as one list of entries and makes a DataFrame of their objects.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

import hzdata
from hzdata.frames.scan import MapScan

from . import floor, vendor
from .measure import Side, machine, medians, report, run_rounds, say, table
from .rows import COLUMNS, make_rows

NAME = "bench_scan"


def main() -> None:
    """Measure, print the table, write JSON."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scan", description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--vendor-rounds", type=int, default=2, help="of them, those the vendor's client takes part in")
    parser.add_argument("--heap", default="4g", help="of the member")
    parser.add_argument("--json", type=Path, default=Path("benchmarks/results/scan.json"))
    arguments = parser.parse_args()

    frame = make_rows(arguments.rows)
    with hzdata.LocalCluster(heap=arguments.heap) as cluster:
        say(repr(cluster))
        client = cluster.client
        frame.to_hz_map(NAME, key="id", type_name=vendor.RowSerializer().get_type_name(), progress=False)
        _hold_against(frame, hzdata.read_map(NAME, key=False, progress=False))
        theirs = vendor.connect(cluster.addresses, cluster.cluster_name, default_int_type="LONG")
        size = sum(len(entries.buffer) for partition in MapScan(client, NAME) for entries in partition)
        every = max(1, arguments.rounds // max(1, arguments.vendor_rounds))
        sides = [
            Side("floor", lambda: floor.drain_scan(client, NAME, size)),
            Side("read_map", lambda: len(hzdata.read_map(NAME, progress=False))),
            Side("read_sql", lambda: len(hzdata.read_sql(f"SELECT * FROM {NAME}", progress=False))),
            Side("vendor's entry_set", lambda: len(vendor.read_map(theirs, NAME)), None, every),
        ]
        run_rounds(sides, arguments.rounds)
        theirs.shutdown()
        for side in sides[1:]:
            if set(side.results) != {len(frame)}:
                raise AssertionError(f"{side.name} read {side.results} rows")
        results = {
            "rows": arguments.rows,
            "columns": COLUMNS,
            "rounds": arguments.rounds,
            "bytes": size,
            "hazelcast": cluster.version,
            **machine(),
            "sides": {side.name: _figures(side, sides, arguments.rows) for side in sides},
        }
        report(arguments.json, results, tables)


def _hold_against(frame: pd.DataFrame, read: pd.DataFrame) -> None:
    """Make sure that what is measured is right: the frame that was loaded comes back."""
    read = read.sort_values("id", ignore_index=True)
    pd.testing.assert_frame_equal(read, frame.astype(read.dtypes.to_dict()))


def _figures(side: Side, sides: list[Side], rows: int) -> dict[str, Any]:
    wall, cpu = medians(side)
    by_floor, _, by_sql, by_vendor = (medians(other)[0] for other in sides)
    return {
        "wall": wall,
        "cpu": cpu,
        "rows_per_second": rows / wall,
        "wall_over_floor": wall / by_floor,
        "faster_than_sql": by_sql / wall,
        "faster_than_vendor": by_vendor / wall,
        "walls": side.wall,
        "cpus": side.cpu,
    }


def tables(results: Mapping[str, Any]) -> Iterator[str]:
    """Yield what was measured as Markdown, from what the JSON file holds."""
    sides = results["sides"]
    theirs = min(len(side["walls"]) for side in sides.values())
    yield table(
        f"A whole map: {results['rows']:,} entries x {len(results['columns'])} columns, {results['bytes'] / 1e6:.0f} "
        f"MB, medians of {results['rounds']} rounds (vendor's: {theirs}). Floor: the same answers, received and "
        "dropped.",
        ("", "wall s", "client CPU s", "entries/s", "wall / floor", "faster than read_sql", "faster than vendor's"),
        [
            (
                name,
                f"{side['wall']:.2f}",
                f"{side['cpu']:.2f}",
                f"{side['rows_per_second']:,.0f}",
                f"{side['wall_over_floor']:.1f}",
                f"{side['faster_than_sql']:.1f} x",
                f"{side['faster_than_vendor']:.1f} x",
            )
            for name, side in sides.items()
        ],
    )


if __name__ == "__main__":
    main()
