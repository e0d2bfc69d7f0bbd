"""Tags on runs where a team already looks, through the library the user already has: MLflow's, or W&B's.

The one place in which anything of another tool is changed, and only when it is asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from playnote.connectors.imported import Imported, unreadable
from playnote.errors import MissingExtraError
from playnote.text import Text, same

PREFIX = "playnote."
_LONGEST_WANDB = 64  # characters of a W&B tag
_NEEDED = Text(
    en="Tagging runs needs {package}, which is not installed.", zh="给训练打标签需要 {package}，现在没有装。"
)
_CANNOT = Text(en="runs of this kind of source carry no tags.", zh="这种来源的训练打不了标签。")
_GIVE = Text(
    en="Give an MLflow database, folder or server, or a W&B project (wandb://ENTITY/PROJECT).",
    zh="请给 MLflow 的数据库、文件夹或服务器，或者 W&B 项目（wandb://ENTITY/PROJECT）。",
)
_REFUSED = Text(en="the tags were refused: {why}", zh="标签没打上：{why}")
_RIGHTS = Text(en="Check that you may change these runs.", zh="检查有没有修改这些训练的权限。")


def tag_runs(source: str, got: Imported, tags: Mapping[str, Mapping[str, str]]) -> int:
    """Put tags on the runs behind the trials; how many runs. Raises MissingExtraError, SourceError.

    tags  by trial id: name -> value; a tag that a run has under the same name is replaced
    """
    ids = {trial.id: str(trial.facts["run_id"]) for trial in got.state.trials if "run_id" in trial.facts}
    by_run = {ids[trial]: each for trial, each in tags.items() if trial in ids}
    write = {"mlflow": _mlflow, "wandb": _wandb}.get(got.state.origin)
    if write is None or (got.state.origin == "wandb" and "://" not in source):
        raise unreadable(source, _CANNOT, _GIVE)
    try:
        write(source, by_run)
    except (ModuleNotFoundError, MissingExtraError):
        raise MissingExtraError(
            _NEEDED.fill(package=got.state.origin), fix=same(f"pip install {got.state.origin}")
        ) from None
    except Exception as error:  # the library's own errors, whichever they are
        why = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
        raise unreadable(source, _REFUSED.fill(why=why), _RIGHTS) from None
    return len(by_run)


def _mlflow(source: str, tags: Mapping[str, Mapping[str, str]]) -> None:
    tracking: Any = import_module("mlflow.tracking")
    client = tracking.MlflowClient(tracking_uri=_tracking(source))
    for run, each in tags.items():
        for name, value in each.items():
            client.set_tag(run, PREFIX + name, value)


def _tracking(source: str) -> str:
    place = source.removeprefix("mlflow:") if not source.startswith("mlflow://") else source
    if "://" in place:
        return place
    path = Path(place).resolve()
    return path.as_uri() if path.is_dir() else f"sqlite:///{path}"


def _wandb(source: str, tags: Mapping[str, Mapping[str, str]]) -> None:
    api = import_module("wandb").Api()
    for run, each in tags.items():
        theirs = api.run(f"{source.removeprefix('wandb://').strip('/')}/{run}")
        words = [f"{PREFIX}{name}={value}"[:_LONGEST_WANDB] for name, value in each.items()]
        names = tuple(f"{PREFIX}{name}=" for name in each)
        theirs.tags = [*(tag for tag in theirs.tags if not str(tag).startswith(names)), *words]
        theirs.update()


__all__ = ["PREFIX", "tag_runs"]
