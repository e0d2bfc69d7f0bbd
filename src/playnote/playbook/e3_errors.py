"""Appendix E.3 and body F.3, errors: which gap, and what kinds of examples are wrong."""

from __future__ import annotations

import re

from playnote.diagnosis.error_categories import (
    Category,
    ErrorCategoriesFacts,
    answer_error_categories,
    measure_error_categories,
)
from playnote.diagnosis.gaps import GapFinding
from playnote.playbook.examples import project
from playnote.playbook.examples_seen import ladder
from playnote.playbook.facts.ladder import Ladder
from playnote.playbook.facts.mistakes import Mistakes
from playnote.playbook.rule import Level, Rule, Scope, fires, rule, silent
from playnote.playbook.verdict import Action, Judgement, cannot_tell, fails, passes, warns
from playnote.records.project import Project
from playnote.text import Text

_GAP = {
    "high_bias": Text(en="bias", zh="偏差"),
    "high_variance": Text(en="variance", zh="方差"),
    "data_mismatch": Text(en="data mismatch", zh="分布不匹配"),
}
_MISLABELLED = re.compile(r"mis-?label|wrong.?label|label.?error|标错|标注错", re.IGNORECASE)
_OTHER = re.compile(r"^\s*(other|others|misc|unknown|其他|其它)\s*$", re.IGNORECASE)
_SAMPLE = Action(
    Text(en="Draw wrong Dev examples and sort them.", zh="抽 Dev 错例，人工归类。"), "playnote errors sample"
)
_FOCUS = Action(
    Text(en="Say which kind comes first.", zh="定下先解决哪一类。"), 'playnote errors focus KIND --because "..."'
)
_NO_SAMPLE = Text(en="No wrong Dev example has been looked at.", zh="还没人看过 Dev 错例。")


@rule(
    "E3-bvm-locate",
    Level.CHECK,
    Scope.PROJECT,
    sections=("app:E.3", "app:I"),
    phase="diagnosis",
    text=Text(
        en="It is known whether bias, variance or a difference of distributions is the main problem.",
        zh="知道主要问题是偏差、方差，还是训练和部署数据分布不匹配。",
    ),
    examples=(
        silent(lambda: (ladder(high_variance="yes"),)),
        fires("warn", lambda: (ladder(high_variance="yes", high_bias="yes"),)),
        fires("unknown", lambda: (ladder(high_bias="unknown"),)),
        fires("unknown", lambda: (Ladder((), shares=False),)),
    ),
)
def bvm_locate(ladder: Ladder) -> Judgement:
    """Every gap with its interval, ranked; several may be open at once."""
    gaps = [(name, each) for name in _GAP if (each := ladder.of(name)) is not None]
    blind = [(name, each) for name, each in gaps if each.label == "unknown"]
    if blind or len(gaps) < len(_GAP):
        named = [_GAP[name] for name, _ in blind] or list(_GAP.values())
        return cannot_tell(
            Text(en="Cannot be told yet: {gaps}.", zh="还说不清：{gaps}。").fill(gaps=_listed(named)),
            *(each for _, each in gaps),
            missing=() if any(each.missing for _, each in blind) else (_RUNGS,),
        )
    findings = tuple(each for _, each in gaps)
    open_ = sorted((pair for pair in gaps if pair[1].label == "yes"), key=lambda pair: -(pair[1].largest or 0.0))
    if not open_:
        return passes(Text(en="No gap is large.", zh="几段差都不大。"), *findings)
    said = Text(en="Largest first: {gaps}.", zh="从大到小：{gaps}。").fill(
        gaps=_listed([_sized(name, each) for name, each in open_])
    )
    if len(open_) > 1 and _overlap(open_[0][1], open_[1][1]):
        return warns(
            Text(en="{said} The first two are not separated.", zh="{said}前两个还分不出大小。").fill(said=said),
            *findings,
        )
    return passes(said, *findings)


_RUNGS = Text(
    en="errors of people, Train (evaluation mode), Train-Dev and Dev, with their sizes",
    zh="人类、Train（评估模式）、Train-Dev、Dev 的错误率和样本数",
)


