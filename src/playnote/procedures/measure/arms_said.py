"""How a comparison at equal tuning is shown: the table, and what it rests on."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

from playnote.procedures.measure.arms import Arm, Wish
from playnote.procedures.measure.arms_judging import Against, ArmsFacts
from playnote.procedures.measure.lr import rounded
from playnote.records.settings import Settings
from playnote.space.hyperparameter import Value
from playnote.text import Text


def rows_of(wish: Wish, arms: Sequence[Arm], facts: ArmsFacts) -> Iterator[dict[str, object]]:
    """One row a value: what it was tuned to, its mean over fresh seeds, and its gain with the interval."""
    against = {at + 1: each for at, each in enumerate(facts.against)}
    for at, arm in enumerate(arms):
        judged = against.get(at)
        yield {
            wish.name: arm.value,
            "tuning": f"{facts.tried[at]}/{wish.trials}",
            **{name: arm.tuned.get(name) for name in wish.tuned},
            "fresh": len(arm.fresh) - facts.lost[at],
            "error": None if math.isnan(facts.means[at]) else facts.means[at],
            "gain": None if judged is None else judged.gain,
            "low": None if judged is None or judged.interval is None else judged.interval[0],
            "high": None if judged is None or judged.interval is None else judged.interval[1],
            "verdict": "-" if judged is None else judged.verdict,
        }


def kept(against: Against) -> dict[str, object]:
    """One comparison, as it goes on record."""
    return {
        "value": against.value,
        "verdict": against.verdict,
        "n": list(against.n),
        "gain": against.gain,
        "low": None if against.interval is None else against.interval[0],
        "high": None if against.interval is None else against.interval[1],
    }


def gain_text(against: Against, base: Value) -> Text:
    """A gain with its interval and n."""
    if against.gain is None or against.interval is None:
        return Text(en="{value} against {base}: too few fresh runs", zh="{value} 对 {base}：新种子太少").fill(
            value=against.value, base=base
        )
    return Text(
        en="{value} against {base}: {gain:+.3g} (90 %: {low:+.3g} to {high:+.3g}; {n} fresh runs each; + is better)",
        zh="{value} 对 {base}：{gain:+.3g}（90% 区间 {low:+.3g} 到 {high:+.3g}；各 {n} 个新种子；正为更好）",
    ).fill(
        value=against.value,
        base=base,
        gain=against.gain,
        low=against.interval[0],
        high=against.interval[1],
        n=min(against.n),
    )


def joined(parts: Sequence[Text]) -> Text:
    """Several sentences' parts as one."""
    whole = Text(en="{first}", zh="{first}").fill(first=parts[0]) if parts else Text(en="-", zh="-")
    for part in parts[1:]:
        whole = Text(en="{all}; {part}", zh="{all}；{part}").fill(all=whole, part=part)
    return whole


def thresholds_text(settings: Settings, min_effect: float | None) -> Text:
    """What the verdicts were decided by."""
    return Text(
        en="Judged against min_effect {effect}, at {sure:.0%} certainty (arms.sure).",
        zh="按最小有意义差异 {effect}、{sure:.0%} 的把握判断（arms.sure）。",
    ).fill(effect="-" if min_effect is None else f"{min_effect:g}", sure=settings["arms.sure"])


def tuned_edits(wish: Wish, arm: Arm) -> Mapping[str | tuple[str, ...], object]:
    """The value and what it was tuned to (numbers that a person can read), as edits of the baseline."""
    found = {name: arm.tuned[name] for name in (wish.name, *wish.tuned) if name in arm.tuned}
    return {("baseline", name): rounded(each) if isinstance(each, float) else each for name, each in found.items()}
