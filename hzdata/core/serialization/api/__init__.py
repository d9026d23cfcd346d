"""What users implement to say how their objects travel, and what they are given to do it."""

from __future__ import annotations

from ...protocol.field_kinds import FieldKind
from .compact import CompactReader, CompactSerializableType, CompactSerializer, CompactWriter
from .portable import Portable, PortableReader, PortableWriter
from .serializers import IdentifiedDataSerializable, StreamSerializer
from .streams import ObjectDataInput, ObjectDataOutput

__all__ = [
    "CompactReader",
    "CompactSerializableType",
    "CompactSerializer",
    "CompactWriter",
    "FieldKind",
    "IdentifiedDataSerializable",
    "ObjectDataInput",
    "ObjectDataOutput",
    "Portable",
    "PortableReader",
    "PortableWriter",
    "StreamSerializer",
]
