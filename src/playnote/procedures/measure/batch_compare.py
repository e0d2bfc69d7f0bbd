"""batch-size-compare: do batch sizes end alike once each is tuned anew?

The comparison is fair only where everything that a batch change asks to tune again is tuned for each size, with the same
number of trials at the same points and the same number of steps. A size whose best rate lies where its range ends is tuned
unfairly, and nothing is concluded. A difference that is left hints at steps or batch norm first; the size stays a decision
about speed and cost.
"""

from __future__ import annotations

import math

import numpy as np

from playnote.procedures.measure.arms import Arm, Wish, run_arms, wish_of
from playnote.procedures.measure.arms_judging import ArmsFacts, judge_arms, open_text
from playnote.procedures.measure.arms_said import gain_text, joined, kept, rows_of, thresholds_text
from playnote.procedures.measure.bench import Bench
from playnote.procedures.measure.contract import SECONDS, Found, Steps
from playnote.procedures.measure.retune import to_retune
from playnote.records.finding import Label
from playnote.space.hyperparameter import Categorical, Value
from playnote.text import Text

_TIMES = 4  # from one size to the other, where none is named
_MOST = 4


def batch_size_compare(bench: Bench) -> Steps:
    """Tune every size equally, repeat each best with fresh seeds, judge; no edit is proposed: it is no knob for the score."""
    name = bench.batch
    tuned = tuple(each for each in to_retune(bench, "batch") if each != name)
    wish = wish_of(bench, name, _sizes(bench), tuned)
    arms = yield from run_arms(bench, wish)
    objective = bench.project.objective
    facts = judge_arms(arms, objective.min_effect, bench.settings)
    outcome = _outcome(facts)
    label: Label = "unknown" if outcome in ("unfair", "open") else "yes"
    base = wish.values[0]
    return Found(
        label=label,
        message=_SAID[outcome].fill(gains=joined([gain_text(each, base) for each in facts.against])),
        results=(
            (
                "batch-size-compare",
                {
                    "outcome": outcome,
                    "base": base,
                    "sizes": list(wish.values),
                    "tuned": list(tuned),
                    "trials": wish.trials,
                    "against": [kept(each) for each in facts.against],
                },
            ),
        ),
        notes=tuple(_notes(bench, facts, outcome)),
        rows=tuple(_rows(bench, wish, arms, facts)),
    )


def _sizes(bench: Bench) -> tuple[Value, ...]:
    """The baseline's size first, then the one that was named, the other choices, or one four times as large (or small)."""
    own = bench.baseline[bench.batch]
    declared = bench.hyperparameter(bench.batch)
    if "other" in bench.options:
        return own, int(bench.options["other"])
    if isinstance(declared, Categorical):
        return (own, *(each for each in declared.choices if each != own))[:_MOST]
    size = int(float(own))
    larger = size * _TIMES
    return size, larger if larger <= declared.high else max(1, size // _TIMES)


def _outcome(facts: ArmsFacts) -> str:
    if facts.unfair:
        return "unfair"
    verdicts = {each.verdict for each in facts.against}
    if verdicts & {"better", "worse"}:
        return "difference"
    return "no-difference" if verdicts == {"same"} else "open"


def _notes(bench: Bench, facts: ArmsFacts, outcome: str) -> list[Text]:
    objective = bench.project.objective
    notes = [*facts.unfair]
    if outcome == "open":
        notes += [open_text(each, objective.min_effect) for each in facts.against if each.verdict == "open"]
    if outcome == "difference":
        notes.append(_SUSPECT)
    workflow = bench.project.workflow
    if workflow is not None and workflow.unit == "epochs":
        notes.append(_EPOCHS)
    return [*notes, thresholds_text(bench.settings, objective.min_effect), _NO_KNOB]


def _rows(bench: Bench, wish: Wish, arms: list[Arm], facts: ArmsFacts) -> list[dict[str, object]]:
    """Error, then steps and time to the target: the worst size's mean, which every size reached."""
    target = max((each for each in facts.means if math.isfinite(each)), default=math.nan)
    rows = list(rows_of(wish, arms, facts))
    for row, arm in zip(rows, arms, strict=True):
        steps = steps_to(bench, arm, target)
        seconds = [float(np.median(each)) for seen in arm.fresh if len(each := seen.values(SECONDS))]
        row["steps to target"] = steps
        row["seconds to target"] = None if steps is None or not seconds else steps * float(np.median(seconds))
    return rows


def steps_to(bench: Bench, arm: Arm, target: float) -> float | None:
    """Median over the fresh seeds of the first step at which the error was no larger than the target."""
    objective = bench.project.objective
    firsts = []
    for seen in arm.fresh:
        curve = seen.curve((objective.formula,))
        if curve is None or not math.isfinite(target):
            continue
        down = np.flatnonzero(objective.sign * curve.values <= target)
        firsts.append(float(curve.steps[down[0]]) if len(down) else math.inf)
    middle = float(np.median(firsts)) if firsts else math.inf
    return middle if math.isfinite(middle) else None


_SAID = {
    "no-difference": Text(
        en="Tuned anew, the sizes end alike. {gains}.", zh="各自重调之后，各 batch size 效果差不多。{gains}。"
    ),
    "difference": Text(
        en="Tuned anew, the sizes still end apart. {gains}.", zh="各自重调之后，各 batch size 仍有差别。{gains}。"
    ),
    "unfair": Text(
        en="Unfair: not every size was tuned equally well, so nothing is concluded. {gains}.",
        zh="不公平：不是每个 batch size 都调得一样到位，下不了结论。{gains}。",
    ),
    "open": Text(
        en="Cannot tell yet whether the sizes end apart. {gains}.", zh="各 batch size 有没有差别还说不清。{gains}。"
    ),
}
_SUSPECT = Text(
    en="Before believing it, look at the number of steps (is each long enough?), batch norm (use ghost batch norm), and the "
    "ranges of what was tuned.",
    zh="先别急着信：看看步数够不够、batch norm 有没有影响（可用 Ghost BN）、所调超参的范围合不合适。",
)
_EPOCHS = Text(
    en="The length is in epochs: a larger batch then takes fewer steps, which is a difference of its own. Compare at equal steps.",
    zh="训练长度按 epoch 算：batch 越大步数越少，这本身就是差别。要按相同步数比。",
)
_NO_KNOB = Text(
    en="The batch size is chosen for speed and cost, not for the score: `playnote measure batch-size`.",
    zh="batch size 按速度和成本来定，不拿来刷分：`playnote measure batch-size`。",
)
