"""False adoption over designs that the made-up cases leave out: pairs, uneven arms, unequal spreads, many decisions.

2,000 exact nulls each. At a true rate of 5 % the count exceeds 137 (6.9 %) with probability below 1e-4; where two spreads
differ by a factor of two and the arms are uneven the t is known to err more, and the bound says by how much.
"""

import numpy as np
import pytest

from playnote.diagnosis.adoption import answer_adoption, measure_adoption
from playnote.diagnosis.adoption_decision import alpha_of_decision

pytestmark = pytest.mark.calibration
NULLS = 2000


def adopted(a, b, **more):
    return answer_adoption(measure_adoption(a, b, **more)).label == "yes"


def normal(rng, n):
    return rng.normal(size=n)


def heavy(rng, n):
    return rng.standard_t(5, n) * np.sqrt(0.6)


def skewed(rng, n):
    return (rng.lognormal(0, 0.45, n) - np.exp(0.10125)) / np.sqrt((np.exp(0.2025) - 1) * np.exp(0.2025))


LAWS = (normal, normal, heavy, skewed)


@pytest.mark.parametrize("rho", [0.0, 0.3, 0.6, 0.9])
@pytest.mark.parametrize("n", [4, 6, 10])
def test_pairs_of_any_correlation_rarely_adopt_nothing(rho, n):
    rng = np.random.default_rng([int(10 * rho), n])
    wrong = 0
    for index in range(NULLS):
        law = LAWS[index % 4]
        shared = np.sqrt(rho) * law(rng, n)
        a, b = (shared + np.sqrt(1 - rho) * law(rng, n) for _ in range(2))
        wrong += adopted(a, b, pairs=True)
    assert wrong <= 0.069 * NULLS


@pytest.mark.parametrize(
    ("n", "m", "ratio", "most"),
    [(3, 3, 1, 0.069), (5, 5, 2, 0.075), (4, 8, 1, 0.069), (8, 4, 1, 0.069), (4, 8, 2, 0.069), (8, 4, 2, 0.095)],
)
def test_uneven_arms_and_unequal_spreads(n, m, ratio, most):
    rng = np.random.default_rng([n, m, ratio])
    wrong = sum(adopted(LAWS[i % 4](rng, n), ratio * LAWS[i % 4](rng, m)) for i in range(NULLS))
    assert wrong <= most * NULLS


def test_a_machine_that_decides_fifty_times_rarely_adopts_nothing_even_once():
    """One alpha of 5 % over all: 150 histories of 50 nulls exceed 19 with probability below 1e-4."""
    rng = np.random.default_rng(8)
    wrong = 0
    for _ in range(150):
        levels = (alpha_of_decision(t, 0, automatic=True) for t in range(50))
        wrong += any(adopted(rng.normal(size=5), rng.normal(size=5), alpha=level) for level in levels)
    assert wrong <= 19


def test_pairs_that_move_together_find_more_than_the_arms_alone():
    rng = np.random.default_rng(9)
    found = np.zeros(2)
    for _ in range(300):
        shared = 0.9 * rng.normal(size=6)
        a, b = (shared + 0.44 * rng.normal(size=6) + shift for shift in (0.7, 0.0))
        found += adopted(a, b, pairs=True), adopted(a, b)
    assert found[0] > 1.5 * found[1]
