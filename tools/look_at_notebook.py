"""Look at the quickstart in JupyterLab: ``python -m tools.look_at_notebook [FOLDER]``.

Opens it in a headless Chromium, as it is saved and then running, in the light and in the dark theme; checks that the
dashboard lives, and leaves pictures in FOLDER for someone to look at. Needs ``pip install jupyterlab`` beside the test
extra, and ``apt install chromium``. The default test run does without: see ``tests/widgets/test_live.py``.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from tools.browser import Browser

NOTEBOOK = Path(__file__).parents[1] / "notebooks" / "01-quickstart.ipynb"

_DASHBOARD = "document.querySelector('.jp-OutputArea .hz-dashboard')"
_NOTEBOOK = "[...jupyterapp.shell.widgets('main')][0]"
_CELLS = f"{_NOTEBOOK}.content.widgets.filter(cell => cell.model.type == 'code')"


@contextlib.contextmanager
def jupyterlab(folder: Path) -> Iterator[str]:
    """Run JupyterLab on this machine only, with settings of its own; yield its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = {
        "ServerApp.ip": "127.0.0.1",
        "ServerApp.port": port,
        "ServerApp.open_browser": False,
        "ServerApp.root_dir": folder,
        "ServerApp.password": "",
        "ServerApp.allow_root": True,
        "IdentityProvider.token": "",
        "LabApp.expose_app_in_browser": True,
        "LabApp.news_url": None,
        "LabApp.check_for_updates_class": "jupyterlab.NeverCheckForUpdate",
    }
    own = {f"JUPYTER_{kind}_DIR": str(folder / f".{kind.lower()}") for kind in ("CONFIG", "RUNTIME")}
    server = subprocess.Popen(
        [sys.executable, "-m", "jupyterlab", *(f"--{name}={value}" for name, value in options.items())],
        env={**os.environ, **own},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        await_answer(f"http://127.0.0.1:{port}/api")
        yield f"http://127.0.0.1:{port}/lab"
    finally:
        server.terminate()
        server.wait(timeout=20)


def await_answer(address: str, timeout: float = 60.0) -> None:
    """Return when a server answers at an address."""
    end = time.monotonic() + timeout
    while True:
        with contextlib.suppress(OSError), urllib.request.urlopen(address, timeout=5):
            return
        if time.monotonic() > end:
            raise TimeoutError(f"nothing answers at {address}")
        time.sleep(0.2)


async def opened(browser: Browser, lab: str, theme: str) -> None:
    """Open the notebook in a theme."""
    await browser.open(f"{lab}/tree/{NOTEBOOK.name}?reset")
    await browser.until(f"window.jupyterapp && {_NOTEBOOK}?.context?.isReady && {_CELLS}.length > 0")
    await browser.ask(f"jupyterapp.commands.execute('apputils:change-theme', {{theme: 'JupyterLab {theme}'}})")
    await browser.until(f"document.body.dataset.jpThemeName == 'JupyterLab {theme}'")
    await browser.ask(f"{_NOTEBOOK}.context.sessionContext.ready")
    await browser.ask(f"jupyterapp.shell.activateById({_NOTEBOOK}.id)")


async def seen(browser: Browser, path: Path) -> None:
    """Take a picture with the dashboard in view."""
    await browser.ask(f"{_DASHBOARD}.scrollIntoView({{block: 'center'}})")
    await asyncio.sleep(1)
    await browser.picture(path)


async def run(browser: Browser, code: str, wait: bool = True) -> None:
    """Run the cell with this code in it."""
    at = await browser.ask(f"{_NOTEBOOK}.content.widgets.findIndex(c => c.model.sharedModel.source.includes({code!r}))")
    await browser.ask(f"{_NOTEBOOK}.content.activeCellIndex = {at}")
    await browser.ask("void jupyterapp.commands.execute('notebook:run-cell')")
    if wait:
        await browser.until(f"{_NOTEBOOK}.content.widgets[{at}].model.executionState == 'idle'", timeout=180)


async def look(lab: str, folder: Path, theme: str) -> None:
    """Look at the notebook in a theme: as saved, live, and closed."""
    async with Browser() as browser:
        print(f"JupyterLab {theme}")
        await opened(browser, lab, theme)
        await browser.until(f"{_DASHBOARD}?.textContent.includes('271 partitions')")
        await seen(browser, folder / f"{theme}-1-saved.png")

        await browser.ask(f"{_NOTEBOOK}.context.sessionContext.restartKernel()")
        browser.complaints.clear()  # JupyterLab cancels what the old kernel has not answered
        for code in ("import hzdata", "cluster.connect()", "readings = pd", "to_hz_map", "get_map", "hz.dashboard"):
            await run(browser, code)
        await browser.until(f"{_DASHBOARD}.querySelector('input') != null")
        await seen(browser, folder / f"{theme}-2-live.png")

        await run(browser, "Portugal")
        await browser.until(f"{_DASHBOARD}.textContent.includes('5,003 events')")
        feed = f"{_DASHBOARD}.querySelector('.hz-events').closest('.widget-html')"
        await browser.ask(f"{feed}.scrollTop = 30")
        await run(browser, "kill_member", wait=False)
        await browser.until(f"{_DASHBOARD}.textContent.includes('member joined')", timeout=120)
        await browser.until(f"{_DASHBOARD}.textContent.includes('member left')")
        if (at := await browser.ask(f"{feed}.scrollTop")) != 30:
            browser.complaints.append(f"the feed jumps from 30 to {at} when an event comes")
        await browser.ask(f"{feed}.scrollTop = 0")
        await seen(browser, folder / f"{theme}-3-a-member-left.png")

        await run(browser, "dashboard.close()")
        await browser.until(f"{_DASHBOARD}.textContent.includes('dashboard closed')")
        await seen(browser, folder / f"{theme}-4-closed.png")
        if browser.complaints:
            raise SystemExit("\n".join(browser.complaints))
        await browser.ask(f"{_NOTEBOOK}.context.sessionContext.shutdown()")


async def main(folder: Path) -> None:
    """Look at the notebook in both themes."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="hzdata-lab-") as scratch:
        shutil.copy(NOTEBOOK, scratch)
        with jupyterlab(Path(scratch)) as lab:
            async with asyncio.timeout(600):
                for theme in ("Light", "Dark"):
                    await look(lab, folder, theme)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp(prefix="hzdata-look-"))))
