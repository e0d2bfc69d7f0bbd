"""The end of a trial from inside its training code."""

from __future__ import annotations


class TrialEnded(SystemExit):
    """Raised in the training code when the trial is over: a watched metric became NaN or infinite.

    Control flow, not an error, and therefore outside the tree of `errors.py`. `except Exception` does not
    catch it. A worker catches it and goes on with the next trial; in a command of its own it ends the
    process without a traceback, with exit code `CODE`. It is only raised under the runner, never in a
    script that runs alone.
    """

    CODE = 90

    def __init__(self, outcome: str, step: float | None = None, metric: str = "", value: float | None = None) -> None:
        super().__init__(self.CODE)
        self.outcome = outcome
        self.step = step
        self.metric = metric
        self.value = value
