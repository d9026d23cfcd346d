"""Values that options, by name or by number, can have."""

from __future__ import annotations

__all__ = [
    "EvictionPolicy",
    "InMemoryFormat",
    "IndexType",
    "IntType",
    "QueryConstants",
    "ReconnectMode",
    "SSLProtocol",
    "TopicOverloadPolicy",
    "UniqueKeyTransformation",
]


class IntType:
    """The Java type that a Python int becomes."""

    VAR = 0
    """The smallest that holds the value: byte, short, int, long, then BigInteger."""
    BYTE = 1
    SHORT = 2
    INT = 3
    LONG = 4
    BIG_INT = 5


class SSLProtocol:
    """Version of TLS."""

    SSLv2 = 0
    SSLv3 = 1
    TLSv1 = 2
    TLSv1_1 = 3
    TLSv1_2 = 4
    TLSv1_3 = 5


class ReconnectMode:
    """What the client does when it has lost the cluster."""

    OFF = 0
    """Shut down."""
    ON = 1
    """Connect again; operations wait meanwhile."""
    ASYNC = 2
    """Connect again; operations raise ``ClientOfflineError`` meanwhile."""


class QueryConstants:
    """Names of an entry's parts in queries."""

    KEY_ATTRIBUTE_NAME = "__key"
    THIS_ATTRIBUTE_NAME = "this"


class IndexType:
    """Kinds of map indexes."""

    SORTED = 0
    HASH = 1
    BITMAP = 2


class TopicOverloadPolicy:
    """What a publisher does when a reliable topic has no room."""

    DISCARD_OLDEST = 0
    """Overwrite the oldest message, even if it has not lived its time yet."""
    DISCARD_NEWEST = 1
    """Drop the message."""
    BLOCK = 2
    """Wait until there is room."""
    ERROR = 3
    """Raise ``TopicOverloadError``."""


class InMemoryFormat:
    """How a near cache keeps values."""

    BINARY = 0
    """Serialized."""
    OBJECT = 1
    """As objects, the same for every caller."""


class EvictionPolicy:
    """Which entries a near cache drops first."""

    NONE = 0
    LRU = 1
    LFU = 2
    RANDOM = 3


class UniqueKeyTransformation:
    """What a bitmap index makes of the values of its unique key."""

    OBJECT = 0
    LONG = 1
    RAW = 2
