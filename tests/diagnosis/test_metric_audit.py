"""Simulated reviewers whose wishes are a known function: agreement falls as the score departs from it."""

import numpy as np

from playnote.diagnosis.metric_audit import answer_metric, measure_metric


def reviewed(mix, pairs, rng):
    """Judgements of people who want `wish`, where the score is a mixture of it and of its opposite."""
    wish = rng.normal(size=(pairs, 2))
    score = (1 - mix) * wish - mix * wish + 0.3 * rng.normal(size=(pairs, 2))
    agree = (wish[:, 0] > wish[:, 1]) == (score[:, 0] > score[:, 1])
    return [("better" if each else "worse", False) for each in agree]


def test_agreement_falls_and_suspicion_rises_as_the_score_departs_from_what_people_want():
    rng = np.random.default_rng(3)
    found = [answer_metric(measure_metric(reviewed(mix, 200, rng))) for mix in (0.0, 0.3, 0.7, 1.0)]
    agreement = [finding.estimate for finding in found]
    assert agreement == sorted(agreement, reverse=True)
    assert [finding.label for finding in found] == ["no", "no", "yes", "yes"]


def test_a_score_that_says_nothing_is_rarely_called_anything():
    # At one half both errors are bounded by alpha = .05 each: 400 audits, at most 16 % with room for chance (4.5 SD).
    rng = np.random.default_rng(5)
    labels = [
        answer_metric(measure_metric([("better" if b else "worse", False) for b in rng.random(40) < 0.5])).label
        for _ in range(400)
    ]
    assert labels.count("yes") <= 0.05 * 400 + 4.5 * np.sqrt(0.05 * 0.95 * 400)
    assert labels.count("no") <= 0.05 * 400 + 4.5 * np.sqrt(0.05 * 0.95 * 400)


def test_too_few_pairs_ties_and_pairs_judged_with_the_score_in_sight_settle_nothing():
    assert answer_metric(measure_metric([])).label == "unknown"
    assert answer_metric(measure_metric([("better", False)] * 8)).label == "unknown"
    assert answer_metric(measure_metric([("better", True)] * 100)).label == "unknown"
    assert answer_metric(measure_metric([("tie", False)] * 100)).label == "unknown"
    assert answer_metric(measure_metric([("better", False)] * 8)).settles
