"""Compact schemas reach every member before the values that need them, and come from there when values are read."""

from __future__ import annotations

import asyncio
import itertools
import struct
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from hzdata import Client, LocalCluster
from hzdata.core.errors import HazelcastSerializationError
from hzdata.core.future import Future, combine_futures
from hzdata.core.protocol.field_kinds import FieldKind
from hzdata.core.protocol.messages import message
from hzdata.core.proxy.base import EntryEvent
from hzdata.core.serialization.compact.record import GenericRecord
from hzdata.core.serialization.data import Data, TypeId
from tests.conftest import QUICK_START, VERSION
from tests.core.serialization.compact.rows import SERIALIZERS, Item, Row

_numbers = itertools.count()


def new_row(value: int = 0) -> Row:
    """A row, with an item in it, both of schemas that no member has seen."""
    number = next(_numbers)
    item = Item(("n", FieldKind.INT32, value), (f"item {number}", FieldKind.INT32, value))
    return Row(
        ("n", FieldKind.INT32, value), (f"row {number}", FieldKind.STRING, "x"), ("item", FieldKind.COMPACT, item)
    )


def like(row: Row, value: int) -> Row:
    """Another row of the same schema."""
    return Row(("n", FieldKind.INT32, value), *row.fields[1:])


def in_threads(count: int, work: Callable[[int], Any]) -> list[Any]:
    """What ``work(i)`` returned or raised in each of so many threads that begin at once."""
    barrier, results = threading.Barrier(count), [None] * count

    def run(i: int) -> None:
        barrier.wait()
        try:
            results[i] = work(i)
        except Exception as error:
            results[i] = error  # type: ignore[call-overload]

    threads = [threading.Thread(target=run, args=(i,)) for i in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return results


def schemas_on(client: Client) -> dict[Any, set[int]]:
    """Which of the client's schemas each member can tell."""
    fetch = message("Client.fetchSchema")
    return {
        member.uuid: {
            schema.schema_id
            for schema in client.serialization_service.schemas.all()
            if client.invocation_service.invoke(fetch, schema.schema_id, member_uuid=member.uuid).result() is not None
        }
        for member in client.cluster_service.get_members()
    }


@pytest.fixture
def writer(cluster3: LocalCluster) -> Iterator[Client]:
    with cluster3.connect(compact_serializers=SERIALIZERS) as client:
        yield client


@pytest.fixture(params=["registered", "unknown"])
def reader(cluster3: LocalCluster, request: pytest.FixtureRequest) -> Iterator[Client]:
    """A client that has seen no schema, with serializers for the types or without."""
    options = {"compact_serializers": SERIALIZERS} if request.param == "registered" else {}
    with cluster3.connect(**options) as client:
        yield client


def number_of(value: Row | GenericRecord) -> int:
    if isinstance(value, GenericRecord):
        return int(value["n"])
    return next(field for name, _, field in value.fields if name == "n")


# Writing.


def test_many_threads_put_values_of_one_new_schema_at_once(writer: Client, unique_name: str) -> None:
    m, row = writer.get_map(unique_name).blocking(), new_row()

    assert in_threads(16, lambda i: m.put(i, like(row, i))) == [None] * 16
    assert dict(m.entry_set()) == {i: like(row, i) for i in range(16)}
    for known in schemas_on(writer).values():
        assert len(known) == 2


def test_every_member_has_every_schema_before_a_value_is_acknowledged(writer: Client, unique_name: str) -> None:
    m = writer.get_map(unique_name)
    rows = [new_row(i) for i in range(40)]

    combine_futures([m.set(i, row) for i, row in enumerate(rows)]).result()

    for known in schemas_on(writer).values():
        assert len(known) == 80
    assert m.blocking().get_all(range(40)) == dict(enumerate(rows))


@pytest.mark.parametrize("operation", ["put_all", "replace_if_same", "contains_value", "compact key"])
def test_every_operation_sends_the_schemas_that_it_needs(writer: Client, unique_name: str, operation: str) -> None:
    m, row = writer.get_map(unique_name).blocking(), new_row()
    if operation == "put_all":
        m.put_all({i: new_row(i) for i in range(20)})
        assert m.size() == 20
    elif operation == "replace_if_same":
        m.put(1, 1)
        assert m.replace_if_same(1, 1, row)
    elif operation == "contains_value":
        assert m.contains_value(row) is False
    else:
        assert m.put(row, new_row()) is None
        assert m.contains_key(row)


def test_keys_from_a_generator_are_all_asked_for_when_a_schema_had_to_be_sent(writer: Client, unique_name: str) -> None:
    m = writer.get_map(unique_name).blocking()
    m.put_all({i: i for i in range(5)})

    assert m.get_all(key for key in (0, 1, new_row(), 2, new_row(), 3, 4)) == {i: i for i in range(5)}


def test_a_value_that_cannot_be_written_fails_alone(writer: Client, unique_name: str) -> None:
    m = writer.get_map(unique_name)
    broken = Row(("n", FieldKind.INT8, 1000), ("item", FieldKind.COMPACT, new_row().fields[2][2]))

    with pytest.raises(HazelcastSerializationError, match="'n' of Compact type 'row' is INT8 and cannot hold 1000"):
        m.put(1, broken).result()
    assert m.put(1, new_row()).result() is None


def test_a_callback_may_write_values_of_a_new_schema_and_wait(writer: Client, unique_name: str) -> None:
    m, done, got = writer.get_map(unique_name), threading.Event(), []

    def put_another(_: Future[Any]) -> None:
        try:
            m.put(2, new_row(2)).result(20)
            got.append(number_of(m.get(2).result(20)))
        except Exception as error:
            got.append(error)
        done.set()

    m.put(1, new_row(1)).add_done_callback(put_another)

    assert done.wait(60)
    assert got == [2]


# Reading.


@pytest.fixture
def rows(writer: Client, unique_name: str) -> list[int]:
    """Forty values in a map, each of a schema of its own; their numbers."""
    writer.get_map(unique_name).put_all({i: new_row(i) for i in range(40)}).result()
    return list(range(40))


READING: dict[str, Callable[[Any], list[Any]]] = {
    "get": lambda m: [m.get(i).result() for i in range(40)],
    "pipelined get": lambda m: [future.result() for future in [m.get(i) for i in range(40)]],
    "combined": lambda m: combine_futures([m.get(i) for i in range(40)]).result(),
    "get_all": lambda m: list(m.get_all(range(40)).result().values()),
    "values": lambda m: m.values().result(),
    "entry_set": lambda m: [value for _, value in m.entry_set().result()],
    "entry view": lambda m: [m.get_entry_view(i).result().value for i in range(40)],
    "remove": lambda m: [m.remove(i).result() for i in range(40)],
    "continued": lambda m: [m.get(i).continue_with(lambda f: f.result()).result() for i in range(40)],
}


@pytest.mark.parametrize("way", READING)
def test_values_of_schemas_never_seen_are_read(reader: Client, unique_name: str, rows: list[int], way: str) -> None:
    assert sorted(map(number_of, READING[way](reader.get_map(unique_name)))) == rows


def test_many_threads_read_schemas_never_seen_at_once(reader: Client, unique_name: str, rows: list[int]) -> None:
    m = reader.get_map(unique_name).blocking()

    for values in in_threads(8, lambda i: m.values()):
        assert sorted(map(number_of, values)) == rows


def test_values_of_schemas_never_seen_are_awaited(reader: Client, unique_name: str, rows: list[int]) -> None:
    m = reader.get_map(unique_name)

    async def read() -> list[Any]:
        one_by_one = [await m.get(i) for i in range(20)]
        return one_by_one + await asyncio.gather(*(wait(m.get(i)) for i in range(20, 40)))

    async def wait(future: Future[Any]) -> Any:
        return await future

    assert sorted(map(number_of, asyncio.run(read()))) == rows


def test_callbacks_get_values_of_schemas_never_seen(reader: Client, unique_name: str, rows: list[int]) -> None:
    m, got, done = reader.get_map(unique_name), [], threading.Semaphore(0)

    def take(future: Future[Any]) -> None:
        got.append(number_of(future.result()))
        done.release()

    for i in rows:
        m.get(i).add_done_callback(take)

    assert all(done.acquire(timeout=30) for _ in rows)
    assert sorted(got) == rows


def test_listeners_get_values_of_schemas_never_seen_in_order(reader: Client, writer: Client, unique_name: str) -> None:
    got: list[int] = []
    done = threading.Event()

    def added(event: EntryEvent) -> None:
        got.append(number_of(event.value))
        if event.key == 19:
            done.set()

    reader.get_map(unique_name).add_entry_listener(include_value=True, added_func=added).result()
    m = writer.get_map(unique_name).blocking()
    for i in range(20):
        m.put(i, new_row(i))

    assert done.wait(30)
    # Members tell their own events in order, not those of each other.
    assert sorted(got) == list(range(20))


def test_sql_rows_hold_values_of_schemas_never_seen(reader: Client, unique_name: str, rows: list[int]) -> None:
    reader.sql.execute(
        f'CREATE MAPPING "{unique_name}" (__key INT, this OBJECT) TYPE IMap '
        "OPTIONS ('keyFormat'='int', 'valueFormat'='java', 'valueJavaClass'='java.lang.Object')"
    ).result()
    result = reader.sql.execute(f'SELECT __key, this FROM "{unique_name}"').result()

    assert sorted(number_of(row["this"]) for row in result) == rows


def test_a_schema_that_the_cluster_does_not_know_is_an_error_and_not_a_wait(client3: Client, unique_name: str) -> None:
    m = client3.get_map(unique_name).blocking()
    m.put(1, Data(struct.pack(">iiqi", 0, TypeId.COMPACT, 123456789, 5)))

    for read in (lambda: m.get(1), m.values, lambda: m.get(1)):
        with pytest.raises(HazelcastSerializationError, match="123456789"):
            read()
    m.put(2, "still works")
    assert m.get(2) == "still works"


@pytest.mark.slow
def test_a_cluster_that_lost_its_schemas_gets_them_again() -> None:
    with LocalCluster(version=VERSION, jvm_args=QUICK_START) as cluster:
        client = cluster.connect(compact_serializers=SERIALIZERS, retry_initial_backoff=0.1, cluster_connect_timeout=-1)
        m, row = client.get_map("m").blocking(), new_row(1)
        m.put(1, row)
        cluster.kill_member(0)
        cluster.start_member(0)
        m.put(1, like(row, 2))

        assert all(len(known) == 2 for known in schemas_on(client).values())
        with cluster.connect() as stranger:
            assert number_of(stranger.get_map("m").blocking().get(1)) == 2
