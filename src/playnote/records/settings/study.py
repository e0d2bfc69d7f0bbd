"""A study of trials: boundary, infeasible region, density, importance, isolation, readiness."""

from __future__ import annotations

from playnote.records.settings.setting import Setting

_STUDIES = "measured on made-up studies of nine families and four samplers"

ROWS: tuple[Setting, ...] = (
    Setting(
        "study.seen",
        3.0,
        "log Bayes factor",
        "ours",
        "20 to 1 that anything matters (Kass & Raftery 1995, strong); below, all trials may lie on one level",
        0.0,
    ),
    Setting("boundary.yes", 0.22, "probability", "ours", f"false alarms at most 3 %, {_STUDIES}", 0.0, 1.0),
    Setting(
        "boundary.seen",
        0.0,
        "log Bayes factor",
        "ours",
        "where more speaks for one level everywhere, a crowd at an edge is chance",
    ),
    Setting("boundary.no", 0.02, "probability", "ours", f"false reassurance at most 5 %, {_STUDIES}", 0.0, 0.5),
    Setting("boundary.trials", 6, "trials", "ours", "fewer say nothing about an edge", 4),
    Setting("boundary.sure_trials", 12, "trials", "ours", "fewer cannot carry a no", 8),
    Setting("boundary.cliff", 3.0, "log likelihood ratio", "ours", "20 to 1 for a threshold of divergence", 0.0),
    Setting("inert.yes", 0.42, "probability", "ours", f"false alarms at most 8 %, {_STUDIES}", 0.0, 1.0),
    Setting("inert.no", 0.07, "probability", "ours", f"false reassurance at most 5 %, {_STUDIES}", 0.0, 0.5),
    Setting("inert.no_adaptive", 0.05, "probability", "ours", "the same where results chose the trials", 0.0, 0.5),
    Setting("inert.trials", 16, "trials", "ours", "fewer cannot bound a reach", 8),
    Setting("inert.trials_no", 8, "trials", "ours", "fewer cannot show a reach", 6),
    Setting("coupling.alpha", 0.03, "probability", "ours", "a hint, asked of many pairs", 0.0, 0.5),
    Setting("coupling.trials", 24, "trials", "ours", "the best quarter must hold six", 12),
    Setting("edge.yes", 0.50, "probability", "ours", f"false alarms at most 3 %, {_STUDIES}", 0.0, 1.0),
    Setting("edge.no", 0.10, "probability", "ours", f"false reassurance at most 5 %, {_STUDIES}", 0.0, 0.5),
    Setting("edge.order", 0.10, "probability", "ours", "diverged trials must lie further out", 0.0, 0.5),
    Setting("edge.diverged", 2, "trials", "ours", "one may be bad luck", 1),
    Setting("edge.trials", 5, "trials", "ours", "fewer show no best region", 3),
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
    Setting("importance.trials", 50, "trials", "ours", "the best tenth must hold five", 20),
    Setting(
        "importance.share", 0.1, "share of trials", "ours", "PED-ANOVA compares the best tenth with all", 0.02, 0.5
    ),
    Setting("importance.null", 0.95, "probability", "ours", "above the band that shuffled labels give", 0.5, 1.0),
    Setting("readiness.trials", 20, "trials", "ours", "fewer cannot show convergence", 10),
    Setting("readiness.per_dimension", 10, "trials", "ours", "per hyperparameter that does something", 1),
    Setting("readiness.infeasible", 0.2, "share of trials", "ours", "more is a region to leave first", 0.0, 1.0),
    Setting("readiness.apart", 0.5, "unit distance", "ours", "good trials further apart are several regions", 0.0),
    Setting("winners_curse.yes", 0.80, "probability", "ours", "the usual cut of these answers", 0.5, 1.0),
    Setting("winners_curse.no", 0.10, "probability", "ours", "the usual cut of these answers", 0.0, 0.5),
    Setting("winners_curse.trials", 5, "trials", "ours", "fewer do not show a spread", 3),
    Setting("transfer.shared", 5, "configurations", "ours", "fewer orders say nothing", 4),
    Setting("transfer.alpha", 0.05, "probability", "ours", "exact one-sided p of Kendall's tau", 0.0, 0.5),
    Setting("transfer.tau", 0.3, "Kendall's tau", "ours", "early ranks are used only above it", 0.0, 1.0),
)
