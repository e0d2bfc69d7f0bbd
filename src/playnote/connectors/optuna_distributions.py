"""Optuna's distributions as hyperparameters, of the present and of the older kinds.

A parameter whose range changed during the study gets the widest range it had.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from playnote.space.hyperparameter import Categorical, Float, Hyperparameter, Integer, Value

_WHOLE = frozenset({"IntDistribution", "IntUniformDistribution", "IntLogUniformDistribution"})
_LOG = frozenset({"LogUniformDistribution", "IntLogUniformDistribution"})


def choice(value: object) -> Value:
    """A categorical choice as a value; what is no string, number or truth value is named by its text."""
    return value if isinstance(value, str | bool | int | float) else str(value)


def value_of(stored: float, distribution: Mapping[str, Any]) -> Value:
    """The value a trial had: choices are stored by index, whole numbers as floats."""
    attributes = distribution["attributes"]
    if "choices" in attributes:
        return choice(attributes["choices"][int(stored)])
    return int(stored) if distribution["name"] in _WHOLE else float(stored)


def hyperparameter_of(name: str, texts: Iterable[str]) -> Hyperparameter | None:
    """The hyperparameter behind one or several distributions of a parameter; None where it never varied."""
    all_of = [json.loads(text) for text in texts]
    attributes = [each["attributes"] for each in all_of]
    if any("choices" in each for each in attributes):
        choices = tuple(dict.fromkeys(choice(c) for each in attributes for c in each.get("choices", ())))
        return Categorical(name=name, choices=choices) if len(choices) > 1 else None
    low, high = min(each["low"] for each in attributes), max(each["high"] for each in attributes)
    if not low < high:
        return None
    log = all(each.get("log") or kind["name"] in _LOG for kind, each in zip(all_of, attributes, strict=True))
    if all(each["name"] in _WHOLE for each in all_of):
        return Integer(name=name, low=int(low), high=int(high), scale="log" if log else "linear")
    return Float(name=name, low=float(low), high=float(high), scale="log" if log else "linear")
