"""Appendix G.1 and body 8.3: where compute is the limit, short rounds first, then few candidates at full length."""

from __future__ import annotations

from dataclasses import replace

from playnote.diagnosis.transfer import TransferFinding
from playnote.playbook.examples import event, planned_round, project, state
from playnote.playbook.examples_seen import found, lengths, loss, measured
from playnote.playbook.facts.lengths import Lengths, RoundLength
from playnote.playbook.facts.measurements import Measured
from playnote.playbook.facts.stability import SeenSchedule
from playnote.playbook.facts.two_lengths import TwoLengths
from playnote.playbook.measured import measure
from playnote.playbook.rule import Level, Rule, Scope, fires, rule, silent
from playnote.playbook.said import ask
from playnote.playbook.verdict import Action, Judgement, cannot_tell, does_not_apply, fails, passes, warns
from playnote.records.project import Project
from playnote.records.round import Round
from playnote.records.state import ProjectState
from playnote.text import Text, same

_FREE = Text(en="Compute does not limit training.", zh="不受算力限制。")
_ONE_LENGTH = Text(en="All rounds trained equally long.", zh="各轮步数都一样。")
_FINAL = Text(
    en="the steps of the final training (answer G1-round1-short with the number)",
    zh="最终训练的步数（回答 G1-round1-short，写数字）",
)
_REGIME = Text(
    en="whether compute limits training (answer G1-declare-regime)", zh="训练是否受算力限制（回答 G1-declare-regime）"
)
_RATES = Text(en='the learning rate, logged as "lr", at both lengths', zh='两种步数下都记录学习率 "lr"')


@rule(
    "G1-no-full-budget-first",
    Level.FORBID,
    Scope.ROUND,
    sections=("body:8.3", "app:G.1"),
    phase="steps",
    text=Text(
        en="Where compute is the limit, do not run every trial at the final length from the start: use several rounds.",
        zh="受算力限制时，不要一上来就用最终预算跑所有试验：分多轮来。",
    ),
    bars=("round new",),
    examples=(
        silent(lambda: (planned_round(), lengths(100), project())),
        silent(lambda: (planned_round(), lengths(1000, bound=False), project()), "not-applicable"),
        silent(lambda: (planned_round(number=2), lengths(100, 1000), project()), "not-applicable"),
        fires("fail", lambda: (planned_round(), lengths(1000), project())),
        fires("unknown", lambda: (planned_round(), lengths(1000, production=None), project())),
    ),
)
def no_full_budget_first(round: Round, lengths: Lengths, project: Project) -> Judgement:
    """Fail where the first round trains nearly as long as the final training."""
    if lengths.bound is False or not _is_first(round, lengths):
        return does_not_apply(_FREE if lengths.bound is False else _LATER)
    share = lengths.share(0)
    if lengths.bound is None or share is None:
        return _untold(lengths)
    if share >= project.settings["rule_round2_near"]:
        return fails(
            Text(
                en="The first round trains at {share:.0%} of the final steps.",
                zh="第一轮就用了最终步数的 {share:.0%}。",
            ).fill(share=share),
            actions=(
                Action(
                    Text(en="Plan it short, about a tenth.", zh="先短跑，约十分之一。"), "playnote round new --short"
                ),
            ),
        )
    return passes(
        Text(en="The first round is shorter ({share:.0%}).", zh="第一轮较短（{share:.0%}）。").fill(share=share)
    )


@rule(
    "G1-round1-short",
    Level.STRATEGY,
    Scope.ROUND,
    sections=("body:8.3", "app:G.1"),
    phase="steps",
    text=Text(
        en="Round 1 trains short, about 10 % (up to 20 %) of the final steps, and tries widely: architecture, "
        "regularization, augmentation.",
        zh="Round 1 短跑：约 10%（到 20%）的最终步数，广泛探索架构、正则、数据增强等。",
    ),
    asks=Text(en="How many steps will the final training have?", zh="最终训练打算跑多少步？"),
    examples=(
        silent(lambda: (planned_round(), lengths(150), project())),
        silent(lambda: (planned_round(), lengths(1000, bound=False), project()), "not-applicable"),
        fires("warn", lambda: (planned_round(), lengths(300), project())),
        fires("warn", lambda: (planned_round(), lengths(50), project())),
        fires("fail", lambda: (planned_round(), lengths(600), project())),
        fires("unknown", lambda: (planned_round(), lengths(150, production=None), project())),
    ),
)
def round1_short(round: Round, lengths: Lengths, project: Project) -> Judgement:
    """Pass between a tenth and a fifth, fail above half."""
    if lengths.bound is False or not _is_first(round, lengths):
        return does_not_apply(_FREE if lengths.bound is False else _LATER)
    share = lengths.share(0)
    if lengths.bound is None or share is None:
        return _untold(lengths)
    said = Text(en="{share:.0%} of the final steps.", zh="最终步数的 {share:.0%}。").fill(share=share)
    if share > project.settings["rule_round1_most"]:
        return fails(said, actions=(Action(Text(en="Plan it shorter.", zh="改短些。"), "playnote round new --short"),))
    inside = project.settings["rule_round1_low"] - 1e-9 <= share <= project.settings["rule_round1_high"] + 1e-9
    return passes(said) if inside else warns(said)


