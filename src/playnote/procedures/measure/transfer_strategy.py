"""transfer-strategy: head alone, part of the model, all of it, or from scratch, each with a learning rate of its own.

The project declares a choice with these names, and the training code freezes what the choice says (batch norm of frozen
layers stays in evaluation mode). Every rung gets the same number of trials, and the best of each is repeated with fresh
seeds. Of rungs that end alike the one that trains least is proposed.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from playnote.diagnosis.curve_answers import usable_effect
from playnote.errors import InputError
from playnote.playbook.facts.recipe import RATES, among
from playnote.procedures.measure.arms import Arm, needed, run_arms, wish_of
from playnote.procedures.measure.arms_judging import Against, ArmsFacts, judge_arms, open_text
from playnote.procedures.measure.arms_said import gain_text, joined, kept, rows_of, thresholds_text, tuned_edits
from playnote.procedures.measure.bench import Bench
from playnote.procedures.measure.contract import Found, Steps
from playnote.records.finding import Label
from playnote.search.roles import usual_nuisance
from playnote.space.hyperparameter import Categorical, Value
from playnote.text import Text, same

STRATEGIES = ("transfer", "transfer_strategy", "finetune", "fine_tune", "trainable", "unfreeze", "train_layers")
# Rungs by how much of the model they train, with the words projects use for them.
RUNGS: Mapping[str, frozenset[str]] = {
    "head": frozenset({"head", "head-only", "head_only", "linear", "linear-probe", "linear_probe", "frozen"}),
    "partial": frozenset({"partial", "last-blocks", "last_blocks", "top", "some"}),
    "full": frozenset({"full", "all", "finetune", "fine-tune", "fine_tune", "whole"}),
    "scratch": frozenset({"scratch", "from-scratch", "from_scratch", "random"}),
}


def transfer_strategy(bench: Bench) -> Steps:
    """Tune every rung equally, repeat each best, judge the others against training from scratch (or the first rung)."""
    name = needed(bench, STRATEGIES, "transfer", _CHOICES, _USE)
    rungs = _rungs(bench, name)
    values = tuple(rungs.values())
    trials = int(bench.option("trials", bench.settings["arms.trials"]))
    usual = usual_nuisance(bench.project.space, (name,), trials, bench.baseline, bench.settings, {name: values})
    rates = among(bench.project.space.names, RATES)
    wish = wish_of(bench, name, values, tuple(dict.fromkeys((*rates, *usual))))
    arms = yield from run_arms(bench, wish)
    objective = bench.project.objective
    facts = judge_arms(arms, objective.min_effect, bench.settings)
    chosen = None if facts.unfair else _chosen(list(rungs), arms, facts, bench)
    label: Label = "yes" if chosen is not None else "unknown"
    moves = chosen is not None and arms[chosen].value != bench.baseline.get(name)
    return Found(
        label=label,
        message=_said(wish.values[0], arms, facts, chosen),
        results=(("transfer", _numbers(list(rungs), arms, facts, chosen)),),
        edits=tuned_edits(wish, arms[chosen]) if moves and chosen is not None else {},
        notes=(
            *facts.unfair,
            *(
                open_text(each, objective.min_effect)
                for each in facts.against
                if chosen is None and each.verdict == "open"
            ),
            *_negative(list(rungs), facts),
            thresholds_text(bench.settings, objective.min_effect),
        ),
        rows=tuple(rows_of(wish, arms, facts)),
    )


def _rungs(bench: Bench, name: str) -> dict[str, Value]:
    """The project's choices by rung; from scratch first, as what the others are measured against."""
    declared = bench.hyperparameter(name)
    choices = declared.choices if isinstance(declared, Categorical) else ()
    found = {rung: choice for rung, words in RUNGS.items() for choice in choices if str(choice).lower() in words}
    if len(found) < 2:
        raise InputError(
            Text(
                en="{name} does not name two of: head, partial, full, scratch.",
                zh="{name} 没有列出 head、partial、full、scratch 里的两个。",
            ).fill(name=name),
            fix=Text(en="Declare {name} = {choices}", zh="声明 {name} = {choices}").fill(
                name=name, choices=same(_CHOICES)
            ),
        )
    order = [rung for rung in ("scratch", "head", "partial", "full") if rung in found]
    return {rung: found[rung] for rung in order}


