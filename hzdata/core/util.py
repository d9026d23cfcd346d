"""Checks of arguments, times, and load balancers."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator, Sized
from contextlib import contextmanager
from typing import Any

from .cluster import ClusterService
from .core import MemberInfo

__all__ = ["LoadBalancer", "RandomLB", "RoundRobinLB", "acting_as", "check_not_empty", "check_not_none", "thread_id"]


def check_not_none(val: Any, message: str) -> None:
    """Raise an AssertionError with ``message`` when ``val`` is None."""
    if val is None:
        raise AssertionError(message)


def check_true(val: bool, message: str) -> None:
    """Raise an AssertionError with ``message`` when ``val`` is not true."""
    if not val:
        raise AssertionError(message)


def check_not_negative(val: float, message: str) -> None:
    """Raise an AssertionError with ``message`` when ``val`` is below 0."""
    if val < 0:
        raise AssertionError(message)


def check_not_empty(collection: Sized, message: str) -> None:
    """Raise an AssertionError with ``message`` when ``collection`` has nothing in it."""
    if not len(collection):
        raise AssertionError(message)


def check_is_number(val: Any, message: str = "Number value expected") -> None:
    """Raise an AssertionError with ``message`` when ``val`` is no number."""
    if not isinstance(val, (int, float)):
        raise AssertionError(message)


def check_is_int(val: Any, message: str = "Int value expected") -> None:
    """Raise an AssertionError with ``message`` when ``val`` is no int."""
    if not isinstance(val, int):
        raise AssertionError(message)


def current_time() -> float:
    """Seconds since the epoch."""
    return time.time()


def current_time_in_millis() -> int:
    """Milliseconds since the epoch."""
    return int(time.time() * 1000)


def to_millis(seconds: float | None) -> int:
    """Seconds as whole milliseconds; -1, which members take for "not said", for None."""
    return -1 if seconds is None else int(seconds * 1000)


class _Acting(threading.local):
    # A class attribute: looking for one that is not there costs more than the rest of a small request's encoding.
    thread_id = 0


_acting = _Acting()


def thread_id() -> int:
    """The id by which members know the calling thread: locks belong to it."""
    return _acting.thread_id or threading.get_ident()


@contextmanager
def acting_as(caller: int) -> Iterator[None]:
    """Within this, ``thread_id()`` is ``caller``: an operation goes on for the thread that called it."""
    _acting.thread_id = caller
    try:
        yield
    finally:
        _acting.thread_id = 0


class LoadBalancer:
    """Chooses the member for operations that any member can do. Subclass it to choose otherwise."""

    def init(self, cluster_service: ClusterService) -> None:
        """Called once, before ``next``, with the service that tells the members."""
        raise NotImplementedError

    def next(self) -> MemberInfo | None:
        """Return a member, or None when there is none."""
        raise NotImplementedError


class _AbstractLoadBalancer(LoadBalancer):
    def __init__(self) -> None:
        self._members: list[MemberInfo] = []
        self._cluster_service: ClusterService | None = None

    def init(self, cluster_service: ClusterService) -> None:
        self._cluster_service = cluster_service
        cluster_service.add_listener(self._changed, self._changed, fire_for_existing=True)

    def _changed(self, _: MemberInfo) -> None:
        assert self._cluster_service is not None
        self._members = self._cluster_service.get_members()

    def next(self) -> MemberInfo | None:
        members = self._members
        return self._choose(members) if members else None

    def _choose(self, members: list[MemberInfo]) -> MemberInfo:
        raise NotImplementedError


class RoundRobinLB(_AbstractLoadBalancer):
    """One member after the other."""

    def __init__(self) -> None:
        super().__init__()
        self._turn = random.randrange(1 << 16)

    def _choose(self, members: list[MemberInfo]) -> MemberInfo:
        self._turn += 1
        return members[self._turn % len(members)]


class RandomLB(_AbstractLoadBalancer):
    """A member by chance."""

    def _choose(self, members: list[MemberInfo]) -> MemberInfo:
        return random.choice(members)
