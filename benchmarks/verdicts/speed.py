"""CPU time of the verdicts: per case of each task, against the number of trials, and of one whole large study.

python benchmarks/verdicts/speed.py            about a minute on one core
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np

from playnote.diagnosis.density import answer_density, measure_density
from playnote.diagnosis.importance import answer_importance, measure_importance
from playnote.diagnosis.infeasible import answer_infeasible, measure_infeasible
from playnote.diagnosis.readiness import answer_readiness, measure_readiness
from playnote.diagnosis.winners_curse import answer_winners_curse, measure_winners_curse
from playnote.records.table import TrialTable
from playnote.service.exchange_case import metric_of
from playnote.service.judge import judge
from playnote.service.judge_study import table_of
from playnote.testing import catalog
from playnote.testing.curve_cases import curve_case
from playnote.testing.known import Case
from playnote.testing.search_cases import search_case
from playnote.testing.stability_cases import stability_case

CASES = 48
SIZES = ((100, 8), (1_000, 8), (10_000, 8))
POINTS = 1_000
TOP = 5
"""Curve verdicts are asked of the best trials: what a bad trial's curve does decides nothing."""

LIMIT_SECONDS = 5.0


def cpu_of(work: Callable[[], object]) -> float:
    """CPU seconds of one piece of work."""
    begun = time.process_time()
    work()
    return time.process_time() - begun


def study(trials: int, axes: int) -> Case:
    """A made-up search of that size."""
    return search_case(np.random.default_rng(3), size=(trials, axes)).case


def rest_of_the_study(table: TrialTable, effect: float | None) -> None:
    """The study questions that are not part of the exchange format."""
    answer_density(measure_density(table, effect))
    answer_infeasible(measure_infeasible(table))
    facts = measure_importance(table)
    for name in table.space.names:
        answer_importance(facts, name)
    answer_readiness(measure_readiness(table, min_effect=effect))
    answer_winners_curse(measure_winners_curse(table, min_effect=effect))


def thickened(case: Case, points: int) -> Case:
    """The same trial with its logged series repeated at `points` places between first and last step."""
    return {**case, "study": {**case["study"], "trials": [_longer(trial, points) for trial in case["study"]["trials"]]}}


def _longer(trial: dict[str, Any], points: int) -> dict[str, Any]:
    curve = trial.get("curve")
    if not curve:
        return trial
    place = np.linspace(0, len(curve) - 1, points)
    steps = np.interp(place, np.arange(len(curve)), [float(point["step"]) for point in curve])
    longer = [{**curve[round(at)], "step": float(step)} for at, step in zip(place, steps, strict=True)]
    return {**trial, "curve": longer}


def per_task() -> None:
    """Mean and worst of each task's cases."""
    print("| task | cases | mean ms | worst ms |\n|---|---|---|---|")
    for task in catalog.TASKS:
        cases = [known.case for known in catalog.stream(task, 2, 0, CASES, adaptive=False)]
        spent = 1e3 * np.array([cpu_of(lambda case=case: judge(case)) for case in cases])  # type: ignore[misc]
        print(f"| {task} | {CASES} | {spent.mean():.1f} | {spent.max():.1f} |")


def per_size() -> None:
    """Every study verdict against the number of trials."""
    print("\n| trials | hyperparameters | ranges, idle, edge, pairs (ms) | the other study questions (ms) |")
    print("|---|---|---|---|")
    for trials, axes in SIZES:
        case = study(trials, axes)
        table, effect = table_of(case["study"]), metric_of(case["study"]).min_effect
        if table is not None:
            first = min(cpu_of(lambda case=case: judge(case)) for _ in range(2))  # type: ignore[misc]
            other = cpu_of(lambda table=table, effect=effect: rest_of_the_study(table, effect))  # type: ignore[misc]
            print(f"| {trials} | {axes} | {1e3 * first:.0f} | {1e3 * other:.0f} |")


def whole_study() -> None:
    """All verdicts of 1,000 trials of 8 hyperparameters with curves of 1,000 points."""
    case = study(1_000, 8)
    table, effect = table_of(case["study"]), metric_of(case["study"]).min_effect
    curves = [thickened(curve_case(np.random.default_rng(k), kind="ordinary").case, POINTS) for k in range(TOP)]
    losses = [thickened(stability_case(np.random.default_rng(k), kind="quiet").case, POINTS) for k in range(TOP)]
    spent = {
        "ranges, idle, edge, pairs": cpu_of(lambda: judge(case)),
        "the other study questions": cpu_of(lambda: table is not None and rest_of_the_study(table, effect)),
        f"curves of the best {TOP}": sum(cpu_of(lambda each=each: judge(each)) for each in curves),  # type: ignore[misc]
        f"stability of the best {TOP}": sum(cpu_of(lambda each=each: judge(each)) for each in losses),  # type: ignore[misc]
    }
    total = sum(spent.values())
    print(f"\n1,000 trials, 8 hyperparameters, {POINTS:,} points a curve\n\n| verdicts | ms |\n|---|---|")
    for name, seconds in spent.items():
        print(f"| {name} | {1e3 * seconds:.0f} |")
    print(f"| all (limit {1e3 * LIMIT_SECONDS:.0f}) | {1e3 * total:.0f} |")


def main() -> None:
    """Prints three tables."""
    judge(catalog.draw("gaps", 1, 0).case)
    per_task()
    per_size()
    whole_study()


if __name__ == "__main__":
    main()
