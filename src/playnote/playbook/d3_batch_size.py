"""Appendix D.3 and body D.3.1-D.3.3, the batch size: what fits, how fast, what it costs."""

from __future__ import annotations

import re

from playnote.diagnosis.batch_size import Doubling
from playnote.playbook.examples import answers, project
from playnote.playbook.examples_seen import batch_ladder
from playnote.playbook.facts import Answers
from playnote.playbook.facts.batch import BatchLadder
from playnote.playbook.measured import measure, not_measured
from playnote.playbook.rule import Level, Rule, Scope, fires, rule, silent
from playnote.playbook.said import is_no, not_said
from playnote.playbook.verdict import Judgement, cannot_tell, does_not_apply, fails, passes, warns
from playnote.records.project import Project
from playnote.text import Text, same

# Step times that grow slowly up to 128 and then double: throughput stalls at 256.
_STALLS = (0.010, 0.0105, 0.011, 0.0215)
_NO_CHOICE = Text(en="The baseline's batch size is not known.", zh="不知道 baseline 的 batch size。")
_CHOICE = (
    Text(
        en="`batch_size` in [baseline], in `task`, or noted by the training code",
        zh="[baseline] 或 `task` 里的 `batch_size`，或由训练代码记下",
    ),
)


@rule(
    "D3-feasible-max",
    Level.CHECK,
    Scope.PROJECT,
    sections=("body:D.3.1", "app:D.3"),
    phase="baseline",
    text=Text(
        en="Doubling until memory runs out shows the largest batch that fits.",
        zh="按两倍往上试，直到放不下，找出最大可行的 batch。",
    ),
    by="batch-size",
    examples=(
        silent(lambda: (batch_ladder(*_STALLS),)),
        silent(lambda: (batch_ladder(*_STALLS, unfit=False, capped=True),)),
        fires("warn", lambda: (batch_ladder(*_STALLS, unfit=False),)),
        fires("unknown", lambda: (BatchLadder(),)),
    ),
)
def feasible_max(ladder: BatchLadder) -> Judgement:
    """Pass where the ladder ends at the memory's end or at a limit that was set."""
    if ladder.facts.largest is None:
        return _not_timed()
    text = Text(en="{n} fits.", zh="{n} 放得下。").fill(n=ladder.facts.largest)
    if ladder.facts.unfit is not None:
        return passes(
            Text(en="{n} fits, {more} does not.", zh="{n} 放得下，{more} 放不下。").fill(
                n=ladder.facts.largest, more=ladder.facts.unfit
            )
        )
    if ladder.capped:
        return passes(
            Text(en="{n} fits; no larger one is wanted.", zh="{n} 放得下；不考虑更大的。").fill(n=ladder.facts.largest)
        )
    return warns(Text(en="{text} Larger ones were not tried.", zh="{text}更大的没试。").fill(text=text))


@rule(
    "D3-throughput",
    Level.CHECK,
    Scope.PROJECT,
    sections=("body:D.3.1", "app:D.3"),
    phase="baseline",
    text=Text(
        en="Examples per second are on record for each batch size.", zh="每个 batch size 都记了每秒处理多少样本。"
    ),
    by="batch-size",
    examples=(
        silent(lambda: (batch_ladder(*_STALLS), project())),
        fires("warn", lambda: (_shaky_times(), project())),
        fires("unknown", lambda: (BatchLadder(), project())),
    ),
)
def throughput(ladder: BatchLadder, project: Project) -> Judgement:
    """Warn where a median step time is known to no better than the setting."""
    if not ladder.facts.sizes:
        return _not_timed()
    allowed = project.settings["rule_step_time_spread"]
    timed = zip(ladder.facts.sizes, ladder.facts.medians, ladder.facts.intervals, strict=True)
    rough = [batch for batch, middle, (low, high) in timed if (high - low) / 2 > allowed * middle]
    if rough:
        return warns(
            Text(en="Step times of {sizes} are rough.", zh="{sizes} 的单步时间还测得不准。").fill(
                sizes=", ".join(map(str, rough))
            ),
            actions=(measure("batch-size"),),
        )
    rates = ", ".join(
        f"{batch}: {batch / middle:,.0f}/s"
        for batch, middle in zip(ladder.facts.sizes, ladder.facts.medians, strict=True)
    )
    return passes(same(rates))


