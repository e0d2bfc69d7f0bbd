"""Fitting the study laws anew: same seed, same laws; the module that is written is the laws that were fitted."""

from __future__ import annotations

import pytest

from playnote.diagnosis import study_laws
from playnote.stats.logistic_law import Law
from playnote.testing import fit


@pytest.fixture(scope="module")
def laws() -> dict[str, Law]:
    return fit.fit_laws(fit.samples(fit.further_case(5, 4 * k) for k in range(24)))


def test_the_written_module_holds_the_laws_that_were_fitted(laws: dict[str, Law]) -> None:
    held: dict[str, object] = {}
    text = fit.as_module(laws, 4, (0, 24))
    exec(compile(text, "study_laws", "exec"), held)
    for verdict, name in fit.LAWS.items():
        written = held[name]
        assert isinstance(written, Law)
        assert written.weights == pytest.approx(dict(laws[verdict].weights), abs=1e-4)
        assert written.level == pytest.approx(laws[verdict].level, abs=1e-4)
    assert "seed 4" in text


def test_the_laws_in_use_read_what_is_measured(laws: dict[str, Law]) -> None:
    for verdict, name in fit.LAWS.items():
        assert set(getattr(study_laws, name).weights) == set(laws[verdict].weights)


def test_the_same_seed_gives_the_same_case() -> None:
    assert fit.further_case(5, 2).case == fit.further_case(5, 2).case
    assert fit.further_case(5, 2).case != fit.further_case(6, 2).case
