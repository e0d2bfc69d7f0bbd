"""A report's pictures as files in a folder."""

from __future__ import annotations

from pathlib import Path

from playnote.errors import InputError
from playnote.reports.figure import Figure
from playnote.reports.stills import KINDS, Kind, still
from playnote.service.plain import Json
from playnote.service.report import round_report
from playnote.service.rounds import chosen_round
from playnote.service.session import Session
from playnote.text import Language, Text

_UNWRITTEN = Text(en="The pictures cannot be written to {path}: {why}.", zh="图片写不到 {path}：{why}。")
_OTHER = Text(en="Name another folder with --figures.", zh="用 --figures 换一个文件夹。")
_NONE = Text(en="Round {n} has nothing to draw yet.", zh="第 {n} 轮还没有可画的。")
_RUN = Text(en="Run it first: playnote round run", zh="先跑：playnote round run")


def report_figures(
    session: Session,
    folder: Path,
    *,
    number: int | None = None,
    kinds: tuple[Kind, ...] = KINDS,
    language: Language = "en",
) -> Json:
    """Write every picture of a round's report (the open one, or the latest) as PNG and SVG; which files were written.

    Raises MissingExtraError without the extra `export`, InputError where the round has nothing to draw, where no font
    on this machine has Chinese that is to be drawn, and where the folder cannot be written.
    """
    state = session.state()
    current = chosen_round(state, number, open_only=False)
    figures = round_report(state, current).figures
    if not figures:
        raise InputError(_NONE.fill(n=current.number), fix=_RUN)
    made = [(f"{name_of(each)}.{kind}", still(each, language, kind)) for each in figures for kind in kinds]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in made:
            (folder / name).write_bytes(content)
    except OSError as error:
        raise InputError(_UNWRITTEN.fill(path=folder, why=error.strerror or error), fix=_OTHER) from error
    return {"folder": str(folder), "files": [name for name, _ in made], "round": current.number}


def name_of(figure: Figure) -> str:
    """A file's name: the picture's place in the page, and what it is about where that is a plain name."""
    about = "".join(sign if sign.isascii() and (sign.isalnum() or sign in "_-.") else "-" for sign in figure.about)
    return f"{figure.id}-{about}" if about.strip("-.") else figure.id
