"""Appendix E.4 and body H, adoption: fresh seeds, three spreads, what becomes of a change."""

from __future__ import annotations

from playnote.playbook.examples import event, state, trial
from playnote.playbook.rule import Level, Rule, Scope, fires, rule, silent
from playnote.playbook.verdict import Judgement, cannot_tell, does_not_apply, fails, passes, warns
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


RULES: tuple[Rule, ...] = (
    three_variances,
    repeat_seeds,
    log_negative,
)
