"""The ledger: what was appended is there, for every reader, with and without its cache."""

from __future__ import annotations

import math
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from playnote.errors import InternalError, LeaseError, LedgerError
from playnote.ledger import KINDS, Ledger, freshen
from playnote.ledger.forms import dump_objective, dump_planned, dump_record, dump_round
from playnote.recorder import TrialCard, trial_in, write_card
from playnote.records.objective import Objective
from playnote.records.project import Project, Split
from playnote.records.round import Round, Study
from playnote.records.trial import TrialRecord
from playnote.space.space import Space
from playnote.testing.ledgers import OBJECTIVE, answers, plan, planned, run, small


def test_a_home_that_does_not_exist_is_an_empty_ledger_and_stays_away(home: Path) -> None:
    ledger = Ledger.open(home)
    assert (ledger.events(), ledger.trials(), ledger.rounds(), ledger.damage()) == ((), (), (), ())
    assert not home.exists()


def test_events_are_numbered_from_one_and_come_back(home: Path) -> None:
    with Ledger.write(home, "person") as ledger:
        ledger.append("answer", {"rule": "B-1", "answer": True, "value": math.inf})
        ledger.append("note", {"text": "预热"}, actor="agent")
    with Ledger.write(home, "person") as ledger:
        ledger.append("note", {"text": "again"})
        written = ledger.events()
    assert [event.number for event in written] == [1, 2, 3, 4]
    assert [event.kind for event in written] == ["ledger-created", "answer", "note", "note"]
    assert [event.actor for event in written] == ["person", "person", "agent", "person"]
    assert Ledger.open(home).events() == written
    assert Ledger.open(home).events("answer")[0].data == {"rule": "B-1", "answer": True, "value": math.inf}
    assert (home / ".gitignore").read_text() == "*\n"


def test_every_answer_is_the_same_with_the_cache_without_it_and_after_a_rebuild(home: Path) -> None:
    with Ledger.write(home, "test") as ledger:
        plan(ledger, *range(5))
        for i in range(4):
            run(ledger, i, [{"dev/error": 1 / (s + i + 1), "lr": 0.1} for s in range(20)], outcome="ok" if i else "nan")
        live = answers(ledger)
    assert answers(Ledger.open(home)) == live
    (home / "ledger.db").unlink()
    assert answers(Ledger.open(home)) == live
    with Ledger.write(home, "test") as ledger:
        assert ledger.rebuild() == 4
        assert answers(ledger) == live
    assert answers(Ledger.open(home)) == live
    assert not Ledger.open(home).damage()


def test_a_trial_is_put_together_from_plan_attempts_and_log(home: Path) -> None:
    with Ledger.write(home, "test") as ledger:
        plan(ledger, 0, 1)
        run(ledger, 0, [{"dev/error": 0.5}, {"dev/error": 0.25, "lr": 0.1}])
    done, waiting = Ledger.open(home).trials()
    assert (done.configuration, done.seed, done.index) == ({"lr": 0.1, "optimizer": "adamw"}, 0, 0)
    assert (done.outcome, done.attempts, done.seconds, done.total_steps) == ("ok", 1, 1.5, 1)
    assert done.summary == {"dev/error": 0.25, "lr": 0.1}
    assert (waiting.outcome, waiting.attempts, waiting.summary) == (None, 0, {})
    readings = Ledger.open(home).readings(OBJECTIVE)
    assert (readings["t0000"].score, readings["t0000"].step) == (0.25, 1.0)
    assert readings["t0001"].score is None


def test_a_failed_attempt_counts_for_nothing_once_it_is_retried(home: Path) -> None:
    with Ledger.write(home, "test") as ledger:
        plan(ledger, 0)
        run(ledger, 0, [{"dev/error": 0.01}, {"dev/error": 0.02}], outcome="failed:infra")
        assert ledger.trials()[0].outcome == "failed:infra"
        run(ledger, 0, [{"dev/error": 0.5}], attempt=2)
        (trial,) = ledger.trials()
        assert (trial.outcome, trial.attempts, trial.summary) == ("ok", 2, {"dev/error": 0.5})
        assert ledger.readings(OBJECTIVE)["t0000"].score == 0.5


