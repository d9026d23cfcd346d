"""Parameters of a SQL statement as data scientists have them: NumPy's and pandas' scalars among them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

__all__ = ["plain_parameters"]


def plain_parameters(params: Iterable[Any] | None) -> list[Any]:
    """Return the parameters as plain Python objects, which the client serializes as every other client does.

    Raises
    ------
    ValueError
        When one has nanoseconds, which a parameter can not carry.
    """
    return [_plain(position, value) for position, value in enumerate(params or (), 1)]


def _plain(position: int, value: Any) -> Any:
    import pandas as pd

    if value is pd.NA or value is pd.NaT:
        return None
    if isinstance(value, np.datetime64):
        value = pd.Timestamp(value)
    if isinstance(value, pd.Timestamp):
        if value.nanosecond:
            raise ValueError(
                f"parameter {position}, {value}, has nanoseconds, which would be lost: pass str(value), "
                "and write CAST(? AS TIMESTAMP) in the statement"
            )
        return value.to_pydatetime()
    return value.item() if isinstance(value, np.generic) else value
