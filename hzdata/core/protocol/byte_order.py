"""The two orders in which the bytes of a number come: what clients serialize is in either, messages in one."""

from __future__ import annotations

from struct import Struct


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

    def __init__(self, name: str, prefix: str, chars: str) -> None:
        self.name = name
        self.prefix = prefix
        self.chars = chars
        formats = [Struct(prefix + code) for code in "hiqfd"]
        self.short, self.int, self.long, self.float, self.double = formats


BIG_ENDIAN = ByteOrder("BIG_ENDIAN", ">", "utf-16-be")
LITTLE_ENDIAN = ByteOrder("LITTLE_ENDIAN", "<", "utf-16-le")
