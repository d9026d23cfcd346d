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
        self._cluster = ipywidgets.HTML()
        self._events = ipywidgets.HTML(layout=ipywidgets.Layout(max_height="340px", overflow="auto"))
        self._name = ipywidgets.Combobox(
            placeholder="name of a map", layout=ipywidgets.Layout(width="180px"), continuous_update=False
        )
        self._watch = ipywidgets.Button(
            description="Show its events", layout=ipywidgets.Layout(width="auto"), icon="plus"
        )
        self._watched = ipywidgets.HBox(layout=ipywidgets.Layout(flex_flow="row wrap"))
        self._controls = ipywidgets.HBox(
            [self._name, self._watch, self._watched],
            layout=ipywidgets.Layout(flex_flow="row wrap", margin="0 0 8px 4px"),
        )
        self.root = ipywidgets.VBox([ipywidgets.HTML(STYLE), self._cluster, self._controls, self._events])
        self.root.add_class("hz-dashboard")
        self._watch.on_click(self._watch_clicked)
        self.paint()

    def view(self) -> dict[str, Any]:
        """Return what a notebook needs to show the widgets, by MIME type."""
        bundle: dict[str, Any] = self.root._repr_mimebundle_()
        return {kind: data for kind, data in bundle.items() if not kind.startswith("text/")}

    def paint(self) -> None:
        """Show the dashboard as it is."""
        with self._lock:
            self._cluster.value = self._dashboard.cluster_html()
            self._events.value = self._dashboard.events_html()
            if self._dashboard.closed:
                self._controls.layout.display = "none"
                return
            watched = self._dashboard.maps
            self._name.options = [name for name in self._dashboard.maps_known if name not in watched]
            if [button.description for button in self._watched.children] != watched:
                self._watched.children = [self._button(name) for name in watched]

    def _button(self, name: str) -> ipywidgets.Button:
        """Return the button that takes a map off the feed."""
        button = ipywidgets.Button(
            description=name,
            icon="times",
            tooltip=f"Show no more events of {name}",
            layout=ipywidgets.Layout(width="auto"),
        )
        button.on_click(lambda _: self._dashboard.unwatch(name))
        return button

    def _watch_clicked(self, _: ipywidgets.Button) -> None:
        name, self._name.value = self._name.value.strip(), ""
        if name and not self._dashboard.closed:
            # On another thread: a cluster that does not answer must not hold up the kernel.
            threading.Thread(target=self._dashboard.watch, args=(name,), name="hzdata-watch", daemon=True).start()
