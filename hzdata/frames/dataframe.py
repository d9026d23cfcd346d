"""From Arrow to pandas: each column copied once, from Arrow's buffers into what its dtype is made of.

pandas' own conversions copy a chunk at a time and join the copies; a result of many pages is many chunks.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from hzdata.core.protocol.sql_types import SqlColumnType

from .objects import ObjectReader
from .types import DtypeBackend, pandas_dtype, sql_type

__all__ = ["FrameMaker"]

Chunks = Sequence[pa.Array]

_UNITS = ("D", "d", "h", "m", "s", "ms", "us", "ns")


class FrameMaker:
    """Makes DataFrames of the columns of one result.

    Parameters
    ----------
    schema
        Of the columns, as `hzdata.frames.columns.sql.PageReader` has it.
    type_ids
        Their SQL types.
    objects
        Reads the values of OBJECT columns.
    backend
        As of ``pandas.read_sql``; None for the dtypes of docs/types.md.
    """

    def __init__(
        self,
        schema: pa.Schema,
        type_ids: Sequence[int],
        objects: ObjectReader,
        backend: DtypeBackend | None = None,
    ) -> None:
        self.names: list[str] = list(schema.names)
        self._types: list[pa.DataType] = list(schema.types)
        self._dtypes = [
            pandas_dtype(sql_type(type_id), arrow, backend)
            for type_id, arrow in zip(type_ids, schema.types, strict=True)
        ]
        self._objects = objects
        self._is_object = [type_id == SqlColumnType.OBJECT for type_id in type_ids]
        self._dtype: Any = None
        self._dates: dict[str, dict[str, Any]] = {}
        self._index_col: str | list[str] | None = None

    def ask(
        self,
        *,
        dtype: Any = None,
        parse_dates: Iterable[str] | Mapping[str, Any] | None = None,
        index_col: str | list[str] | None = None,
    ) -> None:
        """Note what is to be done to each DataFrame; the arguments are those of ``pandas.read_sql``."""
        self._dtype = dtype
        self._dates = _date_arguments(parse_dates)
        self._index_col = index_col

    def frame(self, columns: list[list[pa.Array]], first_row: int | None = None) -> pd.DataFrame:
        """Return a DataFrame of columns, each a list of chunks; the lists are emptied, so that memory is held once.

        Parameters
        ----------
        columns
            For each column its arrays, in order.
        first_row
            Position of the first row in the whole result; None: this is the whole result.
        """
        arrays = []
        for i, chunks in enumerate(columns):
            arrays.append(self._column(i, chunks, first_row))
            chunks.clear()
        frame = pd.DataFrame(dict(enumerate(arrays)), copy=False)
        frame.columns = pd.Index(self.names, dtype=None if self.names else "str")
        return self._as_asked(frame)

    def _as_asked(self, frame: pd.DataFrame) -> pd.DataFrame:
        if self._dtype is not None:
            frame = frame.astype(self._dtype)
        for position, name in enumerate(self.names):
            if name in self._dates:
                column = frame.iloc[:, position]
                arguments = self._dates[name]
                if not arguments and pd.api.types.is_numeric_dtype(column.dtype):
                    arguments = {"unit": "s"}
                frame.isetitem(position, pd.to_datetime(column, **arguments).array)
        return frame if self._index_col is None else frame.set_index(self._index_col)

    def _column(self, i: int, chunks: Chunks, first_row: int | None) -> Any:
        arrow, dtype = self._types[i], self._dtypes[i]
        if self._is_object[i] and not isinstance(dtype, pd.ArrowDtype):
            return self._python_objects(self.names[i], chunks, first_row or 0)
        if isinstance(dtype, pd.ArrowDtype):
            whole = _combined(chunks, arrow)
            if self._is_object[i] and first_row is None:
                whole = self._objects.structs(self.names[i], whole)
            return pd.arrays.ArrowExtensionArray(whole)
        if isinstance(dtype, pd.StringDtype):
            return dtype.__from_arrow__(_combined(chunks, arrow))  # type: ignore[attr-defined]
        if dtype.kind == "O":  # SQL's NULL
            return np.full(sum(map(len, chunks)), None, object)
        if isinstance(dtype, np.dtype) and dtype.kind == "f":
            values, null = _values_and_nulls(chunks, dtype)
            values[null] = np.nan
            return values
        if dtype.kind == "M":
            values, null = _values_and_nulls(chunks, np.dtype(np.int64))
            values[null] = np.iinfo(np.int64).min  # NaT
            moments = values.view(f"M8[{arrow.unit}]")
            return pd.DatetimeIndex(moments, copy=False).tz_localize("UTC").array if arrow.tz else moments
        values, null = _values_and_nulls(chunks, dtype.numpy_dtype)
        return dtype.construct_array_type()(values, null)

    def _python_objects(self, name: str, chunks: Chunks, first_row: int) -> npt.NDArray[np.object_]:
        objects = np.full(sum(map(len, chunks)), None, object)
        row = 0
        for chunk in chunks:
            for value in chunk:
                if value.is_valid:
                    objects[row] = self._objects.read(name, first_row + row, value.as_py())
                row += 1
        return objects


def _combined(chunks: Chunks, arrow: pa.DataType) -> pa.ChunkedArray:
    """Return the chunks as one: pandas goes through a column of many chunks much slower."""
    whole = pa.chunked_array(chunks, arrow)
    return whole if whole.num_chunks <= 1 else pa.chunked_array([whole.combine_chunks()], arrow)


def _values_and_nulls(chunks: Chunks, dtype: np.dtype[Any]) -> tuple[npt.NDArray[Any], npt.NDArray[np.bool_]]:
    """Copy fixed-size values, and which of them are null, out of Arrow's buffers."""
    rows = sum(map(len, chunks))
    values = np.empty(rows, dtype)
    null = np.zeros(rows, np.bool_)
    start = 0
    for chunk in chunks:
        stop = start + len(chunk)
        validity, data = chunk.buffers()
        if dtype == np.bool_:
            values[start:stop] = _bits(data, chunk.offset, len(chunk))
        elif start < stop:
            values[start:stop] = np.frombuffer(data, dtype, len(chunk), chunk.offset * dtype.itemsize)
        if chunk.null_count:
            np.logical_not(_bits(validity, chunk.offset, len(chunk)), out=null[start:stop])
        start = stop
    return values, null


def _bits(buffer: Any, offset: int, count: int) -> npt.NDArray[np.bool_]:
    if not count:
        return np.empty(0, np.bool_)
    first = offset // 8
    packed = np.frombuffer(buffer, np.uint8, (offset + count + 7) // 8 - first, first)
    return np.unpackbits(packed, count=offset % 8 + count, bitorder="little")[offset % 8 :].view(np.bool_)


def _date_arguments(parse_dates: Any) -> dict[str, dict[str, Any]]:
    """Return the keyword arguments of ``pandas.to_datetime`` for each column that it is to convert."""
    if parse_dates is None or isinstance(parse_dates, bool):
        return {}
    if isinstance(parse_dates, str):
        return {parse_dates: {}}
    if not isinstance(parse_dates, Mapping):
        return {name: {} for name in parse_dates}
    arguments: dict[str, dict[str, Any]] = {}
    for name, how in parse_dates.items():
        if isinstance(how, Mapping):
            arguments[name] = dict(how)
        elif how in _UNITS:
            arguments[name] = {"unit": how}
        else:
            arguments[name] = {} if how is None else {"format": how}
    return arguments
