"""Is the candidate better than the baseline by more than the margin, beyond what seeds alone do?

Only fresh runs count: the run that made the candidate win is not one of its repeats. Earlier repeats lend their
knowledge of the noise, pairs theirs of what both arms share; diverged runs count against their arm.
Gains are baseline minus candidate in errors: positive is better.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, final

import numpy as np
from numpy.typing import ArrayLike

from playnote.diagnosis.adoption_price import OPEN_ENDED, Price
from playnote.diagnosis.adoption_sentences import missing_facts, settling
from playnote.diagnosis.curve_answers import usable_effect
from playnote.records.finding import Finding, Label
from playnote.records.settings import DEFAULTS, Settings
from playnote.stats.binomial import difference_above, equal_shares_odds
from playnote.stats.crossed import sampling_variance
from playnote.stats.evalue import e_value, t_statistic
from playnote.stats.moderated_t import Difference, Spread, difference
from playnote.stats.pocock import every_run, look_level
from playnote.stats.spike_slab import GainPrior, GainShares, gain_shares
from playnote.stats.t_mixture import Floats

Arms = tuple[Floats, Floats]
FAR = 1e150


@dataclass(frozen=True, slots=True)
class Looks:
    """How often one looks: "once"; "planned", at each number of runs an arm in `plan`; "open", whenever one likes."""

    mode: Literal["once", "planned", "open"] = "once"
    plan: tuple[int, ...] = ()

    @classmethod
    def up_to(cls, most: int) -> Looks:
        """After every run, at most `most` an arm."""
        return cls("planned", every_run(most))


ONCE, OPEN = Looks(), Looks("open")


@dataclass(frozen=True, slots=True)
class Examples:
    """Per-example correctness, the same examples in the same order in every run.

    baseline, candidate : arrays, shape (runs, examples)  1 where a run is right
    scale               : float                           metric units per unit of accuracy, > 0
    """

    baseline: Floats
    candidate: Floats
    scale: float = 1.0


@dataclass(frozen=True, slots=True)
class AdoptionFacts:
    """What the runs of both arms say.

    n              : (int, int)            finished runs: baseline, candidate
    failures       : (int, int)            diverged runs of each
    alpha, needed  : float                 one-sided level of the decision, and the p-value this look needs
    margin, level  : float                 what the gain must exceed; two-sided level of `interval`
    means          : (float, float), None  of the finished runs
    gain, interval : None where not measurable
    sd, freedom    : float, None           noise SD of one run and the degrees of freedom behind it
    dev_sd         : float, None           SD that the dev sample adds to the gain; None without a population claim
    history        : (int, int)            earlier configurations with repeats, and their runs
    searched       : bool                  whether a search's residual was used for the noise
    correlation    : float, None           of the pairs, where runs are paired
    p_value        : float, None           one-sided, of gain <= margin
    evidence       : float, None           e-value, in open-ended mode
    chance         : GainShares, None      better, no real difference, worse
    prior          : GainPrior             what the chances started from
    fails_more     : float                 P(candidate fails more often by over the tolerated margin), from the counts alone
    fails_likely   : float                 the same where most ideas leave failures as they are: what lowers `p`
    power          : ((gain, more, p), ..) chance to adopt with `more` further runs an arm if that is the true gain
    more_runs      : int, None             further runs an arm for the wanted power at `min_effect`
    identical      : bool                  every arm repeats one single number
    enough         : bool                  as many runs as the question needs
    examples_missing : bool                a population claim without usable per-example correctness
    """

    n: tuple[int, int]
    failures: tuple[int, int]
    alpha: float
    needed: float
    margin: float
    level: float
    prior: GainPrior
    looks: Looks = ONCE
    means: tuple[float, float] | None = None
    gain: float | None = None
    interval: tuple[float, float] | None = None
    sd: float | None = None
    freedom: float | None = None
    dev_sd: float | None = None
    history: tuple[int, int] = (0, 0)
    searched: bool = False
    correlation: float | None = None
    p_value: float | None = None
    evidence: float | None = None
    chance: GainShares | None = None
    fails_more: float = 0.0
    fails_likely: float = 0.0
    power: tuple[tuple[float, int, float], ...] = ()
    more_runs: int | None = None
    min_effect: float | None = None
    identical: bool = False
    enough: bool = False
    examples_missing: bool = False


@final
@dataclass(frozen=True, kw_only=True)
class AdoptionFinding(Finding):
    """Yes: adopt the candidate. `estimate` is the gain, `n` the finished runs of baseline and candidate.

    small   whether the gain, though real, surely stays below `min_effect`: adopt only what adds no complexity
    barred  whether failures of the candidate stand against it
    """

    small: bool = False
    barred: bool = False


# Numbers from 5e-324 to 1e308 may stand side by side: what overflows is clipped where it is used.
@np.errstate(all="ignore")
def measure_adoption(
    baseline: ArrayLike,
    candidate: ArrayLike,
    *,
    history: Sequence[ArrayLike] = (),
    search_noise: Spread | None = None,
    pairs: bool = False,
    min_effect: float | None = None,
    margin: float = 0.0,
    alpha: float | None = None,
    looks: Looks = ONCE,
    population: bool = False,
    examples: Examples | None = None,
    settings: Settings = DEFAULTS,
) -> AdoptionFacts:
    """Compare fresh runs of two arms.

    baseline, candidate : arrays, shape (n,)  final errors, lower is better; NaN or infinite: the run diverged
    history             : earlier repeats, one array per configuration (errors, same metric)
    search_noise        : residual variance of a search of the same pipeline
    pairs               : the k-th runs of both arms share a seed or split
    margin              : what the gain must exceed, in the metric's unit
    alpha               : one-sided level; the setting `adoption.alpha` where None
    population          : the claim is about examples not seen, so the dev sample is noise too (`examples` needed)
    settings            : its estimator constants (prior, minimum runs); labels are decided in `answer_adoption`
    """
    a, b = (np.asarray(arm, dtype=np.float64).ravel() for arm in (baseline, candidate))
    unit = _unit(a, b)
    groups = _repeats(history, unit)
    facts = _counted(a / unit, b / unit, unit, groups, margin, alpha, looks, settings)
    effect = usable_effect(min_effect)
    lost = population and examples is None
    facts = replace(facts, min_effect=effect, examples_missing=lost, searched=search_noise is not None)
    if facts.identical or not (facts.enough or (min(facts.n) and len(groups) >= settings["adoption.history"])):
        return facts
    spreads = [Spread(float(np.var(group, ddof=1)), len(group) - 1.0) for group in groups]
    if search_noise is not None:
        spreads.append(Spread(min(search_noise.variance / unit / unit, FAR), search_noise.df))
    found = _difference(a / unit, b / unit, spreads, pairs, settings)
    if found is None:
        return facts
    dev = 0.0
    if examples is not None:
        dev = sampling_variance(examples.baseline, examples.candidate) * (examples.scale / unit) ** 2
        found = replace(found, law=found.law.widened(dev))
    tested = _tested(facts, found, (a / unit, b / unit), unit, settings)
    if not _measured(tested):
        return facts
    return _priced(tested, found, unit, math.sqrt(dev) if population and examples is not None else None, settings)


def _unit(a: Floats, b: Floats) -> float:
    """A power of two near the largest number, so that no square overflows and dividing loses nothing."""
    both = np.concatenate((a, b))
    both = both[np.isfinite(both)]
    largest = float(np.max(np.abs(both))) if len(both) else 0.0
    return math.ldexp(1.0, min(max(math.frexp(largest)[1], -1000), 1020)) if largest > 0 else 1.0


def _repeats(history: Sequence[ArrayLike], unit: float) -> list[Floats]:
    """Groups of at least two finite runs that are not all one number, in units."""
    groups = [np.asarray(group, dtype=np.float64).ravel() / unit for group in history]
    groups = [np.clip(group[np.isfinite(group)], -FAR / 1e50, FAR / 1e50) for group in groups]
    return [group for group in groups if len(group) >= 2 and np.ptp(group) > 0]


def _counted(
    a: Floats,
    b: Floats,
    unit: float,
    groups: Sequence[Floats],
    margin: float,
    alpha: float | None,
    looks: Looks,
    settings: Settings,
) -> AdoptionFacts:
    """Counts, means, and whether there are runs enough."""
    ends = (a[np.isfinite(a)], b[np.isfinite(b)])
    n = (len(ends[0]), len(ends[1]))
    failures = (len(a) - n[0], len(b) - n[1])
    more, likely = _fails_more((failures[0], len(a)), (failures[1], len(b)), settings)
    wanted = settings["adoption.alpha"] if alpha is None else alpha
    known = len(groups) >= settings["adoption.history"]
    fewest = settings["adoption.runs_with_history" if known else "adoption.runs"]
    identical = min(n) >= 2 and all(_constant(end) for end in ends)
    means = (float(ends[0].mean()), float(ends[1].mean())) if min(n) else None
    return AdoptionFacts(
        n=n,
        failures=failures,
        alpha=wanted,
        needed=look_level(looks.plan, min(len(a), len(b)), wanted) if looks.mode == "planned" else wanted,
        margin=margin,
        level=settings["adoption.level"],
        prior=GainPrior(settings["adoption.prior_none"], settings["adoption.prior_worse"], settings["adoption.slab"]),
        looks=looks,
        means=None if means is None else (_held(means[0], unit), _held(means[1], unit)),
        gain=None if means is None else _held(means[0] - means[1], unit),
        history=(len(groups), sum(len(group) for group in groups)),
        fails_more=more,
        fails_likely=likely,
        identical=identical,
        enough=min(n) >= fewest and not identical,
    )


def _fails_more(baseline: tuple[int, int], candidate: tuple[int, int], settings: Settings) -> tuple[float, float]:
    """P(the candidate fails more often) from (failed, all): by the counts, and after the prior on failures."""
    if baseline[0] == 0 and candidate[0] == 0:
        return 0.0, 0.0
    more = difference_above(baseline, candidate, settings["adoption.fail_margin"])
    prior = settings["adoption.fail_prior"]
    return more, more * prior / (prior + (1.0 - prior) * equal_shares_odds(baseline, candidate))


def _constant(values: Floats) -> bool:
    return float(np.ptp(values)) <= 1e-12 * float(np.max(np.abs(values)))


def _held(value: float, unit: float) -> float:
    """Back in the metric's unit, never infinite."""
    bound = 1.7e308 / max(unit, 1.0)
    return float(np.clip(value, -bound, bound) * unit)


