"""Up to which batch size does throughput still grow, and what stops it?

Medians of device-synchronised step times per batch size, each with an interval from order statistics. A doubling that
nearly doubles throughput is near-linear; one that hardly adds any means the device is saturated, or waits for data.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, final

import numpy as np
from numpy.typing import ArrayLike

from playnote.records.finding import Finding, Label, Settle
from playnote.records.settings import DEFAULTS, Settings
from playnote.stats.t_mixture import Floats
from playnote.text import Text

Stop = Literal["near-linear", "slowing", "saturated", "waiting", "unknown"]


@dataclass(frozen=True, slots=True)
class BatchProbe:
    """Timed steps of one batch size.

    seconds : array, shape (n,)   synchronised time of each step after warm-up steps; NaN is left out
    waiting : float, None         share of the step time spent waiting for data
    busy    : float, None         share of the time the device was busy
    fits    : bool                False: out of memory
    """

    batch: int
    seconds: ArrayLike
    waiting: float | None = None
    busy: float | None = None
    fits: bool = True


@dataclass(frozen=True, slots=True)
class Doubling:
    """From one batch size to the next: throughput ratio per doubling with its 95 % interval, and why it ends."""

    batch: int
    ratio: float
    interval: tuple[float, float]
    stop: Stop


@dataclass(frozen=True, slots=True)
class BatchSizeFacts:
    """The throughput ladder.

    sizes     : batch sizes with enough timed steps, ascending; medians of seconds and their 95 % intervals beside them
    doublings : one a step of the ladder, named by its larger size
    overhead, per_example : float, None   hinge t(B) = max(overhead, per_example * B), in seconds; knee at their ratio
    largest   : int, None       largest size that fits
    """

    sizes: tuple[int, ...] = ()
    medians: tuple[float, ...] = ()
    intervals: tuple[tuple[float, float], ...] = ()
    doublings: tuple[Doubling, ...] = ()
    overhead: float | None = None
    per_example: float | None = None
    largest: int | None = None
    unfit: int | None = None

    @property
    def knee(self) -> float | None:
        """Batch size at which a step begins to take longer."""
        if self.overhead is None or not self.per_example:
            return None
        return self.overhead / self.per_example


@final
@dataclass(frozen=True, kw_only=True)
class BatchSizeFinding(Finding):
    """Yes: throughput stops growing within the ladder. Estimate: the batch size to take; `stop`: what ends the growth."""

    batch: int | None = None
    still_faster: int | None = None
    stop: Stop = "unknown"


def measure_batch_size(probes: Sequence[BatchProbe], settings: Settings = DEFAULTS) -> BatchSizeFacts:
    """Measure the ladder; sizes without enough timed steps are left out."""
    timed = []
    for probe in sorted(probes, key=lambda each: each.batch):
        seconds = np.asarray(probe.seconds, dtype=np.float64).ravel()
        seconds = seconds[np.isfinite(seconds) & (seconds > 0)]
        if probe.fits and probe.batch > 0 and len(seconds) >= settings["batch_size.steps"]:
            timed.append((probe, seconds))
    unfit = [probe.batch for probe in probes if not probe.fits]
    if not timed:
        return BatchSizeFacts(unfit=min(unfit, default=None))
    medians = [float(np.median(seconds)) for _, seconds in timed]
    batches = [probe.batch for probe, _ in timed]
    overhead, slope = _hinge(np.array(batches, dtype=np.float64), np.array(medians))
    return BatchSizeFacts(
        sizes=tuple(batches),
        medians=tuple(medians),
        intervals=tuple(_median_interval(seconds) for _, seconds in timed),
        doublings=tuple(
            _doubling(first, second, settings) for first, second in pairwise(timed) if second[0].batch > first[0].batch
        ),
        overhead=overhead,
        per_example=slope,
        largest=max(batches),
        unfit=min(unfit, default=None),
    )


def _median_interval(seconds: Floats, z: float = 1.96) -> tuple[float, float]:
    """95 % of the median from order statistics."""
    ordered, n = np.sort(seconds), len(seconds)
    half = z * math.sqrt(n) / 2
    low, high = max(0, math.floor(n / 2 - half)), min(n - 1, math.ceil(n / 2 + half))
    return float(ordered[low]), float(ordered[high])


def _doubling(first: tuple[BatchProbe, Floats], second: tuple[BatchProbe, Floats], settings: Settings) -> Doubling:
    """Ratio of throughputs, as one doubling of the batch would give it; standard errors of medians from their intervals."""
    (small, fast), (large, slow) = first, second
    doublings = math.log2(large.batch / small.batch)
    middle = math.log(large.batch / small.batch) - math.log(float(np.median(slow) / np.median(fast)))
    spread = math.hypot(*(math.log(high / low) / (2 * 1.96) for low, high in map(_median_interval, (fast, slow))))
    ratio, half = math.exp(middle / doublings), 1.96 * spread / doublings
    return Doubling(
        large.batch, ratio, (ratio * math.exp(-half), ratio * math.exp(half)), _stop(ratio, large, settings)
    )


def _stop(ratio: float, probe: BatchProbe, settings: Settings) -> Stop:
    if ratio >= settings["batch_size.linear"]:
        return "near-linear"
    waits = probe.waiting is not None and probe.waiting > settings["batch_size.wait"]
    idle = probe.busy is not None and probe.busy < settings["batch_size.busy"] and ratio < settings["batch_size.flat"]
    if waits or idle:
        return "waiting"
    if ratio >= settings["batch_size.flat"]:
        return "slowing"
    return "saturated" if probe.waiting is not None or probe.busy is not None else "unknown"


def _hinge(batches: Floats, medians: Floats) -> tuple[float | None, float | None]:
    """t(B) = max(t0, b B) by least squares in log time over every cut of the ladder."""
    if len(batches) < 2:
        return None, None
    best: tuple[float, float, float] | None = None
    for cut in range(1, len(batches)):
        overhead = float(np.exp(np.mean(np.log(medians[:cut]))))
        slope = float(np.exp(np.mean(np.log(medians[cut:] / batches[cut:]))))
        residual = np.log(medians) - np.log(np.maximum(overhead, slope * batches))
        loss = float(np.sum(residual**2))
        if best is None or loss < best[0]:
            best = (loss, overhead, slope)
    return (None, None) if best is None else (best[1], best[2])


def answer_batch_size(
    facts: BatchSizeFacts, settings: Settings = DEFAULTS, target: Mapping[str, object] | None = None
) -> BatchSizeFinding:
    """The largest size whose last doubling surely paid; unknown below three sizes, or where a stall has no known cause."""
    needed = int(settings["batch_size.sizes"])
    missing = (_FEW.fill(n=len(facts.sizes), needed=needed),) if len(facts.sizes) < needed else ()
    batch, faster, stall = _choice(facts, settings)
    grows = stall is None
    label: Label = (
        "unknown" if missing or (stall is not None and stall.stop == "unknown") else ("no" if grows else "yes")
    )
    stop: Stop = "near-linear" if stall is None else stall.stop
    return BatchSizeFinding(
        label=label,
        estimate=None if batch is None else float(batch),
        interval=None if stall is None else stall.interval,
        level=0.95,
        n=len(facts.sizes),
        thresholds=settings.thresholds("batch_size.worth", "batch_size.flat", "batch_size.wait", "batch_size.steps"),
        missing=missing or ((_NO_CAUSE.fill(batch=stall.batch),) if label == "unknown" and stall else ()),
        settles=_settles(facts, needed, label, grows),
        target=target or {},
        note=_note(stop, facts, stall),
        batch=batch,
        still_faster=faster,
        stop=stop,
    )


def _choice(facts: BatchSizeFacts, settings: Settings) -> tuple[int | None, int | None, Doubling | None]:
    """The size to take, the largest that is still faster, and the first doubling that did not surely pay."""
    batch = facts.sizes[0] if facts.sizes else None
    stall: Doubling | None = None
    for step in facts.doublings:
        if step.interval[0] < settings["batch_size.worth"]:
            stall = step
            break
        batch = step.batch
    faster = batch
    for step in facts.doublings:
        if step.interval[0] <= 1.0:
            break
        faster = step.batch
    return batch, faster, stall


def _settles(facts: BatchSizeFacts, needed: int, label: Label, grows: bool) -> tuple[Settle, ...]:
    if len(facts.sizes) < needed:
        return (Settle(_MORE_SIZES, needed - len(facts.sizes)),)
    if label == "unknown":
        return (Settle(_LOG_WAIT, 1),)
    return (Settle(_DOUBLE, 1),) if grows and facts.unfit is None else ()


def _note(stop: Stop, facts: BatchSizeFacts, stall: Doubling | None) -> Text | None:
    if stop == "waiting" and stall is not None:
        return _WAITS.fill(batch=stall.batch)
    if stop == "saturated" and stall is not None:
        return _SATURATED.fill(batch=stall.batch)
    if stall is None and facts.unfit is not None:
        return _MEMORY.fill(batch=facts.unfit)
    return None


def time_to_target(seconds_per_step: float, batch: int, least_steps: float, critical_batch: float) -> float:
    """t(B) S_min (1 + B_crit / B), in seconds (McCandlish et al. 2018); S_min and B_crit from two re-tuned batch sizes."""
    return seconds_per_step * least_steps * (1.0 + critical_batch / batch)


_FEW = Text(en="{n} batch sizes were timed; {needed} are needed.", zh="只测了 {n} 种 batch size，至少要 {needed} 种。")
_NO_CAUSE = Text(
    en="Throughput stalls at batch {batch}, and neither data-wait time nor device use was recorded.",
    zh="batch 到 {batch} 时吞吐不再增长，但没有记录等数据的时间和设备利用率。",
)
_MORE_SIZES = Text(en="Time the next doublings.", zh="继续翻倍往上测。")
_LOG_WAIT = Text(
    en="Record the share of the step time spent waiting for data, then time this size again.",
    zh="记录每步等数据的时间占比，再测一次这个 batch size。",
)
_DOUBLE = Text(en="Throughput still grows: try the next doubling.", zh="吞吐还在涨：再翻一倍试试。")
_WAITS = Text(
    en="At batch {batch} the device waits for data: fix the input pipeline before choosing a batch size.",
    zh="batch 到 {batch} 时设备在等数据：先修数据管线，再定 batch size。",
)
_SATURATED = Text(
    en="The device is saturated from batch {batch} on: larger batches are not faster.",
    zh="从 batch {batch} 起设备已饱和：再大也不会更快。",
)
_MEMORY = Text(en="Memory ends the ladder at batch {batch}.", zh="显存到 batch {batch} 就放不下了。")
