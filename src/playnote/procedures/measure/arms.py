"""Comparing values of one hyperparameter at equal tuning: the trials, in three stages.

Every value gets the same number of trials at the same quasi-random points of what is tuned; where the best of a value lies
at an end of the learning rate's range, one trial looks beyond that end; the best configuration of each value is then
trained with fresh seeds, all values with the same ones. The trials that chose a configuration never count for it.
"""

from __future__ import annotations

import math
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from playnote.errors import InputError
from playnote.playbook.facts.recipe import RATES, among
from playnote.procedures.measure.bench import Bench
from playnote.procedures.measure.contract import Ask, Point, Seen, look
from playnote.procedures.measure.lr import HALF_DECADE, rounded
from playnote.search.branches import dimension
from playnote.search.points import configurations
from playnote.space.hyperparameter import Categorical, Value
from playnote.text import Text, same

_SEED = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is to be compared.

    name    the hyperparameter, `values` of it; the first is the one the others are measured against
    tuned   names of what each value gets tuned
    trials  tuning trials of each value; `seeds` fresh seeds of each value's best
    """

    name: str
    values: tuple[Value, ...]
    tuned: tuple[str, ...]
    trials: int
    seeds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Beyond:
    """A trial outside the learning rate's range, at an end where the best of a value lies."""

    name: str
    side: Literal["low", "high"]
    rate: float
    seen: Seen


@dataclass(slots=True, kw_only=True)
class Arm:
    """What was run for one value.

    tuning  the tuning trials, point by point (the same points for every value)
    best    the best of them, None where none ended well
    beyond  trials outside the range; `fresh` the best configuration with fresh seeds
    """

    value: Value
    tuning: tuple[Seen, ...]
    best: Seen | None = None
    beyond: list[Beyond] = field(default_factory=list)
    fresh: tuple[Seen, ...] = ()

    @property
    def tuned(self) -> Mapping[str, Value]:
        """The best configuration."""
        return {} if self.best is None else self.best.point.configuration


def wish_of(bench: Bench, name: str, values: Sequence[Value], tuned: Sequence[str]) -> Wish:
    """The wish with the budget of the options or the settings. Raises InputError where nothing can be tuned."""
    if not among(tuned, RATES):
        raise InputError(
            Text(en="There is no learning rate to tune for each value.", zh="没有可为每个取值重调的学习率。"),
            fix=Text(
                en='Declare it under [hyperparameters] with a range: lr = {{ low = ..., high = ..., scale = "log" }}.',
                zh='在 [hyperparameters] 里声明它和范围：lr = {{ low = ..., high = ..., scale = "log" }}。',
            ).fill(),
        )
    settings = bench.settings
    usual = max(settings["arms.trials"], settings["fewest_trials_per_value"] * len(tuned))
    return Wish(
        name=name,
        values=tuple(values),
        tuned=tuple(tuned),
        trials=int(bench.option("trials", usual)),
        seeds=int(bench.option("seeds", settings["measure.seeds"])),
    )


def run_arms(bench: Bench, wish: Wish) -> Generator[Ask, tuple[Seen, ...], list[Arm]]:
    """All three stages; one arm a value, in order."""
    points = [_tuning_points(bench, wish, value) for value in wish.values]
    seen = yield from look(Ask(points=tuple(point for each in points for point in each)))
    arms = []
    for at, value in enumerate(wish.values):
        tuning = seen[at * wish.trials : (at + 1) * wish.trials]
        arms.append(Arm(value=value, tuning=tuning, best=best_of(tuning)))
    yield from _look_beyond(bench, wish, arms)
    yield from _repeat(bench, wish, arms)
    return arms


def best_of(seen: Sequence[Seen]) -> Seen | None:
    """The trial with the smallest error, None where none ended well."""
    good = [each for each in seen if ended_well(each)]
    return min(good, key=lambda each: each.error if each.error is not None else math.inf) if good else None


