"""The entries of a map as Arrow tables, in the columns that its keys and values have."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hzdata.core.errors import HazelcastError, QueryError
from hzdata.core.predicate import PagingPredicate, Predicate, true
from hzdata.core.projection import identity, multi_attribute
from hzdata.core.serialization.compact.schema import Schema
from hzdata.core.serialization.data import TypeId

from . import kernels
from .arguments import map_name
from .columns.values import BrokenDocument, ValueReader, unify
from .errors import ColumnTypeError, ColumnValueError
from .mapping import KEY_FORMATS, SqlMapping
from .progress import Progress
from .projected import decoded, worth_cutting
from .scan import Entries, MapScan
from .types import ReadPolicy, sql_type

__all__ = ["MapTables", "Sample", "as_declared", "declared", "in_order", "is_key", "read_sample"]

BATCH_BYTES = 16 << 20
"""How much is decoded together, at most, but for what one partition has."""

BATCH_ROWS = 65_536
"""Entries that are decoded together, at least: fewer, and the calls cost more than the values."""

_SQL_OF_FORMAT = {format: sql for sql, format in KEY_FORMATS.items()} | {"int": "INTEGER"}

_WIDEST = (76, 18)
"""Precision and scale of decimals that must be shown, whatever they are."""

_Places = tuple[Any, Any, Any]
"""Type ids, where the payloads begin, and where the Data begin that they lie in."""

_DATA_HEADER = 8
_ENTRY_HEADER = 17  # of a query's result, an entry: its own Data header, a flag, factory id and class id


class MapTables:
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
        lenient: bool = False,
    ) -> None:
        map_name(name)
        if isinstance(columns, str):
            raise TypeError(f"columns={columns!r}: pass a list of names, such as [{columns!r}]")
        if where is not None and (not isinstance(where, Predicate) or isinstance(where, PagingPredicate)):
            raise TypeError(f"where={where!r}: pass a predicate of hzdata.core.predicate that is no page")
        self._progress = Progress("reading", client.partition_service.get_partition_count(), " partitions", progress)
        big_endian = client.config.is_big_endian

        def schema_of(schema_id: int) -> Schema:
            schema: Schema = client.fetch_schema(schema_id).result()
            return schema

        read = partial(ValueReader, schema_of, policy, big_endian, lenient=lenient)
        self._keys = read("__key", "__key.")
        self._shown = read("__key", "__key.", lenient=True)  # in errors
        self._keep_keys = key
        self._lenient = lenient
        self._name = name
        self._rows = 0
        self._values = read("this", wanted=columns)
        mapped = partial(declared, client, name, policy, key)
        attributes = worth_cutting(client, name, columns or (), key, self._values, mapped)
        self._cut = {attribute: read(attribute) for attribute in attributes}
        self._has_condition = where is not None
        self._is_query = self._has_condition and not attributes
        to_data = client.serialization_service.to_data
        whole = (to_data(identity()), to_data(where)) if where is not None else (None, None)
        query = (to_data(multi_attribute(*attributes)), to_data(where or true())) if attributes else whole
        self.scan = MapScan(client, name, *query)
        self._whole = partial(MapScan, client, name, projection=whole[0], predicate=whole[1])

    def __iter__(self) -> Iterator[pa.Table]:
        try:
            try:
                yield from self._tables()
            except QueryError:
                if not self._cut:
                    raise
                # Of a value without fields nothing can be cut: what is left is read whole.
                self._cut, self._is_query = {}, self._has_condition
                self.scan = self._whole(partitions=self.scan.left)
                yield from self._tables()
        finally:
            self._progress.close()

    def _tables(self) -> Iterator[pa.Table]:
        waiting: list[Entries] = []
        rows = size = 0
        failure: QueryError | None = None
        try:
            for parts in self.scan:
                self._progress.advance(1)
                waiting += parts
                rows += sum(len(part.starts) for part in parts)
                size += sum(len(part.buffer) for part in parts)
                if rows >= 2 * BATCH_ROWS or size >= BATCH_BYTES:
                    yield self.decoded(*_joined(waiting))
                    waiting, rows, size = [], 0, 0
        except QueryError as error:
            failure = error
        finally:
            self.scan.close()
        if waiting:
            yield self.decoded(*_joined(waiting))
        if failure is not None:
            raise failure

    def decoded(self, content: Any, starts: Any) -> pa.Table:
        """Decode the Data that begin at `starts`: keys and values by turns, or results."""
        if self._cut:
            return decoded(content, starts, self._cut)
        if self._is_query:
            return self._results(content, starts)
        keys, values = starts[0::2], starts[1::2]
        return self._entries(
            content,
            (_types(content, keys + 4), keys + _DATA_HEADER, keys),
            (_types(content, values + 4), values + _DATA_HEADER, values),
        )

    def _results(self, content: Any, starts: Any) -> pa.Table:
        """Entries that a query found: the key's type and payload, then the value's."""
        key_at = starts + _ENTRY_HEADER
        key_types = _types(content, key_at)
        value_at = key_at + 4 + self._keys.sizes(content, key_types, key_at + 4, starts)
        values = _types(content, value_at), value_at + 4, starts
        return self._entries(content, (key_types, key_at + 4, starts), values)

    def _entries(self, content: Any, keys: _Places, values: _Places) -> pa.Table:
        """Return the columns of the keys, if they are wanted, and those of the values."""
        try:
            fields = self._values.read(content, *values)
            table = self._keys.read(content, *keys) if self._keep_keys else None
        except BrokenDocument as error:
            chosen = (keys[1] == error.at) | (values[1] == error.at)
            key = self._shown.read(content, *(places[chosen] for places in keys)).to_pylist()[0]
            problem = f"{error}, in the entry of map {self._name!r} whose key is {key.get('__key', key)!r}"
            column = "this" if error.at in values[1] else "__key"
            row = self._rows + int(np.argmax(chosen))
            raise ColumnValueError(
                column,
                row,
                problem,
                "put or remove that entry, or leave it out by where=; hzdata.head shows it as text",
            ) from None
        self._rows += len(values[1])
        if table is None:
            return fields
        for name, column in zip(fields.column_names, fields, strict=True):
            if name in table.column_names:
                if not self._lenient:
                    raise _hidden(name)
                name = f"this.{name}"
            table = table.append_column(name, column)
        return table


def _joined(parts: list[Entries]) -> tuple[Any, Any]:
    """The bytes of messages as one, and where the Data begin in it."""
    bases = np.cumsum([0, *(len(part.buffer) for part in parts[:-1])])
    starts = np.concatenate([part.starts + base for part, base in zip(parts, bases, strict=True)])
    return np.frombuffer(b"".join(part.buffer for part in parts), np.uint8), starts


def declared(client: Any, name: str, policy: ReadPolicy, key: bool = True) -> pa.Schema:
    """Return the columns that the map's mapping declares, keys first or left out; none without one, or without SQL."""
    try:
        mapping = SqlMapping.find(client, name)
    except HazelcastError:
        mapping = None
    if mapping is None:
        return pa.schema([])
    columns = [(f.external_name, f.sql) for f in mapping.fields]
    of_key = [pair for pair in columns if is_key(pair[0])]
    plain = _SQL_OF_FORMAT.get(mapping.options.get("keyFormat", "").lower())
    if not of_key and plain is not None:
        of_key = [("__key", plain)]
    columns = [*(of_key if key else ()), *(pair for pair in columns if not is_key(pair[0]))]
    return pa.schema([(column, policy.arrow_type(column, sql_type(sql).id)) for column, sql in columns])


