"""Keras 3: `model.fit(..., callbacks=[keras_callback()])`. With the PyTorch backend gradient norms are logged, too."""

from __future__ import annotations

from typing import Any

from playnote.adapters.keeping import Keeper
from playnote.errors import MissingExtraError
from playnote.recorder import Trial
from playnote.text import Text


class _Hooks:
    """The callback's hooks; `_keeper` is set by `keras_callback`, `model` and `params` by Keras."""

    _keeper: Keeper
    model: Any
    params: Any

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Keras means its losses from here on."""
        self._keeper.forget_time()
        self._sum = 0.0

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        """A batch has arrived."""
        self._keeper.begin()

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Log the step. Keras shows the mean loss of the epoch so far: the batch's own is told from two of them."""
        self._keeper.leave()
        mean = (logs or {}).get("loss")
        loss = None
        if mean is not None:
            whole = float(mean) * (batch + 1)
            loss, self._sum = whole - self._sum, whole
        rate = getattr(self.model.optimizer, "learning_rate", None)
        row = {"train/loss": loss, "grad_norm": _norm(self.model), "lr": None if rate is None else float(rate)}
        self._keeper.log(self._step, row)
        self._step += 1

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Log the evaluation's metrics as `dev/...`."""
        self._keeper.evaluated(self._step, logs or {}, self.model)

    _sum: float = 0.0
    _step: int = 0


def keras_callback(trial: Trial | None = None, *, dev: str = "dev") -> Any:
    """The callback; arguments as in `Keeper`. Raises MissingExtraError without Keras."""
    try:
        from keras.callbacks import Callback
    except ImportError:
        raise MissingExtraError(
            Text(en="Keras is not installed.", zh="没有安装 Keras。"),
            fix=Text(en="pip install keras", zh="pip install keras"),
        ) from None
    made = type("PlaynoteCallback", (_Hooks, Callback), {})()
    made._keeper = Keeper(trial, dev)
    return made


def _norm(model: Any) -> Any:
    """Norm of the gradients that the last batch left behind (PyTorch backend; they are not clipped); None elsewhere."""
    found = [getattr(each.value, "grad", None) for each in model.trainable_weights]
    gradients = [each for each in found if each is not None]
    if not gradients:
        return None
    import torch

    return torch.nn.utils.get_total_norm(gradients)