def ended_well(seen: Seen) -> bool:
    """Whether it has a finite error and did not diverge."""
    return seen.told and not seen.diverged and seen.error is not None and math.isfinite(seen.error)


def _tuning_points(bench: Bench, wish: Wish, value: Value) -> list[Point]:
    space = bench.project.space
    given = {**{name: each for name, each in bench.baseline.items() if name not in wish.tuned}, wish.name: value}
    width = max(dimension(space, wish.tuned, {**given, wish.name: each}) for each in wish.values)
    made = configurations(
        space,
        wish.tuned,
        given,
        count=wish.trials,
        seed=_SEED,
        off_share=bench.settings["off_share"],
        width=width,
    )
    return [Point(configuration=each, seed=bench.seed(number)) for number, each in enumerate(made)]


def _look_beyond(bench: Bench, wish: Wish, arms: list[Arm]) -> Generator[Ask, tuple[Seen, ...], None]:
    asked: list[tuple[Arm, str, Literal["low", "high"], float, Point]] = []
    for arm in arms:
        for name in among(wish.tuned, RATES):
            end = _end(bench, name, arm)
            if end is not None and arm.best is not None:
                point = Point(configuration={**arm.tuned, name: end[1]}, seed=arm.best.point.seed)
                asked.append((arm, name, *end, point))
    if not asked:
        return
    seen = yield from look(Ask(points=tuple(each[-1] for each in asked)))
    for (arm, name, side, rate, _), each in zip(asked, seen, strict=True):
        arm.beyond.append(Beyond(name=name, side=side, rate=rate, seen=each))


def _end(bench: Bench, name: str, arm: Arm) -> tuple[Literal["low", "high"], float] | None:
    """The end of a rate's range that the best of a value lies at, and a rate beyond it; None inside, or at a natural bound."""
    declared = bench.hyperparameter(name)
    if isinstance(declared, Categorical) or name not in arm.tuned:
        return None
    unit = declared.to_unit(arm.tuned[name])
    margin = bench.settings["arms.edge"]
    if unit < margin and declared.low != declared.natural_low:
        return "low", rounded(declared.low / HALF_DECADE)
    if unit > 1.0 - margin and declared.high != declared.natural_high:
        return "high", rounded(declared.high * HALF_DECADE)
    return None


def _repeat(bench: Bench, wish: Wish, arms: list[Arm]) -> Generator[Ask, tuple[Seen, ...], None]:
    alive = [arm for arm in arms if arm.best is not None]
    seeds = [bench.seed(wish.trials + number) for number in range(wish.seeds)]
    points = tuple(Point(configuration=arm.tuned, seed=seed) for arm in alive for seed in seeds)
    if not points:
        return
    seen = yield from look(Ask(points=points))
    for at, arm in enumerate(alive):
        arm.fresh = seen[at * wish.seeds : (at + 1) * wish.seeds]


def numeric(bench: Bench, names: Sequence[str]) -> tuple[str, ...]:
    """Those of the names that have a range."""
    return tuple(name for name in names if not isinstance(bench.hyperparameter(name), Categorical))


def needed(bench: Bench, known: Sequence[str], suggestion: str, value: str, use: Text) -> str:
    """The project's own name for one of these. Raises InputError with the line to write where it has none."""
    name = bench.has(known)
    if name is not None:
        return name
    raise InputError(
        Text(
            en="This needs a hyperparameter that says {use}; the project has {known}.",
            zh="这一步要有一个说明{use}的超参；项目里有：{known}。",
        ).fill(use=use, known=same(", ".join(bench.project.space.names) or "-")),
        fix=Text(
            en="Let the training code read it, and declare it under [hyperparameters]: {name} = {value}",
            zh="让训练代码读取它，并在 [hyperparameters] 里声明：{name} = {value}",
        ).fill(name=same(suggestion), value=same(value)),
    )


__all__ = ["Arm", "Beyond", "Wish", "best_of", "ended_well", "needed", "numeric", "run_arms", "wish_of"]
