"""What every adapter does alike: time the steps, name the metrics, log without waiting for a device."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any, final

from playnote.recorder import Trial, current_trial

DEV = "dev"
_EVALUATIONS = ("val", "valid", "validation", "eval", "dev")


@final
class Keeper:
    """One training loop's way into a trial.

    dev          the name that evaluations are logged under
    train_error  called after every evaluation with the model, in evaluation mode and without gradients: the error on a fixed, clean
                 part of Train
    """

    def __init__(
        self, trial: Trial | None = None, dev: str = DEV, train_error: Callable[[Any], float] | None = None
    ) -> None:
        """`trial` None: the current one."""
        self.trial = trial if trial is not None else current_trial()
        self._dev, self._train_error = dev, train_error
        self._left: float | None = None
        self._begun: float | None = None
        self._wait, self._samples = 0.0, 0

    def begin(self) -> None:
        """A batch has arrived: what passed since the last one was left is waiting."""
        now = time.perf_counter()
        if self._begun is None:
            self._begun = now if self._left is None else self._left
        if self._left is not None:
            self._wait += now - self._left
            self._left = None

    def leave(self, samples: int = 0) -> None:
        """The loop is done with a batch, and asks for the next."""
        self._left = time.perf_counter()
        self._samples += samples

    def log(self, step: int, metrics: Mapping[str, Any]) -> None:
        """Log a step with its times; micro-batches accumulated into it are counted together."""
        row = {name: value for name, value in metrics.items() if value is not None}
        if self._begun is not None:
            seconds = (self._left if self._left is not None else time.perf_counter()) - self._begun
            row |= {"step_seconds": seconds, "data_wait": self._wait}
            if self._samples and seconds > 0:
                row["samples_per_second"] = self._samples / seconds
        self._begun, self._wait, self._samples = None, 0.0, 0
        self.trial.log(step, row)

    def evaluated(self, step: int, metrics: Mapping[str, Any], model: Any = None) -> None:
        """Log an evaluation by the names of `named`; and the error on clean training data, where it is asked for.

        Time spent here belongs to no step.
        """
        row = {found: value for name, value in metrics.items() if (found := named(name, self._dev)) is not None}
        if row:
            self.trial.log(step, row)
        if self._train_error is not None and model is not None:
            from playnote.training.evaluation import evaluating

            with evaluating(model):
                self.trial.eval_train(step, self._train_error(model))
        self.forget_time()

    def forget_time(self) -> None:
        """What comes next is not compared with what was before: an evaluation, a checkpoint, a new epoch."""
        self._left = self._begun = None
        self._wait, self._samples = 0.0, 0


def named(name: str, dev: str = DEV) -> str | None:
    """The recorder's name of an evaluation metric: "val_loss" and "eval/loss" are "dev/loss"; None for anything else."""
    for prefix in _EVALUATIONS:
        for between in ("_", "/"):
            if name.startswith(prefix + between):
                return f"{dev}/{name[len(prefix) + 1 :]}"
    return None


def batch_length(batch: Any) -> int:
    """Examples in a batch: the length of its first tensor; 0 where there is none."""
    while isinstance(batch, Mapping | tuple | list) and len(batch):
        batch = next(iter(batch.values())) if isinstance(batch, Mapping) else batch[0]
    shape = getattr(batch, "shape", None)
    return int(shape[0]) if shape is not None and len(shape) else 0
