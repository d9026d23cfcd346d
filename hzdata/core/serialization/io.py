"""The streams that serializers write to and read from: numbers, strings and arrays in either byte order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from struct import Struct, pack, unpack_from
from typing import Any, Protocol

from .api.streams import ObjectDataInput, ObjectDataOutput

__all__ = ["BIG_ENDIAN", "LITTLE_ENDIAN", "NULL_LENGTH", "ByteOrder", "DataInput", "DataOutput", "ObjectSerializer"]

NULL_LENGTH = -1
"""What stands for the length of a string or array that is None."""


class ByteOrder:
    """The formats of fixed-size values in one byte order.

    Attributes
    ----------
    name : str
        What `ObjectDataOutput.get_byte_order` answers.
    prefix : str
        The order in formats of `struct`.
    chars : str
        The encoding of UTF-16 code units.
    """

    __slots__ = ("byte", "chars", "double", "float", "int", "long", "name", "prefix", "short", "unsigned_short")

    def __init__(self, name: str, prefix: str, chars: str) -> None:
        self.name = name
        self.prefix = prefix
        self.chars = chars
        self.byte = Struct(prefix + "b")
        self.short = Struct(prefix + "h")
        self.unsigned_short = Struct(prefix + "H")
        self.int = Struct(prefix + "i")
        self.long = Struct(prefix + "q")
        self.float = Struct(prefix + "f")
        self.double = Struct(prefix + "d")


BIG_ENDIAN = ByteOrder("BIG_ENDIAN", ">", "utf-16-be")
LITTLE_ENDIAN = ByteOrder("LITTLE_ENDIAN", "<", "utf-16-le")


class ObjectSerializer(Protocol):
    """What the streams ask for values of any type within a value."""

    def write_object(self, out: DataOutput, obj: Any) -> None: ...

    def read_object(self, inp: DataInput) -> Any: ...


class DataOutput(ObjectDataOutput):
    """Writes to a buffer that grows."""

    __slots__ = ("_objects", "buffer", "order")

    def __init__(self, objects: ObjectSerializer, order: ByteOrder, start: bytes = b"") -> None:
        self._objects = objects
        self.order = order
        self.buffer = bytearray(start)

    def write_from(self, buff: bytes | bytearray, offset: int | None = None, length: int | None = None) -> None:
        start = offset or 0
        count = len(buff) if length is None else length
        if start < 0 or count < 0 or start + count > len(buff):
            raise IndexError(f"bytes {start} to {start + count} of a buffer of {len(buff)}")
        self.buffer += buff[start : start + count]

    def write_boolean(self, val: bool) -> None:
        self.buffer.append(1 if val else 0)

    def write_byte(self, val: int) -> None:
        if not -128 <= val <= 255:
            raise ValueError(f"{val} does not fit into a byte")
        self.buffer.append(val & 0xFF)

    def write_short(self, val: int) -> None:
        self.buffer += self.order.short.pack(val)

    def write_char(self, val: str) -> None:
        encoded = val.encode(self.order.chars, "surrogatepass")
        if len(encoded) != 2:
            raise ValueError(f"{val!r} is not one UTF-16 code unit; write_chars takes any text")
        self.buffer += encoded

    def write_int(self, val: int) -> None:
        self.buffer += self.order.int.pack(val)

    def write_long(self, val: int) -> None:
        self.buffer += self.order.long.pack(val)

    def write_float(self, val: float) -> None:
        self.buffer += self.order.float.pack(val)

    def write_double(self, val: float) -> None:
        self.buffer += self.order.double.pack(val)

    def write_bytes(self, val: str) -> None:
        self.buffer += val.encode("latin-1")

    def write_chars(self, val: str) -> None:
        self.buffer += val.encode(self.order.chars, "surrogatepass")

    def write_string(self, val: str | None) -> None:
        self.write_byte_array(None if val is None else val.encode())

    def write_utf(self, val: str | None) -> None:
        self.write_string(val)

    def write_byte_array(self, val: bytes | bytearray | None) -> None:
        if val is None:
            self.write_int(NULL_LENGTH)
        else:
            self.write_int(len(val))
            self.buffer += val

    def write_boolean_array(self, val: Sequence[bool] | None) -> None:
        self._write_numbers("?", val)

    def write_char_array(self, val: Sequence[str] | None) -> None:
        if val is None:
            self.write_int(NULL_LENGTH)
        else:
            encoded = "".join(val).encode(self.order.chars, "surrogatepass")
            self.write_int(len(encoded) // 2)
            self.buffer += encoded

    def write_int_array(self, val: Sequence[int] | None) -> None:
        self._write_numbers("i", val)

    def write_long_array(self, val: Sequence[int] | None) -> None:
        self._write_numbers("q", val)

    def write_double_array(self, val: Sequence[float] | None) -> None:
        self._write_numbers("d", val)

    def write_float_array(self, val: Sequence[float] | None) -> None:
        self._write_numbers("f", val)

    def write_short_array(self, val: Sequence[int] | None) -> None:
        self._write_numbers("h", val)

    def write_string_array(self, val: Sequence[str | None] | None) -> None:
        if val is None:
            self.write_int(NULL_LENGTH)
        else:
            self.write_int(len(val))
            for item in val:
                self.write_string(item)

    def write_utf_array(self, val: Sequence[str | None] | None) -> None:
        self.write_string_array(val)

    def write_object(self, val: Any) -> None:
        self._objects.write_object(self, val)

    def to_byte_array(self) -> bytearray:
        return bytearray(self.buffer)

    def get_byte_order(self) -> str:
        return self.order.name

    def _write_numbers(self, code: str, val: Sequence[Any] | None) -> None:
        if val is None:
            self.write_int(NULL_LENGTH)
        else:
            self.buffer += pack(f"{self.order.prefix}i{len(val)}{code}", len(val), *val)


class DataInput(ObjectDataInput):
    """Reads from a buffer that is whole."""

    __slots__ = ("_objects", "_position", "_size", "buffer", "order")

    def __init__(self, objects: ObjectSerializer, order: ByteOrder, buffer: bytes, position: int = 0) -> None:
        self._objects = objects
        self.order = order
        self.buffer = buffer
        self._position = position
        self._size = len(buffer)

    def take(self, count: int) -> int:
        """Move on by that many bytes and return where they begin."""
        start = self._position
        if start + count > self._size:
            raise EOFError(f"{count} bytes needed at byte {start}, of {self._size} in all")
        self._position = start + count
        return start

    def go_to(self, position: int) -> None:
        """Move to a byte of the buffer."""
        if not 0 <= position <= self._size:
            raise EOFError(f"byte {position} of {self._size}")
        self._position = position

    def read_into(self, buff: bytearray, offset: int | None = None, length: int | None = None) -> bytearray:
        at = offset or 0
        count = len(buff) - at if length is None else length
        if at < 0 or count < 0 or at + count > len(buff):
            raise IndexError(f"bytes {at} to {at + count} of a buffer of {len(buff)}")
        start = self.take(count)
        buff[at : at + count] = self.buffer[start : start + count]
        return buff

    def skip_bytes(self, count: int) -> int:
        skipped = max(0, min(count, self._size - self._position))
        self._position += skipped
        return skipped

    def read_boolean(self) -> bool:
        return self.buffer[self.take(1)] != 0

    def read_byte(self) -> int:
        value = self.buffer[self.take(1)]
        return value - 256 if value > 127 else value

    def read_unsigned_byte(self) -> int:
        return self.buffer[self.take(1)]

    def read_short(self) -> int:
        value: int = self.order.short.unpack_from(self.buffer, self.take(2))[0]
        return value

    def read_unsigned_short(self) -> int:
        value: int = self.order.unsigned_short.unpack_from(self.buffer, self.take(2))[0]
        return value

    def read_char(self) -> str:
        return chr(self.read_unsigned_short())

    def read_int(self) -> int:
        value: int = self.order.int.unpack_from(self.buffer, self.take(4))[0]
        return value

    def read_long(self) -> int:
        value: int = self.order.long.unpack_from(self.buffer, self.take(8))[0]
        return value

    def read_float(self) -> float:
        value: float = self.order.float.unpack_from(self.buffer, self.take(4))[0]
        return value

    def read_double(self) -> float:
        value: float = self.order.double.unpack_from(self.buffer, self.take(8))[0]
        return value

    def read_string(self) -> str | None:
        length = self.read_count()
        if length is None:
            return None
        start = self.take(length)
        return str(self.buffer[start : start + length], "utf-8")

    def read_utf(self) -> str | None:
        return self.read_string()

    def read_byte_array(self) -> bytearray | None:
        length = self.read_count()
        if length is None:
            return None
        start = self.take(length)
        return bytearray(self.buffer[start : start + length])

    def read_boolean_array(self) -> list[bool] | None:
        return self._read_numbers("?", 1)

    def read_char_array(self) -> list[str] | None:
        units = self._read_numbers("H", 2)
        return None if units is None else [chr(unit) for unit in units]

    def read_int_array(self) -> list[int] | None:
        return self._read_numbers("i", 4)

    def read_long_array(self) -> list[int] | None:
        return self._read_numbers("q", 8)

    def read_double_array(self) -> list[float] | None:
        return self._read_numbers("d", 8)

    def read_float_array(self) -> list[float] | None:
        return self._read_numbers("f", 4)

    def read_short_array(self) -> list[int] | None:
        return self._read_numbers("h", 2)

    def read_string_array(self) -> list[str | None] | None:
        return self.read_list(self.read_string)

    def read_utf_array(self) -> list[str | None] | None:
        return self.read_string_array()

    def read_object(self) -> Any:
        return self._objects.read_object(self)

    def read_list(self, read_item: Callable[[], Any]) -> list[Any] | None:
        """Read a count and that many items; None for the count that stands for None."""
        count = self.read_count()
        return None if count is None else [read_item() for _ in range(count)]

    def read_count(self) -> int | None:
        """Read how long a string or array is; None when it is None."""
        count = self.read_int()
        if count < NULL_LENGTH:
            raise ValueError(f"a length of {count} before byte {self._position}")
        return None if count == NULL_LENGTH else count

    def get_byte_order(self) -> str:
        return self.order.name

    def position(self) -> int:
        return self._position

    def size(self) -> int:
        return self._size

    def _read_numbers(self, code: str, size: int) -> list[Any] | None:
        count = self.read_count()
        return None if count is None else list(self.read_numbers(code, count, size))

    def read_numbers(self, code: str, count: int, size: int) -> tuple[Any, ...]:
        """Read that many numbers of a format and a size."""
        return unpack_from(f"{self.order.prefix}{count}{code}", self.buffer, self.take(count * size))
