"""Entries written by the documented client are read by ours and the other way round; members read ours as well."""

from __future__ import annotations

import datetime
import math
import uuid
from array import array
from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import hazelcast
import pytest
from hazelcast.core import HazelcastJsonValue as DocumentedJson
from hazelcast.serialization.api import (
    IdentifiedDataSerializable as DocumentedIdentified,
    StreamSerializer as DocumentedStreamSerializer,
)

from hzdata import Client, LocalCluster
from hzdata.core.client import HazelcastClient
from hzdata.core.core import HazelcastJsonValue
from hzdata.core.protocol.field_kinds import COMPACT_KINDS, FieldKind
from hzdata.core.serialization.api import IdentifiedDataSerializable, StreamSerializer
from hzdata.core.serialization.compact.record import GenericRecord
from tests.core.serialization.compact.java_values import EVERY_KIND
from tests.core.serialization.compact.rows import DOCUMENTED_SERIALIZERS, SERIALIZERS, Item, Row

AWARE = datetime.datetime(2024, 2, 29, 23, 59, 58, 123456, datetime.timezone(datetime.timedelta(hours=-3.5)))

# Of each built-in type: what is put, by either client, and what either gets.
VALUES: dict[str, list[Any]] = {
    "bool": [True, False],
    "int": [0, 1, -1, 2**31 - 1, -(2**31)],
    "float": [0.0, -1.5, 1e308, 5e-324, math.inf],
    "str": ["", "ascii", "añ\0😀 ", "x" * 100_000],
    "bytearray": [bytearray(), bytearray(range(256))],
    "uuid": [uuid.UUID(int=0), uuid.UUID(int=2**128 - 1), uuid.UUID("12345678-9abc-def0-1234-56789abcdef0")],
    "decimal": [Decimal(0), Decimal("-12.340"), Decimal("1E+50"), Decimal("1E-50"), Decimal("9" * 60)],
    "date": [datetime.date.min, datetime.date(2024, 2, 29), datetime.date.max],
    "time": [datetime.time.min, datetime.time(1, 2, 3, 4), datetime.time.max],
    "datetime": [AWARE, datetime.datetime(1, 1, 1, tzinfo=datetime.UTC)],
    "list": [[], [1, "a", None, True, 2.5, [AWARE, [Decimal("1.10")]], bytearray(b"x")]],
    "pickled": [{"a": [1, "b", None]}, (1, 2), frozenset({"x"}), 1 + 2j, 2**100 * 1j],
}


@pytest.fixture(scope="module")
def documented(cluster3: LocalCluster) -> Iterator[hazelcast.HazelcastClient]:
    client = hazelcast.HazelcastClient(
        cluster_name="three", cluster_members=cluster3.addresses, compact_serializers=DOCUMENTED_SERIALIZERS
    )
    yield client
    client.shutdown()


@pytest.fixture(scope="module")
def ours(cluster3: LocalCluster) -> Iterator[HazelcastClient]:
    client = cluster3.connect(compact_serializers=SERIALIZERS)
    yield client
    client.shutdown()


@pytest.mark.parametrize("type_name", VALUES)
def test_values_of_every_builtin_type_go_both_ways(
    ours: HazelcastClient, documented: hazelcast.HazelcastClient, unique_name: str, type_name: str
) -> None:
    mine, theirs = ours.get_map(unique_name).blocking(), documented.get_map(unique_name).blocking()
    for position, value in enumerate(VALUES[type_name]):
        mine.put(f"ours {position}", value)
        theirs.put(f"theirs {position}", value)

    for position, value in enumerate(VALUES[type_name]):
        for reader in (mine, theirs):
            for writer in ("ours", "theirs"):
                got = reader.get(f"{writer} {position}")
                assert got == value
                assert (bytearray if isinstance(got, bytearray) else type(got)) is type(value)
        assert mine.contains_value(value)
    assert dict(mine.entry_set()) == dict(theirs.entry_set())


