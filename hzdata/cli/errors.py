"""What a command says when it can not do what it was asked for."""

from __future__ import annotations

__all__ = ["CommandError"]


class CommandError(Exception):
    """What was asked for can not be done; the message, a line, says why and what to do."""
