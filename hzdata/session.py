"""The client as a data scientist meets it: connected in one call, with DataFrames and a dashboard."""

from __future__ import annotations

import importlib
import os
import sys
from typing import TYPE_CHECKING, Any

from . import default_client
from .core.client import HazelcastClient
from .core.config import OPTIONS, Config
from .core.errors import AuthenticationError, HazelcastError, IllegalStateError, InvalidConfigurationError
from .core.network.addresses import parse_address
from .core.options import unknown_option

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd
    import pyarrow as pa

    from .widgets.dashboard import Dashboard

__all__ = ["Client", "connect"]

ENVIRONMENT = {
    "cluster_members": "HZDATA_ADDRESS",
    "cluster_name": "HZDATA_CLUSTER_NAME",
    "creds_username": "HZDATA_USERNAME",
    "creds_password": "HZDATA_PASSWORD",
}
"""Options that come from the environment when a call does not give them."""

_START_TIMEOUT = 10.0


class Client(HazelcastClient):
    """A ``HazelcastClient`` that also speaks DataFrames, and can be watched.

    ``connect()`` makes one. While it is the only one alive, or after ``as_default()``, functions such as ``read_sql``
    use it without being told.

    Parameters
    ----------
    config, **kwargs
        As of ``HazelcastClient``.
    start_timeout : float, optional
        Seconds that the first connection may take; it is given up sooner when members are reached and all refuse the
        client. None: ``cluster_connect_timeout``, which bounds every reconnection too.
    """

    def __init__(self, config: Config | None = None, *, start_timeout: float | None = None, **kwargs: Any) -> None:
        self._start_timeout = start_timeout
        super().__init__(config, **kwargs)

    def as_default(self) -> Client:
        """Make this the client that is used when a call names none; return it."""
        default_client.choose(self)
        return self

    def shutdown(self) -> None:
        """Close all connections; this is no longer the default client."""
        default_client.withdraw(self)
        super().shutdown()

    def read_sql(self, sql: str, params: Any = None, **options: Any) -> pd.DataFrame:
        """As ``hzdata.read_sql``, with this client."""
        from .frames.read import read_sql

        frame: pd.DataFrame = read_sql(sql, params, client=self, **options)
        return frame

    def read_arrow(self, sql: str, params: Any = None, **options: Any) -> pa.Table:
        """As ``hzdata.read_arrow``, with this client."""
        from .frames.read import read_arrow

        return read_arrow(sql, params, client=self, **options)

    def read_map(self, name: str, *args: Any, **options: Any) -> pd.DataFrame:
        """As ``hzdata.read_map``, with this client."""
        from .frames.maps import read_map

        return read_map(name, *args, client=self, **options)

    def scan_map(self, name: str, *args: Any, **options: Any) -> pa.RecordBatchReader:
        """As ``hzdata.scan_map``, with this client."""
        from .frames.maps import scan_map

        return scan_map(name, *args, client=self, **options)

    def aggregate(self, name: str, *args: Any, **options: Any) -> pd.DataFrame:
        """As ``hzdata.aggregate``, with this client."""
        from .frames.aggregate import aggregate

        return aggregate(name, *args, client=self, **options)

    def to_hz_map(self, data: Any, name: str, key: Any = None, **options: Any) -> Any:
        """As ``hzdata.to_hz_map``, with this client."""
        from .frames.load import to_hz_map

        return to_hz_map(data, name, key, client=self, **options)

    def dashboard(self, maps: Iterable[str] | None = None, *, capacity: int = 200, rate: float = 5.0) -> Dashboard:
        """Show the members and what happens in the cluster, live in a notebook.

        Parameters
        ----------
        maps : iterable of str, optional
            Names of the maps whose entry events are shown, with their values. By default the maps that are in the
            cluster, new ones included, at most 20, keys only.
        capacity : int
            Lines of the event feed that are kept.
        rate : float
            How many times a second it is drawn, at most.
        """
        from .widgets.dashboard import Dashboard

        return Dashboard(self, maps, capacity=capacity, rate=rate)

    def __enter__(self) -> Client:
        return self

    def _facts(self) -> list[tuple[str, str]]:
        members = self.cluster_service.get_members()
        running = self.lifecycle_service.is_running()
        return [
            ("Cluster", str(self.config.cluster_name)),
            ("Client", self.name if running else f"{self.name} (shut down)"),
            ("Members", ", ".join(f"{m.address.host}:{m.address.port}" for m in members) if running else ""),
        ]

    def __repr__(self) -> str:
        cluster, client, members = (value for _, value in self._facts())
        return f"<hzdata.Client {client!r} of cluster {cluster!r}: {members or 'no members'}>"

    def _repr_html_(self) -> str:
        from html import escape

        rows = "".join(f"<tr><th>{escape(name)}</th><td>{escape(value)}</td></tr>" for name, value in self._facts())
        return f"<table><caption>hzdata.Client</caption>{rows}</table>"


