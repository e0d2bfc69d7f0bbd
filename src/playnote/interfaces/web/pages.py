"""The pages, one row each: address, operation, the service's value, and what the page shows beside it.

Beside every page `GET` answers `<address>.json` with the envelope of the same value.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from playnote.errors import InputError, NotFoundError
from playnote.service import (
    decide,
    error_analysis,
    example_shown,
    guidance,
    keep,
    label_audit,
    live,
    metric_audit,
    metric_seen,
    overview,
    proposals,
    questions,
    rounds,
    vault,
)
from playnote.service.knowledge import knowledge
from playnote.service.ranking import ranking
from playnote.service.session import Session
from playnote.text import Text

Json = dict[str, Any]
Given = Mapping[str, str]


def _nothing(session: Session, given: Given) -> Json:
    return {}


@dataclass(frozen=True, slots=True)
class Page:
    """One page.

    path       its address; "{round}" and "{rule}" are taken from it
    operations the operations whose values it shows
    value      that value, as `.json` answers it
    beside     what the page shows besides
    empty      whether a value that is not there yet is a page too (with the form that makes it)
    kept       whether both follow from project file and record alone, so that they are made again only when those change
    """

    path: str
    name: str
    operations: tuple[str, ...]
    value: Callable[[Session, Given], Any]
    beside: Callable[[Session, Given], Json] = _nothing
    empty: bool = False
    kept: bool = True


def number_of(given: Given, name: str, least: int = 0) -> int | None:
    """A whole number from an address or a form; None where it is left out. Raises InputError."""
    word = given.get(name, "").strip()
    if not word:
        return None
    if not re.fullmatch(r"\d{1,9}", word, re.ASCII) or int(word) < least:
        raise InputError(
            Text(en="{word!r} is no number for {name}.", zh="{name} 不能是 {word!r}。").fill(word=word[:80], name=name),
            fix=Text(en="Write a whole number.", zh="写一个整数。"),
        )
    return int(word)


def _rule(session: Session, given: Given) -> Json:
    found = guidance.rules_about(given["rule"])
    if not any(rule["id"] == given["rule"] for rule in found["rules"]):
        raise NotFoundError(
            Text(en="No rule is called {rule!r}.", zh="没有叫 {rule!r} 的规则。").fill(rule=given["rule"][:80]),
            fix=Text(en="Look for it on the page of rules.", zh="到规则页里查。"),
        )
    return found


def _words(given: Given) -> str:
    """The first chapter where nothing is asked for, so that the page is never empty."""
    return given.get("q", "").strip()[:200] or "app:A"


PAGES: tuple[Page, ...] = (
    Page("/", "overview", ("next_step", "check", "proposals"), lambda s, g: overview.overview(s)),
    Page(
        "/check",
        "check",
        ("check",),
        lambda s, g: guidance.check(s, everything=g.get("all") == "1", chapter=g.get("chapter") or None),
        lambda s, g: {"everything": g.get("all") == "1", "chapter": g.get("chapter", "")},
    ),
    Page(
        "/round",
        "round",
        ("show_round",),
        lambda s, g: rounds.round_show(s, None),
        lambda s, g: {"live": live.live(s, None)},
        empty=True,
    ),
    Page(
        "/round/{round}",
        "round",
        ("show_round",),
        lambda s, g: rounds.round_show(s, number_of(g, "round")),
        lambda s, g: {"live": live.live(s, number_of(g, "round"))},
    ),
    Page("/live/{round}", "live", ("show_round",), lambda s, g: live.live(s, number_of(g, "round"))),
    Page(
        "/decide/{round}",
        "decide",
        ("show_round",),
        lambda s, g: decide.deciding(s, number_of(g, "round")),
    ),
    Page("/rank", "rank", ("rank",), lambda s, g: ranking(s, top=None if g.get("all") == "1" else 50)),
    Page("/knowledge", "knowledge", ("knowledge",), lambda s, g: knowledge(s)),
    Page(
        "/errors",
        "errors",
        ("show_errors",),
        lambda s, g: error_analysis.errors_show(s),
        lambda s, g: {"example": example_shown.error_shown(s, number_of(g, "at") or 0)},
        empty=True,
        kept=False,  # tables, words and pictures are the user's files
    ),
    Page(
        "/labels",
        "labels",
        ("show_labels",),
        lambda s, g: label_audit.labels_show(s),
        lambda s, g: {"example": example_shown.label_shown(s, number_of(g, "at") or 0)},
        empty=True,
        kept=False,
    ),
    Page("/metric", "metric", ("metric",), lambda s, g: metric_audit.metric_audit(s), lambda s, g: metric_seen.seen(s)),
    Page(
        "/rules",
        "rules",
        ("rule",),
        lambda s, g: guidance.rules_about(_words(g)),
        lambda s, g: {"asked": g.get("q", "").strip()[:200]},
        empty=True,
    ),
    Page("/rule/{rule}", "rule", ("rule",), _rule, lambda s, g: {"said": questions.about(s, g["rule"])}),
    Page("/answers", "answers", ("answer", "waive", "proposals"), lambda s, g: questions.questions(s)),
    Page("/proposals", "proposals", ("proposals",), lambda s, g: proposals.proposals(s)),
    Page("/milestones", "milestones", ("milestones",), lambda s, g: vault.milestones(s), kept=False),  # predictions
    Page("/settings", "settings", ("settings",), lambda s, g: keep.settings_table(s)),
    Page("/doctor", "doctor", ("doctor",), lambda s, g: keep.doctor(s), kept=False),
)
# The report is a page of its own making, under its own policy; its JSON is what it is drawn from.
REPORT = Page("/report/{round}", "report", ("report",), lambda s, g: rounds.round_show(s, number_of(g, "round")))
