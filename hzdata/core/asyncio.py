"""The client for programs on asyncio: the same structures, whose operations are coroutines.

    client = await HazelcastClient.create_and_start(cluster_name="dev")
    capitals = await client.get_map("capitals")
    await capitals.put("France", "Paris")

There is no second client underneath: an operation is that of ``hzdata.core``, and its future is awaited. What a lock or
a session knows as a thread is a task here. Callbacks and listeners run on the event loop that the client was made on.
"""

from __future__ import annotations

import asyncio
import functools
import inspect
import itertools
import threading
import weakref
from collections.abc import Callable
from operator import attrgetter
from typing import Any, TypeVar

from . import client as _client, cp, partition, sql
from .config import Config
from .dispatch import Dispatcher
from .future import Future
from .proxy.base import EntryEvent, View
from .proxy.reliable_topic import ReliableMessageListener
from .subscriptable import Subscriptable
from .util import acting_as

__all__ = [
    "AtomicLong", "AtomicReference", "CPSubsystem", "CountDownLatch", "EntryEventCallable", "Executor",
    "FencedLock", "FlakeIdGenerator", "HazelcastClient", "List", "LockContext", "Map", "MultiMap", "PNCounter",
    "Queue", "ReliableMessageListener", "ReliableTopic", "ReplicatedMap", "Ringbuffer", "Semaphore", "Set",
    "SqlService", "Topic", "VectorCollection",
]  # fmt: skip

EntryEventCallable = Callable[[EntryEvent], Any]

_T = TypeVar("_T")

_numbers = itertools.count(1 << 62).__next__
_task_ids: weakref.WeakKeyDictionary[Any, int] = weakref.WeakKeyDictionary()


def _task_id() -> int:
    """What members know the running task by: a number that no thread has."""
    return _task_ids.setdefault(asyncio.current_task(), _numbers())


class _LoopDispatcher(Dispatcher):
    """Runs callbacks and listeners among the tasks of the event loop that runs on the thread that makes it; on whatever
    thread has them when the loop is closed.
    """

    def __init__(self) -> None:
        super().__init__("loop")
        self._loop = asyncio.get_running_loop()
        self._thread = threading.get_ident()

    def submit(self, task: Callable[[], object]) -> None:
        self._tasks.append(task)
        try:
            self._loop.call_soon_threadsafe(self._run_next)
        except RuntimeError:
            self._run_next()

    def settle(self) -> None:
        if threading.get_ident() == self._thread:
            while self._tasks:
                self._run_next()
        else:
            self._wait_for_submitted()

    def _run_next(self) -> None:
        if self._tasks:  # Else ``settle`` has run it.
            self.run(self._tasks.popleft())


async def _on_thread(call: Callable[..., _T], *args: Any, **kwargs: Any) -> _T:
    """Call it on a thread of its own: one of the loop's that waits for a cluster would keep others from a thread, and
    the loop from its end.
    """
    called: Future[_T] = Future()

    def run() -> None:
        try:
            called.set_result(call(*args, **kwargs))
        except BaseException as error:
            called.set_exception(error)

    threading.Thread(target=run, name=f"hz-{call.__name__}", daemon=True).start()
    return await called


def _coroutine(operation: Callable[..., Any], on_thread: bool = False) -> Callable[..., Any]:
    """The method that calls that of the wrapped object, on a thread of its own when it may wait, and awaits it."""

    name = operation.__name__

    @functools.wraps(operation)
    async def awaited(self: _Facade | HazelcastClient, *args: Any, **kwargs: Any) -> Any:
        called = getattr(self._wrapped, name)
        if on_thread:
            result = await _on_thread(called, *args, **kwargs)
        else:
            result = acting_as(_task_id(), called, *args, **kwargs)
        return await result if isinstance(result, Future) else result

    return awaited


