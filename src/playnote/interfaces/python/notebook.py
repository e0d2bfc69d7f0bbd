"""What a notebook shows of a round that was run: its answer, the comparison and what wants a look, and its report.

One language (PLAYNOTE_LANG or the locale); every word of the user's is escaped, nothing is loaded or run.
"""

from __future__ import annotations

from collections.abc import Iterable

from markupsafe import escape

from playnote.interfaces.cli.output import language_of
from playnote.records.state import ProjectState
from playnote.reports.words import ANSWER, LOUD, STATUS
from playnote.service.plain import Json
from playnote.service.rounds import chosen_round, show_of
from playnote.text import Language, Text

_MOST = 12  # verdicts shown; the report has them all
_CELL = "text-align:left;vertical-align:top"
_HEAD = (
    Text(en="Value", zh="取值"),
    Text(en="Best", zh="最优"),
    Text(en="Gain [90 %]", zh="提升 [90 %]"),
    Text(en="Trials", zh="试验"),
)
_MORE = Text(en="and {n} more: .report() shows all", zh="还有 {n} 条：.report() 里有全部")
_NEXT = Text(en="Next", zh="下一步")


def round_html(state: ProjectState, number: int) -> str:
    """A round as HTML: question and answer, the values compared, verdicts that are not fine, the next step."""
    language = language_of(None)
    shown = show_of(state, chosen_round(state, number, open_only=False))
    answer = shown["answer"]
    parts = [
        f"<p><b>{escape(shown['question'])}</b></p>",
        f"<p><b>{escape(ANSWER[answer['status']].pick(language))}</b> {escape(answer['text'][language])}</p>",
        _values(shown, language),
        _verdicts([each for each in shown["verdicts"] if each["status"] in LOUD], language),
        f"<p><b>{escape(_NEXT.pick(language))}</b>: {escape(shown['next']['what'][language])} "
        f"<code>{escape(shown['next']['command'])}</code></p>",
    ]
    return f"<div>{''.join(parts)}</div>"


def _values(shown: Json, language: Language) -> str:
    if not shown["isolation"]:
        return ""
    head = "".join(f"<th style='{_CELL}'>{escape(each.pick(language))}</th>" for each in _HEAD)
    rows = (
        (each["value"], _number(each["best"]), _gain(each), f"{each['n']} / {each['tried']}")
        for each in shown["isolation"]["levels"]
    )
    return f"<table><tr>{head}</tr>{''.join(_row(row) for row in rows)}</table>"


def _verdicts(loud: list[Json], language: Language) -> str:
    loud = sorted(loud, key=lambda each: LOUD.index(each["status"]))
    rows = ((STATUS[each["status"]].pick(language), each["message"][language], each["rule"]) for each in loud[:_MOST])
    left = len(loud) - _MOST
    more = f"<p><small>{escape(_MORE.fill(n=left).pick(language))}</small></p>" if left > 0 else ""
    return f"<table>{''.join(_row(row) for row in rows)}</table>{more}" if loud else ""


def _row(cells: Iterable[object]) -> str:
    return "<tr>" + "".join(f"<td style='{_CELL}'>{escape(str(each))}</td>" for each in cells) + "</tr>"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.4g}"


def _gain(level: Json) -> str:
    if level["gain"] is None:
        return "–"
    between = level["gain_interval"]
    return _number(level["gain"]) + (f" [{_number(between[0])}, {_number(between[1])}]" if between else "")
