"""Which coordinator tells the addresses of clusters in Hazelcast Cloud."""

from __future__ import annotations


class HazelcastCloudDiscovery:
    """The coordinator. The programs that the Cloud gives to its users name another one here."""

    _CLOUD_URL_BASE = "api.cloud.hazelcast.com"
