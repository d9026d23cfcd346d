"""Which client is used when a call names none.

``hzdata.connect()`` and ``LocalCluster`` announce the clients they make; nothing else does. One alive is the
default. Two alive and none chosen with ``as_default()`` is an error that names both, because a guess here would write
into the wrong cluster. A local cluster that no client is connected to counts as one client: it offers to make it when
it is needed. This module knows no client class, so that ``frames`` can use it without knowing ``session``.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Container
from typing import Any, Protocol

__all__ = [
    "ClientSource",
    "NoDefaultClientError",
    "announce",
    "choose",
    "offer",
    "resolve",
    "withdraw",
    "withdraw_offer",
]


class NoDefaultClientError(RuntimeError):
    """No client was given and none, or more than one, could be the default."""


class ClientSource(Protocol):
    """A cluster at hand."""

    @property
    def client(self) -> Any:
        """A client of it, made (and announced) when first asked for."""

    @property
    def clients(self) -> Container[Any]:
        """The clients of it that were made."""


_lock = threading.Lock()
_alive: list[weakref.ref[Any]] = []
_offers: list[weakref.ref[ClientSource]] = []
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


def offer(source: ClientSource) -> None:
    """Let ``source`` make the default client when one is needed and none of its own is alive."""
    with _lock:
        _offers.append(weakref.ref(source))


def withdraw_offer(source: ClientSource) -> None:
    """Forget ``source``: its cluster is closed."""
    with _lock:
        _offers[:] = [ref for ref in _offers if ref() is not None and ref() is not source]


def resolve(client: Any = None) -> Any:
    """Return ``client``, or the default when it is None: the one chosen, the only one alive, or one that the only
    cluster at hand makes.

    Raises
    ------
    NoDefaultClientError
        When there is no client, or several and none was chosen.
    """
    if client is not None:
        if not hasattr(client, "sql") or not hasattr(client, "get_map"):
            raise TypeError(f"client={client!r} is no hzdata.Client: pass what hzdata.connect() returned, or nothing")
        return client
    with _lock:
        chosen = _chosen() if _chosen is not None else None
        alive = [c for c in (ref() for ref in _alive) if c is not None]
        sources = [s for s in (ref() for ref in _offers) if s is not None]
    if chosen is not None:
        return chosen
    unused = [source for source in sources if not any(client in source.clients for client in alive)]
    if len(alive) == 1 and not unused:
        return alive[0]
    if len(unused) == 1 and not alive:
        return unused[0].client
    if not alive and not unused:
        raise NoDefaultClientError(
            'not connected to a cluster: call hzdata.connect("host:port") first, or pass client=. '
            "With no cluster at hand, `with hzdata.LocalCluster() as cluster: ...` boots one here "
            "(pip install 'hzdata[local]')."
        )
    names = ", ".join(repr(c) for c in (*alive, *unused))
    raise NoDefaultClientError(
        f"{len(alive) + len(unused)} clients or clusters are at hand and none is the default ({names}): "
        "pass client=, or call .as_default() on one of the clients."
    )
