"""Options are checked where they are set."""

from __future__ import annotations

import copy
import math
import pickle
import re
import socket
import sys
import threading
import uuid
from typing import Any

import pytest

from hzdata.core.client import HazelcastClient
from hzdata.core.config import (
    OPTIONS,
    BitmapIndexOptions,
    Config,
    IndexConfig,
    IndexUtil,
    IntType,
    NearCacheConfig,
    ReconnectMode,
)
from hzdata.core.core import Address, EndpointQualifier, MemberInfo, MemberVersion, ProtocolType
from hzdata.core.errors import InvalidConfigurationError
from hzdata.core.network.addresses import parse_address, possible_addresses
from hzdata.core.network.discovery import Discovery
from hzdata.core.options import Options


def test_every_option_has_its_documented_default() -> None:
    config = Config()
    assert config.cluster_name == "dev"
    assert config.cluster_members == []
    assert config.smart_routing is True
    assert config.invocation_timeout == 120.0
    assert config.heartbeat_timeout == 60.0
    assert config.reconnect_mode == ReconnectMode.ON
    assert config.default_int_type == IntType.INT
    assert set(dir(config)) >= set(OPTIONS)


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("cluster_name", 5, "cluster_name must be a str, not 5"),
        ("heartbeat_interval", 0, "heartbeat_interval must be a number above 0, not 0"),
        ("retry_multiplier", 0.5, "of at least 1"),
        ("smart_routing", "yes", "smart_routing must be True or False, not 'yes'"),
        ("reconnect_mode", "SOMETIMES", r"one of ReconnectMode\.OFF, ReconnectMode\.ON, ReconnectMode\.ASYNC"),
        ("cluster_members", "10.0.0.5", "cluster_members must be a list of str"),
        ("cluster_members", ["10.0.0.5:5701", "a b:x"], "^cluster_members: 'a b:x' is no address: write host"),
        ("cluster_connect_timeout", -2, "-1 to try for ever"),
        ("membership_listeners", [(None, None)], "member_added"),
        ("portable_version", 1.5, "whole number"),
        ("portable_factories", {1: int}, r"dict of factory ids to dicts .*\{1: \{2: TheClass\}\}"),
        ("portable_factories", {1: {"2": int}}, "dict of factory ids"),
        ("data_serializable_factories", {1: {2: None}}, "dict of factory ids"),
        ("class_definitions", [int], "a list of ClassDefinitions"),
        ("retry_jitter", 1.5, "of at least 0 and at most 1"),
        ("socket_options", [(1, 2)], r"a list of \(level, option, value\)"),
        ("socket_options", [("a", "b", "c")], r"socket_options must be a list of \(level, option, value\)"),
        ("compact_serializers", [int], "a list of CompactSerializers"),
        ("custom_serializers", {int: int}, "a dict of classes to StreamSerializers"),
        ("custom_serializers", {"int": None}, "a dict of classes to StreamSerializers"),
    ],
)
def test_a_value_that_is_not_allowed_is_told_with_what_is(option: str, value: object, said: str) -> None:
    with pytest.raises(InvalidConfigurationError, match=said):
        Config.from_dict({option: value})


_NUMBERS = [name for name, option in OPTIONS.items() if type(option.default) in (int, float)]


@pytest.mark.parametrize("value", [math.nan, -math.inf])
@pytest.mark.parametrize("option", _NUMBERS)
def test_a_number_that_is_none_is_refused_by_the_name_of_the_option(option: str, value: float) -> None:
    with pytest.raises(InvalidConfigurationError, match=f"^{option} must be "):
        Config.from_dict({option: value})


@pytest.mark.parametrize("value", [math.inf, sys.maxsize])
@pytest.mark.parametrize("option", [name for name in _NUMBERS if re.search("timeout|interval|pause|backoff", name)])
def test_for_ever_is_as_long_as_can_be_waited(option: str, value: float) -> None:
    seconds = getattr(Config.from_dict({option: value}), option)
    assert 2_147_483 <= seconds < threading.TIMEOUT_MAX
    if option in ("connection_timeout", "heartbeat_timeout"):
        with socket.socket() as sock:
            sock.settimeout(seconds)


def test_a_near_cache_is_told_what_is_no_number() -> None:
    with pytest.raises(InvalidConfigurationError, match="time_to_live must be a number of at least 0"):
        Config().near_caches = {"capitals": {"time_to_live": math.nan}}


def test_a_list_that_was_appended_to_is_checked_when_the_client_starts() -> None:
    config = Config()
    config.labels.append(5)
    with pytest.raises(InvalidConfigurationError, match=r"labels must be a list of str, not \[5\]"):
        HazelcastClient(config)


@pytest.mark.parametrize("config", [{"cluster_name": "prod"}, {}, "10.0.0.5:5701"])
def test_what_is_no_config_is_told_with_how_to_give_options(config: Any) -> None:
    with pytest.raises(TypeError, match=rf"a {type(config).__name__}: .*\(\*\*options\), or .*Config.from_dict"):
        HazelcastClient(config)


def test_a_copy_has_values_of_its_own() -> None:
    config = Config.from_dict({"cluster_name": "prod", "labels": ["etl"]})
    copied = copy.copy(config)
    assert copied == config
    copied.cluster_name = "test"
    copied.labels.append("nightly")
    assert (config.cluster_name, config.labels) == ("prod", ["etl"])


