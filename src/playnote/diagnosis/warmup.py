"""How long must the warmup be for a target learning rate to stay stable?

A ladder of warmup lengths, a few seeds each, judged stable or not. A longer warmup is never less stable, so neighbours are
pooled until the stable share rises with the length (isotonic regression; Barlow et al. 1972). The answer is the shortest
length whose pooled share, Jeffreys posterior mean, reaches the wanted one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import final

from playnote.records.finding import Finding, Label, Settle
from playnote.records.settings import DEFAULTS, Settings
from playnote.stats.binomial import jeffreys_interval, share_above
from playnote.text import Text


@dataclass(frozen=True, slots=True)
class Rung:
    """One warmup length: `stable` of `runs` runs were stable. `pooled` holds its block's counts (stable, runs)."""

    steps: int
    stable: int
    runs: int
    pooled: tuple[int, int] = (0, 0)

    @property
    def share(self) -> float:
        """Posterior mean of the stable share of its block."""
        stable, runs = self.pooled
        return (stable + 0.5) / (runs + 1.0)


@dataclass(frozen=True, slots=True)
class WarmupFacts:
    """The ladder, by length, with stable shares that never fall.

    rungs       : one a length
    shortest    : int, None   shortest length whose pooled share reaches the wanted one
    unstable    : int, None   longest length below it
    total_steps : int, None   length of the training run the warmup is put before
    """

    rungs: tuple[Rung, ...]
    wanted: float
    shortest: int | None = None
    unstable: int | None = None
    total_steps: int | None = None

    @property
    def share_of_run(self) -> float | None:
        """The shortest stable warmup as a share of the run, before it is put in front."""
        return None if self.shortest is None or not self.total_steps else self.shortest / self.total_steps


@final
@dataclass(frozen=True, kw_only=True)
class WarmupFinding(Finding):
    """Yes: `steps` of warmup make the learning rate stable. No: no length up to the cap does. Estimate: the length.

    extend  the warmup takes so much of the run that training should be longer
    """

    steps: int | None = None
    extend: bool = False


def measure_warmup(
    ladder: Mapping[int, Sequence[bool]], *, total_steps: int | None = None, settings: Settings = DEFAULTS
) -> WarmupFacts:
    """Measure a ladder: warmup steps to the outcomes of its runs (True: stable). Lengths below 0 and empty ones are left out."""
    counted = [
        Rung(int(steps), sum(map(bool, runs)), len(runs))
        for steps, runs in sorted(ladder.items())
        if steps >= 0 and runs
    ]
    rungs = pooled_upwards(counted)
    wanted = settings["warmup.stable"]
    enough = [rung for rung in rungs if rung.share >= wanted - 1e-12]
    shortest = enough[0].steps if enough else None
    below = [rung.steps for rung in rungs if shortest is None or rung.steps < shortest]
    return WarmupFacts(rungs, wanted, shortest, below[-1] if below else None, total_steps)


def pooled_upwards(rungs: Sequence[Rung]) -> tuple[Rung, ...]:
    """The same rungs with pooled counts whose shares never fall; runs stable at a shorter length count for longer ones.

    Where a whole lower block is stable, its runs strengthen the block above.
    """
    blocks: list[list[Rung]] = []
    for rung in rungs:
        blocks.append([rung])
        while len(blocks) > 1 and _raw(blocks[-2]) >= _raw(blocks[-1]):
            top = blocks.pop()
            blocks[-1] += top
    found = []
    for block in blocks:
        counts = sum(rung.stable for rung in block), sum(rung.runs for rung in block)
        found += [Rung(rung.steps, rung.stable, rung.runs, counts) for rung in block]
    return tuple(found)


def _raw(block: Sequence[Rung]) -> float:
    return sum(rung.stable for rung in block) / sum(rung.runs for rung in block)


