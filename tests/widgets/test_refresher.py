"""A refresher draws after changes, not at each of them, and survives what goes wrong."""

from __future__ import annotations

import threading
import time

import pytest

from hzdata.widgets.refresher import Refresher
from tests.waiting import until


def test_a_hundred_thousand_changes_are_drawn_a_few_times_and_the_last_one_is() -> None:
    state = {"changes": 0}
    drawn: list[int] = []
    refresher = Refresher(lambda: drawn.append(state["changes"]), rate=5, idle=60)
    refresher.start()
    began = time.monotonic()
    for _ in range(100_000):
        state["changes"] += 1
        refresher.wake()
    until(lambda: drawn and drawn[-1] == 100_000)
    assert len(drawn) <= 2 + 5 * (time.monotonic() - began)
    refresher.stop()


def test_a_change_before_the_start_is_drawn() -> None:
    drawn = threading.Event()
    refresher = Refresher(drawn.set, idle=60)
    refresher.wake()
    refresher.start()
    assert drawn.wait(10)
    refresher.stop()


def test_without_changes_it_still_looks_now_and_then() -> None:
    drawn: list[int] = []
    refresher = Refresher(lambda: drawn.append(1), rate=100, idle=0.01)
    refresher.start()
    until(lambda: len(drawn) > 3)
    refresher.stop()
    assert not refresher.running


def test_an_error_in_drawing_is_logged_once_and_ends_nothing(caplog: pytest.LogCaptureFixture) -> None:
    drawn: list[int] = []

    def paint() -> None:
        drawn.append(1)
        if len(drawn) < 4:
            raise RuntimeError("the browser is gone")

    refresher = Refresher(paint, rate=100, idle=0.01)
    refresher.start()
    until(lambda: len(drawn) > 5)
    refresher.stop()
    assert [record.message for record in caplog.records] == ["the dashboard could not be drawn"]


def test_it_can_be_stopped_from_within_a_drawing_and_twice() -> None:
    refresher = Refresher(lambda: refresher.stop(), idle=0.01)
    refresher.start()
    until(lambda: not refresher.running)
    refresher.stop()


def test_stopping_what_never_started_is_fine() -> None:
    Refresher(lambda: None).stop()
