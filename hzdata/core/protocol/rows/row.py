"""A row of the message table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Row(NamedTuple):
    """One message of the protocol."""

    type: int
    request: str
    response: str
    retryable: bool = False
    """A second run does no harm: it may be sent again when it is not known whether the first one arrived."""
    events: Mapping[str, str] = {}
