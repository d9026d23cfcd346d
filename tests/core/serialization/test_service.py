from __future__ import annotations

import enum
import threading
from collections.abc import Callable
from typing import Any

import pytest
from hazelcast.serialization.api import (
    IdentifiedDataSerializable as DocumentedIdentified,
    StreamSerializer as DocumentedStreamSerializer,
)
from hypothesis import given, strategies as st

from hzdata.core.errors import HazelcastSerializationError, IllegalArgumentError
from hzdata.core.serialization.api import (
    IdentifiedDataSerializable,
    ObjectDataInput,
    ObjectDataOutput,
    Portable,
    PortableWriter,
    StreamSerializer,
)
from hzdata.core.serialization.data import Data, TypeId
from hzdata.core.serialization.hashing import hash_of
from hzdata.core.serialization.service import SerializationService

from .compact.rows import Row, RowSerializer, replicated
from .conftest import DocumentedService, new_service
from .strategies import TEXTS, signed

MakeService = Callable[..., SerializationService]


class Plain:
    """A class that nothing is registered for."""

    def __init__(self, value: Any = None) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.value == other.value  # type: ignore[attr-defined]

    __hash__ = None  # type: ignore[assignment]


class Heir(Plain):
    """One whose base may have a serializer."""


class Address(IdentifiedDataSerializable):
    def __init__(self, street: str | None = None, zip_code: int | None = None) -> None:
        self.street, self.zip_code = street, zip_code

    def get_factory_id(self) -> int:
        return 7

    def get_class_id(self) -> int:
        return 3

    def write_data(self, object_data_output: ObjectDataOutput) -> None:
        object_data_output.write_string(self.street)
        object_data_output.write_object(self.zip_code)

    def read_data(self, object_data_input: ObjectDataInput) -> None:
        self.street = object_data_input.read_string()
        self.zip_code = object_data_input.read_object()

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and vars(other) == vars(self)


class DocumentedAddress(Address, DocumentedIdentified):  # type: ignore[misc]
    pass


class PlainSerializer(StreamSerializer):
    type_id = 10

    def get_type_id(self) -> int:
        return self.type_id

    def write(self, out: ObjectDataOutput, obj: Any) -> None:
        out.write_object(obj.value)

    def read(self, inp: ObjectDataInput) -> Any:
        return Plain(inp.read_object())


class GlobalSerializer(PlainSerializer):
    type_id = 20

    def write(self, out: ObjectDataOutput, obj: Any) -> None:
        out.write_object(getattr(obj, "value", None))


class DocumentedPlainSerializer(PlainSerializer, DocumentedStreamSerializer):  # type: ignore[misc]
    pass


class DocumentedGlobalSerializer(GlobalSerializer, DocumentedStreamSerializer):  # type: ignore[misc]
    pass


def type_id(service: SerializationService, obj: Any) -> int:
    data = service.to_data(obj)
    assert data is not None
    return data.type_id


class Passport(Portable):
    def get_factory_id(self) -> int:
        return 7

    def get_class_id(self) -> int:
        return 4

    def write_portable(self, writer: PortableWriter) -> None:
        writer.write_int("number", 1)


class PassportAddress(Address, Passport):
    pass


class PassportRow(Passport, Row):
    pass


class AddressRow(Row, Address):
    pass


class Text(str):
    value = 1


class PassportText(Passport, Text):
    pass


class Other:
    value = 1


# Everything that there is for a class, and what is taken.
@pytest.mark.parametrize(
    ("clazz", "expected"),
    [
        (Address, TypeId.IDENTIFIED_DATA_SERIALIZABLE),
        (PassportAddress, TypeId.IDENTIFIED_DATA_SERIALIZABLE),
        (AddressRow, TypeId.COMPACT),
        (Passport, TypeId.PORTABLE),
        (PassportRow, TypeId.COMPACT),
        (PassportText, TypeId.PORTABLE),
        (Row, TypeId.COMPACT),
        (Text, TypeId.STRING),
        (str, TypeId.STRING),
        (list, TypeId.ARRAY_LIST),
        (Plain, PlainSerializer.type_id),
        (Heir, PlainSerializer.type_id),
        (Other, GlobalSerializer.type_id),
        (dict, GlobalSerializer.type_id),
    ],
)
def test_what_serializes_an_object_is_found_in_the_documented_order(
    make_service: MakeService, clazz: type, expected: int
) -> None:
    service = make_service(
        compact_serializers=[RowSerializer(c, c.__name__) for c in (Row, AddressRow, PassportRow)],
        custom_serializers=dict.fromkeys((Plain, Row, Address, Passport, Text), PlainSerializer),
        global_serializer=GlobalSerializer,
    )
    assert replicated(service, clazz()).type_id == expected


