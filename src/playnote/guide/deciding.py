"""What to do with a round whose trials have ended: repair the range, prove the winner with fresh seeds, or decide."""

from __future__ import annotations

from playnote.diagnosis.isolation import IsolationFacts, IsolationFinding
from playnote.guide.step import Step, minutes_of
from playnote.playbook.catalog import BY_ID
from playnote.playbook.engine import Facts, judge_rules
from playnote.playbook.facts import ADAPTIVE, Target, best_trials
from playnote.playbook.verdict import Verdict
from playnote.records.round import Round
from playnote.records.state import JournalEvent, ProjectState
from playnote.text import Text, same

_WIDENED = 3  # versions of a space after which a range that is still crowded is a question of its own
_STAGE = "decide"


def decide_step(state: ProjectState, current: Round, facts: Facts) -> Step:
    """The step after the last trial; a configuration that was judged is not run again without need."""
    judged = _judged(state, current)
    if judged is not None:
        return _after(state, current, judged, facts)
    crowded = None if current.space_version >= _WIDENED else _crowded(state, current, facts)
    if crowded is not None:
        action = crowded.actions[0]
        return Step(action.text, crowded.message, action.command, (crowded.rule,), action.runs, stage=_STAGE)
    if _is_short(state, current):
        words = "short round: the best candidates go on to the final length"
        return _close(current, _SHORT, _KEEP, ("G1-round2-confirm", "E0-four-steps"), words)
    return (
        _winner(state, current, facts)
        or _tuned(state, current)
        or _close(current, _NOTHING, _KEEP, ("E0-four-steps", "E4-log-negative"), _words(current))
    )


def _is_short(state: ProjectState, current: Round) -> bool:
    """Whether its trials trained for less than the final length: nothing is adopted from them alone."""
    declared = state.project.workflow.max_train_steps if state.project.workflow is not None else None
    return current.steps is not None and (declared is None or current.steps < declared)


def _words(current: Round) -> str:
    about = ", ".join(current.scientific)
    return f"keep the baseline: no value of {about} was shown to be better" if about else "explored; baseline kept"


def _crowded(state: ProjectState, current: Round, facts: Facts) -> Verdict | None:
    """A range whose end the best trials crowd, where widening it is the playbook's answer."""
    verdicts = judge_rules((BY_ID["E3-boundary"],), state, facts, rounds=(current.number,))
    return next(
        (v for v in verdicts if v.status == "fail" and not v.waived and v.actions and v.actions[0].command), None
    )


def _winner(state: ProjectState, current: Round, facts: Facts) -> Step | None:
    """Fresh seeds of the best trial, where a value may be better than the baseline's."""
    target = Target(round=current.number)
    if not current.scientific or current.sampler in ADAPTIVE:
        return _best_of_search(state, current)
    finding = facts.give(IsolationFinding, target)
    if finding.label == "no" or finding.value is None or finding.value == finding.baseline:
        return None
    levels = facts.give(IsolationFacts, target).levels
    best = next((level.best_id for level in levels if level.value == finding.value and level.best_id), None)
    if best is None:
        return None
    return _prove(state, best, _SETTLE.fill(value=same(str(finding.value))), ("E4-repeat-seeds", "E3-isolation"))


def _tuned(state: ProjectState, current: Round) -> Step | None:
    """Fresh seeds of the best trial, where it looks better than the baseline by what matters: tuning alone may have helped."""
    objective, base = state.project.objective, dict(state.project.baseline)
    runs = [t.id for t in state.of_purpose("baseline", "confirm") if dict(t.configuration) == base]
    scores = [score for name in runs if (score := _score(state, name)) is not None]
    best = best_trials(state, [each.id for each in current.planned], 1)
    reached = _score(state, best[0]) if best else None
    if not scores or reached is None or objective.min_effect is None:
        return None
    if objective.sign * (sum(scores) / len(scores) - reached) < objective.min_effect:
        return None
    return _prove(state, best[0], _SETTLE_TUNED.fill(trial=same(best[0])), ("E4-repeat-seeds",))


def _score(state: ProjectState, trial: str) -> float | None:
    reading = state.readings.get(trial)
    return reading.score if reading is not None else None


def _best_of_search(state: ProjectState, current: Round) -> Step | None:
    best = best_trials(state, [each.id for each in current.planned], 1)
    planned = {each.id: each for each in current.planned}
    if not best or dict(planned[best[0]].configuration) == dict(state.project.baseline):
        return None
    return _prove(state, best[0], _SETTLE_BEST.fill(trial=same(best[0])), ("E4-repeat-seeds",))


def _prove(state: ProjectState, trial: str, what: Text, because: tuple[str, ...], up_to: int | None = None) -> Step:
    runs = 8 if up_to is None else up_to
    more = "" if up_to is None else f" --up-to {up_to}"
    command = f"playnote adopt {trial}{more}"
    return Step(what, _LUCK, command, because, runs, minutes_of(state, runs), stage=_STAGE)


