"""How much does the best trial flatter itself by having been the best of many?

Configurations' true results are taken as normal around their mean; what is seen adds the seed noise. The best of K
is then shrunk towards the others (empirical Bayes). For show only: decisions take fresh seeds.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import final

import numpy as np

from playnote.diagnosis.curve_answers import (
    SET_MIN_EFFECT,
    effect_missing,
    label_of,
    matters_from,
    usable_effect,
)
from playnote.diagnosis.study_answers import SEED_REPEATS, held, scored, too_few_trials, usable_sd
from playnote.records.curves import Floats
from playnote.records.finding import Finding, Settle
from playnote.records.settings import DEFAULTS, Settings
from playnote.records.table import TrialTable
from playnote.stats.normal import normal_cdf
from playnote.text import Text

_DRAWS = 2000


@dataclass(frozen=True, slots=True)
class WinnersCurseFacts:
    """The best trial and what being the best of many was worth.

    n         : int           feasible trials
    best      : float, None   lowest error, and `best_id` the trial
    corrected : float, None   expected error of that configuration on a fresh seed
    optimism  : float, None   corrected - best, at least 0
    interval  : (float, float), None  90 % of the optimism
    p         : float, None   P(optimism >= min_effect)
    seed_sd   : float, None   None: not known, nothing can be said
    ties      : int           trials within two seed SDs of the best (sqrt 2 each way): real ties
    """

    n: int
    best: float | None = None
    best_id: str | None = None
    corrected: float | None = None
    optimism: float | None = None
    interval: tuple[float, float] | None = None
    p: float | None = None
    seed_sd: float | None = None
    min_effect: float | None = None
    ties: int = 0


@final
@dataclass(frozen=True, kw_only=True)
class WinnersCurseFinding(Finding):
    """Yes: the best trial flatters itself by at least `min_effect`. `estimate` is by how much."""

    corrected: float | None = None


def measure_winners_curse(
    table: TrialTable, *, min_effect: float | None = None, seed_sd: float | None = None
) -> WinnersCurseFacts:
    """Shrink the best trial. seed_sd : SD of one run over seeds, in the metric's unit."""
    effect, noise = usable_effect(min_effect), usable_sd(seed_sd)
    good = scored(table)
    errors = held(table.error[good])
    n = len(errors)
    if n == 0:
        return WinnersCurseFacts(0, seed_sd=noise, min_effect=effect)
    rows = np.flatnonzero(good)
    at = int(np.argmin(errors))
    best, best_id = float(errors[at]), table.ids[int(rows[at])]
    if noise is None or n < 3:
        return WinnersCurseFacts(n, best, best_id, seed_sd=noise, min_effect=effect)
    mean, sd = _posterior(errors, noise)
    optimism = max(mean - best, 0.0)
    ends = (max(optimism - 1.645 * sd, 0.0), optimism + 1.645 * sd)
    p = None if effect is None else normal_cdf((optimism - effect) / sd) if sd > 0 else 0.0
    ties = int(np.sum(errors <= best + 2.0 * math.sqrt(2.0) * noise))
    return WinnersCurseFacts(n, best, best_id, best + optimism, optimism, ends, p, noise, effect, ties)


def _posterior(errors: Floats, noise: float) -> tuple[float, float]:
    """Mean and SD of the best configuration's true error, by importance of true errors spread like the better half.

    The better half's spread around the best stands for the spread of true errors near it: the bad tail of a search
    says nothing of how close the good ones are.
    """
    near = np.sort(errors)[: max(3, (len(errors) + 1) // 2)]
    seen = max(float(np.var(near, ddof=1)), 1e-300)
    # The lower half of a normal sample has 0.36 of its variance.
    true = max(seen / 0.36 - noise**2, 0.02 * noise**2)
    centre = float(near[-1])
    share = true / (true + noise**2) if noise > 0 else 1.0
    return share * float(near[0]) + (1.0 - share) * centre, math.sqrt(share) * noise


def answer_winners_curse(
    facts: WinnersCurseFacts, settings: Settings = DEFAULTS, target: Mapping[str, object] | None = None
) -> WinnersCurseFinding:
    """Yes, no or unknown; unknown without seed noise, without `min_effect`, and below the minimum."""
    missing: list[Text] = []
    if facts.n < settings["winners_curse.trials"]:
        missing.append(too_few_trials(facts.n, settings["winners_curse.trials"]))
    if facts.seed_sd is None:
        missing.append(Text(en="The seed noise is not known.", zh="还不知道种子噪声有多大。"))
    if facts.min_effect is None:
        missing.append(effect_missing())
    label = label_of(facts.p, settings["winners_curse.yes"], settings["winners_curse.no"], bool(missing))
    settles: tuple[Settle, ...] = ()
    if label == "unknown":
        settles = (Settle(SEED_REPEATS, 3),) if facts.min_effect is not None else (Settle(SET_MIN_EFFECT, 0),)
    return WinnersCurseFinding(
        label=label,
        p=None if missing else facts.p,
        estimate=facts.optimism,
        interval=facts.interval,
        n=facts.n,
        thresholds=settings.thresholds("winners_curse.yes", "winners_curse.no", "winners_curse.trials"),
        missing=tuple(missing),
        settles=settles,
        target=target or {},
        note=matters_from(facts.optimism) if facts.min_effect is None else None,
        corrected=facts.corrected,
    )
