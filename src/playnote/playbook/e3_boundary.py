"""Appendix E.3 and body G.1, the searched space: read as a whole, axis plots, boundaries, infeasible points."""

from __future__ import annotations

from typing import TypeVar

import numpy as np

from playnote.diagnosis.boundary import BoundaryFinding
from playnote.diagnosis.divergence_edge import DivergenceEdgeFinding
from playnote.diagnosis.infeasible import InfeasibleFinding
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


def _sides(low: str, high: str) -> BoundaryFindings:
    return BoundaryFindings((_made(BoundaryFinding, low, side="low"), _made(BoundaryFinding, high, side="high")))


def _infeasible(share: float | None) -> InfeasibleFinding:
    return InfeasibleFinding(label="unknown", estimate=share, n=10)


def _made(kind: type[F], label: str, **target: object) -> F:
    missing = (Text(en="more trials", zh="更多试验"),) if label == "unknown" else ()
    return kind(label=label, p={"yes": 0.9, "no": 0.1}.get(label), n=16, target=target, missing=missing)  # type: ignore[arg-type]


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


RULES: tuple[Rule, ...] = (
    not_just_best,
    axis_plot,
    boundary,
    infeasible,
    infeasible_side,
)
