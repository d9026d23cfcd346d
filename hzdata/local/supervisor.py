"""The process that starts members and does not let them outlive their owner. `MemberProcesses` is the owner's end.

It runs as a script, standard library only, so that it starts in a few milliseconds and whatever the environment.

    supervisor.py OWNER_PID DIRECTORY

Commands come on stdin, one JSON object a line, each with an "id", and each is answered by one line on stdout that has
the same id:

    {"do": "launch", "name": …, "argv": […], "env": {…}, "log": PATH, "cwd": PATH}   ->  {"pid": 123} or {"error": …}
    {"do": "signal", "name": …, "number": 9}                                         ->  {"sent": true}
    {"do": "pause", "name": …}                                                       ->  {"sent": true}
    {"do": "status", "name": …}                                                      ->  {"code": null or exit code}

The supervisor is the parent of the members: it alone reaps them, so a signal never hits a stranger that got a dead
member's pid. When stdin ends (the owner closed it, or died, SIGKILL included) or the owner is no longer the parent
(a fork of the owner may hold the pipe open), it kills the members, removes DIRECTORY and ends. SIGKILL ends paused
members too.

Why not a parent-death signal from owner to member: that fires when the *thread* that started the member ends. Between
supervisor and member it is right, since the supervisor has one thread: with it the members die even when the
supervisor itself is killed (Linux only).
"""

from __future__ import annotations

import json
import os
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

OWNER_CHECK_SECONDS = 1.0
PAUSE_SECONDS = 5.0


class Wards:
    """The processes that the supervisor started."""

    def __init__(self) -> None:
        self._processes: dict[str, subprocess.Popen[bytes]] = {}

    def launch(self, *, name: str, argv: list[str], env: dict[str, str], log: str, cwd: str) -> dict[str, int | str]:
        try:
            with open(log, "ab") as output:
                process = subprocess.Popen(
                    argv,
                    env=env,
                    cwd=cwd,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    preexec_fn=die_with_parent,
                )
        except (OSError, subprocess.SubprocessError) as error:
            return {"error": str(error)}
        self._processes[name] = process
        return {"pid": process.pid}

    def signal(self, *, name: str, number: int) -> dict[str, bool]:
        process = self._processes[name]
        alive = process.poll() is None
        if alive:
            process.send_signal(number)
        return {"sent": alive}

    def pause(self, *, name: str) -> dict[str, bool]:
        """Send SIGSTOP and answer when all threads stand still, which takes a while on a busy machine."""
        process = self._processes[name]
        answer = self.signal(name=name, number=signal.SIGSTOP)
        deadline = time.monotonic() + PAUSE_SECONDS
        # Python has no waitid on macOS before 3.13; then the signal has to do.
        while hasattr(os, "waitid") and process.poll() is None and time.monotonic() < deadline:
            if os.waitid(os.P_PID, process.pid, os.WSTOPPED | os.WNOHANG) is not None:
                break
            time.sleep(0.001)
        return answer

    def status(self, *, name: str) -> dict[str, int | None]:
        return {"code": self._processes[name].poll()}

    def kill_all(self) -> None:
        for process in self._processes.values():
            process.kill()
        for process in self._processes.values():
            process.wait()


def die_with_parent() -> None:
    """In the child, before exec: ask Linux for SIGKILL when the supervisor dies."""
    if sys.platform != "linux":
        return
    import ctypes

    pr_set_pdeathsig = 1
    ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGKILL)


def serve(owner: int, wards: Wards) -> None:
    handlers: dict[str, Callable[..., dict[str, Any]]] = {
        "launch": wards.launch,
        "pause": wards.pause,
        "signal": wards.signal,
        "status": wards.status,
    }
    received = b""
    while os.getppid() == owner:
        if not select.select([0], [], [], OWNER_CHECK_SECONDS)[0]:
            continue
        chunk = os.read(0, 65536)
        if not chunk:
            return
        *lines, received = (received + chunk).split(b"\n")
        for line in lines:
            command = json.loads(line)
            number, action = command.pop("id"), command.pop("do")
            answer = handlers[action](**command)
            os.write(1, json.dumps({"id": number, **answer}).encode() + b"\n")


def main() -> None:
    owner, directory = int(sys.argv[1]), sys.argv[2]
    # A polite end must be an orderly one.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    wards = Wards()
    try:
        serve(owner, wards)
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        wards.kill_all()
        shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    main()
