"""Portable objects on a real member: queried by their fields, exchanged with the vendor's client."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import hazelcast
import hazelcast.serialization.api as vendor_api
import pytest
from hazelcast.serialization.portable.classdef import ClassDefinitionBuilder as VendorBuilder

from hzdata import Client, LocalCluster
from hzdata.core import predicate
from hzdata.core.serialization.api import Portable
from hzdata.core.serialization.portable.classdef import ClassDefinitionBuilder, FieldDefinition, FieldType
from tests.core.serialization.test_portable import (
    ARRAYS,
    NULLABLE,
    VALUES,
    OurEverything,
    OurInner,
    TheirEverything,
    TheirInner,
)


def person(base: Any) -> Any:
    class Person(base):  # type: ignore[misc]
        def __init__(self, name: str | None = None, age: int = 0) -> None:
            self.name, self.age = name, age

        def write_portable(self, writer: Any) -> None:
            writer.write_string("name", self.name)
            writer.write_long("age", self.age)

        def read_portable(self, reader: Any) -> None:
            self.name, self.age = reader.read_string("name"), reader.read_long("age")

        def get_factory_id(self) -> int:
            return 1

        def get_class_id(self) -> int:
            return 11

    return Person


Ours, Theirs = person(Portable), person(vendor_api.Portable)


@pytest.fixture(scope="module")
def portable_client(cluster: LocalCluster) -> Iterator[Client]:
    client = cluster.connect(portable_factories={1: {11: Ours}})
    yield client
    client.shutdown()


@pytest.mark.newer
def test_members_look_into_it(portable_client: Client, unique_name: str) -> None:
    m = portable_client.get_map(unique_name).blocking()
    m.put_all({i: Ours(f"p{i}", i * 10) for i in range(5)})
    assert m.key_set(predicate.equal("name", "p3")) == [3]
    assert sorted(m.key_set(predicate.greater("age", 25))) == [3, 4]
    assert m.get(2).name == "p2"
    sql = portable_client.sql
    sql.execute(
        f"CREATE MAPPING \"{unique_name}\" (__key INT, name VARCHAR, age BIGINT) TYPE IMap OPTIONS ('keyFormat'='int', "
        "'valueFormat'='portable', 'valuePortableFactoryId'='1', 'valuePortableClassId'='11')"
    ).result()
    rows = sql.execute(f'SELECT name, age, this FROM "{unique_name}" WHERE age > 25 ORDER BY age').result()
    assert [(row["name"], row["age"], row["this"].name) for row in rows] == [("p3", 30, "p3"), ("p4", 40, "p4")]
    sql.execute(f"INSERT INTO \"{unique_name}\" VALUES (9, 'by sql', 90)").result()
    assert (m.get(9).name, m.get(9).age) == ("by sql", 90)


def test_the_vendors_client_reads_it_and_the_other_way_round(
    cluster: LocalCluster, portable_client: Client, unique_name: str
) -> None:
    vendor = hazelcast.HazelcastClient(
        cluster_members=cluster.addresses, cluster_name=cluster.cluster_name, portable_factories={1: {11: Theirs}}
    )
    try:
        ours, theirs = portable_client.get_map(unique_name).blocking(), vendor.get_map(unique_name).blocking()
        ours.put(1, Ours("ours", 1))
        theirs.put(2, Theirs("theirs", 2))
        assert (theirs.get(1).name, theirs.get(1).age) == ("ours", 1)
        assert (ours.get(2).name, ours.get(2).age) == ("theirs", 2)
        assert ours.contains_value(Ours("theirs", 2))
        # As a key.
        ours.put(Ours("a key", 3), "ours")
        assert theirs.put(Theirs("a key", 3), "theirs") == "ours"
        assert ours.get(Ours("a key", 3)) == "theirs"
        assert "a key" in {getattr(key, "name", None) for key in ours.key_set()}
    finally:
        vendor.shutdown()


def definitions_of_everything(make_builder: Any) -> list[Any]:
    """The class definitions of either client."""
    inner = make_builder(1, 2).add_int_field("number").build()
    builder = make_builder(1, 1)
    for name in (*VALUES, *ARRAYS):
        getattr(builder, f"add_{name}_field")(f"a_{name}")
    return [inner, builder.add_portable_field("inner", inner).add_portable_array_field("inners", inner).build()]


def test_every_type_goes_through_a_member_to_either_client(cluster: LocalCluster, unique_name: str) -> None:
    nulls = {**VALUES, **ARRAYS, **dict.fromkeys((*NULLABLE, *ARRAYS))}
    with cluster.connect(
        portable_factories={1: {1: OurEverything, 2: OurInner}},
        class_definitions=definitions_of_everything(ClassDefinitionBuilder),
    ) as client:
        vendor = hazelcast.HazelcastClient(
            cluster_members=cluster.addresses,
            cluster_name=cluster.cluster_name,
            portable_factories={1: {1: TheirEverything, 2: TheirInner}},
            class_definitions=definitions_of_everything(VendorBuilder),
        )
        try:
            ours, theirs = client.get_map(unique_name).blocking(), vendor.get_map(unique_name).blocking()
            ours.put(1, OurEverything({**VALUES, **ARRAYS}, OurInner(5)))
            ours.put(2, OurEverything(nulls))
            theirs.put(3, TheirEverything({**VALUES, **ARRAYS}, TheirInner(5)))
            theirs.put(4, TheirEverything(nulls))
            for key, reader in itertools.product((1, 2, 3, 4), (ours, theirs)):
                found, is_full = reader.get(key), key % 2 == 1
                assert found.values == ({**VALUES, **ARRAYS} if is_full else nulls)
                assert (found.inner, found.inners, found.raw) == (5 if is_full else None, [1, 2], (7, "raw"))
            assert sorted(ours.key_set(predicate.equal("inner.number", 5))) == [1, 3]
            assert sorted(ours.key_set(predicate.equal("inners[any].number", 2))) == [1, 2, 3, 4]
            assert ours.replace_if_same(3, OurEverything({**VALUES, **ARRAYS}, OurInner(5)), "the same")
            assert ours.replace_if_same(4, OurEverything(nulls), "the same")
        finally:
            vendor.shutdown()


def test_another_version_of_a_class_is_read(cluster: LocalCluster, unique_name: str) -> None:
    class Old(Portable):
        def write_portable(self, writer: Any) -> None:
            writer.write_int("number", 5)
            writer.write_utf("text", "t")
            writer.write_utf_array("texts", ["a", None])
            writer.write_portable("nested", OurInner(1))

        def read_portable(self, reader: Any) -> None:
            self.found = (
                reader.get_version(), reader.has_field("text"), sorted(reader.get_field_names()),
                reader.get_field_type("number"), reader.get_field_class_id("nested"), reader.read_long("number"),
                reader.read_utf("text"), reader.read_utf_array("texts"), reader.read_double("new"),
            )  # fmt: skip

        def get_factory_id(self) -> int:
            return 1

        def get_class_id(self) -> int:
            return 3

    class New(Old):
        def get_class_version(self) -> int:
            return 1

    old = cluster.connect(portable_factories={1: {3: Old}})
    new = cluster.connect(portable_factories={1: {3: New, 2: OurInner}}, portable_version=1)
    old.get_map(unique_name).put(1, Old()).result()
    assert new.get_map(unique_name).get(1).result().found == (
        0, True, ["nested", "number", "text", "texts"], FieldType.INT, 2, 5, "t", ["a", None], 0.0,
    )  # fmt: skip
    old.shutdown()
    new.shutdown()


def test_a_class_definition_says_its_fields(portable_client: Client) -> None:
    definition = (
        ClassDefinitionBuilder(7, 8)
        .add_field_def(FieldDefinition(0, "first", FieldType.INT, 0))
        .add_utf_field("second")
        .add_utf_array_field("third")
        .build()
    )
    assert definition.get_field_names() == ["first", "second", "third"]
    assert definition.has_field("second")
    assert definition.get_field("third").index == 2  # type: ignore[union-attr]
    assert definition.get_field_type("first") == FieldType.INT
    assert definition.get_field_class_id("first") == 0
    assert definition.get_field_count() == 3
    assert portable_client.lifecycle_service.is_running()
