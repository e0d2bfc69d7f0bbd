"""Plain PyTorch: the loop stays the user's; two calls time it, clip, step and log.

loop = torch_loop(optimizer)
for batch in loop(loader):
    loss = model(batch)
    loss.backward()
    loop.step(loss, clip=1.0)       # the norm before clipping is logged
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, final

from playnote.adapters.keeping import Keeper, batch_length
from playnote.recorder import Trial


@final
class TorchLoop:
    """What `torch_loop` returns. `steps` counts the optimizer's steps."""

    def __init__(self, optimizer: Any, keeper: Keeper, scaler: Any, synchronise: bool) -> None:
        """Made by `torch_loop`."""
        self._optimizer, self._keeper, self._scaler = optimizer, keeper, scaler
        self._synchronise = synchronise
        self.steps = 0

    def __call__(self, loader: Iterable[Any]) -> Iterator[Any]:
        """The loader's batches, the wait for each of them timed."""
        self._keeper.forget_time()
        for batch in loader:
            self._keeper.begin(batch_length(batch))
            yield batch
            self._keeper.leave()

    def step(self, loss: Any, clip: float | None = None, **metrics: Any) -> Any:
        """Clip, step, reset the gradients, log; the norm before clipping. With accumulation: once per optimizer step.

        A step that mixed precision skips for an infinite gradient is logged with its infinite norm.
        """
        from playnote.training.clipping import clip_gradients

        parameters = [each for group in self._optimizer.param_groups for each in group["params"]]
        norm = clip_gradients(parameters, clip, scaler=self._scaler, optimizer=self._optimizer)
        if self._scaler is not None:
            self._scaler.step(self._optimizer)
            self._scaler.update()
        else:
            self._optimizer.step()
        rate = self._optimizer.param_groups[0]["lr"]
        self._optimizer.zero_grad()
        if self._synchronise:
            _synchronise(loss)
        detached = loss.detach() if hasattr(loss, "detach") else loss
        self._keeper.log(self.steps, {"train/loss": detached, "grad_norm": norm, "lr": rate, **metrics})
        self.steps += 1
        return norm

    def evaluated(self, metrics: Mapping[str, Any], model: Any = None) -> None:
        """Log an evaluation at the present step: {"dev/error": ..., "train_dev/error": ...} or {"val_error": ...}."""
        self._keeper.evaluated(self.steps, metrics, model)

    def finished(self, model: Any) -> None:
        """Training is over: the predictions on the dev split are kept, where `predictions` was given."""
        self._keeper.finished(model)


def torch_loop(
    optimizer: Any, trial: Trial | None = None, *, scaler: Any = None, synchronise: bool = False, **keeping: Any
) -> TorchLoop:
    """A recorder for a hand-written loop.

    scaler       the gradient scaler of mixed precision, where there is one
    synchronise  wait for the device at every step, for honest times (batch-size probes); it slows training down
    keeping      `dev`, `train_error`, `checkpoint` and `predictions` of `Keeper`
    """
    return TorchLoop(optimizer, Keeper(trial, **keeping), scaler, synchronise)


def _synchronise(loss: Any) -> None:
    device = getattr(loss, "device", None)
    if device is not None and device.type == "cuda":
        import torch

        torch.cuda.synchronize(device)
