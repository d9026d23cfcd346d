"""How each type of the protocol lies in a message: table and readers / writers.

Fixed-size types are packed into the first frame of a message (or of a custom type). Every other type is one or more
frames of its own. A type is named as the protocol names it: ``String``, ``Data?`` (nullable), ``List_Data``,
``EntryList_UUID_List_Integer``; the codec of a compound name is put together from the codecs of its parts.

See: https://github.com/hazelcast/hazelcast-client-protocol and ``docs/wire.md``
"""

from __future__ import annotations

import struct
from bisect import bisect_left
from collections import namedtuple
from collections.abc import Callable, Iterable, Sequence
from functools import cache, partial
from itertools import chain
from typing import Any, NamedTuple
from uuid import UUID

from . import framing
from .custom_types import FACTORIES, ErrorHolder
from .framing import BEGIN_FRAME, END_DATA_STRUCTURE, END_FRAME, HEADER_SIZE, NULL, NULL_FRAME, Message, unpack_header
from .page import SqlPage
from .table import CUSTOM_TYPES, parse_parameters

_pack_header = framing.FRAME_HEADER.pack
_NULL_OR_END = NULL | END_DATA_STRUCTURE


class Cursor:
    """A place in a message that readers move along."""

    __slots__ = ("buffer", "message", "position")

    def __init__(self, message: Message, position: int = 0) -> None:
        self.message = message
        self.buffer = message.buffer
        self.position = position

    def passes(self, flag: int) -> bool:
        """Whether the next frame has this flag; it is passed over if so."""
        length, flags = unpack_header(self.buffer, self.position)
        if flags & flag:
            self.position += length
            return True
        return False

    def ends(self) -> bool:
        """Whether nothing is left, of the message or of the data structure that was begun."""
        position, buffer = self.position, self.buffer
        return position + HEADER_SIZE > len(buffer) or bool(unpack_header(buffer, position)[1] & END_DATA_STRUCTURE)

    def payload(self) -> bytes:
        """The payload of the next frame."""
        start = self.position
        stop = start + unpack_header(self.buffer, start)[0]
        self.position = stop
        return bytes(self.buffer[start + HEADER_SIZE : stop])

    def payloads(self) -> list[bytes | None]:
        """The payloads of the data structure that begins here, which is passed over; None of a null one."""
        buffer, position, header = bytes(self.buffer), self.position + HEADER_SIZE, unpack_header
        found: list[bytes | None] = []
        add = found.append
        while True:
            length, flags = header(buffer, position)
            start, position = position + HEADER_SIZE, position + length
            if not flags & _NULL_OR_END:
                add(buffer[start:position])
            elif flags & NULL:
                add(None)
            else:
                self.position = position
                return found

    def skip_to_end(self) -> None:
        """Pass over what is left of the data structure that was begun, its end frame included."""
        while not self.passes(END_DATA_STRUCTURE):
            if self.passes(framing.BEGIN_DATA_STRUCTURE):
                self.skip_to_end()
            else:
                self.payload()


Put = Callable[[bytes], None]
"""Takes the next bytes of a message."""


class Codec(NamedTuple):
    """How one type is read from a message, and written to one."""

    read: Callable[[Cursor], Any]
    write: Callable[[Put, Any], None]
    is_frame: bool = False
    """Whether it is one frame; else the last frame is the end of a structure, which has no payload."""
    element: str = ""
    """The fixed-size type of which it is a list in one frame; a list of that is nothing else."""


# --- Fixed-size types ------------------------------------------------------------------------------------------------


_FIXED = {"boolean": "?", "byte": "b", "int": "i", "long": "q", "float": "f", "UUID": "17s"}
"""By name, the letters of `struct`."""


def _uuid_of(raw: bytes | None) -> UUID | None:
    """A byte that is 1 for null, and the two halves, each little endian."""
    return None if raw is None or raw[0] else UUID(bytes=raw[8:0:-1] + raw[16:8:-1])


def _uuid_bytes(value: UUID | None) -> bytes:
    return b"\1" + bytes(16) if value is None else b"\0" + value.bytes[7::-1] + value.bytes[:7:-1]


def _converted(places: list[int], convert: Callable[[Any], Any], values: Iterable[Any]) -> list[Any]:
    """Return the values, some of them converted."""
    converted = list(values)
    for i in places:
        converted[i] = convert(converted[i])
    return converted


