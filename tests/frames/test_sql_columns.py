"""A page's bytes become Arrow columns: every SQL type, nulls in every position."""

from __future__ import annotations

import datetime as dt
import decimal
import math
import struct
from decimal import Decimal
from typing import Any, Literal

import pyarrow as pa
import pytest
from hypothesis import example, given, settings, strategies as st

from hzdata.core.protocol.sql_types import SqlColumnType as T
from hzdata.frames.columns.sql import PageReader
from hzdata.frames.errors import ColumnValueError
from hzdata.frames.types import SQL_TYPES, ReadPolicy

from .sql_page import sql_page

pytestmark = pytest.mark.usefixtures("both_kernels")

SIGNED = {T.TINYINT: 8, T.SMALLINT: 16, T.INTEGER: 32, T.BIGINT: 64}
HUGE = decimal.Context(prec=1000, Emax=10**6, Emin=-(10**6))


def read(type_id: int, values: list[Any], policy: ReadPolicy | None = None) -> pa.Array:
    reader = PageReader(["c"], [type_id], policy or ReadPolicy())
    batch = reader.read(sql_page((type_id, values)))
    batch.validate(full=True)
    assert batch.num_rows == len(values)
    return batch.column(0)


def with_nulls(values: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Any]]:
    return st.lists(values | st.none(), max_size=40) | st.lists(values, max_size=40)


@pytest.mark.parametrize("type_id", SIGNED)
@given(data=st.data())
def test_integers_keep_every_value_and_null(type_id: int, data: st.DataObject) -> None:
    bits = SIGNED[type_id]
    values = data.draw(with_nulls(st.integers(-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)))
    assert read(type_id, values).to_pylist() == values


@given(with_nulls(st.booleans()))
def test_booleans_keep_every_value_and_null(values: list[bool | None]) -> None:
    assert read(T.BOOLEAN, values).to_pylist() == values


@pytest.mark.parametrize(("type_id", "width"), [(T.REAL, 32), (T.DOUBLE, 64)])
@given(data=st.data())
def test_floats_keep_every_bit_and_null(type_id: int, width: Literal[32, 64], data: st.DataObject) -> None:
    values = data.draw(with_nulls(st.floats(width=width)))
    back = read(type_id, values).to_pylist()
    assert [v if v is None else struct.pack("<d", v) for v in back if v is None or not math.isnan(v)] == [
        v if v is None else struct.pack("<d", v) for v in values if v is None or not math.isnan(v)
    ]
    assert [v is not None and math.isnan(v) for v in back] == [v is not None and math.isnan(v) for v in values]


@pytest.mark.parametrize("string", [pa.string(), pa.large_string()])
@pytest.mark.parametrize("type_id", [T.VARCHAR, T.JSON])
@given(data=st.data())
def test_text_keeps_every_character_and_null(type_id: int, string: pa.DataType, data: st.DataObject) -> None:
    values = data.draw(with_nulls(st.text()))
    array = read(type_id, values, ReadPolicy(string=string))
    assert array.type == string
    assert array.to_pylist() == values


@given(with_nulls(st.binary()))
def test_objects_keep_every_byte_and_null(values: list[bytes | None]) -> None:
    assert read(T.OBJECT, values).to_pylist() == values


@pytest.mark.parametrize("rows", [0, 1, 9])
def test_a_column_of_type_null_is_all_null(rows: int) -> None:
    assert read(T.NULL, [None] * rows).equals(pa.nulls(rows))


@pytest.mark.parametrize("type_id", [row.id for row in SQL_TYPES], ids=[row.name for row in SQL_TYPES])
def test_an_empty_and_an_all_null_page_have_the_declared_type(type_id: int) -> None:
    for values in ([], [None] * 3):
        array = read(type_id, values)
        assert array.type == ReadPolicy().arrow_type("c", type_id)
        assert array.to_pylist() == values


# --- dates and times ---


@st.composite
def any_date(draw: st.DrawFn) -> tuple[int, int, int]:
    """Dates of years far outside of what Python's own have."""
    date = draw(st.dates(min_value=dt.date(1600, 1, 1), max_value=dt.date(1999, 12, 31)))
    return date.year + 400 * draw(st.integers(-2_500, 2_500) | st.just(0)), date.month, date.day


def days_of(year: int, month: int, day: int) -> int:
    """Days since 1970, by moving the year by whole cycles of 400 years to where Python's dates are."""
    cycles, year_in_cycle = divmod(year - 1600, 400)
    date = dt.date(1600 + year_in_cycle, month, day)
    return (date - dt.date(1970, 1, 1)).days + cycles * 146_097


times = st.tuples(st.integers(0, 23), st.integers(0, 59), st.integers(0, 59), st.integers(0, 999_999_999))


