from __future__ import annotations

import threading

import pytest
from hazelcast.serialization.compact import FieldDescriptor as DocumentedField, Schema as DocumentedSchema
from hypothesis import given, strategies as st

from hzdata.core.errors import HazelcastSerializationError
from hzdata.core.protocol.field_kinds import COMPACT_KINDS, FIXED_SIZES, FieldKind
from hzdata.core.serialization.compact.schema import FieldDescriptor, Schema, Schemas, rabin_fingerprint

from . import java_values
from .rows import NAMES

KINDS = st.sampled_from(sorted(COMPACT_KINDS))
FIELDS = st.dictionaries(NAMES, KINDS, max_size=60)


@given(NAMES, FIELDS)
def test_schema_ids_are_those_of_the_documented_client(type_name: str, fields: dict[str, FieldKind]) -> None:
    documented = DocumentedSchema(type_name, [DocumentedField(name, kind) for name, kind in fields.items()])

    assert Schema(type_name, fields.items()).schema_id == documented.schema_id


@given(NAMES, FIELDS, st.randoms())
def test_the_order_of_fields_makes_no_other_schema(type_name: str, fields: dict[str, FieldKind], random) -> None:
    shuffled = list(fields.items())
    random.shuffle(shuffled)
    one, other = Schema(type_name, fields.items()), Schema(type_name, shuffled)

    assert one == other
    assert hash(one) == hash(other)
    assert one.fields == other.fields


@given(FIELDS)
def test_every_field_has_a_place_of_its_own(fields: dict[str, FieldKind]) -> None:
    schema = Schema("t", fields.items())
    taken: set[tuple[int, int]] = set()
    offsets: set[int] = set()
    for name, kind in fields.items():
        place = schema.layout[name]
        assert place.kind is kind
        if kind is FieldKind.BOOLEAN:
            bits = {(place.offset, place.bit)}
        elif kind in FIXED_SIZES:
            bits = {(place.offset + byte, bit) for byte in range(FIXED_SIZES[kind]) for bit in range(8)}
        else:
            offsets.add(place.offset_index)
            continue
        assert not bits & taken
        assert all(offset < schema.fixed_size_length for offset, _ in bits)
        taken |= bits
    assert offsets == set(range(schema.variable_size_count))


def test_names_are_ordered_by_utf16_code_units_as_java_does() -> None:
    fields = [("\uffee", FieldKind.INT32), ("😀", FieldKind.INT32), ("a", FieldKind.INT32)]
    fields += [("s\uffee", FieldKind.STRING), ("s😀", FieldKind.STRING)]
    fields += [(f"b{number}", FieldKind.BOOLEAN) for number in range(20)]
    schema = Schema("😀", fields)

    assert schema.schema_id == java_values.UTF16_ID
    assert schema.layout["😀"].offset < schema.layout["\uffee"].offset


def test_fingerprints_are_those_of_java() -> None:
    every_kind = Schema("every kind", [(kind.name.lower(), kind) for kind in COMPACT_KINDS])

    assert every_kind.schema_id == java_values.EVERY_KIND_ID
    assert java_values.NESTED.schema_id == java_values.NESTED_ID
    assert Schema("empty", []).schema_id == java_values.EMPTY_ID
    assert rabin_fingerprint(b"") == 0xC15D213AA4D7A795 - (1 << 64)


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ([("a", FieldKind.INT8), ("a", FieldKind.STRING)], "field 'a' twice"),
        ([("a", FieldKind.CHAR)], "cannot be of kind"),
        ([("a", FieldKind.PORTABLE)], "cannot be of kind"),
        ([("a", FieldKind.NOT_AVAILABLE)], "cannot be of kind"),
        ([("a\ud800", FieldKind.INT8)], "surrogate"),
    ],
)
def test_a_schema_that_cannot_be_is_refused(fields: list[FieldDescriptor], why: str) -> None:
    with pytest.raises(HazelcastSerializationError, match=why):
        Schema("t", fields)


def test_a_schema_cannot_be_changed() -> None:
    schema = Schema("t", [("a", FieldKind.INT8)])

    with pytest.raises(AttributeError):
        schema.type_name = "u"  # type: ignore[misc]
    with pytest.raises(TypeError):
        schema.layout["b"] = schema.layout["a"]  # type: ignore[index]


def test_the_registry_knows_what_the_members_have() -> None:
    schemas, schema = Schemas(), Schema("t", [("a", FieldKind.INT8)])

    assert schemas.get(schema.schema_id) is None
    schemas.put(schema)
    assert schemas.get(schema.schema_id) is schema
    assert not schemas.is_replicated(schema.schema_id)
    schemas.mark_replicated(schema)
    assert schemas.is_replicated(schema.schema_id)
    assert schemas.all() == [schema]


def test_two_schemas_with_one_id_are_refused() -> None:
    schemas, one, other = Schemas(), Schema("t", []), Schema("u", [])
    object.__setattr__(other, "schema_id", one.schema_id)
    schemas.put(one)

    with pytest.raises(HazelcastSerializationError, match="'t' and 'u' have the same schema id"):
        schemas.put(other)


def test_many_threads_agree_on_one_object_for_a_schema() -> None:
    schemas, barrier, found = Schemas(), threading.Barrier(8), []

    def put() -> None:
        schema = Schema("t", [(f"f{number}", FieldKind.INT32) for number in range(40)])
        barrier.wait()
        found.append(schemas.put(schema))

    threads = [threading.Thread(target=put) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len({id(schema) for schema in found}) == 1
