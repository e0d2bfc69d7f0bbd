"""Each line of a review held against the whole table; nothing here uses Playnote's own estimators.

"right", "wrong", "useless" (true, but worth less than what matters) or "open" (the table cannot tell either).
The yardstick is the expected best of `DRAWS` configurations with one value of a hyperparameter, the others free.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from itertools import pairwise
from typing import Any, Literal

import numpy as np
from studies import Cut

from playnote.service.review import Review
from playnote.service.review_line import Line

Verdict = Literal["right", "wrong", "useless", "open"]
Told = tuple[Verdict, str]
DRAWS = 30
_LEAST = 10  # configurations in a bin
_BOOTS = 60


def told(line: Line, cut: Cut, found: Review, effect: float | None) -> Told:
    """What the table says of one line."""
    about = line.about.split(":")
    check = _CHECKS.get(about[0])
    if about[0] in _OF_ONE and not set(about[1:]) - {"low", "high"} <= set(cut.within):
        return "useless", "no hyperparameter of the published space: a result, or it follows from others"
    return check(line, about[1:], cut, found, effect) if check else ("open", "no check")


def best_of(errors: np.ndarray, draws: int = DRAWS) -> float:
    """Expected lowest of so many draws with replacement; what diverged counts as the worst."""
    known = np.sort(errors[np.isfinite(errors)])
    if not len(known):
        return math.inf
    ordered = np.concatenate([known, np.full(len(errors) - len(known), known[-1])])
    left = (1.0 - np.arange(len(ordered) + 1) / len(ordered)) ** draws
    return float(ordered @ -np.diff(left))


def _free(cut: Cut, name: str) -> np.ndarray:
    """Configurations inside the study's ranges of every other hyperparameter."""
    return np.logical_and.reduce([keep for other, keep in cut.within.items() if other != name])


def profile(cut: Cut, name: str, errors: np.ndarray | None = None) -> dict[str, list[tuple[float, float]]]:
    """Expected best by value: (value, error) below, inside and above the study's range."""
    errors = np.where(cut.full.diverged, np.nan, cut.full.mean) if errors is None else errors
    values, free = cut.full.values[name].to_numpy(), _free(cut, name)
    inside = cut.within[name]
    if name not in cut.full.ordered:
        levels = sorted(set(values))
        return {"inside": [(at, best_of(errors[free & (values == each)])) for at, each in enumerate(levels)]}
    tried = values[[row for _, row, _ in cut.picked]]
    low, high = (values[inside].min(), values[inside].max()) if cut.full.complete else (tried.min(), tried.max())
    near = _near(values, low, high)
    parts = {"below": free & near & (values < low), "inside": free & inside, "above": free & near & (values > high)}
    return {part: _binned(values[keep], errors[keep], cut.full.complete) for part, keep in parts.items()}


def _near(values: np.ndarray, low: float, high: float) -> np.ndarray:
    """Within half the range beyond its ends, on its scale, or the next value there is: what one widening reaches."""
    if low > 0 and high / low > 10.0:
        values, low, high = np.log(np.maximum(values, 1e-300)), math.log(low), math.log(high)
    reach = 0.5 * (high - low) + 1e-9
    below, above = values[values < low], values[values > high]
    floor = min(low - reach, below.max() if len(below) else low)
    roof = max(high + reach, above.min() if len(above) else high)
    return (values >= floor) & (values <= roof)


