"""The distributed topic."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID

from ..future import Future
from ..serialization.data import Data
from .base import PartitionSpecificProxy, TopicMessage, listed


class Topic(PartitionSpecificProxy, service="hz:impl:topicService"):
    """Messages for whoever listens at the moment. Each listener gets them in the order of the member that sent them.

    Examples
    --------
    >>> news = client.get_topic("news").blocking()
    >>> from queue import SimpleQueue
    >>> heard = SimpleQueue()
    >>> registration_id = news.add_listener(heard.put)
    >>> news.publish("something happened")
    >>> heard.get(timeout=10).message
    'something happened'
    """

    def add_listener(self, on_message: Callable[[TopicMessage], Any] | None = None) -> Future[str]:
        """Call a function with each ``TopicMessage``. The listener survives reconnection.

        Raises
        ------
        AssertionError
            When there is no function.

        Returns
        -------
        Future of str
            Registration id, for ``remove_listener``.
        """
        if on_message is None:
            raise AssertionError("on_message can't be None")

        def on_event(item: Data, publish_time: int, member_uuid: UUID) -> None:
            member = self._context.cluster.get(member_uuid)
            on_message(TopicMessage(self.name, self._later(item), publish_time / 1000, member))

        return self._listen("addMessageListener", (), "removeMessageListener", on_event)

    def publish(self, message: Any) -> Future[None]:
        """Send a message to all who listen."""
        return self._ask("publish", message)

    def publish_all(self, messages: Iterable[Any]) -> Future[None]:
        """Send messages, in their order, in one request.

        Examples
        --------
        >>> news.publish_all(["and then this", "and that"])
        >>> heard.get(timeout=10).message, heard.get(timeout=10).message
        ('and then this', 'and that')
        """
        return self._ask("publishAll", listed(messages, "Messages cannot be None"))

    def remove_listener(self, registration_id: str) -> Future[bool]:
        """Forget a listener; False when there is none of that id.

        Examples
        --------
        >>> news.remove_listener(registration_id)
        True
        """
        return self._context.listeners.remove(registration_id)
