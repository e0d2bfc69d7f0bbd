"""What [objective] means: a formula, a direction that is never guessed, constraints that stand apart from it."""

from __future__ import annotations

from typing import Any

from playnote.errors import FormulaError
from playnote.projectfile.drafts import ConstraintDraft, HumanDraft, ObjectiveDraft
from playnote.projectfile.structure import Faults
from playnote.recorder.formula import parse
from playnote.records.objective import Constraint, Direction, Objective, Read
from playnote.space.checks import is_number
from playnote.space.showing import instead_of, one_of, shown
from playnote.text import Text, same

DIRECTIONS: tuple[Direction, ...] = ("minimize", "maximize")
READS: tuple[Read, ...] = ("best", "last", "window")
CHANCE_WORDS = ("majority-class", "class-prior", "mean-predictor", "none")
# Standing for what is reported as missing, so that the rest of the file is still checked.
_UNKNOWN = Objective(formula="?", direction="minimize")


def read_objective(draft: ObjectiveDraft, faults: Faults) -> Objective:
    """The objective; where something is missing or wrong it is reported and stands in as unknown."""
    terms = formula_terms(draft.optimize, faults)
    direction = _word(draft.direction, DIRECTIONS, "direction", faults)
    if direction is None:
        faults.missing(
            "objective.direction",
            one_of(shown(each) for each in DIRECTIONS),
            Text(
                en='Say which way is better: direction = "minimize" (it is never guessed).',
                zh='写明哪个方向更好：direction = "minimize"（绝不替你猜）。',
            ),
        )
    read = _word(draft.read, READS, "read", faults)
    _positive(draft.min_effect, "objective.min_effect", faults)
    _positive(draft.window, "objective.window", faults)
    return Objective(
        formula=draft.optimize or _UNKNOWN.formula,
        direction=direction or _UNKNOWN.direction,
        min_effect=None if draft.min_effect is None else float(draft.min_effect),
        read=read or "best",
        window=draft.window or 5,
        constraints=_constraints(draft.constraints or [], terms, faults),
        chance=_chance(draft.chance, faults),
        human=_human(draft.human, faults),
    )


def formula_terms(formula: str | None, faults: Faults) -> tuple[str, ...]:
    """The metrics of the formula; none where it is missing or wrong, which is reported."""
    if formula is None:
        faults.missing(
            "objective.optimize",
            Text(en="A logged metric, or arithmetic over several.", zh="一个记录下来的指标，或几个指标的算式。"),
            same('optimize = "dev/error"'),
        )
        return ()
    try:
        terms = parse(formula).terms
    except FormulaError as error:
        for detail in error.details:
            faults.add("objective.optimize", f"{shown(formula)}: {detail.found}", detail.allowed, detail.fix)
        return ()
    if not terms:
        faults.add(
            "objective.optimize",
            shown(formula),
            Text(en="At least one logged metric.", zh="至少用到一个记录下来的指标。"),
            same('optimize = "dev/error"'),
        )
    for term in terms:
        if term.startswith("test/"):
            faults.add("objective.optimize", term, _NO_TEST, _USE_DEV)
    return terms


_NO_TEST = Text(
    en="Metrics of dev: test is read only at declared milestones.",
    zh="Dev 上的指标：Test 只在申报过的节点才读。",
)
_USE_DEV = Text(en="Use the same metric on dev.", zh="改用 Dev 上的同一个指标。")


def _word(value: str | None, allowed: tuple[str, ...], key: str, faults: Faults) -> Any:
    if value is None or value in allowed:
        return value
    faults.add(f"objective.{key}", shown(value), one_of(shown(each) for each in allowed), instead_of(value, allowed))
    return None


def finite(value: float | None, path: str, faults: Faults) -> bool:
    """Whether there is a number that is finite; one that is not is reported."""
    if value is None or is_number(value):
        return value is not None
    faults.add(
        path,
        shown(value),
        Text(en="A finite number.", zh="有限的数。"),
        Text(en="Write an ordinary number, or leave the line out.", zh="写一个普通的数，或删掉这一行。"),
    )
    return False