def in_order(tables: list[pa.Table], columns: Sequence[str] | None, mapped: pa.Schema) -> pa.Table:
    """Put tables together: the key first, then what is wanted, in its order, or in the order of what is mapped."""
    table = unify(tables) if tables else mapped.empty_table()
    order = mapped.names if columns is None else columns
    for name in columns or ():
        if name in mapped.names and name not in table.column_names:
            field = mapped.field(name)
            table = table.append_column(field, pa.nulls(len(table), field.type))
        elif name in table.column_names or (name == "__key" and any(map(is_key, table.column_names))):
            continue
        elif len(table):
            raise KeyError(f"columns: no value of the map has a field {name!r}")
        else:
            table = table.append_column(name, pa.nulls(0))
    for position, name in enumerate(table.column_names):
        if name in mapped.names and table.schema.field(name).type != mapped.field(name).type:
            try:
                column = as_declared(table[name], mapped.field(name).type)
            except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
                continue  # The members' SQL fails at it, too; here it is what it is.
            table = table.set_column(position, mapped.field(name), column)
    keys = list(filter(is_key, table.column_names))
    first = [name for name in order if name in table.column_names and name not in keys]
    rest = [name for name in table.column_names if columns is None and name not in keys and name not in first]
    return table.select([*keys, *first, *rest])


