"""`check`, `next`, `rule`, `answer`, `waive`: what the playbook asks for now."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from playnote.interfaces.cli.frame import Json, Lang, Project, face_of, session_of
from playnote.interfaces.cli.output import VIOLATED
from playnote.interfaces.cli.words import said
from playnote.text import Text


def check(
    everything: Annotated[
        bool, typer.Option("--all", help=said(en="Every rule, due or not.", zh="列出全部规则，不管到没到时候。"))
    ] = False,
    chapter: Annotated[
        str | None,
        typer.Option(
            "--chapter", help=said(en="Only one section: app:E.3, body:2.1.", zh="只看一节：app:E.3、body:2.1。")
        ),
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help=said(en="Unanswered gates count as violated.", zh="没回答的关卡也算违反。"))
    ] = False,
    sarif: Annotated[
        bool,
        typer.Option(
            "--sarif", help=said(en="The answer as SARIF, for code hosts.", zh="用 SARIF 回答，给代码平台用。")
        ),
    ] = False,
    project: Project = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """The rules that are due now; exit 3 only where something is violated."""
    with face_of(as_json, lang, project) as face:
        from playnote.interfaces.cli.show import show_check
        from playnote.service import guidance

        session = session_of(face)
        data = guidance.check(session, everything=everything, chapter=chapter)
        if sarif:
            from playnote.service.check_sarif import check_sarif

            face.line(json.dumps(check_sarif(session, data, face.language), ensure_ascii=False, indent=1))
        else:
            face.done(data, lambda: show_check(data, face))
        if data["violated"] or (strict and data["unknown_gates"]):
            raise typer.Exit(VIOLATED)


def next_(project: Project = None, as_json: Json = False, lang: Lang = None) -> None:
    """The one next step: why, the command, what it costs."""
    with face_of(as_json, lang, project) as face:
        from playnote.interfaces.cli.show import show_next
        from playnote.service import guidance
        from playnote.service.operations import OPERATIONS

        data = guidance.next_of(session_of(face), {operation.cli for operation in OPERATIONS})
        face.done(data, lambda: show_next(data, face))


def rule(
    words: Annotated[
        list[str],
        typer.Argument(
            help=said(en="An id, a section or words, in either language.", zh="编号、章节或关键词，中英文都行。")
        ),
    ],
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """A rule's page."""
    with face_of(as_json, lang) as face:
        from playnote.interfaces.cli.show import show_rules
        from playnote.service import guidance

        data = guidance.rules_about(" ".join(words))
        face.done(data, lambda: show_rules(data, face))


def answer(
    rule_id: Annotated[str, typer.Argument(metavar="RULE")],
    said: Annotated[str, typer.Argument(metavar="ANSWER")],
    project: Project = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Answer a rule's question."""
    with face_of(as_json, lang, project) as face:
        from playnote.service import guidance
        from playnote.service.views import verdict_view

        verdict = guidance.answer(session_of(face), rule_id, said)
        face.done(verdict_view(verdict), lambda: face.line(verdict.message))


def waive(
    rule_id: Annotated[str, typer.Argument(metavar="RULE")],
    because: Annotated[
        str, typer.Option("--because", help=said(en="The reason; it is kept and shown.", zh="理由；会保存并显示出来。"))
    ],
    project: Project = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Set a rule aside, with a reason that shows in every report."""
    with face_of(as_json, lang, project) as face:
        from playnote.service import guidance

        data = guidance.waive(session_of(face), rule_id, because)
        face.done(data, lambda: face.line(_WAIVED.fill(**data)))


_WAIVED = Text(en="{rule} is set aside by {actor}: {because}", zh="{actor} 豁免了 {rule}：{because}")
