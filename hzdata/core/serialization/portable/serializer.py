"""Portable objects as a whole: which class definition they are written and read by."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ...errors import HazelcastSerializationError
from ...util import get_portable_version
from ..api import Portable
from ..io import ObjectDataInput, ObjectDataOutput
from .classdef import ClassDefinition, ClassDefinitionBuilder, ClassKey, FieldDefinition, FieldType
from .reader import PortableReader
from .writer import FieldRecorder, PortableWriter


class PortableSerializer:
    """Writes and reads Portable objects.

    Parameters
    ----------
    config : Config
        Read here: ``portable_factories``, ``portable_version``, ``class_definitions``, and whether what these refer to
        must be among them, ``check_class_definition_errors``.

    Raises
    ------
    HazelcastSerializationError
        When two definitions are of the same class, or one refers to a class that is not there.
    """

    def __init__(self, config: Any) -> None:
        self._factories: Mapping[int, Mapping[int, Callable[[], Portable]]] = config.portable_factories
        self._version: int = config.portable_version
        # What is written by, and what was met in stored objects, which others may write otherwise.
        self._definitions: dict[ClassKey, ClassDefinition] = {}
        self.met: dict[ClassKey, ClassDefinition] = {}
        classes = [definition.key[:2] for definition in config.class_definitions]
        for definition in config.class_definitions:
            if classes.count(definition.key[:2]) > 1:
                raise HazelcastSerializationError(f"Duplicate registration found for class-id: {definition.class_id}")
            for field in definition.field_defs.values():
                is_known = not field.holds_portables or (field.factory_id, field.class_id) in classes
                if config.check_class_definition_errors and not is_known:
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
        kept = self._definitions.setdefault(definition.key, definition)
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
        writer = PortableWriter(out, definition)
        portable.write_portable(writer)
        writer.end()

    def definition_of(self, portable: Portable, out: ObjectDataOutput) -> ClassDefinition:
        """Return the class definition of an object; one of a class not met before is asked for its fields."""
        key = portable.get_factory_id(), portable.get_class_id(), get_portable_version(portable, self._version)
        if key in self._definitions:
            return self._definitions[key]
        recorder = FieldRecorder(out, key)
        portable.write_portable(recorder)
        return self.register(recorder.builder.build())

    def any_definition(self, factory_id: int, class_id: int) -> ClassDefinition:
        """Return a class definition that is known for a class."""
        for definition in (*self._definitions.values(), *self.met.values()):
            if definition.key[:2] == (factory_id, class_id):
                return definition
        raise HazelcastSerializationError("Cannot write null portable without explicitly registering class definition!")

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
        evolved = get_portable_version(portable, self._version) != version
        reader = PortableReader(inp, (factory_id, class_id, version), evolved)
        portable.read_portable(reader)
        inp.go_to(reader.end)
        return portable

    def stored_definition(self, inp: ObjectDataInput, positions: tuple[int, ...], key: ClassKey) -> ClassDefinition:
        """Return the class definition of a stored object, whose fields, and raw data at last, are at the positions.

        One that is known holds only where the same fields are stored in the same order: SQL writes those of a mapping
        in the order of its columns.
        """
        for known in (self._definitions.get(key), self.met.get(key)):
            if known is not None:
                heads = known.heads(inp.order)
                if len(heads) == len(positions) - 1 and all(map(inp.buffer.startswith, heads, positions)):
                    return known
        builder = ClassDefinitionBuilder(*key)
        is_whole = True
        for index, position in enumerate(positions[:-1]):
            inp.go_to(position)
            name = bytes(inp.read_into(bytearray(inp.read_short()))).decode("latin-1")
            field = FieldDefinition(index, name, inp.read_unsigned_byte(), builder.version)
            if field.holds_portables:
                is_array = field.field_type == FieldType.PORTABLE_ARRAY
                is_empty = inp.read_int() <= 0 if is_array else inp.read_boolean()
                field.factory_id, field.class_id = inp.read_int(), inp.read_int()
                if is_empty:
                    is_whole = False  # a null does not tell its version
                else:
                    if is_array:
                        inp.go_to(inp.read_int())
                    field.version = inp.read_int()
            builder.add_field_def(field)
        if is_whole:
            self.met[key] = builder.definition
        return builder.build()
