"""Appendix D.4, the baseline: complete, better than chance, stable, affordable."""

from __future__ import annotations

import math

import numpy as np

from playnote.playbook.examples import project, runs, trial
from playnote.playbook.facts import BaselineRuns
from playnote.playbook.rule import Level, Rule, Scope, fires, rule, silent
from playnote.playbook.verdict import Action, Judgement, cannot_tell, fails, passes, warns
from playnote.records.project import Budget, Project
from playnote.records.trial import DIVERGED
from playnote.text import Text

RUN_BASELINE = Action(
    Text(en="Run the baseline with three seeds.", zh="用三个种子跑 baseline。"), "playnote baseline", 3
)


@rule(
    "D4-config-complete",
    Level.DECIDE,
    Scope.PROJECT,
    sections=("app:D.4",),
    phase="baseline",
    text=Text(
        en="The baseline is written out: a value for every hyperparameter, and the number of steps.",
        zh="baseline 写全：每个超参都有取值，步数也定了。",
    ),
    examples=(
        silent(lambda: (project(),)),
        fires("fail", lambda: (project(baseline={"lr": 0.1}),)),
    ),
)
def config_complete(project: Project) -> Judgement:
    """Fail on a declared hyperparameter without a baseline value (an inactive one needs none)."""
    absent = [
        each.name
        for each in project.space
        if each.name not in project.baseline and project.space.active(each, project.baseline)
    ]
    if absent:
        return fails(
            Text(en="No baseline value for {names}.", zh="baseline 里没有 {names} 的取值。").fill(
                names=", ".join(absent)
            )
        )
    if project.workflow is None or project.workflow.max_train_steps is None:
        return cannot_tell(
            Text(en="The number of training steps is not declared.", zh="没声明训练步数。"),
            missing=(Text(en="`max_train_steps` in [workflow]", zh="[workflow] 里的 `max_train_steps`"),),
        )
    return passes(Text(en="Every hyperparameter has a baseline value.", zh="每个超参都有 baseline 取值。"))


@rule(
    "D4-beats-chance",
    Level.CHECK,
    Scope.PROJECT,
    sections=("body:D.4", "app:D.4"),
    phase="baseline",
    text=Text(en="The baseline is clearly better than chance on Dev.", zh="baseline 的 Dev 指标明显优于随机。"),
    bars=("round new",),
    examples=(
        silent(lambda: (runs(0.1, 0.11, 0.12), project())),
        fires("fail", lambda: (runs(0.9, 0.91, 0.89), project())),
        fires("unknown", lambda: (runs(), project())),
        fires("unknown", lambda: (runs(0.1, 0.1, chance=None), project())),
    ),
)
def beats_chance(baseline: BaselineRuns, project: Project) -> Judgement:
    """Margin over chance in standard errors of the dev sample and the seeds."""
    if not baseline.scores:
        return cannot_tell(
            Text(en="No baseline run has a score yet.", zh="还没有带分数的 baseline。"),
            missing=(Text(en="a finished baseline run", zh="一次跑完的 baseline"),),
            actions=(RUN_BASELINE,),
        )
    if baseline.chance is None:
        return cannot_tell(
            Text(en="What doing nothing would score is not known.", zh="不知道瞎猜能得多少分。"),
            missing=(
                Text(
                    en='`chance` in [objective], or "dev/chance" logged by the training code',
                    zh='[objective] 里的 `chance`，或由训练代码记录 "dev/chance"',
                ),
            ),
        )
    mean = float(np.mean(baseline.scores))
    margin = project.objective.sign * (baseline.chance - mean)
    needed = project.settings["rule_chance_errors"] * _standard_error(baseline, mean)
    said = {
        "mean": f"{mean:.4g}",
        "chance": f"{baseline.chance:.4g}",
        "n": len(baseline.scores),
        "needed": f"{needed:.2g}",
    }
    if margin <= 0:
        return fails(_NO_BETTER.fill(**said))
    return warns(_BARELY.fill(**said)) if margin <= needed else passes(_BETTER.fill(**said))


_NO_BETTER = Text(
    en="Mean {mean} over {n} runs is not better than chance ({chance}).",
    zh="{n} 次平均 {mean}，不比瞎猜（{chance}）好。",
)


_BARELY = Text(
    en="Mean {mean} over {n} runs beats chance ({chance}) by less than {needed}.",
    zh="{n} 次平均 {mean}，比瞎猜（{chance}）好不到 {needed}。",
)


_BETTER = Text(
    en="Mean {mean} over {n} runs; chance is {chance} (needed: {needed} better).",
    zh="{n} 次平均 {mean}；瞎猜是 {chance}（至少要好 {needed}）。",
)


def _standard_error(baseline: BaselineRuns, mean: float) -> float:
    """Seeds, plus the binomial error of the dev sample where the score is a share of examples."""
    seeds = float(np.var(baseline.scores, ddof=1)) / len(baseline.scores) if len(baseline.scores) > 1 else 0.0
    share = mean * (1 - mean) / baseline.n_dev if baseline.n_dev and 0 <= mean <= 1 else 0.0
    return math.sqrt(seeds + share)


