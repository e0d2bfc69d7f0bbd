"""Appendix A, general principles: one goal, one problem a step, evidence."""

from __future__ import annotations

from playnote.playbook.examples import answers, event, planned_round, project, state, trial
from playnote.playbook.facts import Answers
from playnote.playbook.facts.history import History, Span
from playnote.playbook.rule import Level, Rule, Scope, fires, rule, silent
from playnote.playbook.said import ask, is_yes
from playnote.playbook.verdict import Action, Judgement, cannot_tell, does_not_apply, fails, passes, warns
from playnote.records.project import Project
from playnote.records.round import Round
from playnote.records.state import ProjectState
from playnote.text import Text


@rule(
    "A-single-goal",
    Level.MUST,
    Scope.PROJECT,
    sections=("app:A", "body:1"),
    phase="objective",
    text=Text(
        en="Every decision serves one stated business goal and the one metric that stands for it.",
        zh="所有决策都围绕同一个明确的业务目标和代表它的指标。",
    ),
    asks=Text(en="What is the project for, in one sentence?", zh="一句话：这个项目要解决什么业务问题？"),
    examples=(
        silent(lambda: (project(),)),
        fires("unknown", lambda: (project(goal=""),)),
    ),
)
def single_goal(project: Project) -> Judgement:
    """Unknown until a goal is written; several goals cannot be declared at all."""
    if project.goal.strip():
        return passes(Text(en="The goal is stated: {goal}", zh="目标已写明：{goal}").fill(goal=project.goal))
    return cannot_tell(
        Text(en="The project file states no goal yet.", zh="项目文件还没写业务目标。"),
        missing=(Text(en="`goal` in [project]", zh="[project] 里的 `goal`"),),
    )


@rule(
    "A-one-problem-per-step",
    Level.MUST,
    Scope.ROUND,
    sections=("body:1", "app:A"),
    phase="round-goal",
    text=Text(
        en="Each step settles one thing: what is aimed at, or how the model is trained, never both together.",
        zh="一步只解决一个问题：改目标和改模型、训练不要混在一起。",
    ),
    examples=(
        silent(lambda: (planned_round(), History({1: Span(3, 9)}))),
        silent(lambda: (planned_round(), History({1: Span(3, 9)}, goals=(2,)))),
        silent(lambda: (planned_round(), History({})), "not-applicable"),
        fires("warn", lambda: (planned_round(), History({1: Span(3, 9)}, goals=(5,), rescored=(6,)))),
        fires("fail", lambda: (planned_round(), History({1: Span(3, 9)}, goals=(5,)))),
    ),
)
def one_problem(round: Round, history: History) -> Judgement:
    """Fail where the objective changed while the round was open, unless its trials were scored again (a warning)."""
    span = history.rounds.get(round.number)
    if span is None:
        return does_not_apply(Text(en="The journal does not hold this round.", zh="日志里没有这一轮。"))
    moved = [number for number in history.goals if span.holds(number)]
    if not moved:
        return passes(Text(en="The goal stood still while the round was open.", zh="这一轮期间目标没有变。"))
    said = Text(
        en="The objective changed while round {n} was open (journal {at}).",
        zh="第 {n} 轮还没结束，目标就改了（日志 {at}）。",
    ).fill(n=round.number, at=", ".join(map(str, moved)))
    if any(number > moved[-1] for number in history.rescored):
        return warns(said)
    return fails(
        said,
        actions=(
            Action(
                Text(en="Score the history again under the new objective.", zh="按新目标重算历史分数。"),
                "playnote rescore",
            ),
        ),
    )


