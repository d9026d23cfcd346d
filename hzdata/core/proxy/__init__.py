"""The data structures; and the names of the services of members that keep them, as programs call them."""

import importlib
from typing import Any

EXECUTOR_SERVICE = "hz:impl:executorService"
FLAKE_ID_GENERATOR_SERVICE = "hz:impl:flakeIdGeneratorService"
LIST_SERVICE = "hz:impl:listService"
MAP_SERVICE = "hz:impl:mapService"
MULTI_MAP_SERVICE = "hz:impl:multiMapService"
PN_COUNTER_SERVICE = "hz:impl:PNCounterService"
QUEUE_SERVICE = "hz:impl:queueService"
RELIABLE_TOPIC_SERVICE = "hz:impl:reliableTopicService"
REPLICATED_MAP_SERVICE = "hz:impl:replicatedMapService"
RINGBUFFER_SERVICE = "hz:impl:ringbufferService"
SET_SERVICE = "hz:impl:setService"
TOPIC_SERVICE = "hz:impl:topicService"
VECTOR_SERVICE = "hz:service:vector"

_MODULES = {
    "Executor": "executor", "FlakeIdGenerator": "flake_id_generator", "List": "list", "MultiMap": "multi_map",
    "PNCounter": "pn_counter", "Queue": "queue", "ReliableTopic": "reliable_topic", "ReplicatedMap": "replicated_map",
    "Ringbuffer": "ringbuffer", "Set": "set", "Topic": "topic", "VectorCollection": "vector_collection",
}  # fmt: skip


def __getattr__(name: str) -> Any:
    # Structures that programs import from here; not before they ask, as what a structure is made of needs this package.
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_MODULES[name]}"), name)
