"""The reliable topic: messages that lie in a ringbuffer, so that a listener can be late, and can begin in the past."""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Callable, Iterable
from typing import Any

from .. import errors
from ..config import ReliableTopicConfig, TopicOverloadPolicy
from ..future import Future, ImmediateFuture, Steps, steps
from ..serialization.data import Data
from ..serialization.identified import ReliableTopicMessage
from ..subscriptable import Subscriptable
from ..util import check_not_none, check_true
from .base import Context, Proxy, TopicMessage, listed, operation
from .ringbuffer import MAX_BATCH_SIZE, OVERFLOW_POLICY_FAIL, OVERFLOW_POLICY_OVERWRITE, Ringbuffer

_logger = logging.getLogger(__name__)

_QUIET = (
    errors.HazelcastClientNotActiveError,
    errors.HazelcastInstanceNotActiveError,
    errors.DistributedObjectDestroyedError,
)
_FIRST_PAUSE = 0.1
_LONGEST_PAUSE = 2.0


class ReliableMessageListener(Subscriptable):
    """Takes the messages of a reliable topic, in their order. Subclass it to say where to begin and when to end.

    A function that is given in its place begins with the next message, tolerates neither loss nor ends on errors.

    Examples
    --------
    >>> from queue import SimpleQueue
    >>> class Reader(ReliableMessageListener):
    ...     next_sequence, messages, ended = 0, SimpleQueue(), SimpleQueue()
    ...     def on_message(self, message):
    ...         self.messages.put(message.message.upper())
    ...     def retrieve_initial_sequence(self):
    ...         return self.next_sequence
    ...     def store_sequence(self, sequence):
    ...         self.next_sequence = sequence + 1
    ...     def is_loss_tolerant(self):
    ...         return True
    ...     def is_terminal(self, error):
    ...         return not isinstance(error, AttributeError)
    ...     def on_cancel(self):
    ...         self.ended.put(True)
    >>> letters = client.get_reliable_topic("letters").blocking()
    >>> letters.publish_all(["a", 1, "b"])
    >>> reader = Reader()
    >>> registration_id = letters.add_listener(reader)
    >>> reader.messages.get(timeout=10), reader.messages.get(timeout=10)
    ('A', 'B')
    >>> letters.remove_listener(registration_id), reader.ended.get(timeout=10), reader.next_sequence
    (True, True, 3)
    """

    def on_message(self, message: TopicMessage) -> None:
        """Take a message. Called on the client's dispatcher thread, never twice at once."""
        raise NotImplementedError

    def retrieve_initial_sequence(self) -> int:
        """Return the sequence to begin with, one more than was stored last; -1 to begin with the next message."""
        return -1

    def store_sequence(self, sequence: int) -> None:
        """Called with the sequence of each message before ``on_message``: who stores it can go on there later."""

    def is_loss_tolerant(self) -> bool:
        """Whether to go on when messages were overwritten before they were read; else the listener ends."""
        return False

    def is_terminal(self, error: Exception) -> bool:
        """Whether an error that ``on_message`` raised ends the listener."""
        return False

    def on_cancel(self) -> None:
        """Called when the listener has ended: it was removed, or could not go on."""


class _FunctionListener(ReliableMessageListener):
    def __init__(self, on_message: Callable[[TopicMessage], Any]) -> None:
        self._function = on_message

    def on_message(self, message: TopicMessage) -> None:
        self._function(message)


