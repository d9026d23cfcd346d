"""The dashboard of a real cluster, as text and as HTML."""

from __future__ import annotations

import html
import re
import subprocess
import sys
import threading
from collections.abc import Iterator

import pandas as pd
import pytest

from hzdata.core.core import HazelcastJsonValue
from hzdata.local import LocalCluster
from hzdata.session import Client
from hzdata.widgets.dashboard import Dashboard
from tests.foreign import Foreign
from tests.waiting import until


def events(dashboard: Dashboard, subject: str) -> list[tuple[str, str]]:
    """What happened to a map's entries or to a member, oldest first."""
    return [
        (event.kind, event.text)
        for event in reversed(dashboard.feed.newest())
        if event.subject == subject and event.kind != "map created"
    ]


def visible(markup: str) -> str:
    """What a browser would show of the HTML face, style sheet left out."""
    body = re.sub(r"<style>.*?</style>", "", markup, flags=re.DOTALL)
    return html.unescape(re.sub(r"<[^>]*>", " ", body))


def words(face: str) -> list[str]:
    return re.sub(r"[()·]", " ", face).split()


class Broken:
    def __repr__(self) -> str:
        raise RuntimeError("this repr is broken")


class TestWhatItShows:
    def test_members_and_partitions(self, client: Client, unique_name: str) -> None:
        client.get_map(unique_name).blocking().put(1, 1)  # a fresh cluster gives partitions to no one before
        (member,) = client.cluster_service.get_members()
        with client.dashboard(maps=[]) as dashboard:
            text = repr(dashboard)
        assert text.startswith("Hazelcast one · connected · 1 member · 271 partitions\nMembers\n")
        row = next(line for line in text.splitlines() if str(member.address.port) in line).split()
        assert row[:5] == [
            f"127.0.0.1:{member.address.port}",
            str(member.uuid)[:8],
            str(member.version),
            "data",
            "up",
        ]
        assert "271" in row

    def test_memory_and_cpu_once_the_member_has_measured_them(self, client: Client) -> None:
        with client.dashboard(maps=[]) as dashboard:
            until(lambda: re.search(r"\d+ MB of \d+ MB +\d+%", repr(dashboard)))
            assert "Heap" in visible(dashboard._repr_html_())

    def test_a_member_that_is_up_tells_since_when(self, client: Client) -> None:
        with client.dashboard(maps=[]) as dashboard:
            until(lambda: re.search(r" up +(\d{4}-\d\d-\d\d )?\d\d:\d\d:\d\d ", repr(dashboard)))

    def test_entry_events_with_keys_and_values_newest_first(self, client: Client, unique_name: str) -> None:
        people = client.get_map(unique_name).blocking()
        with client.dashboard(maps=[unique_name]) as dashboard:
            people.put(1, "Ada")
            people.put(1, "Grace")
            people.put("x", HazelcastJsonValue({"a": 1}))
            people.remove(1)
            people.evict("x")
            people.put(2, b"Ada")
            people.clear()
            until(lambda: len(events(dashboard, unique_name)) == 7)
        # Members send the events of one partition in order, those of different partitions in any.
        assert [event for event in events(dashboard, unique_name) if "[1]" in event[1]] == [
            ("entry added", f"{unique_name}[1] = 'Ada'"),
            ("entry updated", f"{unique_name}[1] = 'Ada' → 'Grace'"),
            ("entry removed", f"{unique_name}[1] was 'Grace'"),
        ]
        assert {event for event in events(dashboard, unique_name) if "[1]" not in event[1]} == {
            ("entry added", f"{unique_name}['x'] = {{\"a\": 1}}"),
            ("entry evicted", f"{unique_name}['x'] was {{\"a\": 1}}"),
            ("entry added", f"{unique_name}[2] = bytearray(b'Ada')"),
            ("map cleared", f"{unique_name}: 1 entry"),
        }
        text = repr(dashboard)
        assert text.index("[1] was 'Grace'") < text.index("'Ada' → 'Grace'") < text.rindex("[1] = 'Ada'")

    def test_an_entry_that_expires(self, client: Client, unique_name: str) -> None:
        with client.dashboard(maps=[unique_name]) as dashboard:
            people = client.get_map(unique_name).blocking()
            people.put(1, "Ada", ttl=1)
            until(lambda: people.get(1) is None and "entry expired" in repr(dashboard))

    def test_both_faces_say_the_same(self, client: Client, unique_name: str) -> None:
        with client.dashboard(maps=[unique_name]) as dashboard:
            client.get_map(unique_name).blocking().put("key", "a <b>value</b> &amp; more")
            until(lambda: events(dashboard, unique_name))
        assert "a <b>value</b> &amp; more" in repr(dashboard)
        assert words(visible(dashboard._repr_html_())) == words(repr(dashboard))

    def test_a_script_in_key_value_or_map_name_is_shown_as_text(self, client: Client, unique_name: str) -> None:
        name = f"<img src=x onerror=alert(1)>{unique_name}"
        evil = "<script>alert('x')</script>"
        with client.dashboard(maps=[name]) as dashboard:
            client.get_map(name).blocking().put(evil, evil)
            until(lambda: events(dashboard, name))
            markup = dashboard._repr_html_()
        client.get_map(name).destroy()
        assert "<script" not in markup
        assert "<img" not in markup
        assert f'{name}["{evil}"] = "{evil}"' in visible(markup)

    def test_a_large_value_is_cut(self, client: Client, unique_name: str) -> None:
        with client.dashboard(maps=[unique_name]) as dashboard:
            client.get_map(unique_name).blocking().put(1, "x" * 1_000_000)
            until(lambda: events(dashboard, unique_name))
        assert len(repr(dashboard)) < 2_000

    def test_it_names_the_maps_of_the_cluster_but_not_hazelcasts_own(self, client: Client, unique_name: str) -> None:
        client.get_map(unique_name).blocking().put(1, 1)
        with client.dashboard(maps=[]) as dashboard:
            assert re.search(rf"{unique_name} .*not shown", repr(dashboard))
            assert "__sql" not in repr(dashboard)

    def test_the_entries_of_a_map_are_counted_as_they_are(self, client: Client, unique_name: str) -> None:
        people = client.get_map(unique_name).blocking()
        people.put_all({key: key for key in range(1_234)})
        with client.dashboard(maps=[unique_name]) as dashboard:
            assert re.search(rf"{unique_name} +1,234 ", repr(dashboard))
            people.put("one", "more")
            until(lambda: re.search(rf"{unique_name} +1,235 ", repr(dashboard)))
            until(lambda: re.search(rf"{unique_name} +1,235 +\d+ kB +shown", repr(dashboard)))
            client.get_map(unique_name).destroy()
            until(lambda: re.search(rf"{unique_name} +– +.* +shown", repr(dashboard)))

    def test_no_resource_from_elsewhere(self, client: Client) -> None:
        with client.dashboard(maps=[]) as dashboard:
            assert not re.search(r"https?:|url\(|@import|src=|href=", dashboard._repr_html_())


