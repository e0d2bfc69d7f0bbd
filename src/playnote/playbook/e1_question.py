"""Appendix E.1 and body E.3, the goal of a round: one clear question."""

from __future__ import annotations

from playnote.playbook.examples import planned_round, state
from playnote.playbook.rule import Level, Rule, Scope, fires, rule, silent
from playnote.playbook.verdict import Judgement, fails, passes, warns
from playnote.records.round import Round
from playnote.records.state import ProjectState
from playnote.text import Text


@rule(
    "E1-clear-question",
    Level.MUST,
    Scope.ROUND,
    sections=("body:E.1", "body:E.3", "app:E.1"),
    phase="round-goal",
    text=Text(en="A round asks one specific question that its trials can answer.", zh="每轮有一个具体、能回答的问题。"),
    bars=("round new",),
    examples=(
        silent(lambda: (planned_round(),)),
        fires("fail", lambda: (planned_round(question=""),)),
        fires("warn", lambda: (planned_round(scientific={}),)),
    ),
)
def clear_question(round: Round) -> Judgement:
    """Fail without a question; warn where no value is compared."""
    if not round.question.strip():
        return fails(Text(en="The round has no question.", zh="这一轮没有问题。"))
    if not round.scientific:
        return warns(
            Text(
                en="The question names no scientific hyperparameter: the round can explore, not compare.",
                zh="问题里没有目标超参：这一轮只能探索，不能比较。",
            )
        )
    lone = [name for name, values in round.scientific.items() if len(values) < 2]
    if lone:
        return fails(
            Text(en="{names} has one value: nothing is compared.", zh="{names} 只有一个取值，没法比较。").fill(
                names=", ".join(lone)
            )
        )
    return passes(Text(en="{question}", zh="{question}").fill(question=round.question))


@rule(
    "E1-one-question",
    Level.FORBID,
    Scope.ROUND,
    sections=("body:E.3", "app:E.1"),
    phase="round-goal",
    text=Text(
        en="A round does not tackle several big questions at once.",
        zh="一轮内不要同时解决多个大问题（例如架构、数据分布和优化器一起改）。",
    ),
    bars=("round new",),
    examples=(
        silent(lambda: (planned_round(), state())),
        fires("fail", lambda: (planned_round(scientific={"lr": (0.1, 0.2), "dropout": (0.0, 0.2)}), state())),
    ),
)
def one_question(round: Round, state: ProjectState) -> Judgement:
    """Fail where the scientific hyperparameters belong to different groups; warn on two of one group."""
    declared = state.project.space
    groups = {declared[name].group or name for name in round.scientific if name in declared.names}
    if len(groups) > 1:
        return fails(
            Text(en="The round compares {groups} at once.", zh="这一轮同时比较 {groups}。").fill(
                groups=", ".join(sorted(groups))
            )
        )
    if len(round.scientific) > 1:
        return warns(Text(en="Two scientific hyperparameters of one group.", zh="同一组里有两个目标超参。"))
    return passes(Text(en="One question.", zh="只有一个问题。"))


RULES: tuple[Rule, ...] = (
    clear_question,
    one_question,
)
