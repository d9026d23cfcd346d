"""Vector collections are an enterprise feature: community members refuse them, and the client says so."""

from __future__ import annotations

import pytest

from hzdata import Client
from hzdata.core.errors import HazelcastError, UnsupportedOperationError
from hzdata.core.vector import Document, IndexConfig, Metric, Type, Vector


def test_members_without_the_licence_say_so(client: Client, unique_name: str) -> None:
    with pytest.raises(UnsupportedOperationError):
        client.create_vector_collection_config(unique_name, [IndexConfig("", Metric.COSINE, 2)])
    with pytest.raises(AssertionError, match="unique"):
        client.create_vector_collection_config(unique_name, [IndexConfig("a", Metric.COSINE, 2)] * 2)
    with pytest.raises(HazelcastError, match="hz:service:vector"):
        client.get_vector_collection(unique_name).set(1, Document("x", Vector("", Type.DENSE, [0.1, 0.2]))).result()
