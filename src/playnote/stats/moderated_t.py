"""The difference of two means when earlier repeats say how large the noise usually is.

Variances of configurations of one pipeline scatter around a common value: sigma^2 ~ scaled-inverse-chi-square(d0, s0^2)
(Smyth 2004). `smyth_moments` estimates d0 and s0 as published. A decision that plugs them in as if they were known is
too sure, so `difference` averages over a grid of them, weighted by how well they explain the earlier repeats and the
two arms; the degrees of freedom that history lends can thus never exceed what history holds.

The same average covers what else is not known of two arms: the ratio of their variances, and the correlation of paired
runs. Laws: swapping the arms negates the difference; scaling the data scales it; without history, at equal variances
and no pairing it is the pooled t.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import digamma, gammaln, polygamma

from playnote.stats.t_mixture import Floats, TMixture, mixture

# Prior over the strength of sharing: 11 to 23 inside one pipeline, 3 across pipelines, in 123 real configurations.
_D0 = np.array([3.0, 6.0, 12.0, 24.0, 48.0])
_D0_WEIGHT = np.array([0.15, 0.2, 0.3, 0.2, 0.15])
_S0_SPAN = 30.0
_S0_POINTS = 41
# Ratio of the two arms' variances: mostly near one.
_RATIO = np.array([1 / 16, 1 / 4, 1 / 2, 1.0, 2.0, 4.0, 16.0])
_RATIO_WEIGHT = np.array([0.01, 0.06, 0.13, 0.6, 0.13, 0.06, 0.01])
# With unequal numbers of runs a wrong ratio does real harm, so more of it is left open.
_RATIO_WEIGHT_UNEQUAL = np.array([0.04, 0.12, 0.19, 0.3, 0.19, 0.12, 0.04])
# Correlation of paired runs: seeds rarely correlate, data splits and shared examples do.
_RHO = np.array([-0.3, 0.0, 0.3, 0.5, 0.7, 0.85, 0.93, 0.98, 0.995, 0.999, 0.9999])
_RHO_WEIGHT = np.array([0.06, 0.58, 0.08, 0.08, 0.07, 0.05, 0.04, 0.02, 0.01, 0.006, 0.004])


@dataclass(frozen=True, slots=True)
class Spread:
    """An earlier estimate of the noise: a sample variance and its degrees of freedom (> 0)."""

    variance: float
    df: float


@dataclass(frozen=True, slots=True)
class Difference:
    """mean(first) - mean(second), and the noise of one run.

    law      : TMixture      posterior of the true difference
    noise_sd : float         SD of one run, posterior median
    noise_df : float         degrees of freedom behind it, posterior mean
    rho      : float, None   correlation of paired runs, posterior mean
    """

    law: TMixture
    noise_sd: float
    noise_df: float
    rho: float | None = None


def smyth_moments(spreads: Sequence[Spread]) -> tuple[float, float]:
    """(d0, s0^2) by the moments of log variances (Smyth 2004, section 6.2); d0 is infinite where they vary too little.

    d0 is capped by the total degrees of freedom. Needs two spreads with positive variance.
    """
    used = [spread for spread in spreads if spread.variance > 0 and spread.df > 0]
    df = np.array([spread.df for spread in used])
    log = np.log([spread.variance for spread in used])
    centred = log - digamma(df / 2) + np.log(df / 2)
    mean = float(np.mean(centred))
    excess = float(np.var(centred, ddof=1) - np.mean(polygamma(1, df / 2)))
    cap = float(np.sum(df))
    if excess <= 0:
        return cap, float(np.exp(mean))
    d0 = 2.0 * _trigamma_inverse(excess)
    return min(d0, cap), float(np.exp(mean + digamma(d0 / 2) - np.log(d0 / 2)))


def _trigamma_inverse(value: float) -> float:
    """x with trigamma(x) = value, by Newton's steps on 1/trigamma (Smyth 2004, appendix)."""
    x = 0.5 + 1.0 / value
    for _ in range(50):
        trigamma = float(polygamma(1, x))
        step = trigamma * (1.0 - trigamma / value) / float(polygamma(2, x))
        x += step
        if -step / x < 1e-8:
            break
    return x


