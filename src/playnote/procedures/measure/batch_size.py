"""batch-size: step times at doubling batch sizes, each in a fresh process, until memory runs out or the cap is reached.

An out-of-memory that comes late counts as one. Beyond the near-linear part of the ladder, time spent waiting for data tells a
bottleneck from saturation. The size is chosen for speed and cost; its scores are not looked at.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field

import numpy as np

from playnote.diagnosis.batch_size import (
    BatchProbe,
    BatchSizeFacts,
    BatchSizeFinding,
    answer_batch_size,
    measure_batch_size,
)
from playnote.errors import WorkflowError
from playnote.procedures.measure.bench import Bench
from playnote.procedures.measure.contract import SECONDS, WAIT, Ask, Found, Point, Seen, Steps, look
from playnote.procedures.measure.retune import retune_notes
from playnote.records.curves import Floats
from playnote.space.hyperparameter import Categorical, Value
from playnote.text import Text

ACCUMULATION = frozenset({"accumulation", "accumulation_steps", "grad_accum", "gradient_accumulation_steps"})
RATES_SEEN = ("samples_per_second", "examples_per_second", "throughput")
_KEPT = 100  # step times of a size that go on record
_SETTLE = 0.1  # share of the steps at the start, compilation and caches among them, that is not timed


@dataclass
class Ladder:
    """The sizes tried, by batch: their times (empty where they did not fit), and whether the ladder ended at the cap."""

    probes: dict[int, BatchProbe] = field(default_factory=dict)
    seen: dict[int, Seen] = field(default_factory=dict)
    capped: bool = False
    accumulated: bool | None = None

    @property
    def fits(self) -> list[int]:
        """Sizes that fitted, ascending."""
        return sorted(batch for batch, probe in self.probes.items() if probe.fits)


def batch_size(bench: Bench) -> Steps:
    """The ladder as a procedure: largest that fits, where it stops paying and why, the size to take, what to re-tune."""
    chosen = int(float(bench.baseline[bench.batch]))
    ladder = yield from climb(bench, int(bench.option("start", chosen)))
    probes = [ladder.probes[batch] for batch in sorted(ladder.probes)]
    facts = measure_batch_size(probes, bench.settings)
    finding = answer_batch_size(facts, bench.settings)
    if not ladder.fits:
        return Found(label="no", message=_NOTHING_FITS.fill(batch=min(ladder.probes, default=chosen)))
    devices = bench.option("devices", 1.0)
    numbers = {
        "ladder": [_kept(probe) for probe in probes],
        "capped": ladder.capped,
        "devices": devices,
        **({} if ladder.accumulated is None else {"accumulated": ladder.accumulated}),
        "chosen": finding.batch,
        "largest": max(ladder.fits),
        "knee": facts.knee,
    }
    waits = finding.stop == "waiting"
    moves = finding.batch is not None and finding.batch != chosen and finding.label != "unknown" and not waits
    return Found(
        label="unknown" if finding.label == "unknown" else "yes",
        message=_said(finding, facts, ladder),
        results=(("batch-size", numbers),),
        edits={("baseline", bench.batch): finding.batch} if moves else {},
        notes=(
            *((finding.note,) if finding.note is not None else ()),
            *finding.missing,
            *(retune_notes(bench, chosen, finding.batch) if moves and finding.batch else ()),
        ),
        rows=tuple(_rows(facts, ladder, devices, bench.options.get("price"))),
    )


def climb(bench: Bench, start: int) -> Generator[Ask, tuple[Seen, ...], Ladder]:
    """Double from the start until memory ends or the cap; downward where even the start does not fit."""
    ladder = Ladder()
    declared = bench.hyperparameter(bench.batch)
    choices = sorted(int(float(c)) for c in declared.choices) if isinstance(declared, Categorical) else None
    cap = int(bench.option("cap", max(choices) if choices else float(getattr(declared, "high", start))))
    batch = start
    while batch >= 1 and not ladder.fits:
        yield from _probe(bench, ladder, batch)
        batch //= 2
    batch = 2 * max(ladder.fits, default=0)
    while ladder.fits and batch not in ladder.probes:
        if batch > cap:
            ladder.capped = True
            break
        yield from _probe(bench, ladder, batch)
        batch *= 2
        if not ladder.probes[batch // 2].fits:
            break
    return ladder


def _probe(bench: Bench, ladder: Ladder, batch: int) -> Generator[Ask, tuple[Seen, ...], None]:
    plain: dict[str, Value] = {**bench.baseline, bench.batch: batch}
    accumulation = bench.has(ACCUMULATION)
    if accumulation is not None:
        plain[accumulation] = 1
        ladder.accumulated = False
    steps = int(bench.option("steps", bench.settings["batch_size.probe"]))
    point = Point(configuration=plain, seed=bench.seed(0), steps=steps)
    (seen,) = yield from look(Ask(points=(point,), fresh=True, exact=False))
    ladder.seen[batch] = seen
    if seen.outcome == "oom":
        ladder.probes[batch] = BatchProbe(batch, (), fits=False)
        return
    noted = seen.facts.get("accumulation")
    if isinstance(noted, int | float) and ladder.accumulated is None:
        ladder.accumulated = noted > 1
    seconds = step_seconds(seen, batch)
    ladder.probes[batch] = BatchProbe(batch, seconds, waiting=waiting(seen, seconds))


def step_seconds(seen: Seen, batch: int) -> Floats:
    """Seconds of each step after the first tenth. Raises WorkflowError where a run that ended well timed nothing."""
    seconds = seen.values(SECONDS)
    if not len(seconds):
        rate = seen.values(RATES_SEEN)
        seconds = batch / rate[rate > 0] if len(rate) else rate
    if not len(seconds) and seen.outcome == "ok":
        raise WorkflowError(
            Text(
                en="Trial {id} logged no step times: throughput cannot be told.",
                zh="试验 {id} 没有记录每步用时，算不出吞吐。",
            ).fill(id=seen.trial),
            fix=Text(
                en='Log them, device synchronised: `trial.log(step, {{"step_seconds": s, "data_wait": w}})`.',
                zh='设备同步后逐步记录：`trial.log(step, {{"step_seconds": s, "data_wait": w}})`。',
            ).fill(),
        )
    return seconds[int(_SETTLE * len(seconds)) :]


def waiting(seen: Seen, seconds: Floats) -> float | None:
    """Share of the step time spent waiting for data, as logged or as `trial.steps` timed it."""
    waits = seen.values(WAIT)
    if len(waits) and len(seconds):
        waits = waits[-len(seconds) :]
        return float(np.sum(waits) / np.sum(seconds)) if np.sum(seconds) > 0 else None
    return seen.waiting


def _kept(probe: BatchProbe) -> dict[str, object]:
    seconds = np.asarray(probe.seconds, dtype=float)[:_KEPT]
    return {
        "batch": probe.batch,
        "seconds": [float(each) for each in seconds],
        "waiting": probe.waiting,
        "busy": probe.busy,
        "fits": probe.fits,
    }


def _rows(
    facts: BatchSizeFacts, ladder: Ladder, devices: float, price: float | None
) -> Generator[Mapping[str, object], None, None]:
    medians = dict(zip(facts.sizes, facts.medians, strict=True))
    doublings = {each.batch: each for each in facts.doublings}
    for batch in sorted(ladder.probes):
        seconds, step = medians.get(batch), doublings.get(batch)
        row: dict[str, object] = {
            "batch": batch,
            "fits": ladder.probes[batch].fits,
            "seconds": seconds,
            "examples/s": None if seconds is None else batch / seconds,
            "times before": None if step is None else step.ratio,
            "waiting": ladder.probes[batch].waiting,
            "limit": None if step is None else step.stop,
        }
        if price is not None:
            row["cost of 1e6"] = None if seconds is None else 1e6 * seconds / batch * devices * price / 3600
        yield row


def _said(finding: BatchSizeFinding, facts: BatchSizeFacts, ladder: Ladder) -> Text:
    if finding.batch is None or finding.label == "unknown":
        return _UNSURE.fill(largest=max(ladder.fits))
    if finding.stop == "waiting":
        return _WAITS
    end = _CAP if ladder.capped else _MEMORY if facts.unfit is not None else _NO_END
    text = Text(
        en="Take batch size {batch}: up to there twice the batch is nearly twice the throughput. {end}",
        zh="batch size 取 {batch}：到这里为止，batch 翻倍，吞吐也接近翻倍。{end}",
    )
    return text.fill(batch=finding.batch, end=end.fill(largest=max(ladder.fits)))


_CAP = Text(en="The ladder ended at its cap, {largest}.", zh="阶梯到上限 {largest} 为止。")
_MEMORY = Text(en="The largest that fits is {largest}.", zh="能放下的最大是 {largest}。")
_NO_END = Text(en="Tried up to {largest}.", zh="试到 {largest}。")
_WAITS = Text(
    en="Training waits for its data: fix the input pipeline first, then measure again.",
    zh="训练在等数据：先修数据管线，再重测。",
)
_UNSURE = Text(
    en="Sizes up to {largest} fit; which one to take cannot be told yet.", zh="{largest} 以内都放得下；取哪个还说不准。"
)
_NOTHING_FITS = Text(en="Not even batch size {batch} fits into memory.", zh="连 batch size {batch} 都放不下。")
