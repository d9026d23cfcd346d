"""The client's options: what there is, what each may be, what it is when not said.

``OPTIONS`` is the table; ``Config`` holds one value for each row. Options of single structures, such as
``NearCacheConfig``, are tables too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Self

from . import options
from .errors import InvalidConfigurationError
from .network.addresses import parse_address
from .options import InvalidOptionError, Option, Options
from .protocol.custom_types import BitmapIndexOptionsHolder, IndexConfigHolder
from .serialization.api import IdentifiedDataSerializable, Portable
from .serialization.data import IntType


class SSLProtocol:
    """Version of TLS.

    Examples
    --------
    >>> Config().ssl_protocol == SSLProtocol.TLSv1_2
    True
    """

    SSLv2 = 0
    SSLv3 = 1
    TLSv1 = 2
    TLSv1_1 = 3
    TLSv1_2 = 4
    TLSv1_3 = 5


class ReconnectMode:
    """What the client does when it has lost the cluster.

    Examples
    --------
    >>> Config.from_dict({"reconnect_mode": ReconnectMode.ASYNC}).reconnect_mode == ReconnectMode.ON
    False
    """

    OFF = 0
    """Shut down."""
    ON = 1
    """Connect again; operations wait meanwhile."""
    ASYNC = 2
    """Connect again; operations raise ``ClientOfflineError`` meanwhile."""


class QueryConstants:
    """Names of an entry's parts in queries.

    Examples
    --------
    >>> QueryConstants.KEY_ATTRIBUTE_NAME, QueryConstants.THIS_ATTRIBUTE_NAME
    ('__key', 'this')
    """

    KEY_ATTRIBUTE_NAME = "__key"
    THIS_ATTRIBUTE_NAME = "this"


class IndexType:
    """Kinds of map indexes.

    Examples
    --------
    >>> IndexConfig(type="HASH").type == IndexType.HASH
    True
    """

    SORTED = 0
    HASH = 1
    BITMAP = 2


class TopicOverloadPolicy:
    """What a publisher does when a reliable topic has no room.

    Examples
    --------
    >>> ReliableTopicConfig().overload_policy == TopicOverloadPolicy.BLOCK
    True
    """

    DISCARD_OLDEST = 0
    """Overwrite the oldest message, even if it has not lived its time yet."""
    DISCARD_NEWEST = 1
    """Drop the message."""
    BLOCK = 2
    """Wait until there is room."""
    ERROR = 3
    """Raise ``TopicOverloadError``."""


class InMemoryFormat:
    """How a near cache keeps values.

    Examples
    --------
    >>> NearCacheConfig().in_memory_format == InMemoryFormat.BINARY
    True
    """

    BINARY = 0
    """Serialized."""
    OBJECT = 1
    """As objects, the same for every caller."""


class EvictionPolicy:
    """Which entries a near cache drops first.

    Examples
    --------
    >>> NearCacheConfig.from_dict({"eviction_policy": "LFU"}).eviction_policy == EvictionPolicy.LFU
    True
    """

    NONE = 0
    LRU = 1
    LFU = 2
    RANDOM = 3


class UniqueKeyTransformation:
    """What a bitmap index makes of the values of its unique key.

    Examples
    --------
    >>> BitmapIndexOptions(unique_key_transformation="LONG").unique_key_transformation == UniqueKeyTransformation.LONG
    True
    """

    OBJECT = 0
    LONG = 1
    RAW = 2


class NearCacheConfig(Options):
    """How a near cache keeps what was read from a map. Durations are seconds; None is for ever.

    Examples
    --------
    >>> Config.from_dict({"near_caches": {"people": {"max_idle": 60}}}).near_caches["people"]
    NearCacheConfig(max_idle=60)
    >>> NearCacheConfig.from_dict({"max_idle": 60}).eviction_max_size
    10000
    """

    TABLE: ClassVar = {
        "invalidate_on_change": Option(True, options.flag),
        "in_memory_format": Option(InMemoryFormat.BINARY, options.choice(InMemoryFormat)),
        "time_to_live": Option(None, options.number(0)),
        "max_idle": Option(None, options.number(0)),
        "eviction_policy": Option(EvictionPolicy.LRU, options.choice(EvictionPolicy)),
        "eviction_max_size": Option(10_000, options.whole(1)),
        "eviction_sampling_count": Option(8, options.whole(1)),
        "eviction_sampling_pool_size": Option(16, options.whole(1)),
    }


class FlakeIdGeneratorConfig(Options):
    """How many ids are fetched at a time, and for how many seconds they may be used; 0 for ever.

    Examples
    --------
    >>> Config.from_dict({"flake_id_generators": {"orders": FlakeIdGeneratorConfig.from_dict({"prefetch_count": 500})}})
    Config(flake_id_generators={'orders': FlakeIdGeneratorConfig(prefetch_count=500)})
    """

    TABLE: ClassVar = {
        "prefetch_count": Option(100, options.whole(1, 100_000)),
        "prefetch_validity": Option(600, options.number(0)),
    }


class ReliableTopicConfig(Options):
    """What a publisher does when there is no room, and how many messages a listener reads at a time.

    Examples
    --------
    >>> slow = ReliableTopicConfig.from_dict({"overload_policy": "ERROR", "read_batch_size": 1})
    >>> Config.from_dict({"reliable_topics": {"orders": slow}}).reliable_topics["orders"].read_batch_size
    1
    """

    TABLE: ClassVar = {
        "overload_policy": Option(TopicOverloadPolicy.BLOCK, options.choice(TopicOverloadPolicy)),
        "read_batch_size": Option(10, options.whole(1, 1_000)),
    }


class BitmapIndexOptions(Options):
    """What identifies an entry in a bitmap index.

    Examples
    --------
    >>> IndexConfig("by_city", "BITMAP", ["city"], {"unique_key": "id"}).bitmap_index_options
    BitmapIndexOptions(unique_key='id')
    >>> BitmapIndexOptions.from_dict({"unique_key": "id"}) == BitmapIndexOptions("id")
    True
    """

    TABLE: ClassVar = {
        "unique_key": Option(
            QueryConstants.KEY_ATTRIBUTE_NAME, lambda value: vars(QueryConstants).get(options.text(value), value)
        ),
        "unique_key_transformation": Option(UniqueKeyTransformation.OBJECT, options.choice(UniqueKeyTransformation)),
    }

    def __init__(self, unique_key: str | None = None, unique_key_transformation: int | str | None = None) -> None:
        super().__init__()
        self._set_given(unique_key=unique_key, unique_key_transformation=unique_key_transformation)


def _attributes(value: Any) -> list[str]:
    if isinstance(value, list | tuple) and None in value:
        raise AssertionError("an attribute of an index is a name, not None")
    attributes: list[str] = options.texts(value)
    for attribute in attributes:
        if not attribute.strip() or attribute.strip().endswith("."):
            raise ValueError(f"an attribute of an index is a name that does not end with a dot, not {attribute!r}")
    return attributes


class IndexConfig(Options):
    """An index of a map: its name, ``IndexType``, attributes, and options of a bitmap index.

    Examples
    --------
    >>> IndexConfig.from_dict({"attributes": ["age"]}) == IndexConfig(attributes=["age"])
    True
    >>> index = IndexConfig(type="HASH")
    """

    TABLE: ClassVar = {
        "name": Option(None, lambda value: None if value is None else options.text(value)),
        "type": Option(IndexType.SORTED, options.choice(IndexType)),
        "attributes": Option([], _attributes),
        "bitmap_index_options": Option(None, options.section(BitmapIndexOptions)),
    }

    def __init__(
        self,
        name: str | None = None,
        type: int | str | None = None,
        attributes: Sequence[str] | None = None,
        bitmap_index_options: Mapping[str, Any] | BitmapIndexOptions | None = None,
    ) -> None:
        super().__init__()
        self._set_given(name=name, type=type, attributes=attributes, bitmap_index_options=bitmap_index_options or {})

    def add_attribute(self, attribute: str) -> None:
        """Index one more attribute.

        Examples
        --------
        >>> index.add_attribute("name")
        >>> index.attributes
        ['name']
        """
        self._set_given(attributes=[*self.attributes, attribute])

    def normalized(self, map_name: str) -> IndexConfigHolder:
        """Return what the members are told.

        Raises
        ------
        ValueError
            When the attributes make no index.
        """
        attributes = [attribute.strip().removeprefix("this.") for attribute in self.attributes]
        if not attributes:
            raise ValueError("Index must have at least one attribute")
        if len(attributes) > 255:
            raise ValueError("Index cannot have more than 255 attributes")
        if self.type == IndexType.BITMAP and len(attributes) > 1:
            raise ValueError("Composite bitmap indexes are not supported")
        if len(set(attributes)) < len(attributes):
            raise ValueError(f"Duplicate attribute name in {self.attributes}")
        kind = {IndexType.SORTED: "sorted", IndexType.HASH: "hash", IndexType.BITMAP: "bitmap"}[self.type]
        name = self.name if self.name and self.name.strip() else "_".join([map_name, kind, *attributes])
        bitmap_options = self.bitmap_index_options or BitmapIndexOptions()
        unique_key = bitmap_options.unique_key.strip().removeprefix("this.")
        bitmap = BitmapIndexOptionsHolder(unique_key, bitmap_options.unique_key_transformation)
        return IndexConfigHolder(name, self.type, attributes, bitmap if self.type == IndexType.BITMAP else None)


class IndexUtil:
    """Where programs look for `IndexConfig.normalized`."""

    @staticmethod
    def validate_and_normalize(map_name: str, index_config: IndexConfig) -> IndexConfigHolder:
        return index_config.normalized(map_name)


def _addresses(value: Any) -> list[str]:
    addresses: list[str] = options.texts(value)
    try:
        for address in addresses:
            parse_address(address)
    except InvalidConfigurationError as error:
        raise InvalidOptionError(f"cluster_members: {error}") from None
    return addresses


OPTIONS: dict[str, Option] = {
    "cluster_members": Option([], _addresses),
    "cluster_name": Option("dev", options.text),
    "client_name": Option(None, options.text),
    "connection_timeout": Option(5.0, options.number(0, most=options.SOCKET_MOST)),
    "socket_options": Option([], options.socket_options),
    "redo_operation": Option(False, options.flag),
    "smart_routing": Option(True, options.flag),
    "ssl_enabled": Option(False, options.flag),
    "ssl_cafile": Option(None, options.text),
    "ssl_certfile": Option(None, options.text),
    "ssl_keyfile": Option(None, options.text),
    "ssl_password": Option(None, options.password),
    "ssl_protocol": Option(SSLProtocol.TLSv1_2, options.choice(SSLProtocol)),
    "ssl_ciphers": Option(None, options.text),
    "ssl_check_hostname": Option(False, options.flag),
    "cloud_discovery_token": Option(None, options.text),
    "async_start": Option(False, options.flag),
    "reconnect_mode": Option(ReconnectMode.ON, options.choice(ReconnectMode)),
    "retry_initial_backoff": Option(1.0, options.number(0)),
    "retry_max_backoff": Option(30.0, options.number(0)),
    "retry_jitter": Option(0.0, options.number(0, 1)),
    "retry_multiplier": Option(1.05, options.number(1)),
    "cluster_connect_timeout": Option(-1, options.connect_timeout),
    "portable_version": Option(0, options.whole(0, options.MOST)),
    "data_serializable_factories": Option({}, options.factories(IdentifiedDataSerializable)),
    "portable_factories": Option({}, options.factories(Portable)),
    "compact_serializers": Option([], options.each(options.having("get_type_name", "a list of CompactSerializers"))),
    "class_definitions": Option([], options.each(options.having("get_field_names", "a list of ClassDefinitions"))),
    "check_class_definition_errors": Option(True, options.flag),
    "is_big_endian": Option(True, options.flag),
    "default_int_type": Option(IntType.INT, options.choice(IntType)),
    "global_serializer": Option(None, options.having("get_type_id", "a StreamSerializer")),
    "custom_serializers": Option({}, options.by_class("get_type_id", "StreamSerializers")),
    "allow_unpickling": Option(True, options.flag),
    "near_caches": Option({}, options.by_name(NearCacheConfig)),
    "load_balancer": Option(None, options.having("next", "a LoadBalancer: an object with init() and next()")),
    "membership_listeners": Option([], options.listener_pairs),
    "lifecycle_listeners": Option([], options.callables),
    "flake_id_generators": Option({}, options.by_name(FlakeIdGeneratorConfig)),
    "reliable_topics": Option({}, options.by_name(ReliableTopicConfig)),
    "labels": Option([], options.texts),
    "heartbeat_interval": Option(5.0, options.number(0, above=True)),
    "heartbeat_timeout": Option(60.0, options.number(0, most=options.SOCKET_MOST, above=True)),
    "invocation_timeout": Option(120.0, options.number(0, above=True)),
    "invocation_retry_pause": Option(1.0, options.number(0, above=True)),
    "statistics_enabled": Option(False, options.flag),
    "statistics_period": Option(3.0, options.number(0, above=True)),
    "shuffle_member_list": Option(True, options.flag),
    "backup_ack_to_client_enabled": Option(True, options.flag),
    "operation_backup_timeout": Option(5.0, options.number(0, above=True)),
    "fail_on_indeterminate_operation_state": Option(False, options.flag),
    "creds_username": Option(None, options.text),
    "creds_password": Option(None, options.text),
    "token_provider": Option(None, options.having("token", "a TokenProvider: an object with token(address)")),
    "use_public_ip": Option(False, options.flag),
}
"""Every option of the client: its default and what it may be. Durations are seconds."""


class Config(Options):
    """The options of a client, each an attribute.

    Setting one checks it at once. Names, defaults and meanings are those of the Hazelcast Python client.

    Raises
    ------
    hzdata.core.errors.InvalidConfigurationError
        For a value that is not allowed, naming option, value and what is; for a name that is no option, naming the
        nearest.

    Examples
    --------
    >>> config = Config()
    >>> config.cluster_name = "prod"
    >>> Config.from_dict({"cluster_name": "prod"}).cluster_name
    'prod'
    """

    TABLE = OPTIONS
    # Programs list the options by them.
    __slots__ = tuple(f"_{name}" for name in OPTIONS)
    SECRET = frozenset({"creds_password", "ssl_password", "cloud_discovery_token"})

    @classmethod
    def from_dict(cls, d: Mapping[str, Any]) -> Self:
        """Make options of ``{option: value}``; an option whose value is None keeps its default."""
        return super().from_dict({name: value for name, value in d.items() if value is not None or name not in OPTIONS})
