"""Facts of stability: the baseline's losses and gradient norms, the learning rate's edge, and the schedule that ran."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from playnote.diagnosis.divergence_edge import DivergenceEdgeFinding, answer_divergence_edge, measure_divergence_edge
from playnote.diagnosis.gradient_outliers import (
    ClipFinding,
    GradientOutliersFinding,
    answer_clip,
    answer_gradient_outliers,
    measure_clip,
    measure_gradient_outliers,
)
from playnote.diagnosis.instability import InstabilityFinding, answer_instability, measure_instability
from playnote.playbook.facts.base import Giver, Provider, Target, of_project
from playnote.records.curves import Curve
from playnote.records.project import Project
from playnote.records.state import ProjectState
from playnote.records.table import TrialTable
from playnote.records.trial import DIVERGED, TrialRecord
from playnote.space.hyperparameter import Value

LOSS, NORM, RATE = "train/loss", "grad_norm", "lr"
RATES = ("lr", "learning_rate", "base_lr", "peak_lr", "max_lr")
CLIPS = ("clip", "clip_norm", "grad_clip", "max_grad_norm", "clip_grad_norm", "gradient_clip_val")
_LOOKED_AT = 5  # baseline runs: seeds of one configuration
_NONE_LEFT, _AT_ONCE = 0.05, 0.95


@dataclass(frozen=True)
class Stability:
    """What the baseline's runs and the latest round say of stability.

    losses    one a baseline run whose training loss was logged
    norms     one a baseline run whose gradient norms were logged
    edges     the best learning rate against the rate that diverges, in the latest round
    diverged  further baseline runs that lost their numbers or exploded, of `runs` that ended
    """

    losses: tuple[InstabilityFinding, ...] = ()
    norms: tuple[GradientOutliersFinding, ...] = ()
    edges: tuple[DivergenceEdgeFinding, ...] = ()
    diverged: int = 0
    runs: int = 0

    @property
    def shaking(self) -> tuple[InstabilityFinding, ...]:
        """Runs whose loss jumped and stayed up."""
        return tuple(each for each in self.losses if each.label == "yes")

    @property
    def spiking(self) -> tuple[GradientOutliersFinding, ...]:
        """Runs with huge gradients."""
        return tuple(each for each in self.norms if each.label == "yes")

    @property
    def at_edge(self) -> tuple[DivergenceEdgeFinding, ...]:
        """Learning rates whose best lies at the rate that diverges."""
        return tuple(each for each in self.edges if each.label == "yes")

    @property
    def open(self) -> bool:
        """Training is clearly unstable: two runs show it; one run alone may be a false alarm."""
        return self.diverged + len(self.shaking) >= 2

    @property
    def hinted(self) -> bool:
        """One run shows it, or another sign is there."""
        return bool(self.diverged or self.shaking or self.spiking or self.at_edge)

    @property
    def early(self) -> bool | None:
        """Whether the jumps begin early in the run, None where there is none."""
        return all(each.early for each in self.shaking) if self.shaking else None

    @property
    def looked(self) -> bool:
        """Whether anything could have been found."""
        decided = [each for each in (*self.losses, *self.norms, *self.edges) if each.label != "unknown"]
        return bool(decided or self.diverged)


@dataclass(frozen=True, slots=True)
class SeenSchedule:
    """The learning rate as the baseline logged it.

    total     last step
    warmup    steps until the peak was first reached, 0 where it began at the peak
    straight  whether the rise is a straight line from about 0; None without a rise or with too few readings in it
    end       last rate as a share of the peak
    flat      whether it never changes after the rise
    low       steps spent under a tenth of the peak, the rise apart
    """

    total: float
    peak: float
    warmup: float
    straight: bool | None
    end: float
    flat: bool
    low: float = 0.0

    @property
    def decays(self) -> bool:
        """Whether it ends at about zero."""
        return self.end <= _NONE_LEFT

    @property
    def share(self) -> float:
        """Warmup as a share of what follows it: a warmup is put before the schedule."""
        rest = self.total - self.warmup
        return self.warmup / rest if rest > 0 else 1.0


@dataclass(frozen=True)
class Schedule:
    """The schedule in use; None where no baseline run logged its learning rate."""

    seen: SeenSchedule | None


@dataclass(frozen=True)
class Clipping:
    """Clipping in the baseline: the threshold in use, and what recorded norms say of it (None: no norms logged)."""

    threshold: float | None
    finding: ClipFinding | None
    readings: int = 0
    logged_every: float | None = None


def baseline_runs(state: ProjectState) -> tuple[TrialRecord, ...]:
    """Ended runs of the baseline in its present configuration, the latest few."""
    ended = [t for t in state.of_purpose("baseline") if t.outcome is not None and not str(t.outcome).startswith("fail")]
    if not ended:
        return ()
    return tuple(t for t in ended if t.configuration == ended[-1].configuration)[-_LOOKED_AT:]


def clip_threshold(configuration: Mapping[str, Value], facts: Mapping[str, object]) -> float | None:
    """The clipping threshold a trial ran with; None where nothing says there was one."""
    for source in (configuration, facts):
        for name in (*CLIPS, "clip_threshold"):
            value = source.get(name)
            if isinstance(value, int | float) and not isinstance(value, bool) and value > 0:
                return float(value)
    return None


def rate_names(project: Project) -> tuple[str, ...]:
    """Hyperparameters that are learning rates, by name."""
    return tuple(name for name in project.space.names if name in RATES)


def _stability(giver: Giver) -> Stability:
    state = giver.state
    runs = baseline_runs(state)
    settings = state.project.settings
    losses, norms = [], []
    for trial in runs:
        if (curve := state.curves.curve(trial.id, LOSS)) is not None and len(curve):
            facts = measure_instability(curve.steps, curve.values)
            losses.append(answer_instability(facts, settings, {"trial": trial.id}))
        if (curve := state.curves.curve(trial.id, NORM)) is not None and len(curve):
            seen = measure_gradient_outliers(curve.steps, curve.values, clipped=_after_clipping(trial))
            norms.append(answer_gradient_outliers(seen, settings, {"trial": trial.id}))
    seen_to = {each.target.get("trial") for each in losses if each.label == "yes"}
    diverged = sum(trial.outcome in DIVERGED and trial.id not in seen_to for trial in runs)
    return Stability(tuple(losses), tuple(norms), _edges(giver), diverged, len(runs))


def _edges(giver: Giver) -> tuple[DivergenceEdgeFinding, ...]:
    state = giver.state
    if not state.rounds:
        return ()
    target = Target(round=state.rounds[-1].number)
    table = giver.give(TrialTable, target)
    found = []
    for name in rate_names(state.project):
        if name in table.space.names and len(table):
            facts = measure_divergence_edge(table, name)
            about = {**target.as_mapping(), "hyperparameter": name}
            found.append(answer_divergence_edge(facts, state.project.settings, about))
    return tuple(found)


def _after_clipping(trial: TrialRecord) -> bool | None:
    """Whether its norms were logged after clipping; without clipping they cannot have been."""
    said = trial.facts.get("grad_norm_clipped")
    if isinstance(said, bool):
        return said
    return None if clip_threshold(trial.configuration, trial.facts) is not None else False


def _clipping(giver: Giver) -> Clipping:
    state = giver.state
    for trial in baseline_runs(state):
        threshold = clip_threshold(trial.configuration, trial.facts)
        curve = state.curves.curve(trial.id, NORM)
        if curve is None or not len(curve):
            continue
        facts = measure_clip(curve.steps, curve.values, clipped=_after_clipping(trial), in_use=threshold)
        every = float(np.median(np.diff(curve.steps))) if len(curve) > 1 else None
        finding = answer_clip(facts, state.project.settings, {"trial": trial.id})
        return Clipping(threshold, finding, len(curve), every)
    base = clip_threshold(state.project.baseline, {})
    return Clipping(base, None)


def _schedule(giver: Giver) -> Schedule:
    state = giver.state
    for trial in baseline_runs(state):
        curve = state.curves.curve(trial.id, RATE)
        if curve is not None and len(curve) >= 2:
            return Schedule(seen_schedule(curve))
    return Schedule(None)


def seen_schedule(curve: Curve) -> SeenSchedule | None:
    """Read warmup, peak and end off a logged learning rate; None where it never is above 0."""
    steps, rate = curve.steps, curve.values
    if not np.isfinite(rate).all() or rate.max() <= 0:
        return None
    peak = float(rate.max())
    top = int(np.argmax(rate >= 0.999 * peak))
    rises = top > 0 and rate[0] < _AT_ONCE * peak
    warmup = float(steps[top]) if rises else 0.0
    straight = _straight(steps[: top + 1], rate[: top + 1] / peak) if rises and top >= 2 else None
    after = rate[top:] if rises else rate
    flat = bool(np.ptp(after) <= 1e-6 * peak)
    apart = np.diff(steps[top:] if rises else steps)
    low = float(apart[after[1:] < 0.1 * peak].sum())
    return SeenSchedule(float(steps[-1]), peak, warmup, straight, float(rate[-1]) / peak, flat, low)


def _straight(steps: np.ndarray, share: np.ndarray) -> bool:
    """A line through the rise that starts near 0 and misses no reading by more than 2 % of the peak."""
    slope, start = np.polyfit(steps, share, 1)
    return bool(abs(start) <= 0.05 and np.max(np.abs(slope * steps + start - share)) <= 0.02)


PROVIDERS: dict[type, Provider] = {
    Stability: of_project(_stability),
    Clipping: of_project(_clipping),
    Schedule: of_project(_schedule),
}
