"""What a page's forms do: one row each, one service operation each, always as the person.

A form never names a file: sources are trials, and what is drawn or written goes where the operation puts it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from playnote.errors import InputError
from playnote.interfaces.web.pages import number_of
from playnote.service import error_analysis, guidance, label_audit, metric_audit, proposals, rounds
from playnote.service.metric_audit import Side
from playnote.service.session import Session
from playnote.text import Text

Form = Mapping[str, str]
_TRIAL = re.compile(r"t\d{1,9}", re.ASCII)
LONGEST = 20_000  # characters of one field


@dataclass(frozen=True, slots=True)
class Act:
    """One form: its name in the address, the operation, and what is done with the fields."""

    name: str
    operation: str
    do: Callable[[Session, Form], Any]


def said(form: Form, name: str) -> str:
    """A field of words. Raises InputError where it is left out, too long, or holds what no keyboard types."""
    word = form.get(name, "").strip()
    if not word or len(word) > LONGEST or "\0" in word:
        raise InputError(
            Text(en="The field {name} cannot be used as it is.", zh="字段 {name} 不能这样填。").fill(name=name),
            fix=Text(en="Write it in words.", zh="用文字写出来。"),
        )
    return word


def _needed(form: Form, name: str) -> int:
    number = number_of(form, name)
    if number is None:
        raise InputError(
            Text(en="The form lacks {name}.", zh="表单缺少 {name}。").fill(name=name),
            fix=Text(en="Load the page again.", zh="请重新载入页面。"),
        )
    return number


def _trial(form: Form, name: str) -> str | None:
    """A trial's id, or nothing: a form of a page names no file."""
    word = form.get(name, "").strip()
    if not word:
        return None
    if not _TRIAL.fullmatch(word):
        raise InputError(
            Text(en="{word!r} is no trial.", zh="{word!r} 不是试验编号。").fill(word=word[:80]),
            fix=Text(en="Write a trial's id, for instance t0007.", zh="写试验编号，例如 t0007。"),
        )
    return word


def _answer(session: Session, form: Form) -> Any:
    verdict = guidance.answer(session, said(form, "rule"), said(form, "said"))
    return {"rule": verdict.rule, "status": verdict.status}


def _confirm(session: Session, form: Form) -> Any:
    reply = form.get("say", "").strip() or None
    return proposals.confirm(session, _needed(form, "number"), reject=form.get("how") == "reject", say=reply)


def _close(session: Session, form: Form) -> Any:
    closed = rounds.round_close(session, said(form, "decision"), _needed(form, "round"))
    return {"round": closed.number, "decision": closed.closed}


def _tags(form: Form) -> list[str]:
    """Ticked boxes (`tag.0`, `tag.1` ...) and new words between semicolons."""
    ticked = [value for name, value in sorted(form.items()) if name.startswith("tag.")]
    return [*ticked, *form.get("more", "").replace("；", ";").split(";")]


def _tag(session: Session, form: Form) -> Any:
    return error_analysis.errors_tag(session, {said(form, "id"): [word[:200] for word in _tags(form)]})


def _share(form: Form) -> float:
    try:
        return float(form.get("share", "")) / 100
    except ValueError:
        raise InputError(
            Text(en="The share is no number.", zh="比例不是数字。"),
            fix=Text(en="Write a percentage from 0 to 100.", zh="写 0 到 100 的百分数。"),
        ) from None


def _judge(session: Session, form: Form) -> Any:
    preferred = cast(Side, said(form, "preferred"))  # an unknown word is refused by the operation
    return metric_audit.metric_judge(session, said(form, "first"), said(form, "second"), preferred)


ACTS: tuple[Act, ...] = (
    Act("answer", "answer", _answer),
    Act("waive", "waive", lambda s, f: guidance.waive(s, said(f, "rule"), said(f, "because"))),
    Act("confirm", "confirm", _confirm),
    Act("close", "close_round", _close),
    Act(
        "sample-errors",
        "sample_errors",
        lambda s, f: error_analysis.errors_sample(
            s, _trial(f, "source"), n=_needed(f, "n"), seed=number_of(f, "seed") or 0
        ),
    ),
    Act("tag", "tag_errors", _tag),
    Act("fixable", "fixable_errors", lambda s, f: error_analysis.errors_fixable(s, said(f, "category"), _share(f))),
    Act("focus", "focus_errors", lambda s, f: error_analysis.errors_focus(s, said(f, "category"), said(f, "because"))),
    Act(
        "sample-labels",
        "sample_labels",
        lambda s, f: label_audit.labels_sample(s, said(f, "split"), seed=number_of(f, "seed") or 0),
    ),
    Act(
        "mark",
        "mark_label",
        lambda s, f: label_audit.labels_mark(s, {said(f, "id"): f.get("other", "").strip() or said(f, "label")}),
    ),
    Act("judge", "judge_pair", _judge),
)
