"""What members and clients measure of themselves: compressed blobs.

``MC.readMetrics`` delivers those of a member, with what its clients have sent by ``Client.statistics``.

The blob, big-endian throughout::

    int16 version (1)
    int32 length, zlib(dictionary)    dictionary: int32 count, then words, each
                                          int32 id, uint8 n: characters shared with the word before,
                                          uint8 m: further characters, m UTF-16 code units
    int32 count, zlib(metrics)        each metric: uint8 mask of what is as in the metric before, then what is not:
                                          1 prefix, 2 name, 4 discriminator, 8 its value (int32 word ids, -1: none),
                                          16 unit (uint8), 32 excluded targets (uint8), 64 number of tags (uint8);
                                          then the tags (2 word ids each), uint8 type, int64 or double by type 0 or 1

Read off members 4.2 to 5.7. A member that measures nothing sends no blob.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

_VERSION = 1
_NO_WORD = -1
_VALUE_FORMATS = {0: ">q", 1: ">d"}

BYTES, MILLISECONDS, COUNT, _NO_UNIT = 0, 1, 4, 255
_LONGEST_WORD = 255
_WHOLE_METRIC = struct.Struct(">BiiiiBBBB")

# What a metric may share with the one before it: the bit of the mask, and how it is written when it does not.
_SHARED = ((1, ">i"), (2, ">i"), (4, ">i"), (8, ">i"), (16, ">B"), (32, ">B"), (64, ">B"))


class Metric(NamedTuple):
    """One measured value.

    Parameters
    ----------
    name : str
        Group and name, such as ``runtime.usedMemory`` or ``map.ownedEntryCount``.
    value : int or float
    subject : str or None
        What it was measured of, such as the name of a map; None for the member itself.
    unit : int
        ``BYTES``, ``COUNT`` and the like.
    client : str or None
        The uuid of the client that measured it; None for the member.
    """

    name: str
    value: int | float
    subject: str | None = None
    unit: int = _NO_UNIT
    client: str | None = None


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
        if version != _VERSION:
            raise ValueError(f"metrics of version {version} cannot be read, only {_VERSION}")
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
    shared = [_NO_WORD] * len(_SHARED)
    for _ in range(count):
        mask = reader.take(">B")
        for at, (bit, form) in enumerate(_SHARED):
            if not mask & bit:
                shared[at] = reader.take(form)
        prefix, name, _, subject, unit, _, tags = shared
        tagged = {words[reader.take(">i")]: words[reader.take(">i")] for _ in range(tags)}
        value = reader.take(_VALUE_FORMATS[reader.take(">B")])
        full = words[name] if prefix == _NO_WORD else f"{words[prefix]}.{words[name]}"
        yield Metric(full, value, None if subject == _NO_WORD else words[subject], unit, tagged.get("client"))


def encode_metrics(metrics: Sequence[Metric]) -> bytes:
    """Encode what a client measures of itself. A subject that is too long for a word is cut."""
    words: dict[bytes, int] = {}

    def word(text: str | None) -> int:
        if text is None:
            return _NO_WORD
        return words.setdefault(text.encode("utf-16-be")[: 2 * _LONGEST_WORD], len(words))

    # Nothing is shared with what was before: the compression makes up for it.
    body = bytearray()
    for metric in metrics:
        prefix, _, name = metric.name.partition(".")
        kind = int(isinstance(metric.value, float))
        key = None if metric.subject is None else "name"
        body += _WHOLE_METRIC.pack(
            0, word(prefix), word(name), word(key), word(metric.subject), metric.unit, 0, 0, kind
        ) + struct.pack(_VALUE_FORMATS[kind], metric.value)
    listed = [struct.pack(">iBB", number, 0, len(units) // 2) + units for units, number in words.items()]
    dictionary = zlib.compress(struct.pack(">i", len(words)) + b"".join(listed))
    head, between = struct.pack(">hi", _VERSION, len(dictionary)), struct.pack(">i", len(metrics))
    return head + dictionary + between + zlib.compress(body)
