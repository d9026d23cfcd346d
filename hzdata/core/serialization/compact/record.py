"""``GenericRecord``: what a Compact value becomes when no serializer for its type is registered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .schema import FieldDescriptor, Schema


class GenericRecord(Mapping[str, Any]):
    """The fields of a Compact value by name, read-only.

    A record can be written back as it is, as a key too: its bytes are those it was read from.

    Parameters
    ----------
    schema : Schema
    values : Mapping of str to object
        One for each field of the schema; nested Compact values are records as well, unless a serializer is registered
        for their type.

    Raises
    ------
    KeyError
        When a field has no value.

    Examples
    --------
    >>> from hzdata.core.serialization.api import FieldKind
    >>> point = GenericRecord(Schema("point", [("x", FieldKind.INT32), ("y", FieldKind.INT32)]), {"x": 1, "y": 2})
    >>> point["x"], dict(point)
    (1, {'x': 1, 'y': 2})
    """

    __slots__ = ("_values", "encoded", "origin", "schema")

    def __init__(self, schema: Schema, values: Mapping[str, Any], origin: object = None, encoded: bytes = b"") -> None:
        self.schema = schema
        self._values = {name: values[name] for name, _ in schema.fields}
        # What read the record, and the bytes it was read from: they keep what Python has no room for, nanoseconds.
        self.origin = origin
        self.encoded = encoded

    @property
    def type_name(self) -> str:
        """What the type of the value is called in the cluster."""
        return self.schema.type_name

    @property
    def fields(self) -> tuple[FieldDescriptor, ...]:
        """Name and kind of each field, in order of name."""
        return self.schema.fields

    def __reduce__(self) -> tuple[type[GenericRecord], tuple[Schema, dict[str, Any]]]:
        # What read it is of one client and stays there: a copy is written from its values.
        return GenericRecord, (self.schema, self._values)

    def __getitem__(self, name: str) -> Any:
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, GenericRecord):
            return NotImplemented
        return self.schema == other.schema and self._values == other._values

    def __hash__(self) -> int:
        # Values may be lists, which have no hash; records of one type are told apart by __eq__.
        return hash(self.schema)

    def __repr__(self) -> str:
        fields = ", ".join(f"{name}={value!r}" for name, value in self._values.items())
        return f"<{self.type_name}: {fields}>" if fields else f"<{self.type_name}>"