@pytest.mark.parametrize("type_name", VALUES)
def test_a_key_of_every_builtin_type_is_one_key_for_both(
    ours: HazelcastClient, documented: hazelcast.HazelcastClient, unique_name: str, type_name: str
) -> None:
    mine, theirs = ours.get_map(unique_name).blocking(), documented.get_map(unique_name).blocking()
    for position, key in enumerate(VALUES[type_name]):
        mine.put(key, position)
        assert theirs.put(key, position + 100) == position
        assert mine.get(key) == position + 100

    assert mine.size() == len(VALUES[type_name])
    for key in VALUES[type_name]:
        assert mine.contains_key(key)
        assert key in mine.key_set()


def test_json_goes_both_ways_and_is_queried_by_the_member(
    ours: HazelcastClient, documented: hazelcast.HazelcastClient, unique_name: str
) -> None:
    mine, theirs = ours.get_map(unique_name).blocking(), documented.get_map(unique_name).blocking()
    mine.put(1, HazelcastJsonValue({"name": "Añ", "age": 4}))
    theirs.put(2, DocumentedJson({"name": "Bo", "age": 5}))

    assert mine.get(2) == HazelcastJsonValue({"name": "Bo", "age": 5})
    assert theirs.get(1).to_string() == '{"name": "A\\u00f1", "age": 4}'
    create_mapping(ours, unique_name, "'keyFormat'='int', 'valueFormat'='json'")
    rows = ours.sql.execute(f"SELECT JSON_VALUE(this, '$.name') FROM \"{unique_name}\"").result()
    assert sorted(row[0] for row in rows) == ["Añ", "Bo"]


def test_a_naive_datetime_is_a_timestamp_without_time_zone_to_everyone(
    ours: HazelcastClient, documented: hazelcast.HazelcastClient, unique_name: str
) -> None:
    naive = datetime.datetime(2024, 2, 29, 1, 2, 3, 456789)
    mine, theirs = ours.get_map(unique_name).blocking(), documented.get_map(unique_name).blocking()
    mine.put("naive", naive)
    mine.put("berlin", naive.replace(tzinfo=ZoneInfo("Europe/Berlin")))

    assert mine.get("naive") == theirs.get("naive") == naive
    assert mine.get("berlin") == theirs.get("berlin") == naive.replace(tzinfo=ZoneInfo("Europe/Berlin"))
    # The documented client writes a naive time as one at UTC, which we read as what it is.
    theirs.put("theirs", naive)
    assert mine.get("theirs") == theirs.get("theirs") == naive.replace(tzinfo=datetime.UTC)


def test_arrays_of_numbers_are_java_arrays(
    ours: HazelcastClient, documented: hazelcast.HazelcastClient, unique_name: str
) -> None:
    mine, theirs = ours.get_map(unique_name).blocking(), documented.get_map(unique_name).blocking()
    for code in "hiqfd":
        mine.put(code, array(code, [1, -2, 3]))
        assert mine.get(code) == theirs.get(code) == [1, -2, 3]


def test_ints_outside_32_bits_go_both_ways_when_asked_for(cluster3: LocalCluster, unique_name: str) -> None:
    for int_type, numbers in {
        "LONG": [2**63 - 1, -(2**63), 5],
        "BIG_INT": [2**200, -(2**200), 0],
        "VAR": [0, 127, -200, 70_000, 2**40, 2**64],
    }.items():
        documented = hazelcast.HazelcastClient(
            cluster_name="three", cluster_members=cluster3.addresses, default_int_type=int_type
        )
        with cluster3.connect(default_int_type=int_type) as ours:
            mine, theirs = ours.get_map(unique_name).blocking(), documented.get_map(unique_name).blocking()
            for number in numbers:
                mine.put(number, number)
                assert theirs.put(number, number) == number
                assert mine.get(number) == number
        documented.shutdown()


class Address(IdentifiedDataSerializable):
    def __init__(self, street: str | None = None) -> None:
        self.street = street

    def get_factory_id(self) -> int:
        return 7

    def get_class_id(self) -> int:
        return 3

    def write_data(self, object_data_output: Any) -> None:
        object_data_output.write_string(self.street)

    def read_data(self, object_data_input: Any) -> None:
        self.street = object_data_input.read_string()