def is_key(column: str) -> bool:
    """Whether a column is the key, or a field of it."""
    return column == "__key" or column.startswith("__key.")


def as_declared(column: pa.ChunkedArray, arrow: pa.DataType) -> pa.ChunkedArray:
    """Return a column as the type that a mapping declares; text is read as SQL reads it.

    Raises
    ------
    ArrowInvalid, ArrowNotImplementedError
        When it does not fit.
    """
    is_text = pa.types.is_string(column.type) or pa.types.is_large_string(column.type)
    if is_text and pa.types.is_time64(arrow):
        day = pa.scalar("1970-01-01T", column.type)
        column = pc.binary_join_element_wise(day, column, pa.scalar("", column.type)).cast(pa.timestamp("ns"))
    return column.cast(arrow)


class Sample(NamedTuple):
    """Some entries of a map, how many are of which kinds, and their Compact schemas, of keys and of values.

    A Portable class is named factory:class:version.
    """

    table: pa.Table
    key_types: Counter[int]
    value_types: Counter[int]
    key_type_names: set[str]
    type_names: set[str]
    schemas: tuple[list[Schema], ...]


def read_sample(client: Any, name: str, rows: int, lenient: bool = False) -> Sample:
    """Read so many entries of a map, at most, from as few partitions as have them.

    Parameters
    ----------
    client, name, rows
    lenient : bool
        Show as text what has no type in common.
    """
    policy = ReadPolicy(string=pa.large_string())
    tables = MapTables(client, name, None, None, True, policy, False, lenient)
    parts: list[Entries] = []
    for partition in tables.scan:
        parts += partition
        if sum(len(part.starts) for part in parts) >= 2 * rows:
            break
    tables.scan.close()
    if not parts:
        return Sample(pa.table({}), Counter(), Counter(), set(), set(), ([], []))
    content, starts = _joined(parts)
    starts = starts[: 2 * rows]
    ids: list[set[int]] = [set(), set()]
    portable: list[set[str]] = [set(), set()]
    kinds: list[Counter[int]] = [Counter(), Counter()]
    for side in (0, 1):
        at = starts[side::2]
        types = _types(content, at + 4)
        kinds[side] = Counter(types.tolist())
        compact = at[types == TypeId.COMPACT] + _DATA_HEADER
        order = ">" if client.config.is_big_endian else "<"
        ids[side] = {int(i) for i in np.unique(kernels.active.gather(content, compact, order + "i8"))}
        classes = kernels.active.gather(content, at[types == TypeId.PORTABLE] + _DATA_HEADER, "V12")
        triples = classes.view(order + "i4").reshape(-1, 3)
        portable[side] = {f"{factory}:{cls}:{version}" for factory, cls, version in triples.tolist()}
    schemas = tuple([client.fetch_schema(i).result() for i in side] for side in ids)
    names = [{schema.type_name for schema in schemas[side]} | portable[side] for side in (0, 1)]
    while True:
        try:
            found = tables.decoded(content, starts)
            break
        except ColumnValueError as error:
            if error.column in policy.decimals:
                raise
            decimals = {**policy.decimals, str(error.column): _WIDEST}
            policy = replace(policy, timestamp_unit="us", truncate_timestamps=True, decimals=decimals)
            tables = MapTables(client, name, None, None, True, policy, False, lenient)
    table = in_order([found], None, declared(client, name, policy))
    return Sample(table, kinds[0], kinds[1], names[0], names[1], schemas)


def _types(content: Any, at: Any) -> Any:
    """The type ids there; they are big endian whatever the values are."""
    return kernels.active.gather(content, at, ">i4").astype(np.int32)


def _hidden(name: str) -> ColumnTypeError:
    problem = "the keys and a field of the values have this name"
    return ColumnTypeError(name, problem, "pass key=False for the field, or columns= without it for the keys")
