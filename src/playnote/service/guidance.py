"""What is due, the next step, the rules' pages, answers and waivers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection

from playnote.errors import InputError, NotFoundError
from playnote.guide.importance import ordered
from playnote.guide.next_step import next_step
from playnote.guide.passages import past_the_gate
from playnote.guide.stage import due, stage_of
from playnote.playbook.catalog import BY_ID, CATALOG
from playnote.playbook.engine import Facts, judge_rules
from playnote.playbook.lookup import look_up
from playnote.playbook.rule import Level
from playnote.playbook.verdict import Verdict
from playnote.records.state import ProjectState
from playnote.service.door import AGENT, person_only
from playnote.service.fitting import fitting
from playnote.service.possible import Possible
from playnote.service.session import PERSON, Session
from playnote.service.views import Json, counts_view, finite, rule_view, verdict_view
from playnote.text import Text


def check(session: Session, *, everything: bool = False, chapter: str | None = None) -> Json:
    """Verdicts that are due now, worst and most important first; `later` counts the rules whose time has not come.

    Of the rounds the latest is judged: earlier ones were when they were closed, and are again with `everything`.
    """
    state = session.state()
    rules = CATALOG if everything or chapter else due(CATALOG, state)
    if chapter:
        rules = tuple(rule for rule in rules if chapter in rule.sections or rule.id.startswith(f"{chapter}-"))
        if not rules:
            raise NotFoundError(
                Text(en="No rule stands in {chapter!r}.", zh="{chapter!r} 里没有规则。").fill(chapter=chapter),
                fix=Text(en="Write it as app:E.3 or body:2.1.", zh="写成 app:E.3 或 body:2.1。"),
            )
    rounds = None if everything else [each.number for each in state.rounds[-1:]]
    verdicts = ordered(judge_rules(rules, state, rounds=rounds))
    return {
        "stage": stage_of(state),
        "counts": counts_view(verdicts),
        "later": len(CATALOG) - len(rules),
        # A diagnosis ("if training error is far above ...") that holds is something to act on; nobody broke a rule.
        "violated": [
            v.rule for v in verdicts if v.status == "fail" and not v.waived and BY_ID[v.rule].level is not Level.IF
        ],
        "ungated": [row.as_json() for row in past_the_gate(state)],
        "unknown_gates": [v.rule for v in verdicts if v.status == "unknown" and BY_ID[v.rule].bars],
        "verdicts": [verdict_view(verdict) for verdict in verdicts],
    }


def next_of(session: Session, verbs: Collection[str] | None = None) -> Json:
    """The next step as data.

    verbs  the commands of the face that asks, so that no other is named; None where it has all of them
    """
    return next_view(session.state(), verbs)


def next_view(state: ProjectState, verbs: Collection[str] | None = None, facts: Facts | None = None) -> Json:
    """The same of a state that is at hand."""
    step = next_step(state, Possible(state, verbs), facts)
    return {
        "stage": step.stage,
        "what": step.what.as_json(),
        "why": step.why.as_json(),
        "command": step.command,
        "because": list(step.because),
        "runs": step.runs,
        "minutes": finite(step.minutes),
        "asks": step.asks,
    }


def rules_about(words: str) -> Json:
    """Pages of the rules that match, and the playbook's frequent questions that do."""
    rules, questions = look_up(words)
    return {
        "rules": [rule_view(rule) for rule in rules],
        "questions": [
            {"asks": each.asks.as_json(), "answer": each.answer.as_json(), "rules": list(each.rules)}
            for each in questions
        ],
    }


def sections() -> list[Json]:
    """Every section of the playbook that a rule stands in, with its number of rules."""
    counts = Counter(section for rule in CATALOG for section in rule.sections)
    return [{"section": name, "rules": n} for name, n in sorted(counts.items())]


def answer(session: Session, rule: str, said: str, actor: str = PERSON) -> Verdict:
    """Answer a rule's question; the verdict that follows from it. An agent proposes instead: RefusedError."""
    known = known_rule(rule)
    if actor.startswith(AGENT):
        raise person_only(Text(en="answer a rule", zh="回答规则"), f'playnote answer {known} "..."')
    if BY_ID[known].asks is None and BY_ID[known].on_unknown != "acknowledge":
        raise InputError(
            Text(en="{rule} asks nothing: it is decided from records.", zh="{rule} 不需要回答，它由记录判定。").fill(
                rule=rule
            ),
            fix=Text(en="See `playnote rule {rule}`.", zh="看 `playnote rule {rule}`。").fill(rule=rule),
        )
    words = fitting(BY_ID[known], said)
    with session.writing(actor) as ledger:
        ledger.append("answer", {"rule": known, "answer": words})
    state = session.state()
    return next(
        iter(judge_rules((BY_ID[known],), state)), Verdict(id=known, rule=known, status="unknown", message=_NOTED)
    )


def waive(session: Session, rule: str, because: str, actor: str = PERSON) -> Json:
    """Set a rule aside, for a reason that is kept and shown. An agent proposes instead: RefusedError."""
    known = known_rule(rule)
    if actor.startswith(AGENT):
        raise person_only(Text(en="set a rule aside", zh="豁免规则"), f'playnote waive {known} --because "..."')
    if not because.strip():
        raise InputError(
            Text(en="A waiver needs a reason.", zh="豁免要写原因。"),
            fix=Text(en='Add --because "...".', zh='加上 --because "……"。'),
        )
    with session.writing(actor) as ledger:
        event = ledger.append("waiver", {"rule": known, "because": because})
    return {"rule": known, "because": because, "actor": actor, "journal": event.number}


def known_rule(rule: str) -> str:
    """The id of a rule that exists. Raises NotFoundError."""
    if rule in BY_ID:
        return rule
    raise NotFoundError(
        Text(en="No rule is called {rule!r}.", zh="没有叫 {rule!r} 的规则。").fill(rule=rule),
        fix=Text(en="Search with `playnote rule WORDS`.", zh="用 `playnote rule 关键词` 查找。"),
    )


_NOTED = Text(en="Noted; there is nothing for the rule to judge yet.", zh="已记下；这条规则暂时还没有可判断的东西。")
