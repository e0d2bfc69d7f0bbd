"""Two sets of numbers: is the second really better, and if that is not decided, what would decide it.

The baseline comes first, the candidate second. Nothing but the direction is required, and it is never guessed.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from playnote.diagnosis.adoption import (
    ONCE,
    OPEN,
    AdoptionFacts,
    AdoptionFinding,
    Looks,
    answer_adoption,
    measure_adoption,
)
from playnote.errors import Detail, InputError
from playnote.records.settings import DEFAULTS, Settings
from playnote.service.compare_sentences import message_of
from playnote.service.number_files import A_NUMBER, ADD_RUNS, SOME_NUMBERS, as_number, read_numbers
from playnote.stats.spike_slab import GainShares
from playnote.text import Text

Decision = Literal["adopt", "keep", "undecided"]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Whether a candidate is better than a baseline.

    decision    adopt, keep (the baseline) or undecided (the baseline stays, more runs could tell)
    gain        how much better the candidate is, in the metric's unit, whatever its direction; None without runs
    interval    of the true gain, at `level` (two-sided); None where no noise could be measured
    probability that the candidate is really better; None where nothing can be said
    more_runs   further runs of each arm that would adopt a gain of `min_effect` with 80 %; None: not by more runs
    message     the answer in one sentence
    facts, finding  everything a view shows beside it, in errors (lower is better)
    """

    decision: Decision
    gain: float | None
    interval: tuple[float, float] | None
    level: float
    probability: float | None
    more_runs: int | None
    message: Text
    direction: Literal["minimize", "maximize"]
    baseline: tuple[float, ...]
    candidate: tuple[float, ...]
    facts: AdoptionFacts
    finding: AdoptionFinding
    names: tuple[str, str] = ("baseline", "candidate")
    paired: bool = False

    @property
    def shares(self) -> GainShares | None:
        """Better, no real difference, worse."""
        return self.facts.chance

    @property
    def small(self) -> bool:
        """A real gain that surely stays below `min_effect`: worth it only if the change adds no complexity."""
        return self.finding.small

    def as_json(self) -> dict[str, Any]:
        """The pinned keys: decision, gain, interval, level, probability, more_runs, message."""
        return {
            "decision": self.decision,
            "gain": self.gain,
            "interval": None if self.interval is None else list(self.interval),
            "level": self.level,
            "probability": self.probability,
            "more_runs": self.more_runs,
            "message": self.message.as_json(),
        }


def compare(
    a: Iterable[Any],
    b: Iterable[Any],
    *,
    direction: str | None = None,
    min_effect: float | None = None,
    paired: bool = False,
    history: Sequence[Iterable[Any]] = (),
    alpha: float | None = None,
    margin: float = 0.0,
    up_to: int | None = None,
    open_ended: bool = False,
    settings: Settings = DEFAULTS,
) -> Comparison:
    """Compare the final numbers of a baseline with those of a candidate.

    a, b       : numbers, one a fresh run; NaN, infinite or None: the run failed, which counts against its arm
    direction  : "minimize" or "maximize"
    min_effect : smallest difference that matters, in the metric's unit
    paired     : the k-th runs of both share a seed or data split
    history    : earlier repeats of other configurations of the same pipeline, one sequence each: they lend their noise
    alpha      : one-sided chance to adopt a change that is no better; the setting `adoption.alpha` where None
    margin     : what the gain must exceed
    up_to      : you may look after every run, up to this many an arm: each look needs a smaller p
    open_ended : you may look as often as you like, without a plan
    Raises InputError with one detail per fault.
    """
    faults: list[Detail] = []
    arms = [_taken(values, name, faults) for values, name in ((a, "a"), (b, "b"))]
    groups = [_taken(values, f"history[{index}]", faults, least=0) for index, values in enumerate(history)]
    _check(direction, min_effect, alpha, margin, up_to, open_ended, faults)
    if paired and len(arms[0]) != len(arms[1]) and all(arms):
        faults.append(_uneven(len(arms[0]), len(arms[1])))
    _raise(faults)
    looks = OPEN if open_ended else ONCE if up_to is None else Looks.up_to(up_to)
    return _compared(
        arms[0], arms[1], groups, direction == "minimize", min_effect, paired, alpha, margin, looks, settings
    )


