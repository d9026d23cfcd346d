"""The kinds a field of Compact serialization can have, by the ids they have in a schema."""

from __future__ import annotations

from enum import IntEnum
from struct import calcsize


class FieldKind(IntEnum):
    """Kind of a field: each scalar kind is odd, the kind of its arrays is the number after it.

    ``NOT_AVAILABLE`` is what a reader answers for a field that is not there. ``CHAR`` and ``PORTABLE`` and
    their arrays have ids, but no Compact value has fields of them.

    Examples
    --------
    >>> FieldKind.INT32 + 1 == FieldKind.ARRAY_OF_INT32
    True
    """

    NOT_AVAILABLE = 0
    BOOLEAN, ARRAY_OF_BOOLEAN = 1, 2
    INT8, ARRAY_OF_INT8 = 3, 4
    CHAR, ARRAY_OF_CHAR = 5, 6
    INT16, ARRAY_OF_INT16 = 7, 8
    INT32, ARRAY_OF_INT32 = 9, 10
    INT64, ARRAY_OF_INT64 = 11, 12
    FLOAT32, ARRAY_OF_FLOAT32 = 13, 14
    FLOAT64, ARRAY_OF_FLOAT64 = 15, 16
    STRING, ARRAY_OF_STRING = 17, 18
    DECIMAL, ARRAY_OF_DECIMAL = 19, 20
    TIME, ARRAY_OF_TIME = 21, 22
    DATE, ARRAY_OF_DATE = 23, 24
    TIMESTAMP, ARRAY_OF_TIMESTAMP = 25, 26
    TIMESTAMP_WITH_TIMEZONE, ARRAY_OF_TIMESTAMP_WITH_TIMEZONE = 27, 28
    COMPACT, ARRAY_OF_COMPACT = 29, 30
    PORTABLE, ARRAY_OF_PORTABLE = 31, 32
    NULLABLE_BOOLEAN, ARRAY_OF_NULLABLE_BOOLEAN = 33, 34
    NULLABLE_INT8, ARRAY_OF_NULLABLE_INT8 = 35, 36
    NULLABLE_INT16, ARRAY_OF_NULLABLE_INT16 = 37, 38
    NULLABLE_INT32, ARRAY_OF_NULLABLE_INT32 = 39, 40
    NULLABLE_INT64, ARRAY_OF_NULLABLE_INT64 = 41, 42
    NULLABLE_FLOAT32, ARRAY_OF_NULLABLE_FLOAT32 = 43, 44
    NULLABLE_FLOAT64, ARRAY_OF_NULLABLE_FLOAT64 = 45, 46


COMPACT_KINDS = frozenset(kind for kind in FieldKind if kind and not kind.name.endswith(("CHAR", "PORTABLE")))
"""The kinds that fields of Compact values really have."""

NUMBER_CODES: dict[int, str] = {
    FieldKind.INT8: "b",
    FieldKind.INT16: "h",
    FieldKind.INT32: "i",
    FieldKind.INT64: "q",
    FieldKind.FLOAT32: "f",
    FieldKind.FLOAT64: "d",
}
"""The kinds of fixed size, by their letters of `struct`. A boolean is fixed too, of one bit; others have an offset."""

FIXED_SIZES: dict[int, int] = {kind: calcsize(f"<{code}") for kind, code in NUMBER_CODES.items()}
"""Bytes of a field of fixed size."""

ARRAY_OF: dict[int, FieldKind] = {kind: FieldKind(kind + 1) for kind in COMPACT_KINDS if kind % 2}
"""The kind of the arrays of each scalar kind."""

NULLABLE: dict[int, FieldKind] = {
    FieldKind[kind.name.replace("NULLABLE_", "")]: kind for kind in COMPACT_KINDS if "NULLABLE_" in kind.name
}
"""For each kind whose values, or items, cannot be null the twin whose can. All other kinds can anyway."""
