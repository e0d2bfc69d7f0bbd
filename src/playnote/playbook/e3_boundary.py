"""Appendix E.3 and body G.1-G.2, the searched space: boundaries, infeasible points, density."""

from __future__ import annotations

from typing import TypeVar

from playnote.diagnosis.boundary import BoundaryFinding
from playnote.diagnosis.density import DensityFinding
from playnote.diagnosis.infeasible import InfeasibleFinding
from playnote.playbook.examples import project
from playnote.playbook.facts import BoundaryFindings, Target
from playnote.playbook.rule import Level, Rule, Scope, fires, rule, silent
from playnote.playbook.verdict import Action, Judgement, cannot_tell, does_not_apply, fails, passes, warns
from playnote.records.finding import Finding
from playnote.records.project import Project
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


RULES: tuple[Rule, ...] = (
    boundary,
    infeasible,
    density,
)
