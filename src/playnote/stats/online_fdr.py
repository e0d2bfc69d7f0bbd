"""Many adoption decisions, one after another: how much of the error budget each may spend.

Decision t may spend alpha gamma_t (adopted + 1), with gamma_t proportional to t^-1.6 and summing to 1: LOND on p-values
(Javanmard & Montanari 2018), and e-LOND where the decision is an e-value of at least one over that level (Xu & Ramdas
2024). With e-values the expected share of false adoptions stays below alpha whatever depends on what.
"""

from __future__ import annotations

from collections.abc import Sequence

from scipy.special import zeta

_POWER = 1.6


def spending(decision: int) -> float:
    """gamma_t of decision t = 1, 2, ...; the sum over all t is 1."""
    return float(decision**-_POWER / zeta(_POWER))


def needed_level(decision: int, adopted: int, alpha: float) -> float:
    """The level that decision number `decision` may use after `adopted` adoptions."""
    return min(alpha, alpha * spending(decision) * (adopted + 1))


def expected_false_share(probabilities: Sequence[float]) -> float | None:
    """Of the changes adopted so far, the expected share that is not better; None before the first."""
    if not probabilities:
        return None
    return sum(1.0 - p for p in probabilities) / len(probabilities)
