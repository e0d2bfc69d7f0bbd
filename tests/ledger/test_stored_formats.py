"""Ledgers written by earlier versions are read for ever: one stored ledger a format, never edited."""

from __future__ import annotations

import math
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from playnote.ledger import Ledger
from playnote.records.objective import Constraint
from playnote.space.hyperparameter import Categorical
from playnote.testing.ledgers import answers

STORED = Path(__file__).parent / "stored"


@pytest.mark.parametrize("name", ["format-1"])
def test_a_stored_ledger_gives_the_answers_it_was_stored_with(name: str, tmp_path: Path) -> None:
    home = tmp_path / name
    shutil.copytree(STORED / name, home)
    ledger = Ledger.open(home)
    assert not ledger.damage()
    (objective,), (round_,) = ledger.objectives(), ledger.rounds()
    assert (objective.formula, objective.direction, objective.human) == ("dev/f1 - latency", "maximize", (0.01, 200))
    assert objective.constraints == (Constraint("latency", at_most=100.0),)
    assert (round_.question, round_.scientific) == ("Does dropout help?", {"dropout": (0.0, 0.2)})
    assert round_.space.names == ("lr", "wd", "layers", "optimizer", "beta1")
    assert round_.space["optimizer"] == Categorical(name="optimizer", choices=("sgd", "adamw", 3, True))
    assert [trial.configuration for trial in round_.planned] == [{"lr": 0.1}] * 3
    assert {t.id: (t.outcome, t.attempts, t.summary.get("dev/error")) for t in ledger.trials()} == {
        "t0": (None, 0, None),
        "t1": (None, 0, None),
        "t2": (None, 0, None),
        "t0000": ("ok", 1, 0.25),
        "t0001": ("ok", 2, 0.75),
    }
    assert math.isnan(ledger.trials()[3].summary["train/loss"])
    assert ledger.events("waiver")[0].data == {"rule": "A-single-goal", "because": "试运行"}
    with Ledger.write(home, "later") as writer:
        assert writer.append("note", {"text": "goes on"}).number == len(ledger.events()) + 1


@pytest.mark.parametrize("older", [1, 99])
def test_a_cache_of_another_format_is_read_around_and_made_anew_by_the_next_writer(older: int, tmp_path: Path) -> None:
    home = tmp_path / "home"
    shutil.copytree(STORED / "format-1", home)
    with Ledger.write(home, "now") as writer:
        writer.rebuild()
    before = repr(answers(Ledger.open(home)))  # NaN is not equal to itself
    with closing(sqlite3.connect(home / "ledger.db")) as cache:
        cache.execute(f"PRAGMA user_version = {older}")
        cache.execute("DELETE FROM attempt")
        cache.commit()
    reader = Ledger.open(home)
    assert repr(answers(reader)) == before
    assert [Path(fault.file).name for fault in reader.damage()] == ["ledger.db"]
    with Ledger.write(home, "later") as writer:
        writer.rebuild()
    assert repr(answers(Ledger.open(home))) == before
    assert not Ledger.open(home).damage()
