"""Facts of the ladder human - train - train-dev - dev - test: which gap the baseline's error comes from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from playnote.diagnosis.gaps import Count, GapFinding, answer_gaps, measure_gaps
from playnote.playbook.facts.base import Provider, of_project
from playnote.records.project import Project, Split
from playnote.records.state import ProjectState
from playnote.records.trial import TrialRecord

# Names under which a metric is a share of examples; anything else (a loss, a BLEU) has no count behind it.
_WRONG = frozenset({"error", "err", "error_rate", "top1_error", "misclassified"})
_RIGHT = frozenset({"accuracy", "acc", "top1", "top1_accuracy"})
TRAIN_EVAL = "train_eval"


@dataclass(frozen=True)
class Ladder:
    """The four gaps of the baseline, largest first, then those that cannot be measured.

    shares  whether the score is a share of wrong (or right) examples; without that no gap has a count behind it
    counts  the split's error and n, by rung
    """

    findings: tuple[GapFinding, ...]
    shares: bool = True
    counts: Mapping[str, Count] | None = None

    def of(self, gap: str) -> GapFinding | None:
        """The finding about one gap."""
        return next((each for each in self.findings if each.target.get("gap") == gap), None)

    def open(self, gap: str) -> bool:
        """Whether the gap is there and none is likelier to be the largest."""
        found = self.of(gap)
        if found is None or found.label != "yes":
            return False
        return all((found.largest or 0.0) >= (each.largest or 0.0) for each in self.findings if each.label == "yes")


def ladder_of(state: ProjectState) -> Ladder:
    """From the baseline's runs: the reading on dev, and what was logged of the other splits at that step."""
    project = state.project
    prefix, _, name = project.objective.formula.rpartition("/")
    if not prefix or (name not in _WRONG and name not in _RIGHT):
        return Ladder((), shares=False)
    trials = tuple(t for t in state.of_purpose("baseline") if t.outcome == "ok")
    counts = dict(_counts(state, trials, name, name in _RIGHT))
    train_mode: bool | None = True if "train" in counts else None
    if "train" not in counts and (looped := _mean(state, trials, f"train/{name}", name in _RIGHT)) is not None:
        counts["train"], train_mode = Count(looped * _n(project, "train"), _n(project, "train")), False
    facts = measure_gaps(
        counts,
        same_distribution=_same_source(project.splits),
        train_eval_mode=train_mode,
        min_effect=project.objective.min_effect,
        settings=project.settings,
    )
    found = answer_gaps(facts, project.settings)
    named = zip(facts.gaps, found, strict=True)
    return Ladder(tuple(_about(finding, gap.gap_name) for gap, finding in named), counts=counts)


def _about(finding: GapFinding, gap: str) -> GapFinding:
    from dataclasses import replace

    return replace(finding, target={**finding.target, "gap": gap})


def _counts(state: ProjectState, trials: tuple[TrialRecord, ...], name: str, right: bool) -> list[tuple[str, Count]]:
    project, rows = state.project, []
    if project.objective.human is not None:
        error, n = project.objective.human
        rows.append(("human", Count(error * n, n)))
    for rung, metric in (
        ("train", f"{TRAIN_EVAL}/{name}"),
        ("train_dev", f"{_prefix(project.splits, 'train_dev')}/{name}"),
        ("dev", project.objective.formula),
    ):
        share, n = _mean(state, trials, metric, right), _n(project, rung)
        if rung == "train" and share is None:
            share = _mean(state, trials, f"{TRAIN_EVAL}/error", False)
        if share is not None and n:
            rows.append((rung, Count(share * n, n)))
    test = _last_test(state, name, right)
    if test is not None and _n(project, "test"):
        rows.append(("test", Count(test * _n(project, "test"), _n(project, "test"))))
    return rows


def _mean(state: ProjectState, trials: tuple[TrialRecord, ...], metric: str, right: bool) -> float | None:
    """Mean share of wrong examples over trials, each at the step its score stands at; None where it is no share."""
    values = [value for trial in trials if (value := _at(state, trial, metric)) is not None]
    if not values or not all(0.0 <= value <= 1.0 for value in values):
        return None
    mean = float(np.mean(values))
    return 1.0 - mean if right else mean


def _at(state: ProjectState, trial: TrialRecord, metric: str) -> float | None:
    reading, curve = state.readings.get(trial.id), state.curves.curve(trial.id, metric)
    if curve is None or reading is None or reading.step is None or not len(curve):
        return trial.summary.get(metric)
    before = np.flatnonzero(curve.steps <= reading.step)
    return float(curve.values[before[-1]]) if len(before) else float(curve.values[0])


def _last_test(state: ProjectState, name: str, right: bool) -> float | None:
    """The latest counted reading of the test split in the same metric."""
    for event in reversed(state.events("test-read")):
        value = event.data.get("value")
        if (
            str(event.data.get("metric", "")).endswith(f"/{name}")
            and isinstance(value, int | float)
            and 0 <= value <= 1
        ):
            return 1.0 - float(value) if right else float(value)
    return None


def _prefix(splits: Mapping[str, Split], name: str) -> str:
    split = splits.get(name)
    return (split.logged_as if split is not None else None) or name


def _n(project: Project, name: str) -> int:
    split = project.splits.get(name)
    return (split.n if split is not None else None) or 0


def _same_source(splits: Mapping[str, Split]) -> bool | None:
    train, dev = splits.get("train"), splits.get("dev")
    if train is None or dev is None or train.source is None or dev.source is None:
        return None
    return train.source == dev.source


PROVIDERS: dict[type, Provider] = {Ladder: of_project(lambda giver: ladder_of(giver.state))}
