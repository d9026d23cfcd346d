"""The one type table: SQL type and Compact field kind <-> Arrow <-> pandas, both directions.

Nothing else in hzdata maps a type. `SQL_TYPES` is read towards the user (a result's columns), `HOMES` towards
the cluster (a frame's columns), `HOMELESS` says what is refused and why. `docs/types.md` is written from these
tables by `docs/write_types.py`.

A column's type follows from what it is declared as, never from its values: all batches of one result, and an
empty result, have the same schema.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import pyarrow as pa

from hzdata.core.protocol.field_kinds import FieldKind
from hzdata.core.protocol.sql_types import SqlColumnType

from .errors import ColumnTypeError

__all__ = [
    "HOMELESS",
    "HOMES",
    "SQL_TYPES",
    "DtypeBackend",
    "Home",
    "ReadPolicy",
    "SqlType",
    "TimestampUnit",
    "home_of",
    "pandas_dtype",
    "sql_type",
]

TimestampUnit = Literal["ns", "us", "ms", "s"]
DtypeBackend = Literal["numpy_nullable", "pyarrow"]

DECIMAL_PRECISION, DECIMAL_SCALE = 38, 18
"""A DECIMAL carries no precision on the wire, and ``avg`` of integers comes with up to 76 digits: unless told
otherwise Arrow gets 20 digits before the point and 18 behind it."""


@dataclass(frozen=True)
class SqlType:
    """One SQL type, and what a column of it is everywhere else.

    Attributes
    ----------
    name : str
        As written in ``CREATE MAPPING``.
    id : int
        As in a SQL page (`hzdata.core.protocol.sql_types.SqlColumnType`).
    arrow : pyarrow.DataType
        As in `read_arrow`, with a default `ReadPolicy`.
    pandas : str
        The dtype that `read_sql` gives by default.
    numpy_nullable : str
        The dtype with ``dtype_backend="numpy_nullable"``.
    field_kind : FieldKind or None
        The Compact kind that a column of this type is written as: always one that may be null.
    note : str
        What a reader of the table must know besides.
    """

    name: str
    id: int
    arrow: pa.DataType
    pandas: str
    numpy_nullable: str
    field_kind: FieldKind | None
    note: str = ""


SQL_TYPES: tuple[SqlType, ...] = (
    SqlType("BOOLEAN", SqlColumnType.BOOLEAN, pa.bool_(), "boolean", "boolean", FieldKind.NULLABLE_BOOLEAN),
    SqlType("TINYINT", SqlColumnType.TINYINT, pa.int8(), "Int8", "Int8", FieldKind.NULLABLE_INT8),
    SqlType("SMALLINT", SqlColumnType.SMALLINT, pa.int16(), "Int16", "Int16", FieldKind.NULLABLE_INT16),
    SqlType("INTEGER", SqlColumnType.INTEGER, pa.int32(), "Int32", "Int32", FieldKind.NULLABLE_INT32),
    SqlType("BIGINT", SqlColumnType.BIGINT, pa.int64(), "Int64", "Int64", FieldKind.NULLABLE_INT64),
    SqlType(
        "DECIMAL",
        SqlColumnType.DECIMAL,
        pa.decimal128(DECIMAL_PRECISION, DECIMAL_SCALE),
        "float64",
        "Float64",
        FieldKind.DECIMAL,
        "Digits beyond the 18th behind the point are rounded half to even; more than 20 before it are an "
        "error. `decimals={column: (precision, scale)}` chooses others. pandas: `coerce_float=False` keeps the "
        "decimals (`decimal128(38, 18)[pyarrow]`).",
    ),
    SqlType(
        "REAL",
        SqlColumnType.REAL,
        pa.float32(),
        "float32",
        "Float32",
        FieldKind.NULLABLE_FLOAT32,
        "pandas: null is NaN.",
    ),
    SqlType(
        "DOUBLE",
        SqlColumnType.DOUBLE,
        pa.float64(),
        "float64",
        "Float64",
        FieldKind.NULLABLE_FLOAT64,
        "pandas: null is NaN.",
    ),
    SqlType("VARCHAR", SqlColumnType.VARCHAR, pa.string(), "str", "string", FieldKind.STRING),
    SqlType(
        "DATE",
        SqlColumnType.DATE,
        pa.date32(),
        "date32[day][pyarrow]",
        "date32[day][pyarrow]",
        FieldKind.DATE,
        "Proleptic Gregorian calendar, years below 1 included.",
    ),
    SqlType("TIME", SqlColumnType.TIME, pa.time64("ns"), "time64[ns][pyarrow]", "time64[ns][pyarrow]", FieldKind.TIME),
    SqlType(
        "TIMESTAMP",
        SqlColumnType.TIMESTAMP,
        pa.timestamp("ns"),
        "datetime64[ns]",
        "datetime64[ns]",
        FieldKind.TIMESTAMP,
        "What nanoseconds can not hold (before 1677-09-21, after 2262-04-11) is an error; "
        '`timestamp_unit="us"` holds it, and refuses values finer than that unless `truncate_timestamps=True`.',
    ),
    SqlType(
        "TIMESTAMP WITH TIME ZONE",
        SqlColumnType.TIMESTAMP_WITH_TIME_ZONE,
        pa.timestamp("ns", "UTC"),
        "datetime64[ns, UTC]",
        "datetime64[ns, UTC]",
        FieldKind.TIMESTAMP_WITH_TIMEZONE,
        "The instant is kept, in UTC; the offset it was written with is dropped. Range and units as TIMESTAMP.",
    ),
    SqlType(
        "JSON",
        SqlColumnType.JSON,
        pa.string(),
        "str",
        "string",
        FieldKind.STRING,
        "The text as the member holds it.",
    ),
    SqlType(
        "OBJECT",
        SqlColumnType.OBJECT,
        pa.binary(),
        "object",
        "object",
        None,
        "Arrow: a struct where all values are Compact of one schema, else the serialized bytes. pandas: the "
        "deserialized values; what was pickled stays bytes, it is never unpickled.",
    ),
    SqlType("NULL", SqlColumnType.NULL, pa.null(), "object", "object", None),
)

_BY_ID: dict[int, SqlType] = {row.id: row for row in SQL_TYPES}
_BY_NAME: dict[str, SqlType] = {row.name: row for row in SQL_TYPES}


def sql_type(id_or_name: int | str) -> SqlType:
    """Return the row of a SQL type, by its id in a page or its name in DDL.

    Raises
    ------
    KeyError
        When there is no such type.
    """
    return _BY_ID[id_or_name] if isinstance(id_or_name, int) else _BY_NAME[id_or_name]


@dataclass(frozen=True)
class ReadPolicy:
    """The choices a caller has where a SQL type has more than one Arrow type.

    Attributes
    ----------
    timestamp_unit : {"ns", "us", "ms", "s"}
        Unit of TIMESTAMP columns, with and without time zone.
    truncate_timestamps : bool
        Drop what is finer than the unit instead of refusing it.
    decimals : mapping of str to (int, int)
        Precision and scale of DECIMAL columns, by column name.
    decimals_as_float : bool
        DECIMAL columns that `decimals` does not name become float64.
    string : pyarrow.DataType
        ``pa.string()``, or ``pa.large_string()``, which pandas' ``str`` is made of.
    """

    timestamp_unit: TimestampUnit = "ns"
    truncate_timestamps: bool = False
    decimals: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    decimals_as_float: bool = False
    string: pa.DataType = field(default_factory=pa.string)

    def arrow_type(self, column: str, type_id: int) -> pa.DataType:
        """Return the Arrow type of a result column declared as SQL type `type_id`."""
        if type_id == SqlColumnType.DECIMAL:
            if column in self.decimals:
                return decimal_type(column, *self.decimals[column])
            return pa.float64() if self.decimals_as_float else sql_type(type_id).arrow
        if type_id == SqlColumnType.TIMESTAMP:
            return pa.timestamp(self.timestamp_unit)
        if type_id == SqlColumnType.TIMESTAMP_WITH_TIME_ZONE:
            return pa.timestamp(self.timestamp_unit, "UTC")
        if type_id in (SqlColumnType.VARCHAR, SqlColumnType.JSON):
            return self.string
        return sql_type(type_id).arrow

    def schema(self, names: Sequence[str], type_ids: Sequence[int]) -> pa.Schema:
        """Return the Arrow schema of a result with these columns."""
        return pa.schema([pa.field(n, self.arrow_type(n, t)) for n, t in zip(names, type_ids, strict=True)])


def decimal_type(column: str, precision: int, scale: int) -> pa.DataType:
    """Return the narrowest of Arrow's 128 and 256 bit decimals that has `precision` digits."""
    if not 1 <= precision <= 76:
        raise ColumnTypeError(
            column, f"a decimal of {precision} digits", "a precision of 1 to 76 can be asked for in decimals="
        )
    return pa.decimal128(precision, scale) if precision <= 38 else pa.decimal256(precision, scale)


