"""A review's answers about choices: each categorical as an exploratory split, compared at equal numbers of trials.

Where the sampler chose the trials its favourite has had more tries, so the split stays an open question.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from playnote.diagnosis.isolation import IsolationFacts, Level, LevelFacts, measure_isolation
from playnote.records.finding import Settle
from playnote.records.table import TrialTable
from playnote.service.review_evidence import Evidence
from playnote.service.review_line import Line, open_line
from playnote.space.hyperparameter import Categorical, Value
from playnote.space.space import Space
from playnote.stats.best_of import expected_best
from playnote.text import Text

_FLUKE = 0.01  # chance that any of the pairs asked about lies so far apart by chance
_SHUFFLES = 600
MOST = 12  # values of a choice that are compared; beyond that a name is no choice
_BETTER = Text(
    en="{name}: {value} does better than {other} at equal numbers of trials.",
    zh="{name}：同样多的试验下，{value} 比 {other} 好。",
)
_GAIN = Text(
    en="Best of {m} trials each: {gain:.2g} better [{low:.2g}, {high:.2g}] 90 %; {n} trials against {others}.",
    zh="各取 {m} 个试验里的最优：好 {gain:.2g} [{low:.2g}, {high:.2g}]，90 %；{n} 个试验对 {others} 个。",
)
_EXPLORED = Text(
    en="Nobody planned this comparison: confirm it with fresh seeds.", zh="这个比较不是事先计划的：要用新种子复核。"
)
_SAME = Text(
    en="{name}: no value is better than another by {effect:g}.", zh="{name}：没有哪个取值比别的好 {effect:g} 以上。"
)
_VALUE = Text(
    en="{value}: best {best:.4g} (#{trial}), expected best of {m} trials {expected:.4g}, {n} trials.",
    zh="{value}：最优 {best:.4g}（#{trial}），各 {m} 个试验的期望最优 {expected:.4g}，共 {n} 个试验。",
)
_SPLIT = Text(en="does {name} matter?", zh="{name} 有没有作用？")
_FAVOURED = Text(
    en="equal trials a value ({counts} so far; {value} has {top} of the best {of})",
    zh="每个取值跑一样多（现在是 {counts}；最好的 {of} 个里 {value} 占 {top} 个）",
)


def choice_lines(seen: Evidence) -> Iterator[Line]:
    """One line a choice."""
    for each in seen.categoricals:
        line = _line(seen, each)
        if line is not None:
            yield line


def split_of(seen: Evidence, each: Categorical) -> IsolationFacts | None:
    """The values of a choice side by side, the runner-up as the baseline; None where fewer than two were tried."""
    levels = [Level(value, _part(seen, each, value)) for value in each.choices]
    levels = [level for level in levels if len(level.table)]
    if not 2 <= len(levels) <= MOST:
        return None
    first = measure_isolation(levels, levels[0].value, min_effect=seen.min_effect, seed_sd=seen.seed_sd)
    order = sorted((x for x in first.levels if x.p_best is not None), key=lambda x: -(x.p_best or 0.0))
    if len(order) < 2:
        return first
    return measure_isolation(levels, order[1].value, min_effect=seen.min_effect, seed_sd=seen.seed_sd)


def _part(seen: Evidence, each: Categorical, value: Value) -> TrialTable:
    """The table of one value, over the other hyperparameters."""
    table = seen.table
    at = table.space.names.index(each.name)
    unit = table.space[each.name].to_unit(value)
    keep = np.isclose(table.unit[:, at], unit) & ~table.failed & ~table.pruned
    others = [column for column in range(len(table.space)) if column != at]
    space = Space(tuple(h for h in table.space if h.name != each.name))
    return replace(
        table,
        space=space,
        ids=tuple(name for name, kept in zip(table.ids, keep, strict=True) if kept),
        unit=table.unit[keep][:, others],
        **{name: getattr(table, name)[keep] for name in ("error", "ok", "diverged", "pruned", "failed", "last_error")},
    )


def _line(seen: Evidence, each: Categorical) -> Line | None:
    about = f"split:{each.name}"
    done = Counter(str(trial.configuration.get(each.name)) for trial in seen.complete)
    if not done:
        return None
    asked = seen.scientific == each.name
    facts = split_of(seen, each) if asked or not seen.adaptive else None
    rows = _rows(seen, facts) if facts is not None and asked else ()
    if (
        facts is not None
        and not seen.adaptive
        and min(level.n for level in facts.levels) >= seen.settings["isolation.trials"]
    ):
        said = _compared(seen, each, facts, about)
        if said is not None:
            return replace(said, evidence=(*rows, *said.evidence))
    head = seen.ranked[:12]
    top = Counter(str(seen.value(name, each.name)) for name in head).most_common(1)
    counts = ", ".join(f"{value}: {n}" for value, n in done.most_common(5))
    value, n = top[0] if top else ("?", 0)
    settle = Settle(_FAVOURED.fill(counts=counts, value=value, top=n, of=len(head)))
    return replace(open_line(about, _SPLIT.fill(name=each.name), settle), evidence=rows)


def _rows(seen: Evidence, facts: IsolationFacts) -> tuple[Text, ...]:
    """Both drawings of the split as a row a value: its best trial, and the expected best of equally many."""
    return tuple(
        _VALUE.fill(
            value=level.value,
            best=seen.sign * level.best,
            trial=level.best_id,
            m=facts.budget,
            expected=seen.sign * level.expected_best,
            n=level.n,
        )
        for level in facts.levels
        if level.best is not None and level.expected_best is not None
    )


def _compared(seen: Evidence, each: Categorical, facts: IsolationFacts, about: str) -> Line | None:
    winner = facts.winner
    other = next((level for level in facts.levels if level.value == facts.baseline), None)
    if winner is None or other is None or winner.gain is None or winner.gain_sd is None or winner.gain_interval is None:
        return None
    # Asked of every pair of values of every choice, and of extremes, whose spread an estimate of SD may miss.
    questions = len(seen.categoricals) * len(facts.levels) * (len(facts.levels) - 1) / 2
    if winner.gain > 1.64 * winner.gain_sd and _chance(winner, other) * questions <= _FLUKE:
        return Line(
            "likely",
            about,
            _BETTER.fill(name=each.name, value=winner.value, other=other.value),
            (_gain(facts, winner, other), _EXPLORED),
            1.0 - _FLUKE,
        )
    ends = [end for level in facts.levels if level.gain_interval for end in level.gain_interval]
    if seen.min_effect is not None and ends and max(abs(end) for end in ends) < seen.min_effect:
        return Line("fine", about, _SAME.fill(name=each.name, effect=seen.min_effect))
    return None


def _chance(winner: LevelFacts, other: LevelFacts) -> float:
    """Share of shuffles of the two values among their trials in which the expected bests lie as far apart.

    Exact where the value was drawn apart from the other hyperparameters, which is so without a sampler that looks.
    """
    errors = np.array([*winner.errors, *other.errors])
    n = len(winner.errors)
    half = max(1, min(n, len(other.errors)) // 2)
    rng = np.random.default_rng(0)

    def apart(order: np.ndarray) -> float:
        first, second = np.sort(errors[order[:n]]), np.sort(errors[order[n:]])
        return abs(expected_best(first, half, 0) - expected_best(second, half, 0))

    seen = apart(np.arange(len(errors)))
    as_far = sum(apart(rng.permutation(len(errors))) >= seen for _ in range(_SHUFFLES))
    return (1 + as_far) / (_SHUFFLES + 1)


def _gain(facts: IsolationFacts, winner: LevelFacts, other: LevelFacts) -> Text:
    low, high = winner.gain_interval or (0.0, 0.0)
    return _GAIN.fill(m=facts.gain_budget, gain=winner.gain, low=low, high=high, n=winner.n, others=other.n)
