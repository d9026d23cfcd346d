"""What members and clients measure of themselves: compressed blobs.

Clients send theirs by ``Client.statistics``; ``MC.readMetrics`` delivers those of a member, with what its clients have
sent. Here they are written; who watches members reads them.

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
from collections.abc import Sequence
from typing import NamedTuple

VERSION = 1
NO_WORD = -1
VALUE_FORMATS = {0: ">q", 1: ">d"}

BYTES, MILLISECONDS, COUNT, _NO_UNIT = 0, 1, 4, 255
_LONGEST_WORD = 255
_WHOLE_METRIC = struct.Struct(">BiiiiBBBB")


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


def encode_metrics(metrics: Sequence[Metric]) -> bytes:
    """Encode what a client measures of itself. A subject that is too long for a word is cut."""
    words: dict[bytes, int] = {}

    def word(text: str | None) -> int:
        if text is None:
            return NO_WORD
        return words.setdefault(text.encode("utf-16-be")[: 2 * _LONGEST_WORD], len(words))

    # Nothing is shared with what was before: the compression makes up for it.
    body = bytearray()
    for metric in metrics:
        prefix, _, name = metric.name.partition(".")
        kind = int(isinstance(metric.value, float))
        key = None if metric.subject is None else "name"
        body += _WHOLE_METRIC.pack(
            0, word(prefix), word(name), word(key), word(metric.subject), metric.unit, 0, 0, kind
        ) + struct.pack(VALUE_FORMATS[kind], metric.value)
    listed = [struct.pack(">iBB", number, 0, len(units) // 2) + units for units, number in words.items()]
    dictionary = zlib.compress(struct.pack(">i", len(words)) + b"".join(listed))
    head, between = struct.pack(">hi", VERSION, len(dictionary)), struct.pack(">i", len(metrics))
    return head + dictionary + between + zlib.compress(body)
