"""What documents and docstrings show is what members answer; that of the CP Subsystem runs in ``cp/``."""

from __future__ import annotations

import importlib
import inspect
import re
from pathlib import Path
from typing import Any

import pytest

from hzdata.session import Client
from tests import examples
from tests.surface.items import PACKAGE, Item, found, items

ROOT = Path(__file__).parents[2]
SOURCES = {path: path.read_text(encoding="utf-8") for path in (ROOT / "hzdata" / "core").rglob("*.py")}
# What needs Java classes, or members of the enterprise edition, is marked to be skipped.
MODULES = sorted(
    ".".join(path.relative_to(ROOT).with_suffix("").parts)
    for path, text in SOURCES.items()
    if re.search(r">>> (?!.*\+SKIP)", text) and "cp" not in (path.stem, path.parent.name)
)
DOCUMENT = (ROOT / "docs" / "examples.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("module", MODULES)
def test_docstrings_show_what_happens(client: Client, module: str) -> None:
    # What a further client of the same member is made with.
    member = client.cluster_service.get_members()[0].address
    options = {"cluster_members": [f"{member.host}:{member.port}"], "cluster_name": client.config.cluster_name}
    examples.run(examples.in_docstrings(importlib.import_module(module), client=client, options=options))


def test_the_document_of_examples_shows_what_happens(client: Client) -> None:
    examples.run([examples.in_text(DOCUMENT, "examples.md", client=client)])


def test_every_public_name_has_an_example() -> None:
    wanted = [item for item in items() if item.module != "errors" and item.value is None and item.name != "__init__"]
    callables = [item for item in wanted if not item.name.startswith("is a ") and is_explained(found(item))]
    assert len(callables) > 800
    assert [str(item) for item in callables if not has_example(item)] == []


def is_explained(thing: Any) -> bool:
    """Whether it can have a docstring of its own; plain attributes are told by their class."""
    return callable(thing) or isinstance(thing, property)


def has_example(item: Item) -> bool:
    """Whether a class shows something, and whether a method is used where its class, or one of its methods, does."""
    thing = found(item)
    if not item.owner and inspect.isclass(thing) and shown(thing.__doc__):
        return True
    owner = getattr(importlib.import_module(f"{PACKAGE}.{item.module}"), item.owner) if item.owner else thing
    lines = shown(DOCUMENT) if not item.owner else ""
    if inspect.isclass(owner):
        classes = [cls for cls in owner.__mro__ if cls.__module__.startswith(PACKAGE)]
        members = [
            inspect.unwrap(getattr(m, "fget", None) or getattr(m, "__func__", m))
            for c in classes
            for m in vars(c).values()
        ]
        lines += "".join(shown(thing.__doc__) for thing in [*classes, *members])
    else:
        lines += shown(thing.__doc__)
    return re.search(rf"\b{item.name}\b", lines) is not None


def shown(text: object) -> str:
    """The lines of a docstring that are run."""
    lines = text.splitlines() if isinstance(text, str) else ()
    return "".join(f"{line}\n" for line in lines if line.lstrip().startswith((">>> ", "... ")))