def test_a_resumed_attempt_continues_the_curve_of_the_one_it_resumed(home: Path) -> None:
    with Ledger.write(home, "test") as ledger:
        plan(ledger, 0)
        folder = ledger.paths.trial("t0000")
        for attempt, steps in ((1, range(6)), (2, range(4, 8))):
            write_card(folder, TrialCard(id="t0000", attempt=attempt))
            ledger.append("attempt-started", {"trial": "t0000", "attempt": attempt})
            with trial_in(folder) as trial:
                assert (trial.resume() or (None,))[0] == (None if attempt == 1 else 3)
                for step in steps:
                    trial.log(step, {"dev/error": 10 * attempt + step})
                    if step == 3:
                        trial.checkpoint(step, {"step": step})
            outcome = "failed:preempted" if attempt == 1 else "ok"
            ledger.append("attempt-ended", {"trial": "t0000", "attempt": attempt, "outcome": outcome})
    for ledger in (Ledger.open(home),):
        curve = ledger.curves.curve("t0000", "dev/error")
        assert curve is not None
        assert curve.steps.tolist() == list(range(8))
        assert curve.values.tolist() == [10, 11, 12, 13, 24, 25, 26, 27]


def test_a_curve_has_each_step_once_in_order_and_the_last_value_logged_counts(home: Path) -> None:
    with Ledger.write(home, "test") as ledger:
        plan(ledger, 0)
        folder = ledger.paths.trial("t0000")
        write_card(folder, TrialCard(id="t0000"))
        ledger.append("attempt-started", {"trial": "t0000", "attempt": 1})
        with trial_in(folder) as trial:
            for step, value in [(5, 1.0), (3, 2.0), (5, 3.0), (4, 4.0), (math.inf, 9.0)]:
                trial.log(step, {"x": value})
        ledger.append("attempt-ended", {"trial": "t0000", "attempt": 1, "outcome": "ok"})
        curve = ledger.curves.curve("t0000", "x")
        assert curve is not None
        assert (curve.steps.tolist(), curve.values.tolist()) == ([3, 4, 5], [2.0, 4.0, 3.0])
        assert ledger.trials()[0].summary == {"x": 3.0}


def test_a_reader_sees_what_a_running_trial_logs_and_reads_only_what_is_new(home: Path) -> None:
    with Ledger.write(home, "test") as ledger:
        plan(ledger, 0)
        folder = ledger.paths.trial("t0000")
        write_card(folder, TrialCard(id="t0000"))
        ledger.append("attempt-started", {"trial": "t0000", "attempt": 1})
        reader = Ledger.open(home)
        with trial_in(folder) as trial:
            for step in range(3):
                trial.log(step, {"x": step / 2})
                trial.flush()
                (record,) = reader.trials()
                curve = reader.curves.curve("t0000", "x")
                assert (record.outcome, record.summary) == (None, {"x": step / 2})
                assert curve is not None
                assert len(curve) == step + 1
        assert not reader.refresh()
        ledger.append("attempt-ended", {"trial": "t0000", "attempt": 1, "outcome": "ok"})
        assert reader.refresh()
        assert reader.trials()[0].outcome == "ok"


def test_rounds_come_back_with_the_trials_added_later(home: Path) -> None:
    study = Study(name="r1", scientific={}, planned=(planned(0, 1),))
    opened = Round(number=1, question="?", roles={}, scientific={}, space=Space(()), fixed={}, studies=(study,))
    with Ledger.write(home, "test") as ledger:
        ledger.append("round-opened", {"round": dump_round(opened)})
        ledger.append("trial-planned", {"trials": [dump_planned(planned(1, 1)), dump_planned(planned(2))]})
        ledger.append("round-closed", {"round": 1, "decision": "adopted"})
    (found,) = Ledger.open(home).rounds()
    assert [trial.id for trial in found.planned] == ["t0000", "t0001"]
    assert (found.closed, found.opened) == ("adopted", Ledger.open(home).events("round-opened")[0].time)
    assert [trial.id for trial in Ledger.open(home).trials()] == ["t0000", "t0001", "t0002"]


def test_the_state_speaks_the_projects_names(home: Path) -> None:
    with Ledger.write(home, "test") as ledger:
        plan(ledger, 0)
        ledger.append("objective", {"objective": dump_objective(OBJECTIVE)})
        run(ledger, 0, [{"val_error": 0.5}, {"val_error": 0.25}])
        imported = TrialRecord(id="old", configuration={"lr": 1.0}, outcome="ok", summary={"dev/error": 0.75})
        ledger.append("trial-imported", {"trials": [dump_record(imported)]})
    project = Project(name="p", objective=OBJECTIVE, splits={"dev": Split(name="dev", logged_as="val")})
    state = Ledger.open(home).state(project)
    assert [(trial.id, trial.summary) for trial in state.trials] == [
        ("old", {"dev/error": 0.75}),
        ("t0000", {"dev/error": 0.25}),
    ]
    assert {name: reading.score for name, reading in state.readings.items()} == {"old": 0.75, "t0000": 0.25}
    assert list(state.curves.metrics("t0000")) == ["dev/error"]
    assert Ledger.open(home).objectives() == (OBJECTIVE,)


