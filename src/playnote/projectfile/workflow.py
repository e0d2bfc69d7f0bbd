"""What [workflow] means: one way to train, how long, and where the numbers come from."""

from __future__ import annotations

import re
import shlex
from collections.abc import Collection
from pathlib import Path
from string import Formatter

from playnote.projectfile.drafts import WorkflowDraft
from playnote.projectfile.objective import finite
from playnote.projectfile.structure import Faults
from playnote.records.project import PLACEHOLDERS, Workflow
from playnote.space.showing import instead_of, nearest, one_of, shown
from playnote.text import Text, same

METRIC_SOURCES = ("recorder", "stdout", "jsonl", "csv", "tensorboard", "wandb-offline")
_ALONE = ("recorder", "stdout")
ISOLATIONS = ("warm", "fresh")
_FUNCTION = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*:[^\W\d]\w*")
_LENGTH = re.compile(r"\s*(\d+)\s*(steps?|epochs?)\s*")


def read_workflow(draft: WorkflowDraft, names: Collection[str], folder: Path, faults: Faults) -> Workflow:
    """The workflow; `names` are the hyperparameters a command may hold in braces."""
    _one_way(draft, faults)
    _function(draft.function, faults)
    _command(draft.command, names, faults)
    _metrics(draft.metrics, faults)
    most, unit = _length(draft.max_train_steps, "max_train_steps", faults)
    every, every_unit = _length(draft.evaluate_every, "evaluate_every", faults)
    _lengths_agree((most, unit), (every, every_unit), draft, faults)
    _limits(draft, folder, faults)
    return Workflow(
        function=draft.function,
        command=draft.command,
        metrics=draft.metrics or "recorder",
        max_train_steps=most,
        evaluate_every=every,
        unit=unit or every_unit or "steps",
        watch=tuple(draft.watch or ()),
        seconds=draft.seconds,
        memory_mb=draft.memory_mb,
        folder=draft.folder or ".",
        environment=dict(draft.environment or {}),
        retries=2 if draft.retries is None else draft.retries,
        isolation=draft.isolation or ISOLATIONS[0],
    )


def _one_way(draft: WorkflowDraft, faults: Faults) -> None:
    given = [key for key in ("function", "command") if getattr(draft, key) is not None]
    allowed = Text(en="Exactly one of `function` and `command`.", zh="`function` 和 `command` 必须且只能写一个。")
    if len(given) == 2:
        faults.add("workflow", "function, command", allowed, Text(en="Remove one of them.", zh="删掉一个。"))
    elif not given and not faults.covers("workflow.function") and not faults.covers("workflow.command"):
        faults.add("workflow", "function = ?, command = ?", allowed, same('function = "train:train"'))


def _function(value: str | None, faults: Faults) -> None:
    if value is not None and not _FUNCTION.fullmatch(value):
        faults.add(
            "workflow.function",
            shown(value),
            Text(en='"module:function", as in "train:train".', zh='"模块:函数"，如 "train:train"。'),
            Text(en="Write the module, a colon, the function.", zh="写成 模块:函数，不带括号和 .py。"),
        )


def _command(value: str | None, names: Collection[str], faults: Faults) -> None:
    if value is None:
        return
    try:
        if not shlex.split(value):
            faults.add("workflow.command", shown(value), _A_COMMAND, same('command = "python train.py --lr {lr}"'))
    except ValueError as error:
        faults.add(
            "workflow.command", f"{shown(value)} ({error})", _A_COMMAND, Text(en="Close the quote.", zh="把引号补全。")
        )
    _placeholders(value, "workflow.command", (*names, *PLACEHOLDERS), faults)


_A_COMMAND = Text(en="A command line; it is not run through a shell.", zh="一行命令；不经过 shell。")


def _placeholders(value: str, path: str, known: tuple[str, ...], faults: Faults) -> None:
    try:
        fields = [field for _, field, _, _ in Formatter().parse(value) if field is not None]
    except ValueError as error:
        faults.add(
            path,
            f"{shown(value)} ({error})",
            Text(
                en="Placeholders {{name}}; a brace of its own is doubled: {{{{ and }}}}.",
                zh="占位符 {{name}}；单独的花括号要写两遍：{{{{ 和 }}}}。",
            ).fill(),
            Text(en="Close the brace or double it.", zh="补全花括号，或写两遍。"),
        )
        return
    known = tuple(dict.fromkeys(known))
    for field in dict.fromkeys(fields):
        if field not in known:
            near = nearest(field, known)
            fix = (
                Text(en="Did you mean {{{near}}}?", zh="是不是想写 {{{near}}}？").fill(near=near)
                if near
                else Text(
                    en="Declare {name} in [hyperparameters], or double the braces.",
                    zh="在 [hyperparameters] 里声明 {name}，或把花括号写两遍。",
                ).fill(name=field or "it")
            )
            faults.add(path, f"{{{field}}}", one_of(f"{{{name}}}" for name in known), fix)


