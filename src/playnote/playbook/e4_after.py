"""Appendix E.4 and body H, what becomes of a change: the next baseline, a candidate, a lesson."""

from __future__ import annotations

from collections.abc import Mapping

from playnote.playbook.examples import event, planned_round, project, state
from playnote.playbook.examples_seen import judged
from playnote.playbook.facts.adoptions import Proposal, Proposals, same_configuration
from playnote.playbook.facts.history import History, Span
from playnote.playbook.rule import Level, Rule, Scope, fires, rule, silent
from playnote.playbook.verdict import Action, Judgement, does_not_apply, fails, passes, warns
from playnote.records.project import Project
from playnote.records.state import ProjectState
from playnote.text import Text, same


@rule(
    "E4-adopt",
    Level.ACTION,
    Scope.PROJECT,
    sections=("body:H", "body:E.1", "app:E.4", "app:I"),
    phase="adoption",
    text=Text(
        en="What is adopted becomes the baseline, and the next round starts from it.",
        zh="上线就更新 baseline，下一轮从它出发。",
    ),
    examples=(
        silent(lambda: (Proposals(), _history(), state()), "not-applicable"),
        silent(lambda: (_adopted(), _history(baseline=True), state(rounds=()))),
        silent(lambda: (_adopted(), _history(baseline=True), _next_round(0.2))),
        fires("fail", lambda: (_adopted(), _history(baseline=True), _next_round(0.0))),
        fires("warn", lambda: (_adopted(), _history(), state(rounds=()))),
    ),
)
def adopt(proposals: Proposals, history: History, state: ProjectState) -> Judgement:
    """The latest adoption against the baseline on record and the round that followed it."""
    if not proposals.adopted:
        return does_not_apply(Text(en="Nothing has been adopted yet.", zh="还没有上线过配置。"))
    latest = proposals.adopted[-1]
    after = [
        each
        for each in state.rounds
        if each.number in history.rounds and history.rounds[each.number].opened > latest.decided.number
    ]
    if after and not same_configuration(after[0].base, latest.decided.configuration):
        return fails(
            Text(
                en="Round {n} starts from another configuration than {name}.", zh="第 {n} 轮没有从上线的 {name} 出发。"
            ).fill(n=after[0].number, name=latest.name),
            actions=(Action(Text(en="Write it into [baseline].", zh="把它写进 [baseline]。")),),
        )
    stored = any(
        number > latest.decided.number and same_configuration(configuration, latest.decided.configuration)
        for number, configuration in history.baselines
    )
    if not stored and not after:
        return warns(
            Text(en="{name} was adopted; the baseline was not updated.", zh="{name} 已上线，baseline 还没更新。").fill(
                name=latest.name
            )
        )
    return passes(Text(en="{name} is the baseline.", zh="{name} 已经是 baseline。").fill(name=latest.name))


