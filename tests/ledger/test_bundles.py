"""Closed rounds in one compressed file: every answer as before, wherever the writer died."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

import pytest

from playnote.errors import LedgerError
from playnote.ledger import Ledger
from playnote.testing.ledgers import answers, plan, run, small


def logs(home: Path) -> list[Path]:
    return sorted(home.glob("trials/*/attempt-*.jsonl"))


def test_a_bundled_round_answers_as_before_with_and_without_the_cache(home: Path) -> None:
    small(home, trials=4, points=200)
    reader = Ledger.open(home)
    before, space = answers(reader), sum(path.stat().st_size for path in logs(home))
    with Ledger.write(home, "a") as ledger:
        freed = ledger.bundle(0)
        assert answers(ledger) == before
    assert not logs(home)
    assert freed > space / 2
    assert answers(reader) == before
    for path in home.glob("ledger.db*"):
        path.unlink()
    assert answers(Ledger.open(home)) == before
    with Ledger.write(home, "a") as ledger:
        assert ledger.rebuild() == 4
        assert answers(ledger) == before
        assert not ledger.damage()


def test_a_trial_that_still_runs_stays_out_and_joins_later(home: Path) -> None:
    small(home, trials=2)
    with Ledger.write(home, "a") as ledger:
        plan(ledger, 5, 6)
        ledger.append("attempt-started", {"trial": "t0005", "attempt": 1})
        ledger.paths.trial("t0005").mkdir()
        ledger.paths.attempt("t0005", 1).write_bytes(b"")
        ledger.bundle(0)
        assert logs(home) == [ledger.paths.attempt("t0005", 1)]
        run(ledger, 5, [{"dev/error": 0.5}])
        run(ledger, 6, [{"dev/error": 0.25}])
        before = answers(ledger)
        ledger.bundle(0)
        assert answers(ledger) == before
    assert len(zipfile.ZipFile(home / "bundles" / "round-0.zip").namelist()) == 4
    assert answers(Ledger.open(home)) == before


def test_a_writer_that_died_before_removing_the_logs_left_nothing_twice(home: Path, tmp_path: Path) -> None:
    small(home)
    before = answers(Ledger.open(home))
    shutil.copytree(home / "trials", tmp_path / "kept")
    with Ledger.write(home, "a") as ledger:
        ledger.bundle(0)
    shutil.copytree(tmp_path / "kept", home / "trials", dirs_exist_ok=True)
    assert answers(Ledger.open(home)) == before
    with Ledger.write(home, "a") as ledger:
        ledger.bundle(0)
    assert answers(Ledger.open(home)) == before
    assert not logs(home)


def test_a_process_that_outlived_its_attempt_cannot_hide_what_was_bundled(home: Path) -> None:
    small(home)
    before = answers(Ledger.open(home))
    with Ledger.write(home, "a") as ledger:
        ledger.bundle(0)
        ledger.paths.attempt("t0001", 1).write_bytes(b"late\n")
        ledger.bundle(0)
    assert answers(Ledger.open(home)) == before
    assert [path.read_bytes() for path in logs(home)] == [b"late\n"]


def test_a_damaged_bundle_is_told(home: Path) -> None:
    small(home)
    with Ledger.write(home, "a") as ledger:
        ledger.bundle(0)
    for path in home.glob("ledger.db*"):
        path.unlink()
    (home / "bundles" / "round-0.zip").write_bytes(b"not a zip file")
    ledger = Ledger.open(home)
    assert [trial.summary for trial in ledger.trials()] == [{}, {}, {}]
    assert [fault.file for fault in ledger.damage()] == [str(home / "bundles" / "round-0.zip")]


def test_only_the_holder_of_the_lease_bundles(home: Path) -> None:
    small(home)
    with pytest.raises(LedgerError, match="reading only"):
        Ledger.open(home).bundle(0)
