"""One call of a tool, from arguments to the envelope: strict arguments, a fresh state, the operation, an answer that fits."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from playnote.errors import NotFoundError, PlaynoteError
from playnote.interfaces.mcp.answers import Refusal
from playnote.interfaces.mcp.fit import fitted, spoken
from playnote.interfaces.mcp.refusals import bad_arguments, our_fault, refusal
from playnote.interfaces.mcp.resources import read
from playnote.interfaces.mcp.tools import BY_NAME, PICTURE, Tool
from playnote.service.door import must_be_fresh, must_keep_objective, person_only, state_id
from playnote.service.evidence import no_test
from playnote.service.operations import OPERATIONS
from playnote.service.session import Session, open_project
from playnote.text import Language, Text


@dataclass(frozen=True, slots=True)
class Door:
    """One project, one language."""

    folder: Path
    language: Language = "en"


@dataclass(frozen=True, slots=True)
class Answered:
    """The envelope of a call, and the PNG beside it where one was asked for."""

    envelope: dict[str, Any]
    picture: bytes | None = None


def call(door: Door, name: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """The envelope of one call; never raises."""
    return answered(door, name, arguments).envelope


def answered(door: Door, name: str, arguments: dict[str, Any]) -> Answered:
    """The whole answer to one call; never raises."""
    session: Session | None = None
    try:
        tool = BY_NAME.get(name)
        if tool is None:
            raise _unknown(name)
        session = open_project(door.folder)
        return _done(door, tool, session, arguments)
    except PlaynoteError as error:
        return Answered(_refused(error, door, session))
    except Exception as error:
        return Answered(_refused(our_fault(error), door, session))


def look(door: Door, uri: str) -> dict[str, Any]:
    """The envelope of what stands at an address; never raises."""
    session: Session | None = None
    try:
        session = open_project(door.folder)
        return {"ok": True, "data": {**read(session, uri, door.language), "state_id": state_id(session)}}
    except PlaynoteError as error:
        return _refused(error, door, session)
    except Exception as error:
        return _refused(our_fault(error), door, session)


def _done(door: Door, tool: Tool, session: Session, arguments: dict[str, Any]) -> Answered:
    try:
        ask = tool.ask.model_validate(arguments)
    except ValidationError as error:
        raise bad_arguments(error, tool.name) from error
    if "state_id" in tool.ask.model_fields:
        must_be_fresh(session, getattr(ask, "state_id", ""))
    if tool.trains:
        must_keep_objective(session)
    found = tool.do(session, ask)
    drawn = found.pop(PICTURE, None)
    picture = drawn(door.language) if drawn is not None else None
    now = state_id(session)
    _ready(found, now)
    told = spoken({"state_id": now, **found}, door.language)
    whole = tool.answer.model_validate(told).model_dump(mode="json", exclude_unset=True)
    return Answered({"ok": True, "data": fitted(whole, tool.answer.rows_in, getattr(ask, "offset", 0))}, picture)


def _ready(found: dict[str, Any], now: str) -> None:
    """The call that an answer proposes carries the state it was decided on, so that it can be made as it stands."""
    do = found.get("do")
    tool = BY_NAME.get(str(do.get("tool"))) if isinstance(do, dict) else None
    if isinstance(do, dict) and tool is not None and "state_id" in tool.ask.model_fields:
        do["arguments"] = {**do.get("arguments", {}), "state_id": now}


def _refused(error: PlaynoteError, door: Door, session: Session | None) -> dict[str, Any]:
    try:
        now = state_id(session) if session is not None else ""
    except PlaynoteError:
        now = ""
    told = Refusal.model_validate(refusal(error, door.language, now))
    return {"ok": False, "error": told.model_dump(mode="json", exclude_unset=True)}


def _unknown(name: str) -> PlaynoteError:
    """No such tool; where it is an operation that only a person may do, that is what is said."""
    wanted = name.replace("-", "_").removeprefix("playnote_")
    found = next((each for each in OPERATIONS if wanted in (each.name, each.cli.replace(" ", "_"))), None)
    if found is not None and found.name.startswith("milestone"):
        return no_test(name)
    if found is not None and found.agent != "yes":
        return person_only(Text(en="do this: {name}", zh="做这件事：{name}").fill(name=name), f"playnote {found.cli}")
    return NotFoundError(
        Text(en="There is no tool {name!r} at this door.", zh="这个入口没有叫 {name!r} 的工具。").fill(name=name[:60]),
        fix=Text(en="Tools: {names}.", zh="可用：{names}。").fill(names=", ".join(BY_NAME)),
    )
