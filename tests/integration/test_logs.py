"""What the client logs, and what it never tells."""

from __future__ import annotations

import logging
import re
import traceback
from typing import Any

import pytest

import hzdata
from hzdata import LocalCluster
from hzdata.core.errors import HazelcastError
from hzdata.core.security import BasicTokenProvider

SECRET = "s3cret-0f-ada"


def test_a_log_tells_how_a_client_fares(cluster3: LocalCluster, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "hzdata"):
        client = cluster3.connect(client_name="ada")
        members = client.cluster_service.get_members()
        client.shutdown()
    assert all(record.name.startswith("hzdata.core.") for record in caplog.records)
    log = "\n".join(f"{record.name.rpartition('.')[2]} {record.message}" for record in caplog.records)
    at = 0
    for line in (
        "lifecycle ada is STARTING",
        "lifecycle ada is STARTED",
        r"connections connecting to \[127\.0\.0\.1\]:\d+",
        r"connections authenticated with \[127\.0\.0\.1\]:\d+, server version \d\S*, local address \[127\.",
        "lifecycle ada is CONNECTED",
        "lifecycle ada is SHUTTING_DOWN",
        "lifecycle ada is DISCONNECTED",
        "lifecycle ada is SHUTDOWN",
    ):
        found = re.compile(line).search(log, at)
        assert found, f"{line} is not in {log[at:]}"
        at = found.end()
    for member in members:
        assert f"connection to {member.address} closed" in log
    block = "\n".join(f"\t{member}" for member in members)
    assert log.count(f"Members [3] {{\n{block}\n}}") == 1
    assert not [record for record in caplog.records if record.levelno > logging.INFO]


@pytest.mark.parametrize(
    "options",
    [
        {"creds_username": "ada", "creds_password": SECRET},
        {"token_provider": BasicTokenProvider(SECRET)},
        {"cloud_discovery_token": SECRET},
        {"ssl_enabled": True, "ssl_certfile": __file__, "ssl_password": SECRET},
        {"creds_password": 5, "creds_username": "ada"},
    ],
)
def test_a_secret_is_in_no_log_no_repr_and_no_traceback(
    cluster: LocalCluster, caplog: pytest.LogCaptureFixture, options: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hzdata.core.discovery.HazelcastCloudDiscovery._CLOUD_URL_BASE", "127.0.0.1:1")
    addresses = () if "cloud_discovery_token" in options else cluster.addresses
    with caplog.at_level(logging.DEBUG), pytest.raises(HazelcastError) as failed:
        hzdata.connect(*addresses, cluster_name="one", cluster_connect_timeout=0, **options)
    said = "".join(traceback.format_exception(failed.value)) + caplog.text
    assert SECRET not in said


def test_a_client_shows_no_secret(cluster: LocalCluster) -> None:
    client = cluster.connect(ssl_password=SECRET)
    for shown in (client, client.config, client._context, client._context.connections):
        assert SECRET not in repr(shown)
    client.shutdown()
