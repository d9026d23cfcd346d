"""Aggregates by group of a stream of tables, in memory that the groups bound: rows are reduced as they come."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from .columns.values import unify

__all__ = ["Groups"]

_MOMENTS = ("count", "mean", "squares")
_PARTS: dict[str, tuple[str, ...]] = {
    "size": (),
    "count": ("count",),
    "sum": ("sum",),
    "min": ("min",),
    "max": ("max",),
    "mean": _MOMENTS,
    "std": _MOMENTS,
    "var": _MOMENTS,
    "nunique": (),
}
"""What is kept of each group for a function; ``squares`` is the sum of the squared distances from the mean."""

_ROWS = 65_536
"""So many reduced rows are merged, at least: the calls cost more than fewer."""

_SIZE, _ROW = "size", "row"


class Groups:
    """Reduces tables to a row a group.

    Parameters
    ----------
    keys : sequence of str
        Columns whose values make the groups; a null makes none. Without any, all rows are one group.
    asked : sequence of (str, str)
        Columns and their functions, those of `hzdata.aggregate`.
    """

    def __init__(self, keys: Sequence[str], asked: Sequence[tuple[str, str]]) -> None:
        self._columns = list(keys)
        self._keys = [f"key {key}" for key in keys] or ["key"]
        self._asked = asked
        self._parts = list(dict.fromkeys((part, column) for column, function in asked for part in _PARTS[function]))
        self._reduced = _Merging(self._merged)
        self._distinct = {column: _Merging(_distinct) for column, function in asked if function == "nunique"}

    def add(self, table: pa.Table) -> None:
        """Take rows with all the columns that are needed."""
        for key in self._columns:
            table = table.filter(table[key].is_valid())
        keys = [_one_zero(table[key]) for key in self._columns] or [pa.array(np.zeros(len(table), np.int8))]
        sources = [_source(part, table[column]) for part, column in self._parts]
        self._reduced.add(self._reduce(pa.table([*keys, *sources], [*self._keys, *map(_name, self._parts)])))
        for column, merging in self._distinct.items():
            merging.add(_distinct(pa.table([*keys, _one_zero(table[column])], [*self._keys, column])))

    def result(self) -> pa.Table:
        """Return a row a group: its keys, and what was asked for, in that order. The columns have numbers for names."""
        by_key = [(key, "ascending") for key in self._keys]
        table = self._reduced.table().sort_by(by_key)
        for column, merging in self._distinct.items():
            counts = merging.table().group_by(self._keys).aggregate([(column, "count")]).sort_by(by_key)
            table = table.append_column(_name(("nunique", column)), counts.column(len(self._keys)))
        if not self._columns and not len(table):
            table = pa.table([pa.nulls(1, field.type) for field in table.schema], table.schema)
        columns = [table[key] for key in self._keys[: len(self._columns)]]
        columns += [_result(function, column, table) for column, function in self._asked]
        return pa.table(columns, list(map(str, range(len(columns)))))

    def _reduce(self, rows: pa.Table) -> pa.Table:
        parts = [(_name(pair), "variance" if pair[0] == "squares" else pair[0]) for pair in self._parts]
        table = self._grouped(rows, [([], "count_all"), *parts], [_SIZE, *map(_name, self._parts)])
        for part, column in self._parts:
            if part == "squares":
                name = _name((part, column))
                table = _with(table, name, pc.multiply(table[name], table[_name(("count", column))]))
        return table

    def _grouped(self, rows: pa.Table, wanted: Sequence[tuple[Any, str]], names: Sequence[str]) -> pa.Table:
        """Return a row a group: its keys, and what is wanted, a name each."""
        orders = {}
        for name, function in wanted:
            if function in ("min", "max") and _is_ranked(rows[name]):
                distinct = rows[name].unique().drop_null()
                orders[name] = distinct.take(pc.sort_indices(distinct))
                rows = _with(rows, name, pc.index_in(rows[name], orders[name]))
        table = rows.group_by(self._keys).aggregate(wanted).rename_columns([*self._keys, *names])
        for name, order in orders.items():
            table = _with(table, name, order.take(table[name].combine_chunks()))
        return table

    def _merged(self, table: pa.Table) -> pa.Table:
        simple = [(part, column) for part, column in self._parts if part not in ("mean", "squares")]
        wanted = [(_name(pair), pair[0] if pair[0] in ("min", "max") else "sum") for pair in simple]
        table = table.append_column(_ROW, pa.array(np.arange(len(table))))
        wanted = [(_SIZE, "sum"), *wanted, (_ROW, "list")]
        merged = self._grouped(table, wanted, [_SIZE, *map(_name, simple), _ROW])
        rows = merged[_ROW].combine_chunks()
        order = rows.flatten().to_numpy()
        sizes = rows.value_lengths().to_numpy()
        starts = np.cumsum(sizes) - sizes
        for column in [column for part, column in self._parts if part == "mean"]:
            count, mean, squares = (
                table[_name((part, column))].fill_null(0).to_numpy().astype(np.float64)[order] for part in _MOMENTS
            )
            total = np.add.reduceat(count, starts)
            with np.errstate(invalid="ignore", over="ignore"):  # the infinite has no variance
                middle = np.add.reduceat(count * mean, starts) / np.maximum(total, 1)
                distances = squares + count * (mean - np.repeat(middle, sizes)) ** 2
            merged = merged.append_column(_name(("mean", column)), pa.array(middle))
            merged = merged.append_column(_name(("squares", column)), pa.array(np.add.reduceat(distances, starts)))
        return merged.drop_columns([_ROW])


class _Merging:
    """Tables that are merged whenever they are many."""

    def __init__(self, merge: Callable[[pa.Table], pa.Table]) -> None:
        self._merge = merge
        self._tables: list[pa.Table] = []
        self._rows, self._limit = 0, _ROWS

    def add(self, table: pa.Table) -> None:
        self._tables.append(table)
        self._rows += len(table)
        if self._rows > self._limit:
            self._tables = [self.table()]
            self._rows = len(self._tables[0])
            self._limit = max(_ROWS, 2 * self._rows)

    def table(self) -> pa.Table:
        return self._merge(unify(self._tables))


def _distinct(table: pa.Table) -> pa.Table:
    return table.group_by(table.column_names).aggregate([])


def _one_zero(values: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return values of which no two that are equal differ in their bytes: -0.0 is 0.0."""
    return pc.add(values, pa.scalar(0, values.type)) if pa.types.is_floating(values.type) else values


