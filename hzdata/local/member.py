"""One member: a process, its address, its log, its state."""

from __future__ import annotations

import signal
import time
from enum import StrEnum

from .errors import LocalClusterError
from .member_log import MemberLog
from .ports import HOST, PortReservation
from .processes import MemberProcesses

__all__ = ["Member", "MemberState"]

_POLL_SECONDS = 0.02
_KILL_SECONDS = 10.0


class MemberState(StrEnum):
    """What a member is doing."""

    NEW = "new"
    STARTING = "starting"
    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"
    """It left the cluster as asked, its data handed over first."""
    KILLED = "killed"
    DIED = "died"
    """It ended without being told to."""


_ALIVE = frozenset({MemberState.STARTING, MemberState.RUNNING, MemberState.PAUSED})
_ENDED = frozenset({MemberState.NEW, MemberState.STOPPED, MemberState.KILLED, MemberState.DIED})


class Member:
    """A member of a local cluster.

    Attributes
    ----------
    index : int
        Which one it is: ``cluster.members[index]``.
    address : str
        Where it listens, ``"127.0.0.1:5701"``; the same when it is started again.
    pid : int or None
        Its process, None before the first start.
    """

    def __init__(self, index: int, reservation: PortReservation, processes: MemberProcesses) -> None:
        self.index = index
        self.port = reservation.port
        self.address = f"{HOST}:{reservation.port}"
        self.pid: int | None = None
        self.log = MemberLog(processes.directory / f"member-{index}.log")
        self.configuration = processes.directory / f"member-{index}.yaml"
        self._name = str(index)
        # Held as long as the member may be started again.
        self._reservation = reservation
        self._processes = processes
        self._state = MemberState.NEW

    def __repr__(self) -> str:
        return f"<Member {self.index}: {self.address} {self.state}>"

    @property
    def state(self) -> MemberState:
        """What it is doing now."""
        if self._state in _ALIVE and self._exit_code() is not None:
            self._state = MemberState.DIED
        return self._state

    @property
    def is_alive(self) -> bool:
        """Whether there is a process, paused or not."""
        return self.state in _ALIVE

    def launch(self, argv: list[str], env: dict[str, str]) -> None:
        """Start the process; it will be starting, not running."""
        self._require("started", _ENDED)
        self.log.mark()
        self.pid = self._processes.launch(self._name, argv, env, self.log.path)
        self._state = MemberState.STARTING

    def has_started(self) -> bool:
        """Whether the member says that it has started since it was launched."""
        return self.log.has_started()

    def has_failed(self) -> bool:
        """Whether the member ended, or shut itself down, instead of starting."""
        return self._state is not MemberState.RUNNING and (self._exit_code() is not None or self.log.has_shut_down())

    def set_running(self) -> None:
        """Note that the member has started and joined."""
        if self._state is MemberState.STARTING:
            self._state = MemberState.RUNNING

    def kill(self) -> None:
        """End the process at once (SIGKILL), whatever it is doing."""
        self._require("killed", _ALIVE)
        self._signal(signal.SIGKILL)
        self._await_exit(_KILL_SECONDS, "is not gone after SIGKILL")
        self._state = MemberState.KILLED

    def stop(self, timeout: float) -> None:
        """Ask it to hand its data over and leave (SIGTERM), and wait until it has."""
        self._require("stopped", frozenset({MemberState.RUNNING}))
        self._signal(signal.SIGTERM)
        self._await_exit(timeout, f"has not stopped within {timeout:g} s: kill_member({self.index}) ends it")
        self._state = MemberState.STOPPED

    def pause(self) -> None:
        """Stop the process where it is (SIGSTOP): its sockets stay open and nobody answers."""
        self._require("paused", frozenset({MemberState.RUNNING}))
        self._processes.pause(self._name)
        self._state = MemberState.PAUSED

    def resume(self) -> None:
        """Let a paused process go on (SIGCONT)."""
        self._require("resumed", frozenset({MemberState.PAUSED}))
        self._signal(signal.SIGCONT)
        self._state = MemberState.RUNNING

    def set_closed(self) -> None:
        """Note that the cluster was closed: the process is gone, and the port given back."""
        if self._state in _ALIVE:
            self._state = MemberState.KILLED
        self._reservation.release()

    def _require(self, action: str, states: frozenset[MemberState]) -> None:
        state = self.state
        if state not in states:
            able = " or ".join(sorted(states))
            raise LocalClusterError(
                f"member {self.index} ({self.address}) is {state}: only a member that is {able} can be {action}."
            )

    def _signal(self, number: int) -> None:
        self._processes.signal(self._name, number)

    def _exit_code(self) -> int | None:
        return self._processes.exit_code(self._name)

    def _await_exit(self, timeout: float, otherwise: str) -> None:
        deadline = time.monotonic() + timeout
        while self._exit_code() is None:
            if time.monotonic() > deadline:
                raise LocalClusterError(f"member {self.index} ({self.address}) {otherwise}.")
            time.sleep(_POLL_SECONDS)
