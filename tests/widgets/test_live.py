"""The live face, in a real kernel, as a browser would see it: by the messages that the kernel sends."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager

from hzdata.local import LocalCluster
from hzdata.session import Client

VIEW = "application/vnd.jupyter.widget-view+json"


class Notebook:
    """A kernel, and the state of its widgets as a browser would have it."""

    def __init__(self, kernel: BlockingKernelClient) -> None:
        self._kernel = kernel
        self.models: dict[str, dict[str, Any]] = {}
        self.updates = 0  # of shown HTML
        self.busy: set[str] = set()
        self.results: dict[str, dict[str, Any]] = {}

    def start(self, code: str) -> str:
        """Run a cell; return its number at once."""
        request: str = self._kernel.execute(code)
        self.busy.add(request)
        return request

    def run(self, code: str) -> dict[str, Any]:
        """Run a cell to its end; return its result by MIME type."""
        request = self.start(code)
        self.until(lambda: request not in self.busy)
        return self.results.get(request, {})

    def send(self, model: str, data: dict[str, Any]) -> None:
        """Tell the kernel what the user has done to a widget."""
        message = self._kernel.session.msg("comm_msg", {"comm_id": model, "data": data})
        self._kernel.shell_channel.send(message)

    def until(self, condition: Callable[[], object], timeout: float = 40.0) -> None:
        """Take the kernel's messages until ``condition()`` is true."""
        end = time.monotonic() + timeout
        while not condition():
            assert time.monotonic() < end, f"it did not happen; shown is {self.shown()}"
            self.take(0.1)

    def take(self, timeout: float) -> None:
        """Take one message, if there is one."""
        try:
            message = self._kernel.get_iopub_msg(timeout=timeout)
        except Exception:
            return
        kind, content = message["msg_type"], message["content"]
        request = message["parent_header"].get("msg_id", "")
        if kind == "status" and content["execution_state"] == "idle":
            self.busy.discard(request)
        elif kind == "error":
            raise AssertionError("\n".join(content["traceback"]))
        elif kind == "execute_result":
            self.results[request] = content["data"]
        elif kind == "comm_open":
            self.models[content["comm_id"]] = dict(content["data"]["state"])
        elif kind == "comm_msg" and content["data"]["method"] == "update":
            state = content["data"]["state"]
            self.updates += "value" in state
            self.models[content["comm_id"]].update(state)

    def shown(self) -> str:
        """The HTML of all widgets."""
        return "".join(str(state.get("value", "")) for state in self.models.values())

    def model(self, **state: str) -> str:
        """The id of the widget that has this state."""
        [found] = [name for name, has in self.models.items() if state.items() <= has.items()]
        return found


@pytest.fixture(scope="module")
def kernel() -> Iterator[BlockingKernelClient]:
    manager = KernelManager(kernel_name="python3")
    manager.start_kernel()
    client = manager.blocking_client()
    client.start_channels()
    client.wait_for_ready(timeout=60)
    yield client
    client.stop_channels()
    manager.shutdown_kernel(now=True)


@pytest.fixture
def notebook(kernel: BlockingKernelClient, cluster: LocalCluster) -> Iterator[Notebook]:
    notebook = Notebook(kernel)
    notebook.run(f"import hzdata\nhz = hzdata.connect({cluster.addresses[0]!r}, cluster_name={cluster.cluster_name!r})")
    yield notebook
    notebook.run("hz.shutdown()")


def test_a_notebook_gets_the_widget_and_what_to_show_without_a_kernel(notebook: Notebook) -> None:
    bundle = notebook.run("dashboard = hz.dashboard(maps=[])\ndashboard")
    assert bundle[VIEW]["model_id"] in notebook.models
    assert bundle["text/plain"].startswith("Hazelcast one · connected · 1 member")
    assert bundle["text/html"].startswith('<div class="hz-dashboard">')
    assert "1 member" in notebook.shown()
    notebook.run("dashboard.close()")


