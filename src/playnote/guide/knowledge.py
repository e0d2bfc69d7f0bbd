"""What is known about this task: what is sensitive, what does nothing, what is coupled, what helped and what failed.

Nothing is written for it: it follows from the rounds, adoptions and decisions on record, so it cannot go stale.
Every lesson keeps the round it comes from and what was fixed there: it holds under those conditions alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from playnote.diagnosis.isolation import IsolationFinding
from playnote.playbook.engine import Facts
from playnote.playbook.facts import ADAPTIVE, Target
from playnote.playbook.facts.learned import Learned
from playnote.records.round import Round
from playnote.records.state import ProjectState
from playnote.space.hyperparameter import Value
from playnote.text import Text

Kind = Literal["sensitive", "inert", "coupled", "helped", "no-gain", "failed", "open", "decided"]


@dataclass(frozen=True, slots=True)
class Lesson:
    """One thing learned.

    about       the hyperparameters it is about
    p           probability behind it, None where it is a decision rather than an estimate
    n           trials or runs behind it
    conditions  what was fixed while it was learned
    """

    kind: Kind
    about: tuple[str, ...]
    round: int | None
    text: Text
    p: float | None = None
    n: int | tuple[int, ...] = 0
    conditions: Mapping[str, Value] = field(default_factory=dict)


def knowledge_of(state: ProjectState, facts: Facts | None = None) -> tuple[Lesson, ...]:
    """Every lesson on record, in the order it was learned."""
    facts = facts or Facts(state)
    lessons: list[Lesson] = []
    for each in state.rounds:
        lessons.extend(_of_search(state, each, facts))
        lessons.extend(_of_question(state, each, facts))
        if each.closed:
            lessons.append(
                Lesson("decided", tuple(each.scientific), each.number, _DECIDED.fill(n=each.number, what=each.closed))
            )
    return (*lessons, *_of_adoptions(state))


def dead_ends(state: ProjectState, scientific: Mapping[str, tuple[Value, ...]]) -> tuple[Lesson, ...]:
    """Earlier lessons that say this question was asked and nothing was gained.

    A question is the same when it compares only values of the same hyperparameters that an earlier round compared.
    """
    names = set(scientific)
    asked = {
        each.number
        for each in state.rounds
        if names and set(each.scientific) == names and all(set(scientific[n]) <= set(each.scientific[n]) for n in names)
    }
    known = [lesson for lesson in knowledge_of(state) if lesson.kind in ("no-gain", "failed")]
    return tuple(
        lesson
        for lesson in known
        if lesson.round in asked or (lesson.kind == "failed" and names and names == set(lesson.about))
    )


def _of_search(state: ProjectState, each: Round, facts: Facts) -> Iterator[Lesson]:
    """What the trials say of the searched hyperparameters; an adaptive search cannot say it of its own points."""
    if each.sampler in ADAPTIVE or not any(t.outcome is not None for t in state.of_round(each.number)):
        return
    learned = facts.give(Learned, Target(round=each.number))
    for shown, inert in zip(learned.important, learned.inert, strict=True):
        name = shown.hyperparameter
        if shown.label == "yes":
            yield Lesson("sensitive", (name,), each.number, _SENSITIVE.fill(name=name), shown.p, shown.n, each.fixed)
        elif inert.label == "yes":
            said = _INERT.fill(name=name, effect=f"{state.project.objective.min_effect:g}")
            yield Lesson("inert", (name,), each.number, said, inert.p, inert.n, each.fixed)
    for coupled in learned.coupled:
        if coupled.label == "yes":
            one, two = str(coupled.target["hyperparameters"]).split(", ")
            said = _COUPLED.fill(one=one, two=two)
            yield Lesson("coupled", (one, two), each.number, said, coupled.p, coupled.n, each.fixed)


def _of_question(state: ProjectState, each: Round, facts: Facts) -> Iterator[Lesson]:
    """Whether a scientific value beat the baseline's."""
    if not each.scientific or not any(t.outcome is not None for t in state.of_round(each.number)):
        return
    finding = facts.give(IsolationFinding, Target(round=each.number))
    about, name = tuple(each.scientific), ", ".join(each.scientific)
    if finding.label == "no":
        said = _NO_GAIN.fill(name=name, base=finding.baseline)
        yield Lesson("no-gain", about, each.number, said, finding.p, finding.n, each.fixed)
    elif finding.label == "yes":
        said = _PROBABLY.fill(name=name, value=finding.value)
        yield Lesson("open", about, each.number, said, finding.p, finding.n, each.fixed)


def _of_adoptions(state: ProjectState) -> Iterator[Lesson]:
    """What was adopted, kept as a candidate, or failed; the latest decision about a configuration stands."""
    began: dict[str, Mapping[str, object]] = {p.id: dict(r.base) for r in state.rounds for p in r.planned}
    latest: dict[str, Lesson] = {}
    for event in state.events("adoption"):
        configuration = event.data.get("configuration")
        verdict, trial = str(event.data["verdict"]), str(event.data.get("trial", ""))
        # What a change was is read against where its round began: the baseline itself moves on.
        base = began.get(trial) or state.project.baseline
        changed = _changed(base, configuration if isinstance(configuration, Mapping) else {})
        kind: Kind = "helped" if verdict == "adopted" else "failed" if verdict == "rejected" else "open"
        said = {"helped": _HELPED, "failed": _FAILED, "open": _CANDIDATE}[kind]
        what = ", ".join(f"{name} = {value}" for name, value in changed.items()) or trial
        runs = event.data.get("trials")
        p = event.data.get("probability")
        latest[trial] = Lesson(
            kind,
            tuple(changed),
            next((t.round for t in state.trials if t.id == trial), None),
            said.fill(what=what, trial=trial),
            p if isinstance(p, float) else None,
            len(runs) if isinstance(runs, list | tuple) else 0,
        )
    yield from latest.values()


def _changed(base: Mapping[str, object], new: Mapping[str, object]) -> dict[str, object]:
    return {str(name): value for name, value in new.items() if base.get(str(name)) != value}


_SENSITIVE = Text(
    en="{name} decides: the best trials lie in part of its range.", zh="{name} 很关键：最优试验集中在它范围的一部分。"
)
_INERT = Text(
    en="{name} does nothing worth {effect} anywhere in its range.", zh="{name} 在整个范围里都没有值 {effect} 的作用。"
)
_COUPLED = Text(
    en="{one} and {two} are coupled: the best value of one depends on the other. Tune them together.",
    zh="{one} 和 {two} 有耦合：一个的最优值随另一个变。要一起调。",
)
_NO_GAIN = Text(
    en="{name}: no value beat {base} once each was tuned.", zh="{name}：各取值都调好后，没有哪个好过 {base}。"
)
_PROBABLY = Text(
    en="{name}: {value} probably helps; not proven with fresh seeds.",
    zh="{name}：取 {value} 多半有用；还没用新种子证明。",
)
_HELPED = Text(en="Adopted: {what}.", zh="已上线：{what}。")
_FAILED = Text(en="Tried and rejected: {what} (trial {trial}).", zh="试过，没用：{what}（试验 {trial}）。")
_CANDIDATE = Text(en="Kept as a candidate: {what} (trial {trial}).", zh="留作候选：{what}（试验 {trial}）。")
_DECIDED = Text(en="Round {n} was closed: {what}", zh="第 {n} 轮的决定：{what}")
