"""lr: a sweep of constant learning rates; the best one, and the bracket in which training stops being stable.

The grid is half-decades over the declared range. It is extended upward until something is unstable and downward until the
best lies inside (three times at most each way); the bracket is then halved to a factor of 1.25.
"""

from __future__ import annotations

import math
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field

from playnote.procedures.measure.bench import Bench
from playnote.procedures.measure.contract import (
    LOSS,
    NORM,
    Ask,
    Found,
    Part,
    Picture,
    Point,
    Seen,
    Steps,
    drawn,
    look,
)
from playnote.procedures.measure.judging import judge, late_loss
from playnote.records.curves import Floats
from playnote.space.hyperparameter import Categorical, Value
from playnote.text import Text

HALF_DECADE = math.sqrt(10.0)
_EXTENSIONS = 3
_PER_EXTENSION = 2
_FEWEST, _MOST = 5, 9


@dataclass
class Sweep:
    """What a sweep saw, by rate: whether it was stable (None: not known) and its error.

    constant  whether the rate surely was constant
    shaken    whether a rate counted as stable left its path and came back
    stuck     rates that neither diverged nor learned: counted as unstable
    """

    constant: bool
    shaken: bool = False
    stuck: set[float] = field(default_factory=set)
    stable: dict[float, bool | None] = field(default_factory=dict)
    error: dict[float, float] = field(default_factory=dict)
    seen: dict[float, Seen] = field(default_factory=dict)

    @property
    def best(self) -> float | None:
        """The stable rate with the smallest error."""
        good = [rate for rate, error in self.error.items() if self.stable.get(rate) and math.isfinite(error)]
        return min(good, key=lambda rate: self.error[rate]) if good else None

    @property
    def unstable(self) -> float | None:
        """The smallest rate that was unstable."""
        return min((rate for rate, stable in self.stable.items() if stable is False), default=None)

    @property
    def highest_stable(self) -> float | None:
        """The largest stable rate below the smallest unstable one."""
        end = self.unstable
        return max((r for r, stable in self.stable.items() if stable and (end is None or r < end)), default=None)

    @property
    def mixed(self) -> bool:
        """Whether a rate above an unstable one was stable."""
        end = self.unstable
        return end is not None and any(stable and rate > end for rate, stable in self.stable.items())

    def at_edge(self) -> str | None:
        """The side of the grid the best lies at, None inside."""
        tried = sorted(self.stable)
        if self.best is None or not tried:
            return None
        return "low" if self.best == tried[0] else "high" if self.best == tried[-1] else None


def lr(bench: Bench) -> Steps:
    """The sweep as a procedure: best rate, bracket, and the new rate for the baseline."""
    sweep = yield from sweep_rates(bench)
    best, stable, unstable = sweep.best, sweep.highest_stable, sweep.unstable
    numbers = {
        "best": best,
        "lowest": min(sweep.stable, default=None),
        "highest": max(sweep.stable, default=None),
        "stable": stable,
        "unstable": unstable,
        "constant": sweep.constant,
        "rates": len(sweep.stable),
    }
    known = best is not None and sweep.at_edge() is None
    return Found(
        label="yes" if known else "unknown",
        message=_said(sweep, bench.project.objective.formula),
        results=(("lr", numbers),),
        edits=_edit(bench, sweep) if known else {},
        notes=_notes(sweep),
        rows=tuple(
            {
                "lr": rate,
                "stable": sweep.stable[rate],
                "error": sweep.error.get(rate),
                "trial": sweep.seen[rate].trial,
            }
            for rate in sorted(sweep.stable)
        ),
        picture=_picture(bench, sweep),
    )


def _picture(bench: Bench, sweep: Sweep) -> Picture:
    """The best rate, the last stable and the first unstable one."""
    named: tuple[tuple[float | None, Part], ...] = (
        (sweep.best, "reference"),
        (sweep.highest_stable, "probe"),
        (sweep.unstable, "before"),
    )
    lines = {
        rate: drawn(f"{bench.rate} {rate:g}", part, [sweep.seen[rate]])
        for rate, part in reversed(named)
        if rate is not None
    }
    return Picture((LOSS[0], NORM[0]), tuple(line for rate in sorted(lines) for line in lines[rate]))


