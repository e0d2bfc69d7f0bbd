"""Appendix D.4 and body D.4, the first configuration: plain and cheap, its schedule, its number of steps."""

from __future__ import annotations

import re

import numpy as np

from playnote.playbook.examples import answers, objective, project, state, trial
from playnote.playbook.examples_seen import measured
from playnote.playbook.examples_seen import schedule as ran
from playnote.playbook.facts import Answers
from playnote.playbook.facts.measurements import Measured
from playnote.playbook.facts.recipe import Recipe
from playnote.playbook.facts.stability import Schedule
from playnote.playbook.measured import measure, not_measured
from playnote.playbook.rule import Level, Rule, Scope, fires, rule, silent
from playnote.playbook.said import ask, is_no
from playnote.playbook.verdict import Judgement, cannot_tell, does_not_apply, passes, warns
from playnote.records.objective import Objective
from playnote.records.project import Project, Workflow
from playnote.records.state import ProjectState
from playnote.text import Text, same

_USUAL = re.compile(r"constant|linear|cosine|flat|fixed|none|恒定|常数|线性|余弦")


_NOT_SEEN = Text(en="the schedule: declared, or `lr` logged during training", zh="调度：声明出来，或训练时记录 `lr`")


@rule(
    "D4-simple-cheap",
    Level.ADVICE,
    Scope.PROJECT,
    sections=("body:D.4",),
    phase="baseline",
    text=Text(
        en="The first configuration is simple and cheap rather than impressive.", zh="起点配置要简单、便宜、效果合理。"
    ),
    examples=(
        silent(lambda: (state(trials=()), objective()), "not-applicable"),
        silent(lambda: (state(trials=(trial(purpose="baseline", seconds=60.0),)), objective())),
        fires("warn", lambda: (state(trials=(trial(purpose="baseline", seconds=3600.0),)), objective())),
    ),
)
def simple_cheap(state: ProjectState, objective: Objective) -> Judgement:
    """Warn where one baseline run eats more than a tenth of the budget."""
    seconds = [t.seconds for t in state.of_purpose("baseline") if t.seconds is not None]
    if not seconds or state.project.budget.hours is None:
        return does_not_apply(Text(en="No timed baseline or no time budget.", zh="没有计时的 baseline 或时间预算。"))
    share = float(np.median(seconds)) / 3600 / state.project.budget.hours
    message = Text(
        en="One baseline run takes {share} of the time budget.", zh="一次 baseline 占时间预算的 {share}。"
    ).fill(share=f"{share:.1%}")
    return warns(message) if share > state.project.settings["rule_baseline_share"] else passes(message)


@rule(
    "D4-schedule",
    Level.DECIDE,
    Scope.PROJECT,
    sections=("body:D.4", "app:D.4"),
    phase="baseline",
    text=Text(
        en="The first schedule is a plain one: constant, linear decay or cosine decay.",
        zh="起步的学习率调度三选一：常数、线性衰减、余弦衰减。",
    ),
    examples=(
        silent(lambda: (Recipe(schedule="cosine"), Schedule(None))),
        silent(lambda: (Recipe(), ran())),
        fires("warn", lambda: (Recipe(schedule="multistep"), Schedule(None))),
        fires("warn", lambda: (Recipe(), ran(end=0.1))),
        fires("unknown", lambda: (Recipe(), Schedule(None))),
    ),
)
def kind(recipe: Recipe, schedule: Schedule) -> Judgement:
    """The declared name, else the learning rate as it was logged: flat, or falling to about zero."""
    if recipe.schedule is not None:
        text = Text(en="Schedule: {name}.", zh="调度：{name}。").fill(name=recipe.schedule)
        return passes(text) if _USUAL.search(recipe.schedule) else warns(text)
    if schedule.seen is None:
        missing = (_NOT_SEEN,)
        return cannot_tell(Text(en="The schedule is not on record.", zh="没有调度的记录。"), missing=missing)
    if schedule.seen.flat:
        return passes(Text(en="The learning rate stays constant.", zh="学习率保持不变。"))
    text = Text(en="The learning rate ends at {share} of its peak.", zh="学习率最后降到峰值的 {share}。").fill(
        share=f"{schedule.seen.end:.0%}"
    )
    return passes(text) if schedule.seen.decays else warns(text)


@rule(
    "D4-steps-initial",
    Level.DECIDE,
    Scope.PROJECT,
    sections=("body:D.4", "app:D.4"),
    phase="baseline",
    text=Text(
        en="A first number of steps is set, by experience or a small trial: past chance for certain, not the most one has.",
        zh="先凭经验或小实验定一个训练步数：足够明显好过瞎猜就行，不用拉满。",
    ),
    asks=Text(
        en="Where does the number of training steps come from: experience, a small experiment, a guess?",
        zh="训练步数是怎么来的：经验、小实验、还是猜的？",
    ),
    by="steps",
    examples=(
        silent(lambda: (project(task={"steps_from": "the reference"}), measured(), answers())),
        silent(lambda: (project(), measured(steps={"steps": 800}), answers())),
        fires("warn", lambda: (project(), measured(), answers(D4_steps_initial="a guess"))),
        fires("unknown", lambda: (project(), measured(), answers())),
        fires("unknown", lambda: (project(workflow=Workflow(function="train:train")), measured(), answers())),
    ),
)
def steps_initial(project: Project, measured: Measured, answers: Answers) -> Judgement:
    """A number with a source: declared (`task.steps_from`), answered, or measured."""
    steps = project.workflow.max_train_steps if project.workflow is not None else None
    if steps is None:
        return cannot_tell(
            Text(en="The number of training steps is not declared.", zh="没声明训练步数。"),
            missing=(Text(en="`max_train_steps` in [workflow]", zh="[workflow] 里的 `max_train_steps`"),),
        )
    source = answers.to("D4-steps-initial") or project.task.get("steps_from")
    if source and ("guess" in source.lower() or "猜" in source or is_no(source)):
        return warns(Text(en="{n} is a guess.", zh="{n} 是猜的。").fill(n=steps), actions=(measure("steps"),))
    if source or measured.last("steps") is not None:
        return passes(
            Text(en="{n}, from {source}.", zh="{n}，来自{source}。").fill(
                n=steps, source=same(source) if source else Text(en="a small experiment", zh="小实验")
            )
        )
    return cannot_tell(
        Text(en="Where {n} steps come from is not said.", zh="没说 {n} 步从哪来。").fill(n=steps),
        missing=(not_measured("steps"), Text(en="or an answer", zh="或者一个回答")),
        actions=(ask("D4-steps-initial"),),
    )


RULES: tuple[Rule, ...] = (
    simple_cheap,
    kind,
    steps_initial,
)
