"""Adoption: seeds, error rates, peeking, complexity."""

from __future__ import annotations

from playnote.records.settings.setting import Setting

_MADE_UP = "measured on exact nulls of made-up studies"

ROWS: tuple[Setting, ...] = (
    Setting("adoption.alpha", 0.05, "probability", "ours", "one-sided error of one decision", 0.0001, 0.5),
    Setting(
        "adoption.level", 0.90, "probability", "ours", "two-sided interval that agrees with a one-sided 5 %", 0.5, 1.0
    ),
    Setting("adoption.power", 0.80, "probability", "ours", "the usual power when asking for more seeds", 0.5, 0.99),
    Setting(
        "adoption.most_runs",
        12,
        "runs per arm",
        "ours",
        "one looks after every seed up to here; 60 % power at one SD",
        3,
    ),
    Setting("adoption.runs", 3, "runs per arm", "ours", "two runs alone hardly show their own spread", 2),
    Setting("adoption.runs_with_history", 2, "runs per arm", "ours", "earlier repeats lend their spread", 2),
    Setting("adoption.history", 3, "configurations", "ours", "fewer do not show how much spreads differ", 1),
    Setting("adoption.no", 0.10, "probability", "ours", f"below it a change is rejected; {_MADE_UP}", 0.0, 0.5),
    Setting(
        "adoption.fail_more",
        0.85,
        "probability",
        "ours",
        "one in twenty of those that truly fail more often slips through",
        0.5,
        1.0,
    ),
    Setting(
        "adoption.fail_margin", 0.02, "share of runs", "ours", "a smaller rise in failures is not worth a bar", 0.0, 1.0
    ),
    Setting(
        "adoption.fail_prior",
        0.33,
        "share of ideas",
        "ours",
        "ideas that make training fail more often, once a run failed",
        0.0,
        1.0,
    ),
    Setting("adoption.prior_none", 0.40, "share of ideas", "ours", "ideas that do nothing", 0.0, 0.98),
    Setting(
        "adoption.prior_worse", 0.10, "share of ideas", "ours", "ideas that hurt although they looked good", 0.0, 0.98
    ),
    Setting("adoption.slab", 1.5, "seed SDs", "ours", "usual size of an effect that exists", 0.1, 100.0),
    Setting(
        "adoption.step_time", 0.01, "share of step time", "ours", "a slower step within 1 % is not complexity", 0.0
    ),
    Setting("adoption.memory", 0.02, "share of memory", "ours", "more memory within 2 % is not complexity", 0.0),
    Setting("adoption.pair_runs", 4, "pairs", "ours", "a correlation of three pairs is luck", 3),
    Setting("seed_noise.yes", 0.80, "probability", "ours", "the usual cut of these answers", 0.5, 1.0),
    Setting("seed_noise.no", 0.10, "probability", "ours", "the usual cut of these answers", 0.0, 0.5),
    Setting("seed_noise.freedom", 2, "degrees of freedom", "ours", "three repeats of one configuration", 1),
)
