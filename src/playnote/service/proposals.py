"""What an agent proposes and a person settles: answers, waivers, and questions to a person.

A proposal is an event of its own (`answer-proposed`, `waiver-proposed`, `question-asked`) and changes no verdict. A
person confirms it: then an `answer` or `waiver` is written under the person's name, with the proposal's number; or a
person rejects it, or replies.
"""

from __future__ import annotations

from playnote.errors import InputError, NotFoundError
from playnote.ledger import Ledger
from playnote.playbook.catalog import BY_ID
from playnote.records.state import JournalEvent, ProjectState
from playnote.service.door import AGENT, person_only
from playnote.service.fitting import fitting
from playnote.service.guidance import known_rule
from playnote.service.session import PERSON, Session
from playnote.service.views import Json
from playnote.text import Text

PROPOSED = ("answer-proposed", "waiver-proposed", "question-asked")
_WORD = {"answer-proposed": "answer", "waiver-proposed": "waiver", "question-asked": "question"}


def propose_answer(session: Session, rule: str, said: str, actor: str = AGENT) -> Json:
    """Propose an answer to a rule's question; nothing changes until a person confirms it. Raises InputError."""
    known = known_rule(rule)
    if BY_ID[known].asks is None:
        raise InputError(
            Text(en="{rule} asks nothing: it is decided from records.", zh="{rule} 不需要回答，它由记录判定。").fill(
                rule=known
            ),
            fix=Text(en="Look at its verdict.", zh="看它的结论。"),
        )
    return _propose(session, "answer-proposed", {"rule": known, "answer": fitting(BY_ID[known], said)}, actor)


def propose_waiver(session: Session, rule: str, because: str, actor: str = AGENT) -> Json:
    """Propose to set a rule aside; it holds until a person confirms. Raises InputError."""
    known = known_rule(rule)
    _not_empty(because)
    return _propose(session, "waiver-proposed", {"rule": known, "because": because}, actor)


def ask_person(session: Session, question: str, rule: str | None = None, actor: str = AGENT) -> Json:
    """Put a question to a person; the reply shows under `status` and `next_step`. Raises InputError."""
    _not_empty(question)
    about = {"rule": known_rule(rule)} if rule else {}
    return _propose(session, "question-asked", {"question": question, **about}, actor)


def proposals(session: Session) -> Json:
    """What waits for a person, and the replies that were given."""
    state = session.state()
    return {"waiting": pending_of(state), "replies": replies_of(state)}


def confirm(
    session: Session, number: int, *, reject: bool = False, say: str | None = None, actor: str = PERSON
) -> Json:
    """Settle the proposal with this journal number: confirm it, reject it, or reply to a question.

    Raises RefusedError for an agent, NotFoundError where nothing waits under the number, InputError for an empty reply.
    """
    if actor.startswith(AGENT):
        raise person_only(Text(en="confirm a proposal", zh="确认提议"), f"playnote confirm {number}")
    with session.writing(actor) as ledger:
        event = _waiting(ledger, number)
        if event.kind == "question-asked" and not reject:
            _not_empty(say or "")
        how = "rejected" if reject else "answered" if event.kind == "question-asked" else "confirmed"
        if how == "confirmed":
            kind = event.kind.removesuffix("-proposed")
            ledger.append(kind, {**event.data, "proposal": number, "proposed_by": event.actor})
        ledger.append("proposal-settled", {"proposal": number, "how": how, **({"say": say} if say else {})})
        return {"proposal": number, "kind": _WORD[event.kind], "how": how, "say": say, **_told(event)}


def pending_of(state: ProjectState) -> list[Json]:
    """Proposals and questions that no person has settled."""
    settled = {event.data["proposal"] for event in state.events("proposal-settled")}
    return [_view(event) for event in state.events(*PROPOSED) if event.number not in settled]


def replies_of(state: ProjectState, most: int = 5) -> list[Json]:
    """The latest decisions of persons on proposals and questions."""
    asked = {event.number: event for event in state.events(*PROPOSED)}
    settled = [event for event in state.events("proposal-settled") if event.data["proposal"] in asked]
    return [
        {**_view(asked[int(str(event.data["proposal"]))]), "how": event.data["how"], "say": event.data.get("say")}
        for event in settled[-most:]
    ]


def _propose(session: Session, kind: str, data: Json, actor: str) -> Json:
    with session.writing(actor) as ledger:
        same = [e for e in pending_of(ledger.state(session.project)) if all(e.get(k) == v for k, v in data.items())]
        if same:
            return same[0]
        return _view(ledger.append(kind, data))


def _view(event: JournalEvent) -> Json:
    return {
        "proposal": event.number,
        "kind": _WORD[event.kind],
        "by": event.actor,
        "confirm": f"playnote confirm {event.number}",
        **_told(event),
    }


def _told(event: JournalEvent) -> Json:
    return {key: event.data[key] for key in ("rule", "answer", "because", "question") if key in event.data}


def _waiting(ledger: Ledger, number: int) -> JournalEvent:
    settled = {event.data["proposal"] for event in ledger.events("proposal-settled")}
    waiting = [event for event in ledger.events(*PROPOSED) if event.number not in settled]
    found = next((event for event in waiting if event.number == number), None)
    if found is None:
        raise NotFoundError(
            Text(en="No proposal waits under number {n}.", zh="编号 {n} 下没有等待确认的提议。").fill(n=number),
            fix=Text(en="Waiting: {known}.", zh="等待中：{known}。").fill(
                known=", ".join(str(event.number) for event in waiting) or "-"
            ),
        )
    return found


def _not_empty(said: str) -> None:
    if not said.strip():
        raise InputError(
            Text(en="Nothing was said.", zh="内容是空的。"), fix=Text(en="Write it in words.", zh="用文字写出来。")
        )
