"""Which client a call uses that names none."""

from __future__ import annotations

import pytest

from hzdata import default_client
from hzdata.default_client import NoDefaultClientError, resolve
from hzdata.local import LocalCluster
from hzdata.session import connect


@pytest.fixture(autouse=True)
def nothing_at_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forget the clients and clusters of other tests."""
    monkeypatch.setattr(default_client, "_alive", [])
    monkeypatch.setattr(default_client, "_offers", [])
    monkeypatch.setattr(default_client, "_chosen", None)


def test_without_any_the_error_says_how_to_get_one() -> None:
    with pytest.raises(NoDefaultClientError, match=r"hzdata\.connect.*LocalCluster"):
        resolve()


def test_the_only_client_is_the_default_until_it_is_shut_down(cluster: LocalCluster) -> None:
    with connect(*cluster.addresses, cluster_name=cluster.cluster_name) as client:
        assert resolve() is client
    with pytest.raises(NoDefaultClientError):
        resolve()


def test_a_client_given_goes_before_the_default(cluster: LocalCluster) -> None:
    with cluster.connect() as first, cluster.connect() as second:
        first.as_default()
        assert resolve(second) is second


def test_of_two_clients_the_one_chosen_is_the_default(cluster: LocalCluster) -> None:
    with cluster.connect() as first, cluster.connect() as second:
        with pytest.raises(NoDefaultClientError) as both:
            resolve()
        assert repr(first) in str(both.value)
        assert repr(second) in str(both.value)
        assert resolve(second.as_default()) is second
        assert resolve() is second


def test_a_cluster_at_hand_makes_the_default_client_when_it_is_needed(cluster: LocalCluster) -> None:
    default_client.offer(cluster)
    client = resolve()
    assert client is cluster.client
    assert resolve() is client


def test_a_client_of_the_cluster_at_hand_is_no_second_candidate(cluster: LocalCluster) -> None:
    default_client.offer(cluster)
    with cluster.connect() as client:
        assert resolve() is client


def test_a_cluster_at_hand_beside_a_client_of_another_is_not_guessed_between(
    cluster: LocalCluster, cluster3: LocalCluster
) -> None:
    default_client.offer(cluster3)
    with connect(*cluster.addresses, cluster_name=cluster.cluster_name) as client:
        with pytest.raises(NoDefaultClientError) as both:
            resolve()
        assert repr(client) in str(both.value)
        assert repr(cluster3) in str(both.value)
