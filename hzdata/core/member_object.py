"""Objects that members alone read: conditions, functions and cuts are of classes of theirs."""

from __future__ import annotations

from typing import Any, ClassVar

from .serialization.api import IdentifiedDataSerializable, ObjectDataOutput


class MemberObject(IdentifiedDataSerializable):
    """An object of a class of the members: its ids there, and its parts, each with the kind it is written as."""

    FACTORY_ID: ClassVar[int]

    def __init__(self, class_id: int, *parts: tuple[str, Any]) -> None:
        self._class_id = class_id
        self.parts = parts

    def get_factory_id(self) -> int:
        return self.FACTORY_ID

    def get_class_id(self) -> int:
        return self._class_id

    def write_data(self, object_data_output: ObjectDataOutput) -> None:
        for kind, value in self.parts:
            getattr(object_data_output, f"write_{kind}")(value)
