"""The client's options: what there is, what each may be, what it is when not said.

``OPTIONS`` is the table. ``Config`` holds one value for each row and checks it when it is set, so that a mistake is
told where it was made and not when the option is first used.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from .errors import InvalidConfigurationError

__all__ = [
    "OPTIONS",
    "Config",
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


Check = Callable[[Any], Any]


class Refused(Exception):
    """What is allowed, when a value is not."""


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise Refused("a str")
    return value


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise Refused("True or False")
    return value


def _number(minimum: float | None = None, *, above: bool = False) -> Check:
    def check(value: Any) -> Any:
        said = "a number" if minimum is None else f"a number {'above' if above else 'of at least'} {minimum:g}"
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise Refused(said)
        if minimum is not None and (value < minimum or (above and value == minimum)):
            raise Refused(said)
        return value

    return check


def _connect_timeout(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or (value < 0 and value != -1):
        raise Refused("a number of seconds of at least 0, or -1 to try for ever")
    return value


def _texts(value: Any) -> list[str]:
    if isinstance(value, str) or not isinstance(value, Iterable):
        raise Refused("a list of str")
    items = list(value)
    if not all(isinstance(item, str) for item in items):
        raise Refused("a list of str")
    return items


def _list(value: Any) -> list[Any]:
    if isinstance(value, str) or not isinstance(value, Iterable):
        raise Refused("a list")
    return list(value)


def _mapping(value: Any) -> dict[Any, Any]:
    if not isinstance(value, Mapping):
        raise Refused("a dict")
    return dict(value)


def _anything(value: Any) -> Any:
    return value


def _enum(cls: type) -> Check:
    names = {name: number for name, number in vars(cls).items() if isinstance(number, int)}

    def check(value: Any) -> int:
        if isinstance(value, str) and value in names:
            return names[value]
        if not isinstance(value, bool) and value in names.values():
            return int(value)
        raise Refused("one of " + ", ".join(f"{cls.__name__}.{name}" for name in names))

    return check


def _has(method: str, what: str) -> Check:
    def check(value: Any) -> Any:
        if not callable(getattr(value, method, None)):
            raise Refused(what)
        return value

    return check


def _callables(value: Any) -> list[Any]:
    items = _list(value)
    if not all(callable(item) for item in items):
        raise Refused("a list of functions")
    return items


def _listener_pairs(value: Any) -> list[Any]:
    items = _list(value)
    for item in items:
        if not (
            isinstance(item, tuple) and len(item) == 2 and all(f is None or callable(f) for f in item) and any(item)
        ):
            raise Refused("a list of (member_added, member_removed) functions, one of which may be None")
    return items


def _by_name(**parts: Check) -> Check:
    """A dict of dicts: for each name of a structure, its options."""

    def check(value: Any) -> dict[str, dict[str, Any]]:
        checked: dict[str, dict[str, Any]] = {}
        for name, options in _mapping(value).items():
            if not isinstance(name, str) or not isinstance(options, Mapping):
                raise Refused("a dict of str to dict")
            checked[name] = {}
            for option, given in options.items():
                if option not in parts:
                    raise Refused(f"{{name: options}} with the options {', '.join(parts)}, none of which is {option!r}")
                try:
                    checked[name][option] = parts[option](given)
                except Refused as allowed:
                    raise Refused(f"one whose {option} for {name!r} is {allowed}") from None
        return checked

    return check


def _whole(minimum: int, maximum: int | None = None) -> Check:
    def check(value: Any) -> int:
        most = "" if maximum is None else f" and at most {maximum}"
        if isinstance(value, bool) or not isinstance(value, int) or value < minimum or value > (maximum or value):
            raise Refused(f"a whole number of at least {minimum}{most}")
        return value

    return check


class Option(NamedTuple):
    """One row of ``OPTIONS``."""

    default: Any
    check: Check
    """Returns the value to keep; raises ``Refused`` with what is allowed."""
    available: bool = True
    """This version acts on it; one that it cannot act on is refused, never ignored."""


OPTIONS: dict[str, Option] = {
    "cluster_members": Option([], _texts),
    "cluster_name": Option("dev", _text),
    "client_name": Option(None, _text),
    "connection_timeout": Option(5.0, _number(0)),
    "socket_options": Option([], _list),
    "redo_operation": Option(False, _flag),
    "smart_routing": Option(True, _flag),
    "ssl_enabled": Option(False, _flag, available=False),
    "ssl_cafile": Option(None, _text, available=False),
    "ssl_certfile": Option(None, _text, available=False),
    "ssl_keyfile": Option(None, _text, available=False),
    "ssl_password": Option(None, _anything, available=False),
    "ssl_protocol": Option(SSLProtocol.TLSv1_2, _enum(SSLProtocol), available=False),
    "ssl_ciphers": Option(None, _text, available=False),
    "ssl_check_hostname": Option(False, _flag, available=False),
    "cloud_discovery_token": Option(None, _text, available=False),
    "async_start": Option(False, _flag),
    "reconnect_mode": Option(ReconnectMode.ON, _enum(ReconnectMode)),
    "retry_initial_backoff": Option(1.0, _number(0)),
    "retry_max_backoff": Option(30.0, _number(0)),
    "retry_jitter": Option(0.0, _number(0)),
    "retry_multiplier": Option(1.05, _number(1)),
    "cluster_connect_timeout": Option(-1, _connect_timeout),
    "portable_version": Option(0, _number(0), available=False),
    "data_serializable_factories": Option({}, _mapping),
    "portable_factories": Option({}, _mapping, available=False),
    "compact_serializers": Option([], _list),
    "class_definitions": Option([], _list, available=False),
    "check_class_definition_errors": Option(True, _flag, available=False),
    "is_big_endian": Option(True, _flag),
    "default_int_type": Option(IntType.INT, _enum(IntType)),
    "global_serializer": Option(None, _has("get_type_id", "a StreamSerializer"), available=True),
    "custom_serializers": Option({}, _mapping),
    "allow_unpickling": Option(True, _flag),
    "near_caches": Option({}, _mapping, available=False),
    "load_balancer": Option(None, _has("next", "a LoadBalancer: an object with init() and next()")),
    "membership_listeners": Option([], _listener_pairs),
    "lifecycle_listeners": Option([], _callables),
    "flake_id_generators": Option({}, _by_name(prefetch_count=_whole(1, 100_000), prefetch_validity=_number(0))),
    "reliable_topics": Option(
        {}, _by_name(overload_policy=_enum(TopicOverloadPolicy), read_batch_size=_whole(1, 1_000))
    ),
    "labels": Option([], _texts),
    "heartbeat_interval": Option(5.0, _number(0, above=True)),
    "heartbeat_timeout": Option(60.0, _number(0, above=True)),
    "invocation_timeout": Option(120.0, _number(0, above=True)),
    "invocation_retry_pause": Option(1.0, _number(0)),
    "statistics_enabled": Option(False, _flag, available=False),
    "statistics_period": Option(3.0, _number(0, above=True), available=False),
    "shuffle_member_list": Option(True, _flag),
    "backup_ack_to_client_enabled": Option(True, _flag),
    "operation_backup_timeout": Option(5.0, _number(0)),
    "fail_on_indeterminate_operation_state": Option(False, _flag),
    "creds_username": Option(None, _text),
    "creds_password": Option(None, _text),
    "token_provider": Option(None, _has("token", "a TokenProvider: an object with token(address)")),
    "use_public_ip": Option(False, _flag),
}
"""Every option of the client: its default and what it may be. Durations are seconds."""

_SECRET = frozenset({"creds_password", "ssl_password", "cloud_discovery_token"})


class Config:
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

    def __init__(self) -> None:
        values: dict[str, Any] = {}
        for name, option in OPTIONS.items():
            default = option.default
            values[name] = type(default)(default) if isinstance(default, (list, dict)) else default
        object.__setattr__(self, "_values", values)

    @classmethod
    def from_dict(cls, d: Mapping[str, Any]) -> Config:
        """Make a configuration of ``{option: value}``; an option whose value is None keeps its default."""
        config = cls()
        for name, value in d.items():
            if name not in OPTIONS:
                raise unknown_option(name)
            if value is not None:
                setattr(config, name, value)
        return config

    def __getattr__(self, name: str) -> Any:
        values: dict[str, Any] = object.__getattribute__(self, "_values")
        try:
            return values[name]
        except KeyError:
            raise AttributeError(str(unknown_option(name))) from None

    def __setattr__(self, name: str, value: Any) -> None:
        option = OPTIONS.get(name)
        if option is None:
            raise unknown_option(name)
        try:
            checked = option.check(value)
        except Refused as allowed:
            shown = "a value" if name in _SECRET else repr(value)
            raise InvalidConfigurationError(f"{name} must be {allowed}, not {shown}") from None
        if not option.available and checked != option.default:
            raise InvalidConfigurationError(
                f"{name} is not supported by this version of hzdata yet: leave it at its default"
            )
        self._values[name] = checked

    def __dir__(self) -> list[str]:
        return [*OPTIONS, "from_dict"]

    def __repr__(self) -> str:
        said = (
            f"{name}={'***' if name in _SECRET else repr(value)}"
            for name, value in self._values.items()
            if value != OPTIONS[name].default
        )
        return f"Config({', '.join(said)})"


def unknown_option(name: str) -> InvalidConfigurationError:
    """The error for a name that is no option: it says which option is nearest."""
    near = difflib.get_close_matches(name, OPTIONS, n=1, cutoff=0.5)
    hint = f": did you mean {near[0]}?" if near else "; the options are " + ", ".join(sorted(OPTIONS))
    return InvalidConfigurationError(f"{name!r} is not an option of the client{hint}")
