"""Appendix E.3 and body G.3, how training ends: still improving, flat for long, spikes on the way."""

from __future__ import annotations

from collections.abc import Sequence

from playnote.playbook.examples import project
from playnote.playbook.examples_seen import early_end, loss, spikes, still
from playnote.playbook.facts.curves import TopEnds, TopSpikes
from playnote.playbook.measured import measure
from playnote.playbook.rule import Level, Rule, Scope, fires, rule, silent
from playnote.playbook.verdict import Action, Judgement, cannot_tell, fails, passes, warns
from playnote.records.finding import Finding
from playnote.records.project import Project
from playnote.text import Text


@rule(
    "E3-still-improving",
    Level.IF,
    Scope.ROUND,
    sections=("body:G.3",),
    phase="analysis",
    text=Text(
        en="Where more steps would clearly help, training was too short: compute is the limit.",
        zh="再训久一点还会明显变好，说明步数偏短（受算力限制）。",
    ),
    examples=(
        silent(lambda: (TopEnds((still("no"),)),)),
        fires("warn", lambda: (TopEnds((still("yes"),)),)),
        fires("unknown", lambda: (TopEnds((still("unknown"),)),)),
        fires("unknown", lambda: (TopEnds(),)),
    ),
)
def still_improving(ends: TopEnds) -> Judgement:
    """About the same schedule stretched, never about the slope of the tail."""
    better = [each for each in ends.improving if each.label == "yes"]
    if better:
        return warns(
            Text(
                en="{k} of {n} best trials would gain by half as many steps again.",
                zh="{n} 个最优试验里有 {k} 个再多训一半步数还会变好。",
            ).fill(k=len(better), n=len(ends.improving)),
            *better,
            actions=(Action(Text(en="Train the best one for longer.", zh="拿最优的那个训更久试试。")),),
        )
    if not ends.improving or any(each.label == "unknown" for each in ends.improving):
        return cannot_tell(
            Text(en="Whether more steps would help cannot be told.", zh="再训久有没有用还说不清。"),
            *ends.improving,
            missing=_missing(ends.improving),
        )
    return passes(Text(en="More steps would gain little.", zh="再训久也没多少提升。"), *ends.improving)


@rule(
    "E3-early-plateau",
    Level.MUST,
    Scope.ROUND,
    sections=("body:G.3", "app:E.3"),
    phase="analysis",
    text=Text(
        en="Curves that go flat early waste their steps: train for less, or change the schedule.",
        zh="曲线很早就平了，后面的步数就是浪费：缩短训练或改调度。",
    ),
    examples=(
        silent(lambda: (TopEnds(saturated=(early_end("no"),)), project())),
        fires("warn", lambda: (TopEnds(saturated=(early_end("yes"),), flat_from={"t0001": 0.4}), project())),
        fires("fail", lambda: (TopEnds(saturated=(early_end("yes"),), flat_from={"t0001": 0.05}), project())),
        fires("unknown", lambda: (TopEnds(saturated=(early_end("unknown"),)), project())),
        fires("unknown", lambda: (TopEnds(), project())),
    ),
)
def early_plateau(ends: TopEnds, project: Project) -> Judgement:
    """Half the steps would have done: warn; most top trials flat from the first tenth on: fail."""
    flat = [each for each in ends.saturated if each.label == "yes"]
    if flat:
        early = [name for name, share in ends.flat_from.items() if share < project.settings["rule_plateau_fail"]]
        said = Text(
            en="{k} of {n} best trials would end as well with half the steps.",
            zh="{n} 个最优试验里有 {k} 个只训一半也一样。",
        ).fill(k=len(flat), n=len(ends.saturated))
        return fails(said, *flat) if 2 * len(early) > len(ends.saturated) else warns(said, *flat)
    if not ends.saturated or any(each.label == "unknown" for each in ends.saturated):
        return cannot_tell(
            Text(en="Whether fewer steps would do cannot be told.", zh="少训一些够不够还说不清。"),
            *ends.saturated,
            missing=_missing(ends.saturated),
        )
    return passes(Text(en="The steps are used to the end.", zh="步数没有浪费。"), *ends.saturated)


@rule(
    "E3-spikes",
    Level.MUST,
    Scope.ROUND,
    sections=("app:E.3",),
    phase="analysis",
    text=Text(
        en="The best trials show no huge gradients and no loss that jumps and stays.",
        zh="最优试验没有巨大的梯度尖峰，也没有跳上去下不来的 loss。",
    ),
    examples=(
        silent(lambda: (TopSpikes((loss("no"),), (spikes("no"),)),)),
        fires("warn", lambda: (TopSpikes((loss("no"),), (spikes("yes"),)),)),
        fires("fail", lambda: (TopSpikes((loss("yes"),), (spikes("yes"),)),)),
        fires("unknown", lambda: (TopSpikes((loss("no"),), (), ("t0001",)),)),
        fires("unknown", lambda: (TopSpikes(),)),
    ),
)
def top_spikes(seen: TopSpikes) -> Judgement:
    """A lasting rise of the training loss fails, spikes that pass warn; without gradient norms it is unknown."""
    lasting = [each for each in seen.losses if each.label == "yes"]
    spiking = [each for each in seen.norms if each.label == "yes"]
    if lasting:
        return fails(
            Text(
                en="The training loss of {k} best trials jumps and stays.",
                zh="{k} 个最优试验的训练 loss 跳上去下不来。",
            ).fill(k=len(lasting)),
            *lasting,
            actions=(measure("stability"),),
        )
    if spiking:
        return warns(
            Text(en="{k} best trials have gradient spikes.", zh="{k} 个最优试验有梯度尖峰。").fill(k=len(spiking)),
            *spiking,
        )
    if seen.without_norm or not seen.norms:
        return cannot_tell(
            Text(en="Gradient norms of the best trials are not on record.", zh="最优试验没有记录梯度范数。"),
            missing=(Text(en="`grad_norm` logged during training", zh="训练中记录 `grad_norm`"),),
        )
    untold = [each for each in (*seen.losses, *seen.norms) if each.label == "unknown"]
    if untold:
        return cannot_tell(
            Text(
                en="What is logged of the best trials is too little to tell spikes.",
                zh="最优试验记录得太少，看不出有没有尖峰。",
            ),
            *untold,
        )
    return passes(Text(en="No spikes in the best trials.", zh="最优试验没有尖峰。"), *seen.losses, *seen.norms)


def _missing(findings: Sequence[Finding]) -> tuple[Text, ...]:
    """What the findings miss or would settle them, or curves where there is none at all."""
    wanted = [text for each in findings for text in (*each.missing, *(settle.text for settle in each.settles))]
    named = tuple(dict.fromkeys(wanted))
    return named or (Text(en="dev curves of the best trials", zh="最优试验的 Dev 曲线"),)


RULES: tuple[Rule, ...] = (
    still_improving,
    early_plateau,
    top_spikes,
)
