"""Conditions on entries, evaluated on the members: ``greater("age", 30)``.

An attribute is a field of the value (``age``), of one nested in it (``address.city``), an element of a collection
(``tags[0]``, ``people[any].age``), the value itself (``this``), the key (``__key``) or a field of it (``__key.id``).
"""

from __future__ import annotations

from typing import Any

from .member_object import MemberObject
from .protocol.custom_types import AnchorDataListHolder
from .util import check_not_none


class Predicate:
    """A condition on entries. The functions of this module make them.

    Examples
    --------
    >>> is_adult = greater_or_equal("age", 18)
    >>> isinstance(is_adult, Predicate), is_adult
    (True, GreaterLessPredicate(attribute='age', value=18, is_equal=True, is_less=False))
    """


class _Condition(Predicate, MemberObject):
    FACTORY_ID = -20

    def __init__(self, class_id: int, text: str, *parts: tuple[str, Any]) -> None:
        super().__init__(class_id, *parts)
        self._text = text

    def __repr__(self) -> str:
        return self._text


def _of(class_id: int, name: str, attribute: str, text: str, *parts: tuple[str, Any]) -> Predicate:
    """A condition on an attribute, with what is said of it."""
    return _Condition(class_id, f"{name}Predicate(attribute='{attribute}', {text})", ("string", attribute), *parts)


class PagingPredicate(_Condition):
    """Divides what a query finds into pages. ``paging()`` makes one; it remembers where pages begin.

    Not safe for use by several threads at once, nor in transactions. As a part of another condition, or where there are
    no pages, it accepts what its own condition does.

    Examples
    --------
    >>> squares = client.get_map("squares_by_page").blocking()
    >>> squares.put_all({n: n * n for n in range(1, 6)})
    >>> two = paging(true(), 2)
    >>> squares.values(two)
    [1, 4]
    """

    def __init__(self, predicate: Predicate | None, page_size: int, comparator: Any) -> None:
        text = f"PagingPredicate(predicate={predicate}, page_size={page_size}, comparator={comparator})"
        # The last two: of which part of an entry, and how many pages are known to begin somewhere.
        pages = ("int", 0), ("int", page_size), ("string", "ENTRY"), ("int", 0)
        super().__init__(15, text, ("object", predicate), ("object", comparator), *pages)
        self.predicate = predicate
        self.comparator = comparator
        self._page_size = page_size
        self.reset()

    @property
    def page(self) -> int:
        """Number of the page that a query returns, from 0 on. Set it to go to any page.

        Examples
        --------
        >>> two.page
        0
        """
        return self._page

    @page.setter
    def page(self, new_page: int) -> None:
        if new_page < 0:
            raise ValueError(f"a page is a number from 0 on, not {new_page}")
        self._page = new_page

    @property
    def page_size(self) -> int:
        """Entries on a page.

        Examples
        --------
        >>> two.page_size
        2
        """
        return self._page_size

    def next_page(self) -> int:
        """Go to the next page; return its number.

        Examples
        --------
        >>> two.next_page()
        1
        >>> squares.values(two)
        [9, 16]
        """
        self._page += 1
        return self._page

    def previous_page(self) -> int:
        """Go to the previous page, if there is one; return its number.

        Examples
        --------
        >>> two.page = 2
        >>> squares.values(two), two.previous_page()
        ([25], 1)
        """
        self._page = max(self._page - 1, 0)
        return self._page

    def reset(self) -> None:
        """Go to the first page and forget where pages begin, to use the predicate for another query.

        Examples
        --------
        >>> two.reset()
        >>> squares.key_set(two)
        [1, 2]
        """
        self._page = 0
        # The last entry, as Data, of pages that were read: what the members find the next page by.
        self.anchors = AnchorDataListHolder([], [])


def sql(expression: str) -> Predicate:
    """Entries for which a SQL-like expression holds: ``"active AND (age > 20 OR salary < 60000)"``.

    Operators are ``= != < > <= >= BETWEEN IN LIKE ILIKE REGEX AND OR NOT``. There is no ``IS NULL``: write ``= NULL``.
    """
    return _Condition(0, f"SqlPredicate(sql='{expression}')", ("string", expression))


def equal(attribute: str, value: Any) -> Predicate:
    """Entries whose attribute is ``value``, which may be None."""
    return _of(3, "Equal", attribute, f"value={value}", ("object", value))


def not_equal(attribute: str, value: Any) -> Predicate:
    """Entries whose attribute is not ``value``, which may be None."""
    return _of(9, "NotEqual", attribute, f"value={value}", ("object", value))


