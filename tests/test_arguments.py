"""What cannot be meant is refused before anything is done, by an error that names the argument and what it may be."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

import hzdata
from hzdata import Client, HazelcastSqlError, LocalCluster, LocalClusterError

FRAME = pd.DataFrame({"id": [1, 2, 3], "v": [1.0, 2.0, 3.0]})


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"batch_size": 1.5}, "batch_size=1.5: pass a whole number"),
        ({"batch_size": 0}, "batch_size=0: pass a whole number"),
        ({"ttl": "1"}, "ttl='1': pass a number of seconds"),
        ({"ttl": float("nan")}, "ttl=nan: pass a number of seconds"),
        ({"key": 5}, "key=5: pass the name of a column"),
        ({"if_exists": "replaced"}, "did you mean 'replace'"),
    ],
)
def test_a_load_says_which_argument_is_wrong_and_touches_nothing(
    client: Client, unique_name: str, options: dict[str, Any], said: str
) -> None:
    FRAME.to_hz_map(unique_name, key="id")
    with pytest.raises((ValueError, TypeError), match=said):
        FRAME.head(1).to_hz_map(unique_name, **{"key": "id", "if_exists": "replace", **options})
    assert client.get_map(unique_name).size().result() == 3


@pytest.mark.parametrize("name", ["a\nb", "a" * 200])
def test_a_name_that_sql_cannot_say_is_refused_with_the_remedy(client: Client, name: str) -> None:
    with pytest.raises(ValueError, match="mapping=False"):
        FRAME.to_hz_map(name, key="id")
    assert FRAME.to_hz_map(name, key="id", mapping=False).rows_placed == 3


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"chunksize": 1.5}, "chunksize=1.5: pass a whole number"),
        ({"parse_dates": ["began"]}, "parse_dates: the result has no column 'began'"),
        ({"index_col": "a"}, "more than one column 'a': name them apart"),
        ({"client": "10.0.0.5"}, "client='10.0.0.5' is no hzdata.Client"),
        ({"timestamp_unit": "n"}, "did you mean 'ns'"),
    ],
)
def test_a_read_says_which_argument_is_wrong(client: Client, options: dict[str, Any], said: str) -> None:
    with pytest.raises((ValueError, TypeError, KeyError), match=said):
        hzdata.read_sql("SELECT v AS a, v + 1 AS a FROM TABLE(generate_series(1, 3))", **options)


def test_a_query_whose_time_is_over_says_so(client: Client) -> None:
    with pytest.raises(HazelcastSqlError, match=r"did not end within timeout=0\.5 s"):
        hzdata.read_sql("SELECT * FROM TABLE(generate_stream(10))", timeout=0.5)


def test_ordering_by_a_compound_key_says_what_to_order_by(client: Client, unique_name: str) -> None:
    FRAME.to_hz_map(unique_name, key=["id", "v"])
    with pytest.raises(HazelcastSqlError) as failed:
        hzdata.read_sql(f'SELECT id FROM "{unique_name}" ORDER BY __key')
    assert "use the columns that it is made of" in failed.value.__notes__[-1]


@pytest.mark.parametrize(
    ("options", "error", "said"),
    [
        ({"rate": 0}, ValueError, "rate=0"),
        ({"maps": 5}, TypeError, "maps=5: pass names of maps"),
    ],
)
def test_a_dashboard_says_which_argument_is_wrong(
    client: Client, options: dict[str, Any], error: type[Exception], said: str
) -> None:
    with pytest.raises(error, match=said):
        client.dashboard(**options)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"timeout": 0}, "timeout=0: pass a number of seconds"),
        ({"cluster_name": ""}, "cluster_name='': pass a text"),
        ({"config": {"map": object()}}, "use texts and numbers"),
        ({"config": "/nowhere/hazelcast.yaml"}, "hazelcast.yaml' cannot be read .*: check the path"),
    ],
)
def test_a_local_cluster_says_which_argument_is_wrong(options: dict[str, Any], said: str) -> None:
    with pytest.raises(LocalClusterError, match=said):
        LocalCluster(**options)


@pytest.mark.parametrize("i", [-1, "0", 1])
def test_only_a_member_that_there_is_can_be_killed(cluster: LocalCluster, i: Any) -> None:
    with pytest.raises(LocalClusterError, match="members 0 to 0"):
        cluster.kill_member(i)
    assert len(cluster.addresses) == 1


def test_the_module_lists_what_it_offers_and_nothing_else() -> None:
    assert {name for name in dir(hzdata) if not name.startswith("__")} == {
        name for name in hzdata.__all__ if not name.startswith("__")
    }
