"""The data structures, and the services of the members that keep each, as programs call them."""

from .executor import Executor
from .flake_id_generator import FlakeIdGenerator
from .list import List
from .map import Map
from .multi_map import MultiMap
from .pn_counter import PNCounter
from .queue import Queue
from .reliable_topic import ReliableTopic
from .replicated_map import ReplicatedMap
from .ringbuffer import Ringbuffer
from .set import Set
from .topic import Topic
from .vector_collection import VectorCollection

EXECUTOR_SERVICE = Executor.SERVICE
FLAKE_ID_GENERATOR_SERVICE = FlakeIdGenerator.SERVICE
LIST_SERVICE = List.SERVICE
MAP_SERVICE = Map.SERVICE
MULTI_MAP_SERVICE = MultiMap.SERVICE
PN_COUNTER_SERVICE = PNCounter.SERVICE
QUEUE_SERVICE = Queue.SERVICE
RELIABLE_TOPIC_SERVICE = ReliableTopic.SERVICE
REPLICATED_MAP_SERVICE = ReplicatedMap.SERVICE
RINGBUFFER_SERVICE = Ringbuffer.SERVICE
SET_SERVICE = Set.SERVICE
TOPIC_SERVICE = Topic.SERVICE
VECTOR_SERVICE = VectorCollection.SERVICE
