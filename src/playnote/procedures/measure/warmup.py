"""warmup: the shortest linear warmup after which a learning rate above the unstable one is stable.

The target is ten times `unstable_lr`, then five, then the multiples between one and five. Lengths are powers of ten up to a
tenth of the training steps; each run warms up over W steps and stays at the peak for at least 2 W more. Between the
longest unstable and the shortest stable length the search halves.
"""

from __future__ import annotations

import math
from collections.abc import Generator
from dataclasses import dataclass, field

from playnote.diagnosis.warmup import WarmupFinding, answer_warmup, ladder_lengths, measure_warmup
from playnote.procedures.measure.bench import Bench
from playnote.procedures.measure.contract import LOSS, NORM, Ask, Found, Picture, Point, Seen, Steps, drawn, look
from playnote.procedures.measure.judging import judge
from playnote.procedures.measure.lr import rounded
from playnote.procedures.measure.stability import known_range, together
from playnote.text import Text

MULTIPLES = (10.0, 5.0)
_SEEDS = 2
_LEAST = 100  # steps of a run: a shorter one may be over before it can leave its path


@dataclass
class Rungs:
    """The lengths tried at one peak: outcomes (True: stable) by length, and whether the runs of a length hold together.

    One seed may look shaky by chance: a length is given up where every seed is unstable, or one diverges.
    """

    peak: float
    outcomes: dict[int, list[bool]] = field(default_factory=dict)
    holds: dict[int, bool] = field(default_factory=dict)
    runs: dict[int, list[Seen]] = field(default_factory=dict)

    @property
    def shortest(self) -> int | None:
        """The smallest length above which every tried one was stable."""
        found = None
        for length in sorted(self.outcomes, reverse=True):
            if not self.holds.get(length, False):
                break
            found = length
        return found

    @property
    def below(self) -> int | None:
        """The longest tried length under it."""
        end = self.shortest
        return max((each for each in self.outcomes if end is None or each < end), default=None)


def warmup(bench: Bench) -> Steps:
    """The sweep as a procedure: the highest multiple that can be had, its shortest warmup, the new schedule."""
    name = bench.warmup  # asked for before anything runs
    known = yield from known_range(bench)
    if known.unstable is None:
        return Found(label="no", message=_NOTHING_UNSTABLE)
    peaks: list[Rungs] = []
    for multiple in multiples(bench):
        rungs = yield from shortest_at(bench, rounded(multiple * known.unstable))
        peaks.append(rungs)
        if rungs.shortest is not None:
            break
    return _found(bench, name, peaks, known.unstable)


def _found(bench: Bench, name: str, peaks: list[Rungs], unstable: float) -> Found:
    held = peaks[-1]
    total = bench.total
    finding = answer_warmup(measure_warmup(held.outcomes, total_steps=total, settings=bench.settings), bench.settings)
    numbers = {
        "lengths": sorted(length for length in held.outcomes if length),
        "shortest": held.shortest,
        "peak": held.peak,
        "unstable_lr": unstable,
        "higher_failed": len(peaks) > 1,
        "seeds": min((len(each) for each in held.outcomes.values()), default=0),
        "total_steps": total,
    }
    edits: dict[str | tuple[str, ...], object] = {}
    if finding.label == "yes" and held.shortest:
        edits = _edits(bench, name, held.peak, held.shortest)
    return Found(
        label=finding.label,
        message=_said(held, unstable, finding),
        results=(("warmup", numbers),),
        edits=edits,
        notes=(*((finding.note,) if finding.note is not None else ()), *((_COMPARE,) if edits else ())),
        rows=tuple(
            {
                "peak": each.peak,
                "warmup": length,
                "stable": sum(each.outcomes[length]),
                "runs": len(each.outcomes[length]),
            }
            for each in peaks
            for length in sorted(each.outcomes)
        ),
        picture=_picture(bench, name, held),
    )


def _picture(bench: Bench, name: str, held: Rungs) -> Picture:
    """The peak without warmup, and with the shortest that holds (the longest tried where none does)."""
    longest = max(held.outcomes, default=0)
    after = longest if held.shortest is None else held.shortest
    lines = drawn(f"{bench.rate} {held.peak:g}", "before", held.runs.get(0, ()))
    if after:
        lines += drawn(f"{bench.rate} {held.peak:g}, {name} {after}", "after", held.runs.get(after, ()))
    return Picture((LOSS[0], NORM[0]), lines)


def multiples(bench: Bench) -> tuple[float, ...]:
    """Multiples of the unstable rate to aim at, highest first."""
    if "multiple" in bench.options:
        return (bench.options["multiple"],)
    return (*MULTIPLES, round(math.sqrt(MULTIPLES[-1]), 2), round(MULTIPLES[-1] ** 0.25, 2))


