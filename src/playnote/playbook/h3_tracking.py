"""Appendix H.3 and body 10.4, tracking: what is on record about every trial."""

from __future__ import annotations

from typing import Any

from playnote.playbook.examples import event, planned_round, project, state, trial
from playnote.playbook.facts.running import Kept
from playnote.playbook.rule import Level, Rule, Scope, fires, rule, silent
from playnote.playbook.verdict import Judgement, cannot_tell, does_not_apply, fails, passes, warns
from playnote.records.round import Round
from playnote.records.state import ProjectState
from playnote.text import Text

_NONE_YET = Text(en="No trial has ended yet.", zh="还没有跑完的试验。")


@rule(
    "H3-id",
    Level.MUST,
    Scope.PROJECT,
    sections=("body:10.4", "app:H.3"),
    phase="tracking",
    text=Text(en="Every trial has an id of its own.", zh="每个实验有唯一的 ID。"),
    examples=(
        silent(lambda: (state(),)),
        fires("fail", lambda: (state(trials=(trial("t1"), trial("t1"))),)),
    ),
)
def has_id(state: ProjectState) -> Judgement:
    """Fail on a repeated id."""
    names = [each.id for each in state.trials]
    twice = sorted({name for name in names if names.count(name) > 1}) if len(set(names)) < len(names) else []
    if twice:
        return fails(Text(en="{names} used twice.", zh="{names} 重复。").fill(names=", ".join(twice)))
    return passes(Text(en="{n} trials, each with its id.", zh="{n} 个试验都有 ID。").fill(n=len(names)))


@rule(
    "H3-description",
    Level.MUST,
    Scope.ROUND,
    sections=("body:10.4",),
    phase="tracking",
    text=Text(en="A round is described in words.", zh="每一轮有文字描述。"),
    examples=(
        silent(lambda: (planned_round(),)),
        fires("fail", lambda: (planned_round(question=" "),)),
    ),
)
def description(round: Round) -> Judgement:
    """Its question is its description."""
    if not round.question.strip():
        return fails(Text(en="No description.", zh="没有描述。"))
    return passes(Text(en="{question}", zh="{question}").fill(question=round.question))


@rule(
    "H3-hparams",
    Level.MUST,
    Scope.PROJECT,
    sections=("app:H.3",),
    phase="tracking",
    text=Text(en="Every trial's full configuration is on record.", zh="每个试验的完整超参配置都有记录。"),
    examples=(
        silent(lambda: (state(),)),
        silent(lambda: (state(trials=()),), "not-applicable"),
        fires("fail", lambda: (state(trials=(trial(configuration={}),)),)),
    ),
)
def hparams(state: ProjectState) -> Judgement:
    """Fail on an empty configuration, warn where declared hyperparameters are absent."""
    if not state.trials:
        return does_not_apply(_NONE_YET)
    if empty := [each.id for each in state.trials if not each.configuration]:
        return fails(Text(en="{n} trials without a configuration.", zh="{n} 个试验没有配置。").fill(n=len(empty)))
    space = state.project.space
    partial = [
        each.id
        for each in state.trials
        if any(h.name not in each.configuration and space.active(h, each.configuration) for h in space)
    ]
    if partial:
        return warns(
            Text(en="{n} trials record only a part of the configuration.", zh="{n} 个试验只记了部分超参。").fill(
                n=len(partial)
            )
        )
    return passes(Text(en="Full configurations on record.", zh="配置都记全了。"))


@rule(
    "H3-version",
    Level.MUST,
    Scope.PROJECT,
    sections=("body:10.4", "app:H.3"),
    phase="tracking",
    text=Text(en="The version of the code that ran is on record.", zh="记录代码和配置的版本。"),
    examples=(
        silent(lambda: (state(journal=(event("run-started", commit="0" * 40, dirty=False),)),)),
        silent(lambda: (state(trials=()),), "not-applicable"),
        fires("warn", lambda: (state(),)),
        fires("warn", lambda: (state(journal=(event("run-started", commit="0" * 40, dirty=True),)),)),
    ),
)
def version(state: ProjectState) -> Judgement:
    """Warn where no commit is known, or where changes that were not committed were not kept either."""
    if not any(each.outcome is not None for each in state.trials):
        return does_not_apply(_NONE_YET)
    starts = state.events("run-started")
    if not starts or any(each.data.get("commit") is None for each in starts):
        return warns(Text(en="No code version on record: no commit was found.", zh="没有代码版本记录：找不到提交。"))
    if any(each.data.get("dirty") and not each.data.get("diff") for each in starts):
        return warns(Text(en="Uncommitted changes ran and were not kept.", zh="运行时有未提交的改动，也没有保存下来。"))
    return passes(Text(en="The commit is on record.", zh="代码版本（提交）有记录。"))


@rule(
    "H3-trials",
    Level.MUST,
    Scope.ROUND,
    sections=("body:10.4", "app:H.3"),
    phase="tracking",
    text=Text(en="All trials are on record, failed ones too.", zh="所有试验都有记录，失败的也在内。"),
    examples=(
        silent(lambda: (planned_round(), state())),
        fires("fail", lambda: (planned_round(closed="adopted"), state(trials=()))),
    ),
)
def all_trials(round: Round, state: ProjectState) -> Judgement:
    """Fail where a closed round lost planned trials."""
    recorded = {each.id for each in state.of_round(round.number)}
    lost = [each.id for each in round.planned if each.id not in recorded]
    if round.closed and lost:
        return fails(Text(en="{n} planned trials have no record.", zh="{n} 个计划的试验没有记录。").fill(n=len(lost)))
    return passes(
        Text(en="{n} trials planned, {done} ended.", zh="计划 {n} 个，跑完 {done} 个。").fill(
            n=len(round.planned), done=sum(each.outcome is not None for each in state.of_round(round.number))
        )
    )


