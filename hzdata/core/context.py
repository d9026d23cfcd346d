"""The parts of a client, which know one another by it."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

from .cluster import ClusterService
from .config import Config
from .cp_sessions import CPSessions
from .dispatch import Dispatcher
from .errors import HazelcastClientNotActiveError
from .future import Future
from .lifecycle import LifecycleService
from .listener import ListenerService
from .near_caches import NearCaches
from .network.connections import ConnectionManager
from .network.invocation import InvocationService
from .network.reactor import Reactor
from .partition import PartitionTable
from .proxy.calls import Call, serializer
from .schemas import SchemaService
from .serialization.compact.schema import Schema, SchemaNotReplicatedError
from .serialization.data import Data
from .serialization.hashing import partition_of
from .serialization.service import SerializationService
from .util import acting_as, thread_id

if TYPE_CHECKING:
    from .proxy.base import Proxy

_T = TypeVar("_T")


def stays_here(self: object) -> NoReturn:
    """``__reduce__`` of what no pickle can hold."""
    raise TypeError("a client and its structures cannot go to another process: connect anew there")


class Context:
    """What a client is made of, for its structures and services."""

    def __init__(self, config: Config, client_name: str, dispatcher: Dispatcher) -> None:
        self.config = config
        self.client_name = client_name
        self.dispatcher = dispatcher
        self.reactor = Reactor(f"{client_name}.io")
        self.cluster = ClusterService(self)
        self.partitions = PartitionTable()
        self.lifecycle = LifecycleService(self)
        self.invocations = InvocationService(self)
        self.connections = ConnectionManager(self)
        self.serialization = SerializationService(config)
        self.to_data = self.serialization.to_data
        self.to_object = self.serialization.to_object
        self.key_to_data = serializer("key", self.serialization)
        self.value_to_data = serializer("value", self.serialization)
        self.call = functools.cache(lambda name: Call(name, self.serialization))
        self.schemas = SchemaService(self)
        self.listeners = ListenerService(self)
        self.near_caches = NearCaches(self)
        self.cp_sessions = CPSessions(self)
        self.proxies: dict[tuple[str, str], Proxy] = {}
        """By service and name."""
        self._pauses: set[Future[None]] = set()
        self.next_reference_id = itertools.count(1).__next__

    __reduce__ = stays_here

    def ask(self, name: str, *parameters: Any, **route: Any) -> Future[Any]:
        """Ask the cluster by the message of that name, with objects where it says ``Data``."""
        call = self.call(name)
        return self.with_schemas(
            lambda: self.invocations.invoke(call.row, *call.serialize([*parameters]), decode=call.decode, **route)
        )

    def partition_of(self, key: Data) -> int:
        """The partition of a serialized key."""
        return partition_of(key, self.partitions.count)

    def undecoded(self, raw: Any, decode: Callable[[Any], _T]) -> Future[_T]:
        """What is here already, for the one who wants it to decode: who does waits while a schema is fetched."""
        future: Future[_T] = Future(self.dispatcher)
        future.set_raw(raw, decode)
        return future

    def after(self, seconds: float) -> Future[None]:
        """Return a future that is done when so much time has passed."""
        passed: Future[None] = Future(self.dispatcher)
        self._pauses.add(passed)
        passed.when_done(lambda: self._pauses.discard(passed))
        self.reactor.call_later(seconds, lambda: passed.set_result(None))
        if not self.invocations.is_open:
            self.end_pauses()
        return passed

    def end_pauses(self) -> None:
        """Fail those who pause: the client was shut down, and the I/O thread on which they would go on has ended."""
        for pause in list(self._pauses):
            pause.set_exception(HazelcastClientNotActiveError("the client was shut down"))

    def when_connected(self) -> Future[None]:
        """Return a future that is done when some member has answered: at once, or after the next connection."""
        return self.ask("Client.ping")

    def with_schemas(self, call: Callable[[], Future[_T]]) -> Future[_T]:
        """Call ``call``; when it needs a Compact schema that the members lack, send that and call it again."""
        try:
            return call()
        except SchemaNotReplicatedError as missing:
            return self.after_sending(missing.schema, call)

    def after_sending(self, schema: Schema, call: Callable[[], Future[_T]]) -> Future[_T]:
        """Send a Compact schema, then call ``call``, which found it missing, for the thread that calls this."""
        caller = thread_id()

        def again(replicated: Future[None]) -> Future[_T]:
            replicated.result()
            return acting_as(caller, self.with_schemas, call)

        return self.schemas.replicate(schema).continue_with(again)
