"""Whole maps as DataFrames and Arrow tables: the way in for a map that is wanted whole, or by a predicate."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pyarrow as pa

from hzdata import default_client
from hzdata.core.errors import HazelcastError
from hzdata.core.predicate import PagingPredicate, Predicate
from hzdata.core.projection import identity
from hzdata.core.protocol.sql_types import SqlColumnType
from hzdata.core.serialization.compact.schema import Schema
from hzdata.core.serialization.data import TypeId

from . import kernels
from .arguments import one_of
from .columns.values import ValueReader, unify
from .errors import ColumnTypeError
from .mapping import SqlMapping
from .objects import ObjectReader
from .progress import Progress
from .scan import Entries, MapScan
from .types import DtypeBackend, ReadPolicy, TimestampUnit

if TYPE_CHECKING:
    import pandas as pd

    from hzdata.core.client import HazelcastClient

__all__ = ["Sample", "read_map", "read_sample", "scan_map", "sql_type_of", "to_frame"]

BATCH_ROWS = 65_536
"""Entries that are decoded together, at least: fewer, and the calls cost more than the values."""

_DATA_HEADER = 8
_ENTRY_HEADER = 17  # of a query's result, an entry: its own Data header, a flag, factory id and class id

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
        Fields of the values to read, in this order; others are not decoded. None: all.
    where : Predicate, optional
        A condition of ``hzdata.core.predicate``, evaluated on the members.
    key : bool
        Whether the keys come first: as ``__key``, or ``__key.field`` for each field of a compound key.
    client : optional
        By default the one of `hzdata.connect` or `hzdata.LocalCluster`.
    dtype_backend, coerce_float, timestamp_unit, truncate_timestamps
        As of `hzdata.read_sql`.
    progress : bool, optional
        Show how many partitions were read. By default in a notebook or terminal, after two seconds.

    Returns
    -------
    DataFrame
        Compact and JSON values a column a field, in the order of the map's SQL mapping if it has one; plain values as
        column ``this``. A field that some values lack is null there; numbers of different types are widened.

    Raises
    ------
    ColumnTypeError
        When keys or values are of a kind that is no column (pickled, serializers of someone's own), or a
        field has types that do not go together.
    KeyError
        When no value has one of the `columns`.
    OperationTimeoutError
        When a partition could not be read within ``invocation_timeout``.

    Examples
    --------
    >>> from hzdata.core.predicate import greater
    >>> hzdata.read_map("flights", ["carrier", "dep_delay"], where=greater("dep_delay", 60))    # doctest: +SKIP
    """
    policy = _policy(dtype_backend, timestamp_unit, truncate_timestamps)
    chosen: Any = default_client.resolve(client)
    tables = _Tables(chosen, name, columns, where, key, policy, progress)
    # What SQL knows of the map is asked while its entries come.
    with ThreadPoolExecutor(1, "hzdata-mapping") as beside:
        order = beside.submit(lambda: columns or _declared(chosen, name))
        found = list(tables)
    table = _table(found, columns, order.result())
    return to_frame(chosen, _as_floats(table) if coerce_float and dtype_backend != "pyarrow" else table, dtype_backend)


def scan_map(
    name: str,
    columns: Sequence[str] | None = None,
    where: Predicate | None = None,
    key: bool = True,
    *,
    client: HazelcastClient | None = None,
    timestamp_unit: TimestampUnit = "ns",
    truncate_timestamps: bool = False,
    schema: pa.Schema | None = None,
    progress: bool | None = None,
) -> pa.RecordBatchReader:
    """Read a whole map, or the entries that a predicate accepts, as a stream of record batches in bounded memory.

    Parameters
    ----------
    name, columns, where, key, client, timestamp_unit, truncate_timestamps, progress
        As of `read_map`.
    schema : pyarrow.Schema, optional
        Of the batches. By default that of the first ones: a later value that does not fit it is an error.

    Returns
    -------
    pyarrow.RecordBatchReader

    Raises
    ------
    ColumnTypeError
        From the reader: a batch does not fit the schema. Otherwise as of `read_map`.
    """
    policy = _policy("pyarrow", timestamp_unit, truncate_timestamps)
    chosen: Any = default_client.resolve(client)
    order = columns or _declared(chosen, name)
    tables = iter(_Tables(chosen, name, columns, where, key, policy, progress))
    first = next(tables, None)
    whole = schema or (_table([first] if first is not None else [], columns, order).schema)

    def batches() -> Iterator[pa.RecordBatch]:
        table = first
        while table is not None:
            yield from _fitted(table, whole).to_batches()
            table = next(tables, None)

    return pa.RecordBatchReader.from_batches(whole, batches())


