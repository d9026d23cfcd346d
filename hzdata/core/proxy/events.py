"""What listeners are told: of entries, of items, of messages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar
from uuid import UUID

from ..core import MemberInfo
from ..future import Future
from ..subscriptable import Subscriptable
from ..util import get_attr_name


class EntryEventType:
    """What happened to an entry, or to a whole map.

    Examples
    --------
    >>> EntryEventType.ADDED | EntryEventType.REMOVED
    3
    """

    ADDED = 1
    REMOVED = 2
    UPDATED = 4
    EVICTED = 8
    EXPIRED = 16
    EVICT_ALL = 32
    CLEAR_ALL = 64
    MERGED = 128
    INVALIDATION = 256
    LOADED = 512


class _Event(Subscriptable):
    """What its ``_NAMES`` say, in the order in which it is made of it."""

    _NAMES: ClassVar[Sequence[str]]

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), tuple(getattr(self, name) for name in self._NAMES)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={self._shown(name)}' for name in self._NAMES)})"

    def _shown(self, name: str) -> str:
        try:
            value = getattr(self, name)
            # Items are added and removed by the same numbers.
            return (name == "event_type" and get_attr_name(EntryEventType, value)) or repr(value)
        except Exception as error:
            return f"<cannot be read: {error}>"


class EntryEvent(_Event):
    """An entry was changed, or a whole map.

    Key and values are deserialized when they are first asked for: a listener that only counts pays for none of them,
    and one that cannot be deserialized here raises its error there, while the event tells the rest.

    Parameters
    ----------
    key, value, old_value, merging_value
        None where they play no part in the event, or were not asked for. A ``Future`` stands for its result.
    event_type : int
        An ``EntryEventType``.
    member_uuid : uuid.UUID
        The member where it happened; the attribute is called ``uuid``.
    number_of_affected_entries : int
        How many entries an event for the whole map is about.

    Examples
    --------
    >>> from queue import SimpleQueue
    >>> heard = SimpleQueue()
    >>> stock = client.get_map("stock-events").blocking()
    >>> listener = stock.add_entry_listener(include_value=True, added_func=heard.put, updated_func=heard.put)
    >>> stock.put("apples", 3), stock.put("apples", 5)
    (None, 3)
    >>> added, updated = heard.get(timeout=10), heard.get(timeout=10)
    >>> updated.event_type == EntryEventType.UPDATED
    True
    """

    _NAMES = "key", "value", "old_value", "merging_value", "event_type", "uuid", "number_of_affected_entries"

    def __init__(
        self,
        key: Any,
        value: Any,
        old_value: Any,
        merging_value: Any,
        event_type: int,
        member_uuid: UUID,
        number_of_affected_entries: int,
    ) -> None:
        self._key = key
        self._value = value
        self._old_value = old_value
        self._merging_value = merging_value
        self.event_type = event_type
        self.uuid = member_uuid
        self.number_of_affected_entries = number_of_affected_entries

    @property
    def key(self) -> Any:
        """The entry's key.

        Examples
        --------
        >>> updated.key
        'apples'
        """
        return _resolved(self._key)

    @property
    def value(self) -> Any:
        """The entry's value now.

        Examples
        --------
        >>> updated.value
        5
        """
        return _resolved(self._value)

    @property
    def old_value(self) -> Any:
        """The entry's value before.

        Examples
        --------
        >>> updated.old_value
        3
        """
        return _resolved(self._old_value)

    @property
    def merging_value(self) -> Any:
        """The value that was merged in.

        Examples
        --------
        >>> updated.merging_value is None
        True
        """
        return _resolved(self._merging_value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, EntryEvent) and self.__reduce__() == other.__reduce__()

    def __hash__(self) -> int:
        return hash((self.event_type, self.uuid))  # Keys and values may have none.


EntryFunction = Callable[[EntryEvent], Any] | None


def _resolved(value: Any) -> Any:
    return value.result() if isinstance(value, Future) else value


def get_entry_listener_flags(**kwargs: EntryFunction) -> int:
    """Return the event types, added up, for which a function is given: ``get_entry_listener_flags(ADDED=f)``.

    Examples
    --------
    >>> get_entry_listener_flags(ADDED=print, UPDATED=print, REMOVED=None)
    5
    """
    return sum(getattr(EntryEventType, name) for name, function in kwargs.items() if function is not None)


class ItemEventType:
    """What happened to an item of a queue, list or set.

    Examples
    --------
    >>> ItemEventType.ADDED, ItemEventType.REMOVED
    (1, 2)
    """

    ADDED = 1
    REMOVED = 2


class ItemEvent(_Event):
    """An item came into a queue, list or set, or left it.

    Parameters
    ----------
    name : str
        Of the structure.
    item
        The item; None when it was not asked for. A ``Future`` stands for its result.
    event_type : int
        An ``ItemEventType``.
    member : MemberInfo
        Where it happened.

    Examples
    --------
    >>> from queue import SimpleQueue
    >>> heard = SimpleQueue()
    >>> jobs = client.get_queue("jobs-events").blocking()
    >>> listener = jobs.add_listener(include_value=True, item_added_func=heard.put)
    >>> jobs.put("sweep")
    >>> event = heard.get(timeout=10)
    >>> event.name, event.event_type == ItemEventType.ADDED
    ('jobs-events', True)
    """

    _NAMES = "name", "item", "event_type", "member"

    def __init__(self, name: str, item: Any, event_type: int, member: MemberInfo | None) -> None:
        self.name = name
        self._item = item
        self.event_type = event_type
        self.member = member

    @property
    def item(self) -> Any:
        """The item, deserialized when it is first asked for.

        Examples
        --------
        >>> event.item
        'sweep'
        """
        return _resolved(self._item)


class TopicMessage(_Event):
    """A message that was published on a topic.

    Parameters
    ----------
    name : str
        Of the topic.
    message
        What was published. A ``Future`` stands for its result.
    publish_time : float
        When, in seconds since the epoch.
    member : MemberInfo or None
        The member that published it; None when that is not known.

    Examples
    --------
    >>> from queue import SimpleQueue
    >>> heard = SimpleQueue()
    >>> news = client.get_topic("news-events").blocking()
    >>> listener = news.add_listener(heard.put)
    >>> news.publish("rain")
    >>> told = heard.get(timeout=10)
    >>> told.name, told.publish_time > 1_700_000_000, told.member in client.cluster_service.get_members()
    ('news-events', True, True)
    """

    _NAMES = "name", "message", "publish_time", "member"

    def __init__(self, name: str, message: Any, publish_time: float, member: MemberInfo | None) -> None:
        self.name = name
        self._message = message
        self.publish_time = publish_time
        self.member = member

    @property
    def message(self) -> Any:
        """What was published, deserialized when it is first asked for.

        Examples
        --------
        >>> told.message
        'rain'
        """
        return _resolved(self._message)