@rule(
    "G1-round2-confirm",
    Level.STRATEGY,
    Scope.PROJECT,
    sections=("body:8.3", "app:G.1"),
    phase="steps",
    text=Text(
        en="Round 2 confirms on few candidates, at nearly the final length.",
        zh="Round 2 在少数候选上用接近最终的步数长跑确认。",
    ),
    examples=(
        silent(lambda: (lengths(150, 900), _pair("yes"), state())),
        silent(lambda: (lengths(1000, bound=False), TwoLengths(), state()), "not-applicable"),
        silent(lambda: (lengths(), TwoLengths(), state()), "not-applicable"),
        fires("warn", lambda: (lengths(150, 900), _pair("no"), state())),
        fires("warn", lambda: (lengths(150, 900, configurations=20), _pair("yes", configurations=20), state())),
        fires("fail", lambda: (lengths(150), TwoLengths(), state(journal=(event("adoption", verdict="adopted"),)))),
        fires("unknown", lambda: (lengths(150), TwoLengths(), state())),
    ),
)
def round2_confirm(lengths: Lengths, two: TwoLengths, state: ProjectState) -> Judgement:
    """Fail where something was adopted from short runs alone; warn where the order changed or too many were confirmed."""
    if lengths.bound is False or not lengths.rounds:
        return does_not_apply(_FREE if lengths.bound is False else Text(en="No round yet.", zh="还没有开始任何一轮。"))
    if lengths.bound is None or lengths.production is None:
        return _untold(lengths)
    near = state.project.settings["rule_round2_near"]
    shares = [lengths.share(at) or 0.0 for at in range(len(lengths.rounds))]
    if max(shares) < near:
        adopted = any(each.data.get("verdict") == "adopted" for each in state.events("adoption"))
        confirm = Action(
            Text(en="Confirm two to five candidates at length.", zh="挑 2–5 个候选长跑确认。"),
            "playnote round new --confirm",
        )
        if adopted:
            return fails(Text(en="Adopted from short runs alone.", zh="只凭短跑就上线了。"), actions=(confirm,))
        return cannot_tell(
            Text(en="Not confirmed at length yet.", zh="还没长跑确认。"),
            missing=(Text(en="a round at nearly the final length", zh="一轮接近最终步数的长跑"),),
            actions=(confirm,),
        )
    return _confirmed(two, int(state.project.settings["rule_round2_candidates"]))


@rule(
    "G1-transferability",
    Level.ADVICE,
    Scope.PROJECT,
    sections=("body:8.3",),
    phase="steps",
    text=Text(
        en="From short to long runs, warmup and initialization carry over best, clear wins of an architecture often do, "
        "optimizer and regularization want another look, details of the schedule carry over least.",
        zh="从短跑到长跑：预热和初始化最可迁移，架构的明显胜负常能迁移，优化器和正则要再确认，调度细节最不可迁移。",
    ),
    examples=(
        silent(lambda: (TwoLengths(),), "not-applicable"),
        silent(lambda: (replace(_pair("yes"), copied=()),)),
        fires("warn", lambda: (replace(_pair("yes"), copied=("decay_factor",)),)),
        fires("unknown", lambda: (_pair("yes"),)),
    ),
)
def transferability(two: TwoLengths) -> Judgement:
    """Warn where hyperparameters of the schedule were copied unchanged from the short round."""
    if two.long is None:
        return does_not_apply(_ONE_LENGTH)
    if two.copied is None:
        return cannot_tell(
            Text(en="No hyperparameter is declared as one of the schedule.", zh="没有声明属于调度的超参。"),
            missing=(Text(en='`group = "schedule"` on them', zh='给它们写上 `group = "schedule"`'),),
        )
    if two.copied:
        return warns(
            Text(en="{names} copied unchanged into the long round.", zh="{names} 原样搬到了长跑。").fill(
                names=same(", ".join(two.copied))
            ),
            actions=(Action(Text(en="Tune them again at this length.", zh="在这个步数下重新调。")),),
        )
    return passes(Text(en="The schedule was tuned again.", zh="调度细节重新调过。"))


@rule(
    "G1-stretch-schedule",
    Level.ADVICE,
    Scope.PROJECT,
    sections=("body:8.3",),
    phase="steps",
    text=Text(
        en="Going to long runs, keep the peak rate and spend the extra steps at a high rate before the decay.",
        zh="拉长时保持 peak lr，延长高 lr 区间，再衰减。",
    ),
    examples=(
        silent(lambda: (TwoLengths(), project()), "not-applicable"),
        silent(lambda: (_stretched(low=20.0), project())),
        fires("warn", lambda: (_stretched(low=700.0), project())),
        fires("unknown", lambda: (_pair("yes"), project())),
    ),
)
def stretch_schedule(two: TwoLengths, project: Project) -> Judgement:
    """Warn where most of the extra steps run under a tenth of the peak."""
    if two.long is None:
        return does_not_apply(_ONE_LENGTH)
    if two.low_share is None or two.schedules is None:
        return cannot_tell(
            Text(en="The schedules were not logged at both lengths.", zh="没有记录两种步数下的调度。"),
            missing=(_RATES,),
        )
    said = Text(
        en="{low:.0%} of the extra steps run under a tenth of the peak ({first:.3g} -> {second:.3g}).",
        zh="多出来的步数有 {low:.0%} 低于峰值的十分之一（峰值 {first:.3g} -> {second:.3g}）。",
    ).fill(low=two.low_share, first=two.schedules[0].peak, second=two.schedules[1].peak)
    return warns(said) if two.low_share > project.settings["rule_low_rate_share"] else passes(said)


