"""TLS through a proxy that ends it in front of a community member: good and bad certificates, mutual, large answers."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pandas as pd
import pytest
import trustme
from cryptography.hazmat.primitives import serialization

import hzdata
from hzdata import Client, LocalCluster
from hzdata.core import db
from hzdata.core.config import Config
from hzdata.core.errors import HazelcastError, InvalidConfigurationError

CA = trustme.CA()
OTHER_CA = trustme.CA()


class Proxy:
    """Speaks TLS with clients and plainly with a member."""

    def __init__(self, member: str, context: ssl.SSLContext) -> None:
        host, _, port = member.partition(":")
        self._member = (host, int(port))
        self._context = context
        self.ciphers: list[str] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                plain, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(plain,), daemon=True).start()

    def _serve(self, plain: socket.socket) -> None:
        try:
            outer = self._context.wrap_socket(plain, server_side=True)
        except OSError:
            plain.close()
            return
        cipher = outer.cipher()
        assert cipher is not None
        self.ciphers.append(cipher[0])
        inner = socket.create_connection(self._member)
        threading.Thread(target=_copy, args=(inner, outer), daemon=True).start()
        _copy(outer, inner)

    def close(self) -> None:
        self._listener.close()


def _copy(source: socket.socket, sink: socket.socket) -> None:
    try:
        while data := source.recv(65536):
            sink.sendall(data)
    except OSError:
        pass
    finally:
        for sock in (source, sink):
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


def server(host: str = "127.0.0.1", version: ssl.TLSVersion | None = None, mutual: bool = False) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    CA.issue_cert(host).configure_cert(context)
    if version is not None:
        context.minimum_version = context.maximum_version = version
    if mutual:
        CA.configure_trust(context)
        context.verify_mode = ssl.CERT_REQUIRED
    return context


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    place = tmp_path_factory.mktemp("tls")
    cert = CA.issue_cert("client")
    paths = {name: str(place / name) for name in ("ca", "other_ca", "cert", "key", "locked_key")}
    CA.cert_pem.write_to_path(paths["ca"])
    OTHER_CA.cert_pem.write_to_path(paths["other_ca"])
    cert.cert_chain_pems[0].write_to_path(paths["cert"])
    cert.private_key_pem.write_to_path(paths["key"])
    key = serialization.load_pem_private_key(cert.private_key_pem.bytes(), None)
    locked = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"s3cret"),
    )
    Path(paths["locked_key"]).write_bytes(locked)
    return paths


@pytest.fixture
def proxy(cluster: LocalCluster) -> Iterator[Any]:
    proxies: list[Proxy] = []

    def start(**options: Any) -> Proxy:
        proxies.append(Proxy(cluster.addresses[0], server(**options)))
        return proxies[-1]

    yield start
    for each in proxies:
        each.close()


def connect(proxy: Proxy, cafile: str, **options: Any) -> Client:
    # One connection for all: the members' own addresses, which they tell, are not those of the proxy.
    return hzdata.connect(
        proxy.address, cluster_name="one", smart_routing=False, ssl_enabled=True, ssl_cafile=cafile, **options
    )


def test_everything_goes_through_tls(proxy: Any, files: dict[str, str], unique_name: str) -> None:
    client = connect(proxy(), files["ca"], ssl_check_hostname=True)
    m = client.get_map(unique_name).blocking()
    m.put("large", "x" * 3_000_000)
    assert len(m.get("large")) == 3_000_000
    threads = [threading.Thread(target=lambda i=i: [m.put(f"{i}-{n}", n) for n in range(100)]) for i in range(8)]  # type: ignore[misc]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert m.size() == 801
    frame = pd.DataFrame({"id": range(50_000), "text": [f"text {i}" for i in range(50_000)]})
    frame.to_hz_map(unique_name + "_f", key="id", client=client)
    found = client.read_sql(f'SELECT * FROM "{unique_name}_f" ORDER BY __key')
    assert found["text"].tolist() == frame["text"].tolist()
    client.shutdown()


@pytest.mark.parametrize("version", ["TLSv1_2", "TLSv1_3"])
def test_the_version_is_the_one_that_was_chosen(proxy: Any, files: dict[str, str], version: str) -> None:
    client = connect(proxy(version=ssl.TLSVersion[version]), files["ca"], ssl_protocol=version)
    assert client.get_map("m").size().result() >= 0
    client.shutdown()


def test_the_cipher_is_one_of_those_that_were_allowed(proxy: Any, files: dict[str, str]) -> None:
    served = proxy()
    chosen = "ECDHE-ECDSA-AES128-SHA256"
    connect(served, files["ca"]).shutdown()
    assert chosen not in served.ciphers
    served.ciphers.clear()
    connect(served, files["ca"], ssl_ciphers=chosen).shutdown()
    assert set(served.ciphers) == {chosen}


@pytest.mark.parametrize(
    ("served", "options", "said"),
    [
        ({}, {"cafile": "other_ca"}, "CERTIFICATE_VERIFY_FAILED"),
        ({"host": "example.org"}, {"ssl_check_hostname": True}, "not valid for '127.0.0.1'"),
        ({"version": ssl.TLSVersion.TLSv1_3}, {"ssl_protocol": "TLSv1_2"}, "(?i)protocol.version"),
        ({"mutual": True}, {"ssl_protocol": "TLSv1_2"}, "(?i)handshake|certificate"),
    ],
)
def test_a_handshake_that_fails_says_why_at_once(
    proxy: Any, files: dict[str, str], served: dict[str, Any], options: dict[str, Any], said: str
) -> None:
    options = dict(options)
    with pytest.raises(HazelcastError, match=said):
        connect(proxy(**served), files[options.pop("cafile", "ca")], **options)


@pytest.mark.parametrize("password", ["s3cret", b"s3cret", bytearray(b"s3cret"), lambda: "s3cret"])
def test_a_client_shows_its_certificate(proxy: Any, files: dict[str, str], password: Any) -> None:
    options = {"ssl_certfile": files["cert"], "ssl_keyfile": files["locked_key"], "ssl_password": password}
    client = connect(proxy(mutual=True), files["ca"], **options)
    assert client.get_map("m").size().result() >= 0
    assert "s3cret" not in repr(client.config)
    client.shutdown()


def test_a_dsn_says_all_of_tls(proxy: Any, files: dict[str, str]) -> None:
    options = {
        "cluster.name": "one",
        "smart": "false",
        "ssl": "true",
        "ssl.ca.path": files["ca"],
        "ssl.cert.path": files["cert"],
        "ssl.key.path": files["locked_key"],
        "ssl.key.password": "s3cret",
    }
    with db.connect(dsn=f"hz://{proxy(mutual=True).address}?{urlencode(options)}") as connection:
        cursor = connection.cursor()
        cursor.execute("SELECT 1")
        assert cursor.fetchone()[0] == 1
    with pytest.raises(db.InterfaceError, match="ssl of the dsn: ssl_enabled must be True or False, not 'on'"):
        db.connect(dsn="hz://h?ssl=on")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"ssl_cafile": "/nowhere/ca.pem"}, "ssl_cafile='/nowhere/ca.pem'"),
        ({"ssl_certfile": "/nowhere/cert.pem"}, "ssl_certfile='/nowhere/cert.pem'"),
        ({"ssl_ciphers": "NONSENSE"}, "ssl_ciphers='NONSENSE'"),
        ({"ssl_protocol": "SSLv3"}, "ssl_protocol: .*TLSv1_2"),
    ],
)
def test_what_cannot_be_used_is_named(options: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidConfigurationError, match=said):
        hzdata.connect("127.0.0.1:1", ssl_enabled=True, **options)


def test_a_wrong_password_is_not_shown(files: dict[str, str]) -> None:
    with pytest.raises(InvalidConfigurationError, match="ssl_password") as refused:
        hzdata.connect(
            "127.0.0.1:1",
            ssl_enabled=True,
            ssl_certfile=files["cert"],
            ssl_keyfile=files["locked_key"],
            ssl_password="wr0ng",
        )
    assert "wr0ng" not in str(refused.value)
    with pytest.raises(InvalidConfigurationError, match="a str, bytes"):
        Config.from_dict({"ssl_password": 5})
