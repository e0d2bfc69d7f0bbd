"""Appendix E.3 and body G.3, training curves of the best trials: overfitting and late noise."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TypeVar

from playnote.diagnosis.isolation import IsolationFinding
from playnote.diagnosis.overfitting import OverfittingFinding
from playnote.diagnosis.step_variance import StepVarianceFinding
from playnote.playbook.examples import planned_round, project, runs, state
from playnote.playbook.examples_seen import found
from playnote.playbook.examples_seen import schedule as ran
from playnote.playbook.facts import BaselineRuns, TopCurves
from playnote.playbook.facts.curves import TopNoise
from playnote.playbook.facts.recipe import RATES, Recipe, among
from playnote.playbook.facts.stability import Schedule
from playnote.playbook.rule import Level, Rule, Scope, fires, rule, silent
from playnote.playbook.verdict import Action, Judgement, cannot_tell, does_not_apply, fails, passes, warns
from playnote.records.finding import Finding
from playnote.records.project import Project
from playnote.records.round import Round
from playnote.records.state import ProjectState
from playnote.text import Text


@rule(
    "E3-curves-top",
    Level.MUST,
    Scope.ROUND,
    sections=("body:G.3", "app:E.3", "app:I"),
    phase="analysis",
    text=Text(en="The curves of at least the best few trials are judged.", zh="至少看前几名试验的训练曲线。"),
    examples=(
        silent(lambda: (TopCurves((_overfit("no"),)),)),
        fires("warn", lambda: (TopCurves((_overfit("no"),), ("t0002",)),)),
        fires("unknown", lambda: (TopCurves((), ("t0002",)),)),
    ),
)
def curves_top(curves: TopCurves) -> Judgement:
    """Pass where every best trial's curve was there to be judged."""
    if not curves.findings:
        return cannot_tell(
            Text(en="The best trials have no recorded curve.", zh="最优试验没有曲线记录。"),
            missing=(Text(en="the objective's metric, logged during training", zh="训练过程中记录目标指标"),),
        )
    said = Text(en="Curves of {n} best trials judged.", zh="检查了 {n} 个最优试验的曲线。").fill(n=len(curves.findings))
    return warns(said) if curves.without_curve else passes(said)


@rule(
    "E3-overfit",
    Level.MUST,
    Scope.ROUND,
    sections=("body:G.3", "app:E.3"),
    phase="analysis",
    text=Text(
        en="The best trials do not get worse on Dev before they end.", zh="最优试验不应出现 Dev 中途变差的过拟合。"
    ),
    examples=(
        silent(lambda: (TopCurves((_overfit("no"),)),)),
        fires("fail", lambda: (TopCurves((_overfit("yes"),)),)),
        fires("unknown", lambda: (TopCurves((_overfit("unknown"),)),)),
    ),
)
def overfit(curves: TopCurves) -> Judgement:
    """Fail where any best trial of a value overfits; unknown where one cannot be told."""
    bad = [each for each in curves.findings if each.label == "yes"]
    if bad:
        return fails(
            Text(
                en="{k} of the {n} best trials overfit ({which}).", zh="{n} 个最优试验里有 {k} 个过拟合（{which}）。"
            ).fill(
                k=len(bad),
                n=len(curves.findings),
                which=", ".join(str(each.target.get("trial", "?")) for each in bad[:3]),
            ),
            *bad,
            actions=(
                Action(
                    Text(
                        en="Add regularization and retune the learning rate before calling the model too big.",
                        zh="先加正则、重调学习率，别急着说模型太大。",
                    )
                ),
            ),
        )
    open_ = [each for each in curves.findings if each.label == "unknown"]
    if open_ or not curves.findings:
        return cannot_tell(
            Text(en="Overfitting of {k} best trials cannot be told.", zh="有 {k} 个最优试验是否过拟合还说不清。").fill(
                k=len(open_) or len(curves.without_curve)
            ),
            *open_,
            missing=() if open_ else (Text(en="dev curves", zh="Dev 曲线"),),
        )
    return passes(
        Text(en="None of the {n} best trials overfits.", zh="{n} 个最优试验都没有过拟合。").fill(
            n=len(curves.findings)
        ),
        *curves.findings,
    )


