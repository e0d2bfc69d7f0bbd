"""Curves: overfitting, still improving, saturated, step variance, checkpoint bias."""

from __future__ import annotations

from playnote.records.settings.setting import Setting

_CUT = "measured on made-up curves of four families under six schedules"

ROWS: tuple[Setting, ...] = (
    Setting("overfitting.yes", 0.55, "probability", "ours", f"false alarms at most 4 %, {_CUT}", 0.5, 1.0),
    Setting("overfitting.no", 0.10, "probability", "ours", f"false reassurance at most 5 %, {_CUT}", 0.0, 0.5),
    Setting("overfitting.readings", 5, "evaluations", "ours", "the law has four terms", 4),
    Setting("overfitting.after", 2, "evaluations", "ours", "a rise seen once may be one bad evaluation", 1),
    Setting("still_improving.yes", 0.69, "probability", "ours", f"false alarms at most 5 %, {_CUT}", 0.5, 1.0),
    Setting("still_improving.no", 0.12, "probability", "ours", f"false reassurance at most 5 %, {_CUT}", 0.0, 0.5),
    Setting("still_improving.readings", 5, "evaluations", "ours", "the law has four terms", 4),
    Setting("saturated_early.yes", 0.82, "probability", "ours", f"false alarms at most 2 %, {_CUT}", 0.5, 1.0),
    Setting("saturated_early.no", 0.14, "probability", "ours", f"false reassurance at most 5 %, {_CUT}", 0.0, 0.5),
    Setting("step_variance.yes", 0.70, "probability", "ours", f"false alarms at most 3 %, {_CUT}", 0.5, 1.0),
    Setting("step_variance.no", 0.12, "probability", "ours", f"false reassurance at most 5 %, {_CUT}", 0.0, 0.5),
    Setting("step_variance.readings", 4, "evaluations", "ours", "a trend and a spread need four readings", 4),
    Setting("step_variance.readings_no", 6, "evaluations", "ours", "fewer cannot bound the spread from above", 4),
    Setting("checkpoint_bias.yes", 0.80, "probability", "ours", "the usual cut of these answers", 0.5, 1.0),
    Setting("checkpoint_bias.no", 0.10, "probability", "ours", "the usual cut of these answers", 0.0, 0.5),
    Setting("checkpoint_bias.readings", 5, "evaluations", "ours", "below five the spread is not known", 3),
    Setting("selection.runs", 3, "runs", "ours", "runs are the unit of the interval; of two it says nothing", 2),
)
