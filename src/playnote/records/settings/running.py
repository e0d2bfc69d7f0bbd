"""Running trials: what ends one, workers, leases, retries."""

from __future__ import annotations

from playnote.records.settings.setting import Setting

ROWS: tuple[Setting, ...] = (
    Setting(
        "exploded_ratio",
        10.0,
        "times the first train loss",
        "ours",
        "a loss ten times that of an untrained model is no noise of a mini-batch",
        low=1.0,
    ),
    Setting(
        "exploded_end_readings",
        5.0,
        "readings",
        "ours",
        "the median of five readings stands for the end: one bad mini-batch does not decide",
        low=1.0,
    ),
    Setting(
        "exploded_end_noise",
        3.0,
        "reading noise (SD)",
        "ours",
        "a learning rate too small to move the loss ends within the noise of where it began: that is no explosion",
        low=0.0,
    ),
    Setting(
        "hopeless_failures",
        3.0,
        "trials",
        "ours",
        "when the first three trials all fail in the training code, the code is at fault, not the configurations",
        low=1.0,
    ),
    Setting(
        "code_failures",
        2.0,
        "attempts",
        "ours",
        "failing twice in the same code is no accident: a third time costs a trial and tells nothing new",
        low=1.0,
    ),
)