def _chosen(rungs: Sequence[str], arms: Sequence[Arm], facts: ArmsFacts, bench: Bench) -> int | None:
    """Place of the rung to take: of those as good as the best the one that trains least.

    None while any rung that trains less might be as good as the best, or the best itself may not be what it seems.
    """
    good = [at for at, mean in enumerate(facts.means) if math.isfinite(mean)]
    if not good or usable_effect(bench.project.objective.min_effect) is None:
        return None
    top = min(good, key=lambda at: facts.means[at])
    others = [at for at in range(len(arms)) if at != top]
    judged = judge_arms([arms[at] for at in (top, *others)], bench.project.objective.min_effect, bench.settings)
    verdicts = {top: "same", **{at: each.verdict for at, each in zip(others, judged.against, strict=True)}}
    if facts.lost[top]:
        return None
    for at in sorted(verdicts, key=lambda at: list(RUNGS).index(rungs[at])):
        if verdicts[at] == "open":
            return None
        if verdicts[at] in ("same", "better"):
            return at
    return None


def _numbers(rungs: Sequence[str], arms: Sequence[Arm], facts: ArmsFacts, chosen: int | None) -> dict[str, object]:
    """What rules read: which rungs were run, whether each had its rate tuned, and the best gain over scratch."""
    ran = {rung for rung, arm in zip(rungs, arms, strict=True) if arm.fresh}
    best = _best(facts) if rungs[0] == "scratch" else None
    return {
        "head_only": "head" in ran,
        "fine_tuned": bool(ran & {"partial", "full"}),
        "lr_tuned": not facts.unfair,
        "best": None if chosen is None else rungs[chosen],
        "against": [kept(each) for each in facts.against],
        **({} if best is None else {"gain": best.gain, "low": best.interval[0], "high": best.interval[1]}),  # type: ignore[index]  # a gain has its interval
    }


def _best(facts: ArmsFacts) -> Against | None:
    """The largest gain over the first rung; the interval already shares the error rate."""
    known = [each for each in facts.against if each.gain is not None]
    return max(known, key=lambda each: each.gain or 0.0) if known else None


def _negative(rungs: Sequence[str], facts: ArmsFacts) -> tuple[Text, ...]:
    worse = [rungs[at] for at, each in enumerate(facts.against, 1) if each.verdict == "worse"]
    if rungs[0] != "scratch":
        return (_NO_SCRATCH,)
    return (_WORSE.fill(rungs=same(", ".join(worse))),) if worse else ()


def _said(base: Value, arms: Sequence[Arm], facts: ArmsFacts, chosen: int | None) -> Text:
    gains = joined([gain_text(each, base) for each in facts.against])
    if chosen is None:
        return (_UNFAIR if facts.unfair else _OPEN).fill(gains=gains)
    return _TAKE.fill(value=arms[chosen].value, gains=gains)


_CHOICES = '{ choices = ["head", "partial", "full", "scratch"] }'
_USE = Text(en="how much of a pretrained model is trained", zh="预训练模型训练多少")
_TAKE = Text(
    en="Take {value}: of what ends no worse than the best it trains least. {gains}.",
    zh="取 {value}：在不比最好差的里面，它训得最少。{gains}。",
)
_OPEN = Text(en="Cannot tell yet. {gains}.", zh="还说不清。{gains}。")
_UNFAIR = Text(
    en="Unfair: not every rung was tuned equally well, so nothing is concluded. {gains}.",
    zh="不公平：不是每一档都调得一样到位，下不了结论。{gains}。",
)
_WORSE = Text(en="Worse than from scratch: {rungs} (negative transfer).", zh="还不如从头训：{rungs}（负迁移）。")
_NO_SCRATCH = Text(
    en="Training from scratch is no choice of the project: whether transfer pays at all was not measured.",
    zh="项目里没有从头训这个选项：迁移到底有没有好处没有测。",
)