def shortest_at(bench: Bench, peak: float) -> Generator[Ask, tuple[Seen, ...], Rungs]:
    """Lengths at one peak: none at all, the grid, then halving between; the shortest is seen with two more seeds."""
    rungs = Rungs(peak)
    cap = max(1, int(bench.settings["warmup.cap"] * bench.total))
    yield from _run(bench, rungs, [0])
    if rungs.shortest == 0:
        return rungs
    yield from _run(bench, rungs, [length for length in ladder_lengths(bench.total, bench.settings) if length <= cap])
    while (middle := _between(rungs, bench.option("tolerance", bench.settings["warmup.tolerance"]))) is not None:
        yield from _run(bench, rungs, [middle])
    if rungs.shortest is not None:
        yield from _run(bench, rungs, [rungs.shortest], first_seed=_SEEDS)
    return rungs


def _run(bench: Bench, rungs: Rungs, lengths: list[int], first_seed: int = 0) -> Generator[Ask, tuple[Seen, ...], None]:
    plain, _ = bench.constant()
    most = bench.total + max(lengths, default=0)
    points = tuple(
        Point(
            configuration={**plain, bench.rate: rungs.peak, bench.warmup: length},
            seed=bench.seed(first_seed + number),
            steps=min(max(3 * length, _LEAST), most),
        )
        for length in lengths
        for number in range(_SEEDS)
    )
    seen = yield from look(Ask(points=points))
    for at, length in enumerate(lengths):
        told = [each for each in seen[_SEEDS * at : _SEEDS * (at + 1)] if each.told]
        judged = [judge(each, bench.settings) for each in told]
        rungs.runs.setdefault(length, []).extend(told)
        rungs.outcomes.setdefault(length, []).extend(each.stable for each in judged)
        rungs.holds[length] = rungs.holds.get(length, True) and together(told, judged) is False


def _between(rungs: Rungs, tolerance: float) -> int | None:
    """The length half way, geometrically, between the longest unstable and the shortest stable one."""
    high, low = rungs.shortest, rungs.below
    if high is None or low is None or high - low <= max(1, int(tolerance * low)):
        return None
    return min(max(round(math.sqrt(max(low, 1) * high)), low + 1), high - 1)


def _edits(bench: Bench, name: str, peak: float, length: int) -> dict[str | tuple[str, ...], object]:
    """Peak and warmup as the baseline's, the warmup put before the old schedule, and ranges that hold them."""
    edits: dict[str | tuple[str, ...], object] = {
        ("baseline", bench.rate): peak,
        ("baseline", name): length,
        ("workflow", "max_train_steps"): bench.total + length,
    }
    for which, value in ((bench.rate, peak), (name, length)):
        high = getattr(bench.hyperparameter(which), "high", None)
        if high is not None and value > high:
            edits["hyperparameters", which, "high"] = value
    return edits


def _said(held: Rungs, unstable: float, finding: WarmupFinding) -> Text:
    times = held.peak / unstable
    if held.shortest == 0:
        return Text(
            en="{peak:g} ({x:.2g} times the unstable rate) is stable without warmup: there is nothing to cure.",
            zh="{peak:g}（不稳学习率的 {x:.2g} 倍）不用预热也稳：没有要治的。",
        ).fill(peak=held.peak, x=times)
    if held.shortest is None:
        return Text(
            en="No warmup within a tenth of training makes {peak:g} stable; {low:g} is where it starts to be unstable.",
            zh="预热用到总步数的十分之一，也稳不住 {peak:g}；{low:g} 起就不稳。",
        ).fill(peak=held.peak, low=unstable)
    text = Text(
        en="{w} steps of warmup make {peak:g} stable, {x:.2g} times the rate that is unstable without.",
        zh="预热 {w} 步就能稳住 {peak:g}，是不预热时不稳学习率的 {x:.2g} 倍。",
    ).fill(w=held.shortest, peak=held.peak, x=times)
    if finding.label == "yes":
        return text
    return Text(en="{s} Not yet sure: more seeds are needed.", zh="{s}还不够确定，要再补种子。").fill(s=text)


_NOTHING_UNSTABLE = Text(
    en="No learning rate tried was unstable: there is nothing for warmup to cure.",
    zh="试过的学习率都稳，没有需要用预热治的。",
)
_COMPARE = Text(
    en="A higher rate must pay off on Dev: compare it with the baseline on fresh seeds before keeping it.",
    zh="更高的学习率要在 Dev 上见效才算数：先用新种子和 baseline 比过，再决定要不要。",
)
