"""Columns that grow: whatever pieces they are given, they end as all of them together."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, strategies as st

from hzdata.frames.growing import GrowingColumn

VALUES: dict[pa.DataType, st.SearchStrategy[Any]] = {
    pa.int8(): st.integers(-128, 127),
    pa.int64(): st.integers(-(2**63), 2**63 - 1),
    pa.float32(): st.floats(width=32, allow_nan=False),
    pa.bool_(): st.booleans(),
    pa.string(): st.text(),
    pa.large_string(): st.text(),
    pa.binary(): st.binary(),
    pa.large_binary(): st.binary(),
    pa.date32(): st.dates(),
    pa.time64("ns"): st.times(),
    pa.timestamp("us", "UTC"): st.datetimes(timezones=st.just(dt.UTC)),
    pa.decimal128(38, 18): st.integers(-(10**15), 10**15).map(Decimal),
    pa.decimal256(60, 2): st.integers(-(10**50), 10**50).map(Decimal),
    pa.null(): st.none(),
}


@st.composite
def pieces(draw: st.DrawFn, arrow: pa.DataType) -> list[pa.Array]:
    """Arrays of a type, slices of longer ones among them."""
    found = []
    for _ in range(draw(st.integers(0, 5))):
        values = draw(st.lists(st.none() | VALUES[arrow], max_size=20) | st.lists(VALUES[arrow], max_size=20))
        array = pa.array(values, arrow)
        start = draw(st.integers(0, len(array)))
        found.append(array.slice(start, draw(st.integers(0, len(array) - start))))
    return found


@pytest.mark.parametrize("arrow", VALUES, ids=str)
@given(data=st.data())
def test_a_column_is_all_its_pieces_one_after_the_other(arrow: pa.DataType, data: st.DataObject) -> None:
    given_pieces = data.draw(pieces(arrow))
    column = GrowingColumn(arrow)
    for piece in given_pieces:
        column.append(piece)
    whole = column.arrow()
    whole.validate(full=True)
    assert whole.num_chunks == 1
    assert whole.equals(pa.chunked_array(given_pieces, arrow))


@given(pieces(pa.int64()))
def test_numbers_end_as_values_and_nulls(given_pieces: list[pa.Array]) -> None:
    column = GrowingColumn(pa.int64())
    for piece in given_pieces:
        column.append(piece)
    values, null = column.numpy(np.dtype(np.int64))
    wanted = pa.chunked_array(given_pieces, pa.int64())
    assert null.tolist() == wanted.is_null().to_pylist()
    assert values[~null].tolist() == wanted.drop_null().to_pylist()
    assert values.flags.writeable


def test_text_beyond_the_reach_of_its_offsets_goes_on_in_another_chunk() -> None:
    column = GrowingColumn(pa.string())
    column._reach = 10
    given_pieces = [pa.array(["abcd", None]), pa.array(["efgh"]), pa.array(["ijkl", None, "m"]), pa.array(["n" * 10])]
    for piece in given_pieces:
        column.append(piece)
    whole = column.arrow()
    assert whole.num_chunks == 3
    assert whole.equals(pa.chunked_array(given_pieces))
