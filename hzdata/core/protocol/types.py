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
from enum import Enum
from itertools import chain
from typing import Any, NamedTuple
from uuid import UUID

from .custom_types import FACTORIES, ErrorHolder
from .framing import (
    BEGIN_DATA_STRUCTURE,
    BEGIN_FRAME,
    END_DATA_STRUCTURE,
    END_FRAME,
    FRAME_HEADER,
    HEADER_SIZE,
    NULL,
    NULL_FRAME,
    Message,
)
from .page import SqlPage
from .table import CUSTOM_TYPES, parse_parameters

_header = FRAME_HEADER.unpack_from
_pack_header = FRAME_HEADER.pack
_UUID = struct.Struct("<?QQ")
_MASK64 = (1 << 64) - 1
_NULL_OR_END = NULL | END_DATA_STRUCTURE


class Cursor:
    """A place in a message that readers move along."""

    __slots__ = ("buffer", "message", "position")

    def __init__(self, message: Message, position: int = 0) -> None:
        self.message = message
        self.buffer = message.buffer
        self.position = position

    def at_null(self) -> bool:
        """Whether a null frame is next; it is passed over if so."""
        length, flags = _header(self.buffer, self.position)
        if flags & NULL:
            self.position += length
            return True
        return False

    def at_end(self) -> bool:
        """Whether the end of a data structure is next; it is passed over if so."""
        length, flags = _header(self.buffer, self.position)
        if flags & END_DATA_STRUCTURE:
            self.position += length
            return True
        return False

    def payload(self) -> bytes:
        """The payload of the next frame."""
        start = self.position
        stop = start + _header(self.buffer, start)[0]
        self.position = stop
        return bytes(self.buffer[start + HEADER_SIZE : stop])

    def payloads(self) -> list[bytes | None]:
        """The payloads of all frames up to the end of the data structure, which is passed over; None of a null one."""
        buffer, position, header = bytes(self.buffer), self.position, _header
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
        depth = 1
        while depth:
            length, flags = _header(self.buffer, self.position)
            self.position += length
            if flags & END_DATA_STRUCTURE:
                depth -= 1
            elif flags & BEGIN_DATA_STRUCTURE:
                depth += 1


Reader = Callable[[Cursor], Any]
Writer = Callable[[Callable[[bytes], None], Any], None]


class Codec(NamedTuple):
    """How one type is read from a message, and written to one through a function that takes the next bytes of it."""

    read: Reader
    write: Writer
    last_frame: LastFrame


class LastFrame(Enum):
    """The last frame of what a codec writes, for whoever sets the final flag of a message on it."""

    ONLY = "only"
    """It is the only one."""
    EMPTY = "empty"
    """It has no payload, as the end of a structure, or a null frame, has none."""
    KEYS = "keys"
    """It has the packed keys, after a list of their values: no request ends so."""


# --- Fixed-size types ------------------------------------------------------------------------------------------------


_FIXED = {"boolean": "?", "byte": "b", "int": "i", "long": "q", "float": "f", "UUID": "?QQ"}
"""By name, the letters of `struct`."""
_ELEMENTS = {"Integer": "int", "Long": "long", "UUID": "UUID", "Byte": "byte", "Boolean": "boolean"}


def uuid_of(is_null: bool, high: int, low: int) -> UUID | None:
    return None if is_null else UUID(int=(high << 64) | low)


def uuid_parts(value: UUID | None) -> tuple[bool, int, int]:
    if value is None:
        return True, 0, 0
    return False, value.int >> 64, value.int & _MASK64


class _FixedLayout(NamedTuple):
    """Where the fixed-size fields of one frame lie."""

    unpack: Callable[[bytes | bytearray, int, int], list[Any]]
    """``unpack(buffer, start, stop)``: one value a field, None where an older member's frame ends before it."""
    flatten: Callable[[Iterable[Any]], list[Any]] | None
    """Turns one value a field into the values that ``format`` takes; None when they are the same."""
    format: str


def fixed_layout(types: Sequence[str]) -> _FixedLayout:
    """Lay out fixed-size fields one after another."""
    formats = [_FIXED[name.rstrip("?")] for name in types]
    whole = struct.Struct("<" + "".join(formats))
    fields = [struct.Struct("<" + format) for format in formats]
    plain = _FIXED["UUID"] not in formats

    def unpack(buffer: bytes | bytearray, start: int, stop: int) -> list[Any]:
        if stop - start >= whole.size and plain:
            return list(whole.unpack_from(buffer, start))
        values: list[Any] = []
        for field in fields:
            if start + field.size > stop:
                values.append(None)
                continue
            parts = field.unpack_from(buffer, start)
            values.append(parts[0] if len(parts) == 1 else uuid_of(*parts))
            start += field.size
        return values

    def flatten(values: Iterable[Any]) -> list[Any]:
        flat: list[Any] = []
        for value, format in zip(values, formats, strict=True):
            flat += uuid_parts(value) if format == _FIXED["UUID"] else (value,)
        return flat

    return _FixedLayout(unpack, None if plain else flatten, whole.format[1:])


