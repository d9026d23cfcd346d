"""Reads the fields of a Portable by name, as they were stored by this or another version of its class."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ...errors import HazelcastSerializationError
from ..api.portable import Portable, PortableReader
from ..io import DataInput
from .classdef import ClassDefinition, FieldDefinition
from .fields import BY_TYPE, KINDS, PORTABLE, PORTABLE_ARRAY, TYPE_NAMES, WIDENED, Kind

if TYPE_CHECKING:
    from .serializer import PortableSerializer

__all__ = ["FieldReader"]


class FieldReader:
    """A ``PortableReader`` of one stored object.

    Parameters
    ----------
    serializer
    inp
        At the body.
    definition
        Of the version that was stored.
    evolved : bool
        The class has another version here: a field that is not there reads as None or zero, and a number may have been
        of a smaller type.
    end : int
        Where the body ends.
    positions : tuple of int
        Of the fields, and of the raw data.
    """

    def __init__(
        self,
        serializer: PortableSerializer,
        inp: DataInput,
        definition: ClassDefinition,
        evolved: bool,
        end: int,
        positions: tuple[int, ...],
    ) -> None:
        self._serializer = serializer
        self._inp = inp
        self._definition = definition
        self._evolved = evolved
        self._end = end
        self._positions = positions
        self._heads = definition.heads(inp.order)
        self._raw = False

    def get_version(self) -> int:
        return self._definition.version

    def has_field(self, field_name: str) -> bool:
        return self._definition.has_field(field_name)

    def get_field_names(self) -> set[str]:
        return set(self._definition.get_field_names())

    def get_field_type(self, field_name: str) -> int:
        return self._definition.get_field_type(field_name)

    def get_field_class_id(self, field_name: str) -> int:
        return self._definition.get_field_class_id(field_name)

    def _read(self, kind: Kind, field_name: str) -> Any:
        field = self._definition.field_defs.get(field_name)
        if field is None and "." in field_name:
            outer, _, inner = field_name.partition(".")
            nested = self._nested(outer)
            return kind.zero if nested is None else nested._read(kind, inner)
        if field is None:
            if self._evolved:
                return kind.zero
            raise self._unknown(field_name)
        stored = BY_TYPE.get(field.field_type)
        if stored is None or stored.type != kind.type:
            if not (self._evolved and stored is not None and stored.name in WIDENED.get(kind.name, ())):
                raise self._mismatch(field, kind.name)
            self._go_to(field)
            value = stored.read(self._inp)
            value = ord(value) if stored.name == "char" else value
            return float(value) if kind.name in ("float", "double") else value
        self._go_to(field)
        return kind.read(self._inp)

    def read_portable(self, field_name: str) -> Portable | None:
        field = self._portable_field(field_name, PORTABLE)
        if field is None:
            return None
        self._go_to(field)
        is_null, factory_id, class_id = self._inp.read_boolean(), self._inp.read_int(), self._inp.read_int()
        return None if is_null else self._serializer.read_body(self._inp, factory_id, class_id)

    def read_portable_array(self, field_name: str) -> list[Portable] | None:
        field = self._portable_field(field_name, PORTABLE_ARRAY)
        if field is None:
            return None
        self._go_to(field)
        count, factory_id, class_id = self._inp.read_count(), self._inp.read_int(), self._inp.read_int()
        if count is None:
            return None
        items = []
        for position in self._inp.read_numbers("i", count, 4):
            self._inp.go_to(position)
            items.append(self._serializer.read_body(self._inp, factory_id, class_id))
        return items

    def get_raw_data_input(self) -> DataInput:
        if not self._raw:
            self._raw = True
            if not self._positions[-1]:
                raise HazelcastSerializationError(f"There is no raw data in this object of {self._definition.label}")
            self._inp.go_to(self._positions[-1])
        return self._inp

    def end(self) -> None:
        """Go behind the body."""
        self._inp.go_to(self._end)

    def _nested(self, field_name: str) -> FieldReader | None:
        field = self._portable_field(field_name, PORTABLE)
        if field is None:
            return None
        self._go_to(field)
        if self._inp.read_boolean():
            raise HazelcastSerializationError(f"Field {field_name!r} is null: it has no fields of its own")
        factory_id, class_id = self._inp.read_int(), self._inp.read_int()
        return self._serializer.reader_of(self._inp, factory_id, class_id, self._inp.read_int(), self._evolved)

    def _portable_field(self, field_name: str, type: int) -> FieldDefinition | None:
        field = self._definition.field_defs.get(field_name)
        if field is None:
            if self._evolved:
                return None
            raise self._unknown(field_name)
        if field.field_type != type:
            raise self._mismatch(field, TYPE_NAMES[type])
        return field

    def _go_to(self, field: FieldDefinition) -> None:
        """Go to the value of a field, behind its name and type."""
        if self._raw:
            raise HazelcastSerializationError("Cannot read Portable fields after get_raw_data_input() is called!")
        self._inp.go_to(self._positions[field.index] + len(self._heads[field.index]))

    def _unknown(self, field_name: str) -> HazelcastSerializationError:
        return HazelcastSerializationError(f"Unknown field name: {field_name!r} for {self._definition.label}")

    def _mismatch(self, field: FieldDefinition, wanted: str) -> Exception:
        message = (
            f"Field {field.field_name!r} of {self._definition.label} was stored as {TYPE_NAMES[field.field_type]} and "
            f"cannot be read as {wanted}"
        )
        return TypeError(message) if self._evolved else HazelcastSerializationError(message)


def _reads(kind: Kind) -> Callable[[Any, str], Any]:
    return lambda self, field_name: self._read(kind, field_name)


for _kind in KINDS.values():
    for _name in {_kind.name, _kind.name.replace("string", "utf")}:
        setattr(FieldReader, f"read_{_name}", _reads(_kind))
# Its methods come from the table, so that it cannot be a subclass; it is a reader all the same.
PortableReader.register(FieldReader)
