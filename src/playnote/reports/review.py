"""A review's report: what was found, what stays open at what price, the pictures, and every trial."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from playnote.diagnosis.density import DensityFacts
from playnote.diagnosis.isolation import IsolationFacts
from playnote.plots.curves import curves_data, lines_of, measure_curves
from playnote.plots.isolation import isolation_spec
from playnote.records.state import ProjectState
from playnote.reports import words
from playnote.reports.figure import LANGUAGES, Figure
from playnote.reports.html import filled
from playnote.reports.round_figures import axis_figures
from playnote.text import Language, Text

Json = dict[str, Any]
_MOST_AXES = 12
_MOST_TRIALS = 2000
_ORDER = ("sure", "likely", "fine", "unknown")
_STATUS = {"sure": "warn", "likely": "warn", "fine": "pass", "unknown": "unknown"}
_WORD = {
    "sure": Text(en="Sure", zh="确定"),
    "likely": Text(en="Likely", zh="多半"),
    "fine": Text(en="Fine", zh="没问题"),
    "unknown": Text(en="Cannot tell", zh="说不清"),
}
_SAID = {
    "title": Text(en="Review", zh="复盘"),
    "found": Text(en="What the trials show", zh="试验说明了什么"),
    "nothing": Text(en="Nothing that is sure enough to be said.", zh="没有够确定、值得说的。"),
    "open": Text(en="What they cannot tell, and what would settle it", zh="哪些说不清，怎么弄清"),
    "question": Text(en="Question", zh="问题"),
    "settle": Text(en="What would settle it", zh="怎么弄清"),
    "price": Text(en="Runs", zh="次数"),
    "points": Text(en="The {n} points to run", zh="要跑的 {n} 个点"),
    "read": Text(en="What was read", zh="读到了什么"),
    "notes": Text(en="Left out or bent while reading", zh="读的时候略去或变通的"),
    "shown": Text(en="The first {n} of {of} trials", zh="{of} 个试验里的前 {n} 个"),
    "effect": Text(
        en='Nobody said what difference matters, so nothing here says "worth it".',
        zh="没说差多少才算数，所以这里不谈“值不值”。",
    ),
    "matters": Text(en="Differences matter from {effect}.", zh="差 {effect} 以上才算数。"),
}
_SPLIT = Text(
    en="For each value of {name}: best trial, and expected best of equally many trials with its interval.",
    zh="{name} 每个取值的最优试验，以及同样多试验的期望最优和区间。",
)
_CHOSEN = Text(
    en="The sampler gave its favourite more trials: the picture shows that, it does not compare.",
    zh="采样器偏爱的取值试得更多：这张图只能看出这一点，不能拿来比较。",
)
_EXPECTED = Text(en="Expected best after so many trials", zh="试验数与期望最优")
_TRIALS = Text(en="trials", zh="试验数")
_BEST = Text(en="expected best", zh="期望最优")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewReport:
    """What the page says.

    data   the value that `review --json` gives
    read   rows of what was read: name and content
    trials rows of `trial_view`
    """

    data: Json
    read: tuple[tuple[Text, Text], ...]
    trials: tuple[Json, ...]
    figures: tuple[Figure, ...]


def review_figures(
    state: ProjectState,
    *,
    splits: Sequence[tuple[str, IsolationFacts]],
    best: Sequence[str],
    density: DensityFacts | None,
    said: Mapping[str, Text],
) -> tuple[Figure, ...]:
    """Axis plots with their boundary verdict, both isolation drawings a choice, curves, and the tuning curve.

    best  ids of the trials whose curves are drawn, best first
    said  what was found of a hyperparameter, by name: the caption under its axis plot
    """
    each = state.rounds[0]
    axes = []
    for figure in axis_figures(state, each):
        name = each.space.names[int(figure.id.rpartition("-")[2])]
        captions = ((said[name],) if name in said else ()) + figure.captions
        axes.append(replace(figure, captions=captions))
    return (
        *axes[:_MOST_AXES],
        *(_split(state, at, name, facts) for at, (name, facts) in enumerate(splits)),
        *_curves(state, best),
        *_tuning(state, density),
    )


def _split(state: ProjectState, at: int, name: str, facts: IsolationFacts) -> Figure:
    drawing = {lang: isolation_spec(facts, name, state.project.objective, lang) for lang in LANGUAGES}
    captions = (words.WORDS["each"], _CHOSEN) if facts.adaptive else (words.WORDS["each"],)
    return Figure(f"isolation-{at}", "isolation", "vega", drawing, _SPLIT.fill(name=name), captions)


def _curves(state: ProjectState, best: Sequence[str]) -> list[Figure]:
    metric = state.project.objective.formula
    facts = measure_curves(state.curves, metric, lines_of({"": list(best)}, None))
    if not facts.lines:
        return []
    drawing = {lang: curves_data(facts, lang) for lang in LANGUAGES}
    alt = Text(en="{metric} over training, {n} trials.", zh="训练过程中的 {metric}，{n} 个试验。")
    return [Figure("curves", "curves", "uplot", drawing, alt.fill(metric=metric, n=len(facts.lines)))]


def _tuning(state: ProjectState, density: DensityFacts | None) -> list[Figure]:
    """Expected best by number of trials: only independent trials have such a curve."""
    if density is None or density.adaptive or not len(density.budgets):
        return []
    sign = state.project.objective.sign
    line = {
        "group": 0,
        "role": "best",
        "x": [float(budget) for budget in density.budgets],
        "y": [float(sign * value) for value in density.expected_best],
    }
    drawing = {
        lang: {
            "title": _EXPECTED.pick(lang),
            "x": _TRIALS.pick(lang),
            "y": state.project.objective.formula,
            "range": None,
            "lines": [{**line, "label": _BEST.pick(lang)}],
        }
        for lang in LANGUAGES
    }
    return [Figure("tuning", "curves", "uplot", drawing, _EXPECTED)]


def review_page(report: ReviewReport, language: Language = "en") -> str:
    """The report as one HTML page that opens offline."""
    findings = report.data["findings"]
    said = [each for each in findings if each["word"] != "unknown"]
    sections = [(name, [f for f in report.figures if f.section == name]) for name in ("isolation", "axes", "curves")]
    return filled(
        "review.html.jinja",
        report.figures,
        language,
        report=report,
        data=report.data,
        said=sorted(said, key=lambda each: _ORDER.index(each["word"])),
        unknown=[each for each in findings if each["word"] == "unknown"],
        sections=[(name, figures) for name, figures in sections if figures],
        status=_STATUS,
        word=_WORD,
        here=_SAID,
        trials=report.trials[:_MOST_TRIALS],
        names=report.data["hyperparameters"],
        outcomes=words.OUTCOME,
        not_ended=words.NOT_ENDED,
    )
