"""input: does training wait for its data, and would more workers or prefetching help?

Short runs in processes of their own, taken in turns so that a machine that drifts does so for all: with real data, and with
one cached batch where the project can (`cached_data`). Far slower than with cached data: the pipeline is the bottleneck.
As fast: the device is saturated, and a faster loader gains nothing. Where the pipeline holds training up, numbers of workers
and prefetched batches are swept. Throughput is a mean over steps: loaders deliver in bursts.
"""

from __future__ import annotations

import math
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from playnote.errors import InputError, WorkflowError
from playnote.procedures.measure.batch_size import waiting
from playnote.procedures.measure.bench import Bench
from playnote.procedures.measure.contract import SECONDS, Ask, Found, Point, Seen, Steps, look
from playnote.procedures.measure.input_said import Knob, Outcome, said, to_do
from playnote.records.curves import Floats
from playnote.records.settings import Settings
from playnote.space.hyperparameter import Categorical, Value
from playnote.text import Text

CACHED = frozenset({"cached_data", "cached_batch", "cache_batch", "synthetic_data", "fake_data"})
WORKERS = frozenset({"workers", "num_workers", "loader_workers", "data_workers", "dataloader_num_workers"})
PREFETCH = frozenset({"prefetch", "prefetch_factor", "prefetch_batches", "dataloader_prefetch_factor"})
SYNC = frozenset({"sync_every", "metric_sync_every", "log_every"})
_SETTLE = 0.1  # share of the steps at the start that is not timed: workers start, caches fill
_RARELY = 50  # steps between two gatherings of metrics that count as rare
_MOST = 5
_NOTED = ("remote", "offline_share", "unused_share", "in_memory", "producers")


@dataclass(frozen=True, slots=True)
class Timed:
    """Short runs of one set-up: mean seconds of a step in each, the share of waiting, and what the training code noted."""

    seconds: Floats
    waiting: float | None = None
    noted: Mapping[str, object] = field(default_factory=dict)

    @property
    def mean(self) -> float:
        """Mean seconds of a step, over the runs."""
        return float(np.exp(np.mean(np.log(self.seconds)))) if len(self.seconds) else math.nan


@dataclass(frozen=True, slots=True)
class Gap:
    """Share of the speed that is lost to the pipeline, 90 % interval, and P(more than what is worth a warning)."""

    share: float
    interval: tuple[float, float]
    p: float
    against: Literal["cached", "net-of-wait"]


def input_pipeline(bench: Bench) -> Steps:
    """Time, compare, sweep where it may help; proposes the smallest setting that is as fast as the fastest."""
    _refuse_untimed(bench)
    cached = bench.has(CACHED)
    plain = {**bench.baseline, **({} if cached is None else {cached: _switch(bench, cached, False)})}
    set_ups = [plain, *([] if cached is None else [{**plain, cached: _switch(bench, cached, True)}])]
    timed = yield from _time(bench, set_ups)
    gap = gap_of(timed[0], timed[1] if len(timed) > 1 else None, bench.settings)
    outcome = outcome_of(gap, bench.settings)
    knobs = [] if outcome == "saturated" else (yield from _sweep(bench, plain, timed[0]))
    synced = yield from _synced(bench, plain, timed[0])
    numbers = _numbers(bench, timed, gap, knobs, synced) | {"outcome": outcome}
    pays = [each for each in knobs if each.gain > bench.settings["rule_sync_cost"] and each.sure]
    return Found(
        label="unknown" if outcome == "open" else "yes",
        message=said(
            outcome, gap.share, gap.interval, timed[0].waiting, len(timed[0].seconds), gap.against == "cached"
        ),
        results=(("input", numbers),),
        edits={("baseline", each.name): each.best for each in pays},
        notes=tuple(to_do(outcome, knobs, pays, cached is not None, _headroom(timed[0]), bench.settings)),
        rows=tuple(_rows(timed, knobs, plain)),
    )


def gap_of(real: Timed, cached: Timed | None, settings: Settings) -> Gap:
    """The gap to cached data; without such runs the share of waiting, which sees less than there is."""
    from scipy.stats import t as student

    if cached is not None:
        logs = [np.log(real.seconds), np.log(cached.seconds)]
        middle = float(logs[0].mean() - logs[1].mean())
        n = [len(each) for each in logs]
        squares = sum(float(np.sum((each - each.mean()) ** 2)) for each in logs)
        df = max(sum(n) - 2, 1)
        spread = math.sqrt(squares / df * sum(1 / each for each in n))
        half = float(student.ppf(0.95, df)) * spread
        bar = -math.log1p(-settings["rule_slowdown_warn"])
        p = float(student.sf((bar - middle) / spread, df)) if spread > 0 else float(middle > bar)
        shares = [1.0 - math.exp(-each) for each in (middle, middle - half, middle + half)]
        return Gap(shares[0], (shares[1], shares[2]), p, "cached")
    share = real.waiting or 0.0
    return Gap(share, (share, 1.0), float(share > settings["rule_slowdown_warn"]), "net-of-wait")


