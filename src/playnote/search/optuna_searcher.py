"""A sampler of Optuna as a searcher: told our history anew for every request, divergence as a broken constraint.

The study lives in memory for one call, so the searcher keeps nothing and the same request gives the same configurations
with the same Optuna. A diverged trial told as failed, or as NaN, is one that Optuna's samplers do not look at: they go
on diverging there. A broken constraint they learn from. The value that a finished trial must have is infinite.
The objective's own constraints are told by how far they are broken. CMA-ES, which otherwise learns only from points of
its own, is started from the finished trials of the history every time (Nomura et al. 2021).
"""

from __future__ import annotations

import importlib.util
import math
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np

from playnote.errors import MissingExtraError
from playnote.records.objective import Constraint
from playnote.records.trial import DIVERGED
from playnote.search.points import configurations
from playnote.search.request import Observation, SearchRequest, needs_direction
from playnote.space.hyperparameter import Categorical, Float, Hyperparameter, Value
from playnote.space.space import Configuration, Space
from playnote.text import Text, same

_OFF = " is off"  # name of the choice between "off" and the range
_DIVERGED = "diverged"
_FROM_ITS_OWN, _FEWEST_SOURCES = "CmaEsSampler", 10


@dataclass(frozen=True, slots=True)
class OptunaSearcher:
    """`sampler` by its name in `optuna.samplers`; "" takes GPSampler where torch is installed, else TPESampler."""

    sampler: str = ""

    def suggest(self, request: SearchRequest, count: int) -> list[Configuration]:
        """`count` configurations; quasi-random until a trial ended well. An unstated direction is an error."""
        objective = needs_direction(request)
        if not any(_ended_well(each) for each in request.observations):
            return list(
                configurations(
                    request.space,
                    request.space.names,
                    {},
                    count=count,
                    start=request.start_index,
                    seed=request.seed,
                    off_share=request.settings["off_share"],
                )
            )
        optuna = _library()
        verbosity = optuna.logging.get_verbosity()
        optuna.logging.set_verbosity(optuna.logging.ERROR)
        try:
            with warnings.catch_warnings():
                # Conditional spaces are sampled in part independently, and infinite values are clipped: both intended.
                warnings.simplefilter("ignore")
                study = optuna.create_study(direction=objective.direction, sampler=self._made(optuna, request))
                study.add_trials([_told(optuna, request, each) for each in _usable(request)])
                study.add_trials([_running(optuna, request.space, each) for each in request.pending])
                return [_asked(study.ask(), request.space) for _ in range(count)]
        except ImportError as error:
            raise _lacks(self.sampler, error.name or "") from error
        finally:
            optuna.logging.set_verbosity(verbosity)

    def _made(self, optuna: Any, request: SearchRequest) -> Any:
        name = self.sampler or ("GPSampler" if importlib.util.find_spec("torch") else "TPESampler")
        place = (request.seed, len(request.observations), len(request.pending))
        seed = int(np.random.SeedSequence(place).generate_state(1)[0]) >> 1
        if name != _FROM_ITS_OWN:
            return getattr(optuna.samplers, name)(seed=seed)
        return optuna.samplers.CmaEsSampler(seed=seed, source_trials=_sources(optuna, request))


def _lacks(sampler: str, module: str) -> MissingExtraError:
    return MissingExtraError(
        Text(
            en="{sampler} of Optuna needs the package {module}, which is not installed here.",
            zh="Optuna 的 {sampler} 要用 {module}，这里没有装。",
        ).fill(sampler=sampler or "GPSampler", module=module or _PACKAGES.get(sampler, "-")),
        fix=same(f"pip install {module or _PACKAGES.get(sampler, 'optuna')}"),
    )


_PACKAGES = {"CmaEsSampler": "cmaes", "GPSampler": "torch"}


def _sources(optuna: Any, request: SearchRequest) -> list[Any] | None:
    """Finished trials that CMA-ES is started from; None while there are fewer than it can be started from.

    It moves in the ranges that every trial has; the rest, choices among them, it draws independently.
    """
    everything = [_told(optuna, request, each) for each in _usable(request)]
    shared = optuna.search_space.intersection_search_space(everything)
    ranges = {
        name: each
        for name, each in shared.items()
        if not each.single() and not isinstance(each, optuna.distributions.CategoricalDistribution)
    }
    found = [
        optuna.trial.create_trial(
            params={name: each.params[name] for name in ranges}, distributions=ranges, value=each.value
        )
        for each in everything
        if math.isfinite(each.value)
    ]
    return found if ranges and len(found) >= _FEWEST_SOURCES else None


