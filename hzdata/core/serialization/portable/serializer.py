"""Portable objects as a whole: which class definition they are written and read by."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, TypeAlias

from ...errors import HazelcastSerializationError
from ..io import ObjectDataInput, ObjectDataOutput
from .classdef import ClassDefinition, ClassDefinitionBuilder, FieldType
from .reader import PortableReader
from .writer import FieldRecorder, PortableWriter

if TYPE_CHECKING:
    from ..api import Portable

Factories: TypeAlias = "Mapping[int, Mapping[int, Callable[[], Portable]]]"


class PortableSerializer:
    """Writes and reads Portable objects.

    Parameters
    ----------
    factories : mapping
        By factory id and class id, what makes an empty object.
    version : int
        Of classes that do not say theirs by ``get_class_version()``.
    definitions : iterable of ClassDefinition
        Those that are known beforehand.
    check : bool
        Whether what they refer to must be among them.

    Raises
    ------
    HazelcastSerializationError
        When two of them are of the same class, or one refers to a class that is not there.
    """

    def __init__(self, factories: Factories, version: int, definitions: Iterable[ClassDefinition], check: bool) -> None:
        self._factories = factories
        self._version = version
        # What is written by, and what was met in stored objects, which others may write otherwise.
        self._definitions: dict[tuple[int, int, int], ClassDefinition] = {}
        self._met: dict[tuple[int, int, int], ClassDefinition] = {}
        known: dict[tuple[int, int], ClassDefinition] = {}
        for definition in definitions:
            key = definition.factory_id, definition.class_id
            if key in known:
                raise HazelcastSerializationError(f"Duplicate registration found for class-id: {definition.class_id}")
            known[key] = definition
        for definition in known.values():
            for field in definition.field_defs.values():
                is_portable = field.field_type in (FieldType.PORTABLE, FieldType.PORTABLE_ARRAY)
                if check and is_portable and (field.factory_id, field.class_id) not in known:
                    raise HazelcastSerializationError(
                        f"Could not find registered ClassDefinition for factory-id: {field.factory_id}, class-id: "
                        f"{field.class_id}"
                    )
            self.register(definition)

    def register(self, definition: ClassDefinition) -> ClassDefinition:
        """Keep a class definition; return it, or the equal one that is kept already.

        Raises
        ------
        HazelcastSerializationError
            When another one is kept for the same version of the class.
        """
        definition.set_version_if_not_set(self._version)
        key = definition.factory_id, definition.class_id, definition.version
        kept = self._definitions.setdefault(key, definition)
        if kept != definition:
            raise HazelcastSerializationError(
                f"Incompatible class-definitions with same class-id: {definition} vs {kept}"
            )
        return kept

    # --- Writing -----------------------------------------------------------------------------------------------------

    def write(self, out: ObjectDataOutput, portable: Portable) -> None:
        """Write an object."""
        if portable.get_class_id() == 0:
            raise ValueError("Portable class id cannot be zero!")
        out.write_int(portable.get_factory_id())
        out.write_int(portable.get_class_id())
        self.write_body(out, portable)

    def write_body(self, out: ObjectDataOutput, portable: Portable) -> None:
        """Write version and fields."""
        definition = self.definition_of(portable, out)
        out.write_int(definition.version)
        writer = PortableWriter(self, out, definition)
        portable.write_portable(writer)
        writer.end()

    def definition_of(self, portable: Portable, out: ObjectDataOutput) -> ClassDefinition:
        """Return the class definition of an object; one of a class not met before is asked for its fields."""
        factory_id, class_id, version = portable.get_factory_id(), portable.get_class_id(), self.version_of(portable)
        key = factory_id, class_id, version
        known = self._definitions.get(key)
        if known is not None:
            return known
        builder = ClassDefinitionBuilder(factory_id, class_id, version)
        portable.write_portable(FieldRecorder(self, builder, out, self._met.get(key)))
        return self.register(builder.build())

    def any_definition(self, factory_id: int, class_id: int) -> ClassDefinition:
        """Return a class definition that is known for a class."""
        for (factory, cls, _), definition in (*self._definitions.items(), *self._met.items()):
            if (factory, cls) == (factory_id, class_id):
                return definition
        raise HazelcastSerializationError("Cannot write null portable without explicitly registering class definition!")

    def version_of(self, portable: Portable) -> int:
        """Return the version of an object's class."""
        get_class_version = getattr(portable, "get_class_version", None)
        return self._version if get_class_version is None else int(get_class_version())

    # --- Reading -----------------------------------------------------------------------------------------------------

    def read(self, inp: ObjectDataInput) -> Portable:
        """Read an object."""
        factory_id, class_id = inp.read_int(), inp.read_int()
        return self.read_body(inp, factory_id, class_id)

    def read_body(self, inp: ObjectDataInput, factory_id: int, class_id: int) -> Portable:
        """Read version and fields of an object of that class."""
        version = inp.read_int()
        make = self._factories.get(factory_id, {}).get(class_id)
        if make is None:
            raise HazelcastSerializationError(
                f"Could not create Portable for class-id: {class_id} of factory-id: {factory_id}; add it to the option "
                f"portable_factories: {{{factory_id}: {{{class_id}: TheClass}}}}."
            )
        portable = make()
        reader = self.reader_of(inp, factory_id, class_id, version, self.version_of(portable) != version)
        portable.read_portable(reader)
        reader.end()
        return portable

    def reader_of(
        self, inp: ObjectDataInput, factory_id: int, class_id: int, version: int, evolved: bool
    ) -> PortableReader:
        """Return a reader of the body that is next.

        A class definition that is known holds only where the same fields are stored in the same order: SQL writes those
        of a mapping in the order of its columns.
        """
        end = inp.read_int()
        positions = inp.read_numbers("i", (inp.read_count() or 0) + 1)
        key = factory_id, class_id, version
        for definition in (self._definitions.get(key), self._met.get(key)):
            if definition is not None and _lies_in(definition.heads(inp.order), inp.buffer, positions):
                break
        else:
            definition, is_whole = self._stored_definition(inp, positions[:-1], *key)
            if is_whole:
                self._met[key] = definition
        return PortableReader(self, inp, definition, evolved, end, positions)

    def _stored_definition(
        self, inp: ObjectDataInput, positions: tuple[int, ...], factory_id: int, class_id: int, version: int
    ) -> tuple[ClassDefinition, bool]:
        """Find the fields of a stored object, and whether it tells all of them: a null does not tell its version."""
        builder = ClassDefinitionBuilder(factory_id, class_id, version)
        is_whole = True
        for position in positions:
            inp.go_to(position)
            name = bytes(inp.read_into(bytearray(inp.read_short()))).decode("latin-1")
            type = inp.read_byte()
            if type not in (FieldType.PORTABLE, FieldType.PORTABLE_ARRAY):
                builder.add(name, type)
                continue
            is_empty = inp.read_boolean() if type == FieldType.PORTABLE else inp.read_int() <= 0
            nested_factory, nested_class, nested_version = inp.read_int(), inp.read_int(), version
            if is_empty:
                is_whole = False
            else:
                if type == FieldType.PORTABLE_ARRAY:
                    inp.go_to(inp.read_int())
                nested_version = inp.read_int()
            builder.add(name, type, nested_version, nested_factory, nested_class)
        return builder.build(), is_whole


def _lies_in(heads: tuple[bytes, ...], buffer: bytes, positions: tuple[int, ...]) -> bool:
    """Whether these fields are at the positions; the last of those is of raw data."""
    return len(heads) == len(positions) - 1 and all(map(buffer.startswith, heads, positions))