class DocumentedAddress(Address, DocumentedIdentified):  # type: ignore[misc]
    pass


class Musician:
    def __init__(self, name: str) -> None:
        self.name = name


class MusicianSerializer(StreamSerializer):
    destroyed = False

    def destroy(self) -> None:
        MusicianSerializer.destroyed = True

    def get_type_id(self) -> int:
        return 10

    def write(self, out: Any, obj: Any) -> None:
        out.write_string(obj.name)

    def read(self, inp: Any) -> Any:
        return Musician(inp.read_string())


class DocumentedMusicianSerializer(MusicianSerializer, DocumentedStreamSerializer):  # type: ignore[misc]
    pass


def test_identified_and_custom_objects_go_both_ways(cluster3: LocalCluster, unique_name: str) -> None:
    documented = hazelcast.HazelcastClient(
        cluster_name="three",
        cluster_members=cluster3.addresses,
        data_serializable_factories={7: {3: DocumentedAddress}},
        custom_serializers={Musician: DocumentedMusicianSerializer},
    )
    with cluster3.connect(
        data_serializable_factories={7: {3: Address}}, custom_serializers={Musician: MusicianSerializer}
    ) as ours:
        mine, theirs = ours.get_map(unique_name).blocking(), documented.get_map(unique_name).blocking()
        mine.put(1, [Address("é"), Musician("Nina")])
        theirs.put(2, [DocumentedAddress("é"), Musician("Nina")])
        for m, key in ((mine, 1), (mine, 2), (theirs, 1), (theirs, 2)):
            address, musician = m.get(key)
            assert (address.street, musician.name) == ("é", "Nina")
        assert not MusicianSerializer.destroyed
    assert MusicianSerializer.destroyed
    documented.shutdown()


# Compact.


def nested(value: Any) -> Any:
    if isinstance(value, dict):
        return Item(("id", FieldKind.INT32, value["id"]), ("s", FieldKind.STRING, value["s"]))
    return [nested(item) for item in value] if isinstance(value, list) else value


def row(*, nulls: bool = False, extra: str = "") -> Row:
    """A field of each kind, all that may be null null if asked for; ``extra`` makes it a schema of its own."""
    never_null = {"boolean", "int8", "int16", "int32", "int64", "float32", "float64"}
    fields = [
        (name, FieldKind[name.upper()], None if nulls and name not in never_null else nested(value))
        for name, value in EVERY_KIND.items()
    ]
    assert {kind for _, kind, _ in fields} == COMPACT_KINDS
    return Row(*fields, *([(extra, FieldKind.STRING, extra)] if extra else []))


@pytest.mark.parametrize("nulls", [False, True], ids=["values", "nulls"])
def test_compact_values_of_every_kind_go_both_ways(
    ours: HazelcastClient, documented: hazelcast.HazelcastClient, unique_name: str, nulls: bool
) -> None:
    mine, theirs = ours.get_map(unique_name).blocking(), documented.get_map(unique_name).blocking()
    value = row(nulls=nulls)
    mine.put("ours", value)
    theirs.put("theirs", value)

    for reader in (mine, theirs):
        assert reader.get("ours") == reader.get("theirs") == value
    assert mine.contains_value(value)
    assert mine.values() == [value, value]


def test_a_compact_key_is_one_key_for_both(
    ours: HazelcastClient, documented: hazelcast.HazelcastClient, unique_name: str
) -> None:
    mine, theirs = ours.get_map(unique_name).blocking(), documented.get_map(unique_name).blocking()
    keys = [Item(("id", FieldKind.INT32, i), ("s", FieldKind.STRING, str(i))) for i in range(50)]
    mine.put_all({key: i for i, key in enumerate(keys[:25])})
    theirs.put_all({key: i for i, key in enumerate(keys[25:], 25)})

    for i, key in enumerate(keys):
        assert mine.get(key) == theirs.get(key) == i
    assert len(mine.key_set()) == 50


