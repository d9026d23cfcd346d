"""Class definitions: the fields of a version of a Portable class, in their order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from ...errors import HazelcastSerializationError
from ...protocol.byte_order import ByteOrder


class FieldType:
    """Types of fields.

    Examples
    --------
    >>> FieldType.INT, FieldType.INT_ARRAY
    (5, 15)
    """

    PORTABLE, PORTABLE_ARRAY = 0, 10
    BYTE, BYTE_ARRAY = 1, 11
    BOOLEAN, BOOLEAN_ARRAY = 2, 12
    CHAR, CHAR_ARRAY = 3, 13
    SHORT, SHORT_ARRAY = 4, 14
    INT, INT_ARRAY = 5, 15
    LONG, LONG_ARRAY = 6, 16
    FLOAT, FLOAT_ARRAY = 7, 17
    DOUBLE, DOUBLE_ARRAY = 8, 18
    UTF, UTF_ARRAY = 9, 19
    STRING, STRING_ARRAY = 9, 19
    DECIMAL, DECIMAL_ARRAY = 20, 21
    TIME, TIME_ARRAY = 22, 23
    DATE, DATE_ARRAY = 24, 25
    TIMESTAMP, TIMESTAMP_ARRAY = 26, 27
    TIMESTAMP_WITH_TIMEZONE, TIMESTAMP_WITH_TIMEZONE_ARRAY = 28, 29


FIELD_TYPES = {name.lower(): type for name, type in vars(FieldType).items() if not name.startswith("_")}
"""By name, as in ``write_int`` and ``read_int_array``."""

TYPE_NAMES = {type: name for name, type in FIELD_TYPES.items()}

ClassKey: TypeAlias = tuple[int, int, int]
"""Factory id, class id and version."""

SIMPLE_TYPES = {name: type for name, type in FIELD_TYPES.items() if "portable" not in name}


@dataclass(unsafe_hash=True)
class FieldDefinition:
    """A field of a class definition.

    Attributes
    ----------
    index : int
        Its position among the fields.
    field_name : str
    field_type : int
        A ``FieldType``.
    version : int
        Of its class, if it holds Portables.
    factory_id, class_id : int
        Of its class, if it holds Portables; else 0.

    Examples
    --------
    >>> FieldDefinition(0, "age", FieldType.INT, version=0).field_name
    'age'
    """

    index: int = field(compare=False)
    field_name: str
    field_type: int
    version: int = field(compare=False)
    factory_id: int = 0
    class_id: int = 0

    @property
    def holds_portables(self) -> bool:
        """Whether it is of one of the two types that have a class."""
        return self.field_type in (FieldType.PORTABLE, FieldType.PORTABLE_ARRAY)

    def head(self, order: ByteOrder) -> bytes:
        """Return what stands before its value: the length of its name, its name, its type."""
        name = self.field_name.encode("latin-1")
        return order.short.pack(len(name)) + name + bytes([self.field_type])


@dataclass(unsafe_hash=True)
class ClassDefinition:
    """The fields of one version of a Portable class. ``ClassDefinitionBuilder`` makes one.

    Attributes
    ----------
    factory_id, class_id, version : int
    field_defs : dict of str to FieldDefinition

    Examples
    --------
    >>> person = ClassDefinition(1, 2, version=-1)
    >>> person.set_version_if_not_set(3)
    >>> person.add_field_def(FieldDefinition(0, "age", FieldType.INT, person.version))
    >>> person.get_field_count(), person.get_field_names(), person.has_field("name")
    (1, ['age'], False)
    >>> person.get_field("age") is person.get_field(0), person.get_field("name")
    (True, None)
    >>> person.get_field_type("age") == FieldType.INT, person.get_field_class_id("age")
    (True, 0)
    """

    factory_id: int
    class_id: int
    version: int
    field_defs: dict[str, FieldDefinition] = field(default_factory=dict, init=False, hash=False)
    _heads: dict[str, tuple[bytes, ...]] = field(default_factory=dict, init=False, compare=False, repr=False)

    def add_field_def(self, field_def: FieldDefinition) -> None:
        """Add a field."""
        self.field_defs[field_def.field_name] = field_def
        self._heads = {}

    def heads(self, order: ByteOrder) -> tuple[bytes, ...]:
        """Return the head of each field."""
        if order.prefix not in self._heads:
            fields = sorted(self.field_defs.values(), key=lambda field: field.index)
            self._heads[order.prefix] = tuple(field.head(order) for field in fields)
        return self._heads[order.prefix]

    def get_field(self, field_name_or_index: str | int) -> FieldDefinition | None:
        """Return a field by its name, None when there is none of that name; or by its position.

        Raises
        ------
        IndexError
            When there is none at that position.
        """
        if isinstance(field_name_or_index, int):
            if not 0 <= field_name_or_index < len(self.field_defs):
                raise IndexError(f"there is no field {field_name_or_index} of {len(self.field_defs)}")
            return next(f for f in self.field_defs.values() if f.index == field_name_or_index)
        return self.field_defs.get(field_name_or_index)

    def has_field(self, field_name: str) -> bool:
        """Whether there is a field of that name."""
        return field_name in self.field_defs

    def get_field_names(self) -> list[str]:
        """Return the names of the fields."""
        return list(self.field_defs)

    def get_field_type(self, field_name: str) -> int:
        """Return the ``FieldType`` of a field."""
        return self._known(field_name).field_type

    def get_field_class_id(self, field_name: str) -> int:
        """Return the class id of a field that holds Portables."""
        return self._known(field_name).class_id

    def get_field_count(self) -> int:
        """Return the number of fields."""
        return len(self.field_defs)

    def set_version_if_not_set(self, version: int) -> None:
        """Set the version, if it is below 0."""
        if self.version < 0:
            self.version = version

    @property
    def key(self) -> ClassKey:
        """What it is found by."""
        return self.factory_id, self.class_id, self.version

    @property
    def label(self) -> str:
        """What errors call it."""
        return f"ClassDefinition(id: {self.class_id}, version: {self.version})"

    def _known(self, field_name: str) -> FieldDefinition:
        if field_name not in self.field_defs:
            raise ValueError(f"Unknown field: {field_name}")
        return self.field_defs[field_name]


_Add: TypeAlias = "Callable[[ClassDefinitionBuilder, str], ClassDefinitionBuilder]"


def _adding(name: str) -> tuple[_Add, _Add]:
    """The methods that add a field of a type, and one of its arrays."""

    def adding(name: str) -> _Add:
        def add(self: ClassDefinitionBuilder, field_name: str) -> ClassDefinitionBuilder:
            return self.add(field_name, FIELD_TYPES[name])

        add.__name__ = f"add_{name}_field"
        add.__qualname__ = f"ClassDefinitionBuilder.{add.__name__}"
        add.__doc__ = f"Add a field of type {name}."
        return add

    return adding(name), adding(f"{name}_array")


class ClassDefinitionBuilder:
    """Makes a class definition, field by field: ``add_int_field("age")`` and the like, for each type of fields.

    Fields must be added in the order in which the class writes them. Every method returns the builder.

    Examples
    --------
    >>> person = ClassDefinitionBuilder(1, 2).add_string_field("name").add_int_field("age").build()
    >>> person.get_field_names()
    ['name', 'age']

    A field of each of the other types:

    >>> builder = ClassDefinitionBuilder(factory_id=1, class_id=3, version=0)
    >>> builder = builder.add_boolean_field("on").add_byte_field("level").add_short_field("year")
    >>> builder = builder.add_long_field("count").add_float_field("share").add_double_field("mass")
    >>> builder = builder.add_char_field("initial").add_utf_field("old_name").add_decimal_field("price")
    >>> builder = builder.add_time_field("opens").add_date_field("day").add_timestamp_field("made")
    >>> builder = builder.add_timestamp_with_timezone_field("seen").add_portable_field("owner", person)
    >>> builder = builder.add_boolean_array_field("bits").add_byte_array_field("bytes").add_short_array_field("years")
    >>> builder = builder.add_int_array_field("ids").add_long_array_field("counts").add_float_array_field("shares")
    >>> builder = builder.add_double_array_field("masses").add_char_array_field("initials")
    >>> builder = builder.add_string_array_field("names").add_utf_array_field("old_names")
    >>> builder = builder.add_decimal_array_field("prices").add_time_array_field("hours").add_date_array_field("days")
    >>> builder = builder.add_timestamp_array_field("times").add_timestamp_with_timezone_array_field("seens")
    >>> builder = builder.add_portable_array_field("friends", person)
    >>> builder = builder.add_field_def(FieldDefinition(30, "age", FieldType.INT, version=0))
    >>> builder.build().get_field("owner").class_id
    2
    """

    add_byte_field, add_byte_array_field = _adding("byte")
    add_boolean_field, add_boolean_array_field = _adding("boolean")
    add_char_field, add_char_array_field = _adding("char")
    add_short_field, add_short_array_field = _adding("short")
    add_int_field, add_int_array_field = _adding("int")
    add_long_field, add_long_array_field = _adding("long")
    add_float_field, add_float_array_field = _adding("float")
    add_double_field, add_double_array_field = _adding("double")
    add_string_field, add_string_array_field = _adding("string")
    add_utf_field, add_utf_array_field = _adding("utf")
    add_decimal_field, add_decimal_array_field = _adding("decimal")
    add_time_field, add_time_array_field = _adding("time")
    add_date_field, add_date_array_field = _adding("date")
    add_timestamp_field, add_timestamp_array_field = _adding("timestamp")
    add_timestamp_with_timezone_field, add_timestamp_with_timezone_array_field = _adding("timestamp_with_timezone")

    def __init__(self, factory_id: int, class_id: int, version: int = 0) -> None:
        self.factory_id = factory_id
        self.class_id = class_id
        self.version = version
        self.definition = ClassDefinition(factory_id, class_id, version)
        self._done = False

    def add_portable_field(self, field_name: str, class_def: ClassDefinition) -> ClassDefinitionBuilder:
        """Add a field that holds a Portable of a class."""
        return self.add(field_name, FieldType.PORTABLE, class_def)

    def add_portable_array_field(self, field_name: str, class_def: ClassDefinition) -> ClassDefinitionBuilder:
        """Add a field that holds Portables of a class."""
        return self.add(field_name, FieldType.PORTABLE_ARRAY, class_def)

    def add_field_def(self, field_def: FieldDefinition) -> ClassDefinitionBuilder:
        """Add a field, whose index must be the next one."""
        if field_def.index != len(self.definition.field_defs):
            raise ValueError("Invalid field index")
        return self.add(field_def.field_name, field_def.field_type, field_def)

    def add(self, name: str, type: int, of: ClassDefinition | FieldDefinition | None = None) -> ClassDefinitionBuilder:
        """Add a field of any type; ``of`` tells the class of Portables."""
        fields = self.definition.field_defs
        if self._done:
            raise HazelcastSerializationError(f"ClassDefinition is already built for {self.class_id}")
        if name in fields:
            raise HazelcastSerializationError(f"Field with the name {name} already exists")
        if any(letter > "\xff" for letter in name):
            # Java writes the lower half of each.
            raise HazelcastSerializationError(f"The name of field {name!r} has letters beyond Latin-1, which are lost")
        if of is None:
            of = ClassDefinition(0, 0, self.version)
        elif isinstance(of, ClassDefinition) and of.class_id == 0:
            raise ValueError("Portable class id cannot be zero!")
        self.definition.add_field_def(FieldDefinition(len(fields), name, type, of.version, of.factory_id, of.class_id))
        return self

    def build(self) -> ClassDefinition:
        """Return the class definition; the builder takes no more fields."""
        self._done = True
        return self.definition
