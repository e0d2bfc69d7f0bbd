"""What only a person can say: the declarations a step cannot do without, and the playbook's questions by importance."""

from __future__ import annotations

from dataclasses import dataclass

from playnote.guide.importance import weight
from playnote.guide.stage import due
from playnote.guide.step import Step
from playnote.playbook.catalog import BY_ID, CATALOG
from playnote.playbook.engine import Facts, judge_rules
from playnote.records.state import ProjectState
from playnote.space.hyperparameter import Categorical
from playnote.text import Text

# Events that a person's word leaves; what follows one is something to run.
_SAID = ("answer", "waiver", "proposal-settled", "rescored")
_OBJECTIVE = ("formula", "direction", "min_effect")


@dataclass(frozen=True, slots=True)
class Undeclared:
    """What the project file does not say yet.

    workflow    how a trial is run
    baseline    hyperparameters without a value of today
    space       True where nothing is declared that may vary
    min_effect  True where it is not said from what difference on the score matters
    """

    workflow: bool = False
    baseline: tuple[str, ...] = ()
    space: bool = False
    min_effect: bool = False

    @property
    def blocks_baseline(self) -> bool:
        """Whether not even the baseline can be run."""
        return self.workflow or bool(self.baseline) or self.space

    def __bool__(self) -> bool:
        return self.blocks_baseline or self.min_effect


def undeclared(state: ProjectState) -> Undeclared:
    """What is missing before a baseline, and before a round; a project that brings its trials lacks no workflow."""
    project = state.project
    ran = bool(state.of_purpose("baseline")) or bool(state.rounds)
    return Undeclared(
        workflow=project.workflow is None and not ran,
        baseline=() if ran else tuple(each.name for each in project.space if not _valued(state, each.name)),
        space=not len(project.space) and not ran,
        min_effect=project.objective.min_effect is None,
    )


def declare_step(state: ProjectState, missing: Undeclared) -> Step:
    """One edit of the project file for everything that the coming steps need."""
    wanted = []
    if missing.workflow:
        wanted.append(_WORKFLOW)
    if missing.space:
        wanted.append(_SPACE)
    if missing.baseline:
        wanted.append(_BASELINE.fill(names=", ".join(missing.baseline)))
    if missing.min_effect:
        wanted.append(_MIN_EFFECT.fill(score=state.project.objective.formula))
    rules = (
        *(("B-one-click",) if missing.blocks_baseline else ()),
        *(("C1-decide-score",) if missing.min_effect else ()),
    )
    return Step(
        Text(en="Write into playnote.toml: {what}.", zh="在 playnote.toml 里写上：{what}。").fill(what=_joined(wanted)),
        _RUNS if missing.blocks_baseline else _READ,
        "playnote check",
        rules,
        asks=True,
        stage="declare",
    )


def just_declared(state: ProjectState) -> bool:
    """Whether the last thing done was a declaration: an answer, a waiver, or an edit of the objective in the file."""
    if not state.journal:
        return False
    if state.journal[-1].kind in _SAID:
        return True
    known = state.events("objective")
    held = known[-1].data["objective"] if known else None
    now = state.project.objective
    return isinstance(held, dict) and any(held.get(name) != getattr(now, name) for name in _OBJECTIVE)


def ask_step(state: ProjectState, facts: Facts) -> Step | None:
    """The most important question that is due and open; None where none is."""
    asking = tuple(rule for rule in due(CATALOG, state) if rule.asks is not None)
    rounds = [each.number for each in state.rounds[-1:]]
    open_ = [v for v in judge_rules(asking, state, facts, rounds=rounds) if v.status == "unknown" and not v.waived]
    if not open_:
        return None
    answered = {str(event.data["rule"]) for event in state.events("answer")}
    open_ = [v for v in open_ if v.rule not in answered]
    if not open_:
        return None
    first = BY_ID[min(open_, key=lambda verdict: weight(BY_ID[verdict.rule])).rule]
    return Step(
        Text(en="Answer {rule}.", zh="回答 {rule}。").fill(rule=first.id),
        first.asks or first.text,
        f'playnote answer {first.id} "..."',
        (first.id,),
        asks=True,
        stage="plan",
    )


def _valued(state: ProjectState, name: str) -> bool:
    each = state.project.space[name]
    if name in state.project.baseline or each.when:
        return True
    return len(each.choices) == 1 if isinstance(each, Categorical) else each.off is not None


def _joined(wanted: list[Text]) -> Text:
    return Text(en="; ".join(each.en for each in wanted), zh="；".join(each.zh for each in wanted))


_WORKFLOW = Text(
    en="how a trial is run (`command` or `function` in [workflow])",
    zh="怎么跑一个试验（[workflow] 的 `command` 或 `function`）",
)
_BASELINE = Text(en="the values of today of {names} in [baseline]", zh="[baseline] 里 {names} 现在用的取值")
_MIN_EFFECT = Text(
    en="from what difference on {score} matters (`min_effect` in [objective])",
    zh="{score} 差多少才算数（[objective] 的 `min_effect`）",
)
_SPACE = Text(
    en="what may vary, with its range and its value of today ([hyperparameters], [baseline])",
    zh="哪些超参可以变、范围多大、现在取多少（[hyperparameters]、[baseline]）",
)
_RUNS = Text(en="Without it not even the baseline can be run.", zh="没有它，连 baseline 都跑不了。")
_READ = Text(en="Nearly every verdict is read against it.", zh="几乎所有判断都要拿它来比。")
