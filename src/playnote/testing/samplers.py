"""Non-adaptive samplers: independent uniform points, and a scrambled Halton sequence of our own.

The Halton sequence is written here a second time, on purpose: what makes the made-up studies must not
be what makes the real ones.
"""

from __future__ import annotations

import numpy as np

from playnote.testing.known import Floats

PRIMES = (2, 3, 5, 7, 11, 13, 17, 19)


def uniform_points(rng: np.random.Generator, n: int, d: int) -> Floats:
    """array, shape (n, d): independent uniform points in [0, 1)."""
    return rng.random((n, d))


def halton_points(rng: np.random.Generator, n: int, d: int) -> Floats:
    """array, shape (n, d), d <= 8: radical inverses with one random digit permutation per base, then shifted."""
    points = np.empty((n, d))
    for column, base in enumerate(PRIMES[:d]):
        digits = np.concatenate([[0], 1 + rng.permutation(base - 1)])
        for row in range(n):
            index, scale, total = row + 1, 1.0 / base, 0.0
            while index > 0:
                index, digit = divmod(index, base)
                total += digits[digit] * scale
                scale /= base
            points[row, column] = total
    return np.asarray((points + rng.random(d)) % 1.0)
