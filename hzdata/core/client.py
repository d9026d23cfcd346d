"""The client: connected to a cluster, from it one gets the data structures."""

from __future__ import annotations

import copy
import itertools
import threading
from collections.abc import Callable
from typing import Any, TypeVar

from . import statistics
from .config import Config
from .context import Context, stays_here
from .core import DistributedObjectEvent
from .cp import CPSubsystem
from .dispatch import Dispatcher
from .errors import InvalidConfigurationError
from .future import Future, combine_futures
from .lifecycle import LifecycleState
from .network.connection import Connection
from .partition import PartitionService
from .proxy.base import Proxy
from .proxy.executor import Executor as Executor
from .proxy.flake_id_generator import FlakeIdGenerator as FlakeIdGenerator
from .proxy.list import List as List
from .proxy.map import Map as Map, create_map_proxy
from .proxy.multi_map import MultiMap as MultiMap
from .proxy.pn_counter import PNCounter as PNCounter
from .proxy.queue import Queue as Queue
from .proxy.reliable_topic import ReliableTopic as ReliableTopic
from .proxy.replicated_map import ReplicatedMap as ReplicatedMap
from .proxy.ringbuffer import Ringbuffer as Ringbuffer
from .proxy.set import Set as Set
from .proxy.topic import Topic as Topic
from .proxy.vector_collection import VectorCollection as VectorCollection
from .serialization.compact.schema import Schema
from .sql import SqlService
from .transaction import TWO_PHASE, Transaction, TransactionManager
from .util import check_true
from .vector import VectorIndexConfig

# What get_distributed_objects makes proxies of.
_KINDS: tuple[type[Proxy], ...] = (
    Executor, FlakeIdGenerator, List, Map, MultiMap, PNCounter, Queue, ReliableTopic, ReplicatedMap, Ringbuffer, Set,
    Topic, VectorCollection,
)  # fmt: skip
_PROXIES = {kind.SERVICE: kind for kind in _KINDS}

_number = itertools.count()
_P = TypeVar("_P", bound=Proxy)


