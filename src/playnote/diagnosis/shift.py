"""Are two sets of examples drawn from one distribution?

A cross-validated classifier tries to tell them apart by content (`stats.two_sample`); a permutation test looks at the
counts of labels. Where both are asked, each gets half of the alarm rate, so that the pair as a whole keeps it. Groups
(a person, a session) are shuffled whole: two sets with different writers are no shift beyond what writers differ by.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray

from playnote.records.examples import Examples, Words
from playnote.records.finding import Finding, Label, Settle
from playnote.records.settings import DEFAULTS, Settings
from playnote.stats.features import SIDE, hashed_ngrams, ngram_of, small_pictures, standardised
from playnote.stats.two_sample import two_sample
from playnote.text import Text

_SHOWN = 5
_LABELS = 999
_GRAM = "\x00"  # marks the name of a column of n-grams
_READ = 200  # texts of each set that are searched for the n-gram behind a column
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ShiftFacts:
    """What tells two sets apart.

    n           examples of the first and the second set that were compared; `of` them in all
    units       groups of each that were shuffled (examples where there are no groups)
    auc         0.5 where a classifier cannot tell them apart; None where it could not be asked
    interval    of the AUC, 90 %
    p_content   P(an AUC this large | one distribution)
    p_labels    P(label counts this different | one distribution); None without labels
    telling     what the classifier leans on most: columns, places of a picture, n-grams
    """

    n: tuple[int, int]
    of: tuple[int, int]
    units: tuple[int, int]
    auc: float | None = None
    interval: tuple[float, float] | None = None
    p_content: float | None = None
    p_labels: float | None = None
    telling: Words = ()


@final
@dataclass(frozen=True, kw_only=True)
class ShiftFinding(Finding):
    """Yes: the sets differ. Estimate: the classifier's AUC. No: too alike for a difference that matters to this classifier.

    p_content, p_labels  the p-values of the two tests; by one of them "yes" was said
    """

    p_content: float | None = None
    p_labels: float | None = None


def measure_shift(
    first: Examples, second: Examples, *, rng: np.random.Generator, most: int = 2000, labels: bool = True
) -> ShiftFacts:
    """Compare two sets by content and by labels; of more than `most` examples a random part (whole groups)."""
    of = (len(first), len(second))
    first, second = _part(first, most, rng), _part(second, most, rng)
    groups = None
    if first.group is not None and second.group is not None:
        groups = (*first.group, *second.group)
    units = (len(set(first.group or ())), len(set(second.group or ()))) if groups else (len(first), len(second))
    n = (len(first), len(second))
    facts = ShiftFacts(n, of, units)
    if min(units) < 2:
        return facts
    side = np.arange(sum(n)) >= n[0]
    p_labels = None
    if labels and first.label is not None and second.label is not None:
        p_labels = _label_p((*first.label, *second.label), side, groups, rng)
    seen = _features(first, second)
    if seen is None:
        return ShiftFacts(n, of, units, p_labels=p_labels)
    found = two_sample(seen[0], side, groups, rng=rng)
    telling = _telling(first, second, seen[1], found.weights)
    return ShiftFacts(n, of, units, found.auc, found.interval, found.p, p_labels, telling)


def _part(examples: Examples, most: int, rng: np.random.Generator) -> Examples:
    if len(examples) <= most:
        return examples
    if examples.group is None:
        return examples.take(np.sort(rng.choice(len(examples), most, replace=False)))
    names, at = np.unique(np.asarray(examples.group), return_inverse=True)
    order = rng.permutation(len(names))
    taken = order[np.cumsum(np.bincount(at)[order]) <= most]
    return examples.take(np.flatnonzero(np.isin(at, taken if len(taken) > 1 else order[:2])))


def _features(first: Examples, second: Examples) -> tuple[Floats, Words] | None:
    """Features, shape (n, d), and the name of each; columns that only one of the two has are left out."""
    parts: list[tuple[Floats, Words]] = []
    if first.texts is not None and second.texts is not None:
        grams = hashed_ngrams((*first.texts, *second.texts))
        parts.append((grams, tuple(f"{_GRAM}{at}" for at in range(grams.shape[1]))))
    both = [name for name in first.names if name in second.names]
    if first.numbers is not None and second.numbers is not None and both:
        columns = [[each.names.index(name) for name in both] for each in (first, second)]
        parts.append(_standard(np.vstack([first.numbers[:, columns[0]], second.numbers[:, columns[1]]]), tuple(both)))
    if first.images is not None and second.images is not None and first.images.ndim == second.images.ndim:
        small = [small_pictures(first.images), small_pictures(second.images)]
        if small[0].shape[1] == small[1].shape[1]:
            parts.append(_standard(np.vstack(small), _places(first.images.shape[1:], small[0].shape[1])))
    if not parts:
        return None
    # Each kind weighs the same, however many columns it has.
    scaled = [part / max(float(np.sqrt(part.var(axis=0).sum())), 1e-12) for part, _ in parts]
    return np.hstack(scaled), tuple(name for _, names in parts for name in names)


def _standard(numbers: Floats, names: Words) -> tuple[Floats, Words]:
    gaps = [not np.isfinite(column).all() for column in numbers.T]
    holes = tuple(f"{name}=NaN" for name, gap in zip(names, gaps, strict=True) if gap)
    return standardised(numbers), (*names, *(f"{name}²" for name in names), *holes)


def _places(shape: tuple[int, ...], width: int) -> Words:
    """Names of the columns of `small_pictures`: where in the picture each lies, from the top left."""
    rows, across = min(shape[0], SIDE), min(shape[1], SIDE)
    depth = shape[2] if len(shape) > 2 else 1
    cells = [
        f"image[{r + 1}/{rows}, {c + 1}/{across}]" for r in range(rows) for c in range(across) for _ in range(depth)
    ]
    return (*cells, "image mean", "image SD")[-width:]


def _telling(first: Examples, second: Examples, names: Words, weights: Floats) -> Words:
    """Names of what the classifier leans on most; an n-gram by its commonest text."""
    texts = (*(first.texts or ())[:_READ], *(second.texts or ())[:_READ])
    strongest = [names[int(at)] for at in np.argsort(-np.abs(weights), kind="stable")[: 3 * _SHOWN]]
    shown = [repr(ngram_of(int(name[1:]), texts)) if name.startswith(_GRAM) else name for name in strongest]
    return tuple(dict.fromkeys(shown))[:_SHOWN]


def _label_p(labels: Words, second: NDArray[np.bool_], groups: Sequence[str] | None, rng: np.random.Generator) -> float:
    """Permutation p of the chi-square between label and set; whole groups are shuffled."""
    codes = np.unique(np.asarray(labels), return_inverse=True)[1]
    names = np.unique(np.asarray(groups), return_inverse=True)[1] if groups is not None else np.arange(len(codes))
    table = np.zeros((int(names.max()) + 1, int(codes.max()) + 1))
    np.add.at(table, (names, codes), 1.0)
    owner = np.zeros(len(table), dtype=bool)
    owner[names] = second
    own = _chi_square(table, owner)
    larger = sum(_chi_square(table, rng.permutation(owner)) >= own - 1e-9 for _ in range(_LABELS))
    return (1 + larger) / (_LABELS + 1)


def _chi_square(table: Floats, second: NDArray[np.bool_]) -> float:
    counts = np.stack([table[~second].sum(axis=0), table[second].sum(axis=0)])
    expected = counts.sum(axis=1, keepdims=True) * counts.sum(axis=0) / counts.sum()
    return float(np.sum((counts - expected) ** 2 / np.maximum(expected, 1e-12)))


def answer_shift(
    facts: ShiftFacts, settings: Settings = DEFAULTS, target: Mapping[str, object] | None = None
) -> ShiftFinding:
    """Yes where a test rejects; no where the AUC surely stays under the size that matters; else unknown."""
    asked = [p for p in (facts.p_content, facts.p_labels) if p is not None]
    alpha = settings["shift.alpha"] / max(len(asked), 1)
    few = min(facts.units) < settings["shift.units"]
    label: Label = "unknown"
    if any(p <= alpha for p in asked):
        label = "yes"
    elif not few and facts.interval is not None and facts.interval[1] < settings["shift.auc"]:
        label = "no"
    return ShiftFinding(
        label=label,
        estimate=facts.auc,
        interval=facts.interval,
        n=facts.n,
        thresholds=settings.thresholds("shift.alpha", "shift.auc", "shift.units"),
        missing=_missing(facts, few, settings) if label == "unknown" else (),
        settles=(Settle(_MORE, 0),) if label == "unknown" else (),
        target=target or {},
        note=_TELLING.fill(what=", ".join(facts.telling)) if label == "yes" and facts.telling else None,
        p_content=facts.p_content,
        p_labels=facts.p_labels,
    )


def _missing(facts: ShiftFacts, few: bool, settings: Settings) -> tuple[Text, ...]:
    if few:
        return (_FEW.fill(n=min(facts.units), needed=int(settings["shift.units"])),)
    return (_BLIND,) if facts.auc is None else (_WIDE,)


_MORE = Text(
    en="Audit with the content of more examples (or groups) of both sets.",
    zh="两边各多拿一些样本（或组）的内容再审计。",
)
_FEW = Text(
    en="The smaller set has {n} independent examples (or groups); {needed} are needed.",
    zh="较小的一边只有 {n} 个独立样本（或组），至少要 {needed} 个。",
)
_BLIND = Text(en="There is no content that a classifier could look at.", zh="没有分类器能看的内容。")
_WIDE = Text(
    en="No difference was found, but one that matters is not ruled out.", zh="没看出差别，但还排除不了要紧的差别。"
)
_TELLING = Text(en="What tells them apart most: {what}.", zh="最能区分两边的是：{what}。")
