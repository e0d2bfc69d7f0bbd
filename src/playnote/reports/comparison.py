"""Two rounds, or two baselines, side by side as one value: what was asked, found and held fixed, and their pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from playnote.plots.axis import AxisFacts, axis_spec, measure_axis
from playnote.plots.grammar import written
from playnote.plots.seeds import SeedRow, seeds_spec
from playnote.records.round import Round
from playnote.records.state import ProjectState
from playnote.records.trial import DIVERGED
from playnote.reports import comparison_words as said
from playnote.reports import words
from playnote.reports.figure import LANGUAGES, Figure, Json
from playnote.reports.html import filled
from playnote.reports.ranges import range_of
from playnote.space.hyperparameter import Categorical, Hyperparameter
from playnote.stats.best_of import expected_best, expected_best_curve
from playnote.text import Language, Text, same


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table; `differs` where the two sides are not the same, and that is worth a look."""

    name: Text
    sides: tuple[Text, Text]
    differs: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CompareReport:
    """What the page says.

    answer  status (yes, no, unknown) and sentence
    caution what keeps the two from being compared as they stand
    found, fixed  rows of the two tables
    direction     of the metric
    """

    project: str
    kind: Literal["rounds", "baselines"]
    names: tuple[Text, Text]
    answer: tuple[str, Text]
    caution: tuple[Text, ...]
    found: tuple[Row, ...]
    fixed: tuple[Row, ...]
    figures: tuple[Figure, ...]
    direction: str


def compare_page(report: CompareReport, language: Language = "en") -> str:
    """The comparison as one HTML page that opens offline."""
    pictures = {name: [f for f in report.figures if f.section == name] for name in ("isolation", "curves", "axes")}
    return filled(
        "compare.html.jinja",
        report.figures,
        language,
        report=report,
        pictures=pictures,
        here=said.WORDS,
        status=words.STATUS,
    )


def compare_rounds(state: ProjectState, first: Round, second: Round, answers: tuple[Json, Json]) -> CompareReport:
    """Two rounds of one project. answers : what `round show --json` says of each."""
    tried = tuple(_errors(state, each) for each in (first, second))
    budget = min(len(errors) + lost for errors, lost in tried)
    sign = state.project.objective.sign
    expected = tuple(sign * expected_best(e, budget, lost) if len(e) else None for e, lost in tried)
    names = (said.WORDS["round"].fill(n=first.number), said.WORDS["round"].fill(n=second.number))
    return CompareReport(
        project=state.project.name,
        kind="rounds",
        names=names,
        answer=("unknown", _rounds_answer(state, (first, second), (expected[0], expected[1]), budget)),
        caution=tuple(_cautions(first, second)),
        found=tuple(_found(state, (first, second), answers, (expected[0], expected[1]), budget)),
        fixed=tuple(_fixed(first, second)),
        figures=(*_effort(state, names, tried), *_axes(state, first, second, names)),
        direction=state.project.objective.direction,
    )


def _errors(state: ProjectState, each: Round) -> tuple[np.ndarray, int]:
    """Errors (lower is better) of the round's search trials that count, and how many gave none."""
    sign = state.project.objective.sign
    trials = [t for t in state.of_round(each.number) if t.purpose == "search" and t.outcome is not None]
    kept = [
        sign * reading.score
        for trial in trials
        if (reading := state.readings.get(trial.id)) and reading.score is not None and reading.feasible is not False
    ]
    return np.array(kept, dtype=float), len(trials) - len(kept)


def _rounds_answer(
    state: ProjectState, rounds: tuple[Round, Round], expected: tuple[float | None, float | None], budget: int
) -> Text:
    if expected[0] is None or expected[1] is None:
        return said.WORDS["no_result"]
    gain = state.project.objective.sign * (expected[0] - expected[1])
    sentence = said.WORDS["ahead" if gain > 0 else "behind"]
    return sentence.fill(
        second=rounds[1].number, first=rounds[0].number, gain=f"{abs(gain):.3g}", m=budget,
        metric=state.project.objective.formula,
    )  # fmt: skip


def _cautions(first: Round, second: Round) -> list[Text]:
    found = []
    if first.objective_version != second.objective_version:
        found.append(said.WORDS["other_objective"].fill(a=first.objective_version, b=second.objective_version))
    if first.steps != second.steps:
        found.append(said.WORDS["other_steps"])
    if "bayes" in (first.sampler, second.sampler):
        found.append(said.WORDS["adaptive"])
    return found


