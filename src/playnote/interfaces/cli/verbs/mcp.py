"""`mcp` and `confirm`: the agent door, and a person's word on what came through it."""

from __future__ import annotations

from typing import Annotated

import typer

from playnote.interfaces.cli.frame import Json, Lang, Project, face_of, session_of
from playnote.interfaces.cli.output import Face
from playnote.interfaces.cli.words import said
from playnote.text import Text


def mcp(
    setup: Annotated[
        str | None,
        typer.Option(
            "--setup",
            help=said(
                en="How to tell a client of it: claude-code, claude-desktop, cursor, vscode, gemini, codex, json.",
                zh="怎样接到客户端：claude-code、claude-desktop、cursor、vscode、gemini、codex、json。",
            ),
        ),
    ] = None,
    skill: Annotated[
        bool, typer.Option("--skill", help=said(en="Print the skill for agents.", zh="输出给智能体看的说明。"))
    ] = False,
    project: Project = None,
    lang: Lang = None,
) -> None:
    """Speak MCP on standard input and output."""
    with face_of(False, lang, project) as face:
        from pathlib import Path

        from playnote.interfaces.mcp.begin import begin
        from playnote.interfaces.mcp.setup import known_client, setup_text, skill_text

        if skill:
            face.line(skill_text(face.language))
        elif setup:
            client = known_client(setup)  # a wrong name is told before a missing project
            face.line(setup_text(client, Path(session_of(face).project.folder), face.language))
        else:
            begin(session_of(face), face.language)


def confirm(
    number: Annotated[
        int | None,
        typer.Argument(help=said(en="Number of the proposal (none: list them).", zh="提议的编号（不写：列出来）。")),
    ] = None,
    reject: Annotated[bool, typer.Option("--reject", help=said(en="Turn it down.", zh="驳回。"))] = False,
    say: Annotated[
        str | None, typer.Option("--say", help=said(en="A reply, or the reason.", zh="回复或理由。"))
    ] = None,
    project: Project = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Confirm, reject or answer what an agent proposed."""
    with face_of(as_json, lang, project) as face:
        from playnote.service import proposals

        session = session_of(face)
        if number is None:
            data = proposals.proposals(session)
            face.done(data, lambda: _listed(data["waiting"], face))
            return
        done = proposals.confirm(session, number, reject=reject, say=say)
        face.done(done, lambda: face.line(_DONE[done["how"]].fill(n=number, what=_what(done))))


def _listed(waiting: list[dict[str, object]], face: Face) -> None:
    for each in waiting:
        face.line(_line(each))
    if not waiting:
        face.line(_NONE)


_NONE = Text(en="Nothing waits for you.", zh="没有在等你的事。")


def _line(view: dict[str, object]) -> Text:
    return _WAITS.fill(n=view["proposal"], kind=_KINDS[str(view["kind"])], by=view["by"], what=_what(view))


def _what(view: dict[str, object]) -> str:
    return ": ".join(str(view[key]) for key in ("rule", "answer", "because", "question") if view.get(key))


_WAITS = Text(
    en="{n}  {kind} by {by}: {what}   (playnote confirm {n}, or --reject)",
    zh="{n}  {by} 的{kind}：{what}   （playnote confirm {n}，或加 --reject）",
)
_KINDS = {
    "answer": Text(en="answer", zh="回答"),
    "waiver": Text(en="waiver", zh="豁免"),
    "question": Text(en="question", zh="提问"),
}
_DONE = {
    "confirmed": Text(en="Confirmed {n}: {what}", zh="已确认 {n}：{what}"),
    "rejected": Text(en="Rejected {n}: {what}", zh="已驳回 {n}：{what}"),
    "answered": Text(en="Replied to {n}: {what}", zh="已回复 {n}：{what}"),
}
