"""Evidence by handle: what an agent asks for one piece at a time, instead of rows it did not ask for.

    ev:RULE:TARGET         everything behind one verdict: findings, thresholds, what is missing, what would settle it
    ev:r2                  round 2: question, roles, what is fixed, counts of outcomes
    ev:r2/trials           its trials, best first
    ev:r2/isolation        its values compared, each tuned
    ev:t0031               one trial
    ev:t0031/dev/error     one of its curves, at most 40 points
    ev:seeds               the noise between seeds
    ev:thresholds          every threshold in force

No handle leads to the test split: its metrics are left out of every answer, whatever they were logged as.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from playnote.diagnosis.isolation import IsolationFacts
from playnote.errors import NotFoundError, RefusedError
from playnote.playbook.catalog import BY_ID
from playnote.playbook.engine import Facts, judge_rules
from playnote.playbook.facts import SeedNoise, Target
from playnote.records.naming import SEPARATORS, declared_name
from playnote.records.round import Round
from playnote.records.state import ProjectState
from playnote.records.trial import TrialRecord
from playnote.service.door import TEST, refused
from playnote.service.keep import settings_table
from playnote.service.rounds import chosen_round
from playnote.service.session import Session
from playnote.service.views import Json, finite, isolation_view, round_view, verdict_view
from playnote.text import Text

POINTS = 40


def evidence(session: Session, handle: str) -> Json:
    """What a handle names: `{"handle", "about", "facts", "rows"}`; rows may be many and are paged by the face.

    Raises NotFoundError where nothing has that name, RefusedError for the test split.
    """
    name = handle.strip().removeprefix("ev:").removeprefix("th:")
    state = session.state()
    first, _, rest = name.partition("/")
    if first == "seeds":
        return _seeds(state)
    if first in ("thresholds", "settings"):
        return _answer("ev:thresholds", {}, settings_table(session)["settings"])
    if first[:1] == "r" and first[1:].isdigit():
        return _of_round(state, int(first[1:]), rest)
    if any(trial.id == first for trial in state.trials):
        return _of_trial(state, first, rest)
    return _of_verdict(state, name)


def sees_test(metric: str, state: ProjectState) -> bool:
    """Whether a series belongs to the test split, by the project's name or as it is logged."""
    return is_test(metric) or is_test(declared_name(metric, state.project.splits))


def is_test(metric: str) -> bool:
    """Whether a name begins with the test split's: "test", "test/acc", "test_acc", "eval_test"."""
    words = metric.lower()
    for separator in SEPARATORS:
        words = words.replace(separator, "/")
    return "test" in words.split("/")


def no_test(what: str) -> RefusedError:
    """The refusal of anything that would show the test split."""
    return refused(
        "barred",
        TEST,
        Text(
            en="{what} belongs to the test split: it is not read through this door.",
            zh="{what} 属于测试集：不能从这个入口读。",
        ).fill(what=what),
        fix=Text(
            en="Judge on Dev. A person reads the test split once, at a declared milestone: playnote milestone",
            zh="用 Dev 判断。测试集只在声明的里程碑由人读一次：playnote milestone",
        ),
        do_instead="playnote round show",
    )


def _answer(handle: str, facts: Mapping[str, Any], rows: list[Json]) -> Json:
    return {"handle": handle, "facts": dict(facts), "rows": rows, "n_rows": len(rows)}


def _seeds(state: ProjectState) -> Json:
    facts = Facts(state)
    noise = facts.give(SeedNoise, Target())
    rows = [
        {"trial": trial.id, "purpose": trial.purpose, "seed": trial.seed, "score": _score(state, trial)}
        for trial in state.of_purpose("baseline", "repeat", "confirm")
    ]
    known = {"sd": finite(noise.sd), "freedom": noise.freedom, "interval": finite(noise.interval)}
    return _answer("ev:seeds", known, rows)


