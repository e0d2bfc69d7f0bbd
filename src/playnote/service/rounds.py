"""Rounds: plan one, run it, show it, decide it; and the baseline's runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from playnote.diagnosis.isolation import IsolationFacts
from playnote.errors import InputError, NotFoundError
from playnote.guide.gate import gate
from playnote.guide.next_step import next_step
from playnote.guide.stage import open_round, unfinished
from playnote.ledger.forms import dump_planned, dump_round
from playnote.playbook.catalog import CATALOG
from playnote.playbook.engine import Facts, judge_rules
from playnote.playbook.facts import SeedNoise, Target
from playnote.playbook.facts.lengths import Lengths
from playnote.playbook.verdict import Verdict
from playnote.procedures.round import Progress, run_trials
from playnote.records.round import PlannedTrial, Round
from playnote.records.state import ProjectState
from playnote.search.basis import plan_next
from playnote.search.lengths import at_length, confirming, short_steps
from playnote.search.plan import trial_id
from playnote.search.price import Plan
from playnote.search.widen import proposed_bound, widen
from playnote.service.answer import answer_of
from playnote.service.exploit import run_by_results
from playnote.service.knowledge import known_before, warned
from playnote.service.limits import limit_view, limits_before, limits_of, with_limits
from playnote.service.plain import trial_view
from playnote.service.possible import Possible
from playnote.service.search_view import search_view
from playnote.service.searchers import search_of, trusted
from playnote.service.session import PERSON, Session
from playnote.service.views import Json, counts_view, isolation_view, metric_view, round_view, verdict_view
from playnote.space.hyperparameter import Categorical, Value
from playnote.text import Text

ROUND_PHASES = ("round-goal", "study-design", "run", "analysis", "tracking")


def round_new(
    session: Session,
    question: str,
    scientific: Mapping[str, Sequence[Value]],
    trials_per_value: int | None = None,
    *,
    nuisance: Sequence[str] | None = None,
    seed: int = 0,
    workers: int = 1,
    sampler: str = "quasi-random",
    actor: str = PERSON,
    dry: bool = False,
    short: bool = False,
    also: bool = False,
) -> Plan:
    """Plan the next round and store it with its points. Raises BarredError where a rule bars it.

    Raises InputError while another round that has begun waits for its decision; the same question again gives that round back.

    sampler  "bayes" chooses its points by results while the round runs; so do "optuna:tpe" and "package.module:factory"
    dry  plan and pass the gate, but store nothing
    short  trials of a tenth of the final training: where compute limits it, the first round tries widely
    also  open it beside a round that waits for its decision
    """
    search, searcher = search_of(sampler)
    with session.writing(actor) as ledger:
        state = ledger.state(session.project)
        plan = plan_next(
            state,
            question,
            scientific,
            trials_per_value,
            nuisance=nuisance,
            seed=seed,
            workers=workers,
            sampler=search,
            searcher=searcher,
            resume=True,
        )
        known = {each.number for each in state.rounds}
        if plan.round.number in known:
            return plan
        if not (dry or also):
            refuse_beside(state)
        trusted(state.project, plan.round)
        plan = with_limits(state, warned(state, plan, plan.round.scientific))
        if short:
            steps = short_steps(state.project, Facts(state).give(Lengths, Target()).production)
            plan = replace(plan, round=replace(plan.round, steps=steps))
        passage = gate("round new", with_round(state, plan.round), plan.round.number)
        if not dry:
            ledger.append("gate", passage.as_json())
            ledger.append("round-opened", {"round": dump_round(plan.round)})
        return plan


def round_confirm(
    session: Session, *, seed: int = 0, actor: str = PERSON, dry: bool = False, also: bool = False
) -> Round:
    """Plan the confirming round: the baseline and the best candidates of the short rounds at the final length.

    Raises InputError where no short round has ended or another round is open, BarredError where a rule bars it.
    """
    with session.writing(actor) as ledger:
        state = ledger.state(session.project)
        if not (dry or also):
            refuse_beside(state)
        said = Facts(state).give(Lengths, Target()).production
        planned = confirming(state, said, "Do the candidates of the short rounds stay best at the final length?", seed)
        passage = gate("round new", with_round(state, planned), planned.number)
        if not dry:
            ledger.append("gate", passage.as_json())
            ledger.append("round-opened", {"round": dump_round(planned)})
        return planned


def round_run(
    session: Session,
    *,
    number: int | None = None,
    train: Callable[..., object] | None = None,
    workers: int = 1,
    on: str = "local",
    again: bool = False,
    actor: str = "runner",
) -> Iterator[Progress]:
    """Run what is left of the open round; finished trials are not run again.

    again  run those, too, that failed repeatedly in the training code as it is now
    """
    with session.writing(actor) as ledger:
        state = ledger.state(session.project)
        current = chosen_round(state, number)
        ledger.append("gate", gate("round run", state, current.number).as_json())
        how: dict[str, Any] = {"train": train, "workers": workers, "on": on, "again": again}
        if current.promised:
            yield from run_by_results(session, ledger, current.number, **how)
        else:
            project = at_length(session.project, current.steps)
            yield from run_trials(project, ledger, current.planned, **how)


def refuse_beside(state: ProjectState) -> None:
    """Raise InputError while a round that has begun waits for its decision: two questions at once decide neither.

    A round of which nothing has run may be left for another: only its plan is lost from sight.
    """
    current = open_round(state)
    if current is not None and any(trial.attempts for trial in state.of_round(current.number)):
        raise InputError(
            Text(en="Round {n} is still open: {question}", zh="第 {n} 轮还没结束：{question}").fill(
                n=current.number, question=current.question
            ),
            fix=Text(
                en='Go on with it (`playnote round run`), or decide it: `playnote round close --decision "..."`. '
                "To open a second one beside it: add --also.",
                zh="先跑完（`playnote round run`），或写下决定：`playnote round close --decision “……”`。"
                "确要同时再开一轮，加 --also。",
            ),
        )


def may_run(session: Session, number: int) -> None:
    """Raises BarredError where a rule bars running this round now; nothing is stored."""
    gate("round run", session.state(), number)


def baseline_run(
    session: Session,
    *,
    seeds: int | None = None,
    train: Callable[..., object] | None = None,
    workers: int = 1,
    actor: str = "runner",
) -> Iterator[Progress]:
    """Run the baseline until it has this many seeds; those that ended are kept."""
    wanted = seeds or int(session.project.settings["rule_baseline_seeds"])
    with session.writing(actor) as ledger:
        state = ledger.state(session.project)
        configuration = _baseline_configuration(session)
        have = [
            trial
            for trial in state.of_purpose("baseline")
            if dict(trial.configuration) == configuration and not str(trial.outcome).startswith("failed")
        ]
        planned = [_again(ledger.planned(trial.id)) for trial in have]
        new = planned_repeats(
            state, configuration, "baseline", "baseline", range(len(have), max(wanted, len(have))), round_number=0
        )
        if new:
            ledger.append("trial-planned", {"trials": [dump_planned(each) for each in new]})
        yield from run_trials(
            session.project, ledger, [*(each for each in planned if each), *new], train=train, workers=workers
        )


def baseline_of(session: Session) -> Json:
    """Every run of the present baseline, and the objective it is read by."""
    state = session.state()
    configuration = _baseline_configuration(session)
    ran = [trial for trial in state.of_purpose("baseline") if dict(trial.configuration) == configuration]
    return {
        "metric": metric_view(state.project.objective),
        "trials": [trial_view(trial, state.readings.get(trial.id)) for trial in ran],
    }


def planned_repeats(
    state: ProjectState,
    configuration: Mapping[str, Value],
    purpose: str,
    study: str,
    indices: range,
    *,
    round_number: int,
    seed: int = 0,
) -> list[PlannedTrial]:
    """New trials of one configuration with fresh seeds, numbered after every trial on record."""
    numbers = [int(name[1:]) for name in _known_ids(state) if name[1:].isdigit()]
    first = max(numbers, default=0) + 1
    return [
        PlannedTrial(
            id=trial_id(first + at),
            study=study,
            round=round_number,
            purpose=purpose,
            configuration=dict(configuration),
            seed=seed * 1_000_000 + 500_000 + (first + at),
            index=index,
        )
        for at, index in enumerate(indices)
    ]


def round_widen(session: Session, name: str, side: str, *, to: float | None = None, actor: str = PERSON) -> Round:
    """Extend the range of one hyperparameter of the open round; only the new part is to be run."""
    with session.writing(actor) as ledger:
        state = ledger.state(session.project)
        current = chosen_round(state, None)
        hyperparameter = current.space[name] if name in current.space.names else None
        if hyperparameter is None or isinstance(hyperparameter, Categorical):
            raise NotFoundError(
                Text(en="Round {n} searches no range called {name!r}.", zh="第 {n} 轮没有搜索 {name!r} 的范围。").fill(
                    n=current.number, name=name
                ),
                fix=Text(en="Name one of {names}.", zh="改成其中之一：{names}。").fill(
                    names=", ".join(current.space.names)
                ),
            )
        bound = to if to is not None else proposed_bound(hyperparameter, side)  # type: ignore[arg-type]  # checked by it
        if bound is None:
            raise InputError(
                Text(en="{name} stands at its natural bound.", zh="{name} 已到自然边界。").fill(name=name),
                fix=Text(en="Leave that side as it is.", zh="这一侧不用再扩。"),
            )
        numbers = [int(each[1:]) for each in _known_ids(state) if each[1:].isdigit()]
        wider = widen(
            current,
            session.project,
            name,
            low=bound if side == "low" else None,
            high=bound if side == "high" else None,
            first_trial=max(numbers, default=0) + 1,
        )
        ledger.append("round-opened", {"round": dump_round(wider)})
        return wider


def round_show(session: Session, number: int | None = None) -> Json:
    """A round and everything the playbook says of it, in the pinned shape."""
    state = session.state()
    return show_of(state, chosen_round(state, number, open_only=False))


def show_of(state: ProjectState, current: Round, facts: Facts | None = None) -> Json:
    """The same of a state that is at hand, and of what has been computed of it."""
    facts = facts or Facts(state)
    verdicts = round_verdicts(state, current, facts)
    target = Target(round=current.number)
    isolation: Any = facts.give(IsolationFacts, target) if current.scientific else None
    noise: Any = facts.give(SeedNoise, Target())
    step = next_step(state, Possible(state), facts)
    before = limits_before(state, current, facts)
    return {
        **round_view(state, current),
        "answer": answer_of(state, current, isolation),
        "counts": counts_view(verdicts),
        "verdicts": [verdict_view(each) for each in verdicts],
        "isolation": isolation_view(isolation, state.project.objective.sign) if isolation else None,
        "seed_noise": {"sd": noise.sd, "freedom": noise.freedom, "interval": noise.interval},
        "limits": [limit_view(each, current) for each in (*before, *limits_of(current, facts))],
        "search": search_view(state, current, before),
        "unfinished": unfinished(state, current),
        "known": known_before(state, current.number, facts),
        "next": {"what": step.what.as_json(), "why": step.why.as_json(), "command": step.command},
    }


def with_round(state: ProjectState, planned: Round) -> ProjectState:
    """The state as it would be with a planned round in it, for the gate to look at."""
    return replace(state, rounds=(*state.rounds, planned))


def round_verdicts(state: ProjectState, current: Round, facts: Facts) -> tuple[Verdict, ...]:
    """Verdicts about one round and its hyperparameters."""
    rules = tuple(rule for rule in CATALOG if rule.phase in ROUND_PHASES)
    judged = judge_rules(rules, state, facts, rounds=(current.number,))
    return tuple(v for v in judged if v.target.get("round") == current.number)


def round_close(session: Session, decision: str, number: int | None = None, actor: str = PERSON) -> Round:
    """End a round with its decision; an empty one, or a second one, is refused."""
    if not decision.strip():
        raise InputError(
            Text(en="The decision is empty.", zh="决定是空的。"),
            fix=Text(en='Say what was decided: --decision "...".', zh='写明决定了什么：--decision "……"。'),
        )
    with session.writing(actor) as ledger:
        current = chosen_round(ledger.state(session.project), number)
        if current.closed is not None:
            raise InputError(
                Text(en="Round {n} is closed already: {what}", zh="第 {n} 轮已经结束：{what}").fill(
                    n=current.number, what=current.closed
                ),
                fix=Text(en="Ask the question again in a new round.", zh="要再问，就新开一轮。"),
            )
        ledger.append("round-closed", {"round": current.number, "decision": decision})
        return replace(current, closed=decision)


def chosen_round(state: ProjectState, number: int | None, *, open_only: bool = True) -> Round:
    """The round with a number, the open one, or (for looking) the latest."""
    if number is not None:
        found = next((each for each in state.rounds if each.number == number), None)
    else:
        found = open_round(state) or (state.rounds[-1] if state.rounds and not open_only else None)
    if found is None:
        known = ", ".join(str(each.number) for each in state.rounds)
        raise NotFoundError(
            Text(en="There is no round {n}.", zh="没有第 {n} 轮。").fill(n=number)
            if number is not None
            else Text(en="No round is open.", zh="没有正在进行的一轮。"),
            fix=Text(en="Rounds on record: {known}.", zh="现有：第 {known} 轮。").fill(known=known)
            if known
            else Text(
                en='Plan one: `playnote round new "..." --scientific NAME=V1,V2`.',
                zh='先计划一轮：`playnote round new "..." --scientific NAME=V1,V2`。',
            ),
        )
    return found


def _baseline_configuration(session: Session) -> dict[str, Value]:
    if not session.project.baseline and len(session.project.space):
        raise InputError(
            Text(en="The project declares no baseline.", zh="项目没有声明 baseline。"),
            fix=Text(
                en="Write [baseline] with a value for every hyperparameter.", zh="写上 [baseline]，每个超参给一个值。"
            ),
        )
    return dict(session.project.baseline)


def _again(planned: PlannedTrial | None) -> PlannedTrial | None:
    return planned


def _known_ids(state: ProjectState) -> list[str]:
    return [*(trial.id for trial in state.trials), *(p.id for each in state.rounds for p in each.planned)]
