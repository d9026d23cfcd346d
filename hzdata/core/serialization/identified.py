"""IdentifiedDataSerializable: objects that write themselves, and factories that know their classes by two numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..errors import HazelcastSerializationError
from .api import IdentifiedDataSerializable
from .data import TypeId
from .io import ObjectDataInput, ObjectDataOutput
from .serializer import Reader, Writer

Factories = Mapping[int, Mapping[int, Callable[[], IdentifiedDataSerializable]]]
"""By factory id and class id, what makes an empty object."""


def _write(out: ObjectDataOutput, value: IdentifiedDataSerializable) -> None:
    out.write_boolean(True)  # False is Java's DataSerializable, which names its class
    out.write_int(value.get_factory_id())
    out.write_int(value.get_class_id())
    value.write_data(out)


IDENTIFIED_WRITER = Writer(TypeId.IDENTIFIED_DATA_SERIALIZABLE, _write)


def identified_reader(factories: Factories) -> Reader:
    """What reads objects of the classes that the factories know."""

    def read(inp: ObjectDataInput) -> Any:
        if not inp.read_boolean():
            raise HazelcastSerializationError(
                f"An object of the Java class {inp.read_string()} is DataSerializable, which only Java can read; "
                "make it IdentifiedDataSerializable."
            )
        factory_id, class_id = inp.read_int(), inp.read_int()
        make = factories.get(factory_id, {}).get(class_id)
        if make is None:
            raise HazelcastSerializationError(
                f"No class is registered for class id {class_id} of factory {factory_id}; "
                f"add it to the option data_serializable_factories: {{{factory_id}: {{{class_id}: TheClass}}}}."
            )
        value = make()
        value.read_data(inp)
        return value

    return read
