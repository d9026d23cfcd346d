"""Requests are written, and answers read, from the rows of the message table."""

from __future__ import annotations

import struct
from uuid import UUID

import pytest
from hypothesis import given, strategies as st

from hzdata.core.core import Address
from hzdata.core.protocol.framing import Message
from hzdata.core.protocol.messages import message
from hzdata.core.protocol.table import MESSAGES
from hzdata.core.protocol.types import Cursor, codec

longs = st.integers(-(2**63), 2**63 - 1)
ints = st.integers(-(2**31), 2**31 - 1)
uuids = st.one_of(st.none(), st.uuids())

VALUES: dict[str, st.SearchStrategy[object]] = {
    "String": st.text(),
    "String?": st.none() | st.text(),
    "Data": st.binary(min_size=8, max_size=40),
    "ListCN_Data": st.lists(st.none() | st.binary(min_size=8, max_size=40)),
    "List_Long": st.lists(longs),
    "List_UUID": st.lists(uuids),
    "List_Integer": st.lists(ints),
    "EntryList_Integer_Integer": st.lists(st.tuples(ints, ints)),
    "EntryList_Integer_UUID": st.lists(st.tuples(ints, uuids)),
    "EntryList_UUID_Long": st.lists(st.tuples(uuids, longs)),
    "EntryList_UUID_List_Integer": st.lists(st.tuples(uuids, st.lists(ints))),
    "EntryList_Data_Data": st.lists(st.tuples(st.binary(min_size=8), st.binary(min_size=8))),
    "Map_String_String": st.dictionaries(st.text(), st.text()),
    "List_List_UUID": st.lists(st.lists(uuids)),
    "Address": st.builds(Address, st.text(), ints),
    "List_Address": st.lists(st.builds(Address, st.text(), ints)),
}


@pytest.mark.parametrize("name", VALUES)
def test_every_type_is_read_back_as_it_was_written(name: str) -> None:
    @given(VALUES[name])
    def check(value: object) -> None:
        parts: list[bytes] = []
        codec(name).write(parts.append, value)
        head = struct.pack("<iHiqi", 22, 0xC000, 1, 2, -1)
        cursor = Cursor(Message(head + b"".join(parts)), len(head))
        assert codec(name).read(cursor) == value
        assert cursor.position == len(head) + sum(map(len, parts))

    check()


@pytest.mark.parametrize("name", MESSAGES)
def test_every_row_of_the_table_compiles(name: str) -> None:
    compiled = message(name)
    assert compiled.type == MESSAGES[name].type
    assert compiled.type & 0xFF == 0


def test_a_request_ends_with_the_one_frame_that_says_so() -> None:
    request = message("Map.put").encode("m", b"k" * 12, b"v" * 20, 1, -1)
    flags = [struct.unpack_from("<H", request, at + 4)[0] for at in Message(bytes(request)).frames[:-1]]
    assert [bool(f & 0x2000) for f in flags] == [False, False, False, True]
    assert message("Map.size").encode("m")[-7:-1] == struct.pack("<iH", 7, 0x2000)
    assert struct.unpack_from("<H", message("Client.ping").encode(), 4)[0] == 0xE000


def test_an_answer_of_an_older_member_may_lack_its_last_fields() -> None:
    # Map.delete answers a boolean since protocol 2.7, nothing before.
    short = struct.pack("<iHiqb", 19, 0xE000, 0x010901, 5, 0)
    assert message("Map.delete").decode(Message(short)) is None
    assert (
        message("Client.authentication").decode(Message(struct.pack("<iHiqbb", 20, 0xE000, 0x000101, 5, 0, 1))).status
        == 1
    )


def test_uuids_are_written_with_their_null_flag_first() -> None:
    packed: list[bytes] = []
    codec("List_UUID").write(packed.append, [None, UUID(int=(1 << 64) | 2)])
    assert packed[0][6:] == b"\1" + bytes(16) + b"\0" + struct.pack("<QQ", 1, 2)