class _Facade(View):
    """An object whose operations are coroutines."""

    def __init_subclass__(cls, of: type | None = None) -> None:
        for name, value in inspect.getmembers(of):
            if name.startswith("_") or name == "blocking" or hasattr(cls, name):
                continue
            if inspect.isfunction(value):
                # Structures are destroyed by waiting for it.
                setattr(cls, name, _coroutine(value, on_thread=name == "destroy"))
            elif name.isupper():
                setattr(cls, name, value)


class LockContext(Subscriptable):
    """Holds the lock of a key: ``async with m.lock_context("k"):``."""

    def __init__(self, proxy: _Facade, key: Any) -> None:
        self._proxy = proxy
        self._key = key

    async def __aenter__(self) -> LockContext:
        await self._proxy.lock(self._key)
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._proxy.unlock(self._key)


class _Locking(_Facade):
    def lock_context(self, key: Any) -> LockContext:
        """Return what holds the lock of a key within an ``async with`` block."""
        return LockContext(self, key)


class Map(_Locking, of=_client.Map):
    """A ``hzdata.core.proxy.map.Map`` whose operations are coroutines."""


class MultiMap(_Locking, of=_client.MultiMap):
    """A ``MultiMap`` whose operations are coroutines."""


class Executor(_Facade, of=_client.Executor):
    """An ``Executor`` whose operations are coroutines."""


class FlakeIdGenerator(_Facade, of=_client.FlakeIdGenerator):
    """A ``FlakeIdGenerator`` whose operations are coroutines."""


class List(_Facade, of=_client.List):
    """A ``List`` whose operations are coroutines."""


class PNCounter(_Facade, of=_client.PNCounter):
    """A ``PNCounter`` whose operations are coroutines, but for ``reset``, which need not be awaited."""

    def reset(self) -> Any:
        """Forget what was seen: after a ``ConsistencyLostError``, operations go on with what a replica has."""
        return self._wrapped.reset()


class Queue(_Facade, of=_client.Queue):
    """A ``Queue`` whose operations are coroutines."""


class ReliableTopic(_Facade, of=_client.ReliableTopic):
    """A ``ReliableTopic`` whose operations are coroutines."""


class ReplicatedMap(_Facade, of=_client.ReplicatedMap):
    """A ``ReplicatedMap`` whose operations are coroutines."""


class Ringbuffer(_Facade, of=_client.Ringbuffer):
    """A ``Ringbuffer`` whose operations are coroutines."""


class Set(_Facade, of=_client.Set):
    """A ``Set`` whose operations are coroutines."""


class Topic(_Facade, of=_client.Topic):
    """A ``Topic`` whose operations are coroutines."""


class VectorCollection(_Facade, of=_client.VectorCollection):
    """A ``VectorCollection`` whose operations are coroutines."""


class AtomicLong(_Facade, of=cp.AtomicLong):
    """An ``AtomicLong`` whose operations are coroutines."""


class AtomicReference(_Facade, of=cp.AtomicReference):
    """An ``AtomicReference`` whose operations are coroutines."""


class CountDownLatch(_Facade, of=cp.CountDownLatch):
    """A ``CountDownLatch`` whose operations are coroutines."""


class FencedLock(_Facade, of=cp.FencedLock):
    """A ``FencedLock`` whose operations are coroutines; it belongs to a task."""

    def get_group_id(self) -> Any:
        """Return the id of the group that it lies in."""
        return self._wrapped.get_group_id()

    async def is_locked_by_current_task(self) -> bool:
        """Whether the running task has it."""
        return bool(await self.is_locked_by_current_thread())


class Semaphore(_Facade, of=cp.Semaphore):
    """A ``Semaphore`` whose operations are coroutines."""


class SqlService(_Facade, of=sql.SqlService):
    """A ``SqlService`` whose ``execute`` is a coroutine; iterate over its result with ``async for``."""


class PartitionService(_Facade):
    """A ``PartitionService`` that awaits what it takes to know the partition of a key."""

    @functools.wraps(partition.PartitionService.get_partition_id)
    async def get_partition_id(self, key: Any) -> int:
        return int(await self._wrapped.partition_of(key))


