"""Reading what members measure of themselves: the blobs that ``hzdata.core.protocol.metrics`` describes."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from typing import Any

from hzdata.core.protocol.metrics import NO_WORD, VALUE_FORMATS, VERSION, Metric

__all__ = ["decode_metrics"]

# What a metric may share with the one before it: the bit of the mask, and how it is written when it does not.
_SHARED = ((1, ">i"), (2, ">i"), (4, ">i"), (8, ">i"), (16, ">B"), (32, ">B"), (64, ">B"))


class _Reader:
    """Takes numbers off a buffer, one after another."""

    def __init__(self, buffer: bytes) -> None:
        self.buffer = buffer
        self.at = 0

    def take(self, form: str) -> Any:
        (value,) = struct.unpack_from(form, self.buffer, self.at)
        self.at += struct.calcsize(form)
        return value


def decode_metrics(blob: bytes) -> list[Metric]:
    """Decode one blob.

    Raises
    ------
    ValueError
        When it is of another version or broken.
    """
    try:
        outer = _Reader(blob)
        version = outer.take(">h")
        if version != VERSION:
            raise ValueError(f"metrics of version {version} cannot be read, only {VERSION}")
        length = outer.take(">i")
        words = dict(_words(zlib.decompress(blob[outer.at : outer.at + length])))
        outer.at += length
        count = outer.take(">i")
        return list(_metrics(zlib.decompress(blob[outer.at :]), count, words))
    except (struct.error, zlib.error, KeyError, UnicodeDecodeError) as error:
        raise ValueError(f"broken metrics: {error!r}") from error


def _words(buffer: bytes) -> Iterator[tuple[int, str]]:
    reader = _Reader(buffer)
    units = b""
    for _ in range(reader.take(">i")):
        number, shared, more = reader.take(">i"), reader.take(">B"), reader.take(">B")
        units = units[: 2 * shared] + buffer[reader.at : reader.at + 2 * more]
        reader.at += 2 * more
        yield number, units.decode("utf-16-be")


def _metrics(buffer: bytes, count: int, words: dict[int, str]) -> Iterator[Metric]:
    reader = _Reader(buffer)
    shared = [NO_WORD] * len(_SHARED)
    for _ in range(count):
        mask = reader.take(">B")
        for at, (bit, form) in enumerate(_SHARED):
            if not mask & bit:
                shared[at] = reader.take(form)
        prefix, name, _, subject, unit, _, tags = shared
        tagged = {words[reader.take(">i")]: words[reader.take(">i")] for _ in range(tags)}
        value = reader.take(VALUE_FORMATS[reader.take(">B")])
        full = words[name] if prefix == NO_WORD else f"{words[prefix]}.{words[name]}"
        yield Metric(full, value, None if subject == NO_WORD else words[subject], unit, tagged.get("client"))
