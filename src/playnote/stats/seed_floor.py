"""How far two runs that differ in the seed alone must be expected to end apart, before any repeat has been run.

Where the runs of one configuration are together calibrated class by class and err on different examples independently,
an example that a share q of the runs gets wrong adds q (1 - q) to the variance of the number of errors, and the variance
of the test error over seeds is err / (2 n) for two classes; for more classes it is at most that (Jordan 2023,
arXiv 2304.01910). It bounds this one part of the noise, and is no licence to decide with one run.
"""

from __future__ import annotations

import math


def seed_noise_floor(error: float, examples: float) -> float | None:
    """SD of an error rate between seeds, as a share of examples; None where the two numbers are no rate and no count.

    error    : share of examples wrong, in [0, 1]
    examples : number of examples it was measured on, >= 1
    """
    if not (math.isfinite(error) and 0.0 <= error <= 1.0 and math.isfinite(examples) and examples >= 1):
        return None
    # Beyond one half a run errs as a run of the opposite answer would: the variance is symmetric for two classes.
    return math.sqrt(min(error, 1.0 - error) / (2.0 * examples))