@rule(
    "D3-no-gain-bottleneck",
    Level.IF,
    Scope.PROJECT,
    sections=("body:D.3.1",),
    phase="baseline",
    text=Text(
        en="Where twice the batch hardly gives more throughput, look for what training waits for before going larger.",
        zh="batch 翻倍，吞吐却没怎么涨，先查输入管道、同步有没有卡住，再谈更大的 batch。",
    ),
    by="batch-size",
    examples=(
        silent(lambda: (batch_ladder(*_STALLS),)),
        fires("warn", lambda: (batch_ladder(*_STALLS, chosen=256),)),
        fires("fail", lambda: (batch_ladder(*_STALLS, chosen=256, waiting=0.4),)),
        fires("unknown", lambda: (batch_ladder(*_STALLS, chosen=256, waiting=None),)),
        fires("unknown", lambda: (BatchLadder(),)),
    ),
)
def no_gain_bottleneck(ladder: BatchLadder) -> Judgement:
    """Each doubling up to the batch in use: waiting for data fails, a saturated device warns."""
    if not ladder.facts.sizes:
        return _not_timed()
    if ladder.chosen is None:
        return cannot_tell(_NO_CHOICE, missing=_CHOICE)
    stalls = [each for each in ladder.facts.doublings if each.batch <= ladder.chosen and each.stop != "near-linear"]
    if not stalls:
        return passes(Text(en="Up to {n} each doubling pays.", zh="到 {n} 为止，每次翻倍都值。").fill(n=ladder.chosen))
    waits = [each for each in stalls if each.stop == "waiting"]
    if waits:
        return fails(_STALL.fill(**_numbers(waits[0]), why=_WAITS), actions=(measure("input"),))
    if any(each.stop == "unknown" for each in stalls):
        return cannot_tell(
            _STALL.fill(**_numbers(stalls[0]), why=_NOBODY_KNOWS),
            missing=(Text(en="the share of time spent waiting for data", zh="等数据的时间占比"),),
            actions=(measure("batch-size"),),
        )
    return warns(_STALL.fill(**_numbers(stalls[0]), why=_FULL))


_STALL = Text(en="The doubling to {batch} gives {ratio} x: {why}.", zh="翻倍到 {batch} 只快了 {ratio} 倍：{why}。")
_WAITS = Text(en="training waits for data or synchronization", zh="训练在等数据或同步")
_FULL = Text(en="the device is busy all the time", zh="设备已经跑满")
_NOBODY_KNOWS = Text(en="whether it waits was not measured", zh="没测是不是在等")


def _numbers(step: Doubling) -> dict[str, object]:
    return {"batch": step.batch, "ratio": f"{step.ratio:.2f}"}


@rule(
    "D3-time-model",
    Level.ADVICE,
    Scope.PROJECT,
    sections=("body:D.3.2",),
    phase="baseline",
    text=Text(
        en="Training time is time per step times steps: while a larger batch costs no time per step, it saves steps.",
        zh="训练总时间 = 单步时间 × 步数；没跑满之前，batch 大一点单步差不多快，步数还能更少。",
    ),
    by="batch-size",
    examples=(
        silent(lambda: (batch_ladder(*_STALLS, steps={32: 1000, 64: 600}),)),
        fires("unknown", lambda: (batch_ladder(*_STALLS),)),
    ),
)
def time_model(ladder: BatchLadder) -> Judgement:
    """Pass where the time to one score is known for two batch sizes at least."""
    if len(ladder.hours) < 2:
        return _no_target()
    return passes(_by_batch(ladder.hours, "h"))


