"""The honest next step of a review: what to run, as points, and why that first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal

from playnote.errors import InputError
from playnote.search.searcher import suggest
from playnote.search.widen import proposed_bound
from playnote.service.plain import finite
from playnote.service.review_evidence import Evidence
from playnote.service.review_line import Line
from playnote.space.hyperparameter import Categorical, Float, Hyperparameter, Integer, Value
from playnote.space.space import Space
from playnote.text import Text

_WIDE = Text(en="{runs} quasi-random trials with {what}, pruner off", zh="{what}，关掉剪枝，跑 {runs} 个准随机试验")
_FROM_TO = Text(en="{name} from {low:g} to {high:g}", zh="{name} 取 {low:g} 到 {high:g}")
_REPEAT = Text(
    en="repeat {names} with {k} fresh seeds each ({runs} runs)", zh="{names} 各换 {k} 个新种子重跑（共 {runs} 次）"
)
_SAMPLE = Text(
    en="{runs} quasi-random trials of the same space, pruner off", zh="同一搜索空间里跑 {runs} 个准随机试验，关掉剪枝"
)
_BUG = Text(
    en="find out why trials diverge everywhere: run #{name} once more, logged at every step",
    zh="先查清为什么到处发散：把 #{name} 再跑一次，每一步都记录",
)
_NOTHING = Text(
    en="run trials to their end: without a score there is nothing to compare", zh="先把试验跑完：没有分数就没法比"
)
_SETTLED = 12  # trials with a score from which repeating the best comes before sampling more
Kind = Literal["widen", "repeat", "sample", "debug", "run"]


@dataclass(frozen=True)
class NextStep:
    """What to do next.

    space   the ranges to use from now on
    points  how many points there are to run, each once for every one of `seeds` fresh seeds
    chosen  these points, where they are trials that were run before; else they are drawn when first asked for
    """

    kind: Kind
    text: Text
    space: Space
    points: int = 0
    seeds: int = 1
    chosen: tuple[dict[str, Value], ...] = ()

    @cached_property
    def configurations(self) -> tuple[dict[str, Value], ...]:
        """The points to run; drawing well-spread ones takes a second, and often nobody asks."""
        return self.chosen or (_points(self.space, self.points) if self.points else ())

    @property
    def runs(self) -> int:
        """Training runs it costs."""
        return self.points * self.seeds

    def as_json(self, *, points: bool = True) -> dict[str, Any]:
        """Plain data; without the points where they are not asked for."""
        return {
            "kind": self.kind,
            "text": self.text.as_json(),
            "runs": self.runs,
            "seeds": self.seeds,
            "configurations": [finite(each) for each in self.configurations] if points else [],
        }


def next_step(seen: Evidence, lines: Sequence[Line]) -> NextStep:
    """A fault first, then what is too narrow, then whether the best is best; with little to go on, more trials."""
    space, runs = seen.state.project.space, int(seen.settings["review.next"])
    if any(line.about == "infeasible" for line in lines):
        bad = next((trial.id for trial in seen.state.trials if trial.outcome in ("nan", "exploded")), "?")
        return NextStep("debug", _BUG.fill(name=bad), space)
    if not seen.ranked:
        return NextStep("run", _NOTHING, space)
    narrow = [line.about.split(":")[1:] for line in lines if line.about.startswith("boundary:")]
    moved = _moved(space, narrow)
    if moved:
        wider = Space(tuple(moved.get(each.name, each) for each in space))
        shown = [_range(each) for each in moved.values()]
        what = Text(en=", ".join(each.en for each in shown), zh="，".join(each.zh for each in shown))
        return NextStep("widen", _WIDE.fill(runs=runs, what=what), wider, runs)
    if len(seen.ranked) >= _SETTLED:
        k = int(seen.settings["review.repeat"])
        best = seen.ranked[:2]
        text = _REPEAT.fill(names=", ".join(f"#{name}" for name in best), k=k, runs=k * len(best))
        return NextStep("repeat", text, space, len(best), k, tuple(_configuration(seen, name) for name in best))
    return NextStep("sample", _SAMPLE.fill(runs=runs), space, runs)


def _moved(space: Space, narrow: Sequence[Sequence[str]]) -> dict[str, Hyperparameter]:
    """Ranges that stop too early, moved outwards; the other end comes in by half where nothing is missing there."""
    found: dict[str, Hyperparameter] = {}
    for each in space:
        sides = [side for name, side in narrow if name == each.name]
        if isinstance(each, Categorical) or not sides:
            continue
        middle = _round(each)
        low = proposed_bound(each, "low") if "low" in sides else middle
        high = proposed_bound(each, "high") if "high" in sides else middle
        if low is not None and high is not None and low < high:
            found[each.name] = replace(each, low=low, high=high)  # type: ignore[arg-type]
    return found


def _round(each: Float | Integer) -> float | int:
    """The middle of a range on its scale, as a person would write it."""
    middle = each.from_unit(0.5)
    if isinstance(each, Integer):
        return middle
    near = float(f"{middle:.1g}" if each.scale == "log" else f"{middle:.3g}")
    return near if each.low < near < each.high else middle


def _range(each: Hyperparameter) -> Text:
    return _FROM_TO.fill(name=each.name, low=getattr(each, "low", 0), high=getattr(each, "high", 0))


def _points(space: Space, runs: int) -> tuple[dict[str, Value], ...]:
    """New points; none where a range that was only inferred is not one to search."""
    # Other tools allow names that a project file does not ("optim/lr"): they are only labels here.
    names = {f"h{at}": each.name for at, each in enumerate(space)}
    try:
        points = suggest(dict(zip(names, space, strict=True)), runs)
    except InputError:
        return ()
    return tuple({names[key]: value for key, value in point.items()} for point in points)


def _configuration(seen: Evidence, name: str) -> dict[str, Value]:
    return next(dict(trial.configuration) for trial in seen.state.trials if trial.id == name)
