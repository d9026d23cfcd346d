"""Aggregating in the cluster: a DataFrame of what pandas would make of a map, without the map."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from hzdata import default_client
from hzdata.core.predicate import PagingPredicate, Predicate

from .aggregators import without_sql
from .arguments import one_of
from .asked import COUNTS, Asked, Spec, asked_of, check_columns, check_type, keys_of, sum_type
from .conditions import Untranslatable, sql_condition
from .mapping import KEY_FORMATS, SqlMapping, identifier
from .maps import as_floats, to_frame
from .read import read_sql
from .types import DtypeBackend, ReadPolicy, TimestampUnit

if TYPE_CHECKING:
    import pandas as pd

    from hzdata.core.client import HazelcastClient

__all__ = ["aggregate"]


def aggregate(
    name: str,
    spec: Spec | None = None,
    where: str | Predicate | None = None,
    by: str | Sequence[str] | None = None,
    *,
    params: Sequence[Any] | None = None,
    client: HazelcastClient | None = None,
    dtype_backend: DtypeBackend | None = None,
    timestamp_unit: TimestampUnit = "ns",
    **named: tuple[str, str],
) -> pd.DataFrame:
    """Aggregate a map on its members; what travels is the result.

    The map's SQL mapping is used, by one ``SELECT``. Without a mapping, or with a predicate that SQL has nothing equal
    for (nested attributes, ``regex``, times, ...), it is ``Map.aggregate`` of ``hzdata.core``, once for each function.
    That knows no groups, no deviations, no distinct, least or greatest times: for those, the columns of the entries
    that the members find are read, and reduced to groups as they come.

    Parameters
    ----------
    name : str
    spec : mapping of str to str or sequence of str
        Functions of each column, of count, size, nunique, sum, mean, min, max, std, var.
    where : str or Predicate, optional
        What entries to take: a SQL condition, with ``?`` for parameters, or one of ``hzdata.core.predicate``.
    by : str or sequence of str, optional
        Columns whose values make the groups.
    params : sequence, optional
        Values of the parameters of `where`.
    client : optional
        By default the one of `hzdata.connect` or `hzdata.LocalCluster`.
    dtype_backend, timestamp_unit
        As of `hzdata.read_sql`.
    **named : (column, function)
        Results by name, instead of `spec`: ``latest=("dep_delay", "max")``.

    Returns
    -------
    DataFrame
        As of ``frame.groupby(by).agg(spec)``: a row a group, sorted; a column a function, ``(column, function)`` or,
        where `spec` has one function for each column, ``column``. Without `by`, as of ``frame.agg(spec)``: a row a
        function, a column a column; one function is a list of one.

    Raises
    ------
    KeyError
        When there is no such column.
    ColumnTypeError
        When a column has a type that the function is not for.
    ValueError
        When there is no such function, no such map, or no mapping for a SQL condition.
    HazelcastSqlError
        As of `hzdata.read_sql`; a sum of integers beyond 64 bits too.

    Notes
    -----
    Null is passed over, and makes no group, as in pandas; a NaN that was stored as such is a number to the members,
    greater than all others. It has no variance, nor has infinity: without SQL that is NaN, by SQL an error.
    -0.0 and 0.0 are one value.
    Counts are int64; sums of integers and booleans Int64, also of nothing, which is 0; means, deviations and variances
    (of n - 1) float64; the rest is of the column's type, see docs/types.md. Without `by`, results of different types in
    one column are of a common one, as ``pandas.concat`` has it. The variance is computed in decimals of 76 digits, so
    that a great mean takes nothing from it; of floats that takes about twice as long as a mean.

    Without SQL, types are those of the entries; numbers of JSON, which have no declared type, are float64 but in `by`,
    as are sums of decimals of a whole map; deviations are computed in floats, and a sum of integers beyond 64 bits
    overflows, as pandas' do.

    Examples
    --------
    >>> hzdata.aggregate("flights", {"dep_delay": ["mean", "max", "count"]}, by="carrier")      # doctest: +SKIP
    """
    keys = keys_of(by)
    asked, levels = asked_of(spec, named, bool(keys))
    one_of("dtype_backend", dtype_backend or "pyarrow", DtypeBackend)
    one_of("timestamp_unit", timestamp_unit, TimestampUnit)
    if isinstance(where, PagingPredicate) or not isinstance(where, str | Predicate | None):
        raise TypeError(
            f"where={where!r}: pass a SQL condition, or a predicate of hzdata.core.predicate that is no page"
        )
    if params is not None and not isinstance(where, str):
        raise ValueError("params: they are for a SQL condition, where='… ?'")
    chosen: Any = default_client.resolve(client)
    mapping = SqlMapping.find(chosen, name)
    by_sql = mapping is not None and _is_declared(mapping, [*keys, *(a.column for a in asked)], keys)
    if mapping is not None and by_sql and isinstance(where, Predicate):
        with contextlib.suppress(Untranslatable):
            where, params = sql_condition(where, declared_types(mapping))
    if mapping is not None and by_sql and not isinstance(where, Predicate):
        statement = _statement(mapping, asked, keys, where)
        frame = read_sql(statement, params, client=chosen, dtype_backend=dtype_backend, timestamp_unit=timestamp_unit)
    elif isinstance(where, str):
        remedy = f"pass a predicate, or have a mapping: hzdata.create_mapping({name!r})"
        if mapping is not None:
            remedy = "it cannot see into compound keys; pass a predicate, or columns that the mapping declares"
        raise ValueError(f"where={where!r} takes SQL: {remedy}")
    else:
        policy = ReadPolicy(
            timestamp_unit=timestamp_unit,
            decimals_as_float=dtype_backend != "pyarrow",
            string=pa.string() if dtype_backend == "pyarrow" else pa.large_string(),
        )
        table = without_sql(chosen, name, mapping, asked, keys, where, policy)
        frame = to_frame(chosen, table if dtype_backend == "pyarrow" else as_floats(table), dtype_backend)
    return _shaped(frame, asked, keys, levels, dtype_backend)


# --- by SQL ---


def _statement(mapping: SqlMapping, asked: Sequence[Asked], keys: Sequence[str], where: str | None) -> str:
    types = declared_types(mapping)
    check_columns(mapping.name, [*keys, *(a.column for a in asked)], types)
    for one in asked:
        check_type(one, types[one.column])
    groups = [_one_zero(identifier(key), types[key]) for key in keys]
    # Named for errors about their values; an identifier has at most 128 characters.
    results = [
        f"{_expression(function, identifier(column), types[column])} AS {identifier(f'{function}({column})'[:128])}"
        for column, function, _ in asked
    ]
    # The condition may end in a comment.
    conditions = [f"({where}\n)"] if where is not None else []
    conditions += [f"{group} IS NOT NULL" for group in groups]
    return (
        f"SELECT {', '.join([*groups, *results])} FROM {identifier(mapping.name)}"
        + (f" WHERE {' AND '.join(conditions)}" if conditions else "")
        + (f" GROUP BY {', '.join(groups)}" if groups else "")
    )


def _is_declared(mapping: SqlMapping, columns: Iterable[str], keys: Sequence[str]) -> bool:
    """Whether SQL has the columns, or none has: it sees no field of a Compact key, and groups by no object."""
    types = declared_types(mapping)
    if "__key" in keys and types["__key"] == "OBJECT":
        return False
    return all(column in types for column in columns if column.startswith("__key."))


def declared_types(mapping: SqlMapping) -> dict[str, str]:
    formats = {key: sql for sql, key in KEY_FORMATS.items()} | {"int": "INTEGER"}
    plain = {"__key": formats.get(mapping.options.get("keyFormat", ""), "OBJECT")}
    return plain | {field.name: field.sql for field in mapping.fields}


def _one_zero(column: str, sql: str) -> str:
    """To members -0.0 is another number than 0.0, and less; they leave out an addition of 0, which would mend it."""
    return f"CASE WHEN ABS({column}) = 0 THEN ABS({column}) ELSE {column} END" if sql in ("REAL", "DOUBLE") else column


def _expression(function: str, column: str, sql: str) -> str:
    if function == "size":
        return "COUNT(*)"
    if function == "nunique":
        return f"COUNT(DISTINCT {_one_zero(column, sql)})"
    if function in ("count", "min", "max"):
        return f"{function.upper()}({column})"
    if function == "sum" and sql == "BOOLEAN":
        # Of the CASE below members believe that it is never null, and leave COALESCE out.
        return f"COUNT(CASE WHEN {column} THEN 1 END)"
    number = f"CASE WHEN {column} THEN 1 WHEN NOT {column} THEN 0 END" if sql == "BOOLEAN" else column
    if function == "mean":
        return f"CAST(AVG({number}) AS DOUBLE)"
    if function == "sum":
        # SUM of BIGINT is a DECIMAL; members up to 5.7 fail at SUM of REAL.
        number = f"CAST({number} AS DOUBLE)" if sql == "REAL" else number
        return f"COALESCE(CAST(SUM({number}) AS {sum_type(sql)}), 0)"
    exact = f"CAST({number} AS DECIMAL)"
    squares = f"SUM({exact} * {exact}) - SUM({exact}) * SUM({exact}) / COUNT({column})"
    # What rounding of the 76th digit leaves of equal values is not 0, and may be below it.
    variance = (
        f"CASE WHEN COUNT({column}) < 2 THEN NULL WHEN MIN({column}) = MAX({column}) THEN 0 "
        f"ELSE CAST(({squares}) / (COUNT({column}) - 1) AS DOUBLE) END"
    )
    return variance if function == "var" else f"SQRT({variance})"


# --- to pandas' shape ---


def _shaped(
    frame: pd.DataFrame, asked: Sequence[Asked], keys: Sequence[str], levels: int, backend: DtypeBackend | None
) -> pd.DataFrame:
    import pandas as pd

    frame.columns = pd.Index([*keys, *range(len(asked))], dtype=object)
    if backend is None:
        frame = frame.astype({i: "int64" for i, a in enumerate(asked) if a.function in COUNTS})
    if not keys:
        rows = pd.Index(dict.fromkeys(a.label for a in asked), dtype="str")
        parts: dict[str, list[pd.Series[Any]]] = {}
        for i, a in enumerate(asked):
            parts.setdefault(a.column, []).append(frame[i].set_axis([a.label]))
        return pd.DataFrame({column: pd.concat(some).reindex(rows) for column, some in parts.items()})
    frame = frame.set_index(list(keys)).sort_index()
    if levels == 2:
        frame.columns = pd.MultiIndex.from_tuples([(a.column, a.label) for a in asked])
    else:
        frame.columns = pd.Index([a.label for a in asked], dtype="str")
    return frame
