"""Small made-up projects, built the way a user builds them: a project file, a training function, the public operations.

`training(...)` is a training function whose results are a formula; each of its arguments bends one thing. `PROJECT` is a
project file in which everything is declared. Nothing here writes to the record but the operations themselves.
"""

from __future__ import annotations

import math
import shutil
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from playnote.playbook.catalog import BY_ID
from playnote.service import guidance
from playnote.service.measure import measure
from playnote.service.rounds import baseline_run, round_close, round_new, round_run
from playnote.service.session import open_project
from playnote.service.vault import milestone_typed

STEPS = 1000
QUESTION = "Does dropout help once lr is tuned?"
PROJECT = """
[project]
name = "planted"
goal = "Read the labels of parcels at the gate"
[project.task]
type = "classification"
modality = "image"
supervision = "labels, double keyed"
paradigm = "from-scratch"
architecture_from = "LeNet-5 (1998)"

[objective]
optimize = "dev/error"
direction = "minimize"
min_effect = 0.01
read = "best"
chance = 0.9
human = { error = 0.09, n = 5000 }

[splits]
train = { source = "gate", ids = "splits/train.txt" }
dev = { source = "gate", ids = "splits/dev.txt", logged_as = "dev" }
test = { source = "gate", ids = "splits/test.txt" }
deployment = "gate"

[workflow]
function = "train:train"
max_train_steps = 1000
evaluate_every = 50

[hyperparameters]
lr = { low = 1e-3, high = 1.0, scale = "log", natural_low = 0.0, group = "optimizer" }
weight_decay = { low = 1e-6, high = 1e-2, scale = "log", off = 0.0, natural_low = 0.0, group = "regularization" }
dropout = { low = 0.0, high = 0.6, natural_low = 0.0, group = "regularization" }

[baseline]
lr = 0.03
weight_decay = 1e-4
dropout = 0.0

[budget]
trials = 400
hours = 2
"""
SIZES = {"train": 5000, "dev": 5000, "test": 5000}


@dataclass(frozen=True, kw_only=True)
class Bent:
    """How a training goes: error = level + what the learning rate costs - gain * dropout + luck of the seed.

    train        training error in evaluation mode
    blow_up      learning rate above which the loss becomes NaN; `nan` for all runs, `nan_seed` for one seed in three
    jump, rises  the loss jumps once and comes back slowly; it rises from beginning to end
    flat         nothing changes after the first evaluation
    overfit      how much the dev error climbs after its best
    checkpoints  "all" evaluations, or the "last" weights alone
    """

    best_lr: float = 0.03
    level: float = 0.10
    noise: float = 0.002
    gain: float = 0.0
    train: float = 0.095
    blow_up: float = math.inf
    nan: bool = False
    nan_seed: bool = False
    jump: bool = False
    rises: bool = False
    flat: bool = False
    overfit: float = 0.0
    warmup: int = 0
    evaluations: int = 20
    by_clock: bool = False
    facts: Mapping[str, object] = field(default_factory=dict)
    predictions: bool = True
    checkpoints: str = "all"
    extra: Mapping[str, float] = field(default_factory=dict)

    def __call__(self, trial):
        """One trial."""
        rng = np.random.default_rng(trial.seed)
        given = {"lr": self.best_lr, "dropout": 0.0, **trial.configuration}
        away = np.log10(given["lr"] / self.best_lr)
        reached = self.level + 0.02 * away**2 - self.gain * given["dropout"] + rng.normal(0, self.noise)
        self._steps(trial, rng, given)
        self._evaluations(trial, rng, reached)
        trial.eval_train(float(STEPS), self.train)
        for name, value in self.facts.items():
            trial.facts[name] = value
        if self.predictions:
            _predictions(trial, rng, reached)

    def _steps(self, trial, rng, given):
        at = np.arange(1.0, STEPS + 1, 5)
        loss = 0.3 + (0.5 * at / STEPS if self.rises else 2 * np.exp(-at / 200)) + rng.normal(0, 0.02, len(at))
        if self.jump:
            loss = loss + np.where(at > 600, 2 * np.exp(-(at - 600) / 250), 0)
        if self.nan or given["lr"] > self.blow_up or (self.nan_seed and trial.seed % 3 == 0):
            loss = np.where(at > 200, np.nan, loss)
        rate = given["lr"] * (np.minimum(1, at / self.warmup) if self.warmup else np.ones(len(at)))
        norm = np.exp(rng.normal(0, 0.2, len(at)))
        for step, one, lr, size in zip(at, loss, rate, norm, strict=True):
            trial.log(float(step), {"train/loss": float(one), "lr": float(lr), "grad_norm": float(size)})

    def _evaluations(self, trial, rng, reached):
        at = np.linspace(STEPS / self.evaluations, STEPS, self.evaluations)
        if self.by_clock:
            at = np.sort(rng.choice(np.arange(1.0, STEPS), self.evaluations, replace=False))
        dev = reached + 0.5 * np.exp(-at / (5 if self.flat else 150)) + rng.normal(0, self.noise / 2, len(at))
        dev = dev + self.overfit * np.maximum(0, at - STEPS / 2) / (STEPS / 2)
        for step, one in zip(at, dev, strict=True):
            trial.log(float(step), {"dev/error": float(np.clip(one, 0, 1)), **self.extra})
            if self.checkpoints == "all" or step == at[-1]:
                trial.checkpoint(float(step), {"step": 1})


