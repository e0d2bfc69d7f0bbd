"""A mixture of t laws against scipy and its own laws."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from playnote.stats.t_mixture import TMixture, mixture


def _one(df, scale, centre=0.0):
    return TMixture(centre, np.array([scale]), np.array([df]), np.array([1.0]))


@given(st.floats(1, 50), st.floats(1e-6, 1e6), st.floats(-5, 5))
def test_one_part_is_the_t_law(df, scale, z):
    law = _one(df, scale)
    assert law.above(z * scale) == pytest.approx(stats.t.sf(z, df), abs=1e-10)
    assert law.density(np.array([z * scale]))[0] == pytest.approx(stats.t.pdf(z, df) / scale, rel=1e-8)


@given(st.floats(0.5, 0.999), st.floats(1, 50))
def test_the_interval_holds_what_it_says(level, df):
    law = TMixture(2.0, np.array([1.0, 5.0]), np.array([df, 3.0]), np.array([0.7, 0.3]))
    low, high = law.interval(level)
    assert law.above(low) - law.above(high) == pytest.approx(level, abs=1e-6)


@given(st.floats(0, 100))
def test_known_noise_never_lowers_the_scale_nor_narrows_beyond_its_approximation(variance):
    law = _one(4.0, 1.0)
    wide = law.widened(variance)
    assert wide.scale[0] >= law.scale[0]
    assert wide.half_width(0.9) >= 0.99 * law.half_width(0.9)


def test_much_known_noise_is_nearly_normal():
    law = _one(3.0, 0.01).widened(1.0)
    assert law.above(1.645) == pytest.approx(stats.norm.sf(1.645), abs=1e-3)


def test_log_weights_may_be_far_from_zero():
    law = mixture(0.0, np.array([1.0, 2.0]), np.array([5.0, 5.0]), np.array([-1e5, -1e5 + np.log(3)]))
    assert law.weight == pytest.approx([0.25, 0.75])