def sweep_rates(
    bench: Bench, base: Mapping[str, Value] | None = None, steps: int | None = None
) -> Generator[Ask, tuple[Seen, ...], Sweep]:
    """Run the grid, extend it both ways, close in on the bracket.

    base   the configuration to vary the rate of, by default the baseline at a constant rate
    steps  length of each trial, None for the workflow's own
    """
    plain, constant = bench.constant()
    configuration = dict(plain if base is None else base)
    length = steps or (int(bench.options["steps"]) if "steps" in bench.options else None)
    sweep = Sweep(constant or base is not None)

    def run(rates: list[float]) -> Generator[Ask, tuple[Seen, ...], None]:
        new = [rate for rate in rates if rate not in sweep.seen]
        points = tuple(
            Point(configuration={**configuration, bench.rate: rate}, seed=bench.seed(0), steps=length) for rate in new
        )
        for rate, seen in zip(new, (yield from look(Ask(points=points))), strict=True):
            _take(sweep, rate, seen, bench)
        _grade(sweep, bench)

    yield from run(first_grid(bench))
    for _ in range(_EXTENSIONS):
        top = max(sweep.stable)
        if sweep.unstable is not None or sweep.stable[top] is None:
            break
        yield from run([rounded(top * HALF_DECADE**k) for k in range(1, _PER_EXTENSION + 1)])
    for _ in range(_EXTENSIONS):
        if sweep.at_edge() != "low" and not (sweep.best is None and sweep.unstable == min(sweep.stable)):
            break
        bottom = min(sweep.stable)
        yield from run([rounded(bottom / HALF_DECADE**k) for k in range(1, _PER_EXTENSION + 1)])
    while (between := _middle(sweep, bench.settings["measure.bracket"])) is not None:
        yield from run([between])
    return sweep


