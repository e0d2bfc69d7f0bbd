"""Appendix F.1 and body F.1: bias, variance and mismatch, told apart by gaps with intervals, several at once."""

from __future__ import annotations

from playnote.diagnosis.gaps import GapFinding
from playnote.playbook.examples import answers, objective, planned_round, project, state
from playnote.playbook.examples_seen import ladder, measured
from playnote.playbook.facts import Answers
from playnote.playbook.facts.ladder import Ladder
from playnote.playbook.facts.measurements import Measured
from playnote.playbook.measured import measure
from playnote.playbook.rule import Level, Rule, Scope, fires, rule, silent
from playnote.playbook.said import ask, is_no
from playnote.playbook.verdict import Action, Judgement, cannot_tell, does_not_apply, fails, passes, warns
from playnote.records.objective import Objective
from playnote.records.project import Project
from playnote.records.state import ProjectState
from playnote.text import Text, same

_HUMAN = Text(
    en="the error of people on dev examples (`objective.human`)", zh="人在 Dev 样本上的误差（`objective.human`）"
)
_NO_COUNTS = Text(
    en="The score is no share of wrong examples, so the gaps have no count behind them.",
    zh="分数不是错误样本的占比，各个差距没有样本数可依。",
)
_SHARE = Text(en='an error rate or accuracy as the score ("dev/error")', zh='以错误率或准确率作分数（"dev/error"）')
_GAP = Text(
    en="{low} to {high} ({n} examples).",
    zh="{low} 到 {high}（样本数 {n}）。",
)


@rule(
    "F1-bayes-limit",
    Level.ADVICE,
    Scope.PROJECT,
    sections=("body:F.1",),
    phase="diagnosis",
    text=Text(
        en="The data set a floor under the error: know an estimate of it and where the estimate comes from.",
        zh="误差有下限（Bayes 误差），由数据分布和噪声决定：心里要有个估计，并知道出处。",
    ),
    asks=Text(
        en="What is the lowest error anybody could reach on this data, and how do you know?",
        zh="这份数据上最低能做到多少误差？依据是什么？",
    ),
    examples=(
        silent(lambda: (objective(human=(0.01, 200)), answers())),
        silent(lambda: (objective(), answers(F1_bayes_limit="about 1 %, two experts"))),
        fires("unknown", lambda: (objective(), answers())),
    ),
)
def bayes_limit(objective: Objective, answers: Answers) -> Judgement:
    """Known where people were measured or an estimate was answered."""
    answer = answers.to("F1-bayes-limit")
    if objective.human is not None:
        error, n = objective.human
        return passes(Text(en="People reach {e:.4g} (n = {n}).", zh="人能做到 {e:.4g}（n = {n}）。").fill(e=error, n=n))
    if answer and not is_no(answer):
        return passes(Text(en="Estimated: {said}", zh="估计：{said}").fill(said=same(answer)))
    return cannot_tell(
        Text(en="No estimate of the lowest reachable error.", zh="还没有误差下限的估计。"),
        missing=(_HUMAN,),
        actions=(ask("F1-bayes-limit"),),
    )


@rule(
    "F1-human-proxy",
    Level.ADVICE,
    Scope.PROJECT,
    sections=("body:F.1",),
    phase="diagnosis",
    text=Text(
        en="In practice the error of human experts, in the project's own metric, stands in for that floor.",
        zh="实际做法：用专家在同一指标上的误差代替 Bayes 误差。",
    ),
    by="human",
    asks=Text(en="Can people do this task, and who measured their error?", zh="人能做这个任务吗？谁测过他们的误差？"),
    examples=(
        silent(lambda: (objective(), measured(human={"error": 0.01, "n": 200, "expert": True}), answers())),
        silent(lambda: (objective(), measured(), answers(F1_human_proxy="no")), "not-applicable"),
        fires("warn", lambda: (objective(human=(0.01, 200)), measured(), answers())),
        fires("warn", lambda: (objective(), measured(human={"error": 0.1, "n": 90, "expert": False}), answers())),
        fires("unknown", lambda: (objective(), measured(), answers())),
    ),
)
def human_proxy(objective: Objective, measured: Measured, answers: Answers) -> Judgement:
    """Pass for experts measured on dev with the project's metric; warn for anything weaker."""
    last, answer = measured.last("human"), answers.to("F1-human-proxy")
    if last is not None:
        said = {"e": last.number_of("error"), "n": last.number_of("n")}
        if last.flag("expert") and last.flag("same_metric") is not False:
            return passes(Text(en="Experts: {e} (n = {n}).", zh="专家误差 {e}（n = {n}）。").fill(**said))
        return warns(
            Text(
                en="{e} (n = {n}), but not of experts in the project's own metric.",
                zh="测得 {e}（n = {n}），但不是专家、或不是本项目的指标。",
            ).fill(**said)
        )
    if is_no(answer):
        return does_not_apply(Text(en="People cannot do this task.", zh="这个任务人做不了。"))
    if objective.human is not None:
        return warns(
            Text(
                en="A human error is declared; who was measured, and how, is not on record.",
                zh="声明了人类误差，但没记是谁、怎么测的。",
            ),
            actions=(measure("human"),),
        )
    return cannot_tell(
        Text(en="Nobody measured what people reach.", zh="还没测过人能做到多少。"),
        missing=(_HUMAN,),
        actions=(measure("human"),),
    )


