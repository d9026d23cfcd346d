"""A headless Chromium, driven over its DevTools protocol. Needs no package but tornado, which Jupyter brings."""

from __future__ import annotations

import asyncio
import base64
import itertools
import json
import shutil
import subprocess
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

from tornado.websocket import WebSocketClientConnection, websocket_connect

__all__ = ["Browser"]

_NAMES = ("chromium", "chromium-browser", "google-chrome")
_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--remote-debugging-port=0",
)


class Browser:
    """One page of a Chromium with an empty profile. An asynchronous context manager."""

    def __init__(self, width: int = 1280, height: int = 1000) -> None:
        executable = next(filter(None, map(shutil.which, _NAMES)), None)
        if executable is None:
            raise SystemExit("there is no Chromium here: apt install chromium")
        self._profile = Path(tempfile.mkdtemp(prefix="hzdata-browser-"))
        self._process = subprocess.Popen(
            [executable, *_FLAGS, f"--user-data-dir={self._profile}", f"--window-size={width},{height}", "about:blank"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._ids = itertools.count(1)
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._socket: WebSocketClientConnection
        self.complaints: list[str] = []
        """Errors of scripts, and dialogs that a page has opened."""

    async def __aenter__(self) -> Browser:
        port_file = self._profile / "DevToolsActivePort"
        end = time.monotonic() + 30
        while not (port_file.exists() and port_file.read_text().strip()):
            if time.monotonic() > end:
                raise TimeoutError("Chromium has not started within 30 s")
            await asyncio.sleep(0.1)
        port = port_file.read_text().split()[0]
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/json/list") as answer:
            [page] = [target for target in json.load(answer) if target["type"] == "page"]
        self._socket = await websocket_connect(page["webSocketDebuggerUrl"], max_message_size=2**28)
        self._reader = asyncio.create_task(self._read())
        for domain in ("Page", "Runtime"):
            await self.call(f"{domain}.enable")
        return self

    async def __aexit__(self, *_: object) -> None:
        self._reader.cancel()
        self._socket.close()
        self._process.terminate()
        self._process.wait(timeout=10)
        shutil.rmtree(self._profile, ignore_errors=True)

    async def _read(self) -> None:
        while (text := await self._socket.read_message()) is not None:
            message = json.loads(text)
            if message.get("id") in self._answers:
                self._answers.pop(message["id"]).set_result(message)
            elif message.get("method") == "Runtime.exceptionThrown":
                details = message["params"]["exceptionDetails"]
                self.complaints.append(details.get("exception", {}).get("description") or details["text"])
            elif message.get("method") == "Page.javascriptDialogOpening":
                self.complaints.append(f"a dialog: {message['params']['message']}")
                self._send("Page.handleJavaScriptDialog", accept=True)

    def _send(self, method: str, **parameters: Any) -> int:
        number = next(self._ids)
        self._socket.write_message(json.dumps({"id": number, "method": method, "params": parameters}))
        return number

    async def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Call a method of the protocol."""
        number = self._send(method, **parameters)
        answer = self._answers[number] = asyncio.get_running_loop().create_future()
        message = await asyncio.wait_for(answer, 60)
        if "error" in message:
            raise RuntimeError(f"{method}: {message['error']['message']}")
        return dict(message["result"])

    async def open(self, address: str) -> None:
        """Go to a page."""
        await self.call("Page.navigate", url=address)

    async def ask(self, script: str) -> Any:
        """Return the value of a JavaScript expression, awaited if it is a promise."""
        result = await self.call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in result:
            raise RuntimeError(f"{script}: {result['exceptionDetails']}")
        return result["result"].get("value")

    async def until(self, script: str, timeout: float = 60.0) -> None:
        """Wait until a JavaScript expression is true."""
        end = time.monotonic() + timeout
        while not await self.ask(script):
            if time.monotonic() > end:
                raise TimeoutError(f"not within {timeout:.0f} s: {script}")
            await asyncio.sleep(0.1)

    async def picture(self, path: Path) -> None:
        """Save a picture of the page as PNG."""
        shot = await self.call("Page.captureScreenshot", format="png")
        path.write_bytes(base64.b64decode(shot["data"]))
        print(f"  {path}")
