"""Compact values as a member's own Java code writes them (Hazelcast 5.7.0), with the ids of their schemas."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any

from hzdata.core.protocol.field_kinds import FieldKind
from hzdata.core.serialization.compact.schema import Schema

NESTED = Schema("nested", [("id", FieldKind.INT32), ("s", FieldKind.STRING)])

NESTED_ID = 8778716227949314797
NESTED_DATA = "00000000ffffffc979d443e5cee042ed0000000c00000007000000046ec3a93704"
"""id 7, s "né7"."""

EVERY_KIND_ID = 8037239167199996234
EVERY_KIND_DATA = (
    "00000000ffffffc96f8a02707fcfe94a000001edc002000000000000ffffff00000000003fc00000fffb1e00f9"
    "c0f801000000090d01000000320000000379d443e5cee042ed0000000c00000002000000046ec3a9320479d443"
    "e5cee042ed0000000c00000003000000046ec3a9330400ff190000000600000002000000010101ff0000000009"
    "000000020000000101fffffffd00ff000000013fc0000000000001c002000000000000000000020001ffff0000"
    "000200000001ffffffff000000020000000000000001ffffffffffffffff0000000201ff000000020000000301"
    "0000ff010000000000000001ff0000000800000002c00200000000000000ff0000000200000002000100ff0000"
    "000400000002ffffffffff000000000800000002000000000000000100ff00000001000000020100ff00000009"
    "0000000300000001610000000000ff0500000007000000020102000000000000ff0000000d000000010000270f"
    "0c1f173b3b00000000000000001100000001000007e8021d01020300000000000000000079d443e5cee042ed00"
    "00000c00000001000000046ec3a93104000007e8021d00000002cfcc00000003013fc00000c002000000000000"
    "f9c0fffb1e00ffffff0000000000f80000000761c3b1f09f9880173b3a075bca00000007e8021d01020300000f"
    "a0000007e8021d01020300000fa0ffffb2a8001c0022005f006f0082008a0096009e00aa00be00c400d100da00"
    "ec00f801060118012301370148015e01780191019701a101a201a601ae01b001b401bc01bd01c801cf01dc"
)
EVERY_KIND_LITTLE_ENDIAN_DATA = (
    "00000000ffffffc94ae9cf7f70028a6fed01000000000000000002c00000000000ffffff0000c03f001efbffc0"
    "f9f801090000000d013200000003000000ed42e0cee543d4790c00000002000000040000006ec3a93204ed42e0"
    "cee543d4790c00000003000000040000006ec3a9330400ff190600000002000000010000000101ff0009000000"
    "020000000100000001fdffffff00ff010000000000c03f0100000000000000000002c0020000000100ffff0200"
    "000001000000ffffffff020000000100000000000000ffffffffffffffff0200000001ff020000000300000001"
    "0000ff010000000001000000ff080000000200000000000000000002c000ff0200000002000000010000ff0400"
    "000002000000ffffffffff000800000002000000010000000000000000ff01000000020000000100ff09000000"
    "0300000001000000610000000000ff0507000000020000000102000000000000ff0d000000010000000f270000"
    "0c1f173b3b00000000001100000001000000e8070000021d010203000000000000000000ed42e0cee543d4790c"
    "00000001000000040000006ec3a93104e8070000021d02000000cfcc03000000010000c03f00000000000002c0"
    "c0f9001efbff0000000000fffffff80700000061c3b1f09f9880173b3a00ca5b07e8070000021d010203a00f00"
    "00e8070000021d010203a00f0000a8b2ffff1c0022005f006f0082008a0096009e00aa00be00c400d100da00ec"
    "00f800060118012301370148015e01780191019701a101a201a601ae01b001b401bc01bd01c801cf01dc01"
)
ALL_NULL_DATA = (
    "00000000ffffffc96f8a02707fcfe94a0000001cc002000000000000ffffff00000000003fc00000fffb1e00f9"
    "c0f801ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
)

UTF16_ID = 7364401478341438047
UTF16_DATA = "00000000ffffffc966339c2053e72a5f00000019000000030000000200000001912409000000017900000001780f14"
"""Names outside the basic plane, which sort before U+FFEE in UTF-16 and after it by code point; 20 booleans."""

NANOSECONDS_ID = -574426251192476824
NANOSECONDS_DATA = "00000000ffffffc9f8073a5e34035b6800000014010203075bcd15000007e80101000000000003e70007"
"""t 01:02:03.123456789, ts 2024-01-01T00:00:00.000000999."""

EMPTY_ID = 7118292658705342496
EMPTY_DATA = "00000000ffffffc962c9417571672020"

EVERY_KIND: dict[str, Any] = {
    "boolean": True,
    "int8": -8,
    "int16": -1600,
    "int32": -320000,
    "int64": -1 << 40,
    "float32": 1.5,
    "float64": -2.25,
    "nullable_boolean": True,
    "nullable_int8": -8,
    "nullable_int16": -1600,
    "nullable_int32": -320000,
    "nullable_int64": -1 << 40,
    "nullable_float32": 1.5,
    "nullable_float64": -2.25,
    "string": "añ😀",
    "decimal": Decimal("-12.340"),
    "time": time(23, 59, 58, 123456),
    "date": date(2024, 2, 29),
    "timestamp": datetime(2024, 2, 29, 1, 2, 3, 4),
    "timestamp_with_timezone": datetime(2024, 2, 29, 1, 2, 3, 4, timezone(-timedelta(hours=5, minutes=30))),
    "compact": {"id": 1, "s": "né1"},
    "array_of_boolean": [True, False, True, True, False, False, False, False, True],
    "array_of_int8": [1, -1],
    "array_of_int16": [1, -1],
    "array_of_int32": [1, -1],
    "array_of_int64": [1, -1],
    "array_of_float32": [1.5],
    "array_of_float64": [-2.25],
    "array_of_nullable_boolean": [True, None, False],
    "array_of_nullable_int8": [1, None],
    "array_of_nullable_int16": [1, None],
    "array_of_nullable_int32": [None, -1],
    "array_of_nullable_int64": [1, None],
    "array_of_nullable_float32": [None],
    "array_of_nullable_float64": [-2.25, None],
    "array_of_string": ["a", None, ""],
    "array_of_decimal": [Decimal("1E+3"), None],
    "array_of_time": [time(1, 2), None],
    "array_of_date": [None, date(1, 1, 1)],
    "array_of_timestamp": [datetime(9999, 12, 31, 23, 59, 59)],
    "array_of_timestamp_with_timezone": [datetime(2024, 2, 29, 1, 2, 3, tzinfo=UTC)],
    "array_of_compact": [{"id": 2, "s": "né2"}, None, {"id": 3, "s": "né3"}],
}
"""A field of each kind, named after it; nested values as dicts."""
