"""What is asked of a map as a whole: queries, pages of them, aggregations, projections, indexes, entry processors."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from ..aggregator import Aggregator
from ..config import IndexConfig, IndexType
from ..future import Future, ImmediateFuture
from ..predicate import PagingPredicate, Predicate
from ..projection import Projection
from ..protocol.custom_types import PagingPredicateHolder
from ..util import thread_id
from .base import operation
from .locks import KeyLocking

_ITERATION_TYPES = {"keySet": 0, "values": 1, "entries": 2}


class MapQueries(KeyLocking):
    """The operations of a ``Map`` that look at many entries.

    Examples
    --------
    >>> from hzdata.core.predicate import greater
    >>> ages = client.get_map("ages").blocking()
    >>> ages.put_all({"Ada": 36, "Alan": 41, "Grace": 85})
    """

    def key_set(self, predicate: Predicate | None = None) -> Future[list[Any]]:
        """Return the keys, or those of the entries that a predicate accepts, as they are now.

        Everything comes in one answer: for a large map, ask for pages, or scan it instead.

        Examples
        --------
        >>> sorted(ages.key_set(greater("this", 40)))
        ['Alan', 'Grace']
        """
        return self._query("keySet", predicate)

    def values(self, predicate: Predicate | None = None) -> Future[list[Any]]:
        """Return the values, or those of the entries that a predicate accepts, as they are now.

        Examples
        --------
        >>> sorted(ages.values())
        [36, 41, 85]
        """
        return self._query("values", predicate)

    def entry_set(self, predicate: Predicate | None = None) -> Future[list[tuple[Any, Any]]]:
        """Return the (key, value) pairs, or those that a predicate accepts, as they are now.

        Examples
        --------
        >>> ages.entry_set(greater("this", 80))
        [('Grace', 85)]
        """
        return self._query("entries", predicate)

    def _query(self, what: str, predicate: Predicate | None) -> Future[Any]:
        if isinstance(predicate, PagingPredicate):
            return self._page(what, predicate)
        if predicate is None:
            return self._ask("entrySet" if what == "entries" else what)
        return self._ask(f"{what}WithPredicate", predicate)

    @operation
    def _page(self, what: str, paging: PagingPredicate) -> Future[Any]:
        to_object, kind = self._to_object, _ITERATION_TYPES[what]
        condition, order = self._to_data(paging.predicate), self._to_data(paging.comparator)
        holder = PagingPredicateHolder(paging.anchors, condition, order, paging.page_size, paging.page, kind)

        def found(answer: Any) -> list[Any]:
            items, paging.anchors = answer
            if what == "entries":
                return [(to_object(key), to_object(value)) for key, value in items]
            return [to_object(item) for item in items]

        return self._ask(f"{what}WithPagingPredicate", holder).map(found)

    def contains_value(self, value: Any) -> Future[bool]:
        """Whether some entry has this value. Every value is looked at.

        Examples
        --------
        >>> ages.contains_value(36)
        True
        """
        return self._ask("containsValue", value)

    def aggregate(self, aggregator: Aggregator, predicate: Predicate | None = None) -> Future[Any]:
        """Return what an aggregator of ``hzdata.core.aggregator`` makes of all entries, or of those of a predicate.

        Examples
        --------
        >>> from hzdata.core.aggregator import int_sum
        >>> ages.aggregate(int_sum("this"), greater("this", 40))
        126
        """
        return self._with_predicate("aggregate", aggregator, predicate)

    def project(self, projection: Projection, predicate: Predicate | None = None) -> Future[list[Any]]:
        """Return what a projection of ``hzdata.core.projection`` makes of each entry, or of those of a predicate.

        Examples
        --------
        >>> from hzdata.core.projection import single_attribute
        >>> ages.project(single_attribute("__key"), greater("this", 80))
        ['Grace']
        """
        return self._with_predicate("project", projection, predicate)

    def _with_predicate(self, method: str, function: Any, predicate: Predicate | None) -> Future[Any]:
        if isinstance(predicate, PagingPredicate):
            raise AssertionError("Paging predicate is not supported.")
        if predicate is None:
            return self._ask(method, function)
        return self._ask(f"{method}WithPredicate", function, predicate)

    def remove_all(self, predicate: Predicate) -> Future[None]:
        """Remove the entries that a predicate accepts.

        Examples
        --------
        >>> ages.remove_all(greater("this", 80))
        >>> ages.size()
        2
        """
        return self._ask("removeAll", predicate)

    def add_index(
        self,
        attributes: Sequence[str] | None = None,
        index_type: int | str = IndexType.SORTED,
        name: str | None = None,
        bitmap_index_options: dict[str, Any] | None = None,
    ) -> Future[None]:
        """Index the map, so that queries on the attributes look at fewer entries.

        Parameters
        ----------
        attributes
            What is indexed; several make one composite index.
        index_type
            ``IndexType.SORTED`` for ranges and equality, ``HASH`` for equality, ``BITMAP`` for few distinct values.
        name
            Of the index; made of its attributes by default.
        bitmap_index_options
            ``unique_key`` and ``unique_key_transformation`` of a bitmap index.

        Raises
        ------
        ValueError
            When the attributes make no index.

        Examples
        --------
        >>> ages.add_index(["this"], IndexType.SORTED)
        """
        config = IndexConfig(name, index_type, attributes, bitmap_index_options)
        return self._ask("addIndex", config.normalized(self.name))

    # --- Entry processors: objects whose Java class, on the members, is an EntryProcessor ----------------------------

    def execute_on_key(self, key: Any, entry_processor: Any) -> Future[Any]:
        """Run an entry processor on the entry of a key, where it lies, and return what it returns.

        Examples
        --------
        >>> ages.execute_on_key("Ada", Birthday())  # doctest: +SKIP
        37
        """
        return self._ask("executeOnKey", entry_processor, key, thread_id())

    def execute_on_keys(self, keys: Iterable[Any], entry_processor: Any) -> Future[list[tuple[Any, Any]]]:
        """Run an entry processor on the entries of keys, and return (key, what it returns) for each.

        Examples
        --------
        >>> ages.execute_on_keys(["Ada"], Birthday())  # doctest: +SKIP
        [('Ada', 38)]
        """
        wanted = list(keys)
        return self._ask("executeOnKeys", entry_processor, wanted) if wanted else ImmediateFuture([])

    def execute_on_entries(
        self, entry_processor: Any, predicate: Predicate | None = None
    ) -> Future[list[tuple[Any, Any]]]:
        """Run an entry processor on all entries, or on those of a predicate; return (key, what it returns) for each.

        Examples
        --------
        >>> ages.execute_on_entries(Birthday(), greater("this", 40))  # doctest: +SKIP
        [('Alan', 42)]
        """
        if predicate is None:
            return self._ask("executeOnAllKeys", entry_processor)
        return self._ask("executeWithPredicate", entry_processor, predicate)
