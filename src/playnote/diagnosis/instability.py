"""Did the training loss leave its path for good reason to worry: a lasting rise, slow divergence, or NaN?

Single hard batches, batches of mixed difficulty, periodic loss and heavy tails are healthy
and must not count. Where evaluations were logged, a rise of the training loss that the dev
loss does not follow is not called instability.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, final

import numpy as np
from numpy.typing import ArrayLike

from playnote.diagnosis.curve_answers import label_of, too_few
from playnote.records.finding import Finding, Settle
from playnote.records.settings import DEFAULTS, Settings
from playnote.stats.excursions import instability_probability, late_rise, strongest_excursion
from playnote.stats.readings import in_order, readings
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
) -> InstabilityFacts:
    """Measure excursions of the training loss.

    steps, train_loss : arrays, shape (n,)  loss of each logged step; NaN or infinite = the run lost its numbers
    dev_steps, dev_errors : arrays, shape (m,)  evaluations, to confirm a rise; lower is better
    """
    at, loss = in_order(steps, train_loss)
    finite = np.isfinite(loss)
    n = int(finite.sum())
    if len(loss) and not finite.all():
        where = float(at[int(np.argmin(finite))])
        return InstabilityFacts(n, "not-finite", where, p=0.99, early=where <= 0.05 * float(at[-1]))
    curve = readings(at, loss)
    found = strongest_excursion(curve.values)
    if found is None:
        return InstabilityFacts(n)
    late = late_rise(curve.values)
    p = instability_probability(found, late)
    sign: Sign = "excursion" if p > 0.5 else "none"
    where = float(curve.time[found.at])
    return InstabilityFacts(n, sign, where * curve.total, found.height, found.lasts, where <= 0.05, p)


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