def _is_ranked(values: pa.ChunkedArray) -> bool:
    """Whether least and greatest are found by rank: not every Arrow orders text by group, and NaN is the greatest."""
    if pa.types.is_floating(values.type):
        return pc.any(pc.is_nan(values)).as_py() is True
    return bool(pa.types.is_string(values.type) or pa.types.is_large_string(values.type))


def _source(part: str, values: pa.ChunkedArray) -> pa.ChunkedArray:
    """What a part is computed of: moments of floats; sums of flags as integers, of floats in double precision."""
    if part in ("mean", "squares") or (part == "sum" and pa.types.is_floating(values.type)):
        return values.cast(pa.float64(), safe=False)
    return values.cast(pa.int64()) if part == "sum" and not pa.types.is_decimal(values.type) else values


def _result(function: str, column: str, table: pa.Table) -> pa.ChunkedArray:
    if function == "size":
        return table[_SIZE].fill_null(0)
    if function in ("count", "nunique", "sum"):
        return table[_name((function, column))].fill_null(0)
    if function in ("min", "max"):
        return table[_name((function, column))]
    count, mean, squares = (table[_name((part, column))].cast(pa.float64()) for part in _MOMENTS)
    if function == "mean":
        return pc.if_else(pc.greater(count, 0), mean, None)
    variance = pc.if_else(pc.greater(count, 1), pc.divide(squares, pc.subtract(count, 1)), None)
    return variance if function == "var" else pc.sqrt(variance)


def _with(table: pa.Table, name: str, column: Any) -> pa.Table:
    return table.set_column(table.column_names.index(name), name, column)


def _name(pair: tuple[str, str]) -> str:
    """A part's column, as errors tell it."""
    return f"{pair[0]}({pair[1]})"
