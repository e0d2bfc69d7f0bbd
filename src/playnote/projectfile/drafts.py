"""The shape of `playnote.toml`: which keys exist and of which type each value is.

Everything is optional here. What must be there, and what the values mean, is decided in
`meaning`, so that a missing line and a wrong type are both reported from one reading.
"""

from __future__ import annotations

import sys
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, BeforeValidator, ConfigDict
from pydantic_core import PydanticCustomError


def _number(value: Any) -> Any:
    # A whole number stays whole: `Integer` and `Float` are told apart by how the range is written.
    too_large = isinstance(value, int) and abs(value) > sys.float_info.max
    if isinstance(value, bool) or not isinstance(value, int | float) or too_large:
        raise PydanticCustomError("number", "a number")
    return value


def _choice(value: Any) -> Any:
    if not isinstance(value, bool | int | float | str):
        raise PydanticCustomError("choice", "a string, a number, or true or false")
    return value


Number = Annotated[Any, BeforeValidator(_number)]
Choice = Annotated[Any, BeforeValidator(_choice)]


class Draft(BaseModel):
    """A table of the file: unknown keys are faults, and a string is never taken for a number."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", strict=True)


class ProjectDraft(Draft):
    """[project]"""

    name: str | None = None
    goal: str | None = None
    task: dict[str, str] | None = None


class HumanDraft(Draft):
    """human = { error = 0.01, n = 200 }"""

    error: Number = None
    n: int | None = None


class ConstraintDraft(Draft):
    """[[objective.constraints]]"""

    metric: str | None = None
    at_most: Number = None
    at_least: Number = None


class ObjectiveDraft(Draft):
    """[objective]"""

    optimize: str | None = None
    direction: str | None = None
    min_effect: Number = None
    read: str | None = None
    window: int | None = None
    chance: Number | str | None = None
    human: HumanDraft | None = None
    constraints: list[ConstraintDraft] | None = None


class SplitDraft(Draft):
    """train = { source = "web", ids = "splits/train.txt", logged_as = "train" }"""

    source: str | None = None
    ids: str | None = None
    logged_as: str | None = None


class WorkflowDraft(Draft):
    """[workflow]"""

    function: str | None = None
    command: str | None = None
    metrics: str | None = None
    max_train_steps: int | str | None = None
    evaluate_every: int | str | None = None
    watch: list[str] | None = None
    seconds: Number = None
    memory_mb: Number = None
    folder: str | None = None
    environment: dict[str, str] | None = None
    retries: int | None = None
    isolation: str | None = None


class HyperparameterDraft(Draft):
    """lr = { low = 1e-4, high = 1.0, scale = "log" }"""

    low: Number = None
    high: Number = None
    scale: str | None = None
    off: Number = None
    natural_low: Number = None
    natural_high: Number = None
    choices: list[Choice] | None = None
    group: str | None = None
    when: dict[str, Choice] | None = None


class BudgetDraft(Draft):
    """[budget]"""

    trials: int | None = None
    hours: Number = None