def _found(
    state: ProjectState,
    rounds: tuple[Round, Round],
    answers: tuple[Json, Json],
    expected: tuple[float | None, float | None],
    budget: int,
) -> list[Row]:
    both = tuple(zip(rounds, answers, strict=True))
    here = said.WORDS
    return [
        _row(here["question"], [same(each.question) for each in rounds]),
        _row(here["values"], [same(_scientific(each)) for each in rounds]),
        _row(here["answer"], [_text(answer["answer"]["text"]) for answer in answers]),
        _row(here["trials"], [_tally(state, each) for each in rounds]),
        _row(here["best"], [_best(state, each) for each in rounds]),
        _row(here["expected"].fill(m=budget), [same("–" if x is None else f"{x:.4g}") for x in expected]),
        _row(here["points"], [words.SAMPLER[each.sampler] for each in rounds], differs=True),
        _row(here["decision"], [same(each.closed) if each.closed else here["open"] for each, _ in both]),
    ]


def _row(name: Text, sides: Sequence[Text], *, differs: bool = False) -> Row:
    return Row(name, (sides[0], sides[1]), differs and sides[0] != sides[1])


def _text(pair: Mapping[str, str]) -> Text:
    return Text(en=pair["en"], zh=pair["zh"])


def _scientific(each: Round) -> str:
    return "; ".join(f"{n}: {', '.join(written(v) for v in values)}" for n, values in each.scientific.items()) or "–"


def _tally(state: ProjectState, each: Round) -> Text:
    trials = [trial for trial in state.of_round(each.number) if trial.purpose == "search"]
    diverged = sum(trial.outcome in DIVERGED for trial in trials)
    ok = sum(trial.outcome == "ok" for trial in trials)
    return said.WORDS["tally"].fill(ok=ok, diverged=diverged, planned=each.total)


def _best(state: ProjectState, each: Round) -> Text:
    sign = state.project.objective.sign
    scored = [
        (sign * reading.score, trial.id)
        for trial in state.of_round(each.number)
        if (reading := state.readings.get(trial.id)) and reading.score is not None and reading.feasible is not False
    ]
    if not scored:
        return same("–")
    best = min(scored)
    return same(f"{sign * best[0]:.4g} ({best[1]})")


def _fixed(first: Round, second: Round) -> list[Row]:
    """Ranges and fixed values, those that differ first."""
    names = dict.fromkeys((*first.roles, *second.roles, *first.fixed, *second.fixed))
    rows = [_row(same(name), [_held(first, name), _held(second, name)], differs=True) for name in names]
    return sorted(rows, key=lambda row: not row.differs)


def _held(each: Round, name: str) -> Text:
    if name in each.space.names:
        return said.WORDS["searched"].fill(range=range_of(each.space[name]))
    if name in each.scientific:
        values = ", ".join(written(value) for value in each.scientific[name])
        return said.WORDS["compared"].fill(values=values)
    return same(written(each.fixed[name])) if name in each.fixed else same("–")


def _effort(state: ProjectState, names: tuple[Text, Text], tried: tuple[tuple[np.ndarray, int], ...]) -> list[Figure]:
    """What as many trials of each round would have found: the search effort set apart from the space."""
    sign = state.project.objective.sign
    lines = []
    for at, (errors, lost) in enumerate(tried):
        if len(errors):
            budgets = np.unique(np.geomspace(1, len(errors) + lost, 60).astype(np.int64))
            curve = sign * expected_best_curve(errors, budgets, lost)
            lines.append((names[at], at, budgets.astype(float).tolist(), [float(f"{y:.6g}") for y in curve]))
    if not lines:
        return []
    drawing = {
        lang: {
            "title": said.WORDS["effort"].pick(lang),
            "x": said.WORDS["trials"].pick(lang),
            "y": state.project.objective.formula,
            "range": None,
            "lines": [{"label": n.pick(lang), "group": g, "role": "best", "x": x, "y": y} for n, g, x, y in lines],
        }
        for lang in LANGUAGES
    }
    return [Figure("effort", "curves", "uplot", drawing, said.WORDS["effort"], (said.WORDS["effort_how"],))]


