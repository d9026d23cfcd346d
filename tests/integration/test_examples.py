"""What documents and docstrings show is what members answer; that of the CP Subsystem runs in ``cp/``."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest

from hzdata.session import Client
from tests import examples
from tests.surface.items import items

ROOT = Path(__file__).parents[2]
SOURCES = {path: path.read_text(encoding="utf-8") for path in (ROOT / "hzdata" / "core").rglob("*.py")}
# What needs Java classes, or members of the enterprise edition, is marked to be skipped.
MODULES = sorted(
    ".".join(path.relative_to(ROOT).with_suffix("").parts)
    for path, text in SOURCES.items()
    if re.search(r">>> (?!.*\+SKIP)", text) and "cp" not in (path.stem, path.parent.name)
)
DOCUMENT = (ROOT / "docs" / "examples.md").read_text(encoding="utf-8")
SHOWN = "\n".join(line for line in DOCUMENT.splitlines() if line.startswith((">>> ", "... ")))


@pytest.mark.parametrize("module", MODULES)
def test_docstrings_show_what_happens(client: Client, module: str) -> None:
    # What a further client of the same member is made with.
    member = client.cluster_service.get_members()[0].address
    options = {"cluster_members": [f"{member.host}:{member.port}"], "cluster_name": client.config.cluster_name}
    examples.run(examples.in_docstrings(importlib.import_module(module), client=client, options=options))


def test_the_document_of_examples_shows_what_happens(client: Client) -> None:
    examples.run([examples.in_text(DOCUMENT, "examples.md", client=client)])


@pytest.mark.parametrize(
    "module", ["aggregator", "cluster", "config", "lifecycle", "partition", "predicate", "projection", "sql"]
)
def test_each_function_and_what_a_service_does_has_an_example(module: str) -> None:
    wanted = {
        item.name
        for item in items()
        if item.module == module and item.parameters is not None and item.name not in ("__init__", "from_dict")
    }
    assert wanted
    assert {name for name in wanted if not re.search(rf"\b{name}\b", SHOWN)} == set()