def _difference(a: Floats, b: Floats, spreads: Sequence[Spread], pairs: bool, settings: Settings) -> Difference | None:
    both = np.isfinite(a) & np.isfinite(b) if len(a) == len(b) else np.zeros(0, dtype=bool)
    if pairs and both.sum() >= settings["adoption.pair_runs"] and np.ptp((a - b)[both]) > 0:
        return difference(a[both], b[both], history=spreads, paired=True)
    return difference(a[np.isfinite(a)], b[np.isfinite(b)], history=spreads)


def _tested(facts: AdoptionFacts, found: Difference, runs: Arms, unit: float, settings: Settings) -> AdoptionFacts:
    """The test and the probabilities."""
    margin = facts.margin / unit
    low, high = found.law.interval(facts.level)
    effect = None if facts.min_effect is None else facts.min_effect / unit
    evidence = None
    if facts.looks.mode == "open":
        a, b = (run[np.isfinite(run)] for run in runs)
        t = t_statistic(a - margin, b)
        evidence = e_value(t, len(a), len(b)) if t > 0 else 0.0
    return replace(
        facts,
        gain=_held(found.law.centre, unit),
        interval=(_held(low, unit), _held(high, unit)),
        sd=_held(found.noise_sd, unit),
        freedom=found.noise_df,
        correlation=found.rho,
        p_value=1.0 - found.law.above(margin),
        evidence=evidence,
        chance=gain_shares(found.law, found.noise_sd, facts.prior, margin, effect),
    )


