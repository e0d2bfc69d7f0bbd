"""Appendix D.4 and body 13, schedule and steps: how long, and how the learning rate falls."""

from __future__ import annotations

import re

from playnote.playbook.examples import answers, event, planned_round, project, state
from playnote.playbook.examples_seen import measured
from playnote.playbook.examples_seen import schedule as ran
from playnote.playbook.facts import Answers
from playnote.playbook.facts.measurements import Measured
from playnote.playbook.facts.recipe import SCHEDULES, Recipe, plain
from playnote.playbook.facts.stability import Schedule
from playnote.playbook.measured import measure, not_measured
from playnote.playbook.rule import Level, Rule, Scope, fires, rule, silent
from playnote.playbook.said import ask, is_no, not_said
from playnote.playbook.verdict import Judgement, cannot_tell, does_not_apply, fails, passes, warns
from playnote.records.project import Project, Workflow
from playnote.records.state import ProjectState
from playnote.text import Text, same

_CONSTANT = re.compile(r"constant|flat|fixed|none|恒定|常数")
_USUAL = re.compile(r"constant|linear|cosine|flat|fixed|none|恒定|常数|线性|余弦")
_PIECES = re.compile(r"piecewise|multi.?step|step|milestone|分段|阶梯")
_NOT_SEEN = Text(en="the schedule: declared, or `lr` logged during training", zh="调度：声明出来，或训练时记录 `lr`")
_TUNES = SCHEDULES | frozenset(
    ["warmup", "warmup_steps", "warmup_share", "decay", "decay_steps", "end_lr", "final_lr", "min_lr", "gamma"]
)


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


@rule(
    "D4-decay-default",
    Level.ADVICE,
    Scope.PROJECT,
    sections=("body:13",),
    phase="study-design",
    text=Text(
        en="Unless something speaks against it, the learning rate decays, linearly or by a cosine, and how is tuned.",
        zh="默认让学习率线性或余弦衰减；要紧的是别一直恒定，而且衰减方式要调一调。",
    ),
    examples=(
        silent(lambda: (Recipe(schedule="constant"), Schedule(None), state()), "not-applicable"),
        silent(lambda: (Recipe(schedule="cosine"), Schedule(None), _late(warmup_steps="nuisance"))),
        fires("warn", lambda: (Recipe(schedule="constant"), Schedule(None), _late())),
        fires("warn", lambda: (Recipe(), ran(), _late())),
        fires("unknown", lambda: (Recipe(), Schedule(None), _late())),
    ),
)
def decay_default(recipe: Recipe, schedule: Schedule, state: ProjectState) -> Judgement:
    """Judged from the first adoption or the first search by results on; a baseline may stay constant."""
    adopted = any(each.data.get("verdict") == "adopted" for each in state.events("adoption"))
    if not adopted and not any(each.sampler == "bayes" for each in state.rounds):
        return does_not_apply(Text(en="A constant rate is fine so far.", zh="现阶段恒定也可以。"))
    if recipe.schedule is None and schedule.seen is None:
        return cannot_tell(Text(en="The schedule is not on record.", zh="没有调度的记录。"), missing=(_NOT_SEEN,))
    flat = (
        bool(_CONSTANT.search(recipe.schedule))
        if recipe.schedule is not None
        else bool(schedule.seen and schedule.seen.flat)
    )
    if flat:
        return warns(Text(en="The learning rate is still constant.", zh="学习率还是恒定的。"))
    tuned = {name for each in state.rounds for name, role in each.roles.items() if role != "fixed"}
    if not any(plain(name) in _TUNES for name in tuned):
        return warns(Text(en="It decays, but how was never tuned.", zh="有衰减，但衰减方式从没调过。"))
    return passes(Text(en="It decays, and how was tuned.", zh="有衰减，也调过。"))


@rule(
    "D4-no-copy-schedule",
    Level.WARN,
    Scope.PROJECT,
    sections=("body:13",),
    phase="study-design",
    text=Text(
        en="A schedule with many breakpoints in a paper was often mended by hand on Dev: take its method, not its numbers.",
        zh="论文里的复杂分段调度多半是盯着验证集手工修出来的：学它的方法，别照抄折点。",
    ),
    asks=Text(
        en="Where do the schedule's breakpoints come from: a search, a paper, changes by hand during a run?",
        zh="调度的折点从哪来：搜出来的、抄论文的、还是训练中途手改的？",
    ),
    examples=(
        silent(lambda: (Recipe(schedule="cosine"), state(), answers()), "not-applicable"),
        silent(lambda: (Recipe(schedule="multistep"), _late(gamma="nuisance"), answers())),
        silent(lambda: (Recipe(schedule="piecewise"), state(), answers(D4_no_copy_schedule="from a search"))),
        fires("warn", lambda: (Recipe(schedule="piecewise"), state(), answers(D4_no_copy_schedule="from the paper"))),
        fires("fail", lambda: (Recipe(schedule="step"), state(), answers(D4_no_copy_schedule="changed by hand"))),
        fires("unknown", lambda: (Recipe(schedule="piecewise"), state(), answers())),
        fires("unknown", lambda: (Recipe(), state(), answers())),
    ),
)
def no_copy_schedule(recipe: Recipe, state: ProjectState, answers: Answers) -> Judgement:
    """Only for schedules in pieces: searched pieces pass, copied ones warn, edits during a run fail."""
    if recipe.schedule is None:
        return cannot_tell(Text(en="The schedule is not declared.", zh="没有声明调度。"), missing=(_NOT_SEEN,))
    if not _PIECES.search(recipe.schedule):
        return does_not_apply(Text(en="{name} has no breakpoints.", zh="{name} 没有折点。").fill(name=recipe.schedule))
    said = answers.to("D4-no-copy-schedule") or ""
    text = Text(en="Breakpoints: {said}", zh="折点：{said}").fill(said=same(said))
    if re.search(r"by hand|manual|手改|手动|手工", said, re.IGNORECASE):
        return fails(text)
    if re.search(r"paper|copied|reference|论文|抄|照搬", said, re.IGNORECASE):
        return warns(text)
    tuned = {name for each in state.rounds for name, role in each.roles.items() if role != "fixed"}
    if said or any(plain(name) in _TUNES for name in tuned):
        return passes(text if said else Text(en="The breakpoints were searched.", zh="折点是搜出来的。"))
    return not_said("D4-no-copy-schedule", Text(en="where the breakpoints come from", zh="折点从哪来"))


def _late(**roles: str) -> ProjectState:
    rounds = (planned_round(roles={"lr": "nuisance", **roles}),)
    return state(rounds=rounds, journal=(event("adoption", configuration={}, verdict="adopted", trials=["t0001"]),))


RULES: tuple[Rule, ...] = (
    kind,
    steps_initial,
    decay_default,
    no_copy_schedule,
)
