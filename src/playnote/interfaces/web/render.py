"""Pages as text: one language a page, everything escaped, numbers as people read them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape

from playnote.interfaces.web.words import LESSONS, MORE, NAV, PROPOSED, SETTLED, STAGES, STANDING, VERDICTS, WORDS
from playnote.reports.words import ANSWER, NOT_ENDED, OUTCOME, STATUS
from playnote.text import Language, Text


@dataclass(frozen=True, slots=True)
class View:
    """What every page knows: its language, its own path, the forms' token, and where it stands in the navigation."""

    language: Language
    path: str
    csrf: str
    here: str


_TABLES = {
    "nav": NAV,
    "more": MORE,
    "stages": STAGES,
    "adopted": VERDICTS,
    "proposed": PROPOSED,
    "settled": SETTLED,
    "standings": STANDING,
    "lessons": LESSONS,
}


def page(template: str, view: View, **values: object) -> str:
    """A template filled with a page's values."""
    return (
        _environment()
        .get_template(template)
        .render(
            view=view,
            language=view.language,
            words=WORDS,
            **_TABLES,
            status=STATUS,
            answers=ANSWER,
            outcomes=OUTCOME,
            not_ended=NOT_ENDED,
            **values,
        )
    )


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("playnote.interfaces.web", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(say=_say, coded=_coded, number=number, percent=percent, value=_value, data=_data)
    return environment


@pass_context
def _say(context: Context, text: Text | Mapping[str, str] | str, **values: object) -> str:
    """A sentence in the page's language."""
    language: Language = context["language"]
    if isinstance(text, str):
        return text
    return (text.fill(**values) if values else text).pick(language) if isinstance(text, Text) else text[language]


@pass_context
def _coded(context: Context, text: Text | Mapping[str, str] | str, **values: object) -> Markup:
    """The same, with what stands between backquotes set as code."""
    sentence = _say(context, text, **values)
    parts = sentence.split("`")
    if len(parts) % 2 == 0:
        return escape(sentence)
    return Markup("").join(
        escape(part) if at % 2 == 0 else Markup("<code>{}</code>").format(part) for at, part in enumerate(parts)
    )


def number(value: object, digits: int = 4) -> str:
    """A number, an interval or a word; a dash for what is not known."""
    if value is None:
        return "–"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(number(each, digits) for each in value) + "]"
    return f"{value:.{digits}g}" if isinstance(value, float) else str(value)


def percent(value: float | None) -> str:
    """Never 0 % or 100 %: a probability from a sample is neither."""
    if value is None:
        return "–"
    if value < 0.01:
        return "< 1 %"
    return "> 99 %" if value > 0.99 else f"{100 * value:.0f} %"


def _value(value: object) -> str:
    """A hyperparameter's value as it would be typed."""
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _data(value: Any) -> Markup:
    """JSON for a `type="application/json"` block, which it cannot end, whatever strings it holds."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for sign in ("<", ">", "&", "\u2028", "\u2029"):
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return Markup(text)  # escaped just above