def outcome_of(gap: Gap, settings: Settings) -> Outcome:
    """Bottleneck and saturated only where it is sure; little waiting alone does not show that cached data were no faster."""
    if gap.p >= settings["arms.sure"]:
        return "bottleneck"
    return "saturated" if gap.p <= 1.0 - settings["arms.sure"] and gap.against == "cached" else "open"


def timed_of(seen: Sequence[Seen]) -> Timed:
    """What the runs of one set-up say. Raises WorkflowError where a run that ended well timed nothing."""
    seconds, waits = [], []
    noted: dict[str, object] = {}
    # A run that diverged took as long for its steps as any other.
    for each in (each for each in seen if each.told):
        steps = _step_seconds(each)
        seconds.append(float(np.mean(steps)))
        share = waiting(each, steps)
        waits += [] if share is None else [share]
        facts = each.facts.get("input")
        noted |= dict(facts) if isinstance(facts, Mapping) else {}
    return Timed(np.array(seconds), float(np.mean(waits)) if waits else None, noted)


def _step_seconds(seen: Seen) -> Floats:
    logged = seen.values(SECONDS)
    if len(logged):
        return logged[int(_SETTLE * len(logged)) :]
    rows = seen.facts.get("inputs")
    loops = [each for each in rows if isinstance(each, Mapping)] if isinstance(rows, list | tuple) else []
    steps = sum(float(str(each.get("steps") or 0)) for each in loops)
    total = sum(float(str(each.get("seconds") or 0.0)) for each in loops)
    if steps and total:
        return np.array([total / steps])
    raise WorkflowError(
        Text(en="Trial {id} timed nothing.", zh="试验 {id} 没有计时。").fill(id=seen.trial), fix=_TIME_IT
    )


def _time(bench: Bench, set_ups: Sequence[Mapping[str, Value]]) -> Generator[Ask, tuple[Seen, ...], list[Timed]]:
    """Every set-up as often as is asked, in turns, each run in a process of its own."""
    steps = min(int(bench.option("steps", bench.settings["input.steps"])), bench.total)
    repeats = int(bench.option("repeats", bench.settings["input.repeats"]))
    points = tuple(
        Point(configuration=each, seed=bench.seed(turn), steps=steps) for turn in range(repeats) for each in set_ups
    )
    seen = yield from look(Ask(points=points, fresh=True, exact=False))
    timed = [timed_of(seen[at :: len(set_ups)]) for at in range(len(set_ups))]
    if any(len(each.seconds) < 2 for each in timed):
        raise WorkflowError(
            Text(en="Too few of the short runs ended well to time anything.", zh="正常结束的短训练太少，计不了时。"),
            fix=Text(en="Run the same command again.", zh="请再运行同一命令。"),
        )
    return timed


def _sweep(bench: Bench, plain: Mapping[str, Value], real: Timed) -> Generator[Ask, tuple[Seen, ...], list[Knob]]:
    """Workers first, then prefetching at the number of workers that was best."""
    found, base = [], dict(plain)
    now = real
    for names in (WORKERS, PREFETCH):
        name = bench.has(names)
        if name is None:
            continue
        values = [each for each in _values(bench, name) if each != base.get(name)]
        timed = yield from _time(bench, [{**base, name: each} for each in values])
        tried = {base.get(name, 0): now, **dict(zip(values, timed, strict=True))}
        knob = best_setting(name, tried, base.get(name, 0), bench.settings)
        found.append(knob)
        base[name], now = knob.best, tried[knob.best]
    return found


def best_setting(name: str, tried: Mapping[Value, Timed], own: Value, settings: Settings) -> Knob:
    """The smallest setting within a twentieth of the fastest; its gain over the present one, and whether that is sure."""
    from scipy.stats import t as student

    fastest = min(each.mean for each in tried.values())
    near = [value for value, each in tried.items() if each.mean <= fastest * (1 + settings["rule_sync_cost"])]
    best = own if own in near else min(near, key=lambda value: float(value))
    logs = [np.log(each.seconds) for each in tried.values()]
    df = max(sum(len(each) - 1 for each in logs), 1)
    noise = math.sqrt(sum(float(np.sum((each - each.mean()) ** 2)) for each in logs) / df)
    faster = math.log(tried[own].mean / tried[best].mean)
    spread = noise * math.sqrt(1 / len(tried[own].seconds) + 1 / len(tried[best].seconds))
    sure = faster > float(student.ppf(settings["arms.sure"], df)) * spread
    return Knob(name, own, best, math.expm1(faster), sure, {value: each.mean for value, each in tried.items()})


