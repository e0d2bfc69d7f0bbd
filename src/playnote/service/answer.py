"""The answer of a round in one sentence, and how far it can be trusted."""

from __future__ import annotations

from playnote.diagnosis.isolation import IsolationFacts, answer_isolation
from playnote.records.round import Round
from playnote.records.state import ProjectState
from playnote.service.views import Json, finite
from playnote.text import Text

NO_TRIALS = Text(en="Nothing to say yet: no trial has ended.", zh="还没法说：一个试验都没跑完。")
EXPLORED = Text(
    en="Explored: the round compares no values; see what the best trials say of the ranges.",
    zh="只做探索：这一轮不比较取值，看最优试验对范围说了什么。",
)
PROBABLY = Text(
    en="Probably yes, with {value}. Not proven: each value's best is one lucky trial of {n}.",
    zh="多半有，取 {value}。但还没证明：每个取值的最优都是 {n} 个试验里挑出来的一次。",
)
NOT_SEEN = Text(
    en="Probably not: no value beats {base} by {effect} once each is tuned.",
    zh="多半没有：各取值都调好后，没有哪个比 {base} 好出 {effect}。",
)
OPEN = Text(
    en="Cannot tell: {value} looks {gain} better than {base}, within what luck can do.",
    zh="说不清：{value} 看起来比 {base} 好 {gain}，但运气也能造出这么大的差。",
)
OPEN_WORSE = Text(
    en="Cannot tell: no value looks better than {base}, but the trials cannot rule one out.",
    zh="说不清：没有取值看起来好过 {base}，但这些试验还排除不了。",
)


def answer_of(state: ProjectState, current: Round, isolation: IsolationFacts | None) -> Json:
    """`{"text", "status", "value", "probability"}`: status is yes, no or unknown; yes is a screen, never a proof."""
    ended = [trial for trial in state.of_round(current.number) if trial.outcome is not None]
    if not ended:
        return _said(NO_TRIALS, "unknown")
    if isolation is None:
        return _said(EXPLORED, "unknown")
    finding = answer_isolation(isolation, None, state.project.settings)
    asked = next((level for level in isolation.levels if level.value == finding.value), None)
    values = {
        "value": finding.value,
        "base": isolation.baseline,
        "n": asked.n if asked else 0,
        "gain": f"{finding.estimate:.4f}" if finding.estimate is not None else "?",
        "effect": f"{isolation.min_effect:g}" if isolation.min_effect is not None else "?",
    }
    if finding.label == "yes":
        return _said(PROBABLY.fill(**values), "yes", finding.value, finding.p)
    if finding.label == "no":
        return _said(NOT_SEEN.fill(**values), "no", isolation.baseline, finding.p)
    looks_better = finding.estimate is not None and finding.estimate > 0
    return _said((OPEN if looks_better else OPEN_WORSE).fill(**values), "unknown", finding.value, finding.p)


def _said(text: Text, status: str, value: object = None, p: float | None = None) -> Json:
    return {"text": text.as_json(), "status": status, "value": finite(value), "probability": finite(p)}
