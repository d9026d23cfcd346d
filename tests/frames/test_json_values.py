"""JSON values laid out by column are JSON, and say what the columns say."""

from __future__ import annotations

import datetime as dt
import json
import math
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings

from hzdata.frames.columns.json import JsonValue, json_text
from hzdata.frames.columns.rows import Rows

from .arrow_columns import tables
from .test_entries import arrays_of

pytestmark = pytest.mark.usefixtures("both_kernels")


def texts(table: pa.Table) -> list[str]:
    rows = Rows(table.num_rows)
    JsonValue(table.column_names).write_payload(rows, arrays_of(table))
    written = rows.join().to_pylist()
    for item in written:
        assert int.from_bytes(item[:4], "big") == len(item) - 4
    return [item[4:].decode() for item in written]


def in_json(value: Any) -> Any:
    """What SQL reads a value of Python back from."""
    if isinstance(value, dt.datetime):
        text = value.replace(tzinfo=None).isoformat(timespec="microseconds")
        return text + ("Z" if value.tzinfo else "")
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, dt.time):
        return value.isoformat(timespec="microseconds") + "000"
    if isinstance(value, float) and math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return [in_json(item) for item in value] if isinstance(value, list) else value


def as_number(value: Any, make: Any) -> Any:
    """The number that a JSON number, or text in its place, stands for; in lists too."""
    if isinstance(value, list):
        return [as_number(item, make) for item in value]
    return None if value is None else make(value)


@given(tables())
@settings(deadline=None)
def test_every_row_is_a_json_object_of_its_columns(table: pa.Table) -> None:
    table = table.drop([f.name for f in table.schema if pa.types.is_large_binary(f.type)])
    for text, row in zip(texts(table), table.to_pylist(), strict=True):
        read = json.loads(text)
        assert list(read) == table.column_names
        for field in table.schema:
            item = field.type.value_type if pa.types.is_large_list(field.type) else field.type
            found = read[field.name]
            if pa.types.is_decimal(item):
                assert as_number(found, Decimal) == row[field.name]
            elif pa.types.is_floating(item):
                assert pa.scalar(as_number(found, float), field.type).as_py() == row[field.name]
            else:
                assert found == in_json(row[field.name])


def test_what_is_no_number_is_text_that_sql_reads_as_a_double() -> None:
    assert json_text(pa.array([math.nan, math.inf, -math.inf, 1.5, -0.0, None])).to_pylist() == [
        '"NaN"',
        '"Infinity"',
        '"-Infinity"',
        "1.5",
        "-0",
        "null",
    ]


def test_float32_has_as_few_digits_as_tell_it_apart() -> None:
    assert json_text(pa.array([0.1, 3.4e38], pa.float32())).to_pylist() == ["0.1", "3.4e+38"]


def test_a_year_of_five_digits_has_the_sign_that_iso_8601_asks_for() -> None:
    days = pa.array([2_932_896, 2_932_897, -719_529], pa.int32()).cast(pa.date32())
    assert json_text(days).to_pylist() == ['"9999-12-31"', '"+10000-01-01"', '"-0001-12-31"']
    moments = pa.array([253_402_300_800_000_000], pa.int64()).cast(pa.timestamp("us"))
    assert json_text(moments).to_pylist() == ['"+10000-01-01T00:00:00.000000"']


def test_an_instant_is_written_in_utc() -> None:
    moments = pa.array([0], pa.timestamp("s", "Asia/Tokyo"))
    assert json_text(moments).to_pylist() == ['"1970-01-01T00:00:00Z"']


def test_every_control_character_is_escaped() -> None:
    text = "".join(map(chr, range(0x20))) + '"\\/é\U0001f600'
    assert json.loads(json_text(pa.array([text])).to_pylist()[0]) == text


@pytest.mark.parametrize("name", ['a"b', "a\\b", "a\nb", "é"])
def test_a_column_name_is_quoted_too(name: str) -> None:
    assert json.loads(texts(pa.table({name: [1]}))[0]) == {name: 1}
