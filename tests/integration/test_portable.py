"""Portable objects on a real member: queried by their fields, exchanged with the vendor's client."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import hazelcast
import hazelcast.serialization.api as vendor_api
import pytest

from hzdata import Client, LocalCluster
from hzdata.core import predicate
from hzdata.core.serialization.api import Portable


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
            return 1

    return Person


Ours, Theirs = person(Portable), person(vendor_api.Portable)


@pytest.fixture(scope="module")
def portable_client(cluster: LocalCluster) -> Iterator[Client]:
    client = cluster.connect(portable_factories={1: {1: Ours}})
    yield client
    client.shutdown()


def test_members_look_into_it(portable_client: Client, unique_name: str) -> None:
    m = portable_client.get_map(unique_name).blocking()
    m.put_all({i: Ours(f"p{i}", i * 10) for i in range(5)})
    assert m.key_set(predicate.equal("name", "p3")) == [3]
    assert sorted(m.key_set(predicate.greater("age", 25))) == [3, 4]
    assert m.get(2).name == "p2"
    sql = portable_client.sql
    sql.execute(
        f"CREATE MAPPING \"{unique_name}\" (__key INT, name VARCHAR, age BIGINT) TYPE IMap OPTIONS ('keyFormat'='int', "
        "'valueFormat'='portable', 'valuePortableFactoryId'='1', 'valuePortableClassId'='1')"
    ).result()
    rows = sql.execute(f'SELECT name, age, this FROM "{unique_name}" WHERE age > 25 ORDER BY age').result()
    assert [(row["name"], row["age"], row["this"].name) for row in rows] == [("p3", 30, "p3"), ("p4", 40, "p4")]
    sql.execute(f"INSERT INTO \"{unique_name}\" VALUES (9, 'by sql', 90)").result()
    assert (m.get(9).name, m.get(9).age) == ("by sql", 90)


def test_the_vendors_client_reads_it_and_the_other_way_round(
    cluster: LocalCluster, portable_client: Client, unique_name: str
) -> None:
    vendor = hazelcast.HazelcastClient(
        cluster_members=cluster.addresses, cluster_name=cluster.cluster_name, portable_factories={1: {1: Theirs}}
    )
    try:
        ours, theirs = portable_client.get_map(unique_name).blocking(), vendor.get_map(unique_name).blocking()
        ours.put(1, Ours("ours", 1))
        theirs.put(2, Theirs("theirs", 2))
        assert (theirs.get(1).name, theirs.get(1).age) == ("ours", 1)
        assert (ours.get(2).name, ours.get(2).age) == ("theirs", 2)
        assert ours.contains_value(Ours("theirs", 2))
    finally:
        vendor.shutdown()
