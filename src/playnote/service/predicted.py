"""Per-example predictions by what a user names: a trial that kept them, or a file (CSV, JSON lines)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from playnote.connectors.examples import read_rows
from playnote.errors import InputError, SourceError
from playnote.ledger.predictions import Predictions, from_columns, read_predictions
from playnote.projectfile.splits import listed_ids
from playnote.records.project import Project
from playnote.records.state import ProjectState
from playnote.service.vault import final_trial
from playnote.text import Text, same

_NAMES = {
    "ids": ("id", "ids", "example", "name"),
    "labels": ("label", "labels", "truth", "target"),
    "predictions": ("prediction", "predictions", "predicted", "output"),
    "probabilities": ("probabilities", "probs", "scores"),
}


def predictions_of(state: ProjectState, home: Path, source: str | None, split: str) -> tuple[Predictions, str]:
    """Predictions on a split and the name of who made them: a trial's id, or the file's name.

    source  a trial's id, a file, or None: the trial adopted last, else the best of the last round
    """
    if source is not None and Path(source).suffix and Path(source).is_file():
        return _from_file(Path(source)), Path(source).name
    trial = final_trial(state, source)
    return read_predictions(home, trial, split, logged_as(state.project, split)), trial.id


def logged_as(project: Project, split: str) -> str | None:
    """The name that the training code calls a split by, where it is another."""
    return project.splits[split].logged_as if split in project.splits else None


def refuse_other_splits(project: Project, found: Predictions, split: str) -> None:
    """Raise InputError where predictions hold examples that the project keeps in another split; test above all."""
    for name, each in project.splits.items():
        if name == split or each.ids is None:
            continue
        held = set(listed_ids(project.folder, each.ids))
        wrong = [one for one in found.ids if one in held]
        if wrong:
            raise InputError(
                Text(
                    en="{n} of the predictions are about {other} examples, not {split}: {first} is one.",
                    zh="有 {n} 条预测是 {other} 的样本，不是 {split} 的，比如 {first}。",
                ).fill(n=len(wrong), other=name, split=split, first=same(wrong[0])),
                fix=Text(en="Give predictions on {split} alone.", zh="只给 {split} 上的预测。").fill(split=split),
            )


def _from_file(path: Path) -> Predictions:
    rows = read_rows(path)
    columns: dict[str, list[object]] = {}
    for name, known in _NAMES.items():
        column = next((each for each in known if rows and each in rows[0]), None)
        if column is not None:
            columns[name] = [row.get(column, "") for row in rows]
    if "ids" not in columns or not columns.keys() & {"predictions", "probabilities"}:
        raise SourceError(
            Text(
                en="{path} has no columns `id` and `prediction`.", zh="{path} 里没有 `id` 和 `prediction` 两列。"
            ).fill(path=path),
            fix=Text(en="Write the columns id, label, prediction.", zh="写成 id、label、prediction 三列。"),
        )
    if "probabilities" in columns:
        columns["probabilities"] = _tables(path, columns["probabilities"])
    return from_columns(columns)


def _tables(path: Path, cells: Sequence[object]) -> list[object]:
    try:
        return [json.loads(str(cell)) for cell in cells]
    except json.JSONDecodeError as error:
        raise SourceError(
            Text(en="{path} has probabilities that are no JSON list.", zh="{path} 里的概率不是 JSON 列表。").fill(
                path=path
            ),
            fix=Text(en="Write them as [0.1, 0.9].", zh="写成 [0.1, 0.9]。"),
        ) from error
