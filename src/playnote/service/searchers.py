"""Who chooses the points of a round: our sequences, our Bayesian search, or a searcher that is plugged in."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import get_args

from playnote.errors import InputError, WorkflowError
from playnote.execution.calling import load_function
from playnote.records.project import Project
from playnote.records.round import Round, SearcherName
from playnote.search.plug_in import OPTUNA, SAMPLERS, FactorySearcher, check_keeps
from playnote.search.points import configurations
from playnote.search.request import Observation, Searcher, SearchRequest
from playnote.search.searcher import searcher_named
from playnote.space.showing import instead_of
from playnote.space.space import Space
from playnote.text import Text

_TOLD = 12  # made-up trials that a plugged-in searcher is told before it is trusted: samplers of Optuna wait for ten
SEARCHES: tuple[SearcherName, ...] = tuple(each for each in get_args(SearcherName) if each != "imported")


def search_of(word: str) -> tuple[SearcherName, str]:
    """What a round is to be searched by, and whose search by results that is ("" for ours).

    "quasi-random", "random", "grid", "bayes"; "optuna", "optuna:tpe" and its like; "package.module:factory".
    Raises InputError for any other word.
    """
    for name in SEARCHES:
        if word == name:
            return name, ""
    if word == OPTUNA[:-1] or word in SAMPLERS or (":" in word and not word.startswith(OPTUNA)):
        return "bayes", word
    known = (*SEARCHES, OPTUNA[:-1], *SAMPLERS)
    raise InputError(
        Text(en="No search is called {word!r}.", zh="没有叫 {word!r} 的搜索方法。").fill(word=word),
        fix=Text(
            en="{instead} Or name your own: package.module:factory.",
            zh="{instead}也可以用自己的：包.模块:工厂函数。",
        ).fill(instead=instead_of(word, known)),
    )


def searcher_for(word: str, folder: Path) -> Searcher:
    """The searcher of a round's record; a factory's module is looked for in the project's folder first.

    Raises InputError where there is none, MissingExtraError where its package is not installed.
    """
    if ":" not in word or word.startswith(OPTUNA):
        return searcher_named(word)
    try:
        return FactorySearcher(load_function(word, folder), word)
    except WorkflowError as error:
        raise InputError(error.problem, fix=_WRITTEN) from error
    except ImportError as error:
        raise InputError(
            Text(en="{word} cannot be imported: {error}.", zh="{word} 导入不了：{error}。").fill(
                word=word, error=str(error)
            ),
            fix=_WRITTEN,
        ) from error


def trusted(project: Project, planned: Round) -> None:
    """Ask a plugged-in searcher twice about made-up trials before a round relies on it.

    Raises InputError where it breaks a promise, MissingExtraError where its package is not installed.
    """
    if not planned.searcher:
        return
    request = SearchRequest(
        space=planned.space,
        objective=replace(project.objective, constraints=()),
        observations=_made_up(planned.space, project),
        start_index=_TOLD,
        seed=planned.seed,
        settings=project.settings,
    )
    check_keeps(searcher_for(planned.searcher, Path(project.folder)), request, planned.searcher)


def _made_up(space: Space, project: Project) -> tuple[Observation, ...]:
    points = configurations(space, space.names, {}, count=_TOLD, seed=0, off_share=project.settings["off_share"])
    return tuple(Observation(configuration=each, score=1.0 + at % 5) for at, each in enumerate(points))


_WRITTEN = Text(
    en='Write "package.module:factory", where factory(space, seed) makes an object with ask and tell; '
    "the module may lie in the project's folder.",
    zh='写成 "包.模块:工厂函数"，factory(space, seed) 返回带 ask 和 tell 的对象；模块可以放在项目目录里。',
)
