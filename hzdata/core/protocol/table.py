"""The table of the protocol: every message and custom type, read from the text files beside this one."""

from __future__ import annotations

import pkgutil
import re
from typing import NamedTuple


class Parameter(NamedTuple):
    """A field of a message or custom type."""

    name: str
    type: str


class Row(NamedTuple):
    """One message of the protocol."""

    type: int
    request: str
    response: str
    retryable: bool
    events: dict[str, str]


def parse_parameters(text: str) -> list[Parameter]:
    """Read ``"name: String, key: Data?"``."""
    return [Parameter(*part.split(": ")) for part in text.split(", ")] if text else []


def _lines(file: str) -> list[tuple[str, str, str]]:
    """Return of each line what is before the parenthesis, what is in it, and what comes after."""
    text = pkgutil.get_data(__package__, file)
    assert text is not None, f"{file} is not installed"
    return re.findall(r"^([^#\n(]+)\((.*?)\)(.*)", text.decode(), re.MULTILINE)


def _read_messages() -> dict[str, Row]:
    rows: dict[str, Row] = {}
    for head, parameters, after in _lines("messages.txt"):
        name, *words = head.split()
        if words:
            row = rows[name] = Row(int(words[0], 16), parameters, after.removeprefix(" ->").strip(), len(words) > 1, {})
        else:
            row.events[name] = parameters
    return rows


MESSAGES = _read_messages()
"""By name."""
CUSTOM_TYPES = {name.strip(): fields for name, fields, _ in _lines("custom_types.txt")}
"""The fields of each, by name."""
