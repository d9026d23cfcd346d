"""Two columns of wide entries, cut out on the members and of whole entries: ``python -m benchmarks.projection``."""

from __future__ import annotations

import argparse
from unittest.mock import patch

import pandas as pd

import hzdata
from hzdata.frames import tables

from .measure import Side, run_rounds, say, table

_MAP, _COLUMNS = "wide", 20


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.projection", description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--widths", type=int, nargs="+", default=[1_000, 2_000, 5_000], help="bytes of an entry")
    parser.add_argument("--rounds", type=int, default=7)
    arguments = parser.parse_args()
    with hzdata.LocalCluster(heap="2g") as cluster:
        say(repr(cluster))
        lines = [_line(width, arguments.rows, arguments.rounds) for width in arguments.widths]
    title = f"`read_map` of 2 of {_COLUMNS} columns, {arguments.rows:,} rows, the best of {arguments.rounds} rounds."
    say(table(title, ["bytes an entry", "whole ms", "cut ms", "whole / cut", "client CPU, whole / cut"], lines))


def _line(width: int, rows: int, rounds: int) -> list[str]:
    text = pd.Series([f"{i:0{width // _COLUMNS}d}" for i in range(rows)])
    columns = {f"c{i}": text for i in range(_COLUMNS)}
    pd.DataFrame({"id": range(rows), **columns}).to_hz_map(_MAP, key="id", if_exists="replace", progress=False)

    def whole() -> int:
        with patch.object(tables, "worth_cutting", lambda *_: []):
            return len(hzdata.read_map(_MAP, ["c1", "c2"], progress=False))

    def cut() -> int:
        with patch("hzdata.frames.projected._LEAST_SAVED", -(2**31)):
            return len(hzdata.read_map(_MAP, ["c1", "c2"], progress=False))

    sides = [Side("whole", whole), Side("cut", cut)]
    run_rounds(sides, rounds)
    wall, cut_wall = (min(side.wall) for side in sides)
    cpu, cut_cpu = (min(side.cpu) for side in sides)
    ratios = f"{wall / cut_wall:.2f}", f"{cpu / cut_cpu:.2f}"
    return [f"{width:,}", f"{wall * 1e3:.0f}", f"{cut_wall * 1e3:.0f}", *ratios]


if __name__ == "__main__":
    main()
