"""The owner's end of the supervisor: starting member processes and sending them signals."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from . import supervisor
from .errors import LocalClusterError

__all__ = ["MemberProcesses"]

_CLOSE_SECONDS = 10.0


class MemberProcesses:
    """The processes of one cluster. They end when this is closed, and when this interpreter ends, however it does.

    Parameters
    ----------
    directory
        The processes' working directory. It is removed with them.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.owner = os.getpid()
        self._lock = threading.Lock()
        self._closed = False
        self._numbers = itertools.count()
        self._supervisor = subprocess.Popen(
            [sys.executable, "-I", "-S", supervisor.__file__, str(self.owner), str(directory)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd="/",
            # A session of its own: Ctrl-C in the terminal is for the owner, not for the members.
            start_new_session=True,
        )

    @property
    def supervisor_pid(self) -> int:
        return self._supervisor.pid

    @property
    def is_ours(self) -> bool:
        """False in a fork of the process that started them."""
        return os.getpid() == self.owner

    def launch(self, name: str, argv: list[str], env: dict[str, str], log: Path) -> int:
        """Start a process and return its pid. What it prints is appended to ``log``.

        Raises
        ------
        LocalClusterError
            When it cannot be run, or the cluster is closed.
        """
        answer = self._ask(
            {"do": "launch", "name": name, "argv": argv, "env": env, "log": str(log), "cwd": str(self.directory)}
        )
        if "error" in answer:
            raise LocalClusterError(f"{argv[0]} cannot be run: {answer['error']}. Set JAVA_HOME to another Java.")
        pid: int = answer["pid"]
        return pid

    def signal(self, name: str, number: int) -> None:
        """Send a signal. A process that has ended already does not mind."""
        self._ask({"do": "signal", "name": name, "number": int(number)})

    def pause(self, name: str) -> None:
        """Send SIGSTOP and return when the process stands still."""
        self._ask({"do": "pause", "name": name})

    def exit_code(self, name: str) -> int | None:
        """Return the exit code (-n when killed by signal n), or None while the process lives, and in a fork."""
        if not self.is_ours:
            return None
        try:
            code: int | None = self._ask({"do": "status", "name": name})["code"]
        except LocalClusterError:
            # Without the supervisor there are no processes.
            return -signal.SIGKILL
        return code

    def close(self) -> None:
        """Kill every process and remove the directory. Does nothing the second time, and in a fork."""
        if not self.is_ours:
            return
        with self._lock:
            self._closed = True
            process = self._supervisor
            assert process.stdin is not None
            assert process.stdout is not None
            with contextlib.suppress(OSError):
                process.stdin.close()
            try:
                process.wait(_CLOSE_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            process.stdout.close()
        # Gone already, unless the supervisor was killed.
        shutil.rmtree(self.directory, ignore_errors=True)

    def _ask(self, command: dict[str, Any]) -> dict[str, Any]:
        if not self.is_ours:
            raise LocalClusterError(
                f"this cluster belongs to process {self.owner}, of which this one is a fork: connect to its "
                "addresses, or boot a LocalCluster here."
            )
        with self._lock:
            if self._closed:
                raise LocalClusterError("this cluster is closed: boot a new LocalCluster.")
            number = next(self._numbers)
            assert self._supervisor.stdin is not None
            assert self._supervisor.stdout is not None
            with contextlib.suppress(OSError):
                self._supervisor.stdin.write(json.dumps({"id": number, **command}).encode() + b"\n")
                self._supervisor.stdin.flush()
                for line in self._supervisor.stdout:
                    answer: dict[str, Any] = json.loads(line)
                    # Earlier answers are those that a Ctrl-C kept us from reading.
                    if answer["id"] == number:
                        return answer
        raise LocalClusterError(
            "the process that watches this cluster's members was killed, and they with it: boot a new LocalCluster."
        )