def first_grid(bench: Bench) -> list[float]:
    """Half-decades over the declared range, at most four decades, always around the baseline's rate."""
    declared = bench.hyperparameter(bench.rate)
    if isinstance(declared, Categorical):
        return sorted(float(choice) for choice in declared.choices)
    low, high = max(float(declared.low), 1e-12), float(declared.high)
    count = math.floor(2 * math.log10(high / low) + 1e-9) + 1
    if count > _MOST:  # the four decades around the baseline's own rate
        low = min(max(low, bench.lr / HALF_DECADE ** (_MOST // 2)), high / HALF_DECADE ** (_MOST - 1))
        count = _MOST
    return [rounded(low * HALF_DECADE**k) for k in range(max(count, _FEWEST))]


def rounded(rate: float) -> float:
    """Four digits: a rate a person can read, and the same on every machine."""
    return float(f"{rate:.4g}")


def _take(sweep: Sweep, rate: float, seen: Seen, bench: Bench) -> None:
    sweep.seen[rate] = seen
    if not seen.told:
        sweep.stable[rate] = None
        return
    if seen.curve(LOSS) is None:
        sweep.stable[rate] = not seen.diverged
    else:
        judged = judge(seen, bench.settings)
        # The limit asked for is that of divergence: a run that rings and settles has not passed it.
        sweep.stable[rate] = not seen.diverged and (judged.label != "unstable" or judged.back)
        sweep.shaken |= judged.label == "unstable" and judged.back
    error = seen.error if seen.error is not None else late_loss(seen.values(LOSS))
    sweep.error[rate] = math.inf if seen.diverged else error


def _grade(sweep: Sweep, bench: Bench) -> None:
    """Count as unstable what lies above the best rate and kept less than a share of what that one gained.

    A rate so high that training dies at once need not diverge: its loss stays where a model that learned nothing is. That is
    the loss of the first step, or what guessing scores: a language model that died still knows which letters are common.
    """
    best, share = sweep.best, bench.settings["probe.drop"]
    if best is None:
        return
    for rate in [rate for rate, stable in sweep.stable.items() if stable and rate > best]:
        if _gained(sweep.seen[rate].values(LOSS)) < share * _gained(sweep.seen[best].values(LOSS)) or (
            (chance := _chance(bench, sweep.seen[best])) is not None
            and chance - sweep.error[rate] < share * (chance - sweep.error[best])
        ):
            sweep.stable[rate] = False
            sweep.stuck.add(rate)


def _gained(values: Floats) -> float:
    """How far a loss fell from its first reading; 0 without readings."""
    return float(values[0]) - late_loss(values) if len(values) else 0.0


def _chance(bench: Bench, seen: Seen) -> float | None:
    """What guessing scores, as an error: declared, or logged by the training code where a way is declared."""
    objective = bench.project.objective
    if isinstance(objective.chance, str):
        logged = seen.values(("dev/chance",))
        return objective.sign * float(logged[-1]) if len(logged) else None
    return None if objective.chance is None else objective.sign * objective.chance


def _middle(sweep: Sweep, factor: float) -> float | None:
    """The rate between the bracket's ends, None where they are close enough."""
    low, high = sweep.highest_stable, sweep.unstable
    if low is None or high is None or high / low <= factor:
        return None
    middle = rounded(math.sqrt(low * high))
    return middle if low < middle < high and middle not in sweep.seen else None


def _edit(bench: Bench, sweep: Sweep) -> dict[str | tuple[str, ...], object]:
    """The best rate as the baseline's, and the range around it: a decade below the best up to what is still stable."""
    own = ("baseline", bench.rate)
    edits: dict[str | tuple[str, ...], object] = {own: sweep.best}
    declared = bench.hyperparameter(bench.rate)
    if sweep.best is None or isinstance(declared, Categorical):
        return edits
    if sweep.best > declared.high:
        edits["hyperparameters", bench.rate, "high"] = rounded(sweep.highest_stable or sweep.best)
    if sweep.best < declared.low:
        edits["hyperparameters", bench.rate, "low"] = rounded(sweep.best / 10)
    return {} if edits == {own: bench.lr} else edits


def _said(sweep: Sweep, metric: str) -> Text:
    if sweep.best is None:
        return Text(
            en="No learning rate trained well: a bug, or a grid far too high.",
            zh="没有一个学习率能训好：要么有 bug，要么整个网格都太高。",
        )
    best = Text(
        en="Best constant learning rate by {metric}: {best:g}.", zh="按 {metric}，最好的恒定学习率是 {best:g}。"
    ).fill(metric=metric, best=sweep.best)
    if sweep.unstable is None:
        return Text(en="{s} Nothing was unstable up to {top:g}.", zh="{s}直到 {top:g} 都没有不稳。").fill(
            s=best, top=max(rate for rate, stable in sweep.stable.items() if stable)
        )
    return Text(
        en="{s} Training is stable at {low:g} and unstable at {high:g}, on one seed a rate.",
        zh="{s}{low:g} 还稳，{high:g} 就不稳了（每个学习率只跑了一个种子）。",
    ).fill(s=best, low=sweep.highest_stable or math.nan, high=sweep.unstable)


def _notes(sweep: Sweep) -> tuple[Text, ...]:
    notes = []
    if not sweep.constant:
        notes.append(_OWN_SCHEDULE)
    if sweep.at_edge() is not None:
        notes.append(_EDGE)
    if sweep.stuck:
        notes.append(_STUCK.fill(rate=min(sweep.stuck)))
    if sweep.shaken:
        notes.append(_SHAKEN)
    if sweep.mixed:
        notes.append(_MIXED)
    if any(stable is None for stable in sweep.stable.values()):
        notes.append(_FAILED)
    return tuple(notes)


_OWN_SCHEDULE = Text(
    en='The workflow kept its own schedule: with a `schedule` hyperparameter that may be "constant", the sweep uses that.',
    zh="训练代码用的是自己的 schedule；若有一个可取 “constant” 的 `schedule` 超参，扫描就会用它。",
)
_EDGE = Text(
    en="The best rate is the last one tried on its side: it may lie further out.",
    zh="最好的学习率落在扫描边缘，真正的最优可能还在外面。",
)
_STUCK = Text(
    en="From {rate:g} on the loss does not diverge, and learns next to nothing either: that counts as unstable.",
    zh="从 {rate:g} 起损失没有发散，却也几乎什么都没学到：按不稳计。",
)
_SHAKEN = Text(
    en="At a rate counted as stable the loss jumped and came back: `playnote measure stability` looks closer.",
    zh="有个算作稳定的学习率，损失跳起又落回：用 `playnote measure stability` 细看。",
)
_MIXED = Text(
    en="A rate above an unstable one was stable: repeat with another seed before trusting the bracket.",
    zh="有更高的学习率反而稳：先换个种子重测，再相信这个区间。",
)
_FAILED = Text(
    en="Some trials failed for another reason and say nothing; run the same command again to repeat them.",
    zh="有试验因别的原因失败，不作数；再运行同一命令会重跑它们。",
)
