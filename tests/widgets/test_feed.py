"""The event feed is bounded, keeps account of every event, and folds floods."""

from __future__ import annotations

import threading

import pytest
from hypothesis import given, strategies as st

from hzdata.widgets.feed import EventFeed


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def counted(feed: EventFeed) -> int:
    return sum(event.times for event in feed.newest())


def test_events_are_listed_newest_first(clock: Clock) -> None:
    feed = EventFeed(clock=clock)
    for key in range(3):
        clock.now += 1
        feed.add("entry added", "people", f"people[{key}]")
    assert [event.text for event in feed.newest()] == ["people[2]", "people[1]", "people[0]"]
    assert [event.time for event in feed.newest(2)] == [1003.0, 1002.0]


def test_the_oldest_events_fall_out_and_are_counted(clock: Clock) -> None:
    feed = EventFeed(capacity=3, clock=clock)
    for key in range(10):
        clock.now += 1
        feed.add("entry added", "people", str(key))
    assert [event.text for event in feed] == ["9", "8", "7"]
    assert (feed.total, feed.dropped) == (10, 7)


def test_a_flood_takes_one_line_and_does_not_hide_a_lost_member(clock: Clock) -> None:
    feed = EventFeed(capacity=30, burst=20, clock=clock)
    feed.add("member left", "127.0.0.1:5703", "127.0.0.1:5703")
    for key in range(100_000):
        clock.now += 0.0001
        feed.add("entry added", "flights", f"flights[{key}]")
    newest, *rest = feed.newest()
    assert newest.times == 100_000 - 20
    assert newest.text == "flights: 99,980 more in 10.0 s, 10,000 a second"
    assert len(rest) == 21
    assert rest[-1].kind == "member left"
    assert feed.total == 100_001
    assert feed.dropped == 0


def test_a_flood_never_asks_for_the_text_of_what_it_folds(clock: Clock) -> None:
    feed = EventFeed(burst=20, clock=clock)
    asked = []

    def text() -> str:
        asked.append(1)
        return "text"

    for _ in range(1000):
        feed.add("entry added", "flights", text)
    assert len(asked) == 20


def test_events_get_lines_of_their_own_again_when_the_burst_is_over(clock: Clock) -> None:
    feed = EventFeed(burst=2, clock=clock)
    for _ in range(10):
        feed.add("entry added", "people", "in the burst")
    clock.now += 1.5
    feed.add("entry added", "people", "the burst may go on")
    assert feed.newest(1)[0].times == 9
    clock.now += 2.5
    feed.add("entry added", "people", "quiet again")
    assert feed.newest(1)[0].text == "quiet again"


def test_a_slow_trickle_is_never_folded(clock: Clock) -> None:
    feed = EventFeed(clock=clock)
    for key in range(150):
        clock.now += 0.1
        feed.add("entry added", "people", str(key))
    assert [event.times for event in feed] == [1] * 150


def test_two_floods_at_once_fold_into_a_line_each(clock: Clock) -> None:
    feed = EventFeed(burst=1, clock=clock)
    for _ in range(100):
        feed.add("entry added", "a", "a")
        feed.add("entry updated", "a", "a")
        feed.add("entry added", "b", "b")
    assert sorted((e.kind, e.subject, e.times) for e in feed if e.times > 1) == [
        ("entry added", "a", 99),
        ("entry added", "b", 99),
        ("entry updated", "a", 99),
    ]


@given(
    capacity=st.integers(1, 5),
    burst=st.integers(0, 3),
    events=st.lists(
        st.tuples(st.sampled_from("ab"), st.sampled_from("xy"), st.floats(-1, 3, allow_nan=False)), max_size=60
    ),
)
def test_every_event_is_shown_or_counted_as_dropped(
    capacity: int, burst: int, events: list[tuple[str, str, float]]
) -> None:
    clock = Clock()
    feed = EventFeed(capacity, burst, clock)
    for kind, subject, pause in events:
        clock.now += pause
        feed.add(kind, subject, "text")
        assert len(feed) <= capacity
    assert feed.total == len(events) == counted(feed) + feed.dropped


def test_many_threads_may_add_while_others_read() -> None:
    feed = EventFeed(capacity=50)
    done = threading.Event()
    wrong: list[int] = []

    def read() -> None:
        while not done.is_set():
            wrong.extend(len(lines) for lines in [feed.newest()] if len(lines) > 50)

    def write(name: str) -> None:
        for key in range(5_000):
            feed.add("entry added", name, str(key))

    reader = threading.Thread(target=read)
    writers = [threading.Thread(target=write, args=(f"map-{n}",)) for n in range(4)]
    reader.start()
    for thread in writers:
        thread.start()
    for thread in writers:
        thread.join()
    done.set()
    reader.join()
    assert wrong == []
    assert feed.total == 20_000 == counted(feed) + feed.dropped


def test_a_text_may_look_at_the_feed_it_is_for() -> None:
    feed = EventFeed()
    feed.add("entry added", "people", lambda: f"{feed.total} so far, {len(feed.newest())} shown")
    assert feed.newest()[0].text == "1 so far, 0 shown"


def test_a_feed_without_room_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one line"):
        EventFeed(capacity=0)
