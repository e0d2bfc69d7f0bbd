"""A round's report as one value: what `round show` says, its pictures in both languages, and where it all comes from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import metadata
from typing import Any, Literal

from playnote.diagnosis.isolation import IsolationFacts
from playnote.playbook.engine import Facts
from playnote.playbook.facts import Target, best_trials, seed_noise_of
from playnote.plots.axis import axis_spec, groups_of, measure_axis
from playnote.plots.curves import curves_data, lines_of, measure_curves
from playnote.plots.isolation import isolation_spec
from playnote.plots.variance import VarianceFacts, sampling_sd, variance_spec
from playnote.recorder.formula import parse
from playnote.records.round import Round
from playnote.records.state import ProjectState
from playnote.reports import words
from playnote.text import Language, Text, same

Json = dict[str, Any]
LANGUAGES: tuple[Language, ...] = ("en", "zh")
_BEST_OF_EACH = 2  # curves drawn for each scientific value


@dataclass(frozen=True, slots=True)
class Figure:
    """One picture: a Vega-Lite spec or uPlot data for each language, its caption, and what it shows in words."""

    id: str
    section: Literal["isolation", "axes", "curves", "variance"]
    tool: Literal["vega", "uplot"]
    drawing: Mapping[Language, Json]
    alt: Text
    captions: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Everything a report says about one round.

    data        the value that `round show --json` gives
    searched    the nuisance hyperparameters and their ranges, as written
    provenance  name and content, row by row
    """

    project: str
    goal: str
    number: int
    question: str
    data: Json
    figures: tuple[Figure, ...]
    searched: tuple[tuple[str, str], ...]
    provenance: tuple[tuple[Text, Text], ...]


def report_of(state: ProjectState, data: Json) -> Report:
    """The report of the round that `data` shows. Raises StopIteration never: the round must be on record."""
    each = next(one for one in state.rounds if one.number == data["round"])
    return Report(
        project=state.project.name,
        goal=state.project.goal,
        number=each.number,
        question=each.question,
        data=data,
        figures=(
            *_isolation(state, each, data),
            *axis_figures(state, each),
            *_curves(state, each),
            *_variance(state, each, data),
        ),
        searched=tuple((h.name, _range(h)) for h in each.space),
        provenance=_provenance(state, each),
    )


def _isolation(state: ProjectState, each: Round, data: Json) -> list[Figure]:
    if not each.scientific or not data["isolation"]:
        return []
    facts = Facts(state).give(IsolationFacts, Target(round=each.number))
    if all(level.best is None for level in facts.levels):
        return []
    name = ", ".join(each.scientific)
    drawing = {lang: isolation_spec(facts, name, state.project.objective, lang) for lang in LANGUAGES}
    alt = Text(
        en="For each value of {name}: best trial, and expected best of equally many trials with its interval. "
        "The numbers are in the comparison table.",
        zh="{name} 每个取值的最优试验，以及同样多试验的期望最优和区间。数字见对比表。",
    ).fill(name=name)
    return [Figure("isolation", "isolation", "vega", drawing, alt, (words.WORDS["each"],))]


def axis_figures(state: ProjectState, each: Round) -> list[Figure]:
    """One axis plot a hyperparameter of the round's space, where a trial can be drawn."""
    figures = []
    for at, name in enumerate(each.space.names):
        facts = measure_axis(name, each, state.of_round(each.number), state.readings, state.project.objective)
        if not facts.points:
            continue
        drawing = {lang: axis_spec(facts, lang) for lang in LANGUAGES}
        diverged = sum(point.diverged for point in facts.points)
        alt = Text(
            en="Score of {n} trials along {name}; {diverged} diverged; best trial {best}.",
            zh="{n} 个试验的分数沿 {name} 的分布；{diverged} 个发散；最优试验 {best}。",
        ).fill(n=len(facts.points), name=name, diverged=diverged, best=facts.best or "-")
        captions = [words.WORDS["edge"]] if at == 0 else []
        if facts.missing:
            captions.append(words.WORDS["missing"].fill(n=facts.missing))
        figures.append(Figure(f"axis-{at}", "axes", "vega", drawing, alt, tuple(captions)))
    return figures


def _curves(state: ProjectState, each: Round) -> list[Figure]:
    best = {
        value: best_trials(state, [trial.id for trial in study.planned], _BEST_OF_EACH)
        for value, study in zip(groups_of(each), each.studies, strict=True)
    }
    baseline = best_trials(state, [trial.id for trial in state.of_purpose("baseline")], 1)
    lines = lines_of(best, baseline[0] if baseline else None)
    unit = state.project.workflow.unit if state.project.workflow else "steps"
    figures = []
    for at, metric in enumerate(_metrics(state, [line.trial for line in lines])):
        facts = measure_curves(state.curves, metric, lines, unit)
        if not facts.lines:
            continue
        drawing = {lang: curves_data(facts, lang) for lang in LANGUAGES}
        alt = Text(en="{metric} over training, {n} trials.", zh="训练过程中的 {metric}，{n} 个试验。").fill(
            metric=metric, n=len(facts.lines)
        )
        captions = [words.WORDS["thin"]] if at == 0 else []
        if facts.without:
            captions.append(words.WORDS["no_curve"].fill(names=", ".join(facts.without)))
        figures.append(Figure(f"curves-{at}", "curves", "uplot", drawing, alt, tuple(captions)))
    return figures