@rule(
    "H3-best-metric",
    Level.MUST,
    Scope.PROJECT,
    sections=("body:10.4",),
    phase="tracking",
    text=Text(en="The best Dev score is on record, with its trial and step.", zh="记录最佳 Dev 指标、试验和步数。"),
    examples=(
        silent(lambda: (state(),)),
        silent(lambda: (state(trials=()),), "not-applicable"),
        fires("fail", lambda: (state(readings={}),)),
    ),
)
def best_metric(state: ProjectState) -> Judgement:
    """Recomputed from the curves at every look, so it cannot differ from them."""
    if not any(each.outcome == "ok" for each in state.trials):
        return does_not_apply(_NONE_YET)
    sign = state.project.objective.sign
    scored = [(sign * r.score, name) for name, r in state.readings.items() if r.score is not None]
    if not scored:
        return fails(Text(en="No trial has a score.", zh="没有一个试验有分数。"))
    best, name = min(scored)
    step = state.readings[name].step
    return passes(
        Text(en="Best {score}: trial {name}{step}.", zh="最佳 {score}：试验 {name}{step}。").fill(
            score=f"{sign * best:.4g}",
            name=name,
            step=Text(en=f", step {step:g}", zh=f"，第 {step:g} 步") if step is not None else "",
        )
    )


@rule(
    "H3-best-ckpt",
    Level.MUST,
    Scope.PROJECT,
    sections=("app:H.3",),
    phase="tracking",
    text=Text(en="Which checkpoint was best is on record.", zh="记录最佳 checkpoint 的标识。"),
    examples=(
        silent(lambda: (_kept(best_saved=True, best_kept=True),)),
        silent(lambda: (Kept(),), "not-applicable"),
        fires("warn", lambda: (_kept(best_saved=True),)),
        fires("fail", lambda: (_kept(),)),
        fires("unknown", lambda: (_kept(with_checkpoints=0),)),
    ),
)
def best_ckpt(kept: Kept) -> Judgement:
    """Fail where trials saved checkpoints and the best one has none; warn where its best step's was dropped."""
    if kept.best_trial is None:
        return does_not_apply(_NONE_YET)
    where = Text(en="trial {t}, step {s}", zh="试验 {t} 第 {s} 步").fill(
        t=kept.best_trial, s="?" if kept.best_step is None else f"{kept.best_step:g}"
    )
    if kept.best_kept:
        return passes(Text(en="Best: {where}, kept.", zh="最佳：{where}，已保留。").fill(where=where))
    if kept.best_saved:
        return warns(
            Text(en="Best: {where}; that checkpoint is gone.", zh="最佳：{where}；那个检查点已不在。").fill(where=where)
        )
    if kept.with_checkpoints:
        return fails(
            Text(en="Best: {where}; it left no checkpoint.", zh="最佳：{where}；没留检查点。").fill(where=where)
        )
    return cannot_tell(
        Text(en="Best: {where}; no trial saves checkpoints.", zh="最佳：{where}；没有试验存检查点。").fill(where=where),
        missing=(Text(en="`trial.checkpoint(step, state)`", zh="调用 `trial.checkpoint(step, state)`"),),
    )


@rule(
    "H3-command",
    Level.MUST,
    Scope.PROJECT,
    sections=("body:10.4",),
    phase="tracking",
    text=Text(en="How a trial was started is on record.", zh="记录运行命令。"),
    examples=(
        silent(lambda: (state(),)),
        silent(lambda: (state(trials=()),), "not-applicable"),
        fires("warn", lambda: (state(project=project(workflow=None)),)),
    ),
)
def command(state: ProjectState) -> Judgement:
    """The project's workflow starts every trial; trials made elsewhere carry their own."""
    if not state.trials:
        return does_not_apply(_NONE_YET)
    workflow = state.project.workflow
    if workflow is not None and (workflow.command or workflow.function):
        return passes(
            Text(en="Started by {how}.", zh="启动方式：{how}。").fill(how=workflow.command or workflow.function)
        )
    return warns(Text(en="The command of these trials is not on record.", zh="这些试验的运行命令没有记录。"))


@rule(
    "H3-tool",
    Level.SHOULD,
    Scope.PROJECT,
    sections=("body:10.4", "app:H.3"),
    phase="tracking",
    text=Text(
        en="One tool, or at least one shared table, holds all experiments; nothing rests on memory.",
        zh="用统一的实验管理工具或至少共享表格，别靠记忆。",
    ),
    examples=(
        silent(lambda: (state(),)),
        silent(lambda: (state(trials=()),), "not-applicable"),
        fires("warn", lambda: (state(facts={"unregistered": 4}),)),
    ),
)
def tool(state: ProjectState) -> Judgement:
    """Every trial is in one store; warn where the source names runs that are not."""
    if not state.trials:
        return does_not_apply(_NONE_YET)
    stray = state.facts.get("unregistered")
    if isinstance(stray, int) and stray:
        return warns(Text(en="{n} runs on disk are not registered.", zh="磁盘上有 {n} 次运行没登记。").fill(n=stray))
    return passes(
        Text(en="{n} trials in one store ({where}).", zh="{n} 个试验都在一处（{where}）。").fill(
            n=len(state.trials), where=state.origin
        )
    )


def _kept(**changed: Any) -> Kept:
    base: dict[str, Any] = {"trials": 3, "with_checkpoints": 3, "best_trial": "t1", "best_step": 80.0}
    return Kept(**{**base, **changed})


RULES: tuple[Rule, ...] = (has_id, description, hparams, version, all_trials, best_metric, best_ckpt, command, tool)
