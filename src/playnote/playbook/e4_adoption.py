"""Appendix E.4 and body H, adoption: three spreads, fresh seeds, a clear gain, and what it costs."""

from __future__ import annotations

import math

from playnote.diagnosis.adoption import AdoptionFinding
from playnote.playbook.examples import answers, event, project, state, trial
from playnote.playbook.examples_seen import judged
from playnote.playbook.facts import Answers
from playnote.playbook.facts.adoptions import Proposal, Proposals
from playnote.playbook.rule import Level, Rule, Scope, fires, rule, silent
from playnote.playbook.said import as_said, is_yes
from playnote.playbook.verdict import Judgement, cannot_tell, does_not_apply, fails, passes, warns
from playnote.records.project import Project
from playnote.records.state import ProjectState
from playnote.text import Text


@rule(
    "E4-three-variances",
    Level.ADVICE,
    Scope.PROJECT,
    sections=("body:H",),
    phase="adoption",
    text=Text(
        en="Three spreads can fake a gain: between seeds, between searches, and of the finite dev set.",
        zh="三种方差都可能造出假提升：试验方差、搜索方差、数据抽样方差。",
    ),
    examples=(
        silent(lambda: (state(rounds=()),), "not-applicable"),
        fires("unknown", lambda: (state(),)),
        silent(lambda: (state(trials=tuple(trial(f"b{i}", purpose="baseline", seed=i) for i in range(3))),)),
    ),
)
def three_variances(state: ProjectState) -> Judgement:
    """Known once something was repeated (seeds), a round has trials (search) and dev has a size (sampling)."""
    if not state.rounds:
        return does_not_apply(Text(en="Nothing to compare yet.", zh="还没有可比较的东西。"))
    repeats = len({trial.seed for trial in state.of_purpose("baseline", "repeat", "confirm") if trial.outcome == "ok"})
    dev = state.project.splits.get("dev")
    missing = []
    if repeats < 2:
        missing.append(Text(en="repeats of one configuration (seed noise)", zh="同一配置的重复训练（试验方差）"))
    if dev is None or not dev.n:
        missing.append(Text(en="the size of Dev (sampling)", zh="Dev 的大小（数据抽样方差）"))
    if missing:
        return cannot_tell(
            Text(en="Not all three spreads are known.", zh="三种方差还没都量出来。"), missing=tuple(missing)
        )
    return passes(Text(en="Seeds, search and dev sampling can all be told.", zh="试验、搜索、抽样三种方差都能给出。"))


@rule(
    "E4-repeat-seeds",
    Level.CHECK,
    Scope.PROJECT,
    sections=("body:H", "app:E.4"),
    phase="adoption",
    text=Text(
        en="The best new and the old configuration are trained again with fresh seeds.",
        zh="新旧最优配置都用新种子重复训练。",
    ),
    examples=(
        silent(lambda: (state(),), "not-applicable"),
        silent(
            lambda: (
                state(
                    trials=tuple(trial(f"c{at}", purpose="confirm") for at in range(3)),
                    journal=(event("adoption", configuration={}, verdict="adopted", trials=["c0", "c1", "c2"]),),
                ),
            )
        ),
        fires(
            "fail",
            lambda: (state(journal=(event("adoption", configuration={}, verdict="adopted", trials=["t0001"]),)),),
        ),
    ),
)
def repeat_seeds(state: ProjectState) -> Judgement:
    """Fail where an adoption rests on no confirming run: the search's own trial never counts."""
    adopted = [each for each in state.events("adoption") if each.data.get("verdict") == "adopted"]
    if not adopted:
        return does_not_apply(Text(en="Nothing has been adopted yet.", zh="还没有上线过配置。"))
    confirm = {trial.id for trial in state.of_purpose("confirm")}
    for each in adopted:
        named = each.data.get("trials")
        fresh = len(confirm & {str(name) for name in named}) if isinstance(named, list | tuple) else 0
        if not fresh:
            return fails(Text(en="Adopted without a fresh run.", zh="没有新种子的重复训练就上线了。"))
        if fresh < state.project.settings["rule_fresh_seeds"]:
            return warns(Text(en="Adopted on {n} fresh runs.", zh="只凭 {n} 次新种子就上线了。").fill(n=fresh))
    return passes(Text(en="Adoptions rest on fresh runs.", zh="上线都有新种子的重复训练。"))


