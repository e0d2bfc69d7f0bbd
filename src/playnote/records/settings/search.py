"""Search: planning, coverage, budgets, readiness, Bayesian search."""

from __future__ import annotations

from playnote.records.settings.setting import Setting

ROWS: tuple[Setting, ...] = (
    Setting(
        "off_share",
        0.125,
        "share of trials",
        "ours",
        "A hyperparameter with an off value is off in 2 of 16 trials: enough to see that off is best, "
        "little taken from the range. Whether to use it at all is a scientific question, not a nuisance one.",
        low=0.0,
        high=0.9,
    ),
    Setting(
        "trials_per_value",
        16,
        "trials",
        "ours",
        "Offered where nothing is asked for: the fewest trials from which sampling density can be judged, "
        "and 2 nuisance dimensions by the playbook's budget table.",
        low=1,
    ),
    Setting(
        "fewest_trials_per_value",
        5,
        "trials",
        "ours",
        "Below this, tuning the nuisance hyperparameters of a value is hardly tuning: the plan says so.",
        low=1,
    ),
    Setting(
        "trials_for_isolation",
        8,
        "trials",
        "ours",
        "The isolation question answers unknown below this many trials a value.",
        low=1,
    ),
    Setting("budget_second", 10, "trials", "playbook", "From here a second optimizer setting is searched.", low=1),
    Setting("budget_third", 25, "trials", "playbook", "From here a third optimizer setting is searched.", low=1),
    Setting(
        "budget_fourth",
        50,
        "trials",
        "ours",
        "The playbook says only that a very large budget also searches beta2.",
        low=1,
    ),
    Setting(
        "grid_dimensions",
        2,
        "dimensions",
        "upstream",
        "A grid spends its points on repeated coordinates: above two dimensions quasi-random points cover better.",
        low=1,
    ),
    Setting(
        "halton_dimensions",
        12,
        "dimensions",
        "ours",
        "Above 10 to 15 dimensions Halton's coordinates are visibly correlated for the first hundreds of points.",
        low=1,
    ),
    Setting(
        "scientific_dimensions",
        2,
        "hyperparameters",
        "ours",
        "One big question a round; a third scientific hyperparameter multiplies the studies again.",
        low=1,
    ),
    Setting(
        "coverage_share", 0.1, "share of the space", "ours", "Coverage speaks of the best tenth.", low=0.0, high=1.0
    ),
    Setting("plan_power", 0.8, "probability", "ours", "The usual power of a planned comparison.", low=0.5, high=0.999),
    Setting(
        "plan_alpha",
        0.05,
        "probability",
        "ours",
        "One-sided false-alarm rate of the planned comparison.",
        low=1e-6,
        high=0.5,
    ),
    Setting(
        "bayes.start",
        8,
        "trials",
        "ours",
        "Fewer that ended well say too little of the surface: quasi-random points until then.",
        low=2,
    ),
    Setting(
        "bayes.ends_well",
        0.8,
        "probability",
        "ours",
        "A configuration is proposed only where this much speaks for a run that does not diverge.",
        low=0.0,
        high=1.0,
    ),
    Setting(
        "bayes.holds",
        0.5,
        "probability",
        "ours",
        "A run that breaks a constraint cannot be used: one is proposed only where they rather hold than not.",
        low=0.0,
        high=1.0,
    ),
    Setting(
        "bayes.diverged",
        0.1,
        "share of trials",
        "ours",
        "Diverged trials that finding the edge may cost; above it the search keeps away from the edge.",
        low=0.0,
        high=1.0,
    ),
    Setting(
        "bayes.stop",
        0.25,
        "seed SDs",
        "ours",
        "An expected gain this far below the noise of one run is not worth a run.",
        low=0.0,
    ),
)
