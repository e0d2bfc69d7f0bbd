"""A progress bar with an estimate on long work; the last lines say what comes next."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import Any

from playnote.interfaces.cli.output import Face
from playnote.text import Text

_LINE = Text(
    en="{done} of {total} done, {failed} failed, {running} running, about {eta} left",
    zh="已完成 {done}/{total}，失败 {failed}，运行中 {running}，大约还要 {eta}",
)


def watched(steps: Iterable[Any], face: Face) -> Iterator[Any]:
    """Pass steps on while showing them: a bar on a terminal, a line now and then elsewhere, nothing under --json."""
    if face.json:
        yield from steps
        return
    if sys.stderr.isatty():
        yield from _bar(steps, face)
        return
    shown = -1
    for step in steps:
        tenth = 10 * _done(step) // max(1, getattr(step, "total", 1))
        if hasattr(step, "total") and tenth != shown:
            shown = tenth
            sys.stderr.write(_sentence(step, face) + "\n")
            sys.stderr.flush()
        yield step


def _bar(steps: Iterable[Any], face: Face) -> Iterator[Any]:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    with Progress(BarColumn(), TextColumn("{task.description}"), console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)
        for step in steps:
            if hasattr(step, "total"):
                bar.update(task, total=step.total, completed=_done(step), description=_sentence(step, face))
            yield step


def _done(step: Any) -> int:
    return int(getattr(step, "done", 0)) + int(getattr(step, "failed", 0))


def _sentence(step: Any, face: Face) -> str:
    return face.say(
        _LINE.fill(
            done=step.done,
            total=step.total,
            failed=step.failed,
            running=step.running,
            eta=_time(step.eta),
        )
    )


def _time(seconds: float | None) -> str:
    if seconds is None:
        return "?"
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"
