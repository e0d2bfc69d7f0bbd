"""What a procedure may start from: the project's baseline, the names its training code uses, and earlier answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from playnote.errors import InputError
from playnote.playbook.facts.measurements import Measured, measured_in
from playnote.playbook.facts.recipe import BATCHES, RATES, SCHEDULES, among
from playnote.playbook.facts.stability import CLIPS
from playnote.records.project import Project
from playnote.records.settings import Settings
from playnote.records.state import ProjectState
from playnote.space.hyperparameter import Categorical, Hyperparameter, Value
from playnote.text import Text, same

WARMUPS = frozenset({"warmup_steps", "warmup", "num_warmup_steps", "lr_warmup_steps"})
CONSTANT = ("constant", "none", "flat", "fixed")
_SEED = 700_000  # fresh seeds: a search's begin elsewhere


@dataclass(frozen=True, kw_only=True)
class Bench:
    """The project as a procedure sees it.

    baseline  the baseline's configuration; trials differ from it in what is measured alone
    measured  earlier answers of procedures
    state     everything else on record
    options   what the user set: numbers by name
    """

    project: Project
    baseline: Mapping[str, Value]
    measured: Measured
    state: ProjectState
    options: Mapping[str, float] = field(default_factory=dict)

    @property
    def settings(self) -> Settings:
        """The thresholds in force."""
        return self.project.settings

    @property
    def total(self) -> int:
        """Steps of a trial as the workflow declares them. Raises InputError where it does not."""
        workflow = self.project.workflow
        steps = workflow.max_train_steps if workflow is not None and workflow.unit == "steps" else None
        if steps is None:
            raise InputError(
                Text(en="The number of training steps is not declared.", zh="没有声明训练步数。"),
                fix=Text(
                    en="Write max_train_steps (in steps) under [workflow].",
                    zh="在 [workflow] 里写 max_train_steps（按步数）。",
                ),
            )
        return steps

    def option(self, name: str, default: float) -> float:
        """What the user set, or the default."""
        return self.options.get(name, default)

    def seed(self, number: int) -> int:
        """The seed of the number-th repeat; the same for every configuration, so that they are compared in pairs."""
        return _SEED + number

    @property
    def rate(self) -> str:
        """Name of the learning rate."""
        return self._needed(RATES, "lr", "0.1", _RATE)

    @property
    def warmup(self) -> str:
        """Name of the warmup length in steps."""
        return self._needed(WARMUPS, "warmup_steps", "0", _WARMUP)

    @property
    def clip(self) -> str:
        """Name of the clipping threshold."""
        return self._needed(frozenset(CLIPS), "clip_norm", "0.0", _CLIP)

    @property
    def batch(self) -> str:
        """Name of the batch size."""
        return self._needed(BATCHES, "batch_size", "64", _BATCH)

    def has(self, names: Iterable[str]) -> str | None:
        """The project's own name for one of these, None where it has none."""
        found = among(self.project.space.names, frozenset(names))
        return found[0] if found else None

    def hyperparameter(self, name: str) -> Hyperparameter:
        """Its declaration."""
        return self.project.space[name]

    @property
    def lr(self) -> float:
        """The baseline's learning rate."""
        return float(self.baseline[self.rate])

    def constant(self) -> tuple[dict[str, Value], bool]:
        """The baseline at a constant rate, and whether it surely is constant: a schedule the project cannot switch stays."""
        name = self.has(SCHEDULES)
        plain = dict(self.baseline)
        warm = self.has(WARMUPS)
        if warm is not None:
            plain[warm] = 0
        declared = self.project.space[name] if name is not None else None
        if name is None or not isinstance(declared, Categorical):
            return plain, False
        choice = next((each for each in declared.choices if str(each).lower() in CONSTANT), None)
        if choice is None:
            return plain, False
        return {**plain, name: choice}, True

    def off(self, name: str) -> Value:
        """The value at which a hyperparameter does nothing: its own "off", else 0."""
        declared = self.project.space[name]
        value = None if isinstance(declared, Categorical) else declared.off
        return 0 if value is None else value

    def _needed(self, names: Iterable[str], suggestion: str, value: str, use: Text) -> str:
        found = self.has(names)
        if found is None or found not in self.baseline:
            raise _lacking(suggestion, value, use, self.project.space.names)
        return found


def bench_of(state: ProjectState, options: Mapping[str, float] | None = None) -> Bench:
    """The bench of a project. Raises InputError without a baseline."""
    if not state.project.baseline:
        raise InputError(
            Text(en="The project declares no baseline to measure from.", zh="项目没有声明 baseline，无从量起。"),
            fix=Text(
                en="Write [baseline] with a value for every hyperparameter.", zh="写上 [baseline]，每个超参给一个值。"
            ),
        )
    return Bench(
        project=state.project,
        baseline=dict(state.project.baseline),
        measured=measured_in(state),
        state=state,
        options=options or {},
    )


def _lacking(name: str, value: str, use: Text, known: tuple[str, ...]) -> InputError:
    return InputError(
        Text(
            en="This needs a hyperparameter that sets {use}; the project has {known}.",
            zh="这一步要有一个能设{use}的超参；项目里有：{known}。",
        ).fill(use=use, known=same(", ".join(known) or "-")),
        fix=Text(
            en='Let the training code read it (`{{{name}}}` in a command, `trial.configuration["{name}"]` in a '
            "function), declare it under [hyperparameters], and write {name} = {value} under [baseline].",
            zh='让训练代码读取它（命令里写 `{{{name}}}`，函数里用 `trial.configuration["{name}"]`），'
            "在 [hyperparameters] 里声明，并在 [baseline] 里写 {name} = {value}。",
        ).fill(name=name, value=value),
    )


_RATE = Text(en="the learning rate", zh="学习率")
_WARMUP = Text(en="the warmup length in steps", zh="预热步数")
_CLIP = Text(en="the gradient-clipping threshold", zh="梯度裁剪阈值")
_BATCH = Text(en="the batch size", zh="每批样本数（batch size）")
