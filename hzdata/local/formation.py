"""How started members become one cluster, and how we know."""

from __future__ import annotations

import time
from collections.abc import Sequence

from .errors import LocalClusterError
from .launch import Launcher
from .member import Member, MemberState

__all__ = ["SMALLEST_CP", "await_cp", "boot"]

SMALLEST_CP = 3
"""The smallest number of CP members that the CP Subsystem works with."""

_POLL_SECONDS = 0.02


def boot(members: Sequence[Member], starting: Sequence[Member], launcher: Launcher, timeout: float) -> None:
    """Start some of a cluster's members and wait until all that run see each other.

    The first member of a cluster starts alone, the others at the same time: they require it, so however their starts
    interleave they join it and never found a second cluster. (All at once does not work: members that find each other
    unjoined elect the one with the lowest address, which may be one that waits for another. It would gain little: the
    start of one member keeps two cores busy.)

    Parameters
    ----------
    members
        All members of the cluster, in whatever state.
    starting
        Those of them to start. When this fails, they are killed.
    timeout
        Seconds until it is an error.

    Raises
    ------
    LocalClusterError
        When one dies on the way, or the time is over.
    """
    deadline = time.monotonic() + timeout
    anchor = next((member for member in members if member.state is MemberState.RUNNING), None)
    paused = next((member for member in members if member.state is MemberState.PAUSED), None)
    if anchor is None and paused is not None:
        raise LocalClusterError(
            f"no member is running that another could join: call resume_member({paused.index}) first."
        )
    addresses = [member.address for member in members]
    from tqdm.auto import tqdm

    # disable=None: no bar where there is neither a terminal nor a notebook.
    with tqdm(total=len(starting), desc="booting members", unit="", leave=False, disable=None) as bar:
        # Members that a pause has parted merge first: who joins one of them just then fails to start, or joins twice.
        while anchor and not _are_one(members):
            _check(members, [], launcher, deadline, timeout)
            time.sleep(_POLL_SECONDS)
        rounds = [starting] if anchor else [starting[:1], starting[1:]]
        for group in filter(None, rounds):
            launched: list[Member] = []
            try:
                for member in group:
                    launcher.launch(member, addresses, required=anchor.address if anchor else None)
                    launched.append(member)
                while not (all(member.has_started() for member in group) and _are_one(members)):
                    _check(members, group, launcher, deadline, timeout)
                    time.sleep(_POLL_SECONDS)
            except BaseException:
                # Not those that refused to be launched: they run already.
                for member in launched:
                    if member.is_alive:
                        member.kill()
                raise
            for member in group:
                member.set_running()
            bar.update(len(group))
            anchor = group[0]


def await_cp(members: Sequence[Member], cp_members: int, timeout: float) -> None:
    """Wait until enough members for a majority group know that they are members of the CP Subsystem."""
    deadline = time.monotonic() + timeout
    while sum(member.log.has_cp() for member in members) < SMALLEST_CP:
        if time.monotonic() > deadline:
            raise LocalClusterError(
                f"the CP Subsystem has not found its {cp_members} members within {timeout:g} s: "
                "pass a larger timeout=, or look at what config= says of it."
            )
        time.sleep(_POLL_SECONDS)


def _are_one(members: Sequence[Member]) -> bool:
    """Whether all members that answer see exactly each other, and maybe paused ones, which nobody misses yet."""
    answering = [m for m in members if m.state in (MemberState.STARTING, MemberState.RUNNING)]
    views = {member.log.view() for member in answering}
    if len(views) != 1:
        return False
    seen = {address for address, _ in views.pop()}
    wanted = {member.address for member in answering}
    paused = {member.address for member in members if member.state is MemberState.PAUSED}
    return wanted <= seen <= wanted | paused


def _check(
    members: Sequence[Member], starting: Sequence[Member], launcher: Launcher, deadline: float, timeout: float
) -> None:
    """Raise when a member has failed or the time is over."""
    for member in starting:
        if member.has_failed():
            given = launcher.given
            remedy = f"mend {' or '.join(given)}" if given else "the exception's .log holds all it said"
            raise LocalClusterError(
                f"member {member.index} ({member.address}) died at boot, it says "
                f"{member.log.cause_of_death()!r}: {remedy}.",
                log=member.log.text(),
            )
    if time.monotonic() <= deadline:
        return
    for member in starting:
        if not member.has_started():
            last = member.log.text().strip().splitlines()[-1:] or ["nothing"]
            raise LocalClusterError(
                f"member {member.index} ({member.address}) has not started within {timeout:g} s, the last it "
                f"logged is {last[0]!r}: pass a larger timeout=, or look for what else uses the machine.",
                log=member.log.text(),
            )
    seen = {member.address: len(member.log.view()) for member in members if member.is_alive}
    raise LocalClusterError(
        f"the members have not formed one cluster within {timeout:g} s, they see this many: {seen}: "
        "pass a larger timeout=, or wait until members that were paused have found the others again."
    )
