"""Appendix H.2 and body 10.2, evaluation: often enough, at fixed steps, on a sample that is small and fair."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from playnote.playbook.examples import answers, project, state, trial
from playnote.playbook.examples_seen import measured
from playnote.playbook.facts import Answers
from playnote.playbook.facts.measurements import Measured
from playnote.playbook.facts.running import Evaluations
from playnote.playbook.measured import measure, not_measured
from playnote.playbook.rule import Level, Rule, Scope, fires, rule, silent
from playnote.playbook.said import ask, is_yes
from playnote.playbook.verdict import Action, Judgement, cannot_tell, does_not_apply, fails, passes, warns
from playnote.records.project import Project
from playnote.records.state import ProjectState
from playnote.text import Text

_SAME: Mapping[str, object] = {
    "eval_batch": 256,
    "train_batch": 64,
    "batch_changes_metric": False,
    "time_share": 0.05,
    "sampled": 0.10,
    "full": 0.101,
    "error": 0.005,
    "smallest_class": 80,
    "missing_class": False,
    "fixed": True,
}
_NO_TRIAL = Text(en="No trial has finished yet.", zh="还没有跑完的试验。")


@rule(
    "H2-periodic-eval",
    Level.MUST,
    Scope.PROJECT,
    sections=("body:10.2", "app:H.2"),
    phase="run",
    text=Text(
        en="Dev is evaluated during training: to watch it, to choose a checkpoint afterwards, to read curves.",
        zh="训练中定期评估：实时监控、回顾式选 checkpoint、分析曲线。",
    ),
    examples=(
        silent(lambda: (Evaluations((20, 21), (True, True)), state())),
        silent(lambda: (Evaluations(), state(trials=())), "not-applicable"),
        fires("warn", lambda: (Evaluations((10,), (True,)), state())),
        fires("fail", lambda: (Evaluations((1, 1), (None, None)), state())),
        fires("unknown", lambda: (Evaluations(), state())),
    ),
)
def periodic_eval(evaluations: Evaluations, state: ProjectState) -> Judgement:
    """The median number of evaluations of the latest complete trials."""
    if not any(each.outcome == "ok" for each in state.trials):
        return does_not_apply(_NO_TRIAL)
    if not evaluations.counts:
        return cannot_tell(
            Text(en="No curve of the objective is on record.", zh="没有目标指标的曲线记录。"),
            missing=(Text(en="the objective's metric, logged during training", zh="训练过程中记录目标指标"),),
        )
    n, settings = float(np.median(evaluations.counts)), state.project.settings
    said = Text(en="{n:g} evaluations a trial (of {k} looked at).", zh="每个试验评估 {n:g} 次（看了 {k} 个）。").fill(
        n=n, k=len(evaluations.counts)
    )
    if n >= settings["rule_evaluations"]:
        return passes(said)
    more = (
        Action(
            Text(en="Evaluate at least {n:g} times.", zh="至少评估 {n:g} 次。").fill(n=settings["rule_evaluations"])
        ),
    )
    return warns(said, actions=more) if n >= settings["rule_evaluations_few"] else fails(said, actions=more)


@rule(
    "H2-eval-batch",
    Level.MUST,
    Scope.PROJECT,
    sections=("body:10.2", "app:H.2"),
    phase="infrastructure",
    text=Text(
        en="The evaluation batch is at least the training batch, as large as is practical, and does not move the metric.",
        zh="eval batch 不小于训练 batch、尽量大，且指标不随它变。",
    ),
    by="evaluation",
    asks=Text(
        en="Why is the evaluation batch smaller than the training batch?", zh="eval batch 为什么比训练 batch 小？"
    ),
    examples=(
        silent(lambda: (state(), measured(evaluation=_SAME), answers())),
        fires("warn", lambda: (_batches(64, 32), measured(), answers(H2_eval_batch="memory: long inputs"))),
        fires("fail", lambda: (_batches(64, 32), measured(), answers())),
        fires("fail", lambda: (state(), measured(evaluation={**_SAME, "batch_changes_metric": True}), answers())),
        fires("unknown", lambda: (_batches(64, 256), measured(), answers())),
        fires("unknown", lambda: (state(), measured(), answers())),
    ),
)
def eval_batch(state: ProjectState, measured: Measured, answers: Answers) -> Judgement:
    """From the trials' facts or the procedure; whether the metric depends on the batch takes the procedure."""
    last = measured.last("evaluation")
    train, evaluated = _recorded(state)
    if last is not None:
        train, evaluated = last.number_of("train_batch") or train, last.number_of("eval_batch") or evaluated
        if last.flag("batch_changes_metric"):
            return fails(
                Text(en="The metric changes with the evaluation batch.", zh="指标随 eval batch 变化。"),
                actions=(
                    Action(
                        Text(
                            en="Look for padding, or batch statistics in evaluation.",
                            zh="查补齐样本，或评估时的批统计量。",
                        )
                    ),
                ),
            )
    if train is None or evaluated is None:
        return _unmeasured(
            Text(en='the facts "batch_size" and "eval_batch" of a trial', zh='试验记下 "batch_size" 和 "eval_batch"')
        )
    said = Text(en="Evaluation {e:g}, training {t:g}.", zh="评估 {e:g}，训练 {t:g}。").fill(e=evaluated, t=train)
    if evaluated < train:
        reason = answers.to("H2-eval-batch")
        return warns(said) if is_yes(reason) else fails(said, actions=(ask("H2-eval-batch"),))
    if last is None or last.flag("batch_changes_metric") is None:
        return _unmeasured(not_measured("evaluation"))
    return passes(said)


