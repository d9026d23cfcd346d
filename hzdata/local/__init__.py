"""Real Hazelcast members on this machine."""

from __future__ import annotations

from .cluster import LocalCluster
from .errors import LocalClusterError
from .member import Member, MemberState

__all__ = ["LocalCluster", "LocalClusterError", "Member", "MemberState"]
