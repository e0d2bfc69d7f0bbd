"""Whether what a review says of a planted study is true of the response it was drawn from.

A claim about the response is held against the noiseless error; a count is made again from the study itself.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, Literal

from playnote.service.review import Review
from playnote.service.review_line import Line
from playnote.testing.review_studies import CHOICES, Planted

_NEAR = 0.15  # of the range: directly below the edge, as the question defines it
Sides = tuple[Literal["low"], Literal["high"]]
_SIDES: Sides = ("low", "high")


def holds(line: Line, truth: Planted, found: Review) -> bool:
    """Whether a line that is no open question is true."""
    about = line.about.split(":")
    check = _CHECKS.get(about[0])
    return False if check is None else bool(check(line, about[1:], truth, found))


def wrong_no(found: Review, truth: Planted, effect: float) -> Iterator[str]:
    """Every "stays clear of both ends" of a range that truly stops too early, by at least `effect`."""
    for line in found.lines:
        if line.word == "fine" and line.about == "boundary":
            for name in line.text.en.partition(":")[0].split(", "):
                yield from (f"{name}:{side}" for side in _SIDES if truth.gain(name, side) >= effect)


def _boundary(line: Line, about: list[str], truth: Planted, found: Review) -> bool:
    if line.word == "fine":
        return not list(wrong_no(found, truth, truth.seed_sd))
    return truth.gain(about[0], "low" if about[1] == "low" else "high") >= truth.seed_sd


def _ties(line: Line, about: list[str], truth: Planted, found: Review) -> bool:
    """Their distances lie within what two runs of one configuration differ by in 19 of 20 cases."""
    names = [part.split()[0].rstrip(",") for part in line.text.en.split("#")[1:]]
    scores = [found.evidence.score(name) for name in names]
    return max(scores) - min(scores) <= 1.96 * math.sqrt(2.0) * math.hypot(truth.seed_sd, truth.reading_sd)


def _edge(line: Line, about: list[str], truth: Planted, found: Review) -> bool:
    return about[0] == "lr" and truth.cliff is not None and truth.cliff - min(truth.best["lr"], truth.cliff) <= _NEAR


def _split(line: Line, about: list[str], truth: Planted, found: Review) -> bool:
    better = CHOICES[0] if truth.choice[0] < truth.choice[1] else CHOICES[1]
    apart = abs(truth.choice[0] - truth.choice[1])
    if line.word == "fine":
        return apart < (found.evidence.min_effect or 0.0)
    return apart > 0 and f": {better} does better" in line.text.en


def _importance(line: Line, about: list[str], truth: Planted, found: Review) -> bool:
    """Everything it names changes the noiseless error, by more than nothing."""
    names = [part.split()[0] for part in line.text.en.partition(": ")[2].split(", ")]
    apart = abs(truth.choice[0] - truth.choice[1])
    return all((apart if name == "activation" else truth.depth[name]) > 0 for name in names)


def _inert(line: Line, about: list[str], truth: Planted, found: Review) -> bool:
    return truth.reach(about[0]) < (found.evidence.min_effect or 0.0)


def _overfitting(line: Line, about: list[str], truth: Planted, found: Review) -> bool:
    effect = found.evidence.min_effect
    if line.word == "fine":
        return effect is not None and truth.rise() < effect
    return truth.rise() >= (truth.reading_sd if effect is None else effect)


def _density(line: Line, about: list[str], truth: Planted, found: Review) -> bool:
    """Enough: a doubling gains less than matters. Too few: it gains more, or almost nothing lies near the best."""
    effect = found.evidence.min_effect or 0.0
    gain = truth.doubling(len(found.evidence.complete))
    return gain < effect if line.word == "fine" else gain > 0.5 * effect


def _counted(line: Line, about: list[str], truth: Planted, found: Review) -> bool:
    """Nothing better came after the trial that the sentence names."""
    best = int(line.text.en.partition("#")[2].partition(":")[0])
    later = [found.evidence.score(trial.id) for trial in found.evidence.complete if int(trial.id) > best]
    return all(score >= found.evidence.score(str(best)) for score in later)


def _saved(line: Line, about: list[str], truth: Planted, found: Review) -> bool:
    pruned = [trial for trial in found.imported.state.trials if trial.outcome == "pruned"]
    return line.text.en.startswith(f"Pruning stopped {len(pruned)} ")


def _starved(line: Line, about: list[str], truth: Planted, found: Review) -> bool:
    return sum(trial.outcome == "pruned" for trial in found.imported.state.trials) > truth.trials / 4


_CHECKS: dict[str, Any] = {
    "boundary": _boundary,
    "ties": _ties,
    "infeasible": lambda line, about, truth, found: truth.cliff is not None and about == ["lr"],
    "edge": _edge,
    "failures": lambda line, about, truth, found: False,
    "split": _split,
    "importance": _importance,
    "inert": _inert,
    "coupled": lambda line, about, truth, found: False,
    "overfitting": _overfitting,
    "stale": _counted,
    "pruned": _saved,
    "starved": _starved,
    "density": _density,
}