def _sized(name: str, finding: GapFinding) -> Text:
    gap = "?" if finding.estimate is None else f"{finding.estimate:.3f}"
    return Text(en=f"{_GAP[name].en} {gap}", zh=f"{_GAP[name].zh} {gap}")


def _listed(texts: list[Text]) -> Text:
    return Text(en=", ".join(each.en for each in texts), zh="、".join(each.zh for each in texts))


def _overlap(first: GapFinding, second: GapFinding) -> bool:
    if first.interval is None or second.interval is None:
        return True
    return first.interval[0] <= second.interval[1] and second.interval[0] <= first.interval[1]


@rule(
    "E3-error-sample",
    Level.CHECK,
    Scope.PROJECT,
    sections=("body:F.3", "app:E.3", "app:I"),
    phase="diagnosis",
    text=Text(
        en="Between one and two hundred wrong Dev examples, drawn at random, have been looked at and sorted by people.",
        zh="从 Dev 随机抽一两百条错例，人工看过并归了类。",
    ),
    examples=(
        silent(lambda: (Mistakes("dev", 120, 400, 120), project())),
        fires("warn", lambda: (Mistakes("dev", 60, 400, 60), project())),
        fires("warn", lambda: (Mistakes("dev", 30, 30, 30), project())),
        fires("fail", lambda: (Mistakes("test", 120, 400, 120), project())),
        fires("fail", lambda: (Mistakes("dev", 120, 400, 20), project())),
        fires("unknown", lambda: (Mistakes(), project())),
        fires("unknown", lambda: (Mistakes("dev", 120, 400, 0), project())),
    ),
)
def error_sample(mistakes: Mistakes, project: Project) -> Judgement:
    """Samples are always drawn at random; fail where they come from Test, or where few were sorted of many."""
    if not mistakes.drawn:
        return cannot_tell(_NO_SAMPLE, missing=(_SORTED,), actions=(_SAMPLE,))
    if mistakes.split == "test":
        return fails(Text(en="The sample was drawn from Test.", zh="错例是从 Test 抽的。"), actions=(_SAMPLE,))
    said = Text(
        en="{n} of {drawn} drawn examples sorted; {wrong} are wrong in all.",
        zh="抽了 {drawn} 条，归类 {n} 条；错例共 {wrong} 条。",
    ).fill(n=mistakes.tagged, drawn=mistakes.drawn, wrong="?" if mistakes.wrong is None else mistakes.wrong)
    if not mistakes.tagged:
        return cannot_tell(said, missing=(_SORTED,), actions=(_SAMPLE,))
    if mistakes.tagged >= project.settings["rule_error_sample"]:
        return passes(said)
    all_of_them = mistakes.wrong is not None and mistakes.tagged >= mistakes.wrong
    if all_of_them or mistakes.tagged >= project.settings["rule_error_sample_few"]:
        return warns(said)
    return fails(said, actions=(_SAMPLE,))


_SORTED = Text(en="wrong Dev examples sorted by people", zh="人工归过类的 Dev 错例")


@rule(
    "E3-error-categories",
    Level.CHECK,
    Scope.PROJECT,
    sections=("body:F.3", "app:E.3"),
    phase="diagnosis",
    text=Text(
        en="Wrong examples carry their kind: conditions of the scene, classes, and plain wrong labels too.",
        zh="错例都打上类型：场景条件、类别，也包括标错的。",
    ),
    examples=(
        silent(lambda: (_sorted(blur=40, mislabelled=10), project())),
        fires("warn", lambda: (_sorted(blur=20, other=30), project())),
        fires("warn", lambda: (_sorted(blur=40, dark=10), project())),
        fires("warn", lambda: (_sorted(blur=40, mislabelled=5, none=10), project())),
        fires("unknown", lambda: (Mistakes(), project())),
    ),
)
def error_categories(mistakes: Mistakes, project: Project) -> Judgement:
    """Warn on examples without a kind, on too many "other", and where nobody looked for wrong labels."""
    facts = mistakes.facts
    if facts is None or not facts.n:
        return cannot_tell(_NO_SAMPLE, missing=(_SORTED,), actions=(_SAMPLE,))
    other = sum(each.share for each in facts.categories if _OTHER.match(each.name))
    faults = []
    if facts.untagged:
        faults.append(Text(en=f"{facts.untagged} without a kind", zh=f"{facts.untagged} 条没打类型"))
    if other > project.settings["rule_other_share"]:
        faults.append(Text(en=f'{other:.0%} are "other"', zh=f"“其他”占 {other:.0%}"))
    if not any(_MISLABELLED.search(each.name) for each in facts.categories):
        faults.append(Text(en="wrong labels are no kind of their own", zh="没有“标错”这一类"))
    shown = _tally(facts)
    if faults:
        return warns(Text(en="{shown}; {faults}.", zh="{shown}；{faults}。").fill(shown=shown, faults=_listed(faults)))
    return passes(Text(en="{shown}.", zh="{shown}。").fill(shown=shown))


