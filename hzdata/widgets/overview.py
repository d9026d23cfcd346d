"""What a dashboard shows: a headline and tables, made of a snapshot and a feed, for every face the same."""

from __future__ import annotations

import html
import time
from collections.abc import Collection, Mapping, Sequence

from hzdata.core.lifecycle import LifecycleState

from .cluster_state import LEFT, LIFECYCLE_WORDS, OUT_OF_REACH, UP, ClusterSnapshot, MemberState
from .feed import EventFeed
from .table import Cell, Column, Table, Tone, printable
from .vitals import PERIOD

__all__ = ["events_table", "headline", "headline_html", "headline_text", "maps_table", "members_table"]

_LIFECYCLE_TONES: dict[str, Tone] = {
    LifecycleState.CONNECTED: "good",
    LifecycleState.DISCONNECTED: "bad",
    LifecycleState.SHUTTING_DOWN: "bad",
    LifecycleState.SHUTDOWN: "bad",
}

_MEMBER_TONES: dict[str, Tone] = {UP: "good", OUT_OF_REACH: "busy", LEFT: "bad"}

_EVENT_TONES: dict[str, Tone] = {
    "member joined": "good",
    "member left": "bad",
    "error": "bad",
    "entry removed": "muted",
    "entry evicted": "muted",
    "entry expired": "muted",
}

_MEMBER_COLUMNS = (
    Column("Member"),
    Column("UUID"),
    Column("Version"),
    Column("Role"),
    Column("State"),
    Column("Since", right=True),
    Column("Partitions", right=True),
    Column("Heap", right=True, optional=True),
    Column("CPU", right=True, optional=True),
)

_MAP_COLUMNS = (
    Column("Map"),
    Column("Entries", right=True, optional=True),
    Column("Memory", right=True, optional=True),
    Column("Events"),
)

_EVENT_COLUMNS = (Column("Time"), Column("Event"), Column("What"))

_EVENTS_SHOWN = {True: "shown", False: "keys shown", None: "not shown"}

_UNITS = ("B", "kB", "MB", "GB", "TB")


def clock(moment: float, *, fraction: bool = False) -> str:
    """Return the local time of day, with the date when it is not today's."""
    local = time.localtime(moment)
    day = "" if local[:3] == time.localtime()[:3] else time.strftime("%Y-%m-%d ", local)
    thousandths = f".{int(moment * 1000) % 1000:03d}" if fraction else ""
    return day + time.strftime("%H:%M:%S", local) + thousandths


def size(count: float) -> str:
    """Return a number of bytes in words, in powers of 1,000."""
    for unit in _UNITS:
        if count < 1000 or unit == _UNITS[-1]:
            break
        count /= 1000
    return f"{count:.0f} {unit}" if count >= 10 or unit == "B" else f"{count:.1f} {unit}"


