"""Appendix E.3 and body G, the analysis: boundaries, infeasible points, density, isolation, curves."""

from __future__ import annotations

from typing import TypeVar

from playnote.diagnosis.boundary import BoundaryFinding
from playnote.diagnosis.density import DensityFinding
from playnote.diagnosis.infeasible import InfeasibleFinding
from playnote.diagnosis.isolation import IsolationFinding
from playnote.diagnosis.overfitting import OverfittingFinding
from playnote.playbook.examples import planned_round, project
from playnote.playbook.facts import BoundaryFindings, Target, TopCurves
from playnote.playbook.rule import Level, Rule, Scope, fires, rule, silent
from playnote.playbook.verdict import Action, Judgement, cannot_tell, does_not_apply, fails, passes, warns
from playnote.records.finding import Finding
from playnote.records.project import Project
from playnote.records.round import Round
from playnote.text import Text

F = TypeVar("F", bound=Finding)
_SIDE = {"low": Text(en="bottom", zh="下边界"), "high": Text(en="top", zh="上边界")}


@rule(
    "E3-boundary",
    Level.MUST,
    Scope.HYPERPARAMETER,
    sections=("body:G.1", "app:E.3"),
    phase="analysis",
    text=Text(en="The best trials stay away from the ends of each range.", zh="最优试验不应挤在搜索范围的边界附近。"),
    examples=(
        silent(lambda: (_sides("no", "no"), Target(1, "lr"))),
        fires("fail", lambda: (_sides("no", "yes"), Target(1, "lr"))),
        fires("unknown", lambda: (_sides("no", "unknown"), Target(1, "lr"))),
        silent(lambda: (BoundaryFindings(()), Target(1, "optimizer")), "not-applicable"),
    ),
)
def boundary(findings: BoundaryFindings, target: Target) -> Judgement:
    """Fail on an end the best trials crowd, unless divergence or a natural bound explains it."""
    name = target.hyperparameter or ""
    if not findings.sides:
        return does_not_apply(Text(en="{name} has no ends.", zh="{name} 没有边界。").fill(name=name))
    crowded = [each for each in findings.sides if each.label == "yes"]
    if crowded:
        side = str(crowded[0].target.get("side", "high"))
        return fails(
            Text(en="The range of {name} stops too early at the {side}.", zh="{name} 的范围在{side}收得太早。").fill(
                name=name, side=_SIDE[side]
            ),
            *crowded,
            actions=(
                Action(
                    Text(en="Widen the range of {name} at the {side}.", zh="把 {name} 的{side}往外扩。").fill(
                        name=name, side=_SIDE[side]
                    ),
                    f"playnote widen {name} --{side}",
                ),
            ),
        )
    open_ = [each for each in findings.sides if each.label == "unknown"]
    if open_:
        notes = [each.note for each in open_ if each.note is not None]
        return cannot_tell(
            notes[0]
            if notes
            else Text(
                en="Whether {name}'s range is wide enough cannot be told yet.", zh="{name} 的范围够不够宽还说不清。"
            ).fill(name=name),
            *open_,
        )
    return passes(
        Text(en="The best trials stay clear of both ends of {name}.", zh="{name}：最优试验离两端都远。").fill(
            name=name
        ),
        *findings.sides,
    )


@rule(
    "E3-infeasible",
    Level.MUST,
    Scope.ROUND,
    sections=("body:G.1", "app:E.3"),
    phase="analysis",
    text=Text(
        en="How many trials are infeasible, and on which side they lie, is looked at.",
        zh="看有多少不可行点、在哪一侧。",
    ),
    examples=(
        silent(lambda: (_infeasible(0.05), project())),
        fires("warn", lambda: (_infeasible(0.3), project())),
        fires("fail", lambda: (_infeasible(0.7), project())),
        fires("unknown", lambda: (_infeasible(None), project())),
    ),
)
def infeasible(finding: InfeasibleFinding, project: Project) -> Judgement:
    """Share of diverged trials; failures of code or machines are not counted."""
    share = finding.estimate
    if share is None:
        return cannot_tell(
            Text(en="No trial has ended well enough to count.", zh="还没有可统计的试验。"),
            finding,
            missing=(Text(en="ended trials", zh="跑完的试验"),),
        )
    where = ", ".join(
        f"{cliff.hyperparameter} {_SIDE[cliff.side].en} ({_shown(cliff.value)})" for cliff in finding.cliffs
    )
    where_zh = "、".join(
        f"{cliff.hyperparameter} {_SIDE[cliff.side].zh}（{_shown(cliff.value)}）" for cliff in finding.cliffs
    )
    message = Text(en="{share} of {n} trials infeasible{where}.", zh="{n} 个试验里 {share} 不可行{where}。").fill(
        share=f"{share:.0%}",
        n=finding.n if isinstance(finding.n, int) else sum(finding.n),
        where=Text(en=f": {where}", zh=f"：{where_zh}") if where else "",
    )
    if share > project.settings["rule_infeasible_fail"]:
        return fails(message, finding)
    if share > project.settings["rule_infeasible_warn"]:
        return warns(message, finding)
    return passes(message, finding)


