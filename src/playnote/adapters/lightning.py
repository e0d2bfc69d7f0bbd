"""Lightning: `Trainer(callbacks=[lightning_callback()])`."""

from __future__ import annotations

from importlib import import_module, metadata
from typing import Any

from playnote.adapters.keeping import Keeper, batch_length
from playnote.errors import MissingExtraError
from playnote.recorder import Trial
from playnote.text import Text

_HARMFUL = ("2.6.2", "2.6.3")  # releases of the `lightning` package that were withdrawn for malicious code


class _Hooks:
    """The callback's hooks; `_keeper` is set by `lightning_callback`."""

    _keeper: Keeper

    def on_train_epoch_start(self, trainer: Any, module: Any) -> None:
        """An epoch's start is no step's waiting."""
        self._keeper.forget_time()

    def on_train_batch_start(self, trainer: Any, module: Any, batch: Any, batch_idx: int) -> None:
        """A batch has arrived."""
        self._keeper.begin()

    def on_before_optimizer_step(self, trainer: Any, module: Any, optimizer: Any) -> None:
        """Gradients are complete, unscaled, and not clipped yet."""
        from playnote.training.clipping import clip_gradients

        self._norm = clip_gradients(each for group in optimizer.param_groups for each in group["params"])
        self._rate = optimizer.param_groups[0]["lr"]

    def on_train_batch_end(self, trainer: Any, module: Any, outputs: Any, batch: Any, batch_idx: int) -> None:
        """Log where the optimizer has stepped: micro-batches that were only accumulated are counted with it."""
        self._keeper.leave(batch_length(batch))
        loss = outputs.get("loss") if isinstance(outputs, dict) else outputs
        if loss is not None:  # divided by the number of accumulated batches already
            self._loss = loss.detach() if self._loss is None else self._loss + loss.detach()
        if trainer.global_step > self._seen:
            step, self._seen = self._seen, trainer.global_step
            self._keeper.log(step, {"train/loss": self._loss, "grad_norm": self._norm, "lr": self._rate})
            self._loss = None

    def on_validation_end(self, trainer: Any, module: Any) -> None:
        """Log the evaluation's metrics as `dev/...`."""
        if not trainer.sanity_checking:
            self._keeper.evaluated(trainer.global_step, dict(trainer.callback_metrics), module)

    def on_train_end(self, trainer: Any, module: Any) -> None:
        """Keep the predictions on the dev split, where they are asked for."""
        self._keeper.finished(module)

    _loss: Any = None
    _norm: Any = None
    _rate: Any = None
    _seen: int = 0


def lightning_callback(trial: Trial | None = None, **keeping: Any) -> Any:
    """The callback; arguments as in `Keeper`. Raises MissingExtraError without Lightning."""
    made = type("PlaynoteCallback", (_Hooks, _base()), {})()
    made._keeper = Keeper(trial, **keeping)
    return made


def _base() -> Any:
    for package, module in (("pytorch-lightning", "pytorch_lightning"), ("lightning", "lightning.pytorch")):
        try:
            version = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
        if package == "lightning" and version in _HARMFUL:
            continue
        return import_module(module).Callback
    raise MissingExtraError(
        Text(
            en="Lightning is not installed, or in a withdrawn release.", zh="没有安装 Lightning，或装的是已撤回的版本。"
        ),
        fix=Text(en="pip install pytorch-lightning", zh="pip install pytorch-lightning"),
    )
