"""Portable objects: bytes as the vendor's client writes them, evolution, class definitions, what is refused."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any

import hazelcast.serialization.api as vendor_api
import pytest
from hazelcast.config import Config as VendorConfig
from hazelcast.serialization import SerializationServiceV1
from hypothesis import given, settings, strategies as st

from hzdata.core.config import Config
from hzdata.core.errors import HazelcastSerializationError
from hzdata.core.serialization.api import Portable
from hzdata.core.serialization.data import Data
from hzdata.core.serialization.portable.classdef import ClassDefinitionBuilder, FieldType
from hzdata.core.serialization.service import SerializationService

ZONED = datetime(2024, 2, 29, 23, 59, 1, 5000, timezone(timedelta(hours=-3)))
VALUES: dict[str, Any] = {
    "byte": 3, "boolean": True, "char": "ß", "short": -300, "int": 70_000, "long": -(2**40),
    "float": 0.5, "double": 1e300, "string": "añ",
    "decimal": Decimal("-12.340"), "time": time(1, 2, 3, 4000), "date": date(2024, 2, 29),
    "timestamp": datetime(2024, 2, 29, 1, 2, 3, 4000), "timestamp_with_timezone": ZONED,
}  # fmt: skip
ARRAYS: dict[str, Any] = {
    f"{name}_array": bytearray(b"\1\2") if name == "byte" else [value, value] for name, value in VALUES.items()
}
NULLABLE = ("string", "decimal", "time", "date", "timestamp", "timestamp_with_timezone")


def classes(base: Any) -> tuple[Any, Any]:
    """The same two classes, Portable for either client."""

    class Inner(base):  # type: ignore[misc]
        def __init__(self, number: int = 0) -> None:
            self.number = number

        def write_portable(self, writer: Any) -> None:
            writer.write_int("number", self.number)

        def read_portable(self, reader: Any) -> None:
            self.number = reader.read_int("number")

        def get_factory_id(self) -> int:
            return 1

        def get_class_id(self) -> int:
            return 2

    class Everything(base):  # type: ignore[misc]
        has_raw = True

        def __init__(self, values: dict[str, Any] | None = None, inner: Any = None) -> None:
            self.values = values or {}
            self.inner = inner

        def write_portable(self, writer: Any) -> None:
            for name in (*VALUES, *ARRAYS):
                getattr(writer, f"write_{name}")(f"a_{name}", self.values[name])
            if self.inner is None:
                writer.write_null_portable("inner", 1, 2)
            else:
                writer.write_portable("inner", self.inner)
            writer.write_portable_array("inners", [Inner(1), Inner(2)])
            if self.has_raw:
                raw = writer.get_raw_data_output()
                raw.write_int(7)
                raw.write_string("raw")

        def read_portable(self, reader: Any) -> None:
            # In another order than that of writing.
            self.inners = [item.number for item in reader.read_portable_array("inners")]
            inner = reader.read_portable("inner")
            self.inner = inner and inner.number
            self.values = {name: getattr(reader, f"read_{name}")(f"a_{name}") for name in (*ARRAYS, *VALUES)}
            if self.has_raw:
                raw = reader.get_raw_data_input()
                self.raw = (raw.read_int(), raw.read_string())

        def get_factory_id(self) -> int:
            return 1

        def get_class_id(self) -> int:
            return 1

    return Inner, Everything


OurInner, OurEverything = classes(Portable)
TheirInner, TheirEverything = classes(vendor_api.Portable)


def service(**options: Any) -> SerializationService:
    factories = {1: {1: OurEverything, 2: OurInner}}
    return SerializationService(Config.from_dict({"portable_factories": factories, **options}))


def vendor(**options: Any) -> Any:
    factories = {1: {1: TheirEverything, 2: TheirInner}}
    return SerializationServiceV1(VendorConfig.from_dict({"portable_factories": factories, **options}))


@pytest.mark.parametrize("big_endian", [True, False])
@pytest.mark.parametrize("nulls", [True, False])
def test_every_type_is_written_as_the_vendor_writes_it_and_read_back(big_endian: bool, nulls: bool) -> None:
    values = {**VALUES, **ARRAYS}
    if nulls:
        values |= dict.fromkeys((*NULLABLE, *ARRAYS))
    ours, theirs = service(is_big_endian=big_endian), vendor(is_big_endian=big_endian)
    data = ours.to_data(OurEverything(values, OurInner(5)))
    assert data is not None
    assert bytes(data) == bytes(theirs.to_data(TheirEverything(values, TheirInner(5))).buffer)
    # Also by one that has not met the class before.
    for reading in (ours, service(is_big_endian=big_endian)):
        found = reading.to_object(data)
        assert found.values == values
        assert (found.inner, found.inners, found.raw) == (5, [1, 2], (7, "raw"))


@given(st.integers(-(2**31), 2**31 - 1), st.text(), st.lists(st.floats(allow_nan=False)))
def test_any_value_is_read_back(number: int, text: str, floats: list[float]) -> None:
    class Item(Portable):
        def write_portable(self, writer: Any) -> None:
            writer.write_int("n", number)
            writer.write_utf("t", text)
            writer.write_double_array("f", floats)

        def read_portable(self, reader: Any) -> None:
            self.found = (reader.read_int("n"), reader.read_utf("t"), reader.read_double_array("f"))

        def get_factory_id(self) -> int:
            return 3

        def get_class_id(self) -> int:
            return 9

    both = SerializationService(Config.from_dict({"portable_factories": {3: {9: Item}}}))
    assert both.to_object(both.to_data(Item())).found == (number, text, floats)


def versioned(version: int, write: Any, read: Any) -> type[Portable]:
    class Versioned(Portable):
        def write_portable(self, writer: Any) -> None:
            write(writer)

        def read_portable(self, reader: Any) -> None:
            self.found = read(reader)

        def get_factory_id(self) -> int:
            return 1

        def get_class_id(self) -> int:
            return 1

        def get_class_version(self) -> int:
            return version

    return Versioned


def stored_and_read(write: Any, read: Any, versions: tuple[int, int] = (1, 2)) -> Any:
    old, new = versioned(versions[0], write, None), versioned(versions[1], None, read)
    data = service().to_data(old())
    return service(portable_factories={1: {1: new}}).to_object(data).found


@pytest.mark.parametrize(
    ("stored", "value", "read", "expected"),
    [
        ("int", 5, "long", 5), ("int", 5, "float", 5.0), ("int", 5, "double", 5.0), ("byte", 5, "short", 5),
        ("short", 5, "int", 5), ("char", "A", "int", 65), ("char", "A", "double", 65.0), ("float", 0.5, "double", 0.5),
        ("long", 5, "double", 5.0), ("boolean", True, "boolean", True),
    ],
)  # fmt: skip
def test_a_number_of_an_older_version_is_widened(stored: str, value: Any, read: str, expected: Any) -> None:
    found = stored_and_read(
        lambda writer: getattr(writer, f"write_{stored}")("f", value),
        lambda reader: getattr(reader, f"read_{read}")("f"),
    )
    assert found == expected
    assert type(found) is type(expected)


def test_a_field_that_an_older_version_lacks_is_none_or_zero() -> None:
    def read(reader: Any) -> list[Any]:
        assert not reader.has_field("new")
        assert reader.get_version() == 1
        assert reader.get_field_names() == {"old"}
        assert reader.get_field_type("old") == FieldType.INT
        names = ("int", "double", "boolean", "string", "date", "int_array", "portable", "portable_array")
        return [getattr(reader, f"read_{name}")("new") for name in names]

    found = stored_and_read(lambda writer: writer.write_int("old", 1), read)
    assert found == [0, 0.0, False, None, None, None, None, None]


def test_what_cannot_be_widened_is_an_error_that_names_the_field() -> None:
    with pytest.raises(HazelcastSerializationError, match=r"'f' .*was stored as long.*read as int") as failed:
        stored_and_read(lambda writer: writer.write_long("f", 1), lambda reader: reader.read_int("f"))
    assert isinstance(failed.value.__cause__, TypeError)


def test_within_a_version_an_unknown_field_is_an_error() -> None:
    with pytest.raises(HazelcastSerializationError, match="Unknown field name: 'other'"):
        stored_and_read(lambda writer: writer.write_int("f", 1), lambda reader: reader.read_int("other"), (1, 1))


def test_fields_of_nested_objects_are_read_by_their_path() -> None:
    class Outer(versioned(0, None, None)):  # type: ignore[misc]
        def write_portable(self, writer: Any) -> None:
            writer.write_portable("inner", OurInner(42))

        def read_portable(self, reader: Any) -> None:
            self.found = reader.read_int("inner.number")
            assert reader.get_field_class_id("inner") == 2

    both = service(portable_factories={1: {1: Outer, 2: OurInner}})
    assert both.to_object(both.to_data(Outer())).found == 42


def test_a_null_needs_a_class_definition() -> None:
    class Outer(versioned(0, None, None)):  # type: ignore[misc]
        def write_portable(self, writer: Any) -> None:
            writer.write_portable("inner", None)

        def read_portable(self, reader: Any) -> None:
            self.found = reader.read_portable("inner")

    factories = {1: {1: Outer, 2: OurInner}}
    with pytest.raises(HazelcastSerializationError, match="without explicitly registering class definition"):
        service(portable_factories=factories).to_data(Outer())
    inner = ClassDefinitionBuilder(1, 2).add_int_field("number").build()
    outer = ClassDefinitionBuilder(1, 1).add_portable_field("inner", inner).build()
    both = service(portable_factories=factories, class_definitions=[inner, outer])
    assert both.to_object(both.to_data(Outer())).found is None
    with pytest.raises(HazelcastSerializationError, match="Could not find registered ClassDefinition"):
        service(class_definitions=[outer])
    assert service(class_definitions=[outer], check_class_definition_errors=False)
    with pytest.raises(HazelcastSerializationError, match="Duplicate registration"):
        service(class_definitions=[inner, ClassDefinitionBuilder(1, 2).build()])


def test_a_class_definition_is_built_once() -> None:
    builder = ClassDefinitionBuilder(1, 5, 3)
    for name in (*VALUES, *ARRAYS):
        getattr(builder, f"add_{name}_field")(name)
    definition = builder.build()
    assert definition.get_field_count() == 28
    assert definition.get_field_type("decimal_array") == FieldType.DECIMAL_ARRAY
    assert definition.get_field(0).field_name == "byte"  # type: ignore[union-attr]
    assert definition.has_field("int")
    with pytest.raises(HazelcastSerializationError, match="already built"):
        builder.add_int_field("late")
    with pytest.raises(HazelcastSerializationError, match="already exists"):
        ClassDefinitionBuilder(1, 5).add_int_field("a").add_long_field("a")
    with pytest.raises(ValueError, match="Unknown field"):
        definition.get_field_type("nope")
    with pytest.raises(IndexError):
        definition.get_field(99)


def test_who_makes_the_object_is_asked_for_by_name() -> None:
    data = service().to_data(OurInner(1))
    with pytest.raises(HazelcastSerializationError, match="factory-id: 1; add it to the option portable_factories"):
        service(portable_factories={}).to_object(data)
    with pytest.raises(HazelcastSerializationError, match="class-id: 2"):
        service(portable_factories={1: {}}).to_object(data)
    assert isinstance(data, Data)


def a_class(base: Any, version: int, write: Any, read: Any = None, class_id: int = 1) -> Any:
    """A Portable class for either client, of a version."""

    class Some(base):  # type: ignore[misc]
        def write_portable(self, writer: Any) -> None:
            write(writer)

        def read_portable(self, reader: Any) -> None:
            self.found = read(reader)

        def get_factory_id(self) -> int:
            return 1

        def get_class_id(self) -> int:
            return class_id

        def get_class_version(self) -> int:
            return version

    return Some


NESTED = {"portable": lambda inner: inner(4), "portable_array": lambda inner: [inner(4)]}
EVERY = (*VALUES, *ARRAYS, *NESTED)


def accepted(make: Any, base: Any, inner: Any, stored: str, version: int) -> set[str]:
    """As what types a field that was stored by version 1 is read by another version, or the same."""

    def write(writer: Any) -> None:
        value = NESTED[stored](inner) if stored in NESTED else {**VALUES, **ARRAYS}[stored]
        getattr(writer, f"write_{stored}")("f", value)

    def read(reader: Any) -> set[str]:
        found = set()
        for name in EVERY:
            try:
                getattr(reader, f"read_{name}")("f")
                found.add(name)
            except Exception:
                pass
        return found

    data = make().to_data(a_class(base, 1, write)())
    reading = make(portable_factories={1: {1: a_class(base, version, None, read), 2: inner}})
    found: set[str] = reading.to_object(data).found
    return found


@pytest.mark.parametrize("stored", EVERY)
@pytest.mark.parametrize("version", [1, 2])
def test_a_type_is_read_as_the_same_others_as_by_the_vendor(stored: str, version: int) -> None:
    found = accepted(service, Portable, OurInner, stored, version)
    assert stored in found
    assert found == accepted(vendor, vendor_api.Portable, TheirInner, stored, version)


def test_fields_in_another_order_are_read_by_what_the_stored_object_says() -> None:
    both = [("long", "a", 1), ("string", "b", "two")]

    def writes(fields: Any) -> Any:
        return lambda writer: [getattr(writer, f"write_{type}")(name, value) for type, name, value in fields]

    mine = a_class(Portable, 0, writes(both), lambda reader: (reader.read_long("a"), reader.read_string("b")))
    ours = service(portable_factories={1: {1: mine}})
    own = ours.to_data(mine())
    others = service().to_data(a_class(Portable, 0, writes(both[::-1]))())
    assert own != others
    for data in (own, others, own, others):
        assert ours.to_object(data).found == (1, "two")
    # What was read does not change what is written.
    fresh = service(portable_factories={1: {1: mine}})
    assert fresh.to_object(others).found == (1, "two")
    assert fresh.to_data(mine()) == own


def test_what_a_null_can_hold_is_known_from_an_object_that_was_read() -> None:
    def write(value: Any) -> Any:
        def writes(writer: Any) -> None:
            writer.write_portable("one", value)
            writer.write_portable_array("some", value and [value])

        return writes

    def read(reader: Any) -> Any:
        return reader.read_portable("one"), reader.read_portable_array("some")

    factories = {1: {1: a_class(Portable, 0, write(None), read), 2: OurInner}}
    full = service().to_data(a_class(Portable, 0, write(OurInner(3)))())
    with pytest.raises(HazelcastSerializationError, match=r"'one' can hold is not known.*class_definitions"):
        service().to_data(factories[1][1]())
    ours = service(portable_factories=factories)
    assert ours.to_object(full).found[1][0].number == 3
    assert ours.to_object(ours.to_data(factories[1][1]())).found == (None, None)


def test_a_class_may_hold_its_own_kind() -> None:
    class Node(Portable):
        def __init__(self, depth: int = 0) -> None:
            self.next = Node(depth - 1) if depth else None

        def write_portable(self, writer: Any) -> None:
            writer.write_portable("next", self.next)

        def read_portable(self, reader: Any) -> None:
            self.next = reader.read_portable("next")

        def get_factory_id(self) -> int:
            return 1

        def get_class_id(self) -> int:
            return 1

    itself = ClassDefinitionBuilder(1, 1).build()
    definition = ClassDefinitionBuilder(1, 1).add_portable_field("next", itself).build()
    ours = service(portable_factories={1: {1: Node}}, class_definitions=[definition])
    assert ours.to_object(ours.to_data(Node(2))).next.next.next is None


def test_names_of_fields_are_latin_1_as_members_write_them() -> None:
    def names(*names: str) -> Any:
        return a_class(
            Portable,
            0,
            lambda writer: [writer.write_int(name, 5) for name in names],
            lambda reader: [reader.read_int(name) for name in names],
        )

    ours = service(portable_factories={1: {1: names("größe")}})
    data = ours.to_data(names("größe")())
    assert data is not None
    assert b"\0\5gr\xf6\xdfe\5" in data
    assert ours.to_object(data).found == [5]
    with pytest.raises(HazelcastSerializationError, match="'名' has letters beyond Latin-1"):
        service().to_data(names("名")())


@pytest.mark.parametrize(
    ("write", "why"),
    [
        (lambda w: w.write_long("n", 1), "'n' of .* is of type int, and cannot be written as long"),
        (lambda w: w.write_int("m", 1), "Invalid field name: 'm'.*get_class_version"),
        (lambda w: (w.write_int("n", 1), w.write_int("n", 1)), "'n' has already been written"),
        (lambda w: w.get_raw_data_output() and w.write_int("n", 1), "after get_raw_data_output"),
        (lambda w: None, r"\['n'\] of .* were not written"),
    ],
)
def test_an_object_that_is_not_of_its_class_definition_is_refused(write: Any, why: str) -> None:
    definition = ClassDefinitionBuilder(1, 1).add_int_field("n").build()
    with pytest.raises(HazelcastSerializationError, match=why):
        service(class_definitions=[definition]).to_data(a_class(Portable, 0, write)())


@pytest.mark.parametrize(
    ("type", "value", "why"),
    [
        ("date", datetime(2024, 1, 1, 5), "time of day"),
        ("time", time(1, tzinfo=ZONED.tzinfo), "time zone"),
        ("timestamp", ZONED, "time zone"),
        ("decimal", Decimal("NaN"), "finite"),
        ("date_array", [None], "can not be None"),
    ],
)
def test_what_would_be_lost_is_refused(type: str, value: Any, why: str) -> None:
    with pytest.raises(HazelcastSerializationError, match=why):
        service().to_data(a_class(Portable, 0, lambda writer: getattr(writer, f"write_{type}")("f", value))())


def test_raw_data_that_is_not_there_is_an_error() -> None:
    with pytest.raises(HazelcastSerializationError, match="no raw data"):
        stored_and_read(lambda writer: writer.write_int("f", 1), lambda reader: reader.get_raw_data_input())


def test_it_is_written_within_others_as_on_its_own() -> None:
    values = {**VALUES, **ARRAYS}
    ours, theirs = service(), vendor()
    data = ours.to_data([1, OurEverything(values, OurInner(5)), "a", OurInner(6)])
    assert data == bytes(theirs.to_data([1, TheirEverything(values, TheirInner(5)), "a", TheirInner(6)]).buffer)
    found = ours.to_object(data)
    assert (found[0], found[1].values, found[1].inner, found[2], found[3].number) == (1, values, 5, "a", 6)


@settings(max_examples=300)
@given(st.data())
def test_data_that_was_damaged_is_an_error_or_an_object_and_never_a_crash(draw: st.DataObject) -> None:
    data = bytearray(DAMAGED)
    for _ in range(draw.draw(st.integers(1, 3))):
        data[draw.draw(st.integers(0, len(data) - 1))] ^= draw.draw(st.integers(1, 255))
    try:
        service().to_object(bytes(data[: draw.draw(st.integers(8, len(data)))]))
    except HazelcastSerializationError:
        pass


DAMAGED: Any = service().to_data(OurEverything({**VALUES, **ARRAYS}, OurInner(5)))


def test_an_object_that_was_damaged_does_not_keep_others_of_its_class_from_being_read() -> None:
    mine = a_class(Portable, 1, lambda writer: writer.write_int("age", 36), lambda reader: reader.read_int("age"))
    ours = service(portable_factories={1: {1: mine}})
    data = bytes(service().to_data(mine()))
    with pytest.raises(HazelcastSerializationError):
        ours.to_object(data.replace(b"age" + bytes([FieldType.INT]), b"age\xff"))
    assert ours.to_object(data).found == 36
