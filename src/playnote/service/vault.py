"""The test vault: the test split is read at a declared milestone, once, by one configuration, and counted.

    declare the milestone -> one trial trains that configuration again and may log test metrics -> a `test-read` event

A milestone that was read is used up: looking again takes a new one, with a reason. Readings that a process made and nobody
counted (its runner died) are counted at the next look.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from playnote.diagnosis.test_overuse import TestOveruseFinding
from playnote.errors import Bar, BarredError, InputError, NotFoundError, WorkflowError
from playnote.guide.gate import gate
from playnote.ledger import Ledger
from playnote.ledger.forms import dump_planned
from playnote.playbook.facts import best_trials
from playnote.procedures.attempts import MILESTONE, SEALED, milestone_of
from playnote.procedures.round import Progress, run_trials
from playnote.recorder.formula import parse
from playnote.records.project import Project
from playnote.records.round import PlannedTrial
from playnote.records.state import ProjectState
from playnote.records.trial import TrialRecord
from playnote.service.rounds import planned_repeats
from playnote.service.session import PERSON, Session
from playnote.service.split_use import use_of_test
from playnote.service.views import Json, finding_view, finite
from playnote.text import Text, same


@dataclass(frozen=True, slots=True)
class Milestone:
    """A milestone that was read.

    trial    the trial that read it, None where the value was typed in
    source   the trial whose configuration was read
    values   test metrics by name
    overuse  what all readings so far may have cost
    """

    name: str
    because: str
    trial: str | None
    source: str | None
    values: Mapping[str, float]
    looks: int
    overuse: TestOveruseFinding

    def as_json(self) -> Json:
        """As every interface shows it."""
        return {
            "name": self.name,
            "because": self.because,
            "trial": self.trial,
            "source": self.source,
            "values": finite(dict(self.values)),
            "looks": self.looks,
            "overuse": finding_view(self.overuse),
        }


def milestone(
    session: Session,
    name: str,
    because: str,
    trial: str | None = None,
    *,
    train: Callable[..., object] | None = None,
    workers: int = 1,
    actor: str = PERSON,
) -> Iterator[Progress | Milestone]:
    """Declare a milestone and read the test split with one configuration; the last value yielded is the Milestone.

    trial  whose configuration and seed are trained again; by default the one adopted last, else the best of the last round

    Raises InputError where the milestone was read already, BarredError for an agent or where a rule bars it,
    WorkflowError where the training code read nothing. One that was declared and not read goes on where it stopped.
    """
    with session.writing(actor) as ledger:
        state = _admit(ledger, session, name, because, actor)
        chosen = final_trial(state, trial)
        _declare(ledger, state, name, because, chosen.id)
        planned = _planned(state, ledger, chosen, name)
        yield from run_trials(session.project, ledger, (planned,), train=train, workers=workers)
        _count(ledger, session.project)
        state = ledger.state(session.project)
        held = [each for each in state.events("test-read") if each.data["milestone"] == name]
        if not held:
            raise WorkflowError(_NOTHING.fill(trial=planned.id), fix=_HOW.fill(metric=_test_metric(session.project)))
        yield _read(session, state, name, because, held[-1].data)


def milestone_typed(
    session: Session,
    name: str,
    because: str,
    value: float,
    *,
    metric: str | None = None,
    n: int | None = None,
    trial: str | None = None,
    actor: str = PERSON,
) -> Milestone:
    """Declare a milestone whose reading was taken elsewhere, where the test labels live.

    Raises InputError where the value is no finite number: a reading that says nothing must not spend the name.
    """
    if not math.isfinite(value) or (n is not None and n < 1):
        raise InputError(
            Text(
                en="A reading of {value} on {n} examples says nothing.", zh="读数 {value}、样本数 {n}，说明不了什么。"
            ).fill(value=value, n="?" if n is None else n),
            fix=Text(en="Give --value as a finite number, --n from 1 up.", zh="--value 写有限的数，--n 至少是 1。"),
        )
    with session.writing(actor) as ledger:
        state = _admit(ledger, session, name, because, actor)
        chosen = final_trial(state, trial).id if trial is not None else None
        _declare(ledger, state, name, because, chosen)
        data: Json = {
            "milestone": name,
            "metric": metric or _test_metric(session.project),
            "value": value,
            "values": {metric or _test_metric(session.project): value},
            "looks": 1,
            "by": "typed",
        }
        data |= {key: each for key, each in (("n", n or _n(session.project)), ("source", chosen)) if each is not None}
        ledger.append("test-read", data)
        return _read(session, ledger.state(session.project), name, because, data)


def milestones(session: Session) -> Json:
    """Every milestone with its readings, and what they may have cost."""
    state = session.state()
    reads = state.events("test-read")
    return {
        "milestones": [
            {
                "name": str(each.data["name"]),
                "because": str(each.data.get("because", "")),
                "time": each.time,
                "actor": each.actor,
                "reads": [finite(dict(read.data)) for read in reads if read.data["milestone"] == each.data["name"]],
            }
            for each in state.events("milestone")
        ],
        "undeclared": [finite(dict(read.data)) for read in reads if not read.data["milestone"]],
        "refused": sum(int(str(each.facts.get("test_refused", 0))) for each in state.trials),
        "uncounted": [each.id for each in _uncounted(state)],
        "overuse": finding_view(use_of_test(state, session.home)),
    }


def _admit(ledger: Ledger, session: Session, name: str, because: str, actor: str) -> ProjectState:
    """The state, where this milestone may be read: asked by a person, with a reason, and not read yet."""
    if actor == "agent":
        raise _no_agents()
    if not name.strip() or "/" in name or not because.strip():
        raise InputError(_WORDS, fix=_EXAMPLE)
    _count(ledger, session.project)
    state = ledger.state(session.project)
    if any(each.data["milestone"] == name for each in state.events("test-read")):
        raise InputError(_READ.fill(name=same(repr(name))), fix=_NEW)
    return state


def _declare(ledger: Ledger, state: ProjectState, name: str, because: str, trial: str | None) -> None:
    """The milestone on record, once."""
    passage = gate("milestone", state)
    if not any(each.data["name"] == name for each in state.events("milestone")):
        ledger.append("gate", passage.as_json())
        known = {} if trial is None else {"trial": trial}
        ledger.append("milestone", {"name": name, "because": because, "reads": [SEALED], **known})


def final_trial(state: ProjectState, trial: str | None) -> TrialRecord:
    """The named trial; else the one adopted last; else the best of the last round."""
    adopted = [each.data.get("trial") for each in state.events("adoption") if each.data.get("verdict") == "adopted"]
    wanted = trial or (str(adopted[-1]) if adopted else None)
    if wanted is None and state.rounds:
        best = best_trials(state, [each.id for each in state.rounds[-1].planned], 1)
        wanted = best[0] if best else None
    wanted = f"t{int(wanted):04d}" if wanted is not None and wanted.isdigit() else wanted
    found = next((each for each in state.trials if each.id == wanted), None)
    if wanted is None:
        raise NotFoundError(_NO_BEST, fix=_NAME_IT)
    if found is None:
        raise NotFoundError(
            Text(en="There is no trial {id}.", zh="没有试验 {id}。").fill(id=same(repr(wanted))),
            fix=_NAME_IT,
        )
    if found.outcome != "ok":
        raise InputError(
            Text(en="Trial {id} has not ended well ({how}).", zh="试验 {id} 没有正常跑完（{how}）。").fill(
                id=found.id, how=same(found.outcome or "-")
            ),
            fix=_NAME_IT,
        )
    return found


def _planned(state: ProjectState, ledger: Ledger, chosen: TrialRecord, name: str) -> PlannedTrial:
    """The trial that reads: the one that was planned and has not ended, or a new one with the same seed."""
    study = f"{MILESTONE}{name}"
    waiting = [
        each.id for each in state.trials if each.study == study and (each.outcome or "failed").startswith("failed")
    ]
    planned = ledger.planned(waiting[-1]) if waiting else None
    if planned is not None and dict(planned.configuration) == dict(chosen.configuration):
        return planned
    fresh = planned_repeats(state, chosen.configuration, "probe", study, range(1), round_number=0)[0]
    form = {**dump_planned(fresh), "seed": fresh.seed if chosen.seed is None else chosen.seed}
    ledger.append("trial-planned", {"trials": [form]})
    again = ledger.planned(fresh.id)
    return fresh if again is None else again


def _count(ledger: Ledger, project: Project) -> None:
    """An event for every trial that read the test split and has none yet."""
    state = ledger.state(project)
    for each in _uncounted(state):
        values = {name: value for name, value in each.summary.items() if name.startswith(f"{SEALED}/")}
        metric = _test_metric(project)
        metric = metric if metric in values or not values else next(iter(values))
        curve = state.curves.curve(each.id, metric)
        data: Json = {
            "milestone": milestone_of(each.study) or "",
            "metric": metric,
            "trial": each.id,
            "values": finite(values),
            "looks": 1 if curve is None else max(1, len(curve)),
            "by": "run",
        }
        known = {"value": finite(values.get(metric)), "n": _n(project), "source": _source(state, each)}
        ledger.append("test-read", {**data, **{key: value for key, value in known.items() if value is not None}})


def _uncounted(state: ProjectState) -> list[TrialRecord]:
    counted = {each.data.get("trial") for each in state.events("test-read")}
    return [each for each in state.trials if each.facts.get("test_reads") and each.id not in counted]


def _source(state: ProjectState, reader: TrialRecord) -> str | None:
    """The trial of the same configuration and seed that came first."""
    return next(
        (
            each.id
            for each in state.trials
            if each.id != reader.id
            and each.seed == reader.seed
            and dict(each.configuration) == dict(reader.configuration)
        ),
        None,
    )


def _test_metric(project: Project) -> str:
    """The objective's own metric, on test."""
    terms = parse(project.objective.formula).terms
    return f"{SEALED}/{terms[0].partition('/')[2] or terms[0]}"


