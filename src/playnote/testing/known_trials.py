"""Trials that a connector's test writes with the tool and reads back: every kind of value, every way to end."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from playnote.space.hyperparameter import Value

Ends = Literal["ok", "nan", "failed"]
METRIC = "dev/error"  # the score: lower is better
OTHER = "train/loss <b>é</b> 损失"
AWKWARD = 'a,"b"\n<script>alert(1)</script> é 激活'
ODD = "权重 <i>decay</i>"
_KINDS: tuple[Value, ...] = ("relu", "gelu", AWKWARD)


@dataclass(frozen=True, slots=True)
class KnownTrial:
    """One trial as it is to be written.

    name    fit for a folder: small letters, digits and `-`
    series  by metric, (step, value) in order; the score's is METRIC
    ends    "ok", "nan" (the score's last value is NaN or infinite) or "failed" (the tool is told that it failed)
    """

    name: str
    configuration: Mapping[str, Value]
    seed: int
    series: Mapping[str, Sequence[tuple[int, float]]]
    ends: Ends = "ok"

    @property
    def score(self) -> float | None:
        """The best finite value, of a trial that ended well."""
        values = [value for _, value in self.series[METRIC] if math.isfinite(value)]
        return min(values) if self.ends == "ok" else None


def known_trials(*, failed: bool = True, kinds: Sequence[Value] = _KINDS) -> tuple[KnownTrial, ...]:
    """Nine trials: six that end well (one with a NaN on the way), one NaN, one infinite, one failed.

    failed  whether the tool can be told that a run failed
    """
    ends: tuple[Ends, ...] = ("ok",) * 6 + ("nan", "nan") + ("failed",) * failed
    return tuple(_trial(at, end, kinds) for at, end in enumerate(ends))


def long_trial(steps: int) -> KnownTrial:
    """One trial with many readings."""
    series = [(step, 1.0 + 1.0 / (1 + step)) for step in range(steps)]
    return KnownTrial(name="long", configuration={"lr": 0.1}, seed=0, series={METRIC: series})


def _trial(at: int, ends: Ends, kinds: Sequence[Value]) -> KnownTrial:
    errors = [0.5 / (1 + step) + 0.01 * at for step in range(6)]
    if at == 2:
        errors[1] = math.nan
    if ends == "nan":
        errors[-1] = math.nan if at % 2 == 0 else math.inf
    return KnownTrial(
        name=f"trial-{at}",
        configuration={
            "lr": 10.0 ** (-1 - at / 3),
            "width": 8 * (1 + at),
            "act": kinds[at % len(kinds)],
            "bn": at % 2 == 0,
            ODD: 1e-5 * (at + 1),
        },
        seed=100 + at,
        series={METRIC: list(enumerate(errors)), OTHER: [(step, 2.0 - 0.25 * step) for step in range(0, 6, 2)]},
        ends=ends,
    )