def _axes(state: ProjectState, first: Round, second: Round, names: tuple[Text, Text]) -> list[Figure]:
    """An axis plot for each hyperparameter that both searched, with the trials of both."""
    figures = []
    shared = [name for name in first.space.names if name in second.space.names]
    for at, name in enumerate(shared):
        facts = [
            measure_axis(name, each, state.of_round(each.number), state.readings, state.project.objective)
            for each in (first, second)
        ]
        if not any(each.points for each in facts):
            continue
        drawing = {lang: axis_spec(_joined(facts, names, lang), lang) for lang in LANGUAGES}
        alt = said.WORDS["axis_alt"].fill(name=name, n=sum(len(each.points) for each in facts))
        figures.append(Figure(f"axis-{at}", "axes", "vega", drawing, alt, about=name))
    return figures


def _joined(facts: Sequence[AxisFacts], names: tuple[Text, Text], language: Language) -> AxisFacts:
    one, two = facts
    groups = (names[0].pick(language), names[1].pick(language))
    points = [replace(p, group=groups[at]) for at, each in enumerate(facts) for p in each.points]
    sign = 1.0 if one.direction == "minimize" else -1.0
    scored = [p for p in points if p.score is not None and not p.broken]
    best = min(scored, key=lambda p: sign * (p.score or 0.0), default=None)
    return replace(
        one,
        hyperparameter=_wider(one.hyperparameter, two.hyperparameter),
        points=tuple(points),
        groups=groups,
        group_title=said.WORDS["of"].pick(language),
        best=best.trial if best else None,
        missing=one.missing + two.missing,
    )


def _wider(one: Hyperparameter, two: Hyperparameter) -> Hyperparameter:
    """The range that holds both."""
    if isinstance(one, Categorical) or isinstance(two, Categorical):
        return one
    changed: dict[str, Any] = {"low": min(one.low, two.low), "high": max(one.high, two.high)}
    return replace(one, **changed)


def compare_baselines(
    state: ProjectState,
    names: tuple[Text, Text],
    configurations: tuple[Mapping[str, Any], Mapping[str, Any]],
    runs: tuple[Sequence[tuple[str, float | None]], Sequence[tuple[str, float | None]]],
    judged: tuple[str, Text, Json],
) -> CompareReport:
    """Two baselines of one project.

    runs    fresh runs of each: trial and score, None where it failed
    judged  status, sentence and numbers of `compare`
    """
    status, sentence, numbers = judged
    rows = [SeedRow(names[at], tuple(each)) for at, each in enumerate(runs)]
    specs = {lang: seeds_spec(rows, state.project.objective, lang) for lang in LANGUAGES}
    drawing = {lang: spec for lang, spec in specs.items() if spec is not None}
    figures = [Figure("seeds", "isolation", "vega", drawing, said.WORDS["seeds_alt"])] if drawing else []
    keys = dict.fromkeys((*configurations[0], *configurations[1]))
    fixed = [
        _row(
            same(key), [same(written(each[key])) if key in each else same("–") for each in configurations], differs=True
        )
        for key in keys
    ]
    return CompareReport(
        project=state.project.name,
        kind="baselines",
        names=names,
        answer=(status, sentence),
        caution=(),
        found=tuple(_seed_rows(runs, numbers)),
        fixed=tuple(sorted(fixed, key=lambda row: not row.differs)),
        figures=tuple(figures),
        direction=state.project.objective.direction,
    )


def _seed_rows(runs: Sequence[Sequence[tuple[str, float | None]]], numbers: Json) -> list[Row]:
    here = said.WORDS
    scores = [[score for _, score in each if score is not None] for each in runs]
    told = [same("  ".join(f"{score:.4g}" for score in each) or "–") for each in scores]
    means = [same(f"{np.mean(each):.4g}" if each else "–") for each in scores]
    gain, interval = numbers["gain"], numbers["interval"]
    wide = f" [{interval[0]:.3g}, {interval[1]:.3g}]" if interval else ""
    size = same("–" if gain is None else f"{gain:.3g}{wide}")
    return [
        _row(here["runs"], [same(str(len(each))) for each in runs]),
        _row(here["scores"], told),
        _row(here["mean"], means),
        _row(here["gain"].fill(level=round(100 * numbers["level"])), [same("–"), size]),
    ]
