"""A review of trials made elsewhere: from where an answer is worth a line."""

from __future__ import annotations

from playnote.records.settings.setting import Setting

ROWS: tuple[Setting, ...] = (
    Setting("review.say", 0.8, "probability", "ours", "below it a finding is an open question, not a line", 0.5, 1.0),
    Setting("review.sure", 0.95, "probability", "ours", "from here the word is sure", 0.5, 1.0),
    Setting("review.stale", 20, "trials", "ours", "fewer without a new best are no news", 5),
    Setting("review.repeat", 3, "runs", "ours", "fresh seeds that make a first estimate of seed noise", 2),
    Setting("review.next", 16, "trials", "ours", "quasi-random trials of a next step; half of them halve a range", 4),
)