# --- Types of one frame ----------------------------------------------------------------------------------------------


def _read_string(cursor: Cursor) -> str:
    return cursor.payload().decode("utf-8")


def _write_string(put: Callable[[bytes], None], value: str) -> None:
    _write_bytes(put, value.encode())


def _read_bytes(cursor: Cursor) -> bytes:
    return cursor.payload()


def _write_bytes(put: Callable[[bytes], None], value: bytes) -> None:
    put(_pack_header(HEADER_SIZE + len(value), 0) + value)


def _write_all_bytes(put: Callable[[bytes], None], values: Iterable[bytes]) -> None:
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


def _write_page(put: Callable[[bytes], None], value: SqlPage) -> None:
    raise TypeError("a client never sends SQL pages")


def _packed(*types: str) -> Codec:
    """Items of a fixed-size type, or pairs of two, packed into one frame."""
    layout = fixed_layout(types)
    item = struct.Struct("<" + layout.format)
    is_pair = len(types) > 1

    def read(cursor: Cursor) -> list[Any]:
        raw = cursor.payload()
        items: Iterable[Sequence[Any]] = item.iter_unpack(raw)
        if layout.flatten:
            items = (layout.unpack(raw, at, at + item.size) for at in range(0, len(raw), item.size))
        return [tuple(parts) if is_pair else parts[0] for parts in items]

    def write(put: Callable[[bytes], None], values: Iterable[Any]) -> None:
        items = values if is_pair else ((value,) for value in values)
        raw = b"".join(item.pack(*(layout.flatten(parts) if layout.flatten else parts)) for parts in items)
        put(_pack_header(HEADER_SIZE + len(raw), 0) + raw)

    return Codec(read, write, LastFrame.ONLY)


# --- Types of several frames -----------------------------------------------------------------------------------------


def _list_of(item: Codec) -> Codec:
    read_item, write_item = item.read, item.write

    def read(cursor: Cursor) -> list[Any]:
        cursor.payload()
        if read_item is _read_bytes:
            return cursor.payloads()
        values: list[Any] = []
        add = values.append
        while not cursor.at_end():
            add(read_item(cursor))
        return values

    def write(put: Callable[[bytes], None], values: Iterable[Any]) -> None:
        put(BEGIN_FRAME)
        for value in values:
            write_item(put, value)
        put(END_FRAME)

    return Codec(read, _write_all_bytes if write_item is _write_bytes else write, LastFrame.EMPTY)


def _entries_of(key: Codec, value: Codec) -> Codec:
    """Entries of variable-size types: begin, key, value, …, end."""
    read_key, write_key = key.read, key.write
    read_value, write_value = value.read, value.write

    def read(cursor: Cursor) -> list[tuple[Any, Any]]:
        cursor.payload()
        if read_key is read_value is _read_bytes:
            payloads = iter(cursor.payloads())
            return list(zip(payloads, payloads, strict=True))
        entries: list[tuple[Any, Any]] = []
        add = entries.append
        while not cursor.at_end():
            add((read_key(cursor), read_value(cursor)))
        return entries

    def write(put: Callable[[bytes], None], entries: Iterable[tuple[Any, Any]]) -> None:
        if write_key is write_value is _write_bytes:
            _write_all_bytes(put, chain.from_iterable(entries))
            return
        put(BEGIN_FRAME)
        for k, v in entries:
            write_key(put, k)
            write_value(put, v)
        put(END_FRAME)

    return Codec(read, write, LastFrame.EMPTY)


def _keyed_lists(key: str, values: Codec) -> Codec:
    """Entries whose keys are of a fixed-size type and whose values are not: a list of the values, then the packed
    keys.
    """
    keys = _packed(key)
    lists = _list_of(values)

    def read(cursor: Cursor) -> list[tuple[Any, Any]]:
        found = lists.read(cursor)
        return list(zip(keys.read(cursor), found, strict=True))

    def write(put: Callable[[bytes], None], entries: Iterable[tuple[Any, Any]]) -> None:
        pairs = list(entries)
        lists.write(put, [v for _, v in pairs])
        keys.write(put, [k for k, _ in pairs])

    return Codec(read, write, LastFrame.KEYS)


