"""What every adapter does alike: time the steps, name the metrics, log without waiting for a device."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any, final

from playnote.recorder import Trial, current_trial

DEV, TRAIN_DEV = "dev", "train_dev"
_EVALUATIONS = ("val", "valid", "validation", "eval", "dev")
_CARVED = ("train_dev", "train-dev", "traindev")


@final
class Keeper:
    """One training loop's way into a trial.

    dev          the name that evaluations are logged under
    train_error  called after every evaluation with the model, in evaluation mode and without gradients: the error on a fixed, clean
                 part of Train
    checkpoint   called after every evaluation with the model; what it returns is kept as `trial.checkpoint` keeps it
    predictions  called once training is over with the model, likewise in evaluation mode: a mapping with `ids`, `labels` and
                 `probabilities` (or `predictions`) of the dev split
    """

    def __init__(
        self,
        trial: Trial | None = None,
        dev: str = DEV,
        train_error: Callable[[Any], float] | None = None,
        checkpoint: Callable[[Any], Any] | None = None,
        predictions: Callable[[Any], Mapping[str, Any]] | None = None,
    ) -> None:
        """`trial` None: the current one."""
        self.trial = trial if trial is not None else current_trial()
        self._dev, self._train_error = dev, train_error
        self._checkpoint, self._predictions = checkpoint, predictions
        self._left: float | None = None
        self._begun: float | None = None
        self._evaluated_at: int | None = None
        self._wait, self._samples = 0.0, 0

    def begin(self, samples: int = 0) -> None:
        """A batch has arrived: what passed since the last one was left is waiting."""
        self._samples += samples
        now = time.perf_counter()
        if self._begun is None:
            self._begun = now if self._left is None else self._left
        if self._left is not None:
            self._wait += now - self._left
            self._left = None

    def leave(self, samples: int = 0) -> None:
        """The loop is done with a batch, and asks for the next. Its samples are counted here or in `begin`."""
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
        """Log an evaluation by the names of `named`; the error on clean training data and a checkpoint, where asked for.

        Time spent here belongs to no step.
        """
        row = {found: value for name, value in metrics.items() if (found := named(name, self._dev)) is not None}
        if row:
            self.trial.log(step, row)
        again, self._evaluated_at = step == self._evaluated_at, step  # a second set of examples at the same step
        if self._train_error is not None and model is not None and not again:
            with _evaluating(model):
                self.trial.eval_train(step, self._train_error(model))
        if self._checkpoint is not None and model is not None and not again:
            self.trial.checkpoint(step, self._checkpoint(model))
        self.forget_time()

    def finished(self, model: Any) -> None:
        """Training is over: keep the predictions on the dev split, where they are asked for."""
        if self._predictions is not None and model is not None:
            with _evaluating(model):
                self.trial.predictions(self._dev, **self._predictions(model))

    def forget_time(self) -> None:
        """What comes next is not compared with what was before: an evaluation, a checkpoint, a new epoch."""
        self._left = self._begun = None
        self._wait, self._samples = 0.0, 0


def named(name: str, dev: str = DEV) -> str | None:
    """The recorder's name of an evaluation metric; None for anything else.

    "val_loss" and "eval/loss" are "dev/loss", "train_dev_loss" is "train_dev/loss"; so are "eval_dev_loss" and
    "eval_train_dev_loss", which the Hugging Face Trainer makes of evaluation sets called "dev" and "train_dev".
    """
    split = None
    while (found := _cut(name, dev)) is not None:
        split, name = found  # the innermost counts
    return None if split is None else f"{split}/{name}"


def _cut(name: str, dev: str) -> tuple[str, str] | None:
    for prefix in (*_CARVED, *_EVALUATIONS):
        if name.startswith((f"{prefix}_", f"{prefix}/")):
            return TRAIN_DEV if prefix in _CARVED else dev, name[len(prefix) + 1 :]
    return None


def _evaluating(model: Any) -> AbstractContextManager[Any]:
    """A PyTorch model in evaluation mode, without gradients; nothing to do for a model that is data (JAX)."""
    if not hasattr(model, "modules"):
        return nullcontext()
    from playnote.training.evaluation import evaluating

    return evaluating(model)


def batch_length(batch: Any) -> int:
    """Examples in a batch: the length of its first tensor; 0 where there is none."""
    while isinstance(batch, Mapping | tuple | list) and len(batch):
        batch = next(iter(batch.values())) if isinstance(batch, Mapping) else batch[0]
    shape = getattr(batch, "shape", None)
    return int(shape[0]) if shape is not None and len(shape) else 0
