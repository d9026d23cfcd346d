"""A local cluster boots, tells what runs, and ends."""

from __future__ import annotations

from hzdata.local import LocalCluster


def test_a_cluster_of_one_member_runs_and_says_so(cluster: LocalCluster) -> None:
    assert len(cluster.addresses) == 1
    assert f"{cluster.addresses[0]} running" in repr(cluster)
