"""Whether one run was stable: the probe's rules, read off the loss of every step.

A run is unstable where it diverged, or where its loss, after a fall, jumps above its lowest level so far and stays there.
The height asked for is the larger of `probe.noise` noise units and `probe.drop` of what had been gained; a jump that
is over within `probe.recover` of the run is a hard batch, not an instability.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from playnote.diagnosis.instability import answer_instability, measure_instability
from playnote.diagnosis.steps import running_median
from playnote.errors import WorkflowError
from playnote.procedures.measure.contract import LOSS, Seen
from playnote.records.curves import Curve, Floats
from playnote.records.settings import Settings
from playnote.stats.loss_path import local_noise
from playnote.text import Text

Stable = Literal["stable", "unstable", "unclear"]
_SHORTEST = 3  # readings that a jump lasts at least
_FEWEST = 8  # readings below which nothing can be called a fall and a jump


@dataclass(frozen=True, slots=True)
class Judged:
    """How a run went.

    at     step at which it left its path
    every  distance between its logged steps, in steps
    late   mean loss of its last fifth
    back   it left its path and came back to its lowest level by the end
    """

    label: Stable
    at: float | None = None
    every: float | None = None
    late: float = math.inf
    back: bool = False

    @property
    def stable(self) -> bool:
        """Surely stable."""
        return self.label == "stable"


def judge(seen: Seen, settings: Settings, until: float | None = None) -> Judged:
    """Judge a run by its loss up to a step. Raises WorkflowError where a run that ended well logged no loss."""
    curve = seen.curve(LOSS)
    if curve is None:
        if seen.diverged:
            return Judged("unstable")
        raise _no_loss(seen)
    kept = curve if until is None else Curve(curve.steps[curve.steps <= until], curve.values[curve.steps <= until])
    every = float(np.median(np.diff(kept.steps))) if len(kept) > 1 else None
    late = late_loss(kept.values)
    if seen.diverged and (until is None or curve.steps[-1] <= until):
        return Judged("unstable", _left(curve, settings), every, late)
    if not np.isfinite(kept.values).all():
        return Judged("unstable", float(kept.steps[int(np.argmin(np.isfinite(kept.values)))]), every, late)
    if len(kept) < _FEWEST:
        return Judged("unclear", None, every, late)
    at = jump(kept, settings)
    if at is None and len(kept) >= settings["instability.readings"]:
        found = answer_instability(measure_instability(kept.steps, kept.values), settings)
        at = found.at if found.label == "yes" else None
    return Judged("stable" if at is None else "unstable", at, every, late, _came_back(kept.values, late, settings))


def jump(curve: Curve, settings: Settings) -> float | None:
    """Step of the first jump after a fall that lasts; None without one.

    The loss is smoothed by a trailing median as long as a jump must last, so that single hard batches and the noise's own
    lowest readings do not count; noise is local, as a loss is noisier where it is higher.
    """
    values = curve.values
    window = max(_SHORTEST, math.ceil(settings["probe.recover"] * len(values)))
    smooth = running_median(values, window)
    lowest = np.minimum.accumulate(smooth)
    # The median of a longer window is the less noisy; the shortest window is as noisy as a reading, about.
    units = settings["probe.noise"] * local_noise(values) * math.sqrt(_SHORTEST / window)
    bar = lowest + np.maximum(units, settings["probe.drop"] * np.maximum(smooth[0] - lowest, 0.0))
    up = np.flatnonzero((smooth > bar) & (lowest < smooth[0]))
    if not len(up):
        return None
    first = max(0, int(up[0]) - window + 1)
    above = np.flatnonzero(values[first : up[0] + 1] > bar[up[0]])
    return float(curve.steps[first + int(above[0])])


def _left(curve: Curve, settings: Settings) -> float:
    """Step at which a run that diverged left its path: after its last reading near the lowest, which may be long before its end."""
    values = curve.values[np.isfinite(curve.values)]
    if not len(values):
        return float(curve.steps[0])
    lowest = float(np.min(values))
    bar = lowest + settings["probe.drop"] * max(float(values[0]) - lowest, 0.0)
    near = int(np.flatnonzero(values <= bar)[-1])
    return float(curve.steps[min(near + 1, len(curve) - 1)])


def _came_back(values: Floats, late: float, settings: Settings) -> bool:
    """Whether the end lies at the lowest level reached, within what counts as a jump."""
    lowest = float(np.min(values))
    gained = max(float(values[0]) - lowest, 0.0)
    return gained > 0 and late <= lowest + max(settings["probe.noise"] * noise(values), settings["probe.drop"] * gained)


def noise(values: Floats) -> float:
    """Noise of one reading: first differences, robustly, so that a trend hardly counts."""
    if len(values) < 3:
        return 0.0
    steps = np.diff(values)
    return float(1.4826 * np.median(np.abs(steps - np.median(steps))) / math.sqrt(2))


def late_loss(values: Floats) -> float:
    """Mean of the last fifth of a series; infinite where it is empty or lost its numbers."""
    tail = values[-max(1, len(values) // 5) :]
    return float(np.mean(tail)) if len(tail) and np.isfinite(tail).all() else math.inf


def no_worse(late: float, reference: Seen, settings: Settings) -> bool:
    """Whether a late loss is no worse than a stable run's: within two of its noise units, or a sliver of its level.

    The sliver is of the level, not of what was gained: a loss that swings far below its start, yet far above where a stable
    run ends, is bounded and not cured.
    """
    values = reference.values(LOSS)
    if not len(values) or not math.isfinite(late):
        return False
    best = late_loss(values)
    tail = max(1, len(values) // 5)
    slack = max(2.0 * noise(values[-tail:]), settings["probe.slack"] * abs(best))
    return late <= best + slack


def _no_loss(seen: Seen) -> WorkflowError:
    return WorkflowError(
        Text(
            en="Trial {id} logged no training loss: whether it was stable cannot be told.",
            zh="试验 {id} 没有记录训练损失，看不出稳不稳。",
        ).fill(id=seen.trial),
        fix=Text(
            en='Log it at every step: `trial.log(step, {{"train/loss": loss, "grad_norm": norm}})`.',
            zh='每一步都记录：`trial.log(step, {{"train/loss": loss, "grad_norm": norm}})`。',
        ).fill(),
    )