def pandas_dtype(row: SqlType, arrow: pa.DataType, backend: DtypeBackend | None = None) -> Any:
    """Return the pandas dtype of a column of SQL type `row` that is of Arrow type `arrow` by the caller's policy."""
    import pandas as pd

    if backend == "pyarrow":
        return pd.ArrowDtype(arrow)
    name = row.numpy_nullable if backend == "numpy_nullable" else row.pandas
    if pa.types.is_decimal(arrow) or pa.types.is_date(arrow) or pa.types.is_time(arrow):
        return pd.ArrowDtype(arrow)
    if pa.types.is_timestamp(arrow):
        return pd.api.types.pandas_dtype(name.replace("ns", arrow.unit))
    return pd.api.types.pandas_dtype(name)


# --- towards the cluster ---


@dataclass(frozen=True)
class Home:
    """Where a column of some Arrow type lives in a map.

    Attributes
    ----------
    sql : str
        Type in the mapping's DDL.
    field_kind : FieldKind
        The Compact kind of its values; an array's kind is the one after its items'.
    arrow : pyarrow.DataType
        What the column is cast to, safely, before its bytes are written. A cast that fails is a value that
        does not fit (an unsigned 64-bit integer beyond 2^63 - 1 for one).
    """

    sql: str
    field_kind: FieldKind
    arrow: pa.DataType


