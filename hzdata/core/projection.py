"""Parts of entries, cut out on the members: ``single_attribute("name")``.

An attribute path is as in ``hzdata.core.predicate``, without ``[any]``.
"""

from __future__ import annotations

from .member_object import MemberObject
from .subscriptable import Subscriptable


class Projection(Subscriptable):
    """What is wanted of an entry. The functions of this module make them.

    Examples
    --------
    >>> ages = client.get_map("ages_to_project").blocking()
    >>> ages.set("Ada", 36)
    >>> isinstance(identity(), Projection), ages.project(multi_attribute("__key", "this"))
    (True, [['Ada', 36]])
    """


class _Cut(Projection, MemberObject):
    FACTORY_ID = -30


def single_attribute(attribute_path: str) -> Projection:
    """One attribute of each entry."""
    return _Cut(0, ("string", _checked(attribute_path)))


def multi_attribute(*attribute_paths: str) -> Projection:
    """Several attributes of each entry, as a list."""
    if not attribute_paths:
        raise ValueError("Specify at least one attribute path")
    return _Cut(1, ("string_array", [_checked(path) for path in attribute_paths]))


def identity() -> Projection:
    """The entry itself, as a ``MapEntry``."""
    return _Cut(2)


def _checked(path: str) -> str:
    if not path:
        raise ValueError("attribute_path must not be None or empty")
    if "[any]" in path:
        raise ValueError(f"attribute_path must not contain [any] operators, as {path!r} does")
    return path
