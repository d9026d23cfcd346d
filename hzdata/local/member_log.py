"""What a member's log tells: that it has started, whom it sees, why it died."""

from __future__ import annotations

import re
from pathlib import Path

__all__ = ["LOG_FORMAT", "MemberLog"]

LOG_FORMAT = "%1$tF %1$tT.%1$tL %4$s %3$s: %5$s%6$s%n"
"""One line a record, for ``java.util.logging.SimpleFormatter``."""

_STARTED = re.compile(r"\]:\d+ is STARTED\s*$", re.MULTILINE)
_SHUT_DOWN = re.compile(r"\]:\d+ is SHUTDOWN\s*$", re.MULTILINE)
_CP_READY = re.compile(r"RaftNode\(METADATA\): .*Status is set to: ACTIVE")
_VIEW = re.compile(r"^Members \{size:\d+, ver:\d+\} \[\n(.*?)^\]", re.MULTILINE | re.DOTALL)
_VIEWED_MEMBER = re.compile(r"Member \[([^\]]+)\]:(\d+) - ([0-9a-f-]{36})")

# The decisive line of a log that ends in failure: the first of these that is found, its first or its last occurrence.
_CAUSES: tuple[tuple[re.Pattern[str], int], ...] = (
    # What the configuration's schema finds: what is wrong, and the place as a JSON pointer.
    (re.compile(r'^Exception in thread "main" (.+)\n\s+instance (location: #/\S*)$', re.MULTILINE), 0),
    (re.compile(r"^Caused by: (.+)$", re.MULTILINE), -1),
    (re.compile(r"^Exception in thread \S+ (.+)$", re.MULTILINE), 0),
    (re.compile(r"^((?:[a-z]\w*\.)+[A-Z]\w*(?:Exception|Error)\b.*)$", re.MULTILINE), 0),
    (re.compile(r"^\S+ \S+ SEVERE (.+)$", re.MULTILINE), 0),
    # What the JVM says before it is one.
    (re.compile(r"^Error occurred during initialization of VM\n(.+)$", re.MULTILINE), 0),
    (re.compile(r"^((?:Error|Unrecognized|Invalid|Too small)\b.+)$", re.MULTILINE), 0),
)


class MemberLog:
    """The log file of a member; what was there when the member was last launched is not looked at.

    Parameters
    ----------
    path
        The file. It need not be there yet.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._start = 0

    def mark(self) -> None:
        """Look only at what is written from now on."""
        self._start = self.path.stat().st_size if self.path.exists() else 0

    def text(self) -> str:
        """Return the whole log."""
        return self._read(0)

    def has_started(self) -> bool:
        return _STARTED.search(self._latest()) is not None

    def has_shut_down(self) -> bool:
        return _SHUT_DOWN.search(self._latest()) is not None

    def has_cp(self) -> bool:
        """Whether the member takes part in the group that the CP Subsystem starts with."""
        return _CP_READY.search(self._latest()) is not None

    def view(self) -> frozenset[tuple[str, str]]:
        """Return the (address, uuid) of every member this one sees, itself included; empty before it has joined."""
        views = _VIEW.findall(self._latest())
        members = _VIEWED_MEMBER.findall(views[-1]) if views else ()
        return frozenset((f"{host}:{port}", uuid) for host, port, uuid in members)

    def cause_of_death(self) -> str:
        """Return the line that says best why the member died."""
        text = self._latest()
        for pattern, which in _CAUSES:
            found = pattern.findall(text)
            if found:
                line = found[which]
                return line.strip() if isinstance(line, str) else ", ".join(line)
        lines = text.strip().splitlines()
        return lines[-1].strip() if lines else "it left no log"

    def _latest(self) -> str:
        return self._read(self._start)

    def _read(self, start: int) -> str:
        try:
            with self.path.open("rb") as file:
                file.seek(start)
                return file.read().decode(errors="replace")
        except FileNotFoundError:
            return ""
