"""Aggregating in the cluster: a DataFrame of what pandas would make of a map, without the map."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import pyarrow as pa

from hzdata import default_client
from hzdata.core import aggregator
from hzdata.core.predicate import PagingPredicate, Predicate, and_, not_equal
from hzdata.core.protocol.sql_types import SQL_TYPE_NAMES
from hzdata.core.serialization.data import TypeId

from .arguments import one_of
from .errors import ColumnTypeError
from .mapping import KEY_FORMATS, SqlMapping, identifier
from .maps import sql_type_of, to_frame
from .read import read_sql
from .tables import read_sample
from .types import DtypeBackend, ReadPolicy, TimestampUnit, sql_type

if TYPE_CHECKING:
    import pandas as pd

    from hzdata.core.client import HazelcastClient

__all__ = ["aggregate"]

Function = Literal["count", "size", "nunique", "sum", "mean", "min", "max", "std", "var"]
Spec = Mapping[str, str | Sequence[str]]

_COUNTS = ("count", "size", "nunique")
_INTEGERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT")
_NUMBERS = (*_INTEGERS, "DECIMAL", "REAL", "DOUBLE")
_TIMES = ("TIME", "TIMESTAMP", "TIMESTAMP WITH TIME ZONE")


class _Asked(NamedTuple):
    """One function of one column, and the name of its result."""

    column: str
    function: str
    label: str


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

    The map's SQL mapping is used, by one ``SELECT``. Without a mapping, or when `where` is a predicate, which SQL does
    not take, it is ``Map.aggregate`` of ``hzdata.core``, once for each function: that knows no groups, no deviations,
    no distinct, least or greatest times, and brings other distinct values here to count them.

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
        When there is no such function, or no mapping where one is needed.
    HazelcastSqlError
        As of `hzdata.read_sql`; a sum of integers beyond 64 bits too.

    Notes
    -----
    Null is passed over, and makes no group, as in pandas; a NaN that was stored as such is a number to the members,
    which has no variance.
    Counts are int64; sums of integers and booleans Int64, also of nothing, which is 0; means, deviations and variances
    (of n - 1) float64; the rest is of the column's type, see docs/types.md. Without `by`, results of different types in
    one column are of a common one, as ``pandas.concat`` has it. The variance is computed in decimals of 76 digits, so
    that a great mean takes nothing from it; of floats that takes about twice as long as a mean.

    Without SQL, types are those of some entries; numbers of JSON, which have no declared type, and sums of decimals are
    float64, and a sum of integers beyond 64 bits overflows, as pandas' does.

    Examples
    --------
    >>> hzdata.aggregate("flights", {"dep_delay": ["mean", "max", "count"]}, by="carrier")      # doctest: +SKIP
    """
    keys = _keys(by)
    asked, levels = _asked(spec, named, bool(keys))
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
    if mapping is not None and not isinstance(where, Predicate):
        statement = _statement(mapping, asked, keys, where)
        frame = read_sql(statement, params, client=chosen, dtype_backend=dtype_backend, timestamp_unit=timestamp_unit)
    else:
        if keys or isinstance(where, str):
            option = f"by={by!r}" if keys else f"where={where!r}"
            raise ValueError(f"{option} takes SQL: {_to_have_sql(name, mapping)}")
        policy = ReadPolicy(
            timestamp_unit=timestamp_unit,
            decimals_as_float=dtype_backend != "pyarrow",
            string=pa.string() if dtype_backend == "pyarrow" else pa.large_string(),
        )
        frame = to_frame(chosen, _collected(chosen, name, mapping, asked, where, policy), dtype_backend)
    return _shaped(frame, asked, keys, levels, dtype_backend)


def _asked(spec: Spec | None, named: Mapping[str, tuple[str, str]], grouped: bool) -> tuple[list[_Asked], int]:
    """What is asked for, and how many levels the names of the columns have."""
    if (spec is None) == (not named):
        raise ValueError("pass either a spec, such as {'dep_delay': ['mean', 'max']}, or name=(column, function)")
    if spec is None:
        for label, pair in named.items():
            if not isinstance(pair, tuple) or len(pair) != 2:
                raise TypeError(f"{label}={pair!r}: pass (column, function)")
        asked, levels = [_Asked(*pair, label) for label, pair in named.items()], 1
    elif not isinstance(spec, Mapping):
        raise TypeError(f"spec={spec!r}: pass a dict of columns and their functions")
    else:
        levels = 1 if all(isinstance(functions, str) for functions in spec.values()) else 2
        asked = [
            _Asked(column, function, column if grouped and levels == 1 else function)
            for column, functions in spec.items()
            for function in ([functions] if isinstance(functions, str) else functions)
        ]
    if not asked:
        raise ValueError(f"spec={spec!r}: it names no function")
    for _, function, _ in asked:
        if function in ("first", "last"):
            raise ValueError(
                f"{function!r}: the entries of a map have no order; min and max of a column that has one do"
            )
        one_of("function", function, Function)
    if len(set(asked)) < len(asked):
        raise ValueError(f"spec={spec!r}: it names a function of a column twice")
    return asked, levels


def _keys(by: str | Sequence[str] | None) -> list[str]:
    keys = [by] if isinstance(by, str) else list(by or ())
    if by is not None and (not keys or len(set(keys)) < len(keys)):
        raise ValueError(f"by={by!r}: pass one name, or several that differ")
    return keys


def _to_have_sql(name: str, mapping: SqlMapping | None) -> str:
    first = f"hzdata.create_mapping({name!r})" if mapping is None else "pass where= as a SQL condition, not a predicate"
    return f"{first}; or read the columns with hzdata.read_map(columns=…, where=…), and use pandas"