@rule(
    "E4-keep-candidate",
    Level.FORBID,
    Scope.PROJECT,
    sections=("body:H",),
    phase="adoption",
    text=Text(
        en="What is not decided stays a candidate: the baseline is not changed for it.",
        zh="没到上线就留作候选方向，不要急着改 baseline。",
    ),
    bars=("round new", "round run"),
    examples=(
        silent(lambda: (Proposals(), _history(), project()), "not-applicable"),
        silent(lambda: (Proposals((_candidate(),)), _history(), project())),
        silent(lambda: (Proposals((_candidate(), *_adopted().all)), _history(), _moved()), "not-applicable"),
        silent(lambda: (Proposals((_candidate(),)), _history(), project(baseline={"lr": 0.1, "weight_decay": 1e-4}))),
        fires("fail", lambda: (Proposals((_candidate(),)), _history(), _moved())),
        fires("fail", lambda: (Proposals((_candidate(),)), _history(baseline=True), project())),
    ),
)
def keep_candidate(proposals: Proposals, history: History, project: Project) -> Judgement:
    """Fail where the project's baseline, or the one on record, is a configuration whose last verdict was not "adopted"."""
    waiting = [each for each in proposals.latest if not each.adopted and each.decided.configuration]
    if not waiting:
        return does_not_apply(Text(en="No candidate waits.", zh="没有候选。"))
    adopted = proposals.adopted
    for each in waiting:
        own = each.decided.configuration
        stored = [number for number, configuration in history.baselines if number > each.decided.number]
        moved = bool(stored) and same_configuration(history.baselines[-1][1], own)
        if moved or _took_over(project, own, [one.decided.configuration for one in adopted]):
            return fails(
                Text(
                    en="The baseline is {name}, which was judged {verdict}, not adopted.",
                    zh="baseline 用了 {name}，可它的结论是“{verdict}”，并没有上线。",
                ).fill(name=each.name, verdict=_VERDICTS.get(each.decided.verdict, same(each.decided.verdict))),
                actions=(
                    Action(
                        Text(
                            en="Settle it with more seeds, or put the old baseline back.",
                            zh="加种子判定，或换回原来的 baseline。",
                        ),
                        f"playnote adopt {each.name}",
                    ),
                ),
            )
    return passes(
        Text(en="{n} candidate(s) kept, the baseline unchanged.", zh="留了 {n} 个候选，baseline 没动。").fill(
            n=len(waiting)
        )
    )


_VERDICTS = {"candidate": Text(en="a candidate", zh="候选"), "rejected": Text(en="rejected", zh="不上线")}


def _took_over(project: Project, own: Mapping[str, object], adopted: list[Mapping[str, object]]) -> bool:
    """Whether the project file's baseline spells out this configuration, and no adopted one."""
    base = dict(project.baseline)
    if not own or not set(own) <= set(base) or any(base[name] != value for name, value in own.items()):
        return False
    return not any(same_configuration(base, each) for each in adopted)


@rule(
    "E4-log-negative",
    Level.ACTION,
    Scope.PROJECT,
    sections=("app:E.4",),
    phase="tracking",
    text=Text(
        en="What was not adopted is kept with its result and lesson.", zh="不上线也要记录结果和经验，列入无效尝试。"
    ),
    examples=(
        silent(lambda: (state(),), "not-applicable"),
        silent(lambda: (state(journal=(event("adoption", configuration={}, verdict="rejected", because="0.1"),)),)),
        fires("fail", lambda: (state(journal=(event("adoption", configuration={}, verdict="rejected"),)),)),
    ),
)
def log_negative(state: ProjectState) -> Judgement:
    """Fail where a rejected configuration has no reason on record."""
    refused = [each for each in state.events("adoption") if each.data.get("verdict") in ("rejected", "candidate")]
    if not refused:
        return does_not_apply(Text(en="Nothing has been turned down yet.", zh="还没有未上线的尝试。"))
    bare = [each for each in refused if not each.data.get("because")]
    if bare:
        return fails(
            Text(
                en="{n} attempt(s) turned down without a reason on record.", zh="有 {n} 次未上线的尝试没记原因。"
            ).fill(n=len(bare))
        )
    return passes(
        Text(en="{n} attempt(s) kept with their reason.", zh="{n} 次未上线的尝试都记了原因。").fill(n=len(refused))
    )


_DROPOUT = {"lr": 0.1, "weight_decay": 1e-4, "dropout": 0.2}


def _adopted() -> Proposals:
    return Proposals((judged("adopted", 0.02, (0.01, 0.03), configuration=_DROPOUT),))


def _candidate() -> Proposal:
    return judged("candidate", 0.005, (-0.01, 0.02), configuration=_DROPOUT, number=5)


def _history(*, baseline: bool = False) -> History:
    return History({1: Span(1, 9), 2: Span(20)}, baselines=((11, _DROPOUT),) if baseline else ())


def _next_round(dropout: float) -> ProjectState:
    return state(rounds=(planned_round(), planned_round(number=2, base={**_DROPOUT, "dropout": dropout})))


def _moved() -> Project:
    return project(baseline=_DROPOUT)


RULES: tuple[Rule, ...] = (
    adopt,
    keep_candidate,
    log_negative,
)