def _as_dict(entries: Codec) -> Codec:
    def read(cursor: Cursor) -> dict[Any, Any]:
        return dict(entries.read(cursor))

    def write(put: Callable[[bytes], None], value: dict[Any, Any]) -> None:
        entries.write(put, value.items())

    return Codec(read, write, entries.last_frame)


def nullable(item: Codec) -> Codec:
    """The same type, with a null frame for None."""
    read_item, write_item = item.read, item.write

    def read(cursor: Cursor) -> Any:
        return None if cursor.at_null() else read_item(cursor)

    def write(put: Callable[[bytes], None], value: Any) -> None:
        if value is None:
            put(NULL_FRAME)
        else:
            write_item(put, value)

    return Codec(read, write, item.last_frame)


# --- Custom types ----------------------------------------------------------------------------------------------------


def _custom(name: str) -> Codec:
    parameters = parse_parameters(CUSTOM_TYPES[name])
    fixed = [i for i, p in enumerate(parameters) if p.is_fixed]
    variable = [i for i, p in enumerate(parameters) if not p.is_fixed]
    codecs = [codec(parameters[i].type) for i in variable]
    layout = fixed_layout([parameters[i].type for i in fixed])
    pack = struct.Struct("<iH" + layout.format)
    names = [p.name for p in parameters]
    factory = FACTORIES.get(name) or namedtuple(name, names)

    def read(cursor: Cursor) -> Any:
        cursor.payload()
        values: list[Any] = [None] * len(parameters)
        if fixed:
            raw = cursor.payload()
            for i, value in zip(fixed, layout.unpack(raw, 0, len(raw)), strict=True):
                values[i] = value
        for i, item in zip(variable, codecs, strict=True):
            # An older member knows fewer fields: what it does not send stays None.
            if _header(cursor.buffer, cursor.position)[1] & END_DATA_STRUCTURE:
                break
            values[i] = item.read(cursor)
        cursor.skip_to_end()
        return factory(*values)

    def write(put: Callable[[bytes], None], value: Any) -> None:
        put(BEGIN_FRAME)
        if fixed:
            plain = [getattr(value, names[i]) for i in fixed]
            put(pack.pack(pack.size, 0, *(layout.flatten(plain) if layout.flatten else plain)))
        for i, item in zip(variable, codecs, strict=True):
            item.write(put, getattr(value, names[i]))
        put(END_FRAME)

    return Codec(read, write, LastFrame.EMPTY)


# --- From a name to its codec ----------------------------------------------------------------------------------------

_SINGLE: dict[str, Codec] = {
    "String": Codec(_read_string, _write_string, LastFrame.ONLY),
    "Data": Codec(_read_bytes, _write_bytes, LastFrame.ONLY),
    "byteArray": Codec(_read_bytes, _write_bytes, LastFrame.ONLY),
    "longArray": _packed("long"),
    "floatArray": _packed("float"),
    "SqlPage": Codec(_read_page, _write_page, LastFrame.EMPTY),
}
_codecs: dict[str, Codec] = {}


def codec(name: str) -> Codec:
    """Return the codec of a type that is not of fixed size, by its name in the protocol."""
    found = _codecs.get(name)
    if found is None:
        found = _codecs[name] = nullable(codec(name[:-1])) if name.endswith("?") else _compose(name.split("_"))[0]
    return found


def _compose(words: list[str]) -> tuple[Codec, list[str]]:
    """Build the codec that ``words`` begin with; return it and the words after it."""
    head, rest = words[0], words[1:]
    if head in ("List", "Set", "ListCN"):
        if rest[0] in _ELEMENTS:
            return _packed(_ELEMENTS[rest[0]]), rest[1:]
        item, rest = _compose(rest)
        return _list_of(nullable(item) if head == "ListCN" else item), rest
    if head in ("EntryList", "Map"):
        key, value = rest[0], rest[1]
        if key in _ELEMENTS and value in _ELEMENTS:
            entries, rest = _packed(_ELEMENTS[key], _ELEMENTS[value]), rest[2:]
        elif key in _ELEMENTS:
            values, rest = _compose(rest[1:])
            entries = _keyed_lists(_ELEMENTS[key], values)
        else:
            keys, rest = _compose(rest)
            values, rest = _compose(rest)
            entries = _entries_of(keys, values)
        return (_as_dict(entries) if head == "Map" else entries), rest
    return _SINGLE[head] if head in _SINGLE else _custom(head), rest


def decode_error_holders(message: Message) -> list[ErrorHolder]:
    """Read an error response: the error first, then what caused it."""
    cursor = Cursor(message, _header(message.buffer, 0)[0])
    holders: list[ErrorHolder] = codec("List_ErrorHolder").read(cursor)
    return holders
