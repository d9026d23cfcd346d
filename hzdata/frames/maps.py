"""Whole maps as DataFrames and Arrow tables: the way in for a map that is wanted whole, or by a predicate."""

from __future__ import annotations

import difflib
import threading
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from hzdata import default_client
from hzdata.core.predicate import Predicate
from hzdata.core.protocol.sql_types import SqlColumnType
from hzdata.core.proxy.map import Map

from .arguments import Decimals, one_of, precisions
from .errors import ColumnTypeError
from .objects import ObjectReader
from .tables import MapTables, as_declared, declared, in_order, is_key
from .types import DtypeBackend, ReadPolicy, TimestampUnit

if TYPE_CHECKING:
    import pandas as pd

    from hzdata.core.client import HazelcastClient

__all__ = ["as_floats", "read_map", "scan_map", "sql_type_of", "to_frame", "warn_of_no_map"]

_SQL_TYPES = {
    pa.bool_(): SqlColumnType.BOOLEAN,
    pa.int8(): SqlColumnType.TINYINT,
    pa.int16(): SqlColumnType.SMALLINT,
    pa.int32(): SqlColumnType.INTEGER,
    pa.int64(): SqlColumnType.BIGINT,
    pa.float32(): SqlColumnType.REAL,
    pa.float64(): SqlColumnType.DOUBLE,
    pa.string(): SqlColumnType.VARCHAR,
    pa.large_string(): SqlColumnType.VARCHAR,
    pa.date32(): SqlColumnType.DATE,
}


def read_map(
    name: str,
    columns: Sequence[str] | None = None,
    where: Predicate | None = None,
    key: bool = True,
    *,
    client: HazelcastClient | None = None,
    dtype_backend: DtypeBackend | None = None,
    coerce_float: bool = True,
    decimals: Decimals | None = None,
    timestamp_unit: TimestampUnit = "ns",
    truncate_timestamps: bool = False,
    progress: bool | None = None,
) -> pd.DataFrame:
    """Read a whole map, or the entries that a predicate accepts, into a DataFrame.

    The map is read partition by partition from all members at once, each entry exactly once, also when a member is
    lost in the middle. Entries that others change meanwhile are seen as they were or as they are. The order of the rows
    is the members' own.

    Parameters
    ----------
    name : str
    columns : sequence of str, optional
        Fields of the values to read, in this order; others are not decoded. None: all; an empty one: none, which
        leaves the keys, or rows without columns. ``__key`` among them, or a field of it, brings the keys.
    where : Predicate, optional
        A condition of ``hzdata.core.predicate``, evaluated on the members.
    key : bool
        Whether the keys come first: as ``__key``, or ``__key.field`` for each field of a compound key.
    client : optional
        By default the one of `hzdata.connect` or `hzdata.LocalCluster`.
    dtype_backend, coerce_float, decimals, timestamp_unit, truncate_timestamps
        As of `hzdata.read_sql`.
    progress : bool, optional
        Show how many partitions were read. By default in a notebook or terminal, after two seconds.

    Returns
    -------
    DataFrame
        Compact and JSON values a column a field, in the order of the map's SQL mapping if it has one; plain values as
        column ``this``. A field that some values lack is null there; numbers of different types are widened.

    Warns
    -----
    UserWarning
        When there is no such map: the frame is empty, and no map is created.

    Raises
    ------
    ColumnTypeError
        When keys or values are of a kind that is no column (pickled, serializers of someone's own), or a
        field has types that do not go together.
    ColumnValueError
        When a value is stored as JSON and is none; it names the key.
    KeyError
        When no value has one of the `columns`.
    OperationTimeoutError
        When a partition could not be read within ``invocation_timeout``.

    Examples
    --------
    >>> from hzdata.core.predicate import greater
    >>> hzdata.read_map("flights", ["carrier", "dep_delay"], where=greater("dep_delay", 60))    # doctest: +SKIP
    """
    as_float = coerce_float and dtype_backend != "pyarrow"
    policy = _policy(dtype_backend, timestamp_unit, truncate_timestamps, as_float, decimals)
    chosen: Any = default_client.resolve(client)
    key = key or any(map(is_key, columns or ()))
    tables = MapTables(chosen, name, columns, where, key, policy, progress)
    # What SQL knows of the map is asked while its entries come.
    mapped = _beside(lambda: declared(chosen, name, policy, key))
    found = list(tables)
    if not found:
        warn_of_no_map(chosen, name, mapped.result())
    table = in_order(found, columns, mapped.result())
    return to_frame(chosen, table, dtype_backend)


