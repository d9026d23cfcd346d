"""Values as a member's own Java serialization writes them (Hazelcast 5.7.0), and what they are in Python."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any
from uuid import UUID

from hzdata.core.core import HazelcastJsonValue

JAVA_VALUES: dict[str, tuple[str, Any]] = {
    "Byte": ("00000000fffffffdfb", -5),
    "Boolean": ("00000000fffffffc01", True),
    "Character": ("00000000fffffffb00e9", "é"),
    "Short": ("00000000fffffffafed4", -300),
    "Integer": ("00000000fffffff900011170", 70000),
    "Long": ("00000000fffffff8fffffff600000000", -5 << 33),
    "Float": ("00000000fffffff73fc00000", 1.5),
    "Double": ("00000000fffffff6c002000000000000", -2.25),
    "String": ("00000000fffffff50000000761c3b1f09f9880", "añ😀"),
    "byte[]": ("00000000fffffff40000000201ff", bytearray(b"\x01\xff")),
    "boolean[]": ("00000000fffffff3000000020100", [True, False]),
    "char[]": ("00000000fffffff200000002006100e9", ["a", "é"]),
    "short[]": ("00000000fffffff1000000020001fffe", [1, -2]),
    "int[]": ("00000000fffffff00000000200000001fffffffe", [1, -2]),
    "long[]": ("00000000ffffffef000000020000000000000001fffffffffffffffe", [1, -2]),
    "float[]": ("00000000ffffffee000000013fc00000", [1.5]),
    "double[]": ("00000000ffffffed000000013ff8000000000000", [1.5]),
    "String[]": ("00000000ffffffec000000030000000161ffffffff0000000162", ["a", None, "b"]),
    "UUID": ("00000000ffffffeb0000000000000001fffffffffffffffe", UUID(int=(1 << 64) | (2**64 - 2))),
    "Class": ("00000000ffffffe8000000106a6176612e6c616e672e537472696e67", "java.lang.String"),
    "Date": ("00000000ffffffe70000018bcfe5687b", datetime(2023, 11, 14, 22, 13, 20, 123000, tzinfo=UTC)),
    "BigInteger": (
        "00000000ffffffe600000011ff7fffffffffffffffffffffffffffffff",
        -170141183460469231731687303715884105729,
    ),
    "BigDecimal": ("00000000ffffffe500000002cfcc00000003", Decimal("-12.340")),
    "BigDecimalE": ("00000000ffffffe50000000101fffffff6", Decimal("1E+10")),
    "Object[]": ("00000000ffffffe400000003fffffff900000001fffffff5000000016100000000", [1, "a", None]),
    "LocalDate": ("00000000ffffffcd000007e8021d", date(2024, 2, 29)),
    "LocalTime": ("00000000ffffffcc173b3a075bcd15", time(23, 59, 58, 123456)),
    "LocalDateTime": ("00000000ffffffcb000007e8021d01020300000fa0", datetime(2024, 2, 29, 1, 2, 3, 4)),
    "OffsetDateTime": (
        "00000000ffffffca000007e8021d01020300000fa0ffffb2a8",
        datetime(2024, 2, 29, 1, 2, 3, 4, timezone(-timedelta(hours=5, minutes=30))),
    ),
    "ArrayList": ("00000000ffffffe300000003fffffff900000001fffffff5000000016100000000", [1, "a", None]),
    "LinkedList": ("00000000ffffffe200000003fffffff900000001fffffff5000000016100000000", [1, "a", None]),
    "CopyOnWriteArrayList": ("00000000ffffffe100000002fffffff900000001fffffff50000000161", [1, "a"]),
    "HashMap": ("00000000ffffffe000000001fffffff5000000016bfffffff900000001", {"k": 1}),
    "ConcurrentSkipListMap": ("00000000ffffffdf0000000000000001fffffff5000000016bfffffff900000001", {"k": 1}),
    "ConcurrentHashMap": ("00000000ffffffde00000001fffffff5000000016bfffffff900000001", {"k": 1}),
    "LinkedHashMap": (
        "00000000ffffffdd00000002fffffff5000000017afffffff900000001fffffff5000000016100000000",
        {"z": 1, "a": None},
    ),
    "TreeMap": (
        "00000000ffffffdc0000000000000002fffffff5000000016bfffffff900000001fffffff5000000016cfffffff900000002",
        {"k": 1, "l": 2},
    ),
    "HashSet": ("00000000ffffffdb00000001fffffff5000000016b", {"k"}),
    "TreeSet": ("00000000ffffffda0000000000000002fffffff5000000016bfffffff5000000016c", {"k", "l"}),
    "LinkedHashSet": ("00000000ffffffd900000002fffffff5000000017afffffff50000000161", {"z", "a"}),
    "CopyOnWriteArraySet": ("00000000ffffffd800000002fffffff5000000017afffffff50000000161", {"z", "a"}),
    "ConcurrentSkipListSet": ("00000000ffffffd70000000000000001fffffff5000000016b", {"k"}),
    "ArrayDeque": ("00000000ffffffd600000002fffffff5000000017afffffff50000000161", ["z", "a"]),
    "LinkedBlockingQueue": ("00000000ffffffd500000002fffffff5000000017afffffff50000000161", ["z", "a"]),
    "ArrayBlockingQueue": ("00000000ffffffd400000001fffffff5000000017a", ["z"]),
    "PriorityBlockingQueue": ("00000000ffffffd30000000000000002fffffff50000000161fffffff5000000017a", ["a", "z"]),
    "PriorityQueue": ("00000000ffffffcf0000000000000002fffffff50000000161fffffff5000000017a", ["a", "z"]),
    "DelayQueue": ("00000000ffffffd200000000", []),
    "SynchronousQueue": ("00000000ffffffd100000000", []),
    "LinkedTransferQueue": ("00000000ffffffd000000001fffffff5000000017a", ["z"]),
    "SimpleEntry": ("00000000ffffffeafffffff5000000016bfffffff900000001", ("k", 1)),
    "SimpleImmutableEntry": ("00000000ffffffe9fffffff5000000016bfffffff900000001", ("k", 1)),
    "Json": ("00000000ffffff7e000000027b7d", HazelcastJsonValue("{}")),
    "Optional": ("00000000ffffffce01fffffff900000001", 1),
}
"""By Java type: the bytes of the whole Data, in hexadecimal, and the value."""

BEFORE_CHRIST = "00000000ffffffcdffffffd4030f"
"""The ides of March of the year -44, a LocalDate that Python has no date for."""

JAVA_SERIALIZABLE = (
    "00000000ffffff9caced00057372000d6a6176612e74696d652e53657295"
    "5d84ba1b2248b20c00007870770d0200000000000000050000000078"
)
"""A java.time.Instant, which goes through java.io.Serializable."""
