"""The text and the HTML face of a LocalCluster. They say the same."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .cluster import LocalCluster

__all__ = ["html", "text"]


def text(cluster: LocalCluster) -> str:
    """``<LocalCluster 'dev': Hazelcast 5.7.0, members: 0 127.0.0.1:5701 running; Java 17 (PATH)>``"""
    if cluster.is_closed:
        return f"<LocalCluster {cluster.cluster_name!r}: closed>"
    members = ", ".join(f"{m.index} {m.address} {m.state}" for m in cluster.members)
    return f"<LocalCluster {cluster.cluster_name!r}: {_what_runs(cluster)}; members: {members}>"


def html(cluster: LocalCluster) -> str:
    """The same as a heading and a table."""
    name = f"<strong>LocalCluster</strong> {escape(cluster.cluster_name)}"
    if cluster.is_closed:
        return f"<div>{name}: closed</div>"
    rows = "".join(
        f"<tr><td>{m.index}</td><td>{m.address}</td><td>{m.state}</td><td>{m.pid}</td></tr>" for m in cluster.members
    )
    return (
        f"<div>{name}: {escape(_what_runs(cluster))}</div>"
        "<table><thead><tr><th>member</th><th>address</th><th>state</th><th>pid</th></tr></thead>"
        f"<tbody>{rows}</tbody></table>"
    )


def _what_runs(cluster: LocalCluster) -> str:
    return f"Hazelcast {cluster.version} ({cluster.jars.origin}) on {cluster.java}"
