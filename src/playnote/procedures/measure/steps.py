"""steps: how many steps a fit takes: constant learning rates, nothing that regularizes, the fastest trial that fits.

The length doubles from a small start until some trial reaches the target (train error 0, or what was declared) or the cap
is met. A fastest rate at an end of the grid extends the grid.
"""

from __future__ import annotations

import math
from collections.abc import Generator

import numpy as np

from playnote.diagnosis.steps import FirstLengthFacts, TrainCurve, answer_first_length, measure_first_length
from playnote.errors import WorkflowError
from playnote.playbook.facts.recipe import STRENGTHS, among
from playnote.procedures.measure.bench import Bench
from playnote.procedures.measure.contract import LOSS, TRAIN_ERROR, Ask, Found, Picture, Point, Seen, Steps, drawn, look
from playnote.procedures.measure.lr import HALF_DECADE, rounded
from playnote.procedures.measure.stability import known_range
from playnote.space.hyperparameter import Value
from playnote.text import Text

_EXTENSIONS = 3
_SEED = 0


def steps(bench: Bench) -> Steps:
    """The estimate as a procedure: first `max_train_steps`, the rate behind it, or that the target is not reached."""
    known = yield from known_range(bench)
    if known.best is None:
        return Found(label="unknown", message=_NO_BEST)
    target = bench.option("target", bench.settings["steps.target"])
    start = max(8, int(bench.option("start", bench.total / 8)))
    cap = int(bench.option("cap", 2 * bench.total))
    rates = [rounded(known.best * HALF_DECADE**power) for power in (-2, -1, 0, 1, 2)]
    length, facts, seen = start, FirstLengthFacts(0, 0, target), dict[float, Seen]()
    while True:
        seen = {}
        for _ in range(_EXTENSIONS + 1):
            yield from _run(bench, [rate for rate in rates if rate not in seen], length, seen)
            facts = _measured(seen, target, "target" in bench.options)
            further = _further(facts, seen, rates)
            if further is None:
                break
            rates = sorted([*rates, further])
        if facts.reached >= bench.settings["steps.reached"] or length >= cap:
            break
        length = min(2 * length, cap)
    return _found(bench, facts, seen, length)


def _found(bench: Bench, facts: FirstLengthFacts, seen: dict[float, Seen], length: int) -> Found:
    finding = answer_first_length(facts, bench.settings)
    fastest = next((rate for rate, each in seen.items() if each.trial == facts.fastest), None)
    numbers = {
        "steps": facts.steps,
        "reached": facts.reached,
        "at_edge": facts.at_edge,
        "searched": False,
        "target": facts.target,
        "lr": fastest,
        "low": None if facts.interval is None else facts.interval[0],
        "high": None if facts.interval is None else facts.interval[1],
        "length": length,
    }
    known = finding.label == "yes" and facts.steps is not None
    return Found(
        label=finding.label,
        message=_said(facts, fastest, length),
        results=(("steps", numbers),),
        edits={("workflow", "max_train_steps"): math.ceil(facts.steps or 0)} if known else {},
        notes=(*finding.missing, *((finding.note,) if finding.note is not None else ()), *((_MORE,) if known else ())),
        rows=tuple(
            {"lr": rate, "trial": each.trial, "end": _end(each), "diverged": each.diverged}
            for rate, each in sorted(seen.items())
        ),
        picture=Picture(
            (TRAIN_ERROR[0],),
            tuple(
                line
                for rate, each in sorted(seen.items())
                for line in drawn(f"{bench.rate} {rate:g}", "after" if rate == fastest else "probe", [each])
            ),
        ),
    )


def _run(
    bench: Bench, rates: list[float], length: int, seen: dict[float, Seen]
) -> Generator[Ask, tuple[Seen, ...], None]:
    plain = unregularized(bench)
    points = tuple(
        Point(configuration={**plain, bench.rate: rate}, seed=bench.seed(_SEED), steps=length) for rate in rates
    )
    if points:
        for rate, each in zip(rates, (yield from look(Ask(points=points))), strict=True):
            seen[rate] = each


def unregularized(bench: Bench) -> dict[str, Value]:
    """The baseline at a constant rate, every strength of regularization and augmentation at its "off"."""
    plain, _ = bench.constant()
    return {**plain, **{name: bench.off(name) for name in among(bench.project.space.names, STRENGTHS)}}


def _measured(seen: dict[float, Seen], target: float, declared: bool) -> FirstLengthFacts:
    """First passage of the train error; of the train loss where a target for it was declared."""
    names = (*TRAIN_ERROR, *LOSS) if declared else TRAIN_ERROR
    curves = [(rate, each, each.curve(names)) for rate, each in sorted(seen.items()) if each.told]
    if curves and all(curve is None for _, each, curve in curves if not each.diverged):
        raise WorkflowError(
            Text(en="No trial logged its error on the training data.", zh="没有试验记录训练集上的误差。"),
            fix=Text(
                en="Call `trial.eval_train(step, error)` on a fixed part of Train in evaluation mode, "
                "or set --target for the training loss.",
                zh="在评估模式下对固定的一部分训练集调用 `trial.eval_train(step, error)`，或用 --target 给训练损失定目标。",
            ),
        )
    rows = [TrainCurve(each.trial, rate, c.steps, c.values) for rate, each, c in curves if c is not None]
    return measure_first_length(rows, target, np.random.default_rng(0))


def _further(facts: FirstLengthFacts, seen: dict[float, Seen], rates: list[float]) -> float | None:
    """The next rate beyond the end the fastest trial stands at; None where it stands inside, or beyond lies divergence."""
    if not facts.reached or not facts.at_edge:
        return None
    low, high = min(rates), max(rates)
    if seen[high].trial == facts.fastest:
        return rounded(high * HALF_DECADE)
    return rounded(low / HALF_DECADE) if seen[low].trial == facts.fastest else None


def _end(seen: Seen) -> float | None:
    values = seen.values((*TRAIN_ERROR, *LOSS))
    return float(values[-1]) if len(values) else None


def _said(facts: FirstLengthFacts, rate: float | None, length: int) -> Text:
    if facts.steps is None:
        return Text(
            en="No trial fitted Train within {n} steps: compute is the limit, or the model cannot fit.",
            zh="{n} 步内没有试验拟合完训练集：要么受算力限制，要么模型拟合不了。",
        ).fill(n=length)
    return Text(
        en="The fastest trial (lr {lr:g}) fits Train in {n:g} steps: start from there.",
        zh="最快的试验（lr {lr:g}）用 {n:g} 步拟合完训练集：以此为起点。",
    ).fill(lr=rate or math.nan, n=facts.steps)


_NO_BEST = Text(en="No learning rate trained well.", zh="没有一个学习率能训好。")
_MORE = Text(
    en="Regularization, augmentation or a smaller batch may need more steps.",
    zh="加上正则、数据增强或更小的 batch，可能需要更多步数。",
)