class HazelcastClient:
    """A client of a Hazelcast cluster.

    It is connected when the constructor returns, unless ``async_start`` is set. It may be used from any thread. A
    context manager: ``with HazelcastClient() as client:`` shuts it down at the end.

    Parameters
    ----------
    config : Config, optional
        All options in one object, which is copied; give either this or keywords.
    **kwargs
        Options by name, see ``hzdata.core.config.OPTIONS``.

    Attributes
    ----------
    name : str
        The client's name, which the members know too.
    config : Config
        The options that the client was made with.
    lifecycle_service : LifecycleService
        Tells whether the client runs, and of its states.
    partition_service : PartitionService
        Tells partitions and their owners.
    cluster_service : ClusterService
        Tells the members of the cluster.
    cp_subsystem : CPSubsystem
        Gives the structures that stay consistent through failures.
    sql : SqlService
        Executes SQL statements.
    near_caches : NearCaches
        Keeps what was read of maps; who changes a map other than by its ``Map`` tells it.
    extensions : dict
        By class, what was made for this client and ends with it: each has a ``shutdown()``.
    serialization_service : SerializationService
        Turns objects into Data and back.
    invocation_service : InvocationService
        Sends requests of the protocol.

    Raises
    ------
    InvalidConfigurationError
        For an unknown option, naming the nearest, a value that is not allowed, or both a ``Config`` and keywords.
    IllegalStateError
        When no member lets it in within ``cluster_connect_timeout``.

    Examples
    --------
    >>> client = HazelcastClient(cluster_name="dev", cluster_members=["10.0.0.5:5701"])     # doctest: +SKIP
    >>> client.get_map("capitals").put("France", "Paris").result()                          # doctest: +SKIP
    """

    # Seconds that the first connection may take; None: ``cluster_connect_timeout``, which bounds reconnection.
    _start_timeout: float | None = None
    __reduce__ = stays_here

    def __init__(self, config: Config | None = None, **kwargs: Any) -> None:
        if config is not None and kwargs:
            both = "give the options in a Config or as keywords, not both: " + ", ".join(kwargs)
            raise InvalidConfigurationError(f"Ambiguous client configuration is found: {both}")
        if config is not None and not isinstance(config, Config):
            raise TypeError(
                f"config must be a Config, not a {type(config).__name__}: "
                "give options as keywords, HazelcastClient(**options), or as Config.from_dict(options)"
            )
        # A copy: what is changed in the given one from here on changes no client.
        self.config = config = Config.from_dict(kwargs) if config is None else copy.copy(config)
        # One who is asked less often than it may be silent would be taken for lost.
        config.heartbeat_interval = min(config.heartbeat_interval, config.heartbeat_timeout / 2)
        self.name: str = config.client_name or f"hz.client_{next(_number)}"
        self._closing = threading.Lock()
        self._closed = False
        self.extensions: dict[type, Any] = {}
        self._context = context = Context(config, self.name, self._dispatcher())
        self.invocation_service = context.invocations
        self.serialization_service = context.serialization
        self.near_caches = context.near_caches
        self.cluster_service = context.cluster
        self.lifecycle_service = context.lifecycle
        self.partition_service = PartitionService(context.partitions, context.serialization, context.with_schemas)
        self.sql = SqlService(context)
        self.cp_subsystem = CPSubsystem(context)
        statistics.start(context)
        for member_added, member_removed in config.membership_listeners:
            self.cluster_service.add_listener(member_added, member_removed, True)
        for listener in config.lifecycle_listeners:
            self.lifecycle_service.add_listener(listener)
        if hasattr(config.load_balancer, "init"):
            config.load_balancer.init(self.cluster_service)
        context.connections.on_connected = self._on_connected
        context.connections.on_other_cluster = self._on_other_cluster
        context.connections.on_lost = self._on_lost
        context.connections.on_give_up = self.shutdown

        self._start()

    def _start(self) -> None:
        context = self._context
        context.lifecycle.running = True
        context.lifecycle.enter(LifecycleState.STARTING)
        try:
            context.reactor.start()
            context.lifecycle.enter(LifecycleState.STARTED)
            context.connections.start(self._start_timeout)
        except BaseException:
            self.shutdown()
            raise
        if not self.config.async_start:
            context.dispatcher.settle()

    def _dispatcher(self) -> Dispatcher:
        """Runs callbacks and listeners."""
        return Dispatcher(f"{self.name}.dispatch")

    # --- Data structures ---------------------------------------------------------------------------------------------

    def get_map(self, name: str) -> Map:
        """Return the map of that name; it comes into being with its first use.

        Examples
        --------
        >>> capitals = client.get_map("capitals_of_client").blocking()
        >>> capitals.set("France", "Paris")
        >>> capitals.get("France")
        'Paris'
        """
        return self._proxy(Map, name)

    def get_executor(self, name: str) -> Executor:
        """Return the executor of that name, which runs tasks on members.

        Examples
        --------
        >>> client.get_executor("tasks").is_shutdown().result()
        False
        """
        return self._proxy(Executor, name)

    def get_flake_id_generator(self, name: str) -> FlakeIdGenerator:
        """Return the generator of that name, which makes ids that are unique in the cluster.

        Examples
        --------
        >>> client.get_flake_id_generator("ids").new_id().result() > 0
        True
        """
        return self._proxy(FlakeIdGenerator, name)

    def get_list(self, name: str) -> List:
        """Return the list of that name.

        Examples
        --------
        >>> client.get_list("visited").add_all(["Lima", "Oslo"]).result()
        True
        """
        return self._proxy(List, name)

    def get_multi_map(self, name: str) -> MultiMap:
        """Return the multi-map of that name, which has any number of values for a key.

        Examples
        --------
        >>> client.get_multi_map("cities").put("Peru", "Lima").result()
        True
        """
        return self._proxy(MultiMap, name)

    def get_pn_counter(self, name: str) -> PNCounter:
        """Return the counter of that name.

        Examples
        --------
        >>> client.get_pn_counter("visits").add_and_get(2).result()
        2
        """
        return self._proxy(PNCounter, name)

    def get_queue(self, name: str) -> Queue:
        """Return the queue of that name.

        Examples
        --------
        >>> client.get_queue("waiting").offer("first").result()
        True
        """
        return self._proxy(Queue, name)

    def get_reliable_topic(self, name: str) -> ReliableTopic:
        """Return the reliable topic of that name, whose messages wait for their listeners.

        Examples
        --------
        >>> client.get_reliable_topic("orders").publish("3 apples").result()
        """
        return self._proxy(ReliableTopic, name)

    def get_replicated_map(self, name: str) -> ReplicatedMap:
        """Return the replicated map of that name, which every member has whole.

        Examples
        --------
        >>> client.get_replicated_map("currencies").put("EUR", "euro").result()
        """
        return self._proxy(ReplicatedMap, name)

    def get_ringbuffer(self, name: str) -> Ringbuffer:
        """Return the ringbuffer of that name.

        Examples
        --------
        >>> client.get_ringbuffer("readings").add(20.5).result()
        0
        """
        return self._proxy(Ringbuffer, name)

    def get_set(self, name: str) -> Set:
        """Return the set of that name.

        Examples
        --------
        >>> client.get_set("seen").add("Ada").result()
        True
        """
        return self._proxy(Set, name)

    def get_topic(self, name: str) -> Topic:
        """Return the topic of that name.

        Examples
        --------
        >>> client.get_topic("weather").publish("warm").result()
        """
        return self._proxy(Topic, name)

    def create_vector_collection_config(
        self,
        name: str,
        indexes: list[VectorIndexConfig],
        backup_count: int = 1,
        async_backup_count: int = 0,
        split_brain_protection_name: str | None = None,
        merge_policy: str = "PutIfAbsentMergePolicy",
        merge_batch_size: int = 100,
    ) -> None:
        """Tell the members how a vector collection is to be kept, before it is first used.

        Parameters
        ----------
        name
        indexes
            Of ``hzdata.core.vector.IndexConfig``.
        backup_count, async_backup_count
            How many copies a change waits for, and how many are made besides.
        split_brain_protection_name, merge_policy, merge_batch_size
            What happens to it in a cluster that falls apart and comes together again.

        Raises
        ------
        UnsupportedOperationError
            When the members have no licence for vector collections.

        Examples
        --------
        >>> from hzdata.core.vector import IndexConfig, Metric
        >>> client.create_vector_collection_config("texts", [IndexConfig(None, Metric.COSINE, 384)])  # doctest: +SKIP
        """
        check_true(len({index.name for index in indexes}) == len(indexes), "index names must be unique")
        how = (backup_count, async_backup_count, split_brain_protection_name, merge_policy, merge_batch_size, None)
        self._context.ask("DynamicConfig.addVectorCollectionConfig", name, indexes, *how).result()

    def get_vector_collection(self, name: str) -> VectorCollection:
        """Return the vector collection of that name.

        Examples
        --------
        >>> texts = client.get_vector_collection("texts")  # doctest: +SKIP
        """
        return self._proxy(VectorCollection, name)

    def new_transaction(self, timeout: float = 120, durability: int = 1, type: int = TWO_PHASE) -> Transaction:
        """Return a transaction that has not begun.

        Parameters
        ----------
        timeout
            Seconds that it may take.
        durability
            How many members besides the coordinating one know of it.
        type
            ``hzdata.core.transaction.TWO_PHASE`` or ``ONE_PHASE``.

        Examples
        --------
        >>> with client.new_transaction(timeout=10) as transaction:
        ...     transaction.get_map("capitals_of_client").put("Peru", "Lima")
        >>> capitals.get("Peru")
        'Lima'
        """
        return TransactionManager(self._context).new_transaction(timeout, durability, type)

    def _proxy(self, kind: type[_P], name: str) -> _P:
        if not isinstance(name, str):
            raise ValueError(f"a data structure is named by a str, not {name!r}")
        known = self._context.proxies.get((kind.SERVICE, name))
        if known is None:
            # Members create it at its first use; being told makes it known to listeners and listings at once.
            self._context.ask("Client.createProxy", name, kind.SERVICE).result()
            known = self._made(kind, name)
        return known  # type: ignore[return-value]

    def _made(self, kind: type[Proxy], name: str) -> Proxy:
        make = create_map_proxy if kind is Map else kind
        return self._context.proxies.setdefault((kind.SERVICE, name), make(kind.SERVICE, name, self._context))

    def get_distributed_objects(self) -> list[Proxy]:
        """Return the data structures that exist in the cluster and that this client has proxies for.

        Examples
        --------
        >>> "capitals_of_client" in {structure.name for structure in client.get_distributed_objects()}
        True
        """
        there = self._context.ask("Client.getDistributedObjects").result()
        return [self._made(_PROXIES[service], name) for service, name in there if service in _PROXIES]

    def add_distributed_object_listener(self, listener_func: Callable[[DistributedObjectEvent], Any]) -> Future[str]:
        """Call a function with the ``DistributedObjectEvent`` of each data structure created or destroyed.

        Returns
        -------
        Future of str
            Registration id, for ``remove_distributed_object_listener``.

        Examples
        --------
        >>> def told(event):
        ...     print(event.name, event.event_type)
        >>> listener = client.add_distributed_object_listener(told).result()
        """
        return self._context.listeners.add_of_objects(lambda _, fields: listener_func(DistributedObjectEvent(*fields)))

    def remove_distributed_object_listener(self, registration_id: str) -> Future[bool]:
        """Forget a listener; False when there is none of that id.

        Examples
        --------
        >>> client.remove_distributed_object_listener(listener).result()
        True
        """
        return self._context.listeners.remove(registration_id)

    def replicate_schema(self, schema: Schema) -> Future[None]:
        """Send a Compact schema to all members; values of it may follow when the future is done."""
        return self._context.schemas.replicate(schema)

    def fetch_schema(self, schema_id: int) -> Future[Schema]:
        """Get the Compact schema that values carry the id of; they can be deserialized when the future is done."""
        return self._context.schemas.fetch(schema_id)

    # --- Ending ------------------------------------------------------------------------------------------------------

    def shutdown(self) -> None:
        """Close all connections and end all threads of the client. Calls under way raise; may be called again.

        Examples
        --------
        >>> another = HazelcastClient(client.config)
        >>> another.shutdown()
        >>> another.lifecycle_service.is_running()
        False
        """
        # Not waited for: who shuts down waits for callbacks, and one of them may do so too.
        if self._closed or not self._closing.acquire(blocking=False):
            return
        try:
            context = self._context
            context.cp_sessions.shutdown()
            if context.lifecycle.running:
                context.lifecycle.running = False
                if context.lifecycle.enter(LifecycleState.SHUTTING_DOWN) == LifecycleState.CONNECTED:
                    context.lifecycle.enter(LifecycleState.DISCONNECTED)
            context.invocations.shutdown()
            context.connections.stop()
            for extension in list(self.extensions.values()):
                extension.shutdown()
            context.connections.join()
            context.reactor.stop()
            context.end_pauses()
            context.lifecycle.enter(LifecycleState.SHUTDOWN)
            context.dispatcher.stop()
            context.serialization.destroy()
            self._closed = True
        finally:
            # An interrupted one is finished by the next.
            self._closing.release()

    def __enter__(self) -> HazelcastClient:
        return self

    def __exit__(self, *exc: object) -> None:
        self.shutdown()

    def __repr__(self) -> str:
        state = "shut down" if self._closed else f"{len(self._context.cluster.get_members())} members"
        return f"<{type(self).__name__} {self.name!r} of cluster {self.config.cluster_name!r}, {state}>"

    # --- On the I/O thread -------------------------------------------------------------------------------------------

    def _on_lost(self, connection: Connection) -> None:
        self._context.listeners.connection_removed(connection)
        self.near_caches.connection_lost()

    # --- On the connecting thread ------------------------------------------------------------------------------------

    def _on_connected(self, connection: Connection, timeout: float | None) -> None:
        if self.config.smart_routing or not self._context.connections.connections():
            self._context.listeners.connection_added(connection).result(timeout)
            self.near_caches.start_over()

    def _on_other_cluster(self, connection: Connection, timeout: float | None) -> None:
        self._context.schemas.send_all(connection=connection).result(timeout)
        ask, proxies = self._context.ask, list(self._context.proxies)
        creations = [ask("Client.createProxy", name, service, connection=connection) for service, name in proxies]
        combine_futures(creations).result(timeout)
