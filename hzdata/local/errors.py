"""What can go wrong with members on this machine."""

from __future__ import annotations

__all__ = ["LocalClusterError"]


class LocalClusterError(RuntimeError):
    """A local cluster cannot be booted or told to do what was asked; the message says why and what to do.

    Attributes
    ----------
    log : str
        The whole log of the member that died, when one did.
    """

    def __init__(self, message: str, *, log: str = "") -> None:
        super().__init__(message)
        self.log = log
