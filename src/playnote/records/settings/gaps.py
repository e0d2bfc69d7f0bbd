"""The ladder human - train - train-dev - dev - test, labels, errors and split audits."""

from __future__ import annotations

from playnote.records.settings.setting import Setting

ROWS: tuple[Setting, ...] = (
    Setting("gaps.none", 0.40, "share of gaps", "ours", "two gaps in five are next to nothing", 0.0, 0.98),
    Setting("gaps.small", 0.5, "of min_effect", "ours", "how far from nothing such a gap may be", 0.01),
    Setting("gaps.usual", 2.5, "of min_effect", "ours", "usual size of a gap that exists", 0.1),
    Setting("gaps.yes", 0.64, "probability", "ours", "false alarms at most 2 %, measured on made-up counts", 0.5, 1.0),
    Setting("gaps.no", 0.07, "probability", "ours", "false reassurance at most 5 %, measured on the same", 0.0, 0.5),
    Setting("test_overuse.delta", 0.05, "probability", "ours", "chance left to the bounds", 0.0001, 0.5),
    Setting(
        "test_overuse.share", 0.5, "of min_effect", "ours", "an optimism of half of what matters can turn a decision"
    ),
    Setting("test_overuse.no", 0.10, "probability", "ours", "luck of that size is unlikely", 0.0, 0.5),
    Setting("label_noise.audit", 50, "disagreements", "ours", "fewer say little, unless they are all", 1),
    Setting(
        "label_noise.yes", 0.20, "probability", "ours", "a one in five chance that labels turn the order", 0.0, 1.0
    ),
    Setting("label_noise.no", 0.05, "probability", "ours", "the order stands", 0.0, 0.5),
    Setting("errors.sample", 50, "wrong examples", "ours", "about 50 show the large categories", 1),
    Setting("errors.largest", 0.80, "probability", "ours", "below it the largest category is not separated", 0.5, 1.0),
)