@rule(
    "E3-overfit-regularise",
    Level.SHOULD,
    Scope.ROUND,
    sections=("body:G.3",),
    phase="diagnosis",
    text=Text(
        en="When the best trials overfit, the answer is regularization and a new learning rate, not a smaller model at once.",
        zh="最优试验过拟合，先加正则、重调学习率，别急着说模型太大。",
    ),
    examples=(
        silent(lambda: (TopCurves((_overfit("no"),)), planned_round(), state(), Recipe())),
        silent(lambda: (_bad(), planned_round(), _then(lr="nuisance", dropout="scientific"), _RECIPE)),
        fires("warn", lambda: (_bad(), planned_round(), _then(lr="nuisance"), _RECIPE)),
        fires("fail", lambda: (_bad(), planned_round(), _then(width="scientific"), _RECIPE)),
        fires("unknown", lambda: (_bad(), planned_round(), state(), _RECIPE)),
        silent(lambda: (TopCurves(()), planned_round(), state(), Recipe()), "not-applicable"),
    ),
)
def overfit_regularise(curves: TopCurves, round: Round, state: ProjectState, recipe: Recipe) -> Judgement:
    """After a round whose best trials overfit: what did the next one look at? A smaller model alone fails."""
    bad = [each for each in curves.findings if each.label == "yes"]
    if not bad:
        if not curves.findings or any(each.label == "unknown" for each in curves.findings):
            return does_not_apply(Text(en="No best trial is known to overfit.", zh="没有已知过拟合的最优试验。"))
        return passes(Text(en="No best trial overfits.", zh="最优试验没有过拟合。"))
    after = [each for each in state.rounds if each.number > round.number]
    if not after:
        return cannot_tell(
            Text(
                en="{k} best trials overfit; the next round is not planned.",
                zh="{k} 个最优试验过拟合，下一轮还没计划。",
            ).fill(k=len(bad)),
            *bad,
            missing=(
                Text(en="a round on regularization, learning rate as nuisance", zh="以正则为目标、学习率为冗余的一轮"),
            ),
            actions=(_REGULARIZE,),
        )
    looked = {name for each in after for name, role in each.roles.items() if role != "fixed"}
    if looked & set(recipe.strengths) and among(looked, RATES):
        return passes(Text(en="Regularization was tried next.", zh="接着试了正则。"), *bad)
    if looked & set(recipe.structure) and not looked & set(recipe.strengths):
        return fails(
            Text(
                en="The model's size was changed before regularization was tried.", zh="还没试正则，就先改了模型大小。"
            ),
            *bad,
            actions=(_REGULARIZE,),
        )
    return warns(
        Text(
            en="{k} best trials overfit and regularization was not tried yet.", zh="{k} 个最优试验过拟合，还没试正则。"
        ).fill(k=len(bad)),
        *bad,
        actions=(_REGULARIZE,),
    )


_REGULARIZE = Action(
    Text(
        en="Plan a round on regularization, with the learning rate as nuisance.",
        zh="计划一轮：目标是正则，学习率当冗余超参。",
    ),
    'playnote round new "..." --scientific NAME=V1,V2,V3',
)


@rule(
    "E3-step-variance",
    Level.ADVICE,
    Scope.ROUND,
    sections=("body:G.3",),
    phase="analysis",
    text=Text(
        en="A Dev metric that jumps late makes the result hang on the step at which one stops.",
        zh="后期指标乱跳，停在哪一步结果都不一样。",
    ),
    examples=(
        silent(lambda: (_noise("no"), _gain(0.02))),
        fires("warn", lambda: (_noise("yes"), _gain(0.02))),
        fires("warn", lambda: (_noise("yes"), _gain(-0.001))),
        fires("fail", lambda: (_noise("yes"), _gain(0.001))),
        fires("unknown", lambda: (_noise("unknown"), _gain(0.02))),
        fires("unknown", lambda: (TopNoise(), _gain(0.02))),
    ),
)
def step_variance(noise: TopNoise, isolation: IsolationFinding) -> Judgement:
    """Noise that matters warns; noise larger than the gain that the round is about fails."""
    jumpy = [each for each in noise.findings if each.label == "yes"]
    if jumpy:
        worst = max(each.estimate or 0.0 for each in jumpy)
        gain = isolation.estimate
        said = Text(
            en="{k} of {n} best trials jump by {sd} (SD) late in training.",
            zh="{n} 个最优试验里有 {k} 个后期乱跳，标准差 {sd}。",
        ).fill(k=len(jumpy), n=len(noise.findings), sd=f"{worst:.3g}")
        if gain is not None and worst > gain > 0 and isolation.label != "no":
            return fails(
                Text(en="{said} The gain in question is {gain}.", zh="{said}要判断的提升才 {gain}。").fill(
                    said=said, gain=f"{gain:.3g}"
                ),
                *jumpy,
            )
        return warns(said, *jumpy)
    if not noise.findings or any(each.label == "unknown" for each in noise.findings):
        return cannot_tell(
            Text(en="Late noise cannot be told.", zh="后期波动多大还说不清。"),
            *noise.findings,
            missing=_missing(noise.findings),
        )
    return passes(Text(en="Late noise is below what matters.", zh="后期波动小于在意的差别。"), *noise.findings)


