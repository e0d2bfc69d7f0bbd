"""`metric`: which pairs to show people, what they said, and whether the score still speaks for them."""

from __future__ import annotations

from typing import Literal, cast

import numpy as np

from playnote.diagnosis.metric_audit import REMEDIES, MetricFacts, Preferred, answer_metric, measure_metric
from playnote.errors import InputError, NotFoundError
from playnote.records.state import ProjectState
from playnote.service.session import PERSON, Session
from playnote.service.views import Json, finding_view, finite, metric_view
from playnote.text import Text

Side = Literal["first", "second", "neither"]


def metric_audit(session: Session, *, pairs: int = 10, seed: int = 0) -> Json:
    """The agreement so far, the remedies where it is suspect, and pairs of trials that nobody has judged yet."""
    state = session.state()
    facts = facts_of(state)
    finding = answer_metric(facts, state.project.settings)
    return {
        "metric": metric_view(state.project.objective),
        "finding": finding_view(finding),
        "judged": {"decided": facts.n, "agreed": facts.agreed, "ties": facts.ties, "saw_the_score": facts.seen},
        "remedies": [each.as_json() for each in REMEDIES] if finding.label == "yes" else [],
        "pairs": [list(each) for each in pairs_of(state, pairs, seed)],
    }


def metric_judge(
    session: Session, first: str, second: str, preferred: Side, *, saw_score: bool = False, actor: str = PERSON
) -> Json:
    """Record which of two trials a person prefers; the agreement that follows."""
    if preferred not in ("first", "second", "neither"):
        raise InputError(
            Text(en="{said!r} is no preference.", zh="{said!r} 不是一个选择。").fill(said=preferred),
            fix=Text(en="Say first, second or neither.", zh="写 first、second 或 neither。"),
        )
    state = session.state()
    one, two = _error(state, first), _error(state, second)
    if first == second or one == two:
        raise InputError(
            Text(en="{a} and {b} have the same score.", zh="{a} 和 {b} 分数一样。").fill(a=first, b=second),
            fix=Text(en="Judge two trials whose scores differ.", zh="换两个分数不同的试验。"),
        )
    better, worse = (first, second) if one < two else (second, first)
    chosen = {"first": first, "second": second}.get(preferred)
    said = "tie" if chosen is None else "better" if chosen == better else "worse"
    with session.writing(actor) as ledger:
        ledger.append(
            "metric-judged", {"better": better, "worse": worse, "preferred": said, "saw_score": bool(saw_score)}
        )
    return metric_audit(session)


def facts_of(state: ProjectState) -> MetricFacts:
    """All judgements on record, the latest of each pair; the better side is read under the present objective."""
    latest: dict[frozenset[str], tuple[Preferred, bool]] = {}
    for event in state.events("metric-judged"):
        better, worse = str(event.data["better"]), str(event.data["worse"])
        said = cast(Preferred, event.data["preferred"])
        now, then = _known_error(state, better), _known_error(state, worse)
        if said != "tie" and now is not None and then is not None and now > then:
            said = "worse" if said == "better" else "better"
        latest[frozenset((better, worse))] = (said, bool(event.data.get("saw_score", False)))
    return measure_metric(list(latest.values()))


def pairs_of(state: ProjectState, count: int, seed: int = 0) -> list[tuple[str, str]]:
    """Pairs across the range of scores: near ones and far ones alike, each in an order that tells nothing."""
    errors = {t.id: e for t in state.trials if (e := _known_error(state, t.id)) is not None}
    names = sorted(errors, key=lambda name: (errors[name], name))
    done = {frozenset((str(event.data["better"]), str(event.data["worse"]))) for event in state.events("metric-judged")}
    rng = np.random.default_rng(seed)
    found: list[tuple[str, str]] = []
    seen = set(done)
    for _ in range(40 * count):
        if len(found) == count or len(names) < 2:
            break
        # A random distance in rank first, so that close pairs, which decide most, are not crowded out by far ones.
        apart = int(rng.integers(1, len(names)))
        low = int(rng.integers(0, len(names) - apart))
        pair = (names[low], names[low + apart])
        if frozenset(pair) in seen or errors[pair[0]] == errors[pair[1]]:
            continue
        seen.add(frozenset(pair))
        found.append(pair if rng.random() < 0.5 else pair[::-1])
    return found


def _known_error(state: ProjectState, name: str) -> float | None:
    reading = state.readings.get(name)
    return None if reading is None or reading.score is None else state.project.objective.sign * reading.score


def _error(state: ProjectState, name: str) -> float:
    error = _known_error(state, name)
    if error is None:
        raise NotFoundError(
            Text(en="There is no scored trial {id!r}.", zh="没有打过分的试验 {id!r}。").fill(id=name),
            fix=Text(en="See `playnote rank` for the trials.", zh="用 `playnote rank` 看有哪些试验。"),
        )
    return float(finite(error))
