"""Appendix E.3 and body G.1-G.2, the searched space: boundaries, infeasible points, density."""

from __future__ import annotations

from typing import TypeVar

import numpy as np

from playnote.diagnosis.boundary import BoundaryFinding
from playnote.diagnosis.density import DensityFinding
from playnote.diagnosis.divergence_edge import DivergenceEdgeFinding
from playnote.diagnosis.infeasible import InfeasibleFinding
from playnote.diagnosis.isolation import IsolationFacts, LevelFacts
from playnote.playbook.engine import EarlierVerdicts
from playnote.playbook.examples import planned_round, project, table
from playnote.playbook.facts import BoundaryFindings, Target
from playnote.playbook.facts.edges import Cliffs
from playnote.playbook.measured import measure
from playnote.playbook.rule import Level, Rule, Scope, fires, rule, silent
from playnote.playbook.verdict import (
    Action,
    Judgement,
    Status,
    Verdict,
    cannot_tell,
    does_not_apply,
    fails,
    passes,
    warns,
)
from playnote.records.finding import Finding
from playnote.records.project import Project
from playnote.records.round import Round
from playnote.records.table import TrialTable
from playnote.text import Text, same

F = TypeVar("F", bound=Finding)


_SIDE = {"low": Text(en="bottom", zh="下边界"), "high": Text(en="top", zh="上边界")}


@rule(
    "E3-not-just-best",
    Level.MUST,
    Scope.ROUND,
    sections=("body:E.1", "app:E.3"),
    phase="analysis",
    text=Text(
        en="A round is read as a whole: ranges, lost trials, curves; never by its best number alone.",
        zh="看一轮要看全貌：范围、不可行点、曲线，不能只盯着最好的那个数。",
    ),
    examples=(
        silent(lambda: (_looked("pass", "fail", "pass"), planned_round(closed="keep"))),
        silent(lambda: (_looked("unknown", "unknown", "unknown"), planned_round()), "not-applicable"),
        fires("warn", lambda: (_looked("pass", "warn", "unknown"), planned_round(closed="keep"))),
        fires("fail", lambda: (_looked("unknown", "unknown", "unknown"), planned_round(closed="keep"))),
        fires("unknown", lambda: (EarlierVerdicts(), planned_round(closed="keep"))),
    ),
)
def not_just_best(earlier: EarlierVerdicts, round: Round) -> Judgement:
    """A closed round whose ranges, lost trials and curves could all not be looked at was decided on a number alone."""
    if not round.closed:
        return does_not_apply(Text(en="Not decided yet.", zh="还没下结论。"))
    seen = {
        name: [v.status for v in earlier.of(name) if v.rule == name and v.target.get("round") == round.number]
        for name in _LOOKS
    }
    if not any(seen.values()):
        return cannot_tell(
            Text(en="The round was not analysed here.", zh="这里没有对这一轮做分析。"),
            missing=tuple(same(name) for name in _LOOKS),
        )
    blind = [name for name, statuses in seen.items() if not statuses or set(statuses) <= {"unknown"}]
    if len(blind) == len(_LOOKS):
        return fails(Text(en="Decided on a number alone.", zh="只看一个数就下了结论。"))
    if blind:
        return warns(Text(en="Decided without {names}.", zh="下结论时没看 {names}。").fill(names=", ".join(blind)))
    return passes(Text(en="Ranges, lost trials and curves were looked at.", zh="范围、不可行点、曲线都看过。"))


_LOOKS = ("E3-boundary", "E3-infeasible", "E3-curves-top")


@rule(
    "E3-axis-plot",
    Level.MUST,
    Scope.ROUND,
    sections=("body:G.1", "app:E.3"),
    phase="analysis",
    text=Text(
        en="For every searched hyperparameter there is a plot of its values against the Dev score.",
        zh="每个搜索的超参都有一张轴图：横轴是取值，纵轴是 Dev 分数。",
    ),
    examples=(
        silent(lambda: (table(), planned_round())),
        silent(lambda: (table(0), planned_round()), "not-applicable"),
        fires("fail", lambda: (table(placed=False), planned_round())),
    ),
)
def axis_plot(table: TrialTable, round: Round) -> Judgement:
    """Drawn from the trials' values, lost ones marked; fail where trials do not record a value to draw."""
    if not len(table) or not round.space.names:
        return does_not_apply(Text(en="No trial to draw yet.", zh="还没有可画的试验。"))
    bare = [name for at, name in enumerate(table.space.names) if not np.isfinite(table.unit[:, at]).any()]
    if bare:
        return fails(
            Text(en="No trial records a value of {names}.", zh="没有试验记录 {names} 的取值。").fill(
                names=", ".join(bare)
            )
        )
    return passes(
        Text(en="{d} axis plots of {n} trials.", zh="{d} 张轴图，{n} 个试验。").fill(d=len(table.space), n=len(table)),
    )


