"""The project: everything that is declared, as `playnote.toml` or the Python API gives it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from playnote.records.objective import Objective
from playnote.records.settings import DEFAULTS, Settings
from playnote.space.hyperparameter import Value
from playnote.space.space import Space

# What a command may hold in braces besides the names of hyperparameters.
PLACEHOLDERS = ("seed", "max_train_steps", "evaluate_every", "trial", "folder")


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """A set of examples: where it comes from, its size and fingerprint, and the name the training code logs it by.

    fingerprint  SHA-256 over the sorted ids, None where no ids are declared
    logged_as    prefix of the split's metrics in the logs ("val" for dev), the split's own name by default
    """

    name: str
    source: str | None = None
    ids: str | None = None
    n: int | None = None
    fingerprint: str | None = None
    logged_as: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Workflow:
    """How one trial is trained: a Python function ("train:train") or a command with `{placeholders}`; exactly one.

    metrics          where a command's numbers come from: "recorder" (the trial's own log, or where the command
                     uses none the JSON lines it printed, read at its end), "stdout" (these lines as they come),
                     "jsonl:PATH", "csv:PATH", "tensorboard:PATH", "wandb-offline:PATH"; PATH may hold
                     `{trial}` and `{folder}`, those of the last two must
    max_train_steps  steps or epochs of a trial, one value for all trials
    evaluate_every   distance between evaluations, in the same unit
    unit             "steps" or "epochs"
    watch            further metrics whose NaN or infinity ends the trial
    seconds          time limit of one attempt, None for no limit
    memory_mb        resident memory limit, None for no limit
    folder           working folder, relative to the project file
    isolation        "warm": a worker trains one trial after another; "fresh": a new process for every trial
    """

    function: str | None = None
    command: str | None = None
    metrics: str = "recorder"
    max_train_steps: int | None = None
    evaluate_every: int | None = None
    unit: str = "steps"
    watch: tuple[str, ...] = ()
    seconds: float | None = None
    memory_mb: float | None = None
    folder: str = "."
    environment: Mapping[str, str] = field(default_factory=dict)
    retries: int = 2
    isolation: str = "warm"


@dataclass(frozen=True, slots=True)
class Budget:
    """What the project may spend in all; None where not declared."""

    trials: int | None = None
    hours: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """The declared side. `baseline` fixes every hyperparameter that a round does not vary; what the file leaves
    out of it is "off" where there is an off value, or the only choice.

    task        free keys of `[project] task`: type, modality, supervision, paradigm, architecture_from ...
    splits      by name: train, train_dev, dev, test
    deployment  the source the model will meet, compared with the splits' sources
    folder      absolute path of the project's folder, "" for a project without a file
    """

    name: str
    goal: str = ""
    task: Mapping[str, str] = field(default_factory=dict)
    objective: Objective
    splits: Mapping[str, Split] = field(default_factory=dict)
    deployment: str | None = None
    workflow: Workflow | None = None
    space: Space = field(default_factory=lambda: Space(()))
    baseline: Mapping[str, Value] = field(default_factory=dict)
    budget: Budget = Budget()
    settings: Settings = DEFAULTS
    folder: str = ""
