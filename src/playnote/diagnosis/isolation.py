"""Which scientific value is best once the nuisance hyperparameters are tuned equally for each?

Two pictures: the best trial of each value, as the playbook draws it, and the expected best of an
equal number of trials, which no value can win by having more tries. It is a screen: the winner is
one lucky seed, and only fresh seeds can call its gain real.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import final

import numpy as np

from playnote.diagnosis.curve_answers import SET_MIN_EFFECT, effect_missing, label_of, matters_from, usable_effect
from playnote.diagnosis.study_answers import (
    adaptive_missing,
    held,
    more_trials,
    quasi_random_trials,
    scored,
    too_few_trials,
    usable_sd,
)
from playnote.records.curves import Floats
from playnote.records.finding import Finding, Label, Settle
from playnote.records.settings import DEFAULTS, Settings
from playnote.records.table import TrialTable
from playnote.space.hyperparameter import Value
from playnote.stats.best_of import expected_best, leave_one_out, weights
from playnote.stats.normal import normal_cdf
from playnote.text import Text

_DRAWS = 4000
_Z90 = 1.6449


@dataclass(frozen=True, slots=True)
class Level:
    """One scientific value and the study of its nuisance hyperparameters.

    points : tuple of keys, one a row of `table`  which planned point each trial ran; rows of other levels with the same
             key ran the same nuisance values. None where the studies share no points.
    """

    value: Value
    table: TrialTable
    points: tuple[object, ...] | None = None


@dataclass(frozen=True, slots=True)
class LevelFacts:
    """One value of the isolation plot; errors, lower is better.

    n             : int          feasible trials
    tried         : int          feasible and diverged trials
    best          : float, None  lowest error, and `best_id` the trial that has it
    expected_best : float, None  mean of the best of `budget` trials
    sd            : float, None  SD of it: search (jackknife over points) and seeds of the winners
    interval      : 90 %
    gain          : float, None  baseline's expected best minus this one's, at `gain_budget` trials each
    gain_sd, gain_interval       its SD and 90 % interval; points shared with the baseline are paired
    search_sd, seed_part         the parts of `gain_sd`
    p_best        : float, None  probability that this value's expected best is the lowest
    p_gain        : float, None  P(gain >= min_effect)
    useful        : bool         not separable from the best value at 90 %
    errors        : array        every feasible error, best first
    """

    value: Value
    n: int
    tried: int
    best: float | None = None
    best_id: str | None = None
    expected_best: float | None = None
    sd: float | None = None
    interval: tuple[float, float] | None = None
    gain: float | None = None
    gain_sd: float | None = None
    gain_interval: tuple[float, float] | None = None
    search_sd: float | None = None
    seed_part: float | None = None
    p_best: float | None = None
    p_gain: float | None = None
    useful: bool = True
    errors: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class IsolationFacts:
    """Every value side by side.

    levels      : tuple[LevelFacts]  in the order given
    baseline    : Value, None        the value gains are measured from
    budget      : int                trials of the equal-budget expected best: the fewest any value has
    gain_budget : int                half of it: trials at which gains are compared, where the estimate has a known spread
    paired      : bool               whether points shared with the baseline were used
    seed_sd     : float, None        seed noise counted in, None if not known (the intervals are then too narrow)
    adaptive    : bool               a sampler looked at results in one of the studies
    """

    levels: tuple[LevelFacts, ...]
    baseline: Value | None = None
    budget: int = 0
    gain_budget: int = 0
    paired: bool = False
    seed_sd: float | None = None
    min_effect: float | None = None
    adaptive: bool = False

    @property
    def winner(self) -> LevelFacts | None:
        """The value likeliest to be best."""
        known = [level for level in self.levels if level.p_best is not None]
        return max(known, key=lambda level: level.p_best or 0.0) if known else None


@final
@dataclass(frozen=True, kw_only=True)
class IsolationFinding(Finding):
    """Yes: at equal budget this value's best beats the baseline's by at least `min_effect`. `estimate` is that gain."""

    value: Value | None = None
    baseline: Value | None = None
    p_best: float | None = None
    useful: tuple[Value, ...] = ()


def measure_isolation(
    levels: Sequence[Level],
    baseline: Value | None = None,
    *,
    min_effect: float | None = None,
    seed_sd: float | None = None,
) -> IsolationFacts:
    """Compare values at equal numbers of trials.

    baseline   : Value  the value in force now; None: the first level
    min_effect : float  smallest difference that matters, in the metric's unit
    seed_sd    : float  SD of the metric over seeds, None if not known
    """
    effect, noise = usable_effect(min_effect), usable_sd(seed_sd)
    if not levels:
        return IsolationFacts((), baseline, seed_sd=noise, min_effect=effect)
    base = next((at for at, level in enumerate(levels) if level.value == baseline), 0)
    scores = [held(level.table.error[scored(level.table)]) for level in levels]
    tried = [len(s) + int(level.table.diverged.sum()) for s, level in zip(scores, levels, strict=True)]
    budget = min(tried)
    half = max(1, budget // 2)
    usable = [len(s) > 0 for s in scores]
    spread = _Spread(levels, scores, tried, half, noise)
    best = spread.chances(usable) if budget >= 2 else [None] * len(levels)
    top = max((at for at in range(len(levels)) if best[at] is not None), key=lambda at: best[at] or 0.0, default=None)
    facts = tuple(
        _level(levels[at], scores[at], tried[at], budget, best[at], spread, (at, base, top), effect)
        for at in range(len(levels))
    )
    return IsolationFacts(
        facts,
        levels[base].value,
        budget,
        half,
        spread.paired(base),
        noise,
        effect,
        any(x.table.adaptive for x in levels),
    )


class _Spread:
    """Estimates at the gain budget, their jackknife parts by point, and what the seeds add."""

    def __init__(
        self, levels: Sequence[Level], scores: list[Floats], tried: list[int], half: int, noise: float | None
    ) -> None:
        self.estimates = [expected_best(s, half, t - len(s)) for s, t in zip(scores, tried, strict=True)]
        self.keys: list[list[object]] = []
        self.parts: list[Floats] = []
        self.seed: list[float] = []
        for level, s, t in zip(levels, scores, tried, strict=True):
            rows = np.concatenate((np.flatnonzero(scored(level.table)), np.flatnonzero(level.table.diverged)))
            self.keys.append([(id(level), int(r)) if level.points is None else level.points[int(r)] for r in rows])
            loo = leave_one_out(s, half, t - len(s))
            centred = np.sqrt((t - 1) / t) * (loo - np.mean(loo)) if t > 1 and len(s) else np.zeros(t)
            self.parts.append(np.nan_to_num(centred))
            share = weights(t, half)[: len(s)] if len(s) else np.zeros(0)
            total = float(share.sum()) or 1.0
            self.seed.append((noise or 0.0) ** 2 * float(np.sum((share / total) ** 2)))

    def search_variance(self, a: int, b: int) -> float:
        """Jackknife variance of the difference of two estimates; shared points enter together."""
        if a == b:
            return 0.0
        own = float(self.parts[a] @ self.parts[a] + self.parts[b] @ self.parts[b])
        return max(own - 2.0 * self.covariance(a, b), 0.05 * own)

    def covariance(self, a: int, b: int) -> float:
        """Jackknife covariance over the points two levels share."""
        place = {key: at for at, key in enumerate(self.keys[b])}
        pairs = [(at, place[key]) for at, key in enumerate(self.keys[a]) if key in place]
        if not pairs:
            return 0.0
        mine, theirs = np.array(pairs).T
        return float(self.parts[a][mine] @ self.parts[b][theirs])

    def paired(self, base: int) -> bool:
        """Whether any other level shares points with the baseline."""
        own = set(self.keys[base])
        return any(own & set(keys) for at, keys in enumerate(self.keys) if at != base)

    def chances(self, usable: list[bool]) -> list[float | None]:
        """P(each level has the lowest expected best), by draws from the joint normal; None where unusable."""
        at = [i for i, ok in enumerate(usable) if ok]
        if not at:
            return [None] * len(usable)
        covariance = np.array([[self.covariance(i, j) for j in at] for i in at])
        covariance[np.diag_indices(len(at))] = [float(self.parts[i] @ self.parts[i]) + self.seed[i] for i in at]
        values, vectors = np.linalg.eigh((covariance + covariance.T) / 2)
        normal = np.random.default_rng(0).standard_normal((_DRAWS, len(at)))
        draws = (normal * np.sqrt(np.maximum(values, 0.0))) @ vectors.T + np.array([self.estimates[i] for i in at])
        wins = np.bincount(np.argmin(draws, axis=1), minlength=len(at)) / _DRAWS
        out: list[float | None] = [None] * len(usable)
        for place, i in enumerate(at):
            out[i] = float(wins[place])
        return out


def _level(
    level: Level,
    errors: Floats,
    tried: int,
    budget: int,
    p_best: float | None,
    spread: _Spread,
    places: tuple[int, int, int | None],
    effect: float | None,
) -> LevelFacts:
    here, base, top = places
    if not len(errors):
        return LevelFacts(level.value, 0, tried)
    rows = np.flatnonzero(scored(level.table))
    winner = level.table.ids[int(rows[int(np.argmin(errors))])]
    estimate = expected_best(errors, budget, tried - len(errors))
    sd = math.sqrt(float(spread.parts[here] @ spread.parts[here]) + spread.seed[here])
    gain = spread.estimates[base] - spread.estimates[here]
    search = math.sqrt(spread.search_variance(here, base))
    seeds = 0.0 if here == base else math.sqrt(spread.seed[here] + spread.seed[base])
    gain_sd = math.hypot(search, seeds)
    known = math.isfinite(gain) and here != base and tried > 1
    return LevelFacts(
        level.value,
        len(errors),
        tried,
        float(errors.min()),
        winner,
        estimate,
        sd,
        (estimate - _Z90 * sd, estimate + _Z90 * sd),
        gain if known else None,
        gain_sd if known else None,
        (gain - _Z90 * gain_sd, gain + _Z90 * gain_sd) if known else None,
        search if known else None,
        seeds if known else None,
        p_best,
        None if effect is None or not known else _at_least(gain, gain_sd, effect),
        _useful(spread, here, top),
        tuple(np.sort(errors).tolist()),
    )


def _at_least(gain: float, sd: float, effect: float) -> float:
    if sd <= 0:
        return 0.5 if gain == effect else float(gain > effect)
    return normal_cdf((gain - effect) / sd)


def _useful(spread: _Spread, here: int, top: int | None) -> bool:
    """Not shown to be worse than the likeliest winner: the 90 % interval of the difference reaches zero."""
    if top is None or here == top:
        return True
    sd = math.sqrt(spread.search_variance(here, top) + spread.seed[here] + spread.seed[top])
    return bool(spread.estimates[here] - spread.estimates[top] <= _Z90 * sd)


def answer_isolation(
    facts: IsolationFacts,
    value: Value | None = None,
    settings: Settings = DEFAULTS,
    target: Mapping[str, object] | None = None,
) -> IsolationFinding:
    """Does `value` (None: the likeliest winner besides the baseline) beat the baseline at equal budget?"""
    level = _asked(facts, value)
    missing = _missing(facts, level, settings)
    p = level.p_gain if level is not None else None
    label: Label = label_of(p, settings["isolation.yes"], settings["isolation.no"], bool(missing))
    open_question = facts.adaptive or level is None
    return IsolationFinding(
        label=label,
        p=None if missing else p,
        estimate=None if open_question or level is None else level.gain,
        interval=None if open_question or level is None else level.gain_interval,
        n=tuple(each.n for each in facts.levels),
        thresholds=settings.thresholds("isolation.yes", "isolation.no", "isolation.trials"),
        missing=missing,
        settles=_settles(facts, label, settings),
        target=target or {},
        note=_note(facts, level),
        value=level.value if level is not None else None,
        baseline=facts.baseline,
        p_best=level.p_best if level is not None and not facts.adaptive else None,
        useful=tuple(each.value for each in facts.levels if each.useful) if not facts.adaptive else (),
    )


def _asked(facts: IsolationFacts, value: Value | None) -> LevelFacts | None:
    others = [level for level in facts.levels if level.value != facts.baseline]
    if value is not None:
        return next((level for level in others if level.value == value), None)
    known = [level for level in others if level.p_best is not None]
    return max(known, key=lambda level: level.p_best or 0.0) if known else None


def _missing(facts: IsolationFacts, level: LevelFacts | None, settings: Settings) -> tuple[Text, ...]:
    missing = []
    if facts.adaptive:
        missing.append(adaptive_missing())
    if level is None:
        missing.append(Text(en="There is no second value to compare.", zh="没有第二个取值可比。"))
    fewest = min((each.n for each in facts.levels), default=0)
    if fewest < settings["isolation.trials"]:
        missing.append(too_few_trials(fewest, settings["isolation.trials"]))
    if facts.min_effect is None:
        missing.append(effect_missing())
    return tuple(missing)


def _settles(facts: IsolationFacts, label: Label, settings: Settings) -> tuple[Settle, ...]:
    if label != "unknown":
        return ()
    needed = int(settings["isolation.trials"])
    if facts.adaptive:
        runs = needed * len(facts.levels)
        return (Settle(quasi_random_trials(runs), runs),)
    short = sum(max(0, needed - each.n) for each in facts.levels)
    if short:
        return (Settle(more_trials(short), short),)
    return (Settle(SET_MIN_EFFECT, 0),) if facts.min_effect is None else (Settle(_FRESH, 8),)


def _note(facts: IsolationFacts, level: LevelFacts | None) -> Text | None:
    if facts.adaptive or level is None:
        return None
    if facts.min_effect is None:
        return matters_from(level.gain)
    return _SCREEN if facts.seed_sd is not None else _NO_SEEDS


_FRESH = Text(
    en="Run the winner and the baseline with 4 fresh seeds each.", zh="最优配置和 baseline 各用 4 个新种子重跑。"
)
_SCREEN = Text(
    en="A screen only: each value's best is one lucky seed. Fresh seeds decide.",
    zh="这只是初筛：每个取值的最优都只跑过一个种子，带着运气。要靠新种子定。",
)
_NO_SEEDS = Text(
    en="A screen only: each value's best is one lucky seed, and the seed noise is not known.",
    zh="这只是初筛：每个取值的最优都只跑过一个种子，种子噪声也还不知道。",
)
