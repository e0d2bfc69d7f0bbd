"""The callback looks on: it says each thing once, changes nothing, and cannot stop the user's loop."""

from __future__ import annotations

import math
from typing import Any

import pytest

import playnote
from playnote.service import review_live

optuna = pytest.importorskip("optuna")
optuna.logging.set_verbosity(optuna.logging.ERROR)
pytestmark = pytest.mark.filterwarnings("ignore")


def _diverging(trial: Any) -> float:
    lr = trial.suggest_float("lr", 1e-5, 1e-1, log=True)
    if lr > 3e-3:
        trial.report(math.nan, 1)
        return math.nan
    return abs(math.log10(lr) + 2)


def _too_narrow(trial: Any) -> float:
    return (math.log10(trial.suggest_float("lr", 1e-6, 1e-3, log=True)) + 1) ** 2


def _run(objective: Any, callbacks: list[Any], trials: int = 60) -> Any:
    study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=4))
    study.optimize(objective, n_trials=trials, callbacks=callbacks)
    return study


@pytest.mark.parametrize(
    ("objective", "language", "said"),
    [
        (_diverging, "en", "divergence is eating the budget"),
        (_diverging, "zh", "预算被发散吃掉了"),
        (_too_narrow, "en", "The range of lr stops too early at the top"),
        (lambda trial: trial.suggest_float("x", 0, 1) * 0 + (trial.number > 0), "en", "Nothing better since trial 0"),
    ],
)
def test_it_warns_once_of_what_goes_wrong(objective: Any, language: str, said: str) -> None:
    lines: list[str] = []
    _run(objective, [playnote.watch_optuna(language=language, say=lines.append, share=math.inf)])
    assert sum(said in line for line in lines) == 1


def test_the_study_is_what_it_would_have_been_without() -> None:
    watched, alone = _run(_diverging, [playnote.watch_optuna(say=lambda line: None)]), _run(_diverging, [])
    assert [t.params for t in watched.trials] == [t.params for t in alone.trials]
    assert [t.user_attrs for t in watched.trials] == [{}] * 60
    assert [set(t.system_attrs) for t in watched.trials] == [set(t.system_attrs) for t in alone.trials]


def test_a_fault_of_ours_ends_the_watching_and_not_the_study(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(study: Any, *, min_effect: float | None = None) -> Any:
        raise ZeroDivisionError("ours")

    monkeypatch.setattr(review_live, "live_warnings", broken)
    lines: list[str] = []
    study = _run(_too_narrow, [playnote.watch_optuna(say=lines.append, language="en", first=5)], 30)
    assert len(study.trials) == 30
    assert lines == ["[playnote] stopped watching: ZeroDivisionError: ours. The study goes on."]


def test_a_reader_that_fails_does_not_stop_the_study() -> None:
    def shut(line: str) -> None:
        raise BrokenPipeError

    assert len(_run(_diverging, [playnote.watch_optuna(say=shut)], 30).trials) == 30


def test_studies_with_several_objectives_and_several_workers_are_watched() -> None:
    study = optuna.create_study(directions=["minimize", "maximize"])
    lines: list[str] = []

    def two(trial: Any) -> tuple[float, float]:
        lr = trial.suggest_float("lr", 1e-6, 1e-3, log=True)
        return (math.log10(lr) + 1) ** 2, math.log10(lr)

    study.optimize(two, n_trials=40, n_jobs=3, callbacks=[playnote.watch_optuna(say=lines.append, language="en")])
    assert len(study.trials) == 40
    assert not [line for line in lines if "stopped watching" in line]
