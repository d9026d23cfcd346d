"""What the subcommands do: each takes the arguments it was given and returns an exit code."""

from __future__ import annotations

import argparse
import contextlib
import re
import sys
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from .errors import CommandError
from .files import COMPRESSIONS, FileFormat, format_of, open_rows, stem, write_rows, written
from .keys import keyed

if TYPE_CHECKING:
    from ..frames.report import LoadReport
    from ..session import Client

__all__ = ["demo", "export", "load", "sql", "versions"]

TABLE = FileFormat("table")

_CHUNK_ROWS = 65_536


def demo(arguments: argparse.Namespace) -> int:
    from ..demo.run import run_demo
    from ..demo.tables import MissingData

    try:
        return run_demo(arguments.output_dir, arguments.members, arguments.version, arguments.keep)
    except MissingData as error:
        raise CommandError(str(error)) from error


def versions(arguments: argparse.Namespace) -> int:
    from ..versions import show_versions

    show_versions()
    return 0


@contextlib.contextmanager
def _connected(arguments: argparse.Namespace) -> Iterator[Client]:
    from ..session import connect

    options = {} if arguments.cluster_name is None else {"cluster_name": arguments.cluster_name}
    client = connect(*(arguments.address or ()), **options)
    try:
        yield client
    finally:
        client.shutdown()


def sql(arguments: argparse.Namespace) -> int:
    output: Path | None = arguments.output
    is_text = output is None or output.suffix in ("", ".txt", ".table")
    form = _format(arguments.format, None if is_text else output, TABLE)
    query = sys.stdin.read() if arguments.query == "-" else arguments.query
    types = {"timestamp_unit": arguments.timestamp_unit, "decimals": dict(arguments.decimals)}
    with _connected(arguments) as client, written(output, arguments.overwrite) as sink, _told_as_options():
        if form == TABLE:
            frame = client.read_sql(query, **types)
            sink.write(f"{frame.to_string(index=False)}\n".encode())
        else:
            with client.read_arrow(query, chunksize=_CHUNK_ROWS, **types) as rows:
                write_rows(rows, form, sink)
    return 0


def _format(named: str | None, output: Path | None, default: FileFormat) -> FileFormat:
    if named:
        ending = output.suffix.removeprefix(".") if output is not None and named == "csv" else ""
        form = FileFormat(named, COMPRESSIONS.get(ending))
    else:
        form = default if output is None else format_of(output)
    if output is None and form.name not in ("table", "csv") and sys.stdout.isatty():
        raise CommandError(f"{form.name} is no text for a terminal: name a file, or pipe the output.")
    return form


def export(arguments: argparse.Namespace) -> int:
    output = None if arguments.file == "-" else Path(arguments.file)
    form = _format(arguments.format, output, FileFormat("csv"))
    source = (sys.stdin.read() if arguments.source == "-" else arguments.source).strip()
    is_query = len(source.split()) > 1
    if is_query and (arguments.columns or arguments.keys):
        raise CommandError("--columns and --keys are of a map: a query says itself what it selects")
    started = time.monotonic()
    with _connected(arguments) as client, written(output, arguments.overwrite) as sink:
        types = {"timestamp_unit": arguments.timestamp_unit, "decimals": dict(arguments.decimals)}
        with _told_as_options(), warnings.catch_warnings():
            warnings.filterwarnings("error", "there is no map")
            if is_query:
                rows = client.read_arrow(source, chunksize=_CHUNK_ROWS, **types)
            else:
                rows = client.scan_map(source, arguments.columns, key=arguments.keys, **types)
                if not rows.schema.names:
                    wanted = " with such columns" if arguments.columns else ""
                    raise CommandError(f"the map {source!r} has no entries{wanted}")
        with rows, _told_as_options():
            count = write_rows(rows, form, sink)
    keys = "" if is_query or arguments.keys else "; keys are written with --keys"
    sys.stderr.write(f"{output or 'stdout'}: {count:,} rows in {time.monotonic() - started:.2f} s{keys}\n")
    return 0


def load(arguments: argparse.Namespace) -> int:
    from ..frames.report import LoadError, LoadInterrupted

    file = None if arguments.file == "-" else Path(arguments.file)
    name = arguments.map or (stem(file) if file else None)
    if name is None:
        raise CommandError("stdin has no name that the map could have: pass --map")
    options = {} if arguments.batch_size is None else {"batch_size": arguments.batch_size}
    with (
        open_rows(file, arguments.columns, dict(arguments.dtype), arguments.null) as found,
        _connected(arguments) as client,
    ):
        rows, key = keyed(found, arguments.key, str(file or "stdin"))
        try:
            with _told_as_options():
                report = client.to_hz_map(
                    rows,
                    name,
                    key,
                    format=arguments.format,
                    if_exists=arguments.if_exists,
                    mapping=not arguments.no_mapping,
                    ttl=arguments.ttl,
                    **options,
                )
        except LoadInterrupted as interrupt:
            raise KeyboardInterrupt(_how_far("interrupted", interrupt.report, key)) from None
        except LoadError as error:
            cause = error.__cause__
            why = str(cause) if isinstance(cause, CommandError) else f"{file or 'stdin'}: {cause}"
            raise CommandError(_how_far(why, error.report, key)) from error
    facts = "".join(f"  {label:<18}  {text}\n" for label, text in report.facts())
    sys.stderr.write(f"map {name!r}\n{facts}")
    return 0


def _how_far(why: str, report: LoadReport, key: list[str] | None) -> str:
    unknown = f", and {report.rows_unknown:,} more or not" if report.rows_unknown else ""
    # Keys that are row numbers are refused beside others: they could replace strangers.
    again = "append" if key else "replace"
    return (
        f"{why}. The map {report.map_name!r} has {report.rows_placed:,} rows of the file{unknown}; loading it again, "
        f"with --if-exists {again}, is safe"
    )


@contextlib.contextmanager
def _told_as_options() -> Iterator[None]:
    """Say what is wrong with an argument, or what one remedies, by the name that it has in a shell."""
    try:
        yield
    except (KeyError, TypeError, ValueError, UserWarning) as error:
        text = str(error.args[0] if isinstance(error, KeyError) else error)
        text = re.sub(r"\bmapping=False", "--no-mapping", text)
        text = re.sub(r'\bdecimals=\{"(.*?)": \(precision, scale\)\}', r"--decimals \1=PRECISION,SCALE", text)
        text = re.sub(r'\b(if_exists|format|key|columns|ttl|timestamp_unit)=(["\']?)([\w.-]*)\2', _as_option, text)
        raise CommandError(text) from error


def _as_option(argument: re.Match[str]) -> str:
    return f"--{argument[1].replace('_', '-')} {argument[3]}".rstrip()