@rule(
    "F1-avoidable-bias",
    Level.ADVICE,
    Scope.PROJECT,
    sections=("body:F.1",),
    phase="diagnosis",
    text=Text(
        en="Avoidable bias: training error, measured in evaluation mode, minus the human or Bayes error.",
        zh="可避免偏差 ≈ 训练误差（评估模式下测）− 人类 / Bayes 误差。",
    ),
    examples=(
        silent(lambda: (ladder(),)),
        fires("warn", lambda: (_below(),)),
        fires("unknown", lambda: (ladder(high_bias="unknown"),)),
        fires("unknown", lambda: (Ladder((), shares=False),)),
    ),
)
def avoidable_bias(ladder: Ladder) -> Judgement:
    """Computed with its interval; clearly below zero means a leak or a proxy that is too high."""
    found = ladder.of("high_bias")
    if found is None or found.estimate is None or found.interval is None or found.missing:
        return _untold(ladder, found)
    if found.interval[1] < 0:
        return warns(
            Text(
                en="Training error is below what people reach: the proxy is too high, or something leaks. {gap}",
                zh="训练误差比人类误差还低：要么代理估高了，要么有泄漏。{gap}",
            ).fill(gap=_said(found)),
            found,
        )
    return passes(Text(en="Avoidable bias: {gap}", zh="可避免偏差：{gap}").fill(gap=_said(found)), found)


@rule(
    "F1-high-bias",
    Level.IF,
    Scope.PROJECT,
    sections=("body:F.1", "body:F.2", "app:E.3", "app:F.1"),
    phase="diagnosis",
    text=Text(
        en="Training error far above the human one, dev close to it: high bias (underfitting).",
        zh="Train 误差远高于人类、Dev 与 Train 接近：高偏差（欠拟合）。",
    ),
    examples=(
        silent(lambda: (ladder(),)),
        fires("fail", lambda: (ladder(high_bias="yes"),)),
        fires("warn", lambda: (_second("high_bias", "data_mismatch"),)),
        fires("unknown", lambda: (ladder(high_bias="unknown"),)),
    ),
)
def high_bias(ladder: Ladder) -> Judgement:
    """The gap of train to people: fail where it is there and the largest, warn where another is larger."""
    return _gap(ladder, "high_bias", _BIAS, _BIAS_DO)


@rule(
    "F1-near-human",
    Level.ADVICE,
    Scope.PROJECT,
    sections=("body:F.1",),
    phase="diagnosis",
    text=Text(
        en="Where training error is already near the human one, bias has little left: turn to variance or data.",
        zh="Train 已接近人类，偏差就没多少空间了，去看方差或数据。",
    ),
    examples=(
        silent(lambda: (ladder(), state())),
        silent(lambda: (ladder(high_variance="yes"), state())),
        silent(lambda: (ladder(high_bias="yes"), state()), "not-applicable"),
        fires("warn", lambda: (ladder(), state(rounds=(planned_round(group="architecture"),)))),
        fires("unknown", lambda: (ladder(high_bias="unknown"), state())),
    ),
)
def near_human(ladder: Ladder, state: ProjectState) -> Judgement:
    """Warn where the open round still makes the model larger or trains longer."""
    found = ladder.of("high_bias")
    if found is None or found.label == "unknown":
        return _untold(ladder, found)
    if found.label == "yes":
        return does_not_apply(Text(en="Training error is not near the human one.", zh="Train 还没接近人类。"))
    current = next((each for each in reversed(state.rounds) if not each.closed), None)
    if current is not None and current.group in ("architecture", "model", "size", "steps"):
        return warns(
            Text(
                en="Bias has little room left, and round {n} asks for more capacity.",
                zh="偏差没多少空间了，第 {n} 轮却还在加容量。",
            ).fill(n=current.number),
            found,
            actions=(Action(Text(en="Look at variance or data instead.", zh="改看方差或数据。")),),
        )
    return passes(Text(en="Training error is near the human one.", zh="Train 误差已接近人类。"), found)


