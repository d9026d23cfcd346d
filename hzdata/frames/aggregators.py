"""Aggregates where SQL has no mapping, or no such condition: by the members' aggregators, or of what is read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pyarrow as pa

from hzdata.core import aggregator
from hzdata.core.predicate import Predicate, and_, not_equal
from hzdata.core.protocol.sql_types import SQL_TYPE_NAMES
from hzdata.core.serialization.data import TypeId

from .asked import COUNTS, INTEGERS, TIMES, Asked, check_columns, check_type, sum_type
from .errors import ColumnTypeError
from .groups import Groups
from .mapping import SqlMapping
from .maps import sql_type_of
from .tables import MapTables, Sample, declared, in_order, is_key, read_sample
from .types import ReadPolicy, sql_type

__all__ = ["without_sql"]


def without_sql(
    client: Any,
    name: str,
    mapping: SqlMapping | None,
    asked: Sequence[Asked],
    keys: Sequence[str],
    where: Predicate | None,
    policy: ReadPolicy,
) -> pa.Table:
    """Return the keys of groups and the results: a row a group, or one of all."""
    sample = read_sample(client, name, 1_000, lenient=True)
    types = {column.name: _sql_name(column.type) for column in sample.table.schema}
    # That is how a look names a field that has the name of a key's: no scan has it.
    types = {column: sql for column, sql in types.items() if not column.startswith("this.__key")}
    if not types:
        if mapping is None:
            raise ValueError(f"there is no map {name!r}, or it is empty: what its columns are cannot be told")
        types = {field.external_name: field.sql for field in mapping.fields}
    check_columns(name, [*keys, *(a.column for a in asked)], types)
    for key in keys:
        if types[key] == "OBJECT":
            raise ColumnTypeError(key, "nested values make no groups", "pass by= other columns")
    for one in asked:
        sql = types[one.column]
        if sql in INTEGERS and TypeId.JSON in sample.value_types and not is_key(one.column) and one.column not in keys:
            types[one.column] = "DOUBLE"
    by_members = not keys
    for one in asked:
        sql = types[one.column]
        # What comes back of an aggregator is a Python object, and those of times have no nanoseconds.
        of_times = one.function in ("nunique", "min", "max") and sql in TIMES
        of_flags = one.function in ("sum", "mean") and sql == "BOOLEAN"
        # Members compare no array with null, which tells those that count.
        by_members = by_members and one.function not in ("std", "var") and not (of_times or of_flags or sql == "OBJECT")
        check_type(one, sql)
    if by_members:
        return _collected(client, name, asked, where, policy, types)
    return _scanned(client, name, sample, asked, keys, where, policy, types)


def _sql_name(arrow: pa.DataType) -> str:
    kind = sql_type_of(arrow)
    return "OBJECT" if kind is None else SQL_TYPE_NAMES[kind].replace("_", " ")


def _collected(
    client: Any,
    name: str,
    asked: Sequence[Asked],
    where: Predicate | None,
    policy: ReadPolicy,
    types: Mapping[str, str],
) -> pa.Table:
    """Return one row of the results of aggregators."""
    results = []
    for one in asked:
        condition = where if one.function == "size" else and_(*filter(None, [where]), not_equal(one.column, None))
        results.append(
            client.get_map(name).aggregate(_aggregator(one.function, one.column, types[one.column]), condition)
        )
    arrays = []
    for one, result in zip(asked, results, strict=True):
        value = len(result.result()) if one.function == "nunique" else result.result()
        sql = types[one.column]
        kind = "DOUBLE" if one.function == "sum" and sql == "DECIMAL" else _result_type(one.function, sql)
        arrow = policy.arrow_type(one.column, sql_type(kind).id)
        arrays.append(pa.array([float(value) if pa.types.is_floating(arrow) and value is not None else value], arrow))
    return pa.Table.from_arrays(arrays, [str(i) for i in range(len(arrays))])


def _scanned(
    client: Any,
    name: str,
    sample: Sample,
    asked: Sequence[Asked],
    keys: Sequence[str],
    where: Predicate | None,
    policy: ReadPolicy,
    types: Mapping[str, str],
) -> pa.Table:
    """Return the results of what a scan finds, reduced a table at a time."""
    policy = replace(policy, decimals_as_float=False)
    columns = list(dict.fromkeys([*keys, *(one.column for one in asked)]))
    empty = {
        column: sample.table.schema.field(column).type
        if types[column] == "OBJECT"
        else policy.arrow_type(column, sql_type(types[column]).id)
        for column in columns
    }
    of_value = [column for column in columns if not is_key(column)]
    mapped = declared(client, name, policy)
    groups = Groups(keys, [one[:2] for one in asked])
    groups.add(pa.schema(list(empty.items())).empty_table())
    met: dict[str, set[pa.DataType]] = {column: {empty[column]} for column in columns}
    for found in MapTables(client, name, of_value, where, len(of_value) < len(columns), policy, None):
        table = in_order([found], None, mapped)
        arrays = []
        for column in columns:
            missing = column not in table.column_names or pa.types.is_null(table[column].type)
            arrays.append(pa.nulls(len(found), empty[column]) if missing else table[column])
            met[column].add(arrays[-1].type)
        groups.add(pa.table(arrays, columns))
    result = groups.result()
    for place, one in enumerate(asked, len(keys)):
        if types[one.column] == "DOUBLE" and one.function in ("sum", "min", "max"):
            result = result.set_column(place, str(place), result[place].cast(pa.float64()))
        elif one.function == "sum" and met[one.column] == {pa.float32()}:
            result = result.set_column(place, str(place), result[place].cast(pa.float32()))
    return result


def _aggregator(function: str, column: str, sql: str) -> aggregator.Aggregator:
    make = {
        "count": aggregator.count,
        "size": aggregator.count,
        "nunique": aggregator.distinct,
        "sum": aggregator.fixed_point_sum if sql in INTEGERS else aggregator.floating_point_sum,
        "mean": aggregator.number_avg,
        "min": aggregator.min_,
        "max": aggregator.max_,
    }
    return make[function](column)


def _result_type(function: str, sql: str) -> str:
    if function in COUNTS:
        return "BIGINT"
    if function == "mean":
        return "DOUBLE"
    return sum_type(sql) if function == "sum" else sql