def test_scores_are_read_again_for_every_objective(home: Path) -> None:
    small(home)
    with Ledger.write(home, "test") as ledger:
        first = ledger.readings(OBJECTIVE)
        last = ledger.readings(replace(OBJECTIVE, read="last", direction="maximize"))
        assert ledger.readings(OBJECTIVE) == first
        assert last["t0000"].score == first["t0000"].score
        loss = ledger.readings(Objective(formula="train/loss", direction="maximize"))
        assert loss["t0000"].score == 2.0


def test_a_second_writer_is_told_who_holds_the_lease_and_reading_goes_on(home: Path) -> None:
    with Ledger.write(home, "runner"):
        with pytest.raises(LeaseError, match=f"runner, process {os.getpid()}") as caught, Ledger.write(home, "other"):
            pass
        assert f"kill {os.getpid()}" in caught.value.fix.en
        assert not freshen(home, "other")
        assert len(Ledger.open(home).events()) == 1
        holder = Ledger.open(home).holder()
        assert holder is not None
        assert (holder.actor, holder.pid) == ("runner", os.getpid())
    assert freshen(home, "other")


def test_a_reader_cannot_write(home: Path) -> None:
    small(home)
    ledger = Ledger.open(home)
    with pytest.raises(LedgerError, match="reading only"):
        ledger.append("note", {"text": "x"})
    with pytest.raises(LedgerError, match="reading only"):
        ledger.rebuild()


def test_a_writer_that_was_closed_cannot_write(home: Path) -> None:
    with Ledger.write(home, "a") as ledger:
        pass
    with pytest.raises(LedgerError):
        ledger.append("note", {"text": "x"})


def test_only_kinds_of_the_table_are_written(home: Path) -> None:
    with Ledger.write(home, "a") as ledger:
        with pytest.raises(InternalError, match="no kind"):
            ledger.append("invented", {})
        with pytest.raises(InternalError, match="needs outcome"):
            ledger.append("attempt-ended", {"trial": "t0000", "attempt": 1})
        assert [event.kind for event in ledger.events()] == ["ledger-created"]
    assert all(kind.text.zh and kind.holds for kind in KINDS.values())


def test_an_event_is_at_once_what_a_reader_will_see(home: Path) -> None:
    data = {"text": ("a", "b"), "more": {"x": 1}}
    with Ledger.write(home, "a") as ledger:
        event = ledger.append("note", data)
        data["more"] = {"x": 2}
        assert event.data == {"text": ["a", "b"], "more": {"x": 1}}
        assert ledger.events() == Ledger.open(home).events()


def test_numpy_numbers_go_in_as_plain_ones(home: Path) -> None:
    with Ledger.write(home, "a") as ledger:
        ledger.append(
            "measurement", {"name": "lr", "result": {"lr": np.float64(0.1), "n": np.int64(3), "x": np.arange(2)}}
        )
    assert Ledger.open(home).events("measurement")[0].data["result"] == {"lr": 0.1, "n": 3, "x": [0, 1]}


def test_a_journal_of_a_later_format_is_refused_with_a_fix(home: Path) -> None:
    from playnote.recorder.lines import encode

    home.mkdir()
    event = {"number": 1, "kind": "ledger-created", "time": "", "actor": "", "data": {"format": 99}}
    (home / "journal.jsonl").write_bytes(encode(event))
    with pytest.raises(LedgerError, match="has format 99") as caught:
        Ledger.open(home)
    assert "pip install" in caught.value.fix.en


def test_an_event_that_does_not_hold_what_its_kind_holds_is_told_and_the_rest_is_read(home: Path) -> None:
    from playnote.recorder.lines import encode

    small(home, trials=1)
    before = Ledger.open(home).trials()
    event = {"number": 99, "kind": "trial-planned", "time": "", "actor": "", "data": {"trials": [{"id": 1}]}}
    with (home / "journal.jsonl").open("ab") as journal:
        journal.write(encode(event))
    ledger = Ledger.open(home)
    assert ledger.trials() == before
    assert "event 99 (trial-planned) cannot be used" in ledger.damage()[-1].kind