@rule(
    "A-order",
    Level.MUST,
    Scope.PROJECT,
    sections=("app:A", "body:1"),
    phase="prerequisites",
    text=Text(
        en="Settle the goal and the metric first, then the splits, then model and training; tricks come last.",
        zh="先定目标和指标，再定数据划分，再定模型与训练配置，最后才是局部技巧。",
    ),
    examples=(
        silent(lambda: (state(trials=(), rounds=()),), "not-applicable"),
        silent(lambda: (state(),)),
        fires("fail", lambda: (state(project=project(splits={})),)),
        fires("unknown", lambda: (state(project=project(splits={}), rounds=()),)),
    ),
)
def order(state: ProjectState) -> Judgement:
    """Fail where a round was opened although the dev split was never declared; a first run alone chooses nothing."""
    if not state.trials:
        return does_not_apply(Text(en="No trial has run yet.", zh="还没有跑过试验。"))
    if state.origin != "ledger":
        return cannot_tell(
            Text(en="The source does not say when splits were fixed.", zh="来源里没有划分确定的时间。"),
            missing=(Text(en="when the splits were fixed", zh="划分何时确定"),),
        )
    if "dev" not in state.project.splits and not state.rounds:
        return cannot_tell(
            Text(en="No dev split is declared; nothing was chosen yet.", zh="还没声明 Dev 划分；目前也还没挑过什么。"),
            missing=(Text(en="[splits] in the project file", zh="项目文件里的 [splits]"),),
        )
    if "dev" not in state.project.splits:
        return fails(
            Text(
                en="Trials have run, but no dev split is declared: nobody can say what they were chosen on.",
                zh="试验已经跑了，Dev 划分却没声明：说不清是在什么数据上选的。",
            ),
            actions=(Action(Text(en="Declare [splits] in the project file.", zh="在项目文件里写上 [splits]。")),),
        )
    return passes(Text(en="Goal, metric and splits stood before the first trial.", zh="目标、指标、划分都先于试验。"))


@rule(
    "A-baseline-first",
    Level.ADVICE,
    Scope.PROJECT,
    sections=("body:1",),
    phase="baseline",
    text=Text(
        en="Get something that works end to end, then improve it in small systematic steps.",
        zh="先有一个能跑通的系统，再用系统化实验一点点改好。",
    ),
    examples=(
        silent(lambda: (state(rounds=()),), "not-applicable"),
        silent(lambda: (state(trials=(trial(purpose="baseline"),)),)),
        fires("warn", lambda: (state(),)),
    ),
)
def baseline_first(state: ProjectState) -> Judgement:
    """Warn where a round is open and no baseline run has finished."""
    if not state.rounds:
        return does_not_apply(Text(en="No round yet.", zh="还没有开始任何一轮。"))
    if any(trial.outcome == "ok" for trial in state.of_purpose("baseline")):
        return passes(Text(en="A baseline run finished.", zh="baseline 已跑通。"))
    return warns(
        Text(en="A round is under way, but no baseline run has finished.", zh="已经开始调优，baseline 却还没跑通。"),
        actions=(Action(Text(en="Run the baseline.", zh="先跑 baseline。"), "playnote baseline", 3),),
    )


@rule(
    "A-minimal-change",
    Level.MUST,
    Scope.ROUND,
    sections=("app:A", "body:E.3"),
    phase="round-goal",
    text=Text(
        en="Work round by round and change only what the next question needs.",
        zh="一轮一轮来，只做本轮问题需要的最小改动。",
    ),
    examples=(
        silent(lambda: (planned_round(), state())),
        fires("fail", lambda: (planned_round(roles={"lr": "nuisance", "weight_decay": "nuisance"}), state())),
    ),
)
def minimal_change(round: Round, state: ProjectState) -> Judgement:
    """Fail where a planned configuration leaves the baseline in a hyperparameter without a role."""
    varied = {
        name
        for planned in round.planned
        for name, value in planned.configuration.items()
        if round.base.get(name, value) != value and round.roles.get(name, "fixed") == "fixed"
    }
    stray = sorted(varied - set(round.scientific) - set(round.space.names) | (set(round.scientific) - set(round.roles)))
    if stray:
        return fails(
            Text(
                en="{names} differ from the baseline without being studied or tuned in this round.",
                zh="{names} 和 baseline 不同，却既不是目标超参也不是冗余超参。",
            ).fill(names=", ".join(stray))
        )
    if len(round.scientific) > state.project.settings["rule_changed_dimensions"]:
        return warns(
            Text(en="{n} scientific hyperparameters in one round.", zh="一轮里有 {n} 个目标超参。").fill(
                n=len(round.scientific)
            )
        )
    return passes(Text(en="Only what the question needs is varied.", zh="只改了回答问题所需的部分。"))


