"""The next step of a review, written for the tool that the trials came from.

By where it goes: a study's storage gets the points enqueued through the user's Optuna; `.py` is a short script that
does the same when it is run; `.yaml` a W&B sweep; `.toml` a project file; `.csv`, `.json` and `.jsonl` the points.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from playnote.errors import InputError
from playnote.service.report import replace_file
from playnote.space.hyperparameter import Categorical, Hyperparameter, Value
from playnote.text import Text

if TYPE_CHECKING:
    from playnote.service.review import Review

_STORAGES = (".db", ".sqlite", ".sqlite3", ".log", ".journal")
_NO_POINTS = Text(en="This next step has no points to write: {what}", zh="这一步没有可写的点：{what}")
_DO_FIRST = Text(en="Do that first, then review again.", zh="先做完，再重新 review。")
_UNKNOWN = Text(en="No form of the next step ends in {ending!r}.", zh="没有以 {ending!r} 结尾的写法。")
_ENDINGS = Text(
    en="Name a .py, .yaml, .toml, .csv, .json or .jsonl file, or the study's own storage.",
    zh="用 .py、.yaml、.toml、.csv、.json、.jsonl 结尾，或者给 study 自己的存储。",
)
_ENQUEUED = "{n} points enqueued in study {study}"
_POINTS = Text(
    en="A sweep holds ranges; this step repeats two configurations.", zh="sweep 只能写范围；这一步是重跑两个配置。"
)
_NO_STUDY = Text(
    en="A script would queue the points in an Optuna study; these trials are from elsewhere.",
    zh="脚本是把点排进 Optuna 的 study；这些试验不是 Optuna 的。",
)
_TABLE_ONLY = Text(en="Write them as .csv, .json or .jsonl.", zh="写成 .csv、.json 或 .jsonl。")
_TABLE = Text(en="Write it as .csv, .json or .py.", zh="改写成 .csv、.json 或 .py。")
_SHARE = Text(en="{path} cannot be written: {why}.", zh="{path} 写不了：{why}。")
_OTHER = Text(en="Name another file with --write-next.", zh="用 --write-next 换一个文件。")


def write_next(found: Review, where: str) -> str:
    """Write it; where it went. `InputError` where there are no points, or no such form.

    A file is written whole or not at all, and an existing one is replaced.
    """
    if not found.step.configurations:
        raise InputError(_NO_POINTS.fill(what=found.next), fix=_DO_FIRST)
    if "://" in where or where.lower().endswith(_STORAGES):
        from playnote.connectors.optuna_library import enqueue

        study = enqueue(where, found.imported.study, found.step.configurations, found.step.seeds)
        return _ENQUEUED.format(n=found.step.runs, study=study)
    form = _FORMS.get(Path(where).suffix.lower())
    if form is None:
        raise InputError(_UNKNOWN.fill(ending=Path(where).suffix), fix=_ENDINGS)
    if form is _script and found.imported.state.origin != "optuna":
        raise InputError(_NO_STUDY, fix=_TABLE_ONLY)
    try:
        replace_file(Path(where), form(found))
    except OSError as error:
        raise InputError(_SHARE.fill(path=where, why=error.strerror or error), fix=_OTHER) from error
    return where


def _script(found: Review) -> str:
    """Points as a Python script for Optuna; every name and value is written as a literal."""
    got, step = found.imported, found.step
    storage = found.source if "://" in found.source else f"sqlite:///{found.source}"
    points = "\n".join(f"    {dict(each)!r}," for each in step.configurations)
    ranges = "\n".join(f"#   {line}" for line in _ranges(found))
    again = (
        "\n# Each point is run with several seeds: let your objective take a new one for every trial."
        if step.seeds > 1
        else ""
    )
    return f'''"""Next step for this study: puts the points below into its queue. Run it, then run your own optimize() again.