def difference(
    first: Floats, second: Floats, *, history: Sequence[Spread] = (), paired: bool = False
) -> Difference | None:
    """Posterior of mean(first) - mean(second) under flat priors on the means.

    first, second : arrays, shape (n,) and (m,), finite; with `paired` n = m and row i of both belongs together
    history       : earlier estimates of the noise of one run, in the same unit

    None where nothing is known of the noise: no spread in the arms and no history.
    """
    parts = _paired_parts(first, second) if paired else _plain_parts(first, second)
    used = [spread for spread in history if spread.variance > 0 and spread.df > 0]
    centre = float(np.mean(first) - np.mean(second))
    df = float(len(first) + len(second) - 2)
    squares, factor, log_weight, rho = parts
    if not used:
        if df < 1 or not np.min(squares) > 0:
            return None
        return _joined(
            centre, squares / df, factor, np.full(len(squares), df), log_weight - df / 2 * np.log(squares), rho
        )
    log_s0, log_prior = _history_weights(used)
    d0, s0 = _D0[:, None, None], np.exp(log_s0)[None, :, None]
    total = d0 * s0 + squares
    log = log_prior[:, :, None] + log_weight + gammaln((d0 + df) / 2) - gammaln(d0 / 2)
    log = log + d0 / 2 * np.log(d0 * s0) - (d0 + df) / 2 * np.log(total)
    return _joined(centre, total / (d0 + df), np.broadcast_to(factor, log.shape), d0 + df + 0.0 * log, log, rho)


def _joined(centre: float, variance: Floats, factor: Floats, df: Floats, log: Floats, rho: Floats | None) -> Difference:
    weight = np.exp(log - np.max(log))
    weight = weight / float(np.sum(weight))
    sd = np.sqrt(variance + 0.0 * log).ravel()
    order = np.argsort(sd)
    middle = int(np.searchsorted(np.cumsum(weight.ravel()[order]), 0.5))
    return Difference(
        law=mixture(centre, np.sqrt(variance * factor), df, log),
        noise_sd=float(sd[order][min(middle, len(sd) - 1)]),
        noise_df=float(np.sum(weight * df)),
        rho=None if rho is None else float(np.sum(weight * rho)),
    )


def _history_weights(spreads: Sequence[Spread]) -> tuple[Floats, Floats]:
    """log s0^2, shape (s,), and the log posterior of (d0, s0), shape (d, s), given the earlier variances."""
    df = np.array([spread.df for spread in spreads])
    squares = df * np.array([spread.variance for spread in spreads])
    middle = float(np.log(np.sum(squares) / np.sum(df)))
    log_s0 = middle + np.linspace(-np.log(_S0_SPAN), np.log(_S0_SPAN), _S0_POINTS)
    d0 = _D0[:, None, None]
    prior = d0 * np.exp(log_s0)[None, :, None]
    log = gammaln((d0 + df) / 2) - gammaln(d0 / 2) + d0 / 2 * np.log(prior) - (d0 + df) / 2 * np.log(prior + squares)
    return log_s0, np.log(_D0_WEIGHT)[:, None] + np.sum(log, axis=2)


def _squares(values: Floats) -> float:
    return float(np.sum((values - np.mean(values)) ** 2))


def _plain_parts(first: Floats, second: Floats) -> tuple[Floats, Floats, Floats, None]:
    """Per variance ratio: residual sum of squares and variance of the difference in units of the mean variance."""
    n, m, root = len(first), len(second), np.sqrt(_RATIO)
    squares = _squares(first) * root + _squares(second) / root
    factor = 1.0 / (root * n) + root / m
    prior = _RATIO_WEIGHT if n == m else _RATIO_WEIGHT_UNEQUAL
    log_weight = np.log(prior) + (n - m) / 4 * np.log(_RATIO)
    return squares, factor, log_weight, None


def _paired_parts(first: Floats, second: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """Per correlation: differences and sums of pairs are independent with variances 2 sigma^2 (1 -/+ rho)."""
    n = len(first)
    squares = _squares(first - second) / (2 * (1 - _RHO)) + _squares(first + second) / (2 * (1 + _RHO))
    log_weight = np.log(_RHO_WEIGHT) - (n - 1) / 2 * np.log1p(-_RHO * _RHO)
    return squares, 2 * (1 - _RHO) / n, log_weight, _RHO
