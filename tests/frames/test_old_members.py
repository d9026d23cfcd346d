"""What older members can not take is refused with the option that they can."""

from __future__ import annotations

import pandas as pd
import pytest

from hzdata import LocalCluster
from hzdata.core.core import HazelcastJsonValue

pytestmark = pytest.mark.slow

FRAME = pd.DataFrame({"id": ["a", "b"], "x": [1, None]})


def test_members_without_compact_and_sql_take_json_without_a_mapping() -> None:
    with LocalCluster(version="4.2.8", cluster_name="load-4") as cluster:
        client = cluster.client
        with pytest.raises(ValueError, match=r"4\.2\.8.*no Compact.*format=\"portable\", or \"json\""):
            FRAME.to_hz_map("entries_of_old", "id", client=client)
        with pytest.raises(ValueError, match=r"4\.2\.8.*no SQL mappings.*mapping=False"):
            FRAME.to_hz_map("entries_of_old", "id", client=client, format="json")
        assert client.get_map("entries_of_old").blocking().size() == 0
        assert FRAME.to_hz_map("entries_of_old", "id", client=client, format="json", mapping=False).complete
        assert client.get_map("entries_of_old").blocking().get("b") == HazelcastJsonValue('{"id":"b","x":null}')


def test_members_without_compact_show_json_to_sql() -> None:
    with LocalCluster(version="5.0.5", cluster_name="load-5") as cluster:
        client = cluster.client
        with pytest.raises(ValueError, match=r"5\.0\.5.*no Compact.*format=\"portable\", or \"json\""):
            FRAME.to_hz_map("entries_of_old", "id", client=client)
        FRAME.to_hz_map("entries_of_old", "id", client=client, format="json")
        more = FRAME.assign(id=["c", "d"])
        assert more.to_hz_map("entries_of_old", "id", client=client, format="json", if_exists="append").entries == 4
        found = client.read_sql("SELECT * FROM entries_of_old ORDER BY id")
        assert found["id"].tolist() == ["a", "b", "c", "d"]
        assert found["x"].isna().tolist() == [False, True, False, True]


def test_members_without_compact_take_portable() -> None:
    frame = FRAME.dropna().assign(when=pd.Timestamp("2024-02-29 01:02:03.000000004"))
    with LocalCluster(version="5.0.5", cluster_name="load-portable") as cluster:
        client = cluster.client
        frame.to_hz_map("entries_of_old", "id", client=client, format="portable")
        found = client.read_sql("SELECT * FROM entries_of_old")
        pd.testing.assert_frame_equal(found, frame.astype(found.dtypes.to_dict()))
        pd.testing.assert_frame_equal(client.read_map("entries_of_old", key=False), found)