@rule(
    "H2-step-interval",
    Level.MUST,
    Scope.PROJECT,
    sections=("body:10.2", "app:H.2"),
    phase="infrastructure",
    text=Text(
        en="Evaluations come at fixed step intervals, not at fixed times.", zh="按固定 step 间隔评估，不按时间。"
    ),
    examples=(
        silent(lambda: (Evaluations((20, 20), (True, True)),)),
        fires("fail", lambda: (Evaluations((20, 20), (True, False)),)),
        fires("unknown", lambda: (Evaluations((2,), (None,)),)),
    ),
)
def step_interval(evaluations: Evaluations) -> Judgement:
    """Distances between evaluations in steps; a denser beginning is fine."""
    told = [each for each in evaluations.regular if each is not None]
    if not told:
        return cannot_tell(
            Text(en="Too few evaluations to tell.", zh="评估次数太少，看不出。"),
            missing=(Text(en="three evaluations of a trial", zh="一个试验至少评估三次"),),
        )
    odd = told.count(False)
    if odd:
        return fails(
            Text(
                en="{k} of {n} trials were evaluated at irregular steps.", zh="{n} 个试验里 {k} 个评估间隔不固定。"
            ).fill(k=odd, n=len(told)),
            actions=(Action(Text(en="Evaluate every N steps.", zh="改成每 N 步评估一次。")),),
        )
    return passes(Text(en="Fixed intervals in {n} trials.", zh="{n} 个试验间隔固定。").fill(n=len(told)))


@rule(
    "H2-eval-sample",
    Level.SHOULD,
    Scope.PROJECT,
    sections=("body:10.2",),
    phase="infrastructure",
    text=Text(en="What is evaluated is a sample small enough to be quick.", zh="评估数据合理采样，总量够小才快。"),
    by="evaluation",
    examples=(
        silent(lambda: (measured(evaluation=_SAME), project())),
        fires("warn", lambda: (measured(evaluation={**_SAME, "time_share": 0.4}), project())),
        fires("fail", lambda: (measured(evaluation={**_SAME, "full": 0.15}), project())),
        fires("unknown", lambda: (measured(), project())),
    ),
)
def eval_sample(measured: Measured, project: Project) -> Judgement:
    """Time that evaluation takes, and whether the sample's score agrees with all of Dev."""
    last = measured.last("evaluation")
    share, sampled, full = (
        last.number_of(name) if last is not None else None for name in ("time_share", "sampled", "full")
    )
    if last is None or share is None or sampled is None or full is None:
        return _unmeasured(not_measured("evaluation"))
    error = last.number_of("error") or 0.0
    said = Text(
        en="{share:.0%} of the time; sample {s:.4g}, all of Dev {f:.4g}.",
        zh="占时 {share:.0%}；抽样 {s:.4g}，完整 Dev {f:.4g}。",
    ).fill(share=share, s=sampled, f=full)
    if abs(sampled - full) > project.settings["rule_dev_errors"] * error:
        return fails(
            said, actions=(Action(Text(en="Draw a larger or fairer sample.", zh="抽大一点、更有代表性的样本。")),)
        )
    return passes(said) if share <= project.settings["rule_eval_time"] else warns(said)


@rule(
    "H2-eval-representative",
    Level.SHOULD,
    Scope.PROJECT,
    sections=("body:10.2",),
    phase="infrastructure",
    text=Text(
        en="The sample stands for the whole; mind the spread of small classes.",
        zh="样本要能代表整体分布，留意少数类的波动。",
    ),
    by="evaluation",
    examples=(
        silent(lambda: (measured(evaluation=_SAME), project())),
        fires("warn", lambda: (measured(evaluation={**_SAME, "smallest_class": 9}), project())),
        fires("warn", lambda: (measured(evaluation={**_SAME, "fixed": False}), project())),
        fires("fail", lambda: (measured(evaluation={**_SAME, "missing_class": True}), project())),
        fires("unknown", lambda: (measured(), project())),
    ),
)
def eval_representative(measured: Measured, project: Project) -> Judgement:
    """Fail where a class is missing from the sample; warn on classes too small, or a sample that changes."""
    last = measured.last("evaluation")
    smallest = last.number_of("smallest_class") if last is not None else None
    if last is None or smallest is None:
        return _unmeasured(not_measured("evaluation"))
    said = Text(en="Smallest class: {n:g} examples.", zh="最小的类有 {n:g} 个样本。").fill(n=smallest)
    if last.flag("missing_class"):
        return fails(Text(en="A class is missing from the sample.", zh="样本里缺了一个类。"))
    small = smallest < project.settings["rule_class_count"]
    return warns(said) if small or last.flag("fixed") is False else passes(said)


def _recorded(state: ProjectState) -> tuple[float | None, float | None]:
    """Training and evaluation batch of the latest complete trial that recorded them."""
    for each in reversed(state.trials):
        evaluated = each.facts.get("eval_batch")
        train = each.configuration.get("batch_size", each.facts.get("batch_size"))
        if isinstance(evaluated, int | float) and isinstance(train, int | float):
            return float(train), float(evaluated)
    return None, None


def _unmeasured(missing: Text) -> Judgement:
    return cannot_tell(Text(en="Not recorded.", zh="没有记录。"), missing=(missing,), actions=(measure("evaluation"),))


def _batches(train: int, evaluated: int) -> ProjectState:
    facts = {"batch_size": train, "eval_batch": evaluated}
    return state(trials=(trial(configuration={"lr": 0.1}, facts=facts),))


RULES: tuple[Rule, ...] = (periodic_eval, eval_batch, step_interval, eval_sample, eval_representative)
