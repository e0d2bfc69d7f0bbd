"""A review's answers about the whole space: sampled densely enough, what matters, what does nothing, what is coupled."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from playnote.diagnosis.coupling import answer_coupling, measure_coupling
from playnote.diagnosis.density import answer_density, measure_density
from playnote.diagnosis.importance import measure_importance
from playnote.diagnosis.inert import answer_inert, measure_inert
from playnote.service.review_evidence import Evidence
from playnote.service.review_line import Line, Word, open_line
from playnote.space.hyperparameter import Categorical
from playnote.text import Text

_DENSE = Text(en="was the space sampled densely enough?", zh="搜索空间采得够密吗？")
_SPARSE = Text(
    en="More trials of the same kind would probably find better ones.", zh="同样的试验再多跑一些，多半还能找到更好的。"
)
_ENOUGH = Text(en="The space was sampled densely enough.", zh="搜索空间采得够密。")
_DOUBLE = Text(
    en="Twice as many trials: the best is expected to improve by {gain:.2g} [{low:.2g}, {high:.2g}] 80 %.",
    zh="试验数翻倍：最优预期再好 {gain:.2g} [{low:.2g}, {high:.2g}]，80 %。",
)
_MATTERS = Text(
    en="What tells the best trials from the rest: {names}.",
    zh="最好的试验和其余试验差在：{names}。",
)
_SHARE = Text(
    en="Share of the difference (PED-ANOVA) over the best {top} of {n} trials; the others stay inside what chance gives.",
    zh="差异的占比（PED-ANOVA，最好的 {top} 个对全部 {n} 个）；其余超参没有超出碰运气的范围。",
)
_INERT = Text(
    en="{name} changes nothing worth {effect:g} over its range.", zh="{name} 在整个范围里没有值 {effect:g} 的作用。"
)
_REACH = Text(
    en="It moves the result by {reach:.2g} [{low:.2g}, {high:.2g}] 90 %.",
    zh="它让结果变化 {reach:.2g} [{low:.2g}, {high:.2g}]，90 %。",
)
_COUPLED = Text(
    en="The best {first} shifts with {second}: tune them together.", zh="最好的 {first} 会随 {second} 变：要一起调。"
)
_RANK = Text(
    en="Rank correlation {r:.2f} among the best {best} trials, {all:.2f} among all {n}.",
    zh="最好的 {best} 个试验里秩相关 {r:.2f}，全部 {n} 个里 {all:.2f}。",
)
_STEPS = 0.05  # of a family of questions: the chance that any of its "yes" is a fluke


def space_lines(seen: Evidence) -> Iterator[Line]:
    """Density first, then what the hyperparameters do."""
    yield _density(seen)
    yield from _importance(seen)
    yield from _inert(seen)
    yield from _coupled(seen)


def _density(seen: Evidence) -> Line:
    facts = measure_density(seen.table, seen.min_effect)
    finding = answer_density(facts, seen.settings)
    evidence: tuple[Text, ...] = ()
    if facts.gain is not None and facts.interval is not None and not facts.adaptive:
        evidence = (_DOUBLE.fill(gain=facts.gain, low=facts.interval[0], high=facts.interval[1]),)
    gains = facts.interval is not None and seen.min_effect is not None and facts.interval[0] > seen.min_effect
    if finding.label == "unknown" or (finding.label == "yes" and not gains):
        return open_line("density", _DENSE, finding.settles[0] if finding.settles else None, finding=finding)
    word: Word = "likely" if finding.label == "yes" else "fine"
    return Line(word, "density", _SPARSE if word == "likely" else _ENOUGH, evidence, finding.p, finding=finding)


def _importance(seen: Evidence) -> Iterator[Line]:
    """Only where nothing chose the trials by their results, and beyond chance over all hyperparameters together."""
    if seen.adaptive:
        return
    facts = measure_importance(seen.table, shuffles=400)
    if facts.n < seen.settings["importance.trials"] or not facts.ranking:
        return
    known = [each for each in facts.ranking if each.p_value * len(facts.ranking) <= _STEPS]
    if known:
        names = ", ".join(f"{each.hyperparameter} ({each.share:.0%})" for each in known[:4])
        yield Line("likely", "importance", _MATTERS.fill(names=names), (_SHARE.fill(top=facts.top, n=facts.n),))


def _inert(seen: Evidence) -> Iterator[Line]:
    """Only where nothing chose the trials by their results: a sampler that stays near the best sees no range."""
    if seen.min_effect is None or seen.adaptive:
        return
    for each in seen.state.project.space:
        if isinstance(each, Categorical):
            continue
        facts = measure_inert(seen.table, each.name, min_effect=seen.min_effect)
        finding = answer_inert(facts, seen.settings, {"hyperparameter": each.name})
        if finding.label != "yes" or (finding.p or 0.0) < seen.settings["review.say"] or facts.interval is None:
            continue
        if facts.interval[1] > seen.min_effect:  # the surface alone leaves room for an effect that matters
            continue
        reach = _REACH.fill(reach=facts.reach, low=facts.interval[0], high=facts.interval[1])
        text = _INERT.fill(name=each.name, effect=seen.min_effect)
        yield Line("likely", f"inert:{each.name}", text, (reach,), finding.p, finding=finding)


def _coupled(seen: Evidence) -> Iterator[Line]:
    """A hint where the design is independent; an adaptive sampler makes ridges of its own."""
    names = [each.name for each in seen.state.project.space if not isinstance(each, Categorical)][:8]
    pairs = list(combinations(names, 2))
    if seen.adaptive:
        return
    for first, second in pairs:
        facts = measure_coupling(seen.table, first, second)
        finding = answer_coupling(facts, seen.settings, {"hyperparameters": [first, second]})
        chance = facts.p_value * len(pairs) <= _STEPS / 2
        if finding.label == "yes" and chance and (finding.p or 0.0) >= seen.settings["review.say"]:
            rank = _RANK.fill(r=facts.correlation, best=facts.best, all=facts.everywhere, n=facts.n)
            text = _COUPLED.fill(first=first, second=second)
            yield Line("likely", f"coupled:{first}:{second}", text, (rank,), finding.p, finding=finding)
