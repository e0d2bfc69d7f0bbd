"""Probabilities between views and the events they stand for: log-odds, and a logistic recalibration of them.

Law: a recalibration never changes the order of two probabilities while its slope is positive.
"""

from __future__ import annotations

import numpy as np

_FLOOR = 1e-3


def log_odds(p: float, floor: float = _FLOOR) -> float:
    """log(p / (1 - p)) with p pulled in to [floor, 1 - floor], so that no view is ever infinitely sure."""
    held = min(max(p, floor), 1.0 - floor)
    return float(np.log(held / (1.0 - held)))


def from_log_odds(score: float) -> float:
    """1 / (1 + exp(-score))."""
    return float(1.0 / (1.0 + np.exp(-np.clip(score, -500.0, 500.0))))


def recalibrated(p: float, intercept: float, slope: float) -> float:
    """A view's probability as the share of such cases in which the event holds (Platt 1999)."""
    return from_log_odds(intercept + slope * log_odds(p))


def softened(share: float) -> float:
    """log(p / (1 - p)) of a share of draws or a p-value, moved half a percent inwards so that it stays below 5.3."""
    held = (min(max(share, 0.0), 1.0) + 0.005) / 1.01
    return float(np.log(held / (1.0 - held)))
