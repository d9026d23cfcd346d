"""Two ways to say how objects of one's own class become bytes: in the class itself, or in a serializer beside it."""

from __future__ import annotations

from typing import Any

from .streams import ObjectDataInput, ObjectDataOutput

__all__ = ["IdentifiedDataSerializable", "StreamSerializer"]


class IdentifiedDataSerializable:
    """An object that writes and reads itself, and names its class by two numbers that every side knows.

    Register the class, which must be callable without arguments, in the option ``data_serializable_factories``:
    ``{factory id: {class id: class}}``. Objects that only ever travel to members (entry processors, for one) need not
    be registered nor readable.

    Examples
    --------
    >>> class Address(IdentifiedDataSerializable):
    ...     def __init__(self, street=None, zip_code=None):
    ...         self.street, self.zip_code = street, zip_code
    ...
    ...     def get_factory_id(self):
    ...         return 1
    ...
    ...     def get_class_id(self):
    ...         return 1
    ...
    ...     def write_data(self, object_data_output):
    ...         object_data_output.write_string(self.street)
    ...         object_data_output.write_int(self.zip_code)
    ...
    ...     def read_data(self, object_data_input):
    ...         self.street = object_data_input.read_string()
    ...         self.zip_code = object_data_input.read_int()
    >>> factories = {1: {1: Address}}
    """

    def write_data(self, object_data_output: ObjectDataOutput) -> None:
        """Write the fields."""
        raise NotImplementedError(f"{type(self).__name__} has no write_data()")

    def read_data(self, object_data_input: ObjectDataInput) -> None:
        """Read the fields, in the order in which they were written."""
        raise NotImplementedError(f"{type(self).__name__} has no read_data()")

    def get_factory_id(self) -> int:
        """Return the id of the factory that makes objects of this class."""
        raise NotImplementedError(f"{type(self).__name__} has no get_factory_id()")

    def get_class_id(self) -> int:
        """Return the id of this class within its factory."""
        raise NotImplementedError(f"{type(self).__name__} has no get_class_id()")


class StreamSerializer:
    """How objects of a class, or of all classes without a serializer of their own, become bytes.

    Register the class of the serializer in ``custom_serializers`` (``{class: serializer}``) or as
    ``global_serializer``.
    """

    def write(self, out: ObjectDataOutput, obj: Any) -> None:
        """Write an object."""
        raise NotImplementedError(f"{type(self).__name__} has no write()")

    def read(self, inp: ObjectDataInput) -> Any:
        """Read and return an object."""
        raise NotImplementedError(f"{type(self).__name__} has no read()")

    def get_type_id(self) -> int:
        """Return the id that marks the objects in the cluster: a positive number, the same in every client."""
        raise NotImplementedError(f"{type(self).__name__} has no get_type_id()")

    def destroy(self) -> None:
        """Let go of what the serializer holds; called when the client shuts down."""