def _measured(facts: AdoptionFacts) -> bool:
    """Whether every number came out finite: runs as far apart as 1e308 and 1e-300 leave no noise to speak of."""
    numbers = [facts.gain, facts.sd, facts.freedom, facts.p_value, *(facts.interval or (None,))]
    shares = [] if facts.chance is None else [facts.chance.better, facts.chance.worse, facts.chance.above_margin]
    return bool(shares) and all(number is not None and math.isfinite(number) for number in (*numbers, *shares))


def _priced(
    facts: AdoptionFacts, found: Difference, unit: float, dev_sd: float | None, settings: Settings
) -> AdoptionFacts:
    """What more runs would show if the true gain is what matters, or half of it (without it: what was seen)."""
    if dev_sd is not None:
        facts = replace(facts, dev_sd=_held(dev_sd, unit))
    aim = (facts.gain if facts.min_effect is None else facts.min_effect) or 0.0
    price = Price(
        now=found.law.centre - facts.margin / unit,
        noise=found.noise_sd * math.sqrt(max(1.0 - (found.rho or 0.0), 0.0)),
        runs=min(facts.n),
        freedom=found.noise_df,
        planned=max(facts.looks.plan, default=OPEN_ENDED if facts.looks.mode == "open" else 0),
        alpha=facts.alpha,
    )
    more = price.needed((aim - facts.margin) / unit, settings["adoption.power"])
    if more is None:
        return facts
    power = tuple((gain, more, price.chance((gain - facts.margin) / unit, more)) for gain in (aim, aim / 2.0))
    return replace(facts, power=power, more_runs=more)


