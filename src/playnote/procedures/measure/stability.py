"""stability: training just above the best learning rate, with the loss and the gradient norm of every step.

The probes run at 1.25, 2, 5 and 10 times lr* (`stability.factors`), two seeds each, for the first 500 steps. Any model
is unstable at some multiple: what is unstable only beyond twice lr* is recorded, and is no finding.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass

from playnote.diagnosis.gradient_outliers import answer_gradient_outliers, measure_gradient_outliers
from playnote.procedures.measure.bench import Bench
from playnote.procedures.measure.contract import LOSS, NORM, Ask, Found, Picture, Point, Seen, Steps, drawn, look
from playnote.procedures.measure.judging import Judged, judge
from playnote.procedures.measure.lr import rounded, sweep_rates
from playnote.records.settings import Settings
from playnote.space.hyperparameter import Value
from playnote.text import Text

FACTORS = (1.25, 2.0, 5.0, 10.0)
NEAR = 2.0
_START = 51


@dataclass(frozen=True, slots=True)
class Probe:
    """The runs at one multiple of lr*.

    jumped    every seed left its path, or one diverged; None where none could be judged
    at        earliest step of that
    spikes    norms far beyond their running median
    """

    factor: float
    rate: float
    jumped: bool | None
    at: float | None
    every: float | None
    spikes: int
    runs: tuple[Seen, ...] = ()


@dataclass(frozen=True, slots=True)
class Range:
    """lr*, and the bracket: from an earlier sweep, or from one made now."""

    best: float | None
    unstable: float | None
    stable: float | None = None


def stability(bench: Bench) -> Steps:
    """The probes as a procedure: the signs, and the lowest multiple that is unstable."""
    known = yield from known_range(bench)
    if known.best is None:
        return Found(label="unknown", message=_NO_BEST)
    probes = yield from probe_above(bench, known.best)
    near = [each for each in probes if each.factor <= NEAR]
    fine = [each for each in near if each.every is not None and each.every <= 1.0 and each.jumped is not None]
    worst = min((each.factor for each in probes if each.jumped), default=None)
    settled = bool(fine) or any(each.jumped for each in near)
    return Found(
        label="yes" if settled else "unknown",
        message=_said(worst, max(each.factor for each in probes)) if settled else _SPARSE,
        results=tuple(("stability", _numbers(each, bench)) for each in probes),
        notes=_signs(known, probes, bench),
        rows=tuple(
            {
                "times lr*": each.factor,
                "lr": each.rate,
                "stable": None if each.jumped is None else not each.jumped,
                "leaves at": each.at,
                "spikes": each.spikes,
            }
            for each in probes
        ),
        picture=Picture(
            (LOSS[0], NORM[0]),
            tuple(
                line
                for each in probes
                for line in drawn(f"{bench.rate} {each.rate:g} ({each.factor:g} lr*)", "probe", each.runs)
            ),
        ),
    )


def known_range(bench: Bench) -> Generator[Ask, tuple[Seen, ...], Range]:
    """Best rate and bracket of the latest sweep; a sweep where there was none."""
    last = bench.measured.last("lr")
    if last is not None and last.number_of("best") is not None:
        return Range(last.number_of("best"), last.number_of("unstable"), last.number_of("stable"))
    sweep = yield from sweep_rates(bench)
    return Range(sweep.best, sweep.unstable, sweep.highest_stable)


def probe_above(
    bench: Bench, best: float, factors: Sequence[float] = FACTORS
) -> Generator[Ask, tuple[Seen, ...], list[Probe]]:
    """Run the multiples of lr*, two seeds each, for the first steps."""
    window = min(int(bench.settings["stability.window"]), bench.total)
    plain, _ = bench.constant()
    rates = {factor: rounded(factor * best) for factor in factors}
    points = [
        Point(configuration={**plain, bench.rate: rates[factor]}, seed=bench.seed(number), steps=window)
        for factor in factors
        for number in range(2)
    ]
    # Longer runs are read up to the window.
    seen = yield from look(Ask(points=tuple(points), exact=False))
    return [
        probe_of(factor, rates[factor], seen[2 * at : 2 * at + 2], bench.settings, window)
        for at, factor in enumerate(factors)
    ]


def probe_of(factor: float, rate: float, runs: Sequence[Seen], settings: Settings, window: float | None) -> Probe:
    """Judge the runs of one multiple together: one seed may jump by chance, divergence is no chance."""
    told = [each for each in runs if each.told]
    judged = [judge(each, settings, window) for each in told]
    apart = [each.every for each in judged if each.every is not None]
    at = [each.at for each in judged if each.label == "unstable" and each.at is not None]
    return Probe(
        factor,
        rate,
        together(told, judged),
        min(at, default=None),
        max(apart, default=None),
        _spikes(told),
        tuple(told),
    )


def together(runs: Sequence[Seen], judged: Sequence[Judged]) -> bool | None:
    """Whether repeats say that this leaves its path: all of them, or one that diverged. None where they cannot tell."""
    if not judged or all(each.label == "unclear" for each in judged):
        return None
    if any(each.diverged for each in runs):
        return True
    return all(each.label == "unstable" for each in judged)


def spiking(seen: Seen, settings: Settings, *, clipped: bool | None = False) -> bool | None:
    """Whether its gradient norms hold outliers beyond an ordinary heavy tail; None where that cannot be told."""
    curve = seen.curve(NORM)
    if curve is None:
        return None
    # The fall at the very start is no outlier: the running median that norms are held against spans 51 steps.
    facts = measure_gradient_outliers(curve.steps[_START:], curve.values[_START:], clipped=clipped)
    found = answer_gradient_outliers(facts, settings)
    return None if found.label == "unknown" else found.label == "yes"


def at_rate(bench: Bench, rate: float, changes: Mapping[str, Value] | None = None) -> tuple[Point, ...]:
    """Two seeds of the baseline at a constant rate, with some of its values changed."""
    plain, _ = bench.constant()
    configuration: Mapping[str, Value] = {**plain, bench.rate: rate, **(changes or {})}
    return tuple(Point(configuration=configuration, seed=bench.seed(number)) for number in range(2))


def _spikes(runs: Sequence[Seen]) -> int:
    """Norms far beyond the running median, the fall at the start left out."""
    curves = [curve for each in runs if (curve := each.curve(NORM)) is not None]
    facts = [measure_gradient_outliers(curve.steps[_START:], curve.values[_START:]) for curve in curves]
    return sum(each.outliers for each in facts)


def _numbers(probe: Probe, bench: Bench) -> dict[str, object]:
    early = None if probe.at is None else probe.at <= bench.settings["stability.early"] * bench.total
    return {
        "factor": probe.factor,
        "lr": probe.rate,
        "jumped": probe.jumped,
        "logged_every": probe.every,
        "at": probe.at,
        "early": early,
        "spikes": probe.spikes,
    }


def _signs(known: Range, probes: Sequence[Probe], bench: Bench) -> tuple[Text, ...]:
    notes = []
    if known.best is not None and known.unstable is not None and known.unstable <= NEAR * known.best:
        notes.append(_AT_EDGE.fill(best=known.best, unstable=known.unstable))
    if any(spiking(run, bench.settings) for each in probes if each.factor <= NEAR for run in each.runs):
        notes.append(_SPIKES)
    if not any(each.curve(NORM) is not None for probe in probes for each in probe.runs):
        notes.append(_NO_NORM)
    jumps = [each.at for each in probes if each.at is not None and each.factor <= NEAR]
    if jumps:
        early = min(jumps) <= bench.settings["stability.early"] * bench.total
        notes.append((_EARLY if early else _MID).fill(at=min(jumps)))
    return tuple(notes)


def _said(worst: float | None, most: float) -> Text:
    if worst is None:
        return Text(en="Stable up to {x:g} times lr*.", zh="到 {x:g} 倍 lr* 都稳定。").fill(x=most)
    if worst > NEAR:
        return Text(
            en="Stable at twice lr*; unstable from {x:g} times on, as every model is somewhere.",
            zh="2 倍 lr* 仍稳定；{x:g} 倍起不稳，这很正常，任何模型都有这样一个点。",
        ).fill(x=worst)
    return Text(
        en="Unstable at {x:g} times lr*: the best rate has no room above it.",
        zh="{x:g} 倍 lr* 就不稳：最佳学习率上方没有余量。",
    ).fill(x=worst)


_NO_BEST = Text(en="No learning rate trained well: nothing to probe above.", zh="没有一个学习率能训好，无从往上探。")
_SPARSE = Text(
    en="The loss was not logged at every step: an early blow-up that recovers would not show.",
    zh="没有逐步记录损失：早期暴涨又恢复的情况看不出来。",
)
_AT_EDGE = Text(
    en="lr* = {best:g} lies within a factor of two of {unstable:g}, which is unstable.",
    zh="lr* = {best:g} 与不稳的 {unstable:g} 相差不到一倍。",
)
_SPIKES = Text(en="Gradient norms above ten times their median, near lr*.", zh="lr* 附近有超过中位数十倍的梯度范数。")
_NO_NORM = Text(
    en='No gradient norm was logged ("grad_norm", before clipping).', zh='没有记录裁剪前的梯度范数 "grad_norm"。'
)
_EARLY = Text(
    en="It leaves its path at step {at:g}, early in training: warmup comes first.",
    zh="第 {at:g} 步就偏离，属于早期：先试预热。",
)
_MID = Text(
    en="It leaves its path at step {at:g}, in mid-training: clipping comes first.",
    zh="第 {at:g} 步才偏离，属于中期：先试裁剪。",
)
