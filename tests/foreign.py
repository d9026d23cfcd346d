"""A class that only some application knows."""

from __future__ import annotations

from hzdata.core.serialization.api import IdentifiedDataSerializable, ObjectDataOutput


class Foreign(IdentifiedDataSerializable):
    """Written by an application that the client knows no class of."""

    def get_factory_id(self) -> int:
        return 77

    def get_class_id(self) -> int:
        return 1

    def write_data(self, object_data_output: ObjectDataOutput) -> None:
        object_data_output.write_int(5)