@rule(
    "A-mature-first",
    Level.SHOULD,
    Scope.PROJECT,
    sections=("app:A", "body:D.1", "body:D.2"),
    phase="baseline",
    text=Text(
        en="Begin with an architecture, an optimizer, a schedule and tools that others have already worn in.",
        zh="优先采用社区用熟了的架构、优化器、调度和工具。",
    ),
    asks=Text(
        en="Which of architecture, optimizer, schedule and tools are your own design, and why? (none: say none of them)",
        zh="架构、优化器、调度、工具里哪些是自己设计的，为什么？（没有就写：都不是）",
    ),
    examples=(
        silent(lambda: (project(task={"architecture_from": "LeNet"}), answers())),
        fires("unknown", lambda: (project(task={}), answers())),
        fires("warn", lambda: (project(task={"architecture_from": "custom"}), answers())),
        fires("fail", lambda: (project(task={"architecture_from": "custom", "optimizer_from": "own"}), answers())),
    ),
)
def mature_first(project: Project, answers: Answers) -> Judgement:
    """Declared in `task.<part>_from`; one part of one's own warns, two fail at the start."""
    parts = {part: project.task.get(f"{part}_from", "").strip() for part in _PARTS}
    own = [part for part, origin in parts.items() if origin.lower() in _OWN]
    if len(own) > 1:
        return fails(
            Text(en="Of one's own from the start: {parts}.", zh="一开始就自己设计：{parts}。").fill(
                parts=", ".join(own)
            )
        )
    if own:
        return warns(Text(en="Of one's own: {parts}.", zh="自己设计的：{parts}。").fill(parts=own[0]))
    if parts["architecture"] or is_yes(answers.to("A-mature-first")):
        return passes(Text(en="The parts come from published work.", zh="各部分都来自成熟的工作。"))
    return cannot_tell(
        Text(en="Where architecture and optimizer come from is not declared.", zh="没说明架构、优化器的来源。"),
        missing=(Text(en="`architecture_from` in `task`", zh="`task` 里的 `architecture_from`"),),
        actions=(ask("A-mature-first"),),
    )


_PARTS = ("architecture", "optimizer", "schedule", "tools")
_OWN = frozenset({"custom", "own", "self", "scratch", "自研", "自己", "自定义"})


@rule(
    "A-evidence-only",
    Level.MUST,
    Scope.PROJECT,
    sections=("app:A",),
    phase="adoption",
    text=Text(en="A conclusion counts only when experiments carry it.", zh="一切结论来自实验，而不是直觉。"),
    examples=(
        silent(lambda: (state(),), "not-applicable"),
        silent(lambda: (state(journal=(event("adoption", configuration={}, verdict="adopted", trials=["t0001"]),)),)),
        fires("fail", lambda: (state(journal=(event("adoption", configuration={}, verdict="adopted"),)),)),
    ),
)
def evidence_only(state: ProjectState) -> Judgement:
    """Fail where an adoption names no recorded trials."""
    adoptions = [each for each in state.events("adoption") if each.data.get("verdict") == "adopted"]
    if not adoptions:
        return does_not_apply(Text(en="Nothing has been adopted yet.", zh="还没有上线过配置。"))
    known = {trial.id for trial in state.trials}
    bare = [each for each in adoptions if not known & set(map(str, _listed(each.data.get("trials"))))]
    if bare:
        return fails(
            Text(
                en="{n} adopted configuration(s) rest on no recorded trial (journal {where}).",
                zh="有 {n} 次上线没有对应的试验记录（日志 {where}）。",
            ).fill(n=len(bare), where=", ".join(str(each.number) for each in bare))
        )
    return passes(Text(en="Every adoption names its trials.", zh="每次上线都有试验记录。"))


def _listed(value: object) -> list[object]:
    return list(value) if isinstance(value, list | tuple) else []


RULES: tuple[Rule, ...] = (
    single_goal,
    one_problem,
    order,
    baseline_first,
    minimal_change,
    mature_first,
    evidence_only,
)
