"""Appendix D.3 and body D.3.4-D.3.5: what a change of the batch size asks for, and batch norm."""

from __future__ import annotations

from playnote.playbook.examples import answers, project
from playnote.playbook.facts import Answers
from playnote.playbook.facts.batch import BatchAt, BatchHistory, BatchNorm
from playnote.playbook.facts.recipe import RATES, STRENGTHS, Recipe, among
from playnote.playbook.rule import Level, Rule, Scope, fires, rule, silent
from playnote.playbook.said import is_yes, not_said
from playnote.playbook.verdict import Action, Judgement, cannot_tell, does_not_apply, fails, passes, warns
from playnote.records.project import Project
from playnote.text import Text, same

_ONE_SIZE = Text(en="The batch size is the same throughout.", zh="batch size 一直没变。")


@rule(
    "D3-retune",
    Level.WARN,
    Scope.PROJECT,
    sections=("body:D.3.4", "app:D.3"),
    phase="study-design",
    text=Text(
        en="A new batch size asks for a new learning rate, new regularization, perhaps other steps and another schedule.",
        zh="换了 batch size，学习率、动量、正则都要重调，步数和调度可能也要。",
    ),
    examples=(
        silent(lambda: (BatchHistory((BatchAt(1, 64), BatchAt(2, 128, ("lr", "weight_decay")))),)),
        silent(lambda: (BatchHistory((BatchAt(1, 64), BatchAt(2, 64))),), "not-applicable"),
        fires("warn", lambda: (BatchHistory((BatchAt(1, 64), BatchAt(2, 128, ("lr",)))),)),
        fires("fail", lambda: (BatchHistory((BatchAt(1, 64, ("lr",)), BatchAt(2, 128, ("depth",)))),)),
    ),
)
def retune(history: BatchHistory) -> Judgement:
    """What was tuned since the latest change: the learning rate at least, and a strength of regularization."""
    if not history.changes:
        return does_not_apply(_ONE_SIZE)
    since = history.rounds[history.changes[-1] :]
    tuned = tuple(name for each in since for name in each.tuned)
    said = {"old": f"{history.rounds[history.changes[-1] - 1].batch:g}", "new": f"{since[0].batch:g}"}
    if not among(tuned, RATES):
        return fails(
            Text(
                en="From {old} to {new}, and the learning rate was not tuned again.",
                zh="从 {old} 改到 {new}，学习率却没有重调。",
            ).fill(**said),
            actions=(Action(Text(en="Make it nuisance in the next round.", zh="下一轮把它当冗余超参重调。")),),
        )
    if not among(tuned, STRENGTHS):
        return warns(
            Text(
                en="From {old} to {new}: the learning rate was tuned again, regularization was not.",
                zh="从 {old} 改到 {new}：学习率重调了，正则没有。",
            ).fill(**said)
        )
    return passes(
        Text(en="Tuned again after {old} became {new}.", zh="从 {old} 改到 {new} 之后都重调了。").fill(**said)
    )


@rule(
    "D3-settle-early",
    Level.SHOULD,
    Scope.PROJECT,
    sections=("body:D.3.4",),
    phase="baseline",
    text=Text(en="The batch size is settled early and seldom changed.", zh="batch size 早点定下来，不要老换。"),
    asks=Text(en="Why did the batch size have to change?", zh="batch size 为什么非换不可？"),
    examples=(
        silent(lambda: (_sizes(64, 64), answers(), project())),
        silent(lambda: (_sizes(64), answers(), project()), "not-applicable"),
        fires("warn", lambda: (_sizes(64, 128), answers(), project())),
        fires("warn", lambda: (_sizes(64, 128, 64), answers(D3_settle_early="new machines"), project())),
        fires("fail", lambda: (_sizes(64, 128, 64), answers(), project())),
    ),
)
def settle_early(history: BatchHistory, answers: Answers, project: Project) -> Judgement:
    """Changes between rounds; more than the setting allows fail without a reason on record."""
    if len(history.rounds) < 2:
        return does_not_apply(Text(en="Fewer than two rounds with a batch size.", zh="记了 batch size 的还不到两轮。"))
    count = len(history.changes)
    if not count:
        return passes(_ONE_SIZE)
    text = Text(en="Changed {n} time(s) between rounds.", zh="轮与轮之间换了 {n} 次。").fill(n=count)
    if count > project.settings["rule_batch_switches"] and not is_yes(answers.to("D3-settle-early")):
        return fails(text)
    return warns(text)