def test_what_nothing_is_registered_for_is_pickled_and_none_is_no_data(make_service: MakeService) -> None:
    assert type_id(make_service(), Plain()) == TypeId.PICKLE
    assert make_service(global_serializer=GlobalSerializer).to_data(None) is None


def test_an_object_is_written_within_another_as_it_is_on_its_own(make_service: MakeService) -> None:
    service = make_service(data_serializable_factories={7: {3: Address}}, custom_serializers={Plain: PlainSerializer})
    value = [Address("é", 5), Plain([Address(None, None), None]), {"pickled": 1}]

    assert service.to_object(service.to_data(value)) == value


def test_identified_objects_have_the_bytes_of_the_documented_client() -> None:
    service = new_service(data_serializable_factories={7: {3: Address}})
    documented = DocumentedService(data_serializable_factories={7: {3: DocumentedAddress}})
    data = service.to_data(Address("é", 5))

    assert data == documented.to_bytes(DocumentedAddress("é", 5))
    assert service.to_object(data) == Address("é", 5)
    assert documented.to_object(data) == DocumentedAddress("é", 5)


def test_an_identified_object_without_a_factory_says_what_to_register(service: SerializationService) -> None:
    with pytest.raises(HazelcastSerializationError, match=r"class id 3 of factory 7.*data_serializable_factories"):
        service.to_object(service.to_data(Address()))


def test_custom_serializers_have_the_bytes_of_the_documented_client(make_service: MakeService) -> None:
    service = make_service(custom_serializers={Plain: PlainSerializer}, global_serializer=GlobalSerializer)
    documented = DocumentedService(
        custom_serializers={Plain: DocumentedPlainSerializer}, global_serializer=DocumentedGlobalSerializer
    )

    for value in (Plain("é"), Heir([1])):
        assert service.to_data(value) == documented.to_bytes(value)
    assert service.to_object(documented.to_bytes(Plain(5))) == Plain(5)


def test_serializers_are_told_when_they_are_not_needed_any_more(make_service: MakeService) -> None:
    destroyed = []

    class Serializer(PlainSerializer):
        def destroy(self) -> None:
            destroyed.append(self)
            raise ValueError("of no consequence to the others")

    both, one = Serializer(), type("Another", (Serializer,), {"type_id": 11})
    make_service(custom_serializers={Plain: both, Heir: both, Other: one}).destroy()

    assert destroyed[0] is both
    assert [type(serializer) for serializer in destroyed[1:]] == [one]


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"custom_serializers": {str: PlainSerializer}}, "custom_serializers has a serializer for str, a built-in"),
        ({"compact_serializers": [RowSerializer(list)]}, "compact_serializers has a serializer for list, a built-in"),  # type: ignore[arg-type]
        ({"custom_serializers": {Plain: PlainSerializer, Row: type("S", (PlainSerializer,), {})}}, "type id 10"),
        ({"custom_serializers": {Plain: type("S", (PlainSerializer,), {"type_id": 0})}}, "must be positive"),
    ],
)
def test_a_registration_that_cannot_be_is_refused(make_service: MakeService, options: dict[str, Any], why: str) -> None:
    with pytest.raises(IllegalArgumentError, match=why):
        make_service(**options)


def test_one_serializer_may_serve_several_classes(make_service: MakeService) -> None:
    service = make_service(custom_serializers={Plain: PlainSerializer, Heir: PlainSerializer})

    assert type_id(service, Heir()) == 10


def test_an_unknown_type_id_is_named_with_the_remedy(service: SerializationService, make_service: MakeService) -> None:
    data = make_service(custom_serializers={Plain: PlainSerializer}).to_data(Plain(1))

    with pytest.raises(HazelcastSerializationError, match=r"type id 10\. .*custom_serializers"):
        service.to_object(data)


def test_an_error_in_a_serializer_of_the_users_is_the_cause(make_service: MakeService) -> None:
    class Broken(PlainSerializer):
        def write(self, out: ObjectDataOutput, obj: Any) -> None:
            raise KeyError("no such thing")

        def read(self, inp: ObjectDataInput) -> Any:
            raise TypeError("int is no str")

    service = make_service(custom_serializers={Plain: Broken})

    with pytest.raises(HazelcastSerializationError, match="class Plain cannot be serialized") as wrote:
        service.to_data(Plain())
    assert isinstance(wrote.value.__cause__, KeyError)
    with pytest.raises(HazelcastSerializationError, match=r"type id 10.*int is no str") as read:
        service.to_object(make_service(custom_serializers={Plain: PlainSerializer}).to_data(Plain()))
    assert isinstance(read.value.__cause__, TypeError)


