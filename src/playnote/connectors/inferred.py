"""A space where none is recorded: what varied between the trials, over the range that was tried.

An inferred range ends where the trials end, so a crowd at an end is weaker evidence than with a declared range.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence

from playnote.connectors.series import listed
from playnote.space.hyperparameter import Categorical, Float, Hyperparameter, Integer, Value
from playnote.space.space import Space
from playnote.text import Text

SEEDS = frozenset({"seed", "random_seed", "random_state"})
_SEED = "_seed"  # also a seed where it ends so: of the split, of the sampler
# Stands for the settings of a run whose tool recorded none: unknown settings are not the same settings.
RUN = "run"
INFERRED = Text(
    en="No ranges are recorded: they are the smallest and largest value tried, so boundary answers are weaker.",
    zh="没有记录搜索范围：这里用试过的最小值和最大值代替，所以边界结论要打折扣。",
)
_LABELS = Text(
    en="{names}: text that is different in every trial is a label and was not taken for a hyperparameter.",
    zh="{names}：每个试验的文字都不一样，当作标签，没有算成超参。",
)
_LOG_RATIO = 10.0
_FEW = 3  # trials from which text that never repeats is a label


def flat(settings: Mapping[str, object], prefix: str = "") -> dict[str, Value]:
    """Nested settings as one level ("optimizer.lr"); lists as their JSON text, what was never set left out."""
    found: dict[str, Value] = {}
    for key, value in settings.items():
        name = f"{prefix}{key}"
        if isinstance(value, Mapping):
            found |= flat({str(k): v for k, v in value.items()}, f"{name}.")
        elif isinstance(value, str | bool | int | float):
            found[name] = value
        elif value is not None:
            found[name] = json.dumps(value, default=str, ensure_ascii=False)
    return found


def is_seed(name: str) -> bool:
    """Whether a name is that of a seed: runs that differ in it alone are repeats."""
    return name in SEEDS or name.endswith(_SEED)


def seed_of(configuration: Mapping[str, Value]) -> int | None:
    """The seed, where the configuration holds one under a usual name."""
    for name, value in configuration.items():
        if (
            is_seed(name)
            and isinstance(value, int | float)
            and not isinstance(value, bool)
            and float(value).is_integer()
        ):
            return int(value)
    return None


def inferred_space(
    configurations: Sequence[Mapping[str, Value]], recorded: Mapping[str, Hyperparameter] | None = None
) -> tuple[Space, tuple[Text, ...]]:
    """The hyperparameters that vary (seeds aside), and what has to be said of them.

    recorded  those whose range the source holds; they are taken as they are
    """
    known = recorded or {}
    names = dict.fromkeys(name for each in configurations for name in each if not is_seed(name) and name != RUN)
    found, labels = list[Hyperparameter](), []
    guessed = False
    for name in names:
        values = [each[name] for each in configurations if name in each]
        hyperparameter = known.get(name) or inferred(name, values)
        if hyperparameter is None:
            continue
        if name not in known and _is_label(hyperparameter, values, len(configurations)):
            labels.append(name)
            continue
        guessed = guessed or name not in known
        found.append(hyperparameter)
    notes = [INFERRED] if guessed else []
    if labels:
        notes.append(_LABELS.fill(names=listed(labels)))
    return Space(tuple(found)), tuple(notes)


def inferred(name: str, values: Sequence[Value]) -> Hyperparameter | None:
    """Log where the values are positive and span more than a factor of ten; None where nothing varies."""
    if any(isinstance(each, str | bool) for each in values):
        choices = tuple(dict.fromkeys(values if not any(isinstance(v, str) for v in values) else map(str, values)))
        return Categorical(name=name, choices=choices) if len(choices) > 1 else None
    numbers = [each for each in values if isinstance(each, int | float) and math.isfinite(each)]
    if not numbers or not min(numbers) < max(numbers):
        return None
    low, high = min(numbers), max(numbers)
    log = low > 0 and high / low > _LOG_RATIO
    if all(isinstance(each, int) for each in numbers):
        return Integer(name=name, low=int(low), high=int(high), scale="log" if log else "linear")
    return Float(name=name, low=float(low), high=float(high), scale="log" if log else "linear")


def whole_numbers(configurations: Iterable[dict[str, Value]]) -> None:
    """Turns a hyperparameter's floats into whole numbers where all of them are: some tools keep every number as one."""
    configurations = list(configurations)
    for name in dict.fromkeys(name for each in configurations for name in each):
        values = [each[name] for each in configurations if name in each]
        if all(isinstance(each, float) and each.is_integer() for each in values):
            for each in configurations:
                if name in each:
                    each[name] = int(each[name])


def _is_label(hyperparameter: Hyperparameter, values: Sequence[Value], trials: int) -> bool:
    texts = isinstance(hyperparameter, Categorical) and all(isinstance(each, str) for each in values)
    return texts and trials >= _FEW and len(set(values)) == len(values) == trials