@rule(
    "E4-beyond-variance",
    Level.CHECK,
    Scope.PROJECT,
    sections=("body:H", "app:E.4"),
    phase="adoption",
    text=Text(
        en="Only a gain that stands clear of the run-to-run spread is a reason to adopt.",
        zh="提升要明显大过重复训练的波动，才考虑上线。",
    ),
    examples=(
        silent(lambda: (Proposals((judged("adopted", 0.02, (0.01, 0.03)),)), project())),
        silent(lambda: (Proposals(), project()), "not-applicable"),
        silent(lambda: (Proposals((judged("rejected", -0.02, (-0.03, -0.01)),)), project())),
        fires("warn", lambda: (Proposals((judged("adopted", 0.005, (-0.01, 0.02)),)), project())),
        fires("warn", lambda: (Proposals((judged("adopted", 0.001, (0.0005, 0.0015)),)), project())),
        fires("fail", lambda: (Proposals((judged("adopted", -0.02, (-0.03, -0.01)),)), project())),
        fires("unknown", lambda: (Proposals((judged("adopted", None, None),)), project())),
    ),
)
def beyond_variance(proposals: Proposals, project: Project) -> Judgement:
    """Each adoption compared again from its runs: no gain fails, a gain inside the spread or below what matters warns."""
    if not proposals.all:
        return does_not_apply(Text(en="Nothing has been judged yet.", zh="还没有判断过任何改动。"))
    adopted = [each for each in proposals.latest if each.adopted]
    if not adopted:
        return passes(Text(en="Nothing was adopted on a doubtful gain.", zh="没有凭可疑的提升上线。"))
    unknown = [each for each in adopted if each.gain is None or each.gain.interval is None]
    findings = tuple(each.gain for each in adopted if each.gain is not None)
    worse = [each for each in adopted if each.gain and each.gain.interval and _none(each.gain)]
    if worse:
        return fails(
            Text(en="Adopted without a gain: {which}.", zh="没有提升也上线了：{which}。").fill(which=_gains(worse)),
            *findings,
        )
    if unknown:
        return cannot_tell(
            Text(en="The spread behind {which} is not known.", zh="不知道 {which} 背后的波动。").fill(
                which=", ".join(each.name for each in unknown)
            ),
            *findings,
            missing=(
                Text(en="fresh runs of both configurations, named by the adoption", zh="上线记录里列出的两边新种子"),
            ),
        )
    effect = project.objective.min_effect or 0.0
    weak = [
        each
        for each in adopted
        if each.gain and each.gain.interval and (each.gain.interval[0] <= 0 or (each.gain.estimate or 0.0) < effect)
    ]
    if weak:
        return warns(Text(en="Doubtful: {which}.", zh="不太站得住：{which}。").fill(which=_gains(weak)), *findings)
    return passes(Text(en="Clear gains: {which}.", zh="提升明确：{which}。").fill(which=_gains(adopted)), *findings)


def _none(gain: AdoptionFinding) -> bool:
    return (gain.estimate is not None and gain.estimate <= 0) or (gain.interval is not None and gain.interval[1] < 0)


def _gains(which: list[Proposal]) -> str:
    shown = []
    for each in which:
        low, high = each.gain.interval if each.gain and each.gain.interval else (math.nan, math.nan)
        shown.append(f"{each.name} {each.gain.estimate if each.gain else math.nan:.3g} [{low:.3g}, {high:.3g}]")
    return ", ".join(shown)