class ReliableTopic(Proxy, service="hz:impl:reliableTopicService"):
    """A topic whose messages lie in a ringbuffer of the cluster, in one order for all.

    ``reliable_topics`` in the client's configuration says what happens when the ringbuffer is full, and how many
    messages a listener reads at a time.

    Examples
    --------
    >>> orders = client.get_reliable_topic("orders").blocking()
    >>> from queue import SimpleQueue
    >>> heard = SimpleQueue()
    >>> registration_id = orders.add_listener(heard.put)
    >>> orders.publish("two of those")
    >>> heard.get(timeout=10).message
    'two of those'
    """

    def __init__(self, service_name: str, name: str, context: Context) -> None:
        super().__init__(service_name, name, context)
        options = context.config.reliable_topics.get(name) or ReliableTopicConfig()
        self._policy: int = options.overload_policy
        self._batch_size: int = options.read_batch_size
        self._ringbuffer = Ringbuffer(Ringbuffer.SERVICE, f"_hz_rb_{name}", context)
        self._runners: dict[str, _Runner] = {}

    def publish(self, message: Any) -> Future[None]:
        """Publish a message.

        Raises
        ------
        TopicOverloadError
            From the future: there is no room, and the overload policy is ``ERROR``.
        """
        return self.publish_all([message])

    def publish_all(self, messages: Iterable[Any]) -> Future[None]:
        """Publish up to 1,000 messages, in their order: all of them or, when there is no room, none.

        Examples
        --------
        >>> orders.publish_all(["one more", "and one"])
        >>> heard.get(timeout=10).message, heard.get(timeout=10).message
        ('one more', 'and one')
        """
        wanted = listed(messages, "Messages cannot be None")
        check_true(len(wanted) <= MAX_BATCH_SIZE, f"At most {MAX_BATCH_SIZE} messages can be published at once")
        return self._publish(wanted) if wanted else ImmediateFuture(None)

    @operation
    def _publish(self, messages: list[Any]) -> Future[None]:
        now = int(time.time() * 1000)
        items = [ReliableTopicMessage(now, self._value(message)) for message in messages]
        return steps(self._context.dispatcher, self._add(items))

    def _add(self, items: list[ReliableTopicMessage]) -> Steps[None]:
        overwrite = self._policy == TopicOverloadPolicy.DISCARD_OLDEST
        policy = OVERFLOW_POLICY_OVERWRITE if overwrite else OVERFLOW_POLICY_FAIL
        pause = _FIRST_PAUSE
        while (yield self._ringbuffer.add_all(items, policy)) == -1:
            if self._policy == TopicOverloadPolicy.DISCARD_NEWEST:
                return
            if self._policy == TopicOverloadPolicy.ERROR:
                raise errors.TopicOverloadError(f"the reliable topic {self.name!r} has no room for {len(items)} more")
            yield self._context.after(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)

    def add_listener(self, listener: ReliableMessageListener | Callable[[TopicMessage], Any]) -> Future[str]:
        """Call a function, or a ``ReliableMessageListener``, with each message.

        Returns
        -------
        Future of str
            Registration id, for ``remove_listener``.
        """
        check_not_none(listener, "Listener cannot be None")
        if not isinstance(listener, ReliableMessageListener):
            if not callable(listener):
                raise TypeError("Listener must be a ReliableMessageListener or a function")
            listener = _FunctionListener(listener)
        taker, first, dispatcher = listener, listener.retrieve_initial_sequence(), self._context.dispatcher

        def start(tail: Future[int]) -> str:
            runner = _Runner(self, taker, tail.result() + 1)
            self._runners[runner.id] = runner
            # Not here, where what has come meanwhile would be heard on this thread.
            dispatcher.submit(lambda: steps(dispatcher, runner.read()))
            return runner.id

        return (ImmediateFuture(first - 1) if first >= 0 else self._ringbuffer.tail_sequence()).then(start)

    def remove_listener(self, registration_id: str) -> Future[bool]:
        """End a listener, and tell it; False when there is none of that id.

        Examples
        --------
        >>> orders.remove_listener(registration_id)
        True
        """
        check_not_none(registration_id, "Registration id cannot be None")
        runner = self._runners.get(registration_id)
        if runner is None or not runner.cancel():
            return ImmediateFuture(False)
        removed: Future[bool] = Future(self._context.dispatcher)
        # After the listener, which hears of it there.
        self._context.dispatcher.submit(lambda: removed.set_result(True))
        return removed

    def destroy(self) -> bool:
        """Remove the topic, its messages and its listeners.

        Examples
        --------
        >>> orders.destroy()
        True
        """
        for runner in list(self._runners.values()):
            runner.cancel()
        self._ringbuffer.destroy()
        return super().destroy()


