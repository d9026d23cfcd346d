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
    BOOLEAN = 1
    ARRAY_OF_BOOLEAN = 2
    INT8 = 3
    ARRAY_OF_INT8 = 4
    CHAR = 5
    ARRAY_OF_CHAR = 6
    INT16 = 7
    ARRAY_OF_INT16 = 8
    INT32 = 9
    ARRAY_OF_INT32 = 10
    INT64 = 11
    ARRAY_OF_INT64 = 12
    FLOAT32 = 13
    ARRAY_OF_FLOAT32 = 14
    FLOAT64 = 15
    ARRAY_OF_FLOAT64 = 16
    STRING = 17
    ARRAY_OF_STRING = 18
    DECIMAL = 19
    ARRAY_OF_DECIMAL = 20
    TIME = 21
    ARRAY_OF_TIME = 22
    DATE = 23
    ARRAY_OF_DATE = 24
    TIMESTAMP = 25
    ARRAY_OF_TIMESTAMP = 26
    TIMESTAMP_WITH_TIMEZONE = 27
    ARRAY_OF_TIMESTAMP_WITH_TIMEZONE = 28
    COMPACT = 29
    ARRAY_OF_COMPACT = 30
    PORTABLE = 31
    ARRAY_OF_PORTABLE = 32
    NULLABLE_BOOLEAN = 33
    ARRAY_OF_NULLABLE_BOOLEAN = 34
    NULLABLE_INT8 = 35
    ARRAY_OF_NULLABLE_INT8 = 36
    NULLABLE_INT16 = 37
    ARRAY_OF_NULLABLE_INT16 = 38
    NULLABLE_INT32 = 39
    ARRAY_OF_NULLABLE_INT32 = 40
    NULLABLE_INT64 = 41
    ARRAY_OF_NULLABLE_INT64 = 42
    NULLABLE_FLOAT32 = 43
    ARRAY_OF_NULLABLE_FLOAT32 = 44
    NULLABLE_FLOAT64 = 45
    ARRAY_OF_NULLABLE_FLOAT64 = 46


COMPACT_KINDS: frozenset[FieldKind] = frozenset(FieldKind) - {
    FieldKind.NOT_AVAILABLE,
    FieldKind.CHAR,
    FieldKind.ARRAY_OF_CHAR,
    FieldKind.PORTABLE,
    FieldKind.ARRAY_OF_PORTABLE,
}
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

ARRAY_OF: dict[int, FieldKind] = {
    kind: FieldKind[f"ARRAY_OF_{kind.name}"] for kind in COMPACT_KINDS if not kind.name.startswith("ARRAY_OF_")
}
"""The kind of the arrays of each scalar kind."""

NULLABLE: dict[int, FieldKind] = {
    FieldKind[kind.name.replace("NULLABLE_", "")]: kind for kind in COMPACT_KINDS if "NULLABLE_" in kind.name
}
"""For each kind whose values, or items, cannot be null the twin whose can. All other kinds can anyway."""