@rule(
    "E4-complexity-worth",
    Level.DECIDE,
    Scope.PROJECT,
    sections=("body:H", "app:E.4"),
    phase="adoption",
    text=Text(
        en="What a change adds to code, upkeep and running is weighed against what it gains.",
        zh="实现、维护、运行时的额外复杂度，要掂量提升值不值。",
    ),
    asks=Text(
        en="What does the latest adopted change add (code, upkeep, time of a run, inference), and is it worth it?",
        zh="最近上线的改动加了什么（代码、维护、训练时间、推理），值不值？",
    ),
    examples=(
        silent(lambda: (Proposals(), answers()), "not-applicable"),
        silent(lambda: (Proposals((judged("adopted", 0.02, (0.01, 0.03), adds="no"),)), answers())),
        silent(
            lambda: (
                Proposals((judged("adopted", 0.02, (0.01, 0.03), adds="yes"),)),
                answers(E4_complexity_worth="one flag, 3 % of time: worth it"),
            )
        ),
        fires(
            "warn",
            lambda: (
                Proposals((judged("adopted", 0.02, (0.01, 0.03), adds="yes"),)),
                answers(E4_complexity_worth="no, but it was there"),
            ),
        ),
        fires("unknown", lambda: (Proposals((judged("adopted", 0.02, (0.01, 0.03), adds="yes"),)), answers())),
    ),
)
def complexity_worth(proposals: Proposals, answers: Answers) -> Judgement:
    """Settled by itself where nothing was added; else a person says."""
    if not proposals.adopted:
        return does_not_apply(Text(en="Nothing has been adopted yet.", zh="还没有上线过配置。"))
    latest, said = proposals.adopted[-1], answers.to("E4-complexity-worth")
    if latest.adds is not None and latest.adds.label == "no":
        return passes(
            Text(en="{name} adds nothing.", zh="{name} 没有增加任何东西。").fill(name=latest.name), latest.adds
        )
    return as_said(said, "E4-complexity-worth", Text(en="whether it is worth it", zh="值不值"), no="warn")


@rule(
    "E4-small-gain-complex",
    Level.DECIDE,
    Scope.PROJECT,
    sections=("app:E.4",),
    phase="adoption",
    text=Text(
        en="A small gain that makes the workflow plainly more involved is taken with great caution.",
        zh="只提升一点点，却让流程明显变复杂，要慎重。",
    ),
    examples=(
        silent(lambda: (Proposals(), answers(), project()), "not-applicable"),
        silent(
            lambda: (Proposals((judged("adopted", 0.02, (0.01, 0.03), adds="yes"),)), answers(), project()),
            "not-applicable",
        ),
        silent(lambda: (Proposals((judged("candidate", 0.001, (0.0, 0.002), adds="yes"),)), answers(), project())),
        silent(
            lambda: (
                Proposals((judged("adopted", 0.001, (0.0, 0.002), adds="yes"),)),
                answers(E4_complexity_worth="needed by the next step"),
                project(),
            )
        ),
        fires("warn", lambda: (Proposals((judged("adopted", 0.001, (0.0, 0.002), adds="yes"),)), answers(), project())),
        fires("unknown", lambda: (Proposals((judged("adopted", 0.001, (0.0, 0.002)),)), answers(), project())),
    ),
)
def small_gain_complex(proposals: Proposals, answers: Answers, project: Project) -> Judgement:
    """A gain below what matters, together with something added: turned down, or adopted with a reason on record."""
    effect = project.objective.min_effect
    small = [
        each
        for each in proposals.latest
        if effect is not None and each.gain is not None and (each.gain.estimate or 0.0) < effect
        if each.adds is None or each.adds.label != "no"
    ]
    if not small:
        return does_not_apply(Text(en="No small gain that adds something.", zh="没有提升小又变复杂的改动。"))
    taken = [each for each in small if each.adopted]
    if not taken:
        return passes(Text(en="Small gains that add something were not adopted.", zh="提升小又变复杂的都没上线。"))
    findings = tuple(each.adds for each in taken if each.adds is not None)
    if any(each.adds is None or each.adds.label == "unknown" for each in taken):
        return cannot_tell(
            Text(en="What {which} adds was not measured.", zh="没测 {which} 加了多少复杂度。").fill(
                which=_gains(taken)
            ),
            *findings,
            missing=(Text(en="times of the runs on both sides", zh="两边训练的耗时"),),
        )
    said = Text(en="Small gain, more to look after: {which}.", zh="提升小、却更复杂：{which}。").fill(
        which=_gains(taken)
    )
    return passes(said, *findings) if is_yes(answers.to("E4-complexity-worth")) else warns(said, *findings)


RULES: tuple[Rule, ...] = (
    three_variances,
    repeat_seeds,
    beyond_variance,
    complexity_worth,
    small_gain_complex,
)
