"""seeds: how far apart runs of the baseline end that differ in the seed alone."""

from __future__ import annotations

import math

from playnote.diagnosis.seed_noise import IDENTICAL, answer_seed_noise, measure_seed_noise
from playnote.procedures.measure.bench import Bench
from playnote.procedures.measure.contract import Ask, Found, Point, Steps, look
from playnote.text import Text


def seeds(bench: Bench) -> Steps:
    """Run the baseline with fresh seeds; SD with its interval, failures counted, identical scores named.

    These runs count as repeats of the baseline everywhere: for ties, power and the winner's curse.
    """
    count = int(bench.option("seeds", bench.settings["measure.seeds"]))
    points = tuple(Point(configuration=bench.baseline, seed=bench.seed(number)) for number in range(count))
    seen = yield from look(Ask(points=points, purpose="repeat"))
    told = [each for each in seen if each.told]
    scores = [math.nan if each.error is None or each.diverged else each.error for each in told]
    objective = bench.project.objective
    facts = measure_seed_noise([scores], min_effect=objective.min_effect)
    finding = answer_seed_noise(facts, bench.settings)
    lost = sum(each.diverged for each in told)
    same = facts.sd is None and facts.runs >= 2
    numbers = {
        "runs": facts.runs,
        "diverged": lost,
        "sd": facts.sd,
        "low": None if facts.interval is None else facts.interval[0],
        "high": None if facts.interval is None else facts.interval[1],
        "identical": same,
    }
    return Found(
        label="yes" if facts.sd is not None and facts.runs >= 3 else "unknown",
        message=_said(facts.sd, facts.interval, facts.runs),
        results=(("seeds", numbers),),
        notes=(
            *((IDENTICAL,) if same else ()),
            *((_LOST.fill(n=lost, of=len(told)),) if lost else ()),
            *((_DROWNS,) if finding.label == "yes" else ()),
        ),
        rows=tuple({"seed": each.point.seed, "trial": each.trial, "error": each.error} for each in seen),
    )


def _said(sd: float | None, interval: tuple[float, float] | None, runs: int) -> Text:
    if sd is None or interval is None:
        return Text(en="{n} runs gave no spread to measure.", zh="跑了 {n} 次，量不出波动。").fill(n=runs)
    return Text(
        en="Seeds alone move the score by {sd:.3g} (SD of one run; 95 %: {low:.3g} to {high:.3g}; {n} runs).",
        zh="只换种子，分数就会波动 {sd:.3g}（单次训练的标准差，95% 区间 {low:.3g}–{high:.3g}，{n} 次）。",
    ).fill(sd=sd, low=interval[0], high=interval[1], n=runs)


_LOST = Text(
    en="{n} of {of} seeds diverged: the baseline is not stable, whatever the others scored.",
    zh="{of} 个种子里有 {n} 个发散：不管其余的分数如何，baseline 不稳定。",
)
_DROWNS = Text(
    en="That is more than the smallest difference that matters: single runs cannot show one.",
    zh="这比值得关心的最小差别还大：单次训练看不出差别。",
)