def scan_map(
    name: str,
    columns: Sequence[str] | None = None,
    where: Predicate | None = None,
    key: bool = True,
    *,
    client: HazelcastClient | None = None,
    decimals: Decimals | None = None,
    timestamp_unit: TimestampUnit = "ns",
    truncate_timestamps: bool = False,
    schema: pa.Schema | None = None,
    progress: bool | None = None,
) -> pa.RecordBatchReader:
    """Read a whole map, or the entries that a predicate accepts, as a stream of record batches in bounded memory.

    Parameters
    ----------
    name, columns, where, key, client, decimals, timestamp_unit, truncate_timestamps, progress
        As of `read_map`.
    schema : pyarrow.Schema, optional
        Of the batches. By default what the map's SQL mapping declares, if it has one, and beside it what the first
        entries have, 65,536 or more: a later value that does not fit is an error.

    Returns
    -------
    pyarrow.RecordBatchReader
        Dropping it ends the scan; its ``close`` is Arrow's, which does not.

    Raises
    ------
    ColumnTypeError
        From the reader: a batch does not fit the schema. Otherwise as of `read_map`.
    """
    asked = {f.name: (f.type.precision, f.type.scale) for f in schema or () if pa.types.is_decimal(f.type)}
    policy = _policy("pyarrow", timestamp_unit, truncate_timestamps, decimals={**asked, **precisions(decimals)})
    chosen: Any = default_client.resolve(client)
    key = key or any(map(is_key, columns or ()))
    mapped = declared(chosen, name, policy, key)
    tables = iter(MapTables(chosen, name, columns, where, key, policy, progress))
    first = next(tables, None)
    if first is None:
        warn_of_no_map(chosen, name, mapped)
    whole = schema or _schema(in_order([first] if first is not None else [], columns, mapped).schema, columns, mapped)

    def batches() -> Iterator[pa.RecordBatch]:
        table = first
        while table is not None:
            yield from _fitted(table, whole).to_batches()
            table = next(tables, None)

    return pa.RecordBatchReader.from_batches(whole, batches())


def warn_of_no_map(client: Any, name: str, mapped: pa.Schema) -> None:
    """Say that a map is not there, of which nothing was read."""
    names = [o.name for o in client.get_distributed_objects() if o.service_name == Map.SERVICE]
    if name not in names and not mapped.names:
        near = difflib.get_close_matches(name, names, 1)
        hint = f"did you mean {near[0]!r}?" if near else "hzdata.maps() lists those that are"
        warnings.warn(f"there is no map {name!r}: {hint}", stacklevel=3)


def _schema(met: pa.Schema, columns: Sequence[str] | None, mapped: pa.Schema) -> pa.Schema:
    """What the mapping declares, as it declares it, and what else was met."""
    fields = {field.name: field for field in met} | {field.name: field for field in mapped}
    keys = list(filter(is_key, fields))
    wanted = [*mapped.names, *met.names] if columns is None else columns
    wanted = [name for name in wanted if not is_key(name)]
    return pa.schema([fields[name] for name in dict.fromkeys([*keys, *wanted])])


