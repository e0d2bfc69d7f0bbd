"""Appendix C.1 and body 2.1-2.3, the metric: one score, constraints first."""

from __future__ import annotations

from playnote.diagnosis.metric_audit import MetricFinding
from playnote.playbook.examples import LATENCY, answers, event, objective, state, trial
from playnote.playbook.facts import Answers
from playnote.playbook.rule import Level, Rule, Scope, fires, rule, silent
from playnote.playbook.said import is_no, is_yes
from playnote.playbook.verdict import Action, Judgement, cannot_tell, does_not_apply, fails, passes, warns
from playnote.recorder.formula import parse
from playnote.records.objective import Objective
from playnote.records.state import JournalEvent, ProjectState, Reading
from playnote.text import Text


@rule(
    "C1-single-metric",
    Level.MUST,
    Scope.PROJECT,
    sections=("body:1", "body:2.1", "app:C.1"),
    phase="objective",
    text=Text(en="One scalar score ranks any two models.", zh="用一个标量总分给任意两个模型排序。"),
    examples=(
        silent(lambda: (state(),)),
        fires("warn", lambda: (state(trials=(trial("t1"), trial("t2")), readings={"t1": Reading(0.1)}),)),
    ),
)
def single_metric(state: ProjectState) -> Judgement:
    """Warn where finished trials have no score under the objective."""
    finished = [trial for trial in state.trials if trial.outcome == "ok"]
    without = [t.id for t in finished if t.id not in state.readings or state.readings[t.id].score is None]
    if without:
        return warns(
            Text(
                en="{n} of {all} finished trials have no score: {formula} was not logged ({first}).",
                zh="{all} 个跑完的试验里有 {n} 个算不出总分：没有记录 {formula}（{first}）。",
            ).fill(n=len(without), all=len(finished), formula=state.project.objective.formula, first=without[0])
        )
    return passes(
        Text(en="{formula}, {direction}.", zh="{formula}，{direction}。").fill(
            formula=state.project.objective.formula, direction=_direction(state.project.objective)
        )
    )


@rule(
    "C1-composite-score",
    Level.ADVICE,
    Scope.PROJECT,
    sections=("body:2.1",),
    phase="objective",
    text=Text(
        en="Several aims may be weighted into one number; none of them is then also a constraint.",
        zh="多个目标可以加权合成一个总分；合成进去的就别再当约束。",
    ),
    examples=(
        silent(lambda: (objective(),), "not-applicable"),
        silent(lambda: (objective(formula="dev/f1 - 0.1 * latency_s", constraints=(LATENCY,)),)),
        fires("warn", lambda: (objective(formula="dev/f1 - 0.1 * latency_ms", constraints=(LATENCY,)),)),
    ),
)
def composite_score(objective: Objective) -> Judgement:
    """Warn on a term that is counted twice."""
    terms = parse(objective.formula).terms
    if len(terms) < 2:
        return does_not_apply(Text(en="The score is one metric.", zh="总分就是单个指标。"))
    twice = sorted(set(terms) & {constraint.metric for constraint in objective.constraints})
    if twice:
        return warns(
            Text(en="{names} stands both in the score and in a constraint.", zh="{names} 既在总分里又是约束。").fill(
                names=", ".join(twice)
            )
        )
    return passes(Text(en="No term of the score is also a constraint.", zh="总分的各项都没有重复当约束。"))


