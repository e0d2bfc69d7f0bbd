"""What runs inside the user's training process; standard library only."""

from __future__ import annotations

from playnote.recorder.card import TrialCard, attempt_log, read_card, write_card
from playnote.recorder.current import current_trial, trial_in
from playnote.recorder.ended import TrialEnded
from playnote.recorder.trial import EVAL_TRAIN, LOG_FORMAT, Trial

__all__ = [
    "EVAL_TRAIN",
    "LOG_FORMAT",
    "Trial",
    "TrialCard",
    "TrialEnded",
    "attempt_log",
    "current_trial",
    "read_card",
    "trial_in",
    "write_card",
]
