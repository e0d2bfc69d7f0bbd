"""Appendix E.2 and body E.4, the study: who plays which part, and a fair comparison."""

from __future__ import annotations

import math
from collections import Counter

from playnote.playbook.examples import planned_round, project, round_trials, state, trial
from playnote.playbook.facts import RoundTrials
from playnote.playbook.rule import Level, Rule, Scope, fires, rule, silent
from playnote.playbook.verdict import Judgement, cannot_tell, does_not_apply, fails, passes, warns
from playnote.records.project import Project
from playnote.records.round import Round
from playnote.records.state import ProjectState
from playnote.space.hyperparameter import Categorical, Float
from playnote.space.space import Space
from playnote.text import Text


@rule(
    "E2-classify-hparams",
    Level.MUST,
    Scope.ROUND,
    sections=("body:E.1", "body:E.4", "app:E.2"),
    phase="study-design",
    text=Text(
        en="Every hyperparameter is scientific, nuisance or fixed in this round.",
        zh="每个超参都要分好类：目标、冗余还是固定。",
    ),
    bars=("round new",),
    examples=(
        silent(lambda: (planned_round(), project())),
        fires("fail", lambda: (planned_round(roles={"lr": "nuisance", "dropout": "scientific"}), project())),
        fires("warn", lambda: (_nothing_scientific(), project())),
    ),
)
def classify(round: Round, project: Project) -> Judgement:
    """Fail where a declared hyperparameter has no role; warn where none is scientific."""
    without = [name for name in project.space.names if name not in round.roles]
    if without:
        return fails(Text(en="No role for {names}.", zh="{names} 没有归类。").fill(names=", ".join(without)))
    if "scientific" not in round.roles.values():
        return warns(Text(en="Nothing is scientific in this round.", zh="这一轮没有目标超参。"))
    return passes(Text(en="{n} hyperparameters, each with a role.", zh="{n} 个超参都已归类。").fill(n=len(round.roles)))


@rule(
    "E2-nuisance-per-target",
    Level.MUST,
    Scope.ROUND,
    sections=("body:E.4", "app:E.2"),
    phase="analysis",
    text=Text(
        en="Nuisance hyperparameters are tuned equally well for every scientific value.",
        zh="冗余超参在每个目标值下都调得同样好，比较才公平。",
    ),
    examples=(
        silent(lambda: (planned_round(), _all_ran())),
        fires("fail", lambda: (planned_round(points=1), _all_ran())),
        silent(lambda: (planned_round(scientific={}), _all_ran()), "not-applicable"),
    ),
)
def nuisance_per_target(round: Round, state: ProjectState) -> Judgement:
    """Feasible trials a value, compared; a single setting anywhere fails."""
    if not round.scientific:
        return does_not_apply(Text(en="No values are compared.", zh="没有比较任何取值。"))
    ok = {trial.id for trial in state.of_round(round.number) if trial.outcome == "ok"}
    planned = {study.name: len(study.planned) for study in round.studies}
    done = {study.name: sum(each.id in ok for each in study.planned) for study in round.studies}
    if min(planned.values()) < 2:
        return fails(Text(en="One value has a single nuisance setting.", zh="有的取值只配了一组冗余超参。"))
    counts = Text(en="Feasible trials a value: {counts}.", zh="各取值的可行试验数：{counts}。").fill(
        counts=", ".join(str(count) for count in done.values())
    )
    if not min(done.values()) or max(done.values()) > state.project.settings["rule_count_ratio"] * min(done.values()):
        ended = sum(trial.outcome is not None for trial in state.of_round(round.number))
        return (
            cannot_tell(counts, missing=(Text(en="the round's other trials", zh="本轮其余的试验"),))
            if ended < len(round.planned)
            else warns(counts)
        )
    return passes(counts)


