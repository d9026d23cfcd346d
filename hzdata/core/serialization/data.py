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

    NULL = 0
    PORTABLE = -1
    IDENTIFIED_DATA_SERIALIZABLE = -2
    BYTE = -3
    BOOLEAN = -4
    CHAR = -5
    SHORT = -6
    INTEGER = -7
    LONG = -8
    FLOAT = -9
    DOUBLE = -10
    STRING = -11
    BYTE_ARRAY = -12
    BOOLEAN_ARRAY = -13
    CHAR_ARRAY = -14
    SHORT_ARRAY = -15
    INTEGER_ARRAY = -16
    LONG_ARRAY = -17
    FLOAT_ARRAY = -18
    DOUBLE_ARRAY = -19
    STRING_ARRAY = -20
    UUID = -21
    SIMPLE_ENTRY = -22
    SIMPLE_IMMUTABLE_ENTRY = -23
    JAVA_CLASS = -24
    JAVA_DATE = -25
    BIG_INTEGER = -26
    BIG_DECIMAL = -27
    OBJECT_ARRAY = -28
    ARRAY_LIST = -29
    LINKED_LIST = -30
    COPY_ON_WRITE_ARRAY_LIST = -31
    HASH_MAP = -32
    CONCURRENT_SKIP_LIST_MAP = -33
    CONCURRENT_HASH_MAP = -34
    LINKED_HASH_MAP = -35
    TREE_MAP = -36
    HASH_SET = -37
    TREE_SET = -38
    LINKED_HASH_SET = -39
    COPY_ON_WRITE_ARRAY_SET = -40
    CONCURRENT_SKIP_LIST_SET = -41
    ARRAY_DEQUE = -42
    LINKED_BLOCKING_QUEUE = -43
    ARRAY_BLOCKING_QUEUE = -44
    PRIORITY_BLOCKING_QUEUE = -45
    DELAY_QUEUE = -46
    SYNCHRONOUS_QUEUE = -47
    LINKED_TRANSFER_QUEUE = -48
    PRIORITY_QUEUE = -49
    OPTIONAL = -50
    LOCAL_DATE = -51
    LOCAL_TIME = -52
    LOCAL_DATE_TIME = -53
    OFFSET_DATE_TIME = -54
    COMPACT = -55
    COMPACT_WITH_SCHEMA = -56
    JAVA_SERIALIZABLE = -100
    JAVA_EXTERNALIZABLE = -101
    PICKLE = -120
    JSON = -130
