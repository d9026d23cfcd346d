"""A complete Hazelcast client in Python's standard library alone. ``hazelcast.X`` of the vendor's client is here
``hzdata.core.X``."""

from __future__ import annotations

from .client import HazelcastClient

__all__ = ["HazelcastClient"]