class FixedLayout:
    """Fixed-size fields, one after another in a frame."""

    def __init__(self, types: Iterable[str]) -> None:
        formats = [_FIXED[name.rstrip("?")] for name in types]
        self.format = "".join(formats)
        self._whole = struct.Struct("<" + self.format)
        self._fields = [struct.Struct("<" + format) for format in formats]
        self._uuids = [i for i, format in enumerate(formats) if format == _FIXED["UUID"]]
        self.flatten = partial(_converted, self._uuids, _uuid_bytes) if self._uuids else None
        """Turns one value a field into the values that ``format`` takes; None when they are the same."""

    def unpack(self, buffer: bytes | bytearray, start: int, stop: int) -> list[Any]:
        """One value a field, None where an older member's frame ends before it."""
        if stop - start >= self._whole.size:
            return _converted(self._uuids, _uuid_of, self._whole.unpack_from(buffer, start))
        values: list[Any] = []
        for field in self._fields:
            values.append(field.unpack_from(buffer, start)[0] if start + field.size <= stop else None)
            start += field.size
        return _converted(self._uuids, _uuid_of, values)

    def unpack_all(self, raw: bytes) -> Iterable[Sequence[Any]]:
        """Several times the fields."""
        items = self._whole.iter_unpack(raw)
        return map(partial(_converted, self._uuids, _uuid_of), items) if self._uuids else items

    def pack(self, values: Iterable[Any]) -> bytes:
        return self._whole.pack(*(self.flatten(values) if self.flatten else values))


class Fields:
    """What a message or custom type is made of: fields of fixed size in one frame, the others in frames after it."""

    def __init__(self, text: str) -> None:
        parameters = parse_parameters(text)
        self.names = [p.name for p in parameters]
        self.fixed = [i for i, p in enumerate(parameters) if p.type.rstrip("?") in _FIXED]
        self.layout = FixedLayout(parameters[i].type for i in self.fixed)
        self.variable = [(i, codec(p.type)) for i, p in enumerate(parameters) if i not in self.fixed]

    def read(self, cursor: Cursor, start: int, stop: int) -> list[Any]:
        """Read them all, those of fixed size from ``start``; None for what an older member does not send."""
        values: list[Any] = [None] * len(self.names)
        if self.fixed:
            for i, value in zip(self.fixed, self.layout.unpack(cursor.buffer, start, stop), strict=True):
                values[i] = value
        for i, item in self.variable:
            if cursor.ends():
                break
            values[i] = item.read(cursor)
        return values


# --- Types of one frame ----------------------------------------------------------------------------------------------


def _read_string(cursor: Cursor) -> str:
    return cursor.payload().decode("utf-8")


def _write_string(put: Put, value: str) -> None:
    _write_bytes(put, value.encode())


def _write_bytes(put: Put, value: bytes) -> None:
    put(_pack_header(HEADER_SIZE + len(value), 0) + value)


_BYTES = Codec(Cursor.payload, _write_bytes, is_frame=True)


def _write_all_bytes(put: Put, values: Iterable[bytes]) -> None:
    """Write a list of them, in one go: it may be a map whole."""
    values = list(values)
    heads = {length: _pack_header(HEADER_SIZE + length, 0) for length in set(map(len, values))}
    frames = [part for value in values for part in (heads[len(value)], value)]
    put(b"".join((BEGIN_FRAME, *frames, END_FRAME)))


def _read_page(cursor: Cursor) -> SqlPage:
    frames = cursor.message.frames
    page = SqlPage(cursor.message, bisect_left(frames, cursor.position))
    cursor.position = int(frames[page.stop])
    return page


def _write_page(put: Put, value: SqlPage) -> None:
    raise TypeError("a client never sends SQL pages")


def _packed(*types: str) -> Codec:
    """Items of a fixed-size type, or pairs of two, packed into one frame."""
    layout = FixedLayout(types)
    is_pair = len(types) > 1

    def read(cursor: Cursor) -> list[Any]:
        return [tuple(parts) if is_pair else parts[0] for parts in layout.unpack_all(cursor.payload())]

    def write(put: Put, values: Iterable[Any]) -> None:
        _write_bytes(put, b"".join(layout.pack(value if is_pair else (value,)) for value in values))

    return Codec(read, write, is_frame=True, element="" if is_pair else types[0])


# --- Types of several frames -----------------------------------------------------------------------------------------


def _list_of(item: Codec) -> Codec:
    if item.element:
        return item._replace(element="")
    if item is _BYTES:
        return Codec(Cursor.payloads, _write_all_bytes)
    read_item, write_item = item.read, item.write

    def read(cursor: Cursor) -> list[Any]:
        cursor.payload()
        values: list[Any] = []
        add = values.append
        while not cursor.passes(END_DATA_STRUCTURE):
            add(read_item(cursor))
        return values

    def write(put: Put, values: Iterable[Any]) -> None:
        put(BEGIN_FRAME)
        for value in values:
            write_item(put, value)
        put(END_FRAME)

    return Codec(read, write)


