"""Members offer vector collections by licence only, so their messages are held to those of the vendor's client."""

from __future__ import annotations

import importlib
import struct
import uuid
from typing import Any

import pytest
from hazelcast.protocol.codec import dynamic_config_add_vector_collection_config_codec
from hazelcast.serialization.data import Data as VendorData

from hzdata.core.protocol.framing import Message
from hzdata.core.protocol.messages import message
from hzdata.core.protocol.types import codec
from hzdata.core.vector import Document, IndexConfig, Metric, SearchResult, Type, Vector, VectorSearchOptions

KEY, VALUE = b"\0\0\0\0\0\0\0\1key", b"\0\0\0\0\0\0\0\2value"
PAIRS = [Vector("first", Type.DENSE, [0.25, -1.5]), Vector("", Type.DENSE, [1.0])]
DOCUMENT = Document(VALUE, PAIRS)
SAID = uuid.UUID(int=0x1234 << 64 | 0x5678)


def vendors(value: Any) -> Any:
    """The same value, as the vendor's codecs take it."""
    if isinstance(value, bytes):
        return VendorData(value)
    if isinstance(value, Document):
        return Document(vendors(value.value), value.vectors)
    if isinstance(value, tuple) and type(value) is tuple:
        return tuple(map(vendors, value))
    return [vendors(item) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize(
    ("method", "parameters"),
    [
        ("put", ("v", KEY, DOCUMENT)),
        ("put_if_absent", ("v", KEY, DOCUMENT)),
        ("put_all", ("v", [(KEY, DOCUMENT), (VALUE, DOCUMENT)])),
        ("get", ("v", KEY)),
        ("remove", ("v", KEY)),
        ("set", ("v", KEY, DOCUMENT)),
        ("delete", ("v", KEY)),
        ("search_near_vector", ("v", PAIRS, VectorSearchOptions(True, False, 7, {"efSearch": "64"}))),
        ("search_near_vector", ("v", PAIRS[:1], VectorSearchOptions(False, True, 1))),
        ("optimize", ("v", None, SAID)),
        ("optimize", ("v", "first", SAID)),
        ("clear", ("v",)),
        ("size", ("v",)),
    ],
)
def test_a_request_is_the_vendors_byte_for_byte(method: str, parameters: tuple[Any, ...]) -> None:
    theirs = importlib.import_module(f"hazelcast.protocol.codec.vector_collection_{method}_codec").encode_request
    camel = "".join(part.capitalize() if i else part for i, part in enumerate(method.split("_")))
    ours = message(f"VectorCollection.{camel}").encode(*parameters)
    assert without_route(ours) == without_route(theirs(*map(vendors, parameters)).buf)


def test_the_configuration_is_the_vendors_and_says_one_thing_more() -> None:
    indexes = [IndexConfig("a", Metric.DOT, 3), IndexConfig("b", Metric.COSINE, 2, 16, 50, False)]
    policy = "PutIfAbsentMergePolicy"
    parameters = ("v", indexes, 1, 0, None, policy, 100)
    ours = message("DynamicConfig.addVectorCollectionConfig").encode(*parameters, None)
    theirs = bytes(dynamic_config_add_vector_collection_config_codec.encode_request(*parameters).buf)
    # Newer members read a namespace of user code after the policy, which is the vendor's last frame: there is none.
    last = len(theirs) - len(policy) - 2
    no_namespace = struct.pack("<iH", 6, 0x2400)
    assert without_route(ours) == without_route(theirs[:last] + b"\0\0" + theirs[last + 2 :] + no_namespace)


def without_route(request: bytes | bytearray) -> bytes:
    """Without the correlation id and the partition, which are written when it is sent."""
    return bytes(request[:10]) + bytes(request[22:])


def read_back(name: str, type_name: str, value: Any) -> Any:
    """The value that a message's answer carries, when a member has written it so."""
    parts: list[bytes] = [struct.pack("<iHiqb", 19, 0xC000, message(name).type + 1, 5, 0)]
    codec(type_name).write(parts.append, value)
    return message(name).decode(Message(b"".join(parts)))


def test_what_a_search_found_is_read() -> None:
    results = [
        SearchResult(KEY, VALUE, 0.75, PAIRS),
        SearchResult(VALUE, None, 0.5, []),
        SearchResult(KEY, None, 0.25, None),
    ]
    assert read_back("VectorCollection.searchNearVector", "List_VectorSearchResult", results) == results
    assert read_back("VectorCollection.get", "VectorDocument?", DOCUMENT) == DOCUMENT
    assert read_back("VectorCollection.get", "VectorDocument?", None) is None