class TestWhichMaps:
    def test_without_names_all_maps_old_and_new_are_followed_by_their_keys(
        self, client: Client, unique_name: str
    ) -> None:
        old, new = f"{unique_name}_old", f"{unique_name}_new"
        client.get_map(old).blocking().put(1, "secret")
        with client.dashboard() as dashboard:
            assert old in dashboard.maps
            client.get_map(new)
            until(lambda: new in dashboard.maps)
            until(lambda: dashboard._listeners._maps[new]._registration is not None)
            dashboard._listeners._maps[new].wait()
            client.get_map(old).blocking().put(2, "secret")
            client.get_map(new).blocking().put(3, "secret")
            until(lambda: f"{old}[2]" in repr(dashboard) and f"{new}[3]" in repr(dashboard))
            assert "secret" not in repr(dashboard)
            assert re.search(rf"map created +{new}", repr(dashboard))

    def test_a_map_can_be_added_and_taken_away(self, client: Client, unique_name: str) -> None:
        people = client.get_map(unique_name).blocking()
        with client.dashboard(maps=[]) as dashboard:
            dashboard.watch(unique_name)
            people.put(1, "seen")
            until(lambda: "seen" in repr(dashboard))
            dashboard.unwatch(unique_name)
            people.put(2, "unseen")
            dashboard.watch(unique_name)
            people.put(3, "seen again")
            until(lambda: "seen again" in repr(dashboard))
            assert "unseen" not in repr(dashboard)

    def test_a_followed_map_that_was_taken_away_stays_away(self, client: Client, unique_name: str) -> None:
        client.get_map(unique_name).blocking().put(1, 1)
        with client.dashboard() as dashboard:
            assert unique_name in dashboard.maps
            dashboard.unwatch(unique_name)
            client.get_map(f"{unique_name}_other").blocking().put(1, 1)
            until(lambda: f"{unique_name}_other" in dashboard.maps)
            assert unique_name not in dashboard.maps

    def test_one_name_may_stand_alone(self, client: Client, unique_name: str) -> None:
        with client.dashboard(maps=unique_name) as dashboard:
            assert dashboard.maps == [unique_name]

    @pytest.mark.parametrize("maps", [[1], [""], [None], ["people", b"people"]])
    def test_what_is_not_a_name_is_refused_before_anything_is_listened_to(
        self, client: Client, maps: list[object]
    ) -> None:
        before = listeners_of(client)
        with pytest.raises(TypeError, match="is not the name of a map"):
            client.dashboard(maps=maps)
        assert listeners_of(client) == before


