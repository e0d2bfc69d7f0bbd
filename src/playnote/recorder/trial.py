"""The `Trial` handle: what a training script holds while one trial runs.

Under the runner it writes to the trial's folder. Alone it keeps nothing and gets in nobody's way: `log`
accepts everything, `configuration` holds the defaults the script gave. Only rank 0 writes (environment
variable RANK), and a forked child of the training process never does.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, final

from playnote.errors import InputError
from playnote.recorder import loading
from playnote.recorder.card import TrialCard, attempt_log
from playnote.recorder.ended import TrialEnded
from playnote.recorder.facts import Facts
from playnote.recorder.log import AttemptLog
from playnote.recorder.values import Later, frozen
from playnote.text import Text, same

if TYPE_CHECKING:  # imported where it is first used: 4 ms that most training scripts need not pay
    from playnote.recorder.checkpoints import Checkpoints

LOG_FORMAT = 1
EVAL_TRAIN = "train_eval/error"  # the metric `eval_train` logs


@final
class Trial:
    """One trial, live.

    configuration  the point of the space to train with
    seed           the seed to train with
    facts          anything small worth remembering: `trial.facts["parameters"] = 1_200_000`
    """

    def __init__(self, card: TrialCard, folder: Path | None = None) -> None:
        """`folder` None: a local trial that keeps nothing. `current_trial` and `trial_in` call this for you."""
        self.id = card.id
        self.configuration = dict(card.configuration)
        self.seed = card.seed
        self.folder = folder
        self._card = card
        self._watch = frozenset(card.watch)
        self._known: set[str] = set()
        self._over: TrialEnded | None = None
        self._log = _begin(card, folder, self._came_late)
        self._writes = self._log is not None
        self.facts = Facts(self._put)
        self._kept: Checkpoints | None = None

    @property
    def local(self) -> bool:
        """Whether this is no trial of a runner: nothing is kept and nothing ends it."""
        return self.folder is None

    @property
    def milestone(self) -> str | None:
        """The milestone for which this trial may read the test split, once, at its end; None for every other trial."""
        return self._card.milestone

    def log(self, step: float, metrics: Mapping[str, Any]) -> None:
        """Record metrics at a step (or epoch): numbers, NumPy scalars or tensors with one element.

        Costs about a microsecond and never waits for a device; on disk within a quarter of a second. A NaN
        or infinity in a watched metric ends the trial (`TrialEnded`), at the latest at the next call where
        the value still lay on a device. Raises InputError for a value that is no number, and for a metric of
        a sealed split ("test/...") outside a milestone.
        """
        if self._over is not None:
            raise self._over
        if not self._known.issuperset(metrics):
            self._admit(step, metrics)
        values: dict[str, float | int | Later] = dict(metrics)
        for name, value in values.items():
            if type(value) is not float and type(value) is not int:
                values[name] = frozen(name, value)
        if self._log is not None:
            self._log.push(step if type(step) in (int, float) else _number(step), values)
        for name in self._watch:
            value = values.get(name, 0.0)
            if type(value) is float and value - value != 0.0:
                over = self._over or self._end(step, name, value)
                self.flush()
                raise over

    def eval_train(self, step: float, error: Any) -> None:
        """Record the error on training data in evaluation mode: what bias and variance are told apart by."""
        self.log(step, {EVAL_TRAIN: error})

    def checkpoint(self, step: float, state: Any) -> None:
        """Keep `state` (a dict of tensors, bytes, or plain JSON data) as the checkpoint of this step.

        Written whole or not at all. The best few by the objective's reading at this same step stay, and the last.
        """
        checkpoints = self._checkpoints()
        if checkpoints is not None and self._log is not None:
            # Before the checkpoint can be resumed from, all that led to it is on record: else a kill leaves a gap.
            self._log.flush()
            checkpoints.save(_number(step), state, self._log.values_at(step))
            self._log.flush()

    def resume(self) -> tuple[float, Any] | None:
        """Step and state of the last checkpoint of this trial, whichever attempt wrote it; None without one."""
        checkpoints = self._checkpoints()
        return checkpoints.resume() if checkpoints is not None else None

    def predictions(
        self, split: str, *, ids: Iterable[Any], labels: Any = None, probabilities: Any = None, predictions: Any = None
    ) -> None:
        """Keep what the model said of a split, row by row; readable by the owner alone.

        ids           : n identifiers
        labels        : array, shape (n,)
        probabilities : array, shape (n, classes), or `predictions` : array, shape (n,)
        """
        self._unseal(f"{split}/predictions", None)
        if self._log is None or self.folder is None:
            return
        from playnote.recorder.predictions import save_predictions

        columns = {"ids": ids, "labels": labels, "probabilities": probabilities, "predictions": predictions}
        name, count = save_predictions(self.folder, self._card.attempt, split, columns)
        self._put({"kind": "predictions", "split": split, "file": name, "n": count})

    def steps(self, loader: Iterable[Any]) -> Iterator[Any]:
        """Iterate over a loader and record which share of the time was spent waiting for it."""
        return loading.timed(loader, self._put)

    def flush(self) -> None:
        """Hand everything logged so far to the operating system now."""
        if self._log is not None:
            self._log.flush()

    def close(self) -> None:
        """The attempt's log is complete. Called by `trial_in` and at the end of the process."""
        if self._log is not None:
            log, self._log = self._log, None
            log.put({"kind": "closed"})
            log.close()

    def _checkpoints(self) -> Checkpoints | None:
        """Those of this trial; None where nothing is kept."""
        if self._kept is None and self._writes and self.folder is not None:
            from playnote.recorder.checkpoints import Checkpoints

            self._kept = Checkpoints(self.folder, self._card, self._put)
        return self._kept

    def _put(self, record: dict[str, object]) -> None:
        if self._log is not None:
            self._log.put(record)

    def _admit(self, step: float, metrics: Mapping[str, Any]) -> None:
        for name in metrics:
            if not isinstance(name, str):
                raise InputError(
                    Text(en="A metric is named {name}, which is not a string.", zh="指标名 {name} 不是字符串。").fill(
                        name=same(repr(name))
                    ),
                    fix=Text(
                        en='Log {"dev/error": 0.1}: names as strings.',
                        zh='请用字符串作指标名，例如 {"dev/error": 0.1}。',
                    ),
                )
            if not self._unseal(name, step):
                self._known.add(name)

    def _unseal(self, name: str, step: float | None) -> bool:
        """Whether the name belongs to a sealed split; counts the reading, or refuses it outside a milestone."""
        prefix = name.split("/", 1)[0]
        if self.local or "/" not in name or prefix not in self._card.sealed:
            return False
        milestone = self._card.milestone
        self._put(
            {"kind": "test-read" if milestone else "test-refused", "metric": name, "step": step, "milestone": milestone}
        )
        if milestone is None:
            raise InputError(
                Text(
                    en="{name} would read the sealed split {split}, and no milestone is declared.",
                    zh="{name} 会读取封存的划分 {split}，而现在没有声明里程碑。",
                ).fill(name=same(name), split=same(prefix)),
                fix=Text(
                    en="Log dev metrics only, and run `playnote milestone` when the test split is to be read once.",
                    zh="训练中只记录 dev 指标；确需读一次测试集时，先运行 `playnote milestone`。",
                ),
            )
        return True

    def _came_late(self, step: float, values: dict[str, float]) -> None:
        for name in self._watch & values.keys():
            if values[name] - values[name] != 0.0 and self._over is None:
                self._end(step, name, values[name])

    def _end(self, step: float, name: str, value: float) -> TrialEnded:
        self._over = TrialEnded("nan", step, name, value)
        self._put({"kind": "ended", "outcome": "nan", "step": step, "metric": name, "value": value})
        return self._over


def _begin(card: TrialCard, folder: Path | None, seen: Any) -> AttemptLog | None:
    if folder is None or os.environ.get("RANK", "0") != "0":
        return None
    opening = {
        "kind": "opened",
        "format": LOG_FORMAT,
        "trial": card.id,
        "attempt": card.attempt,
        "pid": os.getpid(),
        "host": _host(),
    }
    return AttemptLog(attempt_log(folder, card.attempt), opening, seen)


def _host() -> str:
    # What `platform.node` says, without the 8 ms that importing `platform` costs every training script.
    return os.uname().nodename if hasattr(os, "uname") else os.environ.get("COMPUTERNAME", "")


def _number(step: Any) -> float:
    try:
        return float(step)
    except (TypeError, ValueError) as error:
        raise InputError(
            Text(en="The step {step} is not a number.", zh="步数 {step} 不是数字。").fill(step=same(repr(step))),
            fix=Text(en="Log the training step or the epoch as a number.", zh="请把训练步数或轮数作为数字记录。"),
        ) from error
