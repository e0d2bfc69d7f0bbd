"""A study of trials: boundary, infeasible region, density, importance, isolation, readiness."""

from __future__ import annotations

from playnote.records.settings.setting import Setting

ROWS: tuple[Setting, ...] = (
    Setting("boundary.yes", 4.5, "log-odds", "ours", "two views added; false alarms about 2 %", 0.0),
    Setting("boundary.no", 2.5, "log-odds", "ours", "below it a wider range rarely gained"),
    Setting("boundary.trials", 8, "trials", "ours", "fewer say nothing about an edge", 5),
    Setting("boundary.sure_trials", 16, "trials", "ours", "fewer cannot carry a no", 8),
    Setting("infeasible.alpha", 0.05, "probability", "ours", "Holm over every side of every hyperparameter", 0.0, 0.5),
    Setting("infeasible.diverged", 3, "trials", "ours", "fewer show no side", 2),
    Setting("infeasible.complete", 5, "trials", "ours", "fewer show nothing to compare with", 3),
    Setting("infeasible.scattered", 6, "trials", "ours", "fewer diverged trials could hide an order", 3),
    Setting("infeasible.bug_share", 0.5, "share of trials", "ours", "most failing without an order looks like a bug"),
    Setting("density.trials", 16, "trials", "ours", "the halving view needs 8 against 16", 8),
    Setting("density.near", 3, "trials", "ours", "fewer good points say little about the good region", 1),
    Setting("density.coverage", 0.1, "share of the space", "ours", "the part of the space that coverage speaks of"),
    Setting("isolation.yes", 0.90, "probability", "ours", "the usual cut of these answers", 0.5, 1.0),
    Setting("isolation.no", 0.05, "probability", "ours", "false reassurance at most 5 %", 0.0, 0.5),
    Setting("isolation.trials", 8, "trials per value", "ours", "a best of fewer is mostly luck", 3),
)
