"""regime: whether compute limits training: would longer training still help, or has it stopped helping?"""

from __future__ import annotations

from playnote.diagnosis.still_improving import (
    answer_saturated_early,
    answer_still_improving,
    measure_saturated_early,
    measure_still_improving,
)
from playnote.procedures.measure.bench import Bench
from playnote.procedures.measure.contract import Ask, Found, Picture, Point, Seen, Steps, drawn, look
from playnote.records.finding import Label
from playnote.text import Text

_SEEDS = 2


def regime(bench: Bench) -> Steps:
    """Train at the full length, at a constant rate where the project can (a decay flattens any curve), and read the end."""
    plain, constant = bench.constant()
    points = tuple(Point(configuration=plain, seed=bench.seed(number)) for number in range(_SEEDS))
    seen = yield from look(Ask(points=points))
    labels = [_ends(bench, each) for each in seen if each.told and not each.diverged]
    improving, flat = [label for label, _ in labels], [label for _, label in labels]
    bound: bool | None = None
    if labels and all(label == "yes" for label in improving):
        bound = True
    elif labels and all(one == "no" or other == "yes" for one, other in labels):
        bound = False
    numbers = {
        "improving": sum(label == "yes" for label in improving),
        "saturated": sum(label == "yes" for label in flat),
        "runs": len(labels),
        **({} if bound is None else {"bound": bound}),
    }
    return Found(
        label="unknown" if bound is None else "yes",
        message=_SAID[bound],
        results=(("regime", numbers),),
        notes=() if constant else (_DECAY,),
        rows=tuple(
            {"trial": each.trial, "error": each.error, "still improving": one, "long flat": other}
            for each, (one, other) in zip([e for e in seen if e.told and not e.diverged], labels, strict=True)
        ),
        picture=Picture((bench.project.objective.formula,), drawn("baseline", "probe", seen)),
    )


def _ends(bench: Bench, seen: Seen) -> tuple[Label, Label]:
    """Whether a run is still improving at its end, and whether it had stopped long before."""
    objective = bench.project.objective
    curve = seen.curves.get(objective.formula)
    if curve is None or len(curve) < 2:
        return "unknown", "unknown"
    rate = seen.curves.get("lr")
    errors = objective.sign * curve.values
    rates, rate_steps = (None, None) if rate is None else (rate.values, rate.steps)
    improving = measure_still_improving(
        curve.steps, errors, lr=rates, lr_steps=rate_steps, min_effect=objective.min_effect
    )
    flat = measure_saturated_early(curve.steps, errors, lr=rates, lr_steps=rate_steps, min_effect=objective.min_effect)
    return answer_still_improving(improving, bench.settings).label, answer_saturated_early(flat, bench.settings).label


_SAID: dict[bool | None, Text] = {
    True: Text(
        en="Compute limits training: at the full length Dev was still getting better.",
        zh="训练受算力限制：跑满全长时 Dev 还在变好。",
    ),
    False: Text(
        en="Compute does not limit training: Dev gained nothing that matters towards the end.",
        zh="训练不受算力限制：到后段 Dev 已经没有值得一提的提升。",
    ),
    None: Text(
        en="Unclear whether compute limits training: evaluate more often, or train longer once.",
        zh="是否受算力限制说不清：评估勤一些，或者训练久一点再看一次。",
    ),
}
_DECAY = Text(
    en="The project cannot switch its schedule off: a decay flattens the end of any curve.",
    zh="项目关不掉自己的 schedule；学习率衰减会把任何曲线的末尾压平。",
)
