"""Every documented name is there, with its signature, default or value, and says what it is."""

from __future__ import annotations

import inspect

import pytest

from hzdata.core import errors

from .items import Item, error_codes, found, items, signature, wanted_signature

ITEMS = list(items())


def test_there_is_a_surface() -> None:
    assert len(ITEMS) > 1000


@pytest.mark.parametrize("item", ITEMS, ids=str)
def test_it_is_as_documented(item: Item) -> None:
    thing = found(item)
    if item.value is not None and not item.value.startswith("<"):
        assert repr(thing) == item.value
    if item.parameters is not None:
        assert signature(thing) == wanted_signature(item)
        assert (inspect.getdoc(thing) or "").strip(), "it has no docstring"
    if not item.owner:
        assert (inspect.getdoc(thing) or "").strip(), "it has no docstring"


@pytest.mark.parametrize(("code", "name"), error_codes().items())
def test_an_error_of_the_protocol_is_that_class(code: int, name: str) -> None:
    assert errors.ERRORS_BY_CODE[code].__name__ == name
