"""What a correct reading of the playbook also needs, about curves and evaluation: dev's size, padding, rare classes."""

from __future__ import annotations

from playnote.diagnosis.gaps import Count
from playnote.playbook.examples import answers, objective, planned_round, project, state
from playnote.playbook.examples_seen import ladder, measured
from playnote.playbook.facts import Answers
from playnote.playbook.facts.ladder import Ladder
from playnote.playbook.facts.measurements import Measured
from playnote.playbook.facts.shapes import DevPeriods, LossTrend
from playnote.playbook.measured import measure, not_measured
from playnote.playbook.rule import Level, Rule, Scope, fires, rule, silent
from playnote.playbook.said import is_yes
from playnote.playbook.verdict import Action, Judgement, cannot_tell, does_not_apply, fails, passes, warns
from playnote.records.project import Project
from playnote.records.state import ProjectState
from playnote.stats.periodicity import Period
from playnote.text import Text, same

_N_DEV = Text(en="the size of Dev and an error rate as the score", zh="Dev 的样本数，以及以错误率作分数")


@rule(
    "X+train-loss-rises",
    Level.ADVICE,
    Scope.PROJECT,
    sections=("body:G.3", "app:E.3"),
    phase="diagnosis",
    text=Text(
        en="A training loss that rises over the whole run is usually a bug.", zh="训练 loss 整体往上走，通常是有 bug。"
    ),
    examples=(
        silent(lambda: (LossTrend((), 3),)),
        fires("warn", lambda: (LossTrend(("b0",), 3),)),
        fires("fail", lambda: (LossTrend(("b0", "b1", "b2"), 3),)),
        fires("unknown", lambda: (LossTrend(),)),
    ),
)
def train_loss_rises(trend: LossTrend) -> Judgement:
    """Medians of ten stretches of each baseline run, Kendall's test at 1 %."""
    if not trend.runs:
        return cannot_tell(
            Text(en="No training loss is on record.", zh="没有训练 loss 的记录。"),
            missing=(Text(en='"train/loss" of the baseline', zh='baseline 的 "train/loss"'),),
        )
    k = len(trend.rising)
    said = Text(en="{k} of {n} baseline runs rise overall.", zh="{n} 次 baseline 里 {k} 次整体上升。").fill(
        k=k, n=trend.runs
    )
    if not k:
        return passes(said)
    look = (
        Action(Text(en="Look for a bug in loss, labels or learning rate.", zh="查 loss、标签或学习率有没有写错。")),
    )
    return fails(said, actions=look) if k >= 2 and k == trend.runs else warns(said, actions=look)


@rule(
    "X+periodicity",
    Level.ADVICE,
    Scope.PROJECT,
    sections=("body:G.3", "app:E.3"),
    phase="diagnosis",
    text=Text(
        en="Periodic swings of a dev curve although the data are shuffled hint at a leak or at bad shuffling.",
        zh="数据打乱了，Dev 曲线却周期性起伏：可能有泄漏，或打乱没做好。",
    ),
    examples=(
        silent(lambda: (DevPeriods((Period(5, 0.2, 0.6), Period(3, 0.2, 0.5)), 50.0), project())),
        fires("warn", lambda: (DevPeriods((Period(5, 0.8, 1e-6), Period(5, 0.7, 1e-5)), 50.0), project())),
        fires("unknown", lambda: (DevPeriods((Period(5, 0.2, 0.6),), 50.0), project())),
    ),
)
def periodicity(seen: DevPeriods, project: Project) -> Judgement:
    """Warn where two runs have the same strong period (Fisher's test)."""
    if len(seen.periods) < 2:
        return cannot_tell(
            Text(en="Too few dev curves to tell.", zh="Dev 曲线太少，看不出。"),
            missing=(Text(en="two baseline runs of 20 even evaluations", zh="两次 baseline，各 20 次等间隔评估"),),
        )
    strong = [each for each in seen.periods if each.p <= project.settings["rule_period"]]
    same_length = [each for each in strong if sum(abs(each.length / o.length - 1) < 0.15 for o in strong) >= 2]
    if same_length:
        steps = same_length[0].length * (seen.every or 1.0)
        return warns(
            Text(en="A period of {steps:.3g} steps in {n} runs.", zh="{n} 次都有约 {steps:.3g} 步的周期。").fill(
                steps=steps, n=len(same_length)
            ),
            actions=(Action(Text(en="Check how data are shuffled at each epoch.", zh="查每轮数据是怎么打乱的。")),),
        )
    return passes(Text(en="No common period in {n} runs.", zh="{n} 次没有共同的周期。").fill(n=len(seen.periods)))