@rule(
    "G1-rescale-recheck",
    Level.ADVICE,
    Scope.PROJECT,
    sections=("body:8.3",),
    phase="stability",
    text=Text(
        en="Or stretch the whole schedule in proportion; then look at stability again.",
        zh="也可以按比例拉伸整个调度，但要重新看稳定性。",
    ),
    examples=(
        silent(lambda: (TwoLengths(), measured()), "not-applicable"),
        silent(lambda: (_stretched(low=20.0), measured()), "not-applicable"),
        silent(lambda: (replace(_scaled(), loss=loss("no")), measured())),
        fires("fail", lambda: (_scaled(), measured())),
        fires("unknown", lambda: (_pair("yes"), measured())),
    ),
)
def rescale_recheck(two: TwoLengths, measured: Measured) -> Judgement:
    """Fail where the schedule was scaled and neither the loss of the long run nor a probe was looked at."""
    if two.long is None:
        return does_not_apply(_ONE_LENGTH)
    if two.scaled is None:
        return cannot_tell(
            Text(en="The schedules were not logged at both lengths.", zh="没有记录两种步数下的调度。"),
            missing=(_RATES,),
        )
    if not two.scaled:
        return does_not_apply(Text(en="The schedule was not scaled.", zh="没有按比例拉伸。"))
    if two.loss is not None and two.loss.label != "unknown":
        return passes(Text(en="The long run's loss was looked at.", zh="看过长跑的 loss。"), two.loss)
    if measured.last("stability") is not None:
        return passes(Text(en="Stability was probed.", zh="测过稳定性。"))
    return fails(
        Text(en="Scaled, and stability was not looked at again.", zh="按比例拉伸了，却没再看稳定性。"),
        actions=(measure("stability", 4),),
    )


_LATER = Text(en="Not the first round.", zh="不是第一轮。")


def _is_first(round: Round, lengths: Lengths) -> bool:
    return not lengths.rounds or round.number == lengths.rounds[0].number


def _untold(lengths: Lengths) -> Judgement:
    missing = (*((_REGIME,) if lengths.bound is None else ()), *((_FINAL,) if lengths.production is None else ()))
    rule = "G1-declare-regime" if lengths.bound is None else "G1-round1-short"
    return cannot_tell(
        Text(en="Depends on the compute limit and the final length.", zh="要看是否受算力限制、最终跑多少步。"),
        missing=missing or (Text(en="the round's steps", zh="这一轮的步数"),),
        actions=(ask(rule),),
    )


def _confirmed(two: TwoLengths, most: int) -> Judgement:
    if two.long is None:
        return warns(Text(en="Confirmed at length without a short round.", zh="没有短跑，直接长跑。"))
    n = two.long.configurations
    kept = () if two.order is None else (two.order,)
    if two.order is not None and two.order.label == "no":
        return warns(Text(en="The order changed from short to long.", zh="短跑和长跑的排序变了。"), *kept)
    if n > most or n < 2 or not two.long.with_baseline:
        return warns(
            Text(
                en="{n} configurations at length; two to {most}, with the baseline, are meant.",
                zh="长跑了 {n} 个配置；应为 2–{most} 个，含 baseline。",
            ).fill(n=n, most=most),
            *kept,
        )
    return passes(Text(en="{n} candidates confirmed at length.", zh="{n} 个候选长跑确认。").fill(n=n), *kept)


def _pair(kept: str, configurations: int = 4) -> TwoLengths:
    short, long = RoundLength(1, 150.0, 20), RoundLength(2, 900.0, configurations, with_baseline=True)
    return TwoLengths(short, long, found(TransferFinding, kept))


def _stretched(low: float) -> TwoLengths:
    short = SeenSchedule(150.0, 0.1, 10.0, True, 0.0, False, 15.0)
    return replace(_pair("yes"), schedules=(short, replace(short, total=900.0, low=low)))


def _scaled() -> TwoLengths:
    short = SeenSchedule(150.0, 0.1, 10.0, True, 0.0, False, 15.0)
    return replace(_pair("yes"), schedules=(short, replace(short, total=900.0, warmup=60.0, low=90.0)))


RULES: tuple[Rule, ...] = (
    no_full_budget_first,
    round1_short,
    round2_confirm,
    transferability,
    stretch_schedule,
    rescale_recheck,
)
