from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hazelcast.serialization.input import _ObjectDataInput
from hazelcast.serialization.output import _ObjectDataOutput
from hypothesis import given, strategies as st

from hzdata.core.protocol.byte_order import BIG_ENDIAN, LITTLE_ENDIAN, ByteOrder
from hzdata.core.serialization.io import ObjectDataInput, ObjectDataOutput

from .conftest import new_service
from .strategies import FLOATS, FLOATS32, TEXTS, signed

SERVICE = new_service()
ORDERS = st.sampled_from([BIG_ENDIAN, LITTLE_ENDIAN])

# What can be written, with the values to draw; "read_" + name reads it back.
PARTS: dict[str, st.SearchStrategy[Any]] = {
    "boolean": st.booleans(),
    "byte": signed(8),
    "short": signed(16),
    "char": st.characters(max_codepoint=0xFFFF, exclude_categories=["Cs"]),
    "int": signed(32),
    "long": signed(64),
    "float": FLOATS32,
    "double": FLOATS,
    "string": st.none() | TEXTS,
    "utf": st.none() | TEXTS,
    "byte_array": st.none() | st.binary(),
    "boolean_array": st.none() | st.lists(st.booleans()),
    "char_array": st.none() | st.lists(st.characters(max_codepoint=0xFFFF)),
    "int_array": st.none() | st.lists(signed(32)),
    "long_array": st.none() | st.lists(signed(64)),
    "double_array": st.none() | st.lists(FLOATS),
    "float_array": st.none() | st.lists(FLOATS32),
    "short_array": st.none() | st.lists(signed(16)),
    "string_array": st.none() | st.lists(st.none() | TEXTS),
    "utf_array": st.none() | st.lists(st.none() | TEXTS),
    "object": st.none() | signed(32) | TEXTS | st.lists(TEXTS),
}
WRITTEN = st.lists(
    st.sampled_from(sorted(PARTS)).flatmap(lambda name: st.tuples(st.just(name), PARTS[name])), max_size=8
)


@given(ORDERS, WRITTEN)
def test_what_is_written_is_read_back_in_either_byte_order(order: ByteOrder, written: list[tuple[str, Any]]) -> None:
    out = ObjectDataOutput(SERVICE, order)
    for name, value in written:
        getattr(out, f"write_{name}")(value)
    inp = ObjectDataInput(SERVICE, order, bytes(out.to_byte_array()))

    for name, value in written:
        assert getattr(inp, f"read_{name}")() == value
    assert inp.position() == inp.size()


@given(ORDERS, WRITTEN)
def test_the_bytes_are_those_of_the_documented_client(order: ByteOrder, written: list[tuple[str, Any]]) -> None:
    big = order is BIG_ENDIAN
    out, documented = ObjectDataOutput(SERVICE, order), _ObjectDataOutput(16, None, big)
    for name, value in written:
        # There bytes are unsigned, halves of surrogate pairs are lost, and objects need a service.
        if name in ("byte", "object", "char_array"):
            continue
        getattr(out, f"write_{name}")(value)
        getattr(documented, f"write_{name}")(value)

    assert out.to_byte_array() == documented.to_byte_array()
    assert out.get_byte_order() == documented.get_byte_order()


def test_raw_parts_are_the_bytes_of_the_documented_client() -> None:
    out, documented = ObjectDataOutput(SERVICE, BIG_ENDIAN), _ObjectDataOutput(16, None, True)
    for each in (out, documented):
        each.write_from(bytearray(b"abcdef"), 1, 3)
        each.write_bytes("ÿes")
        each.write_chars("añ😀")

    assert out.to_byte_array() == documented.to_byte_array()
    mine, theirs = bytearray(5), bytearray(5)
    inp = ObjectDataInput(SERVICE, BIG_ENDIAN, bytes(out.buffer))
    inp.read_into(mine, 1, 3)
    _ObjectDataInput(bytes(out.buffer), 0, None, True).read_into(theirs, 1, 3)
    assert mine == theirs == b"\0bcd\0"
    assert inp.skip_bytes(3) == 3
    assert "".join(chr(inp.read_unsigned_short()) for _ in range(2)) == "añ"
    assert inp.skip_bytes(100) == 4


def test_a_byte_is_signed_or_unsigned_and_no_other() -> None:
    out = ObjectDataOutput(SERVICE, BIG_ENDIAN)
    out.write_byte(-1)
    out.write_byte(200)
    inp = ObjectDataInput(SERVICE, BIG_ENDIAN, bytes(out.buffer))

    assert (inp.read_byte(), inp.read_unsigned_byte()) == (-1, 200)
    with pytest.raises(ValueError, match="256 does not fit"):
        out.write_byte(256)


@pytest.mark.parametrize(
    ("data", "read"),
    [
        (b"\0\0", "int"),
        (b"\0\0\0\5abc", "string"),
        (b"\0\0\0\5abc", "byte_array"),
        (b"\x7f\xff\xff\xff", "long_array"),
        (b"\x7f\xff\xff\xff", "string_array"),
    ],
)
def test_data_that_ends_too_early_says_so(data: bytes, read: str) -> None:
    with pytest.raises(EOFError, match="needed at byte"):
        getattr(ObjectDataInput(SERVICE, BIG_ENDIAN, data), f"read_{read}")()


@pytest.mark.parametrize("read", ["string", "byte_array", "int_array", "string_array"])
def test_a_negative_length_is_refused(read: str) -> None:
    with pytest.raises(ValueError, match="-2"):
        getattr(ObjectDataInput(SERVICE, BIG_ENDIAN, b"\xff\xff\xff\xfe"), f"read_{read}")()


def test_a_character_outside_the_basic_plane_is_refused_where_only_one_unit_fits() -> None:
    with pytest.raises(ValueError, match="write_chars"):
        ObjectDataOutput(SERVICE, BIG_ENDIAN).write_char("😀")


def test_an_array_of_numpy_is_written_as_the_list_of_its_numbers() -> None:
    for values in (np.array([], np.int32), np.array([1, -2], np.int32)):
        of_numpy, of_list = ObjectDataOutput(SERVICE, BIG_ENDIAN), ObjectDataOutput(SERVICE, BIG_ENDIAN)
        of_numpy.write_int_array(values)  # type: ignore[arg-type]
        of_list.write_int_array(values.tolist())

        assert of_numpy.buffer == of_list.buffer