# Pickle.

PICKLED = st.one_of(
    st.dictionaries(TEXTS, signed(70) | st.binary() | TEXTS, max_size=3),
    st.tuples(TEXTS, st.floats(allow_nan=False)),
    st.frozensets(TEXTS, max_size=3),
    st.complex_numbers(allow_nan=False),
    st.builds(Plain, TEXTS),
)


@given(PICKLED)
def test_everything_else_is_pickled_as_the_documented_client_reads_it(value: Any) -> None:
    service, documented = new_service(), DocumentedService()
    data = service.to_data(value)

    assert data is not None
    assert data.type_id == TypeId.PICKLE
    assert service.to_object(data) == documented.to_object(data) == value


@given(PICKLED)
def test_what_the_documented_client_pickled_is_unpickled(value: Any) -> None:
    try:
        data = DocumentedService().to_bytes(value)
    except Exception:
        return  # it cannot pickle texts in Latin-1
    assert new_service().to_object(data) == value


def test_an_object_that_needs_a_newer_pickle_gets_one(service: SerializationService) -> None:
    value = Slotted()
    value.a = 5

    assert service.to_object(service.to_data(value)).a == 5


class Slotted:
    __slots__ = ("a",)


class Colour(enum.IntEnum):
    RED = 1


def test_an_enum_comes_back_as_itself_and_not_as_a_number(service: SerializationService) -> None:
    assert service.to_object(service.to_data(Colour.RED)) is Colour.RED


def test_what_cannot_be_pickled_says_what_to_register(service: SerializationService) -> None:
    with pytest.raises(HazelcastSerializationError, match=r"class lock.*compact_serializers"):
        service.to_data(threading.Lock())


EXPLODED = []


class Bomb:
    """Runs code when it is unpickled."""

    def __reduce__(self) -> Any:
        return explode, ()


def explode() -> None:
    EXPLODED.append("here")


def test_a_client_that_does_not_trust_the_cluster_unpickles_nothing(make_service: MakeService) -> None:
    trusting = make_service(data_serializable_factories={7: {3: Address}})
    wary = make_service(data_serializable_factories={7: {3: Address}}, allow_unpickling=False)
    # On its own, in a list, in what reads an object itself.
    for value in (Bomb(), [1, [Bomb()]], Address(None, Bomb())):  # type: ignore[arg-type]
        data = trusting.to_data(value)
        for service in (wary, trusting.without_unpickling()):
            with pytest.raises(HazelcastSerializationError, match="allow_unpickling=False"):
                service.to_object(data)
        assert EXPLODED == []
        trusting.to_object(data)
        assert EXPLODED.pop() == "here"


# Partitions.


class Order:
    def __init__(self, customer: Any) -> None:
        self.customer = customer

    def get_partition_key(self) -> Any:
        return self.customer


def test_a_key_that_names_a_partition_key_lies_beside_it(service: SerializationService) -> None:
    customer = service.to_data("customer 5")
    order = service.to_data(Order("customer 5"))

    assert customer is not None
    assert order is not None
    assert order.partition_hash == hash_of(customer)
    assert order == DocumentedService().to_bytes(Order("customer 5"))


def test_a_partitioning_strategy_comes_before_everything(service: SerializationService) -> None:
    beside = service.to_data("beside")
    strategy: Callable[[Any], Any] = lambda key: "beside"  # noqa: E731

    for key in ("a", 5, Order("x"), [1]):
        data = service.to_data(key, strategy)
        assert data is not None
        assert beside is not None
        assert data.partition_hash == hash_of(beside)
        assert service.to_data(key, lambda key: None)[:4] == bytes(4)  # type: ignore[index]


def test_data_is_taken_as_it_is(service: SerializationService) -> None:
    data = Data(bytes(12))

    assert service.to_data(data) is data
    with pytest.raises(HazelcastSerializationError, match="write the object itself"):
        service.to_data([data])


def test_many_threads_may_meet_a_class_at_once() -> None:
    service, barrier, results = new_service(custom_serializers={Plain: PlainSerializer}), threading.Barrier(8), []

    def serialize() -> None:
        barrier.wait()
        results.append(service.to_object(service.to_data(Heir("x"))))

    threads = [threading.Thread(target=serialize) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert results == [Plain("x")] * 8