def _metrics(state: ProjectState, trials: list[str]) -> list[str]:
    """The objective's own metrics, and the training loss where it is logged."""
    named = list(parse(state.project.objective.formula).terms)
    logged = {metric for trial in trials for metric in state.curves.metrics(trial)}
    return [metric for metric in (*named, "train/loss", "train/error") if metric in logged or metric in named][:4]


def _variance(state: ProjectState, each: Round, data: Json) -> list[Figure]:
    objective, noise = state.project.objective, seed_noise_of(state)
    levels = data["isolation"]["levels"] if data["isolation"] else []
    chosen = [level for level in levels if level["search_sd"] is not None and level["search_sd"] > 0]
    winner = max(chosen, key=lambda level: level["p_best"] or 0.0, default=None)
    scores = [level["best"] for level in levels if level["best"] is not None]
    dev = state.project.splits.get("dev")
    examples = dev.n if dev else None
    facts = VarianceFacts(
        seed=noise.sd,
        freedom=noise.freedom,
        search=winner["search_sd"] if winner else None,
        trials=data["isolation"]["gain_budget"] if data["isolation"] else 0,
        sample=sampling_sd(objective.formula, min(scores, key=lambda s: objective.sign * s, default=None), examples),
        examples=examples,
        min_effect=objective.min_effect,
    )
    specs = {lang: variance_spec(facts, objective.formula, lang) for lang in LANGUAGES}
    drawing = {lang: spec for lang, spec in specs.items() if spec is not None}
    if not drawing:
        return []
    said = [(name, sd) for name, sd, _ in facts.rows]
    alt = Text(en="Standard deviations: {said}.", zh="标准差：{said}。").fill(
        said=Text(
            en="; ".join(f"{name.en} {'?' if sd is None else f'{sd:.4g}'}" for name, sd in said),
            zh="；".join(f"{name.zh} {'?' if sd is None else f'{sd:.4g}'}" for name, sd in said),
        )
    )
    unknown = tuple(words.WORDS["unknown_sd"].fill(name=name) for name, sd in said if sd is None)
    captions = (words.WORDS["sample"], *unknown) if facts.sample is not None else unknown
    return [Figure("variance", "variance", "vega", drawing, alt, captions)]


def _range(hyperparameter: Any) -> str:
    choices = getattr(hyperparameter, "choices", None)
    if choices is not None:
        return ", ".join(str(choice) for choice in choices)
    off = f", or {hyperparameter.off:g}" if hyperparameter.off is not None else ""
    return f"{hyperparameter.low:g} … {hyperparameter.high:g} ({hyperparameter.scale}){off}"


def _provenance(state: ProjectState, each: Round) -> tuple[tuple[Text, Text], ...]:
    objective, last = state.project.objective, state.journal[-1] if state.journal else None
    journal = words.JOURNAL.fill(n=last.number, time=last.time) if last else words.NO_JOURNAL.fill(origin=state.origin)
    about = _about(state, each)
    rows: list[tuple[str, Text]] = [
        ("project", same(state.project.name)),
        ("objective", same(f"{objective.direction} {objective.formula} ({objective.read}, v{objective.version})")),
        ("sampler", same(each.sampler)),
        ("seed", same(str(each.seed))),
        ("data", _data(state)),
        ("code", _code(about)),
        *([("python", same(str(about["python"])))] if about.get("python") else []),
        ("journal", journal),
        ("made", same(f"Playnote {metadata.version('playnote')}")),
    ]
    return tuple((words.PROVENANCE[name], content) for name, content in rows)


def _about(state: ProjectState, each: Round) -> Mapping[str, object]:
    """Where the trials' code came from. Only harmless facts leave: no diff, no environment, no host name.

    The journal says it once a run; a trial that came from elsewhere says it itself. The latest word counts.
    """
    said = [event.data for event in state.events("run-started")]
    kept: dict[str, object] = {}
    for found in (*(trial.facts for trial in state.of_round(each.number)), *said):
        kept.update({name: found[name] for name in ("commit", "dirty", "python") if found.get(name) is not None})
    return kept


def _code(about: Mapping[str, object]) -> Text:
    commit = about.get("commit")
    if not commit:
        return words.NO_COMMIT
    known = {True: words.DIRTY, False: words.CLEAN}
    dirty = about.get("dirty")
    return (known[dirty] if isinstance(dirty, bool) else words.COMMIT).fill(commit=str(commit)[:12])


def _data(state: ProjectState) -> Text:
    splits = [
        words.FINGERPRINT.fill(
            name=split.name,
            n=split.n if split.n is not None else "?",
            mark=split.fingerprint[:12] if split.fingerprint else "-",
        )
        for split in state.project.splits.values()
    ]
    if not splits:
        return words.UNKNOWN
    return Text(en="; ".join(each.en for each in splits), zh="；".join(each.zh for each in splits))