@rule(
    "C1-satisficing",
    Level.MUST,
    Scope.PROJECT,
    sections=("body:2.1", "app:C.1"),
    phase="objective",
    text=Text(
        en="Good-enough requirements are thresholds, measured for every candidate.",
        zh="够用型要求写成阈值，每个候选都要测。",
    ),
    examples=(
        silent(lambda: (state(),), "not-applicable"),
        fires("warn", lambda: (_constrained(None),)),
        silent(lambda: (_constrained(True),)),
    ),
)
def satisficing(state: ProjectState) -> Judgement:
    """Warn where a constraint is not measured for some finished trial: undetermined is not satisfied."""
    if not state.project.objective.constraints:
        return does_not_apply(Text(en="No constraint is declared.", zh="没有声明约束。"))
    unmeasured = [
        trial.id
        for trial in state.trials
        if trial.outcome == "ok" and trial.id in state.readings and state.readings[trial.id].feasible is None
    ]
    if unmeasured:
        return warns(
            Text(
                en="A constraint was not measured in {n} finished trials ({first} ...): whether they satisfy it is open.",
                zh="有 {n} 个跑完的试验没测约束（{first}……）：是否达标不确定。",
            ).fill(n=len(unmeasured), first=unmeasured[0])
        )
    return passes(Text(en="Every constraint has a threshold and is measured.", zh="约束都有阈值，也都测了。"))


@rule(
    "C1-decide-constraints",
    Level.DECIDE,
    Scope.PROJECT,
    sections=("app:C.1",),
    phase="objective",
    text=Text(en="The list of constraints is decided, or said to be empty.", zh="约束清单定下来了，或者写明没有。"),
    asks=Text(
        en='Are there limits on latency, memory, size or fairness? "none" is an answer.',
        zh="延迟、内存、体积、公平性有没有上限？“没有”也算回答。",
    ),
    examples=(
        silent(lambda: (objective(constraints=(LATENCY,)), answers())),
        silent(lambda: (objective(), answers(C1_decide_constraints="none"))),
        fires("unknown", lambda: (objective(), answers())),
    ),
)
def decide_constraints(objective: Objective, answers: Answers) -> Judgement:
    """Declared in the project file or answered."""
    if objective.constraints:
        return passes(
            Text(en="{n} constraint(s) declared.", zh="声明了 {n} 条约束。").fill(n=len(objective.constraints))
        )
    said = answers.to("C1-decide-constraints")
    if said:
        return passes(Text(en="Answered: {said}", zh="已回答：{said}").fill(said=said))
    return cannot_tell(
        Text(en="Nobody has said whether there are constraints.", zh="还没说有没有约束。"),
        missing=(Text(en='constraints, or the answer "none"', zh="约束清单，或者回答“没有”"),),
        actions=(Action(Text(en="Answer it.", zh="回答它。"), 'playnote answer C1-decide-constraints "none"'),),
    )


@rule(
    "C1-decide-score",
    Level.DECIDE,
    Scope.PROJECT,
    sections=("app:C.1",),
    phase="objective",
    text=Text(
        en="The score's formula and the smallest difference that matters are decided.",
        zh="总分公式和“差多少才算数”都定下来了。",
    ),
    bars=("round new",),
    on_unknown="bar",
    asks=Text(en="From what difference on does a change of the score matter?", zh="总分差多少才算数？"),
    examples=(
        silent(lambda: (objective(),)),
        fires("unknown", lambda: (objective(min_effect=None),)),
    ),
)
def decide_score(objective: Objective) -> Judgement:
    """A project declares `min_effect` before its first round: nearly every verdict is read against it."""
    if objective.min_effect is None:
        return cannot_tell(
            Text(
                en="It is not declared from what difference on {formula} matters.",
                zh="还没声明 {formula} 差多少才算数。",
            ).fill(formula=objective.formula),
            missing=(Text(en="`min_effect` in [objective]", zh="[objective] 里的 `min_effect`"),),
            actions=(
                Action(
                    Text(
                        en="Write `min_effect` into [objective], in the score's own unit.",
                        zh="在 [objective] 里写上 `min_effect`，单位和总分一致。",
                    )
                ),
            ),
        )
    return passes(
        Text(en="{formula}; matters from {effect}.", zh="{formula}；差 {effect} 以上才算数。").fill(
            formula=objective.formula, effect=f"{objective.min_effect:g}"
        )
    )