@rule(
    "X+padding",
    Level.MUST,
    Scope.PROJECT,
    sections=("body:10.2", "app:H.2"),
    phase="infrastructure",
    text=Text(
        en="Examples that only fill up the last evaluation batch carry no weight.",
        zh="评估最后一个 batch 里补齐用的样本，权重必须为 0。",
    ),
    by="evaluation",
    examples=(
        silent(lambda: (measured(evaluation={"padding_weighted": False}),)),
        fires("fail", lambda: (measured(evaluation={"padding_weighted": True}),)),
        fires("unknown", lambda: (measured(),)),
    ),
)
def padding(measured: Measured) -> Judgement:
    """Whether the metric changes with what fills up the batch."""
    last = measured.last("evaluation")
    if last is None or last.flag("padding_weighted") is None:
        return _unmeasured()
    if last.flag("padding_weighted"):
        return fails(
            Text(en="Filled-up examples count in the metric.", zh="补齐的样本算进了指标。"),
            actions=(Action(Text(en="Weight them 0.", zh="把它们的权重设为 0。")),),
        )
    return passes(Text(en="Filled-up examples carry no weight.", zh="补齐的样本没有权重。"))


@rule(
    "X+small-class-counts",
    Level.ADVICE,
    Scope.PROJECT,
    sections=("body:10.2", "app:H.2"),
    phase="infrastructure",
    text=Text(
        en="Of rare classes, show how many examples were right, not a rate alone.",
        zh="少见的类要写出对了几个，别只写比率。",
    ),
    by="evaluation",
    examples=(
        silent(lambda: (measured(evaluation={"smallest_class": 80}), project()), "not-applicable"),
        silent(lambda: (measured(evaluation={"smallest_class": 9, "counts_shown": True}), project())),
        fires("warn", lambda: (measured(evaluation={"smallest_class": 9}), project())),
        fires("unknown", lambda: (measured(), project())),
    ),
)
def small_class_counts(measured: Measured, project: Project) -> Judgement:
    """Only where a class has fewer examples than can be rated."""
    last = measured.last("evaluation")
    smallest = last.number_of("smallest_class") if last is not None else None
    if last is None or smallest is None:
        return _unmeasured()
    if smallest >= project.settings["rule_class_count"]:
        return does_not_apply(Text(en="No class is that rare.", zh="没有这么少见的类。"))
    said = Text(en="The rarest class has {n:g} examples.", zh="最少的类有 {n:g} 个样本。").fill(n=smallest)
    return passes(said) if last.flag("counts_shown") else warns(said)


@rule(
    "X+fold-dev",
    Level.ADVICE,
    Scope.PROJECT,
    sections=("body:2.2", "app:C.2"),
    phase="splits",
    text=Text(
        en="Folding Dev into Train is acceptable only when no further round will follow.",
        zh="把 Dev 并进 Train，只有不再做下一轮时才行。",
    ),
    yes_or_no=True,
    asks=Text(en="Has Dev been folded into Train?", zh="Dev 并进 Train 了吗？"),
    examples=(
        silent(lambda: (answers(), state()), "not-applicable"),
        silent(lambda: (answers(**{"X+fold_dev": "yes"}), state(rounds=(planned_round(closed="kept"),)))),
        fires("fail", lambda: (answers(**{"X+fold_dev": "yes"}), state())),
    ),
)
def fold_dev(answers: Answers, state: ProjectState) -> Judgement:
    """Fail where it was said to be folded in and a round is open; nobody is asked before."""
    if not is_yes(answers.to("X+fold-dev")):
        return does_not_apply(Text(en="Nobody said that Dev was folded in.", zh="没人说过并了 Dev。"))
    if any(not each.closed for each in state.rounds):
        return fails(Text(en="Dev is in Train, and a round is open.", zh="Dev 已并进 Train，却还有一轮在做。"))
    return passes(Text(en="Folded in, and no round is open.", zh="已并入，且没有进行中的一轮。"))


