"""The vendor's client (hazelcast-python-client) doing the same jobs, through its public API."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import hazelcast
import pandas as pd
from hazelcast.serialization.api import CompactReader, CompactSerializer, CompactWriter

from .rows import SHAPES

__all__ = ["connect", "put_all", "read_map", "read_sql", "type_name"]

_BATCH = 10_000

_KINDS = {
    "BIGINT": "nullable_int64",
    "INTEGER": "nullable_int32",
    "DOUBLE": "nullable_float64",
    "BOOLEAN": "nullable_boolean",
    "VARCHAR": "string",
    "DATE": "date",
    "TIME": "time",
    "TIMESTAMP": "timestamp",
    "TIMESTAMP WITH TIME ZONE": "timestamp_with_timezone",
    "DECIMAL": "decimal",
}
"""Of what kind a Compact field is for a column of a SQL type."""


def type_name(shape: str) -> str:
    """Return the Compact type name of the values of a shape."""
    return f"vendor {shape}"


class _RowSerializer(CompactSerializer[Any]):
    """Writes and reads the values of one shape: all columns but the key, each as a SQL column of its type has it."""

    def __init__(self, shape: str, columns: Mapping[str, str]) -> None:
        names = [name for name in columns if name != "id"]
        self._row = type("Row", (_Row,), {"__slots__": names})
        self._type_name = type_name(shape)
        self._fields = [(f"read_{_KINDS[columns[n]]}", f"write_{_KINDS[columns[n]]}", n) for n in names]

    def read(self, reader: CompactReader) -> Any:
        return self._row(*[getattr(reader, read)(name) for read, _, name in self._fields])

    def write(self, writer: CompactWriter, obj: Any) -> None:
        for _, write, name in self._fields:
            getattr(writer, write)(name, getattr(obj, name))

    def get_class(self) -> type[Any]:
        return self._row

    def get_type_name(self) -> str:
        return self._type_name


class _Row:
    __slots__ = ()

    def __init__(self, *values: Any) -> None:
        for name, value in zip(self.__slots__, values, strict=True):
            setattr(self, name, value)


_SERIALIZERS = {shape: _RowSerializer(shape, columns) for shape, columns in SHAPES.items()}


def connect(addresses: list[str], cluster_name: str, **options: Any) -> Any:
    """Return the vendor's client, connected, that knows the values of all shapes."""
    return hazelcast.HazelcastClient(
        cluster_members=addresses,
        cluster_name=cluster_name,
        compact_serializers=list(_SERIALIZERS.values()),
        **options,
    )


def read_sql(client: Any, sql: str) -> pd.DataFrame:
    """Run a query and make a DataFrame of its rows, column by column."""
    result = client.sql.execute(sql).result()
    names = [column.name for column in result.get_row_metadata().columns]
    columns: list[list[Any]] = [[] for _ in names]
    places = list(enumerate(column.append for column in columns))
    for row in result:
        get = row.get_object_with_index
        for i, append in places:
            append(get(i))
    return pd.DataFrame(dict(zip(names, columns, strict=True)))


def read_map(client: Any, map_name: str) -> pd.DataFrame:
    """Get all entries of a map and make a DataFrame of them, column by column."""
    entries = client.get_map(map_name).blocking().entry_set()
    columns = {"id": [key for key, _ in entries]}
    names = type(entries[0][1]).__slots__
    return pd.DataFrame(columns | {name: [getattr(value, name) for _, value in entries] for name in names})


def put_all(client: Any, frame: pd.DataFrame, map_name: str, shape: str) -> int:
    """Put a DataFrame into a map, an object a row, in batches; return how many rows."""
    target = client.get_map(map_name).blocking()
    batch: dict[int, Any] = {}
    for key, row in _objects(frame, shape):
        batch[key] = row
        if len(batch) == _BATCH:
            target.put_all(batch)
            batch = {}
    if batch:
        target.put_all(batch)
    return len(frame)


def _objects(frame: pd.DataFrame, shape: str) -> Iterator[tuple[int, Any]]:
    make = _SERIALIZERS[shape].get_class()
    plain = [_python_values(frame[name]) for name in make.__slots__]
    for key, *values in zip(frame["id"].tolist(), *plain, strict=True):
        yield key, make(*values)


def _python_values(column: pd.Series) -> list[Any]:
    if column.dtype.kind == "M" and not isinstance(column.dtype, pd.ArrowDtype):
        return list(column.dt.to_pydatetime())
    return column.astype(object).where(column.notna(), None).tolist()