@rule(
    "E2-fixed-stay-fixed",
    Level.MUST,
    Scope.ROUND,
    sections=("body:E.4", "app:E.2"),
    phase="run",
    text=Text(
        en="What is fixed stays fixed, and limits what the answer can claim.",
        zh="固定超参本轮不动，结论只在这些条件下成立。",
    ),
    examples=(
        silent(lambda: (_with_fixed(), state(trials=(trial(configuration={"lr": 0.1, "width": 64}),)))),
        fires("fail", lambda: (_with_fixed(), state(trials=(trial(configuration={"lr": 0.1, "width": 32}),)))),
    ),
)
def fixed_stay_fixed(round: Round, state: ProjectState) -> Judgement:
    """Fail where a trial ran with another value."""
    moved = sorted(
        {
            f"{name} ({trial.id})"
            for trial in state.of_round(round.number)
            if trial.purpose == "search"
            for name, value in round.fixed.items()
            if trial.configuration.get(name, value) != value
        }
    )
    if moved:
        return fails(
            Text(en="Fixed, yet varied: {names}.", zh="声明固定却变了：{names}。").fill(names=", ".join(moved[:3]))
        )
    if not round.fixed:
        return passes(Text(en="Nothing was fixed.", zh="没有固定超参。"))
    held = ", ".join(f"{name} = {value}" for name, value in sorted(round.fixed.items()))
    return passes(Text(en="Holds only for {held}.", zh="只在 {held} 下成立。").fill(held=held))


@rule(
    "E2-optimizer-nuisance",
    Level.ADVICE,
    Scope.ROUND,
    sections=("body:E.4",),
    phase="study-design",
    text=Text(
        en="Learning rate, momentum and Adam's settings are nearly always nuisance, and are tuned in earnest.",
        zh="学习率、动量、Adam 的 β1/β2/ε 几乎总是冗余超参，要认真调。",
    ),
    examples=(
        silent(lambda: (planned_round(),)),
        fires("warn", lambda: (planned_round(roles={"lr": "fixed", "dropout": "scientific"}),)),
        silent(lambda: (planned_round(roles={"dropout": "scientific"}),), "not-applicable"),
    ),
)
def optimizer_nuisance(round: Round) -> Judgement:
    """Warn where the learning rate is not nuisance."""
    names = [name for name in round.roles if name.split(".")[-1] in ("lr", "learning_rate")]
    if not names:
        return does_not_apply(Text(en="No learning rate is declared.", zh="没有声明学习率。"))
    other = [f"{name}: {round.roles[name]}" for name in names if round.roles[name] != "nuisance"]
    if other:
        return warns(
            Text(
                en="The learning rate is not tuned for each value ({how}): a value may lose for that alone.",
                zh="没有为每个取值调学习率（{how}）：可能只因为这个就输。",
            ).fill(how=", ".join(other))
        )
    return passes(Text(en="The learning rate is tuned for each value.", zh="每个取值都调了学习率。"))


@rule(
    "E2-module-role",
    Level.ADVICE,
    Scope.ROUND,
    sections=("body:E.4", "app:E.2"),
    phase="study-design",
    text=Text(
        en="Whether a module or regularizer is used at all is the question or fixed; how strong it is may be tuned.",
        zh="用不用某个模块或正则（Dropout、LN、BN）是目标或固定；用了之后的强度才是冗余。",
    ),
    examples=(
        silent(lambda: (planned_round(), project()), "not-applicable"),
        silent(lambda: (planned_round(roles={"layer_norm": "scientific"}), _with_switch())),
        fires("warn", lambda: (planned_round(roles={"layer_norm": "nuisance"}), _with_switch())),
    ),
)
def module_role(round: Round, project: Project) -> Judgement:
    """A switch is a choice between two of which one is off; warn where it is nuisance."""
    switches = [
        each.name
        for each in project.space
        if isinstance(each, Categorical) and len(each.choices) == 2 and any(_is_off(choice) for choice in each.choices)
    ]
    if not switches:
        return does_not_apply(Text(en="No switch is declared.", zh="没有声明开关型超参。"))
    tuned = [name for name in switches if round.roles.get(name) == "nuisance"]
    if tuned:
        return warns(
            Text(
                en="{names}: on or off is the question or fixed, not nuisance.",
                zh="{names}：开还是关，应当是目标或固定，不是冗余。",
            ).fill(names=", ".join(tuned))
        )
    return passes(Text(en="Switches are the question or fixed.", zh="开关都是目标或固定。"))


def _is_off(choice: object) -> bool:
    return choice is False or str(choice).lower() in ("none", "off", "no", "false")


