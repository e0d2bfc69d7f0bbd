"""Appendix E.3 and body G.3, training curves: overfitting, noise, length, spikes."""

from __future__ import annotations

from typing import TypeVar

from playnote.diagnosis.overfitting import OverfittingFinding
from playnote.playbook.facts import TopCurves
from playnote.playbook.rule import Level, Rule, Scope, fires, rule, silent
from playnote.playbook.verdict import Action, Judgement, cannot_tell, fails, passes, warns
from playnote.records.finding import Finding
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


def _overfit(label: str) -> OverfittingFinding:
    return _made(OverfittingFinding, label, trial="t0001")


F = TypeVar("F", bound=Finding)


def _made(kind: type[F], label: str, **target: object) -> F:
    missing = (Text(en="more trials", zh="更多试验"),) if label == "unknown" else ()
    return kind(label=label, p={"yes": 0.9, "no": 0.1}.get(label), n=16, target=target, missing=missing)  # type: ignore[arg-type]


RULES: tuple[Rule, ...] = (
    curves_top,
    overfit,
)