def _beside(work: Callable[[], pa.Schema]) -> Future[pa.Schema]:
    """Do what waits for an answer in a thread that nobody has to wait for: who is interrupted is not kept by it."""
    future: Future[pa.Schema] = Future()

    def run() -> None:
        try:
            future.set_result(work())
        except BaseException as error:
            future.set_exception(error)

    threading.Thread(target=run, name="hzdata-mapping", daemon=True).start()
    return future


def to_frame(client: Any, table: pa.Table, dtype_backend: DtypeBackend | None = None) -> pd.DataFrame:
    """Return a table in the dtypes of docs/types.md; structs and lists as Arrow's."""
    from .dataframe import FrameMaker

    flat = [i for i, column in enumerate(table.schema) if sql_type_of(column.type) is not None]
    types = [kind for i in flat if (kind := sql_type_of(table.schema.field(i).type)) is not None]
    plain = table.select(flat)
    objects = ObjectReader(client, _policy(dtype_backend, "ns", False))
    frame = FrameMaker(plain.schema, types, objects, dtype_backend).frame(plain.to_batches(), rows=len(plain))
    if not flat:
        frame = frame.reindex(range(len(table)))
    return frame if len(flat) == table.num_columns else _with_nested(frame, table)


def _fitted(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """Return the columns of a schema, in its order; a missing one is null."""
    extra = [name for name in table.column_names if name not in schema.names]
    if extra:
        raise ColumnTypeError(
            extra[0], "it is in later values and not in the first ones", "pass columns= without it, or schema= with it"
        )
    arrays = []
    for field in schema:
        if field.name not in table.column_names:
            arrays.append(pa.nulls(table.num_rows, field.type))
            continue
        try:
            arrays.append(as_declared(table[field.name], field.type))
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
            raise ColumnTypeError(
                field.name, f"later values do not fit its type, {field.type} ({error})", "pass schema= with a wider one"
            ) from None
    return pa.table(arrays, schema=schema) if arrays else table.select([])


def _policy(
    dtype_backend: DtypeBackend | None,
    timestamp_unit: TimestampUnit,
    truncate_timestamps: bool,
    decimals_as_float: bool = False,
    decimals: Decimals | None = None,
) -> ReadPolicy:
    if dtype_backend is not None:
        one_of("dtype_backend", dtype_backend, DtypeBackend)
    one_of("timestamp_unit", timestamp_unit, TimestampUnit)
    return ReadPolicy(
        timestamp_unit=timestamp_unit,
        truncate_timestamps=truncate_timestamps,
        decimals=precisions(decimals),
        decimals_as_float=decimals_as_float,
        string=pa.string() if dtype_backend == "pyarrow" else pa.large_string(),
    )


def sql_type_of(arrow: pa.DataType) -> int | None:
    """Return the SQL type whose dtypes a column has; None for what is nested."""
    if pa.types.is_decimal(arrow):
        return SqlColumnType.DECIMAL
    if pa.types.is_time(arrow):
        return SqlColumnType.TIME
    if pa.types.is_timestamp(arrow):
        return SqlColumnType.TIMESTAMP if arrow.tz is None else SqlColumnType.TIMESTAMP_WITH_TIME_ZONE
    return _SQL_TYPES.get(arrow)


def as_floats(table: pa.Table) -> pa.Table:
    """Decimals as the nearest floats: by way of text, whose conversion rounds correctly."""
    for position, column in enumerate(table.schema):
        if pa.types.is_decimal(column.type):
            floats = table[position].cast(pa.string()).cast(pa.float64())
            table = table.set_column(position, column.name, floats)
    return table


def _with_nested(frame: pd.DataFrame, table: pa.Table) -> pd.DataFrame:
    """Add the columns whose values are structs or lists, in their places."""
    import pandas as pd

    for position, name in enumerate(table.column_names):
        if sql_type_of(table.schema.field(position).type) is None:
            nested = pd.arrays.ArrowExtensionArray(table[name].combine_chunks())
            frame.insert(position, name, pd.Series(nested, index=frame.index))
    return frame