def answer_warmup(
    facts: WarmupFacts, settings: Settings = DEFAULTS, target: Mapping[str, object] | None = None
) -> WarmupFinding:
    """Yes with the shortest stable length; no where even the longest is surely unstable; else unknown."""
    missing = _missing(facts, settings)
    top = facts.rungs[-1] if facts.rungs else None
    chosen = next((rung for rung in facts.rungs if rung.steps == facts.shortest), top)
    p = None if chosen is None else share_above(*chosen.pooled, 0.5)
    label: Label = "unknown"
    if not missing and facts.shortest is not None:
        label = "yes"
    elif not missing and p is not None and p <= 0.1:
        label = "no"
    share = facts.share_of_run
    return WarmupFinding(
        label=label,
        p=p,
        estimate=None if facts.shortest is None else float(facts.shortest),
        interval=None if chosen is None else jeffreys_interval(*chosen.pooled),
        n=sum(rung.runs for rung in facts.rungs),
        thresholds=settings.thresholds(
            "warmup.stable", "warmup.lengths", "warmup.seeds", "warmup.extend", "warmup.cap"
        ),
        missing=missing,
        settles=_settles(facts, settings) if label == "unknown" else (),
        target=target or {},
        note=_note(facts, settings, label),
        steps=facts.shortest if label == "yes" else None,
        extend=share is not None and share > settings["warmup.extend"],
    )


def ladder_lengths(total_steps: int, settings: Settings = DEFAULTS) -> tuple[int, ...]:
    """Lengths to try: powers of ten from 10 up to the cap, and the cap; for short runs 1, 2, 5 and 10 % of the steps."""
    cap = int(settings["warmup.cap"] * total_steps)
    powers = [10**power for power in range(1, 9) if 10**power < cap]
    if len(powers) < 2:
        return tuple(
            sorted({max(1, round(share * total_steps)) for share in (0.01, 0.02, 0.05, settings["warmup.cap"])})
        )
    return (*powers, cap)


def _missing(facts: WarmupFacts, settings: Settings) -> tuple[Text, ...]:
    missing = []
    if len(facts.rungs) < settings["warmup.lengths"]:
        missing.append(_FEW_LENGTHS.fill(n=len(facts.rungs), needed=int(settings["warmup.lengths"])))
    if any(rung.runs < settings["warmup.seeds"] for rung in facts.rungs):
        missing.append(_FEW_SEEDS.fill(needed=int(settings["warmup.seeds"])))
    return tuple(missing)


def _settles(facts: WarmupFacts, settings: Settings) -> tuple[Settle, ...]:
    short = [int(settings["warmup.seeds"]) - rung.runs for rung in facts.rungs]
    lacking = int(settings["warmup.lengths"]) - len(facts.rungs)
    runs = sum(max(each, 0) for each in short) + max(lacking, 0) * int(settings["warmup.seeds"])
    if runs:
        return (Settle(_FILL.fill(n=runs), runs),)
    return (Settle(_LONGER, 2 * int(settings["warmup.seeds"])),)


def _note(facts: WarmupFacts, settings: Settings, label: Label) -> Text | None:
    share = facts.share_of_run
    if label == "no":
        return _LOWER
    if share is None or label != "yes" or share <= settings["warmup.extend"]:
        return None
    sentence = _TOO_LONG if share > settings["warmup.cap"] else _EXTEND
    return sentence.fill(share=f"{100 * share:.0f}")


_FEW_LENGTHS = Text(
    en="{n} warmup lengths were tried; {needed} are needed.", zh="只试了 {n} 种预热长度，至少要 {needed} 种。"
)
_FEW_SEEDS = Text(en="Each length needs {needed} runs.", zh="每种长度至少要跑 {needed} 次。")
_FILL = Text(en="Run {n} more warmup trials.", zh="再补 {n} 次预热试验。")
_LONGER = Text(
    en="Try the next longer warmup, and two more seeds of the shortest that looked stable.",
    zh="试更长一档的预热，并给看起来稳定的最短长度再补两个种子。",
)
_LOWER = Text(
    en="No warmup up to the cap makes this learning rate stable: lower the peak, or clip gradients.",
    zh="预热加到上限也压不住这个学习率：降低峰值，或者做梯度裁剪。",
)
_EXTEND = Text(
    en="The warmup takes {share} % of the steps: train longer by as much.",
    zh="预热占了 {share} % 的步数：训练相应加长。",
)
_TOO_LONG = Text(
    en="The warmup takes {share} % of the steps, over the cap: the learning rate is too high for this run.",
    zh="预热占了 {share} % 的步数，超过上限：对这么长的训练来说学习率太高。",
)
