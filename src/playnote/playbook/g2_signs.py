"""Appendix G.2 and body 9.1, signs of unstable training, where to look for them, and the order of cures."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

from playnote.playbook.examples_seen import clip, clipping, edge, measured, shaky, spikes, steady
from playnote.playbook.facts.measurements import Measured, Measurement
from playnote.playbook.facts.stability import Clipping, Stability
from playnote.playbook.measured import measure, not_measured
from playnote.playbook.rule import Level, Rule, Scope, fires, rule, silent
from playnote.playbook.verdict import Action, Judgement, cannot_tell, does_not_apply, fails, passes, warns
from playnote.records.finding import Finding
from playnote.text import Text, same

_LOSS = Text(en='"train/loss" logged at every step', zh='逐步记录 "train/loss"')
_NORM = Text(en='"grad_norm" before clipping, logged at every step', zh='逐步记录裁剪前的 "grad_norm"')
_ORDER = {"warmup": 0, "clipping": 1, "architecture": 2, "optimizer": 2, "lower-lr": 3}
_SHOWN = 2.0  # a jump at this multiple of the best rate counts; further up every model diverges somewhere


@rule(
    "G2-signs",
    Level.CHECK,
    Scope.PROJECT,
    sections=("body:9.1", "app:G.2"),
    phase="stability",
    text=Text(
        en="No sign of instability: the loss does not explode when the rate rises a little, the best rate is not at the "
        "edge of divergence, gradient norms have no huge spikes, the early loss does not jump and recover slowly.",
        zh="没有不稳定迹象：学习率稍大 loss 不爆炸，最优 lr 不贴发散边界，梯度范数没有巨大尖峰，初期 loss 不突然上升又慢慢恢复。",
    ),
    examples=(
        silent(lambda: (steady(norms=(spikes("no"),), edges=(edge("no"),)),)),
        fires("fail", lambda: (shaky(),)),
        fires("fail", lambda: (steady(edges=(edge("yes"),)),)),
        fires("warn", lambda: (steady(norms=(spikes("yes"),)),)),
        fires("unknown", lambda: (Stability(),)),
        fires("unknown", lambda: (steady(norms=(spikes("no"),)),)),
    ),
)
def signs(stability: Stability) -> Judgement:
    """Fail on jumps in two baseline runs or a best rate at the edge; a sign in one run alone warns."""
    found: tuple[Finding, ...] = (*stability.shaking, *stability.at_edge, *stability.spiking)
    said = _seen(stability)
    if stability.open or stability.at_edge or len(stability.spiking) > 1:
        return fails(said, *found, actions=(measure("stability", 4), measure("warmup", 6)))
    if stability.hinted:
        return warns(said, *found, actions=(measure("stability", 4),))
    lacking = [
        text
        for given, text in ((stability.losses, _LOSS), (stability.norms, _NORM), (stability.edges, _EDGE))
        if not any(each.label == "no" for each in given)
    ]
    if lacking:
        return cannot_tell(
            Text(en="None seen, but not every sign could have been.", zh="没看到，但有的迹象现在看不到。"),
            *stability.losses,
            missing=tuple(lacking),
            actions=(measure("stability", 4),),
        )
    return passes(Text(en="None of the signs.", zh="这些迹象都没有。"), *stability.losses, *stability.edges)


@rule(
    "G2-lr-sweep",
    Level.ADVICE,
    Scope.PROJECT,
    sections=("body:9.1",),
    phase="stability",
    text=Text(en="Sweep constant learning rates to find the best one, lr*.", zh="做常数 lr 扫描，找到最佳 lr*。"),
    by="lr",
    examples=(
        silent(lambda: (measured(lr=_SWEEP), steady())),
        silent(lambda: (measured(), steady(edges=(edge("no"),)))),
        fires("warn", lambda: (measured(lr={**_SWEEP, "best": 1.0}), steady())),
        fires("warn", lambda: (measured(lr={**_SWEEP, "unstable": None}), steady())),
        fires("unknown", lambda: (measured(), steady())),
    ),
)
def lr_sweep(measured: Measured, stability: Stability) -> Judgement:
    """Inside the grid, with a rate that diverges above it; a round that searched the rate answers it too."""
    last = measured.last("lr")
    if last is None:
        told = [each for each in stability.edges if each.label != "unknown"]
        if told:
            return passes(Text(en="A round has searched the learning rate.", zh="有一轮搜过学习率。"), *told)
        return cannot_tell(
            Text(en="The learning rate has not been swept.", zh="还没扫过学习率。"),
            missing=(not_measured("lr"),),
            actions=(measure("lr", 7),),
        )
    best, low, high = (last.number_of(name) for name in ("best", "lowest", "highest"))
    said = Text(en="lr* = {best}, of {low} to {high}.", zh="lr* = {best}，扫描 {low} 到 {high}。").fill(
        best=best, low=low, high=high
    )
    if best is None or low is None or high is None or not low < best < high or last.number_of("unstable") is None:
        return warns(
            Text(
                en="{said} The best lies at an end, or no rate diverged.", zh="{said}最优在两端，或没扫到发散的 lr。"
            ).fill(said=said),
            actions=(measure("lr", 3),),
        )
    return passes(said)


@rule(
    "G2-above-best-lr",
    Level.ADVICE,
    Scope.PROJECT,
    sections=("body:9.1",),
    phase="stability",
    text=Text(
        en="Train at a rate slightly above lr*: a loss that falls and then shoots up means instability.",
        zh="用略大于 lr* 的值画训练曲线：先降后突然暴涨，就有稳定性问题。",
    ),
    by="stability",
    examples=(
        silent(lambda: (measured(stability=[_probe(1.25), _probe(2), _probe(10, jumped=True)]),)),
        fires("fail", lambda: (measured(stability=[_probe(1.25, jumped=True)]),)),
        fires("unknown", lambda: (measured(),)),
        fires("unknown", lambda: (measured(stability=_probe(2, every=50)),)),
    ),
)
def above_best_lr(measured: Measured) -> Judgement:
    """A jump at up to twice lr* counts; one only at five or ten times is recorded, not held against it."""
    probes = [each for each in measured.all("stability") if each.number_of("factor") is not None]
    near = [each for each in probes if (each.number_of("factor") or 0) <= _SHOWN]
    jumped = [each for each in near if each.flag("jumped")]
    if jumped:
        return fails(
            Text(en="Jumps at {x:g} times lr*.", zh="在 {x:g} 倍 lr* 处突然暴涨。").fill(
                x=min(each.number_of("factor") or 0 for each in jumped)
            ),
            actions=(measure("warmup", 6),),
        )
    fine = [each for each in near if (each.number_of("logged_every") or 1) <= 1]
    if not fine:
        return cannot_tell(
            Text(en="Not tried, or logged too rarely to see.", zh="没试过，或记录太稀看不出。"),
            missing=(not_measured("stability"),),
            actions=(measure("stability", 4),),
        )
    return passes(
        Text(en="Keeps falling up to {x:g} times lr*.", zh="到 {x:g} 倍 lr* 都在下降。").fill(
            x=max(each.number_of("factor") or 0 for each in fine)
        )
    )


@rule(
    "G2-log-grad-norm",
    Level.ADVICE,
    Scope.PROJECT,
    sections=("body:9.1", "body:9.3"),
    phase="run",
    text=Text(
        en="The L2 norm of the gradient is logged before clipping, and huge outliers are looked for.",
        zh="记录裁剪前的梯度 L2 范数，观察有没有巨大 outlier。",
    ),
    examples=(
        silent(lambda: (clipping(None, clip("no"), readings=900, logged_every=1.0), steady())),
        fires("warn", lambda: (clipping(None, clip("no"), readings=90, logged_every=10.0), steady())),
        fires("fail", lambda: (clipping(1.0), steady())),
        fires("fail", lambda: (clipping(None), shaky())),
        fires("unknown", lambda: (clipping(None), steady())),
    ),
)
def log_grad_norm(clipping: Clipping, stability: Stability) -> Judgement:
    """Fail where training clips, or shows a sign of instability, and no norm is on record."""
    if not clipping.readings:
        log = Action(Text(en='Log "grad_norm" at every step.', zh='逐步记录 "grad_norm"。'))
        if clipping.threshold is not None or stability.hinted:
            return fails(
                Text(
                    en="Gradients are clipped or in doubt, and no norm is on record.",
                    zh="在裁剪或有疑点，却没记梯度范数。",
                ),
                actions=(log,),
            )
        return cannot_tell(
            Text(en="No gradient norm is on record.", zh="没有梯度范数的记录。"), missing=(_NORM,), actions=(log,)
        )
    if clipping.finding is not None and clipping.finding.label == "unknown" and clipping.threshold is not None:
        return warns(
            Text(en="Logged after clipping, or too rarely.", zh="是裁剪后记的，或记得太少。"), clipping.finding
        )
    if clipping.logged_every is not None and clipping.logged_every > 1:
        return warns(
            Text(en="Logged only every {n:g} steps.", zh="每 {n:g} 步才记一次。").fill(n=clipping.logged_every)
        )
    return passes(Text(en="{n} norms on record.", zh="记了 {n} 个梯度范数。").fill(n=clipping.readings))


@rule(
    "G2-order",
    Level.DECIDE,
    Scope.PROJECT,
    sections=("app:G.2",),
    phase="stability",
    text=Text(
        en="Cures in this order: warmup, gradient clipping, a look at architecture and initialization, and a lower peak "
        "rate last.",
        zh="处理顺序：学习率预热、梯度裁剪、检查架构与初始化，最后才降峰值 lr。",
    ),
    by="remedy",
    examples=(
        silent(lambda: (measured(), steady()), "not-applicable"),
        silent(lambda: (measured(remedy=[{"remedy": "warmup"}, {"remedy": "clipping"}]), shaky())),
        silent(lambda: (measured(remedy={"remedy": "clipping"}), shaky(early=False))),
        fires("warn", lambda: (measured(remedy=[{"remedy": "clipping"}]), shaky())),
        fires("fail", lambda: (measured(remedy={"remedy": "lower-lr"}), shaky())),
        fires("unknown", lambda: (measured(), shaky())),
    ),
)
def order(measured: Measured, stability: Stability) -> Judgement:
    """Fail where the rate was lowered first; instability from the middle of training may begin with clipping."""
    tried = [each.word("remedy") for each in measured.all("remedy") if each.word("remedy") in _ORDER]
    if not tried:
        if not stability.hinted:
            return does_not_apply(Text(en="No instability.", zh="没有不稳定。"))
        first = "clipping" if stability.early is False else "warmup"
        return cannot_tell(
            Text(en="No cure has been tried yet.", zh="还没试过任何办法。"),
            missing=(Text(en="a cure tried and judged", zh="试一种办法并判断效果"),),
            actions=(measure(first, 6),),
        )
    path = same(" -> ".join(tried))
    if tried[0] == "lower-lr" and not _half_clipped(measured.all("remedy")):
        return fails(Text(en="The rate was lowered first ({path}).", zh="先降了 lr（{path}）。").fill(path=path))
    start = 1 if stability.early is False else 0
    ranks = [_ORDER[name] for name in tried]
    gaps = any(second - first > 1 for first, second in pairwise(ranks))
    if ranks != sorted(ranks) or ranks[0] > start or gaps:
        return warns(Text(en="Another order: {path}.", zh="顺序不同：{path}。").fill(path=path))
    return passes(Text(en="In order: {path}.", zh="按顺序：{path}。").fill(path=path))


_EDGE = Text(en="a round (or sweep) over the learning rate with diverged trials", zh="一轮扫学习率、含发散试验的搜索")
_SWEEP: Mapping[str, object] = {"best": 0.1, "lowest": 0.001, "highest": 1.0, "unstable": 0.5, "stable": 0.3}


def _seen(stability: Stability) -> Text:
    return Text(
        en="Of {n} baseline runs {jump} jump, {lost} diverged, {spike} spike; rates at the edge: {edge}.",
        zh="{n} 次 baseline 里：突跳 {jump}，发散 {lost}，尖峰 {spike}；贴边的学习率 {edge}。",
    ).fill(
        n=stability.runs,
        jump=len(stability.shaking),
        lost=stability.diverged,
        spike=len(stability.spiking),
        edge=len(stability.at_edge),
    )


def _half_clipped(remedies: tuple[Measurement, ...]) -> bool:
    """Whether the rate was lowered because clipping already did so in effect."""
    return any(each.word("remedy") == "lower-lr" and each.word("skipped") == "half-clipped" for each in remedies)


def _probe(factor: float, *, jumped: bool = False, every: int = 1) -> Mapping[str, object]:
    return {"factor": factor, "jumped": jumped, "logged_every": every}


RULES: tuple[Rule, ...] = (signs, lr_sweep, above_best_lr, log_grad_norm, order)
