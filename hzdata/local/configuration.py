"""The configuration file of a member: ours, with the user's merged over it."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from .errors import LocalClusterError
from .ports import HOST
from .versions import Version

__all__ = ["Config", "merged", "read_overrides", "shared_configuration", "write_configuration"]

Config = dict[str, Any]

# What LocalCluster itself must decide for its promises to hold: path in the configuration -> why.
OWNED: dict[tuple[str, ...], str] = {
    ("network", "port"): "members get free loopback ports; port= asks for certain ones",
    ("network", "join"): "members find each other by a list of loopback addresses, never by multicast",
    ("network", "interfaces"): "members listen on the loopback interface only",
    ("network", "public-address"): "members are reached on the loopback interface only",
    ("advanced-network",): "members listen on one loopback port each",
    ("properties", "hazelcast.logging.type"): "the members' logs say when they have started",
}


def read_overrides(config: Mapping[str, Any] | str | os.PathLike[str] | None) -> Config:
    """Return the content of ``config``, below its ``hazelcast`` key where it has one.

    Raises
    ------
    LocalClusterError
        When the file cannot be read or is no YAML mapping, or when it sets what LocalCluster decides.
    """
    if config is None:
        return {}
    content: Any = _read_yaml(Path(config)) if isinstance(config, (str, os.PathLike)) else config
    if isinstance(content, Mapping) and set(content) == {"hazelcast"}:
        content = content["hazelcast"] or {}
    if not isinstance(content, Mapping):
        raise LocalClusterError(
            f"config={config!r} is no mapping: pass what stands below `hazelcast:` in a hazelcast.yaml."
        )
    for path, reason in OWNED.items():
        if _has(content, path):
            raise LocalClusterError(
                f"config sets {'.'.join(path)}, which LocalCluster decides ({reason}): leave it out."
            )
    try:
        json.dumps(content)
    except (TypeError, ValueError) as error:
        raise LocalClusterError(f"config= holds what no YAML can hold ({error}): use texts and numbers.") from error
    return dict(content)


def _read_yaml(path: Path) -> Any:
    if path.suffix not in (".yaml", ".yml"):
        raise LocalClusterError(f"config={str(path)!r} is no YAML file: pass a hazelcast.yaml, or a dict.")
    try:
        import yaml
    except ImportError as error:
        raise LocalClusterError(
            "config= as a file needs the package pyyaml: pip install 'hzdata[local]', or pass a dict."
        ) from error
    try:
        return yaml.safe_load(path.read_text())
    except OSError as error:
        raise LocalClusterError(f"config={str(path)!r} cannot be read ({error.strerror}): check the path.") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        reason = " ".join(str(error).split())
        raise LocalClusterError(f"config={str(path)!r} is no YAML ({reason}): mend the file.") from error


def _has(content: Mapping[str, Any], path: tuple[str, ...]) -> bool:
    for key in path[:-1]:
        inner = content.get(key)
        if not isinstance(inner, Mapping):
            return False
        content = inner
    return path[-1] in content


def merged(base: Mapping[str, Any], over: Mapping[str, Any]) -> Config:
    """Return ``base`` with ``over`` merged into it, mappings key by key, anything else replaced."""
    result = dict(base)
    for key, value in over.items():
        ours = result.get(key)
        both = isinstance(ours, Mapping) and isinstance(value, Mapping)
        result[key] = merged(ours, value) if both else value  # type: ignore[arg-type]
    return result


def shared_configuration(version: Version, cluster_name: str, cp_members: int) -> Config:
    """Return what all members of a cluster have in common."""
    config: Config = {
        "cluster-name": cluster_name,
        "network": {
            "reuse-address": True,
            "interfaces": {"enabled": True, "interfaces": [HOST]},
        },
        "properties": {
            "hazelcast.logging.type": "jdk",
            "hazelcast.phone.home.enabled": "false",
            # Else a member listens on every interface, whatever `interfaces` says.
            "hazelcast.socket.bind.any": "false",
            # A member that is asked to stop (SIGTERM) hands its partitions over first.
            "hazelcast.shutdownhook.policy": "GRACEFUL",
            # The master would wait five seconds for more members before it lets the first one in.
            "hazelcast.wait.seconds.before.join": "0",
            # A member that was paused until the others gave it up looks for them after this time, not five minutes.
            "hazelcast.merge.first.run.delay.seconds": "10",
            "hazelcast.merge.next.run.delay.seconds": "10",
        },
    }
    if version.has_jet:
        # SQL runs on Jet.
        config["jet"] = {"enabled": True}
    if cp_members:
        config["cp-subsystem"] = {"cp-member-count": cp_members}
    return config


def write_configuration(path: Path, shared: Config, port: int, addresses: Sequence[str], required: str | None) -> None:
    """Write the file of the member at ``port``.

    Parameters
    ----------
    addresses
        Where members may be, this one included.
    required
        The address of a running member: this one waits for it and never founds a cluster of its own.
    """
    join: Config = {
        "multicast": {"enabled": False},
        "tcp-ip": {"enabled": True, "member-list": list(addresses)},
    }
    if required is not None:
        join["tcp-ip"]["required-member"] = required
    own: Config = {"network": {"port": {"port": port, "auto-increment": False}, "join": join}}
    # Any JSON document is a YAML document.
    path.write_text(json.dumps({"hazelcast": merged(shared, own)}, indent=2) + "\n")