@rule(
    "F1-high-variance",
    Level.IF,
    Scope.PROJECT,
    sections=("body:2.2", "body:F.2", "app:E.3", "app:F.1"),
    phase="diagnosis",
    text=Text(
        en="Low training error and a clearly worse Train-Dev (or Dev of the same distribution): high variance.",
        zh="Train 误差低、Train-Dev（或同分布的 Dev）明显差：高方差。",
    ),
    examples=(
        silent(lambda: (ladder(),)),
        fires("fail", lambda: (ladder(high_variance="yes"),)),
        fires("unknown", lambda: (ladder(high_variance="unknown"),)),
    ),
)
def high_variance(ladder: Ladder) -> Judgement:
    """The gap of train-dev to train; without a train-dev and with differing sources it cannot be told from mismatch."""
    return _gap(ladder, "high_variance", _VARIANCE, _VARIANCE_DO)


@rule(
    "F1-mismatch",
    Level.IF,
    Scope.PROJECT,
    sections=("body:2.2", "app:E.3", "app:F.1"),
    phase="diagnosis",
    text=Text(
        en="Train and Train-Dev good, Dev or Test poor: the data come from different distributions.",
        zh="Train、Train-Dev 都好，Dev/Test 差：数据分布不匹配。",
    ),
    examples=(
        silent(lambda: (ladder(), project())),
        silent(lambda: (ladder(data_mismatch="unknown"), project()), "not-applicable"),
        fires("fail", lambda: (ladder(data_mismatch="yes"), project(splits={}))),
        fires("unknown", lambda: (ladder(data_mismatch="unknown"), project(splits={}))),
    ),
)
def mismatch(ladder: Ladder, project: Project) -> Judgement:
    """The gap of dev to train-dev; does not apply where train and dev are declared to come from one source."""
    train, dev = project.splits.get("train"), project.splits.get("dev")
    if train is not None and dev is not None and train.source and train.source == dev.source:
        found = ladder.of("data_mismatch")
        if found is None or found.label == "unknown":
            return does_not_apply(Text(en="Train and Dev share one source.", zh="Train 和 Dev 来自同一来源。"))
    return _gap(ladder, "data_mismatch", _MISMATCH, _MISMATCH_DO)


def _gap(ladder: Ladder, name: str, called: Text, do: Text) -> Judgement:
    found = ladder.of(name)
    if found is None or found.label == "unknown":
        return _untold(ladder, found)
    if found.label == "no":
        return passes(Text(en="No sign of {what}.", zh="没有{what}的迹象。").fill(what=called), found)
    said = Text(en="{what}: {gap}", zh="{what}：{gap}").fill(what=called, gap=_said(found))
    if ladder.open(name):
        return fails(said, found, actions=(Action(do),))
    return warns(said, found, actions=(Action(do),))


def _untold(ladder: Ladder, found: GapFinding | None) -> Judgement:
    if not ladder.shares:
        return cannot_tell(_NO_COUNTS, missing=(_SHARE,))
    said = Text(en="The gap cannot be told yet.", zh="这个差距还说不清。")
    if found is None:
        return cannot_tell(said, missing=(Text(en="a finished baseline run", zh="一次跑完的 baseline"),))
    missing = found.missing or tuple(each.text for each in found.settles)
    return cannot_tell(said, found, missing=missing or (Text(en="more examples", zh="更多样本"),))


def _said(found: GapFinding) -> Text:
    low, high = found.interval or (float("nan"), float("nan"))
    n = " / ".join(str(each) for each in found.n) if isinstance(found.n, tuple) else found.n
    return _GAP.fill(low=f"{low:.4f}", high=f"{high:.4f}", n=n)


_BIAS = Text(en="high bias", zh="高偏差")
_VARIANCE = Text(en="high variance", zh="高方差")
_MISMATCH = Text(en="data mismatch", zh="数据不匹配")
_BIAS_DO = Text(
    en="Ask next: a larger or better-suited model, longer training, less regularization.",
    zh="下一轮可问：更大或更合适的模型、训练更久、减弱正则。",
)
_VARIANCE_DO = Text(
    en="Ask next: more data, then regularization or augmentation, and only then a smaller model.",
    zh="下一轮可问：加数据，再是正则或数据增强，最后才缩模型。",
)
_MISMATCH_DO = Text(
    en="Ask next: training data more like Dev, weights towards Dev, or adaptation.",
    zh="下一轮可问：收更像 Dev 的数据、给样本加权、域自适应。",
)


def _below() -> Ladder:
    """Training error below the human one."""
    from dataclasses import replace

    made = ladder()
    first = replace(made.findings[0], estimate=-0.05, interval=(-0.07, -0.03))
    return Ladder((first, *made.findings[1:]))


def _second(gap: str, largest: str) -> Ladder:
    """Two gaps are there, and `largest` is the larger."""
    from dataclasses import replace

    made = ladder(**{gap: "yes", largest: "yes"})
    sizes = {gap: 0.1, largest: 0.9}
    return Ladder(
        tuple(replace(each, largest=sizes.get(str(each.target["gap"]), each.largest)) for each in made.findings)
    )


RULES: tuple[Rule, ...] = (
    bayes_limit,
    human_proxy,
    avoidable_bias,
    high_bias,
    near_human,
    high_variance,
    mismatch,
)
