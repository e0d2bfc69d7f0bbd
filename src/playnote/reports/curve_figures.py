"""The curves of a round: best and worst of each value and the baseline, before the cloud of every trial."""

from __future__ import annotations

from playnote.playbook.facts import best_trials
from playnote.plots.axis import groups_of
from playnote.plots.curves import CurveFacts, Line, curves_data, lines_of, measure_curves
from playnote.recorder.formula import parse
from playnote.records.round import Round
from playnote.records.state import ProjectState
from playnote.reports import words
from playnote.reports.figure import LANGUAGES, Figure
from playnote.text import Text

_BEST_OF_EACH = 2  # curves drawn for each scientific value, and one of the worst
_ALT = Text(
    en="{metric} over training: {n} named trials before all {all} of the round.",
    zh="训练过程中的 {metric}：{n} 个标出名字的试验，背后是本轮全部 {all} 个。",
)
_FEW = 4  # more values than these, and one best of each is all that can be told apart


def curve_figures(state: ProjectState, each: Round) -> list[Figure]:
    """A picture a metric: the objective's own, and the training loss where it is logged."""
    lines = _lines(state, each)
    unit = state.project.workflow.unit if state.project.workflow else "steps"
    members = [
        (trial.id, group)
        for group, study in enumerate(each.studies)
        for trial in study.planned
        if trial.purpose == "search"
    ]
    figures = []
    for at, metric in enumerate(_metrics(state, [line.trial for line in lines])):
        facts = measure_curves(state.curves, metric, lines, unit, members)
        if not facts.lines:
            continue
        drawing = {lang: curves_data(facts, lang) for lang in LANGUAGES}
        alt = _ALT.fill(metric=metric, n=len(facts.lines), all=len(facts.cloud.trials))
        captions = _captions(facts, first=at == 0)
        figures.append(Figure(f"curves-{at}", "curves", "uplot", drawing, alt, captions, about=metric))
    return figures


def _lines(state: ProjectState, each: Round) -> tuple[Line, ...]:
    """The best of each value, its worst that ended with a score, and the baseline's best."""
    groups = groups_of(each)
    many = _BEST_OF_EACH if len(groups) <= _FEW else 1
    ranked = {
        value: best_trials(state, [trial.id for trial in study.planned], len(study.planned))
        for value, study in zip(groups, each.studies, strict=True)
    }
    best = {value: trials[:many] for value, trials in ranked.items()}
    worst = {value: trials[-1:] for value, trials in ranked.items() if len(trials) > many}
    baseline = best_trials(state, [trial.id for trial in state.of_purpose("baseline")], 1)
    return lines_of(best, baseline[0] if baseline else None, worst)


def _captions(facts: CurveFacts, *, first: bool) -> tuple[Text, ...]:
    captions = []
    if first:
        captions.append(words.WORDS["thin"])
        if facts.cloud.trials:
            captions.append(words.WORDS["cloud"].fill(n=len(facts.cloud.trials), most=facts.cloud.most))
    if facts.without:
        captions.append(words.WORDS["no_curve"].fill(names=", ".join(facts.without)))
    return tuple(captions)


def _metrics(state: ProjectState, trials: list[str]) -> list[str]:
    """The objective's own metrics, and the training loss where it is logged."""
    named = list(parse(state.project.objective.formula).terms)
    logged = {metric for trial in trials for metric in state.curves.metrics(trial)}
    return [metric for metric in (*named, "train/loss", "train/error") if metric in logged or metric in named][:4]
