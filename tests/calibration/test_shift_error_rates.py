"""The split audit's alarms: at their nominal rate where nothing shifted, and more often the larger a planted shift is.

Each comparison runs both tests (content and labels), as an audit does.
"""

import numpy as np
import pytest

from playnote.diagnosis.shift import answer_shift, measure_shift
from playnote.records.examples import Examples

pytestmark = pytest.mark.calibration
WORDS = np.array([f"word{at}" for at in range(300)])
ZIPF = (1 / np.arange(1, 301)) / np.sum(1 / np.arange(1, 301))


def examples(content, **about):
    n = len(next(iter(content.values())))
    ids = tuple(map(str, range(n)))
    return Examples(ids=ids, keys=ids, **content, **about)


def numbers(rng, n, size):
    """Ten skewed columns; one moves by `size` standard deviations."""
    values = rng.gamma(2.0, size=(n, 10))
    values[:, 0] += size * 2**0.5
    label = tuple(map(str, rng.integers(0, 4, n)))
    return examples({"numbers": values, "names": tuple(map(str, range(10)))}, label=label)


def texts(rng, n, size):
    """Sixty words each by Zipf's law; a share `size` of them is of another field."""
    found = []
    for _ in range(n):
        words = rng.choice(WORDS, 60, p=ZIPF)
        other = rng.random(60) < size
        words[other] = rng.choice(WORDS[100:], int(other.sum()))
        found.append(" ".join(words))
    return examples({"texts": tuple(found)}, label=tuple(map(str, rng.integers(0, 4, n))))


def pictures(rng, n, size):
    """A dot anywhere in 12 x 12 pixels; the ground is brighter by `size` of its noise."""
    images = rng.normal(size=(n, 12, 12))
    images[np.arange(n), rng.integers(0, 12, n), rng.integers(0, 12, n)] += 8
    return examples({"images": images + size}, label=tuple(map(str, rng.integers(0, 4, n))))


def groups(rng, n, size):
    """Ten people a set with levels of their own; all of the second set's move by `size` of what people differ by."""
    who = np.repeat(np.arange(10), n // 10)
    values = rng.normal(size=(10, 4))[who] + rng.normal(size=(len(who), 4)) + size
    start = int(rng.integers(0, 10**9))
    people = tuple(f"{start}-{each}" for each in who)
    return examples({"numbers": values, "names": tuple("abcd")}, group=people)


def alarms(make, n, size, draws, seed):
    rng = np.random.default_rng(seed)
    found = 0
    for _ in range(draws):
        first, second = make(rng, n, 0.0), make(rng, n, size)
        found += answer_shift(measure_shift(first, second, rng=rng)).label == "yes"
    return found


@pytest.mark.parametrize("make", [numbers, texts, pictures, groups])
def test_sets_of_one_distribution_alarm_at_the_nominal_rate(make, record_property):
    # 5 % of 300 is 15; Binomial(300, 0.05) is above 32 with probability 2e-5, below 2 with 3e-6.
    found = alarms(make, 100, 0.0, 300, seed=70_001)
    record_property("alarms", found)
    assert 2 <= found <= 32


SIZES = {numbers: (0.2, 0.4, 0.8), texts: (0.05, 0.15, 0.3), pictures: (0.05, 0.1, 0.2), groups: (0.5, 1.0, 2.0)}


@pytest.mark.parametrize("make", list(SIZES))
def test_the_larger_a_planted_shift_the_more_often_it_is_found(make, record_property):
    power = [alarms(make, 200, size, 40, seed=70_002) for size in SIZES[make]]
    record_property("found", dict(zip(SIZES[make], power, strict=True)))
    assert power[0] <= power[1] + 8
    assert power[1] <= power[2] + 8
    assert power[2] >= 32
