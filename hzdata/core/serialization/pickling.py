"""Python objects that nothing else serializes: pickled, and for Python clients only.

A pickle can run any code when it is read: whoever may write to the cluster may then run code in the clients that read
from it. Clients that read what they do not trust set ``allow_unpickling=False``.
"""

from __future__ import annotations

import pickle
import re
from typing import Any

from ..errors import HazelcastSerializationError
from .data import TypeId
from .io import ObjectDataInput, ObjectDataOutput

_NOT_ASCII = re.compile(rb"[\x80-\xff]")


def write_pickled(out: ObjectDataOutput, value: Any) -> None:
    try:
        pickled = _dump(value)
    except Exception as error:
        raise HazelcastSerializationError(
            f"A value of class {type(value).__qualname__} has no serializer and cannot be pickled: {error}. "
            "Register a Compact serializer (compact_serializers) or a custom one (custom_serializers) for it."
        ) from error
    out.write_int(TypeId.PICKLE)
    out.write_byte_array(pickled)


def _dump(value: Any) -> bytes:
    """Pickle as other Python clients can read it, which take the bytes for UTF-8: protocol 0, in ASCII.

    Protocol 0 has bytes beyond ASCII only in texts, which may have them escaped as well. Some objects need a later one.
    """
    try:
        pickled = pickle.dumps(value, 0)
    except Exception:
        return pickle.dumps(value, pickle.HIGHEST_PROTOCOL)
    return _NOT_ASCII.sub(lambda match: b"\\u00%02x" % match[0][0], pickled)


def read_pickled(inp: ObjectDataInput) -> Any:
    return pickle.loads(inp.read_byte_array() or b"")


def refuse_pickled(inp: ObjectDataInput) -> None:
    raise HazelcastSerializationError(
        "The value is a pickled Python object, and this client was told not to unpickle (allow_unpickling=False)."
    )
