"""Values of every kind, as hypothesis draws them."""

from __future__ import annotations

import datetime
from array import array
from decimal import Decimal

from hypothesis import strategies as st

from hzdata.core.core import HazelcastJsonValue


def signed(bits: int) -> st.SearchStrategy[int]:
    return st.integers(-(1 << bits - 1), (1 << bits - 1) - 1)


TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
FLOATS = st.floats(allow_nan=False)
FLOATS32 = st.floats(width=32, allow_nan=False)
DECIMALS = st.decimals(allow_nan=False, allow_infinity=False) | st.builds(
    lambda unscaled, scale: Decimal(unscaled).scaleb(-scale), signed(90), st.integers(-40, 40)
)
OFFSETS = st.integers(-18 * 3600, 18 * 3600).map(lambda seconds: datetime.timezone(datetime.timedelta(seconds=seconds)))
DATES = st.dates()
TIMES = st.times()
TIMESTAMPS = st.datetimes()
TIMESTAMPS_WITH_TIMEZONE = st.datetimes(timezones=OFFSETS)
JSON = st.dictionaries(TEXTS, st.none() | signed(40) | TEXTS, max_size=3).map(HazelcastJsonValue)

ARRAYS = st.one_of(
    *(
        st.lists(items, max_size=20).map(lambda values, code=code: array(code, values))
        for code, items in {
            "b": signed(8),
            "h": signed(16),
            "i": signed(32),
            "q": signed(64),
            "f": FLOATS32,
            "d": FLOATS,
        }.items()
    )
)

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    signed(32),
    FLOATS,
    TEXTS,
    st.binary().map(bytearray),
    st.uuids(),
    DECIMALS,
    DATES,
    TIMES,
    TIMESTAMPS_WITH_TIMEZONE,
    JSON,
)
"""Of every built-in type that the documented client writes in the same way."""

BUILTIN = st.recursive(SCALARS, lambda items: st.lists(items, max_size=4), max_leaves=12)
