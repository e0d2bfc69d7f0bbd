"""The data: splits, shifts between them, duplicates, labels."""

from __future__ import annotations

from playnote.records.settings.setting import Setting

ROWS: tuple[Setting, ...] = (
    Setting(
        "shift.alpha", 0.05, "probability", "ours", "false alarms for a pair of sets, exact by permutation", 0.0, 0.5
    ),
    Setting("shift.auc", 0.60, "AUC", "ours", "from here on two sets are not one distribution in practice", 0.5, 1.0),
    Setting("shift.units", 20, "examples or groups", "ours", "fewer of either set cannot carry a no", 2),
    Setting("shift.most", 2000, "examples of a set", "ours", "a random part of more: seconds, not minutes", 100),
    Setting("overlap.near", 0.9, "similarity", "ours", "texts that share nine of ten passages are one text", 0.5, 1.0),
    Setting(
        "overlap.distance",
        0.05,
        "of the usual distance",
        "ours",
        "far nearer than a nearest neighbour is by chance",
        0.0,
        0.5,
    ),
    Setting("labels.random", 100, "examples", "ours", "0 wrong of 100 still allows 3 %", 1),
    Setting("labels.alpha", 0.05, "probability", "ours", "exact permutation p, shared by classes and groups", 0.0, 0.5),
    Setting("labels.wrong", 10, "wrong labels", "ours", "fewer could hide a cluster", 3),
    Setting("labels.small", 0.05, "share of labels", "ours", "a little random noise in Train is no alarm", 0.0, 0.5),
)
