"""SQL results as DataFrames and Arrow tables: `read_sql`, `read_arrow`."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, get_args, overload

import pyarrow as pa

from hzdata import default_client
from hzdata.core.protocol.sql_types import SQL_TYPE_NAMES, SqlColumnType

from .arguments import Decimals, date_arguments, one_of, precisions, rows
from .chunks import BatchChunks, FrameChunks
from .objects import ObjectReader
from .parameters import plain_parameters
from .query import Query, closed_on_error
from .types import DtypeBackend, ReadPolicy, TimestampUnit

if TYPE_CHECKING:
    import pandas as pd

    from hzdata.core.client import HazelcastClient

__all__ = ["read_arrow", "read_sql"]


@overload
def read_sql(
    sql: str,
    params: Sequence[Any] | None = None,
    *,
    client: HazelcastClient | None = None,
    chunksize: None = None,
    dtype_backend: DtypeBackend | None = None,
    index_col: str | list[str] | None = None,
    coerce_float: bool = True,
    parse_dates: Iterable[str] | Mapping[str, Any] | None = None,
    dtype: Any = None,
    decimals: Decimals | None = None,
    timestamp_unit: TimestampUnit = "ns",
    truncate_timestamps: bool = False,
    timeout: float | None = None,
    schema: str | None = None,
    cursor_buffer_size: int | None = None,
    progress: bool | None = None,
) -> pd.DataFrame: ...


@overload
def read_sql(
    sql: str,
    params: Sequence[Any] | None = None,
    *,
    client: HazelcastClient | None = None,
    chunksize: int,
    dtype_backend: DtypeBackend | None = None,
    index_col: str | list[str] | None = None,
    coerce_float: bool = True,
    parse_dates: Iterable[str] | Mapping[str, Any] | None = None,
    dtype: Any = None,
    decimals: Decimals | None = None,
    timestamp_unit: TimestampUnit = "ns",
    truncate_timestamps: bool = False,
    timeout: float | None = None,
    schema: str | None = None,
    cursor_buffer_size: int | None = None,
    progress: bool | None = None,
) -> FrameChunks: ...


def read_sql(
    sql: str,
    params: Sequence[Any] | None = None,
    *,
    client: HazelcastClient | None = None,
    chunksize: int | None = None,
    dtype_backend: DtypeBackend | None = None,
    index_col: str | list[str] | None = None,
    coerce_float: bool = True,
    parse_dates: Iterable[str] | Mapping[str, Any] | None = None,
    dtype: Any = None,
    decimals: Decimals | None = None,
    timestamp_unit: TimestampUnit = "ns",
    truncate_timestamps: bool = False,
    timeout: float | None = None,
    schema: str | None = None,
    cursor_buffer_size: int | None = None,
    progress: bool | None = None,
) -> pd.DataFrame | FrameChunks:
    """Run a SQL query and return its rows as a DataFrame.

    The dtype of a column follows from its SQL type, never from its values: see docs/types.md. Ctrl-C cancels the
    query on the cluster; the client can be used on.

    Parameters
    ----------
    sql : str
        A query; ``?`` stands for a parameter.
    params : sequence, optional
        Values of the parameters, in order.
    client : optional
        By default the one of `hzdata.connect` or `hzdata.LocalCluster`.
    chunksize : int, optional
        Return an iterator of DataFrames of so many rows (the last has fewer) instead, which holds one at a time.
        Dropping or closing it ends the query. No rows: one empty DataFrame.
    dtype_backend : {"numpy_nullable", "pyarrow"}, optional
        As in ``pandas.read_sql``. By default the dtypes of docs/types.md: integers and booleans masked, floats NumPy's.
    index_col : str or list of str, optional
        Columns that become the index.
    coerce_float : bool, default True
        DECIMAL becomes float64, the nearest one. False, or ``dtype_backend="pyarrow"``: decimals.
    parse_dates : iterable of str or mapping, optional
        Columns that `pandas.to_datetime` converts, each with a format or unit, or a dict of its keyword arguments, as
        in ``pandas.read_sql``; but what it can not convert is an error, unless ``{"errors": "coerce"}`` is given.
    dtype : optional
        As of ``DataFrame.astype``, applied to the columns as they come.
    decimals : mapping of str to (int, int), optional
        Precision and scale of DECIMAL columns, which are then decimals. By default (38, 18): more digits behind the
        point are rounded half to even, more than 20 before it are an error.
    timestamp_unit : {"ns", "us", "ms", "s"}, default "ns"
        Unit of TIMESTAMP columns. What it can not hold, for its range or as too fine, is an error.
    truncate_timestamps : bool, default False
        Drop what is finer than `timestamp_unit`, towards the past, instead.
    timeout : float, optional
        Seconds that the query may run; 0 for any time. By default what the member is configured for.
    schema : str, optional
        Where names without a schema are looked for first.
    cursor_buffer_size : int, optional
        Rows that the member sends at a time. By default as many as make pages of 2 MB.
    progress : bool, optional
        Show how many rows have come. By default in a notebook or terminal, after two seconds.

    Returns
    -------
    DataFrame, or FrameChunks with `chunksize`

    Raises
    ------
    HazelcastSqlError
        When the query fails, is none (use ``client.sql.execute`` for statements that return no rows), or its member
        is lost; a note says how many rows had arrived. To run it again is safe.
    ColumnValueError
        When a value does not fit its column; names column, row and remedy.
    NoDefaultClientError
        When no client is given and there is no default.

    Examples
    --------
    >>> import hzdata
    >>> hzdata.read_sql("SELECT v, v * v AS square FROM TABLE(generate_series(1, 3))")  # doctest: +SKIP
       v  square
    0  1       1
    1  2       4
    2  3       9
    """
    _check(sql, params, chunksize, timestamp_unit, decimals)
    if dtype_backend not in (None, *get_args(DtypeBackend)):
        raise ValueError(f"dtype_backend {dtype_backend!r} is invalid, only 'numpy_nullable' and 'pyarrow' are allowed")
    from .dataframe import FrameMaker

    chosen: Any = default_client.resolve(client)
    policy = ReadPolicy(
        timestamp_unit=timestamp_unit,
        truncate_timestamps=truncate_timestamps,
        decimals=decimals or {},
        decimals_as_float=coerce_float and dtype_backend != "pyarrow",
        string=pa.string() if dtype_backend == "pyarrow" else pa.large_string(),
    )
    query = Query(
        chosen,
        sql,
        plain_parameters(params, chosen.config.is_big_endian),
        policy,
        timeout=timeout,
        schema=schema,
        cursor_buffer_size=cursor_buffer_size,
        progress=progress,
    )
    with closed_on_error(query):
        _check_names(query, index_col, parse_dates, dtype, decimals)
        maker = FrameMaker(query.schema, query.type_ids, ObjectReader(chosen, policy), dtype_backend)
        maker.ask(dtype=dtype, parse_dates=parse_dates, index_col=index_col)
        if chunksize is not None:
            return FrameChunks(query, rows("chunksize", chunksize), maker)
        return maker.frame(query)


@overload
def read_arrow(
    sql: str,
    params: Sequence[Any] | None = None,
    *,
    client: HazelcastClient | None = None,
    chunksize: None = None,
    decimals: Decimals | None = None,
    timestamp_unit: TimestampUnit = "ns",
    truncate_timestamps: bool = False,
    timeout: float | None = None,
    schema: str | None = None,
    cursor_buffer_size: int | None = None,
    progress: bool | None = None,
) -> pa.Table: ...


@overload
def read_arrow(
    sql: str,
    params: Sequence[Any] | None = None,
    *,
    client: HazelcastClient | None = None,
    chunksize: int,
    decimals: Decimals | None = None,
    timestamp_unit: TimestampUnit = "ns",
    truncate_timestamps: bool = False,
    timeout: float | None = None,
    schema: str | None = None,
    cursor_buffer_size: int | None = None,
    progress: bool | None = None,
) -> pa.RecordBatchReader: ...


def read_arrow(
    sql: str,
    params: Sequence[Any] | None = None,
    *,
    client: HazelcastClient | None = None,
    chunksize: int | None = None,
    decimals: Decimals | None = None,
    timestamp_unit: TimestampUnit = "ns",
    truncate_timestamps: bool = False,
    timeout: float | None = None,
    schema: str | None = None,
    cursor_buffer_size: int | None = None,
    progress: bool | None = None,
) -> pa.Table | pa.RecordBatchReader:
    """Run a SQL query and return its rows as an Arrow table.

    The type of a column follows from its SQL type: see docs/types.md. DECIMAL is decimal128(38, 18) unless `decimals`
    says otherwise.

    Parameters
    ----------
    sql, params, client, decimals, timestamp_unit, truncate_timestamps, timeout, schema, cursor_buffer_size, progress
        As of `read_sql`.
    chunksize : int, optional
        Return a RecordBatchReader of batches of so many rows (the last has fewer) instead, which holds one at a time.
        Dropping it ends the query; its ``close`` is Arrow's, which does not.

    Returns
    -------
    pyarrow.Table, or pyarrow.RecordBatchReader with `chunksize`
        OBJECT columns of a table are structs where all values are Compact of one schema, else binary. Those of a reader
        are always binary, because its schema must be known before its values.

    Raises
    ------
    HazelcastSqlError, ColumnValueError, NoDefaultClientError
        As of `read_sql`.
    """
    _check(sql, params, chunksize, timestamp_unit, decimals)
    chosen: Any = default_client.resolve(client)
    policy = ReadPolicy(timestamp_unit=timestamp_unit, truncate_timestamps=truncate_timestamps, decimals=decimals or {})
    query = Query(
        chosen,
        sql,
        plain_parameters(params, chosen.config.is_big_endian),
        policy,
        timeout=timeout,
        schema=schema,
        cursor_buffer_size=cursor_buffer_size,
        progress=progress,
    )
    with closed_on_error(query):
        _check_names(query, None, None, None, decimals)
        if chunksize is not None:
            return pa.RecordBatchReader.from_batches(query.schema, BatchChunks(query, rows("chunksize", chunksize)))
        table = pa.Table.from_batches(list(query), query.schema)
        objects = ObjectReader(chosen, policy)
        for i, type_id in enumerate(query.type_ids):
            if type_id == SqlColumnType.OBJECT:
                table = table.set_column(i, table.field(i).name, objects.structs(table.field(i).name, table.column(i)))
        return table


def _check(sql: object, params: object, chunksize: Any, timestamp_unit: object, decimals: object) -> None:
    """Refuse arguments that can not be meant, before the cluster is asked anything."""
    if not isinstance(sql, str):
        raise TypeError(f"sql must be a str, not {type(sql).__name__}")
    if isinstance(params, Mapping):
        raise TypeError("Hazelcast SQL has no named parameters: write ? in the statement, and pass params as a list")
    if params is not None and (isinstance(params, str | bytes) or not isinstance(params, Iterable)):
        remedy = "pass a client as client=" if hasattr(params, "sql") else f"pass params=[{params!r}]"
        raise TypeError(f"params must be a list, with one value for each ? of the statement; {remedy}")
    if chunksize is not None:
        rows("chunksize", chunksize)
    one_of("timestamp_unit", timestamp_unit, TimestampUnit)
    precisions(decimals)


def _check_names(query: Query, index_col: Any, parse_dates: Any, dtype: Any, decimals: Any) -> None:
    """Refuse names of columns that the result does not have, before its rows are read."""
    names = query.schema.names
    index = [index_col] if isinstance(index_col, str) else list(index_col or ())
    for name in index:
        if names.count(name) > 1 or index.count(name) > 1:
            raise ValueError(f"index_col: there is more than one column {name!r}: name them apart with AS in the query")
    for option, asked in (
        ("index_col", index),
        ("parse_dates", date_arguments(parse_dates)),
        ("dtype", dtype if isinstance(dtype, Mapping) else ()),
        ("decimals", decimals or ()),
    ):
        for name in asked:
            if name not in names:
                near = difflib.get_close_matches(str(name), names, 1)
                hint = f"did you mean {near[0]!r}?" if near else f"its columns are {', '.join(names)}"
                raise KeyError(f"{option}: the result has no column {name!r}; {hint}")
    for name, type_id in zip(names, query.type_ids, strict=True):
        if decimals and name in decimals and type_id != SqlColumnType.DECIMAL:
            raise ValueError(
                f"decimals: column {name!r} is {SQL_TYPE_NAMES[type_id]}, not DECIMAL; CAST it in the query"
            )
