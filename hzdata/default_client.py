"""Which client is used when a call names none.

``hzdata.connect()`` and ``LocalCluster`` announce the clients they make; nothing else does. One alive is the
default. Two alive and none chosen with ``as_default()`` is an error that names both, because a guess here would write
into the wrong cluster. This module knows no client class, so that ``frames`` can use it without knowing ``session``.
"""

from __future__ import annotations

import threading
import weakref
from typing import Any

__all__ = ["NoDefaultClientError", "announce", "choose", "resolve", "withdraw"]


class NoDefaultClientError(RuntimeError):
    """No client was given and none, or more than one, could be the default."""


_lock = threading.Lock()
_alive: list[weakref.ref[Any]] = []
_chosen: weakref.ref[Any] | None = None


def announce(client: Any) -> None:
    """Make ``client`` a candidate for the default."""
    with _lock:
        _alive.append(weakref.ref(client))


def choose(client: Any) -> None:
    """Make ``client`` the default even when others are alive."""
    global _chosen
    with _lock:
        _chosen = weakref.ref(client)


def withdraw(client: Any) -> None:
    """Forget ``client``: it was shut down."""
    global _chosen
    with _lock:
        _alive[:] = [ref for ref in _alive if ref() is not None and ref() is not client]
        if _chosen is not None and _chosen() in (None, client):
            _chosen = None


def resolve(client: Any = None) -> Any:
    """Return ``client``, or the default when it is None.

    Raises
    ------
    NoDefaultClientError
        When there is no client, or several and none was chosen.
    """
    if client is not None:
        return client
    with _lock:
        chosen = _chosen() if _chosen is not None else None
        alive = [c for c in (ref() for ref in _alive) if c is not None]
    if chosen is not None:
        return chosen
    if len(alive) == 1:
        return alive[0]
    if not alive:
        raise NoDefaultClientError(
            'not connected to a cluster: call hzdata.connect("host:port") first, or pass client=. '
            "With no cluster at hand, `with hzdata.LocalCluster() as cluster: ...` boots one here "
            "(pip install 'hzdata[local]')."
        )
    names = ", ".join(repr(c) for c in alive)
    raise NoDefaultClientError(
        f"{len(alive)} clients are alive and none is the default ({names}): "
        "pass client=, or call .as_default() on one of them."
    )