@rule(
    "E3-step-variance-causes",
    Level.ADVICE,
    Scope.ROUND,
    sections=("body:G.3",),
    phase="diagnosis",
    text=Text(
        en="Late jumps come from too small a batch, too small a Dev set, or a learning rate that is still high.",
        zh="后期乱跳，多半是 batch 太小、Dev 太小，或者后期学习率还太大。",
    ),
    examples=(
        silent(lambda: (_noise("no"), runs(0.1), Schedule(None), project()), "not-applicable"),
        silent(lambda: (_noise("yes", 0.012), runs(0.1), Schedule(None), project())),
        silent(lambda: (_noise("yes", 0.2), runs(0.1), ran(end=1.0, flat=True), project())),
        silent(lambda: (_noise("yes", 0.2), runs(0.1), ran(), project())),
        fires("unknown", lambda: (_noise("yes", 0.2), runs(0.1, n_dev=None), Schedule(None), project())),
    ),
)
def step_variance_causes(noise: TopNoise, baseline: BaselineRuns, schedule: Schedule, project: Project) -> Judgement:
    """Sampling of Dev where it is about as large as the noise; else a rate that did not fall; else the batch."""
    jumpy = [each for each in noise.findings if each.label == "yes"]
    if not jumpy:
        return does_not_apply(Text(en="No late jumps.", zh="后期没有乱跳。"))
    worst = max(each.estimate or 0.0 for each in jumpy)
    sampling = _sampling(baseline)
    if sampling is not None and sampling >= worst * project.settings["rule_noise_share"]:
        return passes(
            Text(
                en="Dev's own sampling ({sampling}) explains it: more Dev examples.",
                zh="Dev 抽样误差（{sampling}）就能解释：Dev 要再大些。",
            ).fill(sampling=f"{sampling:.3g}"),
            *jumpy,
        )
    if schedule.seen is None or sampling is None:
        return cannot_tell(
            Text(en="The cause cannot be told apart.", zh="原因还分不清。"),
            *jumpy,
            missing=(Text(en="`n` of dev, and `lr` logged during training", zh="dev 的样本数，以及训练中记录的 `lr`"),),
        )
    if not schedule.seen.decays:
        return passes(
            Text(
                en="The learning rate still stands at {share} of its peak: let it decay.",
                zh="学习率最后还有峰值的 {share}：让它降下来。",
            ).fill(share=f"{schedule.seen.end:.0%}"),
            *jumpy,
        )
    return passes(
        Text(
            en="Neither Dev nor the rate explains it: a larger batch (then tune again), or an average of weights.",
            zh="Dev 和学习率都解释不了：加大 batch（然后重调），或做权重平均。",
        ),
        *jumpy,
    )


def _sampling(baseline: BaselineRuns) -> float | None:
    """Standard error of a share of right or wrong dev examples."""
    if not baseline.scores or not baseline.n_dev or not 0 <= baseline.scores[-1] <= 1:
        return None
    share = baseline.scores[-1]
    return math.sqrt(share * (1 - share) / baseline.n_dev)


def _missing(findings: Sequence[Finding]) -> tuple[Text, ...]:
    """What the findings miss or would settle them, or curves where there is none at all."""
    wanted = [text for each in findings for text in (*each.missing, *(settle.text for settle in each.settles))]
    named = tuple(dict.fromkeys(wanted))
    return named or (Text(en="dev curves of the best trials", zh="最优试验的 Dev 曲线"),)


def _bad() -> TopCurves:
    return TopCurves((_overfit("yes"),))


_RECIPE: Recipe = Recipe(strengths=("dropout",), structure=("width",))


def _then(**roles: str) -> ProjectState:
    return state(rounds=(planned_round(), planned_round(number=2, roles=roles)))


def _noise(label: str, sd: float = 0.005) -> TopNoise:
    return TopNoise((found(StepVarianceFinding, label, estimate=None if label == "unknown" else sd),))


def _gain(gain: float) -> IsolationFinding:
    return IsolationFinding(label="yes", p=0.9, n=16, estimate=gain)


def _overfit(label: str) -> OverfittingFinding:
    return _made(OverfittingFinding, label, trial="t0001")


F = TypeVar("F", bound=Finding)


def _made(kind: type[F], label: str, **target: object) -> F:
    missing = (Text(en="more trials", zh="更多试验"),) if label == "unknown" else ()
    return kind(label=label, p={"yes": 0.9, "no": 0.1}.get(label), n=16, target=target, missing=missing)  # type: ignore[arg-type]


RULES: tuple[Rule, ...] = (
    curves_top,
    overfit,
    overfit_regularise,
    step_variance,
    step_variance_causes,
)