def answer_adoption(
    facts: AdoptionFacts, settings: Settings = DEFAULTS, target: Mapping[str, object] | None = None
) -> AdoptionFinding:
    """Yes: adopt. No: surely not better. Unknown: below the minimum of runs, or between the two."""
    missing = missing_facts(facts, settings)
    barred = facts.fails_more > settings["adoption.fail_more"]
    label: Label = "unknown" if missing else _label(facts, barred, settings)
    top = None if facts.interval is None else facts.interval[1]
    small = label == "yes" and facts.min_effect is not None and top is not None and top < facts.min_effect
    p = None if missing or facts.chance is None else facts.chance.above_margin
    if p is not None:
        p *= 1.0 - facts.fails_likely
    return AdoptionFinding(
        label=label,
        p=p,
        estimate=facts.gain,
        interval=facts.interval,
        level=facts.level,
        n=facts.n,
        thresholds=settings.thresholds(*THRESHOLDS),
        missing=missing,
        settles=settling(facts, settings) if label == "unknown" else (),
        target=target or {},
        small=small,
        barred=barred,
    )


THRESHOLDS = ("adoption.alpha", "adoption.no", "adoption.prior_none", "adoption.prior_worse", "adoption.slab")


def _label(facts: AdoptionFacts, barred: bool, settings: Settings) -> Label:
    if facts.chance is None:
        return "unknown"
    if barred:
        return "no" if facts.fails_more > 1.0 - settings["adoption.no"] / 2.0 else "unknown"
    if passes(facts):
        return "yes"
    return "no" if facts.chance.above_margin <= settings["adoption.no"] else "unknown"


def passes(facts: AdoptionFacts) -> bool:
    """Whether the test of this look passes, failures aside."""
    if facts.p_value is None or facts.gain is None or facts.gain <= facts.margin:
        return False
    if facts.evidence is not None:
        return facts.evidence >= 1.0 / (2.0 * facts.alpha)
    return facts.p_value <= facts.needed
