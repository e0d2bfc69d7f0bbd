"""The answer of a comparison in one sentence, and how its numbers are written."""

from __future__ import annotations

import math

from playnote.diagnosis.adoption import AdoptionFacts, AdoptionFinding
from playnote.diagnosis.adoption_sentences import FEW_RUNS, IDENTICAL, NO_EXAMPLES, NO_NOISE, NO_RUN
from playnote.records.settings import Settings
from playnote.text import Text


def shown(value: float, grain: float | None) -> str:
    """A number to two digits of what it is uncertain by; four significant ones where that is not known."""
    if not grain or not math.isfinite(grain) or grain <= 0:
        return f"{value:.4g}"
    places = 1 - math.floor(math.log10(grain))
    if places > 12 or abs(value) >= 1e9:
        return f"{value:.4g}"
    text = f"{value:.{max(places, 0)}f}"
    return text.lstrip("-") if float(text) == 0 else text


def percent(p: float) -> str:
    """A probability in whole per cent, never 0 or 100 unless it is."""
    if 0 < p < 0.01:
        return "<1 %"
    return ">99 %" if 0.99 < p < 1 else f"{100 * p:.0f} %"


def grain_of(facts: AdoptionFacts) -> float | None:
    """What the gain is uncertain by."""
    return None if facts.interval is None else (facts.interval[1] - facts.interval[0]) / 3.3


def message_of(decision: str, facts: AdoptionFacts, finding: AdoptionFinding, settings: Settings) -> Text:
    """The decision, why, and what would decide."""
    words = _values(facts, settings)
    if finding.missing:
        return _missing(facts, words)
    if decision == "adopt":
        return ADOPT.fill(**words)
    if decision == "keep":
        return _keep(facts, finding).fill(**words)
    if finding.barred:
        return BARRED.fill(**words)
    return (OPEN if facts.more_runs is None else MORE).fill(**words)


def _keep(facts: AdoptionFacts, finding: AdoptionFinding) -> Text:
    if finding.barred:
        return KEEP_FAILS
    if finding.small:
        return KEEP_SMALL
    return KEEP_WORSE if finding.label == "no" or facts.min_effect is None else KEEP_TINY


def _missing(facts: AdoptionFacts, words: dict[str, object]) -> Text:
    if min(facts.n) == 0:
        return Text(en="Not decided: {why}", zh="还不能定：{why}").fill(why=NO_RUN)
    if facts.identical:
        return Text(en="Not decided: {why}", zh="还不能定：{why}").fill(why=IDENTICAL)
    if min(facts.n) == 1:
        return (ONE_RUN if facts.sd is None else ONE_RUN_NOISE).fill(**words)
    few = FEW_RUNS.fill(n=min(facts.n), needed=words["needed"])
    why = few if not facts.enough else NO_NOISE if facts.p_value is None else NO_EXAMPLES
    return Text(en="Not decided: {why}", zh="还不能定：{why}").fill(why=why)


def _values(facts: AdoptionFacts, settings: Settings) -> dict[str, object]:
    grain = grain_of(facts)
    low, high = facts.interval or (math.nan, math.nan)
    total = tuple(n + failed for n, failed in zip(facts.n, facts.failures, strict=True))
    return {
        "gain": "" if facts.gain is None else shown(facts.gain, grain),
        "low": shown(low, grain),
        "high": shown(high, grain),
        "level": f"{100 * facts.level:g} %",
        "effect": "" if facts.min_effect is None else f"{facts.min_effect:g}",
        "aim": shown(facts.min_effect or facts.gain or 0.0, None),
        "better": "" if facts.chance is None else percent(facts.chance.above_margin),
        "more": facts.more_runs or 0,
        "total": 2 * (facts.more_runs or 0),
        "needed": int(settings["adoption.runs"]),
        "power": f"{100 * settings['adoption.power']:g} %",
        "fail_a": facts.failures[0],
        "fail_b": facts.failures[1],
        "n_a": total[0],
        "n_b": total[1],
        "reach": "" if facts.sd is None else shown(1.645 * math.sqrt(2.0) * facts.sd, facts.sd),
    }


ADOPT = Text(
    en="Adopt: the candidate is better by {gain} [{low}, {high}] ({level}).",
    zh="可以上线：候选好 {gain} [{low}, {high}]（{level}）。",
)
KEEP_SMALL = Text(
    en="The baseline stays: the gain of {gain} is real but surely below {effect}; adopt it only if it adds no complexity.",
    zh="baseline 不动：{gain} 的提升是真的，但肯定不到 {effect}；只有不增加复杂度时才值得上线。",
)
KEEP_TINY = Text(
    en="The baseline stays: any gain is below {effect} ({gain} [{low}, {high}], {level}).",
    zh="baseline 不动：就算有提升也不到 {effect}（{gain} [{low}, {high}]，{level}）。",
)
KEEP_WORSE = Text(
    en="The baseline stays: the candidate is better with a probability of only {better} ({gain} [{low}, {high}], {level}).",
    zh="baseline 不动：候选更好的概率只有 {better}（{gain} [{low}, {high}]，{level}）。",
)
KEEP_FAILS = Text(
    en="The baseline stays: the candidate fails more often, {fail_b} of {n_b} runs against {fail_a} of {n_a}.",
    zh="baseline 不动：候选更容易训练失败，{n_b} 次里失败 {fail_b} 次，baseline 是 {n_a} 次里 {fail_a} 次。",
)
BARRED = Text(
    en="Not decided: the candidate probably fails more often, {fail_b} of {n_b} runs against {fail_a} of {n_a}.",
    zh="还不能定：候选多半更容易训练失败，{n_b} 次里失败 {fail_b} 次，baseline 是 {n_a} 次里 {fail_a} 次。",
)
MORE = Text(
    en="Not decided: {gain} [{low}, {high}] ({level}). {more} more runs of each ({total} in all) would adopt a true gain "
    "of {aim} with {power} probability.",
    zh="还不能定：{gain} [{low}, {high}]（{level}）。两边各再跑 {more} 次（共 {total} 次），真有 {aim} 的提升时有 {power} 的把握定下来。",
)
OPEN = Text(
    en="Not decided: {gain} [{low}, {high}] ({level}). More runs would hardly adopt a gain of this size.",
    zh="还不能定：{gain} [{low}, {high}]（{level}）。照这个幅度，再多跑也很难定下来。",
)
ONE_RUN = Text(
    en="Not decided: one run an arm cannot tell a gain of {gain} from a lucky seed. Run each with {needed} fresh seeds.",
    zh="还不能定：每边只跑一次，分不清 {gain} 的提升是真的还是种子走运。两边各用 {needed} 个新种子跑。",
)
ONE_RUN_NOISE = Text(
    en="Not decided: one run an arm shows a gain of {gain}, and seeds alone move it by up to {reach} (from earlier repeats). "
    "Run each with {needed} fresh seeds.",
    zh="还不能定：每边只跑一次，提升是 {gain}；按以往的重复训练，光换种子就能差到 {reach}。两边各用 {needed} 个新种子跑。",
)
