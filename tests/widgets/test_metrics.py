"""Metrics of a member, decoded from the bytes that a 5.7.0 member sent."""

from __future__ import annotations

from pathlib import Path

import pytest

from hzdata.core.protocol.metrics import COUNT, Metric, encode_metrics
from hzdata.widgets.metrics import decode_metrics

BLOB = (Path(__file__).parent / "data" / "metrics-5.7.0.bin").read_bytes()


def test_every_metric_of_a_member_is_read() -> None:
    metrics = decode_metrics(BLOB)
    assert len(metrics) == 355
    assert Metric("runtime.maxMemory", 314_572_800) in metrics
    assert Metric("runtime.availableProcessors", 2) in metrics
    assert Metric("os.systemCpuLoad", 25.202429149797574) in metrics
    assert Metric("map.ownedEntryCount", 1, "people", COUNT) in metrics


@pytest.mark.parametrize("blob", [b"", BLOB[:100], BLOB[:-20], BLOB[:10] + b"xx" + BLOB[12:]])
def test_broken_metrics_are_one_kind_of_error(blob: bytes) -> None:
    with pytest.raises(ValueError, match="broken metrics"):
        decode_metrics(blob)


def test_metrics_of_another_version_are_refused_by_name() -> None:
    with pytest.raises(ValueError, match="version 2"):
        decode_metrics(b"\x00\x02" + BLOB[2:])


def test_what_is_encoded_is_read_back() -> None:
    metrics = [
        Metric("nearcache.hits", 2**40, "a map, ünïcode 🌍", COUNT),
        Metric("nearcache.hits", -1, "another", COUNT),
        Metric("os.systemLoadAverage", 0.25),
        Metric("os.totalSwapSpaceSize", 0),
    ]
    assert decode_metrics(encode_metrics(metrics)) == metrics
    assert decode_metrics(encode_metrics([])) == []


def test_a_subject_that_is_too_long_for_a_word_is_cut() -> None:
    [metric] = decode_metrics(encode_metrics([Metric("nearcache.hits", 1, "x" * 300)]))
    assert metric.subject == "x" * 255
