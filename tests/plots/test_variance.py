"""The three spreads: known ones as bars, unknown ones left out and never drawn as nothing."""

from __future__ import annotations

import numpy as np
import pytest

from playnote.plots.variance import VarianceFacts, sampling_sd, variance_spec


def test_sampling_sd_is_that_of_a_share_by_simulation() -> None:
    shares = np.random.default_rng(0).binomial(400, 0.1, size=200_000) / 400
    # The SD of 200,000 draws is within 1 % of the true one with overwhelming probability (its SE is 0.16 %).
    assert sampling_sd("dev/error", 0.1, 400) == pytest.approx(float(shares.std()), rel=0.01)


@pytest.mark.parametrize(
    ("metric", "score", "n"), [("dev/loss", 0.1, 400), ("dev/error", 7.0, 400), ("dev/error", 0.1, None)]
)
def test_sampling_sd_is_unknown_where_the_metric_is_no_share_or_the_split_has_no_size(
    metric: str, score: float, n: int | None
) -> None:
    assert sampling_sd(metric, score, n) is None


def test_only_known_spreads_are_drawn() -> None:
    facts = VarianceFacts(seed=0.001, freedom=3, search=None, trials=0, sample=None, examples=None, min_effect=0.002)
    spec = variance_spec(facts, "dev/error", "en")
    assert spec is not None
    assert [row["sd"] for row in spec["data"]["values"]] == [0.001]


def test_nothing_known_is_no_picture() -> None:
    assert variance_spec(VarianceFacts(None, 0, None, 0, None, None), "dev/error", "zh") is None