class Sample(NamedTuple):
    """Some entries of a map, and of which kinds they are; a Portable class is named factory:class:version."""

    table: pa.Table
    key_types: set[int]
    value_types: set[int]
    key_type_names: set[str]
    type_names: set[str]


def read_sample(client: Any, name: str, rows: int) -> Sample:
    """Read so many entries of a map, at most, from as few partitions as have them."""
    tables = _Tables(client, name, None, None, True, _policy(None, "ns", False), False)
    parts: list[Entries] = []
    for partition in tables.scan:
        parts += partition
        if sum(len(part.starts) for part in parts) >= 2 * rows:
            break
    tables.scan.close()
    if not parts:
        return Sample(pa.table({}), set(), set(), set(), set())
    content, starts = _joined(parts)
    starts = starts[: 2 * rows]
    ids: list[set[int]] = [set(), set()]
    portable: list[set[str]] = [set(), set()]
    kinds: list[set[int]] = [set(), set()]
    for side in (0, 1):
        at = starts[side::2]
        types = _types(content, at + 4)
        kinds[side] = {int(kind) for kind in np.unique(types)}
        compact = at[types == TypeId.COMPACT] + _DATA_HEADER
        order = ">" if client.config.is_big_endian else "<"
        ids[side] = {int(i) for i in np.unique(kernels.active.gather(content, compact, order + "i8"))}
        classes = kernels.active.gather(content, at[types == TypeId.PORTABLE] + _DATA_HEADER, "V12")
        triples = classes.view(order + "i4").reshape(-1, 3)
        portable[side] = {f"{factory}:{cls}:{version}" for factory, cls, version in triples.tolist()}
    names = [{client.fetch_schema(i).result().type_name for i in side} for side in ids]
    names = [names[side] | portable[side] for side in (0, 1)]
    table = _table([tables.decoded(content, starts)], None, _declared(client, name))
    return Sample(table, kinds[0], kinds[1], names[0], names[1])


def to_frame(client: Any, table: pa.Table, dtype_backend: DtypeBackend | None = None) -> pd.DataFrame:
    """Return a table in the dtypes of docs/types.md; structs and lists as Arrow's."""
    from .dataframe import FrameMaker

    flat = [i for i, column in enumerate(table.schema) if sql_type_of(column.type) is not None]
    types = [kind for i in flat if (kind := sql_type_of(table.schema.field(i).type)) is not None]
    plain = table.select(flat)
    objects = ObjectReader(client, _policy(dtype_backend, "ns", False))
    frame = FrameMaker(plain.schema, types, objects, dtype_backend).frame(plain.to_batches(), rows=len(plain))
    return frame if len(flat) == table.num_columns else _with_nested(frame, table)


