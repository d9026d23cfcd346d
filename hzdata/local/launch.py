"""The command line and environment that a member is started with."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from .configuration import Config, write_configuration
from .errors import LocalClusterError
from .java import Java
from .member import Member
from .member_log import LOG_FORMAT

__all__ = ["Launcher", "checked_class_path", "checked_heap"]

MAIN_CLASS = "com.hazelcast.core.server.HazelcastMemberStarter"
SMALLEST_HEAP = 64 << 20

JVM_OPTIONS = (
    "-Djava.net.preferIPv4Stack=true",
    # Its file in /tmp/hsperfdata_USER would stay behind when a member is killed.
    "-XX:-UsePerfData",
    f"-Djava.util.logging.SimpleFormatter.format={LOG_FORMAT}",
    # What Hazelcast asks for on Java 9 and later; without it, it warns and does without its fast paths.
    # See: https://docs.hazelcast.com/hazelcast/latest/getting-started/install-hazelcast
    *("--add-modules", "java.se"),
    *("--add-exports", "java.base/jdk.internal.ref=ALL-UNNAMED"),
    *("--add-opens", "java.base/java.lang=ALL-UNNAMED"),
    *("--add-opens", "java.base/sun.nio.ch=ALL-UNNAMED"),
    *("--add-opens", "java.management/sun.management=ALL-UNNAMED"),
    *("--add-opens", "jdk.management/com.sun.management.internal=ALL-UNNAMED"),
)

_UNITS = {"k": 1 << 10, "m": 1 << 20, "g": 1 << 30}


def checked_heap(heap: str, members: int) -> str:
    """Return ``heap`` (as in ``-Xmx``) when a member can live with it and this machine can hold all of them.

    Raises
    ------
    LocalClusterError
        When it is no size, too small for a member, or more than there is.
    """
    match = re.fullmatch(r"(\d+)([kmg])", heap.lower()) if isinstance(heap, str) else None
    if match is None:
        raise LocalClusterError(f"heap={heap!r} is no heap size: pass digits and a unit, as in heap='512m' or '2g'.")
    size = int(match[1]) * _UNITS[match[2]]
    if size < SMALLEST_HEAP:
        raise LocalClusterError(
            f"heap={heap!r} is too small for a member: pass at least heap='{SMALLEST_HEAP >> 20}m'."
        )
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    if size * members > memory:
        raise LocalClusterError(
            f"{members} x heap={heap!r} is more than the {memory >> 20} MB of this machine: pass a smaller heap="
            + (" or fewer members." if members > 1 else ".")
        )
    return heap


def checked_class_path(class_path: Iterable[str | os.PathLike[str]]) -> tuple[Path, ...]:
    """Return the entries as absolute paths; an entry that does not exist is a LocalClusterError."""
    if isinstance(class_path, (str, os.PathLike)):
        class_path = (class_path,)
    paths = tuple(Path(entry).expanduser().absolute() for entry in class_path)
    for path in paths:
        if not path.exists():
            raise LocalClusterError(f"classpath: {path} does not exist: pass jars, or directories of classes.")
    return paths


@dataclass(frozen=True)
class Launcher:
    """What all members of a cluster are started with.

    Attributes
    ----------
    configuration : dict
        What their configuration files have in common.
    given : tuple of str
        The arguments of the user that may be to blame when a member does not boot, as ``"config="``.
    """

    java: Java
    class_path: Sequence[Path]
    heap: str
    jvm_args: Sequence[str]
    configuration: Config
    given: tuple[str, ...]

    def launch(self, member: Member, addresses: Sequence[str], required: str | None) -> None:
        """Write the configuration file of ``member`` and start its process; see `write_configuration`."""
        write_configuration(member.configuration, self.configuration, member.port, addresses, required)
        # Members would take HZ_ variables over their configuration.
        env = {name: value for name, value in os.environ.items() if not name.startswith("HZ_")}
        member.launch(self._command_line(member.configuration), env)

    def _command_line(self, configuration: Path) -> list[str]:
        return [
            str(self.java.executable),
            f"-Xmx{self.heap}",
            *JVM_OPTIONS,
            f"-Djava.io.tmpdir={configuration.parent}",
            f"-Dhazelcast.config={configuration}",
            *self.jvm_args,
            "-cp",
            os.pathsep.join(map(str, self.class_path)),
            MAIN_CLASS,
        ]