@rule(
    "E2-arch-role",
    Level.ADVICE,
    Scope.ROUND,
    sections=("body:E.4",),
    phase="study-design",
    text=Text(
        en="Structure (depth, width) is the question or fixed, not tuned in passing.",
        zh="层数、宽度是目标或固定，别顺便调。",
    ),
    examples=(
        silent(lambda: (planned_round(), project()), "not-applicable"),
        fires(
            "warn",
            lambda: (
                planned_round(roles={"width": "nuisance"}),
                project(space=Space((Float(name="width", low=16, high=256, group="architecture"),))),
            ),
        ),
    ),
)
def arch_role(round: Round, project: Project) -> Judgement:
    """Warn where a hyperparameter of the group "architecture" is nuisance."""
    structure = [each.name for each in project.space if each.group == "architecture"]
    if not structure:
        return does_not_apply(Text(en="No architecture hyperparameter is declared.", zh="没有声明架构超参。"))
    tuned = [name for name in structure if round.roles.get(name) == "nuisance"]
    if tuned:
        return warns(Text(en="{names} tuned in passing.", zh="顺便调了 {names}。").fill(names=", ".join(tuned)))
    return passes(Text(en="Structure is the question or fixed.", zh="架构是目标或固定。"))


@rule(
    "E2-study-per-target",
    Level.ADVICE,
    Scope.ROUND,
    sections=("body:E.5",),
    phase="study-design",
    text=Text(
        en="Each value of the question has a study of its own: the value stands still, the nuisance ones are searched.",
        zh="每个目标取值单开一个研究：目标固定，只搜冗余超参。",
    ),
    examples=(
        silent(lambda: (planned_round(), round_trials(12), project())),
        silent(lambda: (planned_round(scientific={}), round_trials(12), project()), "not-applicable"),
        silent(lambda: (planned_round(studies=()), _joint(6, 5, 6), project())),
        fires("warn", lambda: (planned_round(studies=()), _joint(12, 3, 2), project())),
        fires("unknown", lambda: (planned_round(studies=()), round_trials(12), project())),
    ),
)
def study_per_target(round: Round, trials: RoundTrials, project: Project) -> Judgement:
    """One study a value, or one joint study that met every value about equally often."""
    if not round.scientific:
        return does_not_apply(Text(en="No values are compared.", zh="没有比较任何取值。"))
    wanted = math.prod(len(values) for values in round.scientific.values())
    if len(round.studies) >= wanted:
        return passes(Text(en="{n} values, each with its study.", zh="{n} 个取值，各有一个研究。").fill(n=wanted))
    met = Counter(
        tuple(each.configuration.get(name) for name in round.scientific)
        for each in trials.trials
        if all(each.configuration.get(name) in values for name, values in round.scientific.items())
    )
    if not met:
        return cannot_tell(
            Text(en="No trial with any of the values yet.", zh="还没有用到这些取值的试验。"),
            missing=(Text(en="trials", zh="试验"),),
        )
    counts = ", ".join(str(n) for n in met.values())
    uneven = len(met) < wanted or max(met.values()) > project.settings["rule_count_ratio"] * min(met.values())
    said = Text(en="One joint study; trials per value: {counts}.", zh="一个合并的研究；各取值试验数：{counts}。").fill(
        counts=counts
    )
    return warns(said) if uneven else passes(said)


def _nothing_scientific() -> Round:
    return planned_round(roles={"lr": "nuisance", "weight_decay": "nuisance", "dropout": "fixed"})


def _all_ran() -> ProjectState:
    return state(trials=tuple(trial(each.id) for each in planned_round().planned))


def _with_fixed() -> Round:
    return planned_round(fixed={"width": 64})


def _with_switch() -> Project:
    return project(space=Space((Categorical(name="layer_norm", choices=(False, True)),)))


def _joint(*counts: int) -> RoundTrials:
    made = [
        trial(f"t{value}{at}", configuration={"dropout": value})
        for value, n in zip((0.0, 0.2, 0.4), counts, strict=True)
        for at in range(n)
    ]
    return RoundTrials(len(made), tuple(made))


RULES: tuple[Rule, ...] = (
    classify,
    nuisance_per_target,
    fixed_stay_fixed,
    optimizer_nuisance,
    module_role,
    arch_role,
    study_per_target,
)