{_comment(step.text.en)}
"""

import optuna

STORAGE = {storage!r}
STUDY = {got.study!r}
POINTS = [
{points}
]
REPEATS = {step.seeds}

# Use these ranges in your objective, and no pruner:
{ranges}{again}
if __name__ == "__main__":
    study = optuna.load_study(study_name=STUDY, storage=STORAGE)
    for point in POINTS:
        for _ in range(REPEATS):
            study.enqueue_trial(point, user_attrs={{"enqueued by": "playnote"}})
    print(len(POINTS) * REPEATS, "trials enqueued; run optimize(objective, n_trials=...) with that many")
'''


def _comment(text: str) -> str:
    """A sentence that holds names of the user's, where it can end neither comment nor string."""
    return text.replace("\\", "/").replace('"""', "'''").replace("\n", " ")


def _ranges(found: Review) -> list[str]:
    return [f"{_comment(json.dumps(each.name, ensure_ascii=False))}: {_range(each)}" for each in found.step.space]


def _range(each: Hyperparameter) -> str:
    if isinstance(each, Categorical):
        return _comment(json.dumps(list(each.choices), ensure_ascii=False))
    return f"{each.low:g} to {each.high:g}, {each.scale}"


def _sweep(found: Review) -> str:
    """A W&B sweep as YAML, random over the ranges; JSON is YAML too, so that nothing can be read as something else."""
    objective, step = found.imported.state.project.objective, found.step
    if step.kind == "repeat":
        raise InputError(_POINTS, fix=_TABLE)
    goal = {"name": objective.formula, "goal": objective.direction}
    parameters = {each.name: _distribution(each) for each in step.space}
    body = {"method": "random", "metric": goal, "run_cap": step.runs}
    rows = [f"# {_comment(step.text.en)}", *(f"{key}: {json.dumps(value)}" for key, value in body.items())]
    rows.append("parameters:")
    rows += [f"  {json.dumps(name)}: {json.dumps(value)}" for name, value in parameters.items()]
    return "\n".join(rows) + "\n"


def _distribution(each: Hyperparameter) -> dict[str, object]:
    if isinstance(each, Categorical):
        return {"values": list(each.choices)}
    kind = "log_uniform_values" if each.scale == "log" else "uniform" if isinstance(each.low, float) else "int_uniform"
    return {"distribution": kind, "min": each.low, "max": each.high}


def _project(found: Review) -> str:
    """A project file whose space is that of the next step; what nobody said stays to be filled in."""
    got, step = found.imported, found.step
    objective = got.state.project.objective
    effect = f"min_effect = {objective.min_effect!r}" if objective.min_effect else "# min_effect = 0.002"
    lines = [
        f"# {_comment(step.text.en)}",
        "[project]",
        f"name = {_toml(got.study)}",
        "",
        "[objective]",
        f"optimize = {_toml(objective.formula)}",
        f"direction = {_toml(objective.direction)}",
        effect,
        "",
        "[workflow]",
        '# command = "python train.py --lr {lr} --seed {seed}"',
        "",
        "[hyperparameters]",
        *(f"{_toml(each.name)} = {_hyperparameter(each)}" for each in step.space),
    ]
    return "\n".join(lines) + "\n"


def _hyperparameter(each: Hyperparameter) -> str:
    if isinstance(each, Categorical):
        return "{ choices = [" + ", ".join(_toml(choice) for choice in each.choices) + "] }"
    return f"{{ low = {_toml(each.low)}, high = {_toml(each.high)}, scale = {_toml(each.scale)} }}"


def _toml(value: object) -> str:
    # Strings of JSON are strings of TOML, but for the sign DEL.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _table(found: Review) -> str:
    out = io.StringIO()
    rows = _rows(found)
    writer = csv.DictWriter(out, list(dict.fromkeys(name for row in rows for name in row)), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def _rows(found: Review) -> list[Mapping[str, Value]]:
    """One row a run; repeats differ in the seed."""
    step = found.step
    if step.seeds == 1:
        return list(step.configurations)
    return [{**each, "seed": 1001 + at} for each in step.configurations for at in range(step.seeds)]


_FORMS: dict[str, Callable[[Review], str]] = {
    ".py": _script,
    ".yaml": _sweep,
    ".yml": _sweep,
    ".toml": _project,
    ".csv": _table,
    ".json": lambda found: json.dumps(_rows(found), ensure_ascii=False, indent=1) + "\n",
    ".jsonl": lambda found: "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in _rows(found)),
}
