"""The vendor's client (hazelcast-python-client) doing the same jobs, through its public API."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import hazelcast
import pandas as pd
from hazelcast.serialization.api import CompactReader, CompactSerializer, CompactWriter

from .rows import COLUMNS

__all__ = ["RowSerializer", "connect", "put_all", "read_map", "read_sql"]

_BATCH = 10_000
_VALUES = [name for name in COLUMNS if name != "id"]


class Row:
    """A value: all columns but the key."""

    __slots__ = _VALUES

    def __init__(self, *values: Any) -> None:
        for name, value in zip(_VALUES, values, strict=True):
            setattr(self, name, value)


class RowSerializer(CompactSerializer[Row]):
    """Writes a row as Compact, each column of the kind that a SQL column of its type has."""

    def read(self, reader: CompactReader) -> Row:
        return Row(
            reader.read_nullable_int64("total"),
            reader.read_nullable_int32("quantity"),
            reader.read_string("label"),
            reader.read_timestamp("at"),
            reader.read_date("day"),
            reader.read_nullable_boolean("active"),
            reader.read_nullable_int64("rating"),
            reader.read_nullable_float64("price"),
        )

    def write(self, writer: CompactWriter, obj: Row) -> None:
        writer.write_nullable_int64("total", obj.total)
        writer.write_nullable_int32("quantity", obj.quantity)
        writer.write_string("label", obj.label)
        writer.write_timestamp("at", obj.at)
        writer.write_date("day", obj.day)
        writer.write_nullable_boolean("active", obj.active)
        writer.write_nullable_int64("rating", obj.rating)
        writer.write_nullable_float64("price", obj.price)

    def get_class(self) -> type[Row]:
        return Row

    def get_type_name(self) -> str:
        return "vendor"


def connect(addresses: list[str], cluster_name: str, **options: Any) -> Any:
    """Return the vendor's client, connected."""
    return hazelcast.HazelcastClient(
        cluster_members=addresses, cluster_name=cluster_name, compact_serializers=[RowSerializer()], **options
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
    return pd.DataFrame(columns | {name: [getattr(value, name) for _, value in entries] for name in _VALUES})


def put_all(client: Any, frame: pd.DataFrame, map_name: str) -> int:
    """Put a DataFrame into a map, an object a row, in batches; return how many rows."""
    target = client.get_map(map_name).blocking()
    batch: dict[int, Row] = {}
    for key, row in _objects(frame):
        batch[key] = row
        if len(batch) == _BATCH:
            target.put_all(batch)
            batch = {}
    if batch:
        target.put_all(batch)
    return len(frame)


def _objects(frame: pd.DataFrame) -> Iterator[tuple[int, Row]]:
    plain = [frame[name].astype(object).where(frame[name].notna(), None).tolist() for name in _VALUES]
    plain[_VALUES.index("at")] = list(frame["at"].dt.to_pydatetime())
    for key, *values in zip(frame["id"].tolist(), *plain, strict=True):
        yield key, Row(*values)
