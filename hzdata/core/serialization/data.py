"""``Data``: one serialized value, and the type ids that say what its bytes are."""

from __future__ import annotations

HEADER_SIZE = 8
"""Bytes before the payload: the partition hash and the type id, both big endian whatever the payload is."""


class Data(bytes):
    """A serialized value: ``int32`` partition hash (0: compute it), ``int32`` type id, payload."""

    __slots__ = ()

    @property
    def partition_hash(self) -> int:
        """The hash stored with a value whose partition is another key's; 0 for all others."""
        return int.from_bytes(self[:4], "big", signed=True)

    @property
    def type_id(self) -> int:
        """What the payload is: one of `TypeId`, or the positive id of a custom serializer."""
        return int.from_bytes(self[4:8], "big", signed=True)

    def __repr__(self) -> str:
        return f"<Data type {self.type_id}, {len(self)} bytes>"


class IntType:
    """The Java type that a Python int becomes.

    Examples
    --------
    >>> from hzdata.core.config import Config
    >>> Config.from_dict({"default_int_type": "LONG"}).default_int_type == IntType.LONG
    True
    """

    VAR = 0
    """The smallest that holds the value: byte, short, int, long, then BigInteger."""
    BYTE = 1
    SHORT = 2
    INT = 3
    LONG = 4
    BIG_INT = 5


class TypeId:
    """Type ids of what a member and its clients agree on. Custom serializers take positive ones.

    See: ``com.hazelcast.internal.serialization.impl.SerializationConstants`` of the members.
    """

    NULL, PORTABLE, IDENTIFIED_DATA_SERIALIZABLE = 0, -1, -2
    BYTE, BYTE_ARRAY = -3, -12
    BOOLEAN, BOOLEAN_ARRAY = -4, -13
    CHAR, CHAR_ARRAY = -5, -14
    SHORT, SHORT_ARRAY = -6, -15
    INTEGER, INTEGER_ARRAY = -7, -16
    LONG, LONG_ARRAY = -8, -17
    FLOAT, FLOAT_ARRAY = -9, -18
    DOUBLE, DOUBLE_ARRAY = -10, -19
    STRING, STRING_ARRAY = -11, -20
    UUID = -21
    SIMPLE_ENTRY, SIMPLE_IMMUTABLE_ENTRY = -22, -23
    JAVA_CLASS, JAVA_DATE = -24, -25
    BIG_INTEGER, BIG_DECIMAL = -26, -27
    OBJECT_ARRAY = -28
    ARRAY_LIST, LINKED_LIST, COPY_ON_WRITE_ARRAY_LIST = -29, -30, -31
    HASH_MAP, CONCURRENT_SKIP_LIST_MAP, CONCURRENT_HASH_MAP = -32, -33, -34
    LINKED_HASH_MAP, TREE_MAP = -35, -36
    HASH_SET, TREE_SET, LINKED_HASH_SET = -37, -38, -39
    COPY_ON_WRITE_ARRAY_SET, CONCURRENT_SKIP_LIST_SET = -40, -41
    ARRAY_DEQUE = -42
    LINKED_BLOCKING_QUEUE, ARRAY_BLOCKING_QUEUE, PRIORITY_BLOCKING_QUEUE = -43, -44, -45
    DELAY_QUEUE, SYNCHRONOUS_QUEUE, LINKED_TRANSFER_QUEUE, PRIORITY_QUEUE = -46, -47, -48, -49
    OPTIONAL = -50
    LOCAL_DATE, LOCAL_TIME, LOCAL_DATE_TIME, OFFSET_DATE_TIME = -51, -52, -53, -54
    COMPACT, COMPACT_WITH_SCHEMA = -55, -56
    JAVA_SERIALIZABLE, JAVA_EXTERNALIZABLE = -100, -101
    PICKLE, JSON = -120, -130
