"""The rows that are measured: frames of several shapes, the same every time."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

__all__ = ["SHAPES", "make_rows"]

SHAPES: dict[str, dict[str, str]] = {
    "mixed": {
        "id": "BIGINT", "total": "BIGINT", "quantity": "INTEGER", "label": "VARCHAR", "at": "TIMESTAMP", "day": "DATE",
        "active": "BOOLEAN", "rating": "BIGINT", "price": "DOUBLE",
    },
    "narrow": {"id": "BIGINT", "price": "DOUBLE"},
    "wide": {"id": "BIGINT"} | {f"n{i}": ("BIGINT", "DOUBLE", "INTEGER")[i % 3] for i in range(24)},
    "texts": {"id": "BIGINT"} | {f"text{i}": "VARCHAR" for i in range(6)},
    "nulls": {"id": "BIGINT"} | {f"null{i}": ("BIGINT", "DOUBLE", "VARCHAR", "DATE")[i % 4] for i in range(8)},
    "times and decimals": {
        "id": "BIGINT", "at": "TIMESTAMP", "zoned": "TIMESTAMP WITH TIME ZONE", "day": "DATE", "clock": "TIME",
        "amount": "DECIMAL", "tax": "DECIMAL",
    },
}  # fmt: skip
"""The columns of each shape and their SQL types. `id` is the key; `label`s have 10 to 14 characters, `text`s 5 to 60;
one in eight `rating`s is null, and every other value of "nulls"."""

_WORDS = np.array(["ash", "birch", "cedar", "maple", "oak"])
_START = np.datetime64("2005-01-01T00:00:00", "ns")
_DAY_NANOS = 86_400 * 10**9


def make_rows(count: int, shape: str = "mixed") -> pd.DataFrame:
    """Make `count` rows with the columns of a shape."""
    random = np.random.default_rng(20130101)
    columns: dict[str, Any] = {"id": np.arange(count, dtype=np.int64)}
    for name, sql in SHAPES[shape].items():
        if name != "id":
            values = _SPECIAL.get(name, _BY_TYPE[sql])(random, count)
            if shape == "nulls" or name == "rating":
                null = random.random(count) < (0.5 if shape == "nulls" else 0.125)
                values = pd.Series(values).astype(_NULLABLE.get(sql)).mask(null)
            columns[name] = values
    return pd.DataFrame(columns)


def _texts(random: np.random.Generator, count: int, longest: int = 60) -> pd.Series:
    letters = np.array(list("abcdefghijklmnop qrstuvwxyzäß€"))
    pool = ["".join(random.choice(letters, size)) for size in random.integers(5, longest, 4_096)]
    return pd.Series(np.array(pool, object)[random.integers(0, len(pool), count)], dtype="str")


def _labels(random: np.random.Generator, count: int) -> pd.Series:
    numbers = np.char.mod("-%08d", random.integers(0, 10**8, count))
    return pd.Series(np.char.add(_WORDS[random.integers(0, 5, count)], numbers), dtype="str")


def _moments(random: np.random.Generator, count: int) -> Any:
    seconds = random.integers(0, 20 * 365 * 86_400, count).astype("timedelta64[s]")
    return _START + seconds + random.integers(0, 10**9, count).astype("timedelta64[ns]")


def _days(random: np.random.Generator, count: int) -> pd.Series:
    days = (_START.astype("datetime64[D]") + random.integers(0, 7000, count)).astype("datetime64[D]")
    return pd.Series(pa.array(days), dtype=pd.ArrowDtype(pa.date32()))


def _clock(random: np.random.Generator, count: int) -> pd.Series:
    nanos = random.integers(0, _DAY_NANOS, count)
    return pd.Series(pa.array(nanos).cast(pa.time64("ns")), dtype=pd.ArrowDtype(pa.time64("ns")))


def _decimals(random: np.random.Generator, count: int) -> pd.Series:
    pool = [Decimal(int(unscaled)).scaleb(-2) for unscaled in random.integers(-(10**12), 10**12, 4_096)]
    amounts = pa.array(pool, pa.decimal128(18, 2)).take(pa.array(random.integers(0, len(pool), count)))
    return pd.Series(amounts, dtype=pd.ArrowDtype(pa.decimal128(18, 2)))


_BY_TYPE: dict[str, Callable[[np.random.Generator, int], Any]] = {
    "BIGINT": lambda random, count: random.integers(-(2**60), 2**60, count),
    "INTEGER": lambda random, count: random.integers(0, 1000, count, dtype=np.int32),
    "DOUBLE": lambda random, count: np.round(random.random(count) * 100, 2),
    "BOOLEAN": lambda random, count: random.random(count) < 0.5,
    "VARCHAR": _texts,
    "DATE": _days,
    "TIME": _clock,
    "TIMESTAMP": _moments,
    "TIMESTAMP WITH TIME ZONE": lambda random, count: pd.Series(_moments(random, count)).dt.tz_localize("UTC"),
    "DECIMAL": _decimals,
}
_SPECIAL: dict[str, Callable[[np.random.Generator, int], Any]] = {
    "label": _labels,
    "rating": lambda random, count: random.integers(1, 6, count),
}
_NULLABLE = {"BIGINT": "Int64", "DOUBLE": "Float64", "VARCHAR": "str", "DATE": pd.ArrowDtype(pa.date32())}
