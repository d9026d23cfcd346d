"""The I/O thread runs what it is given, at once."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator

import pytest

from hzdata.core.network.reactor import Reactor


@pytest.fixture
def reactor() -> Iterator[Reactor]:
    reactor = Reactor("test.io")
    reactor.start()
    yield reactor
    reactor.stop()


@pytest.fixture
def eager_threads() -> Iterator[None]:
    """Threads take turns as often as they can."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(interval)


def test_no_call_waits_for_another_event_whenever_it_comes(reactor: Reactor, eager_threads: None) -> None:
    # Nothing else wakes the thread here: no socket, no timer. A call whose waking was lost would wait for ever.
    late: list[int] = []

    def call(count: int) -> None:
        for i in range(count):
            ran = threading.Event()
            reactor.call_soon(ran.set)
            if not ran.wait(10):
                late.append(i)
                return

    threads = [threading.Thread(target=call, args=(5000,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert late == []


def test_who_is_interrupted_before_waking_the_thread_does_not_keep_others_from_it(reactor: Reactor) -> None:
    passed, called = threading.Event(), threading.Event()

    def as_if_interrupted() -> None:
        reactor._wake_sent = True
        reactor.call_later(0.01, passed.set)

    reactor.call_soon(as_if_interrupted)
    assert passed.wait(10)
    reactor.call_soon(called.set)
    assert called.wait(10)


def test_what_was_given_before_the_end_is_run(reactor: Reactor) -> None:
    # Or sockets that are being closed would stay open.
    ran = threading.Event()
    reactor.call_soon(lambda: (reactor.call_soon(ran.set), reactor.stop()))
    assert ran.wait(10)


def test_a_timer_set_for_years_lets_the_thread_wait(reactor: Reactor) -> None:
    # A selector refuses to wait as long.
    for _ in range(2):
        ran = threading.Event()
        reactor.call_later(2**31, lambda: None)
        reactor.call_later(0.05, ran.set)
        assert ran.wait(10)
