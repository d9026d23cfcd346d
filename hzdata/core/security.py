"""Credentials other than name and password."""

from __future__ import annotations

from .core import Address


class TokenProvider:
    """Gives the token that a connection authenticates with; subclass it for one that must be fetched.

    Examples
    --------
    >>> class FromFile(TokenProvider):
    ...     def __init__(self, path):
    ...         self.path = path
    ...
    ...     def token(self, address=None):
    ...         return self.path.read_bytes()  # anew for each connection
    """

    def token(self, address: Address | None = None) -> bytes:
        """Return the token for a connection to ``address``. Called once a connection."""
        raise NotImplementedError


class BasicTokenProvider(TokenProvider):
    """Gives the same token every time.

    Parameters
    ----------
    token : str or bytes

    Examples
    --------
    >>> BasicTokenProvider("s3cret").token()
    b's3cret'
    """

    def __init__(self, token: str | bytes = "") -> None:
        if not isinstance(token, str | bytes):
            raise TypeError("Token must be either a str or bytes object")
        self._token = token.encode() if isinstance(token, str) else token

    def token(self, address: Address | None = None) -> bytes:
        return self._token
