"""Lightning's `Tuner` on the model of `finders.py`: its answers, and what it leaves behind in the process."""

from __future__ import annotations

import logging
import random
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import finder_model as shared
import numpy as np
import pytorch_lightning as pl
import torch
from pytorch_lightning.tuner import Tuner
from torch.nn import functional
from torch.utils.data import DataLoader, TensorDataset

warnings.simplefilter("ignore")
logging.getLogger("pytorch_lightning").setLevel(logging.ERROR)
STEPS_AFTER = 30
# `max_epochs` goes from None to -1 in any fit: no trace of a finder.
SETTINGS = ("max_steps", "limit_train_batches", "limit_val_batches", "global_step", "current_epoch")


class Module(pl.LightningModule):
    """The shared network as Lightning wants it."""

    def __init__(self, lr: float = 0.01, batch_size: int = shared.BATCH) -> None:
        super().__init__()
        self.lr, self.batch_size, self.seen, self.last_size = lr, batch_size, 0, 0
        self.body = shared.network()

    def training_step(self, batch: Any, index: int) -> torch.Tensor:
        """One step on the made-up device, whose memory is whole again wherever the batch size changes."""
        size = len(batch[1])
        self.seen = self.seen + 1 if size == self.last_size else 0
        self.last_size = size
        shared.take_memory(size, self.seen)
        return functional.cross_entropy(self.body(batch[0]), batch[1])

    def configure_optimizers(self) -> torch.optim.Optimizer:
        """The shared optimizer."""
        return shared.optimizer_of(self, self.lr)

    def train_dataloader(self) -> DataLoader:
        """The shared rows, in an order from the process's own random numbers, as Lightning's users have it."""
        return DataLoader(TensorDataset(*shared.table(shared.ROWS, 1)), self.batch_size, shuffle=True, drop_last=True)


def trainer_in(folder: Path, steps: int = STEPS_AFTER) -> pl.Trainer:
    """A trainer that writes nothing and says nothing."""
    quiet = dict.fromkeys(("logger", "enable_checkpointing", "enable_progress_bar", "enable_model_summary"), False)
    return pl.Trainer(max_steps=steps, accelerator="cpu", default_root_dir=folder, **quiet)


def lr_found(folder: Path) -> float | None:
    """`lr_find` with its defaults: the suggestion."""
    pl.seed_everything(0, verbose=False)
    found = Tuner(trainer_in(folder)).lr_find(Module(), update_attr=False)
    return None if found is None else found.suggestion()


def batch_found(folder: Path, mode: str, **more: int) -> int | None:
    """`scale_batch_size` with its defaults and what is given, beginning where Playnote begins."""
    pl.seed_everything(0, verbose=False)
    return Tuner(trainer_in(folder)).scale_batch_size(Module(), mode=mode, init_val=shared.BATCH, **more)


def trains(folder: Path, batch: int, steps: int = 100) -> bool:
    """Whether training with this batch size really lasts."""
    pl.seed_everything(0, verbose=False)
    try:
        trainer_in(folder, steps).fit(Module(batch_size=batch))
    except RuntimeError as error:
        if "out of memory" in str(error):
            return False
        raise
    return True


def left_behind(folder: Path, finder: Callable[[pl.Trainer, Module], object]) -> Mapping[str, bool]:
    """What differs after the finder, and whether training afterwards ends in other weights than without it."""
    pl.seed_everything(0, verbose=False)
    trainer, module = trainer_in(folder), Module()
    before = state_of(trainer, module)
    finder(trainer, module)
    after = state_of(trainer, module)
    changed = {name: not same(before[name], after[name]) for name in before}
    module.lr, module.batch_size = 0.01, shared.BATCH  # an attribute that was updated on purpose is no leak
    return {**changed, "training afterwards": not same(weights_after(trainer, module), untouched(folder))}


def untouched(folder: Path) -> list[torch.Tensor]:
    """Weights after the same training without a finder."""
    pl.seed_everything(0, verbose=False)
    trainer, module = trainer_in(folder), Module()
    return weights_after(trainer, module)


def weights_after(trainer: pl.Trainer, module: Module) -> list[torch.Tensor]:
    """Train on; the weights."""
    trainer.fit(module)
    return [each.detach().clone() for each in module.parameters()]


def state_of(trainer: pl.Trainer, module: Module) -> dict[str, Any]:
    """Weights, random numbers, the trainer's settings, the module's mode."""
    return {
        "weights": [each.detach().clone() for each in module.parameters()],
        "random state": random_state(),
        **{f"trainer.{name}": str(getattr(trainer, name)) for name in SETTINGS},
        "callbacks": [type(each).__name__ for each in trainer.callbacks],
        "module mode": module.training,
    }


def random_state() -> list[Any]:
    """Python's, NumPy's and PyTorch's random numbers."""
    return [repr(random.getstate()), repr(np.random.get_state()), torch.get_rng_state().clone()]


def same(one: Any, other: Any) -> bool:
    """Equal, tensors bit by bit."""
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    return torch.equal(one, other) if isinstance(one, torch.Tensor) else one == other
