"""The scorer counts what it says: judged with judges whose score is known beforehand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from playnote.testing import catalog
from playnote.testing.known import Case, KnownCase, from_target
from playnote.testing.naive import naive_judge
from playnote.testing.scoring import (
    Judge,
    Row,
    Share,
    area_under_curve,
    ask,
    at_look,
    brier,
    expected_calibration_error,
    recall_at,
    score,
)

SAMPLE = [catalog.draw(task, 1, index, adaptive=False) for task in catalog.TASKS for index in range(24)]


def oracle_judge(known: KnownCase) -> Judge:
    """Answers every truth as it is, and "unknown" where the case cannot decide."""

    def judge(case: Case) -> list[dict]:  # type: ignore[type-arg]
        label = {True: "yes", False: "no", None: "unknown"}
        return [
            {
                "verdict": truth.verdict,
                "target": from_target(truth.target),
                "label": label[truth.value],
                "p": 0.5 if truth.value is None else float(truth.value),
            }
            for truth in known.truths
        ]

    return judge


def rows_of(judge_for: object) -> list[Row]:
    return [row for known in SAMPLE for row in ask(judge_for(known), known, naive_judge)]  # type: ignore[operator]


def test_a_judge_that_knows_the_truth_scores_perfectly() -> None:
    found = score(rows_of(oracle_judge))
    assert found.recall.value == 1.0
    assert found.must_unknown.value == 1.0
    assert (found.false_alarm.hits, found.false_reassurance.hits, found.unknown.hits) == (0, 0, 0)
    assert (found.brier, found.ece, found.auc, found.contradictions, found.crashes) == (0.0, 0.0, 1.0, 0, 0)


def test_a_silent_judge_is_all_unknown_and_a_crashing_one_is_counted() -> None:
    silent = score(rows_of(lambda known: lambda case: []))
    assert silent.unknown.value == silent.must_unknown.value == 1.0
    assert silent.crashes == 0

    def crash(case: Case) -> list[dict]:  # type: ignore[type-arg]
        raise KeyError("value")

    broken = score(rows_of(lambda known: crash))
    assert broken.crashes == broken.unknown.n + broken.must_unknown.n
    assert broken.unknown.value == 1.0


def test_a_judge_that_always_says_yes_has_full_recall_and_full_false_alarms() -> None:
    def always(known: KnownCase) -> Judge:
        answers = [{"verdict": t.verdict, "target": from_target(t.target), "label": "yes"} for t in known.truths]
        return lambda case: answers

    found = score(rows_of(always))
    assert found.recall.value == found.false_alarm.value == 1.0
    assert found.must_unknown.value == 0.0


def test_every_truth_has_an_answer_of_the_naive_rule_or_is_experimental() -> None:
    for known in SAMPLE:
        answered = {(v["verdict"], tuple(sorted(v["target"].items()))) for v in naive_judge(known.case)}
        for truth in known.truths:
            assert truth.verdict == "hp_coupled" or (truth.verdict, truth.target) in answered


def test_the_exact_interval_is_the_one_of_the_literature() -> None:
    # Clopper & Pearson for 5 of 100: 1.64 % to 11.28 %.
    low, high = Share(5, 100).interval()
    assert (round(low, 4), round(high, 4)) == (0.0164, 0.1128)
    assert Share(0, 10).interval()[0] == 0.0
    assert Share(10, 10).interval()[1] == 1.0


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=2, max_size=30))
def test_area_under_curve_is_the_share_of_ordered_pairs(stated: list[tuple[float, bool]]) -> None:
    p, event = np.array([a for a, _ in stated]), np.array([float(b) for _, b in stated])
    pairs = [(a > b) + 0.5 * (a == b) for a in p[event == 1] for b in p[event == 0]]
    if pairs:
        assert area_under_curve(p, event) == pytest.approx(np.mean(pairs))
    else:
        assert np.isnan(area_under_curve(p, event))


def test_calibration_figures_of_a_small_example() -> None:
    p, event = np.array([0.1, 0.1, 0.9, 0.9]), np.array([0.0, 1.0, 1.0, 1.0])
    assert brier(p, event) == pytest.approx((0.01 + 0.81 + 0.01 + 0.01) / 4)
    assert expected_calibration_error(p, event) == pytest.approx(0.5 * 0.4 + 0.5 * 0.1)


def test_recall_at_a_false_alarm_rate_cuts_above_the_allowed_false_cases() -> None:
    p = np.concatenate([np.linspace(0, 0.5, 20), [0.45, 0.48, 0.9, 0.95]])
    event = np.concatenate([np.zeros(20), np.ones(4)])
    # One false case of twenty may lie above the cut, so the cut is the second highest, 0.4737.
    assert recall_at(p, event, false_alarm=0.05) == 0.75


def test_a_look_shows_the_first_seeds_of_each_arm_and_all_else() -> None:
    known = next(known for known in SAMPLE if known.kind == "peeking")
    early = at_look(known.case, 3)
    arms = [trial["arm"] for trial in early["study"]["trials"]]
    assert arms.count("baseline") == arms.count("candidate") == 3
    assert early["looks"] == known.case["looks"]
    assert len(known.case["study"]["trials"]) > 6


def test_a_peeking_user_stops_at_the_first_yes() -> None:
    known = next(known for known in SAMPLE if known.kind == "peeking")
    seen: list[int] = []

    def judge(case: Case) -> list[dict]:  # type: ignore[type-arg]
        seen.append(len(case["study"]["trials"]) // 2)
        return [{"verdict": "adopt", "target": {}, "label": "yes" if seen[-1] >= 4 else "unknown"}]

    (row,) = ask(judge, known, naive_judge)
    assert seen == [2, 3, 4]
    assert (row.label, row.seeds) == ("yes", 4)