def _n(project: Project) -> int | None:
    return project.splits[SEALED].n if SEALED in project.splits else None


def _read(session: Session, state: ProjectState, name: str, because: str, data: Mapping[str, Any]) -> Milestone:
    return Milestone(
        name,
        because,
        data.get("trial"),
        data.get("source"),
        data.get("values", {}),
        int(data.get("looks", 1)),
        use_of_test(state, session.home),
    )


def _no_agents() -> BarredError:
    return BarredError(
        Text(en="The test split cannot be read by an agent.", zh="智能体不能读测试集。"),
        fix=Text(en="Ask a person to run `playnote milestone`.", zh="请人来运行 `playnote milestone`。"),
        bar=Bar(rule="C2-test-role", level="MUST", sections=("body:2.2", "app:C.2"), do_instead="playnote check"),
    )


_NO_BEST = Text(
    en="Nothing was adopted and no round has a best trial: whose configuration is to be read?",
    zh="还没有上线的配置，也没有哪一轮选出了最优试验：要读谁的配置？",
)
_NAME_IT = Text(en="Name one: --trial t0031.", zh="指定一个：--trial t0031。")
_WORDS = Text(en="A milestone needs a name without / and a reason.", zh="里程碑要有名字（不含 /）和理由。")
_EXAMPLE = Text(
    en='For instance: playnote milestone paper --because "numbers for table 2".',
    zh='例如：playnote milestone paper --because "论文表 2 的数字"。',
)
_READ = Text(en="The test split was read for the milestone {name} already.", zh="里程碑 {name} 已经读过测试集了。")
_NEW = Text(
    en="Declare a new milestone with a reason of its own, or see what was read: `playnote milestone`.",
    zh="另外声明一个里程碑并写明理由；要看读过的结果用 `playnote milestone`。",
)
_NOTHING = Text(
    en="Trial {trial} logged no test metric, so nothing was read.", zh="试验 {trial} 没有记录测试指标，等于没读。"
)
_HOW = Text(
    en='At the end of training: `if trial.milestone: trial.log(step, {{"{metric}": ...}})`; a command finds the milestone '
    "in PLAYNOTE_MILESTONE. Then run the same command again.",
    zh='在训练结尾写 `if trial.milestone: trial.log(step, {{"{metric}": ...}})`；命令行程序看环境变量 '
    "PLAYNOTE_MILESTONE。然后再运行同一条命令。",
)
