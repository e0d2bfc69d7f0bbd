"""`rerun`: repeat a trial from what is recorded of it, and say whether it comes out as it did.

The same configuration, seed and recorded command run once more, as a trial of its own (purpose "probe": it counts
neither as a search point nor as a fresh seed). What differs in the code since is said, not corrected: a commit is
checked out by a person.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from playnote.errors import InputError, NotFoundError
from playnote.execution.provenance import HIDDEN, provenance
from playnote.ledger import Ledger
from playnote.ledger.forms import dump_planned
from playnote.procedures.attempts import milestone_of
from playnote.procedures.round import Progress, run_trials
from playnote.records.project import Project, Workflow
from playnote.records.state import ProjectState
from playnote.records.trial import TrialRecord
from playnote.service.rounds import planned_repeats
from playnote.service.session import PERSON, Session
from playnote.service.views import Json
from playnote.text import Text, same

_EQUAL = 1e-9  # relative: sums in another order, no difference in training


@dataclass(frozen=True, slots=True, kw_only=True)
class Rerun:
    """How the repetition compares.

    agrees  the scores differ by less than `min_effect`, or both diverged; None where that cannot be said
    equal   the same number up to rounding
    notes   what differs in code, command or length since, and what is not known of it
    """

    trial: str
    again: str
    recorded: float | None
    score: float | None
    agrees: bool | None
    equal: bool
    outcomes: tuple[str | None, str | None]
    notes: tuple[Text, ...]

    def as_json(self) -> Json:
        """Plain data, as `measurement` keeps it."""
        return {
            "agrees": self.agrees,
            "equal": self.equal,
            "trial": self.trial,
            "again": self.again,
            "recorded": self.recorded,
            "score": self.score,
            "outcomes": list(self.outcomes),
            "n": 1,
            "notes": [note.as_json() for note in self.notes],
        }


def rerun(
    session: Session,
    trial: str | None = None,
    *,
    train: Callable[..., object] | None = None,
    on: str = "local",
    actor: str = PERSON,
) -> Iterator[Progress | Rerun]:
    """Repeat one trial (default: the present baseline's latest). The last value is the `Rerun`, on record by then.

    Raises NotFoundError where there is no such trial, InputError for one that has not ended or reads the test split.
    """
    with session.writing(actor) as ledger:
        state = ledger.state(session.project)
        old = _chosen(state, trial)
        begun = _run_of(state, old.id)
        project, notes = _as_recorded(session.project, begun)
        folder = Path(session.project.folder or ".") / (project.workflow.folder if project.workflow else ".")
        notes += _code_since(begun, provenance(folder, ledger.paths.home))
        study = f"rerun/{old.id}"
        (fresh,) = planned_repeats(state, old.configuration, "probe", study, range(1), round_number=0)
        planned = replace(fresh, seed=int(old.seed or 0))  # `_chosen` has seen to it that there is one
        ledger.append("trial-planned", {"trials": [dump_planned(planned)]})
        yield from run_trials(project, ledger, [planned], train=train, on=on)
        found = _compared(session.project, ledger, old, planned.id, tuple(notes))
        said = {True: "yes", False: "no", None: "unknown"}[found.agrees]
        ledger.append("measurement", {"name": "rerun", "result": found.as_json(), "verdict": said})
        yield found


def _chosen(state: ProjectState, name: str | None) -> TrialRecord:
    base = dict(state.project.baseline)
    ended = [each for each in state.trials if each.outcome is not None and not each.outcome.startswith("failed")]
    runs = [each for each in ended if each.purpose == "baseline" and (not base or dict(each.configuration) == base)]
    if name is None and runs:
        return runs[-1]
    found = next((each for each in state.trials if each.id == name), None)
    if found is None:
        raise NotFoundError(
            Text(en="There is no trial {id}.", zh="没有试验 {id}。").fill(id=same(str(name)))
            if name is not None
            else Text(en="No run of the baseline has ended.", zh="baseline 还没有跑完的试验。"),
            fix=Text(en="`playnote rank` lists the trials.", zh="用 `playnote rank` 查看试验。")
            if name is not None
            else Text(en="Run `playnote baseline` first.", zh="请先运行 `playnote baseline`。"),
        )
    if found.seed is None or found not in ended or milestone_of(found.study) is not None:
        raise InputError(
            Text(en="Trial {id} cannot be repeated: {why}.", zh="试验 {id} 无法重跑：{why}。").fill(
                id=same(found.id), why=_why_not(found)
            ),
            fix=Text(en="Name a trial that ended with a result.", zh="请指定一个已有结果的试验。"),
        )
    return found


def _why_not(trial: TrialRecord) -> Text:
    if milestone_of(trial.study) is not None:
        return Text(en="it read the test split, which is read once", zh="它读过测试集，测试集只读一次")
    if trial.seed is None:
        return Text(en="its seed is not on record", zh="没有记录它的种子")
    return Text(en="it has no result to compare with", zh="它没有可比的结果")


def _run_of(state: ProjectState, trial: str) -> Mapping[str, Any]:
    """What was noted when the run began in which the trial's last attempt was made; {} where nothing was."""
    latest: Mapping[str, Any] = {}
    found: Mapping[str, Any] = {}
    for event in state.events("run-started", "attempt-started"):
        if event.kind == "run-started":
            latest = event.data
        elif event.data["trial"] == trial:
            found = latest
    return found


def _as_recorded(project: Project, begun: Mapping[str, Any]) -> tuple[Project, list[Text]]:
    """The project with the workflow as it was then, and what is said about the differences."""
    then: Mapping[str, Any] | None = begun.get("workflow")
    now = project.workflow or Workflow()
    if then is None:
        return project, [_UNKNOWN_COMMAND]
    known = {key: value for key, value in then.items() if value != getattr(now, key)}
    notes: list[Text] = []
    if HIDDEN in str(known.get("command")):
        del known["command"]
        notes.append(_HIDDEN_COMMAND)
    if known:
        words = ", ".join(f"{key} = {value}" for key, value in known.items())
        notes.append(_RECORDED_COMMAND.fill(what=same(words)))
    return replace(project, workflow=replace(now, **known)), notes


def _code_since(then: Mapping[str, Any], now: Mapping[str, Any]) -> list[Text]:
    before, today = then.get("commit"), now.get("commit")
    if before is None or today is None:
        return [_UNKNOWN_CODE]
    if before != today:
        return [_OTHER_COMMIT.fill(then=same(str(before)[:12]), now=same(str(today)[:12]))]
    if then.get("diff") != now.get("diff") or then.get("dirty") != now.get("dirty"):
        return [_OTHER_CHANGES.fill(commit=same(str(before)[:12]))]
    return []


def _compared(project: Project, ledger: Ledger, old: TrialRecord, again: str, notes: tuple[Text, ...]) -> Rerun:
    readings = ledger.readings(project.objective, project.splits)
    scores = [reading.score if (reading := readings.get(name)) is not None else None for name in (old.id, again)]
    new = ledger.trial(again)
    outcomes = (old.outcome, new.outcome if new is not None else None)
    equal = None not in scores and math.isclose(scores[0] or 0.0, scores[1] or 0.0, rel_tol=_EQUAL, abs_tol=1e-12)
    return Rerun(
        trial=old.id,
        again=again,
        recorded=scores[0],
        score=scores[1],
        agrees=_agree(outcomes, scores, project.objective.min_effect, equal),
        equal=equal,
        outcomes=outcomes,
        notes=notes,
    )


def _agree(
    outcomes: tuple[str | None, str | None], scores: list[float | None], min_effect: float | None, equal: bool
) -> bool | None:
    """Whether the two come out the same; unknown where the repetition failed for a reason that says nothing."""
    first, second = outcomes
    if second is None or second.startswith("failed"):
        return None
    if first != second:
        return False
    if scores[0] is None or scores[1] is None:
        return True if first != "ok" else None
    if equal:
        return True
    return None if min_effect is None else abs(scores[0] - scores[1]) < min_effect


_UNKNOWN_COMMAND = Text(
    en="How the trial was started is not on record: today's [workflow] is used.",
    zh="没有记录当时的启动方式：用现在的 [workflow]。",
)
_HIDDEN_COMMAND = Text(
    en="The recorded command holds a secret that was not kept: today's command is used.",
    zh="当时的命令里有未保存的机密：用现在的命令。",
)
_RECORDED_COMMAND = Text(
    en="[workflow] has changed since; as recorded: {what}.", zh="[workflow] 后来改过；按记录使用：{what}。"
)
_UNKNOWN_CODE = Text(
    en="Which code trained it is not on record (no git commit): a difference may come from the code.",
    zh="没有记录当时的代码（没有 git 提交）：差异可能来自代码。",
)
_OTHER_COMMIT = Text(
    en="The code is another: commit {then} then, {now} now. To repeat it exactly: git checkout {then}",
    zh="代码不同：当时提交 {then}，现在 {now}。要完全重现：git checkout {then}",
)
_OTHER_CHANGES = Text(
    en="Commit {commit} is the same, but the changes on top of it that are not committed differ.",
    zh="提交同为 {commit}，但未提交的改动不同。",
)
