"""A report as one HTML file: opens offline, loads nothing, and runs only the scripts whose hashes it names.

Every word of the user's stands in escaped text or in a JSON block; none becomes markup or code.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from playnote.plots.grammar import written
from playnote.records.trial import DIVERGED
from playnote.reports import words
from playnote.reports.figure import Figure
from playnote.reports.measured import SETTLED
from playnote.reports.measured import WORDS as MEASURED
from playnote.reports.packing import packed
from playnote.reports.report import Report
from playnote.text import Language, Text

_SCRIPTS = ("vega-6.4.0.min.js", "vega-lite-6.4.3.min.js", "vega-embed-7.3.0.min.js", "uplot-1.6.32.min.js")
_SECTIONS = ("variance", "axes", "isolation", "curves", "ladder", "importance")


@dataclass(frozen=True, slots=True)
class _Inline:
    """A script or style that stands in the page, and the hash by which the policy lets it run."""

    text: Markup
    hash: str


def html_of(report: Report, language: Language = "en") -> str:
    """The page; `language` is the one it opens in, where the reader has not chosen yet."""
    data = report.data
    verdicts = sorted(data["verdicts"], key=lambda verdict: words.ORDER.index(verdict["status"]))
    return filled(
        "report.html.jinja",
        report.figures,
        language,
        report=report,
        data=data,
        pictures={name: _of(report, name) for name in _SECTIONS},
        loud=[verdict for verdict in verdicts if verdict["status"] in words.LOUD],
        fine=[verdict for verdict in verdicts if verdict["status"] == "pass"],
        later=[verdict for verdict in verdicts if verdict["status"] == "not-applicable"],
        fair=_fair(data),
        names=list(dict.fromkeys(name for trial in data["trials"] for name in trial["configuration"])),
        diverged=DIVERGED,
        status=words.STATUS,
        outcomes=words.OUTCOME,
        not_ended=words.NOT_ENDED,
        settled=SETTLED,
        measured_words=MEASURED,
    )


def filled(template: str, figures: Iterable[Figure], language: Language, **values: object) -> str:
    """A template with its pictures, styles and scripts inside, under a policy that lets nothing else run."""
    styles, scripts = _styles(), _scripts()
    return (
        _environment()
        .get_template(template)
        .render(
            language=language,
            policy=_policy(styles, scripts),
            styles=styles,
            scripts=scripts,
            drawings=_json(packed(figures)),
            words=words.WORDS,
            **values,
        )
    )


def _of(report: Report, section: str) -> list[Figure]:
    return [figure for figure in report.figures if figure.section == section]


def _fair(data: dict[str, Any]) -> Text:
    counts = data["counts"]
    if any(counts[status] for status in words.LOUD):
        return words.WORDS["fair_doubt"].fill(**{status: counts[status] for status in words.LOUD})
    return words.WORDS["fair_yes" if counts["pass"] else "fair_none"]


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("playnote.reports", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(both=_both, say=_say, number=_number, percent=_percent, written=written, about=_about)
    return environment


def _both(text: Text | dict[str, str], **values: object) -> Markup:
    """A sentence in both languages; the page shows one. Code between backquotes is set as code."""
    pair = text.fill(**values).as_json() if isinstance(text, Text) else text
    if pair["en"] == pair["zh"]:
        return _code(pair["en"])
    return Markup('<span class="en" lang="en">{}</span><span class="zh" lang="zh-CN">{}</span>').format(
        _code(pair["en"]), _code(pair["zh"])
    )


def _code(sentence: str) -> Markup:
    parts = sentence.split("`")
    if len(parts) % 2 == 0:
        return escape(sentence)
    marked = [escape(part) if at % 2 == 0 else Markup("<code>{}</code>").format(part) for at, part in enumerate(parts)]
    return Markup("").join(marked)


def _say(text: Text, language: Language) -> str:
    return text.pick(language)


def _number(value: object, digits: int = 4) -> str:
    if value is None:
        return "–"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_number(each, digits) for each in value) + "]"
    return f"{value:.{digits}g}" if isinstance(value, float) else str(value)


def _percent(value: float) -> str:
    """Never 0 % or 100 %: a probability from a sample is neither."""
    if value < 0.01:
        return "< 1 %"
    return "> 99 %" if value > 0.99 else f"{value:.0%}".replace("%", " %")


def _about(target: dict[str, object]) -> str:
    return ", ".join(f"{name} {value}" for name, value in target.items() if name != "round")


@cache
def _styles() -> tuple[_Inline, ...]:
    return (_inline("assets", "uplot-1.6.32.min.css"), _inline("templates", "report.css"))


@cache
def _scripts() -> tuple[_Inline, ...]:
    return (*(_inline("assets", name) for name in _SCRIPTS), _inline("templates", "report.js"))


def _inline(folder: str, name: str) -> _Inline:
    """The file as it stands in the page: a browser reads line ends as LF, so the hash is of that."""
    text = (resources.files("playnote.reports") / folder / name).read_text(encoding="utf-8")
    text = "\n".join(line for line in text.splitlines() if not line.startswith("//# sourceMappingURL"))
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return _Inline(Markup(text), f"'sha256-{digest}'")  # our own files and vendored ones, never the user's


def _policy(styles: tuple[_Inline, ...], scripts: tuple[_Inline, ...]) -> str:
    return "; ".join(
        (
            "default-src 'none'",
            "script-src " + " ".join(each.hash for each in scripts),
            "style-src " + " ".join(each.hash for each in styles),
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )


def _json(value: object) -> Markup:
    """JSON that cannot end its own script block, whatever the strings in it say."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for sign in ("<", ">", "&", "\u2028", "\u2029"):
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return Markup(text)  # escaped just above
