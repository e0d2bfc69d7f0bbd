"""Verdicts on trials made elsewhere: what the numbers support, and what would settle the rest.

Pruned trials are left out of every "best of"; failures whose cause is not recorded count as missing.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from playnote.connectors.choose import read_source
from playnote.connectors.imported import Imported, Wanted
from playnote.diagnosis.boundary import BoundaryFinding
from playnote.diagnosis.density import DensityFinding
from playnote.diagnosis.infeasible import InfeasibleFinding
from playnote.errors import InputError
from playnote.playbook.engine import Facts
from playnote.playbook.facts import BoundaryFindings, Target, best_trials
from playnote.records.finding import Finding
from playnote.records.state import ProjectState
from playnote.service.views import finding_view, finite
from playnote.space.hyperparameter import Categorical
from playnote.text import Text

Word = Literal["sure", "likely", "fine", "unknown"]
_ORDER: tuple[Word, ...] = ("sure", "likely", "fine", "unknown")
_SURE = 0.95
_LATE = 6
_TARGET = Target(round=1)
_ENDS = {"low": Text(en="bottom", zh="下端"), "high": Text(en="top", zh="上端")}
_NARROW = Text(
    en="The range of {name} stops too early at the {end} ({bound}).", zh="{name} 的{end}（{bound}）收得太早。"
)
_INSIDE = Text(
    en="How much widening would gain cannot be told from inside the range.", zh="扩了能赚多少，在范围里面看不出来。"
)
_CLEAR = Text(en="{names}: the best trials stay clear of both ends.", zh="{names}：最好的试验离两端都远。")
_EDGE = Text(en="does the {end} of {name}'s range limit it?", zh="{name} 的{end}是不是卡住了？")
_DIVERGES = Text(en="Trials diverge on one side of {names}.", zh="{names} 的一侧会发散。")
_TIE = Text(en="The best {k} trials cannot be told apart: {names}.", zh="最好的 {k} 个试验分不出高下：{names}。")
_JUMP = Text(
    en="One reading jumps by {sd:.2g} (SD, last 6 readings of {n} curves); other seeds will differ by more.",
    zh="单次读数会跳 {sd:.2g}（标准差，取 {n} 条曲线的最后 6 个读数）；换种子差得只会更多。",
)
_BEST = Text(en="is #{best} really best?", zh="#{best} 真的最好吗？")
_SEEDS = Text(en="3 fresh seeds each of {names} ({runs} runs)", zh="{names} 各用 3 个新种子重跑（共 {runs} 次）")
_DENSE = Text(en="was the space sampled densely enough?", zh="搜索空间采得够密吗？")
_MORE = Text(
    en="More trials of the same kind would probably find better ones.", zh="同样的试验再多跑一些，多半还能找到更好的。"
)
_ENOUGH = Text(en="The space was sampled densely enough.", zh="搜索空间采得够密。")
_SPLIT = Text(en="does {name} matter?", zh="{name} 有没有作用？")
_EQUAL = Text(
    en="equal trials a value ({counts} so far; {value} has {top} of the best {of})",
    zh="每个取值跑一样多（现在是 {counts}；最好的 {of} 个里 {value} 占 {top} 个）",
)
_REPEATED = Text(
    en="{n} configurations were run more than once; their scores differ by {sd:.2g} (SD).",
    zh="有 {n} 个配置跑过不止一次，分数之间差 {sd:.2g}（标准差）。",
)
_BIAS = Text(en="bias, variance, data mismatch", zh="高偏差、高方差、数据不匹配")
_TRAIN = Text(en="the train error of the best trial, in evaluation mode", zh="最优试验的训练误差（评估模式下测）")
_NEXT_WIDE = Text(
    en="16 quasi-random trials with {what} moved outwards, pruner off",
    zh="把 {what} 往外扩，关掉剪枝，跑 16 个准随机试验",
)
_NEXT_SEEDS = Text(
    en="repeat {names} with 3 fresh seeds each ({runs} runs)", zh="{names} 各换 3 个新种子重跑（共 {runs} 次）"
)
_NEXT_DATA = Text(
    en="16 quasi-random trials of the same space, pruner off", zh="同一搜索空间里跑 16 个准随机试验，关掉剪枝"
)


@dataclass(frozen=True, slots=True)
class Line:
    """One answer: its word, what it says, the evidence, and for an open question what would settle it and its price."""

    word: Word
    about: str
    text: Text
    evidence: tuple[Text, ...] = ()
    p: float | None = None
    settle: Text | None = None
    runs: int | None = None
    finding: Finding | None = None

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "word": self.word,
            "about": self.about,
            "text": self.text.as_json(),
            "evidence": [each.as_json() for each in self.evidence],
            "probability": finite(self.p),
            "settle": self.settle.as_json() if self.settle else None,
            "runs": self.runs,
            "finding": finding_view(self.finding) if self.finding else None,
        }


@dataclass(frozen=True, slots=True)
class Review:
    """What was read and what follows: `lines` in the order sure, likely, fine, cannot tell."""

    source: str
    imported: Imported
    lines: tuple[Line, ...]
    next: Text

    @property
    def counts(self) -> dict[str, int]:
        """Trials by outcome; "running" where they have none."""
        return dict(Counter(trial.outcome or "running" for trial in self.imported.state.trials))

    def as_json(self) -> dict[str, Any]:
        """Plain data for every face."""
        got, objective = self.imported, self.imported.state.project.objective
        return {
            "source": self.source,
            "study": got.study,
            "trials": len(got.state.trials),
            "counts": self.counts,
            "direction": objective.direction,
            "direction_from": got.said,
            "metric": got.metric,
            "min_effect": objective.min_effect,
            "sampler": got.sampler,
            "hyperparameters": list(got.state.project.space.names),
            "left_out": [each.as_json() for each in got.left_out],
            "findings": [line.as_json() for line in self.lines],
            "next": self.next.as_json(),
        }


def review(
    source: str,
    *,
    direction: str | None = None,
    min_effect: float | None = None,
    metric: str | None = None,
    scientific: str | None = None,
    study: str | None = None,
) -> Review:
    """Read trials of another tool and say what they support; `InputError` where the source cannot be used.

    direction, metric  asked for only where the source does not record them
    scientific         the categorical hyperparameter in question; without it every one is exploratory
    """
    if direction not in (None, "minimize", "maximize"):
        raise InputError(
            Text(en="The direction is {said!r}.", zh="方向是 {said!r}。").fill(said=direction),
            fix=Text(en="Say minimize or maximize.", zh="写 minimize 或 maximize。"),
        )
    if min_effect is not None and not (math.isfinite(min_effect) and min_effect > 0):
        raise InputError(
            Text(en="--min-effect is {said}.", zh="--min-effect 是 {said}。").fill(said=min_effect),
            fix=Text(en="Give a number above 0, in the metric's unit.", zh="写一个大于 0 的数，单位和指标相同。"),
        )
    way: Any = direction
    got = read_source(source, Wanted(study=study, metric=metric, direction=way, min_effect=min_effect))
    state = got.state
    if scientific is not None and scientific not in state.project.space.names:
        raise InputError(
            Text(en="No hyperparameter is called {name!r}.", zh="没有叫 {name!r} 的超参。").fill(name=scientific),
            fix=Text(en="One of: {names}", zh="可选：{names}").fill(names=", ".join(state.project.space.names)),
        )
    ranked = best_trials(state, [trial.id for trial in state.trials if trial.outcome == "ok"], len(state.trials))
    best, facts = ranked[:12], Facts(state)
    found = (*_ranked(state, ranked), *_study(facts), *_splits(state, best, scientific), *_edges(facts))
    lines = tuple(sorted((*found, Line("unknown", "gaps", _BIAS, settle=_TRAIN)), key=lambda x: _ORDER.index(x.word)))
    return Review(source, got, lines, _next(lines, best))


def _edges(facts: Facts) -> Iterator[Line]:
    """Both ends of every ordered range; those with nothing to report share one line."""
    clear = []
    for each in facts.state.project.space:
        if isinstance(each, Categorical):
            continue
        sides = facts.give(BoundaryFindings, replace(_TARGET, hyperparameter=each.name)).sides
        if all(side.label == "no" for side in sides):
            clear.append(each.name)
        for side in sides:
            if side.label != "no":
                end = str(side.target["side"])
                yield _edge(side, each.name, end, each.high if end == "high" else each.low)
    if clear:
        yield Line("fine", "boundary", _CLEAR.fill(names=", ".join(clear)))


def _edge(finding: BoundaryFinding, name: str, end: str, bound: float) -> Line:
    evidence = () if finding.note is None else (finding.note,)
    about = f"boundary:{name}:{end}"
    if finding.label == "yes":
        # An adaptive sampler goes where it found something: never sure from its trials alone.
        word: Word = "sure" if (finding.p or 0.0) >= _SURE and finding.note is None else "likely"
        text = _NARROW.fill(name=name, end=_ENDS[end], bound=f"{bound:g}")
        return Line(word, about, text, (*evidence, _INSIDE), finding.p, finding=finding)
    settle = finding.settles[0] if finding.settles else None
    text = _EDGE.fill(name=name, end=_ENDS[end])
    return Line(
        "unknown",
        about,
        text,
        evidence,
        None,
        settle.text if settle else None,
        settle.runs if settle else None,
        finding,
    )


def _study(facts: Facts) -> Iterator[Line]:
    """Where trials diverge, whether more would help, and what repeats show."""
    infeasible = facts.give(InfeasibleFinding, _TARGET)
    if infeasible.label == "yes":
        names = ", ".join(dict.fromkeys(cliff.hyperparameter for cliff in getattr(infeasible, "cliffs", ())))
        yield Line("likely", "infeasible", _DIVERGES.fill(names=names or "?"), p=infeasible.p, finding=infeasible)
    density = facts.give(DensityFinding, _TARGET)
    if density.label == "unknown":
        settle = density.settles[0] if density.settles else None
        yield Line("unknown", "density", _DENSE, density.missing, None, *_price(settle), finding=density)
    else:
        word: Word = "likely" if density.label == "yes" else "fine"
        yield Line(word, "density", _MORE if word == "likely" else _ENOUGH, p=density.p, finding=density)
    repeats, sd = _repeats(facts.state)
    if repeats:
        yield Line("sure", "repeats", _REPEATED.fill(n=repeats, sd=sd))


def _price(settle: Any) -> tuple[Text | None, int | None]:
    return (None, None) if settle is None else (settle.text, settle.runs)


def _repeats(state: ProjectState) -> tuple[int, float]:
    """Configurations with several different scores, and the pooled SD; equal scores are copies, not seeds."""
    groups: dict[str, list[float]] = {}
    for trial in state.trials:
        score = state.readings[trial.id].score
        if trial.outcome == "ok" and score is not None:
            groups.setdefault(repr(sorted(trial.configuration.items())), []).append(score)
    samples = [np.array(each) for each in groups.values() if len(set(each)) > 1]
    if not samples:
        return 0, math.nan
    squares = sum(float(((each - each.mean()) ** 2).sum()) for each in samples)
    return len(samples), math.sqrt(squares / sum(len(each) - 1 for each in samples))


def _ranked(state: ProjectState, best: list[str]) -> Iterator[Line]:
    """Ties among the best by the noise of one reading, and what would tell whether the best is best."""
    if len(best) < 2:
        return
    sd, n = _reading_noise(state, best[:12])
    first = _score(state, best[0])
    near = [name for name in best if abs(_score(state, name) - first) <= math.sqrt(2.0) * sd]
    if n >= _LATE and len(near) > 1:
        names = ", ".join(f"#{name} {_score(state, name):.4g}" for name in near[:3])
        yield Line("likely", "ties", _TIE.fill(k=len(near), names=names), (_JUMP.fill(sd=sd, n=n),))
    pair = f"#{best[0]}, #{best[1]}"
    yield Line("unknown", "best", _BEST.fill(best=best[0]), settle=_SEEDS.fill(names=pair, runs=6), runs=6)


def _score(state: ProjectState, name: str) -> float:
    score = state.readings[name].score
    return math.nan if score is None else score


def _reading_noise(state: ProjectState, names: list[str]) -> tuple[float, int]:
    """SD of one late reading, from second differences, so that a trend or a bend is not taken for noise."""
    variances = []
    for name in names:
        curve = state.curves.curve(name, state.project.objective.formula)
        if curve is not None and len(curve) >= _LATE and np.isfinite(curve.values[-_LATE:]).all():
            variances.append(float((np.diff(curve.values[-_LATE:], 2) ** 2).mean()) / 6.0)
    return (math.sqrt(float(np.mean(variances))), len(variances)) if variances else (0.0, 0)


def _splits(state: ProjectState, best: list[str], scientific: str | None) -> Iterator[Line]:
    """Each categorical as an open question: a sampler's favourite is no comparison."""
    for each in state.project.space:
        if not isinstance(each, Categorical) or scientific not in (None, each.name):
            continue
        done = [trial for trial in state.trials if trial.outcome == "ok"]
        counts = Counter(str(trial.configuration.get(each.name)) for trial in done)
        top = Counter(str(trial.configuration.get(each.name)) for trial in done if trial.id in best).most_common(1)
        if top:
            shown = ", ".join(f"{value}: {n}" for value, n in counts.most_common(5))
            settle = _EQUAL.fill(counts=shown, value=top[0][0], top=top[0][1], of=len(best))
            yield Line("unknown", f"split:{each.name}", _SPLIT.fill(name=each.name), settle=settle)


def _next(lines: tuple[Line, ...], best: list[str]) -> Text:
    """Widen what is too narrow first; then settle the best; with too little to go on, more trials."""
    narrow = [
        line.about.split(":")[1] for line in lines if line.about.startswith("boundary:") and line.word != "unknown"
    ]
    if narrow:
        return _NEXT_WIDE.fill(what=", ".join(dict.fromkeys(narrow)))
    if len(best) >= 12:
        return _NEXT_SEEDS.fill(names=f"#{best[0]}, #{best[1]}", runs=6)
    return _NEXT_DATA


__all__ = ["Line", "Review", "review"]
