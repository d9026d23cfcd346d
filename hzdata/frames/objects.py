"""OBJECT columns: serialized values as Python objects, or as Arrow structs."""

from __future__ import annotations

import struct
from typing import Any

from hzdata.core.errors import HazelcastError
from hzdata.core.serialization.compact.schema import SchemaNotFoundError
from hzdata.core.serialization.data import HEADER_SIZE, TypeId

from .errors import ColumnValueError

__all__ = ["ObjectReader"]

_type_id_of = struct.Struct(">4xi").unpack_from
_ARRAY_LENGTH = 4


class ObjectReader:
    """Makes Python objects of the serialized values of OBJECT columns. Never unpickles.

    Parameters
    ----------
    client
        Whose serializers read the values, and who fetches Compact schemas not seen yet.
    """

    def __init__(self, client: Any) -> None:
        self._client = client
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