@rule(
    "D4-stable",
    Level.CHECK,
    Scope.PROJECT,
    sections=("app:D.4",),
    phase="baseline",
    text=Text(
        en="The baseline trains stably: every one of at least three seeds gets there.",
        zh="baseline 能稳定训练：至少三个种子都到得了。",
    ),
    bars=("round new",),
    on_unknown="allow",
    examples=(
        silent(lambda: (runs(0.1, 0.11, 0.12), project())),
        fires("warn", lambda: (runs(0.1), project())),
        fires("fail", lambda: (runs(0.1, 0.11, trials=_two_and_a_nan()), project())),
        fires("unknown", lambda: (runs(), project())),
    ),
)
def stable(baseline: BaselineRuns, project: Project) -> Judgement:
    """Diverged seeds count; failures of code or machines do not."""
    ended = [each for each in baseline.trials if each.outcome == "ok" or each.outcome in DIVERGED]
    diverged = [each for each in ended if each.outcome in DIVERGED]
    needed = int(project.settings["rule_baseline_seeds"])
    if diverged:
        return fails(
            Text(en="{k} of {n} baseline seeds diverged.", zh="{n} 个 baseline 种子里有 {k} 个发散。").fill(
                k=len(diverged), n=len(ended)
            ),
            actions=(
                Action(
                    Text(
                        en="Find what cures it: warmup, clipping, the architecture, a lower rate last.",
                        zh="找出怎么治：先预热、裁剪，再看架构，最后才降学习率。",
                    ),
                    "playnote measure remedy",
                ),
            ),
        )
    if not ended:
        return cannot_tell(
            Text(en="No baseline run has ended.", zh="还没有跑完的 baseline。"),
            missing=(Text(en="{n} baseline runs", zh="{n} 次 baseline").fill(n=needed),),
            actions=(RUN_BASELINE,),
        )
    if len(ended) < needed:
        return warns(
            Text(en="Only {n} of {needed} seeds tried.", zh="只跑了 {needed} 个种子里的 {n} 个。").fill(
                n=len(ended), needed=needed
            ),
            actions=(RUN_BASELINE,),
        )
    return passes(Text(en="All {n} seeds finished.", zh="{n} 个种子都跑完了。").fill(n=len(ended)))


@rule(
    "D4-cost-ok",
    Level.CHECK,
    Scope.PROJECT,
    sections=("app:D.4",),
    phase="baseline",
    text=Text(
        en="One run is affordable: its cost times the planned trials fits the budget.",
        zh="单次训练成本可接受：乘上计划的试验数仍在预算内。",
    ),
    examples=(
        silent(lambda: (runs(0.1, trials=_timed(20.0)), project())),
        fires("fail", lambda: (runs(0.1, trials=_timed(3 * 3600.0)), project())),
        fires("unknown", lambda: (runs(0.1, trials=_timed(60.0)), project(budget=Budget()))),
    ),
)
def cost_ok(baseline: BaselineRuns, project: Project) -> Judgement:
    """Wall time of the baseline's runs against the declared budget."""
    seconds = [each.seconds for each in baseline.trials if each.seconds is not None]
    if project.budget.hours is None or not seconds:
        return cannot_tell(
            Text(en="No time budget is declared, or no run was timed.", zh="没声明时间预算，或还没有计时的运行。"),
            missing=(Text(en="`hours` in [budget] and one baseline run", zh="[budget] 里的 `hours` 和一次 baseline"),),
        )
    one = float(np.median(seconds)) / 3600
    trials = project.budget.trials or 1
    said = {"one": f"{one * 60:.2g}", "trials": trials, "hours": f"{project.budget.hours:g}"}
    if one > project.budget.hours:
        return fails(
            Text(
                en="One run takes {one} min; the whole budget is {hours} h.",
                zh="一次要 {one} 分钟；总预算才 {hours} 小时。",
            ).fill(**said)
        )
    if one * trials > project.budget.hours:
        return warns(
            Text(
                en="{trials} runs of {one} min do not fit {hours} h one after the other.",
                zh="{trials} 次、每次 {one} 分钟，依次跑放不进 {hours} 小时。",
            ).fill(**said)
        )
    return passes(
        Text(
            en="{trials} runs of {one} min fit {hours} h.", zh="{trials} 次、每次 {one} 分钟，放得进 {hours} 小时。"
        ).fill(**said)
    )


def _two_and_a_nan() -> tuple[object, ...]:
    return (trial("b1"), trial("b2"), trial("b3", outcome="nan"))


def _timed(seconds: float) -> tuple[object, ...]:
    return (trial("b1", seconds=seconds),)


RULES: tuple[Rule, ...] = (
    config_complete,
    beats_chance,
    stable,
    cost_ok,
)