def test_events_are_shown_while_the_kernel_is_idle_and_while_it_is_busy(
    notebook: Notebook, client: Client, unique_name: str
) -> None:
    people = client.get_map(unique_name).blocking()
    notebook.run(f"dashboard = hz.dashboard(maps=[{unique_name!r}])\ndashboard")
    people.put("idle", 1)
    notebook.until(lambda: f"{unique_name}[&#x27;idle&#x27;]" in notebook.shown())

    cell = notebook.start(f"while not hz.get_map({unique_name!r}).blocking().contains_key('end'): pass")
    people.put("busy", 1)
    notebook.until(lambda: f"{unique_name}[&#x27;busy&#x27;]" in notebook.shown())
    assert cell in notebook.busy
    people.put("end", 1)
    notebook.until(lambda: cell not in notebook.busy)

    notebook.run("dashboard.close()")
    assert "dashboard closed" in notebook.shown()


def test_a_flood_of_events_reaches_the_browser_as_a_few_updates(
    notebook: Notebook, client: Client, unique_name: str
) -> None:
    flood = client.get_map(unique_name).blocking()
    notebook.run(f"dashboard = hz.dashboard(maps=[{unique_name!r}])\ndashboard")
    before, began = notebook.updates, time.monotonic()
    for start in range(0, 100_000, 20_000):
        flood.put_all(dict.fromkeys(range(start, start + 20_000), "x"))
    notebook.until(lambda: "100,000 events" in notebook.shown(), timeout=60)
    # Five times a second at most, each time the cluster's part and the feed's.
    assert notebook.updates - before <= 2 * (5 * (time.monotonic() - began) + 2)
    assert notebook.run("dashboard.close()\nlen(dashboard.feed)")["text/plain"] == "11"
    flood.destroy()


def test_the_user_can_add_a_map_and_take_it_away(notebook: Notebook, client: Client, unique_name: str) -> None:
    people = client.get_map(unique_name).blocking()
    notebook.run("dashboard = hz.dashboard(maps=[])\ndashboard")
    field = notebook.model(placeholder="name of a map")
    assert unique_name in notebook.models[field]["options"]
    notebook.send(field, {"method": "update", "state": {"value": f" {unique_name} "}, "buffer_paths": []})
    click = {"method": "custom", "content": {"event": "click"}}
    notebook.send(notebook.model(description="Show its events"), click)
    notebook.until(lambda: any(m.get("description") == unique_name for m in notebook.models.values()))
    assert notebook.run("dashboard.maps")["text/plain"] == f"[{unique_name!r}]"
    assert notebook.models[field]["value"] == ""
    people.put("key", "value")
    notebook.until(lambda: f"{unique_name}[&#x27;key&#x27;]" in notebook.shown())

    notebook.send(notebook.model(description=unique_name), click)
    notebook.until(lambda: notebook.run("dashboard.maps")["text/plain"] == "[]")
    notebook.run("dashboard.close()")


def test_the_shutdown_of_the_client_is_the_last_thing_shown(notebook: Notebook) -> None:
    notebook.run("dashboard = hz.dashboard(maps=[])\ndashboard")
    notebook.run("hz.shutdown()")
    notebook.until(lambda: "shut down since" in notebook.shown())


def test_without_ipywidgets_the_notebook_still_shows_html_and_text(notebook: Notebook) -> None:
    bundle = notebook.run(
        "import sys\n"
        "hidden = {name: sys.modules.pop(name) for name in list(sys.modules)\n"
        "          if name.split('.')[0] == 'ipywidgets' or name == 'hzdata.widgets.panel'}\n"
        "sys.modules['ipywidgets'] = None\n"
        "dashboard = hz.dashboard(maps=[])\n"
        "dashboard"
    )
    assert sorted(bundle) == ["text/html", "text/plain"]
    notebook.run("dashboard.close(); del sys.modules['ipywidgets']; sys.modules.update(hidden)")
