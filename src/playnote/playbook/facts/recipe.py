"""Facts of the recipe: optimizer, schedule, batch size and structure of the baseline, recognised by their names.

A value is taken from the baseline's configuration, else from `task` in the project file, else from what the
training code noted of its latest baseline run. What none of them says is None, never a guess.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from playnote.playbook.facts.base import Provider, of_project
from playnote.records.project import Project
from playnote.records.state import ProjectState
from playnote.space.hyperparameter import Categorical, Value

RATES = frozenset({"lr", "learning_rate", "base_lr", "peak_lr", "max_lr"})
BATCHES = frozenset({"batch_size", "batch", "bs", "train_batch_size", "global_batch_size"})
OPTIMIZERS = frozenset({"optimizer", "optim", "opt"})
SCHEDULES = frozenset({"schedule", "lr_schedule", "scheduler", "lr_scheduler", "lr_scheduler_type"})
MOMENTUM = frozenset({"momentum", "one_minus_momentum"})
ADAM: Mapping[str, frozenset[str]] = {
    "beta1": frozenset({"beta1", "beta_1", "b1", "adam_beta1", "one_minus_beta1"}),
    "beta2": frozenset({"beta2", "beta_2", "b2", "adam_beta2", "one_minus_beta2"}),
    "epsilon": frozenset({"eps", "epsilon", "adam_eps", "adam_epsilon"}),
}
STRUCTURE = frozenset(
    [
        "depth",
        "layers",
        "n_layers",
        "num_layers",
        "blocks",
        "n_blocks",
        "width",
        "hidden",
        "hidden_size",
        "hidden_dim",
        "d_model",
        "embed_dim",
        "heads",
        "n_heads",
        "num_heads",
        "channels",
        "n_channels",
        "filters",
        "activation",
        "kernel_size",
        "mlp_ratio",
        "patch_size",
    ]
)
STRENGTHS = frozenset(
    [
        "weight_decay",
        "wd",
        "l2",
        "l1",
        "dropout",
        "dropout_rate",
        "drop_path",
        "stochastic_depth",
        "label_smoothing",
        "mixup_alpha",
        "cutmix_alpha",
        "augmentation_strength",
        "randaugment_magnitude",
        "noise_std",
    ]
)
ADAM_FAMILY = frozenset({"adam", "nadam", "adamw", "radam", "adamax"})


@dataclass(frozen=True)
class Recipe:
    """The baseline's parts.

    optimizer, schedule  in lower case, None where nothing says
    rate, batch          (name, value); value None where the baseline gives none
    adam                 beta1, beta2 and epsilon as far as they are known
    structure            names of hyperparameters that are the architecture's
    optimizer_names      names of hyperparameters that are the optimizer's
    strengths            names of hyperparameters that are strengths of regularization
    said                 everything declared in `task`, for the rules' own keys
    """

    optimizer: str | None = None
    schedule: str | None = None
    rate: tuple[str, Value | None] | None = None
    batch: tuple[str, Value | None] | None = None
    adam: Mapping[str, float] = field(default_factory=dict)
    structure: tuple[str, ...] = ()
    optimizer_names: tuple[str, ...] = ()
    strengths: tuple[str, ...] = ()
    said: Mapping[str, str] = field(default_factory=dict)

    @property
    def adaptive(self) -> bool:
        """Whether the optimizer is one of Adam's family."""
        return self.optimizer in ADAM_FAMILY


def plain(name: str) -> str:
    """A hyperparameter's own name, without the branch it belongs to: "adamw.lr" is "lr"."""
    return name.rsplit(".", 1)[-1].lower()


def among(names: Iterable[str], known: frozenset[str]) -> tuple[str, ...]:
    """Those of the names that mean one of the known things."""
    return tuple(name for name in names if plain(name) in known)


def recipe_of(state: ProjectState) -> Recipe:
    """Read the parts off the project and its latest baseline run."""
    project = state.project
    runs = state.of_purpose("baseline")
    noted = runs[-1].facts if runs else {}
    names = (*project.space.names, *(name for name in project.baseline if name not in project.space.names))
    active = [
        n for n in names if n not in project.space.names or project.space.active(project.space[n], _values(project))
    ]
    adam = {part: _number(_find(project, noted, known)) for part, known in ADAM.items()}
    rate, batch = among(active, RATES), among(active, BATCHES)
    return Recipe(
        optimizer=_word(_find(project, noted, OPTIMIZERS)),
        schedule=_word(_find(project, noted, SCHEDULES)),
        rate=(rate[0], _values(project).get(rate[0])) if rate else None,
        batch=(batch[0], _values(project).get(batch[0])) if batch else _noted_batch(project, noted),
        adam={part: value for part, value in adam.items() if value is not None},
        structure=_grouped(project, "architecture", STRUCTURE),
        optimizer_names=_grouped(project, "optimizer", RATES | MOMENTUM | frozenset().union(*ADAM.values())),
        strengths=tuple(name for name in project.space.names if plain(name) in STRENGTHS),
        said=project.task,
    )


def _values(project: Project) -> dict[str, Value]:
    """The baseline's values, and the only choice of a hyperparameter that has one."""
    only = {h.name: h.choices[0] for h in project.space if isinstance(h, Categorical) and len(h.choices) == 1}
    return {**only, **project.baseline}


def _find(project: Project, noted: Mapping[str, object], known: frozenset[str]) -> object:
    for source in (_values(project), project.task, noted):
        for name in source:
            if plain(name) in known:
                return source[name]
    return None


def _noted_batch(project: Project, noted: Mapping[str, object]) -> tuple[str, Value | None] | None:
    number = _number(_find(project, noted, BATCHES))
    return None if number is None else ("batch_size", number)


def _grouped(project: Project, group: str, known: frozenset[str]) -> tuple[str, ...]:
    return tuple(
        h.name for h in project.space if h.group == group or (plain(h.name) in known and h.group in ("", group))
    )


def _word(value: object) -> str | None:
    word = str(value).strip().lower() if value is not None else ""
    return word or None


def _number(value: object) -> float | None:
    if isinstance(value, bool) or value is None:
        return None
    try:
        return float(str(value))
    except ValueError:
        return None


PROVIDERS: dict[type, Provider] = {Recipe: of_project(lambda giver: recipe_of(giver.state))}
