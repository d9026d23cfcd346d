"""Members found through a coordinator, whose answers are scripted; the members are real."""

from __future__ import annotations

import http.server
import json
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme

import hzdata
from hzdata import LocalCluster
from hzdata.core import db
from hzdata.core.discovery import HazelcastCloudDiscovery
from hzdata.core.errors import AuthenticationError, HazelcastError, IllegalStateError
from tests.waiting import until

CA = trustme.CA()
TOKEN = "t0ken/+&"


class Coordinator(http.server.ThreadingHTTPServer):
    """Answers every request as it is told to."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.status = 200
        self.body: Any = []
        self.asked: list[str] = []
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        CA.issue_cert("localhost").configure_cert(context)
        self.socket = context.wrap_socket(self.socket, server_side=True)
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()


class Handler(http.server.BaseHTTPRequestHandler):
    server: Coordinator

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        body = json.dumps(self.server.body).encode()
        self.send_response(self.server.status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def coordinator(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Coordinator]:
    CA.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    server = Coordinator()
    monkeypatch.setattr(HazelcastCloudDiscovery, "_CLOUD_URL_BASE", f"localhost:{server.server_port}")
    yield server
    server.shutdown()
    server.server_close()


def outside(address: str) -> dict[str, str]:
    """What the coordinator tells of a member: from outside it has another name."""
    return {"private-address": address, "public-address": address.replace("127.0.0.1", "localhost")}


def reached(client: Any) -> set[str]:
    return {f"{c.remote_address.host}:{c.remote_address.port}" for c in client._context.connections.connections()}


def test_members_are_reached_where_the_coordinator_says(coordinator: Coordinator, cluster3: LocalCluster) -> None:
    coordinator.body = [outside(address) for address in cluster3.addresses]
    with hzdata.connect(cloud_discovery_token=TOKEN, cluster_name="three") as client:
        assert reached(client) == {each["public-address"] for each in coordinator.body}
        assert client.get_map("m").size().result() >= 0
        assert TOKEN not in repr(client.config)
    assert coordinator.asked == ["/cluster/discovery?token=t0ken%2F%2B%26"]


def test_a_private_address_without_a_port_has_the_public_ones(coordinator: Coordinator, cluster: LocalCluster) -> None:
    told = outside(cluster.addresses[0])
    coordinator.body = [{**told, "private-address": "127.0.0.1"}]
    with hzdata.connect(cloud_discovery_token=TOKEN, cluster_name="one") as client:
        assert reached(client) == {told["public-address"]}


def test_a_member_that_the_coordinator_did_not_tell_is_asked_for(
    coordinator: Coordinator, cluster3: LocalCluster
) -> None:
    one, *others = cluster3.addresses
    coordinator.body = [outside(one)]
    with hzdata.connect(cloud_discovery_token=TOKEN, cluster_name="three") as client:
        assert len(client.cluster_service.get_members()) == 3
        assert reached(client) == {outside(one)["public-address"]}
        coordinator.body += [outside(address) for address in others]
        until(lambda: len(reached(client)) == 3)


def test_a_dsn_may_hold_the_token(coordinator: Coordinator, cluster: LocalCluster) -> None:
    coordinator.body = [outside(cluster.addresses[0])]
    with db.connect(dsn="hz://?cluster.name=one&cloud.token=abc") as connection:
        assert connection.cursor().execute("SELECT 1") is None
    assert coordinator.asked == ["/cluster/discovery?token=abc"]


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (503, {}, "HTTP status 503"),
        (401, {"message": f"no cluster for {TOKEN}"}, "refused the cloud_discovery_token.*401"),
        (200, {"message": "none"}, "no list of addresses"),
        (200, [{"private-address": "10.0.0.1"}], "public-address"),
        (200, [{"private-address": "10.0.0.1", "public-address": "a b"}], "is no address"),
    ],
)
def test_an_answer_that_is_no_list_is_told_without_the_token(
    coordinator: Coordinator, status: int, body: Any, said: str
) -> None:
    coordinator.status, coordinator.body = status, body
    with pytest.raises(HazelcastError, match=said) as failed:
        hzdata.connect(cloud_discovery_token=TOKEN, cluster_connect_timeout=0)
    error: BaseException | None = failed.value
    while error is not None:
        assert TOKEN not in str(error)
        error = error.__cause__ or error.__context__


def test_a_token_that_is_refused_is_not_tried_again(coordinator: Coordinator) -> None:
    coordinator.status = 404
    with pytest.raises(AuthenticationError, match="refused the cloud_discovery_token"):
        hzdata.connect(cloud_discovery_token=TOKEN)
    assert len(coordinator.asked) == 1


def test_a_coordinator_that_cannot_prove_itself_is_told_nothing(
    coordinator: Coordinator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    with pytest.raises(HazelcastError, match="CERTIFICATE_VERIFY_FAILED"):
        hzdata.connect(cloud_discovery_token=TOKEN)
    assert coordinator.asked == []


def test_members_are_found_in_one_way_only() -> None:
    with pytest.raises(IllegalStateError, match="give one"):
        hzdata.core.HazelcastClient(cloud_discovery_token=TOKEN, cluster_members=["10.0.0.1"])