def compare_files(
    a: str,
    b: str,
    *,
    direction: str | None = None,
    min_effect: float | None = None,
    paired: bool = False,
    history: Sequence[str] = (),
    alpha: float | None = None,
    margin: float = 0.0,
    up_to: int | None = None,
    open_ended: bool = False,
    settings: Settings = DEFAULTS,
) -> Comparison:
    """`compare` for files: one number a line, `file.csv:column`, a JSON list, or JSON lines; all faults at once."""
    files = [read_numbers(spec) for spec in (a, b, *history)]
    faults = [fault for file in files for fault in file.faults]
    _check(direction, min_effect, alpha, margin, up_to, open_ended, faults)
    first, second = files[0].numbers, files[1].numbers
    if paired and not faults and len(first) != len(second):
        faults.append(_uneven(len(first), len(second)))
    _raise(faults)
    looks = OPEN if open_ended else ONCE if up_to is None else Looks.up_to(up_to)
    groups = [file.numbers for file in files[2:]]
    lower = direction == "minimize"
    return _compared(first, second, groups, lower, min_effect, paired, alpha, margin, looks, settings, (a, b))


def _compared(
    first: Sequence[float],
    second: Sequence[float],
    groups: Sequence[Sequence[float]],
    lower: bool,
    min_effect: float | None,
    paired: bool,
    alpha: float | None,
    margin: float,
    looks: Looks,
    settings: Settings,
    names: tuple[str, str] = ("baseline", "candidate"),
) -> Comparison:
    sign = 1.0 if lower else -1.0
    facts = measure_adoption(
        [sign * value for value in first],
        [sign * value for value in second],
        history=[[sign * value for value in group] for group in groups],
        pairs=paired,
        min_effect=min_effect,
        margin=margin,
        alpha=alpha,
        looks=looks,
        settings=settings,
    )
    finding = answer_adoption(facts, settings)
    decision = decide(facts, finding)
    return Comparison(
        decision=decision,
        gain=facts.gain,
        interval=facts.interval,
        level=facts.level,
        probability=None if facts.chance is None else finding.p if finding.p is not None else facts.chance.better,
        more_runs=_more(facts, finding, settings) if decision == "undecided" else None,
        message=message_of(decision, facts, finding, settings),
        direction="minimize" if lower else "maximize",
        baseline=tuple(first),
        candidate=tuple(second),
        facts=facts,
        finding=finding,
        names=names,
        paired=paired,
    )


def decide(facts: AdoptionFacts, finding: AdoptionFinding) -> Decision:
    """Adopt on a yes that matters; keep on a no or where the interval leaves no gain that matters; else undecided."""
    if finding.label == "yes":
        return "keep" if finding.small else "adopt"
    if finding.label == "no":
        return "keep"
    if finding.missing or facts.interval is None:
        return "undecided"
    matters = facts.margin if facts.min_effect is None else max(facts.min_effect, facts.margin)
    return "keep" if facts.interval[1] < matters else "undecided"


def _more(facts: AdoptionFacts, finding: AdoptionFinding, settings: Settings) -> int | None:
    if facts.identical or finding.barred:
        return None
    if facts.enough:
        return facts.more_runs
    short = int(settings["adoption.runs"]) - min(facts.n)
    return max(short, facts.more_runs or 0)