def nanos_of(hour: int, minute: int, second: int, nano: int) -> int:
    return (hour * 3600 + minute * 60 + second) * 10**9 + nano


@given(with_nulls(any_date()))
def test_dates_follow_the_proleptic_gregorian_calendar(values: list[tuple[int, int, int] | None]) -> None:
    days = read(T.DATE, values).cast(pa.int32()).to_pylist()
    assert days == [v if v is None else days_of(*v) for v in values]


@given(with_nulls(times))
def test_times_keep_nanoseconds(values: list[tuple[int, int, int, int] | None]) -> None:
    nanos = read(T.TIME, values).cast(pa.int64()).to_pylist()
    assert nanos == [v if v is None else nanos_of(*v) for v in values]


PER_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}


@pytest.mark.parametrize("unit", PER_SECOND)
@given(data=st.data())
def test_timestamps_are_exact_or_refused(unit: str, data: st.DataObject) -> None:
    policy = ReadPolicy(timestamp_unit=unit)  # type: ignore[arg-type]
    zoned = data.draw(st.booleans())
    part = 10**9 // PER_SECOND[unit]
    date_time = st.builds(
        lambda d, t, cut: (*d, *t[:3], t[3] // part * part if cut else t[3]), any_date(), times, st.booleans()
    )
    offset = st.integers(-18 * 3600, 18 * 3600)
    values = data.draw(with_nulls(st.tuples(date_time, offset).map(lambda v: (*v[0], v[1]) if zoned else v[0])))
    nanos = [
        v if v is None else days_of(*v[:3]) * 86_400 * 10**9 + nanos_of(*v[3:7]) - (v[7] * 10**9 if zoned else 0)
        for v in values
    ]
    fits = [n is None or (n % part == 0 and abs(n // part) < 2**63) for n in nanos]
    type_id = T.TIMESTAMP_WITH_TIME_ZONE if zoned else T.TIMESTAMP
    if all(fits):
        array = read(type_id, values, policy)
        assert array.type == pa.timestamp(unit, "UTC" if zoned else None)
        assert array.cast(pa.int64()).to_pylist() == [n if n is None else n // part for n in nanos]
    else:
        with pytest.raises(ColumnValueError) as caught:
            read(type_id, values, policy)
        assert not fits[caught.value.row]
        assert caught.value.column == "c"


def test_the_first_and_the_last_nanosecond_fit_and_their_neighbours_do_not() -> None:
    first, last = (1677, 9, 21, 0, 12, 43, 145_224_193), (2262, 4, 11, 23, 47, 16, 854_775_807)
    assert read(T.TIMESTAMP, [first, last]).cast(pa.int64()).to_pylist() == [-(2**63) + 1, 2**63 - 1]
    # One before the first is 64 bits wide, but it is the NaT of NumPy and pandas.
    for beyond in ((*first[:6], first[6] - 1), (*last[:6], last[6] + 1), (9999, 12, 31, 0, 0, 0, 0)):
        with pytest.raises(ColumnValueError, match='timestamp_unit="us"'):
            read(T.TIMESTAMP, [first, None, beyond])


def test_an_overflowing_timestamp_names_its_row_in_the_whole_result() -> None:
    reader = PageReader(["a", "when"], [T.BIGINT, T.TIMESTAMP], ReadPolicy())
    reader.read(sql_page((T.BIGINT, [1, 2, 3]), (T.TIMESTAMP, [None] * 3), last=False))
    with pytest.raises(ColumnValueError, match=r"column 'when', row 4: 9999-12-31T00:00:00 is beyond"):
        reader.read(sql_page((T.BIGINT, [4, 5]), (T.TIMESTAMP, [None, (9999, 12, 31, 0, 0, 0, 0)])))


def test_a_coarser_unit_refuses_nanoseconds_unless_told_to_drop_them() -> None:
    moment = (1969, 12, 31, 23, 59, 59, 999_999_001)
    with pytest.raises(ColumnValueError, match="truncate_timestamps=True"):
        read(T.TIMESTAMP, [moment], ReadPolicy(timestamp_unit="us"))
    cut = read(T.TIMESTAMP, [moment], ReadPolicy(timestamp_unit="us", truncate_timestamps=True))
    assert cut.cast(pa.int64()).to_pylist() == [-1]


def test_a_date_beyond_date32_is_refused_by_row() -> None:
    with pytest.raises(ColumnValueError, match=r"row 2: the date 999999999-12-31"):
        read(T.DATE, [(2000, 1, 1), None, (999_999_999, 12, 31)])


# --- decimals ---

unscaled = st.one_of(
    st.integers(-(10**3), 10**3),
    st.integers(-(2**63), 2**63 - 1),
    st.integers(-(10**38), 10**38),
    st.integers(-(10**80), 10**80),
)
decimals = st.tuples(unscaled, st.integers(-3, 20) | st.integers(-50, 120))


def exact(value: tuple[int, int]) -> Decimal:
    return HUGE.scaleb(Decimal(value[0]), -value[1])


def rounded(value: tuple[int, int], precision: int, scale: int) -> Decimal | None:
    """What a decimal(precision, scale) holds of it, None when it does not fit."""
    result = HUGE.quantize(exact(value), Decimal((0, (1,), -scale)))
    # Not abs(), which rounds to the precision of the current context.
    return result if result.copy_abs() < HUGE.power(10, precision - scale) else None


@pytest.mark.parametrize(("precision", "scale"), [(38, 18), (38, 0), (10, 2), (76, 38), (5, -3), (38, 38)])
@settings(max_examples=200)
@given(values=with_nulls(decimals))
@example(values=[(1, 0), None, (25, 19), (35, 19), (-25, 19), (1, -10)])
@example(values=[(10**76 - 1, 76), (-(10**76) + 1, 76), (10**76, 76)])
@example(values=[(10**38 - 5 * 10**9, 0)])
def test_decimals_are_rounded_half_to_even_or_refused(
    precision: int, scale: int, values: list[tuple[int, int] | None]
) -> None:
    policy = ReadPolicy(decimals={"c": (precision, scale)})
    wanted = [v if v is None else rounded(v, precision, scale) for v in values]
    misfits = [i for i, (v, w) in enumerate(zip(values, wanted, strict=True)) if v is not None and w is None]
    if misfits:
        with pytest.raises(ColumnValueError, match="digits before the point") as caught:
            read(T.DECIMAL, values, policy)
        assert caught.value.row in misfits
    else:
        assert read(T.DECIMAL, values, policy).to_pylist() == wanted


@settings(max_examples=200)
@given(with_nulls(decimals))
@example([(-(2**63), 0), (2**53 + 1, 0), (1, 22), (1, 23), (9007199254740993, 1), (1, -22), (3, -23), (0, 100)])
def test_decimals_become_the_nearest_float(values: list[tuple[int, int] | None]) -> None:
    array = read(T.DECIMAL, values, ReadPolicy(decimals_as_float=True))
    assert array.type == pa.float64()
    assert array.to_pylist() == [v if v is None else float(exact(v)) for v in values]


def test_a_decimal_beyond_float64_is_refused_by_row() -> None:
    with pytest.raises(ColumnValueError, match=r"row 1: 1E\+400 is beyond what float64"):
        read(T.DECIMAL, [(1, 0), (1, -400)], ReadPolicy(decimals_as_float=True))


def test_a_decimal_with_too_many_digits_says_what_to_do() -> None:
    with pytest.raises(
        ColumnValueError, match=r'more than the 20 digits .* pass decimals=\{"c": \(precision, scale\)\}'
    ):
        read(T.DECIMAL, [(10**20, 0)])


# --- whole pages ---


def test_columns_of_every_type_lie_side_by_side() -> None:
    values: dict[int, Any] = {
        T.VARCHAR: "é", T.BOOLEAN: True, T.TINYINT: -1, T.SMALLINT: 2, T.INTEGER: 3, T.BIGINT: 4, T.DECIMAL: (5, 1),
        T.REAL: 0.5, T.DOUBLE: 0.25, T.DATE: (2000, 2, 29), T.TIME: (1, 2, 3, 4), T.TIMESTAMP: (2000, 1, 1, 0, 0, 0, 1),
        T.TIMESTAMP_WITH_TIME_ZONE: (2000, 1, 1, 0, 0, 0, 1, 3600), T.OBJECT: b"x", T.NULL: None, T.JSON: "{}",
    }  # fmt: skip
    for pattern in ([0, 1, 0], [1, 0, 1], [1, 1, 1], [0, 0, 0]):
        page = sql_page(*((t, [v if there else None for there in pattern]) for t, v in values.items()))
        batch = PageReader([str(t) for t in values], list(values), ReadPolicy()).read(page)
        batch.validate(full=True)
        for type_id, name in zip(values, batch.schema.names, strict=True):
            alone = read(type_id, [values[type_id] if there else None for there in pattern])
            assert batch.column(name).equals(alone), name


def test_a_decoded_batch_does_not_keep_its_page() -> None:
    page = sql_page((T.BIGINT, [1, 2, 3]), (T.VARCHAR, ["a", "b", "c"]))
    batch = PageReader(["n", "s"], [T.BIGINT, T.VARCHAR], ReadPolicy()).read(page)
    assert batch.nbytes < len(page.message.buffer)
    assert batch.get_total_buffer_size() < len(page.message.buffer)
