"""Searchers of others in a round: a sampler of Optuna by its short name, or whatever a factory makes.

    optuna:tpe       a sampler of Optuna
    mine.cma:make    `make(space, seed)` gives an object with `ask` and `tell`, or one with `suggest`

A factory is called anew for every request, so that the round depends on what is recorded and on nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from playnote.errors import InputError, PlaynoteError
from playnote.search.ask_tell import AskTellSearcher, inside
from playnote.search.optuna_searcher import OptunaSearcher
from playnote.search.request import Searcher, SearchRequest
from playnote.space.showing import instead_of, shown
from playnote.space.space import Configuration, Space
from playnote.text import Text, same

OPTUNA = "optuna:"
SAMPLERS: Mapping[str, str] = {
    f"{OPTUNA}tpe": "TPESampler",
    f"{OPTUNA}gp": "GPSampler",
    f"{OPTUNA}cma-es": "CmaEsSampler",
    f"{OPTUNA}random": "RandomSampler",
}
_ASKED = 2
Factory = Callable[[Space, int], Any]


@dataclass(frozen=True, slots=True)
class FactorySearcher:
    """What `make(space, seed)` gives, asked as a searcher.

    name  how it was asked for, for the errors
    """

    make: Factory
    name: str

    def suggest(self, request: SearchRequest, count: int) -> list[Configuration]:
        """`count` configurations; raises InputError for what the object raises or asks for outside the space."""
        try:
            made = self.make(request.space, request.seed)
            searcher = _searcher(made, self.name)
            return [inside(request.space, each) for each in searcher.suggest(request, count)]
        except PlaynoteError:
            raise
        except Exception as error:  # whatever somebody else's code raises is told as theirs
            raise InputError(
                Text(en="The searcher {name} stopped with {error}.", zh="搜索方法 {name} 出错退出：{error}。").fill(
                    name=self.name, error=f"{type(error).__name__}: {error}"
                ),
                fix=_CHECK,
            ) from error


def sampler_named(name: str) -> Searcher:
    """The sampler of Optuna with a short name, "optuna:tpe". Raises InputError for a name it does not have."""
    if name in SAMPLERS:
        return OptunaSearcher(SAMPLERS[name])
    raise InputError(
        Text(en="No sampler of Optuna is called {name} here.", zh="没有叫 {name} 的 Optuna 采样器。").fill(
            name=shown(name)
        ),
        fix=instead_of(name, tuple(SAMPLERS)),
    )


def check_keeps(searcher: Searcher, request: SearchRequest, name: str) -> None:
    """Ask twice before a round relies on it: as many points as asked for, of its space, and the same both times.

    Raises InputError for a broken promise. A plug-in's own tests check all of them: `playnote.testing.searchers`.
    """
    first, again = (searcher.suggest(request, _ASKED) for _ in range(2))
    if len(first) != _ASKED:
        what = Text(en="gave {n} configurations of {of}", zh="要 {of} 个配置，给了 {n} 个").fill(
            n=len(first), of=_ASKED
        )
    elif [dict(each) for each in first] != [dict(each) for each in again]:
        what = Text(en="gave other configurations when asked the same again", zh="同样的历史再问一次，给出的配置不一样")
    else:
        return
    raise InputError(
        Text(en="The searcher {name} {what}.", zh="搜索方法 {name}：{what}。").fill(name=name, what=what), fix=_CHECK
    )


def _searcher(made: Any, name: str) -> Searcher:
    if callable(getattr(made, "ask", None)) and callable(getattr(made, "tell", None)):
        return AskTellSearcher(lambda space, seed: made)
    if callable(getattr(made, "suggest", None)):
        found: Searcher = made
        return found
    raise InputError(
        Text(
            en="What {name} makes has no ask and tell, and no suggest: {made}.",
            zh="{name} 做出来的对象没有 ask 和 tell，也没有 suggest：{made}。",
        ).fill(name=name, made=same(type(made).__name__)),
        fix=Text(
            en="Give it ask() -> configuration and tell(configuration, error).",
            zh="给它加上 ask()（返回配置）和 tell(configuration, error)。",
        ),
    )


_CHECK = Text(
    en="Make it depend on its seed and on what it was told alone; "
    "playnote.testing.searchers.check_searcher names every promise it breaks.",
    zh="让它只取决于种子和告诉它的历史；playnote.testing.searchers.check_searcher 会列出它没做到的每一条。",
)