@rule(
    "D3-largest-batch",
    Level.ADVICE,
    Scope.PROJECT,
    sections=("body:D.3.2",),
    phase="baseline",
    text=Text(
        en="The batch in use is as large as the hardware takes without a bottleneck.",
        zh="硬件允许、又不撞吞吐瓶颈的前提下，batch 用到最大。",
    ),
    by="batch-size",
    examples=(
        silent(lambda: (batch_ladder(*_STALLS, chosen=128),)),
        fires("warn", lambda: (batch_ladder(*_STALLS, chosen=32),)),
        fires("warn", lambda: (batch_ladder(*_STALLS, chosen=256),)),
        fires("fail", lambda: (batch_ladder(*_STALLS, chosen=512),)),
        fires("unknown", lambda: (batch_ladder(*_STALLS, chosen=None),)),
        fires("unknown", lambda: (BatchLadder(chosen=64),)),
    ),
)
def largest_batch(ladder: BatchLadder) -> Judgement:
    """The top of the near-linear run passes, its neighbours warn; beyond the largest that is still faster fails."""
    if ladder.finding is None or ladder.finding.batch is None:
        return _not_timed()
    if ladder.chosen is None:
        return cannot_tell(_NO_CHOICE, missing=_CHOICE)
    top, still = ladder.finding.batch, ladder.finding.still_faster or ladder.finding.batch
    text = Text(
        en="{chosen} in use; each doubling pays up to {top}, throughput still grows up to {still}.",
        zh="现用 {chosen}；翻倍到 {top} 都值，到 {still} 吞吐还在涨。",
    ).fill(chosen=ladder.chosen, top=top, still=still)
    if ladder.chosen > still:
        return fails(text, ladder.finding)
    return passes(text, ladder.finding) if ladder.chosen == top else warns(text, ladder.finding)


@rule(
    "D3-stop-if-slower",
    Level.FORBID,
    Scope.PROJECT,
    sections=("body:D.3.2",),
    phase="baseline",
    text=Text(
        en="A batch that makes training take longer is not enlarged further.",
        zh="加大 batch 反而训得更久，就不要再加。",
    ),
    bars=("round new",),
    by="batch-size",
    examples=(
        silent(lambda: (batch_ladder(*_STALLS, steps={32: 1000, 64: 600}),)),
        fires("fail", lambda: (batch_ladder(*_STALLS, chosen=256, steps={128: 500, 256: 480}),)),
        fires("unknown", lambda: (batch_ladder(*_STALLS),)),
    ),
)
def stop_if_slower(ladder: BatchLadder) -> Judgement:
    """Fail where a smaller batch was measured to reach the same score sooner."""
    hours = ladder.hours
    if ladder.chosen is None:
        return cannot_tell(_NO_CHOICE, missing=_CHOICE)
    if ladder.chosen not in hours or len(hours) < 2:
        return _no_target()
    sooner = [batch for batch, each in hours.items() if batch < ladder.chosen and each < hours[ladder.chosen]]
    text = _by_batch(hours, "h")
    if sooner:
        return fails(
            Text(en="{batch} is there sooner: {times}", zh="{batch} 反而更快：{times}").fill(
                batch=min(sooner, key=lambda b: hours[b]), times=text
            )
        )
    return passes(text)


@rule(
    "D3-cost-model",
    Level.ADVICE,
    Scope.PROJECT,
    sections=("body:D.3.3",),
    phase="baseline",
    text=Text(
        en="What a run uses is use per step times steps; whether a larger batch saves or costs is a sum to be done.",
        zh="资源消耗 = 单步消耗 × 步数；大 batch 可能更省，也可能更贵，要算一算。",
    ),
    by="batch-size",
    examples=(
        silent(lambda: (batch_ladder(*_STALLS, steps={32: 1000, 64: 600}, devices=1),)),
        fires("unknown", lambda: (batch_ladder(*_STALLS, steps={32: 1000, 64: 600}),)),
        fires("unknown", lambda: (batch_ladder(*_STALLS, devices=1),)),
    ),
)
def cost_model(ladder: BatchLadder) -> Judgement:
    """Device-hours to one score by batch size."""
    if len(ladder.hours) < 2:
        return _no_target()
    if not ladder.devices:
        return cannot_tell(
            Text(en="The number of devices is not on record.", zh="没记设备数。"),
            missing=(Text(en="`devices` of the measurement", zh="测量里的 `devices`"),),
        )
    return passes(_by_batch({batch: each * ladder.devices for batch, each in ladder.hours.items()}, "device-h"))


