"""Members killed, frozen and started again under calls of all kinds: each ends, with a result or a named error."""

from __future__ import annotations

import collections
import random
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from hzdata import LocalCluster
from hzdata.core.errors import HazelcastError
from hzdata.core.predicate import greater
from tests.conftest import QUICK_START, VERSION
from tests.waiting import until

INVOCATION_TIMEOUT = 10.0
HEARTBEAT_TIMEOUT = 2.0
# A call is tried for the one and, when it is under way to a frozen member by then, ends with the other.
LONGEST = INVOCATION_TIMEOUT + HEARTBEAT_TIMEOUT + 5.0
THREADS = 8


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_every_call_ends_in_time_whatever_happens_to_members() -> None:
    with LocalCluster(members=3, version=VERSION, jvm_args=QUICK_START) as cluster:
        client = cluster.connect(
            invocation_timeout=INVOCATION_TIMEOUT,
            heartbeat_interval=0.5,
            heartbeat_timeout=HEARTBEAT_TIMEOUT,
            retry_initial_backoff=0.1,
        )
        m = client.get_map("m").blocking()
        m.put_all({i: i for i in range(500)})
        queue = client.get_queue("q").blocking()
        counter = client.get_pn_counter("c").blocking()
        topic = client.get_topic("t").blocking()
        replicated = client.get_replicated_map("r").blocking()
        client.sql.execute(
            "CREATE MAPPING m (__key INT, this INT) TYPE IMap OPTIONS ('keyFormat'='int', 'valueFormat'='int')"
        ).result()

        def in_transaction() -> None:
            with client.new_transaction(timeout=10) as transaction:
                transaction.get_map("m").put(random.randrange(500), 1)

        def locked() -> None:
            key = random.randrange(500)
            if m.try_lock(key, lease_time=5, timeout=1):
                m.unlock(key)

        def listened() -> None:
            m.remove_entry_listener(m.add_entry_listener(added_func=lambda _: None))

        calls: dict[str, Callable[[], Any]] = {
            "get": lambda: m.get(random.randrange(500)),
            "put": lambda: m.put(random.randrange(500), 1),
            "set": lambda: m.set(random.randrange(500), 1),
            "put_all": lambda: m.put_all({random.randrange(500): 1 for _ in range(50)}),
            "get_all": lambda: m.get_all(list(range(50))),
            "size": m.size,
            "values": lambda: m.values(greater("this", 400)),
            "lock": locked,
            "sql": lambda: list(client.sql.execute("SELECT COUNT(*) FROM m").result()),
            "offer": lambda: queue.offer(1, timeout=1),
            "poll": lambda: queue.poll(timeout=0.1),
            "count": lambda: counter.add_and_get(1),
            "publish": lambda: topic.publish("message"),
            "replicate": lambda: replicated.put(random.randrange(50), 1),
            "transaction": in_transaction,
            "listen": listened,
        }
        stop = threading.Event()
        outcomes: dict[str, collections.Counter[str]] = {name: collections.Counter() for name in calls}
        slowest: dict[str, float] = dict.fromkeys(calls, 0.0)
        strange: list[BaseException] = []

        def work(seed: int) -> None:
            names = list(calls)
            random.Random(seed).shuffle(names)
            while not stop.is_set():
                for name in names:
                    started = time.monotonic()
                    try:
                        calls[name]()
                        outcome = "done"
                    except HazelcastError as error:
                        outcome = type(error).__name__
                    except BaseException as error:
                        strange.append(error)
                        return
                    outcomes[name][outcome] += 1
                    slowest[name] = max(slowest[name], time.monotonic() - started)

        threads = [threading.Thread(target=work, args=(i,), name=f"caller {i}") for i in range(THREADS)]
        for thread in threads:
            thread.start()
        time.sleep(2)
        cluster.kill_member(1)
        time.sleep(3)
        cluster.start_member(1)
        cluster.pause_member(2)
        time.sleep(5)
        cluster.resume_member(2)
        time.sleep(2)
        cluster.kill_member(0)
        cluster.pause_member(1)
        time.sleep(4)
        cluster.resume_member(1)
        cluster.start_member(0)
        time.sleep(1)
        stop.set()
        for thread in threads:
            thread.join(timeout=LONGEST * 2)

        for name, counts in outcomes.items():
            said = ", ".join(f"{count} {outcome}" for outcome, count in counts.most_common())
            print(f"{name:12} slowest {slowest[name]:5.1f} s: {said}")
        assert strange == []
        assert not [thread.name for thread in threads if thread.is_alive()]
        assert max(slowest.values()) < LONGEST, slowest
        assert all(counts["done"] for counts in outcomes.values())
        # And it is usable.
        until(lambda: len(client.cluster_service.get_members()) == 3, timeout=60)
        m.put("after", 1)
        assert m.get("after") == 1
