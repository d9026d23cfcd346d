"""What a serializer writes values to and reads them from.

Numbers are in the byte order that the client is configured for, big endian unless told otherwise. Strings and arrays
are ``int32 length`` (-1 for None) and what they hold.
"""

# What `struct` unpacks is of any type; the methods of arrays of numbers get their bodies at the end.
# mypy: disable-error-code="no-any-return, empty-body"

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Sized
from functools import wraps
from struct import calcsize, pack, unpack_from
from typing import TYPE_CHECKING, Any, TypeVar

from ..protocol.byte_order import ByteOrder

if TYPE_CHECKING:
    from .service import SerializationService

_T = TypeVar("_T")

NULL_LENGTH = -1
"""What stands for the length of a string or array that is None."""


def fill_in(owner: type, prefix: str, kinds: Mapping[str, _T], make: Callable[[_T], Callable[..., Any]]) -> None:
    """Give methods that are declared, one for each kind of values, what ``make`` makes of the kind as their bodies."""
    for name, kind in kinds.items():
        method = getattr(owner, prefix + name)
        setattr(owner, method.__name__, wraps(method)(make(kind)))


class ObjectDataOutput:
    """Takes the parts of a value, one after another, and turns them into bytes.

    Examples
    --------
    A serializer is given one. What it writes lies one after another:

    >>> from hzdata.core.protocol.byte_order import BIG_ENDIAN
    >>> out = ObjectDataOutput(client.serialization_service, BIG_ENDIAN)
    >>> out.write_boolean(True); out.write_byte(-1); out.write_short(2); out.write_int(3); out.write_long(4)
    >>> out.to_byte_array().hex(" ")
    '01 ff 00 02 00 00 00 03 00 00 00 00 00 00 00 04'
    >>> out.write_float(0.5); out.write_double(0.1); out.write_char("z")

    A string or an array has its length before it, unless it is written raw:

    >>> out.write_string("añ"); out.write_utf(None); out.write_object([1, "any value"])
    >>> out.write_bytes("raw"); out.write_chars("añ"); out.write_from(b"a part of it", 2, 4)
    >>> out.write_byte_array(b"ab"); out.write_boolean_array([True, False]); out.write_char_array("yz")
    >>> out.write_short_array([1]); out.write_int_array([1, 2]); out.write_long_array([2**40])
    >>> out.write_float_array([0.5]); out.write_double_array([0.1]); out.write_string_array(["a", None])
    >>> out.write_utf_array(None)
    >>> out.get_byte_order(), out.to_byte_array()[-4:].hex()
    ('BIG_ENDIAN', 'ffffffff')
    """

    __slots__ = ("buffer", "order", "service")

    def __init__(self, service: SerializationService, order: ByteOrder, start: bytes = b"") -> None:
        self.service = service
        self.order = order
        self.buffer = bytearray(start)

    def write_from(self, buff: bytes | bytearray, offset: int | None = None, length: int | None = None) -> None:
        """Write ``length`` bytes of ``buff`` from ``offset``, without a length before them.

        Raises
        ------
        IndexError
            When ``buff`` does not have them.
        """
        start = offset or 0
        count = len(buff) if length is None else length
        if start < 0 or count < 0 or start + count > len(buff):
            raise IndexError(f"bytes {start} to {start + count} of a buffer of {len(buff)}")
        self.buffer += buff[start : start + count]

    def write_boolean(self, val: bool) -> None:
        """Write one byte, 1 or 0."""
        self.buffer.append(1 if val else 0)

    def write_byte(self, val: int) -> None:
        """Write one byte: -128 to 127, or 128 to 255, which a reader of signed bytes sees as negative."""
        if not -128 <= val <= 255:
            raise ValueError(f"{val} does not fit into a byte")
        self.buffer.append(val & 0xFF)

    def write_short(self, val: int) -> None:
        """Write a signed 16-bit integer."""
        self.buffer += self.order.short.pack(val)

    def write_char(self, val: str) -> None:
        """Write a character as one UTF-16 code unit."""
        encoded = val.encode(self.order.chars, "surrogatepass")
        if len(encoded) != 2:
            raise ValueError(f"{val!r} is not one UTF-16 code unit; write_chars takes any text")
        self.buffer += encoded

    def write_int(self, val: int) -> None:
        """Write a signed 32-bit integer."""
        self.buffer += self.order.int.pack(val)

    def write_long(self, val: int) -> None:
        """Write a signed 64-bit integer."""
        self.buffer += self.order.long.pack(val)

    def write_float(self, val: float) -> None:
        """Write a 32-bit float."""
        self.buffer += self.order.float.pack(val)

    def write_double(self, val: float) -> None:
        """Write a 64-bit float."""
        self.buffer += self.order.double.pack(val)

    def write_bytes(self, val: str) -> None:
        """Write each character of a string as one byte, without a length before them."""
        self.buffer += val.encode("latin-1")

    def write_chars(self, val: str) -> None:
        """Write a string as UTF-16 code units, without a length before them."""
        self.buffer += val.encode(self.order.chars, "surrogatepass")

    def write_string(self, val: str | None) -> None:
        """Write a string as UTF-8."""
        encoded = None if val is None else val.encode()
        self.buffer += self.order.int.pack(NULL_LENGTH if encoded is None else len(encoded))
        self.buffer += encoded or b""

    write_utf = write_string  # its older name

    def write_byte_array(self, val: bytes | bytearray | None) -> None:
        """Write an array of bytes."""
        self.write_count(val)
        self.buffer += val or b""

    def write_boolean_array(self, val: Sequence[bool] | None) -> None:
        """Write an array of booleans, one byte each."""

    def write_char_array(self, val: Sequence[str] | None) -> None:
        """Write an array of characters, one UTF-16 code unit each."""
        encoded = "".join(val or ()).encode(self.order.chars, "surrogatepass")
        self.write_int(NULL_LENGTH if val is None else len(encoded) // 2)
        self.buffer += encoded

    def write_int_array(self, val: Sequence[int] | None) -> None:
        """Write an array of signed 32-bit integers."""

    def write_long_array(self, val: Sequence[int] | None) -> None:
        """Write an array of signed 64-bit integers."""

    def write_double_array(self, val: Sequence[float] | None) -> None:
        """Write an array of 64-bit floats."""

    def write_float_array(self, val: Sequence[float] | None) -> None:
        """Write an array of 32-bit floats."""

    def write_short_array(self, val: Sequence[int] | None) -> None:
        """Write an array of signed 16-bit integers."""

    def write_string_array(self, val: Sequence[str | None] | None) -> None:
        """Write an array of strings, any of which may be None."""
        self.write_count(val)
        for item in val or ():
            self.write_string(item)

    write_utf_array = write_string_array  # its older name

    def write_object(self, val: Any) -> None:
        """Write any value: its type id, then what its own serializer writes."""
        self.service.write_object(self, val)

    def to_byte_array(self) -> bytearray:
        """Return a copy of all that was written so far."""
        return bytearray(self.buffer)

    def get_byte_order(self) -> str:
        """Return ``"BIG_ENDIAN"`` or ``"LITTLE_ENDIAN"``."""
        return self.order.name

    def write_array(self, code: str, val: Sequence[Any] | None) -> None:
        """Write an array of numbers of a format of `struct`."""
        self.write_count(val)
        if val is not None:
            self.write_numbers(code, val)

    def write_numbers(self, code: str, val: Sequence[Any]) -> None:
        """Write numbers of a format of `struct`, without their count."""
        self.buffer += pack(f"{self.order.prefix}{len(val)}{code}", *val)

    def write_count(self, items: Sized | None) -> None:
        """Write how long a string or array is, or that it is None."""
        self.buffer += self.order.int.pack(NULL_LENGTH if items is None else len(items))


class ObjectDataInput:
    """Gives back what was written to an `ObjectDataOutput`, in the same order.

    Every read raises `EOFError` when the data ends before the value does.

    Examples
    --------
    A serializer is given one, and reads in the order of writing:

    >>> from hzdata.core.protocol.byte_order import BIG_ENDIAN
    >>> out = ObjectDataOutput(client.serialization_service, BIG_ENDIAN)
    >>> for name, value in [
    ...     ("boolean", True), ("byte", -1), ("byte", -1), ("short", -2), ("short", -2), ("int", 3), ("long", 4),
    ...     ("float", 0.5), ("double", 0.1), ("char", "z"), ("string", "añ"), ("utf", None),
    ...     ("object", [1, "any value"]), ("byte_array", b"ab"), ("boolean_array", [True]), ("char_array", "yz"),
    ...     ("short_array", [1]), ("int_array", [2]), ("long_array", [3]), ("float_array", [0.5]),
    ...     ("double_array", [0.1]), ("string_array", ["a", None]), ("utf_array", None), ("bytes", "raw bytes"),
    ... ]:
    ...     getattr(out, f"write_{name}")(value)
    >>> inp = ObjectDataInput(client.serialization_service, BIG_ENDIAN, bytes(out.to_byte_array()))
    >>> inp.read_boolean(), inp.read_byte(), inp.read_unsigned_byte(), inp.read_short(), inp.read_unsigned_short()
    (True, -1, 255, -2, 65534)
    >>> inp.read_int(), inp.read_long(), inp.read_float(), inp.read_double(), inp.read_char()
    (3, 4, 0.5, 0.1, 'z')
    >>> inp.read_string(), inp.read_utf(), inp.read_object()
    ('añ', None, [1, 'any value'])
    >>> inp.read_byte_array(), inp.read_boolean_array(), inp.read_char_array()
    (bytearray(b'ab'), [True], ['y', 'z'])
    >>> inp.read_short_array(), inp.read_int_array(), inp.read_long_array()
    ([1], [2], [3])
    >>> inp.read_float_array(), inp.read_double_array(), inp.read_string_array(), inp.read_utf_array()
    ([0.5], [0.1], ['a', None], None)
    >>> inp.read_into(bytearray(3)), inp.skip_bytes(100), inp.position() == inp.size(), inp.get_byte_order()
    (bytearray(b'raw'), 6, True, 'BIG_ENDIAN')
    """

    __slots__ = ("_size", "at", "buffer", "order", "service")

    def __init__(self, service: SerializationService, order: ByteOrder, buffer: bytes, position: int = 0) -> None:
        self.service = service
        self.order = order
        self.buffer = buffer
        self.at = position
        self._size = len(buffer)

    def take(self, count: int) -> int:
        """Move on by that many bytes and return where they begin; they end ``at``."""
        start = self.at
        if start + count > self._size:
            raise EOFError(f"{count} bytes needed at byte {start}, of {self._size} in all")
        self.at = start + count
        return start

    def go_to(self, position: int) -> None:
        """Move to a byte of the buffer."""
        if not 0 <= position <= self._size:
            raise EOFError(f"byte {position} of {self._size}")
        self.at = position

    def read_into(self, buff: bytearray, offset: int | None = None, length: int | None = None) -> bytearray:
        """Read ``length`` bytes into ``buff`` from ``offset`` on, as many as fit when not given.

        Returns
        -------
        bytearray
            ``buff``.

        Raises
        ------
        IndexError
            When ``buff`` has no room for them.
        """
        at = offset or 0
        count = len(buff) - at if length is None else length
        if at < 0 or count < 0 or at + count > len(buff):
            raise IndexError(f"bytes {at} to {at + count} of a buffer of {len(buff)}")
        start = self.take(count)
        buff[at : at + count] = self.buffer[start : start + count]
        return buff

    def skip_bytes(self, count: int) -> int:
        """Skip that many bytes, or what is left of them; return how many were skipped."""
        skipped = max(0, min(count, self._size - self.at))
        self.at += skipped
        return skipped

    def read_boolean(self) -> bool:
        """Read one byte: True unless it is 0."""
        return self.buffer[self.take(1)] != 0

    def read_byte(self) -> int:
        """Read one byte as a signed integer."""
        value = self.buffer[self.take(1)]
        return value - 256 if value > 127 else value

    def read_unsigned_byte(self) -> int:
        """Read one byte as an unsigned integer."""
        return self.buffer[self.take(1)]

    def read_short(self) -> int:
        """Read a signed 16-bit integer."""
        return self.order.short.unpack_from(self.buffer, self.take(2))[0]

    def read_unsigned_short(self) -> int:
        """Read an unsigned 16-bit integer."""
        return self.read_short() & 0xFFFF

    def read_char(self) -> str:
        """Read one UTF-16 code unit."""
        return chr(self.read_unsigned_short())

    def read_int(self) -> int:
        """Read a signed 32-bit integer."""
        return self.order.int.unpack_from(self.buffer, self.take(4))[0]

    def read_long(self) -> int:
        """Read a signed 64-bit integer."""
        return self.order.long.unpack_from(self.buffer, self.take(8))[0]

    def read_float(self) -> float:
        """Read a 32-bit float."""
        return self.order.float.unpack_from(self.buffer, self.take(4))[0]

    def read_double(self) -> float:
        """Read a 64-bit float."""
        return self.order.double.unpack_from(self.buffer, self.take(8))[0]

    def read_string(self) -> str | None:
        """Read a string."""
        length = self.read_count()
        return None if length is None else self.buffer[self.take(length) : self.at].decode()

    read_utf = read_string  # its older name

    def read_byte_array(self) -> bytearray | None:
        """Read an array of bytes."""
        length = self.read_count()
        return None if length is None else bytearray(self.buffer[self.take(length) : self.at])

    def read_boolean_array(self) -> list[bool] | None:
        """Read an array of booleans."""

    def read_char_array(self) -> list[str] | None:
        """Read an array of UTF-16 code units."""
        units = self.read_array("H")
        return None if units is None else [chr(unit) for unit in units]

    def read_int_array(self) -> list[int] | None:
        """Read an array of signed 32-bit integers."""

    def read_long_array(self) -> list[int] | None:
        """Read an array of signed 64-bit integers."""

    def read_double_array(self) -> list[float] | None:
        """Read an array of 64-bit floats."""

    def read_float_array(self) -> list[float] | None:
        """Read an array of 32-bit floats."""

    def read_short_array(self) -> list[int] | None:
        """Read an array of signed 16-bit integers."""

    def read_string_array(self) -> list[str | None] | None:
        """Read an array of strings."""
        return self.read_list(self.read_string)

    read_utf_array = read_string_array  # its older name

    def read_object(self) -> Any:
        """Read any value that was written by `ObjectDataOutput.write_object`."""
        return self.service.read_object(self)

    def read_list(self, read_item: Callable[[], Any]) -> list[Any] | None:
        """Read a count and that many items; None for the count that stands for None."""
        count = self.read_count()
        return None if count is None else [read_item() for _ in range(count)]

    def read_count(self) -> int | None:
        """Read how long a string or array is; None when it is None."""
        count: int = self.order.int.unpack_from(self.buffer, self.take(4))[0]
        if count < NULL_LENGTH:
            raise ValueError(f"a length of {count} before byte {self.at}")
        return None if count == NULL_LENGTH else count

    def get_byte_order(self) -> str:
        """Return ``"BIG_ENDIAN"`` or ``"LITTLE_ENDIAN"``."""
        return self.order.name

    def position(self) -> int:
        """Return the offset, from the start of the data, of the byte that is read next."""
        return self.at

    def size(self) -> int:
        """Return how many bytes the data has, read or not."""
        return self._size

    def read_array(self, code: str) -> list[Any] | None:
        """Read an array of numbers of a format of `struct`."""
        count = self.read_count()
        return None if count is None else list(self.read_numbers(code, count))

    def read_numbers(self, code: str, count: int) -> tuple[Any, ...]:
        """Read that many numbers of a format of `struct`."""
        form = f"{self.order.prefix}{count}{code}"
        return unpack_from(form, self.buffer, self.take(calcsize(form)))


NUMBERS = {"b": "byte", "h": "short", "i": "int", "q": "long", "f": "float", "d": "double"}
"""What the streams call numbers, by their letters of `struct`."""
_ARRAYS = {"boolean_array": "?"} | {f"{name}_array": code for code, name in NUMBERS.items() if code != "b"}
fill_in(ObjectDataOutput, "write_", _ARRAYS, lambda code: lambda self, val: self.write_array(code, val))
fill_in(ObjectDataInput, "read_", _ARRAYS, lambda code: lambda self: self.read_array(code))