def listeners_of(client: Client) -> set[str]:
    """The registration ids of every listener that a client has."""
    return {
        *client._context.cluster._listeners,
        *client._context.lifecycle._listeners,
        *client._context.listeners._listeners,
    }


class TestTheEnd:
    def test_close_leaves_no_listener_and_no_thread(self, client: Client, unique_name: str) -> None:
        before, threads = listeners_of(client), set(threading.enumerate())
        dashboard = client.dashboard(maps=[f"{unique_name}_{n}" for n in range(3)])
        until(lambda: len(listeners_of(client) - before) == 6)
        dashboard.close()
        until(lambda: not listeners_of(client) - before)
        until(lambda: not [t for t in set(threading.enumerate()) - threads if t.name.startswith("hzdata-dashboard")])

    def test_what_was_shown_stays_and_says_that_it_is_closed(self, client: Client, unique_name: str) -> None:
        dashboard = client.dashboard(maps=[unique_name])
        people = client.get_map(unique_name).blocking()
        people.put(1, "before")
        until(lambda: events(dashboard, unique_name))
        dashboard.close()
        dashboard.close()
        people.put(2, "after")
        assert "before" in repr(dashboard)
        assert "after" not in repr(dashboard)
        assert repr(dashboard).splitlines()[0].rsplit(" at ")[0].endswith("dashboard closed")
        with pytest.raises(RuntimeError, match="closed"):
            dashboard.watch("other")

    def test_several_at_once_do_not_disturb_each_other(self, client: Client, unique_name: str) -> None:
        people = client.get_map(unique_name).blocking()
        with client.dashboard(maps=[unique_name]) as first:
            with client.dashboard(maps=[unique_name]) as second, client.dashboard(maps=[]) as third:
                people.put(1, "Ada")
                until(lambda: len(events(first, unique_name)) == len(events(second, unique_name)) == 1)
                assert events(third, unique_name) == []
            people.put(2, "Grace")
            until(lambda: len(events(first, unique_name)) == 2)
            assert len(events(second, unique_name)) == 1

    def test_the_shutdown_of_the_client_is_shown_and_survived(self, cluster: LocalCluster) -> None:
        client = cluster.connect()
        dashboard = client.dashboard(maps=["people"])
        client.shutdown()
        until(lambda: "shut down since" in repr(dashboard))
        until(lambda: not dashboard._refresher.running)
        assert "shut down" in visible(dashboard._repr_html_())
        dashboard.close()
        assert "dashboard closed" in repr(dashboard)

    def test_a_client_that_was_shut_down_before_is_shown_as_that(self, cluster: LocalCluster) -> None:
        client = cluster.connect()
        client.shutdown()
        with client.dashboard(maps=["people"]) as dashboard:
            assert "shut down" in repr(dashboard).splitlines()[0]