def _tally(facts: ErrorCategoriesFacts) -> Text:
    shown = [
        f"{each.name} {each.share:.0%} [{each.interval[0]:.0%}, {each.interval[1]:.0%}]" for each in facts.categories
    ]
    more = len(shown) - 3
    return Text(
        en=", ".join(shown[:3]) + (f", {more} more" if more > 0 else ""),
        zh="、".join(shown[:3]) + (f"，另有 {more} 类" if more > 0 else ""),
    )


@rule(
    "E3-error-prioritise",
    Level.CHECK,
    Scope.PROJECT,
    sections=("body:F.3", "app:E.3"),
    phase="diagnosis",
    text=Text(
        en="Work goes first to kinds that are both large and within reach: data, augmentation or structure for them.",
        zh="先解决占比大又改得动的错误：补这类数据、做针对性增强，或改结构。",
    ),
    examples=(
        silent(lambda: (_sorted(blur=60, mislabelled=10, chosen="blur"),)),
        silent(lambda: (_sorted(blur=30, mislabelled=28, chosen="mislabelled"),)),
        fires("warn", lambda: (_sorted(blur=60, mislabelled=10, chosen="mislabelled"),)),
        fires("fail", lambda: (Mistakes(chosen="blur"),)),
        fires("unknown", lambda: (_sorted(blur=60, mislabelled=10),)),
        fires("unknown", lambda: (Mistakes(),)),
    ),
)
def error_prioritise(mistakes: Mistakes) -> Judgement:
    """The chosen kind must be first by share times what can be fixed, or not separable from the first."""
    facts = mistakes.facts
    if mistakes.chosen is None:
        ranking = _tally(facts) if facts is not None and facts.n else Text(en="no tally", zh="没有统计")
        return cannot_tell(
            Text(en="What to work on first is not decided: {ranking}.", zh="先解决哪类还没定：{ranking}。").fill(
                ranking=ranking
            ),
            missing=(Text(en="the kind to work on first", zh="先解决的一类"),),
            actions=(_SAMPLE if facts is None else _FOCUS,),
        )
    if facts is None or not facts.n:
        return fails(
            Text(en="{kind} was chosen without a tally.", zh="没有统计就选了 {kind}。").fill(kind=mistakes.chosen),
            actions=(_SAMPLE,),
        )
    first = facts.categories[0]
    own = next((each for each in facts.categories if each.name == mistakes.chosen), None)
    said = Text(
        en="{kind} chosen; first by size and reach is {first}.", zh="选了 {kind}；按占比和可改程度，第一是 {first}。"
    ).fill(kind=mistakes.chosen, first=first.name)
    if own is not None and (own is first or _tied(own, first)):
        return passes(said)
    return warns(said)


def _tied(own: Category, first: Category) -> bool:
    """Their shares' intervals overlap, each times what can be fixed."""
    reach, best = (1.0 if each.fixability is None else each.fixability for each in (own, first))
    return own.interval[1] * reach >= first.interval[0] * best


def _sorted(chosen: str | None = None, **counts: int) -> Mistakes:
    """Sorted examples by kind; `none` of them carry no kind."""
    tags = [() if kind == "none" else (kind,) for kind, count in counts.items() for _ in range(count)]
    facts = measure_error_categories(tags, dev_errors=400, n_dev=4000)
    return Mistakes("dev", len(tags), 400, len(tags), facts, answer_error_categories(facts), chosen)


RULES: tuple[Rule, ...] = (
    bvm_locate,
    error_sample,
    error_categories,
    error_prioritise,
)
