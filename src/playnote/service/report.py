"""The report of a round, and a round that is declared in Python: run and reported through the same gates."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Callable
from html import unescape
from pathlib import Path

from playnote.errors import InputError, LedgerError
from playnote.guide.gate import gate
from playnote.guide.knowledge import knowledge_of
from playnote.ledger.forms import dump_round
from playnote.playbook.engine import Facts
from playnote.procedures.round import run_trials
from playnote.records.project import Project
from playnote.records.round import Round
from playnote.records.state import ProjectState
from playnote.reports.html import html_of
from playnote.reports.report import Report, report_of
from playnote.service.knowledge import lesson_view
from playnote.service.rounds import chosen_round, show_of, with_round
from playnote.service.session import Session
from playnote.text import Language, Text

DEFAULT_NAME = "playnote-report.html"
_POLICY = re.compile(r'http-equiv="Content-Security-Policy" content="([^"]*)"')


def report(session: Session, *, number: int | None = None, out: Path | None = None, language: Language = "en") -> Path:
    """Write the report of a round (the open one, or the latest) as one HTML file; where it was written.

    Raises NotFoundError where there is no such round, InputError where the file cannot be written.
    """
    state = session.state()
    current = chosen_round(state, number, open_only=False)
    place = out if out is not None else Path(session.project.folder) / DEFAULT_NAME
    return write_report(state, current.number, place, language=language)


def report_page(session: Session, number: int | None, *, language: Language = "en") -> tuple[str, str]:
    """The same page as text, and the policy it carries: what may run in it, by hash."""
    state = session.state()
    page = html_of(round_report(state, chosen_round(state, number, open_only=False)), language)
    found = _POLICY.search(page)
    return page, unescape(found.group(1)) if found else "default-src 'none'"


def round_report(state: ProjectState, current: Round) -> Report:
    """Everything the report of a round says."""
    facts = Facts(state)
    shown = show_of(state, current, facts)
    learned = [lesson_view(each) for each in knowledge_of(state, facts) if each.round == current.number]
    return report_of(state, shown, learned, facts)


def write_report(state: ProjectState, number: int, path: Path, *, language: Language = "en") -> Path:
    """Write the report of one round; the file is there whole, or as it was before."""
    current = chosen_round(state, number, open_only=False)
    page = html_of(round_report(state, current), language)
    try:
        replace_file(path, page)
    except OSError as error:
        raise InputError(
            Text(en="The report cannot be written to {path}: {why}.", zh="报告写不到 {path}：{why}。").fill(
                path=path, why=error.strerror or error
            ),
            fix=Text(en="Name another file with --out.", zh="用 --out 换一个文件。"),
        ) from error
    return path


def run_round(project: Project, planned: Round, train: Callable[..., object], *, workers: int = 1) -> ProjectState:
    """Run a round that was planned in Python, and return everything recorded.

    The round is stored first, through the gate, unless it is on record already; finished trials are not run again.
    Raises BarredError where a rule bars it, LedgerError where another round stands on record under its number.
    """
    session = Session(project)
    with session.writing("runner") as ledger:
        state = ledger.state(project)
        current = next((each for each in state.rounds if each.number == planned.number), None)
        if current is None:
            ledger.append("gate", gate("round new", with_round(state, planned), planned.number).as_json())
            ledger.append("round-opened", {"round": dump_round(planned)})
            state, current = ledger.state(project), planned
        elif current.planned != planned.planned:
            raise LedgerError(
                Text(en="Round {n} is on record with other points.", zh="第 {n} 轮已有记录，但取的点不同。").fill(
                    n=planned.number
                ),
                fix=Text(en="Plan the round again; it gets the next number.", zh="重新计划，它会得到下一个编号。"),
            )
        ledger.append("gate", gate("round run", state, current.number).as_json())
        for _ in run_trials(project, ledger, current.planned, train=train, workers=workers):
            pass
        return ledger.state(project)


def needs_folder(path: Path) -> None:
    """Raises InputError where the folder of a file to be written is not there: a typing error makes no folders."""
    if not path.parent.is_dir():
        raise InputError(
            Text(en="There is no folder {folder}.", zh="没有 {folder} 这个文件夹。").fill(folder=path.parent),
            fix=Text(en="Make it first: mkdir -p {folder}", zh="先建一个：mkdir -p {folder}").fill(folder=path.parent),
        )


def replace_file(path: Path, page: str) -> None:
    """The text as a file: there whole, or what was there before. Raises OSError, and InputError where its folder is missing."""
    needs_folder(path)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(page)
            file.flush()
            os.fsync(file.fileno())
        mask = os.umask(0)
        os.umask(mask)
        Path(name).chmod(0o666 & ~mask)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
