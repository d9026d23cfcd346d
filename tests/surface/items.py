"""The documented surface, item by item: what there must be, with which signature, and what a test must call."""

from __future__ import annotations

import importlib
import inspect
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

PACKAGE = "hzdata.core"
_TEXT = (Path(__file__).parent / "surface.yaml").read_text()

# What stands behind an abstract class of the documentation.
IMPLEMENTATIONS = {
    "ObjectDataOutput": "serialization.io:DataOutput",
    "ObjectDataInput": "serialization.io:DataInput",
    "PortableReader": "serialization.portable.reader:FieldReader",
    "PortableWriter": "serialization.portable.writer:FieldWriter",
    "CompactReader": "serialization.compact.reader:FieldReader",
    "CompactWriter": "serialization.compact.writer:FieldRecorder",
}
# Whose methods are the user's to write, and the client's to call.
BY_USERS = {
    "CompactSerializer", "IdentifiedDataSerializable", "LoadBalancer", "Portable", "ReliableMessageListener",
    "StreamSerializer", "TokenProvider",
}  # fmt: skip


@dataclass(frozen=True)
class Item:
    """One name of the surface.

    Attributes
    ----------
    module, owner, name : str
        ``owner`` is the class, "" for a function or the class itself.
    parameters : str or None
        As documented; None for what is not called.
    value : str or None
        Of a constant.
    """

    module: str
    owner: str
    name: str
    parameters: str | None
    value: str | None

    def __str__(self) -> str:
        return ".".join(part for part in (self.module, self.owner, self.name) if part)

    def is_to_be_called(self) -> bool:
        """Whether a test must call it against a member."""
        return self.parameters is not None and self.owner not in BY_USERS and self.module not in ("errors", "util")


def items() -> Iterator[Item]:
    """Yield everything but the error codes."""
    for module, things in yaml.safe_load(_TEXT).items():
        if module == "error_codes":
            continue
        for key, members in (things or {}).items():
            # YAML reads two predicates as booleans.
            name = {True: "true", False: "false"}.get(key, key)
            if isinstance(members, str):
                yield Item(module, "", name, _parameters(members), None)
                continue
            yield Item(module, "", name, None, None)
            for member in members or ():
                text = re.sub(r"\s*#new$", "", member)
                constant = re.match(r"(\w+) = (.*)$", text)
                if constant:
                    yield Item(module, name, constant[1], None, constant[2])
                else:
                    yield Item(module, name, re.match(r"\w+", text)[0], _parameters(text), None)  # type: ignore[index]


def error_codes() -> dict[int, str]:
    """Return the errors by their codes in the protocol."""
    return {code: str(name).split()[0] for code, name in yaml.safe_load(_TEXT)["error_codes"].items()}


def _parameters(text: str) -> str | None:
    found = re.match(r"\w+\((.*)\)$", text.strip(), re.DOTALL)
    return found[1] if found else None


def found(item: Item) -> Any:
    """Return the thing itself; AttributeError when there is none."""
    module = importlib.import_module(f"{PACKAGE}.{item.module}")
    if not item.owner:
        return getattr(module, item.name)
    owner = getattr(module, item.owner)
    if hasattr(owner, item.name):
        return getattr(owner, item.name)
    # An attribute that the constructor sets, or an option.
    source = inspect.getsource(sys.modules[owner.__module__])
    if f"self.{item.name}" in source or item.name in getattr(owner, "TABLE", ()):
        return None
    raise AttributeError(str(item))


def signature(function: Any) -> list[str]:
    """Return the parameters, with their defaults, as text."""
    parameters = [p for p in inspect.signature(function).parameters.values() if p.name not in ("self", "cls")]
    stars = {inspect.Parameter.VAR_POSITIONAL: "*", inspect.Parameter.VAR_KEYWORD: "**"}
    return [stars.get(p.kind, "") + p.name + ("" if p.default is p.empty else f"={p.default!r}") for p in parameters]


def documented_signature(parameters: str) -> list[str]:
    """As ``signature``, of the documented text."""
    scope: dict[str, Any] = {}
    exec(f"def function({parameters}): pass", scope)
    return signature(scope["function"])
