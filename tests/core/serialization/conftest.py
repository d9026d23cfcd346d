"""Serialization services: ours and the documented client's, side by side."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hazelcast.config import Config as DocumentedConfig
from hazelcast.core import HazelcastJsonValue as DocumentedJson
from hazelcast.serialization.data import Data as DocumentedData
from hazelcast.serialization.service import SerializationServiceV1

from hzdata.core.config import Config
from hzdata.core.core import HazelcastJsonValue
from hzdata.core.serialization.service import SerializationService


class DocumentedService:
    """The documented client's serialization, bytes in and out."""

    def __init__(self, **options: Any) -> None:
        config = DocumentedConfig()
        for name, value in options.items():
            setattr(config, name, value)
        self.service = SerializationServiceV1(config)

    def to_bytes(self, obj: Any) -> bytes:
        return bytes(self.service.to_data(_with_json(obj, HazelcastJsonValue, DocumentedJson)).buffer)

    def to_object(self, data: bytes) -> Any:
        return _with_json(self.service.to_object(DocumentedData(bytes(data))), DocumentedJson, HazelcastJsonValue)


def _with_json(obj: Any, old: type, new: type) -> Any:
    """Each client has its own class for JSON: swap one for the other, in lists too."""
    if type(obj) is old:
        return new(obj.to_string())
    return [_with_json(item, old, new) for item in obj] if type(obj) is list else obj


def new_service(**options: Any) -> SerializationService:
    config = Config()
    for name, value in options.items():
        setattr(config, name, value)
    return SerializationService(config)


@pytest.fixture(scope="session")
def service() -> SerializationService:
    return new_service()


@pytest.fixture(scope="session", params=[True, False], ids=["big-endian", "little-endian"])
def both(request: pytest.FixtureRequest) -> tuple[SerializationService, DocumentedService]:
    """Our service and the documented client's, in each byte order."""
    return new_service(is_big_endian=request.param), DocumentedService(is_big_endian=request.param)


@pytest.fixture(scope="session")
def make_service() -> Callable[..., SerializationService]:
    return new_service
