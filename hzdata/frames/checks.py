"""What is checked of the rows that lie in memory before the first one is sent: that all values fit, and the keys."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from .errors import ColumnValueError
from .fitting import Column
from .plan import LoadPlan
from .source import Source

__all__ = ["check_no_nulls", "check_rows"]


def check_rows(source: Source, plan: LoadPlan) -> None:
    """Check every value of a source that lies in memory; of one that does not, nothing.

    Raises
    ------
    ColumnValueError
        When a value does not fit, a key is null, or two rows have the same key.
    """
    if source.table is None:
        return
    for column in plan.values:
        if column.can_fail:
            _fitted(column, source.table[column.name])
    keys = source.index_table if plan.keyed_by_index else source.table
    if keys is None:
        return
    fitted = [_fitted(column, keys[column.name]) for column in plan.keys]
    for column, array in zip(plan.keys, fitted, strict=True):
        check_no_nulls(column, array, 0, is_index=plan.keyed_by_index)
    _check_distinct(plan.keys, fitted, is_index=plan.keyed_by_index)


def check_no_nulls(
    column: Column, array: pa.Array | pa.ChunkedArray, first_row: int, *, is_index: bool = False
) -> None:
    """Refuse a key column with nulls, or with NaN, which is no value to find an entry by."""
    missing = array.is_null(nan_is_null=True) if pa.types.is_floating(array.type) else array.is_null()
    row = pc.index(missing, True).as_py() if array.null_count or pa.types.is_floating(array.type) else -1
    if row >= 0:
        rows = "df[df.index.notna()]" if is_index else f"df.dropna(subset=[{column.name!r}])"
        raise ColumnValueError(
            column.name,
            first_row + row,
            "it is part of the key and null here",
            f"drop such rows ({rows}), fill them, or choose another key",
        )


def _fitted(column: Column, chunks: pa.ChunkedArray) -> pa.ChunkedArray:
    arrays = []
    first_row = 0
    for chunk in chunks.chunks:
        arrays.append(column.fit(chunk, first_row))
        first_row += len(chunk)
    return pa.chunked_array(arrays, column.home.arrow)


def _is_distinct(values: pa.ChunkedArray) -> bool:
    """Whether no value, of which none is null, is there twice."""
    if pa.types.is_signed_integer(values.type) and len(values):
        numbers = values.to_numpy()
        if (numbers[1:] > numbers[:-1]).all():
            return True
        low, high = int(numbers.min()), int(numbers.max())
        if high - low < 8 * len(numbers):
            # Close to each other, as ids are: a flag for each is a tenth of the work of a hash table.
            met = np.zeros(high - low + 1, np.bool_)
            met[numbers - low] = True
            return int(met.sum()) == len(numbers)
    return int(pc.count_distinct(values).as_py()) == len(values)


def _check_distinct(columns: list[Column], arrays: list[pa.ChunkedArray], *, is_index: bool) -> None:
    count = len(arrays[0])
    names = [column.name for column in columns]
    if len(arrays) == 1 and _is_distinct(arrays[0]):
        return
    keys = pa.table(arrays, names=[str(i) for i in range(len(arrays))])
    rows = keys.append_column("row", pa.array(np.arange(count)))
    groups = rows.group_by(keys.column_names, use_threads=False).aggregate([("row", "min"), ("row", "max")])
    if groups.num_rows == count:
        return
    twice = groups.filter(pc.less(groups["row_min"], groups["row_max"]))
    first = pc.index(twice["row_max"], pc.min(twice["row_max"])).as_py()
    values = ", ".join(f"{name}={twice[str(i)][first].as_py()!r}" for i, name in enumerate(names))
    raise ColumnValueError(
        names[0] if len(names) == 1 else ", ".join(names),
        twice["row_max"][first].as_py(),
        f"the key {values} is also that of row {twice['row_min'][first].as_py()}; rows whose key came before, in all: "
        f"{count - groups.num_rows:,}. Only one entry of each key would stay",
        f"{'df[~df.index.duplicated()]' if is_index else f'drop_duplicates(subset={names!r})'}, or choose another key",
    )