class TestTrouble:
    def test_a_flood_of_events_is_counted_folded_and_leaves_the_client_alive(
        self, client: Client, unique_name: str
    ) -> None:
        flood = client.get_map(unique_name).blocking()
        with client.dashboard(maps=[unique_name], capacity=50) as dashboard:
            before = dashboard.feed.total
            for start in range(0, 100_000, 10_000):
                flood.put_all(dict.fromkeys(range(start, start + 10_000), "x"))
            until(lambda: dashboard.feed.total == before + 100_000, timeout=60)
            assert len(dashboard.feed) <= 50
            assert sum(event.times for event in dashboard.feed) + dashboard.feed.dropped == before + 100_000
            assert re.search(rf"{unique_name}: [\d,]+ more in [\d.]+ s", repr(dashboard))
            flood.put("after", "the flood")
            until(lambda: dashboard.feed.total == before + 100_001)
        flood.destroy()

    def test_a_value_whose_repr_fails_is_shown_by_its_type(self, client: Client, unique_name: str) -> None:
        with client.dashboard(maps=[unique_name]) as dashboard:
            client.get_map(unique_name).blocking().put(1, Broken())
            until(lambda: events(dashboard, unique_name))
        assert events(dashboard, unique_name) == [
            ("entry added", f"{unique_name}[1] = <Broken: RuntimeError in its repr>")
        ]

    def test_a_value_that_cannot_be_read_here_is_shown_with_the_reason(self, client: Client, unique_name: str) -> None:
        with client.dashboard(maps=[unique_name]) as dashboard:
            client.get_map(unique_name).blocking().put(1, Foreign())
            until(lambda: events(dashboard, unique_name))
        [(kind, text)] = events(dashboard, unique_name)
        assert kind == "entry added"
        assert text.startswith(
            f"{unique_name}[1] = <cannot be read: No class is registered for class id 1 of factory 77"
        )

    def test_an_error_of_its_own_reaches_no_other_listener(
        self,
        client: Client,
        unique_name: str,
        monkeypatch: pytest.MonkeyPatch,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        people = client.get_map(unique_name)
        others: list[object] = []
        with client.dashboard(maps=[unique_name]) as dashboard:
            people.add_entry_listener(added_func=others.append).result()

            def fail(*args: object) -> None:
                raise RuntimeError("the feed is broken")

            with monkeypatch.context() as broken:
                broken.setattr(dashboard.feed, "add", fail)
                people.blocking().put(1, "Ada")
                until(lambda: len(others) == 1)
                until(lambda: "the dashboard could not take an event" in caplog.text)
            people.blocking().put(2, "Grace")
            until(lambda: events(dashboard, unique_name))
            until(lambda: len(others) == 2)


class TestWithoutANotebook:
    def test_in_plain_python_it_prints_as_text_and_loads_no_widgets(self, cluster: LocalCluster) -> None:
        code = (
            "import sys, hzdata\n"
            f"with hzdata.connect({cluster.addresses[0]!r}, cluster_name={cluster.cluster_name!r}) as hz:\n"
            "    with hz.dashboard(maps=['people']) as dashboard:\n"
            "        print(dashboard)\n"
            "        print(sorted(dashboard._repr_mimebundle_()))\n"
            "print({'IPython', 'ipywidgets'} & set(sys.modules))\n"
        )
        run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
        assert run.stdout.startswith("Hazelcast one · connected · 1 member")
        assert run.stdout.splitlines()[-2:] == ["['text/html', 'text/plain']", "set()"]


@pytest.fixture
def pair() -> Iterator[LocalCluster]:
    """Two members that a test may kill."""
    with LocalCluster(members=2, heap="256m", cluster_name="pair", jvm_args=["-XX:TieredStopAtLevel=1"]) as pair:
        yield pair


@pytest.mark.slow
class TestMembersComeAndGo:
    def test_a_member_that_is_killed_one_that_joins_and_a_cluster_that_comes_back(self, pair: LocalCluster) -> None:
        client = pair.connect()
        people = client.get_map("people").blocking()
        people.put_all({key: key for key in range(1_000)})

        def entries() -> str:
            """How many entries there are, as the dashboard says."""
            [cells] = re.findall(r"^  people +(\S+)", repr(dashboard), flags=re.MULTILINE)
            return str(cells)

        with client.dashboard(maps=["people"]) as dashboard:
            assert "2 members" in repr(dashboard)
            assert entries() == "1,000"

            lost = pair.addresses[1]
            pair.kill_member(1)
            until(lambda: re.search(rf"{lost} .* left ", repr(dashboard)))
            assert ("member left", lost) in events(dashboard, lost)
            assert "1 member " in repr(dashboard)
            until(lambda: re.search(r" up .* 271 ", repr(dashboard)))
            assert entries() == "1,000"

            added = pair.add_member().address
            until(lambda: re.search(rf"{added} .* up ", repr(dashboard)))
            assert ("member joined", added) in events(dashboard, added)
            assert "2 members" in repr(dashboard)

            pair.kill_member(0)
            pair.kill_member(2)
            until(lambda: "disconnected since" in repr(dashboard))
            assert "out of reach" in visible(dashboard._repr_html_())
            pair.start_member(0)
            until(lambda: "connected since" in repr(dashboard).replace("disconnected", ""), timeout=60)
            assert ("client", "disconnected") in events(dashboard, "DISCONNECTED")
            people.put("new", "Ada")
            until(lambda: "people['new'] = 'Ada'" in repr(dashboard))


def test_a_map_that_is_being_loaded_is_watched_no_more_unless_it_was_named(cluster: LocalCluster) -> None:
    client = cluster.connect()
    frame = pd.DataFrame({"id": range(30_000)})
    frame.head(0).to_hz_map("flood", key="id", client=client)
    with client.dashboard() as dashboard:
        assert "flood" in dashboard.maps
        frame.to_hz_map("flood", key="id", client=client, if_exists="append")
        until(lambda: any(event.kind == "flood" for event in dashboard.feed.newest()))
        assert "flood" not in dashboard.maps
        assert "dashboard.watch('flood')" in repr(dashboard)
        client.get_map("flood").put("late", 1).result()
        assert "flood" not in dashboard.maps
    with client.dashboard(maps=["flood"]) as dashboard:
        frame.to_hz_map("flood", key="id", client=client, if_exists="replace")
        until(lambda: sum(event.times for event in dashboard.feed.newest() if event.kind == "entry added") >= 30_000)
        assert dashboard.maps == ["flood"]
    client.shutdown()
