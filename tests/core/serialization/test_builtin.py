from __future__ import annotations

import datetime
from array import array
from collections.abc import Callable
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from hzdata.core.config import IntType
from hzdata.core.core import HazelcastJsonValue
from hzdata.core.errors import HazelcastSerializationError
from hzdata.core.serialization.data import Data, TypeId
from hzdata.core.serialization.service import SerializationService

from .conftest import DocumentedService, new_service
from .java_values import BEFORE_CHRIST, JAVA_SERIALIZABLE, JAVA_VALUES
from .strategies import ARRAYS, BUILTIN, TIMESTAMPS, signed

ORDERS = {big: (new_service(is_big_endian=big), DocumentedService(is_big_endian=big)) for big in (True, False)}
IN_BOTH_ORDERS = pytest.mark.parametrize("big", [True, False], ids=["big-endian", "little-endian"])

# Ids that both sides write for some Python value and that other Java types are written back as.
WRITTEN_BY_PYTHON = {
    "Boolean",
    "Integer",
    "Double",
    "String",
    "byte[]",
    "UUID",
    "BigDecimal",
    "LocalDate",
    "LocalDateTime",
    "OffsetDateTime",
    "ArrayList",
    "Json",
}


@IN_BOTH_ORDERS
@given(BUILTIN)
def test_every_builtin_value_comes_back_as_it_was(big: bool, value: Any) -> None:
    service, _ = ORDERS[big]

    assert service.to_object(service.to_data(value)) == value


@IN_BOTH_ORDERS
@given(BUILTIN)
def test_bytes_are_those_of_the_documented_client_and_each_reads_the_other(big: bool, value: Any) -> None:
    service, documented = ORDERS[big]
    if value is None:
        assert service.to_data(None) is None
        return
    mine, theirs = service.to_data(value), documented.to_bytes(value)

    assert mine == theirs
    assert service.to_object(theirs) == value
    assert documented.to_object(mine) == value


@IN_BOTH_ORDERS
@given(TIMESTAMPS)
def test_a_naive_datetime_stays_naive_and_the_documented_client_reads_it(big: bool, value: datetime.datetime) -> None:
    # That client writes it as a time at UTC, and gets back another value than it put.
    service, documented = ORDERS[big]
    data = service.to_data(value)

    assert data is not None
    assert data.type_id == TypeId.LOCAL_DATE_TIME
    assert service.to_object(data) == documented.to_object(data) == value
    assert service.to_object(documented.to_bytes(value)) == value.replace(tzinfo=datetime.UTC)


@IN_BOTH_ORDERS
@given(ARRAYS)
def test_an_array_becomes_a_java_array_of_numbers(big: bool, values: array[Any]) -> None:
    service, documented = ORDERS[big]
    data = service.to_data(values)

    assert data is not None
    assert list(service.to_object(data)) == list(documented.to_object(data)) or values.typecode == "b"
    if values.typecode == "b":
        assert service.to_object(data) == documented.to_object(data) == values.tobytes()


@IN_BOTH_ORDERS
@pytest.mark.parametrize(
    "int_type", [IntType.BYTE, IntType.SHORT, IntType.INT, IntType.LONG, IntType.BIG_INT, IntType.VAR]
)
def test_ints_are_written_as_configured(big: bool, int_type: int) -> None:
    bits = {IntType.BYTE: 8, IntType.SHORT: 16, IntType.INT: 32, IntType.LONG: 64}.get(int_type, 200)
    service = new_service(is_big_endian=big, default_int_type=int_type)
    documented = DocumentedService(is_big_endian=big, default_int_type=int_type)
    edges = [edge + step for n in range(1, bits, 7) for edge in (1 << n - 1, -1 << n - 1) for step in (-1, 0, 1)]
    for value in [0, (1 << bits - 1) - 1, -1 << bits - 1, *edges]:
        if not -1 << bits - 1 <= value < 1 << bits - 1:
            continue
        data = service.to_data(value)
        assert service.to_object(data) == value
        # The documented client cannot write a negative byte.
        if not (data.type_id == TypeId.BYTE and value < 0):
            assert data == documented.to_bytes(value)
        assert documented.to_object(data) == value


@pytest.mark.parametrize(
    ("int_type", "value", "remedy"),
    [
        (IntType.BYTE, 128, "SHORT"),
        (IntType.SHORT, -32769, "INT"),
        (IntType.INT, 1 << 31, "LONG"),
        (IntType.LONG, 1 << 63, "BIG_INT"),
    ],
)
@pytest.mark.parametrize("nested", [False, True])
def test_an_int_out_of_range_names_the_option_and_the_remedy(
    int_type: int, value: int, remedy: str, nested: bool
) -> None:
    service = new_service(default_int_type=int_type)

    with pytest.raises(HazelcastSerializationError, match=rf"{value} does not fit.*default_int_type.*{remedy}"):
        service.to_data([value] if nested else value)


@given(signed(400))
def test_big_integers_have_the_shortest_form_java_reads(value: int) -> None:
    service = new_service(default_int_type=IntType.BIG_INT)
    data = service.to_data(value)

    assert service.to_object(data) == value
    assert len(data) == 12 + (value if value >= 0 else ~value).bit_length() // 8 + 1


@pytest.mark.parametrize("digits", ["1" * 5000, "-9" * 1 + "9" * 6000 + ".5"])
def test_a_decimal_keeps_more_digits_than_any_context(service: SerializationService, digits: str) -> None:
    assert service.to_object(service.to_data(Decimal(digits))) == Decimal(digits)


