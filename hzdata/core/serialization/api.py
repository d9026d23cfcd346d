"""What users implement to say how their objects travel, and what they are given to do it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, Generic, TypeVar

from ..protocol.field_kinds import FieldKind as FieldKind
from .compact.reader import CompactReader as CompactReader
from .compact.writer import CompactWriter as CompactWriter
from .io import ObjectDataInput as ObjectDataInput, ObjectDataOutput as ObjectDataOutput
from .portable.reader import PortableReader as PortableReader
from .portable.writer import PortableWriter as PortableWriter

CompactSerializableType = TypeVar("CompactSerializableType")
"""The class that a `CompactSerializer` is for."""


class _OfFactory:
    """An object whose class is named by two numbers."""

    def get_factory_id(self) -> int:
        """Return the id of the factory that makes objects of this class."""
        raise NotImplementedError(f"{type(self).__name__} has no get_factory_id()")

    def get_class_id(self) -> int:
        """Return the id of this class within its factory."""
        raise NotImplementedError(f"{type(self).__name__} has no get_class_id()")


class IdentifiedDataSerializable(_OfFactory):
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
    >>> from hzdata.core import HazelcastClient
    >>> with HazelcastClient(data_serializable_factories={1: {1: Address}}, **options) as knowing:
    ...     addresses = knowing.get_map("addresses").blocking()
    ...     addresses.set("Ada", Address("St James's Square", 12))
    ...     addresses.get("Ada").street
    "St James's Square"
    """

    def write_data(self, object_data_output: ObjectDataOutput) -> None:
        """Write the fields."""
        raise NotImplementedError(f"{type(self).__name__} has no write_data()")

    def read_data(self, object_data_input: ObjectDataInput) -> None:
        """Read the fields, in the order in which they were written."""
        raise NotImplementedError(f"{type(self).__name__} has no read_data()")


class StreamSerializer:
    """How objects of a class, or of all classes without a serializer of their own, become bytes.

    Register the class of the serializer in ``custom_serializers`` (``{class: serializer}``) or as
    ``global_serializer``.

    Examples
    --------
    >>> from fractions import Fraction
    >>> from hzdata.core import HazelcastClient
    >>> class FractionSerializer(StreamSerializer):
    ...     def get_type_id(self):
    ...         return 10
    ...
    ...     def write(self, out, obj):
    ...         out.write_long(obj.numerator)
    ...         out.write_long(obj.denominator)
    ...
    ...     def read(self, inp):
    ...         return Fraction(inp.read_long(), inp.read_long())
    ...
    ...     def destroy(self):
    ...         print("the client was shut down")
    >>> with HazelcastClient(custom_serializers={Fraction: FractionSerializer}, **options) as exact:
    ...     shares = exact.get_map("shares").blocking()
    ...     shares.set("Ada", Fraction(1, 3))
    ...     shares.get("Ada")
    Fraction(1, 3)
    the client was shut down
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


class Portable(_OfFactory):
    """An object whose fields members can query without having its class.

    Register the class, which must be callable without arguments, in the option ``portable_factories``:
    ``{factory id: {class id: class}}``.

    Examples
    --------
    >>> from hzdata.core import HazelcastClient
    >>> from hzdata.core.predicate import sql
    >>> class Person(Portable):
    ...     def __init__(self, name=None, age=None):
    ...         self.name, self.age = name, age
    ...
    ...     def get_factory_id(self):
    ...         return 21
    ...
    ...     def get_class_id(self):
    ...         return 1
    ...
    ...     def write_portable(self, writer):
    ...         writer.write_string("name", self.name)
    ...         writer.write_int("age", self.age)
    ...
    ...     def read_portable(self, reader):
    ...         self.name = reader.read_string("name")
    ...         self.age = reader.read_int("age")
    >>> with HazelcastClient(portable_factories={21: {1: Person}}, **options) as knowing:
    ...     people = knowing.get_map("portable people").blocking()
    ...     people.put_all({1: Person("Ada", 36), 2: Person("Grace", 85)})
    ...     [person.name for person in people.values(sql("age > 40"))]
    ['Grace']
    """

    def write_portable(self, writer: PortableWriter) -> None:
        """Write the fields."""
        raise NotImplementedError(f"{type(self).__name__} has no write_portable()")

    def read_portable(self, reader: PortableReader) -> None:
        """Read the fields."""
        raise NotImplementedError(f"{type(self).__name__} has no read_portable()")


class CompactSerializer(ABC, Generic[CompactSerializableType]):
    """How objects of a class become Compact values. Register an instance in ``compact_serializers``.

    Members can query the fields of a Compact value without having its class, and values of older and newer versions of
    the class live side by side.

    Examples
    --------
    >>> class Point:
    ...     def __init__(self, x: int, y: int) -> None:
    ...         self.x, self.y = x, y
    >>> class PointSerializer(CompactSerializer[Point]):
    ...     def read(self, reader: CompactReader) -> Point:
    ...         return Point(reader.read_int32("x"), reader.read_int32("y"))
    ...
    ...     def write(self, writer: CompactWriter, obj: Point) -> None:
    ...         writer.write_int32("x", obj.x)
    ...         writer.write_int32("y", obj.y)
    ...
    ...     def get_class(self) -> type[Point]:
    ...         return Point
    ...
    ...     def get_type_name(self) -> str:
    ...         return "point"
    >>> from hzdata.core import HazelcastClient
    >>> from hzdata.core.predicate import greater
    >>> with HazelcastClient(compact_serializers=[PointSerializer()], **options) as knowing:
    ...     points = knowing.get_map("points").blocking()
    ...     points.put_all({"a": Point(1, 2), "b": Point(3, 4)})
    ...     points.key_set(greater("y", 2)), points.get("a").x
    (['b'], 1)
    """

    @abstractmethod
    def read(self, reader: CompactReader) -> CompactSerializableType:
        """Make an object from the fields."""

    @abstractmethod
    def write(self, writer: CompactWriter, obj: CompactSerializableType) -> None:
        """Write the fields of an object."""

    @abstractmethod
    def get_class(self) -> type[CompactSerializableType]:
        """Return the class that this is the serializer of; subclasses of it are not included."""

    @abstractmethod
    def get_type_name(self) -> str:
        """Return what the type is called in the cluster, the same for every version of the class."""
