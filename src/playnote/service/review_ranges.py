"""A review's answers about the ranges: too narrow, limited by divergence, impossible to train, failing on one side."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from playnote.diagnosis.boundary import ASSUMED, CHOSEN, BoundaryFinding, Side, answer_boundary, measure_boundary
from playnote.diagnosis.divergence_edge import answer_divergence_edge, measure_divergence_edge
from playnote.diagnosis.infeasible import Cliff, answer_infeasible, measure_infeasible
from playnote.diagnosis.study_answers import quasi_random_trials
from playnote.records.finding import Settle
from playnote.service.review_evidence import Evidence
from playnote.service.review_line import Line, Word, open_line
from playnote.space.hyperparameter import Categorical, Float, Integer
from playnote.text import Text

_ZONES = (
    (0.1, Text(en="tenth", zh="十分之一")),
    (0.2, Text(en="fifth", zh="五分之一")),
    (1 / 3, Text(en="third", zh="三分之一")),
)
_TOP = 12
_BETWEEN = 4  # values of a range from which there is room to stay clear of its ends
_FLUKE = 0.01  # chance of such an order among failures that have none
_FEWEST = 4  # failures on the far side
_ENDS = {"low": Text(en="bottom", zh="下端"), "high": Text(en="top", zh="上端")}
_BEYOND = {"low": Text(en="below", zh="小于"), "high": Text(en="above", zh="大于")}
_NARROW = Text(
    en="The range of {name} stops too early at the {end} ({bound}).", zh="{name} 的{end}（{bound}）收得太早。"
)
_TRIED = Text(
    en="The values of {name} that were tried stop too early at the {end} ({bound}).",
    zh="{name} 试过的取值，{end}（{bound}）收得太早。",
)
_CROWD = Text(
    en="{best} of the {of} best trials lie in the {end} {zone} of the range; so do {rest} of the other {others}.",
    zh="最好的 {of} 个试验里有 {best} 个落在范围{end}的{zone}；其余 {others} 个里有 {rest} 个。",
)
_INSIDE = Text(
    en="How much widening would gain cannot be told from inside the range.", zh="扩了能赚多少，在范围里面看不出来。"
)
_CLEAR = Text(en="{names}: the best trials stay clear of both ends.", zh="{names}：最好的试验离两端都远。")
_CLEAR_ONE = Text(
    en="{names}: the best trials stay clear of the end that can be moved.", zh="{names}：最好的试验离能扩的那一端都远。"
)
_UNKNOWN_SAMPLER = Text(
    en="How the trials were chosen is not recorded: if results led there, this counts for less than it seems.",
    zh="没有记录试验是怎么选的：如果是看着结果往那边走的，分量要打折扣。",
)
_REGION = Text(en="The best {n} lie at {parts}.", zh="最好的 {n} 个落在 {parts}。")
_WIDE = Text(en="do these ranges reach far enough: {names}?", zh="这些范围够不够宽：{names}？")
_AT = Text(en="{name} ({end})", zh="{name}（{end}）")
_CLIFF = Text(
    en="Training diverges for {name} {beyond} about {value}: {bad} of {n} trials there, {other} of {others} elsewhere.",
    zh="{name} {beyond} {value} 左右训练会发散：那边 {n} 个里 {bad} 个，其余 {others} 个里 {other} 个。",
)
_EDGE = Text(
    en="The best {name} sits directly below where training diverges (about {value}): stability limits it, not the range.",
    zh="最好的 {name} 紧挨着发散的边（{value} 左右）：卡住它的是训练稳定性，不是范围。",
)
_LADDER = Text(en="Warmup or gradient clipping may move that edge.", zh="加 warmup 或梯度裁剪，这条边可能会挪开。")
_BUG = Text(
    en="{bad} of {n} trials diverged, wherever they lie: suspect a fault before a bad range.",
    zh="{n} 个试验发散了 {bad} 个，而且哪儿都有：先查 bug，再怪范围。",
)
_FAILED = Text(
    en="Failures are not spread evenly: {bad} of {n} trials failed with {name} {beyond} {value}, {other} of {others} elsewhere.",
    zh="失败不是均匀的：{name} {beyond} {value} 的 {n} 个试验里失败 {bad} 个，其余 {others} 个里失败 {other} 个。",
)
_NAN = Text(
    en="The source does not record why; NaN counts as failed in some tools. They are left out of every comparison.",
    zh="来源没记失败原因；有的工具把 NaN 也算失败。这些试验不参与任何比较。",
)


def range_lines(seen: Evidence) -> Iterator[Line]:
    """Both ends of every ordered range, then divergence and failures."""
    clear, doubt = [], []
    for each in seen.state.project.space:
        if isinstance(each, Categorical):
            continue
        sides = [finding for side in _sides(each) if (finding := _side(seen, each, side)) is not None]
        said = [_narrow(seen, each, finding) for finding in sides if _worth(seen, finding)]
        yield from said
        if sides and all(side.label == "no" for side in sides) and not seen.inferred and _stays_clear(seen, sides):
            clear.append((each.name, [str(side.target["side"]) for side in sides]))
        doubt += [
            _AT.fill(name=each.name, end=_ENDS[str(side.target["side"])])
            for side in sides
            if side.label == "yes" and not _worth(seen, side)
        ]
    yield from _all_clear(seen, clear)
    if doubt:
        runs = int(seen.settings["review.next"])
        names = Text(en=", ".join(each.en for each in doubt), zh="、".join(each.zh for each in doubt))
        yield open_line("boundary", _WIDE.fill(names=names), Settle(quasi_random_trials(runs), runs))
    yield from _divergence(seen)
    yield from _failures(seen)


def _stays_clear(seen: Evidence, sides: list[BoundaryFinding]) -> bool:
    """The plain rule beside the law: values between the ends were tried, and most of the best trials are not at one."""
    name = str(sides[0].target["hyperparameter"])
    tried = seen.table.unit[:, seen.table.space.names.index(name)]
    if len(np.unique(tried[np.isfinite(tried)])) < _BETWEEN:
        return False
    crowds = [_crowd(seen, name, str(side.target["side"]), 0.2) for side in sides]
    return all(best < of / 2 for best, of, *_ in crowds)


def _all_clear(seen: Evidence, clear: list[tuple[str, list[str]]]) -> Iterator[Line]:
    """Both ends in one line; where one end is a natural bound only the other was asked about, and that is said."""
    both = [name for name, ends in clear if len(ends) == 2]
    if both:
        yield Line("fine", "boundary", _CLEAR.fill(names=", ".join(both)), _regions(seen, both))
    one = [(name, ends[0]) for name, ends in clear if len(ends) == 1]
    if one:
        parts = [_AT.fill(name=name, end=_ENDS[end]) for name, end in one]
        names = Text(en=", ".join(each.en for each in parts), zh="、".join(each.zh for each in parts))
        text = _CLEAR_ONE.fill(names=names)
        yield Line("fine", "boundary", text, _regions(seen, [name for name, _ in one]))


def _regions(seen: Evidence, names: list[str]) -> tuple[Text, ...]:
    """Where the best trials lie: from the lowest to the highest value among them."""
    count = min(_TOP, max(3, len(seen.ranked) // 4), len(seen.ranked))
    parts = []
    for name in names[:6]:
        values = [v for trial in seen.ranked[:count] if isinstance(v := seen.value(trial, name), int | float)]
        if values:
            parts.append(f"{name} {_short(min(values))} - {_short(max(values))}")
    return (_REGION.fill(n=count, parts=", ".join(parts)),) if parts else ()


def _sides(each: Float | Integer) -> Iterator[Side]:
    """Ends that can be moved: nothing lies below a linear range that begins at 0, or above a share of 1."""
    if each.scale != "linear" or each.low not in ((0, 1) if isinstance(each, Integer) else (0,)):
        yield "low"
    if each.scale != "linear" or isinstance(each, Integer) or each.high != 1 or each.low < 0:
        yield "high"


def _side(seen: Evidence, each: Float | Integer, side: Side) -> BoundaryFinding | None:
    facts = measure_boundary(seen.table, each.name, side, min_effect=seen.min_effect, seed_sd=seen.seed_sd)
    return answer_boundary(facts, seen.settings, {"hyperparameter": each.name, "side": side})


def _worth(seen: Evidence, finding: BoundaryFinding) -> bool:
    """A line of its own only where it is likely indeed, and the best trials are seen to crowd that end."""
    if finding.label != "yes" or (finding.p or 0.0) < seen.settings["review.say"]:
        return False
    best, of, *_ = _crowd(seen, str(finding.target["hyperparameter"]), str(finding.target["side"]), 1 / 3)
    return of >= 3 and best >= 0.75 * of


def _crowd(seen: Evidence, name: str, side: str, share: float) -> tuple[int, int, int, int]:
    """Best trials in the outer share, best trials looked at, and the same of the others."""
    table = seen.table
    depth = table.unit[:, table.space.names.index(name)]
    depth = depth if side == "low" else 1.0 - depth
    rows = {trial: float(depth[at]) for at, trial in enumerate(table.ids)}
    known = [rows[trial] for trial in seen.ranked if math.isfinite(rows[trial])]
    count = min(_TOP, max(3, len(known) // 4), len(known))
    best, others = known[:count], known[count:]
    return sum(d <= share for d in best), len(best), sum(d <= share for d in others), len(others)


def _narrow(seen: Evidence, each: Float | Integer, finding: BoundaryFinding) -> Line:
    side = str(finding.target["side"])
    counts = [(zone, _crowd(seen, each.name, side, share)) for share, zone in _ZONES]
    zone, (best, of, rest, others) = next((each for each in counts if each[1][0] >= 0.75 * each[1][1]), counts[-1])
    crowd = _CROWD.fill(best=best, of=of, end=_ENDS[side], zone=zone, rest=rest, others=others)
    notes = () if finding.note is None or finding.note.en.startswith(ASSUMED.en[:20]) else (finding.note,)
    if finding.note == CHOSEN and seen.imported.sampler is None:
        notes = (_UNKNOWN_SAMPLER,)
    # Results chose the trials, or the trials chose the range: never sure from them alone.
    sure = (finding.p or 0.0) >= seen.settings["review.sure"] and not seen.adaptive and not seen.inferred
    word: Word = "sure" if sure else "likely"
    bound = each.high if side == "high" else each.low
    text = (_TRIED if seen.inferred else _NARROW).fill(name=each.name, end=_ENDS[side], bound=f"{bound:g}")
    return Line(word, f"boundary:{each.name}:{side}", text, (crowd, *notes, _INSIDE), finding.p, finding=finding)


def _divergence(seen: Evidence) -> Iterator[Line]:
    finding = answer_infeasible(measure_infeasible(seen.table), seen.settings)
    table = seen.table
    counted = table.diverged | np.isfinite(table.error)
    bad, n = int(table.diverged.sum()), int(counted.sum())
    if finding.pattern == "suspect-bug":
        yield Line("likely", "infeasible", _BUG.fill(bad=bad, n=n), p=finding.p, finding=finding)
    for cliff in finding.cliffs[:1]:
        # The sampler ties the hyperparameters together: of several cliffs the sharpest explains the others.
        text = _CLIFF.fill(name=cliff.hyperparameter, **_split(seen, cliff, table.diverged, counted))
        yield Line("likely", f"infeasible:{cliff.hyperparameter}", text, p=finding.p, finding=finding)
        edge = answer_divergence_edge(
            measure_divergence_edge(table, cliff.hyperparameter, cliff.side),
            seen.settings,
            {"hyperparameter": cliff.hyperparameter},
        )
        if edge.label == "yes" and (edge.p or 0.0) >= seen.settings["review.say"]:
            text = _EDGE.fill(name=cliff.hyperparameter, value=_short(edge.threshold))
            yield Line("likely", f"edge:{cliff.hyperparameter}", text, (_LADDER,), edge.p, finding=edge)


def _failures(seen: Evidence) -> Iterator[Line]:
    """Failures whose cause is not recorded: never divergence, but an order among them is worth knowing."""
    table = seen.of_failures
    finding = answer_infeasible(measure_infeasible(table), seen.settings)
    for cliff in finding.cliffs[:1]:
        counted = _split(seen, cliff, table.diverged, table.diverged | table.ok)
        # Failures that strike by chance lie together often enough: few, or half of a side, are no order.
        if cliff.p > _FLUKE or int(counted["bad"]) < _FEWEST or int(counted["bad"]) < int(counted["n"]) / 2:
            continue
        text = _FAILED.fill(name=cliff.hyperparameter, **counted)
        yield Line("likely", f"failures:{cliff.hyperparameter}", text, (_NAN,), 1.0 - cliff.p)


def _split(seen: Evidence, cliff: Cliff, bad: np.ndarray, counted: np.ndarray) -> dict[str, Any]:
    """Bad trials and all on the far side of a cliff, and the same on the near side."""
    unit = seen.table.unit[:, seen.table.space.names.index(cliff.hyperparameter)]
    known = counted & np.isfinite(unit)
    far = (unit >= cliff.at) if cliff.side == "high" else (unit <= cliff.at)
    return {
        "beyond": _BEYOND[cliff.side],
        "value": _short(cliff.value),
        "bad": int((bad & known & far).sum()),
        "n": int((known & far).sum()),
        "other": int((bad & known & ~far).sum()),
        "others": int((known & ~far).sum()),
    }


def _short(value: object) -> str:
    return f"{value:.2g}" if isinstance(value, float) else str(value)
