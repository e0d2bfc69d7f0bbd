"""Stability: loss excursions, gradient norms, clipping, the divergence edge, warmup."""

from __future__ import annotations

from playnote.records.settings.setting import Setting

_CUT = "measured on made-up loss series with spikes, slow divergence and healthy look-alikes"

ROWS: tuple[Setting, ...] = (
    Setting("instability.yes", 0.50, "probability", "ours", f"false alarms at most 3 %, {_CUT}", 0.5, 1.0),
    Setting("instability.no", 0.05, "probability", "ours", f"false reassurance at most 5 %, {_CUT}", 0.0, 0.5),
    Setting("instability.readings", 150, "logged steps", "ours", "shorter series cannot show a lasting rise", 60),
    Setting(
        "gradient_outliers.yes",
        0.60,
        "probability",
        "ours",
        "false alarms at most 2 %, measured on log-normal norms",
        0.5,
        1.0,
    ),
    Setting(
        "gradient_outliers.no",
        0.20,
        "probability",
        "ours",
        "false reassurance at most 2 %, measured on the same",
        0.0,
        0.5,
    ),
    Setting("gradient_outliers.readings", 50, "logged steps", "ours", "the running median spans 51 steps", 20),
    Setting(
        "clip.share", 0.90, "share of norms", "playbook", "clip near the 90th percentile of unclipped norms", 0.5, 1.0
    ),
    Setting("clip.readings", 200, "logged steps", "ours", "the 90th percentile needs 20 norms above it", 50),
    Setting("clip.effective", 100, "effective norms", "ours", "correlated norms carry less than their number", 20),
    Setting(
        "clip.half", 0.5, "share of steps", "playbook", "more than half clipped: lower the learning rate", 0.0, 1.0
    ),
    Setting("clip.yes", 0.80, "probability", "ours", "the usual cut of these answers", 0.5, 1.0),
    Setting("clip.no", 0.20, "probability", "ours", "the usual cut of these answers", 0.0, 0.5),
)