@rule(
    "X+dev-size",
    Level.ADVICE,
    Scope.PROJECT,
    sections=("body:2.2", "app:C.2"),
    phase="study-design",
    text=Text(
        en="Dev is large enough for the gain of interest: at 95 % accuracy the standard error is 0.69 points with 1,000 "
        "examples and 0.22 with 10,000.",
        zh="Dev 要大到看得出关心的提升：准确率 95% 时，1000 个样本的标准误是 0.69 个点，10000 个是 0.22 个点。",
    ),
    examples=(
        silent(lambda: (_dev(10_000), project(objective=objective(min_effect=0.01)))),
        fires("warn", lambda: (_dev(500), project())),
        fires("unknown", lambda: (Ladder((), shares=False), project())),
    ),
)
def dev_size(ladder: Ladder, project: Project) -> Judgement:
    """The smallest gain that matters against the standard error of the baseline's dev error."""
    dev = (ladder.counts or {}).get("dev")
    effect = project.objective.min_effect
    if dev is None or effect is None or not dev.n:
        return cannot_tell(Text(en="Not enough is known of Dev.", zh="对 Dev 了解不够。"), missing=(_N_DEV,))
    rate = min(max(dev.errors / dev.n, 1 / (dev.n + 2)), 1 - 1 / (dev.n + 2))
    error = (rate * (1 - rate) / dev.n) ** 0.5
    need = project.settings["rule_dev_errors"]
    said = Text(
        en="Standard error of Dev {se:.2g} (n = {n:g}); the gain that matters is {effect:g}.",
        zh="Dev 的标准误 {se:.2g}（n = {n:g}）；要看出的提升是 {effect:g}。",
    ).fill(se=error, n=dev.n, effect=effect)
    if effect >= need * error:
        return passes(said)
    wanted = int(rate * (1 - rate) * (need / effect) ** 2) + 1
    return warns(
        said,
        actions=(
            Action(
                Text(
                    en="About {n} dev examples would do; paired comparisons need fewer.",
                    zh="大约要 {n} 个 Dev 样本；配对比较可少些。",
                ).fill(n=wanted)
            ),
        ),
    )


@rule(
    "X+dev-overfit",
    Level.ADVICE,
    Scope.PROJECT,
    sections=("body:2.2", "app:C.2"),
    phase="diagnosis",
    text=Text(
        en="A dev score far better than the test score means that Dev has been overfitted: refresh it.",
        zh="Dev 分数明显好过 Test，说明已经过拟合 Dev：该换一批 Dev 了。",
    ),
    examples=(
        silent(lambda: (ladder(),)),
        fires("fail", lambda: (ladder(dev_overfit="yes"),)),
        fires("unknown", lambda: (ladder(dev_overfit="unknown"),)),
    ),
)
def dev_overfit(ladder: Ladder) -> Judgement:
    """The gap of test to dev, at milestones only."""
    found = ladder.of("dev_overfit")
    if found is None or found.label == "unknown":
        return cannot_tell(
            Text(en="Test has not been read at a milestone.", zh="还没有里程碑读过 Test。"),
            missing=(Text(en="a counted reading of Test", zh="一次记录在案的 Test 读数"),),
        )
    if found.label == "yes":
        low, high = found.interval or (0.0, 0.0)
        return fails(
            Text(
                en="Test is worse than Dev by {low:.4f} to {high:.4f}.", zh="Test 比 Dev 差 {low:.4f} 到 {high:.4f}。"
            ).fill(low=low, high=high),
            found,
            actions=(Action(Text(en="Take a fresh Dev.", zh="换一批新的 Dev。"), "playnote data make"),),
        )
    return passes(Text(en="Dev and Test agree.", zh="Dev 和 Test 一致。"), found)


