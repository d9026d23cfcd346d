"""The rows that are measured: a key and eight columns of mixed types, the same every time."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa

__all__ = ["COLUMNS", "make_rows"]

COLUMNS = {
    "id": "BIGINT",
    "total": "BIGINT",
    "quantity": "INTEGER",
    "label": "VARCHAR",
    "at": "TIMESTAMP",
    "day": "DATE",
    "active": "BOOLEAN",
    "rating": "BIGINT",
    "price": "DOUBLE",
}
"""The columns and their SQL types; `id` is the key, and one in eight ratings is null."""


def make_rows(count: int) -> pd.DataFrame:
    """Make `count` rows.

    Returns
    -------
    DataFrame
        Columns as in `COLUMNS`; labels have 10 to 14 characters.
    """
    random = np.random.default_rng(20130101)
    seconds = random.integers(0, 20 * 365 * 86_400, count)
    start = np.datetime64("2005-01-01T00:00:00", "ns")
    rating = pd.array(random.integers(1, 6, count), dtype="Int64")
    rating[random.random(count) < 0.125] = pd.NA
    words = np.array(["ash", "birch", "cedar", "maple", "oak"])
    label = np.char.add(words[random.integers(0, 5, count)], np.char.mod("-%08d", random.integers(0, 10**8, count)))
    days = (start.astype("datetime64[D]") + random.integers(0, 7000, count)).astype("datetime64[D]")
    return pd.DataFrame(
        {
            "id": np.arange(count, dtype=np.int64),
            "total": random.integers(-(2**60), 2**60, count),
            "quantity": random.integers(0, 1000, count, dtype=np.int32),
            "label": pd.Series(label, dtype="str"),
            "at": start + seconds.astype("timedelta64[s]") + random.integers(0, 10**9, count).astype("timedelta64[ns]"),
            "day": pd.Series(pa.array(days), dtype=pd.ArrowDtype(pa.date32())),
            "active": random.random(count) < 0.5,
            "rating": rating,
            "price": np.round(random.random(count) * 100, 2),
        }
    )
