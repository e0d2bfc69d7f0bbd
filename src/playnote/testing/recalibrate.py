"""Fits the two numbers that turn a curve posterior into a calibrated probability, and shows where cuts would fall.

    python -m playnote.testing.recalibrate                 1,800 curves of seeds 555, 777 and 901: the numbers in use
    python -m playnote.testing.recalibrate --check 4242    the numbers in use on another seed

The posteriors come out of a model that is wrong in ways of its own, so their probabilities are too sure or too timid;
log-odds are put right by a logistic regression (Platt 1999) on curves whose answer is known. The stream that the
published error rates are measured on is not used here.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from playnote.service.exchange_case import metric_of, schedule_of, series
from playnote.stats.curve_fit import CurveFit, fit_curve
from playnote.stats.curve_rise import longer_posterior, rise_posterior, shorter_posterior
from playnote.stats.probability import log_odds
from playnote.stats.tail_noise import tail_noise
from playnote.testing import catalog
from playnote.testing.known import Floats
from playnote.testing.scoring import expected_calibration_error

SEEDS = (555, 777, 901)
COUNT = 600
SHARES = (0.02, 0.03, 0.05)
# In how many of the curves that are asked about the event is taken to hold. A trial whose curve is looked at for
# overfitting or noise is suspected of it more often than the curves drawn here have it.
HOLDS = {"overfitting": 0.25, "step_variance_high": 0.25}


@dataclass(frozen=True, slots=True)
class Seen:
    """One curve's answer to one question: the model's own probability, the one in use, and the truth."""

    verdict: str
    raw: float
    p: float
    truth: bool


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; returns its exit code."""
    parser = argparse.ArgumentParser(prog="python -m playnote.testing.recalibrate")
    parser.add_argument("--check", type=int, help="measure the numbers in use on this seed instead of fitting")
    parser.add_argument("--count", type=int, default=COUNT, help="curves a seed")
    asked = parser.parse_args(arguments)
    seeds = SEEDS if asked.check is None else (asked.check,)
    found = [seen for seed in seeds for seen in curves(seed, asked.count)]
    for verdict in sorted({seen.verdict for seen in found}):
        sys.stdout.write(_line(verdict, [seen for seen in found if seen.verdict == verdict], asked.check is None))
    return 0


def curves(seed: int, count: int) -> Iterator[Seen]:
    """Every question of every made-up curve of a seed whose answer is known; second runs are left out."""
    for known in catalog.stream("curve", seed, 0, count, adaptive=False):
        study = known.case["study"]
        fit = _fit(study, study["trials"][0])
        effect = metric_of(study).min_effect
        truths = {truth.verdict: truth.value for truth in known.truths}
        if fit.law is None or effect is None:
            continue
        for verdict, raw, p in _answers(fit, fit.curve.to_scale(effect)):
            truth = truths[verdict]
            if truth is not None and raw is not None and p is not None:
                yield Seen(verdict, raw, p, truth)


def _fit(study: Any, trial: Any) -> CurveFit:
    steps, errors = series(trial["curve"], "dev_metric", metric_of(study).sign or 1.0)
    at, lr = series(trial["curve"], "lr")
    known = len(lr) > 0
    return fit_curve(
        steps, errors, lr=lr if known else None, lr_steps=at if known else None, schedule=schedule_of(trial)
    )


def _answers(fit: CurveFit, effect: float) -> Iterable[tuple[str, float | None, float | None]]:
    rise = rise_posterior(fit, effect)
    yield "overfitting", rise.raw, rise.p
    noise = tail_noise(fit.curve, fit.law)
    if noise is not None:
        yield "step_variance_high", noise.noise.above(effect), noise.above(effect)
    if fit.law is not None and fit.schedule_known:
        longer, shorter = longer_posterior(fit.law, effect), shorter_posterior(fit.law, effect)
        yield "still_improving", longer.raw, longer.p
        yield "saturated_early", shorter.raw, shorter.p


def fitted(raw: Floats, truth: Floats, holds: float | None = None) -> tuple[float, float]:
    """Intercept and slope of a logistic regression on log-odds, by Newton's method.

    holds : share of the event the curves are reweighted to; as drawn when None
    """
    design = np.column_stack((np.ones(len(raw)), [log_odds(float(value)) for value in raw]))
    drawn = float(truth.mean())
    share = drawn if holds is None else holds
    worth = np.where(truth == 1, share / drawn, (1.0 - share) / (1.0 - drawn))
    weights = np.array([0.0, 0.5])
    for _ in range(50):
        p = 1.0 / (1.0 + np.exp(-design @ weights))
        curvature = (design * (p * (1.0 - p) * worth)[:, None]).T @ design + 1e-6 * np.eye(2)
        weights = weights + np.linalg.solve(curvature, design.T @ ((truth - p) * worth))
    return float(weights[0]), float(weights[1])


def _line(verdict: str, seen: Sequence[Seen], fit: bool) -> str:
    raw, truth = np.array([each.raw for each in seen]), np.array([float(each.truth) for each in seen])
    p = np.array([each.p for each in seen])
    head = f"{verdict:20s} n {len(seen)}, true {truth.mean():.2f}"
    if fit:
        intercept, slope = fitted(raw, truth, HOLDS.get(verdict))
        p = 1.0 / (1.0 + np.exp(-(intercept + slope * np.array([log_odds(float(value)) for value in raw]))))
        head += f"  intercept {intercept:.2f} slope {slope:.2f}"
    ece = expected_calibration_error(p, truth)
    yes = ", ".join(_yes(p, truth, share) for share in SHARES)
    no = ", ".join(_no(p, truth, share) for share in SHARES)
    return f"{head}  calibration error {ece:.3f}\n    yes: {yes}\n    no:  {no}\n"


def _yes(p: Floats, truth: Floats, share: float) -> str:
    """The cut with this share of false alarms, and the recall there."""
    cut = float(np.quantile(p[truth == 0], 1.0 - share))
    return f"FA {share:.2f} at {cut:.2f} recall {np.mean(p[truth == 1] > cut):.2f}"


def _no(p: Floats, truth: Floats, share: float) -> str:
    """The cut with this share of false reassurance, and the share of false cases answered there."""
    cut = float(np.quantile(p[truth == 1], share))
    return f"FR {share:.2f} at {cut:.2f} answers {np.mean(p[truth == 0] < cut):.2f}"


if __name__ == "__main__":
    raise SystemExit(main())
