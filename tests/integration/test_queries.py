"""Predicates, pages, aggregations, projections and indexes on a real member."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from hzdata import Client, LocalCluster
from hzdata.core import aggregator, predicate, projection
from hzdata.core.config import IndexType, QueryConstants, UniqueKeyTransformation
from hzdata.core.core import HazelcastJsonValue, MapEntry
from hzdata.core.predicate import Predicate
from hzdata.core.serialization.api import CompactReader, CompactSerializer, CompactWriter


class Person:
    def __init__(self, name: str | None, age: int | None, active: bool, tags: list[str | None]) -> None:
        self.name, self.age, self.active, self.tags = name, age, active, tags


class PersonSerializer(CompactSerializer[Person]):
    def get_type_name(self) -> str:
        return "query_person"

    def get_class(self) -> type[Person]:
        return Person

    def write(self, writer: CompactWriter, obj: Person) -> None:
        writer.write_string("name", obj.name)
        writer.write_nullable_int32("age", obj.age)
        writer.write_boolean("active", obj.active)
        writer.write_array_of_string("tags", obj.tags)

    def read(self, reader: CompactReader) -> Person:
        return Person(
            reader.read_string("name"),
            reader.read_nullable_int32("age"),
            reader.read_boolean("active"),
            reader.read_array_of_string("tags") or [],
        )


PEOPLE = {
    1: Person("Ada", 36, True, ["math", "poetry"]),
    2: Person("Alan", 41, False, ["math"]),
    3: Person("Grace", 85, True, ["navy", "code"]),
    4: Person("Edsger", 72, False, []),
    5: Person(None, None, False, ["code"]),
}


@pytest.fixture(scope="module")
def queried(cluster: LocalCluster) -> Iterator[Client]:
    client = cluster.connect(compact_serializers=[PersonSerializer()])
    client.get_map("queried").put_all(PEOPLE).result()
    json = {
        k: HazelcastJsonValue({"name": p.name, "age": p.age, "tags": p.tags, "at": {"x": k}}) for k, p in PEOPLE.items()
    }
    client.get_map("queried_json").put_all(json).result()
    yield client
    client.shutdown()


@pytest.mark.parametrize(
    ("condition", "keys"),
    [
        (predicate.sql("active AND age > 40"), [3]),
        (predicate.equal("name", "Ada"), [1]),
        (predicate.equal("name", None), [5]),
        (predicate.not_equal("name", "Ada"), [2, 3, 4, 5]),
        (predicate.like("name", "A%"), [1, 2]),
        (predicate.like("name", "A__"), [1]),
        (predicate.ilike("name", "a%"), [1, 2]),
        (predicate.regex("name", "G.*"), [3]),
        (predicate.and_(predicate.greater("age", 36), predicate.less("age", 80)), [2, 4]),
        (predicate.or_(predicate.equal("age", 36), predicate.equal("age", 85)), [1, 3]),
        (predicate.and_(), [1, 2, 3, 4, 5]),
        (predicate.or_(), []),
        (predicate.not_(predicate.equal("active", True)), [2, 4, 5]),
        (predicate.between("age", 36, 41), [1, 2]),
        (predicate.in_("name", "Ada", "Grace", "Nobody"), [1, 3]),
        (predicate.in_("name", None), [5]),
        (predicate.greater("age", 72), [3]),
        (predicate.greater_or_equal("age", 72), [3, 4]),
        (predicate.less("age", 41), [1]),
        (predicate.less_or_equal("age", 41), [1, 2]),
        (predicate.true(), [1, 2, 3, 4, 5]),
        (predicate.false(), []),
        (predicate.greater(QueryConstants.KEY_ATTRIBUTE_NAME, 3), [4, 5]),
        (predicate.equal("tags[any]", "code"), [3, 5]),
        (predicate.equal("tags[0]", "math"), [1, 2]),
    ],
    ids=str,
)
def test_a_predicate_finds_its_entries(queried: Client, condition: Predicate, keys: list[int]) -> None:
    m = queried.get_map("queried").blocking()
    assert sorted(m.key_set(condition)) == keys
    assert sorted(str(p.name) for p in m.values(condition)) == sorted(str(PEOPLE[k].name) for k in keys)
    assert sorted(key for key, _ in m.entry_set(condition)) == keys


@pytest.mark.parametrize(
    ("condition", "keys"),
    [
        (predicate.equal("name", "Ada"), [1]),
        (predicate.equal("tags[any]", "code"), [3, 5]),
        (predicate.greater("at.x", 3), [4, 5]),
    ],
    ids=str,
)
def test_a_predicate_looks_into_json(queried: Client, condition: Predicate, keys: list[int]) -> None:
    assert sorted(queried.get_map("queried_json").blocking().key_set(condition)) == keys


def test_predicates_look_at_plain_values_and_their_classes(client: Client, unique_name: str) -> None:
    m = client.get_map(unique_name).blocking()
    m.put_all({1: True, 2: "text", 3: 4.5})
    assert m.key_set(predicate.instance_of("java.lang.Boolean")) == [1]
    assert m.key_set(predicate.equal(QueryConstants.THIS_ATTRIBUTE_NAME, "text")) == [2]
    m.remove_all(predicate.equal("this", "text"))
    assert sorted(m.key_set()) == [1, 3]


def test_a_key_may_have_attributes(client: Client, unique_name: str) -> None:
    m = client.get_map(unique_name).blocking()
    m.put_all({HazelcastJsonValue({"id": i}): i for i in range(5)})
    assert sorted(m.values(predicate.less("__key.id", 2))) == [0, 1]


def test_pages_are_walked_in_any_direction(client: Client, unique_name: str) -> None:
    m = client.get_map(unique_name).blocking()
    m.put_all({i: i * 10 for i in range(25)})
    paging = predicate.paging(predicate.greater_or_equal("this", 50), 8)
    assert (paging.page, paging.page_size) == (0, 8)
    assert m.key_set(paging) == list(range(5, 13))
    assert paging.next_page() == 1
    assert m.key_set(paging) == list(range(13, 21))
    paging.page = 2
    assert m.key_set(paging) == list(range(21, 25))
    assert paging.previous_page() == 1
    assert m.key_set(paging) == list(range(13, 21))
    paging.page = 9
    assert m.key_set(paging) == []
    paging.reset()
    assert m.values(paging) == [i * 10 for i in range(5, 13)]
    everything = predicate.paging(None, 20)
    assert m.entry_set(everything) == [(i, i * 10) for i in range(20)]
    everything.next_page()
    assert m.entry_set(everything) == [(i, i * 10) for i in range(20, 25)]


def test_pages_are_walked_over_members(client3: Client, unique_name: str) -> None:
    m = client3.get_map(unique_name).blocking()
    m.put_all({i: i for i in range(100)})
    paging = predicate.paging(predicate.true(), 30)
    found: list[int] = []
    while page := m.values(paging):
        found += page
        paging.next_page()
    assert found == list(range(100))


def test_where_there_are_no_pages_one_is_its_condition(client: Client, unique_name: str) -> None:
    m = client.get_map(unique_name).blocking()
    m.put_all({n: n for n in range(10)})
    page = predicate.paging(predicate.greater("this", 4), 2)
    assert sorted(m.values(predicate.and_(page, predicate.true()))) == [5, 6, 7, 8, 9]
    m.remove_all(page)
    assert sorted(m.values()) == [0, 1, 2, 3, 4]


def test_what_makes_no_page_is_refused(client: Client, unique_name: str) -> None:
    with pytest.raises(TypeError, match="Nested paging"):
        predicate.paging(predicate.paging(None, 1), 1)
    with pytest.raises(ValueError, match="above 0"):
        predicate.paging(None, 0)
    m = client.get_map(unique_name)
    with pytest.raises(AssertionError, match="not supported"):
        m.aggregate(aggregator.count(), predicate.paging(None, 1))
    with pytest.raises(AssertionError, match="not supported"):
        m.project(projection.identity(), predicate.paging(None, 1))


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (aggregator.count("age"), 4),
        (aggregator.count(), 4),
        (aggregator.distinct("active"), {True, False}),
        (aggregator.int_avg("age"), 58.5),
        (aggregator.int_sum("age"), 234),
        (aggregator.max_("age"), 85),
        (aggregator.min_("age"), 36),
        (aggregator.fixed_point_sum("age"), 234),
        (aggregator.floating_point_sum("age"), 234.0),
        (aggregator.number_avg("age"), 58.5),
    ],
    ids=str,
)
def test_an_aggregator_answers_of_the_entries_of_a_predicate(
    queried: Client, function: aggregator.Aggregator, expected: Any
) -> None:
    m = queried.get_map("queried").blocking()
    assert m.aggregate(function, predicate.not_equal("age", None)) == expected


def test_aggregators_by_the_java_type_of_numbers(cluster: LocalCluster, unique_name: str) -> None:
    client = cluster.connect(default_int_type="LONG")
    m = client.get_map(unique_name).blocking()
    m.put_all({i: i for i in range(10)})
    assert m.aggregate(aggregator.long_sum()) == 45
    assert m.aggregate(aggregator.long_avg()) == 4.5
    assert m.aggregate(aggregator.count()) == 10
    m.put_all({i: i / 2 for i in range(10)})
    assert m.aggregate(aggregator.double_sum()) == 22.5
    assert m.aggregate(aggregator.double_avg()) == 2.25
    client.shutdown()


def test_an_aggregator_may_answer_with_an_entry(queried: Client) -> None:
    m = queried.get_map("queried").blocking()
    oldest = m.aggregate(aggregator.max_by("age"))
    youngest = m.aggregate(aggregator.min_by("age"))
    assert isinstance(oldest, MapEntry)
    assert (oldest.key, oldest.value.name) == (3, "Grace")
    assert (youngest.key, youngest.value.name) == (1, "Ada")


def test_a_projection_cuts_attributes_out(queried: Client) -> None:
    m = queried.get_map("queried").blocking()
    active = predicate.equal("active", True)
    assert sorted(m.project(projection.single_attribute("age"), active)) == [36, 85]
    assert sorted(m.project(projection.multi_attribute("__key", "name"), active)) == [[1, "Ada"], [3, "Grace"]]
    whole = m.project(projection.identity(), active)
    assert sorted((entry.key, entry.value.name) for entry in whole) == [(1, "Ada"), (3, "Grace")]
    assert len(m.project(projection.single_attribute("name"))) == 5
    assert None in m.project(projection.single_attribute("name"))
    for bad in ("", "tags[any]"):
        with pytest.raises(ValueError, match="attribute_path"):
            projection.single_attribute(bad)
    with pytest.raises(ValueError, match="at least one"):
        projection.multi_attribute()


@pytest.mark.parametrize("kind", [IndexType.SORTED, IndexType.HASH, "BITMAP"])
def test_an_index_answers_as_no_index_does(client: Client, unique_name: str, kind: Any) -> None:
    m = client.get_map(unique_name).blocking()
    m.put_all({i: HazelcastJsonValue({"n": i % 5, "text": str(i)}) for i in range(50)})
    options = {"unique_key": "__key", "unique_key_transformation": UniqueKeyTransformation.OBJECT}
    m.add_index(["n"], kind, bitmap_index_options=options if kind == "BITMAP" else None)
    m.add_index(["this.n"], kind, name="again")
    assert sorted(m.key_set(predicate.equal("n", 3))) == list(range(3, 50, 5))
    assert str(m.get(3)) == '{"n": 3, "text": "3"}'


@pytest.mark.parametrize(
    ("attributes", "kind", "said"),
    [
        ([], 0, "at least one attribute"),
        ("name", 0, "a list of str"),
        (["a", "a"], 0, "Duplicate"),
        (["a", "this.a"], 1, "Duplicate"),
        (["a", "b"], "BITMAP", "Composite bitmap"),
        (["a."], 0, "does not end with a dot"),
        ([f"a{i}" for i in range(256)], 0, "more than 255"),
    ],
)
def test_what_makes_no_index_is_refused(
    client: Client, unique_name: str, attributes: list[str], kind: Any, said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        client.get_map(unique_name).add_index(attributes, kind)


def test_a_listener_hears_only_of_entries_a_predicate_accepts(client: Client, unique_name: str) -> None:
    from tests.waiting import until

    m = client.get_map(unique_name)
    heard: list[Any] = []
    m.add_entry_listener(True, predicate=predicate.greater("this", 10), added_func=heard.append).result()
    for i in (5, 50, 6, 60):
        m.put(i, i).result()
    until(lambda: len(heard) == 2)
    assert [event.value for event in heard] == [50, 60]