@rule(
    "D3-bn-effective-batch",
    Level.ADVICE,
    Scope.PROJECT,
    sections=("body:D.3.5",),
    phase="baseline",
    text=Text(
        en="Batch norm feels the examples behind its statistics, which need not be the optimizer's batch.",
        zh="batch norm 看的是算统计量用了多少样本，它不一定等于优化器的 batch。",
    ),
    asks=Text(
        en="Does the model use batch norm? If so, over how many examples are its statistics computed?",
        zh="模型用 batch norm 吗？用的话，统计量在多少个样本上算？",
    ),
    examples=(
        silent(lambda: (BatchNorm(True, (64.0,)), answers())),
        silent(lambda: (BatchNorm(False), answers()), "not-applicable"),
        silent(lambda: (BatchNorm(True), answers(D3_bn_effective_batch="64, fixed"))),
        fires("warn", lambda: (BatchNorm(True, (32.0, 64.0)), answers())),
        fires("unknown", lambda: (BatchNorm(), answers())),
    ),
)
def bn_effective_batch(norm: BatchNorm, answers: Answers) -> Judgement:
    """Trials that note `bn_batch` show it; within one round it must not vary."""
    said = answers.to("D3-bn-effective-batch")
    if norm.used is False or (norm.used is None and said is not None and not is_yes(said)):
        return does_not_apply(Text(en="No batch norm.", zh="没有用 batch norm。"))
    if len(norm.effective) > 1:
        return warns(
            Text(en="Trials that are compared differ in it: {sizes}.", zh="互相比较的试验不一样：{sizes}。").fill(
                sizes=", ".join(f"{each:g}" for each in norm.effective)
            )
        )
    if norm.effective or is_yes(said):
        size = same(f"{norm.effective[0]:g}" if norm.effective else said or "")
        return passes(Text(en="Statistics over: {size}.", zh="统计量基于：{size}。").fill(size=size))
    return not_said("D3-bn-effective-batch", Text(en="the batch behind batch norm", zh="batch norm 的有效 batch"))


@rule(
    "D3-ghost-bn",
    Level.ADVICE,
    Scope.PROJECT,
    sections=("body:D.3.5",),
    phase="baseline",
    text=Text(
        en="With large batches the statistics come from fixed parts of 32 or 64 examples (ghost batch norm).",
        zh="大 batch 训练时，用 32 或 64 的固定小子批算统计量（Ghost BN）。",
    ),
    examples=(
        silent(lambda: (BatchNorm(True, ghost=64.0, per_device=512.0), Recipe(), project())),
        silent(lambda: (BatchNorm(False), Recipe(), project()), "not-applicable"),
        silent(lambda: (BatchNorm(True, per_device=64.0), Recipe(), project()), "not-applicable"),
        fires("warn", lambda: (BatchNorm(True, per_device=512.0), Recipe(), project())),
        fires("warn", lambda: (BatchNorm(True, ghost=48.0, per_device=512.0), Recipe(), project())),
        fires("unknown", lambda: (BatchNorm(), Recipe(batch=("batch_size", 512)), project())),
        fires("unknown", lambda: (BatchNorm(True), Recipe(), project())),
    ),
)
def ghost_bn(norm: BatchNorm, recipe: Recipe, project: Project) -> Judgement:
    """A device's batch above the setting wants virtual batches that divide it."""
    size = norm.per_device or (float(str(recipe.batch[1])) if recipe.batch and recipe.batch[1] is not None else None)
    most = project.settings["rule_ghost_batch"]
    if norm.used is False or (size is not None and size <= most):
        return does_not_apply(Text(en="No batch norm, or a small batch.", zh="没用 batch norm，或者 batch 本来就小。"))
    if norm.used is None or size is None:
        return cannot_tell(
            Text(
                en="Batch norm and the batch of a device are not on record.",
                zh="没记是否用 batch norm、每卡 batch 多大。",
            ),
            missing=(
                Text(en="`batch_norm` in `task`, and `batch_size`", zh="`task` 里的 `batch_norm`，以及 `batch_size`"),
            ),
        )
    if norm.ghost is None:
        if norm.effective and norm.effective[-1] <= most:
            return passes(
                Text(en="Statistics over {n}.", zh="统计量基于 {n} 个样本。").fill(n=f"{norm.effective[-1]:g}")
            )
        return warns(
            Text(en="Statistics over {n} examples at once.", zh="统计量一次用 {n} 个样本算。").fill(n=f"{size:g}")
        )
    usual = norm.ghost in (project.settings["rule_ghost_small"], most)
    if not usual or size % norm.ghost:
        return warns(
            Text(en="Parts of {ghost} for a batch of {size}.", zh="batch {size} 用 {ghost} 的子批。").fill(
                ghost=f"{norm.ghost:g}", size=f"{size:g}"
            )
        )
    return passes(Text(en="Statistics over parts of {n}.", zh="统计量用 {n} 的子批算。").fill(n=f"{norm.ghost:g}"))


def _sizes(*sizes: float) -> BatchHistory:
    return BatchHistory(tuple(BatchAt(at + 1, each) for at, each in enumerate(sizes)))


RULES: tuple[Rule, ...] = (
    retune,
    settle_early,
    bn_effective_batch,
    ghost_bn,
)