def _shown(value: object) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)


@rule(
    "E3-density",
    Level.ADVICE,
    Scope.ROUND,
    sections=("body:G.2",),
    phase="analysis",
    text=Text(en="The good region holds more than a lucky point or two.", zh="好区域里不能只有零星一两个点。"),
    examples=(
        silent(lambda: (_density("no"),)),
        fires("warn", lambda: (_density("yes"),)),
        fires("unknown", lambda: (_density("unknown"),)),
    ),
)
def density(finding: DensityFinding) -> Judgement:
    """Warn where doubling the trials would gain more than matters."""
    if finding.label == "unknown":
        return cannot_tell(
            Text(en="Whether sampling is dense enough cannot be told.", zh="采样够不够密还说不清。"), finding
        )
    said = {"gain": _number(finding.estimate), "near": finding.near if finding.near is not None else "?"}
    if finding.label == "yes":
        return warns(
            Text(
                en="Sampling is sparse: twice the trials would gain about {gain}; {near} trial(s) near the best.",
                zh="采样偏稀：试验翻倍大约还能提升 {gain}；最优附近有 {near} 个试验。",
            ).fill(**said),
            finding,
        )
    return passes(
        Text(
            en="Dense enough: twice the trials would gain about {gain}; {near} trial(s) near the best.",
            zh="够密：试验翻倍大约只再提升 {gain}；最优附近有 {near} 个试验。",
        ).fill(**said),
        finding,
    )


@rule(
    "E3-isolation",
    Level.ADVICE,
    Scope.ROUND,
    sections=("body:G.4",),
    phase="analysis",
    text=Text(
        en="Values are compared by their best trials at equal budget; fresh seeds confirm what the plot suggests.",
        zh="隔离图按相同预算比较各目标值的最优试验；图上看到的，要用新种子确认。",
    ),
    examples=(
        silent(lambda: (_isolation("no"), planned_round())),
        fires("warn", lambda: (_isolation("yes"), planned_round())),
        fires("unknown", lambda: (_isolation("unknown"), planned_round())),
        silent(lambda: (_isolation("no"), planned_round(scientific={})), "not-applicable"),
    ),
)
def isolation(finding: IsolationFinding, round: Round) -> Judgement:
    """A gain in the search is a screen, never a proof: it warns that fresh seeds are due."""
    if not round.scientific:
        return does_not_apply(Text(en="No values are compared.", zh="没有比较任何取值。"))
    name = ", ".join(round.scientific)
    said = {
        "name": name,
        "value": finding.value,
        "base": finding.baseline,
        "gain": _number(finding.estimate),
        "low": _number(finding.interval[0] if finding.interval else None),
        "high": _number(finding.interval[1] if finding.interval else None),
    }
    if finding.label == "yes":
        return warns(
            Text(
                en="{name} = {value} probably beats {base}: gain {gain} [{low}, {high}]. A screen, not a proof.",
                zh="{name} = {value} 多半好过 {base}：提升 {gain} [{low}, {high}]。这只是初筛，不是证明。",
            ).fill(**said),
            finding,
            actions=(Action(Text(en="Settle it with fresh seeds.", zh="用新种子复核。"), "playnote adopt", 8),),
        )
    if finding.label == "no":
        return passes(
            Text(
                en="No value of {name} beats {base} by what matters: {value} gains {gain} [{low}, {high}].",
                zh="{name} 没有哪个取值明显好过 {base}：{value} 提升 {gain} [{low}, {high}]。",
            ).fill(**said),
            finding,
        )
    return cannot_tell(
        Text(
            en="Whether another value of {name} beats {base} cannot be told: {value} gains {gain} [{low}, {high}].",
            zh="{name} 有没有取值好过 {base} 还说不清：{value} 提升 {gain} [{low}, {high}]。",
        ).fill(**said),
        finding,
    )


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


def _number(value: float | None) -> str:
    return "?" if value is None else f"{value:.4f}" if abs(value) < 1 else f"{value:.4g}"


def _side(label: str, side: str) -> BoundaryFinding:
    return _made(BoundaryFinding, label, side=side)


def _sides(low: str, high: str) -> BoundaryFindings:
    return BoundaryFindings((_side(low, "low"), _side(high, "high")))


def _infeasible(share: float | None) -> InfeasibleFinding:
    return InfeasibleFinding(label="unknown", estimate=share, n=10)


def _density(label: str) -> DensityFinding:
    return _made(DensityFinding, label)


def _isolation(label: str) -> IsolationFinding:
    return _made(IsolationFinding, label)


def _overfit(label: str) -> OverfittingFinding:
    return _made(OverfittingFinding, label, trial="t0001")


def _made(kind: type[F], label: str, **target: object) -> F:
    missing = (Text(en="more trials", zh="更多试验"),) if label == "unknown" else ()
    return kind(label=label, p={"yes": 0.9, "no": 0.1}.get(label), n=16, target=target, missing=missing)  # type: ignore[arg-type]


RULES: tuple[Rule, ...] = (boundary, infeasible, density, isolation, curves_top, overfit)
