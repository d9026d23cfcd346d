"""Schemas of Compact serialization: what fields a value has and where in its bytes each one lies.

A Compact value carries the 64-bit id of its schema, not the schema. The body that follows is laid out by it:

- the fixed-size region: numbers by descending size, ties by name, then booleans, eight to a byte from bit 0;
- the variable-size values, in any order;
- after the data, one offset for each variable-size field, in order of name.

"By name" always means by UTF-16 code units, as Java compares strings.

See: https://docs.hazelcast.com/hazelcast/latest/serialization/compact-binary-specification
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NamedTuple

from ...errors import HazelcastSerializationError
from ...future import Future, Incomplete
from ...protocol.field_kinds import COMPACT_KINDS, FIXED_SIZES, FieldKind


class FieldDescriptor(NamedTuple):
    """Name and kind of a field."""

    name: str
    kind: FieldKind


class FieldLayout(NamedTuple):
    """Where in the bytes of a value a field lies.

    Attributes
    ----------
    kind : FieldKind
    offset : int
        Of a fixed-size field: bytes from the start of the fixed-size region. Else -1.
    bit : int
        Of a boolean: which bit of the byte at ``offset``, 0 being the lowest. Else -1.
    offset_index : int
        Of a variable-size field: which of the offsets that follow the data is its own. Else -1.
    """

    kind: FieldKind
    offset: int = -1
    bit: int = -1
    offset_index: int = -1


@dataclass(frozen=True, init=False)
class Schema:
    """The fields of the Compact values of one type name.

    Parameters
    ----------
    type_name : str
        What the type is called on every side.
    fields : iterable of FieldDescriptor
        In any order; kept in order of name. Plain ``(name, kind)`` pairs do too.

    Attributes
    ----------
    schema_id : int
        The fingerprint that values carry: a signed 64-bit integer.
    fixed_size_length : int
        Bytes of the fixed-size region.
    variable_size_count : int
        How many variable-size fields, hence offsets, there are.
    layout : Mapping of str to FieldLayout
        Every field's place, in order of name.

    Raises
    ------
    HazelcastSerializationError
        When two fields have one name, or a kind is none that Compact values have.
    """

    type_name: str
    fields: tuple[FieldDescriptor, ...]
    schema_id: int = field(compare=False, repr=False)
    fixed_size_length: int = field(compare=False, repr=False)
    variable_size_count: int = field(compare=False, repr=False)
    layout: Mapping[str, FieldLayout] = field(compare=False, repr=False)

    def __init__(self, type_name: str, fields: Iterable[tuple[str, int]]) -> None:
        ordered: list[FieldDescriptor] = []
        for name, kind in sorted(fields, key=lambda field: field[0].encode("utf-16-be", "surrogatepass")):
            if kind not in COMPACT_KINDS:
                raise HazelcastSerializationError(
                    f"Field {name!r} of Compact type {type_name!r} cannot be of kind {kind!r}."
                )
            if ordered and ordered[-1].name == name:
                raise HazelcastSerializationError(f"Compact type {type_name!r} has the field {name!r} twice.")
            ordered.append(FieldDescriptor(name, FieldKind(kind)))
        layout, length, variable_size_count = _lay_out(ordered)
        vars(self).update(
            type_name=type_name,
            fields=tuple(ordered),
            schema_id=rabin_fingerprint(_canonical_form(type_name, ordered)),
            fixed_size_length=length,
            variable_size_count=variable_size_count,
            layout=MappingProxyType(layout),
        )

    def __hash__(self) -> int:
        return hash(self.schema_id)

    def __reduce__(self) -> tuple[type[Schema], tuple[str, tuple[FieldDescriptor, ...]]]:
        return Schema, (self.type_name, self.fields)


class SchemaNotReplicatedError(HazelcastSerializationError):
    """A value needs a schema on the members that is not there yet: replicate ``schema`` and serialize again.

    Never reaches a user: whoever serializes answers it.
    """

    def __init__(self, schema: Schema) -> None:
        super().__init__(f"The schema of Compact type {schema.type_name!r} has not been replicated.")
        self.schema = schema


class SchemaNotFoundError(HazelcastSerializationError, Incomplete):
    """A value carries the id of a schema never seen here: fetch ``schema_id`` and deserialize again.

    Never reaches a user: whoever deserializes answers it, as a future does.
    """

    def __init__(self, schema_id: int, schemas: Schemas) -> None:
        HazelcastSerializationError.__init__(self, f"The Compact schema {schema_id} is not known here.")
        self.schema_id = schema_id
        self.fetch = lambda: schemas.fetch(schema_id)


class Schemas:
    """The schemas a client knows, and which of them the members have. Safe to use from any thread.

    No lock is needed: a dict and a set answer and take one item atomically, and no schema is ever dropped.
    """

    def __init__(self) -> None:
        self._by_id: dict[int, Schema] = {}
        self._replicated: set[int] = set()
        self.fetch: Callable[[int], Future[Schema]]
        """Gets a schema from the members; a client sets it."""

    def get(self, schema_id: int) -> Schema | None:
        """The schema of that id, or None when it has to be fetched."""
        return self._by_id.get(schema_id)

    def put(self, schema: Schema) -> Schema:
        """Remember a schema, and give back the one object that stands for it here.

        Raises
        ------
        HazelcastSerializationError
            When another schema has the same id: types whose fingerprints collide cannot live in one cluster.
        """
        known = self._by_id.setdefault(schema.schema_id, schema)
        if known != schema:
            raise HazelcastSerializationError(
                f"Compact types {known.type_name!r} and {schema.type_name!r} have the same schema id "
                f"{schema.schema_id}; rename a field or the type of one of them."
            )
        return known

    def is_replicated(self, schema_id: int) -> bool:
        """Whether the members are known to have the schema, so that values of it may be sent."""
        return schema_id in self._replicated

    def mark_replicated(self, schema: Schema) -> None:
        """Note that the members have the schema: they acknowledged it, or it came from them."""
        self.put(schema)
        self._replicated.add(schema.schema_id)

    def all(self) -> list[Schema]:
        """Every schema known."""
        return list(self._by_id.values())


def _lay_out(ordered: list[FieldDescriptor]) -> tuple[dict[str, FieldLayout], int, int]:
    """Place of every field, length of the fixed-size region, count of the others; ``ordered`` is by name."""
    placed: dict[str, FieldLayout] = {}
    bits = variable_size_count = 0
    # The sort is stable, so fields of one size stay in order of name; booleans come after all numbers.
    for name, kind in sorted(ordered, key=lambda descriptor: -FIXED_SIZES.get(descriptor.kind, 0)):
        if kind in FIXED_SIZES:
            placed[name] = FieldLayout(kind, offset=bits // 8)
            bits += 8 * FIXED_SIZES[kind]
        elif kind is FieldKind.BOOLEAN:
            placed[name] = FieldLayout(kind, offset=bits // 8, bit=bits % 8)
            bits += 1
        else:
            placed[name] = FieldLayout(kind, offset_index=variable_size_count)
            variable_size_count += 1
    return {name: placed[name] for name, _ in ordered}, (bits + 7) // 8, variable_size_count


def _canonical_form(type_name: str, ordered: list[FieldDescriptor]) -> bytes:
    """The bytes whose fingerprint is the schema id: little endian, strings as UTF-8 after their length."""
    form = _with_length(type_name) + len(ordered).to_bytes(4, "little")
    for name, kind in ordered:
        form += _with_length(name) + kind.to_bytes(4, "little")
    return form


def _with_length(name: str) -> bytes:
    try:
        encoded = name.encode()
    except UnicodeEncodeError:
        raise HazelcastSerializationError(
            f"{name!r} cannot name a Compact type or field: it holds half of a surrogate pair."
        ) from None
    return len(encoded).to_bytes(4, "little") + encoded


_RABIN_EMPTY = 0xC15D213AA4D7A795


def rabin_fingerprint(data: bytes) -> int:
    """The 64-bit Rabin fingerprint (CRC-64-AVRO) as a signed integer.

    See: https://avro.apache.org/docs/current/specification/#schema-fingerprints
    """
    fingerprint = _RABIN_EMPTY
    for byte in data:
        fingerprint ^= byte
        for _ in range(8):
            fingerprint = (fingerprint >> 1) ^ (_RABIN_EMPTY if fingerprint & 1 else 0)
    return fingerprint - (1 << 64) if fingerprint >> 63 else fingerprint