Predicate = Callable[[pa.DataType], bool]


def _is_json(arrow: pa.DataType) -> bool:
    return isinstance(arrow, pa.ExtensionType | pa.BaseExtensionType) and arrow.extension_name == "arrow.json"


HOMES: tuple[tuple[Predicate, str, str, pa.DataType | None], ...] = (
    # test of the Arrow type, how the table calls it, SQL type, cast (None: as it is)
    (pa.types.is_boolean, "bool", "BOOLEAN", None),
    (pa.types.is_int8, "int8", "TINYINT", None),
    (pa.types.is_int16, "int16", "SMALLINT", None),
    (pa.types.is_int32, "int32", "INTEGER", None),
    (pa.types.is_int64, "int64", "BIGINT", None),
    (pa.types.is_uint8, "uint8", "SMALLINT", pa.int16()),
    (pa.types.is_uint16, "uint16", "INTEGER", pa.int32()),
    (pa.types.is_uint32, "uint32", "BIGINT", pa.int64()),
    (pa.types.is_uint64, "uint64", "BIGINT", pa.int64()),
    (pa.types.is_float16, "float16", "REAL", pa.float32()),
    (pa.types.is_float32, "float32", "REAL", None),
    (pa.types.is_float64, "float64", "DOUBLE", None),
    (pa.types.is_decimal, "decimal", "DECIMAL", None),
    (pa.types.is_string, "string", "VARCHAR", None),
    (pa.types.is_large_string, "large_string", "VARCHAR", None),
    (pa.types.is_string_view, "string_view", "VARCHAR", pa.large_string()),
    (_is_json, "arrow.json", "VARCHAR", pa.large_string()),
    (pa.types.is_date32, "date32", "DATE", None),
    (pa.types.is_date64, "date64", "DATE", pa.date32()),
    (pa.types.is_time, "time32, time64", "TIME", pa.time64("ns")),
    (lambda t: pa.types.is_timestamp(t) and t.tz is None, "timestamp", "TIMESTAMP", None),
    (pa.types.is_timestamp, "timestamp with time zone", "TIMESTAMP WITH TIME ZONE", None),
    # No value, so nothing to lose; text is what a later value of an unknown type can be written as.
    (pa.types.is_null, "null", "VARCHAR", pa.string()),
)