def _metrics(value: str | None, faults: Faults) -> None:
    if value is None:
        return
    kind, colon, place = value.partition(":")
    allowed = one_of((*_ALONE, *(f"{each}:PATH" for each in METRIC_SOURCES if each not in _ALONE)))
    if kind not in METRIC_SOURCES:
        faults.add("workflow.metrics", shown(value), allowed, instead_of(kind, METRIC_SOURCES))
    elif kind in _ALONE and colon:
        faults.add(
            "workflow.metrics",
            shown(value),
            allowed,
            Text(en="Write {kind} alone.", zh="只写 {kind}。").fill(kind=shown(kind)),
        )
    elif kind not in _ALONE and not place:
        fix = same("{kind}:runs/{{trial}}").fill(kind=kind)
        faults.add("workflow.metrics", shown(value), allowed, fix)
    else:
        _placeholders(value, "workflow.metrics", PLACEHOLDERS, faults)


def _length(value: int | str | None, key: str, faults: Faults) -> tuple[int | None, str | None]:
    if value is None:
        return None, None
    number, unit = value, "steps"
    if isinstance(value, str):
        found = _LENGTH.fullmatch(value)
        number = int(found[1]) if found else 0
        unit = "epochs" if found and found[2].startswith("epoch") else "steps"
    if isinstance(number, int) and number >= 1:
        return number, unit
    faults.add(
        f"workflow.{key}",
        shown(value),
        Text(en='A whole number of steps from 1 up, or "20 epochs".', zh='不小于 1 的步数，或 "20 epochs"。'),
        Text(en='Write {key} = 2000, or {key} = "20 epochs".', zh='写 {key} = 2000，或 {key} = "20 epochs"。').fill(
            key=key
        ),
    )
    return None, None


def _lengths_agree(
    most: tuple[int | None, str | None], every: tuple[int | None, str | None], draft: WorkflowDraft, faults: Faults
) -> None:
    if most[0] is None or every[0] is None:
        return
    found = f"max_train_steps = {shown(draft.max_train_steps)}, evaluate_every = {shown(draft.evaluate_every)}"
    if most[1] != every[1]:
        faults.add(
            "workflow.evaluate_every",
            found,
            Text(en="Both in steps, or both in epochs.", zh="两个都用步数，或都用 epoch。"),
            Text(en="Write evaluate_every in {unit}.", zh="evaluate_every 也用 {unit} 来写。").fill(unit=most[1]),
        )
    elif every[0] > most[0]:
        faults.add(
            "workflow.evaluate_every",
            found,
            Text(en="At most max_train_steps.", zh="不大于 max_train_steps。"),
            Text(
                en="Evaluate about 20 times in a run: evaluate_every = {n}.",
                zh="一次训练评估约 20 次：evaluate_every = {n}。",
            ).fill(n=max(1, most[0] // 20)),
        )


def _limits(draft: WorkflowDraft, folder: Path, faults: Faults) -> None:
    for key in ("seconds", "memory_mb"):
        value = getattr(draft, key)
        if finite(value, f"workflow.{key}", faults) and value <= 0:
            faults.add(f"workflow.{key}", shown(value), _POSITIVE, _NO_LIMIT)
    if draft.retries is not None and draft.retries < 0:
        faults.add("workflow.retries", shown(draft.retries), _FROM_ZERO, same("retries = 0"))
    if draft.isolation is not None and draft.isolation not in ISOLATIONS:
        fix = instead_of(draft.isolation, ISOLATIONS)
        faults.add("workflow.isolation", shown(draft.isolation), one_of(ISOLATIONS), fix)
    if draft.folder is not None and not (folder / draft.folder).is_dir():
        faults.add(
            "workflow.folder",
            shown(draft.folder),
            Text(en="A folder that exists, relative to the project file.", zh="已有的文件夹，相对项目文件的路径。"),
            Text(en="Make the folder, or correct the path.", zh="建好这个文件夹，或改正路径。"),
        )


_POSITIVE = Text(en="Above 0.", zh="大于 0。")
_NO_LIMIT = Text(en="Leave the line out for no limit.", zh="不设上限就删掉这一行。")
_FROM_ZERO = Text(en="0 or more.", zh="不小于 0。")
