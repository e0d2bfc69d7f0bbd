"""A review's answers about training: overfitting of the best trials, more training, and what the source never holds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from playnote.diagnosis.overfitting import OverfittingFinding, answer_overfitting, measure_overfitting
from playnote.diagnosis.still_improving import (
    StillImprovingFinding,
    answer_still_improving,
    measure_still_improving,
)
from playnote.records.finding import Settle
from playnote.service.review_evidence import Evidence
from playnote.service.review_line import Line, open_line
from playnote.text import Text

_TOP = 3
_STAND_IN = 3.0  # reading SDs a late rise must exceed where no smallest difference was said
_OVERFIT = Text(
    en="{k} of the {of} best trials overfit: the metric ends worse than its best ({names}).",
    zh="最好的 {of} 个试验里有 {k} 个过拟合：指标最后比它自己的最好水平差（{names}）。",
)
_RISE = Text(
    en="#{name}: worse by {rise:.2g} [{low:.2g}, {high:.2g}] 90 % since about step {step:.0f}, of {n} readings.",
    zh="#{name}：{step:.0f} 步以后变差 {rise:.2g} [{low:.2g}, {high:.2g}]，90 %，{n} 个读数。",
)
_ALSO = Text(en="Stopping there, or more regularisation, is worth a round.", zh="值得开一轮：早停，或者加正则。")
_STEADY = Text(
    en="The {of} best trials do not overfit: none ends {effect:g} worse than its best.",
    zh="最好的 {of} 个试验没有过拟合：最后都没有比自己最好的时候差 {effect:g}。",
)
_LONGER = Text(en="would longer training help?", zh="训练更久有没有用？")
_IMPROVES = Text(
    en="{k} of the {of} best trials are still improving: half as long again would help ({names}).",
    zh="最好的 {of} 个试验里有 {k} 个还在变好：步数加到 1.5 倍还有收益（{names}）。",
)
_SCHEDULE = Text(
    en="the learning-rate schedule, or one run of half the length", zh="学习率调度是什么；或者拿一半步数跑一次"
)
_CURVES = Text(
    en="learning curves of the score (trial.report at every evaluation)", zh="分数的学习曲线（每次评估都 trial.report）"
)
_BIAS = Text(en="bias, variance, data mismatch", zh="高偏差、高方差、数据不匹配")
_TRAIN = Text(en="the train error of the best trial, in evaluation mode", zh="最优试验的训练误差（评估模式下测）")


def curve_lines(seen: Evidence) -> Iterator[Line]:
    """What the best trials' curves show, and the questions about training that stay open."""
    names = [name for name in seen.ranked[:_TOP] if seen.curve(name) is not None]
    if names:
        yield from _overfitting(seen, names)
        yield from _longer(seen, names)
    else:
        yield open_line("longer", _LONGER, Settle(_CURVES))
    yield open_line("gaps", _BIAS, Settle(_TRAIN))


def _effect(seen: Evidence) -> float | None:
    """What counts as a rise: said, or well beyond what one reading jumps by itself."""
    if seen.min_effect is not None:
        return seen.min_effect
    return _STAND_IN * seen.reading.sd if seen.reading.n and seen.reading.sd > 0 else None


def _overfitting(seen: Evidence, names: list[str]) -> Iterator[Line]:
    effect = _effect(seen)
    if effect is None:
        return
    found: list[tuple[str, OverfittingFinding, float]] = []
    for name in names:
        curve = seen.curve(name)
        if curve is None:
            continue
        facts = measure_overfitting(curve.steps, seen.sign * curve.values, min_effect=effect, **_rates(seen, name))
        target = {"trial": name}
        found.append((name, answer_overfitting(facts, seen.settings, target), facts.best_at or 0.0))
    say = seen.settings["review.say"]
    bad = [
        each
        for each in found
        if each[1].label == "yes" and (each[1].p or 0.0) >= say and _seen_to_rise(seen, *each[:2])
    ]
    if bad:
        shown = ", ".join(f"#{name}" for name, *_ in bad)
        rises = tuple(_rise(*each) for each in bad[:1])
        p = min(each[1].p or 0.0 for each in bad)
        text = _OVERFIT.fill(k=len(bad), of=len(found), names=shown)
        yield Line("likely", "overfitting", text, (*rises, _ALSO), p, finding=bad[0][1])
    elif seen.min_effect is not None and len(found) >= 2 and all(each[1].label == "no" for each in found):
        yield Line("fine", "overfitting", _STEADY.fill(of=len(found), effect=effect))


def _seen_to_rise(seen: Evidence, name: str, finding: OverfittingFinding) -> bool:
    """The plain rule beside the law: the last readings themselves lie above the best ones, beyond their noise."""
    curve = seen.curve(name)
    if curve is None or finding.interval is None:
        return False
    errors = sorted(float(value) for value in seen.sign * curve.values[:-3])
    lowest = errors[: max(1, len(errors) // 10)]
    last = float((seen.sign * curve.values[-3:]).mean())
    return finding.interval[0] > 0 and last - sum(lowest) / len(lowest) > (_effect(seen) or 0.0)


def _rise(name: str, finding: OverfittingFinding, step: float) -> Text:
    low, high = finding.interval or (0.0, 0.0)
    return _RISE.fill(name=name, rise=finding.estimate or 0.0, low=low, high=high, step=step, n=finding.n)


def _rates(seen: Evidence, name: str) -> dict[str, Any]:
    lr = seen.state.curves.curve(name, "lr")
    return {} if lr is None else {"lr": lr.values, "lr_steps": lr.steps}


def _longer(seen: Evidence, names: list[str]) -> Iterator[Line]:
    """Only where the schedule is on record: a curve's tail alone cannot tell."""
    found: list[tuple[str, StillImprovingFinding]] = []
    for name in names:
        curve, rates = seen.curve(name), _rates(seen, name)
        if curve is None or not rates:
            continue
        facts = measure_still_improving(curve.steps, seen.sign * curve.values, min_effect=seen.min_effect, **rates)
        found.append((name, answer_still_improving(facts, seen.settings, {"trial": name})))
    good = [each for each in found if each[1].label == "yes" and (each[1].p or 0.0) >= seen.settings["review.say"]]
    if good:
        shown = ", ".join(f"#{name}" for name, _ in good)
        text = _IMPROVES.fill(k=len(good), of=len(found), names=shown)
        yield Line("likely", "longer", text, p=min(each[1].p or 0.0 for each in good), finding=good[0][1])
    elif not found or any(each[1].label == "unknown" for each in found):
        yield open_line("longer", _LONGER, Settle(_SCHEDULE, 1))
