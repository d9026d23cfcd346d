"""Keys and values of any kind become short text."""

from __future__ import annotations

import pytest

from hzdata.core.core import HazelcastJsonValue
from hzdata.widgets.values import LIMIT, abbreviate


class Broken:
    def __repr__(self) -> str:
        raise RuntimeError("no")


class Tall:
    def __repr__(self) -> str:
        return "first line\n    second line"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1, "1"),
        ("Ada", "'Ada'"),
        (b"\x00", r"b'\x00'"),
        ([1, "a", None], "[1, 'a', None]"),
        ((1,), "(1,)"),
        (set(), "set()"),
        ({"name": {"first": "Ada"}}, "{'name': {'first': 'Ada'}}"),
        (list(range(10)), "[0, 1, 2, 3, 4, 5, …]"),
        ([[[[1]]]], "[[[[…]]]]"),
        (HazelcastJsonValue({"a": 1}), '{"a": 1}'),
        (Tall(), "first line second line"),
        (Broken(), "<Broken: RuntimeError in its repr>"),
    ],
)
def test_a_value_is_shown_as_python_writes_it(value: object, text: str) -> None:
    assert abbreviate(value) == text


@pytest.mark.parametrize(
    "value",
    ["x" * 10**7, b"x" * 10**7, ["x" * 10**6] * 10, dict.fromkeys(range(10**6)), [["y" * 50] * 50] * 50],
    ids=["str", "bytes", "list", "dict", "nested"],
)
def test_a_large_value_is_cut(value: object) -> None:
    assert len(abbreviate(value)) == LIMIT or abbreviate(value).endswith("…}")


def test_a_value_that_contains_itself_ends() -> None:
    value: list[object] = []
    value.append(value)
    assert abbreviate(value) == "[[[[…]]]]"
