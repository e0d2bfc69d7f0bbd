"""Dev curves, losses and norms with known answers, for the tests of the curve and stability findings."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from playnote.stats.schedule import Schedule

Floats = NDArray[np.float64]
STEPS: Floats = np.arange(1, 41) * 100.0
COSINE = Schedule("cosine", 0.1, 0, 4000)
CONSTANT = Schedule("constant", 0.1, 0, 4000)


def falling(tau: float, noise: float = 0.002, seed: int = 0) -> Floats:
    """0.1 plus an exponential fall of 0.3 with time constant `tau` of the run, plus noise."""
    time = STEPS / STEPS[-1]
    return 0.1 + 0.3 * np.exp(-time / tau) + noise * np.random.default_rng(seed).standard_normal(len(STEPS))


def risen(onset: float, height: float, noise: float = 0.002, seed: int = 0) -> Floats:
    """A quick fall, then a straight rise of `height` from `onset` to the end."""
    time = STEPS / STEPS[-1]
    return falling(0.03, noise, seed) + height * np.maximum(time - onset, 0.0) / (1.0 - onset)


def healthy_loss(n: int = 800, seed: int = 0) -> Floats:
    """A training loss with Gaussian noise of SD 0.05."""
    rng = np.random.default_rng(seed)
    return 1.0 + 4.0 * np.exp(-np.arange(n) / (n / 8)) + 0.05 * rng.standard_normal(n)


def with_spike(loss: Floats, at: int, height: float, lasts: float) -> Floats:
    """The loss with a rise at `at` that decays exponentially."""
    after = np.arange(len(loss)) - at
    return loss + height * np.where(after < 0, 0.0, np.exp(-np.maximum(after, 0) / lasts))
