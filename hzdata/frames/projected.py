"""Columns cut out on the members, where entries are so wide that it costs less than to read all of each.

A member deserializes what it cuts out of: the narrower an entry, the less there is to save. What comes back of a field
is a plain value, or nothing, and nothing has no type: so only columns are asked for that the map's mapping declares,
which is what a scan of whole entries makes of them too.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from hzdata.core.errors import HazelcastError
from hzdata.core.serialization.data import HEADER_SIZE, TypeId

from . import kernels
from .columns.values import ValueReader
from .scan import BEGIN, FETCH_ENTRIES, Entries, read_answer

__all__ = ["decoded", "worth_cutting"]

_LEAST_SAVED = 3_000
_SAVED_A_COLUMN = 64
"""Bytes of an entry that are not sent pay for the cutting from about here on: `python -m benchmarks.projection`."""

_PARTITIONS, _ENTRIES = 8, 4
"""How many are looked at, and how many entries of each, before what is done is decided."""

_COUNT_SIZE = _TYPE_SIZE = 4


def worth_cutting(
    client: Any,
    name: str,
    columns: Sequence[str],
    key: bool,
    reader: ValueReader,
    declared: Callable[[], pa.Schema],
) -> list[str]:
    """Return the attributes to ask for instead of whole entries; none where those are better, or types can not be told.

    Parameters
    ----------
    client, name, columns, key
        As of `hzdata.read_map`.
    reader
        Of the values, which reads the columns.
    declared
        Returns the columns of the map's mapping.
    """
    if not columns or not client.config.is_big_endian or any(set(column) & set(".[]") for column in columns):
        return []
    paid = _LEAST_SAVED + _SAVED_A_COLUMN * len(columns)
    try:
        looked_at = _look(client, name)
        rows = sum(len(part.starts) // 2 for part in looked_at)
        width = sum(len(part.buffer) for part in looked_at) / max(rows, 1)
        if width < paid or width - _width(looked_at, reader) / rows < paid:
            return []
    except HazelcastError:
        return []  # The scan has a better error, or none.
    attributes = list(dict.fromkeys([*(["__key"] if key else []), *columns]))
    mapped = declared()
    told = all(a in mapped.names and not pa.types.is_binary(mapped.field(a).type) for a in attributes)
    return attributes if told else []


def _look(client: Any, name: str) -> list[Entries]:
    count = min(_PARTITIONS, client.partition_service.get_partition_count())
    invoke = client.invocation_service.invoke
    asked = [
        invoke(FETCH_ENTRIES, name, BEGIN, _ENTRIES, partition_id=i, decode=lambda answer: answer) for i in range(count)
    ]
    found = [read_answer(answer.result(), FETCH_ENTRIES)[0] for answer in asked]
    return [part for part in found if len(part.starts)]


def _width(looked_at: list[Entries], reader: ValueReader) -> float:
    """Return how many bytes the columns have that are asked for; endless where a value is not Compact."""
    width = 0
    for part in looked_at:
        content, values = np.frombuffer(part.buffer, np.uint8), part.starts[1::2]
        types = kernels.active.gather(content, values + 4, ">i4").astype(np.int32)
        if (types != TypeId.COMPACT).any():
            return math.inf
        width += reader.read(content, types, values + HEADER_SIZE, values).nbytes
    return width


def decoded(content: Any, starts: Any, readers: dict[str, ValueReader]) -> pa.Table:
    """Return the attributes of entries, each read by the reader of its name.

    Parameters
    ----------
    content
        The bytes.
    starts
        Where the Data of each result begins: an array of objects, each behind its type id.
    readers
        In the order of the attributes.
    """
    at = starts + HEADER_SIZE + _COUNT_SIZE
    columns = {}
    for name, reader in readers.items():
        types = kernels.active.gather(content, at, ">i4").astype(np.int32)
        there = types != TypeId.NULL
        at = at + _TYPE_SIZE
        if not there.any():
            columns[name] = pa.nulls(len(starts))
            continue
        places = at[there]
        column = reader.read(content, types[there], places, starts[there])[name]
        if not there.all():
            column = column.take(pa.array(np.cumsum(there) - 1, mask=~there))
        columns[name] = column
        at[there] += reader.sizes(content, types[there], places, starts[there])
    return pa.table(columns)
