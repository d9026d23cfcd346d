"""Metrics of a member, decoded from the bytes that a 5.7.0 member sent."""

from __future__ import annotations

from pathlib import Path

import pytest

from hzdata.core.protocol.metrics import Metric, decode_metrics

BLOB = (Path(__file__).parent / "data" / "metrics-5.7.0.bin").read_bytes()


def test_every_metric_of_a_member_is_read() -> None:
    metrics = decode_metrics(BLOB)
    assert len(metrics) == 355
    assert Metric("runtime.maxMemory", 314_572_800) in metrics
    assert Metric("runtime.availableProcessors", 2) in metrics
    assert Metric("os.systemCpuLoad", 25.202429149797574) in metrics
    assert Metric("map.ownedEntryCount", 1, "people") in metrics


@pytest.mark.parametrize("blob", [b"", BLOB[:100], BLOB[:-20], BLOB[:10] + b"xx" + BLOB[12:]])
def test_broken_metrics_are_one_kind_of_error(blob: bytes) -> None:
    with pytest.raises(ValueError, match="broken metrics"):
        decode_metrics(blob)


def test_metrics_of_another_version_are_refused_by_name() -> None:
    with pytest.raises(ValueError, match="version 2"):
        decode_metrics(b"\x00\x02" + BLOB[2:])
