"""The README holds: its commands are two lines, its example prints what it says, its figures were measured."""

from __future__ import annotations

import doctest
import importlib
import json
import re
from pathlib import Path

import pytest

from hzdata import default_client

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")

COMMANDS = re.findall(r"^```sh\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
EXAMPLES = re.findall(r"^```pycon\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


def test_the_first_two_commands_are_one_line_each_and_need_only_python() -> None:
    assert len(COMMANDS) >= 2
    for command in COMMANDS[:2]:
        assert command.count("\n") == 1
        assert command.startswith("python3 -m venv .venv && .venv/bin/python tools/install.py ")
    assert COMMANDS[0].strip().endswith("&& .venv/bin/hzdata demo")
    assert COMMANDS[1].strip().endswith("&& .venv/bin/python -m pytest")


def test_the_contributors_first_command_is_the_readmes_second() -> None:
    assert COMMANDS[1] in (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_example_prints_what_the_readme_says(example: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # Its reader has nothing else at hand: the clusters of other tests are not there.
    for name, nothing in {"_alive": [], "_offers": [], "_chosen": None}.items():
        monkeypatch.setattr(default_client, name, nothing)
    parsed = doctest.DocTestParser().get_doctest(example, {}, "README.md", "README.md", 0)
    said: list[str] = []
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    runner.run(parsed, out=said.append)
    assert not runner.failures, "".join(said)
    assert runner.tries > 3


@pytest.mark.parametrize("benchmark", ["frames", "calls", "beside"])
def test_every_figure_was_measured_by_a_command_of_the_project(benchmark: str) -> None:
    results = json.loads((ROOT / "benchmarks" / "results" / f"{benchmark}.json").read_text(encoding="utf-8"))
    for table in importlib.import_module(f"benchmarks.{benchmark}").tables(results):
        assert table in README
