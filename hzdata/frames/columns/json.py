"""JSON objects by column: Arrow columns -> one JSON text a row.

Numbers and booleans are JSON's own; text is quoted; what JSON has no type for is the text that SQL reads back as the
column's type: ISO 8601 for dates and times, all digits for decimals (a JSON number would go through a double),
``"NaN"``, ``"Infinity"`` and ``"-Infinity"``. Null is ``null``.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from .rows import Rows, as_binary

__all__ = ["JsonValue", "json_text"]

JSON_TYPE_ID = -130


@dataclass(frozen=True)
class JsonValue:
    """Serializes each row as a JSON object.

    Parameters
    ----------
    columns : sequence of str
        The columns that are members of the object, in this order.
    """

    columns: Sequence[str]

    @property
    def header(self) -> bytes:
        return struct.pack(">ii", 0, JSON_TYPE_ID)

    def write(self, rows: Rows, columns: Mapping[str, pa.Array]) -> None:
        """Add its serialized value, header included, to every row."""
        rows.constant(self.header)
        self.write_payload(rows, columns)

    def write_payload(self, rows: Rows, columns: Mapping[str, pa.Array]) -> None:
        """Add to every row what follows the header: the length of the text and the text."""
        size = rows.slot(4)
        begin = rows.length
        lead = "{"
        for name in self.columns:
            rows.constant(f"{lead}{json.dumps(name, ensure_ascii=False)}:".encode())
            rows.ragged(as_binary(json_text(columns[name])))
            lead = ","
        rows.constant(b"}" if self.columns else b"{}")
        size.fill(rows.length - begin, ">i4")


def json_text(array: pa.Array) -> pa.Array:
    """Return the JSON text of every value; a null is ``null``."""
    for test, text in _TEXTS:
        if test(array.type):
            return pc.fill_null(text(array), "null")
    raise AssertionError(f"no JSON text for {array.type}: refused before")


def _plain(array: pa.Array) -> pa.Array:
    return pc.cast(array, pa.string())


def _quoted(text: pa.Array) -> pa.Array:
    return pc.binary_join_element_wise('"', pc.cast(text, pa.string()), '"', "")


def _floats(array: pa.Array) -> pa.Array:
    text = _plain(array)
    finite = pc.is_finite(array)
    if not pc.any(pc.invert(finite)).as_py():
        return text
    infinity = pc.if_else(pc.greater(array, 0), '"Infinity"', '"-Infinity"')
    return pc.if_else(finite, text, pc.if_else(pc.is_nan(array), '"NaN"', infinity))


def _decimals(array: pa.Array) -> pa.Array:
    if array.type.scale < 0:
        array = array.cast(pa.decimal256(76, 0))
    return _quoted(array)


def _strings(array: pa.Array) -> pa.Array:
    if pc.any(pc.match_substring_regex(array, r'[\x00-\x1f"\\]')).as_py():
        for character, escape in _ESCAPES.items():
            if pc.any(pc.match_substring(array, character)).as_py():
                array = pc.replace_substring(array, character, escape)
    return _quoted(array)


# The backslash comes first, so that those of the other escapes stay as they are.
_ESCAPES = {character: json.dumps(character)[1:-1] for character in ("\\", '"', *map(chr, range(0x20)))}


def _dates(array: pa.Array) -> pa.Array:
    text = _plain(array)
    late = pc.match_substring_regex(text, r"^\d{5}")
    if pc.any(late).as_py():
        # ISO 8601 asks for a sign where a year has more than four digits.
        text = pc.if_else(late, pc.binary_join_element_wise("+", text, ""), text)
    return _quoted(text)


def _timestamps(array: pa.Array) -> pa.Array:
    if array.type.tz is not None:
        array = array.cast(pa.timestamp(array.type.unit, "UTC"))
    return pc.replace_substring(_dates(array), " ", "T", max_replacements=1)


def _lists(array: pa.Array) -> pa.Array:
    texts = json_text(array.flatten())
    lengths = pc.fill_null(pc.list_value_length(array), 0).to_numpy()
    offsets = pa.array(np.concatenate(([0], np.cumsum(lengths))), pa.int32())
    joined = pc.binary_join(pa.ListArray.from_arrays(offsets, texts), ",")
    text = pc.binary_join_element_wise("[", joined, "]", "")
    return pc.if_else(array.is_valid(), text, pa.scalar(None, pa.string()))


_TEXTS: tuple[tuple[Callable[[pa.DataType], bool], Callable[[pa.Array], pa.Array]], ...] = (
    (pa.types.is_boolean, _plain),
    (pa.types.is_integer, _plain),
    (pa.types.is_floating, _floats),
    (pa.types.is_decimal, _decimals),
    (pa.types.is_string, _strings),
    (pa.types.is_large_string, _strings),
    (pa.types.is_date32, _dates),
    (pa.types.is_time64, _quoted),
    (pa.types.is_timestamp, _timestamps),
    (pa.types.is_large_list, _lists),
)
"""How the values of an Arrow type, after the type table's cast, become JSON."""
