"""Made-up Arrow columns of every type that has a home in a map, with nulls anywhere."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pyarrow as pa
from hypothesis import strategies as st

INT_BITS = {pa.int8(): 8, pa.int16(): 16, pa.int32(): 32, pa.int64(): 64}

# Python's dates begin with year 1; what lies before is tested by the numbers.
NAIVE = st.datetimes(dt.datetime(1, 1, 1), dt.datetime(9999, 12, 31, 23, 59, 59, 999_999))
AWARE = NAIVE.map(lambda moment: moment.replace(tzinfo=dt.UTC))
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)

SCALARS: dict[pa.DataType, st.SearchStrategy[object]] = {
    pa.bool_(): st.booleans(),
    **{t: st.integers(-(1 << bits - 1), (1 << bits - 1) - 1) for t, bits in INT_BITS.items()},
    pa.float32(): st.floats(width=32, allow_nan=False),
    pa.float64(): st.floats(allow_nan=False),
    pa.decimal128(38, 4): st.decimals(-(10**33), 10**33, places=4, allow_nan=False).map(Decimal),
    pa.decimal256(60, 0): st.integers(-(10**60) + 1, 10**60 - 1).map(Decimal),
    pa.string(): TEXT,
    pa.large_string(): st.one_of(TEXT, st.just("x" * 300), st.just("x" * 70_000)),
    pa.date32(): st.dates(),
    pa.time64("ns"): st.times(),
    pa.timestamp("us"): NAIVE,
    pa.timestamp("us", "UTC"): AWARE,
}
"""Values of each type; floats without NaN, which equals nothing."""


@st.composite
def columns(draw: st.DrawFn, rows: int, *, lists: bool = True, nulls: bool = True) -> pa.Array:
    """An array of `rows` values of one of the types."""
    arrow = draw(st.sampled_from(list(SCALARS)))
    values = SCALARS[arrow]
    if lists and draw(st.integers(0, 3)) == 0:
        values = st.lists(st.none() | values, max_size=4)
        arrow = pa.large_list(arrow)
    elif lists and draw(st.integers(0, 9)) == 0:
        values, arrow = st.binary(max_size=9), pa.large_binary()
    if nulls:
        values = st.none() | values
    return pa.array(draw(st.lists(values, min_size=rows, max_size=rows)), arrow)


@st.composite
def tables(draw: st.DrawFn, *, lists: bool = True, min_rows: int = 0) -> pa.Table:
    """A table of one to six columns whose names sort in many ways."""
    names = draw(
        st.lists(st.text("aZ\u00e9\uffee\U0001f600_", min_size=1, max_size=3), min_size=1, max_size=6, unique=True)
    )
    rows = draw(st.integers(min_rows, 5))
    return pa.table([draw(columns(rows, lists=lists)) for _ in names], names=names)