@rule(
    "D3-defer-rewrite",
    Level.ADVICE,
    Scope.PROJECT,
    sections=("body:D.3.3",),
    phase="baseline",
    text=Text(
        en="A rewrite for several machines, only to get a larger batch, can wait while a project is young.",
        zh="项目早期，为了更大的 batch 去改多机训练，可以先放一放。",
    ),
    asks=Text(
        en="Would the batch size you want need a rewrite for several machines? If so: postponed, or needed now because ...?",
        zh="想要的 batch 要不要改成多机训练？要的话：先推迟，还是因为什么现在就得改？",
    ),
    examples=(
        silent(lambda: (answers(D3_defer_rewrite="postponed until the design stands"),)),
        silent(lambda: (answers(D3_defer_rewrite="no"),), "not-applicable"),
        fires("warn", lambda: (answers(D3_defer_rewrite="yes, under way"),)),
        fires("unknown", lambda: (answers(),)),
    ),
)
def defer_rewrite(answers: Answers) -> Judgement:
    """Answered; a rewrite under way without a reason warns."""
    said = answers.to("D3-defer-rewrite")
    if said is None or not said.strip():
        return not_said("D3-defer-rewrite", Text(en="whether a rewrite is needed", zh="要不要改多机"))
    if is_no(said):
        return does_not_apply(Text(en="No rewrite is needed.", zh="不需要改写。"))
    settled = re.search(r"postpone|later|because|since|need|推迟|以后|因为|必须", said, re.IGNORECASE)
    text = Text(en="Answered: {said}", zh="回答是：{said}").fill(said=same(said))
    return passes(text) if settled else warns(text)


@rule(
    "D3-choose",
    Level.DECIDE,
    Scope.PROJECT,
    sections=("app:D.3",),
    phase="baseline",
    text=Text(
        en="The batch size is set near the top of what throughput rewards, with cost and effort in mind.",
        zh="batch size 定在吞吐近线性增长的上沿附近，同时掂量成本和实现难度。",
    ),
    by="batch-size",
    examples=(
        silent(lambda: (batch_ladder(*_STALLS, chosen=64),)),
        fires("warn", lambda: (batch_ladder(*_STALLS, chosen=32),)),
        fires("unknown", lambda: (BatchLadder(chosen=64),)),
        fires("unknown", lambda: (batch_ladder(*_STALLS, chosen=None),)),
    ),
)
def choose(ladder: BatchLadder) -> Judgement:
    """Within one doubling of the top of the near-linear run."""
    if ladder.chosen is None:
        return cannot_tell(_NO_CHOICE, missing=_CHOICE)
    if ladder.finding is None or ladder.finding.batch is None:
        return _not_timed()
    top = ladder.finding.batch
    text = Text(en="{chosen}; growth pays up to {top}.", zh="选了 {chosen}；到 {top} 都划算。").fill(
        chosen=ladder.chosen, top=top
    )
    return passes(text, ladder.finding) if top / 2 <= ladder.chosen <= 2 * top else warns(text, ladder.finding)


def _not_timed() -> Judgement:
    return cannot_tell(
        Text(en="No batch size has been timed.", zh="还没有给任何 batch size 计时。"),
        missing=(not_measured("batch-size"),),
        actions=(measure("batch-size"),),
    )


def _no_target() -> Judgement:
    return cannot_tell(
        Text(
            en="Steps to one Dev score are not known per batch size.",
            zh="不知道每个 batch size 训到同一 Dev 分数要多少步。",
        ),
        missing=(
            Text(
                en="steps to a target score at two batch sizes, tuned", zh="两个调好的 batch size 各自到目标分数的步数"
            ),
        ),
        actions=(measure("batch-size"),),
    )


def _by_batch(values: dict[int, float], unit: str) -> Text:
    return same(", ".join(f"{batch}: {each:.3g} {unit}" for batch, each in sorted(values.items())))


def _shaky_times() -> BatchLadder:
    from dataclasses import replace

    made = batch_ladder(*_STALLS)
    wide = tuple((0.8 * middle, 1.2 * middle) for middle in made.facts.medians)
    return replace(made, facts=replace(made.facts, intervals=wide))


RULES: tuple[Rule, ...] = (
    feasible_max,
    throughput,
    no_gain_bottleneck,
    time_model,
    largest_batch,
    stop_if_slower,
    cost_model,
    defer_rewrite,
    choose,
)
