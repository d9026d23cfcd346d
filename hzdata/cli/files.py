"""Files of rows: record batches out of a file and into one, a few at a time.

The ending of a file's name says its format. Memory holds some batches, whatever the size of the file; a file that is
written appears whole or not at all.
"""

from __future__ import annotations

import contextlib
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

from .errors import CommandError

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = [
    "COMPRESSIONS",
    "FORMATS",
    "CommandError",
    "FileFormat",
    "arrow_type",
    "format_of",
    "open_rows",
    "stem",
    "write_rows",
    "written",
]

FORMATS = ("csv", "parquet", "arrow", "arrows")
ENDINGS = {form: form for form in FORMATS} | {"feather": "arrow"}
COMPRESSIONS = {"gz": "gzip", "zst": "zstd"}

BATCH_ROWS = 65_536
BATCH_BYTES = 8 << 20
"""How much of a Parquet file is read at a time: rows, or bytes of them where rows are large."""

_PARAMETRIC = re.compile(r"(decimal|timestamp)\((\w+), *([\w+:/-]+)\)")


class FileFormat(NamedTuple):
    """What a file's name says of its content.

    Attributes
    ----------
    name : {"csv", "parquet", "arrow", "arrows"}
        Arrow's own are a file that can be read from anywhere, and a stream.
    compression : str or None
        What a CSV file is compressed with, as Arrow calls it.
    """

    name: str
    compression: str | None = None


def format_of(path: Path) -> FileFormat:
    """Return the format that the ending of a name stands for.

    Raises
    ------
    CommandError
        When it stands for none.
    """
    *others, last = path.name.lower().split(".")
    if last in COMPRESSIONS and others[1:] and others[-1] == "csv":
        return FileFormat("csv", COMPRESSIONS[last])
    if last in ENDINGS and others:
        return FileFormat(ENDINGS[last])
    known = ", ".join(f".{ending}" for ending in [*ENDINGS, *(f"csv.{ending}" for ending in COMPRESSIONS)])
    ending = f"the ending .{last} is no format" if others else "without an ending it has no format"
    raise CommandError(f"{path}: {ending} that is read or written here: there are {known}")


def stem(path: Path) -> str:
    """Return a file's name without the endings that say its format."""
    return path.name.removesuffix(path.suffix).removesuffix(".csv")


def arrow_type(text: str) -> pa.DataType:
    """Return the Arrow type of a name such as ``float64``, ``decimal(10,2)``, ``timestamp[us]``, ``timestamp(us,UTC)``.

    Raises
    ------
    ValueError
        When there is no such type.
    """
    import pyarrow as pa

    if parts := _PARAMETRIC.fullmatch(text):
        kind, first, second = parts.groups()
        return pa.timestamp(first, second) if kind == "timestamp" else pa.decimal128(int(first), int(second))
    return pa.type_for_alias(text)


# --- Reading ---------------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def open_rows(
    path: Path | None,
    columns: Sequence[str] | None = None,
    types: Mapping[str, pa.DataType] | None = None,
    nulls: Iterable[str] = (),
) -> Iterator[pa.RecordBatchReader]:
    """Open a file and yield the stream of its rows.

    Parameters
    ----------
    path : Path or None
        None: CSV from stdin.
    columns : sequence of str, optional
        Those to read, in this order; None: all.
    types : mapping of str to pyarrow.DataType, optional
        Of columns of a CSV file; the others' are told from its beginning.
    nulls : iterable of str
        Unquoted texts that are null in a CSV file, besides none at all.

    Raises
    ------
    CommandError
        Also by the stream, when it comes to what can not be read: with the row, as far as it is known.
    """
    import pyarrow as pa

    name, form = ("stdin", FileFormat("csv")) if path is None else (str(path), format_of(path))
    if form.name != "csv" and (types or nulls):
        raise CommandError(f"{name}: types and nulls can be given for CSV only: {form.name} files have their own")
    if path is not None and not path.exists():
        raise CommandError(f"{name}: there is no such file")
    with contextlib.ExitStack() as stack:
        with _named(name):
            # Arrow's own files: what Python's read would be held by the allocator, 200 MB of it.
            file = stack.enter_context(pa.PythonFile(sys.stdin.buffer, "r") if path is None else pa.OSFile(str(path)))
            if form.name == "csv":
                source = _read_csv(pa.input_stream(file, form.compression), columns, types or {}, nulls)
            else:
                source = _read_parquet(file, columns) if form.name == "parquet" else _read_arrow(file)
        for column in (*(columns or ()), *(types or ())):
            if column not in source.schema.names:
                raise CommandError(f"{name}: it has no column {column!r}; there are {', '.join(source.schema.names)}")
        schema = source.schema
        if columns is not None:
            schema = pa.schema([schema.field(column) for column in columns])
        yield pa.RecordBatchReader.from_batches(schema, _rows(name, source.batches, schema.names))


class _Source(NamedTuple):
    schema: pa.Schema
    batches: Iterable[pa.RecordBatch]


def _rows(name: str, batches: Iterable[pa.RecordBatch], columns: list[str]) -> Iterator[pa.RecordBatch]:
    count = 0
    with _named(name, lambda: f"behind row {count:,}: "):
        for batch in batches:
            count += batch.num_rows
            yield batch.select(columns)


