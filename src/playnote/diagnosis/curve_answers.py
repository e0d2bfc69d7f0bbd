"""What the curve questions share: the cut from probability to label, and the sentences for missing facts."""

from __future__ import annotations

import math

from playnote.records.finding import Label
from playnote.text import Text


def usable_effect(min_effect: float | None) -> float | None:
    """`min_effect` where it is a finite number above zero, else None."""
    if min_effect is None or not math.isfinite(min_effect) or min_effect <= 0:
        return None
    return float(min_effect)


def label_of(p: float | None, yes: float, no: float, blocked: bool) -> Label:
    """Yes at p >= `yes`, no at p <= `no`; unknown between them, without p, and when a fact is missing."""
    if p is None or blocked:
        return "unknown"
    if p >= yes:
        return "yes"
    return "no" if p <= no else "unknown"


def effect_missing() -> Text:
    """`min_effect` is not set."""
    return Text(
        en="The smallest difference that matters (`min_effect`) is not set.",
        zh="没有设定有意义的最小差异（`min_effect`）。",
    )


def too_few(n: int, needed: float) -> Text:
    """Fewer usable readings than the question needs."""
    return Text(
        en="Only {n} usable readings; {needed} are needed.",
        zh="只有 {n} 个可用读数，至少需要 {needed} 个。",
    ).fill(n=n, needed=int(needed))


def end_missing() -> Text:
    """The readings stop before the run does."""
    return Text(
        en="No finite reading in the last tenth of the run.",
        zh="训练最后十分之一里没有有限的读数。",
    )


def schedule_missing() -> Text:
    """Neither a learning-rate series nor a schedule was recorded."""
    return Text(
        en="The learning-rate schedule was not recorded: a flat or falling tail says nothing without it.",
        zh="没有记录学习率调度：不知道调度，尾部是平是降都说明不了什么。",
    )


def matters_from(amount: float | None) -> Text | None:
    """Without `min_effect`: the amount below which the answer would turn to yes."""
    if amount is None or not amount > 0:
        return None
    return Text(
        en="The likeliest amount is {amount}: it matters if you care about differences that small.",
        zh="最可能的幅度是 {amount}：如果这么小的差异对你有意义，它就重要。",
    ).fill(amount=f"{amount:.3g}")


MORE_READINGS = Text(
    en="Evaluate more often in the last third of the run: each reading there narrows the answer.",
    zh="在训练的后三分之一多做几次评估：那里每多一个读数，答案就更确定。",
)

ONE_SHORT_RUN = Text(
    en="Run the same configuration once for half the steps, with its whole schedule, and compare the two ends.",
    zh="用同一配置、完整的学习率调度再跑一次步数减半的训练，比较两次的终点。",
)

SET_MIN_EFFECT = Text(
    en="Set `min_effect` in the objective.",
    zh="在目标里设定 `min_effect`。",
)
