"""A complete Hazelcast client in Python's standard library alone. ``hazelcast.X`` of the vendor's client is here
``hzdata.core.X``."""

from __future__ import annotations

import importlib
from typing import Any

from .client import HazelcastClient

__all__ = ["HazelcastClient"]

# Public modules that the client does without: loaded when they are first used.
_ON_DEMAND = ("asyncio", "db", "security")


def __getattr__(name: str) -> Any:
    if name == "__version__":
        value = importlib.import_module("importlib.metadata").version("hzdata")
    elif name in _ON_DEMAND:
        return importlib.import_module(f"{__name__}.{name}")
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value
    return value
