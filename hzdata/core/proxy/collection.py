"""What queues, lists and sets have in common: items in one partition, and listeners of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID

from ..future import Future
from ..serialization.data import Data
from .base import ItemEvent, ItemEventType, PartitionSpecificProxy, listed

ItemFunction = Callable[[ItemEvent], Any] | None


class Collection(PartitionSpecificProxy):
    """Items in one partition. They are compared by their serialized form, and none can be None.

    Examples
    --------
    >>> visitors = client.get_list("visitors").blocking()
    """

    def add(self, item: Any) -> Future[bool]:
        """Add an item; True when the structure has changed by it.

        Examples
        --------
        >>> visitors.add("Ada")
        True
        """
        return self._ask("add", item)

    def add_all(self, items: Iterable[Any]) -> Future[bool]:
        """Add items in their order; True when the structure has changed by it.

        Examples
        --------
        >>> visitors.add_all(["Alan", "Grace", "Ada"])
        True
        """
        return self._ask("addAll", listed(items))

    def contains(self, item: Any) -> Future[bool]:
        """Whether the item is there.

        Examples
        --------
        >>> visitors.contains("Grace")
        True
        """
        return self._ask("contains", item)

    def contains_all(self, items: Iterable[Any]) -> Future[bool]:
        """Whether all of the items are there.

        Examples
        --------
        >>> visitors.contains_all(["Ada", "Linus"])
        False
        """
        return self._ask("containsAll", listed(items))

    def remove(self, item: Any) -> Future[bool]:
        """Remove one occurrence of an item; True when there was one.

        Examples
        --------
        >>> visitors.remove("Ada")
        True
        """
        return self._ask("remove", item)

    def remove_all(self, items: Iterable[Any]) -> Future[bool]:
        """Remove all occurrences of the items; True when the structure has changed by it.

        Examples
        --------
        >>> visitors.remove_all(["Alan", "Linus"])
        True
        """
        return self._ask("compareAndRemoveAll", listed(items))

    def retain_all(self, items: Iterable[Any]) -> Future[bool]:
        """Remove all that is not among the items; True when the structure has changed by it.

        Examples
        --------
        >>> visitors.retain_all(["Grace", "Ada"])
        False
        """
        return self._ask("compareAndRetainAll", listed(items))

    def clear(self) -> Future[None]:
        """Remove all items.

        Examples
        --------
        >>> visitors.clear()
        """
        return self._ask("clear")

    def size(self) -> Future[int]:
        """Return the number of items.

        Examples
        --------
        >>> visitors.size()
        0
        """
        return self._ask("size")

    def is_empty(self) -> Future[bool]:
        """Whether there are no items.

        Examples
        --------
        >>> visitors.is_empty()
        True
        """
        return self._ask("isEmpty")

    def add_listener(
        self, include_value: bool = False, item_added_func: ItemFunction = None, item_removed_func: ItemFunction = None
    ) -> Future[str]:
        """Call functions with the ``ItemEvent`` of each item that comes or goes. The listener survives reconnection.

        Parameters
        ----------
        include_value
            Whether events carry the item.
        item_added_func, item_removed_func
            Called on the client's dispatcher thread, one after another.

        Returns
        -------
        Future of str
            Registration id, for ``remove_listener``.

        Examples
        --------
        >>> from queue import SimpleQueue
        >>> heard = SimpleQueue()
        >>> listener = visitors.add_listener(include_value=True, item_added_func=heard.put)
        >>> visitors.add("Edsger")
        True
        >>> heard.get(timeout=10).item
        'Edsger'
        """
        functions = {ItemEventType.ADDED: item_added_func, ItemEventType.REMOVED: item_removed_func}

        def on_event(item: Data | None, member_uuid: UUID, event_type: int) -> None:
            function = functions.get(event_type)
            if function is not None:
                function(ItemEvent(self.name, self._later(item), event_type, self._context.cluster.get(member_uuid)))

        return self._listen("addListener", (include_value,), "removeListener", on_event)

    def remove_listener(self, registration_id: str) -> Future[bool]:
        """Forget a listener; False when there is none of that id.

        Examples
        --------
        >>> visitors.remove_listener(listener)
        True
        """
        return self._context.listeners.remove(registration_id)
