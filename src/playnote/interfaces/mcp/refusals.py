"""A refusal in the shape an agent can act on: which rule, on what evidence, what to do instead, what is allowed meanwhile."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from playnote.errors import BarredError, Detail, InputError, InternalError, PlaynoteError, RefusedError
from playnote.interfaces.mcp.commands import call_of
from playnote.interfaces.mcp.fit import spoken
from playnote.service.door import ACTOR, DOOR, ONE_PROJECT, PERSON_DECIDES, READ_ONLY, refused
from playnote.text import Language, Text, same

_TOOLS = {"check": "verdicts", "next": "next_step", "round show": "verdicts", "answer": "propose_answer"}
_GUARDED = {
    "actor": ACTOR,
    "by": ACTOR,
    "user": ACTOR,
    "proposed_by": ACTOR,
    "project": ONE_PROJECT,
    "path": ONE_PROJECT,
    "confirm": PERSON_DECIDES,
    "confirmed": PERSON_DECIDES,
    "waive": PERSON_DECIDES,
    "force": PERSON_DECIDES,
    "apply": PERSON_DECIDES,
    "min_effect": PERSON_DECIDES,
    "settings": PERSON_DECIDES,
}
_WAIT = Text(en="Wait until it ends; status says how far it is.", zh="等它结束；用 status 看进度。")


def refusal(error: PlaynoteError, language: Language, state_id: str = "") -> dict[str, Any]:
    """The error as data of `Refusal`."""
    found = spoken(error.as_json(), language)
    told: dict[str, Any] = {
        "code": error.kind if isinstance(error, RefusedError) else found["code"],
        "problem": found["problem"],
        "fix": _WAIT.pick(language) if found["code"] == "lease" else found["fix"],
        "details": found["details"][:5],
        "state_id": state_id,
        "retry_same_call": found["code"] == "lease",
    }
    return {**told, **(_bar(error) if isinstance(error, BarredError) else {})}


def _bar(error: BarredError) -> dict[str, Any]:
    bar = error.bar
    waiver = None
    if not bar.rule.startswith("door:") and not isinstance(error, RefusedError):
        waiver = {"by": "a person only", "cli": bar.waiver, "tool": "propose_waiver"}
    return {
        "rule": bar.rule,
        "level": bar.level,
        "sections": list(bar.sections),
        "evidence": [each if each.startswith("ev:") else f"ev:{each}" for each in bar.evidence],
        "n": bar.n,
        "probability": None if bar.probability is None else round(bar.probability, 3),
        "found_at": None,
        "do_instead": call_of(bar.do_instead) if bar.do_instead else None,
        "allowed_meanwhile": sorted(
            {_TOOLS.get(each, each) for each in bar.allowed_meanwhile} & {*READ_ONLY, *_TOOLS.values()}
        )
        or list(READ_ONLY),
        "waiver": waiver,
    }


def bad_arguments(error: ValidationError, tool: str) -> PlaynoteError:
    """Arguments that do not fit; those that would name an actor or another project are refused by their rule."""
    faults = error.errors(include_url=False, include_context=False)
    for fault in faults:
        name = str(fault["loc"][0]) if fault["loc"] else ""
        if fault["type"] == "extra_forbidden" and name in _GUARDED:
            rule = _GUARDED[name]
            return refused(
                "person-only" if rule == PERSON_DECIDES else "barred",
                rule,
                Text(en="{tool} takes no {name!r}. {says}", zh="{tool} 没有 {name!r} 这个参数。{says}").fill(
                    tool=tool, name=name, says=DOOR[rule]
                ),
                fix=Text(en="Call again without it.", zh="去掉它再调用。"),
            )
    return _unreadable(faults, tool)


def _unreadable(faults: list[Any], tool: str) -> PlaynoteError:
    details = [
        Detail(
            ".".join(str(part) for part in fault["loc"]) or tool,
            repr(fault.get("input"))[:80],
            same(str(fault["msg"])),
            Text(en="See the tool's input schema.", zh="看这个工具的输入格式。"),
        )
        for fault in faults[:5]
    ]
    return InputError(
        Text(en="{n} argument(s) of {tool} cannot be used.", zh="{tool} 有 {n} 个参数不能用。").fill(
            n=len(faults), tool=tool
        ),
        fix=Text(en="Correct what is listed and call again.", zh="按列出的改好再调用。"),
        details=details,
    )


def our_fault(error: Exception) -> PlaynoteError:
    """Anything unexpected, in words: the kind of error alone, since its text may quote what is not to be read here."""
    return InternalError(
        Text(en="Playnote failed: {kind}.", zh="Playnote 自己出错了：{kind}。").fill(kind=type(error).__name__),
        fix=Text(
            en="Nothing recorded is lost. A person sees more with `playnote doctor`.",
            zh="已记录的不会丢。人可以用 `playnote doctor` 看更多。",
        ),
    )
