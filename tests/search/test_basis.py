"""What a plan takes from the record."""

from __future__ import annotations

import numpy as np
import pytest
from made_spaces import training_project

from playnote.records.state import ProjectState, Reading
from playnote.records.trial import TrialRecord
from playnote.search.basis import basis_of, earlier_scores, plan_next, seed_noise

DROPOUT = {"dropout": [0.0, 0.2]}
BASE = {"optimizer": "sgd", "lr": 0.1, "dropout": 0.0, "layers": 2, "momentum": 0.9, "weight_decay": 0.0}


def repeats(scores, purpose="baseline", lr=0.1, first=1):
    trials = tuple(
        TrialRecord(
            id=f"t{first + seed:04d}", purpose=purpose, configuration={**BASE, "lr": lr}, seed=seed, outcome="ok",
            attempts=1, seconds=60.0 + seed,
        )
        for seed in range(len(scores))
    )  # fmt: skip
    return trials, {trial.id: Reading(score) for trial, score in zip(trials, scores, strict=True)}


def state(*parts, **rest) -> ProjectState:
    return ProjectState(
        project=training_project(),
        trials=tuple(trial for trials, _ in parts for trial in trials),
        readings={name: reading for _, readings in parts for name, reading in readings.items()},
        **rest,
    )


def test_an_empty_record_is_the_first_round_with_nothing_known():
    basis = basis_of(state())
    assert (basis.number, basis.first_trial, basis.spending.trials, basis.noise) == (1, 1, 0, None)
    assert basis.spending.seconds_per_trial is None


def test_noise_is_pooled_over_what_was_repeated_on_purpose():
    one, other = [0.10, 0.12, 0.11], [0.20, 0.24]
    made = state(
        repeats(one), repeats(other, purpose="repeat", lr=0.2, first=11), repeats([0.5, 0.9], "search", 0.3, 21)
    )
    noise = seed_noise(made)
    assert noise is not None
    assert noise.df == 3
    assert noise.sd == pytest.approx(np.sqrt((np.var(one, ddof=1) * 2 + np.var(other, ddof=1)) / 3))


def test_one_run_of_each_configuration_tells_no_noise():
    assert seed_noise(state(repeats([0.1]), repeats([0.2], lr=0.2, first=11))) is None


def test_a_second_round_continues_numbers_and_pays_for_the_first():
    first = plan_next(state(), "?", DROPOUT, 8, nuisance=["lr", "weight_decay"])
    trials = tuple(
        TrialRecord(
            id=each.id, study=each.study, round=1, configuration=each.configuration, seed=each.seed, outcome="ok",
            attempts=1, seconds=90.0,
        )
        for each in first.round.planned
    )  # fmt: skip
    scores = {each.id: Reading(0.1 + 0.001 * number) for number, each in enumerate(trials)}
    made = state((trials, scores), repeats([0.1, 0.11, 0.12], first=17), rounds=(first.round,))
    second = plan_next(made, "?", {"layers": [1, 2]}, 8, nuisance=["lr", "weight_decay"], workers=2)
    assert second.round.number == 2
    assert second.round.planned[0].id == "t0020"
    assert basis_of(made).spending.trials == 19
    assert second.hours == pytest.approx(16 * 90 / 3600 / 2)
    assert second.smallest is not None
    assert second.smallest.search_known
    earlier = earlier_scores(made, second.round)
    assert earlier is not None
    assert len(earlier) == 8


def test_imported_trials_cost_nothing():
    imported = tuple(TrialRecord(id=f"x{number}", outcome="ok") for number in range(50))
    assert basis_of(state((imported, {}))).spending.trials == 0