HOMELESS: tuple[tuple[Predicate, str, str, str], ...] = (
    # test of the Arrow type, how the table calls it, what is wrong, remedy
    (
        pa.types.is_duration,
        "duration",
        "a timedelta has no SQL type",
        "store a number (`.dt.total_seconds()`), or text",
    ),
    (
        pa.types.is_interval,
        "interval",
        "a calendar interval has no SQL type",
        "store its months, days and nanoseconds as numbers",
    ),
    (
        pa.types.is_struct,
        "struct",
        "nested values are not taken by to_hz_map",
        "make its fields columns of their own, or store JSON text",
    ),
    (
        pa.types.is_map,
        "map",
        "a column of maps has no Compact field kind",
        "store JSON text, or one column a key",
    ),
    (pa.types.is_union, "union", "a column of more than one type has no SQL type", "cast it to one type"),
    (
        lambda t: isinstance(t, pa.BaseExtensionType),
        "other extension types",
        "pandas' Period, Interval and other extension types have no SQL type",
        "convert it to timestamps, numbers or text",
    ),
)


def home_of(column: str, arrow: pa.DataType) -> Home:
    """Return where a column of Arrow type `arrow` lives in a map.

    Dictionaries (pandas: categorical) and run-ends live where their values would.

    Raises
    ------
    ColumnTypeError
        When the type has no home in a map; the message says why, and what to do.
    """
    for test, _, name, cast in HOMES:
        if test(arrow):
            row = sql_type(name)
            assert row.field_kind is not None
            return Home(name, row.field_kind, arrow if cast is None else cast)
    if pa.types.is_dictionary(arrow) or pa.types.is_run_end_encoded(arrow):
        return home_of(column, arrow.value_type)
    if pa.types.is_binary(arrow) or pa.types.is_large_binary(arrow):
        return Home("OBJECT", FieldKind.ARRAY_OF_INT8, arrow)
    if pa.types.is_fixed_size_binary(arrow) or pa.types.is_binary_view(arrow):
        return Home("OBJECT", FieldKind.ARRAY_OF_INT8, pa.large_binary())
    if _is_list(arrow):
        item = arrow.value_type
        if _is_list(item) or pa.types.is_binary(item):
            raise ColumnTypeError(
                column,
                f"{arrow} is an array of arrays, which Compact does not have",
                "flatten it, or store JSON text",
            )
        home = home_of(column, item)
        return Home("OBJECT", FieldKind(home.field_kind + 1), pa.large_list(home.arrow))
    for test, _, problem, remedy in HOMELESS:
        if test(arrow):
            raise ColumnTypeError(column, f"{arrow}: {problem}", remedy)
    raise ColumnTypeError(column, f"{arrow} has no SQL type", "cast it to one of the types in docs/types.md")


def _is_list(arrow: pa.DataType) -> bool:
    return any(
        test(arrow)
        for test in (
            pa.types.is_list,
            pa.types.is_large_list,
            pa.types.is_fixed_size_list,
            pa.types.is_list_view,
            pa.types.is_large_list_view,
        )
    )
