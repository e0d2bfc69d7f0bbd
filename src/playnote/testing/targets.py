"""What each verdict should reach, written down before anything was measured.

One row per line of the tables: verdict, the kinds it is counted over (none: all), how it is called
there, the least recall or power, the most false alarms, the least AUC, and the most calibration error.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Goal:
    """The target of one line; `None` where none was set."""

    name: str
    verdict: str
    kinds: tuple[str, ...] = ()
    recall: float | None = None
    false_alarm: float | None = None
    auc: float | None = None
    ece: float = 0.05
    task: str = ""


GOALS = (
    Goal("adopt, plain", "adopt", ("plain",), 0.60, 0.05, ece=0.08, task="adoption"),
    Goal("adopt, history of repeats", "adopt", ("history",), 0.53, 0.06, ece=0.08, task="adoption"),
    Goal("adopt, after selection", "adopt", ("after-selection",), 0.45, 0.05, ece=0.08, task="adoption"),
    Goal("adopt, equal failures", "adopt", ("equal-failures",), 0.80, 0.06, ece=0.08, task="adoption"),
    Goal("adopt, failing candidate", "adopt", ("failing-candidate",), None, 0.10, ece=0.08, task="adoption"),
    Goal("adopt, dev sampling", "adopt", ("dev-sampling",), 0.60, 0.05, ece=0.08, task="adoption"),
    Goal("adopt, peeking", "adopt", ("peeking",), 0.72, 0.05, ece=0.08, task="adoption"),
    Goal("adopt, one run", "adopt", ("one-run",), task="adoption"),
    Goal("boundary, 6-10 trials", "boundary_too_narrow", ("n6-10",), 0.40, 0.03, task="boundary"),
    Goal("boundary, 16-25 trials", "boundary_too_narrow", ("n16-25",), 0.80, 0.03, task="boundary"),
    Goal("boundary, 40-64 trials", "boundary_too_narrow", ("n40-64",), 0.90, 0.03, task="boundary"),
    Goal("boundary, 100-200 trials", "boundary_too_narrow", ("n100-200",), 0.97, 0.02, task="boundary"),
    Goal("boundary, at most 4 trials", "boundary_too_narrow", ("too-few",), task="boundary"),
    Goal("lr at the divergence edge", "lr_at_divergence_edge", (), 0.80, 0.03, task="boundary"),
    Goal("inert, 40-64 trials", "hp_inert", ("n40-64",), 0.70, 0.08, task="boundary"),
    Goal("inert, all sizes", "hp_inert", (), task="boundary"),
    Goal("coupled (experimental)", "hp_coupled", (), task="boundary"),
    Goal("still improving", "still_improving", (), 0.75, 0.05, 0.95, task="curve"),
    Goal("saturated early", "saturated_early", (), 0.80, 0.02, task="curve"),
    Goal("overfitting", "overfitting", (), 0.85, 0.04, task="curve"),
    Goal("step variance too high", "step_variance_high", (), 0.95, 0.03, task="curve"),
    Goal("loss instability", "loss_instability", (), 0.88, 0.03, task="stability"),
    Goal("loss instability, early spikes", "loss_instability", ("spike-early",), 0.50, task="stability"),
    Goal("gradient outliers", "grad_norm_outliers", (), 0.97, 0.02, task="stability"),
    Goal("high bias", "high_bias", (), None, 0.02, task="gaps"),
    Goal("high variance", "high_variance", (), None, 0.02, task="gaps"),
    Goal("data mismatch", "data_mismatch", (), None, 0.02, task="gaps"),
    Goal("dev overfit", "dev_overfit", (), None, 0.02, task="gaps"),
)
FALSE_REASSURANCE = 0.05
FALSE_ADOPTION = 0.06
FALSE_ADOPTION_LOWER_BOUND = 0.05
FAILING_CANDIDATE = 0.10
CPU_SECONDS = 0.05
BRIER_OVER_ORACLE = 0.03
EXACT_NULLS = 2_000
