"""What holds at the agent's door whatever is asked: the state an act was decided on, and what only a person may do.

An agent proposes and runs; a person answers, waives, changes the objective and ends a round. A refusal names its
rule: one of the playbook's where the playbook says it, else one of `DOOR`.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from playnote.errors import Bar, RefusedError
from playnote.ledger import Ledger
from playnote.ledger.forms import dump_objective
from playnote.playbook.catalog import BY_ID
from playnote.records.state import JournalEvent
from playnote.service.session import Session
from playnote.text import Text

AGENT = "agent"
FRESH, PERSON_DECIDES = "door:fresh-state", "door:person-decides"
INSIDE, ONE_PROJECT, ACTOR = "door:inside-project", "door:one-project", "door:actor-is-stored"
TEST, ONE_THING = "C2-test-role", "A-one-problem-per-step"

DOOR: dict[str, Text] = {
    FRESH: Text(
        en="An act names the state it was decided on; on another state it is decided again.",
        zh="每次操作都要写明依据的状态；状态变了就要重新决定。",
    ),
    PERSON_DECIDES: Text(
        en="A person answers, waives, changes the objective and ends a round; an agent proposes.",
        zh="回答、豁免、改目标、结束一轮都由人来做；智能体只能提议。",
    ),
    INSIDE: Text(
        en="Only files inside the project's folder are read through this door.",
        zh="这个入口只读项目目录里的文件。",
    ),
    ONE_PROJECT: Text(en="One door serves one project.", zh="一个入口只服务一个项目。"),
    ACTOR: Text(
        en="Who acts is stored by the door and is never an argument.", zh="操作者由入口记录，不能当参数传进来。"
    ),
}
READ_ONLY = ("next_step", "status", "verdicts", "evidence", "chart", "compare", "review", "ask_person")


def refused(kind: str, rule: str, problem: Text, *, fix: Text, do_instead: str = "") -> RefusedError:
    """The refusal of what the door does not let through; `rule` is the playbook's, or one of `DOOR`."""
    known = BY_ID.get(rule)
    bar = Bar(
        rule=rule,
        level=known.level.value if known else "MUST",
        sections=known.sections if known else ("app:I",),
        do_instead=do_instead,
        allowed_meanwhile=READ_ONLY,
    )
    return RefusedError(kind, problem, fix=fix, bar=bar)


def state_id(session: Session) -> str:
    """The journal's last number and a fingerprint of the project file: any act or edit gives another one."""
    events = Ledger.open(session.home).events()
    file = Path(session.project.folder) / "playnote.toml"
    told = hashlib.sha256(file.read_bytes()).hexdigest()[:4] if file.is_file() else "0000"
    return f"s_{events[-1].number if events else 0:04d}_{told}"


def must_be_fresh(session: Session, given: str) -> None:
    """Raises RefusedError where an act was decided on another state than the present one."""
    now = state_id(session)
    if given == now:
        return
    raise refused(
        "stale",
        FRESH,
        Text(
            en="This call was decided on state {given!r}; the state is {now!r} now.",
            zh="这次调用依据的状态是 {given!r}，现在是 {now!r}。",
        ).fill(given=given, now=now),
        fix=Text(
            en="Read the state again (next_step) and decide on it; then call with the new state_id.",
            zh="先用 next_step 重新看状态再决定，然后带上新的 state_id 调用。",
        ),
        do_instead="playnote next",
    )


def must_keep_objective(session: Session) -> None:
    """Raises RefusedError where the objective was changed after the work began and no person has rescored since."""
    held = _accepted(Ledger.open(session.home).events("objective", "round-opened", "trial-planned", "rescored"))
    now = json.loads(json.dumps(dump_objective(session.project.objective)))  # as the journal holds it
    changed = [] if held is None else [name for name in now if held.get(name) != now[name] and name != "version"]
    if not changed:
        return
    raise refused(
        "barred",
        ONE_THING,
        Text(
            en="[objective] was changed since the work began ({what}): what is aimed at and how it is trained are not "
            "changed together.",
            zh="开工后 [objective] 被改过（{what}）：目标和训练方法不能一起变。",
        ).fill(what=", ".join(changed)),
        fix=Text(
            en="Put the old values back, or a person accepts the change with its reason: playnote rescore --because ...",
            zh="改回原值，或者由人写明理由接受改动：playnote rescore --because ...",
        ),
        do_instead='playnote rescore --because "..."',
    )


def _accepted(events: tuple[JournalEvent, ...]) -> dict[str, object] | None:
    """The objective that the work began with, or the one a person accepted since; None before any work."""
    latest: dict[str, object] | None = None
    held: dict[str, object] | None = None
    for event in events:
        if event.kind == "objective":
            told = event.data["objective"]
            latest = dict(told) if isinstance(told, dict) else None
        elif held is None or event.kind == "rescored":
            held = latest
    return held


def person_only(what: Text, command: str) -> RefusedError:
    """The refusal of what only a person may do, with the command that a person types."""
    return refused(
        "person-only",
        PERSON_DECIDES,
        Text(en="Only a person may {what}.", zh="只有人能{what}。").fill(what=what),
        fix=Text(en="Propose it; a person confirms: {command}", zh="先提议，由人确认：{command}").fill(command=command),
        do_instead=command,
    )
