"""Did the training loss leave its path for good reason to worry: a lasting rise, slow divergence, or NaN?

Single hard batches, batches of mixed difficulty, periodic loss, heavy tails and the rise after a warm restart are
healthy and must not count. Where evaluations were logged, a rise of the training loss that the dev
loss does not follow is not called instability.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal, final

import numpy as np
from numpy.typing import ArrayLike

from playnote.diagnosis.curve_answers import label_of, too_few
from playnote.records.finding import Finding, Settle
from playnote.records.settings import DEFAULTS, Settings
from playnote.stats.excursions import (
    FEWEST,
    Excursion,
    instability_probability,
    late_rise,
    signs,
    strongest_excursion,
)
from playnote.stats.loss_path import local_noise
from playnote.stats.lr_rises import without_lr_rises
from playnote.stats.readings import Readings, in_order, readings
from playnote.stats.schedule import Schedule, lr_at
from playnote.text import Text

Sign = Literal["none", "not-finite", "excursion", "slow-divergence"]


@dataclass(frozen=True, slots=True)
class InstabilityFacts:
    """What a training-loss series shows.

    n         : int           logged steps with a finite loss
    sign      : Sign          the strongest sign of instability seen
    at        : float, None   step of its onset
    height    : float, None   rise over the first readings of the excursion, in local noise SDs
    lasts     : float, None   how long it lasts, in logged steps
    early     : bool          whether it starts in the first 5 % of the run
    p         : float, None   calibrated probability of a lasting excursion, slow divergence or NaN
    confirmed : bool, None    whether the evaluations rise with it; None where none were given
    """

    n: int
    sign: Sign = "none"
    at: float | None = None
    height: float | None = None
    lasts: float | None = None
    early: bool = False
    p: float | None = None
    confirmed: bool | None = None


@final
@dataclass(frozen=True, kw_only=True)
class InstabilityFinding(Finding):
    """Yes: a lasting loss excursion, slow divergence, or NaN. `estimate` is the rise in local noise SDs."""

    sign: Sign = "none"
    at: float | None = None
    early: bool = False


def measure_instability(
    steps: ArrayLike,
    train_loss: ArrayLike,
    *,
    dev_steps: ArrayLike | None = None,
    dev_errors: ArrayLike | None = None,
    lr: ArrayLike | None = None,
    lr_steps: ArrayLike | None = None,
    schedule: Schedule | None = None,
) -> InstabilityFacts:
    """Measure excursions of the training loss.

    steps, train_loss     : arrays, shape (n,)  loss of each logged step; NaN or infinite: the run lost its numbers
    dev_steps, dev_errors : arrays, shape (m,)  evaluations of the same run, lower is better, to confirm a rise
    lr, lr_steps          : arrays, shape (k,)  learning rate (at `steps` without `lr_steps`): a rise that a restart of
                                                it explains is none
    schedule              : Schedule            used where no learning rate was logged
    """
    at, loss = in_order(steps, train_loss)
    finite = np.isfinite(loss)
    n = int(finite.sum())
    if not finite.all():
        where = float(at[int(np.argmin(finite))])
        return InstabilityFacts(n, "not-finite", where, p=0.99, early=where <= _EARLY * float(at[-1]))
    curve = readings(at, loss, None if schedule is None else schedule.total_steps)
    if len(curve) >= FEWEST:
        curve = _explained(curve, steps if lr_steps is None else lr_steps, lr, schedule)
    found = strongest_excursion(curve.values)
    if found is None:
        return InstabilityFacts(n)
    strength = signs(found, late_rise(curve.values))
    kind = max(strength, key=lambda name: strength[name])
    p = instability_probability(strength[kind])
    onset = _onset(kind, found, curve)
    first, last = curve.time[onset], curve.time[min(onset + int(4 * found.lasts), n - 1)]
    window = (float(first), 1.0 if kind == "late" else float(last))
    confirmed = None if dev_errors is None or dev_steps is None else _confirmed(dev_steps, dev_errors, curve, window)
    return InstabilityFacts(
        n=n,
        sign=_NAMES[kind] if p > 0.5 else "none",
        at=float(at[onset]),
        height=found.rise,
        lasts=found.lasts,
        early=window[0] <= _EARLY,
        p=min(p, _UNFOLLOWED) if confirmed is False else p,
        confirmed=confirmed,
    )


def _explained(curve: Readings, lr_steps: ArrayLike, lr: ArrayLike | None, schedule: Schedule | None) -> Readings:
    """The loss without what restarts of the learning rate lifted it by."""
    relative = lr_at(curve.time * curve.total, lr_steps, lr, schedule, curve.total)
    if relative is None:
        return curve
    return replace(curve, values=without_lr_rises(curve.values, local_noise(curve.values), relative))


_EARLY = 0.05
_UNFOLLOWED = 0.4
"""Highest probability of a rise of the training loss that the evaluations do not follow: never a yes."""
_NAMES: dict[str, Sign] = {"excursion": "excursion", "early": "excursion", "late": "slow-divergence"}


def _onset(kind: str, found: Excursion, curve: Readings) -> int:
    """Index where the strongest sign begins; slow divergence begins at the lowest twelfth of the run."""
    if kind == "late":
        parts = np.array_split(curve.values, 12)
        return int(sum(len(part) for part in parts[: int(np.argmin([np.median(part) for part in parts])) + 1])) - 1
    return found.early_at if kind == "early" else found.at


def _confirmed(dev_steps: ArrayLike, dev_errors: ArrayLike, loss: Readings, window: tuple[float, float]) -> bool | None:
    """Whether evaluations rise inside a window of the run; None with fewer than three inside or before it."""
    dev = readings(dev_steps, dev_errors, loss.total)
    inside = dev.values[(dev.time >= window[0]) & (dev.time <= window[1])]
    before = dev.values[dev.time < window[0]][-5:]
    if len(inside) < 3 or len(before) < 3:
        return None
    noise = float(np.median(local_noise(dev.values)))
    return bool(np.median(inside) - np.median(before) > noise)


def answer_instability(
    facts: InstabilityFacts, settings: Settings = DEFAULTS, target: Mapping[str, object] | None = None
) -> InstabilityFinding:
    """Yes, no or unknown; NaN is a yes at any length, everything else needs enough logged steps."""
    short = facts.sign != "not-finite" and facts.n < settings["instability.readings"]
    missing = (too_few(facts.n, settings["instability.readings"]),) if short else ()
    label = label_of(facts.p, settings["instability.yes"], settings["instability.no"], short)
    return InstabilityFinding(
        label=label,
        p=None if short else facts.p,
        estimate=facts.height,
        n=facts.n,
        thresholds=settings.thresholds("instability.yes", "instability.no", "instability.readings"),
        missing=missing,
        settles=(Settle(_PROBE, 1),) if label == "unknown" else (),
        target=target or {},
        sign=facts.sign,
        at=facts.at,
        early=facts.early,
    )


_PROBE = Text(
    en="Run 500 steps at twice the best learning rate and log the loss of every step.",
    zh="用两倍的最佳学习率跑 500 步，逐步记录训练损失。",
)
