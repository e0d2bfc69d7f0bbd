"""Reading `playnote.toml`: a `Project`, or one error that holds every fault of the file.

The bytes become TOML, the TOML becomes drafts (known keys, right types), the drafts
become records (meaning). Later steps go on with what the earlier ones left, so all faults are found in one
reading. Nothing is ever written here.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from playnote.errors import Detail, NotFoundError, ProjectFileError
from playnote.projectfile.drafts import BudgetDraft, ObjectiveDraft, ProjectDraft, WorkflowDraft
from playnote.projectfile.hyperparameters import read_baseline, read_space
from playnote.projectfile.limits import read_budget, read_settings
from playnote.projectfile.objective import read_objective
from playnote.projectfile.splits import read_splits
from playnote.projectfile.structure import Faults, draft, table
from playnote.projectfile.workflow import read_workflow
from playnote.records.project import Project
from playnote.space.showing import instead_of, one_of, shown
from playnote.text import Text, same

FILE = "playnote.toml"
SECTIONS = (
    "project",
    "objective",
    "splits",
    "workflow",
    "hyperparameters",
    "baseline",
    "budget",
    "settings",
)


def find_project(start: Path | str = ".") -> Path:
    """The nearest folder with a project file, from `start` upward; NotFoundError where there is none."""
    here = Path(start).absolute()
    if here.name == FILE and here.is_file():
        return here.parent
    for folder in (here, *here.parents):
        if (folder / FILE).is_file():
            return folder
    raise NotFoundError(
        Text(
            en="There is no {file} in {start} or in a folder above it.", zh="{start} 和它的上级文件夹里都没有 {file}。"
        ).fill(file=FILE, start=str(here)),
        fix=Text(
            en="Run `playnote init` in the project's folder, or name the folder with --project.",
            zh="在项目文件夹里运行 `playnote init`，或用 --project 指定文件夹。",
        ),
    )


def read_project(path: Path | str) -> Project:
    """The project declared in a file, or in the `playnote.toml` of a folder.

    Raises ProjectFileError with one detail per fault: where it stands, what was found, what is
    allowed, and one fix.
    """
    file = Path(path)
    file = file / FILE if file.is_dir() else file
    try:
        content = file.read_bytes()
    except OSError as error:
        raise _error(str(file), [_unreadable(file, error)]) from error
    return parse_project(content, file.absolute().parent, name=file.name)


def parse_project(content: bytes, folder: Path, *, name: str = FILE) -> Project:
    """The project declared by the bytes of a file that stands in `folder`. Raises ProjectFileError."""
    faults = Faults()
    raw = _toml(content, faults)
    project = _project(raw, folder, faults) if raw is not None else None
    if faults.details or project is None:
        raise _error(name, faults.details)
    return project


def _toml(content: bytes, faults: Faults) -> dict[str, Any] | None:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        faults.add(
            f"line {line}",
            f"byte 0x{content[error.start]:02x} at {error.start}",
            Text(en="Text in UTF-8.", zh="UTF-8 文本。"),
            Text(en="Save the file as UTF-8.", zh="把文件另存为 UTF-8。"),
        )
        return None
    try:
        return tomllib.loads(text.replace("\r\n", "\n"))
    except tomllib.TOMLDecodeError as error:
        faults.extend([_syntax(text, error)])
        return None


def _syntax(text: str, error: tomllib.TOMLDecodeError) -> Detail:
    message = str(error)
    place = re.search(r"\(at line (\d+), column (\d+)\)", message)
    lines = text.splitlines() or [""]
    line = int(place[1]) if place else len(lines)
    what = re.sub(r"\s*\(at [^()]*\)$", "", message)
    return Detail(
        f"line {line}, column {place[2]}" if place else f"line {line}",
        lines[min(line, len(lines)) - 1].strip(),
        Text(en="TOML: {what}.", zh="TOML 语法（{what}）。").fill(what=what),
        Text(en="Correct line {line}; strings stand in quotes.", zh="改正第 {line} 行；字符串要加引号。").fill(
            line=line
        ),
    )


def _project(raw: dict[str, Any], folder: Path, faults: Faults) -> Project:
    for key in raw:
        if key not in SECTIONS:
            known = [f"[{each}]" for each in SECTIONS]
            faults.add(key, key, one_of(known), instead_of(key, SECTIONS))
            faults.meant_near(key, SECTIONS)
    sections = {key: table(raw, key, key, faults) for key in SECTIONS}
    head = draft(ProjectDraft, sections["project"], "project", faults)
    objective = read_objective(draft(ObjectiveDraft, sections["objective"], "objective", faults), faults)
    splits, deployment = read_splits(sections["splits"], folder, faults)
    space = read_space(sections["hyperparameters"], faults)
    workflow = None
    if sections["workflow"]:
        shape = draft(WorkflowDraft, sections["workflow"], "workflow", faults)
        workflow = read_workflow(shape, tuple(sections["hyperparameters"]), folder, faults)
    return Project(
        name=head.name or folder.name,
        goal=head.goal or "",
        task=dict(head.task or {}),
        objective=objective,
        splits=splits,
        deployment=deployment,
        workflow=workflow,
        space=space,
        baseline=read_baseline(sections["baseline"], space, sections["hyperparameters"], faults),
        budget=read_budget(draft(BudgetDraft, sections["budget"], "budget", faults), faults),
        settings=read_settings(sections["settings"], faults),
        folder=str(folder),
    )


def _unreadable(file: Path, error: OSError) -> Detail:
    return Detail(
        str(file),
        error.strerror or shown(str(error)),
        Text(en="A project file that can be read.", zh="能读取的项目文件。"),
        same("playnote init"),
    )


def _error(name: str, details: list[Detail]) -> ProjectFileError:
    problem = (
        Text(en="{name} has one fault.", zh="{name} 有 1 处错误。")
        if len(details) == 1
        else Text(en="{name} has {n} faults.", zh="{name} 有 {n} 处错误。")
    )
    fix = Text(en="Correct the places below and run the command again.", zh="改正下面各处，再运行一次。")
    return ProjectFileError(problem.fill(name=name, n=len(details)), fix=fix, details=details)
