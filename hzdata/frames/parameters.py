"""Parameters of a SQL statement as data scientists have them: NumPy's and pandas' scalars among them."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from typing import Any

import numpy as np

from hzdata.core.serialization.data import Data, TypeId

__all__ = ["plain_parameters"]


def plain_parameters(params: Iterable[Any] | None, big_endian: bool = True) -> list[Any]:
    """Return the parameters as what the client serializes for SQL without loss.

    An int beyond 32 bits is serialized here, as a BIGINT: the client's ``default_int_type`` is about keys and values of
    maps, while a member converts the parameters of a statement.

    Raises
    ------
    ValueError
        When one has nanoseconds, which a parameter can not carry.
    """
    plain = [_plain(position, value) for position, value in enumerate(() if params is None else params, 1)]
    return [_long(value, big_endian) if type(value) is int else value for value in plain]


def _long(value: int, big_endian: bool) -> int | Data:
    if -(2**31) <= value < 2**31 or not -(2**63) <= value < 2**63:
        return value
    return Data(struct.pack(">ii", 0, TypeId.LONG) + value.to_bytes(8, "big" if big_endian else "little", signed=True))


def _plain(position: int, value: Any) -> Any:
    import pandas as pd

    if value is pd.NA or value is pd.NaT:
        return None
    if isinstance(value, np.datetime64):
        value = pd.Timestamp(value)
    if isinstance(value, pd.Timestamp):
        if value.nanosecond:
            raise ValueError(
                f"parameter {position}, {value}, has nanoseconds, which would be lost: pass str(value), and write "
                f"CAST(? AS TIMESTAMP{' WITH TIME ZONE' if value.tz is not None else ''}) in the statement"
            )
        return value.to_pydatetime()
    return value.item() if isinstance(value, np.generic) else value
