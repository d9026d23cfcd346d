"""From Arrow to pandas: each batch is copied into columns that grow, which then are what the dtypes are made of.

pandas' own conversions copy a chunk at a time and join the copies, so that the result is in memory twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from hzdata.core.protocol.sql_types import SqlColumnType

from .arguments import date_arguments
from .growing import GrowingColumn
from .objects import ObjectReader
from .types import DtypeBackend, pandas_dtype, sql_type

__all__ = ["FrameMaker"]


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
        self._dates = date_arguments(parse_dates)
        self._index_col = index_col

    def frame(self, batches: Iterable[pa.RecordBatch], first_row: int | None = None, rows: int = 0) -> pd.DataFrame:
        """Return a DataFrame of the rows of some batches, each of which is dropped before the next is asked for.

        Parameters
        ----------
        batches
            Of the result's schema.
        first_row
            Position of the first row in the whole result; None: this is the whole result.
        rows
            How many there will be, if that is known.
        """
        columns = [GrowingColumn(arrow, rows) for arrow in self._types]
        for batch in batches:
            for column, array in zip(columns, batch.columns, strict=True):
                column.append(array)
        arrays = {i: self._array(i, column, first_row) for i, column in enumerate(columns)}
        frame = pd.DataFrame(arrays, copy=False)
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

    def _array(self, i: int, column: GrowingColumn, first_row: int | None) -> Any:
        dtype = self._dtypes[i]
        if isinstance(dtype, pd.ArrowDtype):
            arrow = column.arrow()
            if self._is_object[i] and first_row is None:
                arrow = self._objects.structs(self.names[i], arrow)
            return pd.arrays.ArrowExtensionArray(arrow)
        if isinstance(dtype, pd.StringDtype):
            return dtype.__from_arrow__(column.arrow())  # type: ignore[attr-defined]
        if dtype.kind == "O":
            return self._python_objects(i, column.arrow(), first_row or 0)
        if isinstance(dtype, np.dtype) and dtype.kind == "f":
            values, null = column.numpy(dtype)
            values[null] = np.nan
            return values
        if dtype.kind == "M":
            values, null = column.numpy(np.dtype(np.int64))
            values[null] = np.iinfo(np.int64).min  # NaT
            moments = values.view(f"M8[{self._types[i].unit}]")
            return pd.DatetimeIndex(moments, copy=False).tz_localize("UTC").array if self._types[i].tz else moments
        return dtype.construct_array_type()(*column.numpy(dtype.numpy_dtype))

    def _python_objects(self, i: int, column: pa.ChunkedArray, first_row: int) -> npt.NDArray[np.object_]:
        objects = np.full(len(column), None, object)
        for row, value in enumerate(column.to_pylist()):
            if value is not None:
                objects[row] = self._objects.read(self.names[i], first_row + row, value)
        return objects