@rule(
    "X+cure-criterion",
    Level.MUST,
    Scope.PROJECT,
    sections=("body:9.3", "app:G.2"),
    phase="stability",
    text=Text(
        en="A remedy cures only if the late loss is no worse than that of the stable run at lr*: a loss that swings within "
        "bounds has learned nothing.",
        zh="算治好，要求后期 loss 不比 lr* 的稳定训练差：只在界内振荡，什么也没学到。",
    ),
    by="remedy",
    examples=(
        silent(lambda: (measured(),), "not-applicable"),
        silent(lambda: (measured(remedy={"remedy": "warmup", "cured": True, "late_worse": False}),)),
        fires("fail", lambda: (measured(remedy={"remedy": "clipping", "cured": True, "late_worse": True}),)),
        fires("unknown", lambda: (measured(remedy={"remedy": "clipping", "cured": True}),)),
    ),
)
def cure_criterion(measured: Measured) -> Judgement:
    """Every remedy that was called a cure, and its late loss."""
    cures = [each for each in measured.all("remedy") if each.flag("cured")]
    if not cures:
        return does_not_apply(Text(en="Nothing was called a cure.", zh="没有宣布治好过。"))
    bounded = [each.word("remedy") for each in cures if each.flag("late_worse")]
    if bounded:
        return fails(
            Text(en="{name} only bounds the loss.", zh="{name} 只是让 loss 不爆。").fill(name=same(bounded[0]))
        )
    if any(each.flag("late_worse") is None for each in cures):
        return cannot_tell(
            Text(en="The late loss was not compared.", zh="没比过后期 loss。"),
            missing=(not_measured("remedy"),),
            actions=(measure("remedy", 2),),
        )
    return passes(Text(en="{n} cures, late loss no worse.", zh="{n} 次治好，后期 loss 不差。").fill(n=len(cures)))


@rule(
    "X+eyeball",
    Level.ADVICE,
    Scope.PROJECT,
    sections=("body:F.3", "app:E.3"),
    phase="diagnosis",
    text=Text(
        en="Once errors are inspected by hand, a part of Dev stays unread.", zh="开始人工看错例后，Dev 要留一部分不看。"
    ),
    by="errors",
    examples=(
        silent(lambda: (measured(errors={"n": 100, "sampled": 100, "wrong": 300}),)),
        silent(lambda: (measured(),), "not-applicable"),
        fires("warn", lambda: (measured(errors={"n": 90, "sampled": 90, "wrong": 90}),)),
        fires("unknown", lambda: (measured(errors={"n": 100}),)),
    ),
)
def eyeball(measured: Measured) -> Judgement:
    """Wrong dev examples that nobody was shown: those behind a score that is not yet tuned by eye."""
    last = measured.last("errors")
    if last is None:
        return does_not_apply(Text(en="No errors were inspected.", zh="还没人工看过错例。"))
    wrong, sampled = last.number_of("wrong"), last.number_of("sampled")
    if wrong is None or sampled is None:
        return cannot_tell(
            Text(en="What was shown of Dev is not on record.", zh="没记 Dev 给人看了多少。"),
            missing=(not_measured("errors"),),
        )
    said = Text(en="{n:g} of {all:g} dev errors are unread.", zh="{all:g} 个 Dev 错例里有 {n:g} 个没看过。").fill(
        n=wrong - sampled, all=wrong
    )
    return passes(said) if wrong > sampled else warns(said)


def _unmeasured() -> Judgement:
    return cannot_tell(
        Text(en="The evaluation has not been examined.", zh="还没检查过评估。"),
        missing=(not_measured("evaluation"),),
        actions=(measure("evaluation"),),
    )


def _dev(n: int) -> Ladder:
    return Ladder((), counts={"dev": Count(0.1 * n, n)})


RULES: tuple[Rule, ...] = (
    train_loss_rises,
    periodicity,
    padding,
    small_class_counts,
    fold_dev,
    dev_size,
    dev_overfit,
    cure_criterion,
    eyeball,
)
