"""`playnote.review(...)` in Python and notebooks: the same answer as on the command line, shown as text or as HTML."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from markupsafe import escape

from playnote.interfaces.cli.output import Face, language_of
from playnote.interfaces.cli.review_view import show_review
from playnote.service import review as service
from playnote.service.review import Review
from playnote.service.review_words import read_rows
from playnote.text import Language, Text

_WORDS = {
    "sure": Text(en="Sure", zh="确定"),
    "likely": Text(en="Likely", zh="多半"),
    "fine": Text(en="Fine", zh="没问题"),
    "unknown": Text(en="Cannot tell", zh="说不清"),
}
_NEXT = Text(en="Next", zh="下一步")


@dataclass(slots=True)
class _Page(Face):
    """A terminal that keeps what is written to it."""

    rows: list[str] = field(default_factory=list)

    def line(self, text: Text | str = "") -> None:
        """Keep one line."""
        self.rows.append(text if isinstance(text, str) else self.say(text))


class ShownReview(Review):
    """A review that shows itself: `print(...)` as the command line does, a table in a notebook.

    `.report(path)` writes the page with its pictures, `.write_next(path)` the next points, `.frame()` the trials
    as a table, `.as_json()` everything as plain data.
    """

    __slots__ = ()

    def text(self, language: Language | None = None) -> str:
        """The review as the command line prints it."""
        page = _Page(language=language or language_of(None))
        show_review(self, page)
        return "\n".join(page.rows)

    def __str__(self) -> str:
        """The terminal's text."""
        return self.text()

    def __repr__(self) -> str:
        """The terminal's text, so that a bare expression at a prompt reads as an answer."""
        return self.text()

    def _repr_html_(self) -> str:
        """What a notebook shows: every word of the user's is escaped, nothing is loaded or run."""
        language = language_of(None)
        head = "".join(
            f"<tr><th style='text-align:left'>{escape(name.pick(language))}</th>"
            f"<td style='text-align:left'>{escape(content.pick(language))}</td></tr>"
            for name, content in read_rows(self)
        )
        rows = "".join(_row(line, language) for line in self.lines)
        after = f"<p><b>{escape(_NEXT.pick(language))}</b>: {escape(self.next.pick(language))}</p>"
        return f"<div><table>{head}</table><table>{rows}</table>{after}</div>"


def _row(line: service.Line, language: Language) -> str:
    more = [line.settle] if line.settle is not None else list(line.evidence)
    under = "".join(f"<br><small>{escape(each.pick(language))}</small>" for each in more)
    chance = "" if line.p is None or line.word in ("fine", "unknown") else f"{min(line.p, 0.99):.0%}"
    word, text = escape(_WORDS[line.word].pick(language)), escape(line.text.pick(language))
    cell = "<td style='text-align:left;vertical-align:top'>"
    return f"<tr>{cell}<b>{word}</b></td>{cell}{text}{under}</td>{cell}{chance}</td></tr>"


def review(
    source: Any,
    *,
    direction: str | None = None,
    min_effect: float | None = None,
    metric: str | None = None,
    scientific: str | None = None,
    study: str | None = None,
) -> ShownReview:
    """Read trials of another tool and say what they support.

    source             a path or address, a pandas or polars frame with one row a trial, or an Optuna study
    direction, metric  asked for only where the source does not record them
    min_effect         smallest difference that matters, in the metric's unit
    scientific         the choice in question; without it every one is exploratory
    study              which study, where the source holds several

    Raises SourceError where the source cannot be read, InputError for an argument that makes no sense.
    """
    place = os.fspath(source) if isinstance(source, str | Path) else source
    found = service.review(
        place, direction=direction, min_effect=min_effect, metric=metric, scientific=scientific, study=study
    )
    return ShownReview(**{each.name: getattr(found, each.name) for each in fields(Review)})
