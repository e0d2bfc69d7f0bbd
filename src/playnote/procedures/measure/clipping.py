"""clipping: the threshold at which rare huge gradients stop doing harm, or that a lower learning rate is the answer.

The first threshold is the 90th percentile of the unclipped norms; while it does not cure, it is halved, five times at most. A
cure is a loss without a jump *and* a late loss no worse than at lr*: a loss that swings within bounds is no cure. Where
more than half of the steps are clipped, to less than half of their length, clipping lowers the rate in disguise.
"""

from __future__ import annotations

import math
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field

import numpy as np

from playnote.diagnosis.gradient_outliers import measure_clip
from playnote.procedures.measure.bench import Bench
from playnote.procedures.measure.contract import LOSS, NORM, Ask, Found, Picture, Seen, Steps, drawn, look
from playnote.procedures.measure.judging import judge, no_worse
from playnote.procedures.measure.lr import rounded
from playnote.procedures.measure.stability import at_rate, known_range, spiking, together
from playnote.records.curves import Floats
from playnote.text import Text

_HALVINGS = 5
_NOTHING = np.empty(0)


@dataclass
class Clipped:
    """What was tried: thresholds in order, the share of steps each clipped, and how much it shortened them (median).

    percentile  of the first threshold among the unclipped norms
    cured       by the last threshold tried; late_worse: bounded, but worse off than at lr*
    heavy       more than half of the steps were clipped to less than half of their length
    runs        those of the last threshold
    """

    tried: list[float] = field(default_factory=list)
    share: list[float] = field(default_factory=list)
    shrink: list[float] = field(default_factory=list)
    percentile: float = math.nan
    cured: bool = False
    late_worse: bool | None = None
    heavy: bool = False
    runs: tuple[Seen, ...] = ()


def clipping(bench: Bench) -> Steps:
    """The calibration as a procedure, at the baseline's rate, with a constant schedule."""
    name = bench.clip
    known = yield from known_range(bench)
    if known.best is None:
        return Found(label="unknown", message=_NO_BEST)
    target = bench.option("lr", bench.lr)
    off = {name: bench.off(name)}
    reference = yield from look(Ask(points=at_rate(bench, known.best, off)))
    raw = reference if target == known.best else (yield from look(Ask(points=at_rate(bench, target, off))))
    if not (first := [each for each in (*raw, *reference) if each.told]) or not any(len(e.values(NORM)) for e in first):
        return Found(label="unknown", message=_NO_NORMS)
    if not shakes(bench, raw):
        calm = {"needed": False, "tried": [], "cured": True, "late_worse": False}
        return Found(label="no", message=_NOT_NEEDED.fill(lr=target), results=(("clipping", calm),))
    found = yield from tighten(bench, target, raw, reference)
    calmed = {f"{bench.rate} {target:g}, {name} {found.tried[-1]:g}": found.runs} if found.tried else {}
    picture = Picture(
        (LOSS[0], NORM[0]),
        (
            *drawn(f"{bench.rate} {target:g}", "before", raw),
            *(line for title, runs in calmed.items() for line in drawn(title, "after", runs)),
            *(drawn(f"{bench.rate} {known.best:g}", "reference", reference) if target != known.best else ()),
        ),
    )
    return _answer(bench, found, target, picture)


def _answer(bench: Bench, found: Clipped, target: float, picture: Picture) -> Found:
    """What the thresholds showed; an edit is proposed only where clipping cured and stayed rare or mild."""
    numbers = {
        "percentile": found.percentile,
        "tried": found.tried,
        "cured": found.cured,
        "late_worse": found.late_worse,
        "clipped_share": found.share[-1] if found.share else None,
        "shrink": found.shrink[-1] if found.shrink else None,
    }
    helps = found.cured and not found.heavy
    edits: dict[str | tuple[str, ...], object] = {("baseline", bench.clip): found.tried[-1]} if helps else {}
    tried = zip(found.tried, found.share, found.shrink, strict=True)
    return Found(
        label="yes" if helps else "no",
        message=_said(found, target),
        results=(("clipping", numbers),),
        edits=edits,
        notes=(_MOST.fill(share=found.share[-1]),) if helps and found.share[-1] > bench.settings["clip.half"] else (),
        rows=tuple({"threshold": each, "clipped": share, "shrunk to": shrink} for each, share, shrink in tried),
        picture=picture,
    )


def shakes(bench: Bench, runs: Sequence[Seen]) -> bool:
    """Whether runs leave their path, or have norms beyond every ordinary tail."""
    told = [each for each in runs if each.told]
    jumped = together(told, [judge(each, bench.settings) for each in told])
    return bool(jumped) or any(spiking(each, bench.settings) for each in told)


