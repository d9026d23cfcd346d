"""Sockets with descriptors beyond 1023 are waited for like others."""

from __future__ import annotations

import os
import resource
import socket
from collections.abc import Iterator

import pytest

from hzdata.core.network.waiting import wait_for


@pytest.fixture
def high_numbers() -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < 1200:
        resource.setrlimit(resource.RLIMIT_NOFILE, (1200, hard))
    taken = [os.open(os.devnull, os.O_RDONLY)]
    while taken[-1] < 1100:
        taken.append(os.dup(taken[0]))
    yield
    for number in taken:
        os.close(number)


def test_any_number_of_descriptors_may_be_open(high_numbers: None) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        assert ours.fileno() > 1023
        assert wait_for([ours], timeout=0.01) == set()
        assert wait_for(writing=[ours], timeout=0) == {ours.fileno()}
        theirs.send(b"x")
        assert wait_for([ours], timeout=5) == {ours.fileno()}
