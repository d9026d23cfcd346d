"""The distributed multi-map."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..future import Future
from ..util import check_not_none, thread_id
from .base import EntryFunction, listed, operation
from .locks import KeyLocking


class MultiMap(KeyLocking, service="hz:impl:multiMapService"):
    """A map with any number of values for a key. Keys and values are compared by their serialized form.

    Examples
    --------
    >>> tags = client.get_multi_map("tags").blocking()
    >>> tags.put("post-1", "python")
    True
    >>> tags.get("post-1")
    ['python']
    """

    def add_entry_listener(
        self,
        include_value: bool = False,
        key: Any = None,
        added_func: EntryFunction = None,
        removed_func: EntryFunction = None,
        clear_all_func: EntryFunction = None,
    ) -> Future[str]:
        """Call functions with the ``EntryEvent`` of each change, of one key or of all.

        Returns
        -------
        Future of str
            Registration id, for ``remove_entry_listener``.

        Examples
        --------
        >>> from queue import SimpleQueue
        >>> heard = SimpleQueue()
        >>> listener = tags.add_entry_listener(include_value=True, key="post-2", added_func=heard.put)
        >>> tags.put("post-2", "sql")
        True
        >>> heard.get(timeout=10).value
        'sql'
        """
        functions = {"ADDED": added_func, "REMOVED": removed_func, "CLEAR_ALL": clear_all_func}
        return self._listen_to_entries(key, None, (include_value,), functions)

    def remove_entry_listener(self, registration_id: str) -> Future[bool]:
        """Forget a listener; False when there is none of that id.

        Examples
        --------
        >>> tags.remove_entry_listener(listener)
        True
        """
        return self._context.listeners.remove(registration_id)

    def put(self, key: Any, value: Any) -> Future[bool]:
        """Add a value to those of a key; False when a set of values had it already.

        Examples
        --------
        >>> tags.put("post-2", "sql")
        False
        """
        return self._ask("put", key, value, thread_id())

    def put_all(self, multimap: Mapping[Any, Iterable[Any]]) -> Future[None]:
        """Add values to those of many keys: ``{key: values}``.

        Examples
        --------
        >>> tags.put_all({"post-1": ["maps", "sql"]})
        """
        check_not_none(multimap, "The map cannot be None")
        return self._put_all({key: listed(values, "The values cannot be None") for key, values in multimap.items()})

    @operation
    def _put_all(self, multimap: dict[Any, list[Any]]) -> Future[None]:
        return self._put_by_partition(self._keys(multimap), map(self._values, multimap.values()))

    def get(self, key: Any) -> Future[list[Any]]:
        """Return the values of a key; none, when it has none.

        Examples
        --------
        >>> sorted(tags.get("post-1"))
        ['maps', 'python', 'sql']
        """
        return self._ask("get", key, thread_id())

    def remove(self, key: Any, value: Any) -> Future[bool]:
        """Remove one value of a key; True when it had it.

        Examples
        --------
        >>> tags.remove("post-1", "maps")
        True
        """
        return self._ask("removeEntry", key, value, thread_id())

    def remove_all(self, key: Any) -> Future[list[Any]]:
        """Remove a key with all its values, and return these.

        Examples
        --------
        >>> tags.remove_all("post-2")
        ['sql']
        """
        return self._ask("remove", key, thread_id())

    def contains_key(self, key: Any) -> Future[bool]:
        """Whether the key has a value.

        Examples
        --------
        >>> tags.contains_key("post-2")
        False
        """
        return self._ask("containsKey", key, thread_id())

    def contains_value(self, value: Any) -> Future[bool]:
        """Whether some key has this value.

        Examples
        --------
        >>> tags.contains_value("python")
        True
        """
        return self._ask("containsValue", value)

    def contains_entry(self, key: Any, value: Any) -> Future[bool]:
        """Whether the key has this value.

        Examples
        --------
        >>> tags.contains_entry("post-1", "maps")
        False
        """
        return self._ask("containsEntry", key, value, thread_id())

    def value_count(self, key: Any) -> Future[int]:
        """Return how many values a key has.

        Examples
        --------
        >>> tags.value_count("post-1")
        2
        """
        return self._ask("valueCount", key, thread_id())

    def key_set(self) -> Future[list[Any]]:
        """Return all keys, as they are now.

        Examples
        --------
        >>> tags.key_set()
        ['post-1']
        """
        return self._ask("keySet")

    def values(self) -> Future[list[Any]]:
        """Return all values, as they are now.

        Examples
        --------
        >>> sorted(tags.values())
        ['python', 'sql']
        """
        return self._ask("values")

    def entry_set(self) -> Future[list[tuple[Any, Any]]]:
        """Return all (key, value) pairs, as they are now: a key comes once for each of its values.

        Examples
        --------
        >>> sorted(tags.entry_set())
        [('post-1', 'python'), ('post-1', 'sql')]
        """
        return self._ask("entrySet")

    def size(self) -> Future[int]:
        """Return the number of (key, value) pairs.

        Examples
        --------
        >>> tags.size()
        2
        """
        return self._ask("size")

    def clear(self) -> Future[None]:
        """Remove all entries.

        Examples
        --------
        >>> tags.clear()
        """
        return self._ask("clear")
