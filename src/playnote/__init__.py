"""Playnote: a deep-learning tuning playbook as running software.

Names are resolved when first used: `import playnote` brings in nothing but this file, so that a
training script which only wants `current_trial` pays for the recorder alone.
"""

from __future__ import annotations

from importlib import import_module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from playnote.interfaces.python.making import choice as choice
    from playnote.interfaces.python.making import integer as integer
    from playnote.interfaces.python.making import log_complement as log_complement
    from playnote.interfaces.python.making import log_uniform as log_uniform
    from playnote.interfaces.python.making import maximize as maximize
    from playnote.interfaces.python.making import minimize as minimize
    from playnote.interfaces.python.making import uniform as uniform
    from playnote.interfaces.python.review import review as review
    from playnote.interfaces.python.round import Round as Round
    from playnote.interfaces.watch.optuna import watch_optuna as watch_optuna
    from playnote.recorder.current import current_trial as current_trial
    from playnote.search.searcher import suggest as suggest

# Public name -> where it lives: "module" for the module itself, "module:name" for something in it.
_WHERE = {
    "Round": "playnote.interfaces.python.round:Round",
    "choice": "playnote.interfaces.python.making:choice",
    "compare": "playnote.service.operations:compare",
    "current_trial": "playnote.recorder.current:current_trial",
    "integer": "playnote.interfaces.python.making:integer",
    "judge": "playnote.service.operations:judge",
    "log_complement": "playnote.interfaces.python.making:log_complement",
    "log_uniform": "playnote.interfaces.python.making:log_uniform",
    "maximize": "playnote.interfaces.python.making:maximize",
    "minimize": "playnote.interfaces.python.making:minimize",
    "open": "playnote.service.operations:open_project",
    "playbook": "playnote.playbook",
    "review": "playnote.interfaces.python.review:review",
    "suggest": "playnote.search.searcher:suggest",
    "uniform": "playnote.interfaces.python.making:uniform",
    "watch_optuna": "playnote.interfaces.watch.optuna:watch_optuna",
}
# Not `open`: a star import must not hide the built-in one.
__all__ = [name for name in _WHERE if name != "open"]
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    try:
        module, _, inside = _WHERE[name].partition(":")
    except KeyError:
        raise AttributeError(f"module 'playnote' has no attribute {name!r}") from None
    found: Any = import_module(module)
    found = getattr(found, inside) if inside else found
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *_WHERE})