def like(attribute: str, pattern: str | None) -> Predicate:
    """Entries whose attribute matches a pattern: ``%`` stands for any text, ``_`` for a character, ``\\`` escapes."""
    return _of(5, "Like", attribute, f"expression='{pattern}'", ("string", pattern))


def ilike(attribute: str, pattern: str | None) -> Predicate:
    """As ``like``, with no difference between upper and lower case."""
    return _of(6, "ILike", attribute, f"expression='{pattern}'", ("string", pattern))


def regex(attribute: str, pattern: str | None) -> Predicate:
    """Entries whose attribute, as a whole, matches a regular expression of Java."""
    return _of(12, "Regex", attribute, f"pattern='{pattern}'", ("string", pattern))


def and_(*predicates: Predicate) -> Predicate:
    """Entries for which all of the predicates hold; all entries, when there is none."""
    return _joined(1, "And", predicates)


def or_(*predicates: Predicate) -> Predicate:
    """Entries for which one of the predicates holds; no entries, when there is none."""
    return _joined(11, "Or", predicates)


def _joined(class_id: int, name: str, predicates: tuple[Predicate, ...]) -> Predicate:
    text = f"{name}Predicate({', '.join(map(str, predicates))})"
    return _Condition(class_id, text, ("int", len(predicates)), *(("object", each) for each in predicates))


def not_(predicate: Predicate) -> Predicate:
    """Entries for which the predicate does not hold."""
    return _Condition(10, f"NotPredicate(predicate={predicate})", ("object", predicate))


def between(attribute: str, from_: Any, to: Any) -> Predicate:
    """Entries whose attribute is at least ``from_`` and at most ``to``; neither may be None."""
    check_not_none(from_, "from_ cannot be None")
    check_not_none(to, "to cannot be None")
    return _of(2, "Between", attribute, f"from={from_}, to={to}", ("object", to), ("object", from_))


def in_(attribute: str, *values: Any) -> Predicate:
    """Entries whose attribute is one of the values, which may be None."""
    listed = ",".join(map(str, values))
    return _of(7, "In", attribute, listed, ("int", len(values)), *(("object", value) for value in values))


def instance_of(class_name: str) -> Predicate:
    """Entries whose value is, on the member, of a Java class: ``"java.lang.Boolean"``."""
    return _Condition(8, f"InstanceOfPredicate(class_name='{class_name}')", ("string", class_name))


def false() -> Predicate:
    """No entries."""
    return _Condition(13, "FalsePredicate()")


def true() -> Predicate:
    """All entries."""
    return _Condition(14, "TruePredicate()")


def greater(attribute: str, value: Any) -> Predicate:
    """Entries whose attribute is above ``value``, which may not be None."""
    return _ordered(attribute, value, or_equal=False, less=False)


def greater_or_equal(attribute: str, value: Any) -> Predicate:
    """Entries whose attribute is at least ``value``, which may not be None."""
    return _ordered(attribute, value, or_equal=True, less=False)


def less(attribute: str, value: Any) -> Predicate:
    """Entries whose attribute is below ``value``, which may not be None."""
    return _ordered(attribute, value, or_equal=False, less=True)


def less_or_equal(attribute: str, value: Any) -> Predicate:
    """Entries whose attribute is at most ``value``, which may not be None."""
    return _ordered(attribute, value, or_equal=True, less=True)


def _ordered(attribute: str, value: Any, *, or_equal: bool, less: bool) -> Predicate:
    check_not_none(value, "value cannot be None")
    text = f"value={value}, is_equal={or_equal}, is_less={less}"
    return _of(4, "GreaterLess", attribute, text, ("object", value), ("boolean", or_equal), ("boolean", less))


def paging(predicate: Predicate | None, page_size: int, comparator: Any = None) -> PagingPredicate:
    """Divide what a query finds into pages of ``page_size`` entries.

    Parameters
    ----------
    predicate
        What is looked for; None for all entries.
    page_size
    comparator
        An object whose Java class, on the members, is a ``Comparator`` of entries that orders them. Without it, they
        are ordered by what is asked for (keys, values), which must be comparable.

    Examples
    --------
    >>> first_two = paging(true(), 2)
    >>> keys = client.get_map("people").key_set(first_two).result()
    >>> first_two.next_page()
    1
    """
    if isinstance(predicate, PagingPredicate):
        raise TypeError("Nested paging predicate not supported: a page cannot be divided into pages")
    if page_size <= 0:
        raise ValueError(f"page_size must be above 0, not {page_size}")
    return PagingPredicate(predicate, page_size, comparator)
