"""A class whose objects have any fields, with a serializer for each client."""

from __future__ import annotations

from typing import Any

from hazelcast.serialization.api import CompactSerializer as DocumentedSerializer
from hypothesis import strategies as st

from hzdata.core.protocol.field_kinds import COMPACT_KINDS, FieldKind
from hzdata.core.serialization.api import CompactSerializer
from hzdata.core.serialization.compact.schema import SchemaNotReplicatedError
from hzdata.core.serialization.data import Data
from hzdata.core.serialization.service import SerializationService

from .. import strategies as values


class Row:
    """Fields as (name, kind, value), in the order in which they are written."""

    def __init__(self, *fields: tuple[str, FieldKind, Any]) -> None:
        self.fields = fields

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and sorted(self.fields) == sorted(other.fields)

    def __hash__(self) -> int:
        # Values may be lists: only names count.
        return hash(tuple(sorted(name for name, *_ in self.fields)))

    def __repr__(self) -> str:
        return f"{type(self).__name__}{self.fields}"


class Item(Row):
    """What rows have nested in them."""


class _Rows:
    """Writes what the row says, reads what the schema says."""

    def __init__(self, clazz: type[Row] = Row, type_name: str = "row") -> None:
        self.clazz, self.type_name = clazz, type_name

    def write(self, writer: Any, obj: Row) -> None:
        for name, kind, value in obj.fields:
            getattr(writer, f"write_{kind.name.lower()}")(name, value)

    def read(self, reader: Any) -> Row:
        schema = reader._schema
        names = schema.layout if hasattr(schema, "layout") else schema.fields_dict
        fields = [(name, FieldKind(reader.get_field_kind(name))) for name in names]
        return self.clazz(*((name, kind, getattr(reader, f"read_{kind.name.lower()}")(name)) for name, kind in fields))

    def get_class(self) -> type[Row]:
        return self.clazz

    def get_type_name(self) -> str:
        return self.type_name


class RowSerializer(_Rows, CompactSerializer[Row]):
    pass


class DocumentedRowSerializer(_Rows, DocumentedSerializer):  # type: ignore[misc]
    pass


SERIALIZERS = [RowSerializer(), RowSerializer(Item, "item")]
DOCUMENTED_SERIALIZERS = [DocumentedRowSerializer(), DocumentedRowSerializer(Item, "item")]


def replicated(service: SerializationService, obj: Any) -> Data:
    """Serialize as a client does, whose members take every schema."""
    while True:
        try:
            data = service.to_data(obj)
        except SchemaNotReplicatedError as needed:
            service.schemas.mark_replicated(needed.schema)
        else:
            assert data is not None
            return data


# Sorted by code point, as the documented client does, these sort as by UTF-16 too.
NAMES = st.text(st.characters(max_codepoint=0xD7FF), max_size=12)

_ITEMS = st.builds(
    lambda number, text: Item(("n", FieldKind.INT16, number), ("t", FieldKind.STRING, text)),
    values.signed(16),
    st.none() | values.TEXTS,
)
_SCALARS: dict[str, st.SearchStrategy[Any]] = {
    "BOOLEAN": st.booleans(),
    "INT8": values.signed(8),
    "INT16": values.signed(16),
    "INT32": values.signed(32),
    "INT64": values.signed(64),
    "FLOAT32": values.FLOATS32,
    "FLOAT64": values.FLOATS,
    "STRING": values.TEXTS,
    "DECIMAL": values.DECIMALS,
    "TIME": values.TIMES,
    "DATE": values.DATES,
    "TIMESTAMP": values.TIMESTAMPS,
    "TIMESTAMP_WITH_TIMEZONE": values.TIMESTAMPS_WITH_TIMEZONE,
    "COMPACT": _ITEMS,
}
_NEVER_NULL = ("BOOLEAN", "INT8", "INT16", "INT32", "INT64", "FLOAT32", "FLOAT64")


def values_of(kind: FieldKind) -> st.SearchStrategy[Any]:
    """What a field of that kind can hold."""
    name = kind.name.removeprefix("ARRAY_OF_")
    item = _SCALARS[name.removeprefix("NULLABLE_")]
    if name not in _NEVER_NULL:
        item = st.none() | item
    return item if name == kind.name else st.none() | st.lists(item, max_size=20)


FIELDS = st.tuples(NAMES, st.sampled_from(sorted(COMPACT_KINDS))).flatmap(
    lambda field: st.tuples(st.just(field[0]), st.just(field[1]), values_of(field[1]))
)
ROWS = st.lists(FIELDS, max_size=25, unique_by=lambda field: field[0]).map(lambda fields: Row(*fields))
