"""Studies cut out of whole tables: what a user would hand over, with the rest of the table kept back as the truth."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import optuna
import pandas as pd
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution
from sets import Full

from playnote.service.review import Review, review

Kind = Literal["csv", "csv narrow", "csv seeds", "csv raw", "optuna grid", "optuna tpe"]
KINDS: tuple[Kind, ...] = ("csv", "csv narrow", "csv seeds", "csv raw", "optuna grid", "optuna tpe")
TRIALS = 100
_DECADE = 10.0
optuna.logging.set_verbosity(optuna.logging.ERROR)


@dataclass(frozen=True)
class Cut:
    """One study.

    within   by hyperparameter: which configurations of the whole table lie in the study's range of it
    picked   (trial's id, row of the whole table, error seen), in the order of the trials
    """

    full: Full
    kind: Kind
    seed: int
    within: Mapping[str, np.ndarray]
    picked: tuple[tuple[str, int, float], ...]
    source: Any

    def review(self, min_effect: float | None) -> Review:
        """What Playnote says of it."""
        if isinstance(self.source, Path):
            said: dict[str, Any] = {"metric": self.full.metric, "direction": self.full.direction}
            return review(self.source, min_effect=min_effect, **said)
        return review(self.source, min_effect=min_effect)


def cuts(full: Full, folder: Path, seeds: range) -> Iterator[Cut]:
    """Every kind that the table allows, once a seed."""
    for kind in KINDS:
        if (full.published is None and kind == "csv raw") or (
            not full.complete and kind in ("csv seeds", "optuna tpe")
        ):
            continue
        for seed in seeds:
            yield _cut(full, folder, kind, seed)


def _cut(full: Full, folder: Path, kind: Kind, seed: int) -> Cut:
    rng = np.random.default_rng([seed, KINDS.index(kind)])
    within = _within(full, rng) if kind in ("csv narrow", "optuna grid", "optuna tpe") else _whole(full)
    inside = np.flatnonzero(np.logical_and.reduce(list(within.values())))
    if kind == "optuna tpe":
        return _searched(full, seed, within, inside, rng)
    repeats = full.errors.shape[1] if kind == "csv seeds" else 1
    chosen = rng.choice(inside, size=min(len(inside), TRIALS // repeats), replace=False)
    if kind == "csv raw":
        return _published(full, folder, seed, within, chosen)
    drawn = [(int(row), seen) for row in chosen for seen in _seen(full, int(row), repeats, rng)]
    picked = tuple((str(at), row, seen) for at, (row, seen) in enumerate(drawn))
    if kind == "optuna grid":
        return Cut(full, kind, seed, within, picked, _stored(full, picked, inside))
    table = full.values.iloc[[row for _, row, _ in picked]].reset_index(drop=True)
    table[full.metric] = [full.sign * seen for _, _, seen in picked]
    if full.diverged.any():
        table["state"] = ["diverged" if full.diverged[row] else "ok" for _, row, _ in picked]
    if repeats > 1:
        table["seed"] = [at % repeats for at in range(len(table))]
    place = folder / f"{full.name.replace('/', '-')}-{kind.replace(' ', '-')}-{seed}.csv"
    table.to_csv(place, index=False)
    return Cut(full, kind, seed, within, picked, place)


def _published(full: Full, folder: Path, seed: int, within: Mapping[str, np.ndarray], chosen: np.ndarray) -> Cut:
    """All columns and readings of some configurations, as published."""
    names = [full.ids[row] for row in chosen]
    table = pd.DataFrame(full.published)
    identity = next(name for name in table if name == "config_id")
    place = folder / f"{full.name.replace('/', '-')}-raw-{seed}.csv"
    table[table[identity].astype(str).isin(names)].to_csv(place, index=False)
    picked = tuple((name, int(row), float(full.errors[row][0])) for name, row in zip(names, chosen, strict=True))
    return Cut(full, "csv raw", seed, within, picked, place)


def _seen(full: Full, row: int, repeats: int, rng: np.random.Generator) -> list[float]:
    """Errors that the trials of a configuration see: its seeds, each once."""
    known = full.errors[row][np.isfinite(full.errors[row])]
    if not len(known):
        return [float("nan")] * repeats
    return [float(each) for each in rng.permutation(known)[:repeats]]


def _whole(full: Full) -> dict[str, np.ndarray]:
    return {name: np.ones(len(full.values), dtype=bool) for name in full.values}


def _within(full: Full, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """One or two ordered hyperparameters lose half of their values at one end."""
    found = _whole(full)
    wide = [name for name in full.ordered if full.values[name].nunique() >= 4]
    for name in rng.permutation(wide)[: int(rng.integers(1, 3))]:
        values = full.values[name].to_numpy(dtype=float)
        levels = np.unique(values)
        middle = levels[len(levels) // 2]
        found[str(name)] = values >= middle if rng.random() < 0.5 else values < middle
    return found


def _distributions(full: Full, inside: np.ndarray) -> dict[str, BaseDistribution]:
    """Ranges as a user would declare them, on a log scale where they span more than a factor of ten."""
    found: dict[str, BaseDistribution] = {}
    for name in full.values:
        column = full.values[name].iloc[inside]
        if name not in full.ordered:
            found[name] = CategoricalDistribution(tuple(sorted(column.unique())))
            continue
        low, high = column.min(), column.max()
        log = bool(low > 0 and high / low > _DECADE)
        if column.dtype.kind == "i":
            found[name] = IntDistribution(int(low), int(high), log=log)
        else:
            found[name] = FloatDistribution(float(low), float(high), log=log)
    return found


def _stored(full: Full, picked: tuple[tuple[str, int, float], ...], inside: np.ndarray) -> optuna.Study:
    """A study as `GridSampler` leaves it: places of the grid in random order."""
    study = optuna.create_study(direction=full.direction)
    ranges = _distributions(full, inside)
    for _, row, seen in picked:
        lost = not np.isfinite(seen)
        study.add_trial(
            optuna.trial.create_trial(
                state=optuna.trial.TrialState.FAIL if lost else optuna.trial.TrialState.COMPLETE,
                params={name: _plain(full.values[name].iloc[row]) for name in full.values},
                distributions=ranges,
                value=None if lost else full.sign * seen,
                intermediate_values={1: float("nan")} if lost else {},
                system_attrs={"grid_id": row, "search_space": {}},
            )
        )
    return study


def _searched(
    full: Full, seed: int, within: Mapping[str, np.ndarray], inside: np.ndarray, rng: np.random.Generator
) -> Cut:
    """TPE itself on the table: an ordered value between two of the table's is trained at the nearer one."""
    sub, ranges = full.values.iloc[inside], _distributions(full, inside)
    levels = {name: sorted(sub[name].unique()) for name in sub}
    codes = np.stack([pd.Categorical(sub[name], categories=levels[name]).codes for name in sub], axis=1)
    rows = {tuple(map(int, key)): int(row) for key, row in zip(codes, inside, strict=True)}
    study = optuna.create_study(direction=full.direction, sampler=optuna.samplers.TPESampler(seed=seed))
    picked = []

    def objective(trial: optuna.Trial) -> float:
        place = tuple(_nearest(trial, name, ranges[name], each) for name, each in levels.items())
        seen = _seen(full, rows[place], 1, rng)[0]
        picked.append((str(trial.number), rows[place], seen))
        return full.sign * seen

    study.optimize(objective, n_trials=TRIALS)
    return Cut(full, "optuna tpe", seed, within, tuple(picked), study)


def _nearest(trial: optuna.Trial, name: str, declared: BaseDistribution, levels: list[Any]) -> int:
    """Place among the table's values of what the sampler suggests."""
    value = trial._suggest(name, declared)
    if isinstance(declared, CategoricalDistribution):
        return levels.index(value)
    scale = np.log if getattr(declared, "log", False) else np.asarray
    return int(np.argmin(np.abs(scale(np.asarray(levels, dtype=float)) - scale(float(value)))))


def _plain(value: Any) -> Any:
    return value.item() if hasattr(value, "item") else value