@contextlib.contextmanager
def _named(name: str, where: Callable[[], str] = str) -> Iterator[None]:
    """Say of what goes wrong inside which file it is, and where in it."""
    import pyarrow as pa

    try:
        yield
    except (pa.ArrowException, OSError) as error:
        problem = str(error.args[0]) if isinstance(error, KeyError) else str(error)
        if "CSV" not in problem:  # which names the row itself
            problem = f"{where()}{problem}"
        elif re.search("conver|decimal", problem, re.IGNORECASE):
            problem += "; types are told from the beginning of a file: give the column's with --dtype COLUMN=TYPE"
        raise CommandError(f"{name}: {problem}") from error


def _read_parquet(file: pa.NativeFile, columns: Sequence[str] | None) -> _Source:
    from pyarrow import parquet

    # With these buffers, the columns of a row group, which may be all of the file, are read piece by piece.
    source = parquet.ParquetFile(file, buffer_size=1 << 20, pre_buffer=False, page_checksum_verification=True)
    metadata = source.metadata
    size = sum(metadata.row_group(i).total_byte_size for i in range(metadata.num_row_groups))
    rows = min(BATCH_ROWS, max(1, BATCH_BYTES * metadata.num_rows // max(1, size)))
    return _Source(source.schema_arrow, source.iter_batches(rows, columns=columns))


def _read_csv(
    file: pa.NativeFile,
    columns: Sequence[str] | None,
    types: Mapping[str, pa.DataType],
    nulls: Iterable[str],
) -> _Source:
    import pyarrow as pa
    from pyarrow import csv

    reader = csv.open_csv(
        file,
        # One thread: several do not know the number of the row that is wrong.
        csv.ReadOptions(use_threads=False),
        csv.ParseOptions(newlines_in_values=True),
        csv.ConvertOptions(
            column_types={column: _roomy(kind) for column, kind in types.items()},
            include_columns=columns,
            null_values=["", *nulls],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
        ),
    )
    schema = pa.schema([field.with_type(types.get(field.name, field.type)) for field in reader.schema])
    return _Source(schema, (_narrowed(batch, schema) for batch in reader))


def _roomy(kind: pa.DataType) -> pa.DataType:
    """Return what texts are read as that are to be of a type: Arrow refuses zeros that a decimal has no digits for."""
    import pyarrow as pa

    return pa.decimal128(38, min(38, 38 - kind.precision + kind.scale)) if pa.types.is_decimal(kind) else kind


def _narrowed(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    import pyarrow as pa

    columns = []
    for field, column in zip(schema, batch.columns, strict=True):
        try:
            columns.append(column.cast(field.type))
        except pa.ArrowInvalid as error:
            raise pa.ArrowInvalid(
                f"column {field.name!r} has a value that does not fit {field.type} ({error}): give it a type with more "
                f"digits with --dtype '{field.name}=decimal(PRECISION,SCALE)'"
            ) from error
    return pa.record_batch(columns, schema=schema)


def _read_arrow(file: pa.NativeFile) -> _Source:
    from pyarrow import ipc

    magic = file.read(6)
    file.seek(0)
    if magic != b"ARROW1":
        stream = ipc.open_stream(file)
        return _Source(stream.schema, stream)
    reader = ipc.open_file(file)
    return _Source(reader.schema, (reader.get_batch(i) for i in range(reader.num_record_batches)))


# --- Writing ---------------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def written(path: Path | None, overwrite: bool = False) -> Iterator[BinaryIO]:
    """Yield what to write to: stdout for None, else a file that takes the place of `path` when everything is written.

    Raises
    ------
    CommandError
        When there is no such directory, the file exists and is not to be overwritten, or there is no room for it.
    """
    if path is None:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    target = path.resolve()
    if not target.parent.is_dir():
        raise CommandError(f"{path}: there is no directory {path.parent}")
    if target.is_dir():
        raise CommandError(f"{path}: it is a directory")
    if target.is_file() and not overwrite:
        raise CommandError(f"{path}: the file exists: choose another name, or pass --overwrite")
    # A device or a pipe is no file that another could take the place of.
    is_file = target.is_file() or not target.exists()
    unfinished = target.with_name(f".{target.name}.{os.getpid()}") if is_file else target
    try:
        with unfinished.open("wb") as file:
            yield file
        if is_file:
            unfinished.replace(target)
    except KeyboardInterrupt:
        raise KeyboardInterrupt(f"interrupted; {path} was not written") from None
    except OSError as error:
        raise CommandError(f"{path}: it was not written: {error.strerror or error}") from error
    finally:
        if is_file:
            unfinished.unlink(missing_ok=True)


def write_rows(batches: pa.RecordBatchReader, form: FileFormat, sink: BinaryIO) -> int:
    """Write a stream of record batches and return how many rows it had.

    Raises
    ------
    CommandError
        When the format has no place for one of the columns.
    """
    import pyarrow as pa

    for column in batches.schema if form.name == "csv" else ():
        if pa.types.is_nested(column.type) or pa.types.is_binary(column.type):
            raise CommandError(
                f"csv has no place for column {column.name!r}, {column.type}: choose another format, or other columns"
            )
    rows = 0
    with contextlib.ExitStack() as stack:
        if form.compression:
            sink = stack.enter_context(pa.CompressedOutputStream(sink, form.compression))
        writer = stack.enter_context(_writer(form.name, sink, batches.schema))
        for batch in batches:
            writer.write_batch(batch)
            rows += batch.num_rows
    return rows


def _writer(form: str, sink: Any, schema: pa.Schema) -> Any:
    if form == "csv":
        from pyarrow import csv

        return csv.CSVWriter(sink, schema)
    if form == "parquet":
        from pyarrow import parquet

        return parquet.ParquetWriter(sink, schema)
    from pyarrow import ipc

    return ipc.new_file(sink, schema) if form == "arrow" else ipc.new_stream(sink, schema)
