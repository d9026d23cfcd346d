"""The dashboard: a cluster's members, maps and latest events; live in a notebook, as text and HTML anywhere."""

from __future__ import annotations

import functools
import logging
import sys
import threading
import time
from collections.abc import Iterable, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any

from hzdata.core.lifecycle import LifecycleState

from .catalog import MapCatalog
from .cluster_state import ClusterSnapshot, ClusterState
from .feed import EventFeed
from .listeners import Listeners
from .overview import events_table, headline, headline_html, headline_text, maps_table, members_table
from .refresher import Refresher
from .style import STYLE
from .table import Table
from .vitals import VitalsReader

if TYPE_CHECKING:
    from .panel import Panel

__all__ = ["Dashboard"]

_logger = logging.getLogger(__name__)

EVENTS_SHOWN = 100
"""Lines of the feed that the notebook's faces show."""
EVENTS_PRINTED = 20
"""Lines of the feed that the plain text shows."""
FOLLOWED = 20
"""Maps that are watched without having been named, at most."""

MAPS_SHOWN = 20
"""Maps that are shown, at most."""

_FIRST_ANSWERS = 1.0  # seconds that the first look at the cluster waits for the members' figures


class Dashboard:
    """A cluster as it is, and what happens in it.

    As the last expression of a notebook cell it is live: it follows the cluster, also while cells run, until it is
    closed. Printed, or in a notebook without a kernel, it says the same as text or HTML.

    Parameters
    ----------
    client : HazelcastClient
    maps : iterable of str, optional
        Names of the maps whose entry events are shown, with their values. By default the maps that are in the cluster,
        new ones included, at most 20, keys only; one with more than 2,000 events a second, a map that is being loaded,
        is watched no more, as its events would slow down the load and all others.
    capacity : int
        Lines of the event feed that are kept.
    rate : float
        How many times a second the live face is drawn, at most.

    Raises
    ------
    TypeError
        When a name is not a text.

    Notes
    -----
    Each open dashboard has listeners of its own in the cluster. ``close()`` removes them and keeps what is shown.

    Examples
    --------
    >>> with client.dashboard(maps=["people"]) as dashboard:  # doctest: +SKIP
    ...     client.get_map("people").blocking().put(1, "Ada")
    ...     print(dashboard)
    Hazelcast dev · connected · 1 member · 271 partitions
    ...
    """

    def __init__(
        self, client: Any, maps: Iterable[str] | None = None, *, capacity: int = 200, rate: float = 5.0
    ) -> None:
        named = _names(maps)
        if isinstance(rate, bool) or not isinstance(rate, int | float) or not rate > 0:
            raise ValueError(f"rate={rate!r}: pass how many times a second it may be drawn, a number above 0")
        self._client = client
        self._follows = maps is None
        self._dismissed: set[str] = set()
        self._closed_at: float | None = None
        self._lock = threading.Lock()
        self._panel: Panel | None = None
        self._refresher = Refresher(self._refresh, rate)
        self.feed = EventFeed(capacity, on_change=self._refresher.wake)
        self._vitals = VitalsReader(client)
        self._state = ClusterState(client, self._vitals.of)
        self._listeners = Listeners(client, self._state, self.feed, on_flood=self.unwatch)
        self._catalog = MapCatalog(client, self.feed)
        self._listed_at = self._state.connected_at
        self._snapshot = self._state.snapshot()
        self._vitals.ask(wait=_FIRST_ANSWERS)
        self._catalog.list(wait=_FIRST_ANSWERS)
        self._listeners.watch(named)
        self._listeners.watch(self._unfollowed(), include_value=False)
        self._ask_sizes(wait=_FIRST_ANSWERS)
        self._refresher.start()

    # --- Which maps ---------------------------------------------------------------------------------------------------

    @property
    def maps(self) -> list[str]:
        """Names of the maps whose entry events are shown."""
        return list(self._listeners.maps)

    @property
    def maps_known(self) -> list[str]:
        """Names of the maps that are in the cluster, as the members last told."""
        return self._catalog.names

    def watch(self, *names: str) -> None:
        """Show the entry events of more maps, with their values.

        Parameters
        ----------
        *names : str

        Raises
        ------
        RuntimeError
            When the dashboard is closed.
        """
        if self.closed:
            raise RuntimeError("this dashboard is closed: make another one with client.dashboard()")
        self._dismissed.difference_update(names)
        self._listeners.watch(_names(names))
        self._refresher.wake()

    def unwatch(self, *names: str) -> None:
        """Show the entry events of these maps no more."""
        self._dismissed.update(names)
        for name in names:
            self._listeners.unwatch(name)
        self._refresher.wake()

    def _unfollowed(self) -> list[str]:
        """Return the maps that are to be watched and are not yet; none if the maps were named."""
        if not self._follows:
            return []
        watched = self._listeners.maps
        new = [name for name in self._catalog.names if name not in watched and name not in self._dismissed]
        return new[: max(FOLLOWED - len(watched), 0)]

    # --- The end ------------------------------------------------------------------------------------------------------

    @property
    def closed(self) -> bool:
        """Whether it follows the cluster no more."""
        return self._closed_at is not None

    def close(self) -> None:
        """Follow the cluster no more: remove the listeners, end the thread. What is shown stays."""
        with self._lock:
            if self.closed:
                return
            self._snapshot = self._state.snapshot()
            self._closed_at = time.time()
        self._listeners.close()
        self._catalog.close()
        self._refresher.stop()
        if self._panel is not None:
            self._panel.paint()

    def __enter__(self) -> Dashboard:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    # --- Faces --------------------------------------------------------------------------------------------------------

    def __repr__(self) -> str:
        watched = self._listeners.maps
        snapshot = self._look()
        parts = [headline_text(headline(snapshot, self._closed_at)), members_table(snapshot).text()]
        parts.append(self._maps_table(watched).text())
        parts.append(events_table(self.feed, watched, EVENTS_PRINTED).text())
        return "\n".join(parts)

    def _repr_html_(self) -> str:
        return f'<div class="hz-dashboard">{STYLE}{self.cluster_html()}{self.events_html()}</div>'

    def cluster_html(self) -> str:
        """Return headline, members and maps as HTML."""
        watched = self._listeners.maps
        snapshot = self._look()
        parts = [headline_html(headline(snapshot, self._closed_at)), members_table(snapshot).html()]
        parts.append(self._maps_table(watched).html())
        return "".join(parts)

    def events_html(self) -> str:
        """Return the feed as HTML."""
        return events_table(self.feed, self._listeners.maps, EVENTS_SHOWN).html()

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        bundle: dict[str, Any] = {"text/plain": repr(self), "text/html": self._repr_html_()}
        panel = self._live()
        if panel is not None:
            bundle.update(panel.view())
        return bundle

    def _live(self) -> Panel | None:
        """Return the live face, made when it is first asked for; None where there is none."""
        if not _kernel():
            return None
        with self._lock:
            if self._panel is None:
                try:
                    from .panel import Panel
                except ImportError:
                    _logger.info("the dashboard is not live: pip install 'hzdata[widgets]' makes it so")
                    return None
                self._panel = Panel(self)
            return self._panel

    def _maps_table(self, watched: Mapping[str, bool]) -> Table:
        return maps_table(
            self._maps_in_order(watched), self._catalog.sizes, self._vitals.map_memory(), watched, MAPS_SHOWN
        )

    def _maps_in_order(self, watched: Mapping[str, bool]) -> list[str]:
        """Return the maps, those that are watched first."""
        return sorted({*self._catalog.names, *watched}, key=lambda name: (name not in watched, name))

    def _ask_sizes(self, wait: float = 0.0) -> None:
        self._catalog.ask_sizes(self._maps_in_order(self._listeners.maps)[:MAPS_SHOWN], wait)

    def _look(self) -> ClusterSnapshot:
        """Return the cluster as it is, or as it was when the dashboard was closed."""
        if not self.closed:
            self._vitals.ask()
            self._ask_sizes()
            self._snapshot = self._state.snapshot()
        return self._snapshot

    def _refresh(self) -> None:
        """Keep up with the cluster, and draw the live face. Runs on the refresher's thread, asks without waiting."""
        if self._listed_at != self._state.connected_at:  # maybe another cluster than before
            self._listed_at = self._state.connected_at
            self._catalog.list()
        unfollowed = self._unfollowed()
        if unfollowed:
            follow = functools.partial(self._listeners.watch, unfollowed, include_value=False)
            threading.Thread(target=follow, name="hzdata-dashboard-follow", daemon=True).start()
        # Looked at before drawing, or the last state could come between the two and be drawn by nobody.
        last = self._look().lifecycle == LifecycleState.SHUTDOWN
        if self._panel is not None:
            self._panel.paint()
        if last:
            self._refresher.stop()


def _names(maps: Iterable[str] | None) -> list[str]:
    """Return the names of maps, checked."""
    if maps is not None and not isinstance(maps, Iterable):
        raise TypeError(f"maps={maps!r}: pass names of maps, such as maps=['people']")
    names = [maps] if isinstance(maps, str) else list(maps or ())
    for name in names:
        if not isinstance(name, str) or not name:
            raise TypeError(f"{name!r} is not the name of a map: maps takes names, such as maps=['people']")
    return names


def _kernel() -> bool:
    """Whether a notebook's kernel runs here, which a browser may be connected to."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return getattr(shell, "kernel", None) is not None
