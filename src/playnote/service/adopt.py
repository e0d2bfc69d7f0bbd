"""Adoption: fresh seeds of a candidate and of the baseline, until it is decided or the limit is reached."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from playnote.diagnosis.adoption_decision import AdoptionDecision, alpha_of_decision, decide
from playnote.diagnosis.complexity import ComplexityFinding, answer_complexity, measure_complexity
from playnote.errors import InputError, NotFoundError
from playnote.guide.gate import gate
from playnote.ledger import Ledger
from playnote.ledger.forms import dump_planned
from playnote.playbook.facts import best_trials
from playnote.procedures.round import Progress, run_trials
from playnote.projectfile.edit import edit
from playnote.projectfile.read import FILE
from playnote.records.state import ProjectState
from playnote.records.trial import DIVERGED, TrialRecord
from playnote.service.compare import Comparison, compare
from playnote.service.rounds import chosen_round, planned_repeats
from playnote.service.session import PERSON, Session
from playnote.space.hyperparameter import Categorical, Value
from playnote.stats.online_fdr import expected_false_share
from playnote.stats.pocock import FIRST_LOOK
from playnote.text import Text

AGENT = "agent"
Key = tuple[tuple[str, Value], ...]


@dataclass(frozen=True, slots=True)
class Adoption:
    """What was decided: adopted, candidate or rejected, why, on which runs, and what the change adds.

    false_share  of the changes adopted so far, this one included: the expected share that is no better
    """

    trial: str
    verdict: str
    comparison: Comparison
    candidate: tuple[str, ...]
    baseline: tuple[str, ...]
    decision: AdoptionDecision
    complexity: ComplexityFinding
    false_share: float | None = None


def adopt(
    session: Session,
    trial: str | None = None,
    *,
    seeds: int = 4,
    train: Callable[..., object] | None = None,
    workers: int = 1,
    actor: str = PERSON,
) -> Iterator[Progress | Adoption]:
    """Run fresh seeds of both sides, one after another, until it is decided or there are `seeds` of each.

    One may look after every seed, up to the larger of `seeds` and the setting `adoption.most_runs`: each look asks for the
    p that this plan leaves it. The search's own run never counts. The last value yielded is the Adoption, on record by then.
    """
    with session.writing(actor) as ledger:
        state = ledger.state(session.project)
        chosen = _chosen(state, trial)
        candidate, baseline = dict(chosen.configuration), dict(session.project.baseline)
        if _key(candidate) == _key(baseline):
            raise InputError(
                Text(en="Trial {id} is the baseline itself.", zh="试验 {id} 就是 baseline。").fill(id=chosen.id),
                fix=Text(en="Name another trial.", zh="换一个试验。"),
            )
        ledger.append("gate", gate("adopt", state).as_json())
        most = max(seeds, int(session.project.settings["adoption.most_runs"]))
        found: Adoption | None = None
        for count in _looks(seeds, workers):
            for configuration, purpose, study in (
                (baseline, "baseline", "baseline"),
                (candidate, "confirm", chosen.id),
            ):
                yield from _bring_to(ledger, session, configuration, purpose, study, count, train, workers)
            state = ledger.state(session.project)
            found = _decided(state, chosen, candidate, baseline, most, automatic=actor == AGENT)
            if found.verdict != "candidate":
                break
        if found is not None:
            _record(ledger, found, candidate)
            if found.verdict == "adopted":
                _write(session, candidate)
            yield found


def _write(session: Session, candidate: Mapping[str, Value]) -> None:
    """Enter the new baseline in the project file, where there is one: the next round starts from it."""
    file = Path(session.project.folder) / FILE
    if session.project.folder and file.is_file():
        edit(file, {("baseline", name): value for name, value in candidate.items()})


def _looks(seeds: int, workers: int) -> list[int]:
    """Numbers of seeds per side at which the result is looked at: from three on, as many at a time as fill the workers."""
    step = max(1, workers // 2)
    return [*range(min(FIRST_LOOK, seeds), seeds, step), seeds]


def _record(ledger: Ledger, found: Adoption, candidate: Mapping[str, Value]) -> None:
    because = f"{found.decision.because.en} {found.comparison.message.en}"
    ledger.append(
        "adoption",
        {
            "configuration": dict(candidate),
            "verdict": found.verdict,
            "trial": found.trial,
            "trials": [*found.candidate, *found.baseline],
            "because": because,
            "probability": found.comparison.probability,
        },
    )
    if found.verdict == "adopted":
        ledger.append("baseline", {"configuration": dict(candidate), "because": because})


def _chosen(state: ProjectState, trial: str | None) -> TrialRecord:
    """The named trial, or the best one of the latest round."""
    if trial is None:
        current = chosen_round(state, None, open_only=False)
        best = best_trials(state, [each.id for each in current.planned], 1)
        trial = best[0] if best else None
    name = trial if trial is None or trial.startswith("t") else f"t{int(trial):04d}" if trial.isdigit() else trial
    found = next((each for each in state.trials if each.id == name), None)
    if found is None:
        raise NotFoundError(
            Text(en="There is no trial {id!r} to adopt.", zh="没有试验 {id!r} 可以上线。").fill(id=trial),
            fix=Text(en="See `playnote round show` for the trials.", zh="用 `playnote round show` 查看试验。"),
        )
    return found


def _bring_to(
    ledger: Ledger,
    session: Session,
    configuration: Mapping[str, Value],
    purpose: str,
    study: str,
    seeds: int,
    train: Callable[..., object] | None,
    workers: int,
) -> Iterator[Progress]:
    state = ledger.state(session.project)
    have = _runs(state, configuration, purpose)
    new = planned_repeats(state, configuration, purpose, study, range(len(have), max(seeds, len(have))), round_number=0)
    if new:
        ledger.append("trial-planned", {"trials": [dump_planned(each) for each in new]})
        yield from run_trials(session.project, ledger, new, train=train, workers=workers)


def _runs(state: ProjectState, configuration: Mapping[str, Value], purpose: str) -> list[TrialRecord]:
    """Ended runs of a configuration for a purpose; failures of code or machines are not counted."""
    wanted = _key(configuration)
    return [
        each
        for each in state.of_purpose(purpose)
        if _key(each.configuration) == wanted and (each.outcome == "ok" or each.outcome in DIVERGED)
    ]


def _decided(
    state: ProjectState,
    chosen: TrialRecord,
    candidate: Mapping[str, Value],
    baseline: Mapping[str, Value],
    most: int,
    *,
    automatic: bool = False,
) -> Adoption:
    new, old = _runs(state, candidate, "confirm"), _runs(state, baseline, "baseline")
    objective, settings = state.project.objective, state.project.settings
    earlier = [event.data.get("verdict") for event in state.events("adoption")]
    comparison = compare(
        _scores(state, old),
        _scores(state, new),
        direction=objective.direction,
        min_effect=objective.min_effect,
        history=_history(state, {_key(candidate), _key(baseline)}),
        alpha=alpha_of_decision(len(earlier), earlier.count("adopted"), automatic=automatic, settings=settings),
        up_to=max(most, min(len(old), len(new))),
        settings=settings,
    )
    adds = answer_complexity(
        measure_complexity(baseline, candidate, off=_off(state), seconds=(_seconds(old), _seconds(new))), settings
    )
    decision = decide(
        comparison.facts,
        comparison.finding,
        complexity=adds,
        broken=_broken(state, new),
        seconds_per_run=_mean(_seconds([*old, *new])),
    )
    ids = (tuple(each.id for each in new), tuple(each.id for each in old))
    share = _false_share(state, comparison.probability if decision.outcome == "adopted" else None)
    return Adoption(chosen.id, decision.outcome, comparison, *ids, decision, adds, share)


def _false_share(state: ProjectState, latest: float | None) -> float | None:
    adopted = [event.data for event in state.events("adoption") if event.data.get("verdict") == "adopted"]
    known = [*(data.get("probability") for data in adopted), latest]
    return expected_false_share([p for p in known if isinstance(p, float)])


def _off(state: ProjectState) -> dict[str, object]:
    """The value at which a hyperparameter is not in use, where it has one."""
    ordered = [each for each in state.project.space if not isinstance(each, Categorical)]
    return {each.name: each.off for each in ordered if each.off is not None}


def _seconds(trials: list[TrialRecord]) -> list[float]:
    return [each.seconds for each in trials if each.seconds is not None and each.outcome == "ok"]


def _mean(values: list[float]) -> float | None:
    return sum(values) / len(values) if values else None


def _broken(state: ProjectState, trials: list[TrialRecord]) -> tuple[str, ...]:
    """Constraints where fresh runs of the candidate are not feasible."""
    fails = [each for each in trials if each.id in state.readings and state.readings[each.id].feasible is False]
    return tuple(each.metric for each in state.project.objective.constraints) if fails else ()


def _scores(state: ProjectState, trials: list[TrialRecord]) -> list[float]:
    """Scores in the metric's own direction; a diverged run is NaN, and counts."""
    scores = [state.readings[each.id].score if each.id in state.readings else None for each in trials]
    return [float("nan") if score is None else score for score in scores]


def _history(state: ProjectState, besides: set[Key]) -> list[list[float]]:
    """Scores of other configurations that were repeated, for their spread."""
    groups: dict[Key, list[float]] = {}
    for each in state.of_purpose("baseline", "repeat", "confirm"):
        score = state.readings[each.id].score if each.id in state.readings else None
        if score is not None and _key(each.configuration) not in besides:
            groups.setdefault(_key(each.configuration), []).append(score)
    return [scores for scores in groups.values() if len(scores) > 1]


def _key(configuration: Mapping[str, Value]) -> Key:
    return tuple(sorted(configuration.items(), key=lambda item: item[0]))