def _binned(values: np.ndarray, errors: np.ndarray, complete: bool) -> list[tuple[float, float]]:
    levels = np.unique(values)
    if complete or len(levels) <= 5:
        return [(float(v), best_of(errors[values == v])) for v in levels if (values == v).sum() >= _LEAST]
    edges = np.quantile(values, np.linspace(0, 1, max(2, min(5, len(values) // 25 + 1))))
    found = []
    for low, high in pairwise(edges):
        keep = (values >= low) & (values <= high)
        if keep.sum() >= _LEAST:
            found.append((float(np.median(values[keep])), best_of(errors[keep])))
    return found


def gain(cut: Cut, name: str, side: str, errors: np.ndarray | None = None) -> float | None:
    """What lies beyond an end, better than anything inside; None where the table holds nothing there."""
    got = profile(cut, name, errors)
    beyond = got.get("below" if side == "low" else "above", [])
    if not beyond or not got["inside"]:
        return None
    return min(e for _, e in got["inside"]) - min(e for _, e in beyond)


def _spread(cut: Cut, name: str, side: str) -> float:
    """SD of the gain over resampled tables, where a table is a sample; 0 where it is complete."""
    if cut.full.complete:
        return 0.0
    rng = np.random.default_rng(0)
    errors, found = np.where(cut.full.diverged, np.nan, cut.full.mean), []
    for _ in range(_BOOTS):
        kept = np.where(rng.random(len(errors)) < 0.5, errors, np.nan)
        found.append(gain(cut, name, side, kept) or 0.0)
    return float(np.std(found))


def _matter(cut: Cut, effect: float | None) -> float:
    return effect if effect is not None else (cut.full.seed_sd or 0.0)


def _boundary(line: Line, about: list[str], cut: Cut, found: Review, effect: float | None) -> Told:
    if line.word == "fine":
        return _clear(line, cut, effect)
    name, side = about
    more = gain(cut, name, side)
    if more is None:
        return _at_end(cut, name, side)
    doubt, least = _spread(cut, name, side), _matter(cut, effect)
    detail = f"beyond is better by {more:.2g} (matters {least:.2g}, sd {doubt:.2g})"
    if more <= -doubt:
        return "wrong", detail
    if more <= doubt:
        return "open", detail
    return ("right" if more >= least else "useless"), detail


def _at_end(cut: Cut, name: str, side: str) -> Told:
    """Nothing is known beyond; the best inside must at least lie in the half towards that end."""
    inside = profile(cut, name)["inside"]
    if len(inside) < 2:
        return "open", "one value"
    best = min(range(len(inside)), key=lambda at: inside[at][1]) / (len(inside) - 1)
    depth = best if side == "low" else 1.0 - best
    return ("wrong" if depth > 0.5 else "open"), f"end of the table; best at {depth:.2f} of the way from that end"


def _clear(line: Line, cut: Cut, effect: float | None) -> Told:
    known, bad = 0, []
    for part in line.text.en.partition(":")[0].split(", "):
        name, _, end = part.partition(" (")
        for side in ("low", "high") if not end else ("low" if end == "bottom)" else "high",):
            more = gain(cut, name, side)
            known += more is not None
            if more is not None and more > _spread(cut, name, side) and more >= _matter(cut, effect):
                bad.append(f"{name}:{side} {more:.2g}")
    if bad:
        return "wrong", ", ".join(bad)
    return ("right" if known else "open"), f"{known} ends known"


def _ties(line: Line, about: list[str], cut: Cut, found: Review, effect: float | None) -> Told:
    names = re.findall(r"#(\S+) ", line.text.en)
    rows = {identity: (row, seen) for identity, row, seen in cut.picked}
    sd = cut.full.seed_sd
    if sd is None:
        return "open", "no seeds in the table"
    seen = [rows[name][1] for name in names]
    apart, true = max(seen) - min(seen), [float(cut.full.mean[rows[name][0]]) for name in names]
    turned = true[0] > min(true)
    return ("right" if apart <= 1.96 * math.sqrt(2) * sd else "wrong"), f"{apart / sd:.1f} SD apart, order {turned=}"


def _repeats(line: Line, about: list[str], cut: Cut, found: Review, effect: float | None) -> Told:
    """The interval must hold the pooled SD over all seeds of the very configurations."""
    groups = Counter(row for _, row, _ in cut.picked)
    ends = sorted((cut.full.mean[row], row) for row, runs in groups.items() if runs > 1)
    rows = [row for _, row in ends[: found.evidence.seeds.groups]]
    # TPE draws a configuration's seeds with replacement: the spread of those few is what it can see.
    freedom = 0 if cut.kind == "optuna tpe" else 1
    true = float(np.sqrt(np.nanmean(np.nanvar(cut.full.errors[rows], axis=1, ddof=freedom))))
    low, high = found.evidence.seeds.interval or (math.nan, math.nan)
    ratio = true / cut.full.seed_sd if cut.full.seed_sd else math.nan
    word: Verdict = "right" if low <= true <= high else "wrong"
    if word == "right" and ratio > 2:
        word = "useless"
    return word, f"true {true:.2g} in {low:.2g}..{high:.2g}; {ratio:.1f} times that of the best tenth"


def _luck(line: Line, about: list[str], cut: Cut, found: Review, effect: float | None) -> Told:
    _, row, seen = min((each for each in cut.picked if math.isfinite(each[2])), key=lambda each: each[2])
    words = re.search(r"about (\S+) on fresh seeds, not (\S+) ", line.text.en)
    if words is None:
        return "open", "no figure"
    said, true = cut.full.sign * float(words[1]), float(cut.full.mean[row])
    near = abs(said - true) < abs(seen - true)
    return ("right" if near else "wrong"), f"said {said:.4g}, true {true:.4g}, seen {seen:.4g}"


def _split(line: Line, about: list[str], cut: Cut, found: Review, effect: float | None) -> Told:
    name = about[0]
    levels = sorted(set(cut.full.values[name]))
    best = {str(levels[int(at)]): error for at, error in profile(cut, name)["inside"]}
    if line.word == "fine":
        apart = max(best.values()) - min(best.values())
        return ("right" if apart < (effect or 0.0) else "wrong"), f"apart {apart:.2g}"
    words = re.search(r": (\S+) does better than (\S+) at", line.text.en)
    if words is None:
        return "open", "no values"
    apart = best[words[2]] - best[words[1]]
    if apart <= 0:
        return "wrong", f"truly worse by {-apart:.2g}"
    return ("right" if apart >= _matter(cut, effect) else "useless"), f"truly better by {apart:.2g}"


def _importance(line: Line, about: list[str], cut: Cut, found: Review, effect: float | None) -> Told:
    """Shares over the best quarter of the whole table: squared shift of every value's frequency."""
    keep = np.logical_and.reduce(list(cut.within.values())) & np.isfinite(cut.full.mean)
    errors = cut.full.mean[keep]
    top = errors <= np.quantile(errors, 0.25)
    shift = {}
    for name in cut.within:
        values = cut.full.values[name].to_numpy()[keep]
        if name in cut.full.ordered and len(np.unique(values)) > 12:
            values = np.searchsorted(np.quantile(values, np.linspace(0, 1, 9)[1:-1]), values)
        codes = np.unique(values, return_inverse=True)[1]
        everywhere, among = (np.bincount(each, minlength=codes.max() + 1) / len(each) for each in (codes, codes[top]))
        shift[name] = float(((among - everywhere) ** 2 / everywhere).sum())
    total = sum(shift.values())
    names = [part.rpartition(" (")[0] for part in line.text.en.partition(": ")[2].rstrip(".").split(", ")]
    shares = {name: shift.get(name, 0.0) / total for name in names}
    return ("right" if all(each >= 0.02 for each in shares.values()) else "wrong"), str(shares)


def _inert(line: Line, about: list[str], cut: Cut, found: Review, effect: float | None) -> Told:
    inside = [error for _, error in profile(cut, about[0])["inside"]]
    reach = max(inside) - min(inside)
    return ("right" if reach < (effect or 0.0) else "wrong"), f"moves the best by {reach:.2g}, matters {effect:.2g}"


def _coupled(line: Line, about: list[str], cut: Cut, found: Review, effect: float | None) -> Told:
    """Where the best tenth lies of the first, by value of the second: it must shift the way the line says."""
    keep = np.logical_and.reduce(list(cut.within.values())) & np.isfinite(cut.full.mean)
    first, second = (cut.full.values[name].to_numpy(dtype=float)[keep] for name in about)
    first, second = (np.unique(each, return_inverse=True)[1] for each in (first, second))
    if second.max() > 11:
        second = second * 6 // (second.max() + 1)
    errors, centres = cut.full.mean[keep], []
    for value in np.unique(second):
        here = second == value
        top = errors[here] <= np.quantile(errors[here], 0.1)
        centres.append(float(first[here][top].mean() / max(1, first.max())))
    way = float(np.corrcoef(np.arange(len(centres)), centres)[0, 1])
    said = float(re.search(r"correlation (-?[\d.]+)", line.evidence[0].en)[1])  # type: ignore[index]
    moved = max(centres) - min(centres)
    good = way * said > 0 and abs(way) > 0.5 and moved > 0.05
    return ("right" if good else "wrong"), f"best of {about[0]} moves over {moved:.0%} of its range, r {way:.2f}"


def _density(line: Line, about: list[str], cut: Cut, found: Review, effect: float | None) -> Told:
    keep = np.logical_and.reduce(list(cut.within.values()))
    errors, n = cut.full.errors[keep].ravel(), len(cut.picked)
    errors = errors[np.isfinite(errors)]
    more = best_of(errors, n) - best_of(errors, 2 * n)
    good = more < (effect or 0.0) if line.word == "fine" else more > 0.5 * (effect or 0.0)
    return ("right" if good else "wrong"), f"doubling gains {more:.2g}, matters {effect or 0.0:.2g}"


def _cliff(line: Line, about: list[str], cut: Cut, found: Review, effect: float | None) -> Told:
    """The share of diverged runs of the whole table on both sides of the value that is named."""
    words = re.search(r"(below|above|diverges) \(?(?:about )?([\d.e+-]+)[:) ]", line.text.en)
    if words is None or about[0] not in cut.within:
        return "open", "no value"
    values = cut.full.values[about[0]].to_numpy(dtype=float)
    above = words[1] == "above" or "directly below" in line.text.en
    far = values > float(words[2]) if above else values < float(words[2])
    there, here = cut.full.diverged[far].mean(), cut.full.diverged[~far].mean()
    detail = f"{there:.0%} there, {here:.0%} elsewhere"
    if line.about.startswith("edge"):  # the best must lie in the third of the stable part that touches the edge
        stable = profile(cut, about[0])["inside"]
        stable = [each for each in stable if (each[0] <= float(words[2])) == above]
        at = min(range(len(stable)), key=lambda k: stable[k][1]) / max(1, len(stable) - 1)
        return ("right" if at >= 2 / 3 else "wrong"), f"{detail}; best at {at:.2f} of the stable part"
    return ("right" if there > 3 * here and there > 0.25 else "wrong"), detail


def _stale(line: Line, about: list[str], cut: Cut, found: Review, effect: float | None) -> Told:
    seen = [each for _, _, each in cut.picked]
    best = int(line.text.en.partition("#")[2].partition(":")[0])
    return ("right" if min(seen[best:]) >= min(seen[: best + 1]) else "wrong"), f"best {best} of {len(seen)}"


_OF_ONE = {"boundary", "split", "inert", "coupled", "infeasible", "edge", "failures"}
_CHECKS: dict[str, Any] = {
    "boundary": _boundary,
    "ties": _ties,
    "repeats": _repeats,
    "luck": _luck,
    "split": _split,
    "importance": _importance,
    "inert": _inert,
    "coupled": _coupled,
    "density": _density,
    "infeasible": _cliff,
    "edge": _cliff,
    "failures": _cliff,
    "stale": _stale,
}
