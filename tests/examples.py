"""Examples of docstrings and documents, run against a member."""

from __future__ import annotations

import doctest
import inspect
from itertools import groupby
from typing import Any

OPTIONS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


def run(examples: list[doctest.DocTest]) -> None:
    """Run them, and fail with what they said other than it is written."""
    said: list[str] = []
    runner = doctest.DocTestRunner(optionflags=OPTIONS)
    for example in examples:
        runner.run(example, out=said.append)
    assert not runner.failures, "".join(said)
    assert runner.tries


class _Finder(doctest.DocTestFinder):
    def _find_lineno(self, obj: Any, source_lines: list[str] | None) -> int | None:
        # Of the method itself: what tests call is wrapped, to be noted, and a property is a wrapper too.
        found: int | None = super()._find_lineno(inspect.unwrap(getattr(obj, "fget", obj)), source_lines)  # type: ignore[misc]
        return found


def in_docstrings(module: Any, **names: Any) -> list[doctest.DocTest]:
    """Return what a module's docstrings show, a class with its methods as one session; ``names`` are at hand in it."""
    found = _Finder(exclude_empty=True).find(module, extraglobs=names)
    found.sort(key=lambda test: test.lineno or 0)
    depth = module.__name__.count(".") + 2
    sessions = []
    for _, group in groupby(found, key=lambda test: test.name.split(".")[:depth]):
        first, *others = group
        first.examples += [example for other in others for example in other.examples]
        sessions.append(first)
    return sessions


def in_text(text: str, name: str, **names: Any) -> doctest.DocTest:
    """Return what a text shows, as one session."""
    return doctest.DocTestParser().get_doctest(text, names, name, name, 0)
