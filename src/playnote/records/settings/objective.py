"""Choosing by the objective, and asking whether it still says what people want."""

from __future__ import annotations

from playnote.records.settings.setting import Setting

ROWS: tuple[Setting, ...] = (
    Setting("rank.tie", 1.645, "SDs", "ours", "two-sided 90 %: nearer than this by seed noise alone is a tie", 0.0),
    Setting("metric.alpha", 0.05, "probability", "ours", "one-sided error of calling the metric suspect", 0.001, 0.5),
    Setting("metric.pairs", 20, "pairs", "ours", "five of five agree by chance once in 32: fewer show little", 5),
    Setting(
        "metric.agreement", 0.70, "share of pairs", "ours", "below it the metric often chooses against people", 0.5
    ),
)