@rule(
    "E3-boundary",
    Level.MUST,
    Scope.HYPERPARAMETER,
    sections=("body:G.1", "app:E.3", "app:I"),
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
    "E3-infeasible-side",
    Level.IF,
    Scope.ROUND,
    sections=("body:G.1",),
    phase="analysis",
    text=Text(
        en="Where trials diverge on one side and the best lies next to it, stability caps the range: think of warmup or "
        "clipping.",
        zh="某一侧大量发散、最优又贴着它，说明是稳定性卡住了上界，要考虑预热或梯度裁剪。",
    ),
    examples=(
        silent(lambda: (Cliffs(),)),
        silent(lambda: (Cliffs((_edge("no"),), 6),)),
        fires("fail", lambda: (Cliffs((_edge("yes"),), 6),)),
        fires("unknown", lambda: (Cliffs((_edge("unknown"),), 6),)),
        fires("unknown", lambda: (Cliffs((), 2),)),
    ),
)
def infeasible_side(cliffs: Cliffs) -> Judgement:
    """Only sides on which divergence is ordered count; fail where the best sits directly beside one."""
    close = [each for each in cliffs.edges if each.label == "yes"]
    if close:
        name = str(close[0].target.get("hyperparameter", "?"))
        return fails(
            Text(
                en="The best {name} lies directly beside where training diverges ({at}).",
                zh="{name} 的最优值紧挨着开始发散的地方（{at}）。",
            ).fill(name=name, at=_shown(close[0].threshold)),
            *close,
            actions=(measure("warmup"), measure("clipping")),
        )
    if any(each.label == "unknown" for each in cliffs.edges):
        return cannot_tell(
            Text(en="How near the best lies to divergence cannot be told.", zh="最优离发散有多近还说不清。"),
            *cliffs.edges,
            missing=() if any(each.missing for each in cliffs.edges) else (Text(en="more trials", zh="更多试验"),),
        )
    if not cliffs.edges and 0 < cliffs.diverged < _FEW:
        return cannot_tell(
            Text(en="{n} diverged trials show no side.", zh="发散的只有 {n} 个，看不出在哪一侧。").fill(
                n=cliffs.diverged
            ),
            missing=(Text(en="more trials", zh="更多试验"),),
        )
    return passes(
        Text(en="Divergence does not hold the best back.", zh="发散没有卡住最优值。"),
        *cliffs.edges,
    )


_FEW = 3  # fewer diverged trials lie on one side by chance


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
    "E3-search-variance",
    Level.ADVICE,
    Scope.ROUND,
    sections=("body:G.2", "body:H"),
    phase="analysis",
    text=Text(
        en="The best of a search varies from one search to the next; a gain is read beside that spread.",
        zh="重复搜索，最优值也会波动；看提升时要和这个波动放在一起看。",
    ),
    examples=(
        silent(lambda: (_searched(gain=0.02, sd=0.004), _density("no"), planned_round(), project())),
        silent(lambda: (_searched(), _dense(), planned_round(scientific={}), project())),
        fires("warn", lambda: (_searched(gain=0.002, sd=0.004), _density("no"), planned_round(), project())),
        fires("unknown", lambda: (_searched(), _density("unknown"), planned_round(), project())),
    ),
)
def search_variance(isolation: IsolationFacts, density: DensityFinding, round: Round, project: Project) -> Judgement:
    """The spread of a value's expected best, beside its gain; without compared values, what doubling the search gives."""
    winner = isolation.winner if round.scientific else None
    fewest = min((level.n for level in isolation.levels), default=0)
    if round.scientific and winner is not None and winner.gain is not None and winner.gain_sd is not None:
        said = Text(
            en="Gain {gain}, spread of it between searches {sd}.", zh="提升 {gain}，重复搜索的波动 {sd}。"
        ).fill(gain=_number(winner.gain), sd=_number(winner.gain_sd))
        if fewest < project.settings["rule_search_trials"]:
            return cannot_tell(said, missing=(Text(en="more trials a value", zh="每个取值更多试验"),))
        claims = winner.value != isolation.baseline and winner.gain > 0
        return warns(said) if claims and winner.gain_sd > winner.gain else passes(said)
    if not round.scientific and density.interval is not None:
        return passes(
            Text(
                en="Another search of this size would end within {low} to {high} of this one.",
                zh="再搜一次同样大小的，最优值大约差 {low} 到 {high}。",
            ).fill(low=_number(density.interval[0]), high=_number(density.interval[1])),
            density,
        )
    return cannot_tell(
        Text(en="Too few trials to say how much the best varies.", zh="试验太少，说不清最优值波动多大。"),
        density,
        missing=density.missing or (Text(en="more trials", zh="更多试验"),),
    )


def _number(value: float | None) -> str:
    return "?" if value is None else f"{value:.4f}" if abs(value) < 1 else f"{value:.4g}"


def _sides(low: str, high: str) -> BoundaryFindings:
    return BoundaryFindings((_made(BoundaryFinding, low, side="low"), _made(BoundaryFinding, high, side="high")))


def _infeasible(share: float | None) -> InfeasibleFinding:
    return InfeasibleFinding(label="unknown", estimate=share, n=10)


def _density(label: str) -> DensityFinding:
    return _made(DensityFinding, label)


def _made(kind: type[F], label: str, **target: object) -> F:
    missing = (Text(en="more trials", zh="更多试验"),) if label == "unknown" else ()
    return kind(label=label, p={"yes": 0.9, "no": 0.1}.get(label), n=16, target=target, missing=missing)  # type: ignore[arg-type]


def _dense() -> DensityFinding:
    return DensityFinding(label="no", p=0.1, n=16, interval=(0.0, 0.001))


def _looked(*statuses: Status) -> EarlierVerdicts:
    about = {"round": 1}
    return EarlierVerdicts(
        tuple(
            Verdict(id=name, rule=name, status=status, target=about, message=same("-"))
            for name, status in zip(_LOOKS, statuses, strict=True)
        )
    )


def _edge(label: str) -> DivergenceEdgeFinding:
    return _made(DivergenceEdgeFinding, label, hyperparameter="lr")


def _searched(gain: float | None = None, sd: float | None = None) -> IsolationFacts:
    if gain is None:
        return IsolationFacts(())
    base = LevelFacts(0.0, 16, 16, p_best=0.2)
    return IsolationFacts((base, LevelFacts(0.2, 16, 16, gain=gain, gain_sd=sd, p_best=0.8)), baseline=0.0)


RULES: tuple[Rule, ...] = (
    not_just_best,
    axis_plot,
    boundary,
    infeasible,
    infeasible_side,
    density,
    search_variance,
)
