"""Hyperparameters and objectives in one line each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from playnote.errors import InputError
from playnote.recorder.formula import parse
from playnote.records.objective import Constraint, Direction, Objective, Read
from playnote.space.checks import is_number
from playnote.space.hyperparameter import Categorical, Float, Integer, Value
from playnote.space.scales import Scale
from playnote.space.showing import shown
from playnote.text import Text

When = Mapping[str, Value]


def uniform(
    low: float,
    high: float,
    *,
    off: float | None = None,
    natural_low: float | None = None,
    natural_high: float | None = None,
    group: str = "",
    when: When | None = None,
) -> Float:
    """A real number, all parts of the range alike.

    off           a value outside the range that means "not used"
    natural_low   a bound that cannot be moved, such as dropout 0
    when          values of other hyperparameters under which this one exists: {"optimizer": "adamw"}
    """
    return _float(low, high, "linear", off, (natural_low, natural_high), group, when)


def log_uniform(
    low: float,
    high: float,
    *,
    off: float | None = None,
    natural_low: float | None = None,
    natural_high: float | None = None,
    group: str = "",
    when: When | None = None,
) -> Float:
    """A positive real number, every decade alike: learning rates, strengths. `off=0.0` tries "none" as well."""
    return _float(low, high, "log", off, (natural_low, natural_high), group, when)


def log_complement(
    low: float,
    high: float,
    *,
    off: float | None = None,
    natural_low: float | None = None,
    natural_high: float | None = None,
    group: str = "",
    when: When | None = None,
) -> Float:
    """A real number below 1, every decade of its distance to 1 alike: momentum, beta1, beta2."""
    return _float(low, high, "log-complement", off, (natural_low, natural_high), group, when)


def integer(
    low: int,
    high: int,
    *,
    scale: Scale = "linear",
    off: int | None = None,
    natural_low: int | None = None,
    natural_high: int | None = None,
    group: str = "",
    when: When | None = None,
) -> Integer:
    """A whole number from `low` to `high`, both included."""
    return Integer(
        low=low,
        high=high,
        scale=scale,
        off=off,
        natural_low=natural_low,
        natural_high=natural_high,
        group=group,
        when=dict(when or {}),
    )


def choice(*choices: Value, group: str = "", when: When | None = None) -> Categorical:
    """One of several choices, without an order."""
    return Categorical(choices=choices, group=group, when=dict(when or {}))


def minimize(
    formula: str,
    *,
    min_effect: float | None = None,
    read: Read = "best",
    window: int = 5,
    constraints: Iterable[Constraint] = (),
    chance: float | str | None = None,
) -> Objective:
    """An objective of which less is better.

    formula     a logged metric ("dev/error"), or arithmetic over several ("dev/loss + 0.1 * latency_ms")
    min_effect  smallest difference that matters, in the score's own unit
    read        at which evaluation of a trial the score stands: its best, its last, or the mean of the last `window`
    """
    return _objective(formula, "minimize", min_effect, read, window, constraints, chance)


def maximize(
    formula: str,
    *,
    min_effect: float | None = None,
    read: Read = "best",
    window: int = 5,
    constraints: Iterable[Constraint] = (),
    chance: float | str | None = None,
) -> Objective:
    """An objective of which more is better; arguments as for `minimize`."""
    return _objective(formula, "maximize", min_effect, read, window, constraints, chance)


def _float(
    low: float,
    high: float,
    scale: Scale,
    off: float | None,
    natural: tuple[float | None, float | None],
    group: str,
    when: When | None,
) -> Float:
    return Float(
        low=_real(low),
        high=_real(high),
        scale=scale,
        off=None if off is None else _real(off),
        natural_low=None if natural[0] is None else _real(natural[0]),
        natural_high=None if natural[1] is None else _real(natural[1]),
        group=group,
        when=dict(when or {}),
    )


def _real(value: float) -> float:
    # 1 is meant as 1.0 here; anything that is no number is left for the checks of the space to report.
    return float(value) if is_number(value) else value


def _objective(
    formula: str,
    direction: Direction,
    min_effect: float | None,
    read: Read,
    window: int,
    constraints: Iterable[Constraint],
    chance: float | str | None,
) -> Objective:
    parse(formula)
    if min_effect is not None and not min_effect > 0:
        raise InputError(
            Text(en="min_effect is {value}.", zh="min_effect 是 {value}。").fill(value=shown(min_effect)),
            fix=Text(
                en="Give the smallest difference that matters as a positive number.",
                zh="写成正数：多大的差别才算数。",
            ),
        )
    return Objective(
        formula=formula,
        direction=direction,
        min_effect=min_effect,
        read=read,
        window=window,
        constraints=tuple(constraints),
        chance=chance,
    )
