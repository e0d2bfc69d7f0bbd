"""What a review says of 200 studies with planted truths, run with Optuna's own samplers, is true.

The studies are fixed, so a gate holds or not. Beside each: the chance that a review exactly at its limit fails it.
"""

from __future__ import annotations

from collections import Counter
from functools import cache

import pytest

from playnote.service.review import Review, review
from playnote.service.review_line import Line
from playnote.testing.review_studies import KINDS, Planted, planted, run_planted
from playnote.testing.review_truth import holds, wrong_no

pytest.importorskip("optuna")
pytestmark = [pytest.mark.calibration, pytest.mark.filterwarnings("ignore")]
SEEDS = range(500, 534)


@cache
def reviews(declared: bool) -> tuple[tuple[Planted, Review], ...]:
    """Every study and its review; with or without a smallest difference that matters (two seed SDs)."""
    found = []
    for truth in (planted(kind, seed) for seed in SEEDS for kind in KINDS):
        found.append((truth, review(run_planted(truth), min_effect=2.0 * truth.seed_sd if declared else None)))
    return tuple(found)


def _said(found: Review) -> list[Line]:
    return [line for line in found.lines if line.word != "unknown"]


@pytest.mark.parametrize("declared", [False, True])
def test_at_least_95_of_100_lines_are_true(declared: bool) -> None:
    """Over about 550 lines: a review that is right 97 times of 100 fails this with a chance of 0.01."""
    wrong = [
        (truth.kind, truth.seed, line.about)
        for truth, found in reviews(declared)
        for line in _said(found)
        if not holds(line, truth, found)
    ]
    lines = sum(len(_said(found)) for _, found in reviews(declared))
    by = Counter(about.split(":")[0] for _, _, about in wrong)
    assert len(wrong) <= 0.05 * lines, f"{len(reviews(declared))} studies, {lines} lines, wrong: {dict(by)}"


@pytest.mark.parametrize("declared", [False, True])
def test_no_range_that_stops_too_early_is_called_clear(declared: bool) -> None:
    """A widening worth two seed SDs is never denied."""
    wrong = [
        (truth.kind, truth.seed, side)
        for truth, found in reviews(declared)
        for side in wrong_no(found, truth, 2.0 * truth.seed_sd)
    ]
    assert not wrong


def test_what_was_planted_is_found() -> None:
    """Nine of ten too narrow ranges and divergence edges: one that finds 97 of 100 fails with a chance of 0.02."""
    for kind, about in (("narrow", "boundary:lr"), ("edge", "infeasible:lr")):
        found = [any(x.about.startswith(about) for x in _said(r)) for truth, r in reviews(False) if truth.kind == kind]
        assert sum(found) >= 0.9 * len(found), kind


def test_a_default_study_with_pruning_and_failures_gives_three_lines() -> None:
    """Nothing declared: the median study of the default sampler and pruner has at least three true lines."""
    counts = sorted(
        sum(holds(line, truth, found) for line in _said(found))
        for truth, found in reviews(False)
        if truth.sampler == "tpe" and truth.seed % 3
    )
    assert counts[len(counts) // 2] >= 3, Counter(counts)
