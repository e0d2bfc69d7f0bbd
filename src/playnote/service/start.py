"""Beginning a project: from three answers, or from a ready example."""

from __future__ import annotations

from pathlib import Path

from playnote.errors import InputError
from playnote.projectfile.read import read_project
from playnote.projectfile.starter import starter
from playnote.records.objective import Direction
from playnote.service.rounds import round_new
from playnote.service.session import Session
from playnote.templates import FIRST_ROUNDS, TEMPLATES, copy_template
from playnote.text import Language, Text

FILE = "playnote.toml"


def examples() -> dict[str, Text]:
    """What `init --example` can write: names, and what each is about."""
    return dict(TEMPLATES)


def init_example(name: str, path: Path | None = None) -> Path:
    """A complete project from an example, with its first round planned and stored."""
    if name not in TEMPLATES:
        raise InputError(
            Text(en="There is no example called {name!r}.", zh="没有叫 {name!r} 的示例。").fill(name=name),
            fix=Text(
                en="Choose one of {names}; `playnote init --example list` says what each is about.",
                zh="可选：{names}；`playnote init --example list` 会说明每个是做什么的。",
            ).fill(names=", ".join(TEMPLATES)),
        )
    folder = path if path is not None else Path(name)
    _refuse_existing(folder)
    made = copy_template(name, folder)
    session = Session(read_project(made / FILE))
    first = FIRST_ROUNDS.get(name)
    if first is not None:
        round_new(session, first.question, first.scientific, first.trials_per_value, nuisance=first.nuisance)
    return made


def init_project(path: Path, *, run: str, optimize: str, direction: Direction, language: Language = "en") -> Path:
    """A project file from three answers; everything else stands in it as a commented question."""
    _refuse_existing(path)
    path.mkdir(parents=True, exist_ok=True)
    text = starter(name=path.resolve().name, run=run, optimize=optimize, direction=direction, language=language)
    (path / FILE).write_text(text, encoding="utf-8")
    return path / FILE


def _refuse_existing(path: Path) -> None:
    if (path / FILE).exists():
        raise InputError(
            Text(en="{path} already holds a project.", zh="{path} 里已经有项目了。").fill(path=path),
            fix=Text(en="Choose another folder.", zh="换一个文件夹。"),
        )
