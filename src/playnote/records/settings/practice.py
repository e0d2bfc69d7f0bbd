"""Thresholds of the rules about diagnosis, labels, training length, stability, evaluation and infrastructure."""

from __future__ import annotations

from playnote.records.settings.setting import Setting

ROWS: tuple[Setting, ...] = (
    Setting("rule_label_audit", 100, "examples", "ours", "no wrong label in 100 still allows 3 %", 1),
    Setting("rule_label_share", 0.10, "share of dev errors", "ours", "more of the errors are not the model's", 0, 1),
    Setting("rule_weights_left", 0.20, "share of examples", "ours", "effective sample left by the weights", 0, 1),
    Setting("rule_round1_low", 0.10, "share of final steps", "playbook", "short runs of about a tenth", 0, 1),
    Setting("rule_round1_high", 0.20, "share of final steps", "playbook", "up to a fifth", 0, 1),
    Setting("rule_round1_most", 0.50, "share of final steps", "ours", "half the final length is not short", 0, 1),
    Setting("rule_round2_near", 0.80, "share of final steps", "ours", "nearly the final length", 0, 1),
    Setting("rule_round2_candidates", 5, "configurations", "ours", "few enough to train at length", 2),
    Setting("rule_low_rate_share", 0.50, "share of extra steps", "ours", "spent under a tenth of the peak", 0, 1),
    Setting("rule_warmup_low", 5, "times the unstable rate", "playbook", "the peak a warmup aims at", 1),
    Setting("rule_warmup_high", 10, "times the unstable rate", "upstream", "the peak to try first", 1),
    Setting("rule_clip_low", 0.85, "percentile as a share", "ours", "about the 90th percentile, from below", 0, 1),
    Setting("rule_clip_high", 0.95, "percentile as a share", "ours", "about the 90th percentile, from above", 0, 1),
    Setting("rule_clip_shrink", 0.5, "ratio", "ours", "clipped steps that keep less than half are cut heavily", 0, 1),
    Setting("rule_large_study", 10, "trials", "ours", "a study to find the cause is no larger", 1),
    Setting("rule_deep_blocks", 10, "blocks", "ours", "deeper stacks lean on residuals and normalization", 1),
    Setting("rule_slowdown_warn", 0.10, "share of throughput", "ours", "lost to the input pipeline", 0, 1),
    Setting("rule_slowdown_fail", 0.30, "share of throughput", "ours", "a third of the machine stands idle", 0, 1),
    Setting("rule_sync_cost", 0.05, "share of step time", "ours", "less is within timing noise", 0, 1),
    Setting("rule_offline_share", 0.50, "share of pipeline time", "ours", "one stage that could run beforehand", 0, 1),
    Setting("rule_unused_share", 0.25, "share of bytes", "ours", "a quarter of what is read is thrown away", 0, 1),
    Setting("rule_evaluations", 20, "evaluations", "ours", "a run's curve can be read", 2),
    Setting("rule_evaluations_few", 8, "evaluations", "ours", "fewer show no shape", 2),
    Setting("rule_eval_time", 0.10, "share of training time", "ours", "evaluation stays cheap", 0, 1),
    Setting("rule_class_count", 30, "examples", "ours", "below it a class is counted, not rated", 1),
    Setting("rule_error_sample", 100, "wrong examples", "playbook", "what an error analysis samples", 1),
    Setting("rule_shards_apart", 1.10, "ratio", "ours", "the largest shard over the smallest", 1),
    Setting("rule_dev_errors", 2.0, "standard errors", "ours", "a gain must stand out of the dev sample", 0.5),
    Setting(
        "rule_period", 0.01, "probability", "ours", "of a period as strong in white noise, in each of two runs", 0, 1
    ),
)