def _values(bench: Bench, name: str) -> list[Value]:
    declared = bench.hyperparameter(name)
    if isinstance(declared, Categorical):
        return list(declared.choices)[:_MOST]
    powers = [each for each in (0, 1, 2, 4, 8, 16, 32) if declared.low <= each <= bench.option("cap", declared.high)]
    return list(powers[:_MOST])


def _synced(bench: Bench, plain: Mapping[str, Value], real: Timed) -> Generator[Ask, tuple[Seen, ...], float | None]:
    """What gathering metrics at every step costs, where the project gathers that often and can do it less."""
    name = bench.has(SYNC)
    if name is None or float(plain.get(name, _RARELY)) >= _RARELY:
        return None
    (rarely,) = yield from _time(bench, [{**plain, name: _RARELY}])
    return real.mean / rarely.mean - 1.0


def _numbers(
    bench: Bench, timed: Sequence[Timed], gap: Gap, knobs: Sequence[Knob], synced: float | None
) -> dict[str, object]:
    """What rules read. Without cached runs no cached rate is claimed."""
    real = timed[0]
    size = (
        float(bench.baseline[name])
        if (name := bench.has(("batch_size", "batch", "bs"))) in bench.baseline and name
        else 1.0
    )
    numbers: dict[str, object] = {
        "rate": size / real.mean,
        "gap": gap.share,
        "low": gap.interval[0],
        "high": gap.interval[1],
        "against": gap.against,
        "runs": len(real.seconds),
        "wait": real.waiting,
        **{key: real.noted[key] for key in _NOTED if key in real.noted},
    }
    if len(timed) > 1:
        numbers["cached_rate"] = size / timed[1].mean
    if knobs:
        numbers["workers_gain"] = math.prod(1 + each.gain for each in knobs) - 1.0
    if synced is not None:
        numbers["sync_cost"] = synced
    workers = bench.has(WORKERS)
    if workers is not None and "producers" not in numbers:
        numbers["producers"] = max(1, int(float(bench.baseline.get(workers, 0))))
    return numbers


def _headroom(real: Timed) -> float | None:
    """Batches the loader alone delivers in the time of a step; near 1 it is at its limit, whatever the waiting."""
    alone = real.noted.get("loader_seconds")
    return real.mean / alone if isinstance(alone, int | float) and alone > 0 else None


def _rows(timed: Sequence[Timed], knobs: Sequence[Knob], plain: Mapping[str, Value]) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = [
        {"set-up": name, "seconds": each.mean, "runs": len(each.seconds), "waiting": each.waiting}
        for name, each in zip(("real data", "cached data"), timed, strict=False)
    ]
    for knob in knobs:
        rows += [
            {"set-up": f"{knob.name} = {value}", "seconds": seconds, "runs": None, "waiting": None}
            for value, seconds in knob.seconds.items()
            if value != plain.get(knob.name)
        ]
    return rows


def _switch(bench: Bench, name: str, on: bool) -> Value:
    """The value that switches cached data on or off."""
    declared = bench.hyperparameter(name)
    if not isinstance(declared, Categorical):
        return int(on)
    off = next((each for each in declared.choices if str(each).lower() in ("false", "off", "no", "0", "none")), None)
    other = next((each for each in declared.choices if each != off), None)
    if off is None or other is None:
        raise InputError(
            Text(en="{name} cannot be switched off and on.", zh="{name} 没法关和开。").fill(name=name),
            fix=Text(
                en="Declare {name} = {{ choices = [false, true] }}", zh="声明 {name} = {{ choices = [false, true] }}"
            ).fill(name=name),
        )
    return other if on else off


def _refuse_untimed(bench: Bench) -> None:
    """Nobody is sent here while nothing of the project can be timed."""
    state = bench.state
    timed = any(
        "inputs" in trial.facts or any(state.curves.curve(trial.id, name) is not None for name in SECONDS)
        for trial in state.trials[-20:]
    )
    if not timed and bench.has(CACHED) is None and bench.has(WORKERS) is None:
        raise InputError(
            Text(en="No trial on record timed its steps.", zh="记录里还没有试验给训练步计过时。"), fix=_TIME_IT
        )


_TIME_IT = Text(
    en='Iterate over `trial.steps(loader)`, or log `{{"step_seconds": s, "data_wait": w}}` with the device synchronised.',
    zh='用 `trial.steps(loader)` 遍历数据，或在设备同步后记录 `{{"step_seconds": s, "data_wait": w}}`。',
).fill()