def test_a_client_that_knows_no_type_gets_records_and_puts_them_back(cluster3: LocalCluster, unique_name: str) -> None:
    documented = hazelcast.HazelcastClient(
        cluster_name="three", cluster_members=cluster3.addresses, compact_serializers=DOCUMENTED_SERIALIZERS
    )
    theirs = documented.get_map(unique_name).blocking()
    value = row(extra="unknown")
    theirs.put(1, value)
    with cluster3.connect() as client:
        mine = client.get_map(unique_name).blocking()
        record = mine.get(1)
        assert isinstance(record, GenericRecord)
        assert record["string"] == EVERY_KIND["string"]
        assert dict(record["compact"]) == EVERY_KIND["compact"]
        assert mine.values() == [record]
        mine.put(2, record)
        assert mine.replace_if_same(1, record, record)
    assert theirs.get(2) == value
    documented.shutdown()


def test_the_member_reads_our_compact_values_in_sql(ours: HazelcastClient, unique_name: str) -> None:
    m = ours.get_map(unique_name).blocking()
    m.put(1, row())
    m.put(2, row(nulls=True))
    columns = {
        "boolean": "BOOLEAN", "int8": "TINYINT", "int16": "SMALLINT", "int32": "INTEGER", "int64": "BIGINT",
        "float32": "REAL", "float64": "DOUBLE", "string": "VARCHAR", "decimal": "DECIMAL", "time": "TIME",
        "date": "DATE", "timestamp": "TIMESTAMP", "timestamp_with_timezone": "TIMESTAMP WITH TIME ZONE",
        "nullable_boolean": "BOOLEAN", "nullable_int8": "TINYINT", "nullable_int16": "SMALLINT",
        "nullable_int32": "INTEGER", "nullable_int64": "BIGINT", "nullable_float32": "REAL",
        "nullable_float64": "DOUBLE",
    }  # fmt: skip
    create_mapping(
        ours,
        unique_name,
        "'keyFormat'='int', 'valueFormat'='compact', 'valueCompactTypeName'='row'",
        ", ".join(["__key INT", *(f'"{name}" {sql_type}' for name, sql_type in columns.items())]),
    )
    selected = ", ".join(f'"{name}"' for name in columns)
    with_values, with_nulls = ours.sql.execute(f'SELECT {selected} FROM "{unique_name}" ORDER BY __key').result()

    for name in columns:
        expected = nested(EVERY_KIND[name])
        assert with_values.get_object(name) == expected
        assert with_nulls.get_object(name) == (expected if name in list(columns)[:7] else None)
    whole = ours.sql.execute(f'SELECT this FROM "{unique_name}" ORDER BY __key').result()
    assert [found["this"] for found in whole] == [row(), row(nulls=True)]
    filtered = ours.sql.execute(
        f'SELECT __key FROM "{unique_name}" WHERE "string" = ? AND "date" = ?',
        EVERY_KIND["string"],
        EVERY_KIND["date"],
    ).result()
    assert [found["__key"] for found in filtered] == [1]


def test_members_read_what_both_clients_wrote_as_one_type(
    ours: HazelcastClient, documented: hazelcast.HazelcastClient, unique_name: str
) -> None:
    ours.get_map(unique_name).put(1, Item(("id", FieldKind.INT32, 10), ("s", FieldKind.STRING, "ours"))).result()
    documented.get_map(unique_name).put(
        2, Item(("s", FieldKind.STRING, "theirs"), ("id", FieldKind.INT32, 20))
    ).result()
    create_mapping(
        ours,
        unique_name,
        "'keyFormat'='int', 'valueFormat'='compact', 'valueCompactTypeName'='item'",
        "__key INT, id INT, s VARCHAR",
    )
    rows = ours.sql.execute(f'SELECT id, s FROM "{unique_name}" ORDER BY id').result()

    assert [(found["id"], found["s"]) for found in rows] == [(10, "ours"), (20, "theirs")]


def create_mapping(client: HazelcastClient | Client, name: str, options: str, columns: str = "") -> None:
    listed = f" ({columns})" if columns else ""
    client.sql.execute(f'CREATE OR REPLACE MAPPING "{name}"{listed} TYPE IMap OPTIONS ({options})').result()