def _of_round(state: ProjectState, number: int, rest: str) -> Json:
    current = chosen_round(state, number)
    if rest == "trials":
        return _answer(f"ev:r{number}/trials", _counts(state, current), _trials(state, current))
    if rest == "isolation":
        if not current.scientific:
            raise _nothing(f"r{number}/isolation")
        facts = Facts(state).give(IsolationFacts, Target(round=number))
        view = isolation_view(facts, state.project.objective.sign)
        levels = view.pop("levels")
        return _answer(f"ev:r{number}/isolation", view, levels)
    if rest:
        raise _nothing(f"r{number}/{rest}")
    view = round_view(state, current)
    view.pop("trials")
    handles = [{"handle": f"ev:r{number}/{name}"} for name in ("trials", "isolation")]
    return _answer(f"ev:r{number}", {**view, **_counts(state, current)}, handles)


def _counts(state: ProjectState, current: Round) -> Json:
    return {"counts": dict(Counter(trial.outcome or "not ended" for trial in state.of_round(current.number)))}


def _trials(state: ProjectState, current: Round) -> list[Json]:
    sign = state.project.objective.sign
    trials = state.of_round(current.number)
    scored = {trial.id: _score(state, trial) for trial in trials}
    ordered = sorted(trials, key=lambda t: (scored[t.id] is None, sign * (scored[t.id] or 0.0)))
    return [
        {
            "trial": trial.id,
            "score": finite(scored[trial.id]),
            "outcome": trial.outcome,
            "configuration": finite(dict(trial.configuration)),
        }
        for trial in ordered
    ]


def _of_trial(state: ProjectState, name: str, metric: str) -> Json:
    trial = next(each for each in state.trials if each.id == name)
    if metric:
        return _curve(state, name, metric)
    reading = state.readings.get(name)
    known = {
        "round": trial.round,
        "purpose": trial.purpose,
        "configuration": finite(dict(trial.configuration)),
        "seed": trial.seed,
        "outcome": trial.outcome,
        "attempts": trial.attempts,
        "seconds": finite(trial.seconds),
        "score": _score(state, trial),
        "step": finite(reading.step) if reading else None,
        "feasible": reading.feasible if reading else None,
        "missing": list(reading.missing) if reading else [],
        "summary": {k: finite(v) for k, v in trial.summary.items() if not sees_test(k, state)},
    }
    curves = [{"handle": f"ev:{name}/{m}"} for m in sorted(state.curves.metrics(name)) if not sees_test(m, state)]
    return _answer(f"ev:{name}", known, curves)


def _curve(state: ProjectState, name: str, metric: str) -> Json:
    if sees_test(metric, state):
        raise no_test(metric)
    curve = state.curves.curve(name, metric)
    if curve is None or not len(curve.steps):
        raise _nothing(f"{name}/{metric}")
    n = len(curve.steps)
    picked = sorted({round(at * (n - 1) / max(min(n, POINTS) - 1, 1)) for at in range(min(n, POINTS))})
    rows = [{"step": finite(float(curve.steps[i])), "value": finite(float(curve.values[i]))} for i in picked]
    return _answer(f"ev:{name}/{metric}", {"points": n, "shown": len(rows)}, rows)


def _of_verdict(state: ProjectState, name: str) -> Json:
    rule = BY_ID.get(name.split(":", 1)[0])
    if rule is None:
        if is_test(name):
            raise no_test(name)
        raise _nothing(name)
    verdicts = judge_rules((rule,), state)
    found = next((v for v in verdicts if v.id == name), verdicts[-1] if verdicts and name == rule.id else None)
    if found is None:
        raise _nothing(name)
    view = verdict_view(found)
    rows = view.pop("evidence")
    return _answer(f"ev:{found.id}", {**view, "says": rule.text.as_json()}, rows)


def _score(state: ProjectState, trial: TrialRecord) -> float | None:
    reading = state.readings.get(trial.id)
    score: float | None = finite(reading.score) if reading else None
    return score


def _nothing(name: str) -> NotFoundError:
    return NotFoundError(
        Text(en="No evidence is called {name!r}.", zh="没有叫 {name!r} 的证据。").fill(name=f"ev:{name}"),
        fix=Text(
            en="Use a handle that an answer gave (ev:r1, ev:r1/trials, ev:t0001, ev:RULE).",
            zh="用回答里给出的句柄（ev:r1、ev:r1/trials、ev:t0001、ev:规则）。",
        ),
    )
