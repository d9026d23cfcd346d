"""Hazelcast for data scientists: DataFrames in and out of a cluster, and a complete client underneath.

    import hzdata

    with hzdata.LocalCluster() as cluster:
        flights.to_hz_map("flights", key="flight_id")
        late = hzdata.read_sql("SELECT carrier, avg(dep_delay) AS delay FROM flights GROUP BY carrier")

This module is the public surface, listed once. A name loads its module when it is first used, so that
``import hzdata.core`` (the client: standard library only) brings neither pandas nor widgets with it.
"""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .core.errors import HazelcastError
    from .core.sql import HazelcastSqlError
    from .default_client import NoDefaultClientError
    from .frames.aggregate import aggregate
    from .frames.catalog import create_mapping, describe, head, maps
    from .frames.errors import ColumnError
    from .frames.load import LoadError, LoadInterrupted, LoadReport, to_hz_map
    from .frames.maps import read_map, scan_map
    from .frames.read import read_arrow, read_sql
    from .local import LocalCluster, LocalClusterError
    from .session import Client, connect
    from .versions import show_versions

    __version__: str

_SURFACE: dict[str, str] = {
    "Client": "session",
    "ColumnError": "frames.errors",
    "HazelcastError": "core.errors",
    "HazelcastSqlError": "core.sql",
    "LoadError": "frames.load",
    "LoadInterrupted": "frames.load",
    "LoadReport": "frames.load",
    "LocalCluster": "local",
    "LocalClusterError": "local",
    "NoDefaultClientError": "default_client",
    "aggregate": "frames.aggregate",
    "connect": "session",
    "create_mapping": "frames.catalog",
    "describe": "frames.catalog",
    "head": "frames.catalog",
    "maps": "frames.catalog",
    "read_arrow": "frames.read",
    "read_map": "frames.maps",
    "read_sql": "frames.read",
    "scan_map": "frames.maps",
    "show_versions": "versions",
    "to_hz_map": "frames.load",
}
"""Every public name, and the module below this one that holds it."""

__all__ = [
    "Client",
    "ColumnError",
    "HazelcastError",
    "HazelcastSqlError",
    "LoadError",
    "LoadInterrupted",
    "LoadReport",
    "LocalCluster",
    "LocalClusterError",
    "NoDefaultClientError",
    "aggregate",
    "connect",
    "create_mapping",
    "describe",
    "head",
    "maps",
    "read_arrow",
    "read_map",
    "read_sql",
    "scan_map",
    "show_versions",
    "to_hz_map",
]


def __getattr__(name: str) -> Any:
    if name in _SURFACE:
        _register_dataframe_method()
        value = getattr(importlib.import_module(f"{__name__}.{_SURFACE[name]}"), name)
    elif name == "__version__":
        value = importlib.import_module("importlib.metadata").version("hzdata")
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*_SURFACE, *(name for name in globals() if name.startswith("__"))})


def _register_dataframe_method() -> None:
    """Give every DataFrame its ``to_hz_map``: importing the accessor registers it with pandas."""
    importlib.import_module(f"{__name__}.frames.accessor")


# Whoever has pandas already may call ``df.to_hz_map`` right after ``import hzdata``; whoever has not gets it
# with the first public name used, because loading pandas here would make ``import hzdata.core`` heavy.
if "pandas" in sys.modules:
    _register_dataframe_method()
