"""A plan from a question: nothing is stored, nothing is barred; `round new` opens what it proposes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from playnote.search.study import StudyPlan
from playnote.search.study import plan_study as planned
from playnote.service.knowledge import warned
from playnote.service.limits import with_limits
from playnote.service.session import Session
from playnote.service.views import Json, finite
from playnote.space.hyperparameter import Value


def plan_study(
    session: Session,
    question: str,
    about: Sequence[str] = (),
    trials_per_value: int | None = None,
    *,
    seed: int = 0,
    workers: int = 1,
) -> StudyPlan:
    """The study that would answer a question, with what is already known of it; arguments as for the search room's."""
    state = session.state()
    made = planned(state, question, about, trials_per_value, seed=seed, workers=workers)
    plan = with_limits(state, warned(state, made.plan, made.plan.round.scientific))
    return replace(made, plan=plan)


def study_view(made: StudyPlan) -> Json:
    """The plan as data."""
    plan, current = made.plan, made.plan.round
    small = plan.smallest
    return {
        "question": current.question,
        "roles": dict(current.roles),
        "reasons": {name: why.as_json() for name, why in made.reasons.items()},
        "scientific": finite({name: list(values) for name, values in current.scientific.items()}),
        "fixed": finite(dict(current.fixed)),
        "studies": len(current.studies),
        "trials_per_value": plan.per_value,
        "trials": plan.trials,
        "hours": finite(plan.hours),
        "coverage": finite(plan.coverage),
        "smallest_effect": None
        if small is None
        else finite({"effect": small.effect, "interval": list(small.interval), "power": small.power, "n": small.n}),
        "cannot": [each.as_json() for each in made.cannot],
        "lines": [each.as_json() for each in made.lines()],
        "command": command_of(made),
    }


def command_of(made: StudyPlan) -> str:
    """The command that opens this round."""
    current = made.plan.round
    words = [f'playnote round new "{current.question}"']
    words += [f"--scientific {name}={','.join(map(_typed, values))}" for name, values in current.scientific.items()]
    words += [f"--nuisance {name}" for name in current.space.names]
    return " ".join([*words, f"--trials {made.plan.per_value}", *([f"--seed {current.seed}"] if current.seed else [])])


def _typed(value: Value) -> str:
    return str(value)
