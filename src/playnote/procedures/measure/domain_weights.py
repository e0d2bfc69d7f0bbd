"""domain-weights: does weighting training examples towards the deployed distribution pay, and how strongly?

The project declares the strength (0: all examples weigh the same), and the training code weights by it, for example with
`playnote.training.domain_weights`, and notes what the weights leave (`trial.facts["weights"]`). Every strength gets the same
tuning; no weighting is what the others are measured against. Weights made with Test examples void everything.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from playnote.errors import InputError
from playnote.playbook.facts.recipe import RATES, among
from playnote.procedures.measure.arms import Arm, Wish, needed, run_arms, wish_of
from playnote.procedures.measure.arms_judging import ArmsFacts, judge_arms, open_text
from playnote.procedures.measure.arms_said import gain_text, joined, kept, rows_of, thresholds_text, tuned_edits
from playnote.procedures.measure.bench import Bench
from playnote.procedures.measure.contract import Found, Steps
from playnote.records.finding import Label
from playnote.space.hyperparameter import Categorical, Value
from playnote.text import Text

STRENGTHS = (
    "domain_weight",
    "domain_weighting",
    "domain_strength",
    "weight_strength",
    "importance_weighting",
    "dev_weight",
)
_OFF = ("none", "off", "no", "uniform", "0")
_SHARES = (0.5, 1.0)  # of the declared range, where no choices are listed


def domain_weights(bench: Bench) -> Steps:
    """Tune every strength equally, repeat each best, judge against no weighting."""
    name = needed(bench, STRENGTHS, "domain_weight", "{ low = 0.0, high = 1.0 }", _USE)
    wish = wish_of(bench, name, _values(bench, name), among(bench.project.space.names, RATES))
    arms = yield from run_arms(bench, wish)
    objective = bench.project.objective
    facts = judge_arms(arms, objective.min_effect, bench.settings)
    noted = [_noted(arm) for arm in arms]
    used_test = any(each.get("used_test") is True for each in noted)
    best = _best(facts, used_test)
    verdicts = {each.verdict for each in facts.against}
    settled = not used_test and not facts.unfair and (best is not None or "open" not in verdicts)
    label: Label = "unknown" if not settled else "yes" if best is not None else "no"
    shown = best if best is not None else _largest(facts)
    moves = label == "yes" and best is not None and arms[best].value != bench.baseline.get(name)
    return Found(
        label="no" if used_test else label,
        message=_said(arms, facts, best, used_test, label),
        results=(("weights", _numbers(wish, facts, noted, shown, used_test)),),
        edits=tuned_edits(wish, arms[best]) if moves and best is not None else {},
        notes=(
            *facts.unfair,
            *(
                open_text(each, objective.min_effect)
                for each in facts.against
                if not settled and each.verdict == "open"
            ),
            *_left(bench, noted, shown),
            thresholds_text(bench.settings, objective.min_effect),
        ),
        rows=tuple(
            {**row, "effective": each.get("effective_share")}
            for row, each in zip(rows_of(wish, arms, facts), noted, strict=True)
        ),
    )


def _values(bench: Bench, name: str) -> tuple[Value, ...]:
    """No weighting first, then the strengths to try."""
    declared = bench.hyperparameter(name)
    if isinstance(declared, Categorical):
        off = next((each for each in declared.choices if str(each).lower() in _OFF or each is False), None)
        if off is None or len(declared.choices) < 2:
            raise _no_off(name)
        return (off, *(each for each in declared.choices if each != off))
    off = bench.off(name)
    strengths = [declared.from_unit(share) for share in _SHARES]
    return (off, *(each for each in dict.fromkeys(strengths) if each != off))


def _noted(arm: Arm) -> Mapping[str, object]:
    """What the training code noted of the weights, in the latest trial of this strength that did."""
    found = [each.facts.get("weights") for each in (*arm.tuning, *arm.fresh)]
    known = [each for each in found if isinstance(each, Mapping)]
    return known[-1] if known else {}


def _best(facts: ArmsFacts, used_test: bool) -> int | None:
    """Place of the strength with the lowest mean among those surely better than none."""
    better = [at for at, each in enumerate(facts.against, 1) if each.verdict == "better"]
    if used_test or facts.unfair or not better:
        return None
    return min(better, key=lambda at: facts.means[at])


def _largest(facts: ArmsFacts) -> int | None:
    known = [at for at, each in enumerate(facts.against, 1) if each.gain is not None]
    return min(known, key=lambda at: facts.means[at]) if known else None


def _numbers(
    wish: Wish,
    facts: ArmsFacts,
    noted: Sequence[Mapping[str, object]],
    shown: int | None,
    used_test: bool,
) -> dict[str, object]:
    numbers: dict[str, object] = {"against": [kept(each) for each in facts.against]}
    if any("used_test" in each for each in noted):
        numbers["used_test"] = used_test
    if shown is not None:
        share = noted[shown].get("effective_share")
        numbers |= {
            "strength": wish.values[shown],
            **{key: value for key, value in kept(facts.against[shown - 1]).items() if key in ("gain", "low", "high")},
        }
        if isinstance(share, int | float) and math.isfinite(share):
            numbers["effective_share"] = float(share)
    return numbers


def _left(bench: Bench, noted: Sequence[Mapping[str, object]], shown: int | None) -> tuple[Text, ...]:
    if shown is None:
        return ()
    share = noted[shown].get("effective_share")
    if not isinstance(share, int | float):
        return (_NOT_NOTED,)
    if share < bench.settings["rule_weights_left"]:
        return (_FEW_LEFT.fill(share=share, floor=bench.settings["rule_weights_left"]),)
    return ()


def _said(arms: Sequence[Arm], facts: ArmsFacts, best: int | None, used_test: bool, label: Label) -> Text:
    if used_test:
        return _TEST
    gains = joined([gain_text(each, arms[0].value) for each in facts.against])
    if best is not None:
        return _PAYS.fill(value=arms[best].value, gains=gains)
    if facts.unfair:
        return _UNFAIR.fill(gains=gains)
    return (_NOT if label == "no" else _OPEN).fill(gains=gains)


def _no_off(name: str) -> InputError:
    return InputError(
        Text(en="{name} has no choice without weights.", zh="{name} 里没有“不加权”这一项。").fill(name=name),
        fix=Text(en='Add "none" to its choices.', zh='在选项里加上 "none"。'),
    )


_USE = Text(en="how strongly training examples are weighted towards deployment", zh="训练样本向部署分布加权多强")
_PAYS = Text(en="Weighting pays: take {value}. {gains}.", zh="加权有用：取 {value}。{gains}。")
_NOT = Text(en="Weighting does not pay. {gains}.", zh="加权没有用。{gains}。")
_OPEN = Text(en="Cannot tell yet whether weighting pays. {gains}.", zh="加权有没有用还说不清。{gains}。")
_UNFAIR = Text(
    en="Unfair: not every strength was tuned equally well, so nothing is concluded. {gains}.",
    zh="不公平：不是每个强度都调得一样到位，下不了结论。{gains}。",
)
_TEST = Text(
    en="Test examples were used for the weights: nothing of this counts. Build the weights from Dev-like data without Test.",
    zh="加权时用了 Test 样本：这些结果都不算。请只用像 Dev 的数据、不用 Test 重新算权重。",
)
_NOT_NOTED = Text(
    en='What the weights leave is not noted: `trial.facts["weights"] = weights.as_facts()` '
    "(playnote.training.domain_weights).",
    zh='没有记下加权后还剩多少有效样本：`trial.facts["weights"] = weights.as_facts()`（playnote.training.domain_weights）。',
)
_FEW_LEFT = Text(
    en="The weights leave {share:.0%} of the examples effective (below {floor:.0%}): weaker weights, or more data like Dev.",
    zh="加权后有效样本只剩 {share:.0%}（低于 {floor:.0%}）：把权重放轻，或多收像 Dev 的数据。",
)
