"""The live face of a dashboard: ipywidgets that show its HTML, and a field for the maps to watch.

Two threads touch it: the refresher draws (sets values), the kernel's main thread hears of what the user does. A value
that has not changed is not sent, so a dashboard of a quiet cluster costs the browser nothing.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import ipywidgets

from .style import STYLE

if TYPE_CHECKING:
    from .dashboard import Dashboard

__all__ = ["Panel"]


class Panel:
    """The widgets of a dashboard.

    Parameters
    ----------
    dashboard : Dashboard
    """

    def __init__(self, dashboard: Dashboard) -> None:
        self._dashboard = dashboard
        self._lock = threading.Lock()
        self._painter: int | None = None  # the thread that is drawing
        self._cluster = ipywidgets.HTML()
        self._events = ipywidgets.HTML(layout=ipywidgets.Layout(max_height="320px", overflow="auto"))
        self._maps = ipywidgets.TagsInput(
            allow_duplicates=False, placeholder="name of a map", layout=ipywidgets.Layout(width="auto")
        )
        self._controls = ipywidgets.HBox([ipywidgets.Label("Show the entry events of"), self._maps])
        self.root = ipywidgets.VBox([ipywidgets.HTML(STYLE), self._cluster, self._controls, self._events])
        self.root.add_class("hz-dashboard")
        self.paint()
        self._maps.observe(self._chosen, names="value")

    def view(self) -> dict[str, Any]:
        """Return what a notebook needs to show the widgets, by MIME type."""
        bundle: dict[str, Any] = self.root._repr_mimebundle_()
        return {kind: data for kind, data in bundle.items() if not kind.startswith("text/")}

    def paint(self) -> None:
        """Show the dashboard as it is."""
        with self._lock:
            self._painter = threading.get_ident()
            try:
                self._cluster.value = self._dashboard.cluster_html()
                self._events.value = self._dashboard.events_html()
                self._maps.value = self._dashboard.maps
                if self._dashboard.closed:
                    self._controls.layout.display = "none"
            finally:
                self._painter = None

    def _chosen(self, change: dict[str, Any]) -> None:
        """Take the user's choice of maps. Called when the field changes, on the thread that changed it."""
        if threading.get_ident() == self._painter:
            return
        before, now = change["old"], change["new"]
        added = [name for name in now if name not in before]
        removed = [name for name in before if name not in now]
        # On another thread: a cluster that does not answer must not hold up the kernel.
        threading.Thread(target=self._choose, args=(added, removed), name="hzdata-choice", daemon=True).start()

    def _choose(self, added: list[str], removed: list[str]) -> None:
        self._dashboard.unwatch(*removed)
        if not self._dashboard.closed:
            self._dashboard.watch(*added)
