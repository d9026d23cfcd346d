"""Functions of many entries, evaluated on the members: ``double_avg("price")``.

An attribute path is as in ``hzdata.core.predicate``; None stands for the entry's value.
"""

from __future__ import annotations

from typing import Any

from .member_object import MemberObject
from .subscriptable import Subscriptable


class Aggregator(Subscriptable):
    """A function of many entries. The functions of this module make them.

    Examples
    --------
    >>> ages = client.get_map("ages_to_aggregate").blocking()
    >>> ages.put_all({"Ada": 36, "Alan": 41})
    >>> isinstance(max_(), Aggregator), ages.aggregate(max_()), ages.aggregate(max_by("this")).key
    (True, 41, 'Alan')
    """


class _Function(Aggregator, MemberObject):
    """Written as it is before the first entry."""

    FACTORY_ID = -29

    def __init__(self, class_id: int, path: str | None, *state: tuple[str, Any]) -> None:
        super().__init__(class_id, ("string", path), *state)


def count(attribute_path: str | None = None) -> Aggregator:
    """How many there are, None included."""
    return _Function(4, attribute_path, ("long", 0))


def distinct(attribute_path: str | None = None) -> Aggregator:
    """The set of what there is, None included."""
    return _Function(5, attribute_path, ("int", 0))


def double_avg(attribute_path: str | None = None) -> Aggregator:
    """The mean of Java doubles, as a float. None is an error of the member."""
    return _Function(6, attribute_path, ("double", 0.0), ("long", 0))


def double_sum(attribute_path: str | None = None) -> Aggregator:
    """The sum of Java doubles, as a float. None is an error of the member."""
    return _Function(7, attribute_path, ("double", 0.0))


def fixed_point_sum(attribute_path: str | None = None) -> Aggregator:
    """The sum of numbers of any kind, each taken as an integer. None is an error of the member."""
    return _Function(8, attribute_path, ("long", 0))


def floating_point_sum(attribute_path: str | None = None) -> Aggregator:
    """The sum of numbers of any kind, each taken as a float. None is an error of the member."""
    return _Function(9, attribute_path, ("double", 0.0))


def int_avg(attribute_path: str | None = None) -> Aggregator:
    """The mean of Java ints, as a float. None is an error of the member."""
    return _Function(10, attribute_path, ("long", 0), ("long", 0))


def int_sum(attribute_path: str | None = None) -> Aggregator:
    """The sum of Java ints. None is an error of the member."""
    return _Function(11, attribute_path, ("long", 0))


def long_avg(attribute_path: str | None = None) -> Aggregator:
    """The mean of Java longs, as a float. None is an error of the member."""
    return _Function(12, attribute_path, ("long", 0), ("long", 0))


def long_sum(attribute_path: str | None = None) -> Aggregator:
    """The sum of Java longs. None is an error of the member."""
    return _Function(13, attribute_path, ("long", 0))


def max_(attribute_path: str | None = None) -> Aggregator:
    """The greatest there is; None is passed over."""
    return _Function(14, attribute_path, ("object", None))


def min_(attribute_path: str | None = None) -> Aggregator:
    """The least there is; None is passed over."""
    return _Function(15, attribute_path, ("object", None))


def number_avg(attribute_path: str | None = None) -> Aggregator:
    """The mean of numbers of any kind, as a float. None is an error of the member."""
    return _Function(16, attribute_path, ("double", 0.0), ("long", 0))


def max_by(attribute_path: str) -> Aggregator:
    """The entry, a ``MapEntry``, whose attribute is the greatest; None is passed over."""
    return _Function(17, attribute_path, ("object", None), ("object", None))


def min_by(attribute_path: str) -> Aggregator:
    """The entry, a ``MapEntry``, whose attribute is the least; None is passed over."""
    return _Function(18, attribute_path, ("object", None), ("object", None))