def _taken(values: Iterable[Any], name: str, faults: list[Detail], least: int = 1) -> list[float]:
    """The numbers of an argument; every entry that is none becomes a fault."""
    try:
        entries = list(values) if not isinstance(values, (str, bytes)) else [values]
    except TypeError:
        entries = [values]
    numbers: list[float] = []
    for index, entry in enumerate(entries):
        number = as_number(entry) if not isinstance(entry, (str, bytes)) else None
        if number is None:
            fix = Text(en="Give numbers, and nan for a run that failed.", zh="请给数字；失败的训练写 nan。")
            faults.append(Detail(f"{name}[{index}]", repr(entry)[:60], A_NUMBER, fix))
        else:
            numbers.append(number)
    if len(entries) < least:
        faults.append(Detail(name, "[]", SOME_NUMBERS, ADD_RUNS))
    return numbers


def _check(
    direction: str | None,
    min_effect: float | None,
    alpha: float | None,
    margin: float,
    up_to: int | None,
    open_ended: bool,
    faults: list[Detail],
) -> None:
    if direction not in ("minimize", "maximize"):
        ask = Text(
            en="Say which way is better: minimize for errors and losses, maximize for accuracies.",
            zh="说明哪个方向更好：误差、损失用 minimize，准确率用 maximize。",
        )
        shown = "nothing" if direction is None else repr(direction)
        faults.append(Detail("direction", shown, Text(en="minimize or maximize", zh="minimize 或 maximize"), ask))
    if min_effect is not None and not _within(min_effect, 0.0, math.inf):
        allowed = Text(en="a number above 0", zh="大于 0 的数")
        fix = Text(
            en="Give the smallest difference that matters, or leave it out.", zh="写上有意义的最小差异，或者不写。"
        )
        faults.append(Detail("min_effect", repr(min_effect), allowed, fix))
    if alpha is not None and not _within(alpha, 0.0, 0.5):
        fix = Text(en="Use 0.05 unless you know why not.", zh="没有特别理由就用 0.05。")
        faults.append(Detail("alpha", repr(alpha), Text(en="between 0 and 0.5", zh="0 到 0.5 之间"), fix))
    if not _within(margin, -math.inf, math.inf):
        fix = Text(en="Use 0 unless the change has a price.", zh="改动没有代价就写 0。")
        faults.append(Detail("margin", repr(margin), Text(en="a finite number", zh="有限的数"), fix))
    if up_to is not None and (isinstance(up_to, bool) or not isinstance(up_to, int) or not 2 <= up_to <= 10_000):
        fix = Text(en="Give the most runs an arm you may look at.", zh="写上每边最多会跑到几次。")
        faults.append(
            Detail("up_to", repr(up_to), Text(en="a whole number from 2 to 10000", zh="2 到 10000 的整数"), fix)
        )
    elif up_to is not None and open_ended:
        fix = Text(en="Leave one of them out.", zh="两者去掉一个。")
        one = Text(en="a planned maximum or no plan", zh="有计划上限，或没有计划")
        faults.append(Detail("up_to, open_ended", "both", one, fix))


def _within(value: object, low: float, high: float) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and low < value < high


def _uneven(first: int, second: int) -> Detail:
    return Detail(
        "paired",
        f"{first} and {second} runs",
        Text(en="as many runs in both", zh="两边次数相同"),
        Text(en="Write nan where a partner is missing, or compare unpaired.", zh="缺的一方写 nan，或者不配对比较。"),
    )


def _raise(faults: list[Detail]) -> None:
    if not faults:
        return
    if len(faults) == 1:
        one = faults[0]
        problem = Text(
            en="{path}: found {found}, allowed is {allowed}.", zh="{path}：写的是 {found}，允许的是{allowed}。"
        ).fill(path=one.path, found=one.found, allowed=one.allowed)
        raise InputError(problem, fix=one.fix, details=faults)
    problem = Text(en="The comparison has {n} faults.", zh="比较的输入有 {n} 处问题。").fill(n=len(faults))
    raise InputError(problem, fix=Text(en="Mend each place below.", zh="按下面逐处改正。"), details=faults)
