"""The type table says where every column lives, in both directions, and docs/types.md says the same."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from hzdata.core.protocol.field_kinds import FieldKind
from hzdata.core.protocol.sql_types import SQL_TYPE_NAMES
from hzdata.frames.errors import ColumnTypeError
from hzdata.frames.types import SQL_TYPES, ReadPolicy, home_of, pandas_dtype, sql_type

ROOT = Path(__file__).parents[2]


def test_the_page_of_types_is_what_the_table_says() -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "docs" / "write_types.py"), "--check"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_every_type_of_a_page_has_a_row() -> None:
    assert {row.id: row.name.replace(" ", "_") for row in SQL_TYPES} == SQL_TYPE_NAMES


@pytest.mark.parametrize("row", SQL_TYPES, ids=lambda row: row.name)
def test_the_dtype_that_a_row_names_is_the_dtype_that_pandas_gives(row: object) -> None:
    assert isinstance(row, type(SQL_TYPES[0]))
    by_default = ReadPolicy(decimals_as_float=True).arrow_type("c", row.id)
    assert str(pandas_dtype(row, by_default)) == row.pandas
    assert str(pandas_dtype(row, by_default, "numpy_nullable")) == row.numpy_nullable
    assert pandas_dtype(row, row.arrow, "pyarrow") == pd.ArrowDtype(row.arrow)


@pytest.mark.parametrize("row", [row for row in SQL_TYPES if row.field_kind], ids=lambda row: row.name)
def test_what_is_read_can_be_written_as_the_same_sql_type(row: object) -> None:
    assert isinstance(row, type(SQL_TYPES[0]))
    home = home_of("c", row.arrow)
    assert home.sql == ("VARCHAR" if row.name == "JSON" else row.name)
    assert home.field_kind == row.field_kind
    assert home.arrow == row.arrow


@pytest.mark.parametrize(
    ("arrow", "sql", "cast"),
    [
        (pa.uint8(), "SMALLINT", pa.int16()),
        (pa.uint16(), "INTEGER", pa.int32()),
        (pa.uint32(), "BIGINT", pa.int64()),
        (pa.uint64(), "BIGINT", pa.int64()),
        (pa.float16(), "REAL", pa.float32()),
        (pa.dictionary(pa.int8(), pa.large_string()), "VARCHAR", pa.large_string()),
        (pa.dictionary(pa.int8(), pa.int16()), "SMALLINT", pa.int16()),
        (pa.run_end_encoded(pa.int32(), pa.date32()), "DATE", pa.date32()),
        (pa.date64(), "DATE", pa.date32()),
        (pa.time32("ms"), "TIME", pa.time64("ns")),
        (pa.timestamp("s"), "TIMESTAMP", pa.timestamp("s")),
        (pa.timestamp("us", "Europe/Berlin"), "TIMESTAMP WITH TIME ZONE", pa.timestamp("us", "Europe/Berlin")),
        (pa.decimal256(60, 5), "DECIMAL", pa.decimal256(60, 5)),
        (pa.null(), "VARCHAR", pa.string()),
        (pa.json_(), "VARCHAR", pa.large_string()),
    ],
    ids=str,
)
def test_columns_without_a_type_of_their_own_live_in_the_next_that_holds_them(
    arrow: pa.DataType, sql: str, cast: pa.DataType
) -> None:
    home = home_of("c", arrow)
    assert (home.sql, home.arrow) == (sql, cast)
    assert home.field_kind == sql_type(sql).field_kind


def test_lists_and_bytes_are_compact_arrays() -> None:
    assert home_of("c", pa.list_(pa.int32())).field_kind == FieldKind.ARRAY_OF_NULLABLE_INT32
    assert home_of("c", pa.large_list(pa.string())).field_kind == FieldKind.ARRAY_OF_STRING
    assert home_of("c", pa.list_(pa.uint8(), 3)).field_kind == FieldKind.ARRAY_OF_NULLABLE_INT16
    assert home_of("c", pa.binary(16)).field_kind == FieldKind.ARRAY_OF_INT8


@pytest.mark.parametrize(
    ("values", "why"),
    [
        (pd.Series(np.array([1], "m8[ns]")), "timedelta"),
        (pd.Series(pd.period_range("2020", periods=1, freq="M")), "Period"),
        (pd.Series(pd.interval_range(0, 1)), "Interval"),
        (pd.Series([{"a": 1}]), "nested values"),
        (pd.Series([[[1]]]), "array of arrays"),
    ],
    ids=["timedelta", "period", "interval", "struct", "list of lists"],
)
def test_columns_without_a_home_are_refused_by_name_and_reason(values: pd.Series, why: str) -> None:
    with pytest.raises(ColumnTypeError, match=f"^column 'odd': .*{why}") as caught:
        home_of("odd", pa.array(values).type)
    assert caught.value.column == "odd"
    assert caught.value.remedy in str(caught.value)


def test_a_precision_that_no_decimal_has_is_refused() -> None:
    with pytest.raises(ColumnTypeError, match="decimal of 99 digits"):
        ReadPolicy(decimals={"c": (99, 2)}).arrow_type("c", sql_type("DECIMAL").id)