def connect(*addresses: str, **options: Any) -> Client:
    """Connect to a cluster and return the client.

    Parameters
    ----------
    *addresses
        ``host`` or ``host:port`` of one or more members; the others are found through them. Without one, the
        environment variable ``HZDATA_ADDRESS`` (several separated by commas), else ``127.0.0.1``.
    **options
        Options of ``hzdata.core.HazelcastClient``. ``cluster_name``, ``creds_username`` and ``creds_password`` also
        come from ``HZDATA_CLUSTER_NAME``, ``HZDATA_USERNAME`` and ``HZDATA_PASSWORD``. Without
        ``cluster_connect_timeout`` the first connection is tried for 10 s, and one that was lost for ever.

    Raises
    ------
    HazelcastError
        When there is no connection, saying to which address, why, and what to try.
    InvalidConfigurationError
        For an unknown option, naming the nearest, or a value that is not allowed.

    Examples
    --------
    >>> hz = hzdata.connect("10.0.0.5:5701", cluster_name="prod")      # doctest: +SKIP
    """
    for address in addresses:
        if not isinstance(address, str):
            raise TypeError(f'an address is a str such as "10.0.0.5:5701", not {address!r}')
    if addresses:
        if options.get("cluster_members"):
            raise ValueError("give the addresses as arguments or as cluster_members, not both")
        options["cluster_members"] = list(addresses)
    in_cloud = options.get("cloud_discovery_token") is not None
    for option, variable in ENVIRONMENT.items():
        value = os.environ.get(variable)
        if value and options.get(option) is None and not (in_cloud and option == "cluster_members"):
            options[option] = _addresses_of(variable, value) if option == "cluster_members" else value
    if "config" in options:
        raise unknown_option("config", OPTIONS)
    start_timeout = _START_TIMEOUT if options.get("cluster_connect_timeout") is None else None
    config = Config.from_dict(options)
    where = ", ".join(config.cluster_members) or ("the cloud" if in_cloud else "127.0.0.1")
    try:
        client = Client(config, start_timeout=start_timeout)
    except AuthenticationError as error:
        raise AuthenticationError(f"could not connect to {where}: {error}") from None
    except IllegalStateError as error:
        raise HazelcastError(
            f"could not connect to {where}: {error} With no cluster at hand, "
            "`hzdata.LocalCluster()` boots one here (pip install 'hzdata[local]')."
        ) from None
    default_client.announce(client)
    if "pandas" in sys.modules:
        # However hzdata came in, from here on it is in use: every DataFrame has its to_hz_map.
        importlib.import_module("hzdata.frames.accessor")
    return client


def _addresses_of(variable: str, value: str) -> list[str]:
    addresses = [address.strip() for address in value.split(",") if address.strip()]
    try:
        for address in addresses:
            parse_address(address)
    except InvalidConfigurationError as error:
        raise InvalidConfigurationError(f"{variable}: {error}") from None
    return addresses
