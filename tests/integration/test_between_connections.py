"""What is asked of a client while a member goes, before the first has come, and after the last."""

from __future__ import annotations

import hzdata
from hzdata import LocalCluster
from tests.waiting import until
from tests.wire import cutting, wire_to


def test_a_listener_is_added_although_a_member_goes_meanwhile(cluster3: LocalCluster, unique_name: str) -> None:
    with (
        wire_to(cluster3.addresses[0]) as wire,
        hzdata.connect(wire.address, cluster_name="three") as client,
    ):
        m = client.get_map(unique_name)
        wire.on_request = cutting("Map.addEntryListener", 1)
        added: set[int] = set()
        m.add_entry_listener(added_func=lambda event: added.add(event.key)).result()
        # The member is connected to again, by its own address, and told of the listener.
        until(lambda: len(client._connections.connections()) == 3)
        m.put_all({k: k for k in range(100)}).result()
        until(lambda: len(added) == 100)


def test_a_structure_is_got_although_a_member_goes_meanwhile(cluster: LocalCluster, unique_name: str) -> None:
    with wire_to(cluster.addresses[0]) as wire, hzdata.connect(wire.address, cluster_name="one") as client:
        wire.on_request = cutting("Client.createProxy", 1)
        assert client.get_map(unique_name).size().result() == 0
