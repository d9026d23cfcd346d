"""OBJECT columns: serialized values as Python objects, or as Arrow structs."""

from __future__ import annotations

import struct
from typing import Any

import pyarrow as pa

from hzdata.core.errors import HazelcastError
from hzdata.core.serialization.compact.schema import Schema, SchemaNotFoundError
from hzdata.core.serialization.data import HEADER_SIZE, TypeId

from .columns.structs import StructReader
from .errors import ColumnValueError
from .types import ReadPolicy

__all__ = ["ObjectReader"]

_type_id_of = struct.Struct(">4xi").unpack_from
_ARRAY_LENGTH = 4


class ObjectReader:
    """Makes Python objects of the serialized values of OBJECT columns. Never unpickles.

    Parameters
    ----------
    client
        Whose serializers read the values, and who fetches Compact schemas not seen yet.
    policy
        What the caller chose where a field has more than one Arrow type.
    """

    def __init__(self, client: Any, policy: ReadPolicy) -> None:
        self._client = client
        self._policy = policy
        self._service = client.serialization_service.without_unpickling()

    def read(self, column: str, row: int, data: bytes) -> Any:
        """Return the value of a column and row; the pickle, as bytes, where it is one.

        Raises
        ------
        ColumnValueError
            When nothing reads it.
        """
        if _type_id_of(data)[0] == TypeId.PICKLE:
            return data[HEADER_SIZE + _ARRAY_LENGTH :]
        while True:
            try:
                return self._service.to_object(data)
            except SchemaNotFoundError as missing:
                self._client.fetch_schema(missing.schema_id).result()
            except HazelcastError as error:
                raise ColumnValueError(
                    column,
                    row,
                    str(error),
                    "leave the column out, select single attributes of it, or take its bytes with read_arrow",
                ) from error

    def structs(self, column: str, values: pa.ChunkedArray) -> pa.Array | pa.ChunkedArray:
        """Return a whole column as structs where all values are Compact of one schema, else as it is."""
        reader = StructReader(self._schema_of, self._policy, self._client.config.is_big_endian)
        structs = reader.read(column, values.cast(pa.large_binary()).combine_chunks())
        return values if structs is None else structs

    def _schema_of(self, schema_id: int) -> Schema:
        schema: Schema = self._client.fetch_schema(schema_id).result()
        return schema
