"""Label noise: planted wrong labels that turn an order, and ones that cannot."""

import numpy as np
import pytest

from playnote.diagnosis.label_noise import Audited, answer_label_noise, audit_order, measure_label_noise


def audit(first, second):
    """(right, turned, neither) of each side."""
    found = []
    for side, (right, turned, neither) in (("first", first), ("second", second)):
        other = "second" if side == "first" else "first"
        found += [Audited(side, side)] * right + [Audited(side, other)] * turned + [Audited(side, "neither")] * neither
    return found


def test_right_labels_leave_the_order_as_it_is():
    finding = answer_label_noise(measure_label_noise(90, 40, 5000, audit((30, 0, 0), (30, 0, 0))))
    assert finding.label == "no"
    assert finding.estimate == pytest.approx(0.01, rel=0.1)


def test_many_wrong_labels_on_the_leader_s_side_turn_the_order():
    finding = answer_label_noise(measure_label_noise(90, 40, 5000, audit((10, 20, 0), (30, 0, 0))))
    assert finding.label == "yes"
    assert finding.estimate < 0


def test_unaudited_or_thinly_audited_disagreements_are_unknown():
    assert answer_label_noise(measure_label_noise(90, 40, 5000)).label == "unknown"
    thin = answer_label_noise(measure_label_noise(90, 40, 5000, audit((5, 0, 0), (5, 0, 0))))
    assert thin.label == "unknown"
    assert thin.missing


def test_auditing_all_of_a_few_disagreements_is_enough():
    facts = measure_label_noise(12, 2, 5000, audit((12, 0, 0), (2, 0, 0)))
    assert facts.corrected == pytest.approx(facts.raw)
    assert answer_label_noise(facts).label == "no"


def test_how_many_labels_must_be_wrong_is_told():
    assert measure_label_noise(90, 40, 5000).wrong_needed == 26


def test_a_random_audit_gives_the_share_with_its_interval():
    facts = measure_label_noise(10, 10, 1000, random_audit=(5, 100))
    assert facts.noise == 0.05
    assert facts.noise_interval[0] < 0.05 < facts.noise_interval[1]


def test_the_corrected_interval_holds_the_truth():
    """200 audits with 15 % wrong labels; the interval claims 90 % and also covers the sampling of examples."""
    rng = np.random.default_rng(0)
    missed = 0
    for _ in range(200):
        turned = {side: rng.random(n) < 0.15 for side, n in (("first", 80), ("second", 50))}
        truth = (80 - 2 * turned["first"].sum() - 50 + 2 * turned["second"].sum()) / 4000
        seen = [
            Audited(side, ("second" if side == "first" else "first") if wrong else side)
            for side in ("first", "second")
            for wrong in turned[side][:30]
        ]
        low, high = measure_label_noise(80, 50, 4000, seen, rng=rng).corrected_interval
        missed += not low <= truth <= high
    assert missed <= 30


def test_disagreements_are_audited_first():
    order = audit_order(["d1", "d2"], ["a1", "a2"], np.random.default_rng(0))
    assert set(order[:2]) == {"d1", "d2"}
    assert sorted(order) == ["a1", "a2", "d1", "d2"]


def test_no_disagreement_at_all_is_unknown():
    assert answer_label_noise(measure_label_noise(0, 0, 100)).label == "unknown"
