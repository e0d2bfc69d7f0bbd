"""The ladder human - train - train-dev - dev - test: the share of wrong examples on each rung, with its interval."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from playnote.diagnosis.gaps import SPLITS, Count
from playnote.plots.grammar import Spec, chart
from playnote.text import Language, Text

_ROW = 30  # pixels a rung
_LEVEL = 0.9

RUNGS: dict[str, Text] = {
    "human": Text(en="human", zh="人"),
    "train": Text(en="train", zh="Train 集"),
    "train_dev": Text(en="train-dev", zh="Train-dev 集"),
    "dev": Text(en="dev", zh="Dev 集"),
    "test": Text(en="test", zh="Test 集"),
}
_TITLE = Text(en="Where the baseline's error comes from", zh="baseline 的错误来自哪一段")
_SHARE = Text(en="share of wrong examples, 90 % interval", zh="错误样本的比例，90 % 区间")
_RUNG = Text(en="rung", zh="台阶")


@dataclass(frozen=True, slots=True)
class Rung:
    """One rung: the share of wrong examples among n, and its 90 % interval (Jeffreys posterior)."""

    split: str
    share: float
    low: float
    high: float
    n: int


def measure_rungs(counts: Mapping[str, Count]) -> tuple[Rung, ...]:
    """The rungs that have a count, in the ladder's order."""
    from scipy.special import betaincinv

    ends = ((1 - _LEVEL) / 2, (1 + _LEVEL) / 2)
    found = []
    for split in SPLITS:
        count = counts.get(split)
        if count is None or not count.usable:
            continue
        low, high = (float(betaincinv(count.errors + 0.5, count.n - count.errors + 0.5, end)) for end in ends)
        found.append(Rung(split, count.errors / count.n, low, high, int(count.n)))
    return tuple(found)


def ladder_spec(rungs: tuple[Rung, ...], language: Language) -> Spec | None:
    """A point and an interval a rung, joined by a line; None with fewer than two rungs: there is no gap to see."""
    if len(rungs) < 2:
        return None
    rows = [
        {
            "rung": RUNGS[each.split].pick(language),
            "at": at,
            "share": each.share,
            "low": each.low,
            "high": each.high,
            "written": f"{each.share:.4g} [{each.low:.4g}, {each.high:.4g}]",
            "n": each.n,
        }
        for at, each in enumerate(rungs)
    ]
    order = [row["rung"] for row in rows]
    top = max(each.high for each in rungs) * 1.25
    x: Spec = {
        "field": "share",
        "type": "quantitative",
        "title": _SHARE.pick(language),
        "axis": {"format": "~g", "tickCount": 5},
        "scale": {"domain": [0, top], "nice": False},
    }
    y: Spec = {"field": "rung", "type": "nominal", "sort": order, "title": None, "scale": {"domain": order}}
    tooltip = [
        {"field": "rung", "title": _RUNG.pick(language)},
        {"field": "written", "title": _SHARE.pick(language)},
        {"field": "n", "title": "n"},
    ]
    return chart(_TITLE.pick(language), rows, _layers(x, y, tooltip), height=_ROW * len(rows))


def _layers(x: Spec, y: Spec, tooltip: list[Spec]) -> list[Spec]:
    return [
        {
            "mark": {"type": "line", "strokeWidth": 1, "strokeDash": [3, 3], "style": "end"},
            "encoding": {"x": x, "y": y, "order": {"field": "at", "type": "quantitative"}},
        },
        {
            "mark": {"type": "rule", "strokeWidth": 2.5, "style": "mark"},
            "encoding": {"x": {**x, "field": "low"}, "x2": {"field": "high"}, "y": y},
        },
        {
            "mark": {"type": "point", "filled": True, "size": 90, "opacity": 1, "style": "mark"},
            "encoding": {"x": x, "y": y, "tooltip": tooltip},
        },
        {
            "mark": {"type": "text", "align": "left", "dx": 8, "dy": -9, "style": "word"},
            "encoding": {"x": x, "y": y, "text": {"field": "share", "format": ".3~g"}},
        },
    ]
