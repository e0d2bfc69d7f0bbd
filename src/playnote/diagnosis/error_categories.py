"""What kinds of errors are there, and how much would fixing each one gain at most?

People tag a random sample of the wrong dev examples; an example may carry several tags. Each category's share has a
Wilson interval at a level shared by all of them; its ceiling is the share times the error rate. Whether one category
is the largest is a probability, and below a bound they are "not separated".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import final

import numpy as np

from playnote.records.finding import Finding, Label, Settle
from playnote.records.settings import DEFAULTS, Settings
from playnote.stats.binomial import wilson_interval
from playnote.text import Text

_DRAWS = 4000
_LEVEL = 0.9


@dataclass(frozen=True, slots=True)
class Category:
    """One category of errors.

    share, interval : of the wrong examples; the interval holds with all the others together at 90 %
    ceiling         : error rate that would be gained if all of it were fixed; None where the error rate is not known
    largest         : P(it is the largest)
    fixability      : float, None   share of it that people think can be fixed
    """

    name: str
    count: int
    share: float
    interval: tuple[float, float]
    ceiling: float | None
    ceiling_interval: tuple[float, float] | None
    largest: float
    fixability: float | None = None

    @property
    def priority(self) -> float:
        """Ceiling (or share) times fixability."""
        size = self.share if self.ceiling is None else self.ceiling
        return size * (1.0 if self.fixability is None else self.fixability)


@dataclass(frozen=True, slots=True)
class ErrorCategoriesFacts:
    """The tally.

    categories : by priority, highest first
    n          : tagged wrong examples; `untagged` of them carry no tag
    wrong      : all wrong dev examples, None where not known (then no finite-population correction)
    agreement  : float, None   Cohen's kappa of two people, mean over categories
    """

    categories: tuple[Category, ...]
    n: int
    untagged: int = 0
    wrong: int | None = None
    agreement: float | None = None


@final
@dataclass(frozen=True, kw_only=True)
class ErrorCategoriesFinding(Finding):
    """Yes: one category is the largest (`category`). Unknown: not separated, or too few examples looked at."""

    category: str | None = None


def measure_error_categories(
    tags: Sequence[Sequence[str]],
    *,
    dev_errors: int | None = None,
    n_dev: int | None = None,
    fixability: Mapping[str, float] | None = None,
    second: Sequence[Sequence[str]] | None = None,
    rng: np.random.Generator | None = None,
) -> ErrorCategoriesFacts:
    """Tally tags.

    tags              : tags of each sampled wrong example
    dev_errors, n_dev : wrong examples of the whole dev set, and its size: for ceilings
    fixability        : share of a category that can be fixed, in [0, 1]
    second            : tags of another person for the same examples (an empty entry where not looked at)
    rng               : draws for P(largest) and the ceilings
    """
    rng = rng or np.random.default_rng(0)
    sets = [frozenset(each) for each in tags]
    n, names = len(sets), sorted(set().union(*sets))
    counts = np.array([sum(name in each for each in sets) for name in names])
    if not n or not names:
        return ErrorCategoriesFacts((), n, n, dev_errors)
    left = _left_over(n, dev_errors)
    draws = _share_draws(counts, n, left, rng)
    first = np.bincount(np.argmax(draws, axis=0), minlength=len(names)) / _DRAWS
    rates = None
    if dev_errors is not None and n_dev is not None and n_dev >= max(dev_errors, 1):
        rates = rng.beta(dev_errors + 0.5, n_dev - dev_errors + 0.5, _DRAWS)
    fix = fixability or {}
    found = [
        _category(name, int(count), n, left, len(names), row, rates, float(top), fix.get(name))
        for name, count, row, top in zip(names, counts, draws, first, strict=True)
    ]
    ordered = sorted(found, key=lambda each: (-each.priority, each.name))
    agreement = None if second is None else cohen_kappa(sets, [frozenset(each) for each in second], names)
    return ErrorCategoriesFacts(tuple(ordered), n, sum(not each for each in sets), dev_errors, agreement)


def _left_over(n: int, wrong: int | None) -> float:
    """Finite-population factor of a sample's variance: 0 where every wrong example was looked at."""
    return 1.0 if wrong is None or wrong <= 1 else max(0.0, (wrong - n) / (wrong - 1))


