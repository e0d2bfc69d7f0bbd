"""From the statistics of a candidate to what becomes of it: adopted, candidate or rejected.

The test says whether it is better; `min_effect` whether that matters; the measured complexity whether a gain that does
not is worth having; the constraints whether it may be used at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from playnote.diagnosis.adoption import AdoptionFacts, AdoptionFinding
from playnote.diagnosis.complexity import ComplexityFinding
from playnote.records.settings import DEFAULTS, Settings
from playnote.stats.online_fdr import needed_level
from playnote.text import Text

Outcome = Literal["adopted", "candidate", "rejected"]


@dataclass(frozen=True, slots=True)
class AdoptionDecision:
    """What becomes of the candidate, why, and what more seeds would cost.

    more_runs : int, None     further runs per arm that would decide
    seconds   : float, None   their time, one after another
    """

    outcome: Outcome
    because: Text
    more_runs: int | None = None
    seconds: float | None = None


def decide(
    facts: AdoptionFacts,
    finding: AdoptionFinding,
    *,
    complexity: ComplexityFinding | None = None,
    broken: tuple[str, ...] = (),
    seconds_per_run: float | None = None,
) -> AdoptionDecision:
    """Decide.

    complexity      : what the change adds; not measured counts as adding something
    broken          : constraints that fresh runs of the candidate violate
    seconds_per_run : mean time of a run, for the price
    """
    if broken:
        return AdoptionDecision("rejected", _BROKEN.fill(names=", ".join(broken)))
    if finding.missing:
        return _open(facts, finding.missing[0], seconds_per_run)
    if finding.label == "yes":
        return _better(facts, finding, complexity)
    if finding.label == "no":
        return AdoptionDecision("rejected", _FAILS if finding.barred else _WORSE)
    if facts.min_effect is not None and facts.interval is not None and facts.interval[1] < facts.min_effect:
        return AdoptionDecision("rejected", _TINY.fill(effect=f"{facts.min_effect:g}"))
    return _open(facts, _FAILS_OPEN if finding.barred else _UNSURE, seconds_per_run)


def _better(facts: AdoptionFacts, finding: AdoptionFinding, complexity: ComplexityFinding | None) -> AdoptionDecision:
    """Surely better; a gain surely below what matters must come for nothing."""
    if not finding.small:
        return AdoptionDecision("adopted", _BETTER)
    effect = f"{facts.min_effect or 0.0:g}"
    if complexity is not None and complexity.label == "no":
        return AdoptionDecision("adopted", _SMALL_FREE.fill(effect=effect))
    adds = complexity is not None and complexity.label == "yes"
    return AdoptionDecision("candidate", (_SMALL_COSTLY if adds else _SMALL_UNMEASURED).fill(effect=effect))


def _open(facts: AdoptionFacts, why: Text, seconds_per_run: float | None) -> AdoptionDecision:
    more = facts.more_runs
    price = None if more is None or seconds_per_run is None else 2 * more * seconds_per_run
    if more is None:
        return AdoptionDecision("candidate", why)
    if price is None:
        return AdoptionDecision("candidate", _WITH_RUNS.fill(why=why, n=more, all=2 * more), more)
    minutes = max(1, round(price / 60))
    return AdoptionDecision("candidate", _WITH_COST.fill(why=why, n=more, all=2 * more, min=minutes), more, price)


def alpha_of_decision(earlier: int, adopted: int, *, automatic: bool, settings: Settings = DEFAULTS) -> float:
    """The one-sided level of the next decision after `earlier` ones of which `adopted` adopted.

    A person deciding round by round uses the level of one decision, and is shown the expected false share. A machine that
    decides many on its own spends one alpha over all of them.
    """
    alpha = settings["adoption.alpha"]
    return needed_level(earlier + 1, adopted, alpha) if automatic else alpha


_BROKEN = Text(en="It breaks a constraint: {names}.", zh="违反约束：{names}。")
_BETTER = Text(en="It is better, beyond what seeds explain.", zh="确实更好，种子波动解释不了。")
_WORSE = Text(en="It is very unlikely to be better.", zh="更好的可能性很小。")
_FAILS = Text(en="It fails more often.", zh="它更容易训练失败。")
_FAILS_OPEN = Text(en="It probably fails more often.", zh="它多半更容易训练失败。")
_TINY = Text(en="Any gain is below the {effect} that matters.", zh="就算有提升，也不到有意义的 {effect}。")
_SMALL_FREE = Text(
    en="The gain is below {effect}, but real, and nothing is added.",
    zh="提升不到 {effect}，但确实存在，而且什么也没增加。",
)
_SMALL_COSTLY = Text(
    en="The gain is real but below {effect}, and the change adds complexity: kept as a candidate.",
    zh="提升是真的，但不到 {effect}，而且会增加复杂度：留作候选。",
)
_SMALL_UNMEASURED = Text(
    en="The gain is real but below {effect}, and what the change adds was not measured: kept as a candidate.",
    zh="提升是真的，但不到 {effect}，又没量过它增加了什么：留作候选。",
)
_UNSURE = Text(en="The runs so far cannot tell.", zh="目前的训练还说明不了。")
_WITH_RUNS = Text(
    en="{why} {n} more seeds per arm would decide ({all} runs).", zh="{why}每边再跑 {n} 个种子就能定（共 {all} 次）。"
)
_WITH_COST = Text(
    en="{why} {n} more seeds per arm would decide ({all} runs, about {min} min).",
    zh="{why}每边再跑 {n} 个种子就能定（共 {all} 次，约 {min} 分钟）。",
)