class _Runner:
    """Reads the ringbuffer for one listener, batch after batch."""

    def __init__(self, topic: ReliableTopic, listener: ReliableMessageListener, sequence: int) -> None:
        self.id = str(uuid.uuid4())
        self._topic = topic
        self._listener = listener
        self._sequence = sequence
        self._cancelled = False

    def read(self) -> Steps[None]:
        """Take batch after batch, on the dispatcher: the listener runs in turn with all others."""
        topic, ringbuffer = self._topic, self._topic._ringbuffer
        is_gone = False
        while not self._cancelled:
            try:
                if is_gone:
                    self._sequence = yield ringbuffer.head_sequence()
                    is_gone = False
                reading = ringbuffer._ask("readMany", self._sequence, 1, topic._batch_size, None)
                self._take((yield reading.continue_with(Future.result)))
            except (errors.OperationTimeoutError, errors.ClientOfflineError):
                yield topic._context.after(_FIRST_PAUSE)
            except (errors.StaleSequenceError, errors.IllegalArgumentError) as error:
                # The latter of a ringbuffer that is a new one, with fewer messages: its members were lost.
                what = f"it cannot go on at sequence {self._sequence}: {error}"
                is_gone = not self._cancelled and self._may_lose(what)
            except Exception as error:
                if not self._cancelled:
                    level = logging.DEBUG if isinstance(error, _QUIET) else logging.WARNING
                    _logger.log(level, "a listener of the reliable topic %r ends: %s", topic.name, error)
                    self.cancel()

    def cancel(self) -> bool:
        """End; False when it has ended already. The listener hears of it when it is not in the middle of a message."""
        if self._topic._runners.pop(self.id, None) is None:
            return False
        self._cancelled = True
        self._topic._context.dispatcher.submit(self._listener.on_cancel)
        return True

    def _take(self, batch: Any) -> None:
        lost = batch.next_seq - batch.read_count - self._sequence
        what = f"{lost} messages were overwritten before they were read"
        if lost < 0:
            what = f"the ringbuffer is a new one, which ends before {self._sequence}: what was to be read is lost"
        if lost and not self._may_lose(what):
            return
        sequences = batch.item_seqs or range(batch.next_seq - len(batch.items), batch.next_seq)
        for sequence, item in zip(sequences, batch.items, strict=True):
            if self._cancelled:
                return
            try:
                self._listener.store_sequence(sequence)
                self._listener.on_message(self._message(item))
            except Exception as error:
                if self._is_terminal(error):
                    return
                _logger.warning("a listener of the reliable topic %r failed", self._topic.name, exc_info=True)
        self._sequence = batch.next_seq

    def _message(self, item: bytes) -> TopicMessage:
        topic, found = self._topic, self._topic._to_object(item)
        members = topic._context.cluster.get_members()
        member = next((m for m in members if m.address == found.publisher_address), None)
        return TopicMessage(topic.name, topic._later(Data(found.payload)), found.publish_time / 1000, member)

    def _is_terminal(self, error: Exception) -> bool:
        try:
            terminal = self._listener.is_terminal(error)
        except Exception:
            terminal = True
        if terminal:
            _logger.warning("a listener of the reliable topic %r ends", self._topic.name, exc_info=error)
            self.cancel()
        return terminal

    def _may_lose(self, what: str) -> bool:
        if self._listener.is_loss_tolerant():
            _logger.warning("reliable topic %r: %s", self._topic.name, what)
            return True
        _logger.warning("a listener of the reliable topic %r ends: %s", self._topic.name, what)
        self.cancel()
        return False