@pytest.mark.parametrize("name", JAVA_VALUES)
def test_what_java_wrote_is_read(service: SerializationService, name: str) -> None:
    data, expected = JAVA_VALUES[name]
    value = service.to_object(bytes.fromhex(data))

    assert value == expected
    assert (bytearray if isinstance(value, bytearray) else type(value)) is type(expected)


@pytest.mark.parametrize("name", sorted(WRITTEN_BY_PYTHON))
def test_what_python_writes_is_what_java_wrote(service: SerializationService, name: str) -> None:
    data, value = JAVA_VALUES[name]

    assert service.to_data(value) == bytes.fromhex(data)


def test_json_is_taken_as_it_is_from_a_text_and_made_at_once_of_an_object(service: SerializationService) -> None:
    broken = HazelcastJsonValue("{not json")
    assert service.to_object(service.to_data(broken)).to_string() == "{not json"
    assert HazelcastJsonValue({"a": [1, None]}).to_string() == '{"a": [1, null]}'
    with pytest.raises(TypeError, match="not JSON serializable"):
        HazelcastJsonValue({"a": object()})


def test_a_type_that_only_java_can_read_says_so(service: SerializationService) -> None:
    with pytest.raises(HazelcastSerializationError, match=r"-100 \(JAVA_SERIALIZABLE\).*only Java"):
        service.to_object(bytes.fromhex(JAVA_SERIALIZABLE))


def test_a_date_before_the_year_one_is_an_error_not_another_date(service: SerializationService) -> None:
    with pytest.raises(HazelcastSerializationError, match=r"LOCAL_DATE.*year"):
        service.to_object(bytes.fromhex(BEFORE_CHRIST))


def test_bytes_and_bytearrays_are_one_type(service: SerializationService) -> None:
    assert service.to_data(b"\x00\xff") == service.to_data(bytearray(b"\x00\xff"))
    assert service.to_object(service.to_data(b"\x00\xff")) == b"\x00\xff"


def test_the_offset_of_a_region_is_that_of_the_day(service: SerializationService) -> None:
    for month, hours in ((1, 1), (7, 2)):
        value = datetime.datetime(2024, month, 1, 12, tzinfo=ZoneInfo("Europe/Berlin"))
        back = service.to_object(service.to_data(value))
        assert back == value
        assert back.utcoffset() == datetime.timedelta(hours=hours)


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (datetime.time(1, 2, tzinfo=datetime.UTC), "time zone"),
        (Decimal("NaN"), "finite"),
        (Decimal("-Infinity"), "finite"),
        (array("H", [1]), "unsigned"),
        ("half a pair: \ud83d", "surrogates not allowed"),
        (datetime.datetime(2024, 1, 1, tzinfo=datetime.timezone(datetime.timedelta(hours=20))), "offset"),
        (datetime.datetime(2024, 1, 1, tzinfo=datetime.timezone(datetime.timedelta(microseconds=5))), "offset"),
    ],
)
def test_what_java_cannot_keep_is_refused(service: SerializationService, value: Any, why: str) -> None:
    with pytest.raises(HazelcastSerializationError, match=why):
        service.to_data(value)


@pytest.mark.parametrize(
    ("scalar", "value"),
    [
        (np.int64(7), 7),
        (np.uint8(200), 200),
        (np.float64(1.5), 1.5),
        (np.float32(1.5), 1.5),
        (np.bool_(True), True),
        (np.str_("a"), "a"),
        (np.bytes_(b"a"), b"a"),
    ],
)
def test_a_numpy_scalar_is_the_same_key_as_what_it_holds(
    service: SerializationService, scalar: Any, value: Any
) -> None:
    assert service.to_data(scalar) == service.to_data(value)
    assert service.to_data([scalar]) == service.to_data([value])


def test_a_numpy_scalar_out_of_range_is_refused_like_an_int(service: SerializationService) -> None:
    assert service.to_data(np.int64(1)) == service.to_data(1)
    with pytest.raises(HazelcastSerializationError, match="does not fit"):
        service.to_data(np.int64(1 << 40))


@pytest.mark.parametrize("value", [np.datetime64("2024-01-01T00:00:00.123456789"), np.timedelta64(5, "s")])
def test_numpy_dates_keep_their_unit(service: SerializationService, value: Any) -> None:
    back = service.to_object(service.to_data(value))

    assert back == value
    assert back.dtype == value.dtype


@pytest.mark.parametrize("kind", [bytes, memoryview, Data])
def test_any_bytes_are_read(service: SerializationService, kind: Callable[[bytes], Any]) -> None:
    assert service.to_object(kind(service.to_data(["a", 1, None]))) == ["a", 1, None]


def test_none_is_none_both_ways(service: SerializationService) -> None:
    assert service.to_data(None) is None
    assert service.to_object(None) is None
    assert service.to_object(bytes(8)) is None


@settings(max_examples=300)
@given(st.sampled_from(sorted(JAVA_VALUES)), st.data())
def test_data_that_was_damaged_is_an_error_or_a_value_and_never_a_crash(name: str, draw: st.DataObject) -> None:
    service, _ = ORDERS[True]
    data = bytearray.fromhex(JAVA_VALUES[name][0])
    del data[draw.draw(st.integers(0, len(data))) :]
    if data:
        data[draw.draw(st.integers(0, len(data) - 1))] ^= draw.draw(st.integers(1, 255))
    try:
        service.to_object(bytes(data))
    except HazelcastSerializationError:
        pass


def test_data_shorter_than_its_header_is_an_error(service: SerializationService) -> None:
    with pytest.raises(HazelcastSerializationError, match="shorter than its header"):
        service.to_object(b"\0\0\0")
