"""Blocking calls on the client's own threads: in listeners and callbacks they work, on the I/O thread they raise at
once and say why. Nothing stands still.
"""

from __future__ import annotations

from typing import Any

import pytest

from hzdata import Client, LocalCluster
from hzdata.core.future import Future
from hzdata.core.sql import SqlRow
from tests.core.serialization.compact.rows import SERIALIZERS
from tests.waiting import until

from .test_schemas import new_row, number_of


@pytest.fixture(scope="module")
def own(cluster: LocalCluster) -> Any:
    """A client whose threads nobody else's callbacks run on."""
    with cluster.connect() as client:
        yield client


def test_a_listener_may_call_its_map(own: Client, unique_name: str) -> None:
    m = own.get_map(unique_name)
    read: list[Any] = []

    def added(event: Any) -> None:
        if isinstance(event.key, int):
            m.put(f"seen {event.key}", event.value).result()
            read.append(m.blocking().get(f"seen {event.key}"))

    m.add_entry_listener(include_value=True, added_func=added).result()
    m.put_all({i: i * 10 for i in range(2000)}).result()
    until(lambda: len(read) == 2000)
    assert sorted(read) == [i * 10 for i in range(2000)]
    assert m.size().result() == 4000


def test_a_callback_may_wait_for_other_operations(own: Client, unique_name: str) -> None:
    m = own.get_map(unique_name)
    outcome: Future[Any] = Future()

    def called(done: Future[Any]) -> None:
        m.blocking().put("b", 2)
        # What waits for this needs another callback of the same thread.
        more = m.get("b").continue_with(lambda got: m.put("c", got.result() + 1).continue_with(lambda _: m.get("c")))
        other = own.get_queue(unique_name).blocking()
        other.offer("item")
        outcome.set_result((done.exception(), more.result(), other.poll()))

    m.put("a", 1).add_done_callback(called)
    assert outcome.result(30) == (None, 3, "item")


def test_many_callbacks_may_wait_for_those_after_them(own: Client, unique_name: str) -> None:
    m = own.get_map(unique_name)

    def deeper(n: int) -> int:
        deepest: int = n and 1 + m.set(n, n).continue_with(lambda _: deeper(n - 1)).result()
        return deepest

    assert m.size().continue_with(lambda _: deeper(14)).result(20) == 14


def test_services_listeners_may_wait(cluster: LocalCluster, unique_name: str) -> None:
    sizes: list[int] = []

    def look(_: Any) -> None:
        sizes.append(client.get_map(unique_name).blocking().size())

    with cluster.connect() as client:
        client.add_distributed_object_listener(look).result()
        client.cluster_service.add_listener(member_added=look, fire_for_existing=True)
        until(lambda: len(sizes) >= 2)  # The member, and the map that was made on the way.
        client.lifecycle_service.add_listener(lambda state: sizes.append(-1) or client.shutdown())
        client.shutdown()
        until(lambda: sizes.count(-1) == 3)


def test_a_callback_may_shut_its_client_down(cluster: LocalCluster, unique_name: str) -> None:
    client = cluster.connect()
    ended: Future[bool] = Future()

    def end(_: Any) -> None:
        client.shutdown()
        ended.set_result(client.lifecycle_service.is_running())

    client.get_map(unique_name).size().add_done_callback(end)
    assert ended.result(30) is False


def test_the_io_thread_refuses_to_wait(own: Client, unique_name: str) -> None:
    m = own.get_map(unique_name)
    outcome: Future[str] = Future()

    def wait() -> None:
        try:
            outcome.set_result(m.get("a").result())
        except RuntimeError as error:
            outcome.set_result(str(error))

    own._context.reactor.call_soon(wait)
    assert "I/O thread" in outcome.result(10)
    assert m.size().result() == 0


@pytest.mark.newer
def test_rows_of_schemas_that_the_client_has_not_seen_come_one_by_one(client: Client, unique_name: str) -> None:
    """Each row's schema is fetched while the thread that brought the row stays free."""
    cluster_of = {"cluster_members": client.config.cluster_members, "cluster_name": client.config.cluster_name}
    with Client(compact_serializers=SERIALIZERS, **cluster_of) as writer, Client(**cluster_of) as reader:
        for i in range(4):
            writer.get_map(unique_name).put(i, new_row(i)).result()
        writer.sql.execute(
            f'CREATE MAPPING "{unique_name}" (__key INT, n INT) TYPE IMap '
            "OPTIONS ('keyFormat'='int', 'valueFormat'='compact', 'valueCompactTypeName'='row')"
        ).result()
        query = f'SELECT this FROM "{unique_name}"'
        rows: list[SqlRow] = []
        for coming in reader.sql.execute(query, cursor_buffer_size=1).result().iterator():
            try:
                rows.append(coming.result(30))
            except StopIteration:
                break
        assert sorted(number_of(row[0]) for row in rows) == [0, 1, 2, 3]
