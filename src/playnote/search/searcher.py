"""Searchers by name: ours and those that other packages offer; `suggest` asks one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module, metadata
from typing import cast

from playnote.errors import InputError
from playnote.records.objective import Direction, Objective
from playnote.search.bayes import BayesSearcher
from playnote.search.grid import grid_points
from playnote.search.optuna_searcher import OptunaSearcher
from playnote.search.plug_in import OPTUNA, Factory, FactorySearcher, sampler_named
from playnote.search.points import PointMaker, configurations, quasi_random, uniform_random
from playnote.search.request import Observation, Searcher, SearchRequest
from playnote.space.checks import space_of
from playnote.space.hyperparameter import Hyperparameter, Value, named
from playnote.space.showing import instead_of, shown
from playnote.space.space import Configuration, Space
from playnote.text import Text


@dataclass(frozen=True, slots=True)
class PointSearcher:
    """A searcher that looks at no result: quasi-random, random or a grid."""

    maker: PointMaker

    def suggest(self, request: SearchRequest, count: int) -> list[Configuration]:
        """Configurations `start_index` to `start_index + count` of its sequence."""
        return list(
            configurations(
                request.space,
                request.space.names,
                {},
                count=count,
                start=request.start_index,
                seed=request.seed,
                off_share=request.settings["off_share"],
                maker=self.maker,
            )
        )


# Entry points of other packages: name = "package.module:searcher", an object with `suggest`.
PLUG_IN_GROUP = "playnote.searchers"
SEARCHERS: Mapping[str, Searcher] = {
    "quasi-random": PointSearcher(quasi_random),
    "random": PointSearcher(uniform_random),
    "grid": PointSearcher(grid_points),
    "bayes": BayesSearcher(),
    "optuna": OptunaSearcher(),
}


def searcher_named(name: str) -> Searcher:
    """The searcher of that name.

    Ours; "optuna:tpe" and its like; "package.module:factory"; or one that an installed package offers under
    `playnote.searchers`. Raises InputError for any other.
    """
    if name in SEARCHERS:
        return SEARCHERS[name]
    if name.startswith(OPTUNA):
        return sampler_named(name)
    if ":" in name:
        return FactorySearcher(_factory(name), name)
    offered = {point.name: point for point in metadata.entry_points(group=PLUG_IN_GROUP)}
    if name in offered:
        loaded: Searcher = offered[name].load()
        return loaded
    known = (*SEARCHERS, *offered)
    raise InputError(
        Text(en="No searcher is called {name}; there are {known}.", zh="没有叫 {name} 的搜索方法；现有 {known}。").fill(
            name=shown(name), known=", ".join(known)
        ),
        fix=instead_of(name, known),
    )


def _factory(name: str) -> Factory:
    place, _, attribute = name.partition(":")
    try:
        found = getattr(import_module(place), attribute, None)
    except (ImportError, ValueError) as error:
        raise InputError(
            Text(en="{place} cannot be imported: {error}.", zh="{place} 导入不了：{error}。").fill(
                place=place, error=str(error)
            ),
            fix=_WRITTEN,
        ) from error
    if callable(found):
        return cast(Factory, found)
    raise InputError(
        Text(en="{place} has no function {name}.", zh="{place} 里没有函数 {name}。").fill(place=place, name=attribute),
        fix=_WRITTEN,
    )


_WRITTEN = Text(
    en='Write "package.module:factory", where factory(space, seed) makes an object with ask and tell.',
    zh='写成 "包.模块:工厂函数"，factory(space, seed) 返回带 ask 和 tell 的对象。',
)


def suggest(
    space: Space | Mapping[str, Hyperparameter],
    count: int,
    observations: Sequence[Observation | tuple[Configuration, float | None]] = (),
    direction: Direction | None = None,
    searcher: str = "quasi-random",
    seed: int = 0,
) -> list[dict[str, Value]]:
    """`count` configurations to try next.

    space         a space, or hyperparameters by name: {"lr": pn.log_uniform(1e-4, 1)}
    observations  what was tried so far, in order: the sequence continues after them
    direction     which way is better; needed by a searcher that looks at results, never guessed
    """
    request = SearchRequest(
        space=as_space(space),
        objective=None if direction is None else Objective(formula="score", direction=direction),
        observations=tuple(_observation(each) for each in observations),
        start_index=len(observations),
        seed=_seed(seed),
    )
    return [dict(each) for each in searcher_named(searcher).suggest(request, _count(count))]


def as_space(space: Space | Mapping[str, Hyperparameter] | Iterable[Hyperparameter]) -> Space:
    """A checked space from hyperparameters by name."""
    if isinstance(space, Mapping):
        return space_of(named(each, name) for name, each in space.items())
    return space_of(space)


def _observation(given: Observation | tuple[Configuration, float | None]) -> Observation:
    if isinstance(given, Observation):
        return given
    configuration, score = given
    return Observation(configuration=configuration, score=score)


def _seed(seed: int) -> int:
    if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
        raise InputError(
            Text(en="The seed is {seed!r}.", zh="种子是 {seed!r}。").fill(seed=seed),
            fix=Text(en="Give a whole number from 0 up.", zh="给一个不小于 0 的整数。"),
        )
    return seed


def _count(count: int) -> int:
    if isinstance(count, bool) or not isinstance(count, int) or count < 0:
        raise InputError(
            Text(en="{count!r} configurations were asked for.", zh="要的配置个数是 {count!r}。").fill(count=count),
            fix=Text(en="Give a whole number from 0 up.", zh="给一个不小于 0 的整数。"),
        )
    return count
