"""The user's training function: found by name, and called by its signature.

    def train(trial)                    one parameter that is no hyperparameter: the `Trial` handle
    def train(lr, dropout, seed)        hyperparameters by name; also seed, trial, max_train_steps, evaluate_every
    def train()                         nothing: it asks `playnote.current_trial()`

A parameter with a default may be absent from the configuration; `**rest` takes the whole configuration.
"""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

from playnote.errors import WorkflowError
from playnote.recorder.trial import Trial
from playnote.records.project import Workflow
from playnote.text import Text, same

Function = Callable[..., object]
# Not "__main__": a guarded script must not start itself again inside a worker.
SCRIPT = "__playnote_script__"


def load_function(reference: str, folder: Path) -> Function:
    """The function "module:function", its module looked for in `folder` first, or "/path/script.py:function".

    Raises WorkflowError where the module has no such function; what importing it raises goes through.
    """
    place, _, name = reference.rpartition(":")
    if sys.path[0] != str(folder):
        sys.path.insert(0, str(folder))
    module = _script(Path(place)) if place.endswith(".py") else _module(place, folder)
    found: Any = module
    for part in name.split("."):
        found = getattr(found, part, None)
    if not callable(found):
        raise WorkflowError(
            Text(en="{place} has no function {name}.", zh="{place} 里没有函数 {name}。").fill(
                place=same(place), name=same(name)
            ),
            fix=Text(
                en='Correct `function` in [workflow]: "module:function", as in "train:train".',
                zh='请改正 [workflow] 里的 `function`，写法是 "模块:函数"，如 "train:train"。',
            ),
        )
    function: Function = found
    return function


def reference_to(function: Function) -> str | None:
    """A name by which another process finds the function; None for a lambda, a closure, a bound method, a notebook's.

    What the name leads to must be the function itself: a decorator may have left another one under it.
    """
    name, qualified = getattr(function, "__module__", None), getattr(function, "__qualname__", "<")
    if not name or "<" in qualified:
        return None
    module = sys.modules.get(name)
    found: Any = module
    for part in qualified.split("."):
        found = getattr(found, part, None)
    if found is not function:
        return None
    if name != "__main__":
        return f"{name}:{qualified}"
    file = getattr(module, "__file__", None)
    return f"{Path(file).absolute()}:{qualified}" if file and Path(file).suffix == ".py" else None


def call(function: Function, trial: Trial, workflow: Workflow) -> object:
    """Call the function for this trial. Raises WorkflowError where the configuration lacks a required parameter."""
    places, names = _arguments(function, trial, workflow)
    return function(*places, **names)


def _arguments(function: Function, trial: Trial, workflow: Workflow) -> tuple[tuple[object, ...], dict[str, object]]:
    parameters = list(inspect.signature(function).parameters.values())
    offered: dict[str, object] = {
        "seed": trial.seed,
        "max_train_steps": workflow.max_train_steps,
        "evaluate_every": workflow.evaluate_every,
        "trial": trial,
        **trial.configuration,
    }
    if any(p.kind is p.VAR_KEYWORD for p in parameters):
        named = {p.name for p in parameters}
        return (), {key: value for key, value in offered.items() if key in trial.configuration or key in named}
    required = [p for p in parameters if p.default is p.empty and p.kind is not p.VAR_POSITIONAL]
    if len(required) == 1 and required[0].name not in offered:
        return (trial,), {p.name: offered[p.name] for p in parameters if p.name in offered}
    lacking = [p.name for p in required if p.name not in offered]
    if lacking:
        raise _lacks(lacking, trial.configuration)
    return (), {p.name: offered[p.name] for p in parameters if p.name in offered}


def _lacks(names: list[str], configuration: Mapping[str, object]) -> WorkflowError:
    return WorkflowError(
        Text(
            en="The training function needs {names}, which the configuration ({known}) does not hold.",
            zh="训练函数需要参数 {names}，但配置（{known}）里没有。",
        ).fill(names=same(", ".join(names)), known=same(", ".join(configuration))),
        fix=Text(
            en="Declare it in [hyperparameters] or [baseline], or give the parameter a default.",
            zh="请在 [hyperparameters] 或 [baseline] 里声明，或给这个参数一个默认值。",
        ),
    )


def _module(name: str, folder: Path) -> ModuleType:
    found = sys.modules.get(name)
    own = folder / Path(*name.split(".")).with_suffix(".py")
    # Another project's module of the same name ("train") may have been imported before.
    if found is not None and own.exists() and Path(getattr(found, "__file__", None) or "") != own:
        del sys.modules[name]
    return importlib.import_module(name)


def _script(path: Path) -> ModuleType:
    known = sys.modules.get(SCRIPT)
    if known is not None and known.__file__ == str(path):
        return known
    spec = importlib.util.spec_from_file_location(SCRIPT, path)
    if spec is None or spec.loader is None:
        raise WorkflowError(
            Text(en="{path} cannot be loaded.", zh="无法加载 {path}。").fill(path=same(str(path))),
            fix=Text(en="Put the training function into a module of its own.", zh="请把训练函数放进一个单独的模块。"),
        )
    module = importlib.util.module_from_spec(spec)
    sys.modules[SCRIPT] = module
    spec.loader.exec_module(module)
    return module