@pytest.mark.parametrize(
    ("kind", "name"),
    [(k, name) for k in (Config, NearCacheConfig) for name, row in k.TABLE.items() if row.default is None],
)
def test_none_is_the_value_of_no_option(kind: type[Options], name: str) -> None:
    with pytest.raises(TypeError, match=f"{name} must be"):
        setattr(kind(), name, None)
    assert copy.copy(kind()) == kind()


def test_none_in_a_dict_leaves_an_option_of_the_client_as_it_is_and_is_refused_below() -> None:
    assert Config.from_dict(dict.fromkeys(OPTIONS)) == Config()
    with pytest.raises(TypeError, match="time_to_live must be"):
        Config.from_dict({"near_caches": {"map": {"time_to_live": None}}})
    with pytest.raises(AssertionError, match="not None"):
        IndexConfig().add_attribute(None)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["invocation_retry_pause", "operation_backup_timeout"])
def test_waiting_for_no_time_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="above 0"):
        setattr(Config(), name, 0)


@pytest.mark.parametrize("option", ["portable_factories", "data_serializable_factories"])
def test_a_factory_makes_objects_of_the_kind_that_it_is_for(option: str) -> None:
    with pytest.raises(TypeError, match=rf"{option} must be a dict of .* to classes of"):
        setattr(Config(), option, {1: {1: int}})


def test_options_are_given_in_one_way() -> None:
    with pytest.raises(InvalidConfigurationError, match="Ambiguous client configuration is found"):
        HazelcastClient(Config(), cluster_name="prod")


@pytest.mark.parametrize("kind", [TypeError, ValueError])
def test_a_program_that_catches_what_the_documented_client_raises_catches_it(kind: type[Exception]) -> None:
    with pytest.raises(kind):
        Config().invocation_timeout = -1


def test_an_unknown_option_names_the_nearest_known_one() -> None:
    with pytest.raises(InvalidConfigurationError, match="did you mean cluster_members"):
        Config.from_dict({"cluster_member": ["a"]})
    with pytest.raises(InvalidConfigurationError, match="did you mean smart_routing"):
        Config().smart_route = True


def test_enum_options_also_take_their_names() -> None:
    assert Config.from_dict({"reconnect_mode": "ASYNC"}).reconnect_mode == ReconnectMode.ASYNC
    assert Config.from_dict({"default_int_type": "LONG"}).default_int_type == IntType.LONG


def test_the_unique_key_of_a_bitmap_index_is_also_known_by_the_name_of_its_constant() -> None:
    keys = [BitmapIndexOptions(name).unique_key for name in ("KEY_ATTRIBUTE_NAME", "THIS_ATTRIBUTE_NAME", "id")]
    assert keys == ["__key", "this", "id"]


def test_an_index_is_checked_and_named_as_the_members_will_be_told() -> None:
    index = IndexUtil.validate_and_normalize("people", IndexConfig(type="HASH", attributes=["this.name"]))
    assert (index.name, index.attributes) == ("people_hash_name", ["name"])
    with pytest.raises(ValueError, match="at least one attribute"):
        IndexUtil.validate_and_normalize("people", IndexConfig())


def test_a_program_lists_the_options_by_their_slots() -> None:
    named = Config.from_dict({"cluster_name": "prod"})
    assert [slot for slot in Config.__slots__ if getattr(named, slot) != getattr(Config(), slot)] == ["_cluster_name"]


def test_options_are_copied_with_what_is_in_them_and_go_to_other_processes() -> None:
    config = Config.from_dict({"near_caches": {"capitals": {"max_idle": 60}}})
    copied = copy.deepcopy(config)
    assert copied == config == pickle.loads(pickle.dumps(config))
    copied.near_caches["capitals"].max_idle = 5
    assert config.near_caches["capitals"].max_idle == 60


def test_a_password_shows_in_no_repr_and_no_error() -> None:
    config = Config.from_dict({"creds_username": "ada", "creds_password": "s3cret"})
    assert "s3cret" not in repr(config)
    with pytest.raises(InvalidConfigurationError) as refused:
        config.creds_password = b"s3cret"
    assert "s3cret" not in str(refused.value)


@pytest.mark.parametrize(
    ("text", "host", "ports"),
    [
        ("10.0.0.5:5709", "10.0.0.5", [5709]),
        ("node-1", "node-1", [5701, 5702, 5703]),
        ("[::1]:5701", "::1", [5701]),
        ("::1", "::1", [5701, 5702, 5703]),
    ],
)
def test_an_address_without_a_port_means_the_default_ports(text: str, host: str, ports: list[int]) -> None:
    assert [tuple(a) for a in possible_addresses(parse_address(text))] == [(host, port) for port in ports]


@pytest.mark.parametrize("text", ["", ":5701", "host:port", "host:99999", "[::1", "[::1]5701", "a..b", "x" * 64])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(InvalidConfigurationError, match="is no address"):
        parse_address(text)


@pytest.mark.parametrize(("public", "first"), [(True, Address("public", 1)), (False, Address("10.0.0.2", 5701))])
def test_a_lost_cluster_is_looked_for_where_its_members_were_reached(public: bool, first: Address) -> None:
    config = Config.from_dict(
        {"use_public_ip": public, "cluster_members": ["10.0.0.1:5701"], "shuffle_member_list": False}
    )
    addresses = {EndpointQualifier(ProtocolType.CLIENT, "public"): Address("public", 1)}
    member = MemberInfo(Address("10.0.0.2", 5701), uuid.uuid4(), {}, False, MemberVersion(5, 7, 0), None, addresses)
    assert Discovery(config).candidates([member]) == [first, Address("10.0.0.1", 5701)]
