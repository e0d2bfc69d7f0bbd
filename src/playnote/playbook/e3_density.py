"""Appendix E.3 and body G.2, sampling: how many trials lie in the good region, how much the best of a search varies."""

from __future__ import annotations

from typing import TypeVar

from playnote.diagnosis.density import DensityFinding
from playnote.diagnosis.isolation import IsolationFacts, LevelFacts
from playnote.playbook.examples import planned_round, project
from playnote.playbook.rule import Level, Rule, Scope, fires, rule, silent
from playnote.playbook.verdict import (
    Judgement,
    cannot_tell,
    passes,
    warns,
)
from playnote.records.finding import Finding
from playnote.records.project import Project
from playnote.records.round import Round
from playnote.text import Text


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


def _density(label: str) -> DensityFinding:
    return _made(DensityFinding, label)


def _dense() -> DensityFinding:
    return DensityFinding(label="no", p=0.1, n=16, interval=(0.0, 0.001))


def _searched(gain: float | None = None, sd: float | None = None) -> IsolationFacts:
    if gain is None:
        return IsolationFacts(())
    base = LevelFacts(0.0, 16, 16, p_best=0.2)
    return IsolationFacts((base, LevelFacts(0.2, 16, 16, gain=gain, gain_sd=sd, p_best=0.8)), baseline=0.0)


F = TypeVar("F", bound=Finding)


def _made(kind: type[F], label: str, **target: object) -> F:
    missing = (Text(en="more trials", zh="更多试验"),) if label == "unknown" else ()
    return kind(label=label, p={"yes": 0.9, "no": 0.1}.get(label), n=16, target=target, missing=missing)  # type: ignore[arg-type]


RULES: tuple[Rule, ...] = (
    density,
    search_variance,
)