@rule(
    "C1-optimizing",
    Level.MUST,
    Scope.PROJECT,
    sections=("body:2.1", "app:C.1"),
    phase="objective",
    text=Text(
        en="Beyond the constraints one quantity is pushed as far as it goes, and the score rests on it.",
        zh="约束之外，只留一个要尽量做到极致的指标，总分就建立在它上面。",
    ),
    examples=(
        silent(lambda: (objective(),)),
        silent(lambda: (objective(formula="dev/f1 - 0.1 * latency_ms", constraints=(LATENCY,)),)),
        fires("fail", lambda: (objective(formula="1"),)),
        fires("warn", lambda: (objective(formula="latency_ms", constraints=(LATENCY,)),)),
    ),
)
def optimizing(objective: Objective) -> Judgement:
    """Fail where the formula reads no metric; warn where all it reads is a constraint already."""
    terms = parse(objective.formula).terms
    if not terms:
        return fails(Text(en="The score reads no metric.", zh="总分没有用到任何指标。"))
    held = {each.metric for each in objective.constraints}
    free = [term for term in terms if term not in held]
    if not free:
        return warns(
            Text(
                en="All that the score reads ({terms}) is bounded by a constraint already.",
                zh="总分用到的（{terms}）都已经是约束了。",
            ).fill(terms=", ".join(terms))
        )
    return passes(Text(en="What is pushed: {terms}.", zh="要做到极致的：{terms}。").fill(terms=", ".join(free)))


@rule(
    "C1-filter-then-rank",
    Level.ADVICE,
    Scope.PROJECT,
    sections=("body:2.1",),
    phase="objective",
    text=Text(
        en="Drop what breaks a constraint, then rank the rest by the score.", zh="先过滤不满足约束的，再按总分排序。"
    ),
    examples=(
        silent(lambda: (state(),), "not-applicable"),
        silent(lambda: (_adopted(True),)),
        fires("fail", lambda: (_adopted(False),)),
    ),
)
def filter_then_rank(state: ProjectState) -> Judgement:
    """Fail where an adopted configuration's trials violate a constraint."""
    adopted = [each for each in state.events("adoption") if each.data.get("verdict") == "adopted"]
    if not adopted:
        return does_not_apply(Text(en="Nothing has been selected yet.", zh="还没有选定过配置。"))
    for each in adopted:
        for name in _names(each.data.get("trials")):
            if name in state.readings and state.readings[name].feasible is False:
                return fails(
                    Text(en="Adopted trial {name} breaks a constraint.", zh="上线的试验 {name} 不满足约束。").fill(
                        name=name
                    )
                )
    return passes(Text(en="What was adopted satisfies every constraint.", zh="上线的配置都满足约束。"))


@rule(
    "C1-metric-drift",
    Level.IF,
    Scope.PROJECT,
    sections=("body:2.3",),
    phase="objective",
    text=Text(
        en="A score that rises while people are not served better has stopped standing for the goal.",
        zh="分数涨了人却不满意，或者人看着很糟分数却不动，说明指标已经代表不了目标。",
    ),
    yes_or_no=True,
    asks=Text(
        en="Do people who see the results agree with the order that the score gives?",
        zh="看过结果的人，同意分数排出来的好坏吗？",
    ),
    examples=(
        silent(lambda: (_preferred("no"), answers(), state())),
        silent(lambda: (_preferred("unknown"), answers(C1_metric_drift="yes, the operators agree"), state())),
        silent(lambda: (_preferred("unknown"), answers(), state(readings={})), "not-applicable"),
        fires("fail", lambda: (_preferred("yes"), answers(), state())),
        fires("fail", lambda: (_preferred("no"), answers(C1_metric_drift="no, they complain"), state())),
        fires("unknown", lambda: (_preferred("unknown"), answers(), state())),
    ),
)
def metric_drift(finding: MetricFinding, answers: Answers, state: ProjectState) -> Judgement:
    """Judged pairs of models decide; a person's plain no counts as a conflict, a yes where no pairs say otherwise."""
    said = answers.to("C1-metric-drift")
    if finding.label == "yes" or is_no(said):
        return fails(
            Text(en="The score and what people want disagree.", zh="分数和人的判断对不上。"), finding, actions=(_AUDIT,)
        )
    if finding.label == "no" or is_yes(said):
        return passes(Text(en="The score orders models as people do.", zh="分数的排序和人的判断一致。"), finding)
    if not any(each.score is not None for each in state.readings.values()):
        return does_not_apply(Text(en="There is no score to compare yet.", zh="还没有分数可比。"))
    return cannot_tell(
        Text(en="Nobody has compared the score with what people prefer.", zh="还没人核对过分数和人的判断。"),
        finding,
        actions=(_AUDIT,),
    )


