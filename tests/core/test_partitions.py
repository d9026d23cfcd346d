"""What the client makes of the partition tables that members send it."""

from __future__ import annotations

from uuid import UUID

from hzdata.core.partition import PartitionTable, string_partition_strategy

A, B = UUID(int=1), UUID(int=2)


def test_a_table_of_another_member_is_taken_whatever_its_version() -> None:
    table = PartitionTable()
    assert table.update(900, [(A, [0, 1])])
    assert not table.update(7, [(B, [0, 1])])
    table.start_over()  # The first member is lost; the second one counts on its own, from a negative number maybe.
    assert table.owner(1) == A
    assert table.update(-12, [(B, [0, 1])])
    assert table.owner(1) == B
    assert not table.update(-13, [(A, [0, 1])])


def test_what_follows_the_first_at_sign_of_a_name_decides_its_partition() -> None:
    assert string_partition_strategy("orders@customer-7") == "customer-7"
    assert string_partition_strategy("orders") == "orders"
    assert string_partition_strategy("a@b@c") == "b@c"
    assert string_partition_strategy(None) is None
