"""The type variables that programs write in annotations, such as ``Map[KeyType, ValueType]``."""

from typing import TypeVar

ElementType = TypeVar("ElementType")
ItemType = TypeVar("ItemType")
KeyType = TypeVar("KeyType")
MessageType = TypeVar("MessageType")
ValueType = TypeVar("ValueType")
