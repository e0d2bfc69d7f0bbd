"""Body 13, the schedule later on: decay by default, and no breakpoints copied from papers."""

from __future__ import annotations

import re

from playnote.playbook.examples import answers, event, planned_round, state
from playnote.playbook.examples_seen import schedule as ran
from playnote.playbook.facts import Answers
from playnote.playbook.facts.recipe import SCHEDULES, Recipe, plain
from playnote.playbook.facts.stability import Schedule
from playnote.playbook.rule import Level, Rule, Scope, fires, rule, silent
from playnote.playbook.said import not_said
from playnote.playbook.verdict import Judgement, cannot_tell, does_not_apply, fails, passes, warns
from playnote.records.state import ProjectState
from playnote.text import Text, same

_CONSTANT = re.compile(r"constant|flat|fixed|none|恒定|常数")


_PIECES = re.compile(r"piecewise|multi.?step|step|milestone|分段|阶梯")


_NOT_SEEN = Text(en="the schedule: declared, or `lr` logged during training", zh="调度：声明出来，或训练时记录 `lr`")


_TUNES = SCHEDULES | frozenset(
    ["warmup", "warmup_steps", "warmup_share", "decay", "decay_steps", "end_lr", "final_lr", "min_lr", "gamma"]
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
    decay_default,
    no_copy_schedule,
)