def _share_draws(counts: np.ndarray, n: int, left: float, rng: np.random.Generator) -> np.ndarray:
    """Posterior draws of every share, shape (categories, draws); pulled towards the sample by what is left over."""
    beta = rng.beta(counts[:, None] + 0.5, n - counts[:, None] + 0.5, (len(counts), _DRAWS))
    centre = counts[:, None] / n
    return np.asarray(np.clip(centre + (beta - centre) * np.sqrt(left), 0.0, 1.0)) + 1e-12 * rng.random(beta.shape)


def _category(
    name: str,
    count: int,
    n: int,
    left: float,
    categories: int,
    draws: np.ndarray,
    rates: np.ndarray | None,
    largest: float,
    fixability: float | None,
) -> Category:
    share = count / n
    low, high = wilson_interval(count, n, 1.0 - (1.0 - _LEVEL) / categories)
    interval = share + (low - share) * left**0.5, share + (high - share) * left**0.5
    ceiling = None if rates is None else share * float(np.mean(rates))
    ends = None if rates is None else np.quantile(draws * rates, [(1 - _LEVEL) / 2, (1 + _LEVEL) / 2])
    pair = None if ends is None else (float(ends[0]), float(ends[1]))
    return Category(name, count, share, interval, ceiling, pair, largest, fixability)


def cohen_kappa(
    first: Sequence[frozenset[str]], second: Sequence[frozenset[str]], names: Sequence[str]
) -> float | None:
    """Mean over categories of (agreement - chance) / (1 - chance) on examples both looked at; None below five."""
    both = [(a, b) for a, b in zip(first, second, strict=False) if b]
    if len(both) < 5:
        return None
    kappas = []
    for name in names:
        a, b = np.array([(name in x, name in y) for x, y in both], dtype=float).T
        chance = float(a.mean() * b.mean() + (1 - a.mean()) * (1 - b.mean()))
        if chance < 1:
            kappas.append((float(np.mean(a == b)) - chance) / (1 - chance))
    return float(np.mean(kappas)) if kappas else None


def answer_error_categories(
    facts: ErrorCategoriesFacts, settings: Settings = DEFAULTS, target: Mapping[str, object] | None = None
) -> ErrorCategoriesFinding:
    """Whether one category leads; never "no"."""
    needed = int(settings["errors.sample"])
    complete = facts.wrong is not None and facts.n >= facts.wrong > 0
    few = facts.n < needed and not complete
    top = max(facts.categories, key=lambda each: each.largest, default=None)
    sure = top is not None and not few and top.largest >= settings["errors.largest"]
    label: Label = "yes" if sure else "unknown"
    return ErrorCategoriesFinding(
        label=label,
        p=None if top is None else top.largest,
        estimate=None if top is None else (top.share if top.ceiling is None else top.ceiling),
        interval=None if top is None else (top.interval if top.ceiling_interval is None else top.ceiling_interval),
        n=facts.n,
        thresholds=settings.thresholds("errors.sample", "errors.largest"),
        missing=(_FEW.fill(n=facts.n, needed=needed),) if few else (),
        settles=() if sure else (Settle(_MORE.fill(n=max(needed - facts.n, facts.n, 50)), 0),),
        target=target or {},
        note=None if sure or top is None else _CLOSE,
        category=top.name if sure and top is not None else None,
    )


_FEW = Text(
    en="{n} wrong examples were looked at; {needed} are needed.", zh="只看了 {n} 个错例，至少要看 {needed} 个。"
)
_MORE = Text(en="Tag {n} more wrong dev examples, drawn at random.", zh="再随机抽 {n} 个 Dev 错例打标签。")
_CLOSE = Text(en="Not separated: the leading categories are too close to call.", zh="分不出先后：最大的几类太接近。")
