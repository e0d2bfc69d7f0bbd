"""Gates on the error rates of the verdicts, on made-up cases with known truth.

The streams are fixed, so a gate either holds or not. Beside each stands the chance that a verdict exactly at
its limit would have failed it on a fresh stream.
"""

from __future__ import annotations

import copy
from collections import defaultdict
from collections.abc import Iterable
from functools import cache
from typing import Any

import numpy as np
import pytest

from playnote.errors import PlaynoteError
from playnote.service.judge import judge
from playnote.testing import catalog
from playnote.testing.adoption_cases import KINDS, plain
from playnote.testing.calibrate import NULL_KINDS
from playnote.testing.error_tables import null_holds
from playnote.testing.known import Case, as_target
from playnote.testing.mutations import mutated
from playnote.testing.naive import naive_judge
from playnote.testing.scoring import Row, Share, ask, score
from playnote.testing.targets import EXACT_NULLS, FALSE_REASSURANCE
from playnote.testing.transforms import flipped, rescaled, shuffled

pytestmark = pytest.mark.calibration
SEED = 31
COUNTS = {"adoption": 640, "boundary": 1_200, "curve": 600, "stability": 560, "gaps": 900}
LABELS = {"yes", "no", "unknown"}


@cache
def rows_of(task: str) -> tuple[Row, ...]:
    """Every answer on the gate's stream of one task, measured once."""
    return tuple(row for known in catalog.stream(task, SEED, 0, COUNTS[task]) for row in ask(judge, known, naive_judge))


@pytest.mark.parametrize("kind", NULL_KINDS)
def test_changes_that_do_nothing_are_rarely_adopted(kind: str) -> None:
    """At most 6 % of 2,000, lower 95 % bound at most 5 %: a true 5 % fails with probability 0.02 to 0.05 a kind."""
    rows = [row for k in range(EXACT_NULLS) for row in ask(judge, catalog.exact_null(kind, SEED, k), naive_judge)]
    share = score(rows).false_alarm
    assert share.n == EXACT_NULLS
    assert null_holds(kind, share), f"{share.hits} of {share.n} adopted"


@pytest.mark.parametrize("task", catalog.TASKS)
def test_what_cannot_be_decided_is_unknown(task: str) -> None:
    wrong = [
        (row.kind, row.verdict, row.label) for row in rows_of(task) if row.truth is None and row.label != "unknown"
    ]
    assert not wrong


@pytest.mark.parametrize("task", ["boundary", "curve", "stability", "gaps"])
def test_a_confident_no_is_rarely_wrong(task: str) -> None:
    """Per verdict; for searches per verdict, sampler and share of unrelated failures, and per number of trials.

    Fails where the share and its exact one-sided 95 % lower bound both exceed 5 %: a verdict exactly at 5 % fails
    with probability at most 0.05 a group on a fresh stream. A boundary group holds about 55 sides that are too narrow
    (an eighth of which must be called fine to fail: a true 20 % is caught with probability 0.93), a group of idle
    hyperparameters about 90, one of edges about 25. Groups that fail are listed with hits and n.
    """
    groups: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for row in rows_of(task):
        if row.truth and row.verdict != "hp_coupled":
            groups[row.verdict, row.facts.get("sampler"), row.facts.get("failures")].append(row)
            groups[row.verdict, row.kind if task == "boundary" else None].append(row)
    shares = {group: score(rows).false_reassurance for group, rows in groups.items()}
    assert not {group: (share.hits, share.n) for group, share in shares.items() if _above(share, FALSE_REASSURANCE)}


@pytest.mark.parametrize("task", catalog.TASKS)
def test_label_and_probability_never_contradict_and_nothing_crashes(task: str) -> None:
    found = score(rows_of(task))
    assert (found.contradictions, found.crashes) == (0, 0)


@pytest.mark.parametrize("task", catalog.TASKS)
def test_direction_scale_and_order_change_no_label(task: str) -> None:
    changed = []
    for index in range(60):
        case = catalog.draw(task, SEED + 1, index, adaptive=False).case
        labels = _labels(case)
        others = {"shuffled": shuffled(case, np.random.default_rng(index))}
        if task in {"adoption", "boundary", "curve"} and not _counted_by_example(case):
            others |= {"flipped": flipped(case), "rescaled": rescaled(case, 4.0)}
        changed += [(case["case_id"], how) for how, other in others.items() if _labels(other) != labels]
    assert not changed


def test_more_seeds_of_the_same_effect_never_lower_the_probability_on_average() -> None:
    """Mean p over about 300 independent draws each at 3, 5 and 10 seeds, effects of 0.5 to 3 SDs in equal shares."""
    by_size: dict[int, list[float]] = defaultdict(list)
    for index in range(900):
        known = plain(np.random.default_rng([SEED, index]), False)
        arms = len(known.case["study"]["trials"]) // 2
        by_size[arms].append(next(v["p"] for v in judge(known.case) if v["verdict"] == "adopt"))
    means = [float(np.mean(by_size[size])) for size in (3, 5, 10)]
    spread = max(float(np.std(values) / np.sqrt(len(values))) for values in by_size.values())
    # Four standard errors of a difference: false alarm 3e-5 where the means are equal.
    assert np.all(np.diff(means) > -4 * np.sqrt(2) * spread)


@pytest.mark.parametrize("task", catalog.TASKS)
def test_two_thousand_broken_cases_get_unknown_or_one_clear_error(task: str) -> None:
    rng, crashed = np.random.default_rng(SEED), []
    bases = [catalog.draw(task, SEED + 2, index, adaptive=False).case for index in range(40)]
    for index in range(2_000):
        case = mutated(bases[index % len(bases)], rng)
        try:
            answers = judge(copy.deepcopy(case))
        except PlaynoteError:
            continue
        except Exception as error:  # any other error is what the test is about
            crashed.append((case.get("case_id"), repr(error)[:200]))
            continue
        assert all(answer["label"] in LABELS for answer in answers)
        crashed += [(case.get("case_id"), answer["fault"]) for answer in answers if "fault" in answer]
    assert not crashed, f"{len(crashed)} crashed, first {crashed[:3]}"


def test_one_run_an_arm_is_always_unknown() -> None:
    labels = [_labels(KINDS["one-run"](np.random.default_rng([SEED, k]), None).case) for k in range(500)]
    assert all(set(found.values()) <= {"unknown"} for found in labels)


def _counted_by_example(case: Case) -> bool:
    """Strings of right and wrong answers have no other scale or direction."""
    return any("correct" in trial for trial in case["study"]["trials"])


def _labels(case: Case) -> dict[Any, str]:
    return {(v["verdict"], as_target(v["target"])): v["label"] for v in _judged(case)}


def _judged(case: Case) -> Iterable[dict[str, Any]]:
    return judge(case)


def _above(share: Share, limit: float) -> bool:
    return share.n > 0 and share.value > limit and share.lower_bound(0.95) > limit
