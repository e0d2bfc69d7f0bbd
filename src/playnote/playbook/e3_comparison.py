"""Appendix E.3 and body G.4-G.5: values compared at equal budget, and the drawings that show it."""

from __future__ import annotations

from typing import TypeVar

import numpy as np

from playnote.diagnosis.isolation import IsolationFacts, IsolationFinding, LevelFacts
from playnote.playbook.examples import planned_round, table
from playnote.playbook.facts.curves import TopFit, TopFits
from playnote.playbook.rule import Level, Rule, Scope, fires, rule, silent
from playnote.playbook.verdict import Action, Judgement, cannot_tell, does_not_apply, fails, passes, warns
from playnote.records.finding import Finding
from playnote.records.round import Round
from playnote.records.table import TrialTable
from playnote.stats.curve_fit import fit_curve
from playnote.text import Text


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
    "E3-auto-plots",
    Level.SHOULD,
    Scope.ROUND,
    sections=("body:G.5", "app:E.3"),
    phase="infrastructure",
    text=Text(
        en="Axis plots, training curves and isolation plots are drawn for every round without anybody asking.",
        zh="轴图、训练曲线、隔离图都自动生成，不用人催。",
    ),
    examples=(
        silent(lambda: (table(), _curves(3), _levels(2), planned_round())),
        silent(lambda: (table(0), _curves(0), _levels(0), planned_round()), "not-applicable"),
        silent(lambda: (table(), _curves(3), _levels(0), planned_round(scientific={}))),
        fires("warn", lambda: (table(), _curves(0), _levels(2), planned_round())),
        fires("fail", lambda: (table(placed=False), _curves(0), _levels(0), planned_round())),
    ),
)
def auto_plots(table: TrialTable, top: TopFits, isolation: IsolationFacts, round: Round) -> Judgement:
    """The report draws all three; what it draws them from must be on record."""
    if not len(table):
        return does_not_apply(Text(en="No trial to draw yet.", zh="还没有可画的试验。"))
    drawn = {_AXES: bool(np.isfinite(table.unit).any()), _CURVES: bool(top.fits)}
    if round.scientific:
        drawn[_ISOLATION] = any(level.best is not None for level in isolation.levels)
    absent = [kind for kind, there in drawn.items() if not there]
    if not absent:
        return passes(Text(en="All kinds of plots are drawn.", zh="几种图都画得出来。"))
    said = Text(en="Not drawn: {kinds}.", zh="画不出来：{kinds}。").fill(
        kinds=Text(en=", ".join(each.en for each in absent), zh="、".join(each.zh for each in absent))
    )
    return fails(said) if len(absent) == len(drawn) else warns(said)


_AXES = Text(en="axis plots", zh="轴图")
_CURVES = Text(en="training curves", zh="训练曲线")
_ISOLATION = Text(en="isolation plots", zh="隔离图")


def _number(value: float | None) -> str:
    return "?" if value is None else f"{value:.4f}" if abs(value) < 1 else f"{value:.4g}"


def _isolation(label: str) -> IsolationFinding:
    return _made(IsolationFinding, label)


F = TypeVar("F", bound=Finding)


def _made(kind: type[F], label: str, **target: object) -> F:
    missing = (Text(en="more trials", zh="更多试验"),) if label == "unknown" else ()
    return kind(label=label, p={"yes": 0.9, "no": 0.1}.get(label), n=16, target=target, missing=missing)  # type: ignore[arg-type]


def _curves(count: int) -> TopFits:
    steps = np.arange(1.0, 11.0)
    errors = 0.1 + 1.0 / steps
    fit = fit_curve(steps, errors)
    return TopFits(tuple(TopFit(f"t{at:04d}", steps, errors, fit) for at in range(count)))


def _levels(count: int) -> IsolationFacts:
    return IsolationFacts(tuple(LevelFacts(0.2 * at, 8, 8, best=0.1, best_id=f"t{at:04d}") for at in range(count)))


RULES: tuple[Rule, ...] = (
    isolation,
    auto_plots,
)
