"""What each tool takes. Unknown arguments are refused, never ignored: an agent that names an actor or a project is told."""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

Scalar = bool | int | float | str
StateId = Annotated[str, Field(description="state_id of the answer this act was decided on", max_length=40)]
Offset = Annotated[int, Field(default=0, ge=0, description="first row to show; answers give next_offset")]
Workers = Annotated[int, Field(default=1, ge=1, le=64, description="worker processes, one thread each")]


class Ask(BaseModel):
    """The root: strict about names."""

    model_config = ConfigDict(extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _unquoted(cls, given: Any) -> Any:
        """Lists and objects that a client sent as text: some do, for every argument that may also be text."""
        if not isinstance(given, dict):
            return given
        return {name: _parsed(value) if _may_be_more(cls, name) else value for name, value in given.items()}


def _may_be_more(asked: type[Ask], name: str) -> bool:
    return name in asked.model_fields and asked.model_fields[name].annotation is not str


def _parsed(value: Any) -> Any:
    if not isinstance(value, str) or value[:1] not in ("[", "{"):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return value


class Nothing(Ask):
    """No arguments."""


class OpenRound(Ask):
    """A question and its values."""

    question: Annotated[str, Field(min_length=3, max_length=300, description="the one question of this round")]
    scientific: Annotated[
        dict[str, list[Scalar]],
        Field(description='the values compared: {"dropout": [0.0, 0.2]}; {} explores the ranges only'),
    ]
    trials_per_value: Annotated[int | None, Field(default=None, ge=1, le=10_000)]
    nuisance: Annotated[list[str] | None, Field(default=None, description="hyperparameters tuned for each value")]
    search: Literal["quasi-random", "random", "grid", "bayes", "optuna:tpe", "optuna:gp", "optuna:cma-es"] = (
        "quasi-random"
    )
    seed: Annotated[int, Field(default=0, ge=0, description="seed of the point sequence")]
    workers: Workers
    dry: Annotated[bool, Field(default=False, description="plan and pass the gate, store nothing")]
    state_id: StateId


class RunRound(Ask):
    """The open round, or one by number."""

    round: Annotated[int | None, Field(default=None, ge=1)]
    workers: Workers
    state_id: StateId


class Status(Ask):
    """A job, or everything that runs."""

    job: Annotated[str | None, Field(default=None, max_length=100)]
    wait_s: Annotated[float, Field(default=0.0, ge=0, le=50, description="wait so long for the job to end")]


class Verdicts(Ask):
    """A round, or what is due."""

    round: Annotated[int | None, Field(default=None, ge=1, description="default: the open round, else the latest")]
    due: Annotated[bool, Field(default=False, description="all rules that are due instead of one round's")]
    offset: Offset


class Evidence(Ask):
    """A handle."""

    handle: Annotated[str, Field(max_length=200, description='such as "ev:r1/trials", "ev:t0003", "ev:E3-boundary"')]
    offset: Offset


class ChartOf(Ask):
    """Pictures of a round."""

    round: Annotated[int | None, Field(default=None, ge=1, description="default: the open round, else the latest")]
    chart: Annotated[str | None, Field(default=None, max_length=100, description="a name; without one they are listed")]
    offset: Offset


class Measure(Ask):
    """A procedure."""

    what: Annotated[str, Field(max_length=40, description='"baseline", "seeds", "lr" or another procedure')]
    options: Annotated[dict[str, float], Field(default={}, description='the procedure\'s own numbers: {"steps": 500}')]
    seeds: Annotated[int | None, Field(default=None, ge=1, le=100, description="seeds the baseline should have")]
    trial: Annotated[str | None, Field(default=None, max_length=40, description='what="rerun": the trial to repeat')]
    workers: Workers
    state_id: StateId


class Widen(Ask):
    """One end of a range of the open round."""

    name: Annotated[str, Field(max_length=100)]
    side: Literal["low", "high"]
    to: Annotated[float | None, Field(default=None, description="the new end; the playbook's proposal by default")]
    state_id: StateId


class Adopt(Ask):
    """A candidate."""

    trial: Annotated[str | None, Field(default=None, max_length=40, description="default: the best of the round")]
    up_to: Annotated[int, Field(default=4, ge=2, le=100, description="fresh seeds of each side at most")]
    workers: Workers
    state_id: StateId


class Compare(Ask):
    """Two sets of final numbers."""

    baseline: Annotated[
        list[float | None] | str, Field(description="numbers, or FILE or FILE.csv:column in the project")
    ]
    candidate: list[float | None] | str
    direction: Literal["minimize", "maximize"] | None = None
    min_effect: Annotated[float | None, Field(default=None, gt=0)]
    paired: bool = False
    up_to: Annotated[int | None, Field(default=None, ge=1, description="if you look after every run: the most runs")]


class Review(Ask):
    """Trials made elsewhere, in a file or folder of the project."""

    source: Annotated[str, Field(max_length=400, description="path in the project: a study file, a folder of logs")]
    direction: Literal["minimize", "maximize"] | None = None
    min_effect: Annotated[float | None, Field(default=None, gt=0)]
    metric: str | None = None
    scientific: str | None = None
    study: str | None = None
    offset: Offset


class ProposeAnswer(Ask):
    """An answer for a person to confirm."""

    rule: Annotated[str, Field(max_length=60)]
    answer: Annotated[str, Field(max_length=2000)]
    state_id: StateId


class ProposeWaiver(Ask):
    """A waiver for a person to confirm."""

    rule: Annotated[str, Field(max_length=60)]
    because: Annotated[str, Field(max_length=2000)]
    state_id: StateId


class AskPerson(Ask):
    """A question to a person."""

    question: Annotated[str, Field(max_length=2000)]
    rule: Annotated[str | None, Field(default=None, max_length=60)]
