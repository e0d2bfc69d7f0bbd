"""The pictures of a round, from what was measured: isolation, axes, variance, the ladder, importance."""

from __future__ import annotations

from playnote.diagnosis.importance import ImportanceFacts
from playnote.diagnosis.isolation import IsolationFacts
from playnote.playbook.engine import Facts
from playnote.playbook.facts import Target, seed_noise_of
from playnote.playbook.facts.ladder import Ladder
from playnote.plots.axis import axis_spec, measure_axis
from playnote.plots.importance import importance_spec
from playnote.plots.isolation import isolation_spec
from playnote.plots.ladder import RUNGS, ladder_spec, measure_rungs
from playnote.plots.variance import VarianceFacts, sampling_sd, variance_spec
from playnote.records.round import Round
from playnote.records.state import ProjectState
from playnote.reports import words
from playnote.reports.figure import LANGUAGES, Figure, Json
from playnote.text import Text


def isolation_figures(state: ProjectState, each: Round, data: Json) -> list[Figure]:
    """The values compared, each with its best trial and the expected best of equally many."""
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
        figures.append(Figure(f"axis-{at}", "axes", "vega", drawing, alt, tuple(captions), about=name))
    return figures


def variance_figures(state: ProjectState, each: Round, data: Json) -> list[Figure]:
    """The variance budget: trial, search and sampling, as far as each is known."""
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


def ladder_figures(ladder: Ladder) -> list[Figure]:
    """The rungs that have a count, where there are two."""
    rungs = measure_rungs(ladder.counts or {})
    specs = {lang: ladder_spec(rungs, lang) for lang in LANGUAGES}
    drawing = {lang: spec for lang, spec in specs.items() if spec is not None}
    if not drawing:
        return []
    said = [(RUNGS[each.split], each.share, each.n) for each in rungs]
    alt = Text(en="Share of wrong examples: {said}.", zh="错误样本的比例：{said}。").fill(
        said=Text(
            en="; ".join(f"{name.en} {share:.3g} (n = {n})" for name, share, n in said),
            zh="；".join(f"{name.zh} {share:.3g}（n = {n}）" for name, share, n in said),
        )
    )
    return [Figure("ladder", "ladder", "vega", drawing, alt)]


def importance_figures(facts: ImportanceFacts, need: float) -> list[Figure]:
    """The ranking with its band. need : trials from which the order counts."""
    specs = {lang: importance_spec(facts, lang) for lang in LANGUAGES}
    drawing = {lang: spec for lang, spec in specs.items() if spec is not None}
    if not drawing:
        return []
    said = ", ".join(f"{each.hyperparameter} {each.share:.0%}" for each in facts.ranking)
    alt = Text(
        en="Share of the difference between the best trials and all: {said}.",
        zh="最优试验与全部试验的差异，各占：{said}。",
    )
    captions = [words.WORDS["importance_pale"]]
    if facts.n < need:
        captions.append(words.WORDS["importance_few"].fill(n=facts.n, need=f"{need:g}"))
    if facts.adaptive:
        captions.append(words.WORDS["importance_adaptive"])
    return [Figure("importance", "importance", "vega", drawing, alt.fill(said=said), tuple(captions))]
