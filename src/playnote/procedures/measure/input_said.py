"""What the timing of an input pipeline is put into words by, and what it asks to do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from playnote.records.settings import Settings
from playnote.space.hyperparameter import Value
from playnote.text import Text

Outcome = Literal["bottleneck", "saturated", "open"]
_TIGHT = 1.25  # batches a loader alone delivers in the time of a step, below which it is at its limit


@dataclass(frozen=True, slots=True)
class Knob:
    """A setting of the loader that was swept: the present value, the one to take, how much faster, and whether that is sure."""

    name: str
    own: Value
    best: Value
    gain: float
    sure: bool
    seconds: Mapping[Value, float]


def said(
    outcome: Outcome, share: float, interval: tuple[float, float], wait: float | None, runs: int, cached: bool
) -> Text:
    """The answer with its numbers."""
    measured = _CACHED if cached else _NET
    numbers = measured.fill(share=share, low=interval[0], high=interval[1], n=runs)
    waited = Text(en="waiting was not timed", zh="等数据的时间没记") if wait is None else _WAIT.fill(wait=wait)
    return _SAID[outcome].fill(numbers=numbers, wait=waited)


def to_do(
    outcome: Outcome,
    knobs: Sequence[Knob],
    pays: Sequence[Knob],
    cached: bool,
    headroom: float | None,
    settings: Settings,
) -> Iterator[Text]:
    """What follows: settings that pay, what would settle an open answer, and a loader near its limit."""
    for knob in pays:
        yield _FASTER.fill(name=knob.name, best=knob.best, gain=knob.gain)
    if outcome == "bottleneck" and knobs and not pays:
        yield _NO_GAIN
    if outcome == "bottleneck" and not knobs:
        yield _NO_KNOB
    if outcome == "open":
        yield _MORE if cached else _SWITCH
    if headroom is not None and headroom < _TIGHT:
        yield _LIMIT.fill(times=headroom)
    yield _JUDGED.fill(warn=settings["rule_slowdown_warn"], sure=settings["arms.sure"])


_CACHED = Text(
    en="{share:.0%} slower than with cached data (90 %: {low:.0%} to {high:.0%}; {n} runs each)",
    zh="比用缓存数据慢 {share:.0%}（90% 区间 {low:.0%} 到 {high:.0%}；各 {n} 次）",
)
_NET = Text(
    en="at least {share:.0%} of the time is lost to waiting ({n} runs; nothing was timed with cached data)",
    zh="至少 {share:.0%} 的时间花在等数据上（{n} 次；没有用缓存数据计时）",
)
_WAIT = Text(en="{wait:.0%} of a step is waiting", zh="一步里 {wait:.0%} 在等数据")
_SAID: dict[Outcome, Text] = {
    "bottleneck": Text(
        en="The input pipeline is the bottleneck: {numbers}; {wait}.", zh="瓶颈在数据管线：{numbers}；{wait}。"
    ),
    "saturated": Text(
        en="The device is saturated, the pipeline keeps up: {numbers}; {wait}.",
        zh="设备已经跑满，数据管线跟得上：{numbers}；{wait}。",
    ),
    "open": Text(
        en="Cannot tell yet whether the pipeline holds training up: {numbers}; {wait}.",
        zh="数据管线有没有拖慢训练还说不清：{numbers}；{wait}。",
    ),
}
_FASTER = Text(en="{name} = {best} is {gain:.0%} faster.", zh="{name} = {best} 快 {gain:.0%}。")
_NO_GAIN = Text(
    en="Neither more workers nor prefetching helps: keep data local, preprocess offline, drop unused fields.",
    zh="加 worker、加预取都没用：把数据放本地、预处理离线做、早点扔掉不用的字段。",
)
_NO_KNOB = Text(
    en="Declare the loader's workers (`workers`) and prefetched batches (`prefetch`) under [hyperparameters] to have them swept.",
    zh="在 [hyperparameters] 里声明 loader 的进程数（`workers`）和预取批数（`prefetch`），就能扫一遍。",
)
_MORE = Text(en="More runs would settle it: --repeats 6.", zh="多跑几次就能定：--repeats 6。")
_SWITCH = Text(
    en="A run with one cached batch would settle it: let the training code read `cached_data`, and declare "
    "cached_data = {{ choices = [false, true] }}.",
    zh="用一个缓存的 batch 跑一次就能定：让训练代码读取 `cached_data`，并声明 cached_data = {{ choices = [false, true] }}。",
).fill()
_LIMIT = Text(
    en="The loader alone delivers {times:.2f} batches in the time of a step: it is near its limit, whatever the waiting says.",
    zh="loader 单独跑，一步的时间里只能供 {times:.2f} 个 batch：不管等不等，它已经接近上限。",
)
_JUDGED = Text(
    en="Judged against a slowdown of {warn:.0%} (rule_slowdown_warn), at {sure:.0%} certainty (arms.sure).",
    zh="按变慢 {warn:.0%}（rule_slowdown_warn）、{sure:.0%} 的把握判断（arms.sure）。",
)