def _read_pairs(cursor: Cursor) -> list[tuple[Any, Any]]:
    payloads = iter(cursor.payloads())
    return list(zip(payloads, payloads, strict=True))


def _entries_of(key: Codec, value: Codec) -> Codec:
    """Entries: begin, key, value, …, end; those of fixed-size types lie in one frame."""
    if key.element:
        return _packed(key.element, value.element) if value.element else _keyed_lists(key, value)
    if key is value is _BYTES:
        return Codec(_read_pairs, lambda put, entries: _write_all_bytes(put, chain.from_iterable(entries)))

    def write(put: Put, entry: tuple[Any, Any]) -> None:
        key.write(put, entry[0])
        value.write(put, entry[1])

    return _list_of(Codec(lambda cursor: (key.read(cursor), value.read(cursor)), write))


def _keyed_lists(keys: Codec, values: Codec) -> Codec:
    """Entries whose keys are of a fixed-size type and whose values are not: a list of the values, then the packed
    keys.
    """
    lists = _list_of(values)

    def read(cursor: Cursor) -> list[tuple[Any, Any]]:
        found = lists.read(cursor)
        return list(zip(keys.read(cursor), found, strict=True))

    def write(put: Put, entries: Iterable[tuple[Any, Any]]) -> None:
        pairs = list(entries)
        lists.write(put, [v for _, v in pairs])
        keys.write(put, [k for k, _ in pairs])

    return Codec(read, write)


def _as_dict(entries: Codec) -> Codec:
    return Codec(lambda cursor: dict(entries.read(cursor)), lambda put, value: entries.write(put, value.items()))


def nullable(item: Codec) -> Codec:
    """The same type, with a null frame for None."""
    read_item, write_item = item.read, item.write

    def write(put: Put, value: Any) -> None:
        if value is None:
            put(NULL_FRAME)
        else:
            write_item(put, value)

    return Codec(lambda cursor: None if cursor.passes(NULL) else read_item(cursor), write, item.is_frame)


# --- Custom types ----------------------------------------------------------------------------------------------------


def _custom(name: str) -> Codec:
    fields = Fields(CUSTOM_TYPES[name])
    factory = FACTORIES.get(name) or namedtuple(name, fields.names)

    def read(cursor: Cursor) -> Any:
        cursor.payload()
        start = cursor.position + HEADER_SIZE
        if fields.fixed:
            cursor.payload()
        values = fields.read(cursor, start, cursor.position)
        cursor.skip_to_end()
        return factory(*values)

    def write(put: Put, value: Any) -> None:
        values = [getattr(value, name) for name in fields.names]
        put(BEGIN_FRAME)
        if fields.fixed:
            _write_bytes(put, fields.layout.pack([values[i] for i in fields.fixed]))
        for i, item in fields.variable:
            item.write(put, values[i])
        put(END_FRAME)

    return Codec(read, write)


# --- From a name to its codec ----------------------------------------------------------------------------------------

_SINGLE: dict[str, Codec] = {
    "String": Codec(_read_string, _write_string, is_frame=True),
    "Data": _BYTES,
    "byteArray": _BYTES,
    "Integer": _packed("int"),
    "Long": _packed("long"),
    "UUID": _packed("UUID"),
    "longArray": _packed("long"),
    "floatArray": _packed("float"),
    "SqlPage": Codec(_read_page, _write_page),
}


@cache
def codec(name: str) -> Codec:
    """Return the codec of a type that is not of fixed size, by its name in the protocol."""
    return nullable(codec(name[:-1])) if name.endswith("?") else _compose(name.split("_"))


def _compose(words: list[str]) -> Codec:
    """Build the codec that ``words`` begin with, and take its words from them."""
    head = words.pop(0)
    if head in ("List", "Set"):
        return _list_of(_compose(words))
    if head == "ListCN":
        return _list_of(nullable(_compose(words)))
    if head == "EntryList":
        return _entries_of(_compose(words), _compose(words))
    if head == "Map":
        return _as_dict(_entries_of(_compose(words), _compose(words)))
    return _SINGLE[head] if head in _SINGLE else _custom(head)


def decode_error_holders(message: Message) -> list[ErrorHolder]:
    """Read an error response: the error first, then what caused it."""
    start = unpack_header(message.buffer, 0)[0]
    holders: list[ErrorHolder] = codec("List_ErrorHolder").read(Cursor(message, start))
    return holders
