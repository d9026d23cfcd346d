"""A complete Hazelcast client in Python's standard library alone. ``hazelcast.X`` of the vendor's client is here
``hzdata.core.X``."""

from __future__ import annotations

import importlib
from typing import Any

from .client import HazelcastClient
from .network.handshake import CLIENT_VERSION

__version__ = CLIENT_VERSION  # Programs ask it for what the client can do.

__all__ = ["HazelcastClient"]

# Public modules that the client does without: loaded when they are first used.
_ON_DEMAND = ("asyncio", "db", "security", "types")


def __getattr__(name: str) -> Any:
    if name in _ON_DEMAND:
        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