def _check_columns(name: str, columns: Iterable[str], known: Collection[str]) -> None:
    for column in columns:
        if column not in known:
            near = difflib.get_close_matches(str(column), list(known), 1)
            hint = f"did you mean {near[0]!r}?" if near else f"its columns are {', '.join(known)}"
            raise KeyError(f"the map {name!r} has no column {column!r}; {hint}")


def _check_type(asked: _Asked, sql: str, numbers: Collection[str]) -> None:
    """Refuse a function that is not for a type."""
    column, function, _ = asked
    if function in ("sum", "mean", "std", "var") and sql not in numbers:
        raise ColumnTypeError(column, f"{function} is not for {sql}", "count, nunique, min and max may be")
    if function in ("min", "max", "nunique") and sql in ("OBJECT", "JSON"):
        raise ColumnTypeError(column, f"{sql} is neither ordered nor compared", "count is for every type")


# --- by SQL ---


def _statement(mapping: SqlMapping, asked: Sequence[_Asked], keys: Sequence[str], where: str | None) -> str:
    formats = {key: sql for sql, key in KEY_FORMATS.items()} | {"int": "INTEGER"}
    types = {"__key": formats.get(mapping.options.get("keyFormat", ""), "OBJECT")}
    types |= {field.name: field.sql for field in mapping.fields}
    _check_columns(mapping.name, [*keys, *(a.column for a in asked)], types)
    for one in asked:
        _check_type(one, types[one.column], (*_NUMBERS, "BOOLEAN"))
    groups = [identifier(key) for key in keys]
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


def _expression(function: str, column: str, sql: str) -> str:
    if function == "size":
        return "COUNT(*)"
    if function == "nunique":
        return f"COUNT(DISTINCT {column})"
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
        return f"COALESCE(CAST(SUM({number}) AS {_sum_type(sql)}), 0)"
    exact = f"CAST({number} AS DECIMAL)"
    squares = f"SUM({exact} * {exact}) - SUM({exact}) * SUM({exact}) / COUNT({column})"
    # What rounding of the 76th digit leaves of equal values is not 0, and may be below it.
    variance = (
        f"CASE WHEN COUNT({column}) < 2 THEN NULL WHEN MIN({column}) = MAX({column}) THEN 0 "
        f"ELSE CAST(({squares}) / (COUNT({column}) - 1) AS DOUBLE) END"
    )
    return variance if function == "var" else f"SQRT({variance})"


def _sum_type(sql: str) -> str:
    return "BIGINT" if sql in (*_INTEGERS, "BOOLEAN") else sql


# --- by aggregators ---


def _collected(
    client: Any,
    name: str,
    mapping: SqlMapping | None,
    asked: Sequence[_Asked],
    where: Predicate | None,
    policy: ReadPolicy,
) -> pa.Table:
    """Return one row of the results."""
    sample = read_sample(client, name, 1_000)
    found = {column.name: sql_type_of(column.type) for column in sample.table.schema}
    types = {
        column: "OBJECT" if kind is None else SQL_TYPE_NAMES[kind].replace("_", " ") for column, kind in found.items()
    }
    if not types:
        if mapping is None:
            raise ValueError(f"there is no map {name!r}, or it is empty: what its columns are cannot be told")
        types = {field.external_name: field.sql for field in mapping.fields}
    _check_columns(name, (a.column for a in asked), types)
    results = []
    for one in asked:
        sql = types[one.column]
        _check_type(one, sql, _NUMBERS)
        # What comes back is a Python object, and those of times have no nanoseconds.
        if one.function in ("std", "var") or (one.function in ("nunique", "min", "max") and sql in _TIMES):
            raise ColumnTypeError(one.column, f"{one.function} of {sql} takes SQL", _to_have_sql(name, mapping))
        if sql in _INTEGERS and TypeId.JSON in sample.value_types and not one.column.startswith("__key"):
            sql = types[one.column] = "DOUBLE"
        condition = where if one.function == "size" else and_(*filter(None, [where]), not_equal(one.column, None))
        results.append(client.get_map(name).aggregate(_aggregator(one.function, one.column, sql), condition))
    arrays = []
    for one, result in zip(asked, results, strict=True):
        value = len(result.result()) if one.function == "nunique" else result.result()
        kind = sql_type(_result_type(one.function, types[one.column])).id
        arrow = policy.arrow_type(one.column, kind)
        arrays.append(pa.array([float(value) if pa.types.is_floating(arrow) and value is not None else value], arrow))
    return pa.Table.from_arrays(arrays, [str(i) for i in range(len(arrays))])


def _aggregator(function: str, column: str, sql: str) -> aggregator.Aggregator:
    make = {
        "count": aggregator.count,
        "size": aggregator.count,
        "nunique": aggregator.distinct,
        "sum": aggregator.fixed_point_sum if sql in _INTEGERS else aggregator.floating_point_sum,
        "mean": aggregator.number_avg,
        "min": aggregator.min_,
        "max": aggregator.max_,
    }
    return make[function](column)


def _result_type(function: str, sql: str) -> str:
    """The SQL type of what an aggregator returns: no aggregator sums decimals as such."""
    if function in _COUNTS:
        return "BIGINT"
    if function == "mean" or (function == "sum" and sql == "DECIMAL"):
        return "DOUBLE"
    return _sum_type(sql) if function == "sum" else sql


# --- to pandas' shape ---


def _shaped(
    frame: pd.DataFrame, asked: Sequence[_Asked], keys: Sequence[str], levels: int, backend: DtypeBackend | None
) -> pd.DataFrame:
    import pandas as pd

    frame.columns = pd.Index([*keys, *range(len(asked))], dtype=object)
    if backend is None:
        frame = frame.astype({i: "int64" for i, a in enumerate(asked) if a.function in _COUNTS})
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