def tighten(
    bench: Bench, rate: float, raw: Sequence[Seen], reference: Sequence[Seen]
) -> Generator[Ask, tuple[Seen, ...], Clipped]:
    """Thresholds from the 90th percentile downward, until one cures or clipping turns into a lower rate."""
    norms = unclipped(bench, raw, reference)
    found = Clipped()
    facts = measure_clip(np.arange(len(norms)), norms, warmup_steps=-1.0, share=bench.settings["clip.share"])
    if not len(norms):
        return found
    threshold = facts.threshold or float(np.quantile(norms, bench.settings["clip.share"]))
    found.percentile = float((norms <= threshold).mean())
    stable = next((each for each in reference if each.told and not each.diverged), None)
    for _ in range(_HALVINGS + 1):
        threshold = rounded(threshold)
        seen = yield from look(Ask(points=at_rate(bench, rate, {bench.clip: threshold})))
        told = [each for each in seen if each.told]
        _take(found, threshold, told, stable, bench)
        if found.cured or found.heavy:
            break
        threshold /= 2.0
    return found


def unclipped(bench: Bench, raw: Sequence[Seen], reference: Sequence[Seen]) -> Floats:
    """Norms of the run to be cured up to where it leaves its path; of the run at lr* where those are too few."""
    for runs in (raw, reference):
        for each in runs:
            if not each.told or not len(each.values(NORM)):
                continue
            judged = judge(each, bench.settings)
            # A run that was lost from its first step on has no stable segment.
            until = judged.at if judged.label == "unstable" and not each.diverged else None
            norms = each.values(NORM, until)
            norms = norms[np.isfinite(norms) & (norms > 0)]
            if len(norms) >= bench.settings["clip.readings"] and not each.diverged:
                return norms
    kept = [each.values(NORM) for each in (*reference, *raw) if each.told and not each.diverged]
    every = np.concatenate(kept or [_NOTHING])
    return np.asarray(every[np.isfinite(every) & (every > 0)])


def _take(found: Clipped, threshold: float, told: Sequence[Seen], stable: Seen | None, bench: Bench) -> None:
    judged = [judge(each, bench.settings) for each in told]
    norms = np.concatenate([each.values(NORM) for each in told] or [_NOTHING])
    norms = norms[np.isfinite(norms)]
    above = norms[norms > threshold]
    found.tried.append(threshold)
    found.runs = tuple(told)
    found.share.append(len(above) / len(norms) if len(norms) else math.nan)
    found.shrink.append(float(np.median(threshold / above)) if len(above) else 1.0)
    quiet = together(told, judged) is False
    worse = stable is None or not all(no_worse(each.late, stable, bench.settings) for each in judged)
    found.cured, found.late_worse = quiet and not worse, worse
    found.heavy = (
        found.share[-1] > bench.settings["clip.half"] and found.shrink[-1] < bench.settings["rule_clip_shrink"]
    )


def _said(found: Clipped, rate: float) -> Text:
    if not found.tried:
        return _NO_NORMS
    if found.heavy:
        return Text(
            en="At {t:g} more than half of the steps are clipped to less than half: lower the learning rate instead.",
            zh="阈值 {t:g} 时过半的步被裁到不足一半：不如直接降学习率。",
        ).fill(t=found.tried[-1])
    if found.cured:
        return Text(
            en="Clipping at {t:g} cures lr {lr:g}: {share:.1%} of the steps are clipped, the late loss is no worse.",
            zh="在 {t:g} 裁剪就治好了 lr {lr:g}：裁到 {share:.1%} 的步，后期损失不变差。",
        ).fill(t=found.tried[-1], lr=rate, share=found.share[-1])
    if found.late_worse:
        return Text(
            en="Not cured at lr {lr:g}: clipping keeps the loss within bounds, above that of a stable run. Lower the rate.",
            zh="lr {lr:g} 没治好：裁剪只是让损失不爆，仍高于稳定训练。请降学习率。",
        ).fill(lr=rate)
    return Text(
        en="Not cured at lr {lr:g} by {n} thresholds: look at the architecture, then lower the rate.",
        zh="lr {lr:g} 试了 {n} 个阈值都没治好：先看架构，再降学习率。",
    ).fill(lr=rate, n=len(found.tried))


_MOST = Text(
    en="{share:.0%} of the steps are clipped: most of the cure is a smaller step, so try a lower learning rate as well.",
    zh="有 {share:.0%} 的步被裁：起作用的多半是步子变小了，不妨也试试更低的学习率。",
)
_NO_BEST = Text(
    en="No learning rate trained well: nothing to compare a cure with.", zh="没有一个学习率能训好，治没治好无从比较。"
)
_NO_NORMS = Text(
    en='No gradient norms to set a threshold by: log "grad_norm" before clipping at every step.',
    zh='没有梯度范数，定不了阈值：请逐步记录裁剪前的 "grad_norm"。',
)
_NOT_NEEDED = Text(
    en="At lr {lr:g} nothing jumps and no gradient is huge: clipping is not needed.",
    zh="lr {lr:g} 没有突跳，也没有梯度巨峰：不需要裁剪。",
)