_AUDIT = Action(
    Text(en="Judge pairs of trials without seeing the score.", zh="不看分数，给成对的试验评好坏。"), "playnote metric"
)


@rule(
    "C1-fix-metric-first",
    Level.SHOULD,
    Scope.PROJECT,
    sections=("body:2.3",),
    phase="objective",
    text=Text(
        en="A metric that is off is mended first, then Dev is drawn anew, and only then do models change.",
        zh="指标不对劲，先改指标，再换 Dev，最后才动模型。",
    ),
    examples=(
        silent(lambda: (_preferred("no"), state()), "not-applicable"),
        silent(lambda: (_preferred("yes"), state(journal=(_judged(5),)))),
        silent(
            lambda: (_preferred("yes"), state(journal=(_judged(5), event("objective", 6), event("round-opened", 7))))
        ),
        fires("fail", lambda: (_preferred("yes"), state(journal=(_judged(5), event("round-opened", 7))))),
    ),
)
def fix_metric_first(finding: MetricFinding, state: ProjectState) -> Judgement:
    """Fail where a round was opened after people had turned against the score, and the score was not changed before."""
    said = [each.number for each in state.events("metric-judged")]
    if finding.label != "yes" or not said:
        return does_not_apply(Text(en="Nothing speaks against the metric.", zh="没有迹象说指标有问题。"))
    changed = [each.number for each in state.events("objective", "decision") if each.number > said[-1]]
    opened = [each.number for each in state.events("round-opened") if each.number > said[-1]]
    if opened and not [number for number in changed if number < opened[0]]:
        return fails(
            Text(
                en="A round was opened (journal {at}) although people disagree with the score.",
                zh="人的判断已经和分数对不上，却又开了一轮（日志 {at}）。",
            ).fill(at=opened[0]),
            finding,
            actions=(
                Action(
                    Text(en="Change [objective], then score again.", zh="先改 [objective]，再重算分数。"),
                    "playnote rescore",
                ),
            ),
        )
    return passes(
        Text(en="No round was opened before the metric was looked at.", zh="没有带着失真的指标开新一轮。"), finding
    )


def _names(value: object) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list | tuple) else []


def _direction(objective: Objective) -> Text:
    if objective.direction == "minimize":
        return Text(en="lower is better", zh="越小越好")
    return Text(en="higher is better", zh="越大越好")


def _constrained(feasible: bool | None) -> ProjectState:
    from playnote.playbook.examples import project

    return state(
        project=project(objective=objective(constraints=(LATENCY,))),
        readings={"t0001": Reading(0.1, feasible=feasible)},
    )


def _adopted(feasible: bool) -> ProjectState:
    return state(
        journal=(event("adoption", configuration={}, verdict="adopted", trials=["t0001"]),),
        readings={"t0001": Reading(0.1, feasible=feasible)},
    )


def _preferred(label: str) -> MetricFinding:
    missing = (Text(en="judged pairs", zh="人评过的对"),) if label == "unknown" else ()
    return MetricFinding(label=label, p={"yes": 0.99, "no": 0.01}.get(label), n=20, missing=missing)  # type: ignore[arg-type]


def _judged(number: int) -> JournalEvent:
    return event("metric-judged", number, better="t1", worse="t2", preferred="worse")


RULES: tuple[Rule, ...] = (
    single_metric,
    composite_score,
    satisficing,
    optimizing,
    filter_then_rank,
    decide_constraints,
    decide_score,
    metric_drift,
    fix_metric_first,
)