def _gets(method: str, kind: type[_Facade]) -> Callable[..., Any]:
    async def get(self: Any, name: str) -> Any:
        proxy = await _on_thread(getattr(self._wrapped, method), name)
        # The same for the same structure, as the client gives: programs compare them.
        return vars(proxy).setdefault("_facade", kind(proxy))

    get.__name__ = method
    get.__doc__ = f"Return the {kind.__name__} of that name."
    return get


class CPSubsystem(_Facade):
    """Gives the structures of the CP Subsystem."""

    get_atomic_long = _gets("get_atomic_long", AtomicLong)
    get_atomic_reference = _gets("get_atomic_reference", AtomicReference)
    get_count_down_latch = _gets("get_count_down_latch", CountDownLatch)
    get_lock = _gets("get_lock", FencedLock)
    get_semaphore = _gets("get_semaphore", Semaphore)


class HazelcastClient:
    """A client whose methods, and those of its structures, are coroutines. ``create_and_start`` makes one."""

    def __init__(self, wrapped: _client.HazelcastClient) -> None:
        self._wrapped = wrapped

    @classmethod
    async def create_and_start(cls, config: Config | None = None, **kwargs: Any) -> HazelcastClient:
        """Connect; parameters and errors as of ``hzdata.core.HazelcastClient``."""

        class HazelcastClient(_client.HazelcastClient):
            def _dispatcher(self) -> Dispatcher:
                return _LoopDispatcher()

            def _start(self) -> None:
                """Not here, where it would hold up the loop."""

        client = HazelcastClient(config, **kwargs)
        try:
            await _on_thread(_client.HazelcastClient._start, client)
        except asyncio.CancelledError:
            # Or it would try for ever, and the loop could not end.
            threading.Thread(target=client.shutdown).start()
            raise
        return cls(client)

    get_executor = _gets("get_executor", Executor)
    get_flake_id_generator = _gets("get_flake_id_generator", FlakeIdGenerator)
    get_list = _gets("get_list", List)
    get_map = _gets("get_map", Map)
    get_multi_map = _gets("get_multi_map", MultiMap)
    get_pn_counter = _gets("get_pn_counter", PNCounter)
    get_queue = _gets("get_queue", Queue)
    get_reliable_topic = _gets("get_reliable_topic", ReliableTopic)
    get_replicated_map = _gets("get_replicated_map", ReplicatedMap)
    get_ringbuffer = _gets("get_ringbuffer", Ringbuffer)
    get_set = _gets("get_set", Set)
    get_topic = _gets("get_topic", Topic)
    get_vector_collection = _gets("get_vector_collection", VectorCollection)

    create_vector_collection_config = _coroutine(_client.HazelcastClient.create_vector_collection_config, True)
    add_distributed_object_listener = _coroutine(_client.HazelcastClient.add_distributed_object_listener)
    remove_distributed_object_listener = _coroutine(_client.HazelcastClient.remove_distributed_object_listener)
    shutdown = _coroutine(_client.HazelcastClient.shutdown, True)

    @property
    def cp_subsystem(self) -> CPSubsystem:
        """Gives the structures of the CP Subsystem."""
        return CPSubsystem(self._wrapped.cp_subsystem)

    @property
    def sql(self) -> SqlService:
        """Executes SQL statements."""
        return SqlService(self._wrapped.sql)

    @property
    def name(self) -> str:
        """The client's name."""
        return self._wrapped.name

    lifecycle_service = property(attrgetter("_wrapped.lifecycle_service"), doc="Tells whether the client is running.")

    @property
    def partition_service(self) -> PartitionService:
        """Tells partitions and their owners; ``get_partition_id`` is a coroutine."""
        return PartitionService(self._wrapped.partition_service)

    cluster_service = property(attrgetter("_wrapped.cluster_service"), doc="Tells the members of the cluster.")

    async def __aenter__(self) -> HazelcastClient:
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.shutdown()

    def __repr__(self) -> str:
        return repr(self._wrapped)
