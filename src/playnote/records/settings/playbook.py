"""Thresholds of the rules themselves."""

from __future__ import annotations

from playnote.records.settings.setting import Setting

ROWS: tuple[Setting, ...] = (
    Setting("rule_changed_dimensions", 3, "hyperparameters", "ours", "more at once answer no single question", 1),
    Setting("rule_chance_errors", 3, "standard errors", "ours", "a margin that dev sampling alone does not give", 1),
    Setting("rule_baseline_seeds", 3, "seeds", "ours", "fewer say nothing about stability", 1),
    Setting("rule_baseline_share", 0.1, "share of budget", "ours", "a dearer start leaves no room to learn", 0, 1),
    Setting("rule_count_ratio", 1.5, "ratio", "ours", "feasible trials per value may differ by this much", 1),
    Setting("rule_settings_per_value", 5, "trials", "ours", "nuisance settings tried for each scientific value", 2),
    Setting("rule_explore_share", 0.5, "share of trials", "ours", "more than half of the trials explore", 0, 1),
    Setting("rule_log_ratio", 10, "ratio", "ours", "a range wider than this wants a log scale", 2),
    Setting("rule_infeasible_warn", 0.2, "share of trials", "ours", "more deserves a look at the range", 0, 1),
    Setting("rule_infeasible_fail", 0.5, "share of trials", "ours", "most of the budget lost", 0, 1),
    Setting("rule_budget_used", 0.1, "share of budget", "ours", "a smaller round leaves the budget unused", 0, 1),
    Setting("rule_fresh_seeds", 3, "seeds", "ours", "fewer fresh runs carry an adoption badly", 1),
    Setting("rule_curves_top", 3, "trials per value", "ours", "the best few whose curves are judged", 1),
    Setting(
        "rule_parameters_per_example", 100, "parameters", "ours", "more, from scratch, deserves a second thought", 1
    ),
    Setting("rule_reproduced", 2, "standard errors", "ours", "closer to the reported score counts as the same", 0.5),
    Setting("rule_adam_beta1", 10, "trials per value", "playbook", "from here on beta1 is tuned too", 2),
    Setting(
        "rule_step_time_spread", 0.05, "share of the median", "ours", "a step time known worse decides little", 0, 1
    ),
    Setting("rule_batch_switches", 1, "changes", "ours", "each change asks for a new tuning", 0),
    Setting("rule_ghost_batch", 64, "examples", "playbook", "statistics over more lose their noise", 1),
    Setting("rule_ghost_small", 32, "examples", "playbook", "the smaller of the two usual virtual batches", 1),
    Setting("rule_adam_epsilon", 25, "trials per value", "playbook", "from here on epsilon is tuned too", 2),
    Setting("rule_adam_beta2", 50, "trials per value", "ours", "far more than 25, which the text leaves open", 2),
    Setting("rule_parallel_share", 0.5, "share of trials", "ours", "with half at once, results steer little", 0, 1),
    Setting(
        "rule_gap", 0.34, "share of a range", "ours", "a third of the range without a trial was not searched", 0, 1
    ),
    Setting("rule_unevenness", 1.0, "ratio", "ours", "as uneven as random points are on average", 0.1),
    Setting("rule_search_trials", 8, "trials per value", "ours", "fewer say little about the spread of the best", 2),
    Setting(
        "rule_noise_share", 0.5, "share of the noise", "ours", "sampling of Dev this large explains the jumps", 0, 1
    ),
    Setting(
        "rule_plateau_fail", 0.10, "share of steps", "ours", "flat from here on, nearly all steps are wasted", 0, 1
    ),
    Setting("rule_error_sample_few", 50, "wrong examples", "ours", "fewer give shares that mislead", 10),
    Setting("rule_other_share", 0.20, "share of errors", "ours", "more unsorted errors hide a kind", 0, 1),
    Setting("rule_shift_auc", 0.60, "AUC", "ours", "splits told apart this well are two distributions", 0.5, 1),
)
