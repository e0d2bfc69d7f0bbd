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
        self._total = self._count = 0.0

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        """A batch has arrived."""
        self._keeper.begin()
        # Under mixed precision gradients stay scaled, and the scale may change with this very step.
        scale = getattr(self.model.optimizer, "dynamic_scale", None)
        self._scale = 1.0 if scale is None else float(scale)

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Log where the optimizer has stepped: micro-batches that were only accumulated are counted with it."""
        loss, samples = self._batch(batch, logs or {})
        self._keeper.leave(samples)
        optimizer = getattr(self.model.optimizer, "inner_optimizer", self.model.optimizer)
        self._gather(loss, micro := int(optimizer.gradient_accumulation_steps or 1))
        if self._micro < micro:
            return
        rate = getattr(optimizer, "learning_rate", None)
        norm = _norm(self._gradients)
        row = {
            "train/loss": self._loss,
            "grad_norm": None if norm is None else norm / self._scale,
            "lr": None if rate is None else float(rate),
        }
        self._micro, self._loss, self._gradients = 0, None, []
        self._keeper.log(self._step, row)
        self._step += 1

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Log the evaluation's metrics as `dev/...`."""
        self._keeper.evaluated(self._step, logs or {}, self.model)

    def on_train_end(self, logs: Any = None) -> None:
        """Keep the predictions on the dev split, where they are asked for."""
        self._keeper.finished(self.model)

    def _batch(self, batch: int, logs: Any) -> tuple[float | None, int]:
        """The batch's own loss and its samples. Keras shows the epoch's mean: its sums before and after tell them apart."""
        tracker = next((each for each in self.model.metrics if each.name == "loss"), None)
        if self._sums and tracker is not None and hasattr(tracker, "total"):
            total, count = float(tracker.total), float(tracker.count)
            weight = count - self._count
            loss = (total - self._total) / weight if weight > 0 else None
            self._total, self._count = total, count
            if loss is not None:
                return loss, round(weight)
            self._sums = False  # a backend that keeps its sums elsewhere while it trains
        mean = logs.get("loss")
        if mean is None:
            return None, 0
        whole = float(mean) * (batch + 1)  # exact where all batches are of one size
        loss, self._total = whole - self._total, whole
        return loss, 0

    def _gather(self, loss: float | None, micro: int) -> None:
        found = [getattr(each.value, "grad", None) for each in self.model.trainable_weights]
        gradients = [each for each in found if each is not None]
        if micro > 1:  # Keras clears them before the next micro-batch
            before = self._gradients or [0.0] * len(gradients)
            gradients = [sum_ + each / micro for sum_, each in zip(before, gradients, strict=True)]
        self._gradients = gradients
        self._micro += 1
        if loss is not None:
            self._loss = (self._loss or 0.0) + loss / micro

    _scale: float = 1.0
    _sums: bool = True
    _total: float = 0.0
    _count: float = 0.0
    _micro: int = 0
    _loss: float | None = None
    _gradients: list[Any] = []  # noqa: RUF012  replaced, never changed
    _step: int = 0


def keras_callback(trial: Trial | None = None, **keeping: Any) -> Any:
    """The callback; arguments as in `Keeper`. Raises MissingExtraError without Keras."""
    try:
        from keras.callbacks import Callback
    except ImportError:
        raise MissingExtraError(
            Text(en="Keras is not installed.", zh="没有安装 Keras。"),
            fix=Text(en="pip install keras", zh="pip install keras"),
        ) from None
    made = type("PlaynoteCallback", (_Hooks, Callback), {})()
    made._keeper = Keeper(trial, **keeping)
    return made


def _norm(gradients: list[Any]) -> Any:
    """Norm of the gradients that training left behind (PyTorch backend; they are not clipped); None elsewhere."""
    if not gradients:
        return None
    import torch

    return torch.nn.utils.get_total_norm(gradients)