def _positive(value: float | None, path: str, faults: Faults) -> None:
    if finite(value, path, faults) and value is not None and value <= 0:
        faults.add(path, shown(value), *_ABOVE_ZERO)


_ABOVE_ZERO = (
    Text(en="Above 0.", zh="大于 0。"),
    Text(en="Write a positive number; the direction is declared apart.", zh="写一个正数；方向另外声明。"),
)


def _constraints(drafts: list[ConstraintDraft], terms: tuple[str, ...], faults: Faults) -> tuple[Constraint, ...]:
    made = []
    for number, draft in enumerate(drafts):
        path = f"objective.constraints[{number}]"
        if draft.metric is None:
            faults.missing(
                f"{path}.metric", Text(en="A logged metric.", zh="一个记录下来的指标。"), same('metric = "latency_ms"')
            )
            continue
        if draft.metric in terms:
            faults.add(f"{path}.metric", shown(draft.metric), _NOT_TWICE, _CHOOSE)
        if draft.metric.startswith("test/"):
            faults.add(f"{path}.metric", shown(draft.metric), _NO_TEST, _USE_DEV)
        _bounds(draft, path, faults)
        made.append(Constraint(draft.metric, _float(draft.at_most), _float(draft.at_least)))
    return tuple(made)


_NOT_TWICE = Text(
    en="A metric that is not in the formula: constraints filter first, the formula ranks what is left.",
    zh="公式里没有的指标：约束先筛选，公式再排序。",
)
_CHOOSE = Text(en="Take it out of the formula or out of the constraints.", zh="从公式或约束里去掉一处。")


def _bounds(draft: ConstraintDraft, path: str, faults: Faults) -> None:
    low, high = draft.at_least, draft.at_most
    given = [key for key in ("at_least", "at_most") if finite(getattr(draft, key), f"{path}.{key}", faults)]
    if low is None and high is None and not faults.covers(path):
        either = Text(en="`at_most` or `at_least`.", zh="`at_most` 或 `at_least`。")
        faults.add(path, "at_most = ?, at_least = ?", either, same("at_most = 100"))
    if len(given) == 2 and low > high:
        faults.add(
            path,
            f"at_least = {shown(low)}, at_most = {shown(high)}",
            Text(en="`at_least` at or below `at_most`.", zh="`at_least` 不大于 `at_most`。"),
            Text(en="Swap them.", zh="对调两者。"),
        )


def _float(value: float | None) -> float | None:
    return None if value is None else float(value)


def _chance(value: float | str | None, faults: Faults) -> float | str | None:
    if isinstance(value, str):
        if value not in CHANCE_WORDS:
            allowed = Text(en="A number, or one of: {names}.", zh="数，或其中之一：{names}。").fill(
                names=", ".join(CHANCE_WORDS)
            )
            faults.add("objective.chance", shown(value), allowed, instead_of(value, CHANCE_WORDS))
        return value
    return _float(value) if finite(value, "objective.chance", faults) else None


def _human(draft: HumanDraft | None, faults: Faults) -> tuple[float, int] | None:
    if draft is None:
        return None
    for key in ("error", "n"):
        if getattr(draft, key) is None:
            faults.missing(
                f"objective.human.{key}",
                Text(
                    en="Both `error` and `n`: a human level means little without its size.",
                    zh="`error` 和 `n` 都要写：没有样本数，人类水平说明不了什么。",
                ),
                same("human = { error = 0.01, n = 200 }"),
            )
    finite(draft.error, "objective.human.error", faults)
    if draft.n is not None and draft.n < 1:
        faults.add("objective.human.n", shown(draft.n), *_ABOVE_ZERO)
    return None if draft.error is None or draft.n is None else (float(draft.error), draft.n)