def _judged(state: ProjectState, current: Round) -> JournalEvent | None:
    """The last word on a trial of this round."""
    ours = {each.id for each in current.planned}
    return next((e for e in reversed(state.events("adoption")) if e.data.get("trial") in ours), None)


def _after(state: ProjectState, current: Round, judged: JournalEvent, facts: Facts) -> Step:
    """More seeds once where it is open, then the decision in words."""
    trial, verdict = str(judged.data.get("trial")), str(judged.data["verdict"])
    what = ", ".join(f"{name} = {_short(value)}" for name, value in _changed(current, trial).items()) or trial
    most = int(state.project.settings["adoption.most_runs"])
    runs = [name for name in _listed(judged.data.get("trials")) if name in _of_trial(state, trial)]
    if verdict == "candidate" and len(runs) < most:
        return _prove(state, trial, _MORE.fill(trial=same(trial), n=len(runs)), ("E4-beyond-variance",), most)
    words = {
        "adopted": f"adopted {what} (trial {trial}): it is the baseline now",
        "rejected": f"keep the baseline: {what} (trial {trial}) does not gain what matters",
        "candidate": f"undecided after {len(runs)} seeds: the baseline stays, {what} (trial {trial}) is kept as a candidate",
    }
    why = {"adopted": _ADOPTED, "rejected": _REJECTED, "candidate": _OPEN}
    rule = {"adopted": "E4-adopt", "rejected": "E4-log-negative", "candidate": "E4-keep-candidate"}
    return _close(current, why[verdict], _WRITE, ("E0-four-steps", rule[verdict]), words[verdict])


def _changed(current: Round, trial: str) -> dict[str, object]:
    """All that is adopted or kept at once: the scientific values, then what else differs from where the round began."""
    planned = next((each for each in current.planned if each.id == trial), None)
    if planned is None:
        return {}
    others = [name for name, value in planned.configuration.items() if current.base.get(name) != value]
    names = dict.fromkeys([*current.scientific, *others])
    return {name: planned.configuration[name] for name in names if name in planned.configuration}


def _short(value: object) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def _of_trial(state: ProjectState, trial: str) -> set[str]:
    return {each.id for each in state.of_purpose("confirm") if each.study == trial}


def _listed(value: object) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list | tuple) else []


def _close(current: Round, why: Text, what: Text, because: tuple[str, ...], words: str) -> Step:
    return Step(
        what.fill(n=current.number),
        why,
        f'playnote round close --decision "{words}" --round {current.number}',
        because,
        stage=_STAGE,
    )


_SETTLE = Text(
    en="Settle it with fresh seeds of the best trial with {value} and of the baseline.",
    zh="换新种子复核：取值 {value} 的最优试验和 baseline 各跑几次。",
)
_SETTLE_BEST = Text(
    en="Settle it with fresh seeds of {trial}, the best trial, and of the baseline.",
    zh="换新种子复核：最优试验 {trial} 和 baseline 各跑几次。",
)
_SETTLE_TUNED = Text(
    en="No value won, but tuning may have: fresh seeds of {trial}, the best trial, and of the baseline.",
    zh="没有哪个取值胜出，但调参本身可能有用：最优试验 {trial} 和 baseline 各跑几次新种子。",
)
_LUCK = Text(
    en="One lucky trial cannot be told from a real gain; its own run does not count.",
    zh="一次走运和真提升分不开；搜索里的那次不算数。",
)
_MORE = Text(
    en="Not decided after {n} fresh seeds of {trial}: go on, it stops as soon as it is decided.",
    zh="{trial} 跑了 {n} 个新种子还没定：接着跑，一定下来就停。",
)
_SHORT = Text(
    en="What is best after a tenth of the training need not be best at its end: confirm before anything is adopted.",
    zh="跑十分之一时最好的，跑完不一定最好：先长跑确认，再谈上线。",
)
_KEEP = Text(en="Close round {n} with what was learned.", zh="给第 {n} 轮下结论并记下学到的。")
_WRITE = Text(en="Close round {n} with the decision.", zh="写下决定，结束第 {n} 轮。")
_NOTHING = Text(
    en="No value was shown to be better than the baseline by what matters.", zh="没有取值能证明比 baseline 好得够多。"
)
_ADOPTED = Text(en="The next round starts from what was adopted.", zh="下一轮从上线的配置出发。")
_REJECTED = Text(en="What did not help is worth knowing, too.", zh="没用的尝试也值得记下来。")
_OPEN = Text(
    en="What is not decided stays a candidate; the baseline is not changed for it.",
    zh="没定的留作候选，不为它改 baseline。",
)
