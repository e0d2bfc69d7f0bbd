"""Hugging Face Trainer: `Trainer(..., callbacks=[transformers_callback()])`."""

from __future__ import annotations

from typing import Any

from playnote.adapters.keeping import Keeper
from playnote.errors import MissingExtraError
from playnote.recorder import Trial
from playnote.text import Text


class _Hooks:
    """The callback's hooks; `_keeper` is set by `transformers_callback`."""

    _keeper: Keeper

    def on_train_begin(self, args: Any, state: Any, control: Any, **more: Any) -> None:
        """Note what rules read of the run."""
        self._keeper.trial.facts["clip_threshold"] = float(args.max_grad_norm or 0.0)
        self._keeper.trial.facts["grad_norm_clipped"] = False  # the Trainer logs the norm from before its clipping
        self._per_step = args.train_batch_size * args.gradient_accumulation_steps

    def on_epoch_begin(self, args: Any, state: Any, control: Any, **more: Any) -> None:
        """An epoch's start is no step's waiting."""
        self._keeper.forget_time()

    def on_step_begin(self, args: Any, state: Any, control: Any, **more: Any) -> None:
        """The batches of an optimizer step have arrived."""
        self._keeper.begin()

    def on_step_end(self, args: Any, state: Any, control: Any, **more: Any) -> None:
        """Log the step's times; its loss comes with the Trainer's own log."""
        self._keeper.leave(self._per_step)
        self._keeper.log(state.global_step - 1, {})

    def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **more: Any) -> None:
        """Losses, norms and rates as the Trainer logs them: set `logging_steps=1` to have every step."""
        names = {"loss": "train/loss", "grad_norm": "grad_norm", "learning_rate": "lr"}
        row = {mine: logs[name] for name, mine in names.items() if logs and name in logs}
        if row:
            self._keeper.trial.log(max(state.global_step - 1, 0), row)

    def on_evaluate(
        self, args: Any, state: Any, control: Any, metrics: Any = None, model: Any = None, **more: Any
    ) -> None:
        """Log the evaluation's metrics as `dev/...`."""
        numbers = {name: value for name, value in (metrics or {}).items() if isinstance(value, int | float)}
        self._keeper.evaluated(state.global_step, numbers, model)

    def on_train_end(self, args: Any, state: Any, control: Any, model: Any = None, **more: Any) -> None:
        """Keep the predictions on the dev split, where they are asked for."""
        self._keeper.finished(model)

    _per_step: int = 0


def transformers_callback(trial: Trial | None = None, **keeping: Any) -> Any:
    """The callback; arguments as in `Keeper`. Raises MissingExtraError without transformers."""
    try:
        from transformers import TrainerCallback
    except ImportError:
        raise MissingExtraError(
            Text(en="transformers is not installed.", zh="没有安装 transformers。"),
            fix=Text(en="pip install 'transformers[torch]'", zh="pip install 'transformers[torch]'"),
        ) from None
    made = type("PlaynoteCallback", (_Hooks, TrainerCallback), {})()
    made._keeper = Keeper(trial, **keeping)
    return made
