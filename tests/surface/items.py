"""The documented surface, item by item: what there must be, with which signature, and what a test must call."""

from __future__ import annotations

import importlib
import inspect
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

PACKAGE = "hzdata.core"
_TEXT = (Path(__file__).parent / "surface.yaml").read_text()

# Ours has more parameters, which may be left out, or defaults where there were none.
MORE = {
    "core.MemberInfo.__init__": [
        "address", "member_uuid", "attributes=None", "lite_member=False", "version=None", "_=None", "address_map=None",
    ],
    "future.Future.__init__": ["dispatcher=None"],
    "future.Future.result": ["timeout=None"],
    "sql.SqlColumnMetadata.__init__": ["name", "column_type", "nullable", "is_nullable_exists=True"],
}  # fmt: skip
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
        ``owner`` is the class, "" for a function or the class itself. The name ``is a X`` tells a base of the class.
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
        if self.parameters is None or self.name == "__init__":
            return False
        return self.owner not in BY_USERS and self.module not in ("errors", "util")


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
                if text.startswith("is a "):
                    yield Item(module, name, text, None, None)
                    continue
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
    if item.name == "__init__":
        return owner
    bases = {cls.__name__: cls for cls in owner.__mro__}
    if item.name.startswith("is a "):
        if item.name[5:] not in bases:
            raise AttributeError(f"{item.owner} is no {item.name[5:]}")
        return bases[item.name[5:]]
    if hasattr(owner, item.name):
        return getattr(owner, item.name)
    # An attribute that the constructor sets, or an option.
    ours = [cls for cls in bases.values() if cls.__module__.startswith(PACKAGE)]
    if item.name in getattr(owner, "TABLE", ()) or any(f"self.{item.name}" in inspect.getsource(cls) for cls in ours):
        return None
    raise AttributeError(str(item))


class _Factory:
    def __repr__(self) -> str:
        return "<factory>"


def signature(function: Any) -> list[str]:
    """Return the parameters, with their defaults, as text."""
    parameters = [p for p in inspect.signature(function).parameters.values() if p.name not in ("self", "cls")]
    stars = {inspect.Parameter.VAR_POSITIONAL: "*", inspect.Parameter.VAR_KEYWORD: "**"}
    return [stars.get(p.kind, "") + p.name + ("" if p.default is p.empty else f"={p.default!r}") for p in parameters]


def wanted_signature(item: Item) -> list[str]:
    """As ``signature``, of the documented text."""
    if str(item) in MORE:
        return MORE[str(item)]
    scope: dict[str, Any] = {}
    # A default that a dataclass makes has no other text.
    exec(f"def function({item.parameters}): pass".replace("=<factory>", "=_factory"), {"_factory": _Factory()}, scope)
    return signature(scope["function"])