def _library() -> Any:
    try:
        return import_module("optuna")
    except ImportError:
        raise MissingExtraError(
            Text(
                en="This searcher needs Optuna, which is not installed here.",
                zh="这个搜索方法需要 Optuna，这里没有装。",
            ),
            fix=same("pip install 'playnote[bayes]'"),
        ) from None


def _ended_well(each: Observation) -> bool:
    return each.outcome == "ok" and each.score is not None and math.isfinite(each.score)


def _usable(request: SearchRequest) -> list[Observation]:
    return [each for each in request.observations if _ended_well(each) or each.outcome in DIVERGED]


def _told(optuna: Any, request: SearchRequest, each: Observation) -> Any:
    params, distributions = _params(optuna, request.space, each.configuration)
    well = _ended_well(each)
    return optuna.trial.create_trial(
        params=params,
        distributions=distributions,
        value=each.score if well else math.inf,
        constraints={_DIVERGED: 0.0 if well else 1.0, **_excesses(request, each)},
    )


def _excesses(request: SearchRequest, each: Observation) -> dict[str, float]:
    """How far every constraint is broken, above 0; 0 where its metric was not measured, which speaks for neither."""
    return {
        f"{number} {c.metric}": _excess(c, each.limits.get(c.metric))
        for number, c in enumerate(() if request.objective is None else request.objective.constraints)
    }


def _excess(constraint: Constraint, value: float | None) -> float:
    if value is None or not math.isfinite(value):
        return 0.0
    over = -math.inf if constraint.at_most is None else value - constraint.at_most
    under = -math.inf if constraint.at_least is None else constraint.at_least - value
    return max(over, under)


def _running(optuna: Any, space: Space, configuration: Configuration) -> Any:
    params, distributions = _params(optuna, space, configuration)
    return optuna.trial.create_trial(state=optuna.trial.TrialState.RUNNING, params=params, distributions=distributions)


def _params(optuna: Any, space: Space, configuration: Configuration) -> tuple[dict[str, Any], dict[str, Any]]:
    """What Optuna would have recorded, had it suggested this configuration."""
    params: dict[str, Any] = {}
    distributions: dict[str, Any] = {}
    for each in space:
        if each.name not in configuration or not space.active(each, configuration):
            continue
        value = configuration[each.name]
        if not isinstance(each, Categorical) and each.off is not None:
            params[each.name + _OFF] = value == each.off
            distributions[each.name + _OFF] = optuna.distributions.CategoricalDistribution((False, True))
            if value == each.off:
                continue
        params[each.name] = _outward(each, value)
        distributions[each.name] = _distribution(optuna, each)
    return params, distributions


def _distribution(optuna: Any, each: Hyperparameter) -> Any:
    if isinstance(each, Categorical):
        return optuna.distributions.CategoricalDistribution(tuple(range(len(each.choices))))
    if each.scale == "log-complement":
        return optuna.distributions.FloatDistribution(0.0, 1.0)
    made = optuna.distributions.FloatDistribution if isinstance(each, Float) else optuna.distributions.IntDistribution
    return made(each.low, each.high, log=each.scale == "log")


def _outward(each: Hyperparameter, value: Value) -> float | int:
    if isinstance(each, Categorical):
        return each.choices.index(value)
    if each.scale == "log-complement":
        return min(max(each.to_unit(value), 0.0), 1.0)
    return float(value) if isinstance(each, Float) else int(value)


def _inward(each: Hyperparameter, told: float | int) -> Value:
    if isinstance(each, Categorical):
        return each.choices[int(told)]
    if each.scale == "log-complement":
        return each.from_unit(float(told))
    return min(max(float(told), each.low), each.high) if isinstance(each, Float) else int(told)


def _asked(trial: Any, space: Space) -> Mapping[str, Value]:
    """A configuration of what exists, asked parent before child."""
    made: dict[str, Value] = {}
    for each in space:
        if not space.active(each, made):
            continue
        off = None if isinstance(each, Categorical) else each.off
        if off is not None and trial.suggest_categorical(each.name + _OFF, (False, True)):
            made[each.name] = off
            continue
        made[each.name] = _inward(each, _suggested(trial, each))
    return made


def _suggested(trial: Any, each: Hyperparameter) -> float | int:
    """What Optuna suggests, from the same distribution that `_distribution` records."""
    suggested: float | int
    if isinstance(each, Categorical):
        suggested = trial.suggest_categorical(each.name, tuple(range(len(each.choices))))
    elif each.scale == "log-complement":
        suggested = trial.suggest_float(each.name, 0.0, 1.0)
    elif isinstance(each, Float):
        suggested = trial.suggest_float(each.name, each.low, each.high, log=each.scale == "log")
    else:
        suggested = trial.suggest_int(each.name, each.low, each.high, log=each.scale == "log")
    return suggested
