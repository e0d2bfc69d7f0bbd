"""Does the order of configurations from short runs hold for long ones?

Kendall's tau over the configurations that were run at both lengths. Details of the schedule do not
transfer, whatever the order says; that is a rule, not a finding.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import ArrayLike

from playnote.records.finding import Finding, Label, Settle
from playnote.records.settings import DEFAULTS, Settings
from playnote.stats.kendall import interval, tau
from playnote.text import Text


@dataclass(frozen=True, slots=True)
class TransferFacts:
    """Two orders of the same configurations.

    n        : int                   configurations with a score at both lengths
    tau      : float, None           Kendall's tau-b
    interval : (float, float), None  90 %
    p_value  : float                 one-sided, exact without ties
    best_kept: bool, None            whether the best short run is also the best long one
    """

    n: int
    tau: float | None = None
    interval: tuple[float, float] | None = None
    p_value: float = 1.0
    best_kept: bool | None = None


@final
@dataclass(frozen=True, kw_only=True)
class TransferFinding(Finding):
    """Yes: the order holds. `estimate` is tau; `early_ranks` says whether ending trials early by rank is safe."""

    early_ranks: bool = False


def measure_transfer(short: ArrayLike, long: ArrayLike) -> TransferFacts:
    """short, long : arrays, shape (n,)  error of each configuration at both lengths; pairs that are not finite are left out."""
    a, b = np.asarray(short, dtype=np.float64), np.asarray(long, dtype=np.float64)
    n = min(len(a), len(b))
    both = np.isfinite(a[:n]) & np.isfinite(b[:n])
    a, b = a[:n][both], b[:n][both]
    if len(a) < 2:
        return TransferFacts(len(a))
    value, p = tau(a, b)
    return TransferFacts(len(a), value, interval(value, len(a)), p, bool(np.argmin(a) == np.argmin(b)))


def answer_transfer(
    facts: TransferFacts, settings: Settings = DEFAULTS, target: Mapping[str, object] | None = None
) -> TransferFinding:
    """Yes where the order is shown to hold; no where it is shown to be weak; unknown below the minimum."""
    enough = facts.n >= settings["transfer.shared"] and facts.interval is not None
    label: Label = "unknown"
    if enough and facts.interval is not None:
        if facts.p_value <= settings["transfer.alpha"]:
            label = "yes"
        elif facts.interval[1] < settings["transfer.tau"]:
            label = "no"
    short = max(1, int(settings["transfer.shared"]) - facts.n)
    missing = Text(
        en="Only {n} configurations were run at both lengths; {needed} are needed.",
        zh="只有 {n} 个配置在两种长度下都跑过，至少需要 {needed} 个。",
    ).fill(n=facts.n, needed=int(settings["transfer.shared"]))
    return TransferFinding(
        label=label,
        p=1.0 - facts.p_value if enough else None,
        estimate=facts.tau,
        interval=facts.interval,
        n=facts.n,
        thresholds=settings.thresholds("transfer.shared", "transfer.alpha", "transfer.tau"),
        missing=() if enough else (missing,),
        settles=(Settle(_BOTH.fill(n=short), short),) if label == "unknown" else (),
        target=target or {},
        early_ranks=bool(enough and facts.interval is not None and facts.interval[0] > settings["transfer.tau"]),
    )


_BOTH = Text(
    en="Run {n} more of the short runs' configurations at full length, good and bad ones.",
    zh="从短训练的配置里再挑 {n} 个，好的坏的都要有，按完整长度跑一遍。",
)