def training(**bent):
    """A training function in which these are bent; a closure, so that it runs here, one trial at a time."""
    made = Bent(**bent)
    return lambda trial: made(trial)


def _predictions(trial, rng, reached):
    labels = rng.integers(0, 10, 200)
    wrong = rng.random(200) < reached
    chance = np.full((200, 10), 0.01)
    chance[np.arange(200), np.where(wrong, (labels + 1) % 10, labels)] = 0.91
    trial.predictions("dev", ids=[f"dev{n}" for n in range(200)], labels=labels, probabilities=chance)


def folder_with(place: Path, project: str = PROJECT) -> Path:
    """A project's folder, before anything has run."""
    (place / "splits").mkdir(parents=True)
    for name, size in SIZES.items():
        (place / "splits" / f"{name}.txt").write_text("".join(f"{name}{n}\n" for n in range(size)))
    (place / "playnote.toml").write_text(project)
    return place


def copied(base: Path, place: Path) -> Path:
    """A project like another, record and all."""
    return Path(shutil.copytree(base, place))


def edited(place: Path, *changes: tuple[str, str]) -> Path:
    """The project file with words replaced; each must be there."""
    file = place / "playnote.toml"
    text = file.read_text()
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    file.write_text(text)
    return place


def with_baseline(place: Path, train) -> Path:
    """Run the baseline."""
    for _ in baseline_run(open_project(place), train=train):
        pass
    return place


def with_round(
    place: Path, train, *, scientific=None, question=QUESTION, trials=8, run=True, run_only=False, **more
) -> Path:
    """Plan a round and run it."""
    session = open_project(place)
    if not run_only:
        round_new(session, question, scientific or {}, trials, **more)
    for _ in round_run(session, train=train) if run else ():
        pass
    return place


def closing(place: Path, decision: str) -> Path:
    """Close the open round."""
    round_close(open_project(place), decision)
    return place


def reporting(place: Path, name: str, value: float) -> Path:
    """Declare a milestone, with a reading of Test that was taken elsewhere."""
    milestone_typed(open_project(place), name, "the report is due", value)
    return place


def measuring(place: Path, name: str, train) -> Path:
    """Run a procedure."""
    for _ in measure(open_project(place), name, train=train):
        pass
    return place


def answering(place: Path, **said: str) -> Path:
    """Answers to rules' questions; a rule's id is written with underscores."""
    session = open_project(place)
    for name, words in said.items():
        rule = next(each for each in BY_ID if each.replace("-", "_").replace("+", "_") == name)
        guidance.answer(session, rule, words)
    return place


def failing(place: Path) -> set[str]:
    """Every rule that fails, roll-ups included, whether or not it is due."""
    data = guidance.check(open_project(place), everything=True)
    return {each["rule"] for each in data["verdicts"] if each["status"] == "fail"}


def tally(results) -> list[str]:
    """Recall and false alarms a chapter, over (declared, found) pairs of sets of rules."""
    declared, found, false = Counter(), Counter(), Counter()
    for wanted, seen in results:
        declared.update(BY_ID[rule].chapter for rule in wanted)
        found.update(BY_ID[rule].chapter for rule in wanted & seen)
        false.update(BY_ID[rule].chapter for rule in seen - wanted)
    return [
        f"{chapter:<3} planted {declared[chapter]:>3}  found {found[chapter]:>3}  false alarms {false[chapter]}"
        for chapter in sorted(declared | false)
    ]