class _Tables:
    """The entries of a map as tables of some partitions each, in the columns that their values have."""

    def __init__(
        self,
        client: Any,
        name: str,
        columns: Sequence[str] | None,
        where: Predicate | None,
        key: bool,
        policy: ReadPolicy,
        progress: bool | None,
    ) -> None:
        if not isinstance(name, str) or not name:
            raise ValueError(f"name={name!r}: a map is named by text")
        if isinstance(columns, str):
            raise TypeError(f"columns={columns!r}: pass a list of names, such as [{columns!r}]")
        if where is not None and (not isinstance(where, Predicate) or isinstance(where, PagingPredicate)):
            raise TypeError(f"where={where!r}: pass a predicate of hzdata.core.predicate that is no page")
        self._client = client
        self._is_query = where is not None
        to_data = client.serialization_service.to_data
        query = (to_data(identity()), to_data(where)) if where is not None else (None, None)
        self.scan = MapScan(client, name, *query)
        self._progress = Progress("reading", client.partition_service.get_partition_count(), " partitions", progress)
        big_endian = client.config.is_big_endian

        def schema_of(schema_id: int) -> Schema:
            schema: Schema = client.fetch_schema(schema_id).result()
            return schema

        self._keys = ValueReader(schema_of, policy, big_endian, "__key", "__key.") if key or self._is_query else None
        self._keep_keys = key
        self._values = ValueReader(schema_of, policy, big_endian, "this", wanted=columns)

    def __iter__(self) -> Iterator[pa.Table]:
        waiting: list[Entries] = []
        rows = 0
        try:
            for parts in self.scan:
                self._progress.advance(1)
                waiting += parts
                rows += sum(len(part.starts) for part in parts)
                if rows >= 2 * BATCH_ROWS:
                    yield self.decoded(*_joined(waiting))
                    waiting, rows = [], 0
            if waiting:
                yield self.decoded(*_joined(waiting))
        finally:
            self.scan.close()
            self._progress.close()

    def decoded(self, content: Any, starts: Any) -> pa.Table:
        """Decode the Data that begin at `starts`: keys and values by turns, or results."""
        if self._is_query:
            return self._results(content, starts)
        keys, values = starts[0::2], starts[1::2]
        tables = [self._values.read(content, _types(content, values + 4), values + _DATA_HEADER, values)]
        if self._keys is not None:
            tables.insert(0, self._keys.read(content, _types(content, keys + 4), keys + _DATA_HEADER, keys))
        return _beside(tables)

    def _results(self, content: Any, starts: Any) -> pa.Table:
        """Entries that a query found: the key's type and payload, then the value's."""
        assert self._keys is not None
        key_at = starts + _ENTRY_HEADER
        key_types = _types(content, key_at)
        value_at = key_at + 4 + self._keys.sizes(content, key_types, key_at + 4, starts)
        tables = [self._values.read(content, _types(content, value_at), value_at + 4, starts)]
        if self._keep_keys:
            tables.insert(0, self._keys.read(content, key_types, key_at + 4, starts))
        return _beside(tables)


def _joined(parts: list[Entries]) -> tuple[Any, Any]:
    """The bytes of messages as one, and where the Data begin in it."""
    bases = np.cumsum([0, *(len(part.buffer) for part in parts[:-1])])
    starts = np.concatenate([part.starts + base for part, base in zip(parts, bases, strict=True)])
    return np.frombuffer(b"".join(part.buffer for part in parts), np.uint8), starts


def _declared(client: Any, name: str) -> list[str]:
    """The columns of the map's mapping, in its order; none without one, or without SQL."""
    try:
        mapping = SqlMapping.find(client, name)
    except HazelcastError:
        return []
    return [field.external_name for field in mapping.fields] if mapping is not None else []


def _types(content: Any, at: Any) -> Any:
    """The type ids there; they are big endian whatever the values are."""
    return kernels.active.gather(content, at, ">i4").astype(np.int32)


def _beside(tables: list[pa.Table]) -> pa.Table:
    if len(tables) == 1:
        return tables[0]
    columns = {name: column for table in tables for name, column in zip(table.column_names, table, strict=True)}
    return pa.table(columns)


def _table(tables: list[pa.Table], columns: Sequence[str] | None, order: Sequence[str]) -> pa.Table:
    """Put tables together: the key first, then what is wanted, in its order, or what the mapping declares."""
    table = unify(tables) if tables else pa.table({})
    keys = [name for name in table.column_names if name == "__key" or name.startswith("__key.")]
    missing = [name for name in columns or () if name not in table.column_names]
    if missing and table.num_rows:
        raise KeyError(f"columns: no value of the map has a field {missing[0]!r}")
    first = [name for name in order if name in table.column_names and name not in keys]
    rest = [name for name in table.column_names if columns is None and name not in keys and name not in first]
    return table.select([*keys, *first, *rest])


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
            arrays.append(table[field.name].cast(field.type))
        except pa.ArrowInvalid as error:
            raise ColumnTypeError(
                field.name, f"later values do not fit its type, {field.type} ({error})", "pass schema= with a wider one"
            ) from None
    return pa.table(arrays, schema=schema)


def _policy(dtype_backend: DtypeBackend | None, timestamp_unit: TimestampUnit, truncate_timestamps: bool) -> ReadPolicy:
    if dtype_backend is not None:
        one_of("dtype_backend", dtype_backend, DtypeBackend)
    one_of("timestamp_unit", timestamp_unit, TimestampUnit)
    return ReadPolicy(
        timestamp_unit=timestamp_unit,
        truncate_timestamps=truncate_timestamps,
        decimals={},
        decimals_as_float=False,
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


def _as_floats(table: pa.Table) -> pa.Table:
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