def plural(count: int, noun: str) -> str:
    """Return a count and its noun."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def headline(snapshot: ClusterSnapshot, closed_at: float | None = None) -> list[Cell]:
    """Return what comes first: which cluster, whether we are connected to it, and its size.

    Parameters
    ----------
    snapshot : ClusterSnapshot
    closed_at : float, optional
        Since when this is how it was, not how it is; seconds since the epoch.
    """
    state = LIFECYCLE_WORDS.get(snapshot.lifecycle, snapshot.lifecycle)
    since = f" since {clock(snapshot.since)}" if snapshot.since is not None else ""
    cells = [
        Cell(snapshot.cluster_name),
        Cell(f"{state}{since}", _LIFECYCLE_TONES.get(snapshot.lifecycle, "busy") if closed_at is None else "muted"),
        Cell(plural(snapshot.member_count, "member")),
        Cell(plural(snapshot.partition_count, "partition")),
    ]
    if closed_at is not None:
        cells.append(Cell(f"dashboard closed at {clock(closed_at)}", "muted"))
    return cells


def headline_text(cells: list[Cell]) -> str:
    """Return the headline as a line of plain text."""
    return "Hazelcast " + " · ".join(printable(cell.text) for cell in cells)


def headline_html(cells: list[Cell]) -> str:
    """Return the headline as an HTML element."""
    name, *rest = cells
    dot = '<span class="hz-dot"> · </span>'  # for notebooks that take the style sheet away
    items = "".join(f'{dot}<span class="hz-item">{cell.html()}</span>' for cell in rest)
    return (
        f'<div class="hz-headline"><strong>Hazelcast <span class="hz-name">'
        f"{html.escape(printable(name.text))}</span></strong>{items}</div>"
    )


def members_table(snapshot: ClusterSnapshot) -> Table:
    """Return the members, those that left lately last."""
    rows = [_member_row(member, snapshot.partition_count) for member in snapshot.members]
    empty = "the client is shut down" if snapshot.lifecycle == LifecycleState.SHUTDOWN else "no members in sight"
    return Table("Members", _MEMBER_COLUMNS, rows, empty=empty, name="members")


def _member_row(member: MemberState, partition_count: int) -> list[Cell]:
    up = member.state == UP
    tone: Tone = "" if up else "muted"
    vitals = member.vitals
    heap = cpu = Cell("")
    if vitals is not None:
        share = vitals.heap_used / vitals.heap_max if vitals.heap_max else None
        heap = Cell(f"{size(vitals.heap_used)} of {size(vitals.heap_max)}", share=share)
        if vitals.cpu is not None:
            cpu = Cell(f"{vitals.cpu:.0%}", share=vitals.cpu)
    share = member.partitions / partition_count if partition_count and up and not member.lite else None
    return [
        Cell(member.address, tone),
        Cell(member.uuid[:8], "muted", hint=member.uuid),
        Cell(member.version, tone),
        Cell("lite" if member.lite else "data", tone),
        Cell(member.state, _MEMBER_TONES[member.state]),
        Cell(clock(member.since) if member.since is not None else "", tone),
        Cell(f"{member.partitions:,}" if member.state != LEFT else "", tone, share=share),
        heap,
        cpu,
    ]


def maps_table(
    names: Sequence[str],
    sizes: Mapping[str, int],
    memory: Mapping[str, int],
    watched: Mapping[str, bool],
    limit: int,
) -> Table:
    """Return the maps of the cluster.

    Parameters
    ----------
    names : sequence of str
        The maps, the first ``limit`` of which are shown.
    sizes, memory : mapping of str to int
        Their entries, and the bytes that these take, as far as known.
    watched : mapping of str to bool
        The maps whose events are shown, and whether with their values.
    """
    rows = [
        [
            Cell(name),
            Cell(f"{sizes[name]:,}" if name in sizes else ""),
            Cell(size(memory[name]) if name in memory else ""),
            Cell(_EVENTS_SHOWN[watched.get(name)], "" if name in watched else "muted"),
        ]
        for name in names[:limit]
    ]
    notes = [f"memory measured every {PERIOD:.0f} s"] if memory else []
    if len(names) > limit:
        notes.append(f"{len(names) - limit:,} more not shown")
    note = ", ".join(notes)
    return Table("Maps", _MAP_COLUMNS, rows, note=note, name="maps")


def events_table(feed: EventFeed, watched: Collection[str], limit: int) -> Table:
    """Return the latest events, newest first."""
    events = feed.newest(limit)
    hidden = feed.total - sum(event.times for event in events)
    note = plural(feed.total, "event") + ", newest first" if feed.total else ""
    if hidden:
        note += f", {hidden:,} older not shown"
    rows = []
    for event in events:
        tone = _LIFECYCLE_TONES.get(event.subject, "") if event.kind == "client" else ""
        rows.append(
            [
                Cell(clock(event.time, fraction=True), "muted"),
                Cell(event.kind, tone or _EVENT_TONES.get(event.kind, "")),
                Cell(event.text),
            ]
        )
    empty = "none yet" if watched else "none yet; no map is watched, so no entry events are shown"
    return Table("Events", _EVENT_COLUMNS, rows, note=note, empty=empty, name="events")
