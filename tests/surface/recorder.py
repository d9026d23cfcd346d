"""Notes which names of the documented surface are called while the tests of tests/integration run.

A pytest plugin: what is called is what runs against real members, not what is named in files. The record is read by
``python -m tools.surface_table``, which fails on a gap.
"""

from __future__ import annotations

import functools
import importlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from .items import PACKAGE, Item, items

RECORD = Path(__file__).parents[2] / ".surface-called.json"

_called: set[str] = set()
_recording = False


def _noting(function: Callable[..., Any], item: Item) -> Callable[..., Any]:
    name = str(item)

    @functools.wraps(function)
    def noted(*args: Any, **kwargs: Any) -> Any:
        if _recording:
            _called.add(name)
        return function(*args, **kwargs)

    return noted


def _owner(item: Item) -> Any:
    module = importlib.import_module(f"{PACKAGE}.{item.module}")
    return getattr(module, item.owner) if item.owner else module


def _watch(item: Item) -> None:
    owner = _owner(item)
    # Where it is defined: a method may be inherited.
    for place in getattr(owner, "__mro__", (owner,)):
        function = vars(place).get(item.name)
        if isinstance(function, classmethod):
            setattr(owner, item.name, classmethod(_noting(function.__func__, item)))
            return
        if callable(function):
            setattr(owner, item.name, _noting(function, item))
            return


def pytest_configure(config: pytest.Config) -> None:
    for item in items():
        if item.is_to_be_called():
            _watch(item)


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Iterator[None]:
    # What a file makes when it is read, parameters above all, its tests use against a member.
    global _recording
    _recording = "integration" in collector.path.parts if isinstance(collector, pytest.Module) else False
    try:
        return (yield)  # type: ignore[return-value]
    finally:
        _recording = False


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    global _recording
    _recording = "integration" in item.path.parts
    try:
        return (yield)  # type: ignore[return-value]
    finally:
        _recording = False


def pytest_sessionfinish() -> None:
    if _called:
        RECORD.write_text(json.dumps(sorted(_called), indent=1) + "\n")
