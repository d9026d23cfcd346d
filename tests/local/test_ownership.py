"""No process outlives the interpreter that booted it, however that ends."""

from __future__ import annotations

import gc
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from hzdata.local import LocalCluster, LocalClusterError
from hzdata.local.processes import MemberProcesses
from tests.conftest import QUICK_START, VERSION

BOOT = """
import json, os, signal, sys, threading, time
from hzdata.local import LocalCluster
cluster = LocalCluster(members={members}, version={version!r}, jvm_args={jvm_args!r})
{then}
pids = [member.pid for member in cluster.members] + [cluster._processes.supervisor_pid]
print(json.dumps([pids, str(cluster.members[0].log.path.parent)]), flush=True)
{last}
"""


def owner(members: int = 1, then: str = "", last: str = "time.sleep(600)") -> tuple[subprocess.Popen[str], Any]:
    """Run an interpreter that boots a cluster; return it, and the processes and the directory of the cluster."""
    script = BOOT.format(members=members, version=VERSION, jvm_args=QUICK_START, then=then, last=last)
    child = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, start_new_session=True)
    assert child.stdout is not None
    pids, directory = json.loads(child.stdout.readline())
    child.stdout.close()
    return child, ([psutil.Process(pid) for pid in pids], Path(directory))


def assert_nothing_is_left(processes: list[psutil.Process], directory: Path) -> None:
    _, alive = psutil.wait_procs(processes, timeout=15)
    assert alive == []
    assert not directory.exists()


def test_nothing_is_left_when_the_interpreter_is_killed() -> None:
    child, left = owner(members=2, then="cluster.pause_member(1)")
    child.kill()
    child.wait()
    assert_nothing_is_left(*left)


def test_nothing_is_left_when_the_interpreter_ends_without_closing() -> None:
    child, left = owner(then="client = cluster.client", last="sys.exit(0)")
    assert child.wait(30) == 0
    assert_nothing_is_left(*left)


def test_a_fork_that_lives_on_does_not_keep_the_members_alive() -> None:
    child, left = owner(last="if not os.fork(): time.sleep(30); os._exit(0)\ntime.sleep(600)")
    fork = wait_for_child(child.pid, besides=left[0])
    try:
        child.kill()
        child.wait()
        assert_nothing_is_left(*left)
        assert fork.is_running()
    finally:
        fork.kill()


def wait_for_child(pid: int, besides: list[psutil.Process]) -> psutil.Process:
    while True:
        for process in psutil.Process(pid).children():
            if process not in besides:
                return process
        time.sleep(0.01)


def test_ctrl_c_is_for_the_interpreter_not_for_the_members() -> None:
    ignoring = "signal.signal(signal.SIGINT, signal.SIG_IGN)"
    child, left = owner(then=ignoring)
    try:
        os.killpg(child.pid, signal.SIGINT)
        time.sleep(0.5)
        assert all(process.is_running() for process in left[0])
    finally:
        child.kill()
        child.wait()
    assert_nothing_is_left(*left)


def test_a_cluster_outlives_the_thread_that_booted_it() -> None:
    booted: list[LocalCluster] = []
    thread = threading.Thread(
        target=lambda: booted.append(LocalCluster(version=VERSION, jvm_args=QUICK_START)), daemon=True
    )
    thread.start()
    thread.join()
    with booted[0] as cluster:
        time.sleep(1.5)
        assert cluster.members[0].state == "running"


def test_a_cluster_that_nobody_holds_ends() -> None:
    cluster = LocalCluster(version=VERSION, jvm_args=QUICK_START)
    member = psutil.Process(cluster.members[0].pid)
    del cluster
    gc.collect()
    assert not member.is_running()


@pytest.fixture
def processes(tmp_path: Path) -> Iterator[MemberProcesses]:
    directory = tmp_path / "members"
    directory.mkdir()
    processes = MemberProcesses(directory)
    yield processes
    processes.close()


def sleeper(processes: MemberProcesses, tmp_path: Path) -> psutil.Process:
    return psutil.Process(processes.launch("sleeper", ["sleep", "600"], dict(os.environ), tmp_path / "log"))


def test_processes_die_with_the_one_that_watches_them(processes: MemberProcesses, tmp_path: Path) -> None:
    process = sleeper(processes, tmp_path)
    os.kill(processes.supervisor_pid, signal.SIGKILL)
    psutil.wait_procs([process], timeout=10)
    assert not process.is_running()
    assert processes.exit_code("sleeper") is not None
    with pytest.raises(LocalClusterError, match="boot a new LocalCluster"):
        processes.signal("sleeper", signal.SIGTERM)


def test_the_one_that_watches_ends_in_order_when_asked_to(processes: MemberProcesses, tmp_path: Path) -> None:
    process = sleeper(processes, tmp_path)
    os.kill(processes.supervisor_pid, signal.SIGTERM)
    psutil.wait_procs([process], timeout=10)
    assert not process.is_running()


def test_closing_in_a_fork_leaves_the_processes_to_their_owner(processes: MemberProcesses, tmp_path: Path) -> None:
    process = sleeper(processes, tmp_path)
    fork = os.fork()
    if not fork:
        processes.close()
        os._exit(0)
    assert os.waitpid(fork, 0)[1] == 0
    assert process.is_running()
    assert processes.exit_code("sleeper") is None


def test_an_interrupted_question_does_not_mix_up_the_answers(processes: MemberProcesses, tmp_path: Path) -> None:
    class Interruption(Exception):
        pass

    def interrupt(*_: object) -> None:
        raise Interruption

    sleeper(processes, tmp_path)
    processes.launch("ended", [sys.executable, "-c", ""], dict(os.environ), tmp_path / "log")
    while processes.exit_code("ended") is None:
        time.sleep(0.01)
    before = signal.signal(signal.SIGALRM, interrupt)
    interrupted = 0
    try:
        for step in range(1000):
            try:
                signal.setitimer(signal.ITIMER_REAL, 1e-6 * (step % 200 + 1))
                while True:
                    assert processes.exit_code("sleeper") is None
                    assert processes.exit_code("ended") == 0
            except Interruption:
                interrupted += 1
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert interrupted == 1000
    assert processes.exit_code("ended") == 0


def test_a_program_that_cannot_be_run_is_named(processes: MemberProcesses, tmp_path: Path) -> None:
    with pytest.raises(LocalClusterError, match="/nowhere/java cannot be run"):
        processes.launch("x", ["/nowhere/java"], {}, tmp_path / "log")
